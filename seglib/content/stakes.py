"""What the customers of a segment and stage spent: the sum of these very customers, where it may be shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from seglib.disclosure.dominance import untold

if TYPE_CHECKING:
    from datetime import datetime

    from seglib.core.engine import Table

GROUP = ["segment", "stage"]
AT_STAKE = ("at_risk", "lapsed")


def spent(orders: Table, placed: Table, as_of: datetime, window_days: int | None) -> pd.DataFrame:
    """Sum what the customers of each segment and stage spent in the window.

    Parameters
    ----------
    orders : Table
        Order lines with the money that counts.
    placed : Table
        customer, segment, stage.
    as_of : datetime
        First instant after the quarter.
    window_days : int or None
        Days of the window of the criteria; None takes everything before `as_of`.

    Returns
    -------
    DataFrame
        segment, stage, total, first, second: the sum and its two largest amounts, in minor units.
    """
    known = orders.filter(orders.ordered_at < ibis.literal(as_of))
    if window_days is not None:
        known = known.filter(known.ordered_on >= ibis.date(as_of.date() - timedelta(days=window_days)))
    each = known.group_by("customer").agg(spent_minor=known.amount_minor.sum().cast("int64"))
    rows = placed.inner_join(each, "customer")
    ranked = rows.mutate(place=ibis.row_number().over(group_by=GROUP, order_by=[ibis.desc("spent_minor"), "customer"]))
    money = ranked.spent_minor
    sums = {"total": money.sum(), "first": money.max(), "second": money.sum(where=ranked.place == 1)}
    frame: pd.DataFrame = ranked.group_by(GROUP).agg(**sums).order_by(GROUP).to_pandas()
    return frame


def foremost(actions: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Choose the groups with most customers and those about to be lost, with what only the latter spent.

    Examples
    --------
    >>> rows = pd.DataFrame({"stage": ["active", "lapsed", "new"], "customers": [90, 20, 30], "spent_minor": 100.0})
    >>> foremost(rows, 2).to_dict("list")
    {'stage': ['active', 'new', 'lapsed'], 'customers': [90, 30, 20], 'spent_minor': [nan, nan, 100.0]}
    """
    lost = actions["stage"].isin(AT_STAKE)
    largest = actions.index.isin(actions.nlargest(rows, "customers").index)
    found = actions[largest | (lost & (actions["customers"] > 0))].sort_values(
        "customers", ascending=False, kind="stable"
    )
    return found.assign(spent_minor=found["spent_minor"].where(found["stage"].isin(AT_STAKE)))


def told(actions: pd.DataFrame, sums: pd.DataFrame, shown: pd.Series[bool], closed: list[str]) -> pd.Series[float]:
    """Give the money of each group that may be shown; missing where it may not.

    Parameters
    ----------
    actions : DataFrame
        segment, name, stage: one row per group.
    sums : DataFrame
        From `spent`.
    shown : Series of bool, by the index of `actions`
        Whether the number of customers may be shown.
    closed : list of str
        Names of segments whose money is not shown at all.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": 1, "name": "A", "stage": ["active", "lapsed", "new"]})
    >>> sums = rows[["segment", "stage"]].assign(total=[900, 400, 90], first=[100, 390, 20], second=[90, 5, 10])
    >>> told(rows, sums, pd.Series([True, True, True]), []).tolist()
    [900.0, nan, nan]
    """
    keys = pd.MultiIndex.from_frame(actions[GROUP])
    parts = sums.set_index(GROUP)[["total", "first", "second"]].reindex(keys).fillna(0.0).set_index(actions.index)
    hidden = ~shown.astype(bool) | actions["name"].isin(closed)
    for _, rows in parts.groupby(actions["segment"]):
        hidden[rows.index] = untold(rows.astype(float), hidden[rows.index])
    return parts["total"].astype(float).mask(hidden)
