"""Stripe: payments of the new dashboard, charges of the old one with decimal commas, and the balance's activity."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .files import columns, comma, csv_bytes, dot, table
from .orders import Order
from .plan import Setup
from .truth import Export, View

UNIFIED = columns(
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,"
    "Converted Currency,Decline Reason,Description,Fee,Refunded date (UTC),Statement Descriptor,Status,Seller "
    "Message,Taxes On Fee,Card ID,Customer ID,Customer Description,Customer Email,Invoice ID,Transfer"
)
CHARGES = columns(
    "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Amount "
    "Refunded,Fee,Tax,Converted Currency,Mode,Status,Statement Descriptor,Customer ID,Customer Description,"
    "Customer Email,Captured,Card ID,Card Last4,Card Brand,Card Funding,Card Exp Month,Card Exp Year,Card Name,"
    "Card Address Line1,Card Address Line2,Card Address City,Card Address State,Card Address Country,Card Address "
    "Zip,Card Issue Country,Card Fingerprint,Card CVC Status,Card AVS Zip Status,Card AVS Line1 Status,Card "
    "Tokenization Method,Disputed Amount,Dispute Status,Dispute Reason,Dispute Date (UTC),Dispute Evidence Due "
    "(UTC),Invoice ID,Payment Source Type,Destination,Transfer,Interchange Costs,Merchant Service Charge,Transfer "
    "Group,PaymentIntent ID"
)
ACTIVITY = columns(
    "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,"
    "reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,automatic_payout_id,"
    "automatic_payout_effective_at_utc,automatic_payout_effective_at,customer_id,customer_email,customer_name,"
    "charge_id,payment_intent_id,charge_created_utc,invoice_id,order_id,payment_method_type,card_brand"
)
STATUS = {"unpaid": "requires_payment_method", "cancelled": "canceled", "failed": "Failed", "test": "Paid"}


def _fee(amount: int) -> int:
    return amount * 29 // 1000 + 30


def _status(order: Order) -> str:
    return ("Refunded" if order.all_back else "Paid") if order.paid else STATUS[order.state]


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _unified(order: Order) -> dict[str, Any]:
    who, back, moved = order.customer, order.back_total, order.paid
    return {
        "id": f"{'pi' if order.state in ('unpaid', 'cancelled') else 'ch'}_3Test{order.number}",
        "Created date (UTC)": _time(order.at),
        "Amount": dot(order.total),
        "Amount Refunded": dot(back),
        "Currency": "usd",
        "Captured": "true" if moved else "false",
        "Converted Amount": dot(order.total) if moved else "",
        "Converted Amount Refunded": dot(back) if moved else "",
        "Converted Currency": "usd" if moved else "",
        "Decline Reason": "insufficient_funds" if order.state == "failed" else "",
        "Description": f"Order {order.number}",
        "Fee": dot(_fee(order.total) if moved else 0),
        "Refunded date (UTC)": _time(order.refund.at) if order.refund else "",
        "Statement Descriptor": "TEST SHOP",
        "Status": _status(order),
        "Seller Message": "Payment complete." if moved else "",
        "Taxes On Fee": "0.00",
        "Card ID": f"pm_1Test{order.number}" if moved else "",
        "Customer ID": "" if who.guest else f"cus_Test{who.number}",
        "Customer Description": who.name,
        "Customer Email": who.email,
    }


def _charge(order: Order) -> dict[str, Any]:
    who, moved = order.customer, order.paid or order.state == "test"
    return {
        "id": f"ch_1Test{order.number}",
        "Description": f"Order {order.number}",
        "Seller Message": "Payment complete." if moved else "The bank did not return any further details.",
        "Created (UTC)": f"{order.at:%Y-%m-%d %H:%M}",
        "Amount": comma(order.total),
        "Amount Refunded": comma(order.back_total),
        "Currency": "eur",
        "Converted Amount": comma(order.total),
        "Converted Amount Refunded": comma(order.back_total),
        "Fee": comma(_fee(order.total) if moved else 0),
        "Tax": comma(0),
        "Converted Currency": "eur",
        "Mode": "Test" if order.state == "test" else "Live",
        "Status": _status(order),
        "Statement Descriptor": "TEST SHOP",
        "Customer ID": "" if who.guest else f"cus_Test{who.number}",
        "Customer Email": who.email,
        "Captured": "true" if moved else "false",
        "Card ID": f"card_1Test{order.number}",
        "Card Last4": "4242",
        "Card Brand": "Visa",
        "Card Funding": "credit",
        "Card Exp Month": 4,
        "Card Exp Year": 2031,
        "Card Name": who.name,
        "Card CVC Status": "pass",
        "Payment Source Type": "card",
        "PaymentIntent ID": f"pi_1Test{order.number}",
    }


def _movement(kind: str, ident: str, at: datetime, gross: int, fee: int, order: Order | None) -> dict[str, Any]:
    row = {
        "balance_transaction_id": f"txn_{ident}",
        "created_utc": _time(at),
        "created": _time(at + timedelta(hours=2)),
        "available_on_utc": _time(at + timedelta(days=3)),
        "available_on": _time(at + timedelta(days=3, hours=2)),
        "currency": "eur",
        "gross": dot(gross),
        "fee": dot(fee),
        "net": dot(gross - fee),
        "reporting_category": kind,
        "source_id": f"src_{ident}",
        "description": f"Order {order.number}" if order else "STRIPE PAYOUT" if kind == "payout" else "Radar",
    }
    if order is None:
        return row
    who = order.customer
    named = {
        "customer_email": who.email,
        "customer_name": who.name,
        "customer_id": "" if who.guest else f"cus_Test{who.number}",
    }
    return (
        row
        | named
        | {"charge_id": f"ch_A{order.number}", "charge_created_utc": _time(order.at), "payment_method_type": "card"}
    )


def _activity(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        if not order.paid:
            continue
        rows.append(_movement("charge", f"c{order.number}", order.at, order.total, _fee(order.total), order))
        if order.refund:
            rows.append(_movement("refund", f"r{order.number}", order.refund.at, -order.back_total, 0, order))
        if order.number % 6 == 0:
            later = order.at + timedelta(days=2)
            rows.append(_movement("payout", f"p{order.number}", later, -40_000, 0, None))
            rows.append(_movement("fee", f"f{order.number}", later, 0, 125, None))
    rows.sort(key=lambda row: row["created_utc"])
    return csv_bytes(table(ACTIVITY, rows), quote_all=True)


PLAIN = frozenset(
    columns("order_discount,line_discount,refund_line,refund_piece,refund_all,goodwill,guest,other_guest")
)
STATES = frozenset(("cancelled", "unpaid", "failed"))
ONE_AMOUNT = (
    "A payment is one amount: what it holds besides goods (shipping, tax, tips) cannot be told. This "
    "seller has none of them. Discounts are not seen: the amount is after them."
)
EXPORTS = [
    Export(
        "stripe_unified",
        "Stripe",
        "stripe_unified_payments.csv",
        Setup(61, features=PLAIN | STATES),
        lambda orders: csv_bytes(table(UNIFIED, map(_unified, reversed(orders)))),
        "whole",
        "names of the 23 default columns in a public copy of the export dialog (found by the string 'Converted "
        "Amount Refunded'); words of Status in a public notebook that reads the file; docs.stripe.com",
        currency="USD",
        cannot_tell=ONE_AMOUNT + " Amount Refunded tells the refund; the status stays Paid unless all came back.",
    ),
    Export(
        "stripe_charges",
        "Stripe",
        "stripe_payments_old.csv",
        Setup(62, features=PLAIN | {"failed", "test"}),
        lambda orders: csv_bytes(table(CHARGES, map(_charge, reversed(orders))), newline="\r\n"),
        "whole",
        "header whole in a public importer (found by the string 'Payment Source Type,Destination,Transfer'); "
        "decimal commas in another",
        cannot_tell=ONE_AMOUNT + " Mode tells test payments.",
    ),
    Export(
        "stripe_activity",
        "Stripe",
        "stripe_balance_change_from_activity.csv",
        Setup(63, features=PLAIN),
        _activity,
        "part",
        "docs.stripe.com/reports/report-types/balance, itemized balance change from activity: its columns; "
        "order from memory",
        cannot_tell=ONE_AMOUNT + " Refunds are rows of their own below zero; payouts and fees are no purchases.",
        view=View(),
    ),
]
