"""Money in two columns, one for each direction: what was paid stands under credit, what was given back under debit."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from seglib.init.looks import Look
from seglib.init.made import NUMBER
from seglib.init.names import rank
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed
from seglib.init.systems import Known

SIDES = (("credit", "debit"), ("haben", "soll"), ("paid in", "paid out"), ("money in", "money out"), ("bij", "af"))
MADE = "amount"  # the column that the query makes
BALANCED = 0.01  # of the money, up to which both sides are the same: entries of accounts, no payments
CENT = 0.005


def both_sides(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Make one amount of a column of money that came in and one of money that went out.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is; where it is known nothing is made.

    Returns
    -------
    Sniffed
        With the column made and the two left as they are; the same where no two columns are such sides, where both
        sides balance, or where another column already says the amount.
    """
    if known is not None or MADE in sniffed.looks or any(rank(name, MADE) is not None for name in sniffed.looks):
        return sniffed
    pairs = [(come, went) for come in sniffed.looks for went in _other_side(come, sniffed) if _are(come, went, sniffed)]
    if not pairs:
        return sniffed
    come, went = max(pairs, key=lambda pair: float(sniffed.looks[pair[0]].numbers.sum()))
    values = sniffed.looks[come].numbers.fillna(0) - sniffed.looks[went].numbers.fillna(0)
    filled = sniffed.looks[come].numbers.notna() | sniffed.looks[went].numbers.notna()
    text = values.map("{:.6f}".format).where(filled & (values != 0)).astype("str")
    comma = _comma(sniffed, come, went)
    text = text.str.replace(".", ",") if comma else text
    money = f"nullif({_number(sniffed.looks[come])} - {_number(sniffed.looks[went])}, 0)"
    sql = f"replace(cast({money} as varchar), '.', ',')" if comma else f"cast({money} as varchar)"
    said = f"the amount is '{come}' less '{went}' (the query of the plan): each row fills one of them"
    looks = {**sniffed.looks, MADE: Look(MADE, text)}
    understood = (*sniffed.understood, said)
    return replace(sniffed, looks=looks, made={**sniffed.made, MADE: sql}, understood=understood)


def _other_side(name: str, sniffed: Sniffed) -> list[str]:
    """Columns whose name is the same but for the word of the other side."""
    low = name.lower()
    for come, went in SIDES:
        if re.search(rf"(?<![a-z]){come}(?![a-z])", low):
            other = re.sub(rf"(?<![a-z]){come}(?![a-z])", went, low)
            return [one for one in sniffed.looks if one.lower() == other]
    return []


def _are(come: str, went: str, sniffed: Sniffed) -> bool:
    """Whether two columns are sides: numbers, never both on a row, mostly one of them, and not in balance."""
    one, other = sniffed.looks[come], sniffed.looks[went]
    if not (one.is_plain_number and other.is_plain_number and one.decimals + other.decimals):
        return False
    came, gone = one.numbers.fillna(0), other.numbers.fillna(0)
    if (came < 0).any() or (gone < 0).any() or ((came > CENT) & (gone > CENT)).any():
        return False
    total = pd.concat([came, gone], axis=1).sum()
    return bool(total.iloc[0] * (1 - BALANCED) > total.iloc[1] > 0)


def _comma(sniffed: Sniffed, come: str, went: str) -> bool:
    """Whether the file writes decimal commas, as the made column must then too."""
    return any(sniffed.looks[name].decimal == "," and sniffed.looks[name].decimals for name in (come, went))


def _number(look: Look) -> str:
    """A column as a number, in SQL."""
    name = quoted(look.name)
    return NUMBER.format(f"replace({name}, ',', '.')" if look.decimal == "," else name)
