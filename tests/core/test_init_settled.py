"""Settlements, invoice lists and marketplace exports: both sides of money, rows that explain, and days of issue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seglib.init.propose import propose

pytestmark = pytest.mark.wide

SETTLED = """Merchant Account,Psp Reference,Merchant Reference,Creation Date,Type,Gross Debit (GC),Gross Credit (GC),\
Net Debit (NC),Net Credit (NC),Shopper Reference
Shop,PSP1,O-1,2026-01-02 09:00:00,Settled,,40.00,,39.20,C1
Shop,PSP2,O-2,2026-01-03 09:00:00,Settled,,25.50,,24.99,C2
Shop,PSP3,O-3,2026-01-04 09:00:00,Settled,,10.25,,10.00,C1
Shop,PSP1,O-1,2026-01-09 09:00:00,Refunded,5.50,,5.60,,C1
Shop,,,2026-01-10 09:00:00,Fee,,,1.10,,
Shop,,,2026-01-10 10:00:00,MerchantPayout,,,67.49,,
"""


def test_money_of_two_sides_is_one_amount(from_export: Callable[..., Any]) -> None:
    """Credit less debit: 40.00 + 25.50 + 10.25, of which 5.50 came back; fees and payouts are nobody's."""
    made, orders = from_export(SETTLED)

    assert (orders["amount_minor"].sum(), orders["order_id"].nunique()) == (7025, 3)
    assert any("the amount is 'Gross Credit (GC)' less 'Gross Debit (GC)'" in said for said in made.understood)


def test_sides_that_balance_are_no_amount(tmp_path: Path) -> None:
    """Entries of accounts come to nothing together: which column says the money is asked."""
    rows = [f"{n},C{n % 2},2026-01-0{n},{n}5.50,\n{n},C{n % 2},2026-01-0{n},,{n}5.50" for n in range(1, 7)]
    (tmp_path / "book.csv").write_text("document no,customer,date,debit,credit\n" + "\n".join(rows) + "\n")

    assert "amount" in propose(tmp_path / "book.csv").open


EXPLAINED = """Order ID,Buyer,Created Time,Quantity,Unit Price,Line Total
Platform order ID.,Name of the buyer.,When it was made.,How many were sold.,Price of a piece.,Price times pieces.
71,ann,2026-01-02 10:00:00,2,4.50,9.00
71,ann,2026-01-02 10:00:00,1,3.25,3.25
72,bob,2026-01-03 10:00:00,1,4.50,4.50
73,ann,2026-01-09 10:00:00,3,3.25,9.75
"""


def test_a_row_that_explains_the_columns_is_left_out(from_export: Callable[..., Any]) -> None:
    """A sentence in each column of numbers, on the first row only, is no order."""
    made, orders = from_export(EXPLAINED)

    assert (orders["amount_minor"].sum(), orders["order_id"].nunique()) == (2650, 3)
    assert any("the first row is left out" in said for said in made.understood)


def test_an_invoice_is_of_the_day_of_its_issue(from_export: Callable[..., Any]) -> None:
    """The day of payment is blank where nothing was paid: the invoice is of the day on which it was issued."""
    rows = [f"Inv {n},Firm {n % 3},2026-01-0{n},2026-02-0{n},{'paid' if n < 6 else 'draft'}" for n in range(1, 8)]
    rows = [f"{row},{'2026-01-20' if 'paid' in row else ''},{n}.50" for n, row in enumerate(rows, 1)]
    header = "Invoice #,Client Name,Date Issued,Date Due,Invoice Status,Date Paid,Line Total"
    made, orders = from_export("\n".join([header, *rows]) + "\n")

    assert made.source.columns["ordered_at"] == "Date Issued"
    assert orders["amount_minor"].sum() == 1750


def marketplace(back: dict[tuple[int, str], int]) -> str:
    """Write orders of two lines, of which the third has a voucher, with the pieces that came back."""
    lines = ["Order ID,Buyer,Created Time,SKU,Deal Price,Quantity,Returned quantity,Seller Voucher,Grand Total"]
    for n in range(1, 9):
        off, whole = 300 if n == 3 else 0, 1050 * n + 725
        for sku, price, pieces in (("A", 1050, n), ("B", 725, 1)):
            money = f"{price / 100},{pieces},{back.get((n, sku), 0)},{off / 100},{(whole - off) / 100}"
            lines.append(f"T{n},K{n % 3},2026-01-0{n} 10:00,{sku},{money}")
    return "\n".join(lines) + "\n"


def test_a_whole_order_with_a_voucher_comes_back_by_its_pieces(from_export: Callable[..., Any]) -> None:
    """36 x 10.50 and 8 x 7.25 less a voucher of 3.00; the third order (3 x 10.50 + 7.25) and a piece came back."""
    _, orders = from_export(marketplace({(3, "A"): 3, (3, "B"): 1, (5, "A"): 1}))

    assert orders["amount_minor"].sum() == 36 * 1050 + 8 * 725 - 3 * 1050 - 725 - 1050


def test_part_of_an_order_with_a_voucher_is_said(tmp_path: Path) -> None:
    """What of the voucher belongs to the piece that came back no column says."""
    (tmp_path / "market.csv").write_text(marketplace({(3, "A"): 1}))

    assert any("export the refunded amount as well" in said for said in propose(tmp_path / "market.csv").unsure)


def test_two_discounts_of_lines_come_off_together(from_export: Callable[..., Any]) -> None:
    """One of them alone leads to the total of two orders, both together to that of four."""
    lines = ["Order ID,Buyer,Created Time,SKU,Unit Price,Quantity,Platform Discount,Seller Discount,Order Amount"]
    for n in range(1, 9):
        one, other = {2: (110, 0), 3: (0, 250), 5: (120, 80), 6: (0, 330)}.get(n, (0, 0))
        total = (1050 * 2 + 725 - one - other) / 100
        lines.append(f"T{n},K{n % 3},2026-01-0{n} 10:00,A,10.50,2,{one / 100},{other / 100},{total}")
        lines.append(f"T{n},K{n % 3},2026-01-0{n} 10:00,B,7.25,1,0,0,{total}")
    _, orders = from_export("\n".join(lines) + "\n")

    assert orders["amount_minor"].sum() == 8 * 2825 - 110 - 250 - 200 - 330
