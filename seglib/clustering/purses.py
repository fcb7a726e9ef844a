"""The money of each segment, and whether it may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.disclosure import dominance

if TYPE_CHECKING:
    from seglib.core.engine import Table

WHY = (
    "{who}: money is not shown, as one or two customers bring nearly all of it, or as theirs could be told from what "
    "is left of the whole."
)


def with_largest(table: Table, value: str, by: str = "segment") -> tuple[Table, dict[str, Any]]:
    """Prepare the sums that `methods.dominance` judges.

    Parameters
    ----------
    table : Table
        One row per customer.
    value : str
        Column with money in minor units, 0 or more.
    by : str
        Column that groups the customers.

    Returns
    -------
    Table and dict
        The table with each customer's place in the group, and what to aggregate by group: total, first, second.
    """
    placed = table.mutate(place=ibis.row_number().over(group_by=by, order_by=ibis.desc(value)))
    money = placed[value]
    return placed, {"total": money.sum(), "first": money.max(), "second": money.sum(where=placed.place == 1)}


def told(sums: pd.DataFrame) -> pd.Series[bool]:
    """Say of each segment whether its money may be shown.

    Parameters
    ----------
    sums : DataFrame by segment
        total (or revenue_minor), first, second.
    """
    parts = sums.rename(columns={"revenue_minor": "total"})[["total", "first", "second"]].astype(float).fillna(0.0)
    return ~dominance.untold(parts.clip(lower=0))


def untold(segments: pd.DataFrame) -> list[str]:
    """Name the segments whose money must not be shown.

    Parameters
    ----------
    segments : DataFrame
        name and revenue_share, which is missing where the money must not be shown.

    Examples
    --------
    >>> untold(pd.DataFrame({"name": ["Large orders", "Sleeping"], "revenue_share": [None, 0.1]}))
    ['Large orders']
    """
    return list(segments.loc[segments["revenue_share"].isna(), "name"])


def why(names: Iterable[str]) -> tuple[str, ...]:
    """Say why the money of some segments is not shown; nothing where all is.

    Examples
    --------
    >>> why([]), why(["Large orders", "Sleeping"])[0][:45]
    ((), 'Large orders, Sleeping: money is not shown, a')
    """
    listed = ", ".join(names)
    return (WHY.format(who=listed),) if listed else ()
