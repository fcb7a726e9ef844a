"""What became of the segments, as people read it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.core.steady import steady, steady_column
from seglib.criteria.names import plain
from seglib.methods.present import Head, chance, or_say, present, spans, spoken, whole
from seglib.refinement.frozen import KINDS, shares
from seglib.refinement.moves import FIRST
from seglib.refinement.rules import found

FATES = {
    "survive": "continues",
    "split": "split",
    "merge": "merged",
    "new": "new",
    "dissolved": "gone",
}

NEARLY_ALL = 0.9  # above, who is not in common would be few


def _about(share: float) -> str:
    return f"over {NEARLY_ALL:.0%}" if share > NEARLY_ALL else f"{share:.0%}"


class Tables:
    """Frames with readable heads, from the results of `Refinement`."""

    identity: pd.DataFrame
    sizes: pd.DataFrame
    churn: pd.DataFrame
    drift: pd.DataFrame
    mix: pd.DataFrame
    data: pd.DataFrame
    outlook: pd.DataFrame
    fitness: pd.DataFrame
    verdicts: pd.DataFrame
    draft_plan: str
    proposed: tuple[str, ...]
    currency: str
    minor_per_major: int
    floor: int
    kept: bool
    first: bool
    told: bool
    moves_told: bool

    def fates(self) -> pd.DataFrame:
        """Show what became of each segment; of a kept model, what a refit on today's customers would make of it."""
        heads: dict[str, Head] = {
            "name": "segment",
            "previous": "kept segment" if self.kept else "last quarter",
            "event": "in a refit" if self.kept else "what became of it",
            "overlap": ("customers in common, about", _about),
            "closeness": ("centre at its old place", "{:.2f}".format),
            "came_from": "most members came from",
        }
        told = self.identity["previous"] != ""
        about = (self.identity["overlap"] * 20).round() / 20  # in steps of five points: it must not give a move away
        rows = self.identity.assign(event=self.identity["event"].map(FATES), overlap=about)
        there = told & (rows["segment"] > 0) & (rows[["overlap", "closeness"]].max(axis=1) > 0)
        return present(rows.assign(**rows[["overlap", "closeness"]].where(there)), heads)

    def who_moved(self) -> pd.DataFrame | str:
        """Show, per segment of last quarter, the share whose segment is the same, who changed, whose label changed."""
        if self.churn.empty:
            return FIRST
        order = [name for name in self.sizes["name"] if name in set(self.churn["name"])]
        return shares(self.churn.set_index("name")[KINDS].astype("int64").reindex(order), self.floor)

    def by_both_rules(self) -> pd.DataFrame | str:
        """Show each segment's way to today in two steps: people by the old rules, then labels by the new ones.

        Both steps are rounded, to the floor and to two digits of the money, so that nobody is given away. In a first
        quarter there are no old rules, so nobody was moved by new ones.
        """
        if self.first:
            return FIRST
        rows = self.sizes
        heads: dict[str, Head] = {
            "name": "segment",
            "previous_customers": ("before", whole),
            "people": ("people, about", _change),
            "labels": ("labels, about", _change),
            "customers": ("now", whole),
            "money_people": (f"{self.currency}, people", _change),
            "money_labels": (f"{self.currency}, labels", _change),
        }
        unit = rows[["previous_revenue_minor", "revenue_minor"]].max(axis=1) / self.minor_per_major
        digits = 10.0 ** (np.floor(np.log10(unit.clip(lower=1))) - 1).clip(lower=0)
        gained = {
            "people": ("rules_customers", "previous_customers", self.floor),
            "labels": ("customers", "rules_customers", self.floor),
            "money_people": ("rules_revenue_minor", "previous_revenue_minor", digits * self.minor_per_major),
            "money_labels": ("revenue_minor", "rules_revenue_minor", digits * self.minor_per_major),
        }
        steps = {}
        for name, (now, then, near) in gained.items():
            scale = self.minor_per_major if "money" in name else 1
            steps[name] = ((rows[now] - rows[then]) / near).round() * near / scale
        if not self.moves_told:
            heads |= {name: (str(heads[name][0]), "{}".format) for name in ("money_people", "money_labels")}
            steps |= dict.fromkeys(("money_people", "money_labels"), "not shown")
        return present(rows.assign(**steps), heads)

    def changes(self) -> pd.DataFrame | str:
        """Show the criteria that changed, in everyone first."""
        rows = self.drift[self.drift["verdict"] != "none"].assign(criterion=lambda f: f["criterion"].map(plain))
        rows = rows.assign(excess=steady(rows["psi"] - rows["psi_noise"]))
        rows = rows.sort_values(["segment", "excess"], ascending=[True, False], kind="stable")
        heads: dict[str, Head] = {
            "name": "who",
            "criterion": "what changed",
            "excess": ("stability index above chance", "{:.2f}".format),
            "ks": ("largest gap", "{:.2f}".format),
            "p_adjusted": ("p, adjusted", chance),
            "verdict": "verdict",
        }
        year: dict[str, Head] = {"psi_year": ("index against a year ago", "{:.2f}".format)}
        shown = present(rows, heads | (year if rows["psi_year"].notna().any() else {}))
        return or_say(shown, FIRST if self.first else "No criterion changed beyond chance.")

    def mixed(self) -> pd.DataFrame | str:
        """Show how much of each change of a mean is the mix of segments, how much is change within, and where most."""
        rows = self.mix
        if rows.empty:
            return FIRST if self.first else "There is no criterion in common whose change could be told apart."
        whole_ = rows.groupby("criterion", sort=False).agg(
            unit=("unit", "first"), before=("before", "first"), now=("now", "first"), mix=("mix", "sum"),
            within=("within", "sum"),
        )  # fmt: skip
        most = rows.loc[steady_column(rows["within"].abs()).groupby(rows["criterion"], sort=False).idxmax()].set_index(
            "criterion"
        )
        money = (whole_["unit"] == "money").map({True: self.minor_per_major, False: 1})
        table = whole_[["before", "now", "mix", "within"]].div(money, axis=0)
        said = {name: spoken(table[name], whole_["unit"], self.currency) for name in ("before", "now")}
        said |= {name: _signed(table[name], whole_["unit"], self.currency) for name in ("mix", "within")}
        said["where"] = [str(most.loc[name, "name"]) for name in whole_.index]
        heads: dict[str, Head] = {"criterion": "mean of", "before": "before", "now": "now", "mix": "by the mix"}
        shown = pd.DataFrame({"criterion": [plain(str(name)) for name in whole_.index], **said})
        return present(shown, heads | {"within": "by change within", "where": "mostly within"})

    def data_changed(self) -> pd.DataFrame | str:
        """Show what changed about the data themselves."""
        word = self.data["serious"].map({True: "the quarters cannot be compared", False: "know it when you read on"})
        heads: dict[str, Head] = {"criterion": "criterion", "what": "what changed", "before": "before", "now": "now"}
        shown = present(self.data.assign(word=word), heads | {"word": "what it means"})
        return or_say(shown, FIRST if self.first else "Nothing changed about the data themselves.")

    def next_quarter(self) -> pd.DataFrame | str:
        """Show the sizes before, now and, if nothing changes, next quarter."""
        rows = self.outlook.assign(interval=spans(self.outlook, whole))
        rows = rows.assign(before=(rows["before"] / self.floor).round() * self.floor)
        heads: dict[str, Head] = {
            "name": "segment",
            "before": ("before, by today's rules, about", whole),
            "customers": ("now", whole),
            "expected": ("next quarter", whole),
            "interval": "95% interval",
        }
        return or_say(present(rows, heads), FIRST)

    def fit(self) -> pd.DataFrame:
        """Show the six checks of each segment: what was found, marked where it fails, and what follows."""
        hidden = () if self.told else ("value",)
        said = [
            "not known" if pd.isna(value) else "not shown" if check in hidden else bound or found(check, value)
            for check, value, bound in zip(self.fitness["check"], self.fitness["value"], self._bounds(), strict=True)
        ]
        marked = [
            text if passed is True or text == "not known" else f"{text} (fails)"
            for text, passed in zip(said, self.fitness["passed"].astype(object), strict=True)
        ]
        wide = self.fitness.assign(said=marked).pivot(index="segment", columns="check", values="said")
        rows = self.verdicts[self.verdicts["segment"] > 0].join(wide, on="segment")
        floors = self.fitness.drop_duplicates("check").set_index("check")["floor"]
        heads: dict[str, Head] = {str(n): f"{n}, at least {found(str(n), floor)}" for n, floor in floors.items()}
        return present(rows, {"name": "segment", **heads, "use": "use"})

    def _bounds(self) -> list[str]:
        """Say "few" or "nearly all" where a share of customers would tell of fewer than the floor; "" elsewhere."""
        rows = self.fitness
        offered = rows[rows["check"] == "action"].set_index("segment")["value"]
        there = self.sizes[self.sizes["segment"] > 0]  # all segments that are gone have the number 0
        size = rows["segment"].map(there.set_index("segment")["customers"])
        among = {"action": size, "reachability": size * rows["segment"].map(offered)}
        of = sum(count.where(rows["check"] == check, 0).fillna(0) for check, count in among.items())
        parts = (rows["value"] * of, (1 - rows["value"]) * of)
        return list(np.select([part.round().between(1, self.floor - 1) for part in parts], ["few", "nearly all"], ""))

    def judged(self) -> pd.DataFrame:
        """Show the verdict on every segment, with its reason, what to do with it, and which checks it fails."""
        heads: dict[str, Head] = {"name": "segment", "verdict": "verdict", "why": "why", "use": "use"}
        return present(self.verdicts, heads | {"failing": "fails or not known"})

    def proposals(self) -> tuple[str, ...]:
        """List what the draft of the next plan proposes."""
        return self.proposed


def _change(number: float) -> str:
    return f"{number:+,.0f}" if number else "0"


def _signed(values: pd.Series[float], units: pd.Series[str], currency: str) -> list[str]:
    """Write differences with their sign; those of shares in points."""
    said = spoken(values.abs(), units, currency)
    said = [
        f"{100 * abs(v):.1f} points" if u == "share" and t else t for v, u, t in zip(values, units, said, strict=True)
    ]
    return [f"{'-' if value < 0 else '+'}{text}" if text else "" for value, text in zip(values, said, strict=True)]
