"""Exports that were once read wrongly: the right money, customers and orders, by the plan that `seglib init` writes."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.init import parts, sniff
from seglib.init.propose import Proposal, given_columns, propose
from seglib.init.study import write_study
from seglib.init.trial import prove, told

pytestmark = pytest.mark.forms(2)


@dataclass(frozen=True)
class Case:
    """An export and what is right about it.

    Parameters
    ----------
    text : str
        The export.
    money, orders, customers : float and int
        What counts in it.
    names : str
        Its header in other words.
    """

    text: str
    money: float
    orders: int
    customers: int
    names: str


QUICK = ("e01", "e05", "b02", "b06", "b08", "b13 all sent back, as rows")  # the others: long
SHOPIFY = """Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Payment ID
#1001,ann@example.com,paid,EUR,30.00,5.00,0.00,35.00,0.00,2026-01-05 10:00:00 +0000,1,Mug,10.00,pay_1
#1001,ann@example.com,,,,,,,,2026-01-05 10:00:00 +0000,2,Cup,10.00,
#1002,bob@example.com,paid,EUR,10.00,5.00,0.00,15.00,0.00,2026-01-06 10:00:00 +0000,1,Mug,10.00,pay_2
#1003,ann@example.com,paid,EUR,20.00,5.00,0.00,25.00,0.00,2026-02-06 10:00:00 +0000,2,Mug,10.00,pay_3
"""
SHOPS_OWN = """Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,\
Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount
#4,d@example.com,refunded,2026-02-09 09:00:00 -0500,no,USD,50.00,4.90,0.00,54.90,0.00,2026-02-09 09:00:00 -0500,\
1,Bag,50.00,P2,2026-02-10 09:00:00 -0500,54.90
#3,c@example.com,partially_refunded,2026-02-08 23:30:00 -0500,no,USD,100.00,4.90,0.00,104.90,0.00,\
2026-02-08 23:30:00 -0500,1,Rug,100.00,P4,,25.00
#2,b@example.com,paid,2026-01-07 09:00:00 -0500,no,USD,160.00,4.90,0.00,164.90,0.00,2026-01-07 09:00:00 -0500,\
1,Rug,60.00,P4,,0.00
#2,b@example.com,,,,,,,,,,2026-01-07 09:00:00 -0500,1,Gift Card - $100.00,100.00,GIFT,,
#1,a@example.com,paid,2026-01-05 09:00:00 -0500,no,USD,100.00,4.90,0.00,104.90,20.00,2026-01-05 09:00:00 -0500,\
1,Rug,100.00,P4,,0.00
#1,a@example.com,,,,,,,,,,2026-01-05 09:00:00 -0500,2,Mug,10.00,P1,,
"""
CASES = {
    "e01 a discount": Case(
        "order_id,customer_id,order_date,sku,quantity,unit_price,discount\nA1,7,2026-01-05,MUG,2,10.00,5.00\n"
        "A2,8,2026-01-06,MUG,1,10.00,0.00\nA3,7,2026-02-07,CUP,1,20.00,20.00\n",
        *(25.00, 2, 2),
        "Bestellnummer,Kundennummer,Bestelldatum,Artikelnummer,Menge,Einzelpreis,Rabatt",
    ),
    "e02 a sparse number beside the order's": Case(
        SHOPIFY,
        *(60.00, 3, 2),
        "Order Number,Buyer Email,Financial Status,Currency,Subtotal,Shipping,Tax,Order Total,Discount,Order Date,"
        "Quantity,Item Name,Item Price,Transaction ID",
    ),
    "e03 line breaks in notes": Case(
        "order_id,email,date,total,note\n"
        + "".join(
            f'{n},c{n % 3}@example.com,2026-01-{n:02d},{n}.50,"Ring, please.\nOr ""knock"".\n"\n' for n in range(1, 13)
        ),
        *(84.00, 12, 3),
        "commande,courriel,date,montant,remarque",
    ),
    "e04 cents": Case(
        "id,created,amount,currency,customer_id,status\n"
        + "".join(
            f"ch_{n},2026-01-{n:02d} 10:00:00,{(900, 1900, 4900)[n % 3]},eur,c{n % 4},succeeded\n" for n in range(1, 10)
        ),
        *(231.00, 9, 4),
        "charge id,created (utc),amount,currency code,customer,payment status",
    ),
    "e05 not paid yet": Case(
        "order_id,customer_id,order_date,total,order_status\n1,7,2026-01-05,10.00,completed\n"
        "2,8,2026-01-06,1000.00,pending_payment\n3,9,2026-01-07,2000.00,Awaiting Payment\n"
        "4,7,2026-01-08,4000.00,not paid\n"
        "5,8,2026-01-09,8000.00,Payment Error\n6,9,2026-01-10,16000.00,requires_payment_method\n",
        *(10.00, 1, 1),
        "pedido,cliente,fecha,importe,estado",
    ),
    "e06 a sparse order number": Case(
        "id,created,amount,customer_id,Invoice ID\nch_1,2026-01-05,10.50,c7,in_1\nch_2,2026-01-06,11.50,c8,\n"
        "ch_3,2026-02-07,12.50,c7,in_2\nch_4,2026-02-08,13.50,c9,\n",
        *(48.00, 4, 3),
        "id,datum,betrag,kunde,rechnungsnummer",
    ),
    "e07 quantity under another name": Case(
        "Invoice No,Customer No,Invoice Date,Item No,Sales Price,Invoiced Quantity,Net Invoice Amount EUR\n"
        "1,C7,2026-01-05,MUG,10.00,5,50.00\n1,C7,2026-01-05,CUP,20.00,2,40.00\n2,C8,2026-01-06,MUG,10.00,10,100.00\n"
        "3,C7,2026-02-07,CUP,20.00,1,20.00\n",
        *(210.00, 3, 2),
        "Belegnr.,Debitor,Belegdatum,Artikelnr.,VK je Teil,Fakturiert Stk,Zeilenwert netto",
    ),
    "e10 refunded in part": Case(
        "id,created,amount,Amount Refunded,customer_id,status\nch_1,2026-01-05,100.50,0.00,c7,Paid\n"
        "ch_2,2026-01-06,110.50,90.00,c8,Paid\nch_3,2026-02-07,120.50,0.00,c7,Paid\n",
        *(241.50, 3, 2),
        "id,datum,betrag,erstattet,kunde,zahlungsstatus",
    ),
    "e12 names with paths": Case(
        "order_line/order_id/name,order_line/order_id/date_order,order_line/order_id/partner_id,"
        "order_line/product_uom_qty,order_line/price_unit,order_line/price_subtotal\n"
        "SO1,2026-01-05 10:00:00,Ann Ltd,2,10.00,20.00\nSO2,2026-01-06 10:00:00,Bob Ltd,1,10.00,10.00\n",
        *(30.00, 2, 2),
        "sale.order_id,sale.date_order,sale.partner_id,line.product_uom_qty,line.price_unit,line.price_subtotal",
    ),
    "e12 deals": Case(
        "Deal ID,Deal Name,Deal Stage,Amount,Close Date,Associated Company\n"
        "D1,First,Closed Won,1000.00,2026-01-05,Ann Ltd\nD2,Second,Closed Lost,2000.00,2026-01-06,Bob Ltd\n",
        *(1000.00, 1, 1),
        "Opportunity ID,Opportunity,Stage,Amount,Close Date,Account Name",
    ),
    "e15 a row of nobody": Case(
        "customer_id,date,amount\n7,2026-01-05 10:00:00,10.50\n8,2026-01-06 11:00:00,11.50\n"
        ",2026-01-07 12:00:00,12.50\n"
        "7,2026-02-08 13:00:00,13.50\n",
        *(35.50, 3, 2),
        "cliente,fecha,importe",
    ),
    "b02 coupons as lines": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,product_id,product_name\n"
        "C1,1,2026-01-05,2,50.00,P1,Lamp\nC1,1,2026-01-05,1,-15.00,COUPON,Coupon SPRING15\n"
        "C1,2,2026-02-05,1,100.00,P1,Rug\n"
        "C1,2,2026-02-05,1,-15.00,COUPON,Coupon MAY\nC2,3,2026-02-06,1,30.00,P1,Lamp\n",
        *(200.00, 3, 2),
        "Kunde,Bestellnummer,Datum,Menge,Preis,Artikelnummer,Bezeichnung",
    ),
    "b05 a state and a row": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,product_id,status\n"
        "R1,1,2026-01-05,1,100.00,P1,refunded\nR1,1,2026-01-09,-1,100.00,P1,refunded\n"
        "R2,2,2026-01-06,2,50.00,P1,completed\n"
        "R2,2,2026-01-09,-1,50.00,P1,completed\nR3,3,2026-02-06,1,100.00,P1,completed\n",
        *(150.00, 2, 2),
        "cliente,pedido,fecha,cantidad,precio,referencia,estado",
    ),
    "b06 a refunded amount": Case(
        "customer_id,order_id,ordered_at,total,refunded_amount,financial_status\nL1,1,2026-01-05,500.00,500.00,paid\n"
        "L2,2,2026-01-06,200.00,50.00,paid\nL3,3,2026-02-06,16.89,0.00,paid\n",
        *(166.89, 2, 2),
        "client,commande,date,montant,montant remboursé,statut",
    ),
    "b10 changes of a state": Case(
        "customer_id,order_id,created_at,updated_at,total,status\nC1,1,2026-01-05,2026-01-05,50.00,paid\n"
        "C1,1,2026-01-05,2026-01-09,50.00,refunded\nC2,2,2026-01-06,2026-01-06,70.00,pending\n"
        "C2,2,2026-01-06,2026-01-07,70.00,paid\nC3,3,2026-02-06,2026-02-06,30.25,paid\n",
        *(100.25, 2, 2),
        "Kunde,Bestellnummer,Bestelldatum,geändert am,Gesamtbetrag,Bestellstatus",
    ),
    "b08 a gift card, a coupon, money back and offsets": Case(
        SHOPS_OWN,
        *(235.00, 3, 3),
        "Name,E-Mail,Financial status,Paid At,Accepts marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount amount,"
        "Created At,Lineitem Quantity,Lineitem Name,Lineitem Price,Lineitem SKU,Cancelled At,Refunded amount",
    ),
    "b10 changes that end in a cancellation": Case(
        "customer_id,order_id,created_at,updated_at,total,status\nC1,1,2026-01-05,2026-01-05,50.00,paid\n"
        "C1,1,2026-01-05,2026-01-09,50.00,cancelled\nC2,2,2026-01-06,2026-01-06,70.00,pending\n"
        "C2,2,2026-01-06,2026-01-07,70.00,paid\nC3,3,2026-02-06,2026-02-06,30.25,paid\n",
        *(100.25, 2, 2),
        "cliente,pedido,fecha,fecha modificación,importe,estado",
    ),
    "b13 all sent back, as rows": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,product_id\nT1,1,2026-01-05,1,80.00,P4\n"
        "T1,1,2026-01-09,-1,80.00,P4\nT1,2,2026-01-12,2,40.50,P2\nT1,2,2026-01-15,-2,40.50,P2\n"
        "C2,3,2026-02-06,3,10.00,P1\n",
        *(30.00, 1, 1),
        "Kunde,Bestellnummer,Datum,Menge,Einzelpreis,Artikelnummer",
    ),
    "b13 all sent back, as a state": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,product_id,status\n"
        "T1,1,2026-01-05,1,80.00,P4,refunded\nT1,2,2026-01-12,2,40.50,P2,refunded\n"
        "C2,3,2026-02-06,3,10.00,P1,completed\n",
        *(30.00, 1, 1),
        "cliente,pedido,data,quantità,prezzo unitario,codice articolo,stato ordine",
    ),
    "b15 no goods by name": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,product_name\nC1,1,2026-01-05,3,5.00,Tea\n"
        "C1,1,2026-01-05,1,4.90,Shipping\nC2,2,2026-01-06,1,40.00,Lamp\nC2,2,2026-01-06,1,50.00,Gift card\n"
        "C2,2,2026-01-06,1,2.00,Tip\n",
        *(55.00, 2, 2),
        "cliente,pedido,data do pedido,quantidade,preço unitário,produto",
    ),
    "b26 a coupon on each line": Case(
        "customer_id,order_id,ordered_at,quantity,unit_price,discount,product_id\nC1,1,2026-01-05,2,5.00,2.00,P1\n"
        "C1,1,2026-01-05,1,20.00,2.00,P2\nC2,2,2026-01-06,1,20.00,3.00,P2\nC2,2,2026-01-06,3,5.00,3.00,P1\n"
        "C2,3,2026-02-06,1,5.00,0.00,P1\n",
        *(65.00, 3, 2),
        "klant,bestelnummer,besteldatum,aantal,stuksprijs,korting,artikelnummer",
    ),
}


def renamed(case: Case) -> str:
    """The same rows under other names."""
    rows = list(csv.reader(io.StringIO(case.text, newline="")))
    return written([next(csv.reader([case.names])), *rows[1:]])


def turned(case: Case) -> str:
    """The same rows from the last to the first."""
    rows = list(csv.reader(io.StringIO(case.text, newline="")))
    return written([rows[0], *rows[:0:-1]])


def written(rows: list[list[str]]) -> str:
    """Rows as text."""
    into = io.StringIO(newline="")
    csv.writer(into, lineterminator="\n").writerows(rows)
    return into.getvalue()


def decided(made: Proposal, header: list[str]) -> dict[str, Any]:
    """What a proposal decides, with columns by their place."""
    listed = {f: (names,) if isinstance(names, str) else names for f, names in made.source.columns.items() if names}
    places = {
        field: [header.index(name) if name in header else name for name in names] for field, names in listed.items()
    }
    kept = ("amounts", "discount", "cost", "refunded", "states", "kinds", "not_products", "discount_lines")
    return places | {key: getattr(made.rules, key) for key in kept}


def as_it_is(case: Case) -> str:
    """The rows as they are."""
    return case.text


@pytest.mark.parametrize(
    ("name", "how"),
    [
        pytest.param(name, how, marks=() if how is as_it_is and name.startswith(QUICK) else pytest.mark.long)
        for name in CASES
        for how in (as_it_is, renamed, turned)
    ],
)
def test_an_export_is_read_right_without_an_edit(
    from_export: Callable[..., Any], name: str, how: Callable[[Case], str]
) -> None:
    """Money that counts, orders and customers, as computed by hand from the rows: as they are, renamed, turned."""
    case = CASES[name]
    made, orders = from_export(how(case))

    assert not made.open
    assert orders["amount_minor"].sum() / 10**made.money_decimals == pytest.approx(case.money)
    assert (orders["order_id"].nunique(), orders["customer"].nunique()) == (case.orders, case.customers)


@pytest.mark.parametrize("vary", [renamed, turned])
@pytest.mark.parametrize("name", CASES)
def test_other_names_and_another_order_of_rows_change_nothing(
    tmp_path: Path, name: str, vary: Callable[[Case], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is the same, column by column and rule by rule, where no header tells which system it is."""
    monkeypatch.setattr("seglib.init.propose.recognise", lambda _: None)
    found = []
    for number, text in enumerate((CASES[name].text, vary(CASES[name]))):
        path = tmp_path / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        found.append(decided(propose(path), next(csv.reader([text.splitlines()[0]]))))

    assert found[1] == found[0]


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,order_id,ordered_at,quantity,unit_price,unit_cost,product_id",
        "Kunde,Bestellnummer,Datum,Menge,Preis,Einkaufspreis,Artikelnummer",
        "cliente,pedido,fecha,cantidad,precio,coste unitario,referencia",
    ],
)
def test_b04_the_margin_is_that_of_what_was_kept(from_export: Callable[..., Any], header: str) -> None:
    """A cost of a piece is 60 % of its price, so 40 % are left of all that was kept; K's ten at 5.00 leave 20.00."""
    goods = {"P1": ("40.00", "24.00"), "P2": ("5.00", "3.00"), "P3": ("2.50", "1.50")}
    sold = [("A", 1, 2, "P1"), ("B", 2, 3, "P3"), ("A", 3, 1, "P2"), ("C", 4, 4, "P3"), ("K", 5, 10, "P2")]
    sold += [("C", 6, 1, "P1"), ("B", 7, -1, "P3")]
    rows = [f"{who},{n},2026-01-0{n},{pieces},{','.join(goods[what])},{what}" for who, n, pieces, what in sold]
    made, orders = from_export("\n".join([header, *rows, ""]))
    margin = orders["amount_minor"] - orders["cost_minor"]

    assert made.rules.cost == "piece"
    assert margin.sum() == 0.4 * orders["amount_minor"].sum() == 0.4 * 19000
    assert margin[orders["order_id"] == "5"].tolist() == [2000]


