"""What kind of row each is: a sale, a refund, or neither, by a column of types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from seglib.core.states import kind_of
from seglib.init.guess import KINDS_COUNT, Guess
from seglib.init.looks import Look
from seglib.init.names import counted, plain, words

TYPES = re.compile(r"(?:type|typ|tipo|soort|rodzaj|kind|art|action|aktion|class)$|^(?:type|typ|tipo|soort|rodzaj|kind)")
OF_OTHERS = re.compile(
    r"pay|zahl|pago|pagam|betaal|ship|versand|liefer|deliver|envio|product|produkt|artikel|item|customer|kunde|client|"
    r"card|discount|tax|steuer|address|user|device|mail|method|channel|kanal|currency"
)
PAID_BY = re.compile(
    r"\bcards?\b|credit ?card|kreditkarte|\bec-?karte|\bcarte\b|tarjeta|cart[aã]o|"
    r"\bcash\b|\bbar\b|bargeld|especes|efectivo|dinheiro|contanti|"
    r"paypal|klarna|visa|mastercard|amex|american express|apple pay|google pay|giropay|ideal|bancontact|sepa|"
    r"bank ?(?:transfer|wire)|wire transfer|[üu]berweisung|lastschrift|direct debit|virement|transferencia|bonifico|"
    r"che(?:que|ck)\b|gift ?card|gutschein|store credit|\bpix\b|boleto|on delivery|nachnahme"
)
CREDIT = re.compile(r"credit\b(?! ?(?:note|memo|invoice))")  # a card, where another word of the column pays as well
MOST_KINDS, MOSTLY_KNOWN = 20, 0.9
CODE = re.compile(r"[A-Z]{1,3}\d{0,2}|\d{1,3}")


def decided(made: Guess) -> dict[str, str]:
    """Give what each kind of row is taken for, as far as that is decided; the caller's own to change."""
    found = made.rules.get("kinds")
    return dict(found) if isinstance(found, Mapping) else {}


def kinds(made: Guess, given: Mapping[str, str]) -> Guess:
    """Read a column of types where one of its words is no sale.

    Parameters
    ----------
    made : Guess
        Who, which, when and for how much are known.
    given : mapping of str to str
        Columns that the user named.
    """
    first = [*made.known.names("kind")] if made.known else []
    usual = {*words()["type_names"], *words()["event_names"]}
    names = first + [n for n in made.looks if plain(n) in usual and n not in (*given.values(), *first)]
    names += [n for n in made.looks if not made.known and n not in (*given.values(), *names) and is_type(made.looks[n])]
    names = [] if made.known and "kind" in made.known.never else names
    for name in [given["kind"]] if "kind" in given else names:
        seen = [str(kind) for kind in made.looks[name].unique]
        known = {kind: meaning for kind in seen if (meaning := _kind_in(made, kind))}
        if len(seen) > KINDS_COUNT["status"] or not {*known.values()} & {"refund", "ignore"}:
            continue
        if name not in (*first, given.get("kind")) and says_how_paid(seen, known):
            continue
        dropped = {key: None for key, one in made.columns.items() if one == name}
        made = made.with_columns({**dropped, "kind": name}, spoken(made.looks[name], known, "sale"))
        unknown = [kind for kind in seen if kind not in known]
        doubt = f"rows of these kinds count as sales: {', '.join(unknown)[:200]}" if unknown else ""
        return made.ruled("kinds", known, unsure=doubt)
    return made if made.known or "kind" in given else _in_codes(made)


def _in_codes(made: Guess) -> Guess:
    """Say which codes of a column of types nothing explains: all of them count as sales."""
    taken = {name for field, name in made.columns.items() if field != "status"}
    for name, look in made.looks.items():
        is_named = plain(name) in words()["type_names"] and name not in taken and not look.blank_share
        seen = [str(code) for code in look.unique.head(MOST_KINDS + 1)]
        if is_named and 1 < len(seen) <= MOST_KINDS and all(CODE.fullmatch(code) for code in seen):
            rows = Counter(look.filled)
            told = ", ".join(f"{code} ({counted(rows[code], 'row')})" for code in seen)[:300]
            said = f"what the codes of '{name}' mean the file does not tell, so all rows count as sales: {told}; "
            said += (
                f'where some are refunds or no sales, write rules.kinds: {{"{seen[-1]}": refund}} and the like into '
            )
            return made.with_columns({}, unsure=f"{said}the plan, with sources.orders.columns.kind: {name}")
    return made


def spoken(look: Look, known: Mapping[str, str], usual: str) -> str:
    """Say how many rows are what, and by which words.

    Parameters
    ----------
    look : Look
        The column.
    known : mapping of str to str
        What its words mean.
    usual : str
        The meaning that is not worth a word.
    """
    rows = Counter(look.filled)
    parts = []
    for meaning in dict.fromkeys(known[word] for word in known if known[word] != usual):
        told = [word for word in known if known[word] == meaning]
        number = sum(rows[word] for word in told)
        parts.append(f"{counted(number, 'row')} {'is' if number == 1 else 'are'} {meaning} ({', '.join(told)[:120]})")
    return f"by '{look.name}' {'; '.join(parts)}" if parts else ""


def says_how_paid(seen: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether words tell by what was paid, not what a row is: a bank transfer there is a sale, as a credit card is.

    Parameters
    ----------
    seen : sequence of str
        Words of the column.
    known : mapping of str to str
        What those words mean that are known as kinds.

    Examples
    --------
    >>> says_how_paid(["Credit Card", "Bank transfer"], {"Bank transfer": "ignore"})
    True
    >>> says_how_paid(["Credit Card", "Refund"], {"Refund": "refund"})
    False
    >>> says_how_paid(["Cash", "Credit"], {"Credit": "refund"}), says_how_paid(["Sale", "Credit"], {"Credit": "refund"})
    (True, False)
    """
    by = {word for word in seen if PAID_BY.search(word.lower())}
    by |= {word for word in seen if CREDIT.match(word.lower())} if by else set()
    return bool(by) and not {meaning for word, meaning in known.items() if word not in by} & {"refund", "ignore"}


def is_type(look: Look) -> bool:
    """Whether a column of another name tells kinds of rows: by a word for type in it, or since all its words do.

    Examples
    --------
    >>> import pandas as pd
    >>> said = pd.Series(["Sale", "Refund"], dtype="str")
    >>> is_type(Look("Action", said)), is_type(Look("Payment method", said))
    (True, False)
    """
    name, seen = plain(look.name), [str(word) for word in look.unique.head(MOST_KINDS + 1)]
    if (
        look.blank_share > 1 - MOSTLY_KNOWN
        or look.is_number
        or look.dates is not None
        or not 1 < len(seen) <= MOST_KINDS
        or OF_OTHERS.search(name)
    ):
        return False
    said = {word: kind_of(word) for word in seen}
    share = float(look.filled.map(said).notna().mean())
    is_sale = "sale" in said.values()
    return (is_sale and bool(TYPES.search(name))) or (share >= MOSTLY_KNOWN and {"sale", "refund"} <= {*said.values()})


def _kind_in(made: Guess, text: str) -> str | None:
    """What a kind of row means: by the words of a known system, else by the vocabulary."""
    said = {word.lower(): meaning for word, meaning in made.known.export.kinds.items()} if made.known else {}
    return said.get(text.strip().lower()) or kind_of(text)
