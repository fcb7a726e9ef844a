"""Notebook 03: one row per customer, one column per criterion, and a catalogue that explains each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.criteria.catalogue import available, chosen, missing
from seglib.criteria.criterion import UNKNOWN, Clock, Criterion
from seglib.criteria.table import derive, tabulate

if TYPE_CHECKING:
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

QUARTILES = {"low": 0.25, "median": 0.5, "high": 0.75}
SHOWN = ["family", "criterion", "meaning", "unit", "role", "clusters", "customers", "missing_share", *QUARTILES]


@dataclass(frozen=True)
class Features:
    """What is known about every customer who bought in the window, as of the end of the quarter.

    Parameters
    ----------
    values : Table
        One row per customer, one column per criterion.
    catalogue : DataFrame
        One row per criterion: name, family, role, unit, kind, meaning, clusters (whether it makes the segments),
        customers (for whom it is known), missing_share, and the quartiles low, median, high of numbers.
    use : tuple of str
        The criteria that make the segments.
    customers : int
        Rows of `values`.
    currency : str
        ISO 4217 code of the money.
    minor_per_major : int
        Minor units in one main unit of it.
    notes : tuple of str
        What could not be computed, and what would allow it.
    """

    STEP: ClassVar[str] = "03_criteria"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"values": ("customer",)}

    values: Table
    catalogue: pd.DataFrame
    use: tuple[str, ...]
    customers: int
    currency: str
    minor_per_major: int
    notes: tuple[str, ...]

    def describe(self, family: str | None = None) -> pd.DataFrame:
        """Return the catalogue as people read it: main units of money, shares rounded, one family or all.

        Parameters
        ----------
        family : str, optional
            For example ``"rfm"``; all when omitted.
        """
        rows = self.catalogue if family is None else self.catalogue[self.catalogue["family"] == family]
        money = rows["unit"] == "money"
        scale = money.map({True: self.minor_per_major, False: 1})
        shown = rows.assign(criterion=rows["name"].map(plain), unit=rows["unit"].mask(money, self.currency))
        shown = shown.assign(**{column: (rows[column] / scale).round(2) for column in QUARTILES})
        return shown[SHOWN].round({"missing_share": 3}).reset_index(drop=True)


def plain(name: str) -> str:
    """Name a criterion for people: no unit at the end, no underscores.

    Examples
    --------
    >>> plain("order_value_minor"), plain("top_channel"), plain("order_count")
    ('order value', 'top channel', 'orders')
    """
    counted = f"{name[: -len('_count')]}s" if name.endswith("_count") and name != "breadth_count" else name
    for ending in ("_minor", "_days", "_flag", "_years", "_count"):
        counted = counted.removesuffix(ending)
    return counted.replace("_", " ")


def compute(collection: Collection, run: Run) -> Features:
    """Compute every criterion that the study's tables allow.

    Parameters
    ----------
    collection : Collection
        What notebook 02 handed on.
    run : Run
        Gives the moment, the plan and the engine.

    Returns
    -------
    Features

    Raises
    ------
    InputRefused
        F03, when nobody bought in the window; P05, when the plan names a criterion that cannot make segments.
    """
    settings = run.plan.criteria
    criteria = available(collection.has)
    use = chosen(criteria, settings.use)
    clock = Clock(run.quarter.as_of, settings.window_days, settings.age_bands)
    values = derive(tabulate(collection, clock, criteria).cache(), clock, criteria)
    facts = run.engine.frame(_summary(values, criteria)).iloc[0]
    if not facts["customers"]:
        raise InputRefused(_nobody(clock))
    return Features(
        values=values,
        catalogue=_catalogue(criteria, facts, use),
        use=use,
        customers=int(facts["customers"]),
        currency=run.plan.currency,
        minor_per_major=10**run.plan.money_decimals,
        notes=missing(criteria),
    )


def _summary(values: Table, criteria: tuple[Criterion, ...]) -> Table:
    """Count and quarter every column in one pass."""
    facts: dict[str, Any] = {"customers": values.count()}
    for criterion in criteria:
        column = values[criterion.name]
        known = column != UNKNOWN if criterion.kind == "category" else column.notnull()
        facts[criterion.name] = known.sum()
        if criterion.kind == "number":
            facts |= {f"{criterion.name} {name}": column.quantile(level) for name, level in QUARTILES.items()}
    return values.aggregate(**facts)


def _catalogue(criteria: tuple[Criterion, ...], facts: pd.Series[Any], use: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        {
            "name": c.name,
            "family": c.family,
            "role": c.role,
            "unit": c.unit,
            "kind": c.kind,
            "meaning": c.meaning,
            "clusters": c.name in use,
            "customers": int(facts[c.name]),
            "missing_share": 1 - int(facts[c.name]) / int(facts["customers"]),
            **{name: float(facts.get(f"{c.name} {name}", float("nan"))) for name in QUARTILES},
        }
        for c in criteria
    ]
    return pd.DataFrame(rows)


def _nobody(clock: Clock) -> Finding:
    since = f" from {clock.start}" if clock.start else ""
    return Finding(
        "F03",
        f"nobody bought{since} to {clock.as_of.date()}",
        "orders",
        do="choose another quarter, or a longer criteria.window_days",
    )
