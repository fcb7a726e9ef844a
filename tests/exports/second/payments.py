"""Gross and refunds of payment services and marketplaces, from their files."""

from __future__ import annotations

from .read import Orders, Row, Sums, cents, rows, sheet, total


def stripe(name: str) -> Sums:
    return total(
        {
            r["id"]: [r["Customer Email"], cents(r["Amount"]), cents(r["Amount Refunded"])]
            for r in rows(name)
            if r["Status"] in ("Paid", "Refunded") and r.get("Mode", "Live") == "Live"
        }
    )


def stripe_activity() -> Sums:
    orders: Orders = {}
    for r in rows("stripe_balance_change_from_activity.csv"):
        if r["reporting_category"] == "charge":
            orders[r["charge_id"]] = [r["customer_email"], cents(r["gross"]), 0]
    for r in rows("stripe_balance_change_from_activity.csv"):
        if r["reporting_category"] == "refund":
            orders[r["charge_id"]][2] -= cents(r["gross"])
    return total(orders)


def paypal(name: str, names: tuple[str, ...], sale: str, refund: str, done: str) -> Sums:
    ident, kind, status, gross, ship, mail, ref = names
    orders: Orders = {}
    for r in rows(name):
        if r[status] == done and r[kind] == sale:
            orders[r[ident]] = [r[mail], cents(r[gross]) - cents(r[ship]), 0]
        elif r[status] == done and r[kind] == refund:
            orders[r[ref]][2] -= cents(r[gross])
    return total(orders)


def square(name: str) -> Sums:
    gross, back, orders, people = 0, 0, set(), set()
    for r in rows(name):
        if not r["Customer ID"] or r.get("Itemization Type") == "Gift Card":
            continue
        if r["Event Type"] == "Payment":
            gross += cents(r["Net Sales"])
            orders.add(r["Transaction ID"])
            people.add(r["Customer ID"])
        else:
            back -= cents(r["Net Sales"])
    return gross, back, len(orders), len(people)


def amazon_orders(name: str, key: str, who: str | None) -> Sums:
    orders: Orders = {}
    for r in rows(name, "\t"):
        if r["item-price"]:
            order = orders.setdefault(r[key], [r[who] if who else r[key], 0, 0])
            order[1] += cents(r["item-price"]) - cents(r["item-promotion-discount"])
    return total(orders)


def settlement() -> Sums:
    orders: Orders = {}
    for r in rows("amazon_settlement_v2.txt", "\t"):
        if r["amount-description"] == "Principal":
            order = orders.setdefault(r["order-id"], [r["order-id"], 0, 0])
            if r["transaction-type"] == "Order":
                order[1] += cents(r["amount"])
            else:
                order[2] -= cents(r["amount"])
    return total(orders)


def vat() -> Sums:
    orders: Orders = {}
    for r in rows("amazon_vat_transactions.csv"):
        if r["TRANSACTION_TYPE"] in ("SALE", "REFUND"):
            order = orders.setdefault(r["TRANSACTION_EVENT_ID"], [r["TRANSACTION_EVENT_ID"], 0, 0])
            amount = cents(r["TOTAL_PRICE_OF_ITEMS_AMT_VAT_EXCL"])
            order[1 if r["TRANSACTION_TYPE"] == "SALE" else 2] += abs(amount)
    return total(orders)


def ml_es() -> Sums:
    orders: Orders = {}
    for r in sheet("mercadolibre_ventas.xlsx", 5):
        income = r["Ingresos por productos (MXN)"]
        gone = r["Descripción del estado"].startswith(("Cancelaron", "El comprador todavía"))
        if income is not None and not gone:
            orders[r["# de venta"]] = [r["Comprador"], cents(income), -cents(r["Anulaciones y reembolsos (MXN)"])]
    return total(orders)


def ml_pt() -> Sums:
    orders: Orders = {}
    for r in rows("mercadolivre_vendas.csv", ";", skip=5):
        if r["Estado"] not in ("Venda cancelada", "Pagamento pendente"):
            back = -cents(r["Cancelamentos e reembolsos (BRL)"])
            orders[r["N.º de venda"]] = [r["Comprador"], cents(r["Receita por produtos (BRL)"]), back]
    return total(orders)


def ebay() -> Sums:
    orders: Orders = {}
    for r in rows("ebay_orders_report.csv", skip=1):
        if r["Item Number"] and r["Sold For"]:
            order = orders.setdefault(r["Order Number"], [r["Buyer Username"], 0, 0])
            order[1] += cents(r["Sold For"]) * int(r["Quantity"])
    paid = {r["Order Number"] for r in rows("ebay_orders_report.csv", skip=1) if r["Paid On Date"]}
    return total({key: value for key, value in orders.items() if key in paid})


def ebay_de() -> Sums:
    orders: Orders = {}
    listed = rows("ebay_transaktionsbericht.csv", ";", skip=5)
    for r in reversed(listed):
        if r["Typ"] == "Bestellung":
            orders[r["Bestellnummer"]] = [r["Nutzername des Käufers"], cents(r["Zwischensumme Artikel"]), 0]
        elif r["Typ"] == "Rückerstattung":
            orders[r["Bestellnummer"]][2] -= cents(r["Zwischensumme Artikel"])
    return total(orders)


def ga4(events: list[Row]) -> Sums:
    orders: Orders = {}
    for e in events:
        if e["event_name"] == "purchase":
            money = e["ecommerce"]
            orders[money["transaction_id"]] = [e["user_id"], cents(money["purchase_revenue"]), 0]
    for e in events:
        if e["event_name"] == "refund":
            orders[e["ecommerce"]["transaction_id"]][2] += cents(e["ecommerce"]["refund_value"])
    return total(orders)
