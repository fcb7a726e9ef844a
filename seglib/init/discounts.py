"""Whether a discount comes off the lines, stands once per order, is a share, or is in the prices already."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd

from seglib.core.delivered import TAX
from seglib.init.below import total_below
from seglib.init.beside import ALIKE, less_extras, several
from seglib.init.composed import unqualified
from seglib.init.figures import added_up, discounts_of, is_of, level, named, order_key, percent
from seglib.init.guess import Guess, Question
from seglib.init.holding import held
from seglib.init.names import WORD_ENDS, in_full, with_tax
from seglib.init.payouts import before_fees, is_fee, with_what_is_due
from seglib.init.sums import CENT, LEAST_TELLING, NEARLY_ALL, Equation, OrderSum, names_of, order_sum

PER_CENT = ("percent", "pct", "prozent", "rate", "share", "porcentaje", "pourcentage", "percentuale")
SPOKEN = {
    "line": "comes off its line",
    "order": "stands on one line of the order and comes off the whole order",
    "order_repeated": "stands on each line of the order and comes off once",
    "share": "is a share of the line's money and comes off",
    "included": "is in the prices already, so it does not come off again",
}
MOST_DISCOUNTS = 3
WHOLE = re.compile(r"total(?!ex|net|ht)|grand|gesamt|summe|paid|bezahlt|charged|brut|gross|ttc|incl|inkl")
BARE = re.compile(r"(?i)\bh\.?t\b|nett?o|\bnet\b|e[xk][ck]l")
FINAL = {"net", "netto", "paid", "final", "grand", "charged", "due", "bezahlt", "payé", "pagado"}


def discounts(made: Guess, frame: pd.DataFrame, found: Sequence[Equation], given: Mapping[str, str]) -> Guess:
    """Decide what the discount is, by arithmetic where a column shows it.

    Parameters
    ----------
    made : Guess
        Price, quantity and amount are decided.
    frame : DataFrame
        The number columns.
    found : sequence of Equation
        Equations that the lines meet.
    given : mapping of str to str
        Columns that the user named.
    """
    if "unit_price" not in made.columns and "amount" in made.columns:
        made = _goods(made if "amount" in given else _whole(made, frame), frame, given)
    if "discount" in made.rules:
        return made
    every = [given["discount"]] if "discount" in given else discounts_of(names_of(frame))
    every = [name for name in every if frame[name].abs().max() > 0]
    names = [name for name in every if name in given.values() or name in named(every, "discount")]
    if "unit_price" not in made.columns:
        return _beside_total(made, names[0], frame, given) if names else made.with_columns({"discount": None})
    same = {e.total for e in found if not e.how and not FINAL & {*WORD_ENDS.split(e.total.lower())}}
    sums = {name: added for name in every if (added := _with_total(made, frame, name, same)) is not None}
    met = max((_met(one) for one in sums.values()), default=0.0)
    if (both := _both(made, every, frame, same, met)) is not None:
        return both
    if sums:
        name = max(sums, key=lambda one: sums[one].share)
        return _stated(made, name, sums[name], frame)
    return _by_pattern(made, names, frame, found) if names else made


def _whole(made: Guess, frame: pd.DataFrame) -> Guess:
    """What the customer was charged: before the shop's own fee, and with what is still due."""
    return with_what_is_due(before_fees(made, frame), frame)


def _with_total(made: Guess, frame: pd.DataFrame, discount: str, same: Collection[str]) -> OrderSum | None:
    """Add up the lines; a total that is price times quantity on each line says nothing of the discount."""
    totals = [name for name in named(names_of(frame), "amount") if name not in {*made.columns.values(), *same}]
    return added_up(made, frame, discount, totals) if totals else None


def _both(made: Guess, names: Sequence[str], frame: pd.DataFrame, same: Collection[str], alone: float) -> Guess | None:
    """Two discounts that come off together, where both lead to a total in more orders than one of them alone."""
    for pair in combinations(names[:MOST_DISCOUNTS], 2):
        joined = several(made, "discount", pair)
        name = joined.columns["discount"]
        added = _with_total(made, frame.assign(**{name: frame[list(pair)].abs().sum(axis=1)}), name, same)
        way = {"line": "order", "order_repeated": "order_repeated"}.get(added.discount, "") if added is not None else ""
        if added is not None and way and _met(added) > alone + 0.5:
            return _stated(joined, name, replace(added, discount=way), frame)
    return None


def _met(added: OrderSum) -> float:
    """Orders with a discount whose lines meet the total."""
    return added.share * added.orders


