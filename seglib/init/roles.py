"""Which column is the order, the customer and the time: fill, distinctness and agreement go before the name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from seglib.init.looks import Look
from seglib.init.names import plain, rank, words
from seglib.init.nopeople import VAGUE_BUYERS, are_few, counts_things, names_nobody

HARDLY_BLANK = 0.02
MOSTLY_FILLED = 0.9
ONE_OF_A_KIND = 1.01  # values of the one column per value of the other, where they agree
COMES_BACK = 1.02  # orders per customer
SHARED_ORDERS, SHARED_MAILS = 0.2, 3  # of one customer id, beside so many addresses, from which on it is nobody
JOINS = " or else "
OWN_SHARE = 0.6  # of the rows that name the same address
FEWEST = 2  # values of yes and no: no people
LONG_ID, MANY_IDS = r"\d{16,19}", 30
CODE = r"[A-Z]{3} ?-\d+"
HELD = re.compile(r"(?i)authori[sz]|autori[sz]|reserved|reserviert|reservad")  # not charged yet, or never
COMES_ONCE = 0.95  # different values per row, from which on a column is rather a number of the row
PHONE = r"[+(]?\d[\d\s()./-]{6,}"
Lists = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Roles:
    """Who bought, which order, when.

    Parameters
    ----------
    order_id, customer_id, ordered_at : str or None
        Columns of the file; None where none fits.
    looks : dict
        The file's columns, and those that were put together from several.
    lists : dict
        Column that was put together to its parts, the first that is filled counts.
    nobody : tuple of str
        Customer ids that stand for many people.
    understood : tuple of str
        Sentences for the analyst.
    """

    order_id: str | None
    customer_id: str | None
    ordered_at: str | None
    looks: dict[str, Look]
    lists: Lists
    nobody: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()


def roles(looks: Mapping[str, Look], found: Mapping[str, Sequence[str]], given: Mapping[str, str]) -> Roles:
    """Decide who, which and when.

    Parameters
    ----------
    looks : mapping of str to Look
        The file's columns.
    found : mapping of str to sequence of str
        For order_id, customer_id and ordered_at the columns whose name and values suit, best name first.
    given : mapping of str to str
        What the user said; it is not doubted.
    """
    mails = sum(_is_mail(looks[name]) for name in found["customer_id"])
    found = {**found, "customer_id": [n for n in found["customer_id"] if not _is_one(looks[n], mails > 1)]}
    buyers = [name for name in found["customer_id"] if name not in found["order_id"]]
    order = given.get("order_id") or _order_of(looks, found["order_id"], buyers)
    when = given.get("ordered_at") or _fullest(looks, found["ordered_at"], order)
    customers = [name for name in found["customer_id"] if name != order]
    if "customer_id" in given or not customers:
        return Roles(order, given.get("customer_id"), when, dict(looks), {})
    return _who(looks, customers, order, when)


def _is_one(look: Look, beside: bool) -> bool:
    """Whether all rows name the same one, most the same address beside another column of them, or a till's staff."""
    if len(look.filled) <= MANY_IDS:
        return False
    if are_few(look) and (plain(look.name) in (*VAGUE_BUYERS, "mail") or plain(look.name).startswith("email")):
        return True
    shares = look.filled.value_counts(normalize=True)
    return len(shares) == 1 or (beside and _is_mail(look) and float(shares.iloc[0]) > OWN_SHARE)


def _order_of(looks: Mapping[str, Look], found: Sequence[str], buyers: Sequence[str]) -> str | None:
    """The order number: hardly blank, of one customer each, best name; none where every candidate has gaps."""
    agreeing = [name for name in found if not buyers or _of_one(looks, name, buyers)]
    full = [name for name in agreeing if looks[name].blank_share <= HARDLY_BLANK]
    nearly = [name for name in agreeing if looks[name].blank_share <= 1 - MOSTLY_FILLED]
    return next(iter(full or nearly), None)


def _of_one(looks: Mapping[str, Look], order: str, buyers: Sequence[str]) -> bool:
    return any(pairs(looks[order], looks[buyer])[0] <= ONE_OF_A_KIND for buyer in buyers)


def pairs(one: Look, other: Look) -> tuple[float, float]:
    """Distinct values of the other column per value of one, and the reverse."""
    both = one.values.to_frame("one").assign(other=other.values).dropna().drop_duplicates()
    if both.empty:
        return 1.0, 1.0
    return len(both) / both["one"].nunique(), len(both) / both["other"].nunique()