B23 = "customer_id,order_id,ordered_at,quantity,unit_price,product_id,status"


@pytest.mark.parametrize(
    ("header", "names", "turn"),
    [
        (B23, ("orders_1.csv", "orders_2.csv"), False),
        pytest.param(B23, ("orders_2026-05.csv", "orders_2026-06.csv"), True, marks=pytest.mark.long),
        pytest.param(
            "Kunde,Bestellnummer,Bestelldatum,Menge,Einzelpreis,Artikelnummer,Bestellstatus",
            ("orders_a.csv", "orders_b.csv"),
            False,
            marks=pytest.mark.long,
        ),
    ],
)
def test_b23_a_later_file_replaces_what_it_repeats(
    tmp_path: Path, from_export: Callable[..., Any], header: str, names: tuple[str, str], turn: bool
) -> None:
    """Two deliveries share a week: what the later one says of an order counts, in whatever order its rows stand."""
    shared = "Y1,91,2026-01-25,2,50.00,P1,completed"
    older = [f"C{n},{n},2026-01-{n:02d},1,10.00,P1,completed" for n in range(1, 9)]
    older += [shared, "Y2,92,2026-01-25,1,70.00,P1,completed"]
    newer = [shared, "Y2,92,2026-01-25,1,70.00,P1,cancelled", "Z1,93,2026-02-01,1,5.00,P1,completed"]
    newer += [f"Z2,{n},2026-02-01,1,5.00,P1,completed" for n in (94, 95)]
    for name, rows in zip(names, (older, newer), strict=True):
        (tmp_path / name).write_text("\n".join([header, *(rows[::-1] if turn else rows), ""]))
    _, orders = from_export(tmp_path / "orders_*.csv")

    assert orders["amount_minor"].sum() == 8 * 1000 + 10_000 + 3 * 500


