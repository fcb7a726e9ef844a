"""How many pieces of a line came back, where a column counts them: their part of the line's money was given back."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from seglib.init.figures import line_money
from seglib.init.guess import Guess
from seglib.init.looks import Look
from seglib.init.made import NUMBER
from seglib.init.names import counted, plain
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed

BACK = re.compile(r"return|refund|retour|devol|zuruck|erstatt|rembours|reembols|reso|zwro")
COUNT = re.compile(r"qty|quantit|quantid|cantid|menge|anzahl|aantal|pieces|units|ilosc|antal|stuck")
OF_ORDER = ("order", "order_repeated")
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
    if not {"unit_price", "amount"} & {*made.columns}:
        return made, sniffed
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
        sql = _money(made, _is_whole(made, look))
        if sql is None:
            doubt = f"{said}; their money is not read: export the refunded amount as well (column refunded of the plan)"
            return made.with_columns({}, unsure=doubt), sniffed
        part = f"{sql} * {_number(look)} / nullif({_number(quantity)}, 0)"
        text = f"cast(round(coalesce({part}, 0), 4) as varchar)"
        comma = _decimal(made) == ","
        text = f"replace({text}, '.', ',')" if comma else text
        values = (
            _after_discount(made) * look.numbers.fillna(0) / quantity.numbers.where(quantity.numbers != 0)
        ).fillna(0)
        written = values.map("{:.4f}".format).astype("str")
        written = written.str.replace(".", ",") if comma else written
        made = replace(made, looks={**made.looks, MADE: Look(MADE, written)})
        made = made.with_columns({"refunded": MADE}, f"{said}: their part of the line's money comes off")
        return made.ruled("refunded", "line"), replace(sniffed, made={**sniffed.made, MADE: text})
    return made, sniffed


def _number(look: Look) -> str:
    """A column as a number, in SQL."""
    name = quoted(look.name)
    return NUMBER.format(f"replace(replace({name}, '.', ''), ',', '.')" if look.decimal == "," else name)


def _decimal(made: Guess) -> str:
    """The decimal mark of the money, as the plan has it for the whole file."""
    return next(look.decimal for field in ("unit_price", "amount") if (look := made.look(field)))


def _is_whole(made: Guess, back: Look) -> bool:
    """Whether orders with a discount of the order came back whole: no order gives back more than it brought."""
    off, quantity, order = (made.look(field) for field in ("discount", "quantity", "order_id"))
    if off is None or quantity is None or order is None or made.rules.get("discount") not in OF_ORDER:
        return False
    pieces = pd.DataFrame({"sold": quantity.numbers, "back": back.numbers, "off": off.numbers.abs()}).fillna(0)
    sums = pieces.groupby(order.values).sum()
    return not ((sums["off"] > 0) & (sums["back"] > 0) & (sums["back"] < sums["sold"])).any()


def _money(made: Guess, is_whole: bool) -> str | None:
    """What a line was charged, in SQL; None where a discount of the order or dressed numbers make that more."""
    off = made.look("discount") if made.rules.get("discount", "line") != "included" else None
    off = None if is_whole else off
    price, amount, quantity = (made.look(field) for field in ("unit_price", "amount", "quantity"))
    read = [look for look in (price, amount, quantity, off) if look is not None]
    if any(not look.is_plain_number or look.name in made.lists for look in read):
        return None
    if quantity is None or (off is not None and made.rules.get("discount", "line") != "line"):
        return None
    if price is None and amount is None:
        return None
    money = f"({_number(price)} * {_number(quantity)})" if price is not None else ""
    money = money or (_number(amount) if amount is not None else "")
    return f"({money} - abs({_number(off)}))" if off is not None else money


def _after_discount(made: Guess) -> pd.Series[float]:
    """The same, row by row."""
    off = made.look("discount") if made.rules.get("discount", "line") == "line" else None
    return line_money(made) - (off.numbers.abs().fillna(0) if off is not None else 0.0)
