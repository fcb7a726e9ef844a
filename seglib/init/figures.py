"""The number columns of an export as one frame, what their names say, and on which rows of an order they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from seglib.core.sources.told import is_told
from seglib.init.composed import unqualified
from seglib.init.guess import NUMBERS, Guess
from seglib.init.looks import Look
from seglib.init.names import WORD_ENDS, in_full, plain, rank, spelled, with_tax, words
from seglib.init.sums import OrderSum, names_of, order_sum

ALL_LINES, FEW_ORDERS = 0.95, 2
RATES = re.compile(
    r"(?i)(?:currency|exchange|conversion|fx)[\W_]*rate|wechselkurs|taux[\W_]*de[\W_]*change|tipo[\W_]*de[\W_]*cambio"
)
MOST_TOTALS = 4
SHIPPING = ("shipping", "shippingamount", "shippingcost", "shippingcosts", "versandkosten")
SHIPPING_STEMS = ("versand", "verzend", "shipping", "shipment", "salestax", "umsatzsteuer", "mehrwertsteuer")
BESIDE_GOODS = {
    *(
        "tax",
        "taxes",
        "vat",
        "iva",
        "tva",
        "btw",
        "moms",
        "mwst",
        "ust",
        "gst",
        "hst",
        "pst",
        "tip",
        "tips",
        "gratuity",
    ),
    *("freight", "frete", "flete", "envio", "porto", "livraison", "spedizione", "handling", "surcharge", "postage"),
}
NO_EXTRAS = (
    *("discount", "rabatt", "descuento", "desconto", "remise", "korting", "incl", "inkl", "excl", "exkl", "inc", "ex"),
    *("net", "gross", "brut", "subtotal", "zwischen", "price", "preis", "precio", "preco", "prix", "number", "rate"),
    *("percent", "status", "refund", "before", "after", "class", "code", "id", "without", "list", "taxable", "exempt"),
)
OTHER = ("after", "percent", "pct", "prozent", "rate", "shipping", "delivery", "versand", "code", "before")


def frame_of(made: Guess) -> pd.DataFrame:
    """Put the number columns that may be money or counts side by side, those with known names first."""
    ids = [made.name(field) for field in ("order_id", "customer_id", "ordered_at", "product_id")]
    names = [name for name in made.looks if name not in ids and name not in made.lists and not RATES.search(name)]
    found = [look for name in names if _counts(look := made.looks[name])]
    found.sort(key=lambda look: not _known(look.name))
    return pd.DataFrame({look.name: look.numbers for look in found})


def _counts(look: Look) -> bool:
    """Whether a column holds numbers, and not times written as numbers; sums over lists are read by name only."""
    return look.is_number and not is_told(look.name) and (look.dates is None or _known(look.name))


def _known(name: str) -> bool:
    return any(rank(name, field) is not None for field in NUMBERS) or is_of(name, "extras") or is_of(name, "refunded")


def is_of(name: str, vocabulary: str) -> bool:
    """Whether a name is in a vocabulary, in one of the ways to read it; shipping may have a word before it."""
    spellings = spelled(name)
    if vocabulary == "extras" and (any(spelling.endswith(SHIPPING) for spelling in spellings) or _is_extra(name)):
        return True
    return bool({*spellings} & {*words()[vocabulary]})


def _is_extra(name: str) -> bool:
    """Whether a longer name is about shipping, tax or the like, and not about a total with or without it."""
    parts = {plain(part) for part in WORD_ENDS.split(unqualified(name))}
    is_about = parts & BESIDE_GOODS or any(part.startswith(SHIPPING_STEMS) for part in parts)
    return bool(is_about) and not any(part.startswith(NO_EXTRAS) for part in parts)


def named(names: Sequence[str], field: str) -> list[str]:
    """List the columns whose name is a synonym of a field, best first."""
    ranked = sorted((place, with_tax(name), name) for name in names if (place := rank(name, field)) is not None)
    return [name for *_, name in ranked]


def discounts_of(names: Sequence[str]) -> list[str]:
    """List the columns that are discounts by name, and those whose name holds a word for one, but no shares.

    Examples
    --------
    >>> discounts_of(["Discount Percent", "Entity Discount Amount", "total_discounts_tax_incl", "Shipping Discount"])
    ['total_discounts_tax_incl', 'Entity Discount Amount']
    """
    first = named(names, "discount")
    spoken = {name: in_full(name) for name in names if name not in first}
    more = [n for n, text in spoken.items() if any(word in text for word in words()["coupon_words"])]
    return [*first, *(n for n in more if not any(word in spoken[n] for word in OTHER) and "%" not in n)]


def order_key(made: Guess) -> pd.Series[str]:
    """Number the order of each row: by its column, else each row for itself."""
    look = made.look("order_id")
    if look is not None:
        return look.values
    rows = next(iter(made.looks.values())).values
    return pd.Series(range(len(rows)), index=rows.index).astype("str")


def level(numbers: pd.Series[float], order: pd.Series[str]) -> str:
    """Say where a number of an order stands: on one of its lines, repeated on each, or on each line for itself.

    Returns
    -------
    str
        ``order``, ``order_repeated`` or ``line``; ``line`` as well where no order of several lines tells.

    Examples
    --------
    >>> orders = pd.Series(["A", "A", "B", "B"])
    >>> level(pd.Series([2.0, 2, 3, 3]), orders), level(pd.Series([2.0, None, 3, None]), orders)
    ('order_repeated', 'order')
    """
    each = numbers.to_frame("n").assign(filled=numbers.fillna(0) != 0).groupby(order)
    facts = each.agg(size=("filled", "size"), filled=("filled", "sum"), kinds=("n", "nunique"), given=("n", "count"))
    several = facts[(facts["size"] > 1) & (facts["filled"] > 0)]
    if len(several) < FEW_ORDERS:
        sparse = len(several) and bool((several["given"] == 1).all())
        return "order" if sparse else "line"
    if ((several["filled"] == several["size"]) & (several["kinds"] == 1)).mean() >= ALL_LINES:
        return "order_repeated"
    return "order" if (several["filled"] == 1).mean() >= ALL_LINES else "line"


def percent(share: float) -> str:
    """Write a share as people do: all of them, or per cent.

    Examples
    --------
    >>> percent(1.0), percent(0.984)
    ('all', '98.4%')
    """
    return "all" if share == 1 else f"{share:.1%}"


def line_money(made: Guess) -> pd.Series[float]:
    """The list money of each line as the plan has it so far."""
    price, quantity, amount = made.look("unit_price"), made.look("quantity"), made.look("amount")
    if price is None:
        assert amount is not None
        return amount.numbers
    pieces = quantity.numbers if quantity is not None else 1.0
    money = price.numbers * pieces
    return money if amount is None else money.fillna(amount.numbers)


def added_up(made: Guess, frame: pd.DataFrame, discount: str, totals: list[str]) -> OrderSum | None:
    """Compare the lines of orders with totals, with shipping, tax and the like."""
    extras = [name for name in names_of(frame) if is_of(name, "extras")]
    lines = frame.assign(**{"": line_money(made)})
    return order_sum(lines, order_key(made), "", discount, totals[:MOST_TOTALS], extras)
