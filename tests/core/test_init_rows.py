"""Rows and columns of an export that would count twice, or though they are no goods: each is told apart or said."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.core.sources.told import told
from seglib.init.looks import Look as Column
from seglib.init.propose import Proposal, propose
from seglib.init.roles import contenders
from seglib.init.trial import prove

Look = Callable[[list[str]], Proposal]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that writes lines as an export and looks at it."""

    def looked(lines: list[str]) -> Proposal:
        (tmp_path / "export.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / "export.csv")

    return looked


def with_bodies(mark: str, is_last: bool) -> list[str]:
    """Orders of two lines with a row of their sum, one of their tax and one of their postage."""
    lines = []
    for n in range(1, 5):
        head = f"INV{n},2026-01-0{n},K{n % 3}"
        rest = [f",{head},Mug,10.00,No,No", f",{head},Lamp,{20 * n}.00,No,No", f",{head},VAT,{n + 1}.00,Yes,No"]
        rest += [f",{head},Post,5.00,No,Yes"]
        body = [f"{mark},{head},,{16 + 21 * n}.00,No,No"]
        lines += rest + body if is_last else body + rest
    return lines


@pytest.mark.parametrize(
    ("header", "mark", "is_last"),
    [
        ("*,Document Number,Date,Customer,Item,Amount,Tax Line,Shipping Line", "*", False),
        pytest.param(
            "Main,Invoice No,Date,Client,Article,Amount,Is Tax Line,Freight Line", "T", True, marks=pytest.mark.wide
        ),
        pytest.param(
            "Kopf,Belegnummer,Datum,Kunde,Artikel,Betrag,Steuerzeile,Versandzeile", "X", False, marks=pytest.mark.wide
        ),
    ],
)
def test_the_body_of_an_order_and_its_tax_are_no_goods(header: str, mark: str, is_last: bool, look: Look) -> None:
    """A search that lists the document, its articles, its tax and its postage as rows counts the articles."""
    made = look([header, *with_bodies(mark, is_last)])
    amount = made.looks[str(made.source.columns["amount"])]

    assert "the sum of the other rows of its order" in " ".join(made.understood)
    assert amount.numbers.tolist() == [10, 20, 10, 40, 10, 60, 10, 80]


def test_a_mark_beside_no_sum_leaves_every_row(look: Look) -> None:
    """What is marked and is not the sum of the others is a line like them."""
    rows = [f"{'*' if k == 0 else ''},INV{n},2026-01-0{n},K{n},{10 * n + k}.50" for n in range(1, 5) for k in range(3)]
    made = look(["*,Document Number,Date,Customer,Amount", *rows])

    assert len(made.looks["Amount"].values) == 12


TOTALS = {
    "english": (
        "invoice,customer,date,discount %,item,quantity,unit price excl. vat,line total excl. vat,"
        "total excl. vat,vat,total incl. vat"
    ),
    "dutch": (
        "Factuurnummer,Klantnummer,Factuurdatum,Korting %,Omschrijving,Aantal,Prijs excl. btw,Regel totaal excl. btw,"
        "Totaal excl. btw,Btw,Totaal incl. btw"
    ),
}


@pytest.mark.parametrize("language", ["dutch", pytest.param("english", marks=pytest.mark.wide)])
def test_a_total_of_the_order_is_no_money_of_its_lines(language: str, look: Look) -> None:
    """Where each line has its own total, that of the invoice, repeated on its lines, does not take its place."""
    rows = []
    for n in range(1, 9):
        off = 10 if n % 3 == 0 else 0
        lines = [(2, 10 * n), (n, 30)]
        net = sum(count * price for count, price in lines) * (100 - off) / 100
        for count, price in lines:
            line = count * price * (100 - off) / 100
            facts = f"{count},{price}.00,{line:.2f},{net:.2f},{net * 0.2:.2f},{net * 1.2:.2f}"
            rows.append(f"R{n},K{n % 5},2026-01-0{n},{off},Mug,{facts}")
    made = look([TOTALS[language], *rows])
    line = TOTALS[language].split(",")[7]

    assert made.source.columns["amount"] == line
    assert not any(f"'{line}' may hold" in doubt for doubt in made.unsure)


@pytest.mark.parametrize("name", ["Rabatt in %", pytest.param("Entity Discount Percent", marks=pytest.mark.wide)])
def test_a_discount_in_per_cent_of_an_order_is_proved_by_its_total(name: str, look: Look) -> None:
    """The lines less it and with their shipping meet a total that each of them repeats."""
    rows = []
    for n in range(1, 9):
        off, prices = (10 if n % 2 else 0), (10 * n, 30)
        total = sum(prices) * (100 - off) / 100 + 5
        rows += [f"R{n},K{n % 5},2026-01-0{n},Mug,1,{price}.00,{off},5.00,{total:.2f}" for price in prices]
    made = look([f"order id,customer id,date,article,pieces,price,{name},shipping,order total", *rows])

    assert (made.source.columns["discount"], made.rules.discount) == (name, "share")
    assert f"the lines less '{name}' per cent and 'shipping' are 'order total' on all of 8" in " ".join(made.understood)


def documents(*kinds: str) -> list[str]:
    """Three invoices, and documents of further kinds with the same customers and money."""
    rows = [
        f"{kind[:2]}{n},{kind},K{n},2026-01-{n + 10 * k:02},{n * 10.5:.2f}"
        for k, kind in enumerate(kinds)
        for n in (1, 2, 3)
    ]
    return ["Belegnummer,Belegart,Kundennummer,Datum,Betrag", *rows, "X9,Rechnungskorrektur,K1,2026-03-01,-2.00"]


@pytest.mark.parametrize(
    "kind",
    ["Auftragsbestätigung", *(pytest.param(k, marks=pytest.mark.wide) for k in ("Order confirmation", "Commande"))],
)
def test_a_few_confirmations_of_invoices_do_not_count_again(kind: str, look: Look) -> None:
    """Three of them are enough where each has its invoice."""
    made = look(documents("Rechnung", kind))

    assert made.rules.kinds[kind] == "ignore"
    assert made.rules.kinds["Rechnungskorrektur"] == "refund"


def test_orders_beside_invoices_that_nothing_proves_equal_are_named(look: Look) -> None:
    """Where customer and money differ they count, and the sentence says how they do not."""
    lines = documents("Rechnung", "Auftrag")
    made = look([line.replace("31.50", "31.75") if "Auftrag" in line else line for line in lines])

    assert any("beside the invoices: Auftrag; where they are" in s and '{"Auftrag": ignore}' in s for s in made.unsure)


@pytest.mark.parametrize(
    ("invoice", "payment", "credit", "back"),
    [
        ("Rechnung", "Zahlung", "Gutschrift", "Erstattung"),
        pytest.param("Invoice", "Payment", "Credit memo", "Refund", marks=pytest.mark.wide),
        pytest.param("Facture", "Paiement", "Avoir", "Remboursement", marks=pytest.mark.wide),
    ],
)
def test_payments_below_zero_settle_invoices(invoice: str, payment: str, credit: str, back: str, look: Look) -> None:
    """In a ledger a payment has the other sign, and so has the refund of one beside a credit memo."""
    rows = [f"{invoice[:1]}{n},{invoice},K{n},2026-01-0{n},{n * 10.5:.2f}" for n in range(1, 6)]
    rows += [f"{payment[:1]}P{n},{payment},K{n},2026-02-0{n},-{n * 10.5:.2f}" for n in range(1, 6)]
    rows += [f"C5,{credit},K5,2026-02-07,-52.50", f"B5,{back},K5,2026-02-09,52.50"]
    made = look(["document no,document type,customer no,posting date,amount", *rows])

    assert [made.rules.kinds[kind] for kind in (invoice, payment, credit, back)] == [
        "sale",
        "ignore",
        "refund",
        "ignore",
    ]


def test_goods_that_came_back_and_their_credit_count_once(look: Look) -> None:
    """A return and its credit note are two documents of the same money: the credit counts."""
    rows = ["1,Auftrag,A,2026-01-05,20.00", "2,Auftrag,B,2026-01-06,40.50", "3,Auftrag,C,2026-01-07,60.00"]
    rows += ["5,Retoure,B,2026-01-09,20.25", "6,Gutschrift,B,2026-01-12,20.25"]
    rows += ["7,Retoure,C,2026-01-13,30.00", "8,Gutschrift,C,2026-01-14,30.00"]
    made = look(["Beleg,Belegart,Kunde,Datum,Betrag", *rows])

    assert made.rules.kinds == {"Auftrag": "sale", "Retoure": "ignore", "Gutschrift": "refund"}


@pytest.mark.parametrize(
    ("header", "kinds"),
    [
        ("Auftrag,Kunde,Datum,Positionstyp,Artikelname,Betrag", ("Artikel", "Versandposition", "Kupon")),
        pytest.param(
            "order,customer,date,item type,item name,amount", ("Product", "Shipping", "Voucher"), marks=pytest.mark.wide
        ),
    ],
)
def test_a_kind_of_line_tells_postage_and_coupons_from_goods(header: str, kinds: tuple[str, ...], look: Look) -> None:
    """Whatever these lines are called: the column of kinds says what they are."""
    rows = []
    for n in range(1, 7):
        head = f"A{n},K{n % 4},2026-01-0{n}"
        rows += [f"{head},{kinds[0]},Mug,{10 * n}.00", f"{head},{kinds[1]},DHL to the door,4.90"]
        rows += [f"{head},{kinds[2]},Thanks for coming,-2.00"] if n % 2 else []
    made = look([header, *rows])

    assert made.rules.not_products == ("DHL to the door",)
    assert made.rules.discount_lines == ("Thanks for coming",)


@pytest.mark.parametrize("name", ["E-Mail", pytest.param("User", marks=pytest.mark.wide)])
def test_the_staff_of_a_till_are_no_customers(name: str, look: Look) -> None:
    """Two names on many receipts are those who sold."""
    rows = [f"till{n % 2}@shop.example,2026-01-{n % 28 + 1:02},T{n},{n}.50,Card" for n in range(40)]

    with pytest.raises(InputRefused, match="no column says who bought"):
        look([f"{name},Date,Transaction ID,Amount,Payment", *rows])


@pytest.mark.parametrize("name", ["order_status", pytest.param("Zahlungsstatus", marks=pytest.mark.wide)])
def test_orders_without_a_state_are_said_with_their_money(name: str, look: Look) -> None:
    """Where most orders have a state, whether the others were ever placed is not in the file."""
    rows = [f"{n},K{n % 4},2026-01-0{n},{n}.50,{'Complete' if n != 3 else ''}" for n in range(1, 9)]
    made = look([f"order_id,customer_id,date,amount,{name}", *rows])

    assert any(f"'{name}' is blank on 1 row, 3.50 in all, which count as purchases" in doubt for doubt in made.unsure)


@pytest.mark.parametrize(
    "day", ["01 Jul 2026", *(pytest.param(d, marks=pytest.mark.wide) for d in ("July 1, 2026", "1. Juli 2026"))]
)
def test_a_day_of_deletion_in_words_takes_the_order_away(day: str, look: Look) -> None:
    """Deleted invoices stay in some exports, with the day on which that happened."""
    rows = [f'{n},K{n % 4},2026-01-0{n},{n}.50,"{day if n == 3 else ""}"' for n in range(1, 9)]
    made = look(["invoice number,customer_id,date,amount,Deleted At", *rows])

    assert made.source.columns["status"] == "Deleted At"
    assert made.rules.states == {"deleted": "cancelled"}


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("Núm,Cliente,Fecha,Subtotal,IVA,Retención,Total", -1),
        pytest.param("Fakturanr,Kundnr,Fakturadatum,Netto,Moms,Öresavrundning,Totalt", 1, marks=pytest.mark.wide),
        pytest.param("invoice no,client,date,net,vat,rounding,total", 1, marks=pytest.mark.wide),
    ],
)
def test_tax_that_is_withheld_and_rounding_are_in_no_money_of_goods(header: str, sign: int, look: Look) -> None:
    """With them the total is the goods and their tax, so the goods count."""
    rows = []
    for n in range(1, 9):
        net, more = 100.0 * n, sign * (15.0 * n if sign < 0 else 0.01 * n)
        rows.append(f"F{n},K{n % 5},2026-01-0{n},{net:.2f},{net * 0.21:.2f},{more:.2f},{net * 1.21 + more:.2f}")
    made = look([header, *rows])

    assert made.source.columns["amount"] == header.split(",")[3]


