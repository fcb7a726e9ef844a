"""Columns that name nobody who bought: kinds and places, the shop's own staff, and those from whom it buys."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from seglib.core.errors import Finding, InputRefused
from seglib.init.looks import Look
from seglib.init.names import WORD_ENDS, plain, words

STEMS = re.compile(
    r"categor|kategor|cancel|storn|anul|refund|paid$|bezahlt$|regle$|zweck|bestand|dauer|duration|status|supplier|"
    r"vendor|lieferant|kreditor|fournisseur|proveedor|ziffern|digits|last4|"
    r"fornitor|fornecedor|leverancier|seller|merchant|payout|operator|operador|cashier|kassier|kellner|waiter|garzon|"
    r"camarero|vendedor|verkaufer|vendeur|employee|mitarbeiter|salesrep|supervisor|affiliate|campaign|kampagne|"
    r"terminal|device|location|filial|branch|sucursal|warehouse|shipping|versand|payment|zahlung|pago\b|currency|"
    r"factur|fattur|faktur|rechnung|wahrung|descri|beschreib|comment|kommentar|product|produ[ck]t|producto|artikel|"
    r"articulo|buchung|bestellart|"
    r"(?:auftrags|beleg|zahl|zahlungs|karten|versand|liefer|vorgangs)art|order|invoice|receipt|transa[ck]|state$"
)
PEOPLE = re.compile(
    r"customer|client|kunde|kaufer|buyer|person|contact|kontakt|member|besteller|partner|patient|mail|phone|recipient|shippingname|by$"
)
PARTS = frozenset(
    {
        *("zip", "zipcode", "postcode", "postal", "postalcode", "plz", "cap", "cep", "type", "typ", "tipo", "art"),
        *("kind", "class", "settle", "settlement", "card", "month", "monat", "mois", "mes", "mese", "year", "jahr"),
        *("annee", "ano", "anno", "week", "woche", "day", "tag", "weekday", "note", "notes", "notiz", "nota"),
        *("detail", "details", "detalle", "total", "totale", "amount", "betrag", "importe", "montant", "importo"),
        *("media", "medium", "subid", "utm", "sku", "item", "items", "itens"),
    }
)
SUPPLIERS = (
    *("supplier", "vendor", "lieferant", "kreditor", "fournisseur", "proveedor", "fornitor", "fornecedor"),
    *("leverancier", "dostawc", "beszallito", "leverandor", "leverantor", "tedarikci", "поставщик"),
)
VAGUE_BUYERS = ("account", "name", "company", "partner", "user", "username")
MOSTLY = 0.5  # of the rows that name one
FEW_PEOPLE, MANY_ROWS = 3, 30  # so few names on so many rows are rather those who sold than those who bought
COUNTS = re.compile(
    r"(?i)\bhow many\b|\bnumber of\b|\bno\.? of\b|\banzahl\b|\bnombre d|\bcantidad\b|\bnumero d|\baantal\b"
)


def names_nobody(name: str) -> bool:
    """Whether a column's name tells of something else than who bought: a kind, a place, a day, staff, a supplier.

    Examples
    --------
    >>> [names_nobody(name) for name in ("Billing Zip", "Bestellart", "Card Type", "Lieferant", "Whom", "Ordered by")]
    [True, True, True, True, False, False]
    """
    if PEOPLE.search(plain(name)) and not plain(name).startswith(SUPPLIERS):
        return False
    return bool(STEMS.search(plain(name)) or PARTS & {plain(part) for part in WORD_ENDS.split(name) if part})


def are_few(look: Look) -> bool:
    """Whether a column names two or three on many rows: the staff of a till rather than those who bought."""
    return len(look.filled) > MANY_ROWS and len(look.unique) <= FEW_PEOPLE


def counts_things(name: str) -> bool:
    """Whether a column's name says that it counts things, so that it is no money.

    Examples
    --------
    >>> [counts_things(name) for name in ("How many boxes?", "Number of nights", "Fee")]
    [True, True, False]
    """
    return bool(COUNTS.search(name.replace("_", " ")))


def refuse_suppliers(
    columns: Mapping[str, str], looks: Mapping[str, Look], given: Mapping[str, str], file: str
) -> None:
    """Refuse a file that names from whom goods come and nobody who bought them.

    Parameters
    ----------
    columns : mapping of str to str
        Columns of the contract to columns of the file, as far as names tell.
    looks : mapping of str to Look
        The file's columns.
    given : mapping of str to str
        What the user said; it is not doubted.
    file : str
        Name of the file, for the message.

    Raises
    ------
    InputRefused
        Where a column of suppliers is filled and no column names a customer, or only one that may be anything,
        such as ``account``.
    """
    named = columns.get("customer_id")
    found = [n for n, look in looks.items() if plain(n).startswith(SUPPLIERS) and look.blank_share < MOSTLY]
    if "customer_id" in given or not found or (named and plain(named) not in VAGUE_BUYERS):
        return
    what = f"'{found[0][:60]}' says from whom goods come, and no column says who bought them"
    remedy = "export what was sold, with customer, order number, date and amount"
    if named:
        remedy += f"; if '{named[:60]}' is who bought: --column customer_id=\"{named[:60]}\""
    raise InputRefused(Finding("F07", what, file, 1, found=", ".join(looks)[:300], do=remedy))


def named_beside(looks: Mapping[str, Look], customers: Sequence[str], taken: Collection[str]) -> str:
    """Say which column names somebody on the rows that the customer column leaves blank, and how the plan counts them.

    Parameters
    ----------
    looks : mapping of str to Look
        The file's columns.
    customers : sequence of str
        The customer column, or the columns that it is put together from.
    taken : collection of str
        Columns that are something else already.

    Examples
    --------
    >>> import pandas as pd
    >>> told = {"Buyer ID": ["b1", None], "Full Name": ["Ann", "Bob"]}
    >>> looks = {name: Look(name, pd.Series(values, dtype="str")) for name, values in told.items()}
    >>> named_beside(looks, ["Buyer ID"], ["Buyer ID"]).partition(": ")[2]
    "customer_id: ['Buyer ID', 'Full Name'] in the plan counts them"
    """
    blank = ~looks[customers[0]].values.notna()
    for one in customers[1:]:
        blank &= ~looks[one].values.notna()
    known = {*words()["personal"], *words()["fields"]["customer_id"]}
    free = [n for n in looks if n not in (*taken, *customers) and plain(n) in known and "address" not in plain(n)]
    free = [n for n in free if not are_few(looks[n])]
    best = max(free, key=lambda n: float(looks[n].values[blank].notna().mean()), default=None)
    if best is None or not blank.any() or float(looks[best].values[blank].notna().mean()) <= MOSTLY:
        return ""
    before = "', '".join(customers)
    where = f"'{best}' names somebody where '{customers[0]}' is blank"
    return f"{where}: customer_id: ['{before}', '{best}'] in the plan counts them"
