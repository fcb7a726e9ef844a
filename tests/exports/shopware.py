"""Shopware 5 (default_orders and main data of its import/export) and Shopware 6 (default profile of orders)."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, dot, table
from .orders import Line, Order, Tax
from .plan import EVERYTHING, Setup
from .truth import Export, View

FIVE = columns(
    "orderId,number,customerId,orderStatusID,cleared,paymentID,dispatchId,partnerId,shopId,invoiceAmount,"
    "invoiceAmountNet,invoiceShipping,invoiceShippingNet,orderTime,transactionId,comment,customerComment,"
    "internalComment,net,taxFree,temporaryId,referer,clearedDate,trackingCode,languageIso,currency,currencyFactor,"
    "remoteAddress,orderDetailId,articleId,taxId,taxRate,statusId,number|2,articleNumber,price,quantity,"
    "articleName,shipped,shippedGroup,releaseDate,mode,esdArticle,config"
)
SIDE = columns("Salutation,FirstName,LastName,Company,Department,Street,ZipCode,City")
MAIN = [
    *columns("orderId,orderNumber,invoiceNumber,invoiceAmount,invoiceAmountNet,invoiceShipping,invoiceShippingNet"),
    *columns(
        "taxRateSums,taxRate,net,taxFree,paymentName,paymentStatus,orderStatus,currency,currencyFactor,transactionId"
    ),
    *columns("trackingCode,orderTime,email,customerNumber,customerGroup"),
    *(f"billing{name}" for name in SIDE),
    *columns(
        "billingPhone,billingFax,billingAdditionalAddressLine1,billingAdditionalAddressLine2,billingState,"
        "billingCountry"
    ),
    *(f"shipping{name}" for name in SIDE),
    *["shippingAdditionalAddressLine1", "shippingAdditionalAddressLine1|2", "shippingState", "shippingCountry"],
]
SIX = columns(
    "id,order_number,sales_channel_id,customer_firstname,customer_lastname,customer_email,billing_address_street,"
    "billing_address_zipcode,billing_address_city,billing_address_company,billing_address_department,"
    "billing_address_country_id,billing_address_country_state_id,shipping_address_street,shipping_address_zipcode,"
    "shipping_address_city,shipping_address_company,shipping_address_department,shipping_address_country_id,"
    "shipping_address_country_state_id,amount_total,order_state_id,line_items,order_date_time"
)
CODES = {"paid": (2, 12), "unpaid": (0, 17), "cancelled": (4, 35), "failed": (4, 35)}
WORDS = {
    "paid": ("Komplett bezahlt", "Komplett abgeschlossen"),
    "unpaid": ("Offen", "Offen"),
    "cancelled": ("Der Vorgang wurde abgebrochen.", "Storniert / Abgelehnt"),
    "failed": ("Der Vorgang wurde abgebrochen.", "Storniert / Abgelehnt"),
}


def _net(order: Order) -> int:
    return order.without_tax + order.shipping - order.shipping_tax


def _five_head(order: Order) -> dict[str, Any]:
    status, cleared = CODES[order.state]
    cleared = 20 if order.all_back else cleared
    return {
        "orderId": order.number - 20_000,
        "number": order.number,
        "customerId": order.customer.number,
        "orderStatusID": status,
        "cleared": cleared,
        "paymentID": 5,
        "dispatchId": 9,
        "shopId": 1,
        "invoiceAmount": dot(order.total),
        "invoiceAmountNet": dot(_net(order)),
        "invoiceShipping": dot(order.shipping),
        "invoiceShippingNet": dot(order.shipping - order.shipping_tax),
        "orderTime": f"{order.at:%Y-%m-%d %H:%M:%S}",
        "net": 0,
        "taxFree": 0,
        "clearedDate": f"{order.at:%Y-%m-%d %H:%M:%S}" if order.paid else "",
        "languageIso": 1,
        "currency": "EUR",
        "currencyFactor": 1,
    }


def _five_line(order: Order, index: int, line: Line, mode: int) -> dict[str, Any]:
    return {
        "orderDetailId": order.number * 10 + index,
        "articleId": 0 if mode else 300 + index,
        "taxId": 1,
        "taxRate": 19,
        "statusId": 0,
        "number|2": order.number,
        "articleNumber": line.sku,
        "price": dot(line.price),
        "quantity": line.quantity,
        "articleName": line.name,
        "shipped": 0,
        "shippedGroup": 0,
        "releaseDate": "0000-00-00",
        "mode": mode,
        "esdArticle": 0,
    }


def _five(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        lines = [(line, 0) for line in order.lines]
        if order.order_discount:
            lines.append((Line("GUTSCHEIN15", "Gutschein", 1, -order.order_discount), 2))
        head = _five_head(order)
        rows += [head | _five_line(order, index, line, mode) for index, (line, mode) in enumerate(lines)]
    return csv_bytes(table(FIVE, rows), delimiter=";")


def _main(order: Order) -> dict[str, Any]:
    who, (payment, state) = order.customer, WORDS[order.state]
    row: dict[str, Any] = {f"{side}{name}": "" for side in ("billing", "shipping") for name in SIDE}
    for side in ("billing", "shipping"):
        row |= {f"{side}FirstName": who.first, f"{side}LastName": who.last, f"{side}Street": "Testweg 1"}
        row |= {f"{side}ZipCode": f"0{who.number}", f"{side}City": who.city, f"{side}Country": "Deutschland"}
    return row | {
        "orderId": order.number - 20_000,
        "orderNumber": order.number,
        "invoiceAmount": dot(order.total),
        "invoiceAmountNet": dot(_net(order)),
        "invoiceShipping": dot(order.shipping),
        "invoiceShippingNet": dot(order.shipping - order.shipping_tax),
        "taxRateSums": dot(order.all_tax),
        "taxRate": "19.00",
        "net": 0,
        "taxFree": 0,
        "paymentName": "Vorkasse",
        "paymentStatus": "Wiedergutschrift" if order.all_back else payment,
        "orderStatus": state,
        "currency": "EUR",
        "currencyFactor": 1,
        "orderTime": f"{order.at:%Y-%m-%d %H:%M:%S}",
        "email": who.email,
        "customerNumber": 20_000 + who.number,
        "customerGroup": "Shopkunden",
        "billingPhone": who.phone,
    }


def _six(order: Order) -> dict[str, Any]:
    who = order.customer
    return {
        "id": f"0190{order.number:028x}",
        "order_number": order.number,
        "sales_channel_id": "0190c0ffee00000000000000000000aa",
        "customer_firstname": who.first,
        "customer_lastname": who.last,
        "customer_email": who.email,
        "billing_address_street": "Testweg 1",
        "billing_address_zipcode": f"0{who.number}",
        "billing_address_city": who.city,
        "billing_address_country_id": "0190de0000000000000000000000de01",
        "shipping_address_street": "Testweg 1",
        "shipping_address_city": who.city,
        "amount_total": dot(order.total),
        "order_state_id": f"0190{'a0c0' if order.state in ('cancelled', 'failed') else 'a0d0'}{'0' * 24}",
        "line_items": "|".join(f"{line.quantity}x {line.name}" for line in order.lines),
        "order_date_time": f"{order.at:%Y-%m-%dT%H:%M:%S}.000+00:00",
    }


VAT = Tax("inside", 1900, True)
PLAIN = frozenset(columns("shipping,order_discount,refund_all,cancelled,unpaid,failed"))
BACK = View(refunded=lambda order: order.without_tax if order.all_back else 0)
INCLUDED = View(gross=lambda order: order.goods, refunded=lambda order: order.goods if order.all_back else 0)
TOTAL = View(
    counts=lambda order: True,
    gross=lambda order: order.total,
    refunded=lambda order: 0,
)
TELL = (
    "Partial refunds are not in the file; the state of payment 20, 'Wiedergutschrift', means that all was given back. "
)
EXPORTS = [
    Export(
        "shopware5_orders",
        "Shopware 5",
        "shopware5_default_orders.csv",
        Setup(171, VAT, PLAIN, 20_001),
        _five,
        "whole",
        "shopware5/SwagImportExport Setup/DefaultProfiles/OrderProfile.php; codes of states: s_core_states "
        "(cleared 12 paid, 17 open, 20 re-credited, 35 cancelled; orderStatusID 0 open, 2 done, 4 cancelled)",
        view=BACK,
        cannot_tell=TELL
        + "Prices hold tax, taxRate tells it; invoiceAmountNet less invoiceShippingNet is without it. A voucher is a "
        "line of mode 2 below zero. States are codes. Two columns are called number.",
        others={"with the tax inside": INCLUDED},
    ),
    Export(
        "shopware5_main",
        "Shopware 5",
        "shopware5_default_order_main_data.csv",
        Setup(172, VAT, PLAIN, 20_001),
        lambda orders: csv_bytes(table(MAIN, map(_main, orders)), delimiter=";"),
        "whole",
        "shopware5/SwagImportExport Setup/DefaultProfiles/OrderMainDataProfile.php; words of states from memory",
        view=BACK,
        cannot_tell=TELL + "Goods without tax are invoiceAmountNet less invoiceShippingNet.",
        others={"with the tax inside": INCLUDED},
    ),
    Export(
        "shopware6_orders",
        "Shopware 6",
        "shopware6_default_orders.csv",
        Setup(173, VAT, EVERYTHING & {"shipping", "order_discount", "refund_all", "cancelled", "unpaid"}, 10_001),
        lambda orders: csv_bytes(table(SIX, map(_six, orders)), delimiter=";"),
        "whole",
        "shopware/core Migration1627983652AddOrderExportProfile: the mapping of the profile 'Default orders'; "
        "form of line_items from memory",
        view=TOTAL,
        cannot_tell="The total holds shipping and tax, which the profile does not tell. The state is an id "
        "without meaning (it has to be asked which one is 'cancelled'); payment and refunds "
        "are not in the file.",
        others={
            "orders of the state 0190a0c0... left out": View(
                counts=lambda order: order.state not in ("cancelled", "failed"),
                gross=lambda order: order.total,
                refunded=lambda order: 0,
            ),
            "goods of paid orders without tax": View(),
        },
    ),
]