@pytest.mark.parametrize(
    "rows",
    [
        "S1,1,2026-01-05,Ann,a@example.com,Mug,1,10.50\nS2,1,2026-01-06,Bo,b@example.com,Cup,1,11.50\n",
        "4711;05.01.2026;Becher;2;10,50\n4712;06.01.2026;Tasse;1;11,50\n",
        "2026-01-05T10:00:00Z\tC7\t10.50\n2026-01-06T11:00:00Z\tC8\t11.50\n",
    ],
)
def test_e14_without_a_header_it_is_said(tmp_path: Path, rows: str) -> None:
    """The first line looks like data, and that is the sentence."""
    (tmp_path / "o.csv").write_text(rows)

    with pytest.raises(InputRefused, match="the first line looks like data"):
        propose(tmp_path / "o.csv")


UNKNOWN = (
    "nr,wer,wann,auch wann,summe ges\n1,A,2026-01-05,2026-01-09,10.50\n"
    "2,B,2026-01-06,2026-01-09,11.50\n3,A,2026-02-06,2026-03-09,1.50\n"
)


def test_what_is_not_found_stays_open_in_a_draft(tmp_path: Path) -> None:
    """The plan is written all the same, with the columns that may be it, and the command that says so."""
    (tmp_path / "o.csv").write_text(UNKNOWN)
    made = propose(tmp_path / "o.csv")
    text = made.text(Path("data/acme/plan.yml"), "acme")

    assert {*made.open} == {"customer_id", "ordered_at"}
    assert "'wann' (times, on all rows, 3 different)" in text
    assert '--column ordered_at="wann"' in text and "ordered_at: OPEN" in made.plan_text("acme")