def blank_share(look: Look, order: Look | None) -> float:
    """Share of rows whose value stands on no line of their order either."""
    if order is None or not look.blank_share:
        return look.blank_share
    named = look.values.notna()
    known = named.groupby(order.values).transform("any").fillna(False).astype(bool)
    return 1 - float((named | known).mean())


def _fullest(looks: Mapping[str, Look], found: Sequence[str], order: str | None) -> str | None:
    """The best name among the columns that are hardly blank, else among those that are mostly filled."""
    number = looks[order] if order else None
    gaps = {name: blank_share(looks[name], number) for name in found}
    for limit in (HARDLY_BLANK, 1 - MOSTLY_FILLED, 1.0):
        fitting = [name for name in found if gaps[name] <= limit]
        if fitting:
            return fitting[0]
    return None


def nobodies(look: Look, order: Look | None, others: Sequence[Look]) -> tuple[str, ...]:
    """Values of a customer column that stand for nobody: words for guests, and ids that many addresses share."""
    known = {*words()["not_customers"], "0", "none", "null", "na", "nan", "unknown", "1"}
    counted = (order.values.groupby(look.values.str.strip()).nunique() if order else look.filled.value_counts()).astype(
        int
    )
    large = counted.index[counted >= SHARED_ORDERS * counted.sum()]
    shared = [
        str(value)
        for value in dict.fromkeys([*large, *(v for v in counted.index if v == "0")])
        if any(_shared(look, str(value), other) for other in others)
    ]
    spoken = look.unique[~look.unique.str.contains(r"\d") | (look.unique == "0")] if len(look.unique) else look.unique
    words_of = [str(value) for value in spoken if plain(str(value)) in known - {"0", "1"} or str(value) == "0"]
    zero = [value for value in words_of if value == "0" and any(_shared(look, value, other, 2) for other in others)]
    return tuple(dict.fromkeys([value for value in words_of if value in shared or value != "0"] + zero + shared))


def _shared(look: Look, value: str, other: Look, least: int = SHARED_MAILS) -> bool:
    """Whether one id stands beside many addresses, as no other id does."""
    inside = look.values.str.strip() == value
    return other.values[inside].nunique() >= least and other.values[~inside].nunique() > 0


def _is_mail(look: Look) -> bool:
    return len(look.unique) > 0 and bool(look.unique.str.contains("@").mean() > 0.5)


def _is_phone(look: Look) -> bool:
    """Whether a column is of telephone numbers, by its name and its values."""
    is_named = any(word in plain(look.name) for word in ("phone", "telefon", "mobile"))
    return is_named and len(look.unique) > 0 and float(look.unique.str.fullmatch(PHONE).mean()) > 0.5


def _who(looks: Mapping[str, Look], found: Sequence[str], order: str | None, when: str | None) -> Roles:
    """The customer column with few blanks and with customers who come back; an address where ids are of nobody."""
    number = looks[order] if order else None
    mails = [looks[name] for name in found if _is_mail(looks[name])]
    nobody = {n: nobodies(looks[n], number, [m for m in mails if m.name != n]) for n in found}
    real = {name: _without(looks[name], nobody[name]) for name in found}
    gaps = {name: blank_share(real[name], number) for name in found}

    def worse(name: str) -> tuple[bool, bool, bool]:
        shared = bool(mails) and plain(name) in words()["personal"] and not _is_mail(looks[name])  # a name of several
        returning = not shared and (number is None or pairs(number, real[name])[1] > COMES_BACK)
        return gaps[name] > 0.5, not returning, False

    best = min(found, key=worse)
    if gaps[best] <= HARDLY_BLANK:
        first = found[0]
        said = (_instead(best, first, gaps[first]),) if nobody[first] and best != first else ()
        return Roles(order, best, when, dict(looks), {}, nobody[best], said)
    mails += [looks[name] for name in found if _is_phone(looks[name])]
    both = {m.name: Look("", real[best].values.fillna(real[m.name].values)) for m in mails if m.name != best}
    left = {name: blank_share(together, number) for name, together in both.items()}
    second = min(left, key=lambda name: left[name], default=None)
    if second is None or left[second] >= gaps[best] - HARDLY_BLANK:
        return Roles(order, best, when, dict(looks), {}, nobody[best])
    if gaps[second] <= HARDLY_BLANK and not _is_phone(looks[second]):
        return Roles(order, second, when, dict(looks), {}, (), (_instead(second, best, gaps[best]),))
    parts = (second, best) if nobody[best] else (best, second)
    joined = JOINS.join(parts)
    together = Look(joined, real[parts[0]].values.fillna(real[parts[1]].values))
    said = (_instead(f"{parts[0]}', or where it is blank by '{parts[1]}", best, gaps[best]),)
    return Roles(order, joined, when, {**looks, joined: together}, {joined: parts}, nobody[best], said)


