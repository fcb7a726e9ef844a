"""More of the scorecard as people read it: policies, hold-out, cohorts, feedback, the business, priorities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.disclosure.small_cells import in_rows
from seglib.evaluation.cohorts import by_age
from seglib.methods.kpis import WORDS
from seglib.methods.policy import GAIN, ONE_FOR_ALL, PER_SEGMENT
from seglib.methods.present import Head, amount, percent, points, present, spans, spoken, spoken_spans, whole
from seglib.methods.shares import bounded, in_parts

POLICY_WORDS = {
    ONE_FOR_ALL: "the same offer to everybody, against none",
    PER_SEGMENT: "the best offer of each segment, against none",
    GAIN: "what choosing per segment adds",
}
NO_ROOM = "more than is possible"  # to be seen, a share would have to pass 100%


class Panels:
    """Frames with readable heads, from the further results of `Scorecard`."""

    goals: pd.DataFrame
    policies: pd.DataFrame
    worth: pd.DataFrame
    cohorts: pd.DataFrame
    feedback: pd.DataFrame
    themes: pd.DataFrame
    business: pd.DataFrame
    priorities: pd.DataFrame
    visible: pd.DataFrame
    notes: tuple[str, ...]
    worth_note: str
    minor_per_major: int
    currency: str
    floor: int

    def rules(self) -> pd.DataFrame:
        """Show what each rule of choosing an offer is worth per customer, on customers who did not choose it."""
        rows = self.policies
        heads: dict[str, Head] = {
            "campaign": "campaign",
            "rule": "rule",
            "said": "worth per customer",
            "interval": "95% interval",
        }
        told = rows.assign(
            rule=rows["policy"].map(POLICY_WORDS),
            said=spoken(rows["value"], rows["unit"], self.currency),
            interval=spoken_spans(rows, self.currency),
        )
        return present(told, heads)

    def whole_worth(self) -> pd.DataFrame:
        """Show those contacted against those held out, by segment."""
        rows = self.worth
        heads: dict[str, Head] = {
            "name": "segment",
            "n": ("contacted", whole),
            "n_control": ("held out", whole),
            "effect": ("difference in who ordered", points),
            "interval": "95% interval",
            "revenue_effect": (f"more revenue per customer ({self.currency})", amount),
            "money": "95% interval (money)",
        }
        ends = 100 * rows[["effect_low", "effect_high"]].astype(float)
        told = rows.assign(
            interval=spans(ends, "{:+.1f}".format, "effect_low", "effect_high"),
            money=spans(rows, amount, "revenue_effect_low", "revenue_effect_high"),
        )
        return present(told, heads)

    def check(self) -> str:
        """Say how many goals were reached."""
        words = self.goals["verdict"].value_counts()
        parts = [f"{words[word]} {word}" for word in ("reached", "not reached", "cannot tell") if word in words]
        return f"Of {len(self.goals)} goal{'' if len(self.goals) == 1 else 's'}: {', '.join(parts)}."

    def worth_said(self) -> str:
        """Say what those held out show, or why they show nothing."""
        return self.worth_note

    def further(self) -> tuple[str, ...]:
        """Give the notes, but for what those held out show, which is said beside their table."""
        return tuple(note for note in self.notes if note != self.worth_note)

    def retention_table(self) -> pd.DataFrame:
        """Show, by quarter of the first order, the share who ordered again one, two ... quarters later."""
        rows = self.cohorts[(self.cohorts["age"] > 0) & ~self._small_cohorts()]
        if rows.empty:
            return pd.DataFrame(columns=["first order", "customers"])
        said = rows.assign(said="", first=rows["cohort"] + np.where(rows["complete"], "", " or earlier"))
        for _, part in rows.groupby("age"):  # all of an age together are told as well
            said.loc[part.index, "said"] = in_parts(part["share"], part["customers"], self.floor)
        wide = said.pivot_table(index=["first", "customers"], columns="age", values="said", aggfunc="first", sort=False)
        wide.columns = [f"+{age}" for age in wide.columns]
        shown = wide.fillna("").reset_index().rename(columns={"first": "first order"})
        return shown.assign(customers=shown["customers"].map(whole))

    def retention_by_age(self) -> pd.DataFrame:
        """Give the share who ordered again at each age, over all cohorts that have reached it."""
        pooled = by_age(self.cohorts)
        told = pooled[pooled["customers"] >= self.floor].reset_index(drop=True)
        return told.assign(said=bounded(told["share"], told["customers"], self.floor, "{:.0%}".format))

    def _small_cohorts(self) -> pd.Series[bool]:
        """Rows of cohorts below the floor, and of those from which they would follow."""
        rows = self.cohorts.assign(whole=self.cohorts["age"])
        return in_rows(rows, ["whole"], self.floor)

    def voices(self) -> pd.DataFrame:
        """Show what customers say by segment: one row per item, the share who answered first."""
        rows = self.feedback
        if rows.empty:
            return pd.DataFrame(columns=["item"])
        said = rows.assign(said=[f"{v} ({i})" if i else v for v, i in zip(*self._said(rows), strict=True)])
        said["said"] = said["said"].mask(rows["bound"] != "", rows["bound"])
        wide = said.pivot_table(index="metric", columns="name", values="said", aggfunc="first", sort=False)
        order = rows.drop_duplicates("segment").sort_values("segment", kind="stable")["name"]
        shown = wide.reindex(columns=list(order)).fillna("")
        items = [WORDS.get(item, f"agree: {item.replace('_', ' ')}") for item in shown.index]
        return shown.set_axis(items, axis=0).rename_axis(index="item", columns=None).reset_index()

    def wrote(self) -> pd.DataFrame:
        """Show how many customers wrote about each theme, by segment, and their share of those who wrote anything."""
        rows = self.themes
        if rows.empty:
            return pd.DataFrame(columns=["theme"])
        known = rows["customers"].notna()
        said = rows["customers"].map(whole, na_action="ignore").astype("str")
        said = (said + " (" + rows["share"].map(percent, na_action="ignore").astype("str") + ")").where(known, "")
        all_ = rows.drop_duplicates("segment").assign(theme="any comment")
        number = all_["commented"].astype("object").map(whole, na_action="ignore")
        cells = pd.concat([all_.assign(said=number.fillna("")), rows.assign(said=said)])
        wide = cells.pivot_table(index="theme", columns="name", values="said", aggfunc="first", sort=False)
        order = all_.sort_values("segment", kind="stable")["name"]
        return wide[list(order)].rename_axis(columns=None).reset_index()

    def _said(self, rows: pd.DataFrame) -> tuple[list[str], list[str]]:
        return spoken(rows["value"], rows["unit"], self.currency), spoken_spans(rows, self.currency)

    def answered(self) -> pd.DataFrame:
        """Show, by segment, how many answered the question that most of them answered."""
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "n": ("answers to the commonest question", whole),
            "response_share": ("answered it", percent),
        }
        rows = self.feedback
        most = (
            rows.sort_values("n", ascending=False, kind="stable")
            .drop_duplicates("segment")
            .sort_values("segment", kind="stable")
        )
        return present(most, heads)

    def company(self) -> pd.DataFrame:
        """Show measures of the whole business, and what is lacking for those without a value."""
        rows = self.business.copy()
        minor = rows["unit"] == "minor"
        rows.loc[minor, ["value", "low", "high"]] /= self.minor_per_major
        rows = rows.assign(unit=rows["unit"].where(~minor, "money"))
        heads: dict[str, Head] = {
            "measure": "measure",
            "formula": "formula",
            "said": "value",
            "interval": "95% interval",
            "lacks": "lacks",
        }
        said, interval = (pd.Series(text, rows.index).str.replace(" ratio", "") for text in self._said(rows))
        return present(rows.assign(said=said, interval=interval), heads)

    def ranking(self) -> pd.DataFrame:
        """Show which segments deserve the next effort, by the weights that were fixed before."""
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "value": (f"revenue per customer ({self.currency})", amount),
            "reached": "reach",
            "stability": ("stability", "{:.2f}".format),
            "score": ("score", "{:.2f}".format),
        }
        rows = self.priorities
        reached = bounded(rows["reach"], rows["customers"], self.floor)
        return present(rows.assign(value=rows["value"] / self.minor_per_major, reached=reached), heads)

    def next_test(self) -> pd.DataFrame:
        """Show the smallest change of each goal's metric that a test within one segment would show."""
        rows = self.visible
        if rows.empty:
            return pd.DataFrame(columns=["segment"])
        size = rows["smallest"].where(rows["n"] >= 2 * self.floor)
        said = spoken(size, rows["unit"], self.currency)
        points_of = rows["unit"].isin(["share", "points"]) & size.notna()
        scaled = (size * np.where(rows["unit"] == "share", 100, 1)).map("{:.1f} points".format)
        scaled = scaled.mask(np.isinf(size), NO_ROOM)
        told = rows.assign(said=pd.Series(said, rows.index).mask(points_of, scaled), what=rows["metric"].map(WORDS))
        wide = told.pivot_table(index="name", columns="what", values="said", aggfunc="first", sort=False)
        order = rows.drop_duplicates("segment").sort_values("segment", kind="stable")["name"]
        return wide.reindex(order).fillna("").rename_axis(index="segment", columns=None).reset_index()
