"""SAP in German: the list of sales orders (VA05), billing documents with items, and the universal journal."""

from __future__ import annotations

from typing import Any

from .files import columns, csv_bytes, german, tab_bytes, table
from .orders import Order, Part, Tax
from .plan import Setup
from .truth import Export, View

VA05 = columns(
    "Verkaufsbeleg,Position,Belegdatum,Verkaufsbelegart,Auftraggeber,Name Auftraggeber,Material,Bezeichnung,"
    "Auftragsmenge,Mengeneinheit,Nettopreis,Nettowert,Währung,Absagegrund,Gesamtstatus"
)
BILLING = columns(
    "VBELN,POSNR,FKART,FKDAT,KUNAG,KUNRG,NAME1,MATNR,ARKTX,FKIMG,VRKME,NETWR,MWSBP,WAERK,FKSTO,SFAKN,AUBEL,VGBEL,"
    "VKORG,VTWEG"
)
JOURNAL = columns(
    "RLDNR,RBUKRS,GJAHR,BELNR,DOCLN,BUDAT,BLART,RACCT,KTOPL,KUNNR,MATNR,WSL,RWCUR,HSL,RHCUR,DRCRK,AWTYP,AWREF,"
    "SGTXT,XREVERSING,XREVERSED"
)


def _behind(minor: int) -> str:
    """Return -4500 as 45,00-, with the minus behind."""
    return german(abs(minor)) + ("-" if minor < 0 else "")


