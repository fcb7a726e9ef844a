"""Rows of an unknown file that are no orders: sums, remarks, payments of an order, trials, rejected documents."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seglib.core.errors import InputRefused
from seglib.init.known import _one_basis
from seglib.init.propose import Proposal, propose
from seglib.init.trial import prove

pytestmark = pytest.mark.forms(1)

ROWS = "1,A,2026-01-05,10.50\n2,B,2026-01-06,20.25\n3,A,2026-01-07,30.00\n"


@pytest.fixture
def look(tmp_path: Path) -> Callable[[str], Proposal]:
    """Return a function that writes a file and looks at it."""

    def made(text: str) -> Proposal:
        (tmp_path / "o.csv").write_text(text, encoding="utf-8")
        return propose(tmp_path / "o.csv")

    return made


@pytest.mark.wide
@pytest.mark.parametrize(
    ("header", "last"),
    [
        ("order_id,customer_id,date,total", "Totals,,,60.75\n"),
        ("Bestellnummer,Kunde,Datum,Betrag", ",Summe,,60.75\n"),
        ("commande,client,date,montant", "Total général,,,60.75\n"),
    ],
)
def test_a_sum_below_the_rows_is_no_order(look: Callable[[str], Proposal], header: str, last: str) -> None:
    """The word and the blank cells tell it; the plan's query leaves it out, and init says so."""
    made = look(f"{header}\n{ROWS}{last}")
    trial = prove(made)

    assert any("1 row with the word" in sentence and "sums of the table" in sentence for sentence in made.understood)
    assert trial is not None and trial.months["money_minor"].sum() == 6075


def test_a_product_that_is_called_total_stays(look: Callable[[str], Proposal]) -> None:
    """Its row is as full as any other."""
    rows = "1,A,2026-01-05,Total,10.50\n2,B,2026-01-06,Mug,20.25\n"

    assert look(f"order_id,customer_id,date,product,total\n{rows}").source.query is None


@pytest.mark.wide
@pytest.mark.parametrize("below", ["\nSales Report\nMade on 1 October\n", '\n"Copyright, all rights"\n\n'])
def test_F08_remarks_under_a_blank_line_are_no_rows(
    tmp_path: Path, from_export: Callable[..., Any], below: str
) -> None:
    """As reports of accounting systems end; a row that is cut off is still refused."""
    made, orders = from_export(f"order_id,customer_id,date,total\n{ROWS}{below}")
    (tmp_path / "cut.csv").write_text(f"order_id,customer_id,date,total\n{ROWS}4,B\n")

    assert made.source.query is None and orders["amount_minor"].sum() == 6075
    with pytest.raises(InputRefused, match="row too short - cut.csv, line 5"):
        propose(tmp_path / "cut.csv")


@pytest.mark.parametrize("names", ["order,customer,date,kind,amount", "Beleg,Kunde,Datum,Zeilenart,Betrag"])
def test_payments_that_repeat_an_order_are_left_out(look: Callable[[str], Proposal], names: str) -> None:
    """An order stands as a sum, as its lines and as its payment: the lines count."""
    rows = ""
    for n in range(1, 5):
        head = f"{n},C{n % 2},2026-01-0{n}"
        rows += f"{head},Order,{3 * n}.50\n{head},Item,{2 * n}.25\n{head},Item,{n}.25\n{head},Money,{3 * n}.50\n"
    made = look(f"{names}\n{rows}")
    trial = prove(made)

    assert made.rules.kinds == {"Order": "ignore", "Money": "ignore", "Item": "sale"}
    assert trial is not None and trial.months["money_minor"].sum() == 3200


@pytest.mark.parametrize(("name", "words"), [("Mode", ("Live", "Test")), ("environment", ("production", "sandbox"))])
def test_trials_are_no_purchases(look: Callable[[str], Proposal], name: str, words: tuple[str, str]) -> None:
    """A column that says live or test and nothing else."""
    rows = f"1,A,2026-01-05,10.50,{words[0]}\n2,B,2026-01-06,20.25,{words[1]}\n3,A,2026-01-07,30.00,{words[0]}\n"
    made = look(f"order_id,customer_id,date,total,{name}\n{rows}")

    assert made.source.columns["status"] == name
    assert made.rules.states == {words[0]: "done", words[1]: "test"}


@pytest.mark.wide
def test_refunds_of_a_log_of_events_are_kept(look: Callable[[str], Proposal]) -> None:
    """They take money back; what was only looked at is left out."""
    rows = "1,A,2026-01-05,purchase,10.50\n2,B,2026-01-06,view,20.25\n3,A,2026-01-07,purchase,30.00\n"
    trial = prove(made := look(f"id,customer_id,date,event_type,total\n{rows}3,A,2026-01-08,refund,12.00\n"))

    assert made.rules.kinds == {"purchase": "sale", "refund": "refund"}
    assert trial is not None and (trial.back_minor, trial.months["money_minor"].sum()) == (1200, 2850)


