"""Whether amounts hold the tax on sales: proposed by init where a column shows it, said by the plan and the reports."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.init.propose import Proposal, propose
from seglib.report.front import frame_of

GOODS = [10.0 + 7.3 * (n % 9) + n for n in range(60)]


def proposed(folder: Path, head: str, rows: list[str]) -> Proposal:
    """Let init look at these orders."""
    (folder / "o.csv").write_text("\n".join([f"order_id,customer_id,date,{head}", *rows, ""]), encoding="utf-8")
    return propose(folder / "o.csv")


def orders(values: list[tuple[float, ...]]) -> list[str]:
    """One order a row, of twenty customers."""
    days = [f"2026-0{1 + n % 6}-1{n % 9}" for n in range(len(values))]
    return [f"B{n},C{n % 20},{days[n]},{','.join(f'{v:.2f}' for v in row)}" for n, row in enumerate(values)]


def test_a_tax_that_is_a_rate_of_the_price_stands_beside_it(tmp_path: Path) -> None:
    """19 % and 7 % of each price: it is without tax, and the plan says so."""
    rates = [0.19 if n % 4 else 0.07 for n in range(60)]
    found = proposed(tmp_path, "unit_price,tax", orders([(g, g * r) for g, r in zip(GOODS, rates, strict=True)]))

    assert found.tax == "without"
    assert "money counts without tax: 'tax' is a rate of it (tax: without)" in found.understood
    assert Plan.parse(found.plan_text("a")).tax == "without"


def test_a_tax_that_is_a_rate_of_what_is_left_is_in_the_price(tmp_path: Path) -> None:
    """A price of 119 holds 19."""
    found = proposed(tmp_path, "unit_price,vat", orders([(1.19 * g, 0.19 * g) for g in GOODS]))

    assert found.tax == "with"
    assert "money counts with tax: 'vat' is a rate of it (tax: with)" in found.understood


def test_a_tax_that_comes_off_the_total_leaves_it_without(tmp_path: Path) -> None:
    """What init takes off (amount_extras) is not in the money that counts."""
    found = proposed(tmp_path, "total,tax", orders([(1.2 * g, 0.2 * g) for g in GOODS]))

    assert found.source.columns["amount_extras"] == "tax"
    assert found.tax == "without"
    assert "money counts without tax: 'tax' comes off (tax: without)" in found.understood


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Price incl. VAT", "with"),
        ("Preis inkl. MwSt", "with"),
        ("UnitPriceExclTax", "without"),
        ("Prix hors TVA", "without"),
    ],
)
def test_a_name_says_whether_it_is_with_tax(tmp_path: Path, name: str, side: str) -> None:
    """In several languages."""
    rows = [f"{n},C{n},2026-01-0{1 + n % 9},{price}" for n, price in enumerate(GOODS)]
    (tmp_path / "o.csv").write_text("\n".join([f"order_id,customer_id,date,{name}", *rows, ""]))
    found = propose(tmp_path / "o.csv", {"unit_price": name})

    assert found.tax == side


def test_a_tax_that_fits_neither_way_is_asked_about(tmp_path: Path) -> None:
    """A column that is no rate of anything: the plan stays unsaid, and the analyst is told."""
    found = proposed(tmp_path, "unit_price,tax", orders([(g, 1 + (n * n) % 13) for n, g in enumerate(GOODS)]))

    assert found.tax == "unsaid"
    assert "whether amounts hold 'tax' is not to be seen: write tax: with or without" in found.unsure


def test_where_no_column_tells_of_tax_nothing_is_said(tmp_path: Path) -> None:
    """The plan has its line, and no sentence is made up."""
    found = proposed(tmp_path, "unit_price", orders([(g,) for g in GOODS]))

    assert Plan.parse(found.plan_text("a")).tax == "unsaid"
    assert not any("tax" in sentence for sentence in (*found.understood, *found.unsure))


@pytest.mark.parametrize(
    ("said", "foot"), [("with", ", with tax. G"), ("without", ", without tax. G"), ("unsaid", ". G")]
)
def test_the_foot_of_each_page_says_it(said: str, foot: str) -> None:
    """Beside what money is."""
    plan = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\ntax: {said}")
    shown = frame_of(SimpleNamespace(plan=plan, study="a", quarter=Quarter("2026Q3")))["footer"]

    assert f"Money is net: what was charged for goods, less what came back{foot}" in shown


def test_amounts_that_tax_comes_off_are_not_with_tax() -> None:
    """The plan cannot say both."""
    columns = "columns: {amount: Total, amount_extras: [Shipping, Sales Tax]}"
    with pytest.raises(InputRefused, match=r"tax comes off the amounts.*plan.yml, tax.*Sales Tax.*tax: without"):
        Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv, {columns}}}}}\ntax: with")