def _va05_row(order: Order, index: int, part: Part | None) -> dict[str, Any]:
    line, at = order.lines[index], order.refund.at if part and order.refund else order.at
    quantity = part.quantity if part else line.quantity
    value = part.amount if part else line.charged
    gone = order.state in ("cancelled", "failed")
    return {
        "Verkaufsbeleg": 60_000_000 + order.number if part else order.number,
        "Position": (index + 1) * 10,
        "Belegdatum": f"{at:%d.%m.%Y}",
        "Verkaufsbelegart": "RE" if part else "AG" if order.state == "unpaid" else "TA",
        "Auftraggeber": 100_000 + order.customer.number,
        "Name Auftraggeber": order.customer.company,
        "Material": line.sku,
        "Bezeichnung": line.name,
        "Auftragsmenge": f"{quantity},000",
        "Mengeneinheit": "ST",
        "Nettopreis": german(value // quantity),
        "Nettowert": _behind(-value if part else value),
        "Währung": "EUR",
        "Absagegrund": "Vom Kunden abgelehnt" if gone else "",
        "Gesamtstatus": "Erledigt" if order.paid or gone else "Offen",
    }


def _va05(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        rows += [_va05_row(order, index, None) for index in range(len(order.lines))]
        rows += [_va05_row(order, part.line, part) for part in (order.refund.parts if order.refund else ())]
    top = [columns("01.10.2026,,Dynamische Listausgabe,,,1"), [], ["Liste Verkaufsbelege"], []]
    listed = [["", *line] for line in table(VA05, rows)]
    return tab_bytes([*top, listed[0], [], *listed[1:]], encoding="cp1252")


def _bill(order: Order, index: int, kind: str, number: int, part: Part | None) -> dict[str, Any]:
    line, at = order.lines[index], order.refund.at if part and order.refund else order.at
    charged = part.amount if part else line.charged
    tax = order.part_tax(part) if part else order.tax.of(line.charged)
    return {
        "VBELN": f"{number:010d}",
        "POSNR": f"{(index + 1) * 10:06d}",
        "FKART": kind,
        "FKDAT": f"{at:%d.%m.%Y}",
        "KUNAG": f"{100_000 + order.customer.number:010d}",
        "KUNRG": f"{100_000 + order.customer.number:010d}",
        "NAME1": order.customer.company,
        "MATNR": line.sku,
        "ARKTX": line.name,
        "FKIMG": f"{part.quantity if part else line.quantity},000",
        "VRKME": "ST",
        "NETWR": german(charged),
        "MWSBP": german(tax),
        "WAERK": "EUR",
        "FKSTO": "X" if kind == "F2" and order.state == "cancelled" else "",
        "SFAKN": f"{9_000_000 + order.number:010d}" if kind == "S1" else "",
        "AUBEL": f"{order.number:010d}",
        "VGBEL": f"{9_000_000 + order.number:010d}" if kind == "G2" else f"{8_000_000 + order.number:010d}",
        "VKORG": "1000",
        "VTWEG": "10",
    }


def _billing(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        count, number = range(len(order.lines)), 9_000_000 + order.number
        rows += [_bill(order, index, "F2", number, None) for index in count]
        if order.state == "cancelled":
            rows += [_bill(order, index, "S1", number + 400_000, None) for index in count]
        for part in order.refund.parts if order.refund else ():
            rows.append(_bill(order, part.line, "G2", number + 600_000, part))
    return csv_bytes(table(BILLING, rows), delimiter=";", encoding="cp1252", newline="\r\n")


def _entry(order: Order, back: bool, number: int, account: str, amount: int, sku: str) -> dict[str, Any]:
    at = order.refund.at if back and order.refund else order.at
    return {
        "RLDNR": "0L",
        "RBUKRS": "1000",
        "GJAHR": at.year,
        "BELNR": f"{(1_700_000 if back else 1_800_000) + order.number:010d}",
        "DOCLN": f"{number:06d}",
        "BUDAT": f"{at:%d.%m.%Y}",
        "BLART": "RV",
        "RACCT": account,
        "KTOPL": "YCOA",
        "KUNNR": f"{100_000 + order.customer.number:010d}",
        "MATNR": sku,
        "WSL": _behind(amount),
        "RWCUR": "EUR",
        "HSL": _behind(amount),
        "RHCUR": "EUR",
        "DRCRK": "H" if amount < 0 else "S",
        "AWTYP": "VBRK",
        "AWREF": f"{9_000_000 + order.number + (600_000 if back else 0):010d}",
        "SGTXT": f"Auftrag {order.number}",
    }


def _journal(orders: list[Order]) -> bytes:
    rows = []
    for order in orders:
        if not order.paid:
            continue
        rows.append(_entry(order, False, 1, "0012100000", order.total, ""))
        goods = enumerate(order.lines, start=2)
        rows += [_entry(order, False, number, "0041000000", -line.charged, line.sku) for number, line in goods]
        if order.shipping:
            rows.append(_entry(order, False, 8, "0041400000", -order.shipping, ""))
        rows.append(_entry(order, False, 9, "0022000000", -order.all_tax, ""))
        if order.refund:
            rows.append(_entry(order, True, 1, "0012100000", -order.back - order.refund.tax, ""))
            parts = enumerate(order.refund.parts, start=2)
            rows += [_entry(order, True, i, "0041000000", part.amount, order.lines[part.line].sku) for i, part in parts]
            rows.append(_entry(order, True, 9, "0022000000", order.refund.tax, ""))
    return csv_bytes(table(JOURNAL, rows), delimiter=";", encoding="utf-8-sig", newline="\r\n")


BACK = frozenset(("refund_line", "refund_piece", "refund_all"))
VAT = Tax("beside", 1900)
EXPORTS = [
    Export(
        "sap_va05",
        "SAP",
        "sap_va05.txt",
        Setup(151, VAT, BACK | {"line_discount", "cancelled", "failed", "unpaid"}),
        _va05,
        "memory",
        "columns of VA05 by their German field labels (VBAK, VBAP: leanx.eu/en/sap/table); form of a list "
        "saved as text with tabs",
        cannot_tell="Net value is after discounts and before tax. Returns (RE) have the minus behind and a "
        "number of their own; AG are quotations; a reason for rejection means that the line is "
        "none. Title lines stand above, the first column is blank.",
    ),
    Export(
        "sap_billing",
        "SAP",
        "sap_vbrk_vbrp.csv",
        Setup(152, VAT, BACK | {"line_discount", "order_discount", "cancelled"}),
        _billing,
        "part",
        "fields of VBRK and VBRP (leanx.eu/en/sap/table/cmp_vbrp.html and its list of document categories); "
        "the choice of fields is ours",
        cannot_tell="Amounts have no sign: FKART says it. G2 is a credit memo, S1 cancels the invoice in "
        "SFAKN, which has FKSTO X: neither of the two counts. The same customer number is "
        "padded with zeros.",
    ),
    Export(
        "sap_journal",
        "SAP",
        "sap_acdoca.csv",
        Setup(153, VAT, BACK | {"shipping", "order_discount"}),
        _journal,
        "part",
        "fields of ACDOCA (universal journal): names from memory and leanx.eu; the choice of fields is ours",
        cannot_tell="Revenue is below zero here, with the minus behind. Which accounts are goods has to be asked: "
        "0041000000 is; 0041400000 is freight, 0022000000 tax, 0012100000 what is owed. All lines together are "
        "nothing.",
        view=View(),
    ),
]