def test_remarks_of_a_few_fields_below_a_table_are_no_rows(look: Look) -> None:
    """A marketplace writes how many orders it exported under a blank line."""
    rows = [f"{n},K{n % 4},2026-01-0{n},{n}.50,a,b,c,d,e" for n in range(1, 9)]
    made = look(["order_id,customer_id,date,amount,p,q,r,s,t", *rows, "", "8,rows exported"])

    assert len(made.looks["amount"].values) == 8


def test_what_payments_gave_back_is_added_up() -> None:
    """A list of payments is no list of refunds, but its numbers of that name are."""
    paid = [{"amount": "9.00", "amount_refunded": "2.50"}, {"amount": "4.00", "amount_refunded": "1"}]

    assert told({"id": "1", "payments": paid}) == {"payments.amount_refunded (sum)": 3.5}


@pytest.mark.parametrize(
    ("coupon", "paid"), [("coupon", "to pay"), pytest.param("Gutschein", "Zahlbetrag", marks=pytest.mark.wide)]
)
def test_a_total_before_the_coupon_does_not_hold_it(coupon: str, paid: str, look: Look) -> None:
    """The lines meet a total that is before the coupon; what was paid is less the coupon and the points."""
    rows = []
    for n in range(1, 9):
        off, points = (3 if n % 2 else 0), (1 if n % 3 == 0 else 0)
        total = 10 * n + 30 + 5
        facts = f"5.00,{off}.00,{points}.00,{total}.00,{total - off - points}.00"
        rows += [f"R{n},K{n % 5},2026-01-0{n},Mug,1,{price}.00,{facts}" for price in (10 * n, 30)]
    made = look(
        [f"order id,customer id,date,article,pieces,price,shipping,{coupon},points used,order total,{paid}", *rows]
    )

    assert (made.source.columns["discount"], made.rules.discount) == (coupon, "order_repeated")


