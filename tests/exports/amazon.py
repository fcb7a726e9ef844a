"""Amazon: the order report, all orders, the settlement (V2 flat file) and the VAT transactions report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .files import columns, csv_bytes, dot, tab_bytes, table
from .orders import Line, Order, Part, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

REPORT = columns(
    "order-id,order-item-id,purchase-date,payments-date,buyer-email,buyer-name,buyer-phone-number,sku,product-name,"
    "quantity-purchased,currency,item-price,item-tax,shipping-price,shipping-tax,ship-service-level,recipient-name,"
    "ship-address-1,ship-address-2,ship-address-3,ship-city,ship-state,ship-postal-code,ship-country,"
    "ship-phone-number,item-promotion-discount,item-promotion-id,ship-promotion-discount,ship-promotion-id,"
    "delivery-start-date,delivery-end-date,delivery-time-zone,delivery-Instructions,sales-channel"
)
ALL = columns(
    "amazon-order-id,merchant-order-id,purchase-date,last-updated-date,order-status,fulfillment-channel,"
    "sales-channel,order-channel,url,ship-service-level,product-name,sku,asin,item-status,quantity,currency,"
    "item-price,item-tax,shipping-price,shipping-tax,gift-wrap-price,gift-wrap-tax,item-promotion-discount,"
    "ship-promotion-discount,ship-city,ship-state,ship-postal-code,ship-country,promotion-ids,is-business-order,"
    "purchase-order-number,price-designation"
)
SETTLEMENT = columns(
    "settlement-id,settlement-start-date,settlement-end-date,deposit-date,total-amount,currency,transaction-type,"
    "order-id,merchant-order-id,adjustment-id,shipment-id,marketplace-name,amount-type,amount-description,amount,"
    "fulfillment-id,posted-date,posted-date-time,order-item-code,merchant-order-item-id,"
    "merchant-adjustment-item-id,sku,quantity-purchased,promotion-id"
)
VAT = columns(
    "UNIQUE_ACCOUNT_IDENTIFIER,ACTIVITY_PERIOD,SALES_CHANNEL,MARKETPLACE,PROGRAM_TYPE,TRANSACTION_TYPE,"
    "TRANSACTION_EVENT_ID,ACTIVITY_TRANSACTION_ID,TAX_CALCULATION_DATE,TRANSACTION_DEPART_DATE,"
    "TRANSACTION_ARRIVAL_DATE,TRANSACTION_COMPLETE_DATE,SELLER_SKU,ASIN,ITEM_DESCRIPTION,ITEM_MANUFACTURE_COUNTRY,"
    "QTY,ITEM_WEIGHT,TOTAL_ACTIVITY_WEIGHT,COST_PRICE_OF_ITEMS,PRICE_OF_ITEMS_AMT_VAT_EXCL,"
    "PROMO_PRICE_OF_ITEMS_AMT_VAT_EXCL,TOTAL_PRICE_OF_ITEMS_AMT_VAT_EXCL,SHIP_CHARGE_AMT_VAT_EXCL,"
    "PROMO_SHIP_CHARGE_AMT_VAT_EXCL,TOTAL_SHIP_CHARGE_AMT_VAT_EXCL,TOTAL_ACTIVITY_VALUE_AMT_VAT_EXCL,"
    "PRICE_OF_ITEMS_VAT_RATE_PERCENT,PRICE_OF_ITEMS_VAT_AMT,PROMO_PRICE_OF_ITEMS_VAT_AMT,"
    "TOTAL_PRICE_OF_ITEMS_VAT_AMT,TOTAL_SHIP_CHARGE_VAT_AMT,TOTAL_ACTIVITY_VALUE_VAT_AMT,"
    "PRICE_OF_ITEMS_AMT_VAT_INCL,PROMO_PRICE_OF_ITEMS_AMT_VAT_INCL,TOTAL_PRICE_OF_ITEMS_AMT_VAT_INCL,"
    "TOTAL_SHIP_CHARGE_AMT_VAT_INCL,TOTAL_ACTIVITY_VALUE_AMT_VAT_INCL,TRANSACTION_CURRENCY_CODE,"
    "SALE_DEPART_COUNTRY,SALE_ARRIVAL_COUNTRY,TRANSACTION_SELLER_VAT_NUMBER,BUYER_VAT_NUMBER,VAT_INV_NUMBER,"
    "TAX_REPORTING_SCHEME,TAX_COLLECTION_RESPONSIBILITY"
)


def _id(order: Order) -> str:
    return f"302-{order.number:07d}-{order.number * 3:07d}"


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}+00:00"


def _report_row(order: Order, index: int, line: Line) -> dict[str, Any]:
    who = order.customer
    return {
        "order-id": _id(order),
        "order-item-id": 40_000_000_000_000 + order.number * 10 + index,
        "purchase-date": _iso(order.at),
        "payments-date": _iso(order.at + timedelta(minutes=31)),
        "buyer-email": f"{who.number}abcxyz@marketplace.amazon.test",
        "buyer-name": who.name,
        "buyer-phone-number": who.phone,
        "sku": line.sku,
        "product-name": line.name,
        "quantity-purchased": line.quantity,
        "currency": "USD",
        "item-price": dot(line.listed),
        "item-tax": dot(order.tax.of(line.charged)),
        "shipping-price": dot(order.shipping if index == 0 else 0),
        "shipping-tax": "0.00",
        "ship-service-level": "Standard",
        "recipient-name": who.name,
        "ship-address-1": "Test Lane 1",
        "ship-city": who.city,
        "ship-postal-code": f"0{who.number}",
        "ship-country": "US",
        "item-promotion-discount": dot(line.discount + line.share),
        "item-promotion-id": "Test Promotion" if line.discount + line.share else "",
        "ship-promotion-discount": "0.00",
        "sales-channel": "Amazon.com",
    }


def _all_row(order: Order, index: int, line: Line) -> dict[str, Any]:
    gone, known = order.state in ("cancelled", "failed"), order.paid
    status = "Cancelled" if gone else "Pending" if order.state == "unpaid" else "Shipped"
    cut = line.discount + line.share
    return {
        "amazon-order-id": _id(order),
        "purchase-date": _iso(order.at),
        "last-updated-date": _iso(order.at + timedelta(days=1)),
        "order-status": status,
        "fulfillment-channel": "Amazon",
        "sales-channel": "Amazon.com",
        "ship-service-level": "Standard",
        "product-name": line.name,
        "sku": line.sku,
        "asin": f"B0TEST{index}{line.sku[:3]}",
        "item-status": "Cancelled" if gone else "Unshipped" if status == "Pending" else "Shipped",
        "quantity": 0 if gone else line.quantity,
        "currency": "USD",
        "item-price": dot(line.listed) if known else "",
        "item-tax": dot(order.tax.of(line.charged)) if known else "",
        "shipping-price": dot(order.shipping) if known and index == 0 and order.shipping else "",
        "item-promotion-discount": dot(cut) if known and cut else "",
        "ship-city": order.customer.city.upper(),
        "ship-country": "US",
        "is-business-order": "false",
    }


def _component(order: Order, line: Line, back: bool, kind: str, what: str, amount: int) -> dict[str, Any]:
    at = order.refund.at if back and order.refund else order.at
    return {
        "settlement-id": "18900000001",
        "transaction-type": "Refund" if back else "Order",
        "order-id": _id(order),
        "adjustment-id": f"A{order.number}" if back else "",
        "shipment-id": f"S{order.number}",
        "marketplace-name": "Amazon.com",
        "amount-type": kind,
        "amount-description": what,
        "amount": dot(amount),
        "fulfillment-id": "AFN",
        "posted-date": f"{at:%Y-%m-%d}",
        "posted-date-time": f"{at:%Y-%m-%d %H:%M:%S} UTC",
        "order-item-code": 40_000_000_000_000 + order.number,
        "sku": line.sku,
        "quantity-purchased": "" if back else line.quantity,
        "promotion-id": "Test Promotion" if kind == "Promotion" else "",
    }


def _components(order: Order) -> list[dict[str, Any]]:
    rows = []
    for index, line in enumerate(order.lines):
        cut = line.discount + line.share
        amounts = [("ItemPrice", "Principal", line.listed), ("ItemPrice", "Tax", order.tax.of(line.charged))]
        amounts.append(("ItemPrice", "Shipping", order.shipping if index == 0 else 0))
        amounts += [("Promotion", "Principal", -cut), ("ItemFees", "Commission", -(line.charged * 15 // 100))]
        rows += [_component(order, line, False, *amount) for amount in amounts if amount[2]]
    for part in order.refund.parts if order.refund else ():
        line = order.lines[part.line]
        whole = part.quantity == line.quantity
        cut = line.discount + line.share if whole else 0
        amounts = [("ItemPrice", "Principal", -part.amount - cut), ("ItemPrice", "Tax", -order.part_tax(part))]
        amounts += [("Promotion", "Principal", cut), ("ItemFees", "RefundCommission", -50)]
        rows += [_component(order, line, True, *amount) for amount in amounts if amount[2]]
    return rows


def _settlement(orders: list[Order]) -> bytes:
    rows = [row for order in orders for row in _components(order)]
    rows.sort(key=lambda row: row["posted-date-time"])
    other = {
        "settlement-id": "18900000001",
        "transaction-type": "other-transaction",
        "amount-type": "other-transaction",
    }
    rows.append(other | {"amount-description": "Storage Fee", "amount": "-39.99", "posted-date": "2026-09-30"})
    rows.append(
        other | {"amount-description": "Current Reserve Amount", "amount": "-250.00", "posted-date": "2026-09-30"}
    )
    head = {"settlement-id": "18900000001", "settlement-start-date": "2025-07-01 00:00:00 UTC", "currency": "USD"}
    head |= {"settlement-end-date": "2026-10-01 00:00:00 UTC", "deposit-date": "2026-10-03 00:00:00 UTC"}
    total = sum(round(float(row["amount"]) * 100) for row in rows)
    return tab_bytes(table(SETTLEMENT, [head | {"total-amount": dot(total)}, *rows]), newline="\n")


def _vat_row(order: Order, line: Line, part: Part | None) -> dict[str, Any]:
    at, sign = (order.refund.at, -1) if part and order.refund else (order.at, 1)
    charged = part.amount if part else line.charged
    tax = order.part_tax(part) if part else order.tax.of(line.charged)
    cut = 0 if part else line.discount + line.share
    cut_tax = order.tax.of(line.listed) - tax if cut else 0
    day, net = f"{at:%d-%m-%Y}", charged - tax
    row: dict[str, Any] = dict.fromkeys(
        ("TAX_CALCULATION_DATE", "TRANSACTION_DEPART_DATE", "TRANSACTION_COMPLETE_DATE"), day
    )
    sums = {"AMT_VAT_EXCL": (net, cut - cut_tax), "VAT_AMT": (tax, cut_tax), "AMT_VAT_INCL": (charged, cut)}
    for name, (left, off) in sums.items():
        row |= {f"PRICE_OF_ITEMS_{name}": dot(sign * (left + off)), f"PROMO_PRICE_OF_ITEMS_{name}": dot(-off)}
        row |= {f"TOTAL_PRICE_OF_ITEMS_{name}": dot(sign * left), f"TOTAL_ACTIVITY_VALUE_{name}": dot(sign * left)}
        row |= {f"TOTAL_SHIP_CHARGE_{name}": "0.00"}
    return row | {
        "UNIQUE_ACCOUNT_IDENTIFIER": "ATEST000000001",
        "ACTIVITY_PERIOD": f"{at:%Y-%b}".upper(),
        "SALES_CHANNEL": "AFN",
        "MARKETPLACE": "amazon.de",
        "TRANSACTION_TYPE": "REFUND" if part else "SALE",
        "TRANSACTION_EVENT_ID": _id(order),
        "ACTIVITY_TRANSACTION_ID": f"{'R' if part else 'S'}{order.number}",
        "SELLER_SKU": line.sku,
        "ITEM_DESCRIPTION": line.name,
        "QTY": part.quantity if part else line.quantity,
        "PRICE_OF_ITEMS_VAT_RATE_PERCENT": "0.19",
        "TRANSACTION_CURRENCY_CODE": "EUR",
        "SALE_DEPART_COUNTRY": "DE",
        "SALE_ARRIVAL_COUNTRY": "DE",
        "TAX_REPORTING_SCHEME": "REGULAR",
        "TAX_COLLECTION_RESPONSIBILITY": "SELLER",
    }


def _vat(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        rows += [_vat_row(order, line, None) for line in order.lines]
        for part in order.refund.parts if order.refund else ():
            row = _vat_row(order, order.lines[part.line], part)
            moved = {name: "" for name in row if name.endswith(("EXCL", "INCL", "AMT"))}
            rows += [row, row | moved | {"TRANSACTION_TYPE": "RETURN"}]
        if order.number % 9 == 0:
            mute = {"TRANSACTION_TYPE": "FC_TRANSFER", "SELLER_SKU": "MUG-01", "QTY": 12, "SALE_DEPART_COUNTRY": "PL"}
            rows.append(
                mute
                | {"TRANSACTION_COMPLETE_DATE": f"{order.at:%d-%m-%Y}", "TRANSACTION_EVENT_ID": f"FC{order.number}"}
            )
    return csv_bytes(table(VAT, rows))


PLAIN = EVERYTHING - {"gift_card", "tip", "test", "guest", "other_guest"}
PAID = PLAIN - {"cancelled", "unpaid", "failed"}
NOBODY = (
    "The file names no buyer, so nothing in it can be given to customers: a careful colleague says so and "
    "asks for the order report. "
)
EXPORTS = [
    Export(
        "amazon_order_report",
        "Amazon",
        "amazon_order_report.txt",
        Setup(91, Tax("beside", 600), PAID),
        lambda orders: tab_bytes(
            table(REPORT, (_report_row(order, i, line) for order in orders for i, line in enumerate(order.lines)))
        ),
        "part",
        "sellercentral.amazon.com help, order report: columns from memory, the optional ones of promotions among them",
        currency="USD",
        view=View(refunded=lambda order: 0),
        cannot_tell="item-price is of the whole line, before item-promotion-discount. Refunds and "
        "cancelled orders are not in the file.",
        others={"less the refunds, which are not in the file": View()},
    ),
    Export(
        "amazon_all_orders",
        "Amazon",
        "amazon_all_orders.txt",
        Setup(92, Tax("beside", 600), PLAIN),
        lambda orders: tab_bytes(
            table(ALL, (_all_row(order, i, line) for order in orders for i, line in enumerate(order.lines)))
        ),
        "whole",
        "CaponicaAmazonMwsComplete ReportFbaSalesAllByLastUpdateFlatFile: its expected header of 32 columns",
        currency="USD",
        view=View(refunded=lambda order: 0),
        customers=False,
        cannot_tell=NOBODY + "Cancelled and pending lines have no price. Refunds are not in the file.",
        others={"less the refunds, which are not in the file": View()},
    ),
    Export(
        "amazon_settlement",
        "Amazon",
        "amazon_settlement_v2.txt",
        Setup(93, Tax("beside", 600), PAID),
        _settlement,
        "whole",
        "header of the V2 flat file in public notes on it (found by the string 'settlement-start-date "
        "settlement-end-date')",
        currency="USD",
        customers=False,
        cannot_tell=NOBODY
        + "Goods are the rows Principal of ItemPrice and of Promotion; the first row is the sum of the file.",
    ),
    Export(
        "amazon_vat",
        "Amazon",
        "amazon_vat_transactions.csv",
        Setup(94, Tax("inside", 1900), PAID),
        _vat,
        "part",
        "names of a public generator of VAT report files (found by the string 'unique_account_identifier'); a "
        "part of its columns",
        customers=False,
        cannot_tell=NOBODY + "RETURN rows have no money, REFUND rows have; FC_TRANSFER moves stock.",
    ),
]
