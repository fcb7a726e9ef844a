"""Events of machines, and events of visitors who are known by name on another one: who made an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.core.engine import Table
from seglib.core.intake.findings import Note

if TYPE_CHECKING:
    from datetime import datetime

    from seglib.core.intake.desk import Desk

BOT = "bot"
TOLD = "events named nobody; so many are those of the one customer whom the same visitor was within {} days"


def by_whom(desk: Desk, typed: Table) -> Table:
    """Mark the events of machines, and give those that name nobody to the customer who made them, where that is told.

    Parameters
    ----------
    desk : Desk
        Its plan says what a machine is (`rules.bot_words`, `rules.bot_events_per_day`) and within how many days a
        visitor stays the same person (`rules.visitor_days`).
    typed : Table
        customer, event_at, visitor_id, agent.

    Returns
    -------
    Table
        With `bot`, yes or no. What lies after the quarter's end tells nothing of a visitor.
    """
    rules = desk.run.plan.rules
    marked = typed.mutate(**{BOT: _is_machine(desk, typed)})
    if not rules.visitor_days:
        return marked
    named = _named(marked, desk.as_of, rules.visitor_days)
    open_ = marked.customer.isnull() & (marked.event_at < desk.as_of) & ~marked[BOT]
    nobody = int(desk.engine.scalar(open_.sum().fill_null(0)))
    left = named.customer.isnull() & (named.event_at < desk.as_of) & ~named[BOT]
    found = nobody - int(desk.engine.scalar(left.sum().fill_null(0)))
    if nobody:
        what = f"{nobody:,} {TOLD.format(rules.visitor_days)} ({found / nobody:.0%})"
        desk.notes.append(Note("V33", what, "notice", "events", found))
    return named


def _is_machine(desk: Desk, typed: Table) -> Any:
    """Whether the agent says so, or whoever made the event made more of them that day than the plan allows."""
    rules = desk.run.plan.rules
    says_so = ibis.literal(False)
    agent = typed.agent.lower()
    for word in rules.bot_words:
        says_so = says_so | agent.contains(word.lower())
    says_so = says_so.fill_null(False)
    if rules.bot_events_per_day is None:
        return says_so
    who, day = ibis.coalesce(typed.customer, typed.visitor_id), typed.event_at.date()
    days = typed.filter(who.notnull() & day.notnull()).group_by(who=who, day=day).agg(made=lambda each: each.count())
    if not int(desk.engine.scalar((days.made > rules.bot_events_per_day).sum().fill_null(0))):
        return says_so
    many = typed.event_at.count().over(ibis.window(group_by=[who, day])) > rules.bot_events_per_day
    return says_so | (many & who.notnull() & day.notnull())


def _named(marked: Table, as_of: datetime, days: int) -> Table:
    """Fill in who a visitor is, where all his events that name anybody name one customer, and one of them is near."""
    tells = marked.customer.notnull() & (marked.event_at < as_of) & ~marked[BOT]
    of_visitor = ibis.window(group_by="visitor_id")
    owner = tells.ifelse(marked.customer, ibis.null("string"))
    first, last = owner.min().over(of_visitor), owner.max().over(of_visitor)
    at = tells.ifelse(marked.event_at, ibis.null("timestamp"))
    told = marked.mutate(owner=(first == last).ifelse(first, ibis.null("string")), told_at=at)
    key = [told.told_at.isnull(), "source_file", "source_line"]
    before = ibis.cumulative_window(group_by="visitor_id", order_by=["event_at", *key])
    after = ibis.cumulative_window(group_by="visitor_id", order_by=[ibis.desc("event_at"), *key])
    placed = told.mutate(seen=told.told_at.max().over(before), seen_again=told.told_at.min().over(after))
    most = ibis.interval(days=days)
    near = (placed.event_at <= placed.seen + most).fill_null(False)
    near = near | (placed.event_at >= placed.seen_again - most).fill_null(False)
    may = placed.customer.isnull() & placed.visitor_id.notnull() & near & (placed.event_at < as_of) & ~placed[BOT]
    filled = placed.mutate(customer=may.fill_null(False).ifelse(placed.owner, placed.customer))
    return filled.drop("owner", "told_at", "seen", "seen_again")