def test_of_stages_of_which_one_is_won_only_that_counts(look: Callable[[str], Proposal]) -> None:
    """Whatever a company calls the others, they are open."""
    rows = "1,A,2026-01-05,Won,10.50\n2,B,2026-01-06,Contract sent,20.25\n3,A,2026-01-07,Lost,30.00\n"
    made = look(f"deal,customer_id,date,stage,amount\n{rows}")

    assert made.rules.states == {"Won": "done", "Contract sent": "draft", "Lost": "failed"}


def test_a_discount_that_few_rows_have_is_found(look: Callable[[str], Proposal]) -> None:
    """Price times quantity meets nearly all totals without it, and all of them with it."""
    rows = "".join(f"{n},C{n % 9},2026-01-{n % 28 + 1:02d},2,{n}.50,0.00,{2 * n + 1}.00\n" for n in range(1, 60))
    rows += "".join(f"{n},C1,2026-02-01,2,{n}.50,1.00,{2 * n - 1}.00\n" for n in range(60, 63))
    made = look(f"order_id,customer_id,date,quantity,unit_price,unit reduction,net\n{rows}")

    assert (made.source.columns["discount"], made.rules.discount) == ("unit reduction", "included")
    assert made.source.columns["amount"] == "net"


def test_a_column_of_money_tells_the_currency_though_it_is_not_read(look: Callable[[str], Proposal]) -> None:
    """The total is left out, being the same money; its name says in which currency it is."""
    rows = "1,A,2026-01-05,2,10.00,20.00\n2,B,2026-01-06,3,20.00,60.00\n"
    made = look(f"order_id,customer_id,date,quantity,price,Net Invoice Amount USD\n{rows}")

    assert made.currency == "USD" and "the currency is USD, as 'Net Invoice Amount USD' says" in made.understood


def test_columns_of_one_basis_are_read_together() -> None:
    """Where a discount stands with tax only, the price with tax is read."""
    both = {"amount": ["total_price_tax_excl", "total_price_tax_incl"]}

    assert _one_basis(both) == {"amount": "total_price_tax_excl"}
    assert _one_basis({**both, "discount": ["discounts_tax_incl"]}) == {
        "amount": "total_price_tax_incl",
        "discount": "discounts_tax_incl",
    }


def test_a_cancelled_document_and_what_cancels_it_leave_together(tmp_path: Path) -> None:
    """SAP marks the invoice and writes a second document: gross is without either."""
    header = "VBELN;POSNR;FKART;FKDAT;KUNAG;MATNR;ARKTX;FKIMG;NETWR;WAERK;FKSTO;SFAKN"
    rows = ("1;10;F2;20260105;77;M;Mug;1,000;30,00;EUR;X;", "2;10;S1;20260106;77;M;Mug;1,000;30,00;EUR;;1")
    rows += ("3;10;F2;20260107;78;M;Mug;2,000;60,00;EUR;;", "4;10;G2;20260108;78;M;Mug;1,000;25,00;EUR;;")
    (tmp_path / "o.csv").write_text("\n".join([header, *rows, ""]))
    trial = prove(propose(tmp_path / "o.csv"))

    assert trial is not None and (trial.months["money_minor"].sum(), trial.back_minor) == (3500, 2500)


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ("payment,customer_id,date,gross,fee,net", ""),
        ("Zahlung,Kunde,Datum,Brutto,Gebühr,Betrag", "-"),
        ("payment,customer_id,date,charged,Card Processing Fees,amount", ""),
    ],
)
def test_a_fee_of_the_shop_is_paid_by_its_customers(look: Callable[[str], Proposal], header: str, sign: str) -> None:
    """Of gross, fee and net the gross is what customers paid; what is paid out is less."""
    rows = "".join(f"{n},C{n % 3},2026-01-0{n},{n}0.00,{sign}{n}.25,{n * 10 - n - 0.25:.2f}\n" for n in range(1, 8))
    made = look(f"{header}\n{rows}")

    assert made.source.columns["amount"] == header.split(",")[3]


def test_a_discount_that_no_column_says_is_said(look: Callable[[str], Proposal]) -> None:
    """The totals less shipping and tax are the lines, but for two orders that used a coupon."""
    header = "order_id,customer_id,date,product,quantity,price,Coupon code,Delivery shipping,Total tax,Total"
    rows = ""
    for n in range(1, 9):
        off = 3 if n > 6 else 0
        head, money = (
            f"{n},C{n % 3},2026-01-0{n}",
            f"{'SPRING' if off else ''},4.90,{n}.00,{2 * n + 10 - off + 4.9 + n:.2f}",
        )
        rows += f"{head},Mug,2,{n}.00,{money}\n{head},Cup,1,10.00,{money}\n"
    made = look(f"{header}\n{rows}")

    assert any("by 6.00 together: a discount that no column says" in sentence for sentence in made.unsure)
