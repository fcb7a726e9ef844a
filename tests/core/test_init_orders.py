"""Exports that are orders only after a step more: logs, totals, addresses, returns, postage, counted times."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seglib.core.errors import InputRefused
from seglib.init.propose import propose

pytestmark = pytest.mark.forms(1)

LOG = """event_time,event_type,product_id,price,user_id,user_session
2026-01-01 10:00:00 UTC,view,P1,5.00,7,s1
2026-01-01 10:01:00 UTC,cart,P1,5.00,7,s1
2026-01-01 10:02:00 UTC,purchase,P1,5.00,7,s1
2026-01-01 10:02:00 UTC,purchase,P2,2.50,7,s1
2026-01-02 10:00:00 UTC,view,P2,2.50,8,s2
2026-01-03 10:00:00 UTC,purchase,P2,2.50,8,s3
"""


def test_only_purchases_of_a_log_are_orders(from_export: Callable[..., Any]) -> None:
    """Views and carts are no revenue; the session numbers the order."""
    made, orders = from_export(LOG)

    assert "of 6 events the 3 whose 'event_type' is purchase are orders" in made.understood
    assert orders[["order_id", "amount_minor"]].to_numpy().tolist() == [["s1", 250], ["s1", 500], ["s3", 250]]


TOTALS = """customer_id,order_id,order_date,product,order_total
7,A,2026-01-01,Mug,12.00
7,A,2026-01-01,Cup,12.00
7,B,2026-01-02,Mug,5.00
8,C,2026-01-03,Mug,7.50
8,C,2026-01-03,Cup,7.50
"""


def test_the_total_of_an_order_counts_once(from_export: Callable[..., Any]) -> None:
    """A total that stands on every line of its order would else be counted as often as the order has lines."""
    made, orders = from_export(TOTALS)

    assert orders["amount_minor"].tolist() == [1200, 500, 750]
    assert any("counted once" in sentence for sentence in made.unsure)


@pytest.mark.wide
def test_equal_prices_are_no_total(from_export: Callable[..., Any]) -> None:
    """Where everything costs the same, two equal lines of an order are two purchases."""
    lines = ("7,A,2026-01-01,5", "7,A,2026-01-01,5", "7,B,2026-01-02,5", "8,C,2026-01-03,5")
    text = "\n".join(["customer_id,order_id,order_date,amount", *lines, ""])

    assert from_export(text)[1]["amount_minor"].tolist() == [500] * 4


def test_V05_one_address_in_two_spellings_is_one_customer(from_export: Callable[..., Any]) -> None:
    """Addresses are read in small letters where the same person is written in two ways, and that is said."""
    lines = ("Ann@Example.com,1,2026-01-01,5", "ann@example.com ,2,2026-01-02,6", "b@example.com,3,2026-01-03,7")
    made, orders = from_export("\n".join(["email,order,date,total", *lines, ""]))

    assert orders["customer"].nunique() == 2
    assert any("read in small letters" in sentence for sentence in made.understood)


RETURNS = "CustomerId,TransactionId,TransactionDate,Type,Quantity,UnitPrice\n"


def test_V06_a_column_of_types_tells_returns(from_export: Callable[..., Any]) -> None:
    """Returns with positive amounts undo what was bought for so much."""
    made, orders = from_export(
        f"{RETURNS}7,1,2026-01-01,Sale,1,5\n7,2,2026-01-02,Return,1,5\n8,3,2026-01-03,Sale,1,6\n"
    )

    assert orders["amount_minor"].tolist() == [600]
    assert made.rules.kinds == {"Sale": "sale", "Return": "refund"}


def test_a_column_of_types_without_returns_is_no_status(tmp_path: Path) -> None:
    """The kind of an article says nothing about the order."""
    (tmp_path / "o.csv").write_text(f"{RETURNS}7,1,2026-01-01,Jeans,1,5\n7,2,2026-01-02,Shirt,1,5\n")

    assert "status" not in propose(tmp_path / "o.csv").source.columns


def test_a_state_and_a_type_count_together(tmp_path: Path) -> None:
    """Of a state that is always the same and a type that knows returns, each is read for what it is."""
    lines = ("7,1,2026-01-01,5,Complete,Sale", "7,2,2026-01-02,5,Complete,Return", "8,3,2026-01-03,6,Complete,Sale")
    (tmp_path / "o.csv").write_text("\n".join(["customer_id,order_id,date,amount,status,type", *lines, ""]))
    columns = propose(tmp_path / "o.csv").source.columns

    assert (columns["status"], columns["kind"]) == ("status", "type")


@pytest.mark.wide
def test_postage_and_fees_are_no_goods_and_are_said(from_export: Callable[..., Any]) -> None:
    """Articles that are words for postage are named in the plan and counted."""
    lines = ("7,1,2026-01-01,M1,Mug,5", "7,1,2026-01-01,DOT,Postage,2", "8,2,2026-01-02,M1,Mug,5")
    made, orders = from_export("\n".join(["customer_id,order_id,date,sku,description,amount", *lines, ""]))

    assert sorted(orders["amount_minor"]) == [500, 500]
    assert any("1 line of DOT are postage" in sentence for sentence in made.understood)


def test_orders_cancelled_at_some_time_are_counted_in_a_sentence(tmp_path: Path) -> None:
    """A time of cancellation is read as a state beside the others."""
    lines = ("1,7,2026-01-01,5,paid,2026-01-02", "2,7,2026-01-02,5,refunded,2026-01-03", "3,8,2026-01-03,5,paid,")
    (tmp_path / "o.csv").write_text("\n".join(["order_id,customer_id,date,total,status,Cancelled at", *lines, ""]))

    made = propose(tmp_path / "o.csv")

    assert made.source.columns["status"] == ("status", "Cancelled at")
    assert (
        "by 'status' and 'Cancelled at' 2 rows are cancelled (paid + cancelled, refunded + cancelled)"
        in made.understood
    )


@pytest.mark.parametrize(("values", "how"), [(("10.00", "(4.00)"), "brackets"), (("10.00", "4.00-"), "after")])
def test_F15_how_amounts_below_zero_are_written(
    from_export: Callable[..., Any], values: tuple[str, str], how: str
) -> None:
    """Brackets and a minus at the end are returns, not purchases and not errors; they undo what was bought."""
    lines = [f"{n},7,2026-01-0{n},{value}" for n, value in enumerate(values, 1)]
    made, orders = from_export("\n".join(["order_id,customer_id,date,amount", *lines, ""]))

    assert made.source.csv.negative == how and orders["amount_minor"].tolist() == [600]
    assert "1 row with a negative amount is a return" in made.understood


@pytest.mark.wide
@pytest.mark.parametrize(
    ("written", "form"),
    [
        (("1767348000", "1767434400"), "unix seconds"),
        (("1767348000000", "1767434400000"), "unix milliseconds"),
        (("46024.4166666667", "46025.4166666667"), "excel days"),
        (("20260102100000", "20260103100000"), "%Y%m%d%H%M%S"),
        (('"Jan 2, 2026, 10:00:00 AM"', '"Jan 3, 2026, 10:00:00 AM"'), "%b %d, %Y, %I:%M:%S %p"),
        (('"Friday, January 02, 2026"', '"Saturday, January 03, 2026"'), "%A, %B %d, %Y"),
    ],
)
def test_times_that_are_counted_or_spelled_out(
    from_export: Callable[..., Any], written: tuple[str, str], form: str
) -> None:
    """Seconds since 1970, days of a spreadsheet and spelled-out days become the same times."""
    made, orders = from_export(f"customer_id,order_id,date,amount\n7,1,{written[0]},5\n7,2,{written[1]},6\n")
    times = orders["ordered_at"].dt.strftime("%m-%d %H:%M").tolist()

    assert made.source.date_format == form
    assert times == (["01-02 00:00", "01-03 00:00"] if form.startswith("%A") else ["01-02 10:00", "01-03 10:00"])


@pytest.mark.wide
def test_a_thousand_in_one_column_is_read_as_its_neighbours_are(from_export: Callable[..., Any]) -> None:
    """A quantity of 2,000 beside prices such as 1.234,50 is two pieces."""
    lines = ("7;1;01.01.2026;2,000;1.234,50;2.469,00", "7;2;13.01.2026;1,000;5,00;5,00")
    made, orders = from_export("\n".join(["Kundennr.;Belegnr.;Belegdatum;Menge;Einzelpreis;Betrag", *lines, ""]))

    assert orders["amount_minor"].tolist() == [246900, 500]
    assert any("quantity times 'Einzelpreis'" in sentence for sentence in made.understood)


def test_a_discount_that_is_a_share_is_read_as_one(tmp_path: Path) -> None:
    """Fractions up to one come off as shares; a currency in small letters is known all the same."""
    lines = ("7,1,2026-01-01,5.00,2,0.2,usd", "7,2,2026-01-02,6.00,1,0.15,usd")
    header = "customer_id,order_id,date,unit_price,quantity,discount,currency"
    (tmp_path / "o.csv").write_text("\n".join([header, *lines, ""]))
    made = propose(tmp_path / "o.csv")

    assert (made.source.columns["discount"], made.rules.discount, made.currency) == ("discount", "share", "USD")


def test_one_row_per_customer_is_refused(tmp_path: Path) -> None:
    """A table of customers with the date of the last order and a sum is no export of orders."""
    rows = "".join(f"C{n},{n % 5},2026-01-{n + 1:02d},{n * 7}\n" for n in range(25))
    (tmp_path / "o.csv").write_text(f"Customer ID,orders,last_order_date,total_spent\n{rows}")

    with pytest.raises(InputRefused, match="these are customers, not orders: each stands on one row"):
        propose(tmp_path / "o.csv")


def test_whole_amounts_may_be_cents(tmp_path: Path) -> None:
    """Payment services export cents: amounts that are all whole and end in anything are a doubt."""
    rows = "".join(f"{n},c{n % 9},2026-01-{n % 28 + 1:02d},{1000 + 37 * n}\n" for n in range(90))
    (tmp_path / "o.csv").write_text(f"order_id,customer_id,date,amount\n{rows}")

    assert any("are these cents?" in sentence for sentence in propose(tmp_path / "o.csv").unsure)


def test_an_id_that_a_spreadsheet_has_cut_is_a_doubt(tmp_path: Path) -> None:
    """Numbers like 1.2E+12 are no longer the order's own."""
    (tmp_path / "o.csv").write_text("customer_id,order_id,date,amount\n7,1.2E+12,2026-01-01,5\n7,3,2026-01-02,6\n")

    assert any(s.startswith("'order_id' holds numbers like 1.2E+12") for s in propose(tmp_path / "o.csv").unsure)


