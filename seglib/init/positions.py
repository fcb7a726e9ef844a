"""Lines of an order that a mark or a kind of line tells from its goods: its sum, its tax, postage, fees and coupons."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from seglib.init.guess import Guess
from seglib.init.leftout import kept
from seglib.init.looks import Look
from seglib.init.names import counted, plain, rank, words
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed
from seglib.init.sums import CENT, NEARLY_ALL
from seglib.init.systems import Known
from seglib.init.unread import YES

KIND_OF_LINE = re.compile(
    r"(?:position|posten|item|line|zeile|ligne|linea|riga|regel|artikel|article|product|produkt|pozycj)[a-z]*"
    r"(?:type?n?|tipo|art|kind|soort|klasse|class)$|(?:type|tipo)(?:de)?(?:item|line|ligne|linea|riga|position|pozycj)"
)
NO_GOODS = re.compile(
    r"versand|fracht|porto|shipping|shipment|postage|freight|delivery|livraison|envio|frete|spedizion|verzend|frakt|"
    r"dostaw|payment|zahlung|zahlart|paiement|betaal|gebuhr|gebuehr|\bfee|surcharge|zuschlag|handling|\btip\b|trinkgeld|"
    r"\btax\b|\bsteuer|text|kommentar|comment|note$"
)
BESIDE_LINES = re.compile(
    r"(?:tax|vat|gst|shipping|freight|steuer|versand|tva|iva|envio|frete)(?:line|row|zeile|ligne|linea)s?$"
)
MOST_KINDS, LEAST_ORDERS = 20, 3


def by_kind_of_line(made: Guess, article: pd.Series[str], money: pd.Series[float]) -> dict[str, str]:
    """Say which articles a column of kinds of lines calls coupons, or no goods at all.

    Parameters
    ----------
    made : Guess
        The file's columns.
    article, money : Series
        Article and money of each row.

    Returns
    -------
    dict
        Article to ``coupon`` or ``no goods``: those that stand on lines of such a kind alone.
    """
    for look in made.looks.values():
        if not _tells(look):
            continue
        said = {str(kind): _meaning(str(kind)) for kind in look.unique}
        if not {*said.values()} - {""} or "" not in said.values():
            continue
        meant = look.values.str.strip().map(said).fillna("")
        meant = meant.where((meant != "coupon") | (money < 0), "")
        kinds = meant.groupby(article).agg(["nunique", "first"])
        return {str(one): str(kind) for one, kind in kinds[kinds["nunique"] == 1]["first"].items() if kind}
    return {}


def _tells(look: Look) -> bool:
    """Whether a column is one of kinds of lines, by its name, with few words on all rows."""
    is_kind = bool(KIND_OF_LINE.search(plain(look.name))) and not look.is_number
    return is_kind and 1 < len(look.unique) <= MOST_KINDS and not look.blank_share


def _meaning(kind: str) -> str:
    spoken = plain(kind)
    if any(word in spoken for word in words()["coupon_words"]):
        return "coupon"
    return "no goods" if NO_GOODS.search(spoken) else ""


def without_bodies(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out the row of an order that a mark calls its body and whose money is the sum of the others.

    Then rows that a yes in a column such as ``Tax Line`` or ``Shipping Line`` calls no goods leave as well.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is: then its own file says what its rows are.
    """
    if known is not None:
        return sniffed
    orders = [n for n, look in sniffed.looks.items() if rank(n, "order_id") is not None and not look.blank_share]
    marks = [look for look in sniffed.looks.values() if len(look.unique) == 1 and 0 < look.blank_share < 1]
    sums = [look for look in sniffed.looks.values() if look.is_number and rank(look.name, "amount") is not None]
    for order in (sniffed.looks[n] for n in orders if sniffed.looks[n].filled.duplicated().any()):
        for mark in marks:
            if any(_is_body(order.values, mark.values.notna(), money.numbers.fillna(0)) for money in sums):
                words = [str(word).strip() for word in mark.unique]
                return _beside(_left(sniffed, mark.name, words, ": the sum of the other rows of its order", words))
    return sniffed


def _is_body(order: pd.Series[str], marked: pd.Series[bool], money: pd.Series[float]) -> bool:
    """Whether each order has one marked row, whose money is that of its several others together."""
    rows = pd.DataFrame(
        {"order": order, "marked": marked, "body": money.where(marked, 0), "rest": money.mask(marked, 0)}
    )
    each = rows.groupby("order").agg(
        size=("marked", "size"), marked=("marked", "sum"), body=("body", "sum"), rest=("rest", "sum")
    )
    several = each[each["size"] > 2]
    if len(several) < LEAST_ORDERS or (each["marked"] != 1).mean() > 1 - NEARLY_ALL:
        return False
    met = (several["body"] - several["rest"]).abs() <= CENT * several["size"]
    return bool(met.mean() >= NEARLY_ALL and (several["body"].abs() > CENT).any())


def _beside(sniffed: Sniffed) -> Sniffed:
    """Leave out the rows that a column of yes and no calls tax, postage or the like."""
    for name in [n for n in sniffed.looks if BESIDE_LINES.search(plain(n))]:
        look = sniffed.looks[name]
        yes = [str(word) for word in look.unique if str(word).strip().lower() in (*YES, "t")]
        if yes and (len(look.unique) > len(yes) or look.blank_share):
            sniffed = _left(sniffed, name, yes, f", since '{name}' is {' or '.join(yes)} on them")
    return sniffed


def _left(sniffed: Sniffed, name: str, values: Iterable[str], why: str, shown: Iterable[str] = ()) -> Sniffed:
    """Leave out the rows on which a column holds one of the values; those shown stand in the sentence."""
    told = [str(value).strip() for value in values]
    rows = ~sniffed.looks[name].values.str.strip().isin(told).fillna(False).astype(bool)
    listed = ", ".join("'" + word.replace("'", "''") + "'" for word in told)
    only = f"coalesce(trim({quoted(name)}), '') not in ({listed})"
    which = f" with '{name}' {' or '.join(shown)}" if shown else ""
    said = f"{counted(int((~rows).sum()), 'row')}{which} left out{why}"
    return kept(sniffed, rows, only, said)