def test_codes_of_kinds_that_nothing_explains_are_said(look: Look) -> None:
    """In a ledger with codes every row counts as a sale, and the sentence says how it does not."""
    rows = [f"{n},{'SC' if n == 7 else 'SI'},K{n % 4},2026-01-0{n},{n}.50" for n in range(1, 9)]
    made = look(["document number,transaction type,customer id,date,amount", *rows])
    said = [doubt for doubt in made.unsure if "what the codes of 'transaction type' mean" in doubt]

    assert "SI (7 rows), SC (1 row)" in said[0] and 'rules.kinds: {"SC": refund}' in said[0]


@pytest.mark.parametrize(
    ("whole", "bare"), [("Betrag", "Nettoumsatz"), pytest.param("amount", "amount excl. VAT", marks=pytest.mark.wide)]
)
def test_an_amount_with_a_rate_of_tax_on_another_is_said(whole: str, bare: str, look: Look) -> None:
    """No column is the tax, but one money is the other and 19 per cent."""
    rows = [f"{n},K{n % 4},2026-01-0{n},{n * 100 * 1.19:.2f},{n * 100}.00" for n in range(1, 9)]
    made = look([f"order number,customer id,date,{whole},{bare}", *rows])

    assert made.source.columns["amount"] == bare or any(f'--column amount="{bare}"' in doubt for doubt in made.unsure)