def _instead(chosen: str, other: str, gap: float) -> str:
    return f"customers are told apart by '{chosen}': '{other}' names nobody on {gap:.0%} of the rows"


def _without(look: Look, nobody: Sequence[str]) -> Look:
    return Look(look.name, look.values.mask(look.values.str.strip().isin(nobody))) if nobody else look


def digits_lost(look: Look) -> bool:
    """Whether an id went through a binary number that holds no more than 53 bits.

    Examples
    --------
    >>> import pandas as pd
    >>> whole = [9_107_199_254_740_993 + 7_919 * n for n in range(40)]
    >>> cut = pd.Series([str(int(float(n))) for n in whole], dtype="str")
    >>> digits_lost(Look("id", cut)), digits_lost(Look("id", pd.Series([str(n) for n in whole], dtype="str")))
    (True, False)
    """
    long = look.unique[look.unique.str.fullmatch(LONG_ID)].head(MANY_IDS)
    if len(long) < MANY_IDS or (long.astype(float) <= 2**53).any():
        return False
    return all(format(Decimal(repr(float(text))), "f").split(".")[0] == text for text in long)


def evidence(look: Look) -> str:
    """Say of a column how far it is filled and how its values repeat, without showing one.

    Examples
    --------
    >>> import pandas as pd
    >>> evidence(Look("Close Date", pd.Series(["2026-01-05", "2026-01-06", "2026-01-06"], dtype="str")))
    "'Close Date' (times, on all rows, 2 different)"
    """
    kind = "times" if look.dates is not None else "numbers" if look.is_number else "text"
    filled = "all rows" if not look.blank_share else f"{1 - look.blank_share:.0%} of the rows"
    return f"'{look.name}' ({kind}, on {filled}, {len(look.unique):,} different)"


def contenders(need: str, looks: Mapping[str, Look], taken: Sequence[str]) -> list[str]:
    """List the columns of unknown name that may say who, when or for how much, those with most evidence first.

    Parameters
    ----------
    need : str
        customer_id, ordered_at or amount.
    looks : mapping of str to Look
        The file's columns.
    taken : sequence of str
        Columns that are something else already.
    """
    free = [
        look for name, look in looks.items() if name not in taken and len(look.unique) and not _elsewhere(name, need)
    ]
    if need == "ordered_at":
        fitting = [look for look in free if look.dates is not None and not look.is_plain_number]
        fitting = fitting or [look for look in free if look.dates is not None]
    elif need == "amount":
        numbers = [look for look in free if look.is_number and look.dates is None and len(look.unique) > 1]
        numbers = [look for look in numbers if not counts_things(look.name) and not _is_code(look)]
        fitting = [look for look in numbers if look.decimals > 0 or not look.is_plain_number] or [
            look for look in numbers if look.unique.nunique() < len(look.values)
        ]
    else:
        fitting = [look for look in free if look.dates is None and not look.decimals and len(look.unique) > 1]
        fitting = [look for look in fitting if not names_nobody(look.name) and not are_few(look)]
        fitting = [x for x in fitting if len(x.unique) < len(x.values) * COMES_ONCE or len(x.values) < 20]
    order = next((looks[name] for name in taken if rank(name, "order_id") is not None), None)
    if need == "customer_id" and order is not None and order.filled.duplicated().any():
        fitting = [x for x in fitting if pairs(order, x)[0] <= ONE_OF_A_KIND and len(x.unique) > FEWEST]
    once = need == "customer_id"  # who comes once on each row is rather a number of the row
    worse = {
        x.name: (bool(HELD.search(x.name)), x.blank_share > HARDLY_BLANK, once and len(x.unique) == len(x.values))
        for x in fitting
    }
    return sorted(worse, key=lambda name: worse[name])


def _is_code(look: Look) -> bool:
    """Whether all values are letters, a hyphen and digits: ABC-1038 is a number of something, no money below zero."""
    return bool(look.unique.str.fullmatch(CODE).all())


def _elsewhere(name: str, need: str) -> bool:
    """Whether a name is known for something else than a need."""
    same = {"amount": ("amount", "unit_price")}.get(need, (need,))
    other = [field for field in words()["fields"] if field not in same]
    known = {*words()["refunded"], *words()["updated"], *words()["extras"], *words()["profit"], *words()["facts"]}
    return any(rank(name, field) is not None for field in other) or plain(name) in known
