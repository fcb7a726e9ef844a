"""Exports whose shape is the trouble: lists inside orders, rows that are sums of others, lines above the header."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from seglib.core.sources.nested import rows
from seglib.init.guess import Guess
from seglib.init.heads import header_row
from seglib.init.looks import Look
from seglib.init.propose import Proposal, propose
from seglib.init.roles import nobodies
from seglib.init.sums import equations
from seglib.init.trial import prove
from seglib.init.twofold import sums_of_others

pytestmark = pytest.mark.forms(1)

DAYS = ("2026-05-04T09:00:00Z", "2026-05-05T09:00:00Z", "2026-05-06T09:00:00Z", "2026-05-07T09:00:00Z")


def proposed(path: Path, orders: list[dict[str, Any]]) -> Proposal:
    """Write one order a line and propose a plan."""
    path.write_text("\n".join(json.dumps(order) for order in orders), encoding="utf-8")
    return propose(path)


def look(name: str, *values: str | None) -> Look:
    """A column of text."""
    return Look(name, pd.Series(values, dtype="str"))


def shop(number: int, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order of a shop's interface, with a second line of 5.00."""
    second = {"variant_id": 2, "price": "5.00", "quantity": 1, "sku": "B", "title": "Cup", "discount_allocations": []}
    outer = {"admin_graphql_api_id": f"g{number}", "taxes_included": False, "currency": "EUR", "refunds": []}
    lines = [{"variant_id": 1, "sku": "A", "title": "Pan", "discount_allocations": []} | line, second]
    named = {"name": f"#{number}", "order_number": number, "email": f"c{number % 3}@example.com"}
    return named | {"created_at": DAYS[number % 4], "financial_status": "paid"} | outer | more | {"line_items": lines}


def test_discounts_and_refunds_in_lists_inside_lists_come_off(tmp_path: Path) -> None:
    """2 x 10 less 3 and 5 is 22; of 2 x 10 and 5 one piece of 10 came back: 15; together with 15 that is 52."""
    off = [{"amount": "2.00"}, {"amount": "1.00"}]
    back = [{"refund_line_items": [{"subtotal": "10.00"}], "order_adjustments": []}]
    orders = [
        shop(1, {"price": "10.00", "quantity": 2, "discount_allocations": off}, total_discounts="3.00"),
        shop(2, {"price": "10.00", "quantity": 2}, total_discounts="0.00", refunds=back),
        shop(3, {"price": "5.00", "quantity": 2}, total_discounts="0.00"),
    ]
    proposal = proposed(tmp_path / "orders.jsonl", orders)
    trial = prove(proposal)

    assert trial is not None
    assert not trial.refused
    assert int(trial.months["money_minor"].sum()) == 5_200
    assert trial.orders == 3


def test_money_of_the_order_is_not_repeated_for_each_of_its_lines(tmp_path: Path) -> None:
    """An unknown nested export whose only money is the order's is read with one row for each order."""
    orders = [
        {"order_id": n, "customer_id": f"C{n % 3}", "created_at": day, "total": f"{n}.50", "lines": [{"sku": "A"}] * 2}
        for n, day in enumerate(DAYS, 10)
    ]
    proposal = proposed(tmp_path / "orders.jsonl", orders)

    assert proposal.source.columns["amount"] == "total"
    assert not any(str(name).startswith("lines.") for name in proposal.source.columns.values())
    assert len(proposal.looks["total"].values) == 4


def test_each_element_of_a_list_has_a_number_of_its_own() -> None:
    """What came back of a line is found by file and line; lines of one number would take it several times."""
    records = [(1, {"id": "1", "lines": [{"p": "2"}, {"p": "3"}]}), (2, {"id": "2", "lines": [{"p": "4"}]})]

    assert [line for line, _ in rows(records, ["lines.p"], "lines")] == [1, 2, 3]


