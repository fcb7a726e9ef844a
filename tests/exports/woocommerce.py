"""WooCommerce: the CSV of a common export plugin, the report of its analytics, and the REST API as JSON Lines."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, jsonl_bytes, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

ADDRESS = columns("Company,Address 1&2,City,State Code,Postcode,Country Code")
HEADER = [
    *columns("Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing)"),
    *(f"{name} (Billing)" for name in ADDRESS),
    *["Email (Billing)", "Phone (Billing)", "First Name (Shipping)", "Last Name (Shipping)"],
    *(f"{name} (Shipping)" for name in ADDRESS[1:]),
    *columns(
        "Payment Method Title,Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,Order Shipping Amount"
    ),
    *columns("Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,Name,Quantity,Item Cost"),
    *["Coupon Code", "Discount Amount", "Discount Amount Tax"],
]
ANALYTICS = [
    *columns("Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s)"),
    *("N. Revenue", "Attribution"),
]
LABEL = {"unpaid": "Pending payment", "cancelled": "Cancelled", "failed": "Failed", "paid": "Completed"}
SLUG = {"unpaid": "pending", "cancelled": "cancelled", "failed": "failed", "paid": "completed"}


def _word(order: Order, words: dict[str, str], refunded: str) -> str:
    if not order.paid:
        return words[order.state]
    if order.all_back:
        return refunded
    return words["paid"] if order.number % 4 else "Processing" if words is LABEL else "processing"


def _plugin_row(order: Order, index: int, line: Line) -> dict[str, Any]:
    who = order.customer
    row: dict[str, Any] = {f"{name} (Billing)": "" for name in ADDRESS}
    for side in ("Billing", "Shipping"):
        row |= {f"First Name ({side})": who.first, f"Last Name ({side})": who.last, f"City ({side})": who.city}
        row |= {f"Country Code ({side})": "US", f"State Code ({side})": "OR", f"Postcode ({side})": f"0{who.number}"}
    return row | {
        "Order Number": order.number,
        "Order Status": _word(order, LABEL, "Refunded"),
        "Order Date": f"{order.at:%Y-%m-%d %H:%M}",
        "Customer Note": "Ring twice,\nplease" if order.number % 11 == 0 else "",
        "Email (Billing)": who.email,
        "Phone (Billing)": who.phone,
        "Payment Method Title": "Credit Card",
        "Cart Discount Amount": dot(order.discount),
        "Order Subtotal Amount": dot(order.listed),
        "Shipping Method Title": "Flat rate" if order.shipping else "Free shipping",
        "Order Shipping Amount": dot(order.shipping),
        "Order Refund Amount": dot(order.back_total),
        "Order Total Amount": dot(order.total),
        "Order Total Tax Amount": dot(order.all_tax),
        "SKU": line.sku,
        "Item #": index + 1,
        "Name": line.name,
        "Quantity": line.quantity,
        "Item Cost": dot(line.price),
        "Coupon Code": "WELCOME" if order.discount and index == 0 else "",
        "Discount Amount": dot(order.discount) if order.discount and index == 0 else "",
        "Discount Amount Tax": "0.00" if order.discount and index == 0 else "",
    }


def _plugin(orders: list[Order]) -> bytes:
    rows = [_plugin_row(order, index, line) for order in reversed(orders) for index, line in enumerate(order.lines)]
    return csv_bytes(table(HEADER, rows), newline="\r\n", encoding="utf-8-sig")


def _analytics(orders: list[Order]) -> bytes:
    rows = []
    for order in reversed(orders):
        kept = order.goods - order.back
        rows.append(
            {
                "Date": f"{order.at:%Y-%m-%d %H:%M:%S}",
                "Order #": order.number,
                "N. Revenue (formatted)": f"&#36;{dot(kept)}",
                "Status": _word(order, SLUG, "refunded"),
                "Customer": order.customer.name,
                "Customer type": "new" if order.number % 5 == 0 else "returning",
                "Product(s)": ", ".join(f"{line.quantity}× {line.name}" for line in order.lines),
                "Items sold": sum(line.quantity for line in order.lines),
                "Coupon(s)": "welcome" if order.discount else "",
                "N. Revenue": dot(kept),
                "Attribution": "Direct",
            }
        )
    return csv_bytes(table(ANALYTICS, rows))


def _item(order: Order, index: int, line: Line) -> dict[str, Any]:
    tax = order.tax.of(line.charged)
    return {
        "id": order.number * 10 + index,
        "name": line.name,
        "product_id": 77 + index,
        "variation_id": 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": dot(line.listed),
        "subtotal_tax": dot(order.tax.of(line.listed)),
        "total": dot(line.charged),
        "total_tax": dot(tax),
        "taxes": [{"id": 1, "total": dot(tax), "subtotal": dot(tax)}],
        "meta_data": [],
        "sku": line.sku,
        "price": round(line.charged / line.quantity / 100, 6),
    }


def _further(order: Order) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of an order beside its products: shipping, the tip as a fee, the coupon, the refund."""
    ident = order.number * 10
    fee = {"id": ident + 9, "name": "Tip", "tax_status": "none", "total": dot(order.tip), "total_tax": "0.00"}
    coupon = {"id": order.number, "code": "welcome", "discount": dot(order.discount)}
    refund = {"id": order.number + 5000, "reason": "", "total": dot(-order.back_total)}
    return {
        "shipping_lines": [{"id": ident + 8, "method_title": "Flat rate", "total": dot(order.shipping)}],
        "fee_lines": [fee] if order.tip else [],
        "coupon_lines": [coupon] if order.discount else [],
        "refunds": [refund] if order.refund else [],
    }


