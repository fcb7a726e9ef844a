"""One row per customer, one column per criterion: an expression that the engine runs when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion
from seglib.criteria.sources import SOURCES

DERIVED = "values"

if TYPE_CHECKING:
    from seglib.collection import Collection
    from seglib.core.engine import Table


def tabulate(collection: Collection, clock: Clock, criteria: Sequence[Criterion]) -> Table:
    """Compute criteria for every customer with a purchase in the window.

    Parameters
    ----------
    collection : Collection
    clock : Clock
        Moment and window.
    criteria : sequence of Criterion
        Must hold ``order_count``, which says who belongs to the population.

    Returns
    -------
    Table
        ``customer`` and one column per criterion that has a source: one aggregation per source, joined on customer.
    """
    by_source: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        by_source.setdefault(criterion.source, []).append(criterion)
    everyone = _per_customer("visits", by_source.pop("visits"), collection, clock)
    values = everyone.filter(everyone.order_count > 0)
    for source, wanted in by_source.items():
        if source != DERIVED:
            values = _joined(values, _per_customer(source, wanted, collection, clock), wanted)
    return values


def derive(values: Table, clock: Clock, criteria: Sequence[Criterion]) -> Table:
    """Add the criteria that are made from other criteria, and put all into the order of the catalogue."""
    for criterion in criteria:
        if criterion.source == DERIVED:
            values = values.mutate(**{criterion.name: criterion.value(values, clock)})
    return values.select("customer", *(criterion.name for criterion in criteria))


def _per_customer(source: str, wanted: Sequence[Criterion], collection: Collection, clock: Clock) -> Table:
    table = SOURCES[source](collection, clock)
    columns = {criterion.name: criterion.value(table, clock) for criterion in wanted}
    if source == "customers":
        return table.select("customer", **columns)
    return table.group_by("customer").aggregate(**columns)


def _joined(values: Table, more: Table, wanted: Sequence[Criterion]) -> Table:
    joined = values.left_join(more, "customer").drop("customer_right")
    fills = {c.name: UNKNOWN if c.kind == "category" else c.absent for c in wanted}
    return joined.fill_null({name: fill for name, fill in fills.items() if fill is not None} or {"order_count": 0})