def test_a_sum_over_an_inner_list_is_that_of_its_own_line_only() -> None:
    """The second line has no discount; that of the first is not its own."""
    record = {"lines": [{"discounts": [{"amount": "2"}, {"amount": "1"}]}, {"discounts": []}]}
    found = list(rows([(1, record)], ["lines.discounts.amount (sum)"], "lines"))

    assert [cells for _, cells in found] == [["3"], [None]]


def test_rows_that_are_the_sum_of_other_rows_do_not_count() -> None:
    """A till writes a sale, its lines and its payments: the sale is the sum of its lines."""
    kinds = ["Bon", "Position", "Position"] * 3
    numbers = ["30", "10", "20", "7", "3", "4", "9", "4", "5"]
    looks = {
        "Beleg": look("Beleg", *(str(n // 3) for n in range(9))),
        "Art": look("Art", *kinds),
        "Summe": look("Summe", *numbers),
    }
    made = sums_of_others(Guess({"order_id": "Beleg", "amount": "Summe"}, looks))

    assert made.rules["kinds"] == {"Bon": "ignore", "Position": "sale"}
    assert made.columns["kind"] == "Art"


def test_kinds_of_rows_with_money_of_their_own_all_count() -> None:
    """Goods and services of one invoice are no sums of each other."""
    looks = {
        "order": look("order", *(str(n // 3) for n in range(9))),
        "type": look("type", *["service", "goods", "goods"] * 3),
        "total": look("total", "31", "10", "20", "8", "3", "4", "9", "4", "5"),
    }
    made = Guess({"order_id": "order", "amount": "total"}, looks)

    assert sums_of_others(made) == made


def test_customer_zero_beside_many_addresses_is_nobody() -> None:
    """Three guests of ten orders share the id 0, however few they are."""
    ids = look("customer_id", "0", "0", "0", *(str(n) for n in range(1, 18)))
    mails = look("email", *(f"m{n}@example.com" for n in range(20)))
    orders = look("id", *(str(n) for n in range(20)))

    assert nobodies(ids, orders, [mails]) == ("0",)


def test_a_header_of_technical_names_is_found_below_a_title() -> None:
    """No name is a word, but they are those of a known system."""
    title = ["01.07.2026", "", "Liste", "", "", ""]
    names = ["VBELN", "AUDAT", "AUART", "KUNNR", "KWMENG", "NETWR", "WAERK", "MATNR"]

    assert header_row([title, [], names, ["45", "06.01.2026", "TA", "11", "1", "5", "EUR", "4"]]) == 2


def test_times_of_mails_are_times() -> None:
    """Interfaces write times as mails do, with the day of the week and an offset."""
    when = look("date_created", "Tue, 13 Jan 2026 06:34:35 +0000", "Wed, 14 Jan 2026 07:00:00 +0100")

    assert when.dates is not None
    assert when.times().tolist() == [pd.Timestamp("2026-01-13 06:34:35"), pd.Timestamp("2026-01-14 06:00:00")]


def test_what_comes_to_nothing_on_each_row_is_no_evidence() -> None:
    """Shipping less the same shipping is nothing, and so is what is outstanding: that makes no total of the line."""
    frame = pd.DataFrame({"one": [4.0, 5, 0], "n": [2.0, 3, 2], "other": [4.0, 5, 0], "due": [0.0, 0, 8]})

    assert not [found for found in equations(frame) if found.total == "due"]


@pytest.mark.parametrize("word", ["--", "—"])
def test_a_line_is_nothing_where_a_report_has_no_value(tmp_path: Path, word: str) -> None:
    """Reports write a dash in a column of numbers where there is none."""
    header = "Order number,Customer ID,Order date,Quantity,Amount\n"
    lines = [f"{n},C{n % 3},2026-05-0{n},{word if n == 4 else n},{n}.50\n" for n in range(1, 9)]
    (tmp_path / "o.csv").write_text(header + "".join(lines), encoding="utf-8")

    assert propose(tmp_path / "o.csv").looks["Quantity"].values.isna().sum() == 1