def test_an_open_draft_may_be_written_again(tmp_path: Path) -> None:
    """What the user said is in the second plan; one that was edited stays."""
    (tmp_path / "o.csv").write_text(UNKNOWN)
    plan = write_study(propose(tmp_path / "o.csv"), tmp_path, "acme")
    made = propose(tmp_path / "o.csv", {"ordered_at": "wann", "customer_id": "wer"})
    write_study(made, tmp_path, "acme")
    second = plan.read_text(encoding="utf-8")

    assert not made.open and 'ordered_at: "wann"' in second
    with pytest.raises(InputRefused, match="exists already"):
        write_study(made, tmp_path, "acme")


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The nearest name is offered."""
    (tmp_path / "o.csv").write_text(UNKNOWN)

    with pytest.raises(InputRefused, match="no column 'wan' for ordered_at.*did you mean 'wann'"):
        propose(tmp_path / "o.csv", {"ordered_at": "wan"})
    with pytest.raises(InputRefused, match="not a column of orders.*did you mean 'ordered_at'"):
        given_columns(["orderd_at=wann"])


def test_one_error_among_many_amounts_is_a_line_to_mend(tmp_path: Path) -> None:
    """The amount is the amount, and the proof names the line."""
    rows = "".join(f"{n},C{n % 9},2026-01-{n % 28 + 1:02d},{'#N/A' if n == 44 else n % 7}.5\n" for n in range(90))
    (tmp_path / "o.csv").write_text("order_id,customer_id,date,amount\n" + rows.replace("#N/A.5", "#N/A"))
    made = propose(tmp_path / "o.csv")

    assert made.source.columns["amount"] == "amount"
    assert "not a number - o.csv, line 46, column 'amount'" in told(prove(made))


def test_errors_of_a_spreadsheet_are_no_blanks(tmp_path: Path) -> None:
    """The reader gives nothing for them; the plan would count the row as worth nothing."""
    book = openpyxl.Workbook()
    for row in (["customer_id", "order_id", "date", "amount"], *([n, n, f"2026-01-0{n}", 5.5] for n in range(1, 8))):
        book.active.append(row)
    book.active["D4"].value, book.active["D4"].data_type = "#DIV/0!", "e"
    book.save(tmp_path / "o.xlsx")

    assert "not a value - o.xlsx, line 4, column 'amount' - found: #DIV/0! - do: correct the cell" in told(
        prove(propose(tmp_path / "o.xlsx"))
    )


def test_words_of_databases_for_nothing_are_blank(from_export: Callable[..., Any]) -> None:
    """A dump writes NULL; who is not named is set aside, as where the cell is blank."""
    rows = "C1,1,2026-01-05,5.50,NULL\nNULL,2,2026-01-06,7.00,NULL\nC1,3,2026-01-07,NULL,1\nC1,4,2026-01-08,2.00,NULL\n"
    made, orders = from_export(f"customer_id,order_id,date,amount,discount\n{rows}")

    assert "nullif" in str(made.source.query)
    assert orders["order_id"].tolist() == ["1", "4"]


def test_the_proof_shows_months_what_left_and_three_orders(tmp_path: Path) -> None:
    """In the terminal, before any report; customers are numbered, not named."""
    (tmp_path / "o.csv").write_text(CASES["e15 a row of nobody"].text)
    text = told(prove(propose(tmp_path / "o.csv")))

    assert "3 orders of 2 customers, 35.50 EUR" in text and "2026-01: 2 orders, 2 customers, 22.00" in text
    assert "set aside: 1 row, 12.50: No customer is named on the line." in text
    assert "customer 2, 2026-01-06:\n      1 x 11.50 = 11.50" in text


@pytest.mark.parametrize("mail", ["b@example.com", "c@example.com"])
def test_a_number_of_many_guests_gives_way_to_the_address(tmp_path: Path, mail: str) -> None:
    """Customer 0 stands beside many addresses: these tell people apart."""
    rows = [f"{n},{0 if n % 3 else n % 4},p{n % 7}@example.com,2026-01-{n + 1:02d},5.50" for n in range(27)]
    (tmp_path / "o.csv").write_text(
        "\n".join(["order_id,customer_id,email,date,total", *rows, f"99,0,{mail},2026-01-30,1.00", ""])
    )
    made = propose(tmp_path / "o.csv")

    assert made.source.columns["customer_id"] == "email"
    assert any("'customer_id' names nobody" in sentence for sentence in made.understood)


def test_where_neither_is_full_both_tell_customers_apart(tmp_path: Path) -> None:
    """The number where there is one, else the address."""
    rows = [
        f"{n},{n % 5 + 1 if n % 2 else ''},{'' if n % 2 else f'p{n % 3}@example.com'},2026-01-{n + 1:02d},5.50"
        for n in range(20)
    ]
    (tmp_path / "o.csv").write_text("\n".join(["order_id,customer_id,email,date,total", *rows, ""]))

    assert propose(tmp_path / "o.csv").source.columns["customer_id"] == ("customer_id", "email")


def test_of_a_large_file_parts_up_to_its_end_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last day and a state that comes late are known without reading all rows."""
    days = pd.date_range("2024-01-01", periods=6_000, freq="4h").strftime("%Y-%m-%d")
    rows = [f"{n},C{n % 400},{day},{n % 90}.50,{'refunded' if n > 5_990 else 'paid'}" for n, day in enumerate(days)]
    (tmp_path / "o.csv").write_text("\n".join(["order_id,customer_id,date,total,status", *rows, ""]))
    monkeypatch.setattr(parts, "HEAD_ROWS", 500)
    monkeypatch.setattr(parts, "PART_ROWS", 100)
    monkeypatch.setattr(sniff, "LARGE_BYTES", 1_000)
    made = propose(tmp_path / "o.csv")

    assert "2024-01-01 to 2026-09-26" in made.understood[0] and "of about 6,0" in made.understood[0]
    assert made.rules.states == {"paid": "done", "refunded": "refunded"}
