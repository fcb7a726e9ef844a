"""Columns of money that nothing reads: what stands in them is said, so that no discount is lost in silence."""

from __future__ import annotations

import re

import pandas as pd

from seglib.init.composed import unqualified
from seglib.init.figures import discounts_of, is_of, named
from seglib.init.guess import Guess
from seglib.init.names import counted, in_full, plain, with_tax
from seglib.init.sums import CENT, names_of

ADJUSTED = re.compile(r"adjusted|afterrefund|currenttotal|angepasst|corrected|ajustad|ajuste|rettific")
DISPUTED = re.compile(r"(?i)disput|charge[\W_]*back|r[üu]cklastschrift")
YES = ("1", "true", "yes", "y", "ja", "oui", "si", "sí", "sim", "x")
PRICE = re.compile(r"price$|preis$|prix(?:$|unitaire)|precio|preco|prezzo|prijs$|\bcena")
BARE = re.compile(r"(?i)nett?o|\bnet\b|\bh\.?t\b|e[xk][ck]l|ohne|without|w/o")
RATES = (0, 5, 5.5, 6, 7, 7.7, 8, 8.1, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 25.5, 27)
RATE_GAP, FEWEST_RATES, FEW_OTHERS = 0.1, 3, 0.05  # per cent, rows, share of rows
MOSTLY = 0.5  # of the rows on which two prices differ
MOST_FLAGS = 3  # rows of a table so small that 1 may be money
NO_TOTAL = ("fee", "net", "tax", "processing")


def unread_money(made: Guess, frame: pd.DataFrame) -> Guess:
    """Say how much stands in columns of discounts, refunds and adjusted totals that are not read.

    Parameters
    ----------
    made : Guess
        The columns of money are decided.
    frame : DataFrame
        The number columns.
    """
    used = {part for name in made.columns.values() for part in made.lists.get(name, (name,))}
    free = [n for n in names_of(frame) if n not in used and frame[n].abs().max() > CENT and not _is_flag(frame[n])]
    for field, names in (
        ("discount", discounts_of(free)),
        ("refunded", [name for name in free if is_of(name, "refunded")]),
    ):
        read = made.look(field)
        for name in (one for one in names if "%" not in one and "percent" not in in_full(one)):
            silent = frame[name].abs() > CENT
            if read is not None:
                silent &= ~(read.numbers.abs() > CENT)
            elif field == "discount" and _in_price(made, name):
                continue
            if silent.any():
                money = f"{frame[name][silent].abs().sum():,.2f}"
                said = f"'{name}' holds {money} on {int(silent.sum()):,} rows and is not read: is it a {NOUN[field]}"
                made = made.with_columns(
                    {}, unsure=f"{said} that still comes off? Then write it as {field} of the plan"
                )
    made = _without_tax(_two_prices(made, frame, free), frame, free)
    return _disputed(_adjusted(made, frame, free))


def _without_tax(made: Guess, frame: pd.DataFrame, free: list[str]) -> Guess:
    """Say where the amount is, on nearly all rows, another one with a rate of tax on it, and no column is that tax."""
    taken = made.columns.get("amount")
    if taken not in frame or made.known is not None or "amount_extras" in made.columns:
        return made
    for name in (one for one in named(free, "amount") if _is_bare(one) and not _is_bare(str(taken))):
        both = (frame[name].abs() > 1) & (frame[taken].abs() > 1)
        rates = (100 * (frame[taken] / frame[name] - 1))[both]
        known = rates.map(lambda rate: min(abs(rate - one) for one in RATES) <= RATE_GAP)
        if len(rates) >= FEWEST_RATES and float(known.mean()) > 1 - FEW_OTHERS and rates.max() > 1:
            said = f"'{taken}' is '{name}' with {rates.median():.3g} per cent on it: tax, it seems, which is no goods"
            return made.with_columns({}, unsure=f'{said}; --column amount="{name}" leaves it out')
    return made


def _is_bare(name: str) -> bool:
    """Whether a name says that its money holds no tax."""
    return not with_tax(name) and (unqualified(name) != name or bool(BARE.search(name)))


def _two_prices(made: Guess, frame: pd.DataFrame, free: list[str]) -> Guess:
    """Say where another price differs on most rows and no arithmetic tells which of the two was charged."""
    taken = made.columns.get("unit_price")
    if taken not in frame or made.known is not None or any(f"'{taken}' times " in said for said in made.understood):
        return made
    for name in (one for one in free if PRICE.search(plain(one)) and not discounts_of([one])):
        differs = (frame[name] - frame[taken]).abs() > CENT
        if differs.mean() > MOSTLY and not _in_price(made, name):
            said = f"'{name}' is a price as well, and no total tells which of them was charged: '{taken}' is taken"
            return made.with_columns({}, unsure=f'{said}; --column unit_price="{name}" takes the other')
    return made


def _is_flag(numbers: pd.Series[float]) -> bool:
    """Whether a column says yes and no as 1 and 0, on many rows."""
    return bool(numbers.dropna().isin((0, 1)).all()) and len(numbers) > MOST_FLAGS


NOUN = {"discount": "discount", "refunded": "refund"}


def _in_price(made: Guess, name: str) -> bool:
    """Whether an equation that was found has taken a discount into account already."""
    return any(f"'{name}'" in sentence for sentence in made.understood)


def _disputed(made: Guess) -> Guess:
    """Say on how many rows the buyer's bank took the money back, where nothing reads it."""
    used = {part for name in made.columns.values() for part in made.lists.get(name, (name,))}
    for name, look in made.looks.items():
        if name in used or not DISPUTED.search(name) or made.known is not None:
            continue
        rows = int(look.values.str.strip().str.lower().isin(YES).sum())
        if rows:
            said = (
                f"'{name}' is yes on {counted(rows, 'row')} and is not read: money that was charged back was not kept"
            )
            do = "Leave such rows out of the export, or call them refunded in the column of states"
            made = made.with_columns({}, unsure=f"{said}. {do}")
    return made


def _adjusted(made: Guess, frame: pd.DataFrame, free: list[str]) -> Guess:
    """Say where an adjusted total is less than the total: something was given back."""
    totals = [name for name in named(names_of(frame), "amount") if not ADJUSTED.search(in_full(name))]
    for name in (n for n in free if ADJUSTED.search(in_full(n)) and not any(w in in_full(n) for w in NO_TOTAL)):
        gaps = {one: frame[one] - frame[name] for one in totals}
        less = {one: gap[(frame[name] > CENT) & (gap > CENT)] for one, gap in gaps.items() if gap.min() > -CENT}
        rows = {one: part for one, part in less.items() if len(part)}
        if rows and "refunded" not in made.columns:
            total = min(rows, key=lambda one: len(rows[one]))
            said = f"'{name}' is less than '{total}' on {len(rows[total]):,} rows, by {rows[total].sum():,.2f} together"
            doubt = f"{said}: money that was given back and is not read. Write a column of refunds into the export"
            made = made.with_columns({}, unsure=doubt)
    return made
