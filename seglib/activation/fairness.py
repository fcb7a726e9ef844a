"""Who gets an offer, and who is in the audience, by age, gender and region: no group should be left out unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from scipy import stats

from seglib.core.steady import steady
from seglib.criteria.criterion import UNKNOWN, Clock, Expression
from seglib.criteria.demographic import CRITERIA
from seglib.disclosure.small_cells import in_rows
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.present import Head, percent, present, spans, whole
from seglib.methods.rates import wilson
from seglib.methods.shares import in_parts

if TYPE_CHECKING:
    from seglib.activation.audience import Audience
    from seglib.collection.collection import Collection
    from seglib.core.run import Run

GROUPS = {"age_band": "age", "gender": "gender", "region": "region"}
TREATED = {"offered": "gets an offer", "reached": "is in the audience"}
SHORT = {"offered": "offer", "reached": "audience"}
MOST_GROUPS, OTHERS = 10, "all others"
LEVEL = 0.05
NOTHING = (
    "Fairness cannot be looked at: nothing tells the age, gender or region of customers. "
    "birth_date or age_band, gender or region in sources.customers would allow it."
)


@dataclass(frozen=True)
class Fairness:
    """How groups of customers are treated.

    Parameters
    ----------
    rows : DataFrame
        by, group ("unknown" is one of its own), customers, offered, reached: counts.
    floor : int
        Smaller groups are not shown.
    """

    rows: pd.DataFrame
    floor: int

    def table(self) -> pd.DataFrame | str:
        """Show the share who get an offer and who are in the audience, with intervals; groups below the floor blank."""
        if not len(self.rows):
            return NOTHING
        shown = self.rows.assign(by=self.rows["by"].map(GROUPS))
        heads: dict[str, Head] = {"by": "by", "group": "group", "customers": ("customers", whole)}
        for name, head in TREATED.items():
            low, high = wilson(shown[name], shown["customers"])
            shown = shown.assign(low=low, high=high)
            shown[f"{name}_said"] = self._said(name)
            told = shown[f"{name}_said"] == (shown[name] / shown["customers"]).map(percent)
            shown[f"{name}_span"] = pd.Series(spans(shown, percent), shown.index).where(told, "")
            heads |= {f"{name}_said": head, f"{name}_span": f"95% interval ({SHORT[name]})"}
        small = self._hidden()
        written = [f"{name}_{part}" for name in TREATED for part in ("said", "span")]
        shown = shown.assign(customers=shown["customers"].mask(small), **shown[written].mask(small, ""))
        return present(shown, heads)

    def _hidden(self) -> pd.Series[bool]:
        """Groups below the floor, and the next smallest until as many as the floor are hidden."""
        return in_rows(self.rows.astype({"customers": "int64"}), ["by"], self.floor)

    def _said(self, name: str) -> pd.Series[str]:
        """Write the share treated so; of few, or all but a few, the bound, and nothing where one would follow."""
        said, hidden = pd.Series("", self.rows.index, dtype="object"), self._hidden()
        for _, part in self.rows.groupby("by"):
            shown, rest = part[~hidden[part.index]], part[hidden[part.index]][["customers", name]].sum()
            share, others = shown[name] / shown["customers"], (float(rest["customers"]), float(rest[name]))
            said.update(in_parts(share, shown["customers"], self.floor, rest=others))
        return said

    def sentence(self) -> str:
        """Say in which respect groups differ beyond chance, corrected for the number of comparisons."""
        if not len(self.rows):
            return NOTHING
        known = self.rows[(self.rows["group"] != UNKNOWN) & ~self._hidden()]
        pairs = [(by, name) for name in TREATED for by in known["by"].unique()]
        if not pairs:
            return "No two known groups are large enough to be compared."
        p = benjamini_hochberg([_chance(known[known["by"] == by], name) for by, name in pairs])
        beyond = [pair for pair, q in zip(pairs, p, strict=True) if q < LEVEL]
        said = [_range(known[known["by"] == by].assign(said=self._said(name)), by, name) for by, name in beyond]
        looked = ", ".join(GROUPS[by] for by in known["by"].unique())
        if not said:
            return f"No group by {looked} is treated differently beyond chance; unknown is no group and not compared."
        return (
            f"Beyond chance, {'; '.join(said)}. An offer is our choice; the audience also depends on who has agreed. "
            f"Looked at: {looked}."
        )


def treatment(run: Run, audience: Audience, collection: Collection) -> Fairness:
    """Count by age band, gender and region who gets an offer and who is in the audience.

    Parameters
    ----------
    run : Run
        Its plan has the age bands and the floor.
    audience : Audience
        Who is contacted or held out is in the audience.
    collection : Collection
        Customers, where the study has them.

    Returns
    -------
    Fairness
    """
    plan = run.plan
    clock = Clock(run.quarter.as_of, None, plan.criteria.age_bands)
    table = collection.customers
    allowed = [row for row in CRITERIA if all(collection.has(*need.split(".")) for need in row.needs)]
    ways: dict[str, Expression] = {row.name: row.value for row in reversed(allowed)}  # the first of a name counts
    ways |= {"region": lambda table, _: table.region} if collection.has("customers", "region") else {}
    known = [name for name in GROUPS if name in ways]
    columns = ["by", "group", "customers", "offered", "reached"]
    if table is None or not known:
        return Fairness(pd.DataFrame(columns=columns), plan.privacy.floor)
    facts = run.engine.frame(table.select("customer", **{name: ways[name](table, clock) for name in known}))
    people = run.engine.frame(audience.members.select("customer", "offer", "arm")).merge(facts, "left", on="customer")
    people[known] = people[known].fillna(UNKNOWN).replace("", UNKNOWN)
    people = people.assign(offered=people["offer"].notna(), reached=people["arm"].isin(["contact", "holdout"]))
    return Fairness(pd.concat([_counted(people, name) for name in known], ignore_index=True), plan.privacy.floor)


def _counted(people: pd.DataFrame, name: str) -> pd.DataFrame:
    """Count one attribute; beyond ten groups the smallest are counted together, and unknown comes last."""
    sizes = people.loc[people[name] != UNKNOWN, name].value_counts()
    group = people[name].where(~people[name].isin(sizes.index[MOST_GROUPS:]), OTHERS)
    found = people.groupby(group).agg(
        customers=("customer", "size"), offered=("offered", "sum"), reached=("reached", "sum")
    )
    last = [OTHERS, UNKNOWN]
    found = found.loc[sorted(found.index, key=lambda word: (word in last, not word.startswith("under"), word))]
    return found.rename_axis("group").reset_index().assign(by=name)[["by", "group", "customers", "offered", "reached"]]


def _chance(groups: pd.DataFrame, name: str) -> float:
    """Test whether the shares of groups are alike (chi-square); 1 where nothing can differ."""
    table = pd.DataFrame({"yes": groups[name], "no": groups["customers"] - groups[name]}).astype("int64")
    if len(table) < 2 or (table.sum() == 0).any():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _range(groups: pd.DataFrame, by: str, name: str) -> str:
    rows = groups.assign(share=steady(groups[name] / groups["customers"])).sort_values("share", kind="stable")
    rows = rows[rows["said"] != ""]
    ends = [f"{row.said} of {row.group}" for row in rows.iloc[[0, -1]].itertuples()] if len(rows) > 1 else []
    return f"who {TREATED[name]} differs by {GROUPS[by]}{f' ({ends[0]} to {ends[1]})' if ends else ''}"
