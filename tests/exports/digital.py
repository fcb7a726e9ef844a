"""Digital goods: Lemon Squeezy orders as its API gives them (in cents), and Gumroad sales with a row of totals."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, jsonl_bytes, table
from .orders import Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export

GUMROAD = columns(
    "Purchase ID,Item Name,Buyer Name,Purchase Email,Buyer Email,Do not contact?,Purchase Date,Purchase Time (UTC "
    "timezone),Subtotal ($),Taxes ($),Tax Type,Shipping ($),Sale Price ($),Fees ($),Net Total ($),Tip ($),Tax "
    "Included in Price?,Street Address,City,Zip Code,State,Country,Referrer,Refunded?,Partial Refund ($),Fully "
    "Refunded?,Disputed?,Dispute Won?,Access Revoked?,Variants,Discount Code,Recurring Charge?,Free trial "
    "purchase?,Pre-order authorization?,Product ID,Order Number,Pre-order authorization time (UTC timezone),Custom "
    "Fields,Item Price ($),Variants Price ($),Giftee Email,SKU ID,Quantity,Recurrence,Affiliate,Affiliate "
    "commission ($),Discover?,Cancellation Date,Subscription End Date,Rating,Review,License Key,License Key "
    "Activation Count,License Key Enabled?,Payment Type,PayPal Transaction ID,PayPal Fee Amount,PayPal Fee "
    "Currency,Stripe Transaction ID,Stripe Fee Amount,Stripe Fee Currency,Purchasing Power Parity Discounted?,"
    "Upsold?,Sent Abandoned Cart Email?,UTM Source,UTM Medium,UTM Campaign,UTM Term,UTM Content,Buyer Currency,"
    "Buyer Total,Buyer Refunded Total"
)
SUMS = (
    "Subtotal ($)",
    "Taxes ($)",
    "Shipping ($)",
    "Sale Price ($)",
    "Fees ($)",
    "Net Total ($)",
    "Tip ($)",
    "Partial Refund ($)",
)
STATUS = {"paid": "paid", "unpaid": "pending", "failed": "failed", "cancelled": "failed", "test": "paid"}


def _dollar(minor: int) -> str:
    """Return 1990 as $19.90."""
    return f"${dot(minor)}"


def _cents(order: Order) -> dict[str, int]:
    return {
        "subtotal": order.listed,
        "setup_fee": 0,
        "discount_total": order.discount,
        "tax": order.all_tax,
        "total": order.total,
        "refunded_amount": order.back_total,
    }


def _lemon(order: Order) -> dict[str, Any]:
    who = order.customer
    status = STATUS[order.state]
    if order.refund:
        status = "refunded" if order.all_back else "partial_refund"
    money = _cents(order)
    first = order.lines[0]
    stamp = f"{order.at:%Y-%m-%dT%H:%M:%S}.000000Z"
    attributes: dict[str, Any] = {
        "store_id": 1,
        "customer_id": who.number,
        "identifier": f"0d1e0000-0000-4000-8000-{order.number:012d}",
        "order_number": order.number,
        "user_name": who.name,
        "user_email": who.email,
        "currency": "USD",
        "currency_rate": "1.0000",
        **money,
        **{f"{name}_usd": value for name, value in money.items()},
        "tax_name": "VAT",
        "tax_rate": "20.00",
        "tax_inclusive": False,
        "status": status,
        "status_formatted": status.replace("_", " ").capitalize(),
        "refunded": order.all_back,
        "refunded_at": f"{order.refund.at:%Y-%m-%dT%H:%M:%S}.000000Z" if order.refund else None,
        **{f"{name}_formatted": _dollar(value) for name, value in money.items()},
        "first_order_item": {
            "order_id": order.number,
            "product_name": first.name,
            "price": first.price,
            "quantity": first.quantity,
        },
        "created_at": stamp,
        "updated_at": stamp,
        "test_mode": order.state == "test",
    }
    return {"type": "orders", "id": str(order.number), "attributes": attributes}


def _sale(order: Order) -> dict[str, Any]:
    who, line = order.customer, order.lines[0]
    fee = order.goods // 10 + 50
    partly = order.refund is not None and not order.all_back
    flags = (
        "Do not contact?,Tax Included in Price?,Disputed?,Dispute Won?,Access Revoked?,Recurring Charge?,Free "
        "trial purchase?"
    )
    row: dict[str, Any] = dict.fromkeys([*flags.split(","), "Pre-order authorization?", "Discover?", "Upsold?"], 0)
    return row | {
        "Purchase ID": f"Test{order.number}==",
        "Item Name": line.name,
        "Buyer Name": who.name,
        "Purchase Email": who.email,
        "Buyer Email": "" if who.guest else who.email,
        "Purchase Date": f"{order.at:%Y-%m-%d}",
        "Purchase Time (UTC timezone)": f"{order.at:%Y-%m-%d %H:%M:%S} UTC",
        "Subtotal ($)": dot(order.goods),
        "Taxes ($)": dot(order.all_tax),
        "Tax Type": "VAT",
        "Shipping ($)": "0.0",
        "Sale Price ($)": dot(order.goods),
        "Fees ($)": dot(fee),
        "Net Total ($)": dot(order.goods - fee),
        "Tip ($)": "0.0",
        "Country": "Germany",
        "Refunded?": int(order.refund is not None),
        "Partial Refund ($)": dot(order.back) if partly else "0.0",
        "Fully Refunded?": int(order.all_back),
        "Discount Code": "welcome" if order.discount else "",
        "Product ID": line.sku.lower(),
        "Order Number": 900_000 + order.number,
        "Custom Fields": "{}",
        "Item Price ($)": dot(order.goods),
        "Variants Price ($)": "0.0",
        "Quantity": line.quantity,
        "Payment Type": "Card",
    }


def _gumroad(orders: list[Order]) -> bytes:
    rows = [_sale(order) for order in orders]
    total: dict[str, Any] = {"Purchase ID": "Totals"}
    for name in (*SUMS, "Item Price ($)"):
        total[name] = dot(sum(round(float(row[name]) * 100) for row in rows))
    return csv_bytes(table(GUMROAD, [*rows, total]))


BACK = frozenset(("refund_all", "refund_piece"))
EXPORTS = [
    Export(
        "lemonsqueezy",
        "Lemon Squeezy",
        "lemonsqueezy_orders.jsonl",
        Setup(211, Tax("beside", 2000), EVERYTHING - {"gift_card", "tip", "shipping", "cancelled"}),
        lambda orders: jsonl_bytes(map(_lemon, orders)),
        "whole",
        "docs.lemonsqueezy.com/api/orders and its example of an answer",
        currency="USD",
        cannot_tell="All amounts are whole cents. Goods are subtotal less discount_total; the refunded "
        "amount holds its tax. test_mode tells a test order.",
    ),
    Export(
        "gumroad",
        "Gumroad",
        "gumroad_sales.csv",
        Setup(212, Tax("beside", 1900), BACK | {"order_discount", "guest", "other_guest", "single"}),
        _gumroad,
        "whole",
        "antiwork/gumroad app/services/exports/purchase_export_service.rb: its fields, its flags and its row of totals",
        currency="USD",
        cannot_tell="The last row has the totals of the file. A partial refund is an amount, a whole one "
        "only a flag. Item Price and Sale Price are of the whole purchase, after the discount.",
    ),
]
