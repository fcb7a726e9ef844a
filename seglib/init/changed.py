"""Rows that change an order: that name the one which they undo, or tell it again with a later state."""

from __future__ import annotations

import re

from seglib.init.figures import is_of
from seglib.init.guess import Guess
from seglib.init.names import counted, plain
from seglib.init.roles import HARDLY_BLANK

SAME_ORDERS_SHARE = 0.5  # of the orders that a refund names, the others being older than the file
CHANGED = re.compile(r"chang|updat|modif|aktualis|geandert|aenderung|anderung|actualiz|aggiorn|bijgewerkt|gewijzigd")


def refund_of(made: Guess) -> Guess:
    """Find a column that names other orders of the file on some rows, by a name that says so."""
    order = made.look("order_id")
    if order is None or made.once_per_order:
        return made
    known, own = {*order.filled}, order.values.str.strip()
    for name, look in made.looks.items():
        is_named = is_of(name, "refund_of") or (made.known is not None and name in made.known.names("refund_of"))
        if not is_named or name in made.columns.values() or not len(look.filled):
            continue
        other = look.values.str.strip()
        named = other.notna() & (other != own)
        if named.any() and other[named].isin(known).mean() >= SAME_ORDERS_SHARE:
            said = f"'{name}' names the order that a row undoes, on {counted(int(named.sum()), 'row')}"
            return made.with_columns({"refund_of": name}, said)
    return made


def latest(made: Guess) -> Guess:
    """Let the latest row count of orders that are told several times, once for each change of their state."""
    order = made.look("order_id")
    free = {name: look for name, look in made.looks.items() if name not in made.columns.values()}
    changed = [n for n, look in free.items() if look.dates and (is_of(n, "updated") or CHANGED.search(plain(n)))]
    if order is None or not made.once_per_order:
        return made
    told = made.known.names("line_id")[:1] if made.known is not None else ()
    key = told[0] if told else order.name
    columns: dict[str, str | None] = {"line_id": key}
    said = f"an order stands on several rows of '{key}' and counts once"
    changed = [*(made.known.names("updated_at") if made.known is not None else ()), *changed]
    full = [name for name in changed if made.looks[name].blank_share <= HARDLY_BLANK]
    if full:
        columns["updated_at"] = full[0]
        return made.with_columns(columns, f"{said}: the row with the latest '{full[0]}'")
    return made.with_columns(columns, said)