def test_months_as_columns_are_named(tmp_path: Path) -> None:
    """A pivot is refused with what it is."""
    (tmp_path / "o.csv").write_text("Customer,Jan 2026,Feb 2026,Mar 2026\n7,5,6,7\n8,1,2,3\n")

    with pytest.raises(InputRefused, match="no column says when or for how much; months stand side by side as columns"):
        propose(tmp_path / "o.csv")


def monthly(folder: Path, texts: dict[str, str], header: str) -> Path:
    """Write one file per month, and give the pattern that names them all."""
    for month, lines in texts.items():
        (folder / f"sales_{month}.csv").write_text(f"{header}\n{lines}")
    return folder / "sales_*.csv"


@pytest.mark.wide
def test_a_pattern_names_several_files(tmp_path: Path, from_export: Callable[..., Any]) -> None:
    """Monthly files become one table; the plan keeps the pattern."""
    texts = {"01": "7,1,2026-01-05,5\n8,2,2026-01-06,6\n", "02": "7,3,2026-02-05,7\n"}
    made, orders = from_export(monthly(tmp_path, texts, "customer_id,order_id,date,amount"))

    assert made.source.file == "sales_*.csv" and "2 files are read as one" in made.understood
    assert orders["amount_minor"].tolist() == [500, 600, 700]


