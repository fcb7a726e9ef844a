"""Who answered, how, and what everybody would have answered: surveys held against all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.criteria.names import plain
from seglib.criteria.psychographic import Scale, scales, straight_items
from seglib.criteria.table import drawn
from seglib.disclosure.small_cells import in_rows, suppress
from seglib.methods.present import Head, percent, points, present, spans, whole, yes
from seglib.methods.rates import newcombe, wilson
from seglib.methods.shares import bounded
from seglib.methods.survey import collapsed, effective_n, rake, straight_by_chance

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.criteria.features import Features

WORDS = ("age_band", "gender", "country")
HALVES = ("order_count", "recency_days")
REST = "other"
NONE = "No survey answers in the window, so nothing is known of attitudes. A file feedback.csv would tell."


@dataclass(frozen=True)
class Survey:
    """What the answers of the window are worth.

    Parameters
    ----------
    items : DataFrame
        One row per item: item, unit, declared, reverse, customers, outside (answers that are codes), mean, weighted
        (the mean with weights that make respondents look like everybody).
    bias : DataFrame
        One row per group and level: group, level, everyone and respondents (shares), difference from those who did not
        answer with low and high, n (respondents), others (who did not answer), beyond_chance.
    customers, respondents : int
        In the features; among them those who answered an item.
    effective, apart : float
        Unweighted answers that would be as precise as the weighted ones, and the largest difference between a weighted
        share and that of everybody; NaN without weights.
    straight, straight_n : int
        Customers who gave one answer to all items, of so many who could have.
    by_chance : float
        The share of straight lines that independent answers would give.
    floor : int
        Shares and means of fewer customers are blank.
    notes : tuple of str
        What was not weighted for, and why.
    """

    items: pd.DataFrame
    bias: pd.DataFrame
    customers: int
    respondents: int
    effective: float
    apart: float
    straight: int
    straight_n: int
    by_chance: float
    floor: int
    notes: tuple[str, ...]

    def table(self) -> pd.DataFrame | str:
        """Show the items: scale, answers, and the mean as answered and as weighted; why there are none."""
        if self.items.empty:
            return NONE
        few = self.items["customers"] < self.floor
        shown = self.items.assign(**{name: self.items[name].mask(few) for name in ("customers", "mean", "weighted")})
        heads: dict[str, Head] = {
            "item": "item",
            "unit": "scale",
            "declared": ("scale from the plan", yes),
            "reverse": ("turned round", yes),
            "customers": ("customers who answered", whole),
            "outside": ("codes, not answers", whole),
            "mean": ("mean answer", "{:.2f}".format),
            "weighted": ("as everybody would", "{:.2f}".format),
        }
        return present(shown, heads)

    def response(self) -> pd.DataFrame | str:
        """Show respondents beside everybody; levels are blank where fewer than the floor answered, or did not."""
        if not self.respondents:
            return "Nobody answered, so nobody can be compared."
        few = self._few()
        hidden = ["everyone", "respondents", "difference", "low", "high", "beyond_chance"]
        shown = self.bias.assign(**{name: self.bias[name].astype("object").mask(few, None) for name in hidden})
        heads: dict[str, Head] = {
            "group": "group",
            "level": "level",
            "everyone": ("share of everybody", percent),
            "respondents": ("share of respondents", percent),
            "difference": ("more than who did not answer", points),
            "span": "from, to",
            "beyond_chance": ("beyond chance", yes),
        }
        rounded = shown.assign(difference=shown["difference"].astype("float64").round(3) + 0.0)  # no minus zero
        return present(rounded.assign(span=spans(shown, points)), heads)

    def _few(self) -> pd.Series[bool]:
        """Mark levels of which few answered, or did not, and others from which these would follow."""
        parts = [suppress(part[["n", "others"]], self.floor).any(axis=1) for _, part in self.bias.groupby("group")]
        hidden = pd.concat(parts).reindex(self.bias.index) if parts else pd.Series(False, self.bias.index)
        sizes = self.bias.assign(customers=self.bias["n"] + self.bias["others"])
        return hidden | in_rows(sizes, ["group"], self.floor)

    def check(self) -> str:
        """Say who answered, whether they are like everybody, and how many answered in straight lines."""
        if not self.respondents:
            return "Without answers there are no straight lines."
        told = self.bias[~self._few()]
        (share,) = bounded([self.respondents / self.customers], self.customers, self.floor)
        said = f"{self.respondents:,} of {self.customers:,} customers answered ({share})"
        if share != percent(self.respondents / self.customers):  # few answered, or all but a few
            said = f"{share[:1].upper()}{share[1:]} of {self.customers:,} customers answered"
        text = (
            f"{said}; "
            f"in {told['beyond_chance'].sum()} of {len(told)} levels they differ beyond chance from those who did not."
        )
        if not np.isnan(self.effective):
            text += (
                " Weights give them the shares of everybody, at the price of precision: they tell as much as "
                f"{self.effective:,.0f} answers without weights would."
            )
        return text + self._straight()

    def _straight(self) -> str:
        if not self.straight_n:
            return ""
        low, _ = wilson(self.straight, self.straight_n)
        more = "more than" if low > self.by_chance else "not clearly more than"
        (share,) = bounded([self.straight / self.straight_n], self.straight_n, self.floor)
        chance = f"the {percent(self.by_chance)} that chance alone would give"
        return (
            f" {share[:1].upper()}{share[1:]} gave one answer to all items of a scale: {more} {chance}."
            if share
            else ""
        )


def held_against_all(features: Features, collection: Collection, run: Run) -> Survey:
    """Hold those who answered against everybody; see ``seglib.criteria.survey``."""
    from seglib.criteria.features import clock_of

    found = scales(collection, clock_of(run, collection), run.plan.criteria.items)
    found = tuple(scale for scale in found if scale.name in features.values.columns)
    people, groups = _grouped(features)
    floor, answered = run.plan.privacy.floor, (people.survey_item_count > 0) if found else people.customer.isnull()
    counted = pd.concat([_counted(people, answered, name) for name in groups], ignore_index=True)
    counted = counted if counted["n"].any() else counted.iloc[:0]
    sample = drawn(people.filter(answered)).to_pandas().sort_values("customer", ignore_index=True, kind="stable")
    weights, apart, notes = _weights(sample, counted, floor)
    straight, straight_n, by_chance = _straight_lines(sample, found)
    return Survey(
        items=_items(sample, found, weights),
        bias=_bias(counted),
        customers=features.customers,
        respondents=int(counted.loc[counted["group"] == groups[0], "n"].sum()),
        effective=float("nan") if weights is None else effective_n(weights),
        apart=apart,
        straight=straight,
        straight_n=straight_n,
        by_chance=by_chance,
        floor=floor,
        notes=notes,
    )


def _grouped(features: Features) -> tuple[Table, list[str]]:
    """Add to the features, for numbers, on which side of the median a customer lies; name the ways to group."""
    medians = features.catalogue.set_index("name")["median"]
    people = features.values
    halves = {
        f"{name}_half": (people[name] <= medians[name]).ifelse(f"up to {medians[name]:g}", f"above {medians[name]:g}")
        for name in HALVES
    }
    groups = [name for name in WORDS if name in people.columns]
    return people.mutate(**halves), [*groups, *halves]


def _counted(people: Table, answered: Any, name: str) -> pd.DataFrame:
    counts = people.group_by(level=people[name]).aggregate(everyone=people.count(), n=answered.cast("int64").sum())
    frame: pd.DataFrame = counts.order_by("level").to_pandas()
    return frame.assign(group=name)


def _bias(counted: pd.DataFrame) -> pd.DataFrame:
    """Compare respondents with those who did not answer; the intervals are as wide as so many levels demand."""
    total = counted.groupby("group")[["everyone", "n"]].transform("sum")
    others, others_total = counted["everyone"] - counted["n"], total["everyone"] - total["n"]
    level = 1 - 0.05 / max(len(counted), 1)
    low, high = newcombe(counted["n"], total["n"], others, others_total, level=level)
    shares = counted["n"] / total["n"].where(total["n"] > 0)
    return pd.DataFrame(
        {
            "group": counted["group"].str.removesuffix("_half").map(plain),
            "level": counted["level"],
            "everyone": counted["everyone"] / total["everyone"],
            "respondents": shares,
            "difference": shares - others / others_total.where(others_total > 0),
            "low": low,
            "high": high,
            "n": counted["n"].astype("int64"),
            "others": others.astype("int64"),
            "beyond_chance": (np.asarray(low) > 0) | (np.asarray(high) < 0),
        }
    )


def _weights(sample: pd.DataFrame, counted: pd.DataFrame, floor: int) -> tuple[Any, float, tuple[str, ...]]:
    """Weight respondents to the shares of everybody, in the levels with enough respondents; say what could not be."""
    groups: dict[str, pd.Series[str]] = {}
    margins: dict[str, dict[str, float]] = {}
    for name in counted["group"].unique():
        rows = counted[counted["group"] == name]
        n = {str(level): int(count) for level, count in zip(rows["level"], rows["n"], strict=True)}
        shares = (rows["everyone"] / rows["everyone"].sum()).groupby(collapsed(rows["level"], n, floor, REST)).sum()
        margins[name] = {str(level): float(share) for level, share in shares.items()}
        groups[name] = collapsed(sample[name], n, floor, REST)
    frame = pd.DataFrame(groups)
    few = [name for name in groups if set(margins[name]) != set(frame[name])]
    used = [name for name in groups if name not in few and len(margins[name]) > 1]
    said = [plain(name.removesuffix("_half")) for name in few]
    notes = tuple(f"Not weighted for {name}: too few respondents in a level." for name in said)
    if not used or len(frame) < floor:
        return None, float("nan"), notes
    try:
        weights = rake(frame[used], {name: margins[name] for name in used})
    except ValueError as error:
        return None, float("nan"), (*notes, f"Not weighted: {error}.")
    reached = [pd.Series(weights).groupby(frame[name]).sum() / weights.sum() for name in used]
    apart = max(float((now - pd.Series(margins[name])).abs().max()) for name, now in zip(used, reached, strict=True))
    return weights, apart, notes


def _items(sample: pd.DataFrame, found: Sequence[Scale], weights: Any) -> pd.DataFrame:
    columns = ["item", "unit", "declared", "reverse", "customers", "outside", "mean", "weighted"]
    rows = []
    for scale in found:
        known = sample[scale.name].notna().to_numpy()
        answers = sample[scale.name].to_numpy(dtype=float)[known]
        means = [np.average(answers, weights=w) if len(answers) else np.nan for w in (None, _part(weights, known))]
        weighted = np.nan if weights is None else means[1]
        name = scale.item.replace("_", " ")
        rows.append((name, scale.unit, scale.declared, scale.reverse, known.sum(), scale.outside, means[0], weighted))
    return pd.DataFrame(rows, columns=columns)


def _part(weights: Any, known: Any) -> Any:
    return None if weights is None else weights[known]


def _straight_lines(sample: pd.DataFrame, found: Sequence[Scale]) -> tuple[int, int, float]:
    """Count straight lines among those who could draw one, and the share that chance alone would give."""
    alike = straight_items(found)
    if not alike:
        return 0, 0, float("nan")
    raw = {s.item: sample[s.name] if not s.reverse else s.low + s.high - sample[s.name] for s in alike}
    flag = sample["straight_line_flag"].dropna()
    return int(flag.sum()), len(flag), straight_by_chance(pd.DataFrame(raw).astype("float64").dropna())
