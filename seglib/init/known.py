"""What is known of a recognised export, held against its rows: where these say otherwise, they win."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.repeated import NUMBERED, places
from seglib.init.beside import several
from seglib.init.figures import level, order_key, percent
from seglib.init.guess import NUMBERS, Guess
from seglib.init.names import counted
from seglib.init.sums import CENT, LEAST_TELLING, NEARLY_ALL
from seglib.init.systems import Known, Sum

MONEY = (*NUMBERS, "refunded")
OWN_SHARE = 0.5  # of the rows on which the shop's own address stands as who was paid
WITHOUT_TAX, WITH_TAX = (re.compile(rf"(?i)(?:^|[_ .]){word}(?:$|[_ .])") for word in ("(?:excl|ex)", "(?:incl|inc)"))
NUMBER = re.compile(r" \(\d+\)$")
WAYS = ("discount", "refunded", "cost", "amounts")


def money_as_known(made: Guess, known: Known, given: Mapping[str, str]) -> tuple[Guess, bool]:
    """Take the columns of money as the documentation says, where the rows bear its sums out.

    Parameters
    ----------
    made : Guess
        Who, which and when are known.
    known : Known
        The recognised export.
    given : mapping of str to str
        Columns that the user named; with one of money, the rows decide about the others.

    Returns
    -------
    Guess and bool
        The guess, and whether money is decided.
    """
    columns = _one_basis({f: names for f in MONEY if (names := [n for n in known.names(f) if _number(made, [n])])})
    if not {"unit_price", "amount"} & {*columns} or {*MONEY} & {*given}:
        return made, False
    met = [(one, *_held(made, known, one)) for one in known.export.adds_up]
    wrong = [one for one in met if one[2] and one[1] < NEARLY_ALL]
    if wrong:
        said = f"{known.system.title} says that {text(wrong[0][0], known)}, which holds {_on(*wrong[0])}"
        return made.with_columns({}, unsure=f"{said}: so the rows decide what the columns of money are"), False
    said = "; ".join(f"{text(one[0], known)} {_on(*one)}" for one in met if one[2])
    for one in (one[0] for one in met if one[2] and one[1] < 1):
        made = made.with_columns({}, unsure=_not_met(made, known, one))
    dropped = {field: None for field in MONEY if field not in columns}
    taken = {key: None for key, name in made.columns.items() if name in columns.values() and key not in MONEY}
    made = made.with_columns({**taken, **dropped, **columns}, f"the rows bear it out: {said}" if said else "")
    made = _ruled(_less_extras(made, known), known)
    if known.export.once and order_key(made).duplicated().any() and not _on_one_row(made):
        made = replace(made, once_per_order=True)
    return made, True


def _on_one_row(made: Guess) -> bool:
    """Whether the amount of an order stands on one of its rows, the others being blank: then it counts once anyway."""
    amount = made.look("amount")
    if amount is None:
        return False
    each = amount.numbers.groupby(order_key(made)).agg(["count", "size"])
    several = each[each["size"] > 1]
    return bool((several["count"] == 1).mean() >= NEARLY_ALL)


def _one_basis(found: Mapping[str, list[str]]) -> dict[str, str]:
    """The first column for each field of money; with tax for all of them where one does not stand without."""
    first = {field: names[0] for field, names in found.items()}
    bare = [field for field, name in first.items() if WITHOUT_TAX.search(name)]
    taxed = {field: next((n for n in names if WITH_TAX.search(n)), None) for field, names in found.items()}
    if not bare or not any(WITH_TAX.search(name) for name in first.values()):
        return first
    return {field: taxed[field] or name for field, name in first.items()}


def _less_extras(made: Guess, known: Known) -> Guess:
    """Take what the amount holds beside the goods off, where it is the documented total that holds them."""
    total = next(iter(known.names("amount")), None)
    held_too = [n for n in known.names("amount_extras") if _number(made, [n]) and made.looks[n].numbers.abs().max() > 0]
    if total is None or made.columns.get("amount") != total or not known.export.columns.get("amount_extras"):
        return made
    made = made.with_columns({}, unsure=_still_held(made, known, total, held_too))
    if not held_too:
        return made
    less = " and ".join(f"'{name}' ({made.looks[name].numbers.abs().sum():,.2f})" for name in held_too)
    return several(made, "amount_extras", held_too).with_columns({}, f"'{total}' holds {less}, which come off it")


def _still_held(made: Guess, known: Known, total: str, extras: Sequence[str]) -> str:
    """Say how much more than the goods of another column a total is, without what it is known to hold beside them."""
    goods = _number(made, [name for name in known.names("amount") if name != total])
    if goods is None:
        return ""
    rest = made.looks[total].numbers - _together(made, extras)
    more = rest - made.looks[goods].numbers
    gap = more[more > CENT]
    if len(gap) <= (1 - NEARLY_ALL) * len(rest):
        return ""
    less = "".join(f" less '{name}'" for name in extras)
    said = f"on {counted(len(gap), 'row')} '{total}'{less} is more than '{goods}', by {gap.sum():,.2f} together"
    return f'{said}: tax, it seems, that no column says and that counts; --column amount="{goods}" leaves it out'


def _ruled(made: Guess, known: Known) -> Guess:
    """Add the rules of the documentation; where orders of several lines show another level, that one."""
    for key in (way for way in WAYS if way in known.export.rules):
        value = known.export.rules[key]
        look = made.look(key)
        if key == "amounts":
            made = made.ruled(key, value) if value != "main" else made
        elif look is not None:
            seen = level(look.numbers.mask(look.numbers == 0), order_key(made))
            told = value in ("line", "order", "order_repeated") and key != "cost" and seen == "order_repeated"
            if told and value != seen and _is_repeated(look.numbers, order_key(made)):
                doubt = f"'{look.name}' is repeated on the lines of its order, so it counts once"
                made, value = made.with_columns({}, unsure=doubt), seen
            made = made.ruled(key, value)
    return made


def _is_repeated(numbers: pd.Series[float], order: pd.Series[str]) -> bool:
    """Whether amounts of different size each stand on all lines of their order."""
    return int(numbers[numbers.fillna(0) != 0].nunique()) > 1 and bool(order.duplicated().any())


def _held(made: Guess, known: Known, one: Sum) -> tuple[float, int]:
    """On which share of how many rows or orders a sum of the documentation holds; 0 rows where it cannot be tested."""
    found = _compared(made, known, one)
    if found is None or len(found) < LEAST_TELLING:
        return 0.0, 0
    return float(_meets(found).mean()), len(found)


def _meets(found: pd.DataFrame) -> pd.Series[bool]:
    return (found["made_of"] - found["wanted"]).abs() <= CENT * found["size"]


def _not_met(made: Guess, known: Known, one: Sum) -> str:
    """Say on how many rows or orders a sum does not hold, and by how much money."""
    found = _compared(made, known, one)
    if found is None:
        return ""
    other = found[~_meets(found)]
    gap = (other["made_of"] - other["wanted"]).sum()
    less = [f"'{column}'" for name in one.less if (column := known.column(name))]
    what = counted(len(other), "order" if one.of == "order" else "row")
    way = "less" if gap > 0 else "more"
    why = (
        f"; what {' or '.join(less)} holds beside them, such as what came off shipping, is taken off as well"
        if less
        else ""
    )
    return f"on {what} it does not hold that {text(one, known)}, which is {abs(gap):,.2f} {way} than the rest{why}"


def _compared(made: Guess, known: Known, one: Sum) -> pd.DataFrame | None:
    """What a sum comes to and what its total says, for each row or order that tells; None where a column is missing."""
    total = known.column(one.total)
    factors = [known.column(name) for name in one.money]
    if total is None or any(name is None for name in factors):
        return None
    numbers = {name: made.looks[name].numbers for name in (*factors, total) if name}
    money = pd.Series(np.prod([numbers[str(name)].to_numpy() for name in factors], axis=0))
    less, plus = (_added(made, known, names) for names in (one.less, one.plus))
    wanted = numbers[total].reset_index(drop=True)
    less = less.abs().where(~(money < 0), -less.abs())  # on a row below zero the discount comes back as well
    made_of, size = money - less + plus, pd.Series(1, index=money.index)
    if one.of == "order":
        order = order_key(made).reset_index(drop=True)
        repeated = known.export.rules.get("discount") == "order_repeated"
        off = less.groupby(order)
        parts = money.fillna(0).groupby(order).sum() - (off.max() if repeated else off.sum())
        extra = plus.groupby(order)
        told = extra.max() if repeated and level(plus, order) == "order_repeated" else extra.sum()
        made_of, wanted, size = parts + told, wanted.groupby(order).first(), order.value_counts()
        size = size.reindex(made_of.index)
    tested = made_of.notna() & wanted.notna() & (wanted.abs() + made_of.abs() > CENT)
    return pd.DataFrame({"made_of": made_of, "wanted": wanted, "size": size})[tested]


def _added(made: Guess, known: Known, names: Sequence[str]) -> pd.Series[float]:
    columns = [column for name in names if (column := known.column(name))]
    return _together(made, columns).reset_index(drop=True)


def _together(made: Guess, columns: Sequence[str]) -> pd.Series[float]:
    """The sum of columns on each row; a blank is nothing."""
    none = pd.Series(0.0, index=next(iter(made.looks.values())).values.index)
    return sum((made.looks[name].numbers.fillna(0) for name in columns), none)


def text(one: Sum, known: Known) -> str:
    """Write a sum as a sentence, with the columns of the file.

    Examples
    --------
    >>> from seglib.init.systems import recognise
    >>> shop = recognise(["Lineitem price", "Lineitem quantity", "Subtotal", "Financial Status", "Paid at", "Name"])
    >>> text(shop.export.adds_up[0], shop)
    "'Lineitem price' times 'Lineitem quantity' is 'Subtotal'"
    """
    there = [f"'{known.column(name)}'" for name in one.money]
    less = [f" less '{column}'" for name in one.less if (column := known.column(name))]
    plus = [f" and '{column}'" for name in one.plus if (column := known.column(name))]
    return f"{' times '.join(there)}{''.join(less)}{''.join(plus)} is '{known.column(one.total)}'"


def _on(one: Sum, share: float, rows: int) -> str:
    return f"on {percent(share)} of {rows:,} {'orders' if one.of == 'order' else 'rows'}"


def _number(made: Guess, names: Sequence[str]) -> str | None:
    return next((n for n in names if n in made.looks and made.looks[n].is_number and len(made.looks[n].unique)), None)


def keyed(made: Guess, known: Known) -> Guess:
    """Take the key of a row and the time of its last change, where the key is different on every row."""
    key = next(iter(known.names("line_id")), None)
    if key is None or "line_id" in made.columns or made.once_per_order:
        return made
    values = made.looks[key].values
    if values.isna().any() or values.duplicated().any():
        return made
    changed = next(
        (n for n in known.names("updated_at") if made.looks[n].dates and not made.looks[n].blank_share), None
    )
    said = f"'{key}' is the key of a row: a later file replaces the rows that it repeats"
    return made.with_columns({"line_id": key, "updated_at": changed}, said)


def own_address(made: Guess, known: Known) -> Guess:
    """Leave out who was paid on most rows: the shop itself, as the payer of refunds and of its own bills."""
    paid = next((column for name in known.export.own if (column := known.column(name))), None)
    buyer = made.look("customer_id")
    if paid is None or buyer is None:
        return made
    counted = made.looks[paid].filled.value_counts()
    if not len(counted) or counted.iloc[0] < OWN_SHARE * counted.sum() or not (buyer.filled == counted.index[0]).any():
        return made
    rows = int((buyer.filled == counted.index[0]).sum())
    said = (
        f"the address that is paid on most rows of '{paid}' is the shop's own: {rows:,} rows on which it pays have no"
    )
    said += " customer (rules.not_customers); refunds take theirs from the payment that they undo"
    return replace(made.with_columns({}, said), nobody=tuple(dict.fromkeys([*made.nobody, str(counted.index[0])])))


def unborne(made: Guess, known: Known) -> Guess:
    """Say where the rows have made another column the order, the customer or the time than the documentation."""
    for field in ("order_id", "customer_id", "ordered_at"):
        names, taken = known.names(field), made.columns.get(field)
        parts = made.lists.get(taken or "", (taken,))
        if names and taken is not None and not {*parts} & {*names}:
            said = (
                f"{known.system.title} calls it '{names[0]}', but its cells do not bear that out: {field} is '{taken}'"
            )
            made = made.with_columns({}, unsure=said)
    return made


def refuse_twice(made: Guess, given: Mapping[str, str], label: str) -> None:
    """Refuse to choose between columns of one name, unless the user or a known system says which is meant."""
    for key, name in made.columns.items():
        base = NUMBER.sub("", name)
        at = places(base, list(made.looks)) if name in made.looks and base != name else ()
        if at and key not in given and not (made.known is not None and name in made.known.names(key)):
            columns = " and ".join(str(number) for number in at)
            do = f'say which one is meant: --column {key}="{NUMBERED.format(base, 1)}"'
            raise InputRefused(Finding("F05", "column name twice", label, 1, base, f"columns {columns}", do))
