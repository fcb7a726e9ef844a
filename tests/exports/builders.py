"""Shop builders: Squarespace, BigCommerce, Wix and Ecwid."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from .files import clock12, columns, csv_bytes, day_en, dot, jsonl_bytes, number, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export

SQUARESPACE = columns(
    "Order ID,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,"
    "Amount Refunded,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem "
    "name,Lineitem price,Lineitem sku,Lineitem variant,Lineitem requires shipping,Lineitem taxable,Lineitem "
    "fulfillment status,Billing Name,Billing Address1,Billing Address2,Billing City,Billing Zip,Billing Province,"
    "Billing Country,Billing Phone,Shipping Name,Shipping Address1,Shipping Address2,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Shipping Phone,Cancelled at,Private Notes,Payment Method,Payment Reference"
)
ADDRESS = columns("First Name,Last Name,Company,Street 1,Street 2,Suburb,State,Zip,Country,Phone,Email")
BIGCOMMERCE = [
    *columns(
        "Order ID,Customer ID,Customer Name,Customer Email,Customer Phone,Order Date,Order Status,Subtotal (inc tax)"
    ),
    *columns(
        "Subtotal (ex tax),Tax Total,Shipping Cost (inc tax),Shipping Cost (ex tax),Ship Method,Handling Cost (inc tax)"
    ),
    *["Handling Cost (ex tax)", "Store Credit Redeemed", "Gift Certificate Amount Redeemed", "Gift Certificate Code"],
    *columns(
        "Gift Certificate Expiration Date,Coupon Details,Order Total (inc tax),Order Total (ex tax),Payment Method"
    ),
    *columns(
        "Total Quantity,Total Shipped,Date Shipped,Order Currency Code,Exchange Rate,Order Notes,Customer Message"
    ),
    *(f"Billing {name}" for name in ADDRESS),
    *(f"Shipping {name}" for name in ADDRESS),
    *columns("Product Details,Refund Amount,Channel ID,Channel Name,Fee Details"),
]
WIX = columns(
    "Order number,Date created,Time,Fulfill by,Total order quantity,Contact email,Note from customer,Additional "
    "checkout info,Item,Variant,SKU,Qty,Quantity refunded,Price,Weight,Custom text,Deposit amount,Delivery method,"
    "Delivery time,Recipient name,Recipient phone,Recipient company name,Delivery country,Delivery state,Delivery "
    "state name,Delivery city,Delivery address,Delivery zip/postal code,Billing name,Billing phone,Billing company "
    "name,Billing country,Delivery state|2,Delivery state name|2,Delivery city|2,Delivery address|2,Delivery "
    "zip/postal code|2,Payment status,Payment method,Coupon code,Gift card amount,Shipping rate,Total tax,Total,"
    "Currency,Refunded amount,Net amount,Additional fees,Fulfillment status,Tracking number,Fulfillment service,"
    "Shipping label"
)


def _square_rows(order: Order) -> list[dict[str, Any]]:
    who, stamp = order.customer, f"{order.at:%Y-%m-%d %H:%M:%S} -0500"
    status = "CANCELED" if order.state == "cancelled" else "PENDING" if order.state == "unpaid" else "PAID"
    if order.refund:
        status = "REFUNDED" if order.all_back else "PARTIALLY_REFUNDED"
    rows: list[dict[str, Any]] = []
    for line in order.lines:
        row = {"Order ID": f"{order.number:05d}", "Lineitem quantity": line.quantity, "Lineitem name": line.name}
        row |= {"Lineitem price": dot(line.price), "Lineitem sku": line.sku, "Lineitem requires shipping": "true"}
        rows.append(row | {"Lineitem taxable": "true", "Lineitem fulfillment status": "fulfilled"})
    rows[0] |= {
        "Email": who.email,
        "Financial Status": status,
        "Paid at": stamp if order.paid else "",
        "Fulfillment Status": "fulfilled" if order.paid else "pending",
        "Currency": "USD",
        "Subtotal": dot(order.listed),
        "Shipping": dot(order.shipping),
        "Taxes": dot(order.all_tax),
        "Amount Refunded": dot(order.back_total),
        "Total": dot(order.total),
        "Discount Code": "WELCOME" if order.discount else "",
        "Discount Amount": dot(order.discount),
        "Created at": stamp,
        "Billing Name": who.name,
        "Billing City": who.city,
        "Billing Phone": who.phone,
        "Shipping Name": who.name,
        "Cancelled at": stamp if order.state == "cancelled" else "",
        "Payment Method": "Stripe",
    }
    return rows


def _big_status(order: Order) -> str:
    if order.refund:
        return "Refunded" if order.all_back else "Partially Refunded"
    words = {"unpaid": "Awaiting Payment", "cancelled": "Cancelled", "failed": "Declined"}
    return words.get(order.state, ("Completed", "Shipped")[order.number % 2])


def _big_product(order: Order, index: int, line: Line) -> str:
    pairs = {
        "Product ID": 70 + index,
        "Product Qty": line.quantity,
        "Product SKU": line.sku,
        "Product Name": line.name,
        "Product Weight": "0.0000",
        "Product Variation Details": "",
        "Product Unit Price": dot(line.price),
        "Product Total Price": dot(line.listed),
    }
    return ", ".join(f"{name}: {value}" for name, value in pairs.items())


def _big(order: Order) -> dict[str, Any]:
    who = order.customer
    cut = f"Coupon Code: WELCOME, Coupon Value: {dot(order.discount)}, Coupon Type: Dollar amount off the order total"
    row: dict[str, Any] = {}
    for side in ("Billing", "Shipping"):
        row |= {f"{side} First Name": who.first, f"{side} Last Name": who.last, f"{side} Street 1": "Test Lane 1"}
        row |= {f"{side} Suburb": who.city, f"{side} Country": "United States", f"{side} Email": who.email}
    return row | {
        "Order ID": order.number,
        "Customer ID": 0 if who.guest else who.number,
        "Customer Name": who.name,
        "Customer Email": who.email,
        "Customer Phone": who.phone,
        "Order Date": f"{order.at:%d/%m/%Y}",
        "Order Status": _big_status(order),
        "Subtotal (inc tax)": dot(order.listed + order.tax.of(order.listed)),
        "Subtotal (ex tax)": dot(order.listed),
        "Tax Total": dot(order.all_tax),
        "Shipping Cost (inc tax)": dot(order.shipping),
        "Shipping Cost (ex tax)": dot(order.shipping),
        "Ship Method": "Flat Rate",
        "Handling Cost (inc tax)": "0.00",
        "Handling Cost (ex tax)": "0.00",
        "Store Credit Redeemed": "0.00",
        "Gift Certificate Amount Redeemed": "5.00" if order.number % 13 == 0 else "0.00",
        "Coupon Details": cut if order.discount else "",
        "Order Total (inc tax)": dot(order.total),
        "Order Total (ex tax)": dot(order.goods + order.shipping),
        "Payment Method": "Credit Card",
        "Total Quantity": sum(line.quantity for line in order.lines),
        "Order Currency Code": "USD",
        "Exchange Rate": "1.0000000000",
        "Product Details": "|".join(_big_product(order, index, line) for index, line in enumerate(order.lines)),
        "Refund Amount": dot(order.back_total),
        "Channel ID": 1,
        "Channel Name": "Test Shop",
    }


def _wix_status(order: Order) -> str:
    if order.refund:
        return "Refunded" if order.all_back else "Partially refunded"
    return {"unpaid": "Unpaid", "cancelled": "Voided", "failed": "Declined"}.get(order.state, "Paid")


def _wix(order: Order, index: int, line: Line) -> dict[str, Any]:
    who = order.customer
    part = next((part for part in order.refund.parts if part.line == index), None) if order.refund else None
    return {
        "Order number": order.number,
        "Date created": day_en(order.at),
        "Time": clock12(order.at),
        "Total order quantity": sum(each.quantity for each in order.lines),
        "Contact email": who.email,
        "Item": line.name,
        "SKU": line.sku,
        "Qty": line.quantity,
        "Quantity refunded": part.quantity if part else 0,
        "Price": dot(line.price),
        "Weight": "0",
        "Delivery method": "Standard",
        "Recipient name": who.name,
        "Recipient phone": who.phone,
        "Delivery country": "DEU",
        "Delivery city": who.city,
        "Delivery zip/postal code": f"0{who.number}",
        "Billing name": who.name,
        "Billing country": "DEU",
        "Delivery city|2": who.city,
        "Payment status": _wix_status(order),
        "Payment method": "Credit/Debit card",
        "Coupon code": "WELCOME" if order.discount else "",
        "Shipping rate": dot(order.shipping),
        "Total tax": dot(order.all_tax),
        "Total": dot(order.total),
        "Currency": "EUR",
        "Refunded amount": dot(order.back_total),
        "Net amount": dot(order.total - order.back_total),
        "Additional fees": "0.00",
        "Fulfillment status": "Fulfilled" if order.paid else "Unfulfilled",
    }


def _ecwid_item(order: Order, index: int, line: Line) -> dict[str, Any]:
    return {
        "id": order.number * 10 + index,
        "productId": 500 + index,
        "price": number(line.price),
        "productPrice": number(line.price),
        "sku": line.sku,
        "quantity": line.quantity,
        "name": line.name,
        "tax": number(order.tax.of(line.charged)),
        "discounts": [{"discountInfo": {"type": "ABS"}, "total": number(line.share)}] if line.share else [],
    }


def _ecwid(order: Order) -> dict[str, Any]:
    who, status = (
        order.customer,
        "PAID" if order.paid else "AWAITING_PAYMENT" if order.state == "unpaid" else "CANCELLED",
    )
    if order.refund:
        status = "REFUNDED" if order.all_back else "PARTIALLY_REFUNDED"
    return {
        "id": f"T{order.number}Y",
        "orderNumber": order.number,
        "refundedAmount": number(order.back_total),
        "subtotal": number(order.listed),
        "total": number(order.total),
        "giftCardRedemption": 0,
        "email": who.email,
        "paymentMethod": "Card",
        "tax": number(order.all_tax),
        "couponDiscount": number(order.order_discount),
        "volumeDiscount": 0,
        "discount": 0,
        "paymentStatus": status,
        "fulfillmentStatus": "DELIVERED" if order.paid else "AWAITING_PROCESSING",
        "customerId": None if who.guest else who.number,
        "createDate": f"{order.at:%Y-%m-%d %H:%M:%S} +0000",
        "createTimestamp": int(order.at.replace(tzinfo=UTC).timestamp()),
        "items": [_ecwid_item(order, index, line) for index, line in enumerate(order.lines)],
        "billingPerson": {"name": who.name, "city": who.city, "countryCode": "US", "phone": who.phone},
        "shippingOption": {"shippingMethodName": "Standard", "shippingRate": number(order.shipping)},
        "tipAmount": number(order.tip),
    }


PLAIN = EVERYTHING - {"gift_card", "tip", "test"}
TAX = Tax("beside", 650)
REFUND = "The refund is one amount of the order with its tax and shipping inside. "
EXPORTS = [
    Export(
        "squarespace",
        "Squarespace",
        "squarespace_orders.csv",
        Setup(181, TAX, PLAIN - {"failed", "line_discount"}),
        lambda orders: csv_bytes(
            table(SQUARESPACE, (row for order in reversed(orders) for row in _square_rows(order)))
        ),
        "whole",
        "header whole in a public reader of the file (found by the string 'Order ID,Email,Financial Status,Paid at'); "
        "support.squarespace.com: export orders",
        currency="USD",
        cannot_tell=REFUND + "Values of the order stand on its first line only; Subtotal is before the discount.",
    ),
    Export(
        "bigcommerce",
        "BigCommerce",
        "bigcommerce_orders.csv",
        Setup(182, TAX, PLAIN - {"line_discount"}, 101),
        lambda orders: csv_bytes(table(BIGCOMMERCE, map(_big, orders))),
        "whole",
        "names of 57 columns in a public writer of the file (found by the string 'Store Credit Redeemed'); "
        "form of Product Details: the same and support.bigcommerce.com: exporting orders",
        currency="USD",
        cannot_tell=REFUND
        + "The coupon stands in a text only: goods are the order total less shipping, both without tax. Products "
        "are one text. A gift certificate that was redeemed is a payment.",
    ),
    Export(
        "wix",
        "Wix",
        "wix_orders.csv",
        Setup(183, TAX, PLAIN - {"line_discount"}, 10_001),
        lambda orders: csv_bytes(
            table(WIX, (_wix(order, i, line) for order in reversed(orders) for i, line in enumerate(order.lines))),
            quote_all=True,
        ),
        "whole",
        "header whole in tests of a public reader of the file (found by the string 'Fulfillment status,"
        "Tracking number,')",
        cannot_tell=REFUND
        + "No column has the discount: the total less shipping and tax is below price times quantity where a "
        "coupon was used. Totals of the order are repeated on each line. Net amount is the total less the "
        "refund, with shipping and tax.",
    ),
    Export(
        "ecwid",
        "Ecwid",
        "ecwid_orders.jsonl",
        Setup(184, TAX, (PLAIN | {"tip"}) - {"line_discount", "failed"}, 301),
        lambda orders: jsonl_bytes(map(_ecwid, orders)),
        "part",
        "api-docs.ecwid.com/reference/get-order: properties of an order",
        currency="USD",
        cannot_tell=REFUND + "subtotal is before couponDiscount; the tip has its own value.",
    ),
]
