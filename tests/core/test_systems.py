"""Exports of known systems: recognised by their headers, read as documented, and doubted where the rows say otherwise.

The files in exports/ are invented; each has the columns of the real export and rows whose values were added up by hand.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import yaml

from seglib.core.contract import ORDERS
from seglib.core.errors import InputRefused
from seglib.core.intake.times import Clock
from seglib.core.sections import Rules
from seglib.init.looks import Look
from seglib.init.propose import Proposal, propose
from seglib.init.systems import Export, System, recognise, systems
from seglib.init.trial import prove

EXPORTS = Path(__file__).parent / "exports"
SYSTEMS = Path(__file__).parents[2] / "seglib" / "systems"
RIGHT = {  # system, export, net money, orders, customers
    "shopify.csv": ("Shopify", "order export", 65.0, 3, 3),
    "shopify_by_phone.csv": ("Shopify", "order export", 70.0, 3, 2),
    "matrixify.csv": ("Shopify", "order export of Matrixify", 38.0, 2, 2),
    "woocommerce.csv": ("WooCommerce", "order export, one row per item", 42.0, 2, 2),
    "woocommerce_advanced.csv": ("WooCommerce", "order export of Advanced Order Export", 38.0, 2, 2),
    "woocommerce_advanced_lines.csv": ("WooCommerce", "order export of Advanced Order Export", 48.0, 3, 3),
    "woocommerce_orders.csv": ("WooCommerce", "order export, one row per order", 77.0, 3, 3),
    "woocommerce_analytics.csv": ("WooCommerce", "analytics report of orders", 50.75, 3, 2),
    "magento.csv": ("Magento (Adobe Commerce)", "order grid", 40.5, 2, 2),
    "magento_first.csv": ("Magento (Adobe Commerce)", "order grid of Magento 1", 60.5, 2, 2),
    "magento_table.csv": ("Magento (Adobe Commerce)", "table of orders (sales_order)", 38.0, 2, 2),
    "prestashop.csv": ("PrestaShop", "order list", 50.5, 2, 1),
    "prestashop_german.csv": ("PrestaShop", "order list", 75.5, 2, 2),
    "prestashop_table.csv": ("PrestaShop", "table of orders (ps_orders)", 45.5, 2, 2),
    "etsy_items.csv": ("Etsy", "order items (EtsySoldOrderItems)", 59.0, 3, 2),
    "etsy_orders.csv": ("Etsy", "orders (EtsySoldOrders)", 59.0, 3, 2),
    "etsy_payments.csv": ("Etsy", "payments (Etsy Payments Sales)", 51.5, 2, 2),
    "stripe.csv": ("Stripe", "payments export", 120.0, 2, 2),
    "stripe_balance.csv": ("Stripe", "balance report", 120.5, 2, 2),
    "paypal.csv": ("PayPal", "activity download", 1120.5, 3, 2),
    "paypal_german.csv": ("PayPal", "activity download", 1120.5, 3, 2),
    "paypal_balance.csv": ("PayPal", "activity download", 140.5, 3, 2),
    "square_product_sales.csv": ("Square", "item sales detail with Product Sales", 96.0, 4, 3),
    "tiktok_shop.csv": ("TikTok Shop", "order export", 47.5, 3, 3),
    "square.csv": ("Square", "item sales detail", 25.0, 2, 2),
    "amazon.txt": ("Amazon", "order report", 66.5, 3, 2),
    "amazon_shipped.txt": ("Amazon", "Amazon Fulfilled Shipments report", 46.5, 3, 2),
    "mercado_libre.csv": ("Mercado Libre", "report of sales", 750.5, 3, 2),
    "mercado_livre.csv": ("Mercado Libre", "report of sales", 320.5, 2, 2),
    "odoo.csv": ("Odoo", "sales orders with their lines", 55.5, 2, 2),
    "odoo_technical.csv": ("Odoo", "sales orders with their lines", 57.5, 2, 2),
    "hubspot.csv": ("HubSpot", "export of deals", 1500.5, 2, 2),
    "hubspot_spanish.csv": ("HubSpot", "export of deals", 1500.5, 2, 2),
    "salesforce.csv": ("Salesforce", "opportunities", 1500.5, 2, 2),
    "salesforce_report.csv": ("Salesforce", "opportunities", 1500.5, 2, 2),
    "xero.csv": ("Xero", "export of invoices", 37.5, 2, 2),
    "xero_template.csv": ("Xero", "template of invoices for imports", 78.5, 3, 2),
    "sap.csv": ("SAP", "billing documents", 957.5, 2, 2),
    "sap_orders.csv": ("SAP", "sales documents", 147.5, 2, 2),
    "dynamics.csv": ("Microsoft Dynamics", "posted sales lines (Business Central)", 195.5, 1, 1),
    "dynamics_values.csv": ("Microsoft Dynamics", "value entries of sales (Business Central)", 235.5, 2, 2),
    "dynamics_orders.csv": ("Microsoft Dynamics", "orders (Dynamics 365 Sales)", 160.5, 2, 2),
}
QUICK = ("paypal.csv", "odoo.csv")  # a shape of its own each; all of them: long
SEMICOLON, TAB = ("prestashop.csv", "prestashop_german", "mercado", "sap"), ("amazon",)
COMMON = (
    *("Order ID", "Order Number", "Customer ID", "Customer", "Customer Name", "Email", "Phone", "Date", "Order Date"),
    *("Created At", "Updated At", "Quantity", "Price", "Unit Price", "Amount", "Total", "Subtotal", "Discount", "Tax"),
    *(
        "Shipping",
        "Status",
        "Type",
        "Currency",
        "Country",
        "City",
        "SKU",
        "Product",
        "Product Name",
        "Category",
        "Name",
    ),
    *("Bestellnummer", "Kundennummer", "Datum", "Betrag", "Menge", "Preis", "Status", "Kunde", "Artikel", "Land"),
    *("pedido", "cliente", "fecha", "importe", "cantidad", "precio", "estado", "producto", "data", "valor", "commande"),
)


def rows_of(name: str) -> list[list[str]]:
    """Header and rows of an invented export."""
    text = (EXPORTS / name).read_text(encoding="utf-8")
    mark = ";" if name.startswith(SEMICOLON) else "\t" if name.startswith(TAB) else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))


def saved(rows: list[list[str]], path: Path) -> Path:
    """Write rows as a file with commas."""
    into = io.StringIO(newline="")
    csv.writer(into, lineterminator="\n").writerows(rows)
    path.write_text(into.getvalue(), encoding="utf-8")
    return path


def all_exports() -> list[Any]:
    """Every export of every system."""
    return [
        pytest.param(system, export, id=f"{system.name}-{n}")
        for system in systems()
        for n, export in enumerate(system.exports)
    ]


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.long) for n in RIGHT])
def test_a_known_export_comes_to_its_money(name: str) -> None:
    """Net money, orders and customers as added up by hand, by seglib's own intake and without an edit."""
    trial = prove(propose(EXPORTS / name))

    assert trial is not None and not trial.refused
    assert trial.months["money_minor"].sum() / 10**trial.money_decimals == pytest.approx(RIGHT[name][2])
    assert (trial.orders, trial.customers) == RIGHT[name][3:]


