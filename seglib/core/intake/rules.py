"""The waterfall: every order line leaves at exactly one rule or is kept, and rows and money add up to the unit."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
import pandas as pd

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.errors import Finding
from seglib.core.intake.findings import Fault, Note, located
from seglib.core.intake.spread import concerned
from seglib.core.quarters import Quarter
from seglib.core.sections import Rules

INPUT, KEPT, RETURNS, OLD = "input", "kept", "returns", "before_history"
SUPERSEDED, DISCOUNTS, NOT_CHARGED, NOT_KEPT = "superseded", "discount_lines", "nothing_charged", "nothing_kept"
COME_OFF, CAME_BACK = "discounts", "came_back"  # money that leaves kept lines, no lines
NOT_PAID = ("unpaid", "failed", "draft")
QUARTER_IN_NAME = re.compile(r"\d{4}[-_ ]?[qQ][1-4]")
ARTICLE = ("product_id", "product_name")
CROSSED_MOST_SHARE = 0.01  # of all orders; above it the order ids are not order ids


def oldest(rules: Rules, as_of: datetime) -> datetime | None:
    """Give the first instant of the history that the plan asks for; None where it asks for all."""
    return as_of - timedelta(days=rules.history_days) if rules.history_days else None


def before(time: Any, first: datetime | None) -> Any:
    """Whether a time lies before the history."""
    return time < first if first else ibis.literal(False)


@dataclass(frozen=True)
class Case:
    """What a rule decides upon: the lines, the plan's rules, and the first instant after the quarter."""

    lines: Table
    rules: Rules
    as_of: datetime

    @property
    def oldest(self) -> datetime | None:
        """First instant of the history that the plan asks for."""
        return oldest(self.rules, self.as_of)

    def is_article(self, words: tuple[str, ...]) -> Any:
        """Whether the article's number or name is one of the plan's words, in any case."""
        lowered = [word.strip().lower() for word in words]
        if not lowered:
            return ibis.literal(False)
        names = [trimmed(self.lines[column]).lower() for column in ARTICLE if column in self.lines.columns]
        return functools.reduce(operator.or_, (name.isin(lowered).fill_null(False) for name in names))

    def means(self, *states: str) -> Any:
        """Whether the state of the order means one of these."""
        return self.lines.state.isin(list(states))


@dataclass(frozen=True)
class Rule:
    """One reason for which an order line is set aside.

    Parameters
    ----------
    name : str
        Key in the waterfall.
    code : str
        Number of the fault case.
    meaning : str
        One sentence for the reader.
    applies : callable
        Receives a `Case` and returns a condition.
    """

    name: str
    code: str
    meaning: str
    applies: Callable[[Case], Any]


def _cancelled(case: Case) -> Any:
    prefix = case.rules.cancelled_prefix
    by_prefix = case.lines.order_id.startswith(prefix) if prefix else ibis.literal(False)
    return by_prefix | case.means("cancelled")


RULES = (
    Rule("missing_customer", "F28", "No customer is named on the line.", lambda c: c.lines.customer.isnull()),
    Rule("contradictory", "V03", "The order is claimed by several customers.", lambda c: c.lines.crossed),
    Rule("test_orders", "V06", "Test orders, by their status.", lambda c: c.means("test")),
    Rule("duplicates", "V02", "Exact copies of another line.", lambda c: c.lines.copy > 0),
    Rule(SUPERSEDED, "F26", "Replaced by a later row of the same line.", lambda c: c.lines.again > 0),
    Rule("after_quarter", "V17", "After the quarter's end.", lambda c: c.lines.ordered_at >= c.as_of),
    Rule(OLD, "V19", "Older than the history that the plan asks for.", lambda c: before(c.lines.ordered_at, c.oldest)),
    Rule("ignored", "V06", "No sale, by the row's kind: transfers, fees, bills.", lambda c: c.lines.sort == "ignore"),
    Rule(
        "not_products",
        "V07",
        "Postage, fees and the like, by the plan's list.",
        lambda c: c.is_article(c.rules.not_products),
    ),
    Rule(
        DISCOUNTS,
        "V07",
        "Discounts written as lines: they come off the goods of their order.",
        lambda c: c.is_article(c.rules.discount_lines),
    ),
    Rule("not_paid", "V06", "Not paid: pending, failed or draft orders.", lambda c: c.means(*NOT_PAID)),
    Rule(
        RETURNS,
        "V06",
        "Refunds: negative quantity or amount, or a kind of row that is one.",
        lambda c: (c.lines.quantity < 0) | (c.lines.value < 0),
    ),
    Rule("cancelled", "V06", "Cancelled orders.", _cancelled),
    Rule("free_lines", "V07", "No quantity or no price.", lambda c: (c.lines.quantity == 0) | (c.lines.value == 0)),
)
LATER = (  # what only the money that counts can tell
    Rule(NOT_CHARGED, "V07", "Free after their discount.", lambda _: ibis.literal(False)),
    Rule(NOT_KEPT, "V06", "Came back whole: nothing was kept.", lambda _: ibis.literal(False)),
)
OFF = {  # money without lines
    COME_OFF: "Discounts of the kept lines.",
    CAME_BACK: "What came back of the kept lines.",
}


