"""What an export is, and its money counted from the plan of orders, never from the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from .files import dot
from .orders import Order
from .plan import Setup, plan


@dataclass(frozen=True)
class View:
    """What an export can tell of an order: whether it counts, its money, what came back, and for whom."""

    counts: Callable[[Order], bool] = lambda order: order.paid
    gross: Callable[[Order], int] = lambda order: order.without_tax
    refunded: Callable[[Order], int] = lambda order: order.back_without_tax
    known: Callable[[Order], bool] = lambda order: True


@dataclass(frozen=True)
class Export:
    """An export of a system: how it is written, what it can tell, and where its columns are documented."""

    key: str
    system: str
    file: str
    setup: Setup
    write: Callable[[list[Order]], bytes]
    headers: Literal["whole", "part", "memory"]
    source: str
    currency: str = "EUR"
    view: View = View()
    customers: bool = True
    cannot_tell: str = ""
    others: dict[str, View] = field(default_factory=dict)

    def orders(self) -> list[Order]:
        """Return the orders that the export was made from."""
        return plan(self.setup)


def counted(orders: list[Order], view: View, customers: bool = True) -> dict[str, Any]:
    """Return gross, refunded, net, orders and customers of the orders that a view counts."""
    done = [order for order in orders if view.counts(order)]
    named = [order for order in done if view.known(order)]
    kept = [order for order in named if view.gross(order) > min(view.refunded(order), view.gross(order))]
    gross = sum(view.gross(order) for order in named)
    refunded = sum(min(view.refunded(order), view.gross(order)) for order in named)
    aside = [order for order in done if not view.known(order)]
    return {
        "gross": dot(gross),
        "refunded": dot(refunded),
        "net": dot(gross - refunded),
        "orders": len(named),
        "orders_kept": len(kept),
        "customers": len({order.customer.number for order in named}) if customers else None,
        "customers_kept": len({order.customer.number for order in kept}) if customers else None,
        "gross_by_quarter": _by_quarter(named, view),
        "without_customer": {"orders": len(aside), "gross": dot(sum(view.gross(order) for order in aside))},
    }


def _by_quarter(orders: list[Order], view: View) -> dict[str, str]:
    """Return gross by the quarter of the order's day, which tells whether days and months were mixed up."""
    sums: dict[str, int] = {}
    for order in orders:
        quarter = f"{order.at.year}Q{(order.at.month + 2) // 3}"
        sums[quarter] = sums.get(quarter, 0) + view.gross(order)
    return {quarter: dot(value) for quarter, value in sums.items()}


def entry(export: Export) -> dict[str, Any]:
    """Return what EXPECTED.json says of an export."""
    orders = export.orders()
    return {
        "key": export.key,
        "system": export.system,
        "file": export.file,
        "currency": export.currency,
        **counted(orders, export.view, export.customers),
        "cannot_tell": export.cannot_tell,
        "others": {name: counted(orders, view, export.customers) for name, view in export.others.items()},
        "plan": counted(orders, View()),
        "carries": [*sorted(export.setup.features), f"tax {export.setup.tax.where}"],
        "headers": export.headers,
        "source": export.source,
    }