@pytest.mark.forms(12)
@pytest.mark.parametrize("name", RIGHT)
def test_a_known_export_is_recognised_and_leaves_nothing_open(name: str) -> None:
    """The system, its source, and what is known of it stand in what init says."""
    system, export, *_ = RIGHT[name]
    made = propose(EXPORTS / name)

    assert not made.open
    assert any(line.startswith(f"this is '{export}' of {system}, by ") for line in made.understood)
    assert any(line.startswith(f"{system}: ") for line in made.understood)


@pytest.mark.parametrize("name", RIGHT)
def test_order_case_and_further_columns_change_nothing(name: str) -> None:
    """Columns from the last to the first, in capitals, among others: the same export."""
    header = rows_of(name)[0]
    found = recognise([*(column.upper() for column in header[::-1]), "Our own note", "Gift wrap", "Total"])

    assert found is not None
    assert (found.system.title, found.export.title) == RIGHT[name][:2]


def test_common_words_claim_no_system() -> None:
    """Not all of them together, however many a file has."""
    assert recognise(COMMON) is None


@pytest.mark.parametrize(("system", "export"), all_exports())
def test_so_many_marks_are_no_common_words(system: System, export: Export) -> None:
    """What tells an export is more than the names that any file may have."""
    common = {"".join(name.lower().split()) for name in COMMON}
    told = [mark for mark in export.marks if not {"".join(name.lower().split()) for name in mark} & common]

    assert export.least >= 3
    assert len(told) >= export.least
    assert len(export.marks) - len(told) < export.least


