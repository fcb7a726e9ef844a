"""Odoo: sales orders with their lines, where only the first row of an order has its values, and customer invoices."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, number, table, xlsx_bytes
from .orders import Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

LINES = columns(
    "Order Reference,Order Date,Customer,Customer/Email,Salesperson,Status,Order Lines/Product,Order "
    "Lines/Description,Order Lines/Quantity,Order Lines/Unit Price,Order Lines/Discount (%),Order Lines/Taxes,"
    "Order Lines/Subtotal,Untaxed Amount,Taxes,Total,Invoice Status"
)
INVOICES = columns(
    "Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Origin,Reference,Untaxed Amount Signed,Tax "
    "Signed,Total Signed,Amount Due Signed,Currency,Payment Status,Status"
)
STATE = {"paid": "Sales Order", "unpaid": "Quotation Sent", "cancelled": "Cancelled", "failed": "Quotation"}


def _line(product: str, text: str, quantity: int, price: int, percent: str, tax: str, subtotal: int) -> dict[str, Any]:
    names = ("Product", "Description", "Quantity", "Unit Price", "Discount (%)", "Taxes", "Subtotal")
    values = (product, text, f"{quantity}.0", dot(price), percent, tax, dot(subtotal))
    return {f"Order Lines/{name}": value for name, value in zip(names, values, strict=True)}


def _order_rows(order: Order) -> list[dict[str, Any]]:
    rows = []
    for line in order.lines:
        percent = f"{line.discount * 100 / line.listed:.10g}" if line.discount else "0.0"
        text = f"[{line.sku}] {line.name}"
        rows.append(_line(text, text, line.quantity, line.price, percent, "8%", line.listed - line.discount))
    if order.order_discount:
        rows.append(_line("Discount", "Discount: 15.00%", 1, -order.order_discount, "0.0", "8%", -order.order_discount))
    if order.shipping:
        rows.append(
            _line("[Delivery_007] Standard delivery", "Standard delivery", 1, order.shipping, "0.0", "", order.shipping)
        )
    if order.number % 8 == 0:
        rows.append(_line("", "Please ring the bell", 0, 0, "0.0", "", 0))
    untaxed = order.goods + order.shipping
    rows[0] |= {
        "Order Reference": f"S{order.number:05d}",
        "Order Date": f"{order.at:%Y-%m-%d %H:%M:%S}",
        "Customer": order.customer.name,
        "Customer/Email": order.customer.email,
        "Salesperson": "Test Seller",
        "Status": STATE[order.state],
        "Untaxed Amount": dot(untaxed),
        "Taxes": dot(order.all_tax),
        "Total": dot(untaxed + order.all_tax),
        "Invoice Status": "Fully Invoiced" if order.paid else "Nothing to Invoice",
    }
    return rows


def _lines(orders: list[Order]) -> bytes:
    return csv_bytes(table(LINES, (row for order in reversed(orders) for row in _order_rows(order))), quote_all=True)


def _invoice(order: Order) -> dict[str, Any]:
    posted = order.state in ("paid", "unpaid")
    payment = "Paid" if order.paid else "Not Paid"
    if order.refund:
        payment = "Reversed" if order.all_back else "Paid"
    return {
        "Number": f"INV/{order.at.year}/{order.number:05d}" if posted else "/",
        "Invoice Partner Display Name": order.customer.company,
        "Invoice/Bill Date": f"{order.at:%Y-%m-%d}",
        "Due Date": f"{order.at:%Y-%m-%d}",
        "Origin": f"S{order.number:05d}",
        "Untaxed Amount Signed": number(order.goods),
        "Tax Signed": number(order.goods_tax),
        "Total Signed": number(order.total),
        "Amount Due Signed": number(order.total if order.state == "unpaid" else 0),
        "Currency": "EUR",
        "Payment Status": payment,
        "Status": "Posted" if posted else "Cancelled" if order.state == "cancelled" else "Draft",
    }


def _credit(order: Order) -> dict[str, Any]:
    at = order.refund.at if order.refund else order.at
    original = f"INV/{order.at.year}/{order.number:05d}"
    return _invoice(order) | {
        "Number": f"RINV/{at.year}/{order.number:05d}",
        "Invoice/Bill Date": f"{at:%Y-%m-%d}",
        "Due Date": f"{at:%Y-%m-%d}",
        "Reference": f"Reversal of: {original}",
        "Untaxed Amount Signed": number(-order.back),
        "Tax Signed": number(-(order.back_total - order.back)),
        "Total Signed": number(-order.back_total),
        "Payment Status": "Paid",
    }


def _invoices(orders: list[Order]) -> bytes:
    rows = [_invoice(order) for order in orders] + [_credit(order) for order in orders if order.refund]
    rows.sort(key=lambda row: row["Invoice/Bill Date"], reverse=True)
    return xlsx_bytes(table(INVOICES, rows), "Sheet1")


PLAIN = EVERYTHING - {"gift_card", "tip", "test"}
EXPORTS = [
    Export(
        "odoo_lines",
        "Odoo",
        "odoo_sale_order.csv",
        Setup(111, Tax("beside", 800), PLAIN, 1),
        _lines,
        "part",
        "odoo/documentation, export_import_data/o2m-quotations-order-lines.csv: names with paths, blank cells "
        "below the first row of an order; the further columns are fields of sale.order",
        view=View(refunded=lambda order: 0),
        cannot_tell="Cells below the first row of an order are blank. Delivery is a line and no goods; the order's "
        "discount is a line below zero; notes are lines of nothing. Returned goods are not in sales orders.",
        others={"less the refunds, which are not in the file": View()},
    ),
    Export(
        "odoo_invoices",
        "Odoo",
        "odoo_account_move.xlsx",
        Setup(112, Tax("beside", 800), PLAIN - {"shipping"}, 1),
        _invoices,
        "memory",
        "list of customer invoices in Odoo 16 and 17, fields of account.move (odoo.com/documentation, invoicing)",
        cannot_tell="A credit note is a row below zero, and the invoice that it reverses says Reversed too: it counts "
        "once. An invoice of freight and goods has one amount (this company charges no freight).",
    ),
]
