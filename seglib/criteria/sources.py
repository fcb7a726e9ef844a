"""The tables that criteria are computed from: few passes over the lines, nothing at or after as_of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import ibis

from seglib.criteria.criterion import Clock

if TYPE_CHECKING:
    from seglib.collection import Collection
    from seglib.core.engine import Table

UNITS = "decimal(18, 3)"  # sums of decimals do not depend on the order of the rows, sums of floats do


def visits(collection: Collection, clock: Clock) -> Table:
    """One row per order of any time before as_of; `recent` marks those of the window."""
    lines = _before(collection.orders, "ordered_at", clock)
    words = {name: lines[name].min() for name in ("channel", "country", "region") if collection.has("orders", name)}
    orders = lines.group_by("customer", "order_id").aggregate(
        ordered_at=lines.ordered_at.min(),
        ordered_on=lines.ordered_on.min(),
        amount_minor=lines.amount_minor.sum(),
        discount_minor=lines.discount_minor.sum(),
        units=lines.quantity.cast(UNITS).sum(),
        **words,
    )
    return orders.mutate(recent=clock.inside(orders.ordered_on))


def baskets(column: str) -> Callable[[Collection, Clock], Table]:
    """One row per customer and product or category of the window, with what was paid."""

    def prepare(collection: Collection, clock: Clock) -> Table:
        lines = _before(collection.orders, "ordered_at", clock)
        known = lines.filter(clock.inside(lines.ordered_on), lines[column].notnull())
        return known.group_by("customer", word=known[column]).aggregate(weight=known.amount_minor.sum())

    return prepare


def channels(collection: Collection, clock: Clock) -> Table:
    """One row per customer and channel of the window, with the number of orders."""
    orders = visits(collection, clock)
    known = orders.filter(orders.recent, orders.channel.notnull())
    return known.group_by("customer", word=known.channel).aggregate(weight=known.count())


def rows(table: str, time: str) -> Callable[[Collection, Clock], Table]:
    """The rows of an optional table that lie in the window."""

    def prepare(collection: Collection, clock: Clock) -> Table:
        before = _before(getattr(collection, table), time, clock)
        return before.filter(clock.inside(before[time].date()))

    return prepare


def customers(collection: Collection, clock: Clock) -> Table:  # noqa: ARG001  # all sources share one signature
    """The customers table: one row per customer already."""
    if collection.customers is None:
        raise KeyError("customers")
    return collection.customers


def _before(table: Table, time: str, clock: Clock) -> Table:
    return table.filter(table[time] < ibis.literal(clock.as_of))


SOURCES: dict[str, Callable[[Collection, Clock], Table]] = {
    "visits": visits,
    "categories": baskets("category"),
    "products": baskets("product_id"),
    "channels": channels,
    "returns": rows("returns", "ordered_at"),
    "events": rows("events", "event_at"),
    "contacts": rows("contacts", "sent_at"),
    "customers": customers,
}
