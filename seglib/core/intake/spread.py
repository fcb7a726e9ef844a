"""Money of an order spread over its lines to the smallest unit, and whom it concerns."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.core.engine import Engine, Table

ORDER = ("customer", "order_id")
TIES = ("product_id", "product_name", "source_file", "source_line")  # whoever looks equal gets the same


def spread(table: Table, total: Any, weight: Any, name: str) -> Table:
    """Add a column with each line's part of its order's money, by largest remainder.

    Every line gets the whole units of `total * weight / sum of weights`; the units left over go, one each, to the lines
    with the largest remainders. Never more than the weights are together.

    Parameters
    ----------
    table : Table
        With customer, order_id and the columns of `TIES`.
    total : ibis integer
        The order's money, the same on each of its lines, at least 0.
    weight : ibis integer
        At least 0; a line without weight gets nothing.
    name : str
        Of the new column, whole smallest units of money.

    Notes
    -----
    The largest remainder method of Hamilton, as in Balinski and Young, Fair Representation (1982). Products of two
    amounts are taken in 38 digits; the quotient is estimated as a float and corrected by its exact remainder.
    """
    group = list(ORDER)
    given = table.mutate(_weight=weight.fill_null(0).cast("int64"), _total=total.fill_null(0).cast("int64"))
    whole = given.mutate(_all=given._weight.sum().over(group_by=group).cast("int64"))
    capped = whole.mutate(_total=ibis.least(whole._total, whole._all))
    share = capped._total.cast("float64") * capped._weight.cast("float64") / capped._all.cast("float64").nullif(0)
    about = capped.mutate(_part=share.floor().fill_null(0).cast("int64"))
    exact = about.mutate(_rest=_product(about._total, about._weight) - _product(about._part, about._all))
    step = ibis.cases((exact._rest < 0, -1), (exact._rest >= exact._all.cast("decimal(19, 0)"), 1), else_=0)
    moved = exact.mutate(_step=ibis.ifelse(exact._all > 0, step, 0).cast("int64"))
    sound = moved.mutate(_part=moved._part + moved._step, _rest=moved._rest - _product(moved._step, moved._all))
    ties = [sound[tie].fill_null("") if tie.startswith("product") else sound[tie] for tie in TIES]
    order = [ibis.desc(sound._rest), ibis.desc(sound._weight), *ties]
    placed = sound.mutate(
        _place=ibis.row_number().over(group_by=group, order_by=order),
        _left=sound._total - sound._part.sum().over(group_by=group).cast("int64"),
    )
    part = placed._part + ((placed._place < placed._left) & (placed._weight > 0)).ifelse(1, 0)
    named = placed.mutate(**{name: part.cast("int64")})
    return named.drop("_weight", "_total", "_all", "_part", "_rest", "_step", "_place", "_left")


def _product(one: Any, other: Any) -> Any:
    return one.cast("decimal(19, 0)") * other.cast("decimal(19, 0)")


def concerned(engine: Engine, kept: Table) -> list[int]:
    """Count the customers whose lines have discounts, and those to whom something came back."""
    off = {"discounted": kept.said_minor != kept.gross_minor, "back": kept.gross_minor != kept.amount_minor}
    asked = {name: kept.customer.nunique(where=which.fill_null(False)) for name, which in off.items()}
    return [int(count) for count in engine.frame(kept.aggregate(**asked)).iloc[0]]