@pytest.mark.wide
def test_logs_in_monthly_files(tmp_path: Path, from_export: Callable[..., Any]) -> None:
    """The query that keeps purchases reads all the files."""
    texts = {"01": "2026-01-05,purchase,5,7\n2026-01-05,view,5,7\n", "02": "2026-02-05,purchase,6,7\n"}
    _, orders = from_export(monthly(tmp_path, texts, "date,event,price,user_id"))

    assert orders["amount_minor"].tolist() == [500, 600]


def test_F07_files_of_a_pattern_have_the_same_columns(tmp_path: Path) -> None:
    """A month with other columns is named."""
    pattern = monthly(tmp_path, {"01": "7,1,2026-01-05,5\n"}, "customer_id,order_id,date,amount")
    (tmp_path / "sales_02.csv").write_text("customer_id,order_id,date,total\n7,1,2026-02-05,5\n")

    with pytest.raises(InputRefused, match=r"sales_02.csv has other columns than sales_01.csv - found: amount, total"):
        propose(pattern)


@pytest.mark.parametrize(
    ("customers", "last", "doubts"),
    [
        (60, "2025-12-31", []),
        (20, "2025-12-31", ["20 customers are too few"]),
        (60, "2025-03-20", ["reach the end of no quarter", "cover 79 days"]),
        (60, "2025-04-20", ["cover 110 days"]),
    ],
)
def test_a_short_file_is_said_to_be_short(tmp_path: Path, customers: int, last: str, doubts: list[str]) -> None:
    """Too few customers, no whole quarter, or less than the window of a year: known before a report is tried."""
    rows = [f"{n},c{n % customers},{last if n == 119 else '2025-01-01'},5" for n in range(120)]
    (tmp_path / "o.csv").write_text("\n".join(["order_id,customer_id,date,amount", *rows, ""]))
    said = propose(tmp_path / "o.csv").unsure

    assert [any(doubt in sentence for sentence in said) for doubt in doubts] == [True] * len(doubts)
    assert sum("too few" in s or "no quarter" in s or "days, and" in s for s in said) == len(doubts)


def test_V27_accounts_that_stand_for_many_people_are_asked_about(tmp_path: Path) -> None:
    """Ids that are words for guests or the till are named; an id of a person never is, only its share."""
    head = "order_id,customer_id,date,total"
    words = "\n".join([head, "1,C7,2026-01-01,5", "2,Walk-In,2026-01-02,5", "3,GUEST,2026-01-03,6", ""])
    many = "\n".join([head, *(f"{n},{'C4711' if n % 3 else f'C{n}'},2026-01-01,5" for n in range(600)), ""])
    (tmp_path / "words.csv").write_text(words)
    (tmp_path / "many.csv").write_text(many)
    said, asked = (propose(tmp_path / f"{name}.csv").unsure for name in ("words", "many"))

    assert any("Walk-In" in s and "GUEST" in s and s.endswith("until rules.not_customers names it") for s in said)
    assert any("one customer id stands on 67% of the lines" in s and "4711" not in s for s in asked)
