"""One row per customer, one column per criterion: an expression that the engine runs when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion
from seglib.criteria.sources import SOURCES

SAMPLE_ROWS = 20_000

DERIVED = "values"
ONE_EACH = ("customers", "accounts")  # sources with one row per customer already

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
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
    """Compute the criteria of one source: one row per customer who has any row in it."""
    table = SOURCES[source](collection, clock)
    columns = {criterion.name: criterion.value(table, clock) for criterion in wanted}
    if source in ONE_EACH:
        return table.select("customer", **columns)
    return table.group_by("customer").aggregate(**columns)


def _joined(values: Table, more: Table, wanted: Sequence[Criterion]) -> Table:
    joined = values.left_join(more, "customer").drop("customer_right")
    fills = {c.name: UNKNOWN if c.kind == "category" else c.absent for c in wanted}
    known = {name: fill for name, fill in fills.items() if fill is not None}
    return joined.fill_null(known) if known else joined


def drawn(table: Table, rows: int = SAMPLE_ROWS) -> Table:
    """Draw at most so many customers by the hash of their pseudonym: no seed, no chance, the same ones every time."""
    return table.order_by(table.customer.hexdigest("sha256"), table.customer).limit(rows)


def with_sources(
    values: Table, criteria: Sequence[Criterion], collection: Collection, clock: Clock, rows: int = SAMPLE_ROWS
) -> pd.DataFrame:
    """Bring a sample of customers into memory, with criteria that are not among the values computed beside them."""
    table = drawn(values, rows)
    for source in dict.fromkeys(criterion.source for criterion in criteria):
        wanted = [criterion for criterion in criteria if criterion.source == source]
        table = _joined(table, _per_customer(source, wanted, collection, clock), wanted)
    frame: pd.DataFrame = table.to_pandas()
    return frame.sort_values("customer", kind="stable").reset_index(drop=True)
