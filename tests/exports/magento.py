"""Magento 2: the grid of orders and the items of orders."""

from __future__ import annotations

from typing import Any

from .files import EN, clock12, columns, csv_bytes, dot, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export

GRID = columns(
    "ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,"
    "Billing Address,Shipping Address,Shipping Information,Customer Email,Customer Group,Subtotal,Shipping and "
    "Handling,Customer Name,Payment Method,Total Refunded,Allocated sources,Pickup Location Code,Braintree "
    "Transaction Source,Dispute State"
)
ITEMS = columns(
    "item_id,order_id,increment_id,created_at,status,customer_id,customer_email,customer_is_guest,product_type,sku,"
    "name,qty_ordered,qty_invoiced,qty_refunded,qty_canceled,original_price,price,tax_percent,tax_amount,"
    "discount_percent,discount_amount,row_total,row_total_incl_tax,amount_refunded,discount_refunded,tax_refunded"
)
LABEL = {"unpaid": "Pending", "cancelled": "Canceled", "failed": "Canceled", "paid": "Complete"}


def _status(order: Order) -> str:
    return "Closed" if order.paid and order.all_back else LABEL[order.state]


def _grid(orders: list[Order]) -> bytes:
    rows = []
    for order in reversed(orders):
        who, address = order.customer, f"Test Lane 1,{order.customer.city},Oregon,97000"
        rows.append(
            {
                "ID": f"{order.number:09d}",
                "Purchase Point": "Main Website\n Main Website Store\n  Default Store View",
                "Purchase Date": f"{EN[order.at.month - 1]} {order.at:%d}, {order.at.year} {clock12(order.at)}",
                "Bill-to Name": who.name,
                "Ship-to Name": who.name,
                "Grand Total (Base)": dot(order.total, 4),
                "Grand Total (Purchased)": dot(order.total, 4),
                "Status": _status(order),
                "Billing Address": address,
                "Shipping Address": address,
                "Shipping Information": "Flat Rate - Fixed",
                "Customer Email": who.email,
                "Customer Group": "NOT LOGGED IN" if who.guest else "General",
                "Subtotal": dot(order.listed, 4),
                "Shipping and Handling": dot(order.shipping, 4),
                "Customer Name": "Guest" if who.guest else who.name,
                "Payment Method": "Check / Money order",
                "Total Refunded": dot(order.back_total, 4) if order.refund else "",
            }
        )
    return csv_bytes(table(GRID, rows))


def _item(order: Order, index: int, line: Line) -> dict[str, Any]:
    part = next((part for part in order.refund.parts if part.line == index), None) if order.refund else None
    back = part.quantity if part else 0
    discount, gone = line.discount + line.share, order.state in ("cancelled", "failed")
    share = discount * back // line.quantity if back else 0
    return {
        "item_id": order.number * 10 + index,
        "order_id": order.number - 1000,
        "increment_id": f"{order.number:09d}",
        "created_at": f"{order.at:%Y-%m-%d %H:%M:%S}",
        "status": _status(order).lower(),
        "customer_id": "" if order.customer.guest else order.customer.number,
        "customer_email": order.customer.email,
        "customer_is_guest": int(order.customer.guest),
        "product_type": "simple",
        "sku": line.sku,
        "name": line.name,
        "qty_ordered": f"{line.quantity}.0000",
        "qty_invoiced": f"{line.quantity if order.paid else 0}.0000",
        "qty_refunded": f"{back}.0000",
        "qty_canceled": f"{line.quantity if gone else 0}.0000",
        "original_price": dot(line.price, 4),
        "price": dot(line.price, 4),
        "tax_percent": "8.2500",
        "tax_amount": dot(order.tax.of(line.charged), 4),
        "discount_percent": "0.0000",
        "discount_amount": dot(discount, 4),
        "row_total": dot(line.listed, 4),
        "row_total_incl_tax": dot(line.listed + order.tax.of(line.charged), 4),
        "amount_refunded": dot(part.amount + share if part else 0, 4),
        "discount_refunded": dot(share, 4),
        "tax_refunded": dot(order.part_tax(part) if part else 0, 4),
    }


def _items(orders: list[Order]) -> bytes:
    rows = [_item(order, index, line) for order in orders for index, line in enumerate(order.lines)]
    return csv_bytes(table(ITEMS, rows))


PLAIN = EVERYTHING - {"gift_card", "test", "tip"}
EXPORTS = [
    Export(
        "magento_grid",
        "Magento 2",
        "magento_sales_order_grid.csv",
        Setup(31, Tax(), PLAIN, 1),
        _grid,
        "whole",
        "header printed by a script that runs Magento's own export of sales_order_grid (found by the string "
        '\'"Purchase Date","Bill-to Name"\'); the multi-line Purchase Point and the formats from memory',
        currency="USD",
        cannot_tell="The grid has no discount and no tax: Subtotal is before the discount. This shop "
        "charges no tax, so the grand total less shipping is what was charged for goods. A "
        "shop with tax has to be asked. Customer Name is 'Guest' for guests.",
    ),
    Export(
        "magento_items",
        "Magento 2",
        "magento_order_items.csv",
        Setup(32, Tax("beside", 825), PLAIN - {"goodwill"}),
        _items,
        "part",
        "columns of the table sales_order_item as an SQL export or an extension writes them (devdocs.magento.com, "
        "Magento_Sales db_schema); the set of columns is ours",
        currency="USD",
        cannot_tell="row_total and amount_refunded are before the discount: discount_amount and discount_refunded come "
        "off. Shipping is not in the file.",
    ),
]
