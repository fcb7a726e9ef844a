"""The tables that criteria are computed from: few passes over the lines, nothing at or after as_of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis

from seglib.criteria.criterion import Clock

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table

ANSWER_DAYS = 7  # a visit or order within so many days of a message counts as an answer to it
UNITS = "decimal(18, 3)"  # sums of decimals do not depend on the order of the rows, sums of floats do


def visits(collection: Collection, clock: Clock) -> Table:
    """One row per order of any time before as_of; `recent` marks those of the window."""
    lines = _before(collection.orders, "ordered_at", clock)
    words = {
        name: lines[name].min() for name in ("channel", "country", "region", "city") if collection.has("orders", name)
    }
    orders = lines.group_by("customer", "order_id").aggregate(
        ordered_at=lines.ordered_at.min(),
        ordered_on=lines.ordered_on.min(),
        amount_minor=lines.amount_minor.sum(),
        discount_minor=lines.discount_minor.sum(),
        units=lines.quantity.cast(UNITS).sum(),
        **words,
    )
    return orders.mutate(recent=clock.inside(orders.ordered_on))


def _baskets(column: str) -> Callable[[Collection, Clock], Table]:
    """One row per customer and product or category of the window, with what was paid, and how long ago it was last."""

    def prepare(collection: Collection, clock: Clock) -> Table:
        lines = _before(collection.orders, "ordered_at", clock)
        known = lines.filter(clock.inside(lines.ordered_on), lines[column].notnull())
        return known.group_by("customer", word=known[column]).aggregate(
            weight=known.amount_minor.sum(), age=_age(known, clock)
        )

    return prepare


def channels(collection: Collection, clock: Clock) -> Table:
    """One row per customer and channel of the window, with the number of orders, and how long ago the last one was."""
    orders = visits(collection, clock)
    known = orders.filter(orders.recent, orders.channel.notnull())
    return known.group_by("customer", word=known.channel).aggregate(weight=known.count(), age=_age(known, clock))


def rows(table: str, time: str) -> Callable[[Collection, Clock], Table]:
    """The rows of an optional table that lie in the window."""

    def prepare(collection: Collection, clock: Clock) -> Table:
        before = _before(getattr(collection, table), time, clock)
        return before.filter(clock.inside(before[time].date()))

    return prepare


def sessions(collection: Collection, clock: Clock) -> Table:
    """One row per customer and channel that sessions of the window came from, with their number."""
    seen = rows("events", "event_at")(collection, clock)
    known = seen.filter(seen.channel.notnull())
    return known.group_by("customer", word=known.channel).aggregate(weight=known.session_id.nunique())


def _received(collection: Collection, clock: Clock) -> Table:
    """Campaign contacts of the window that really went out: who was held back received nothing."""
    sent = rows("contacts", "sent_at")(collection, clock)
    return sent.filter(sent.arm != clock.control_arm)


def messages(collection: Collection, clock: Clock) -> Table:
    """One row per message whose days of answer are over, with 1 where a visit or an order followed within them."""
    sent = _received(collection, clock)
    answer_time = ibis.interval(days=ANSWER_DAYS)
    over = sent.filter(sent.sent_at + answer_time <= ibis.literal(clock.as_of)).select("customer", "sent_at").distinct()
    came = collection.orders.select("customer", at=collection.orders.ordered_at)
    if collection.events is not None:
        came = came.union(collection.events.select("customer", at=collection.events.event_at))
    pairs = over.join(came, "customer").filter(lambda t: (t.at >= t.sent_at) & (t.at < t.sent_at + answer_time))
    found = pairs.select("customer", "sent_at").distinct().mutate(answered=1)
    joined = over.left_join(found, ["customer", "sent_at"])
    return joined.select("customer", "sent_at", answered=joined.answered.fill_null(0))


def placed(collection: Collection, clock: Clock) -> Table:
    """One row per order placed in the window, also those of which nothing was kept: 1 where something came back."""
    orders, returns = visits(collection, clock), _before(collection.returns, "ordered_at", clock)
    undone = returns.filter(returns.bought_at.notnull(), clock.inside(returns.bought_at.date()))
    parts = (orders.filter(orders.recent).select("customer", "order_id"), undone.select("customer", "order_id"))
    both = ibis.union(*(part.mutate(is_back=at) for at, part in enumerate(parts)))
    return both.group_by("customer", "order_id").aggregate(is_back=both.is_back.max())


def accounts(collection: Collection, clock: Clock) -> Table:
    """One row per contact of a company account: contacts of it that bought in the window, and what all paid."""
    people = customers(collection, clock)
    member = people.filter(people.account_id.notnull()).select("customer", "account_id")
    orders = visits(collection, clock)
    recent = orders.filter(orders.recent)
    paid = recent.group_by("customer").aggregate(paid_minor=recent.amount_minor.sum())
    buying = member.inner_join(paid, "customer")
    whole = buying.group_by("account_id").aggregate(contacts=buying.count(), paid_minor=buying.paid_minor.sum())
    return member.inner_join(whole, "account_id").select("customer", "account_id", "contacts", "paid_minor")


def customers(collection: Collection, clock: Clock) -> Table:  # noqa: ARG001  # all sources share one signature
    """The customers table: one row per customer already."""
    if collection.customers is None:
        raise KeyError("customers")
    return collection.customers


def _age(orders: Table, clock: Clock) -> Any:
    """Microseconds since the last of some orders: of two words that weigh the same the later one is more like today."""
    return ibis.timestamp(clock.as_of).delta(orders.ordered_at.max(), unit="microsecond")


def _before(table: Table, time: str, clock: Clock) -> Table:
    return table.filter(table[time] < ibis.literal(clock.as_of))


SOURCES: dict[str, Callable[[Collection, Clock], Table]] = {
    "visits": visits,
    "categories": _baskets("category"),
    "products": _baskets("product_id"),
    "channels": channels,
    "returns": rows("returns", "ordered_at"),
    "placed": placed,
    "events": rows("events", "event_at"),
    "sessions": sessions,
    "contacts": _received,
    "messages": messages,
    "answers": rows("feedback", "answered_at"),
    "customers": customers,
    "accounts": accounts,
}
