"""Gross and refunds of ledgers and offers, from their files."""

from __future__ import annotations

import csv
import io

from .read import PLACE, Orders, Row, Sums, cents, rows, sheet, total


def odoo_lines() -> Sums:
    orders: Orders = {}
    head: Row = {}
    for r in rows("odoo_sale_order.csv"):
        head = r if r["Order Reference"] else head
        if head["Status"] == "Sales Order" and not r["Order Lines/Product"].startswith("[Delivery"):
            orders.setdefault(head["Order Reference"], [head["Customer"], 0, 0])[1] += cents(r["Order Lines/Subtotal"])
    return total(orders)


def odoo_invoices() -> Sums:
    orders: Orders = {}
    listed = sheet("odoo_account_move.xlsx")
    for r in listed:
        if r["Status"] == "Posted" and r["Payment Status"] != "Not Paid" and r["Number"].startswith("INV"):
            orders[r["Number"]] = [r["Invoice Partner Display Name"], cents(r["Untaxed Amount Signed"]), 0]
    for r in listed:
        if r["Number"].startswith("RINV"):
            orders[r["Reference"].removeprefix("Reversal of: ")][2] -= cents(r["Untaxed Amount Signed"])
    return total(orders)


def sf_products() -> Sums:
    orders: Orders = {}
    for r in rows("salesforce_orders_with_products.csv"):
        if r["Status"] == "Activated" and r["Is Reduction Order"] == "0":
            orders.setdefault(r["Order Number"], [r["Account ID"], 0, 0])[1] += cents(r["Total Price"])
    for r in rows("salesforce_orders_with_products.csv"):
        if r["Is Reduction Order"] == "1":
            orders[r["Original Order: Order Number"]][2] -= cents(r["Total Price"])
    return total(orders)


def xero(name: str) -> Sums:
    orders: Orders = {}
    for r in rows(name):
        if r["Status"] == "Paid":
            order = orders.setdefault(r["InvoiceNumber"].split("-")[1], [r["ContactName"], 0, 0])
            if r["Type"] == "Sales invoice":
                order[1] += cents(r["LineAmount"])
            else:
                order[2] -= cents(r["LineAmount"])
    return total(orders)


def va05() -> Sums:
    lines = (PLACE["folder"] / "sap_va05.txt").read_bytes().decode("cp1252").split("\r\n")
    head = lines[4].split("\t")
    listed = [dict(zip(head, line.split("\t"), strict=True)) for line in lines[6:] if line]
    orders: Orders = {}
    back = 0
    for r in listed:
        if r["Verkaufsbelegart"] == "TA" and not r["Absagegrund"]:
            orders.setdefault(r["Verkaufsbeleg"], [r["Auftraggeber"], 0, 0])[1] += cents(r["Nettowert"])
        if r["Verkaufsbelegart"] == "RE":
            back -= cents(r["Nettowert"])
    gross, _, count, people = total(orders)
    return gross, back, count, people


def billing() -> Sums:
    orders: Orders = {}
    listed = rows("sap_vbrk_vbrp.csv", ";", "cp1252")
    for r in listed:
        if r["FKART"] == "F2" and r["FKSTO"] != "X":
            orders.setdefault(r["VBELN"], [r["KUNAG"], 0, 0])[1] += cents(r["NETWR"])
    for r in listed:
        if r["FKART"] == "G2":
            orders[r["VGBEL"]][2] += cents(r["NETWR"])
    return total(orders)


def journal() -> Sums:
    gross, back, orders, people = 0, 0, set(), set()
    for r in rows("sap_acdoca.csv", ";"):
        if r["RACCT"] == "0041000000":
            amount = cents(r["HSL"])
            if amount < 0:
                gross -= amount
                orders.add(r["BELNR"])
                people.add(r["KUNNR"])
            else:
                back += amount
    return gross, back, len(orders), len(people)


def zoho() -> Sums:
    orders: Orders = {}
    for r in rows("zoho_invoices.csv"):
        if r["Invoice Status"] == "Closed":
            order = orders.setdefault(r["Invoice ID"], [r["Customer ID"], -cents(r["Entity Discount Amount"]), 0])
            order[1] += cents(r["Item Total"])
    return total(orders)


def quickbooks() -> Sums:
    gross, back, orders, people, who = 0, 0, set(), set(), ""
    for line in csv.reader(
        io.StringIO((PLACE["folder"] / "quickbooks_sales_by_customer_detail.csv").read_text("utf-8"))
    ):
        if len(line) != 10:
            continue
        who = line[0] or who
        if line[2] in ("Invoice", "Sales Receipt") and line[4] != "Shipping":
            gross += cents(line[8])
            orders.add(line[3])
            people.add(who)
        elif line[2] == "Credit Memo":
            back -= cents(line[8])
    return gross, back, len(orders), len(people)


def lightspeed() -> Sums:
    gross, back, orders, people = 0, 0, set(), set()
    for r in rows("lightspeed_x_sales_ledger.csv"):
        if r["Line Type"] != "Sale Line" or r["Status"] == "VOIDED" or r["Customer Code"] == "WALKIN":
            continue
        amount = cents(r["Subtotal"])
        if amount > 0:
            gross += amount
            orders.add(r["Receipt Number"])
            people.add(r["Customer Code"])
        else:
            back -= amount
    return gross, back, len(orders), len(people)
