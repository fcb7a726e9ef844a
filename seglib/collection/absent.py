"""What a study cannot compute, since a table or a column is not there."""

from __future__ import annotations

from seglib.core.contract import TABLES

NEEDED_FOR = {
    "product_id": "next-best products",
    "category": "next-best categories and the variety of what people buy",
    "channel": "the channel of an order",
    "country": "geographic criteria from orders",
    "discount": "the use of discounts",
    "cost": "margins and returns on investment",
}


def missing(present: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Say what a study cannot compute, and which file or column would allow it.

    Parameters
    ----------
    present : dict
        Per table, the columns that its source has.

    Returns
    -------
    tuple of str
        One sentence each; empty when nothing is missing.

    Examples
    --------
    >>> missing({"orders": ("category",)})[0]
    'No table customers, so not available: demographic, geographic and firmographic criteria; add sources.customers.'
    """
    tables = [
        f"No table {name}, so not available: {contract.allows}; add sources.{name}."
        for name, contract in TABLES.items()
        if name not in present
    ]
    columns = [
        f"No column {name} in orders, so not available: {what}; add sources.orders.columns.{name}."
        for name, what in NEEDED_FOR.items()
        if name not in present.get("orders", ())
    ]
    return tuple(tables + columns)
