"""What came back: every refund, in whatever shape, belongs to the order line that it undoes, and counts once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from seglib.core.engine import Engine, Table
from seglib.core.intake.findings import Note
from seglib.core.intake.match import Matched, matched
from seglib.core.intake.rules import KEPT, NOT_KEPT, RETURNS
from seglib.core.intake.shapes import RETURNED
from seglib.core.intake.spread import ORDER

KEY = ("source_file", "source_line")
UNDONE = "refunded"  # state of orders that a row undoes before all others
FACTS = ("customer", "order_id", "ordered_at", "product", "money_minor", *KEY)


@dataclass(frozen=True)
class Counted:
    """Order lines with the money that counts, and what came back.

    Parameters
    ----------
    lines : Table
        With `returned_minor`, `amount_minor` (net, or gross), the `cost_minor` of what that is for, and the final
        `rule`.
    returns : Table
        One row for what came back of a line; and rows for which no purchase was found, with `is_matched` false.
    matching : Matched or None
        How the negative rows found their purchases; None where there are none.
    """

    lines: Table
    returns: Table
    matching: Matched | None


def with_returns(
    engine: Engine, lines: Table, is_net: bool, columns: Sequence[str], keep: Callable[[Table, str], Table]
) -> Counted:
    """Find the purchases that refunds undo, and say what is left of each line.

    Parameters
    ----------
    lines : Table
        Charged lines; rows that were given back are those at the rule ``"returns"``.
    is_net : bool
        Whether the money that counts is what was kept; then lines of which nothing is kept leave at a rule.
    columns : sequence of str
        Columns of the contract that the source has.
    keep : callable
        Computes a table once, under a name.
    """
    rows = lines.filter(lines.rule == RETURNS)
    found = _matched(engine, lines, rows, "refund_of" in columns) if int(engine.scalar(rows.count())) else None
    came = keep(_came_back(engine, lines, found), "orders-came-back")
    joined = lines.left_join(came.select(*KEY, "returned_minor"), list(KEY))
    back = joined.returned_minor.fill_null(0)
    counts = joined.gross_minor - back if is_net else joined.gross_minor
    gone = (joined.rule == KEPT) & (counts == 0)
    final = joined.mutate(
        returned_minor=back,
        amount_minor=counts.cast("int64"),
        cost_minor=_of_the_kept(joined.cost_minor, counts, joined.gross_minor, back),
        rule=gone.ifelse(NOT_KEPT, joined.rule),
    )
    return Counted(final.drop("source_file_right", "source_line_right"), _returns(engine, came, rows, found), found)


def _of_the_kept(cost: Any, counts: Any, gross: Any, back: Any) -> Any:
    """The cost of what was kept: goods of which half came back cost half; a half cent is rounded up."""
    part = cost.cast("float64") * counts.cast("float64") / gross.cast("float64").nullif(0)
    return ((back > 0) & (counts < gross)).ifelse((part + 0.5).floor().cast("int64"), cost)


def _came_back(engine: Engine, lines: Table, found: Matched | None) -> Table:
    """Keep the lines of which anything came back, and say how much: by rows, by a column, or by a state."""
    given = _by_rows(engine, lines.filter(lines.rule == KEPT), found)
    some = given.filter((given.rows_minor > 0) | (given.refunded_minor > 0) | (given.state == "refunded"))
    touched = given.semi_join(some.select(*ORDER).distinct(), list(ORDER))
    sums = {f"all_{name}": touched[name].sum().over(group_by=list(ORDER)) for name in ("rows_minor", "refunded_minor")}
    staged = touched.mutate(**sums)
    told = (staged.all_refunded_minor > staged.all_rows_minor).ifelse(staged.refunded_minor, staged.rows_minor)
    silent = (staged.all_refunded_minor == 0) & (staged.all_rows_minor == 0) & (staged.state == "refunded")
    back = silent.ifelse(staged.gross_minor, told).cast("int64")
    by_row = (staged.all_rows_minor >= staged.all_refunded_minor) & ~silent
    return staged.mutate(returned_minor=back, by_row=by_row).filter(ibis._.returned_minor > 0)


def _matched(engine: Engine, lines: Table, rows: Table, has_reference: bool) -> Matched:
    """Bring refunds and the purchases that they may undo into memory, and match them."""
    article = ibis.coalesce(lines.product_id, lines.product_name).fill_null("")
    named = lines.mutate(product=article, money_minor=lines.gross_minor.abs(), is_undone=lines.state == UNDONE)
    refunds = named.semi_join(rows.select(*KEY), list(KEY))
    bought = named.filter((named.rule == KEPT) | ((named.rule == "cancelled") & (named.money_minor > 0)))
    refund = {"reference": refunds.refund_of if has_reference else ibis.null("string"), "units": refunds.quantity.abs()}
    given = engine.frame(refunds.select(*FACTS, **refund).order_by(*KEY))
    keys = given.assign(order_id=given["reference"].where(given["reference"].notna(), given["order_id"])).astype("str")
    articles = engine.memory(keys[["product"]].drop_duplicates())
    sold = engine.frame(bought.semi_join(articles, "product").select("product").distinct())["product"]
    nameless = keys[~keys["product"].isin(sold[sold != ""])]
    wanted = (keys[["customer", "product"]], keys[["order_id"]], nameless[["customer"]])
    several = [engine.memory(part.drop_duplicates()) for part in wanted]
    bought = bought.mutate(units=bought.quantity.abs())
    parts = [bought.semi_join(part, part.columns) for part in several]
    some = [part.select(*FACTS, "units", "is_undone", is_kept=part.rule == KEPT) for part in parts]
    return matched(given, engine.frame(ibis.union(*some, distinct=True).order_by(*KEY)))


def _by_rows(engine: Engine, lines: Table, found: Matched | None) -> Table:
    """Add what rows say came back of each line, as `rows_minor`."""
    if found is None or found.pieces.empty:
        return lines.mutate(rows_minor=ibis.literal(0, "int64"))
    sums = found.pieces.groupby(list(KEY))[["money_minor"]].sum().reset_index()
    told = engine.memory(sums.rename(columns={"money_minor": "rows_minor"}).astype({"rows_minor": "int64"}))
    joined = lines.left_join(told, list(KEY)).drop("source_file_right", "source_line_right")
    return joined.mutate(rows_minor=joined.rows_minor.fill_null(0))


def _returns(engine: Engine, came: Table, rows: Table, found: Matched | None) -> Table:
    """List what came back: by rows at their own time, else at the order's; and rows without a purchase."""
    bought = ibis._.ordered_at
    parts = [_published(came.filter(~came.by_row), -ibis._.returned_minor, bought, bought)]
    if found is not None and len(found.pieces):
        names = {"money_minor": "piece_minor", "ordered_at": "back_at"}
        pieces = engine.memory(found.pieces.rename(columns=names))
        joined = came.filter(came.by_row).inner_join(pieces, list(KEY))
        parts.append(_published(joined, -ibis._.piece_minor, ibis._.back_at, bought))
    if found is not None and len(found.alone):
        joined = rows.inner_join(engine.memory(found.alone), list(KEY))
        parts.append(_published(joined, -ibis._.rest_minor, ibis._.ordered_at, None))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _published(came: Table, money: Any, at: Any, bought: Any) -> Table:
    """Write refunds in the shape in which they leave intake; pieces are counted where a whole line came back."""
    given = came.mutate(_money=money, _when=at, bought_at=ibis.null() if bought is None else bought)
    whole = given._money == -given.gross_minor.abs()
    pieces = whole.ifelse(-given.quantity.abs(), ibis.null("decimal(16, 5)")).cast("decimal(16, 5)")
    amount = given._money.cast("int64")
    nothing = dict.fromkeys(("discount_minor", "cost_minor", "returned_minor"), ibis.null("int64"))
    same = dict.fromkeys(("amount_minor", "list_minor", "gross_minor"), amount)
    when, then = given._when.cast("timestamp"), given.bought_at.cast("timestamp")
    table = given.mutate(
        **same,
        **nothing,
        quantity=pieces,
        ordered_at=when,
        ordered_on=when.date(),
        bought_at=then,
        is_matched=then.notnull(),
    )
    return table.select(*RETURNED)


def notes(found: Matched | None, decimals: int, currency: str) -> list[Note]:
    """Say which refunds found no purchase, and how much came back above what orders had brought."""
    if found is None:
        return []
    unit, said = 10**decimals, []
    if len(found.alone):
        money = found.alone["rest_minor"].sum() / unit
        what = f"refunds without a purchase that they could undo, over {money:,.2f} {currency}"
        do = "they count at their own date; orders before the first delivery may be theirs"
        said.append(Note("V06", what, "notice", "orders", len(found.alone), int(found.alone["source_line"].min()), do))
    if found.above_count:
        what = f"refunds above what their order had brought, by {found.above_minor / unit:,.2f} {currency} in all"
        do = "shipping or tax that came back with the goods; it is not counted"
        said.append(Note("V06", what, "notice", "orders", found.above_count, do=do))
    return said