def _stated(made: Guess, name: str, added: OrderSum, frame: pd.DataFrame) -> Guess:
    way = added.discount
    if way == "included" and (after := _taken_after(frame, added.total, name)):
        way = level(frame[name], order_key(made))
        said = (
            f"'{name}' {SPOKEN[way]}: the lines meet '{added.total}', which is before it, and less it that is '{after}'"
        )
        return made.with_columns({"discount": name}).ruled("discount", way, said)
    if way == "line" and level(frame[name], order_key(made)) == "order":
        way = "order"
    more = "".join(f" and '{extra}'" for extra in added.extras)
    less = "" if way == "included" else f" less '{name}'"
    said = f"the lines{less}{more} meet '{added.total}'"
    said += f" in {percent(added.share)} of {added.orders:,} orders with a discount"
    made = made.with_columns({"discount": name}).ruled("discount", way, f"'{name}' {SPOKEN[way]}: {said}")
    if way != "included" or added.extras or "subtotal" not in in_full(added.total):
        return made
    text = f"'{added.total}' may be before the discount of the order: does '{name}' still come off it?"
    other = level(frame[name], order_key(made))
    return made.asking(Question("discount", text, ("included", other), "included"))


def _taken_after(frame: pd.DataFrame, total: str, discount: str) -> str:
    """A column to which a total less a discount, and less one column more at most, leads; empty where there is none."""
    rows = (frame[discount].abs() > CENT) & frame[total].notna()
    left = frame[total] - frame[discount].abs()
    rest = [name for name in names_of(frame) if name not in (total, discount)]
    for name, more in [(n, "") for n in rest] + [(n, m) for n in rest for m in rest if n != m]:
        paid = left - (frame[more].abs().fillna(0) if more else 0.0)
        met = ((paid - frame[name]).abs() <= CENT)[rows & frame[name].notna()]
        used = not more or bool((frame[more].abs() > CENT).any())
        if len(met) >= LEAST_TELLING and met.mean() >= NEARLY_ALL and used:
            return f"{name}' and '{more}" if more else name
    return ""


def _by_pattern(made: Guess, names: Sequence[str], frame: pd.DataFrame, found: Sequence[Equation]) -> Guess:
    """What the rows of orders show where no total does; the user is asked."""
    name = names[0]
    off = frame[name].abs()
    spoken = in_full(name)
    if any(e.discount == name and e.total == made.columns.get("unit_price") for e in found):
        return made.with_columns({"discount": name}).ruled("discount", "included")
    if _is_share(name, off):
        way = "share"
    else:
        way = level(frame[name], order_key(made))
        way = "line" if way == "order" and ("line" in spoken or "item" in spoken) else way
    made = made.with_columns({"discount": name}, unsure=f"'{name}' {SPOKEN[way]}; no total of the file proves it")
    if len(names) > 1:
        others = ", ".join(f"'{other}'" for other in names[1:])
        made = made.with_columns({}, unsure=f"{others} holds amounts as well and is not read: a plan has one discount")
    text = f"does '{name}' still come off '{made.columns['unit_price']}', or is it in it already?"
    return made.ruled("discount", way).asking(Question("discount", text, (way, "included"), way))


def _is_share(name: str, off: pd.Series[float]) -> bool:
    """Whether a discount is a share: by its name, or since none is above 1 and some are fractions."""
    spoken = in_full(name)
    by_name = any(word in spoken for word in PER_CENT) or "%" in name
    fractions = bool(off.max() <= 1 and (off.dropna() % 1 != 0).any())
    return fractions or (by_name and off.max() <= 100)


def _beside_total(made: Guess, name: str, frame: pd.DataFrame, given: Mapping[str, str]) -> Guess:
    """A discount beside totals: these are what was charged, unless the user says otherwise."""
    amount = made.columns["amount"]
    if _is_share(name, frame[name].abs()):
        if given.get("discount") == name:
            said = f"'{name}' is a share of '{amount}' and comes off it, as you say"
            return made.with_columns({"discount": name}, understood=said).ruled("discount", "share")
        said = f"'{name}' looks like a share, not money: left out, since '{amount}' is taken as what was charged"
        return made.with_columns({"discount": None}, unsure=said)
    text = f"is '{name}' in '{amount}' already, or does it still come off?"
    made = made.with_columns({"discount": name}, unsure=f"'{amount}' is taken as what was charged, after '{name}'")
    way = level(frame[name], order_key(made))
    return made.ruled("discount", "included").asking(Question("discount", text, ("included", way), "included"))


def _goods(made: Guess, frame: pd.DataFrame, given: Mapping[str, str]) -> Guess:
    """Of several totals take that of the goods: the one that a discount, shipping and tax lead from to another."""
    amounts = _of_lines(made, frame)
    extras = [n for n in names_of(frame) if is_of(n, "extras") and not is_fee(n) and frame[n].abs().max() > 0]
    order = order_key(made)
    single = frame[~order.duplicated()] if made.once_per_order else frame
    order = order[single.index]
    found = _leading(made, single, order, given)
    is_once = not order.duplicated().any()
    if not found and not is_once:  # money of lines, each with its own total
        found = _leading(made, single, pd.Series(range(len(single)), index=single.index).astype("str"), given)
    if not found and "amount" not in given and (below := _below(made, single, order)) is not None:
        return below
    if not found:
        bare = None if "amount" in given else less_extras(made, single, amounts, extras)
        return bare or _with_extras(made, single, extras, is_once)
    return _taken(made, single, order, found, amounts, extras)


