"""Shopify: the order export of three generations of columns; values of the order stand on its first line only."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, offset, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

OLD = columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,"
    "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem "
    "fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,"
    "Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,"
    "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping "
    "Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding "
    "Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 "
    "Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number"
)
TERMS = [*OLD, "Duties", "Billing Province Name", "Shipping Province Name", "Payment Terms Name", "Next Payment Due At"]
NEW = [
    *OLD,
    *columns("Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At"),
    "Payment References",
]
SOURCE = (
    "header whole in a public importer of Shopify's file (found by the string 'Receipt Number,Duties,"
    "Billing Province Name'); first line only: "
    "docs.xbp.app/docs/development/integrations/shopify/order-format; meaning: help.shopify.com orders "
    "export"
)
GIFT = (
    "Gift cards sold are lines by the name 'Gift card 50.00' and a tip is a line named 'Tip': both are "
    "known by name only. Line discounts are inside Discount Amount (lines less Discount Amount are the "
    "Subtotal)."
)


def _status(order: Order) -> str:
    if not order.paid:
        return {"unpaid": "pending", "cancelled": "voided", "failed": "voided"}.get(order.state, "paid")
    if order.refund is None:
        return "paid"
    return "refunded" if order.all_back else "partially_refunded"


def _person(order: Order) -> dict[str, Any]:
    who = order.customer
    row: dict[str, Any] = {"Billing Phone": who.phone, "Shipping Phone": who.phone, "Phone": who.phone}
    for side in ("Billing", "Shipping"):
        row |= {f"{side} Name": who.name, f"{side} Street": "Test Lane 1", f"{side} Address1": "Test Lane 1"}
        row |= {f"{side} City": who.city, f"{side} Zip": f"'0{who.number}", f"{side} Country": "DE"}
    return row


def _head(order: Order) -> dict[str, Any]:
    dropped = order.state in ("cancelled", "failed")
    paid = (
        "" if order.state in ("unpaid", "cancelled", "failed") else f"{order.at:%Y-%m-%d %H:%M:%S} {offset(order.at)}"
    )
    return _person(order) | {
        "Financial Status": _status(order),
        "Paid at": paid,
        "Fulfillment Status": "fulfilled" if order.paid else "unfulfilled",
        "Fulfilled at": paid if order.paid else "",
        "Accepts Marketing": "yes" if order.number % 3 else "no",
        "Currency": "EUR",
        "Subtotal": dot(order.goods + order.gift_cards),
        "Shipping": dot(order.shipping),
        "Taxes": dot(order.all_tax),
        "Total": dot(order.total),
        "Discount Code": "WELCOME" if order.discount else "",
        "Discount Amount": dot(order.discount),
        "Shipping Method": "Standard" if order.shipping else "Pick-up",
        "Cancelled at": f"{order.at:%Y-%m-%d} 23:58:00 {offset(order.at)}" if dropped else "",
        "Payment Method": "bogus" if order.state == "test" else "Shopify Payments",
        "Payment Reference": f"c{order.number}.1" if paid else "",
        "Refunded Amount": dot(order.back_total),
        "Outstanding Balance": dot(0 if paid or dropped else order.total),
        "Id": 5_550_000_000_000 + order.number,
        "Risk Level": "Low",
        "Source": "web",
        "Tax 1 Name": f"VAT {order.tax.rate / 100:g}%" if order.all_tax else "",
        "Tax 1 Value": dot(order.all_tax) if order.all_tax else "",
    }


def _line(order: Order, line: Line) -> dict[str, Any]:
    yes = "true" if line.goods else "false"
    return {
        "Lineitem quantity": line.quantity,
        "Lineitem name": line.name,
        "Lineitem price": dot(line.price),
        "Lineitem sku": line.sku,
        "Lineitem requires shipping": yes,
        "Lineitem taxable": yes,
        "Lineitem fulfillment status": "fulfilled" if order.paid else "pending",
        "Lineitem discount": dot(line.discount),
        "Vendor": "Test Vendor",
    }


def _write(header: list[str], orders: list[Order]) -> bytes:
    rows = []
    for order in reversed(orders):
        lines = [_line(order, line) for line in order.lines]
        if order.tip:
            lines.append(_line(order, Line("", "Tip", 1, order.tip, goods=False)))
        for index, line in enumerate(lines):
            row = {
                "Name": f"#{order.number}",
                "Email": order.customer.email,
                "Created at": f"{order.at:%Y-%m-%d %H:%M:%S} {offset(order.at)}",
            }
            head = _head(order) if index == 0 else {}
            if index == 0 and "Payment ID" in header and order.number % 2:
                head |= {"Payment ID": f"pay{order.number}", "Payment References": f"pay{order.number}"}
            rows.append(row | line | head)
    return csv_bytes(table(header, rows))


TAX = Tax("beside", 800)
EXPORTS = [
    Export(
        "shopify_2020",
        "Shopify",
        "shopify_orders_2020.csv",
        Setup(11, TAX, EVERYTHING - {"test", "tip", "gift_card"}),
        lambda orders: _write(OLD, orders),
        "part",
        SOURCE + "; that the set of 2020 ends with Receipt Number is from memory",
        cannot_tell="Line discounts are inside Discount Amount (lines less Discount Amount are the Subtotal).",
    ),
    Export(
        "shopify_terms",
        "Shopify",
        "shopify_orders_without_payment_id.csv",
        Setup(12, TAX, EVERYTHING - {"test"}),
        lambda orders: _write(TERMS, orders),
        "whole",
        SOURCE,
        cannot_tell=GIFT,
    ),
    Export(
        "shopify_2025",
        "Shopify",
        "shopify_orders_2025.csv",
        Setup(13, TAX),
        lambda orders: _write(NEW, orders),
        "whole",
        SOURCE,
        cannot_tell=GIFT
        + " One order was paid by the method 'bogus', Shopify's gateway for tests: left out here, and to be named.",
        others={"the test order counted": View(counts=lambda order: order.state in ("paid", "test"))},
    ),
    Export(
        "shopify_vat_inside",
        "Shopify",
        "shopify_orders_vat_inside.csv",
        Setup(14, Tax("inside", 1900, True), EVERYTHING - {"test", "tip", "gift_card"}),
        lambda orders: _write(NEW, orders),
        "whole",
        SOURCE + "; that Subtotal and Total hold the tax where prices do: a public test of a reader of the file",
        view=View(gross=lambda order: order.goods, refunded=lambda order: order.back),
        cannot_tell="Prices, Subtotal and Total hold VAT: Subtotal and Shipping are already the Total. Taxes is "
        "the tax of the whole order, shipping included, so that of the goods is told by their share only. The "
        "values here hold the tax; it has to be said.",
        others={"without the tax": View()},
    ),
]
