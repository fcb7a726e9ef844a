"""PayPal: the activity download, English and German, with refunds, withdrawals and holds between the sales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .files import columns, csv_bytes, english, german, table
from .orders import Order
from .plan import EVERYTHING, Setup
from .truth import Export

ENGLISH = columns(
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
    "Shipping Address,Address Status,Item Title,Item ID,Shipping and Handling Amount,Insurance Amount,Sales Tax,"
    "Option 1 Name,Option 1 Value,Option 2 Name,Option 2 Value,Reference Txn ID,Invoice Number,Custom Number,"
    "Quantity,Receipt ID,Balance,Address Line 1,Address Line 2/District/Neighborhood,Town/City,"
    "State/Province/Region/County/Territory/Prefecture/Republic,Zip/Postal Code,Country,Contact Phone Number,"
    "Subject,Note,Country Code,Balance Impact"
)
GERMAN = columns(
    "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,Empfänger "
    "E-Mail-Adresse,Transaktionscode,Lieferadresse,Adress-Status,Artikelbezeichnung,Artikelnummer,Versand- und "
    "Bearbeitungsgebühr,Versicherungsbetrag,Umsatzsteuer,Option 1 Name,Option 1 Wert,Option 2 Name,Option 2 Wert,"
    "Zugehöriger Transaktionscode,Rechnungsnummer,Zollnummer,Anzahl,Empfangsnummer,Guthaben,Adresszeile 1,"
    "Adresszusatz,Ort,Bundesland,PLZ,Land,Telefon,Betreff,Hinweis,Ländervorwahl,Auswirkung auf Guthaben"
)
WORDS_EN = {
    "sale": "Express Checkout Payment",
    "refund": "Payment Refund",
    "withdrawal": "General Withdrawal",
    "own": "PreApproved Payment Bill User Payment",
    "hold": "Account Hold for Open Authorization",
    "done": "Completed",
    "open": "Pending",
    "denied": "Denied",
    "in": "Credit",
    "out": "Debit",
    "memo": "Memo",
}
WORDS_DE = {
    "sale": "PayPal Express-Zahlung",
    "refund": "Rückzahlung",
    "withdrawal": "Allgemeine Abbuchung",
    "own": "Zahlung im Einzugsverfahren mit Zahlungsrechnung",
    "hold": "Einbehaltung für offene Autorisierung",
    "done": "Abgeschlossen",
    "open": "Ausstehend",
    "denied": "Abgelehnt",
    "in": "Haben",
    "out": "Soll",
    "memo": "Memo",
}
SHOP = "shop@example.test"


@dataclass(frozen=True)
class Tongue:
    """How one language writes the file; columns have the same places in all of them."""

    header: list[str]
    words: dict[str, str]
    money: Callable[[int], str]
    date: str
    currency: str

    def row(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return values under English names as a row of this language."""
        return {self.header[ENGLISH.index(name)]: value for name, value in values.items()}


@dataclass(frozen=True)
class Movement:
    """One movement of the account."""

    at: datetime
    kind: str
    state: str
    gross: int
    fee: int
    ident: str
    order: Order | None = None
    reference: str = ""


def _movements(orders: list[Order]) -> list[Movement]:
    moves = []
    for order in orders:
        state = {"unpaid": "open", "failed": "denied"}.get(order.state, "done")
        ident = f"{order.number}T{order.number * 7919:012d}"
        fee = -(order.total * 349 // 10_000 + 49) if state == "done" else 0
        moves.append(Movement(order.at, "sale", state, order.total, fee, ident, order))
        if order.refund:
            moves.append(Movement(order.refund.at, "refund", "done", -order.back_total, 0, ident[::-1], order, ident))
        if order.number % 7 == 0:
            later = order.at + timedelta(days=1)
            moves.append(Movement(later, "withdrawal", "done", -150_000, 0, f"{order.number}W0000000000001"))
            moves.append(Movement(later, "own", "done", -1_299, 0, f"{order.number}B0000000000002"))
            moves.append(Movement(later, "hold", "open", -2_000, 0, f"{order.number}H0000000000003"))
    return sorted(moves, key=lambda move: move.at)


def _row(move: Movement, balance: int, tongue: Tongue) -> dict[str, Any]:
    words, money, order = tongue.words, tongue.money, move.order
    memo = move.state != "done"
    row: dict[str, Any] = {
        "Date": format(move.at, tongue.date),
        "Time": f"{move.at:%H:%M:%S}",
        "TimeZone": "Europe/Berlin",
        "Type": words[move.kind],
        "Status": words[move.state],
        "Currency": tongue.currency,
        "Gross": money(move.gross),
        "Fee": money(move.fee),
        "Net": money(move.gross + move.fee),
        "From Email Address": SHOP,
        "Transaction ID": move.ident,
        "Reference Txn ID": move.reference,
        "Balance": money(balance),
        "Balance Impact": words["memo" if memo else "in" if move.gross > 0 else "out"],
    }
    if move.kind == "own":
        row |= {"Name": "Test Hosting Services", "To Email Address": "billing@hosting.test"}
    if order is not None:
        who, sale = order.customer, move.kind == "sale"
        mails = (who.email, SHOP) if sale else (SHOP, who.email)
        row |= {"Name": who.name, "From Email Address": mails[0], "To Email Address": mails[1]}
        row |= {"Invoice Number": f"WC-{order.number}", "Item Title": order.lines[0].name if sale else ""}
        row |= {"Shipping and Handling Amount": money(order.shipping if sale else 0), "Insurance Amount": money(0)}
        row |= {"Sales Tax": money(0), "Quantity": 1 if sale else "", "Town/City": who.city if sale else ""}
    return tongue.row(row)


def _write(orders: list[Order], tongue: Tongue) -> bytes:
    rows, balance = [], 0
    for move in _movements(orders):
        balance += move.gross + move.fee if move.state == "done" else 0
        rows.append(_row(move, balance, tongue))
    return csv_bytes(table(tongue.header, rows), quote_all=True, encoding="utf-8-sig")


PLAIN = EVERYTHING - {"gift_card", "tip", "test", "cancelled"}
TELL = (
    "The gross amount holds shipping, which has a column of its own. Refunds are rows below zero that name "
    "the sale; there the customer stands under the recipient, not the sender. Withdrawals, own purchases "
    "and holds are nobody's purchases."
)
EXPORTS = [
    Export(
        "paypal_en",
        "PayPal",
        "paypal_activity_en.csv",
        Setup(71, features=PLAIN),
        lambda orders: _write(orders, Tongue(ENGLISH, WORDS_EN, english, "%m/%d/%Y", "USD")),
        "whole",
        'header of 41 columns in a public importer (found by the string \'"Date","Time","TimeZone","Name"\'); '
        "developer.paypal.com",
        currency="USD",
        cannot_tell=TELL,
    ),
    Export(
        "paypal_de",
        "PayPal",
        "paypal_aktivitaeten_de.csv",
        Setup(72, features=PLAIN),
        lambda orders: _write(orders, Tongue(GERMAN, WORDS_DE, german, "%d.%m.%Y", "EUR")),
        "whole",
        'header of 41 columns in several public importers (found by the string \'"Datum","Uhrzeit",'
        '"Zeitzone"\'); words of some types from memory',
        cannot_tell=TELL,
    ),
]
