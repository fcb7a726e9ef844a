"""One order line once: of rows with one key the latest counts, and later files replace what earlier ones repeat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis

from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Fault, Note, located
from seglib.core.sources.headers import JOINED

SAME_LINE = ("customer", "order_id", "ordered_at", "product_id", "product_name", "quantity", "amount_minor")
DISAGREE = Fault(
    "V02",
    "rows of one line_id disagree, and nothing says which is later",
    "name the column of the last change in sources.orders.columns.updated_at, or correct line_id",
)
FIRST = datetime(1900, 1, 1)


def marked(engine: Engine, orders: Table, columns: tuple[str, ...], number: str, as_of: datetime) -> Table:
    """Add `again`: 0 where a row counts, more where another row of the same line replaces it.

    Parameters
    ----------
    orders : Table
        Typed order lines.
    columns : tuple of str
        Columns of the contract that the source has: with `line_id`, this key tells rows of one line, and `updated_at`
        which is later, as known at `as_of`. Without it a line stands in several files when customer, order, time,
        article, quantity and amount are the same.
    number : str
        Name of the order number in the file; a number made of other columns tells no orders of several files apart.
    as_of : datetime
        First instant after the quarter.
    """
    if "line_id" in columns:
        keyed = orders.line_id.notnull()
        place = ibis.row_number().over(group_by="line_id", order_by=[*_latest_first(orders, as_of), "source_line"])
        return orders.mutate(again=keyed.ifelse(place, 0).cast("int64"))
    if JOINED in number or int(engine.scalar(orders.source_file.nunique())) < 2:
        return orders.mutate(again=ibis.literal(0, "int64"))
    last = orders.source_file.max().over(group_by=list(SAME_LINE))
    return orders.mutate(again=(orders.source_file != last).ifelse(1, 0).cast("int64"))


def _latest_first(orders: Table, as_of: datetime) -> list[Any]:
    """Order rows of one line: what was known at as_of before what was not, the nearest to as_of first, then by file."""
    changed = orders.updated_at.fill_null(ibis.literal(FIRST).cast("timestamp"))
    known = changed < ibis.literal(as_of)
    seconds = changed.epoch_seconds()
    return [ibis.desc(known), known.ifelse(-seconds, seconds), ibis.desc("source_file")]


def disagreeing(engine: Engine, orders: Table, columns: tuple[str, ...], as_of: datetime) -> list[Finding]:
    """Refuse rows of one line that differ where neither time nor file says which is later."""
    if "line_id" not in columns:
        return []
    rank = ibis.dense_rank().over(group_by="line_id", order_by=_latest_first(orders, as_of))
    same = [name for name in orders.columns if name not in ("source_file", "source_line", "again")]
    latest = orders.filter(orders.line_id.notnull()).mutate(rank=rank).filter(ibis._.rank == 0)
    several = latest.group_by("line_id").agg(rows=latest.count()).filter(ibis._.rows > 1).select("line_id")
    if not int(engine.scalar(several.count())):
        return []
    kinds = latest.semi_join(several, "line_id").select(same).distinct().group_by("line_id").agg(kinds=ibis._.count())
    wrong = latest.semi_join(kinds.filter(ibis._.kinds > 1), "line_id")
    return located(engine, wrong, ibis.literal("rows"), {"rows": DISAGREE}, "line_id")


def notes(engine: Engine, orders: Table, columns: tuple[str, ...], number: str) -> list[Note]:
    """Say what could not be done: rows that files repeat without an order number, and times of change without a key."""
    said: list[Note] = []
    if "updated_at" in columns and "line_id" not in columns:
        do = "name the key of a row in sources.orders.columns.line_id where rows tell the changes of one order"
        said.append(Note("V02", "updated_at without line_id: it is not used", "notice", "orders", 1, do=do))
    if JOINED in number and "line_id" not in columns:
        same = [name for name in orders.columns if name not in ("source_file", "source_line", "again", "order_id")]
        files = orders.group_by(same).agg(files=orders.source_file.nunique(), line=orders.source_line.min())
        twice = engine.frame(files.filter(ibis._.files > 1).agg(n=ibis._.count(), line=ibis._.line.min())).iloc[0]
        if twice["n"]:
            what = "rows that are the same in several files, kept: no order number says whether they are one purchase"
            do = "export an order number, or deliver each order once"
            said.append(Note("F26", what, "notice", "orders", int(twice["n"]), int(twice["line"]), do))
    return said
