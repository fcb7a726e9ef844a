"""Etsy: the sold orders, the sold order items, and the payments."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, table
from .orders import Line, Order
from .plan import EVERYTHING, Setup
from .truth import Export, View

ORDERS = columns(
    "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,Number of Items,Payment Method,Date Shipped,"
    "Street 1,Street 2,Ship City,Ship State,Ship Zipcode,Ship Country,Currency,Order Value,Coupon Code,Coupon "
    "Details,Discount Amount,Shipping Discount,Shipping,Sales Tax,Order Total,Status,Card Processing Fees,Order "
    "Net,Adjusted Order Total,Adjusted Card Processing Fees,Adjusted Net Order Amount,Buyer,Order Type,Payment "
    "Type,InPerson Discount,InPerson Location,SKU"
)
ITEMS = columns(
    "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,Order "
    "Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Date Shipped,Ship Name,Ship "
    "Address1,Ship Address2,Ship City,Ship State,Ship Zipcode,Ship Country,Order ID,Variations,Order Type,Listings "
    "Type,Payment Type,InPerson Discount,InPerson Location,VAT Paid by Buyer,SKU"
)
PAYMENTS = columns(
    "Payment ID,Buyer Username,Buyer Name,Order ID,Gross Amount,Fees,Net Amount,Posted Gross,Posted Fees,Posted "
    "Net,Adjusted Gross,Adjusted Fees,Adjusted Net,Currency,Listing Amount,Listing Currency,Exchange Rate,VAT "
    "Amount,Gift Card Applied?,Status,Funds Available,Order Date,Buyer,Order Type,Payment Type,Refund Amount"
)
SOURCE = (
    "header whole in public importers and their tests of Etsy's CSV (found by the string '{}'); "
    "help.etsy.com: download your data"
)


def _id(order: Order) -> int:
    return 3_100_000_000 + order.number


def _fee(amount: int) -> int:
    return amount * 4 // 100 + 30 if amount else 0


def _order(order: Order) -> dict[str, Any]:
    who, left = order.customer, order.total - order.back_total
    after = left if order.refund else 0
    return {
        "Sale Date": f"{order.at:%m/%d/%y}",
        "Order ID": _id(order),
        "Buyer User ID": who.user.replace(".", ""),
        "Full Name": who.name,
        "First Name": who.first,
        "Last Name": who.last,
        "Number of Items": sum(line.quantity for line in order.lines),
        "Payment Method": "Credit Card",
        "Date Shipped": f"{order.at:%m/%d/%Y}",
        "Street 1": "Test Lane 1",
        "Ship City": who.city,
        "Ship Zipcode": f"0{who.number}",
        "Ship Country": "United States",
        "Currency": "USD",
        "Order Value": dot(order.listed),
        "Coupon Code": "THANKS" if order.discount else "",
        "Coupon Details": "THANKS - % off" if order.discount else "",
        "Discount Amount": dot(order.discount),
        "Shipping Discount": "0.00",
        "Shipping": dot(order.shipping),
        "Sales Tax": "0.00",
        "Order Total": dot(order.total),
        "Card Processing Fees": dot(_fee(order.total)),
        "Order Net": dot(order.total - _fee(order.total)),
        "Adjusted Order Total": dot(after),
        "Adjusted Card Processing Fees": dot(_fee(after)),
        "Adjusted Net Order Amount": dot(after - _fee(after)),
        "Buyer": f"{who.name} ({who.user.replace('.', '')})",
        "Order Type": "online",
        "Payment Type": "online_cc",
        "SKU": ",".join(line.sku for line in order.lines),
    }


def _item(order: Order, index: int, line: Line) -> dict[str, Any]:
    who = order.customer
    return {
        "Sale Date": f"{order.at:%m/%d/%y}",
        "Item Name": line.name,
        "Buyer": f"{who.name} ({who.user.replace('.', '')})",
        "Quantity": line.quantity,
        "Price": dot(line.price),
        "Coupon Code": "THANKS" if line.discount + line.share else "",
        "Discount Amount": dot(line.discount + line.share),
        "Shipping Discount": "0.00",
        "Order Shipping": dot(order.shipping),
        "Order Sales Tax": "0.00",
        "Item Total": dot(line.listed),
        "Currency": "USD",
        "Transaction ID": _id(order) * 10 + index,
        "Listing ID": 900_000 + index,
        "Date Paid": f"{order.at:%m/%d/%Y}",
        "Date Shipped": f"{order.at:%m/%d/%Y}",
        "Ship Name": who.name,
        "Ship Address1": "Test Lane 1",
        "Ship City": who.city,
        "Ship Zipcode": f"0{who.number}",
        "Ship Country": "United States",
        "Order ID": _id(order),
        "Order Type": "online",
        "Listings Type": "listing",
        "Payment Type": "online_cc",
        "SKU": line.sku,
    }


def _payment(order: Order) -> dict[str, Any]:
    who, left = order.customer, order.total - order.back_total
    money = {"Gross": order.total, "Fees": _fee(order.total), "Net": order.total - _fee(order.total)}
    row: dict[str, Any] = {f"{name} Amount": dot(value) for name, value in money.items() if name != "Fees"}
    row |= {f"Posted {name}": dot(value) for name, value in money.items()}
    row |= {"Adjusted Gross": dot(left), "Adjusted Fees": dot(_fee(left)), "Adjusted Net": dot(left - _fee(left))}
    return row | {
        "Payment ID": 88_000_000 + order.number,
        "Buyer Username": who.user.replace(".", ""),
        "Buyer Name": who.name,
        "Order ID": _id(order),
        "Fees": dot(_fee(order.total)),
        "Currency": "USD",
        "Listing Amount": dot(order.total),
        "Listing Currency": "USD",
        "Exchange Rate": "1",
        "VAT Amount": "0.00",
        "Gift Card Applied?": "No",
        "Status": "SETTLED",
        "Funds Available": f"{order.at:%m/%d/%Y}",
        "Order Date": f"{order.at:%m/%d/%Y}",
        "Buyer": who.name,
        "Order Type": "online",
        "Payment Type": "online_cc",
        "Refund Amount": dot(order.back_total),
    }


PLAIN = EVERYTHING - {"gift_card", "tip", "test", "cancelled", "unpaid", "failed"}
EXPORTS = [
    Export(
        "etsy_orders",
        "Etsy",
        "EtsySoldOrders.csv",
        Setup(51, features=PLAIN - {"refund_all"}),
        lambda orders: csv_bytes(table(ORDERS, map(_order, reversed(orders)))),
        "whole",
        SOURCE.format("Sale Date,Order ID,Buyer User ID,Full Name"),
        currency="USD",
        cannot_tell="Order Value is before the coupon. A refund shows only as an Adjusted Order Total below the Order "
        "Total; 0.00 means 'not adjusted', so an order that was refunded whole cannot be told (none is in this "
        "file).",
    ),
    Export(
        "etsy_items",
        "Etsy",
        "EtsySoldOrderItems.csv",
        Setup(52, features=PLAIN),
        lambda orders: csv_bytes(
            table(ITEMS, (_item(order, i, line) for order in reversed(orders) for i, line in enumerate(order.lines)))
        ),
        "whole",
        SOURCE.format("Sale Date,Item Name,Buyer,Quantity,Price"),
        currency="USD",
        view=View(refunded=lambda order: 0),
        cannot_tell="Refunds are not in the items. Item Total is price times quantity, before the coupon; "
        "shipping and tax of the order are repeated on each line.",
        others={"less the refunds, which are not in the file": View()},
    ),
    Export(
        "etsy_payments",
        "Etsy",
        "EtsyDirectCheckoutPayments.csv",
        Setup(53, features=PLAIN),
        lambda orders: csv_bytes(table(PAYMENTS, map(_payment, reversed(orders)))),
        "whole",
        SOURCE.format("Payment ID,Buyer Username,Buyer Name,Order ID,Gross"),
        currency="USD",
        view=View(gross=lambda order: order.total, refunded=lambda order: order.back_total),
        cannot_tell="Payments hold shipping (and VAT): the gross amount is not goods alone. Refund Amount "
        "and the adjusted gross tell the same refund: it counts once.",
        others={"goods alone, which the file cannot tell": View()},
    ),
]