def _of_lines(made: Guess, frame: pd.DataFrame) -> list[str]:
    """Columns of money by name; where the amount is that of each line, none that the lines of an order repeat."""
    names = [name for name in named(names_of(frame), "amount") if name != made.columns.get("quantity")]
    own, order = made.columns["amount"], order_key(made)
    if made.once_per_order or own not in frame or level(frame[own], order) != "line":
        return names
    return [name for name in names if name == own or level(frame[name], order) != "order_repeated"]


def _below(made: Guess, single: pd.DataFrame, order: pd.Series[str]) -> Guess | None:
    """Goods before a discount, of which a total is too small for the discount to be in them."""
    amounts = [name for name in named(names_of(single), "amount") if name != made.columns.get("quantity")]
    for off in discounts_of(names_of(single)):
        for goods in amounts:
            if (total := total_below(single, goods, off)) is not None:
                said = f"'{off}' comes off '{goods}': '{total}' is mostly less than '{goods}' and its shipping"
                now = made.with_columns({"amount": goods, "discount": off}, said)
                return now.ruled("discount", level(single[off], order))
    return None


def _leading(
    made: Guess, single: pd.DataFrame, order: pd.Series[str], given: Mapping[str, str]
) -> list[tuple[str, str, OrderSum]]:
    """Totals from which a discount, shipping and tax lead to another, with that discount."""
    amounts = [name for name in named(names_of(single), "amount") if name != made.columns.get("quantity")]
    extras = [n for n in names_of(single) if is_of(n, "extras") and not is_fee(n) and single[n].abs().max() > 0]
    offs = [name for name in discounts_of(names_of(single)) if single[name].abs().max() > 0]
    found = []
    for goods in [given["amount"]] if "amount" in given else _of_lines(made, single):
        totals = [name for name in amounts if name != goods and not single[name].equals(single[goods])]
        for off in offs or [""]:
            added = order_sum(single, order, goods, off, totals, extras) if totals else None
            if added is not None and (added.extras or added.discount != "included"):
                found.append((goods, off, added))
    return found


def _taken(
    made: Guess,
    single: pd.DataFrame,
    order: pd.Series[str],
    found: Sequence[tuple[str, str, OrderSum]],
    amounts: Sequence[str],
    extras: Sequence[str],
) -> Guess:
    """Take the goods of the sums that were found."""
    goods, off, added = _least(single, found)
    less = f" less '{off}'" if added.discount != "included" else ""
    more = "".join(f" and '{extra}'" for extra in added.extras)
    met = f"{percent(added.share)} of {added.orders:,} orders"
    said = f"'{goods}'{less}{more} is '{added.total}' in {met}, so '{goods}' counts"
    made = made.with_columns({"amount": goods, "discount": off or None}, said)
    bare = less_extras(made, single, amounts, extras, goods) if added.discount == "included" else None
    made, way = bare or made, added.discount
    if way == "line" and level(single[off], order) == "order":
        way = "order"
    return made.ruled("discount", way) if off else made


def _least(single: pd.DataFrame, found: Sequence[tuple[str, str, OrderSum]]) -> tuple[str, str, OrderSum]:
    """Of sums that hold about equally often the one with least goods: one total may be the goods of the next."""
    best = max(added.share for _, _, added in found)
    alike = [one for one in found if one[2].share >= best - ALIKE]

    def sold(one: tuple[str, str, OrderSum]) -> tuple[float, bool]:
        off = single[one[1]].abs().sum() if one[2].discount != "included" else 0.0
        return round(float(single[one[0]].sum() - off), 2), one[2].discount == "included"

    return min(alike, key=sold)


def _with_extras(made: Guess, once: pd.DataFrame, extras: Sequence[str], is_once: bool) -> Guess:
    """Take off a total what it surely holds; say what it may hold, and how to take that off."""
    amount = made.columns["amount"]
    if not extras and is_once and made.known is None and WHOLE.search(in_full(amount)):
        said = f"whether '{amount}' holds shipping and tax the file does not tell: if it does, export these as well"
        return made.with_columns({}, unsure=said)
    if not extras or amount in extras or "amount_extras" in made.columns:
        return made
    found = held(once, amount, extras) if is_once else ()
    if found:
        told = " and ".join(f"'{name}' ({once[name].abs().sum():,.2f})" for name in found)
        said = f"'{amount}' holds {told}, as rates of tax and sums that come again show: these come off (amount_extras)"
        return several(made, "amount_extras", found).with_columns({}, said)
    if (unqualified(amount) != amount or BARE.search(amount)) and not with_tax(
        amount
    ):  # it says itself that no tax is in it
        extras = [name for name in extras if not TAX.search(name)]
    if not extras:
        return made
    named_so = ", ".join(f"'{name}' ({once[name].abs().sum():,.2f})" for name in extras[:4])
    how = f'--column amount_extras="{extras[0]}" takes it off'
    return made.with_columns({}, unsure=f"'{amount}' may hold {named_so}, which are no goods: {how}")
