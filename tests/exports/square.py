"""Square: transactions and items; refunds are rows below zero, walk-in customers have no customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .files import clock12, columns, csv_bytes, dollars, table
from .orders import Order, Part, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

TRANSACTIONS = columns(
    "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,"
    "Total Collected,Source,Card,Card Entry Methods,Cash,Square Gift Card,Other Tender,Other Tender Type,Tender "
    "Note,Fees,Net Total,Transaction ID,Payment ID,Card Brand,PAN Suffix,Device Name,Staff Name,Staff ID,Details,"
    "Description,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,Device Nickname,"
    "Third Party Fees,Deposit ID,Deposit Date,Deposit Details,Fee Percentage Rate,Fee Fixed Rate,Refund Reason,"
    "Discount Name,Transaction Status,Cash App,Order Reference ID,Fulfillment Note,Free Processing Applied,Channel,"
    "Unattributed Tips,Table Info,International Fee"
)
ITEMS = columns(
    "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,"
    "Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,"
    "Customer Name,Customer Reference ID,Unit,Count,GTIN,Itemization Type,Commission,Employee,Fulfillment Note,"
    "Channel,Token,Card Brand,PAN Suffix"
)
ZONE = "Eastern Time (US & Canada)"


@dataclass(frozen=True)
class Sum:
    """The money of one row of transactions."""

    listed: int
    discount: int
    cards: int
    tax: int
    tip: int

    @property
    def total(self) -> int:
        """Return what was collected."""
        return self.listed - self.discount + self.cards + self.tax + self.tip


def _customer(order: Order) -> dict[str, Any]:
    if order.customer.guest:
        return {}
    return {"Customer ID": f"CUST{order.customer.number}X", "Customer Name": order.customer.name}


def _transaction(order: Order, at: datetime, money: Sum, kind: str, ident: str) -> dict[str, Any]:
    fee = -(money.total * 26 // 1000 + 10) if kind == "Payment" else 0
    zero = dollars(0)
    row: dict[str, Any] = dict.fromkeys(
        ("Service Charges", "Partial Refunds", "Cash", "Square Gift Card", "Other Tender"), zero
    )
    return (
        row
        | _customer(order)
        | {
            "Date": f"{at:%m/%d/%Y}",
            "Time": clock12(at),
            "Time Zone": ZONE,
            "Gross Sales": dollars(money.listed),
            "Discounts": dollars(-money.discount),
            "Net Sales": dollars(money.listed - money.discount),
            "Gift Card Sales": dollars(money.cards),
            "Tax": dollars(money.tax),
            "Tip": dollars(money.tip),
            "Total Collected": dollars(money.total),
            "Source": "Point of Sale",
            "Card": dollars(money.total),
            "Card Entry Methods": "Tap",
            "Fees": dollars(fee),
            "Net Total": dollars(money.total + fee),
            "Transaction ID": ident,
            "Payment ID": f"PAY{ident}",
            "Card Brand": "Visa",
            "PAN Suffix": "0000",
            "Device Name": "Market till",
            "Description": ", ".join(f"{line.quantity} x {line.name}" for line in order.lines),
            "Event Type": kind,
            "Location": "Harbour stall",
            "Refund Reason": "Returned goods" if kind == "Refund" else "",
            "Transaction Status": "Complete",
        }
    )


def _transactions(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        money = Sum(order.listed, order.discount, order.gift_cards, order.all_tax, order.tip)
        rows.append((order.at, _transaction(order, order.at, money, "Payment", f"SQ{order.number}Pay")))
        if order.refund:
            listed, discount = _listed_back(order)
            back = Sum(-listed, -discount, 0, -order.refund.tax, -order.refund.tip)
            rows.append((order.refund.at, _transaction(order, order.refund.at, back, "Refund", f"SQ{order.number}Ref")))
    rows.sort(key=lambda pair: pair[0], reverse=True)
    return csv_bytes(table(TRANSACTIONS, [row for _, row in rows]))


def _listed_back(order: Order) -> tuple[int, int]:
    """Return list amount and discount of what came back; goodwill has no discount."""
    parts = order.refund.parts if order.refund else ()
    whole = [part for part in parts if part.quantity == order.lines[part.line].quantity]
    discount = sum(order.lines[part.line].listed - part.amount for part in whole)
    return sum(part.amount for part in parts) + discount, discount


def _item(order: Order, index: int, part: Part | None) -> dict[str, Any]:
    line, at = order.lines[index], order.refund.at if part and order.refund else order.at
    sign, quantity = (-1, part.quantity) if part else (1, line.quantity)
    charged = part.amount if part else line.charged
    listed = line.listed if quantity == line.quantity else charged
    tax = (order.part_tax(part) if part else order.tax.of(line.charged)) if line.goods else 0
    kind = "Refund" if part else "Payment"
    return _customer(order) | {
        "Date": f"{at:%Y-%m-%d}",
        "Time": f"{at:%H:%M:%S}",
        "Time Zone": ZONE,
        "Category": "Household" if line.goods else "",
        "Item": line.name if line.goods else "eGift Card",
        "Qty": f"{sign * quantity}.0",
        "Price Point Name": "Regular",
        "SKU": line.sku if line.goods else "",
        "Gross Sales": dollars(sign * listed),
        "Discounts": dollars(-sign * (listed - charged)),
        "Net Sales": dollars(sign * charged),
        "Tax": dollars(sign * tax),
        "Transaction ID": f"SQ{order.number}{kind[:3]}",
        "Payment ID": f"PAYSQ{order.number}{kind[:3]}",
        "Device Name": "Market till",
        "Event Type": kind,
        "Location": "Harbour stall",
        "Count": sign * quantity,
        "Itemization Type": "Physical Good" if line.goods else "Gift Card",
        "Commission": dollars(0),
    }


def _items(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        rows += [(order.at, _item(order, index, None)) for index in range(len(order.lines))]
        if order.refund:
            rows += [(order.refund.at, _item(order, part.line, part)) for part in order.refund.parts]
    rows.sort(key=lambda pair: pair[0], reverse=True)
    return csv_bytes(table(ITEMS, [row for _, row in rows]))


PLAIN = EVERYTHING - {"shipping", "test", "cancelled", "unpaid", "failed"}
KNOWN = View(known=lambda order: not order.customer.guest)
EXPORTS = [
    Export(
        "square_transactions",
        "Square",
        "square_transactions.csv",
        Setup(81, Tax("beside", 700), PLAIN),
        _transactions,
        "whole",
        "header of 55 columns, seen whole in public notes on exports of 2026 (found by the string 'Date,Time,"
        "Time Zone,Gross Sales'); that a refund has its own Transaction ID is from memory",
        currency="USD",
        view=KNOWN,
        cannot_tell="Goods are Net Sales; gift cards, tax and tip have their columns. Discounts are below "
        "zero on sales and above it on refunds. Walk-in customers have no Customer ID: their "
        "rows are set aside. A refund does not name its sale.",
    ),
    Export(
        "square_items",
        "Square",
        "square_items.csv",
        Setup(82, Tax("beside", 700), PLAIN - {"goodwill"}),
        _items,
        "whole",
        "header of 35 columns, seen whole in public notes on exports of 2026 (found by the string 'Date,Time,"
        "Time Zone,Category,Item')",
        currency="USD",
        view=KNOWN,
        cannot_tell="Gift cards sold are items of the Itemization Type 'Gift Card'. Tips are not in the items. Walk-in "
        "customers have no Customer ID: their rows are set aside.",
    ),
]
