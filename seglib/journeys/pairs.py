"""From events or orders to pairs of states: where a customer was, and where it went next."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import ibis

from seglib.core import sections as plans
from seglib.core.engine import Table

SOON_DAYS = 30
STATES_MAX = 7
END, FIRST, OTHER = "exit", "first order", "other"


def event_pairs(events: Table, member: Table, session_minutes: int) -> Table:
    """Pair each event with the next one of the same session; the last one of a session leads to exit.

    Parameters
    ----------
    events : Table
        customer, event_at, event, session_id; channel where the source knows it.
    member : Table
        customer, segment.
    session_minutes : int
        Where the source knows no session, one ends after so many minutes without an event.

    Returns
    -------
    Table
        customer, segment, session, step (1 is the first event of the session), from_state, to_state, event_at, channel.
    """
    names = [name for name in ("customer", "event_at", "event", "session_id", "channel") if name in events.columns]
    rows = events.select(*names).inner_join(member, "customer")
    rows = rows.mutate(session=rows.session_id.cast("string"))
    if bool(rows.session.isnull().any().execute()):
        rows = _with_sessions(rows, session_minutes)
    window = ibis.window(group_by=[rows.customer, rows.session], order_by=[rows.event_at, rows.event])
    after, place = rows.event.lead().over(window), ibis.row_number().over(window) + 1
    pairs = rows.mutate(from_state=rows.event, to_state=after.fill_null(END), step=place)
    kept = ["customer", "segment", "session", "step", "from_state", "to_state", "event_at", *names[4:]]
    return pairs.filter(pairs.from_state != END).select(*kept)


def _with_sessions(rows: Table, session_minutes: int) -> Table:
    """Number the sessions of each customer where the source does not name them."""
    order = [rows.event_at, rows.event]
    seconds = rows.event_at.epoch_seconds()
    silent = seconds - seconds.lag().over(group_by=rows.customer, order_by=order)
    rows = rows.mutate(starts=(silent > 60 * session_minutes).ifelse(1, 0).fill_null(1))
    number = rows.starts.sum().over(group_by=rows.customer, order_by=[rows.event_at, rows.event], rows=(None, 0))
    return rows.mutate(session=rows.session.fill_null(number.cast("string")))


def order_days(orders: Table, item: str) -> Table:
    """Reduce orders to days: customer, ordered_on, item (on which most money was spent), in a unique order."""
    spent = orders.filter(orders[item].notnull()).group_by("customer", "ordered_on", item=lambda t: t[item].cast("str"))
    sums = spent.agg(amount_minor=lambda t: t.amount_minor.sum())
    by = {"group_by": [sums.customer, sums.ordered_on], "order_by": [sums.amount_minor.desc(), sums.item]}
    ranked = sums.mutate(place=ibis.row_number().over(**by))
    return ranked.filter(ranked.place == 0).select("customer", "ordered_on", "item")


def order_pairs(orders: Table, member: Table, rules: plans.Journeys, as_of: datetime, item: str | None) -> Table:
    """Pair each day with orders with what follows, where at least `at_risk_days` of follow-up exist."""
    if item:
        days = order_days(orders, item)
        top = days.group_by("item").agg(n=days.customer.nunique()).order_by(ibis.desc("n"), "item").limit(STATES_MAX)
        days = days.mutate(item=days.item.isin(top.item).ifelse(days.item, OTHER))
    else:
        days = orders.select("customer", "ordered_on").distinct()
    rows = with_gaps(days)
    window = ibis.window(group_by=rows.customer, order_by=rows.ordered_on)
    next_days, nothing = rows.gap_days.lead().over(window), never(rules)
    if item:
        soon = next_days <= rules.at_risk_days
        states = {"from_state": rows.item, "to_state": soon.ifelse(rows.item.lead().over(window), nothing)}
    else:
        after = (next_days <= rules.at_risk_days).ifelse(_bucket(next_days, rules), nothing)
        states = {"from_state": _bucket(rows.gap_days, rules).fill_null(FIRST), "to_state": after}
    pairs = rows.mutate(**states)
    followed = pairs.filter(pairs.ordered_on < as_of.date() - timedelta(days=rules.at_risk_days))
    return followed.inner_join(member, "customer").select("customer", "segment", "from_state", "to_state")


def says_enough(orders: Table, item: str) -> bool:
    """Whether the commonest items, of which each is a state, head at least half of the days with orders."""
    days = order_days(orders, item)
    counted = days.group_by("item").agg(n=days.count()).order_by(ibis.desc("n"), "item").to_pandas()["n"]
    return bool(2 * counted.head(STATES_MAX).sum() >= counted.sum())


def with_gaps(days: Table) -> Table:
    """Add gap_days: days since the customer's order day before."""
    before = days.ordered_on.lag().over(group_by=days.customer, order_by=days.ordered_on)
    with_before = days.mutate(before_on=before)
    gap = with_before.ordered_on.delta(with_before.before_on, unit="day")
    return with_before.mutate(gap_days=gap).drop("before_on")


def _edges(rules: plans.Journeys) -> list[int]:
    """Give the upper ends of the gap states in days."""
    return sorted({min(SOON_DAYS, rules.at_risk_days), min(rules.active_days, rules.at_risk_days), rules.at_risk_days})


def gap_states(rules: plans.Journeys) -> list[str]:
    """Name the gap states; the last one is a gap longer than `at_risk_days`."""
    edges = _edges(rules)
    between = [f"{low + 1} to {high} days" for low, high in pairwise(edges)]
    return [f"within {edges[0]} days", *between, f"over {edges[-1]} days"]


def never(rules: plans.Journeys) -> str:
    """Name the state of a customer who did not order again."""
    return f"no order in {rules.at_risk_days} days"


def _bucket(days: Any, rules: plans.Journeys) -> Any:
    """Give the gap state of a number of days; null stays null."""
    cases = [(days <= edge, name) for edge, name in zip(_edges(rules), gap_states(rules), strict=False)]
    return ibis.cases(*cases, (days > rules.at_risk_days, gap_states(rules)[-1]))
