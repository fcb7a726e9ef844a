"""Dynamics 365: the list of sales orders of Sales, and posted invoice lines of Business Central."""

from __future__ import annotations

from typing import Any

from .files import columns, number, table, xlsx_bytes
from .orders import Order, Tax
from .plan import Setup
from .truth import Export, View

ORDERS = columns(
    "(Do Not Modify) Sales Order,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Order ID,Name,Customer,"
    "Status,Status Reason,Detail Amount,Order Discount Amount,Freight Amount,Total Tax,Total Amount,Currency,"
    "Created On,Date Fulfilled"
)
LINES = columns(
    "Document No.,Line No.,Posting Date,Sell-to Customer No.,Bill-to Customer No.,Type,No.,Description,Unit of "
    "Measure Code,Quantity,Unit Price,Line Discount %,Line Discount Amount,Inv. Discount Amount,Line Amount,Amount,"
    "VAT %,Amount Including VAT"
)
STATE = {
    "paid": ("Fulfilled", "Complete"),
    "unpaid": ("Active", "New"),
    "cancelled": ("Canceled", "No Money"),
    "failed": ("Canceled", "No Money"),
}


def _order(order: Order) -> dict[str, Any]:
    state, reason = STATE[order.state]
    return {
        "(Do Not Modify) Sales Order": f"7d0c{order.number:04d}-0000-4000-8000-{order.number:012d}",
        "(Do Not Modify) Row Checksum": f"{order.number * 7919:X}==",
        "(Do Not Modify) Modified On": order.at,
        "Order ID": f"ORD-{order.number:05d}-T3ST",
        "Name": f"Order of {order.customer.last}",
        "Customer": order.customer.company,
        "Status": state,
        "Status Reason": reason,
        "Detail Amount": number(order.listed - order.line_discount),
        "Order Discount Amount": number(order.order_discount) if order.order_discount else "",
        "Freight Amount": number(order.shipping) if order.shipping else "",
        "Total Tax": number(order.all_tax),
        "Total Amount": number(order.total),
        "Currency": "Euro",
        "Created On": order.at,
        "Date Fulfilled": order.at.replace(hour=0, minute=0, second=0) if order.paid else "",
    }


def _line_rows(order: Order) -> list[dict[str, Any]]:
    base = {
        "Document No.": f"PSI-{order.number:06d}",
        "Posting Date": order.at.replace(hour=0, minute=0, second=0),
        "Sell-to Customer No.": f"C{order.customer.number:05d}",
        "Bill-to Customer No.": f"C{order.customer.number:05d}",
    }
    rows: list[dict[str, Any]] = []
    for index, line in enumerate(order.lines):
        row = {
            "Line No.": (index + 1) * 10_000,
            "Type": "Item",
            "No.": line.sku,
            "Description": line.name,
            "Quantity": line.quantity,
        }
        row |= {
            "Unit of Measure Code": "PCS",
            "Unit Price": number(line.price),
            "Line Discount Amount": number(line.discount),
        }
        row |= {
            "Line Discount %": round(line.discount * 100 / line.listed, 5),
            "Inv. Discount Amount": number(line.share),
        }
        row |= {"Line Amount": number(line.listed - line.discount), "Amount": number(line.charged), "VAT %": 19}
        rows.append(base | row | {"Amount Including VAT": number(line.charged + order.tax.of(line.charged))})
    if order.shipping:
        row = {"Line No.": 90_000, "Type": "G/L Account", "No.": "40400", "Description": "Freight", "Quantity": 1}
        row |= {
            "Unit Price": number(order.shipping),
            "Line Amount": number(order.shipping),
            "Amount": number(order.shipping),
        }
        rows.append(base | row | {"VAT %": 0, "Amount Including VAT": number(order.shipping)})
    if order.number % 6 == 0:
        rows.append(base | {"Line No.": 95_000, "Type": " ", "Description": "Thank you for your order"})
    return rows


VAT = Tax("beside", 1900)
EXPORTS = [
    Export(
        "dynamics_orders",
        "Dynamics 365",
        "dynamics_sales_orders.xlsx",
        Setup(161, VAT, frozenset(columns("order_discount,line_discount,shipping,cancelled,unpaid,failed"))),
        lambda orders: xlsx_bytes(table(ORDERS, map(_order, orders)), "All Orders"),
        "part",
        "learn.microsoft.com, entity salesorder: Detail Amount less discount, with freight and tax, is the "
        "Total Amount; the three columns '(Do Not Modify)' of its export to Excel",
        view=View(refunded=lambda order: 0),
        cannot_tell="Goods are Detail Amount less Order Discount Amount. Active orders are not done yet. "
        "Refunds are not told.",
    ),
    Export(
        "business_central_lines",
        "Dynamics 365",
        "business_central_posted_sales_invoice_lines.xlsx",
        Setup(162, VAT, frozenset(["order_discount", "line_discount", "shipping"])),
        lambda orders: xlsx_bytes(
            table(LINES, (row for order in orders for row in _line_rows(order))), "Posted Sales Invoice Lines"
        ),
        "part",
        "microsoft.github.io/BCApps, table Sales Invoice Line and its captions; the choice of columns is ours",
        view=View(refunded=lambda order: 0),
        cannot_tell="Amount is after line and invoice discount, without VAT. Freight is a line of Type 'G/L Account', "
        "notes have no type. Credit memos are another file.",
    ),
]
