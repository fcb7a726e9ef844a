"""HubSpot: the export of deals, and a report of deals with their line items."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, table
from .orders import Line, Order
from .plan import Setup
from .truth import Export, View

DEALS = columns(
    "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Currency,Amount in company "
    "currency,Associated Contact IDs,Associated Contact,Associated Company IDs,Associated Company"
)
ITEMS = columns(
    "Deal ID,Deal Name,Deal Stage,Close Date,Company name,Line item ID,Line item name,SKU,Quantity,Unit price,Unit "
    "discount,Net price,Currency"
)
STAGE = {"paid": "Closed Won", "unpaid": "Contract Sent", "cancelled": "Closed Lost", "failed": "Closed Lost"}


def _deal(order: Order) -> dict[str, Any]:
    who = order.customer
    return {
        "Record ID": 9_800_000_000 + order.number,
        "Deal Name": f"{who.last} - {order.lines[0].name}",
        "Deal Stage": STAGE[order.state],
        "Close Date": f"{order.at:%Y-%m-%d %H:%M}",
        "Deal owner": "Test Seller",
        "Amount": dot(order.goods),
        "Pipeline": "Sales Pipeline",
        "Create Date": f"{order.at:%Y-%m-%d} 00:01",
        "Currency": "EUR",
        "Amount in company currency": dot(order.goods),
        "Associated Contact IDs": 70_000 + who.number,
        "Associated Contact": f"{who.name} ({who.email})",
        "Associated Company IDs": 80_000 + who.number,
        "Associated Company": who.company,
    }


def _item(order: Order, index: int, line: Line) -> dict[str, Any]:
    return {
        "Deal ID": 9_800_000_000 + order.number,
        "Deal Name": f"{order.customer.last} - {order.lines[0].name}",
        "Deal Stage": STAGE[order.state],
        "Close Date": f"{order.at:%Y-%m-%d}",
        "Company name": order.customer.company,
        "Line item ID": order.number * 10 + index,
        "Line item name": line.name,
        "SKU": line.sku,
        "Quantity": line.quantity,
        "Unit price": dot(line.price),
        "Unit discount": dot(line.discount // line.quantity),
        "Net price": dot(line.charged),
        "Currency": "EUR",
    }


STATES = frozenset(("cancelled", "unpaid", "failed"))
NO_REFUNDS = View(refunded=lambda order: 0)
EXPORTS = [
    Export(
        "hubspot_deals",
        "HubSpot",
        "hubspot-crm-exports-all-deals.csv",
        Setup(121, features=STATES | {"order_discount", "line_discount"}),
        lambda orders: csv_bytes(table(DEALS, map(_deal, orders)), quote_all=True),
        "part",
        "names of the columns in public readers of deal exports (found by the string 'Deal Name,Deal Stage'); "
        "knowledge.hubspot.com: export records; order from memory",
        view=NO_REFUNDS,
        cannot_tell="Only deals won are sales; what was lost or is open is none. A deal says nothing of "
        "refunds, tax or shipping.",
    ),
    Export(
        "hubspot_items",
        "HubSpot",
        "hubspot-custom-report-deals-line-items.csv",
        Setup(122, features=STATES | {"line_discount"}),
        lambda orders: csv_bytes(
            table(ITEMS, (_item(order, i, line) for order in orders for i, line in enumerate(order.lines)))
        ),
        "memory",
        "properties of line items (knowledge.hubspot.com: line item properties) in a custom report with deals",
        view=NO_REFUNDS,
        cannot_tell="Unit discount is per piece; Net price is the whole line after it. Only deals won are sales.",
    ),
]