def test_of_totals_with_and_without_tax_that_without_is_taken(look: Look) -> None:
    """Where both names are known and nothing adds up, tax is no goods."""
    rows = [f"{n},K{n % 4},2026-01-0{n},{n * 100 * 1.06:.2f},{n * 100}.00" for n in range(1, 9)]
    made = look(["pedido,cliente,data,Total com impostos,Total sem impostos", *rows])

    assert made.source.columns["amount"] == "Total sem impostos"


def test_what_was_authorised_is_the_last_that_may_be_the_money() -> None:
    """Less may have been charged, or nothing."""
    looks = {n: Column(n, pd.Series(["5.50", "7.25", "9.75"], dtype="str")) for n in ("Authorised", "Captured")}

    assert contenders("amount", looks, []) == ["Captured", "Authorised"]


def test_a_third_word_in_a_column_of_yes_and_no_is_said(look: Look) -> None:
    """N, Y, and C for the document that undoes a Y: Y is read, C is named."""
    flags = {3: "Y", 4: "C"}
    rows = [f"{n},K{n % 3},2026-01-0{n},{n}.50,{flags.get(n, 'N')}" for n in range(1, 9)]
    made = look(["order number,customer id,date,amount,Annulled", *rows])

    assert made.rules.states == {"annulled": "cancelled"}
    assert any("count as purchases: C (1 row)" in doubt for doubt in made.unsure)


@pytest.mark.parametrize(
    "names", [("lines", "refunds"), pytest.param(("items", "erstattungen"), marks=pytest.mark.wide)]
)
def test_a_refund_of_a_nested_order_counts_once_in_the_question_and_in_the_answer(names, tmp_path: Path) -> None:
    """Two orders of three lines had 5.00 back each: 10.00, and not 30.00."""
    lines, back = names
    file = tmp_path / "orders.jsonl"
    orders = [
        {
            "id": str(n),
            "customer": {"id": f"C{n % 4}"},
            "created_at": f"2026-01-0{n}T10:00:00Z",
            lines: [{"sku": sku, "price": f"{n + 3}.00", "quantity": 1} for sku in "ABC"],
            back: [{"amount": "5.00"}] if n in (2, 7) else [],
        }
        for n in range(1, 10)
    ]
    file.write_text("\n".join(map(json.dumps, orders)))
    column = f"{back}.amount (sum)"
    asked, answered = propose(file), propose(file, {"refunded": column})

    assert any(f"2 orders have a list of refunds; in all '{column}' 10.00" in doubt for doubt in asked.unsure)
    assert any("it comes off (2 orders, 10.00 in all)" in said for said in answered.understood)
    assert (prove(asked).months["money_minor"].sum(), prove(answered).months["money_minor"].sum()) == (21600, 20600)
