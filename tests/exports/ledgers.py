"""Books and tills: Zoho invoices, QuickBooks sales by customer, and the sales ledger of Lightspeed X-Series (Vend)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .files import columns, csv_bytes, dot, english, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

ZOHO = columns(
    "Invoice Date,Invoice ID,Invoice Number,Estimate Number,Invoice Status,Customer Name,Customer ID,Is Inclusive "
    "Tax,Due Date,PurchaseOrder,Template Name,Currency Code,Exchange Rate,Discount Type,Is Discount Before Tax,"
    "Entity Discount Percent,Entity Discount Amount,Account,Item Name,Product ID,SKU,Item Desc,Quantity,Usage unit,"
    "Item Price,Discount,Discount Amount,Tax ID,Item Tax,Item Tax %,Item Tax Amount,Item Tax Type,Item Type,Item "
    "Total,SubTotal,Total,Balance,Shipping Charge,Adjustment,Adjustment Description,Sales person,Payment Terms,"
    "Payment Terms Label,Last Payment Date,Notes,Terms & Conditions,Billing City,Billing Country,Shipping City,"
    "Shipping Country"
)
QUICKBOOKS = [
    "",
    *columns("Date,Transaction Type,Num,Product/Service,Memo/Description,Qty,Sales Price,Amount,Balance"),
]
LIGHTSPEED = columns(
    "Date,Receipt Number,Line Type,Customer Code,Customer Name,Note,Quantity,Subtotal,Sales Tax,Discount,Loyalty,"
    "Total,Paid,Details,Register,User,Status,Sku,AccountCodeSale,AccountCodePurchase"
)
STATUS = {"paid": "Closed", "unpaid": "Overdue", "cancelled": "Void", "failed": "Draft"}


def _zoho(order: Order, index: int, line: Line) -> dict[str, Any]:
    who = order.customer
    return {
        "Invoice Date": f"{order.at:%Y-%m-%d}",
        "Invoice ID": 4_271_660_000_000_000 + order.number,
        "Invoice Number": f"INV-{order.number:06d}",
        "Invoice Status": STATUS[order.state],
        "Customer Name": who.company,
        "Customer ID": 4_271_660_000_900_000 + who.number,
        "Is Inclusive Tax": "false",
        "Due Date": f"{order.at:%Y-%m-%d}",
        "Currency Code": "USD",
        "Exchange Rate": "1.00",
        "Discount Type": "entity_level" if order.order_discount else "item_level",
        "Is Discount Before Tax": "true",
        "Entity Discount Percent": "0.00",
        "Entity Discount Amount": dot(order.order_discount),
        "Account": "Sales",
        "Item Name": line.name,
        "Product ID": 4_271_660_000_500_000 + index,
        "SKU": line.sku,
        "Quantity": f"{line.quantity}.00",
        "Usage unit": "pcs",
        "Item Price": dot(line.price),
        "Discount": dot(line.discount),
        "Discount Amount": dot(line.discount),
        "Item Tax": "Sales Tax",
        "Item Tax %": "8.00",
        "Item Tax Amount": dot(order.tax.of(line.charged)),
        "Item Tax Type": "ItemAmount",
        "Item Type": "goods",
        "Item Total": dot(line.listed - line.discount),
        "SubTotal": dot(order.listed - order.line_discount),
        "Total": dot(order.total),
        "Balance": dot(order.total if order.state == "unpaid" else 0),
        "Adjustment": "0.00",
        "Shipping Charge": dot(order.shipping),
        "Last Payment Date": f"{order.at:%Y-%m-%d}" if order.paid else "",
        "Billing City": who.city,
        "Billing Country": "U.S.A",
    }


def _sale_lines(order: Order) -> list[tuple[str, str, str, int, int]]:
    """Return type, product, text, quantity and price of the lines of a sale, its discount and its shipping."""
    kind = "Invoice" if order.number % 3 else "Sales Receipt"
    lines = [(kind, line.name, line.sku, line.quantity, line.price) for line in order.lines]
    if order.discount:
        lines.append((kind, "", "Discount", 0, -order.discount))
    if order.shipping:
        lines.append((kind, "Shipping", "", 1, order.shipping))
    return lines


def _moves(orders: list[Order], customer: int) -> list[tuple[datetime, int, tuple[str, str, str, int, int]]]:
    """Return the lines of one customer's sales and credit memos by time: time, number, line."""
    moves = []
    for order in orders:
        if order.customer.number != customer:
            continue
        moves += [(order.at, order.number, line) for line in _sale_lines(order)]
        if order.refund:
            for part in order.refund.parts:
                line = ("Credit Memo", order.lines[part.line].name, "Return", 1, -part.amount)
                moves.append((order.refund.at, order.number + 5000, line))
    return sorted(moves, key=lambda move: move[:2])


def _quickbooks(orders: list[Order]) -> bytes:
    rows: list[list[Any]] = []
    whole = 0
    people = {order.customer.number: order.customer for order in orders}
    for number in sorted(people, key=lambda key: people[key].name):
        name, balance = people[number].name, 0
        rows.append([name, *[""] * 9])
        for at, num, (kind, product, text, quantity, price) in _moves(orders, number):
            amount = price * (quantity or 1)
            balance += amount
            shown = (quantity or "", english(price), english(amount), english(balance))
            rows.append(["", f"{at:%m/%d/%Y}", kind, num, product, text, *shown])
        rows.append([f"Total for {name}", *[""] * 7, f"${english(balance)}", ""])
        whole += balance
    top = [["Sales by Customer Detail"], ["Test Company"], ["July 1, 2025 - September 30, 2026"], []]
    end = ["Thursday, October 1, 2026 08:00 AM GMT+0 - Accrual Basis"]
    return csv_bytes([*top, QUICKBOOKS, *rows, ["TOTAL", *[""] * 7, f"${english(whole)}", ""], [], end])


