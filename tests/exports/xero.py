"""Xero: sales invoices with drafts, voids, credit notes and one partly paid; and the older set of columns."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, table
from .orders import Order, Part, Tax
from .plan import Setup
from .truth import Export, View

FULL = columns(
    "ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,"
    "POPostalCode,POCountry,SAAddressLine1,SAAddressLine2,SAAddressLine3,SAAddressLine4,SACity,SARegion,"
    "SAPostalCode,SACountry,InvoiceNumber,Reference,InvoiceDate,DueDate,PlannedDate,Total,TaxTotal,"
    "InvoiceAmountPaid,InvoiceAmountDue,InventoryItemCode,Description,Quantity,UnitAmount,Discount,LineAmount,"
    "AccountCode,TaxType,TaxAmount,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency,Type,Sent,"
    "Status"
)
OLDER = [name for name in FULL if not name.startswith("SA")]
PARTLY = 16


def _partly(order: Order) -> bool:
    return order.state == "unpaid" and order.number % 1000 == PARTLY + 1


def _status(order: Order) -> str:
    return {"paid": "Paid", "unpaid": "Awaiting Payment", "cancelled": "Voided", "failed": "Draft"}[order.state]


def _row(order: Order, index: int, part: Part | None) -> dict[str, Any]:
    line, at = order.lines[index], order.refund.at if part and order.refund else order.at
    sign = -1 if part else 1
    charged = part.amount if part else line.charged
    total, tax = (order.back_total, order.back_total - order.back) if part else (order.total, order.all_tax)
    paid = total if order.paid else 5000 if _partly(order) else 0
    due = 0 if order.paid or order.state == "cancelled" else total - paid
    whole = not part or part.quantity == line.quantity
    return {
        "ContactName": order.customer.company,
        "EmailAddress": order.customer.email,
        "POAddressLine1": "Test Lane 1",
        "POCity": order.customer.city,
        "InvoiceNumber": f"{'CN' if part else 'INV'}-{order.number:04d}",
        "Reference": f"INV-{order.number:04d}" if part else f"PO {order.number}",
        "InvoiceDate": f"{at:%d/%m/%Y}",
        "DueDate": f"{at:%d/%m/%Y}",
        "Total": dot(sign * total, 4),
        "TaxTotal": dot(sign * tax, 4),
        "InvoiceAmountPaid": dot(sign * paid, 4),
        "InvoiceAmountDue": dot(sign * due, 4),
        "InventoryItemCode": line.sku,
        "Description": line.name,
        "Quantity": f"{(part.quantity if part else line.quantity) or 1}.0000",
        "UnitAmount": dot(sign * (line.price if whole else charged), 4),
        "Discount": f"{line.discount * 100 / line.listed:.2f}" if whole and line.discount else "",
        "LineAmount": dot(sign * charged, 4),
        "AccountCode": "200",
        "TaxType": "20% (VAT on Income)",
        "TaxAmount": dot(sign * (order.part_tax(part) if part else order.tax.of(line.charged)), 4),
        "Currency": "GBP",
        "Type": "Sales credit note" if part else "Sales invoice",
        "Sent": "Sent" if order.state in ("paid", "unpaid") else "",
        "Status": _status(order),
    }


def _write(header: list[str], orders: list[Order]) -> bytes:
    rows = []
    for order in reversed(orders):
        rows += [_row(order, index, None) for index in range(len(order.lines))]
        rows += [_row(order, part.line, part) for part in (order.refund.parts if order.refund else ())]
    return csv_bytes(table(header, rows), newline="\r\n")


PLAIN = frozenset(columns("line_discount,refund_line,refund_piece,refund_all,cancelled,unpaid,failed"))
ISSUED = View(counts=lambda order: order.state in ("paid", "unpaid"))
TELL = (
    "LineAmount is after the discount (per cent) and before tax; totals are of the invoice, repeated on "
    "its lines. Credit notes are rows of a type, below zero, with a number of their own, and the invoice "
    "in Reference. Drafts and voids are no sales. Whether an invoice that is issued and not yet, or only "
    "partly, paid is a sale has to be asked: here it is not."
)
EXPORTS = [
    Export(
        "xero_invoices",
        "Xero",
        "xero_sales_invoices.csv",
        Setup(141, Tax("beside", 2000), PLAIN),
        lambda orders: _write(FULL, orders),
        "whole",
        "header of 44 columns in public readers and writers of the file (found by the string "
        "'InvoiceAmountPaid,InvoiceAmountDue'); that credit notes are below zero is from memory",
        currency="GBP",
        cannot_tell=TELL,
        others={"issued invoices counted too": ISSUED},
    ),
    Export(
        "xero_older",
        "Xero",
        "xero_sales_invoices_older.csv",
        Setup(142, Tax("beside", 2000), PLAIN - {"failed"}),
        lambda orders: _write(OLDER, orders),
        "whole",
        "header without the delivery address in a public writer of the file (same search)",
        currency="GBP",
        cannot_tell=TELL,
        others={"issued invoices counted too": ISSUED},
    ),
]
