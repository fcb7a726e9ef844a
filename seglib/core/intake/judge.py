"""The order lines: typed, told apart, judged, and brought to the money that counts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.core.engine import Table
from seglib.core.errors import Bug, Finding
from seglib.core.intake import again, back, charged, ends, meanings, rules, unmet
from seglib.core.intake.account import of_few
from seglib.core.intake.currencies import converted
from seglib.core.intake.desk import Desk
from seglib.core.intake.findings import Note
from seglib.core.intake.identities import pseudonymous
from seglib.core.intake.lines import order_lines, shares
from seglib.core.intake.setaside import of_orders
from seglib.core.intake.totals import totals
from seglib.core.intake.values import Texts
from seglib.core.intake.weeks import empty_weeks
from seglib.core.sources.headers import in_file

EVERYWHERE_ORDERS, EVERYWHERE_SHARE = 100, 0.2  # of one customer, from which on it may be no single one


@dataclass(frozen=True)
class Lines:
    """Judged order lines, what came back, and the account of both.

    Parameters
    ----------
    table : Table
        Every line with its rule and its money.
    returns : Table
        What came back, as it leaves intake.
    waterfall, words : DataFrame
        Rows and money at each rule; what states and kinds were taken for.
    uncovered_days : int
        Days at the quarter's end that the delivery does not cover.
    """

    table: Table
    returns: Table
    waterfall: pd.DataFrame
    words: pd.DataFrame
    uncovered_days: int


def judge_lines(desk: Desk, texts: Texts | None, ids: Table) -> Lines | None:
    """Type the order lines and find the rule at which each leaves; None when there are none to judge."""
    if texts is None:
        return None
    settings, engine, columns = desk.run.plan.rules, desk.engine, texts.columns
    number = in_file(texts.source, "order_id")
    percent, found = shares(engine, texts)
    raw = desk.kept(pseudonymous(converted(desk, order_lines(texts, percent)), ids), "orders-typed")
    told_apart = again.marked(engine, raw, columns, number, desk.as_of)
    meant, taken = meanings.read(engine, told_apart, columns, settings)
    typed = engine.named(meant)
    found += again.disagreeing(engine, raw, columns, desk.as_of)
    crossed = rules.crossed_orders(typed.filter(typed.again == 0))
    refused, any_crossed = rules.contradictions(engine, typed, crossed)
    found += refused + rules.too_large(engine, typed, settings.amount_max_minor)
    found += rules.not_this_quarter(engine, typed, desk.run.quarter)
    late, gaps = empty_weeks(engine, typed, desk.run.quarter, settings.empty_weeks_max_share)
    signed = _signed(typed.drop("overflow", "rounded"))
    judged = rules.judged(signed, settings, desk.as_of, crossed if any_crossed else None)
    found += late + charged.disagreeing(engine, judged, settings, columns)
    lines = charged.charged(desk.kept(judged, "orders-judged"), settings, columns)
    lines = desk.kept(lines, "orders-charged") if charged.spreads(settings, columns) else engine.named(lines)
    words = {str(column): part["word"].tolist() for column, part in taken.groupby("column")}
    desk.notes.extend(unmet.notes(engine, raw, words, settings))
    desk.refused.extend(found)
    return _accounted(
        desk, lines, taken, columns, [*_line_notes(desk, raw), *again.notes(engine, raw, columns, number), *gaps]
    )


def _accounted(desk: Desk, lines: Table, taken: pd.DataFrame, columns: tuple[str, ...], said: list[Note]) -> Lines:
    """Take what came back off, count what left at each rule, and refuse what the plan does not allow."""
    plan, engine = desk.run.plan, desk.engine
    counted = back.with_returns(engine, lines, plan.money == "net", columns, desk.kept)
    final = engine.named(counted.lines)
    table = rules.waterfall(engine, final)
    desk.aside.append(of_orders(final))
    doubled, large = totals(engine, final)
    found = rules.refusals(engine, final, table, plan.rules) + doubled
    found += [] if found or desk.refused else rules.nothing_left(table)
    desk.refused.extend(found)
    seen = final.filter(final.rule.notin((rules.SUPERSEDED, "after_quarter")))
    few = of_few(table, plan.privacy.floor)
    words = meanings.counted(engine, seen, taken, few)
    desk.notes.extend(
        [
            *rules.notes(table),
            *said,
            *_everywhere(desk, final),
            *meanings.notes(words, columns, plan.privacy.floor),
        ]
    )
    desk.notes.extend([*large, *charged.notes(engine, final)])
    desk.notes.extend(back.notes(counted.matching, plan.money_decimals, plan.currency))
    left = ends.uncovered_days(engine, final, desk.as_of)
    desk.notes.extend(ends.notes(left, desk.as_of))
    return Lines(final, desk.kept(counted.returns, "returns"), table.drop(columns="example_line"), words, left)


def _signed(typed: Table) -> Table:
    """Rows that are refunds by their kind have negative quantity and amount, whatever sign the source gave them."""
    back_again = typed.sort == "refund"
    turned = {name: back_again.ifelse(-typed[name].abs(), typed[name]) for name in ("quantity", "amount_minor")}
    return typed.mutate(**turned)


def required(desk: Desk, lines: Lines | None) -> Lines:
    """Go on only with order lines; without them something was refused."""
    if lines is None:
        desk.stop_if_refused()
        raise Bug(Finding("BUG", "a plan without orders reached intake"))
    return lines


def _line_notes(desk: Desk, typed: Table) -> list[Note]:
    """Count what was accepted: rounded amounts, blank numbers read as zero, and copies that the plan keeps."""
    measures = {"rounded": typed.rounded.sum(), "blank": (typed.amount_minor.isnull() | typed.quantity.isnull()).sum()}
    counts = desk.engine.frame(typed.aggregate(rows=typed.count(), **measures)).fillna(0).iloc[0]
    notes = [
        Note("V11", "amounts rounded half up to the currency's decimals", "notice", "orders", int(counts["rounded"]))
    ]
    notes.append(Note("V21", "blank quantity or price, read as zero", "notice", "orders", int(counts["blank"])))
    if desk.run.plan.rules.duplicates == "keep":
        distinct = int(desk.engine.scalar(typed.drop("source_file", "source_line").distinct().count()))
        do = "set rules.duplicates: remove if your shop never sells the same line twice in one order"
        copies = int(counts["rows"]) - distinct
        notes.append(Note("V02", "exact copies of another line, kept", "notice", "orders", copies, do=do))
    return [note for note in notes if note.count]


def _everywhere(desk: Desk, lines: Table) -> list[Note]:
    """Say when one customer placed a fifth of all orders: it may be the till, guests or a marketplace."""
    kept = lines.filter(lines.rule == rules.KEPT)
    each = kept.group_by("customer").agg(orders=kept.order_id.nunique(), line=kept.source_line.min())
    wanted = {"all": each.orders.sum(), "most": each.orders.max(), "line": each.line.argmax(each.orders)}
    rows = desk.engine.frame(each.agg(**wanted))
    every, most, line = (int(rows[name].fillna(0).iloc[0]) for name in ("all", "most", "line"))
    if most < EVERYWHERE_ORDERS or most < EVERYWHERE_SHARE * every:
        return []
    what = f"orders ({most / every:.0%} of all) of one customer id, which may stand for many people"
    do = "if it is the till, guests or a marketplace, name the id in rules.not_customers"
    return [Note("V27", what, "notice", "orders", most, line, do)]
