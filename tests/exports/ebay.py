"""eBay: the orders report of the Seller Hub with lines around its table, and the German report of transactions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .files import EN, columns, comma, csv_bytes, dollars, table
from .orders import Line, Order
from .plan import Setup
from .truth import Export, View

REPORT = columns(
    "Sales Record Number,Order Number,Buyer Username,Buyer Name,Buyer Email,Buyer Note,Buyer Address 1,Buyer "
    "Address 2,Buyer City,Buyer State,Buyer Zip,Buyer Country,Ship To Name,Ship To Phone,Ship To Address 1,Ship To "
    "Address 2,Ship To City,Ship To State,Ship To Zip,Ship To Country,Item Number,Item Title,Custom Label,Sold Via "
    "Promoted Listings,Quantity,Sold For,Shipping And Handling,Seller Collected Tax,eBay Collected Tax,Total Price,"
    "eBay Collected Tax Included in Total,Payment Method,Sale Date,Paid On Date,Ship By Date,Minimum Estimated "
    "Delivery Date,Maximum Estimated Delivery Date,Shipped On Date,Feedback Left,Feedback Received,My Item Note,"
    "PayPal Transaction ID,Shipping Service,Tracking Number,Transaction ID,Variation Details,Global Shipping "
    "Program,Global Shipping Reference ID,Click And Collect,Click And Collect Reference Number,eBay Plus"
)
GERMAN = columns(
    "Datum der Transaktionserstellung,Typ,Bestellnummer,Alte Bestellnummer,Nutzername des Käufers,Name des Käufers,"
    "Versandziel - Ort,Versandziel - Bundesland,Versandziel - PLZ,Versandziel - Land,Betrag abzügl. Kosten,"
    "Auszahlungswährung,Auszahlungsdatum,Auszahlung Nr.,Auszahlungsmethode,Auszahlungsstatus,Grund für "
    "Einbehaltung,Artikelnr.,Transaktionsnummer,Angebotstitel,Bestandseinheit,Stückzahl,Zwischensumme Artikel,"
    "Verpackung und Versand,Vom Verkäufer eingezogene Steuer,Von eBay eingezogene Steuer,Fixer Anteil der "
    "Verkaufsprovision,Variabler Anteil der Verkaufsprovision,Gebühr für sehr hohe Quote an „nicht wie "
    "beschriebenen“ Artikeln,Gebühr für unterdurchschnittlichen Servicestatus,Internationale Gebühr,"
    "Transaktionsbetrag (inkl. Kosten),Transaktionswährung,Wechselkurs,Referenznummer,Beschreibung"
)
MONTHS = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")


def _day(at: datetime) -> str:
    return f"{EN[at.month - 1]}-{at:%d-%y}"


def _id(order: Order) -> str:
    return f"{order.number % 90 + 10}-{order.number:05d}-{order.number * 7 % 100_000:05d}"


def _buyer(order: Order) -> dict[str, Any]:
    who = order.customer
    return {
        "Sales Record Number": order.number,
        "Order Number": _id(order),
        "Buyer Username": who.user.replace(".", "_"),
        "Buyer Name": who.name,
        "Buyer Email": who.email,
        "Buyer City": who.city,
        "Buyer Country": "United States",
        "Ship To Name": who.name,
        "Ship To Phone": who.phone,
        "Ship To City": who.city,
        "Ship To Country": "United States",
    }


def _item(index: int, line: Line) -> dict[str, Any]:
    return {
        "Item Number": 335_000_000_000 + index,
        "Item Title": line.name,
        "Custom Label": line.sku,
        "Sold Via Promoted Listings": "No",
        "Quantity": line.quantity,
        "Sold For": dollars(line.price),
    }


def _rows(order: Order) -> list[dict[str, Any]]:
    """Return one row, or for several items a row of the order above rows of its items."""
    money = {
        "Shipping And Handling": dollars(order.shipping),
        "Seller Collected Tax": dollars(0),
        "eBay Collected Tax": dollars(0),
        "Total Price": dollars(order.total),
        "eBay Collected Tax Included in Total": "No",
        "Payment Method": "Other",
        "Sale Date": _day(order.at),
        "Paid On Date": _day(order.at) if order.paid else "",
        "Shipped On Date": _day(order.at) if order.paid else "",
        "Feedback Left": "No",
    }
    items = [_item(index, line) for index, line in enumerate(order.lines)]
    if len(items) == 1:
        return [_buyer(order) | items[0] | money]
    short = {
        name: value
        for name, value in _buyer(order).items()
        if name in ("Sales Record Number", "Order Number", "Buyer Username")
    }
    whole = {"Quantity": sum(line.quantity for line in order.lines), "Sold For": dollars(order.goods)}
    return [_buyer(order) | whole | money, *(short | item | {"Sale Date": _day(order.at)} for item in items)]


def _report(orders: list[Order]) -> bytes:
    rows = [row for order in reversed(orders) for row in _rows(order)]
    wide = [""] * len(REPORT)
    lines = table(REPORT, rows)
    bottom = [wide, [str(len(orders)), "record(s) downloaded", *wide[2:]], ["Seller ID : test-seller", *wide[1:]]]
    return csv_bytes([wide, lines[0], wide, *lines[1:], *bottom], encoding="utf-8-sig", newline="\r\n")


def _move(order: Order, kind: str, at: datetime, item: int, shipping: int, fee: int) -> dict[str, Any]:
    who, sale = order.customer, kind == "Bestellung"
    line = order.lines[0]
    row: dict[str, Any] = dict.fromkeys(GERMAN, "--") | {
        "Datum der Transaktionserstellung": f"{at.day}. {MONTHS[at.month - 1]} {at.year}",
        "Typ": kind,
        "Bestellnummer": _id(order),
        "Nutzername des Käufers": who.user.replace(".", "_"),
        "Name des Käufers": who.name,
        "Versandziel - Ort": who.city,
        "Versandziel - Land": "DE",
        "Betrag abzügl. Kosten": comma(item + shipping + fee),
        "Auszahlungswährung": "EUR",
        "Transaktionsbetrag (inkl. Kosten)": comma(item + shipping),
        "Transaktionswährung": "EUR",
        "Referenznummer": f"R{order.number}{kind[:2]}",
    }
    if kind == "Andere Gebühr":
        return row | {"Beschreibung": "Anzeigengebühr Basis", "Transaktionsbetrag (inkl. Kosten)": comma(fee)}
    row |= {"Zwischensumme Artikel": comma(item), "Verpackung und Versand": comma(shipping)}
    row |= {
        "Fixer Anteil der Verkaufsprovision": comma(-35 if sale else 35),
        "Artikelnr.": 267_000_000_000 + order.number,
    }
    row |= {"Variabler Anteil der Verkaufsprovision": comma(fee + 35 if sale else fee - 35)}
    return row | {"Angebotstitel": line.name, "Bestandseinheit": line.sku, "Stückzahl": line.quantity}


def _transactions(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        fee = -(order.total * 11 // 100 + 35)
        rows.append((order.at, _move(order, "Bestellung", order.at, order.goods, order.shipping, fee)))
        if order.number % 5 == 0:
            rows.append((order.at, _move(order, "Andere Gebühr", order.at, 0, 0, -112)))
        if order.number % 8 == 0:
            blank = dict.fromkeys(GERMAN, "--") | {"Typ": "Auszahlung", "Auszahlungswährung": "EUR"}
            blank |= {
                "Datum der Transaktionserstellung": f"{order.at.day}. {MONTHS[order.at.month - 1]} {order.at.year}"
            }
            rows.append((order.at, blank | {"Betrag abzügl. Kosten": comma(-30_000)}))
        if order.refund:
            rows.append(
                (
                    order.refund.at,
                    _move(order, "Rückerstattung", order.refund.at, -order.back, -order.refund.shipping, 60),
                )
            )
    rows.sort(key=lambda pair: pair[0], reverse=True)
    top = [["Transaktionsbericht"], ["Verkäufer", "test-seller"], ["Zeitraum", "1. Jul 2025 - 30. Sep 2026"]]
    notes = [["--", "bedeutet, dass es keinen Wert gibt"], []]
    return csv_bytes([*top, *notes, *table(GERMAN, [row for _, row in rows])], delimiter=";", encoding="utf-8-sig")


EXPORTS = [
    Export(
        "ebay_orders",
        "eBay",
        "ebay_orders_report.csv",
        Setup(191, features=frozenset(("shipping", "unpaid"))),
        _report,
        "whole",
        "header of 51 columns in a public test (found by the string 'Sales Record Number,Order Number,Buyer "
        "Username'); blank lines, the count and the seller below: the test of another; rows of orders with "
        "several items from memory",
        currency="USD",
        cannot_tell="Sold For is per piece. An order of several items is one row with its sum, above a row "
        "for each item without a total. Unpaid orders have no Paid On Date. Refunds and "
        "discounts are not told (there are none here).",
    ),
    Export(
        "ebay_transactions_de",
        "eBay",
        "ebay_transaktionsbericht.csv",
        Setup(192, features=frozenset(columns("shipping,refund_piece,refund_all,goodwill,single"))),
        _transactions,
        "part",
        "names in public readers of the file (found by the string 'Nutzername des Käufers'): ';', decimal "
        "commas, '--' for nothing, types Bestellung, Rückerstattung, Andere Gebühr, Auszahlung",
        view=View(),
        cannot_tell="Zwischensumme Artikel is goods; Betrag abzügl. Kosten is what is left after fees. "
        "Refunds are rows below zero under the same Bestellnummer; fees and payouts are "
        "nobody's purchases. Title lines stand above.",
    ),
]
