"""From list amounts to what was charged: discounts of lines and of orders, and refunded amounts in columns."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Fault, Note, located
from seglib.core.intake.rules import DISCOUNTS, KEPT, NOT_CHARGED, RETURNS, SUPERSEDED
from seglib.core.intake.spread import ORDER, spread
from seglib.core.sections import Rules

NOT_OF_THE_ORDER = (SUPERSEDED, "duplicates", RETURNS)  # rows that say nothing of their order
OF_THE_ORDER = ("order", "order_repeated")
OF_REFUNDS = ("refunded_tax_minor", "refunded_taxed_minor")
CUT = "discounts larger than what they are of, cut to it"


def charged(lines: Table, rules: Rules, columns: tuple[str, ...]) -> Table:
    """Take discounts off, and say how much of each line a column says was given back.

    Parameters
    ----------
    lines : Table
        Judged lines: `amount_minor` is what price and quantity say, `discount_minor` and `refunded_minor` what the
        row says.
    rules : Rules
        `discount` and `refunded` say how these columns are meant.
    columns : tuple of str
        Columns of the contract that the source has.

    Returns
    -------
    Table
        With `said_minor` (what `amount_minor` was), `list_minor`, `discount_minor` (what came off, or was off already),
        `gross_minor`, `refunded_minor` of the line and `cut` (whether a discount was larger than its goods); lines that
        are free after their discount left at a rule.
    """
    size, given = lines.amount_minor.fill_null(0).abs(), lines.discount_minor.fill_null(0)
    by_line = rules.discount in ("line", "share")
    own = ibis.least(given, size) if by_line else ibis.literal(0)
    cut = (given > size) & (size > 0) if by_line else ibis.literal(False)
    table = lines.mutate(said_minor=lines.amount_minor, _size=size, _own=own.cast("int64"), cut=cut)
    table = _of_orders(table, rules, columns)
    off = table._own + table._share
    sign = (table.said_minor < 0).ifelse(-1, 1).fill_null(1)
    before = table.discount_minor.fill_null(0) if rules.discount == "included" else ibis.literal(0)
    table = table.mutate(
        gross_minor=(sign * (table._size - off)).cast("int64"),
        list_minor=(sign * (table._size + before)).cast("int64"),
        discount_minor=(off + before).cast("int64"),
    ).drop("_size", "_own", "_share")
    free = (table.rule == KEPT) & (table.gross_minor == 0)
    return _given_back(table.mutate(rule=free.ifelse(NOT_CHARGED, table.rule)), rules, columns)


def spreads(rules: Rules, columns: tuple[str, ...]) -> bool:
    """Whether money of orders is spread over their lines: then the result is worth keeping."""
    named = [name for name in ("discount", "refunded") if name in columns and getattr(rules, name) in OF_THE_ORDER]
    return bool(named or rules.discount_lines)


def _of_orders(table: Table, rules: Rules, columns: tuple[str, ...]) -> Table:
    """Spread the discounts of orders over their goods, as `_share`."""
    said = _of_the_order(table, rules.discount, table.discount_minor) if "discount" in columns else None
    if said is None and not rules.discount_lines:
        return table.mutate(_share=ibis.literal(0, "int64"))
    total = ibis.literal(0) if said is None else said
    if rules.discount_lines:
        total = total + (table.rule == DISCOUNTS).ifelse(table._size, 0).sum().over(group_by=list(ORDER))
    goods = (table.rule == KEPT).ifelse(table._size - table._own, 0)
    staged = table.mutate(_said=total.cast("int64"), _goods=goods.cast("int64"))
    staged = staged.mutate(cut=staged.cut | (staged._said > staged._goods.sum().over(group_by=list(ORDER))))
    return spread(staged, staged._said, staged._goods, "_share").drop("_said", "_goods")


def _given_back(table: Table, rules: Rules, columns: tuple[str, ...]) -> Table:
    """Give each kept line its part of what a column says was given back."""
    goods = (table.rule == KEPT).ifelse(table.gross_minor, 0)
    said = table.refunded_minor.fill_null(0)
    total = _of_the_order(table, rules.refunded, said) if "refunded" in columns else None
    if total is None:
        tax, taxed = table.refunded_tax_minor.fill_null(0), table.refunded_taxed_minor
        said = _without_tax(said, tax, taxed.fill_null(goods + tax)) if "refunded_tax" in columns else said
        return table.mutate(refunded_minor=ibis.least(said, goods).cast("int64")).drop(*OF_REFUNDS)
    if "refunded_tax" in columns:
        tax, taxed = (_of_the_order(table, rules.refunded, table[name]) for name in OF_REFUNDS)
        every = goods.sum().over(group_by=list(ORDER)).cast("int64")
        total = _without_tax(total, tax, (taxed > 0).ifelse(taxed, every + tax))
    staged = table.mutate(_said=total.cast("int64"), _goods=goods.cast("int64")).drop("refunded_minor")
    return spread(staged, staged._said, staged._goods, "refunded_minor").drop("_said", "_goods", *OF_REFUNDS)


def _without_tax(said: Any, tax: Any, taxed: Any) -> Any:
    """What was given back less its part of the tax, half a unit rounded up: one division, so that halves are exact."""
    part = said.cast("float64") * (taxed - tax).cast("float64") / taxed.cast("float64").nullif(0)
    return ibis.ifelse((tax > 0) & (taxed > tax), (part + 0.5).floor(), said).cast("int64")


def _of_the_order(table: Table, how: str, money: Any) -> Any:
    """What a column says of the whole order; None where it speaks of lines."""
    said = table.rule.notin(NOT_OF_THE_ORDER).ifelse(money.fill_null(0), 0)
    window = {"order": said.sum(), "order_repeated": said.max()}
    return window[how].over(group_by=list(ORDER)).cast("int64") if how in window else None


def disagreeing(engine: Engine, lines: Table, rules: Rules, columns: tuple[str, ...]) -> list[Finding]:
    """Refuse lines of one order that name different amounts, where the plan says that each repeats the order's."""
    found: list[Finding] = []
    for column in ("discount", "refunded"):
        if column not in columns or getattr(rules, column) != "order_repeated":
            continue
        told = lines.filter(lines.rule.notin(NOT_OF_THE_ORDER) & lines[f"{column}_minor"].notnull())
        kinds = told.group_by(list(ORDER)).agg(kinds=told[f"{column}_minor"].nunique()).filter(ibis._.kinds > 1)
        what = f"lines of one order with different amounts, where rules.{column} says that each repeats the order's"
        fault = Fault("V03", what, f"set rules.{column}: line if they are amounts of the lines, or order: their sum")
        if int(engine.scalar(kinds.count())):
            found += located(engine, told.semi_join(kinds, list(ORDER)), ibis.literal("x"), {"x": fault}, column)
    return found


def notes(engine: Engine, lines: Table) -> list[Note]:
    """Count kept lines and orders whose discount was larger than their goods."""
    rows = lines.filter(lines.cut & lines.rule.isin([KEPT, NOT_CHARGED]))
    facts = engine.frame(rows.agg(orders=rows.order_id.nunique(), line=rows.source_line.min())).fillna(0).iloc[0]
    orders, line = int(facts["orders"]), int(facts["line"])
    do = "shipping may be part of them; if not, correct rules.discount or the export"
    return [Note("V11", f"orders with {CUT}", "notice", "orders", orders, line, do)] if orders else []
