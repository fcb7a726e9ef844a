"""Notebook 03: one row per customer, one column per criterion, and a catalogue that explains each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.criteria.catalogue import available, chosen, missing
from seglib.criteria.criterion import UNKNOWN, Clock, Criterion
from seglib.criteria.table import derive, tabulate
from seglib.methods.present import Head, percent, plain_number, present, whole, yes

if TYPE_CHECKING:
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

QUARTILES = {"low": 0.25, "median": 0.5, "high": 0.75}
WORDS = {  # where the name without its unit would be jargon
    "recency_days": "days since last order",
    "tenure_days": "days since first order",
    "gap_days": "days between orders",
    "monetary_minor": "revenue",
    "breadth_count": "range",
    "return_count": "orders returned",
}
TYPICAL = {"low": "lower quarter", "median": "median", "high": "upper quarter"}
BINS = 20
LAST_BIN_FROM = 0.97
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

    def histogram(self, floor: int = 10) -> pd.DataFrame:
        """Count customers in about twenty bins of each criterion that may make segments.

        Parameters
        ----------
        floor : int
            Bins with fewer customers than this are left empty.

        Returns
        -------
        DataFrame
            criterion, unit, low, high (in main units of money; the last bin takes all above), customers, last (value
            at which the last bin starts), median.
        """
        numbers = self.catalogue[(self.catalogue["role"] == "segmentation") & (self.catalogue["kind"] == "number")]
        columns = [self.values[name] for name in numbers["name"]]
        ends = self.values.aggregate(
            **{f"low {c.get_name()}": c.min() for c in columns},
            **{f"high {c.get_name()}": c.quantile(LAST_BIN_FROM) for c in columns},
        ).to_pandas()
        bins = [
            self._bins(row, float(ends[f"low {row.name}"][0]), float(ends[f"high {row.name}"][0]), floor)
            for row in numbers.itertuples(index=False)
        ]
        return pd.concat(bins, ignore_index=True)

    def _bins(self, row: Any, low: float, high: float, floor: int) -> pd.DataFrame:
        whole = row.unit != "share" and high - low >= 1 and float(row.median).is_integer() and low.is_integer()
        width = max((high - low) / BINS, 1e-9)
        width = float(max(1, round(width))) if whole else width
        last = int((high - low) // width)
        column = self.values[row.name]
        place = ((column.cast("float64") - low) / width).floor().clip(0, last).cast("int64")
        counted = self.values.filter(column.notnull()).group_by(place=place).aggregate(customers=lambda t: t.count())
        customers = counted.to_pandas().set_index("place")["customers"].reindex(range(last + 1), fill_value=0)
        scale = self.minor_per_major if row.unit == "money" else 1
        starts = (low + width * customers.index.to_numpy()) / scale
        return pd.DataFrame(
            {
                "criterion": row.name,
                "unit": self.currency if row.unit == "money" else row.unit,
                "low": starts,
                "high": starts + width / scale,
                "customers": customers.where(customers >= floor, 0).to_numpy(),
                "last": starts[-1],
                "median": row.median / scale,
            }
        )

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

    def table(self, which: str = "all") -> pd.DataFrame:
        """Return the catalogue with readable heads.

        Parameters
        ----------
        which : str
            A family such as ``"rfm"``, or ``"chosen"`` (they make the segments), ``"descriptors"``, ``"gaps"`` (not
            known for everybody), ``"all"``.
        """
        rows = self.describe()
        known = {
            "all": rows["criterion"].notna(),
            "chosen": rows["clusters"].astype(bool),
            "descriptors": rows["role"] == "descriptor",
            "gaps": rows["missing_share"] > 0,
        }
        heads: dict[str, Head] = {"criterion": "criterion", "meaning": "meaning", "unit": "unit"}
        if which == "descriptors":
            heads = {"family": "family", "criterion": "criterion", "meaning": "meaning"}
        if which in ("descriptors", "gaps"):
            heads |= {"customers": ("known for", whole), "missing_share": ("not known", percent)}
        else:
            heads |= {end: (head, plain_number) for end, head in TYPICAL.items()}
        if which not in ("chosen", "descriptors"):
            heads |= {"clusters": ("makes segments", yes)}
        return present(rows[known.get(which, rows["family"] == which)], heads)


def plain(name: str) -> str:
    """Name a criterion for people: no unit at the end, no underscores.

    Examples
    --------
    >>> plain("order_value_minor"), plain("top_channel"), plain("order_count"), plain("recency_days")
    ('order value', 'top channel', 'orders', 'days since last order')
    """
    if name in WORDS:
        return WORDS[name]
    counted = f"{name.removesuffix('_count')}s" if name.endswith("_count") else name
    for ending in ("_minor", "_days", "_flag", "_years"):
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
            facts[f"{criterion.name} quartiles"] = column.quantile([*QUARTILES.values()])
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
            **dict(zip(QUARTILES, _quartiles(facts, c), strict=True)),
        }
        for c in criteria
    ]
    return pd.DataFrame(rows)


def _quartiles(facts: pd.Series[Any], criterion: Criterion) -> list[float]:
    found = facts.get(f"{criterion.name} quartiles")
    return [float("nan")] * len(QUARTILES) if found is None else [float(value) for value in found]


def _nobody(clock: Clock) -> Finding:
    since = f" from {clock.start}" if clock.start else ""
    return Finding(
        "F03",
        f"nobody bought{since} to {clock.as_of.date()}",
        "orders",
        do="choose another quarter, or a longer criteria.window_days",
    )
