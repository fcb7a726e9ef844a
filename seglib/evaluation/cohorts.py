"""Retention by age: customers who began in the same quarter, compared at the same age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.methods.rates import wilson

if TYPE_CHECKING:
    from seglib.core.engine import Engine, Table
    from seglib.core.quarters import Quarter

COHORTS = ["cohort", "began", "complete", "age", "customers", "active", "share", "low", "high"]
QUARTER_MONTHS = 3


def retention(engine: Engine, orders: Table, quarter: Quarter, months: int = QUARTER_MONTHS) -> pd.DataFrame:
    """Count, for customers by the period of their first order, how many ordered in each later period.

    Parameters
    ----------
    engine : Engine
    orders : Table
        Only those before the end of the quarter are read.
    quarter : Quarter
        Its end is the end of the last period; periods are counted backwards from there.
    months : int
        Length of a period: 3 for quarters, 1 for months; quarters of weeks are always counted as such.

    Returns
    -------
    DataFrame
        cohort (name of the period of the first order), began (the same counted backwards: 0 is the last), complete
        (False for the oldest cohort, in which customers may be who began before the data do), age in periods, customers
        of the cohort, active among them, their share with its Wilson interval. Every cell lies in the past in full, so
        that young and old cohorts are compared at the same age.
    """
    seen = orders.filter(orders.ordered_at < quarter.as_of)
    back = _weeks_back(engine, seen, quarter) if quarter.years else _months_back(seen, quarter, months)
    periods = seen.select("customer", back=back).distinct()
    began = periods.group_by("customer").agg(began=periods.back.max())
    both = periods.inner_join(began, "customer")
    cells = both.group_by("began", age=both.began - both.back).agg(active=both.count())
    found = rates(engine.frame(cells.order_by("began", "age")))
    last = pd.Period(quarter.as_of, "M") - 1
    names = [
        quarter.back(int(n)).text if months == QUARTER_MONTHS or quarter.years else str(last - int(n))
        for n in found["began"]
    ]
    return found.assign(cohort=names)[COHORTS]


def _months_back(orders: Table, quarter: Quarter, months: int) -> Any:
    """How many periods of so many months lie between an order and the end of the quarter."""
    end = 12 * quarter.as_of.year + quarter.as_of.month - 1
    month = orders.ordered_on.year() * 12 + orders.ordered_on.month() - 1
    return ((end - 1 - month) // months).cast("int64")


def _weeks_back(engine: Engine, orders: Table, quarter: Quarter) -> Any:
    """How many quarters of weeks lie between an order and this quarter."""
    first = quarter.around(pd.Timestamp(engine.scalar(orders.ordered_on.min())).to_pydatetime())
    starts = [quarter.back(n).start for n in range(quarter.number - first.number)]
    cases = [(orders.ordered_on >= ibis.date(start.date()), n) for n, start in enumerate(starts)]
    return ibis.cases(*cases, else_=len(starts)).cast("int64") if cases else ibis.literal(0, "int64")


def rates(cells: pd.DataFrame) -> pd.DataFrame:
    """Turn counts of active customers per cohort and age into shares of the cohort; ages without anybody count 0.

    Parameters
    ----------
    cells : DataFrame
        began, age, active; age 0 is the whole cohort.

    Examples
    --------
    >>> found = rates(pd.DataFrame({"began": [2, 2, 0], "age": [0, 2, 0], "active": [10, 4, 5]}))
    >>> found[["began", "age", "active"]].to_numpy().tolist()
    [[2, 0, 10], [2, 1, 0], [2, 2, 4], [0, 0, 5]]
    """
    if cells.empty:
        return pd.DataFrame(columns=COHORTS[1:])
    size = cells[cells["age"] == 0].set_index("began")["active"]
    pairs = [(began, age) for began in sorted(size.index, reverse=True) for age in range(int(began) + 1)]
    full = pd.DataFrame(pairs, columns=["began", "age"]).merge(cells, "left", on=["began", "age"])
    full = full.fillna({"active": 0}).astype("int64")
    customers = full["began"].map(size).astype("int64")
    low, high = wilson(full["active"], customers)
    return full.assign(
        customers=customers, complete=full["began"] < size.index.max(), share=full["active"] / customers, low=low,
        high=high,
    )[COHORTS[1:]]  # fmt: skip


def by_age(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Pool the cohorts at each age, without the oldest one, of which nobody knows when its customers began.

    Parameters
    ----------
    cohorts : DataFrame
        From `retention`.

    Returns
    -------
    DataFrame
        age, customers who have reached it, active among them, share, low, high.
    """
    if cohorts.empty:
        return pd.DataFrame(columns=["age", *COHORTS[4:]])
    known = cohorts[cohorts["complete"].astype(bool) & (cohorts["age"] > 0)]
    pooled = known.groupby("age", as_index=False)[["customers", "active"]].sum()
    low, high = wilson(pooled["active"], pooled["customers"])
    return pooled.assign(share=pooled["active"] / pooled["customers"], low=low, high=high)
