"""Whether the money of an export holds the tax on sales: by what comes off it, by its name, or by rates of tax."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from seglib.core.delivered import TAX
from seglib.init.composed import unqualified
from seglib.init.figures import discounts_of, is_of, level, line_money, order_key
from seglib.init.guess import Guess
from seglib.init.holding import is_rate
from seglib.init.names import BRACKETS
from seglib.init.sums import CENT

UNSAID, WITH, WITHOUT = "unsaid", "with", "without"
EXCLUDED = re.compile(r"(?i)(?<![a-z])(?:ex|ohne|zzgl|sin|sem|hors|sans|uden|utan)")
Told = tuple[str, tuple[str, ...], tuple[str, ...]]


def tax_of(made: Guess) -> Told:
    """Say whether amounts hold tax.

    Parameters
    ----------
    made : Guess
        The columns of money are decided.

    Returns
    -------
    tuple of str and two tuples of str
        with, without or unsaid; what is understood; what is to be checked. Nothing is said where no column tells.
    """
    if not {"unit_price", "amount"} & {*made.columns}:
        return UNSAID, (), ()
    off = next((part for part in _parts(made, "amount_extras") if _is_tax(part)), None)
    if off is not None:
        return WITHOUT, (f"money counts without tax: '{off}' comes off (tax: without)",), ()
    for field in ("unit_price", "amount"):
        name = made.columns.get(field, "")
        if name and unqualified(name) != name:
            side = WITHOUT if EXCLUDED.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)) else WITH
            return side, (f"money counts {side} tax, as '{name}' says (tax: {side})",), ()
    return _by_rates(made)


def _by_rates(made: Guess) -> Told:
    """Compare each column of tax with the goods of its orders, and with these less the tax."""
    used = {part for field in made.columns for part in _parts(made, field)}
    taxes = [n for n, look in made.looks.items() if look.is_number and _is_tax(n) and n not in used]
    taxes = [name for name in taxes if (made.looks[name].numbers > CENT).any()]
    for name in taxes:
        found = {side for tax, goods in _sums(made, name) if (side := _side(tax, goods))}
        if len(found) == 1:
            side = found.pop()
            return side, (f"money counts {side} tax: '{name}' is a rate of it (tax: {side})",), ()
    if taxes:
        return UNSAID, (), (f"whether amounts hold '{taxes[0]}' is not to be seen: write tax: with or without",)
    return UNSAID, (), ()


def _side(tax: pd.Series[float], goods: pd.Series[float]) -> str:
    inside, beside = is_rate(tax, goods - tax), is_rate(tax, goods)
    return "" if inside == beside else WITH if inside else WITHOUT


def _sums(made: Guess, name: str) -> Iterator[tuple[pd.Series[float], pd.Series[float]]]:
    """Give tax and goods, before and after a discount: of each line, or of each order where the tax is the order's."""
    order, goods, tax = order_key(made), line_money(made).fillna(0), made.looks[name].numbers.fillna(0)
    stands = level(tax, order)
    by = {"order": "sum", "order_repeated": "max"}.get(stands)
    off = [made.looks[n].numbers.fillna(0).abs() for n in discounts_of([*made.looks]) if made.looks[n].is_number]
    for rest in (goods, *(goods - less for less in off)):
        yield (tax, rest) if by is None else (tax.groupby(order).agg(by), rest.groupby(order).sum())


def _is_tax(name: str) -> bool:
    bare = BRACKETS.sub("", name)
    return bool(TAX.search(bare)) and is_of(name, "extras")


def _parts(made: Guess, field: str) -> tuple[str, ...]:
    name = made.columns.get(field, "")
    return made.lists.get(name, (name,)) if name else ()
