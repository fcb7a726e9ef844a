"""What an export says once per order counts for all lines of that order: shops leave the other cells blank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.intake.findings import Note

OF_THE_ORDER = ("customer_id", "status", "currency", "channel", "country", "region", "city")


def carried(
    engine: Engine, table: Table, columns: Sequence[str], keep: Callable[[Table, str], Table]
) -> tuple[Table, list[Note]]:
    """Fill blank cells of an order line from the other lines of its order, where these agree.

    First the time, by order number; then whatever else belongs to an order, by order number and time, so that a number
    that is used again in another year or shop lends nothing. At last a refund that names no customer takes that of the
    order which it undoes.

    Parameters
    ----------
    table : Table
        Order lines as text.
    columns : sequence of str
        Columns that the source has.
    keep : callable
        Computes a table once, under a name.

    Returns
    -------
    Table and list of Note
        The same table when there is nothing to fill; one note for each column that was filled.
    """
    notes: list[Note] = []
    for key, names in ((("order_id",), ("ordered_at",)), (("order_id", "ordered_at"), OF_THE_ORDER)):
        partly = _partly_blank(engine, table, [name for name in names if name in columns])
        if partly:
            table, filled = _filled(engine, table, key, partly, keep)
            notes += filled
    if {"customer_id", "refund_of"} <= {*columns}:
        table, lent = _of_the_undone(engine, table, keep)
        notes += lent
    return table, notes


def _of_the_undone(engine: Engine, table: Table, keep: Callable[[Table, str], Table]) -> tuple[Table, list[Note]]:
    """Give a row without a customer that of the order which it undoes: marketplaces name nobody on a refund."""
    nobody = _blank(table, "customer_id")
    wanting = nobody & ~_blank(table, "refund_of")
    named = table.filter(~nobody & ~_blank(table, "order_id"))
    buyers = named.group_by(order=trimmed(named.order_id)).aggregate(
        low=named.customer_id.min(), high=named.customer_id.max()
    )
    staged = table.mutate(undone=wanting.ifelse(trimmed(table.refund_of), None))
    joined = staged.left_join(buyers.filter(buyers.low == buyers.high), [("undone", "order")])
    count = int(engine.scalar(joined.low.count()))
    if not count:
        return table, []
    filled = joined.mutate(customer_id=joined.low.fill_null(joined.customer_id)).select(table.columns)
    what = "refunds that name no customer: it is that of the order which they undo"
    return keep(filled, "orders-undone-text"), [Note("F28", what, "notice", "orders", count)]


def _blank(table: Table, name: str) -> Any:
    return trimmed(table[name].fill_null("")) == ""


def _partly_blank(engine: Engine, table: Table, names: list[str]) -> list[str]:
    """Name the columns that are blank on some lines and not on others."""
    if not names:
        return []
    counts = engine.frame(table.aggregate(rows=table.count(), **{n: _blank(table, n).sum() for n in names})).iloc[0]
    return [name for name in names if 0 < (counts[name] or 0) < counts["rows"]]


def _filled(
    engine: Engine, table: Table, key: tuple[str, ...], names: list[str], keep: Callable[[Table, str], Table]
) -> tuple[Table, list[Note]]:
    known = [(name, (~_blank(table, name)).ifelse(table[name], None)) for name in names]
    ends = {f"{end}_{n}": getattr(v, how)() for n, v in known for end, how in (("low", "min"), ("high", "max"))}
    numbered = table.filter(~_blank(table, "order_id"))
    spoken = numbered.group_by(key).aggregate(**ends)
    joined = table.left_join(spoken, key)
    lent = {
        name: _blank(table, name) & (joined[f"low_{name}"] == joined[f"high_{name}"]).fill_null(False) for name in names
    }
    counts = engine.frame(joined.aggregate(**{name: lent[name].sum() for name in names})).iloc[0]
    used = [name for name in names if counts[name]]
    if not used:
        return table, []
    filled = joined.mutate(**{n: lent[n].ifelse(joined[f"low_{n}"], joined[n]) for n in used}).select(table.columns)
    what = "blank {}, taken from another line of the same order"
    notes = [Note("V21", what.format(name), "notice", "orders", int(counts[name])) for name in used]
    return keep(filled, f"orders-{'-'.join(key)}-text"), notes
