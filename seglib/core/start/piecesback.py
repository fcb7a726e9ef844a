"""How many pieces of a line came back, where a column counts them: their part of the line's money was given back."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from seglib.core.start.figures import line_money
from seglib.core.start.guess import Guess
from seglib.core.start.looks import Look
from seglib.core.start.made import NUMBER
from seglib.core.start.names import counted, plain
from seglib.core.start.reshape import quoted
from seglib.core.start.sniff import Sniffed

BACK = re.compile(r"return|refund|retour|devol|zuruck|erstatt|rembours|reembols|reso|zwro")
COUNT = re.compile(r"qty|quantit|quantid|cantid|menge|anzahl|aantal|pieces|units|ilosc|antal|stuck")
MADE = "money of the pieces that came back"


def pieces_back(made: Guess, sniffed: Sniffed) -> tuple[Guess, Sniffed]:
    """Read a count of returned pieces as refunded money, by a column that the query of the plan makes.

    Parameters
    ----------
    made : Guess
        Price, quantity and discount are decided, and no column of refunded money was found.
    sniffed : Sniffed
        The opened file.

    Returns
    -------
    Guess and Sniffed
        With the column made, or with a doubt where it cannot be; both the same where nothing counts such pieces.
    """
    quantity = made.look("quantity")
    if made.known is not None or "refunded" in made.columns or quantity is None or made.once_per_order:
        return made, sniffed
    for name, look in made.looks.items():
        is_back = BACK.search(plain(name)) and COUNT.search(plain(name)) and look.is_number and not look.decimals
        if not is_back or name == quantity.name or not (look.numbers.fillna(0) > 0).any():
            continue
        if (look.numbers > quantity.numbers).any():
            continue
        rows = look.numbers.fillna(0) > 0
        pieces = counted(int(look.numbers.sum()), "piece")
        said = f"'{name}' says that {pieces} came back, on {counted(int(rows.sum()), 'row')}"
        sql = _money(made)
        if sql is None:
            doubt = f"{said}; their money is not read: export the refunded amount as well (column refunded of the plan)"
            return made.with_columns({}, unsure=doubt), sniffed
        part = f"{sql} * {_number(name)} / nullif({_number(quantity.name)}, 0)"
        text = f"cast(round(coalesce({part}, 0), 4) as varchar)"
        values = (
            _after_discount(made) * look.numbers.fillna(0) / quantity.numbers.where(quantity.numbers != 0)
        ).fillna(0)
        made = replace(made, looks={**made.looks, MADE: Look(MADE, values.map("{:.4f}".format).astype("str"))})
        made = made.with_columns({"refunded": MADE}, f"{said}: their part of the line's money comes off")
        return made.ruled("refunded", "line"), replace(sniffed, made={**sniffed.made, MADE: text})
    return made, sniffed


def _number(name: str) -> str:
    return NUMBER.format(quoted(name))


def _money(made: Guess) -> str | None:
    """What a line was charged, in SQL; None where a discount of the order or a decimal comma makes that more."""
    off = made.name("discount") if made.rules.get("discount", "line") != "included" else None
    names = [made.name(field) for field in ("unit_price", "amount", "quantity")]
    read = [name for name in (*names, off) if name]
    if any(made.looks[n].decimal != "." or not made.looks[n].is_plain_number or n in made.lists for n in read):
        return None
    if off is not None and made.rules.get("discount", "line") != "line":
        return None
    price, amount, quantity = names
    money = f"({_number(price)} * {_number(str(quantity))})" if price else _number(str(amount))
    return f"({money} - abs({_number(off)}))" if off else money


def _after_discount(made: Guess) -> pd.Series[float]:
    """The same, row by row."""
    off = made.look("discount") if made.rules.get("discount", "line") == "line" else None
    return line_money(made) - (off.numbers.abs().fillna(0) if off is not None else 0.0)