def _record(order: Order) -> dict[str, Any]:
    who, stamp = order.customer, f"{order.at:%Y-%m-%dT%H:%M:%S}"
    return {
        "id": order.number,
        "parent_id": 0,
        "number": str(order.number),
        "status": _word(order, SLUG, "refunded"),
        "currency": "USD",
        "version": "9.4.2",
        "prices_include_tax": False,
        "date_created": stamp,
        "date_modified": stamp,
        "discount_total": dot(order.discount),
        "discount_tax": "0.00",
        "shipping_total": dot(order.shipping),
        "shipping_tax": dot(order.shipping_tax),
        "cart_tax": dot(order.goods_tax),
        "total": dot(order.total),
        "total_tax": dot(order.all_tax),
        "customer_id": 0 if who.guest else who.number,
        "billing": {
            "first_name": who.first,
            "last_name": who.last,
            "city": who.city,
            "email": who.email,
            "phone": who.phone,
        },
        "payment_method": "stripe",
        "date_paid": stamp if order.paid else None,
        "line_items": [_item(order, index, line) for index, line in enumerate(order.lines)],
        **_further(order),
    }


PLAIN = EVERYTHING - {"gift_card", "test"}
EXPORTS = [
    Export(
        "woocommerce_plugin",
        "WooCommerce",
        "woocommerce_orders_export.csv",
        Setup(21, Tax("beside", 725), PLAIN - {"tip"}),
        _plugin,
        "whole",
        "algolplus 'Advanced Order Export' plugin, class of its fields and which are ticked at first "
        "(found by the string 'Order Line Subtotal'); order of the fields of payment and cart from memory",
        currency="USD",
        cannot_tell="The refund is one amount of the order, repeated on its lines, with its tax and "
        "shipping inside. The coupon stands on each line as Cart Discount Amount and again on "
        "the first as Discount Amount: it counts once.",
    ),
    Export(
        "woocommerce_rest",
        "WooCommerce",
        "woocommerce_orders.jsonl",
        Setup(22, Tax("beside", 725, True), PLAIN),
        lambda orders: jsonl_bytes(_record(order) for order in orders),
        "whole",
        "WooCommerce REST API v3, orders (woocommerce.github.io/woocommerce-rest-api-docs, properties of an order)",
        currency="USD",
        cannot_tell="customer_id 0 is every guest: the address in billing tells them apart. "
        "line_items.total is after the coupon. A refund is one negative amount with tax and "
        "shipping inside; the tip is a fee line.",
    ),
    Export(
        "woocommerce_analytics",
        "WooCommerce",
        "woocommerce_analytics_orders.csv",
        Setup(23, Tax("beside", 725), PLAIN - {"tip"}),
        _analytics,
        "memory",
        "WooCommerce Analytics > Orders > Download; the meaning of net revenue: "
        "woocommerce.com/document/woocommerce-analytics",
        currency="USD",
        view=View(gross=lambda order: order.goods - order.back, refunded=lambda order: 0),
        cannot_tell="N. Revenue is already less coupons, tax, shipping and refunds, so gross and refunds "
        "cannot be told apart; a refunded order has 0.00. The customer is a name only.",
        others={"what was charged": View()},
    ),
]