def crossed_orders(orders: Table) -> Table:
    """List the orders that name more than one customer, as `order_id`."""
    named = orders.filter(orders.customer.notnull()).group_by("order_id")
    return named.aggregate(buyers=ibis._.customer.nunique()).filter(ibis._.buyers > 1).select("order_id")


def judged(orders: Table, rules: Rules, as_of: datetime, crossed: Table | None = None) -> Table:
    """Add the column `rule`: the one at which a line leaves, or ``"kept"``.

    Parameters
    ----------
    orders : Table
        Typed order lines with customer, order_id, ordered_at, quantity, amount_minor, product_id, source_file,
        source_line, `again` (more than 0 where another row replaces it), `state` and `sort` (what status and kind
        mean), and all other columns that make two lines equal. Refunds by their kind have a negative amount already.
    rules : Rules
        The plan's rules.
    as_of : datetime
        First instant after the quarter.
    crossed : Table, optional
        What `crossed_orders` gives; None when there are none.
    """
    same = [name for name in orders.columns if name not in ("source_file", "source_line", "again")]
    copy = ibis.literal(0)
    if rules.duplicates == "remove":
        copy = ibis.row_number().over(group_by=same, order_by=["again", "source_file", "source_line"])
    between = orders.order_id.isin(crossed.order_id) if crossed is not None else ibis.literal(False)
    seen = orders.mutate(
        copy=copy, crossed=between, value=orders.amount_minor.fill_null(0), quantity=orders.quantity.fill_null(0)
    )
    branches = [(rule.applies(Case(seen, rules, as_of)).fill_null(False), rule.name) for rule in RULES]
    return seen.mutate(rule=ibis.cases(*branches, else_=KEPT)).drop("copy", "crossed", "value")


def waterfall(engine: Engine, lines: Table) -> pd.DataFrame:
    """Count rows, money and customers at each rule.

    Parameters
    ----------
    lines : Table
        Lines with their rule and `said_minor`, `gross_minor` and `amount_minor`.

    Returns
    -------
    DataFrame
        rule, meaning, rows, money_minor, customers, example_line: first the input as the lines say it, then each rule,
        then what came off kept lines and what came back of them (money without lines), last what was kept. Rows and
        money of the input equal the sum of all others, to the unit.
    """
    money = {"money_minor": lines.said_minor, "_gross": lines.gross_minor, "_counts": lines.amount_minor}
    measures = {
        "rows": ibis._.count(),
        **{name: value.fill_null(0).cast("decimal(38, 0)").sum().cast("int64") for name, value in money.items()},
        "customers": ibis._.customer.nunique(),
        "example_line": ibis._.source_line.min(),
    }
    parts = engine.frame(lines.group_by("rule").aggregate(**measures)).set_index("rule")
    total = {"rows": parts["rows"].sum(), "money_minor": parts["money_minor"].sum()}
    total["customers"] = int(engine.scalar(lines.customer.nunique()))
    if KEPT in parts.index:
        said, gross, counts = (int(parts[name][KEPT]) for name in money)
        parts["money_minor"] = parts["money_minor"].mask(parts.index == KEPT, counts)
        people = concerned(engine, lines.filter(lines.rule == KEPT))
        off = pd.DataFrame({"money_minor": [said - gross, gross - counts], "customers": people}, index=list(OFF))
        parts = pd.concat([parts, off.reindex(columns=parts.columns, fill_value=0)])
    parts = parts.drop(columns=["_gross", "_counts"]).astype("int64")
    meanings = {INPUT: "All lines of the source.", **{rule.name: rule.meaning for rule in (*RULES, *LATER)}, **OFF}
    meanings[KEPT] = "Purchases of known customers up to the quarter's end."
    frame = parts.reindex(list(meanings), fill_value=0).astype("int64")
    frame.loc[INPUT, list(total)] = list(total.values())
    frame = frame.rename_axis("rule").reset_index().astype({"rule": "str"})
    frame.insert(1, "meaning", pd.Series([meanings[name] for name in frame["rule"]], dtype="str"))
    return frame


