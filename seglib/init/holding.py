"""Whether the only total of an export holds shipping and tax: by rates of tax, and since bare sums come again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.core.delivered import TAX
from seglib.init.sums import CENT

LEAST_ROWS = 20
STEPS, MOST_RATES, NEARLY_ALL = 400, 3, 0.9  # rates of tax are multiples of a quarter of one per cent, and few
COMES_AGAIN = 0.95  # different sums of goods per different totals, where shipping was in these


def held(once: pd.DataFrame, total: str, extras: Sequence[str]) -> tuple[str, ...]:
    """Name the columns that a total holds for sure.

    Parameters
    ----------
    once : DataFrame
        Number columns, one row for each order.
    total : str
        The total.
    extras : sequence of str
        Columns of shipping, tax and the like.

    Examples
    --------
    >>> goods = pd.Series([10.0 + 7 * (n % 9) for n in range(60)])
    >>> post = pd.Series([4.9 if n % 2 else 0.0 for n in range(60)])
    >>> tax = (goods * 0.2).round(2)
    >>> held(pd.DataFrame({"sum": goods + tax + post, "tax": tax, "post": post}), "sum", ["tax", "post"])
    ('tax', 'post')
    >>> held(pd.DataFrame({"sum": goods, "tax": tax, "post": post}), "sum", ["tax", "post"])
    ()
    """
    money = once[[total, *extras]].fillna(0)
    money = money[money[total] > CENT]
    taxes, others = [n for n in extras if TAX.search(n)], [n for n in extras if not TAX.search(n)]
    for tax in taxes:
        for beside in ("", *others):
            base = money[total] - (money[beside] if beside else 0)
            is_in = is_rate(money[tax], base - money[tax])
            if is_in and not is_rate(money[tax], base):
                rest = [n for n in others if n != beside and _comes_again(base - money[tax], money[n])]
                return (tax, *([beside] if beside else []), *rest)
    if any((money[tax] > CENT).any() for tax in taxes):
        return ()  # whether the tax is in it decides what else is
    return tuple(name for name in others if _comes_again(money[total], money[name]))


def is_rate(tax: pd.Series[float], basis: pd.Series[float]) -> bool:
    """Whether a tax is one of a few rates of a sum, to the cent."""
    rows = (tax > CENT) & (basis > CENT)
    if rows.sum() < LEAST_ROWS:
        return False
    rates = (tax[rows] / basis[rows] * STEPS).round() / STEPS
    usual = rates.value_counts().index[:MOST_RATES]
    met = ((tax[rows] - rates * basis[rows]).abs() <= CENT) & rates.isin(usual)
    return float(met.mean()) >= NEARLY_ALL


def _comes_again(total: pd.Series[float], extra: pd.Series[float]) -> bool:
    """Whether sums without an extra come again more often than with it: goods have prices, their postage varies."""
    if (extra > CENT).sum() < LEAST_ROWS or (extra > total + CENT).any():
        return False
    return int((total - extra).round(2).nunique()) <= COMES_AGAIN * int(total.round(2).nunique())
