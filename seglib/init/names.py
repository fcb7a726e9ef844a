"""What a column's name says: spellings that compare, synonyms in a dozen languages, and abbreviations."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from seglib.init.composed import canonical, unfilled, unqualified

PARTLY_NAMED = ("customer_id", "order_id", "ordered_at", "quantity")
QUALIFIED = ("unit_price", "quantity", "amount", "discount")
QUALIFIERS = {
    *("sku", "item", "items", "line", "lineitem", "product", "produto", "producto", "produit", "produkt", "artikel"),
    *("order", "pedido", "deal", "invoice", "net", "netto", "neto", "nett", "brutto", "bruto", "gross", "ht", "ttc"),
    *("comprada", "comprado", "vendida", "purchased", "ordered", "bought", "sold", "billed", "invoiced", "bestellt"),
    *("commandee", "vendue", "de", "do", "da", "del", "du", "di", "articulo", "article", "orders", "products"),
}
WITH_TAX = (
    *("brutto", "bruto", "gross", "incl", "inkl", "ttc", "withtax", "mittax", "comimposto", "conimpuesto", "coniva"),
    *("mitmwst", "mitust", "avectva", "avectaxe", "withvat"),
)
CAME_BACK = ("return", "refund", "devol", "retour", "cancel", "reembols", "rembours", "zuruck", "erstatt", "storn")
SHORTEST_PART_CHARACTERS = 6
LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i"})
TABLE = re.compile(r"^\w+\.(?=\w)")
WORD_ENDS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
BRACKETS = re.compile(r"\(.*?\)")
PATH = re.compile(r"[/.](?=\w)| - (?=\w)")
TRAILING_CODE = re.compile(r"[\s_]+(?:[A-Z]{3}|eur|usd|gbp|chf|[€$£]|(?:in_)?(?:cents?|minor|minor_units?))$")
WRAPPERS = ("attributes", "data", "fields", "properties", "node", "record", "payload")  # around a whole record
VAGUE = ("id", "name", "number", "no", "key", "code", "date", "type", "status", "total", "value", "email")


@cache
def words() -> dict[str, Any]:
    """Return the table of synonyms and vocabularies, each name as `plain` writes it."""
    loaded: dict[str, Any] = json.loads((files("seglib.init") / "synonyms.json").read_text(encoding="utf-8"))
    spelled = {key: [plain(word) for word in value] for key, value in loaded.items() if isinstance(value, list)}
    fields = {field: [plain(name) for name in names] for field, names in loaded["fields"].items()}
    return {**loaded, **spelled, "fields": fields}


@lru_cache(4096)
def plain(name: str) -> str:
    """Write a column name as letters and digits only, so that spellings compare; letters of any script.

    Examples
    --------
    >>> plain("Numéro de commande"), plain("Order #"), plain("orders.注文 番号")
    ('numerodecommande', 'order', '注文番号')
    """
    text = unicodedata.normalize("NFKD", TABLE.sub("", name)).lower().translate(LETTERS)
    return "".join(letter for letter in text if letter.isalnum())


def counted(number: int, noun: str) -> str:
    """Write a number with its noun, in the plural where it is not one.

    Examples
    --------
    >>> counted(1, "row"), counted(1_234, "row")
    ('1 row', '1,234 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def in_full(name: str) -> str:
    """Write the usual abbreviations of a name in full, and the whole as `plain` does.

    Examples
    --------
    >>> in_full("ORD_DT"), in_full("NetAmt"), in_full("Cust. No.")
    ('orderdate', 'netamount', 'customernumber')
    """
    short: dict[str, str] = words()["abbreviations"]
    return plain("".join(short.get(part.lower(), part) for part in WORD_ENDS.split(name)))


@lru_cache(maxsize=10_000)
def spelled(name: str) -> tuple[str, ...]:
    """The ways to read a name: as it is and in full, without brackets, a currency at its end, and what it lies in."""
    bare = BRACKETS.sub("", name)
    found = [bare, TRAILING_CODE.sub("", bare)]
    parts = [part for part in PATH.split(bare) if part.strip()]
    if len(parts) > 1 and parts[0].lower() in WRAPPERS:
        return spelled(name.partition(parts[0])[2].lstrip("./"))
    if len(parts) > 1:
        found = [" ".join(parts[-2:]), " ".join(parts[-2:-1]) if parts[-1].lower() in ("id", "name") else parts[-1]]
        found = found[: 1 if parts[-1].lower() in VAGUE[2:] else 2]
    whole = [plain(name)] if len(parts) <= 1 else []
    said = [*whole, *(how(one) for one in found for how in (plain, in_full))]
    short = [plain(unfilled([part for part in WORD_ENDS.split(unqualified(one)) if part])) for one in found]
    made = [known for one in (*said, *short) if (known := canonical(one))]
    return tuple(dict.fromkeys([*said, *short, *made]))


@cache
def _places(field: str) -> dict[str, int]:
    """Place of each synonym of a field."""
    return {name: place for place, name in reversed([*enumerate(words()["fields"][field])])}


def rank(name: str, field: str) -> int | None:
    """Place of a name among the synonyms of a field; None when it is none.

    Examples
    --------
    >>> rank("Customer ID", "customer_id") < rank("Email", "customer_id"), rank("Colour", "customer_id")
    (True, None)
    """
    places, spellings = _places(field), spelled(name)
    exact = [places[spelling] for spelling in spellings if spelling in places]
    if exact:
        return min(exact)
    if field in QUALIFIED and (weak := [places[one] for one in _unqualified(name) if one in places]):
        return 500 + 2 * min(weak) + with_tax(name)
    if field == "quantity" and any(word in spelling for spelling in spellings for word in CAME_BACK):
        return None
    if field == "ordered_at" and {*spellings} & {*words()["updated"]}:
        return None
    if field in PARTLY_NAMED and any(spelling.endswith(_ends(field)) for spelling in spellings):
        ends = [s for s in _ends(field) if any(spelling.endswith(s) for spelling in spellings)]
        return 1_000 + min(places[end] for end in ends)
    return None


def with_tax(name: str) -> bool:
    """Whether a name says that its money holds tax.

    Examples
    --------
    >>> with_tax("Preis brutto"), with_tax("price_tax_incl"), with_tax("VK Netto"), with_tax("Price excl. VAT")
    (True, True, False, False)
    """
    return any(word in plain(name) for word in WITH_TAX)


@lru_cache(maxsize=10_000)
def _unqualified(name: str) -> tuple[str, ...]:
    """A name without the words that tell which money or which goods it is about."""
    parts = [plain(part) for part in WORD_ENDS.split(unqualified(BRACKETS.sub("", name))) if part]
    left = [part for part in parts if part not in QUALIFIERS]
    spelling = "".join(left)
    return (spelling,) if spelling not in ("", plain(name)) else ()


@cache
def _ends(field: str) -> tuple[str, ...]:
    """Synonyms that are long enough to be known at the end of a longer name."""
    return tuple(name for name in words()["fields"][field] if len(name) >= SHORTEST_PART_CHARACTERS)


def known_count(names: Iterable[str]) -> int:
    """Count the names that are synonyms of some field.

    Examples
    --------
    >>> known_count(["Customer ID", "Order Date", "Colour"])
    2
    """
    return sum(any(rank(name, field) is not None for field in words()["fields"]) for name in names)


def means(state: str, vocabulary: str) -> bool:
    """Whether a text, or one word of it, is in a vocabulary.

    Examples
    --------
    >>> means("order_refunded", "cancelled_words"), means("Delivered", "cancelled_words")
    (True, False)
    """
    parts = {plain(part) for part in (state, *re.split(r"[\s_/-]+", state))}
    return bool(parts & {*words()[vocabulary]})