def refusals(engine: Engine, lines: Table, table: pd.DataFrame, rules: Rules) -> list[Finding]:
    """Refuse what the plan's rules do not allow: returns, free lines or nameless lines, and too many of the last."""
    rows = table.set_index("rule")["rows"]
    found: list[Finding] = []
    for name, decision, do in (
        ("missing_customer", rules.missing_customer, "name the customers, or set rules.missing_customer: set_aside"),
        (RETURNS, rules.returns, "set rules.returns: set_aside"),
        ("free_lines", rules.free_lines, "set rules.free_lines: set_aside"),
    ):
        rule = next(rule for rule in RULES if rule.name == name)
        if decision == "refuse" and rows[name]:
            fault = (lines.rule == name).ifelse(name, ibis.null("string"))
            kind = Fault(rule.code, rule.meaning.rstrip(".").lower(), do)
            found += located(engine, lines, fault, {name: kind}, "")
    share = rows["missing_customer"] / max(1, rows[INPUT])
    if share > rules.missing_customer_max_share:
        what = f"no customer on {share:.0%} of the lines"
        limit = f"at most {rules.missing_customer_max_share:.0%}"
        do = "check the customer column, or raise rules.missing_customer_max_share"
        found.append(Finding("F28", what, "orders", 0, "customer_id", limit, do))
    share = rows[OLD] / max(1, rows[INPUT])
    if share > rules.old_max_share:
        what = f"{share:.0%} of the lines are older than {rules.history_days:,} days before the quarter's end"
        do = "check that it is the right file, or set rules.history_days or rules.old_max_share"
        found.append(Finding("V19", what, "orders", 0, "ordered_at", f"at most {rules.old_max_share:.0%}", do))
    return found


def too_large(engine: Engine, orders: Table, limit: int) -> list[Finding]:
    """Refuse amounts above the plan's limit, and those that no 64-bit number holds."""
    absent = orders.amount_minor.isnull() & orders.overflow
    fault = (absent | (orders.amount_minor.abs() > limit)).ifelse("huge", ibis.null("string"))
    kind = Fault("V10", "amount too large", f"correct it, or raise rules.amount_max_minor above {limit:,}")
    return located(engine, orders, fault, {"huge": kind}, "") if engine.scalar(fault.count()) else []


def contradictions(engine: Engine, orders: Table, crossed: Table) -> tuple[list[Finding], bool]:
    """Judge orders that name several customers: set aside while they are rare, refused above 1 % of all orders.

    Returns
    -------
    list of Finding and bool
        Refusals, and whether there are such orders at all.
    """
    count = int(engine.scalar(crossed.count()))
    if not count:
        return [], False
    share = count / max(1, int(engine.scalar(orders.order_id.nunique())))
    if share <= CROSSED_MOST_SHARE:
        return [], True
    fault = orders.order_id.isin(crossed.order_id).ifelse("crossed", ibis.null("string"))
    do = "export an order id that is unique across shops and years"
    return located(
        engine, orders, fault, {"crossed": Fault("V03", "order claimed by several customers", do)}, "order_id"
    ), True


def not_this_quarter(engine: Engine, orders: Table, quarter: Quarter) -> list[Finding]:
    """Refuse sources without a single line in the quarter; the sentence says which dates they do hold."""
    at, start, as_of = orders.ordered_at, quarter.start, quarter.as_of
    measures = {"inside": ((at >= start) & (at < as_of)).sum(), "first": at.min(), "last": at.max()}
    facts = engine.frame(orders.aggregate(**measures)).iloc[0]
    if facts["inside"]:
        return []
    names = sorted(engine.frame(orders.select("source_file").distinct())["source_file"])
    named = any(QUARTER_IN_NAME.search(name) for name in names)
    code, what = ("F27", "file is from another quarter") if named else ("V31", "no orders in the quarter")
    span = f"orders from {facts['first']:%Y-%m-%d} to {facts['last']:%Y-%m-%d}"
    do = f"deliver orders from {start:%Y-%m-%d} to before {as_of:%Y-%m-%d}, or run another quarter"
    return [Finding(code, what, ", ".join(names), found=span, do=do)]


def nothing_left(table: pd.DataFrame) -> list[Finding]:
    """Refuse when the rules keep no purchase at all."""
    if table["rows"].iloc[-1]:
        return []
    do = "compare the rules of the plan with the waterfall of a file that works"
    return [Finding("V31", "no purchase is left after the rules", "orders", do=do)]


def notes(table: pd.DataFrame) -> list[Note]:
    """Turn the waterfall's rules into notes: how many lines each set aside."""
    codes = {rule.name: rule.code for rule in (*RULES, *LATER)}
    aside = table[table["rule"].isin(list(codes)) & (table["rows"] > 0)]
    rows = zip(aside["rule"], aside["meaning"], aside["rows"], aside["example_line"], strict=True)
    return [
        Note(codes[n], meaning.rstrip("."), "set aside", "orders", int(c), int(line)) for n, meaning, c, line in rows
    ]
