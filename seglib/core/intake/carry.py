"""What an export says once per order counts for all lines of that order: shops leave the other cells blank."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import ibis

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.intake.findings import Note
from seglib.core.intake.meanings import MOST_WORDS, kind
from seglib.core.sections import Rules

TRUE_MINUS = chr(0x2212)
MINUS = rf"^\s*[-({TRUE_MINUS}]|[-{TRUE_MINUS}]\s*$"  # before the number, around it or behind it
MONEY = ("quantity", "unit_price", "amount")
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


def refunds_named(
    engine: Engine, table: Table, columns: Sequence[str], rules: Rules, keep: Callable[[Table, str], Table]
) -> tuple[Table, list[Note]]:
    """Give a refund that names no customer that of its order: marketplaces and tills write it on the sale only.

    So does one that names the order which it undoes and another customer: a payment service writes the shop there.

    Parameters
    ----------
    table : Table
        Order lines as text.
    columns : sequence of str
        Columns that the source has.
    rules : Rules
        What the plan says of kinds.
    keep : callable
        Computes a table once, under a name.

    Returns
    -------
    Table and list of Note
        Filled only where all sales of that order number name one and the same customer; one note where any is.
    """
    if "refund_of" not in columns and not _partly_blank(engine, table, ["customer_id"]):
        return table, []
    back, number = _is_refund(engine, table, columns, rules), trimmed(table.order_id)
    of = (~_blank(table, "refund_of")).ifelse(trimmed(table.refund_of), number) if "refund_of" in columns else number
    rows = table.mutate(_back=back, _number=number, _of=of)
    sales = rows.filter(~rows._back & (rows._number != "")).group_by("_number")
    named = sales.aggregate(
        _low=ibis._.customer_id.min(), _high=ibis._.customer_id.max(), _none=_blank(rows, "customer_id").sum()
    )
    sole = named.filter((named._low == named._high) & (named._none == 0)).select(_of="_number", _who="_low")
    joined = rows.left_join(sole, "_of")
    other = _blank(joined, "customer_id")
    if "refund_of" in columns:
        other |= ~_blank(joined, "refund_of") & (trimmed(joined.customer_id) != trimmed(joined._who))
    lent = joined._back & other & joined._who.notnull()
    count = int(engine.scalar(lent.sum().fill_null(0)))
    if not count:
        return table, []
    filled = joined.mutate(customer_id=lent.ifelse(joined._who, joined.customer_id)).select(table.columns)
    what = "refunds without a customer or with that of another order, taken from their order"
    note = Note("V21", what, "notice", "orders", count)
    return keep(filled, "orders-refunds-text"), [note]


def _is_refund(engine: Engine, table: Table, columns: Sequence[str], rules: Rules) -> Any:
    """Whether a row gives money back: by a minus, or by its kind."""
    said = [trimmed(table[name].fill_null("")).re_search(MINUS) for name in MONEY if name in columns]
    if "kind" in columns:
        words = engine.frame(table.select("kind").distinct().limit(MOST_WORDS))["kind"].dropna()
        said += [table.kind.isin([word for word in words if kind(word, rules)[0] == "refund"]).fill_null(False)]
    return functools.reduce(operator.or_, said) if said else ibis.literal(False)
