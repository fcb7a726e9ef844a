"""Revenue taken apart: buyers x orders per buyer x order value, exactly, and the same for its change."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from seglib.methods.decompose import shares_of_change

PARTS = ("buyers", "order_frequency", "order_value", "revenue")
COUNTED = ("buyers", "orders", "revenue")


def decompose(counted: dict[str, tuple[int, int, int]], minor_per_major: int, is_over: bool = True) -> pd.DataFrame:
    """Write revenue as buyers x orders per buyer x order value, and its change as the sum of three parts.

    Parameters
    ----------
    counted : dict from quarter to (buyers, orders, revenue in minor units)
        The quarter before, then this one.
    minor_per_major : int
        Minor units in one unit of money.
    is_over : bool
        Whether the data cover this quarter to its end; else nobody can tell its change.

    Returns
    -------
    DataFrame
        part, one column per quarter, and change_minor: how much of the change of revenue each factor makes up; missing
        where a quarter has no orders. The three whole numbers add up to the fourth.

    Examples
    --------
    >>> found = decompose({"2026Q2": (2, 3, 3000), "2026Q3": (2, 4, 5000)}, 100)
    >>> found["2026Q3"].tolist(), found["change_minor"].tolist()
    ([2.0, 2.0, 12.5, 50.0], [0, 1125, 875, 2000])
    """
    columns = {quarter: _factors(*values) for quarter, values in counted.items()}
    table = {quarter: [float(v) for v in _major(values, minor_per_major)] for quarter, values in columns.items()}
    (before, now), totals = columns.values(), [values[2] for values in counted.values()]
    change: list[int | None] = [None] * 3
    if all(orders for _, orders, _ in counted.values()):
        parts = [round(part) for part in shares_of_change(before, now)]
        change = [*parts[:2], totals[1] - totals[0] - sum(parts[:2])]  # the last takes the rounding
    known = [*change, totals[1] - totals[0]] if is_over else [None] * len(PARTS)
    return pd.DataFrame({"part": list(PARTS), **table}).assign(change_minor=pd.array(known, dtype="Int64"))


def _factors(buyers: int, orders: int, revenue: int) -> list[Fraction]:
    return [Fraction(buyers), Fraction(orders, max(buyers, 1)), Fraction(revenue, max(orders, 1))]


def _major(factors: list[Fraction], minor_per_major: int) -> list[Fraction]:
    buyers, frequency, value = factors
    return [buyers, frequency, value / minor_per_major, buyers * frequency * value / minor_per_major]