@pytest.mark.parametrize(("system", "export"), all_exports())
def test_a_system_writes_only_what_a_plan_knows(system: System, export: Export) -> None:
    """Columns of orders, rules with values that are allowed, and a source for all of it."""
    assert {*export.columns} <= {*ORDERS.names}
    assert Rules.model_validate(export.rules).model_fields_set == {*export.rules}
    assert all(export.columns.get(field) for field in ("order_id", "customer_id", "ordered_at"))
    money = {"amount", "unit_price"} & {key for key, names in export.columns.items() if names}
    assert export.nobody or money or not {"discount", "refunded"} & {*export.columns}  # else the rows decide all of it
    assert system.source


@pytest.mark.parametrize("path", sorted(SYSTEMS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_systems_file_begins_with_its_sources_and_names_no_column_twice(path: Path) -> None:
    """A comment says what was read; a column is read or not read, not both."""
    text = path.read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)

    assert text.startswith("# ") and loaded["name"] == path.stem
    for export in loaded["exports"]:
        read = {name for names in export["columns"].values() for name in names}
        assert not read & {*export.get("unread", [])}


def changed(made: Proposal) -> str:
    return " ".join(made.unsure)


def test_where_the_rows_contradict_the_documentation_they_win(tmp_path: Path) -> None:
    """A shop whose subtotals hold the discount already: the price is a net one, and init says so."""
    header, *rows = rows_of("shopify.csv")
    at = {name: header.index(name) for name in ("Subtotal", "Lineitem price", "Discount Amount", "Lineitem quantity")}
    for row in rows:
        row[at["Discount Amount"]] = "1.00" if row[at["Subtotal"]] else ""
    made = propose(saved([header, *rows], tmp_path / "o.csv"))

    assert "Shopify says that 'Lineitem price' times 'Lineitem quantity' less 'Discount Amount'" in changed(made)
    assert "so the rows decide what the columns of money are" in changed(made)


def test_where_a_sum_does_not_hold_on_a_few_orders_that_is_said(tmp_path: Path) -> None:
    """A discount on shipping stands where those on goods do: the orders and the money are named, not passed over."""
    header, *rows = rows_of("shopify.csv")
    at = {name: header.index(name) for name in ("Name", "Subtotal", "Discount Amount")}
    many = [[*row] for row in rows[-1:] for _ in range(24)]
    for number, row in enumerate(many):
        row[at["Name"]] = f"#{2000 + number}"
    many[0][at["Discount Amount"]] = "4.90"
    made = propose(saved([header, *many], tmp_path / "o.csv"))

    assert made.source.columns["discount"] == "Discount Amount"
    assert "on 1 order it does not hold that 'Lineitem price' times 'Lineitem quantity'" in changed(made)
    assert "which is 4.90 more than the rest" in changed(made)


def test_a_total_that_holds_more_than_its_known_extras_is_said(tmp_path: Path) -> None:
    """A grid of orders without a column of tax: what the total has above the subtotal is named with the way out."""
    header, *rows = rows_of("magento.csv")
    at = header.index("Grand Total (Base)")
    for row in rows:
        row[at] = f"{float(row[at]) + 3:.2f}"
    made = propose(saved([header, *rows], tmp_path / "o.csv"))

    assert "on 4 rows 'Grand Total (Base)' less 'Shipping and Handling' is more than 'Subtotal', by 12.00" in changed(
        made
    )
    assert '--column amount="Subtotal" leaves it out' in changed(made)


WORDS = [
    ("magento_table.csv", "status", "paypal_canceled_reversal", "done"),
    ("magento_table.csv", "status", "paypal_reversed", "refunded"),
    ("magento_table.csv", "status", "fraud", "unpaid"),
    ("prestashop.csv", "Status", "En attente de réapprovisionnement (payé)", "done"),
    ("prestashop.csv", "Status", "Pedido pendiente por falta de stock (no pagado)", "unpaid"),
    ("prestashop.csv", "Status", "Awaiting Cash On Delivery validation", "unpaid"),
    ("hubspot.csv", "Deal Stage", "Cierre perdido", "cancelled"),
    ("stripe.csv", "Status", "Uncaptured", "unpaid"),
]


@pytest.mark.parametrize(("name", "column", "word", "meaning"), WORDS)
def test_the_words_of_a_system_mean_what_its_own_code_says(
    name: str, column: str, word: str, meaning: str, tmp_path: Path
) -> None:
    """In the languages in which the system writes them."""
    header, *rows = rows_of(name)
    rows[0][header.index(column)] = word
    made = propose(saved([header, *rows], tmp_path / "o.csv"))

    assert made.rules.states[word] == meaning


@pytest.mark.parametrize("won", ["Cierre ganado", "Abgeschlossen und gewonnen", "Fermé gagné"])
def test_of_stages_in_any_language_only_the_won_one_counts(won: str, tmp_path: Path) -> None:
    """A company's own stage that sounds like something done is open yet, since another is the one that is won."""
    rows = f"1,A,2026-01-05,100.5,{won}\n2,B,2026-01-06,70.5,Contrato enviado\n3,B,2026-01-07,50.25,{won}\n"
    (tmp_path / "o.csv").write_text(f"deal no,customer,close date,amount,stage\n{rows}", encoding="utf-8")
    made = propose(tmp_path / "o.csv")

    assert made.rules.states == {won: "done", "Contrato enviado": "draft"}


def test_what_was_tried_in_the_test_mode_is_no_purchase(tmp_path: Path) -> None:
    """The payments export of a dashboard says Live or Test in a column of its own."""
    header, *rows = rows_of("stripe.csv")
    tried = [[*row, "Test" if number == 1 else "Live"] for number, row in enumerate(rows)]
    trial = prove(propose(saved([[*header, "Mode"], *tried], tmp_path / "o.csv")))

    assert trial is not None
    assert (trial.orders, trial.months["money_minor"].sum()) == (1, 10000)


def test_an_order_number_that_the_rows_do_not_bear_out_is_said(tmp_path: Path) -> None:
    """Names that stand for several customers number no orders: the id does."""
    header, *rows = rows_of("shopify_by_phone.csv")
    phones = [header.index(name) for name in ("Billing Phone", "Name", "Id")]
    many = [[*row] for row in rows for _ in range(4)]
    for number, row in enumerate(many):
        row[phones[0]], row[phones[1]], row[phones[2]] = f"+49{number}", f"#{number % 3}", ""
    made = propose(saved([header, *many], tmp_path / "o.csv"))

    assert "Shopify calls it 'Name', but its cells do not bear that out" in changed(made)


def test_what_the_user_says_comes_before_the_documentation() -> None:
    """The column of customers, and with one of money the others are found by the rows."""
    made = propose(EXPORTS / "hubspot.csv", {"customer_id": "Associated Contact"})

    assert made.source.columns["customer_id"] == "Associated Contact"
    assert made.source.columns["amount"] == "Amount"


def test_a_report_without_customers_says_what_to_export(tmp_path: Path) -> None:
    """Amazon's report of all orders names nobody; the sentence names the reports that do."""
    header = "amazon-order-id,merchant-order-id,purchase-date,last-updated-date,order-status,fulfillment-channel,"
    header += "sales-channel,sku,item-status,quantity,currency,item-price,item-promotion-discount,ship-city\n"
    row = "1-1,,2026-01-05T10:00:00+00:00,2026-01-05T10:00:00+00:00,Shipped,Amazon,amazon.de,M,Shipped,1,EUR,5.5,,X\n"
    (tmp_path / "o.csv").write_text(header + row + row.replace("1-1", "1-2"))

    with pytest.raises(InputRefused, match="name no customer: this is 'All Orders report' of Amazon.*buyer-email"):
        propose(tmp_path / "o.csv")


@pytest.mark.wide
def test_a_refund_without_a_customer_takes_it_from_its_order(from_export: Callable[..., Any]) -> None:
    """A marketplace names nobody on the refund, only the order; the returns are the buyer's."""
    rows = "A,1,2026-01-05,100.50,\nB,2,2026-01-06,50.00,\n,3,2026-01-09,-30.00,2\n,4,2026-01-10,-7.00,99\n"
    made, orders = from_export(f"buyer_id,order_id,order_date,amount,original_order_id\n{rows}")

    assert made.source.columns["refund_of"] == "original_order_id"
    assert orders[["order_id", "amount_minor", "returned_minor"]].to_numpy().tolist() == [
        ["1", 10050, 0],
        ["2", 2000, 3000],
    ]


@pytest.mark.wide
def test_a_refund_in_anothers_name_belongs_to_the_customer_of_its_order(from_export: Callable[..., Any]) -> None:
    """A payment service names the shop as who paid it back; the order that the row names says whose it is."""
    rows = "A,1,2026-01-05,100.50,\nB,2,2026-01-06,50.00,\nshop,3,2026-01-09,-30.00,2\nA,4,2026-01-10,7.00,\n"
    _, orders = from_export(f"buyer_id,order_id,order_date,amount,original_order_id\n{rows}")

    assert orders[["order_id", "amount_minor", "returned_minor"]].to_numpy().tolist() == [
        ["1", 10050, 0],
        ["2", 2000, 3000],
        ["4", 700, 0],
    ]


def test_rows_below_the_first_of_an_order_belong_to_it(tmp_path: Path) -> None:
    """A grouped list of any origin: number, customer and day stand once; who is blank at the top stays blank."""
    rows = "1,A,2026-01-05,Mug,10.00\n,,,Cup,5.50\n2,,2026-01-06,Mug,10.00\n,,,Bag,1.00\n3,B,2026-01-07,Bag,20.00\n"
    (tmp_path / "o.csv").write_text(f"order no,customer,date,product,amount\n{rows}")
    made = propose(tmp_path / "o.csv")

    assert made.source.fill_down == ("order_id", "customer_id", "ordered_at")
    assert made.looks["order no"].values.tolist() == ["1", "1", "2", "2", "3"]
    assert made.looks["customer"].values.fillna("").tolist() == ["A", "A", "", "", "B"]


def test_a_number_that_is_blank_beside_a_customer_is_filled_from_nowhere(tmp_path: Path) -> None:
    """Invoices stand on some payments only: the row above is another customer's."""
    rows = "1,A,2026-01-05,10.00\n,B,2026-01-06,5.50\n2,A,2026-01-07,7.00\n,C,2026-01-08,8.00\n"
    (tmp_path / "o.csv").write_text(f"invoice no,customer,date,amount\n{rows}")

    assert propose(tmp_path / "o.csv").source.fill_down == ()


def test_of_columns_of_one_name_the_user_says_which(tmp_path: Path) -> None:
    """Neither is chosen silently; the sentence says how to name each."""
    (tmp_path / "o.csv").write_text("customer_id,date,amount,amount\n7,2026-01-01,5.5,6\n8,2026-01-02,7,8.5\n")

    with pytest.raises(InputRefused, match=r'column name twice.*--column amount="amount \(1\)"'):
        propose(tmp_path / "o.csv")
    assert propose(tmp_path / "o.csv", {"amount": "amount (2)"}).source.columns["amount"] == "amount (2)"


@pytest.mark.wide
def test_an_amount_whose_pieces_are_blank_counts(from_export: Callable[..., Any]) -> None:
    """The money is told; that the pieces are not makes it no gift."""
    rows = "A,1,2026-01-05,2,10.50\nB,2,2026-01-06,,20.25\nB,2,2026-01-06,1,1.00\n"
    _, orders = from_export(f"customer_id,order_id,date,quantity,amount\n{rows}")

    assert orders["amount_minor"].tolist() == [1050, 100, 2025]


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (("5 de enero de 2026 10:00 hs.", "16 de diciembre de 2025 11:30 hs."), "%d de %B de %Y %H:%M hs."),
        (("5. März 2026", "16. Dezember 2025"), "%d. %B %Y"),
        (("5 févr. 2026", "30 déc. 2025"), "%d %b %Y"),
        (("5 września 2026 09:15", "1 grudnia 2025 10:00"), "%d %B %Y %H:%M"),
        (("5 May 2026", "1 December 2025"), "%d %B %Y"),
    ],
)
def test_months_in_words_are_read_in_their_language(days: tuple[str, str], wanted: str) -> None:
    """As the report of a marketplace or a spreadsheet writes them; intake reads what init has found."""
    text = pd.Series(days, dtype="str")
    dates = Look("day", text).dates

    assert dates is not None and dates.format == wanted
    local = Clock(ZoneInfo("UTC"), dates.format).local(text)
    assert local.dt.strftime("%Y-%d").tolist()[0] == "2026-05" and local.dt.strftime("%Y-%m").tolist()[1] == "2025-12"