@dataclass(frozen=True)
class Sold:
    """A line of a receipt; money and pieces have the sign of the receipt."""

    line: Line
    quantity: int
    amount: int
    tax: int
    cut: int


def _sold(order: Order, back: bool) -> list[Sold]:
    if not back:
        return [Sold(x, x.quantity, x.charged, order.tax.of(x.charged), x.discount + x.share) for x in order.lines]
    sold = []
    for part in order.refund.parts if order.refund else ():
        line = order.lines[part.line]
        cut = line.discount + line.share if part.quantity == line.quantity else 0
        sold.append(Sold(line, -part.quantity, -part.amount, -order.part_tax(part), -cut))
    return sold


def _receipt(order: Order, back: bool) -> list[dict[str, Any]]:
    at = order.refund.at if back and order.refund else order.at
    who, sold = order.customer, _sold(order, back)
    base = {
        "Date": f"{at:%Y-%m-%d %H:%M:%S}",
        "Receipt Number": order.number + (50_000 if back else 0),
        "Customer Code": "WALKIN" if who.guest else f"{who.last[:6]}-{who.number}",
        "Customer Name": "" if who.guest else who.name,
        "Register": "Main Register",
        "User": "Test Clerk",
        "Status": "VOIDED" if order.state == "cancelled" else "CLOSED",
    }
    lines = []
    for one in sold:
        money = {"Subtotal": dot(one.amount), "Sales Tax": dot(one.tax), "Discount": dot(one.cut), "Loyalty": "0.00"}
        what = {"Line Type": "Sale Line", "Quantity": one.quantity, "Details": one.line.name, "Sku": one.line.sku}
        lines.append(base | what | money | {"Total": dot(one.amount + one.tax)})
    total = dot(sum(one.amount + one.tax for one in sold))
    head = base | {
        "Line Type": "Sale",
        "Note": "Returned" if back else "",
        "Quantity": sum(one.quantity for one in sold),
        "Subtotal": dot(sum(one.amount for one in sold)),
        "Sales Tax": dot(sum(one.tax for one in sold)),
        "Discount": dot(sum(one.cut for one in sold)),
        "Loyalty": "0.00",
        "Total": total,
        "Paid": total,
        "Details": " + ".join(f"{abs(one.quantity)} X {one.line.name}" for one in sold),
    }
    return [head, *lines, base | {"Line Type": "Payment", "Total": total, "Paid": total, "Details": "Credit Card"}]


def _lightspeed(orders: list[Order]) -> bytes:
    blocks = [(order.at, _receipt(order, False)) for order in orders]
    blocks += [(order.refund.at, _receipt(order, True)) for order in orders if order.refund]
    blocks.sort(key=lambda block: block[0], reverse=True)
    return csv_bytes(table(LIGHTSPEED, [row for _, block in blocks for row in block]))


PLAIN = EVERYTHING - {"gift_card", "tip", "test"}
EXPORTS = [
    Export(
        "zoho_invoices",
        "Zoho",
        "zoho_invoices.csv",
        Setup(201, Tax("beside", 800), PLAIN),
        lambda orders: csv_bytes(
            table(ZOHO, (_zoho(order, i, line) for order in orders for i, line in enumerate(order.lines)))
        ),
        "part",
        "names in a public reader of Invoice.csv (found by the string 'Invoice Date,Invoice ID,Invoice "
        "Number'), without the columns of Indian tax and of payment services",
        currency="USD",
        view=View(refunded=lambda order: 0),
        cannot_tell="Item Total is after the line's discount (Discount and Discount Amount are the same "
        "money) and before Entity Discount Amount, which is of the invoice and repeated on its "
        "lines. Credit notes are another file. Whether overdue invoices are sales has to be "
        "asked: here they are not.",
        others={
            "overdue invoices counted too": View(counts=lambda o: o.state in ("paid", "unpaid"), refunded=lambda o: 0)
        },
    ),
    Export(
        "quickbooks_sales_by_customer",
        "QuickBooks",
        "quickbooks_sales_by_customer_detail.csv",
        Setup(202, Tax(), PLAIN - {"cancelled", "unpaid", "failed"}),
        _quickbooks,
        "whole",
        "title lines, header, groups and totals in a public test (found by the string 'Memo/Description,Qty,"
        "Sales Price,Amount')",
        currency="USD",
        cannot_tell="The customer stands in a line above his rows, 'Total for' below them, and Balance "
        "runs on: none of these is a sale. Discounts are lines below zero without a product, "
        "Shipping is a product, Credit Memos are returns under a number of their own. Whether "
        "an invoice was paid is not told.",
    ),
    Export(
        "lightspeed_ledger",
        "Lightspeed",
        "lightspeed_x_sales_ledger.csv",
        Setup(
            203,
            Tax("beside", 1000),
            frozenset(columns("line_discount,order_discount,refund_line,refund_piece,refund_all,cancelled,guest")),
        ),
        _lightspeed,
        "part",
        "export of the sales ledger of Vend, now Lightspeed X-Series (support.vendhq.com: using the sales "
        "ledger); fields in this order in a public data model (found by the string 'AccountCodeSale')",
        currency="USD",
        view=View(known=lambda order: not order.customer.guest),
        cannot_tell="Each sale stands three times: as Sale, as Sale Lines, as Payment. Subtotal is after the discount, "
        "without tax. Returns are below zero under a receipt of their own. WALKIN is nobody: its rows are set "
        "aside. VOIDED is no sale.",
    ),
]
