"""Online Retail (UCI data set 352, CC BY 4.0): intake gives every published number, to the unit."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from seglib.core.intake import Intake, take_in
from seglib.core.intake.rules import INPUT, KEPT
from seglib.core.run import Run

PLAN = """
study: online_retail
timezone: Europe/London
currency: GBP
money_decimals: 3
sources:
  orders:
    file: online_retail.parquet
    columns:
      order_id: InvoiceNo
      product_id: StockCode
      product_name: Description
      quantity: Quantity
      ordered_at: InvoiceDate
      unit_price: UnitPrice
      customer_id: CustomerID
      country: Country
rules: {cancelled_prefix: C}
money: gross
consent: {basis: public_data, note: published without names}
"""
QUARTERS = {
    "2010Q4": (885, 1_400, 572_713.89),
    "2011Q1": (1_776, 3_305, 1_612_083.15),
    "2011Q2": (1_991, 4_097, 1_809_008.61),
    "2011Q3": (2_161, 4_366, 2_198_273.29),
    "2011Q4": (2_560, 5_364, 2_719_328.96),
}
COHORT = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, shared_data: Callable[[str], Path]) -> tuple[Run, Intake]:
    """The whole file through intake, as of 2012-01-01."""
    source = shared_data("online_retail/online_retail.parquet")
    home = tmp_path_factory.mktemp("home")
    folder = home / "data" / "online_retail"
    (folder / "sources").mkdir(parents=True)
    shutil.copyfile(source, folder / "sources" / source.name)
    (folder / "plan.yml").write_text(PLAN, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGLIB_HOME", str(home))
        patch.delenv("SEGLIB_WORK", raising=False)
        run = Run.open("online_retail", "2011Q4")
        take_in(run)
        return run, run.read(Intake)


def row(intake: Intake, rule: str) -> dict[str, Any]:
    """One row of the waterfall."""
    frame = intake.waterfall.set_index("rule")[["rows", "money_minor", "customers"]]
    return {name: int(value) for name, value in frame.loc[rule].items()}


def test_what_came_in(taken: tuple[Run, Intake]) -> None:
    """541,909 rows, 4,372 customer ids, and Quantity x UnitPrice summing to 9,747,747.934."""
    assert row(taken[1], INPUT) == {"rows": 541_909, "money_minor": 9_747_747_934, "customers": 4_372}


def test_what_was_kept(taken: tuple[Run, Intake]) -> None:
    """With a customer, a positive quantity and price: 397,884 rows, 4,338 customers, 8,911,407.904."""
    assert row(taken[1], KEPT) == {"rows": 397_884, "money_minor": 8_911_407_904, "customers": 4_338}


def test_the_waterfall_adds_up(taken: tuple[Run, Intake]) -> None:
    """Rows and money of the input equal the sum of all other rows, to the unit."""
    frame = taken[1].waterfall.set_index("rule")[["rows", "money_minor"]]

    assert frame.drop(index=INPUT).sum().to_dict() == frame.loc[INPUT].to_dict()


def test_rows_without_customer(taken: tuple[Run, Intake]) -> None:
    """135,080 rows name no customer."""
    assert row(taken[1], "missing_customer")["rows"] == 135_080


def test_exact_duplicates_are_counted_and_kept(taken: tuple[Run, Intake]) -> None:
    """5,268 rows are exact copies of another one."""
    found = taken[1].findings.set_index("code")["count"]

    assert found["V02"] == 5_268
    assert row(taken[1], "duplicates")["rows"] == 0


def test_invoices_countries_and_cancellations_of_the_file(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    """25,900 invoices, 38 countries and 9,288 rows of cancelled invoices survive staging as text."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from seglib.core.contract import ORDERS
    from seglib.core.plan import Plan
    from seglib.core.sources import stage

    path = shared_data("online_retail/online_retail.parquet")
    target = tmp_path / "orders.parquet"
    stage("orders", Plan.parse(PLAN).sources["orders"], ORDERS, path.parent, target)
    table = pq.read_table(target)

    assert pc.count_distinct(table["order_id"]).as_py() == 25_900
    assert pc.count_distinct(table["country"]).as_py() == 38
    assert pc.sum(pc.starts_with(table["order_id"], "C")).as_py() == 9_288


def test_invoices_of_purchases(taken: tuple[Run, Intake]) -> None:
    """18,532 invoices hold the purchases."""
    run, intake = taken

    assert run.engine.scalar(intake.orders.order_id.nunique()) == 18_532


def test_returns_are_the_cancelled_lines_of_known_customers(taken: tuple[Run, Intake]) -> None:
    """Every return has a negative amount, and those with a purchase and those without hold all that came back."""
    run, intake = taken
    sums = {"most": ibis._.amount_minor.max(), "minor": ibis._.amount_minor.sum()}
    frame = run.engine.frame(intake.returns.aggregate(**sums))

    assert row(intake, "returns")["rows"] == 8_905
    assert frame["most"].iloc[0] < 0
    assert frame["minor"].iloc[0] == row(intake, "returns")["money_minor"]


def test_what_came_back_is_taken_off_the_orders_that_it_undoes(taken: tuple[Run, Intake]) -> None:
    """No line gives back more than it brought, the sums agree, and few returns have no purchase in these data."""
    run, intake = taken
    lines = intake.orders.aggregate(
        back=ibis._.returned_minor.sum(), most=(ibis._.gross_minor - ibis._.returned_minor).min()
    )
    matched = intake.returns.filter(ibis._.is_matched).amount_minor.sum()
    facts = run.engine.frame(lines).iloc[0]

    assert facts["most"] >= 0
    assert facts["back"] == -run.engine.scalar(matched)
    assert run.engine.scalar((~intake.returns.is_matched).mean()) < 0.2


def test_quarters(taken: tuple[Run, Intake]) -> None:
    """Customers, invoices and revenue of each quarter, as published."""
    run, intake = taken
    quarter = ibis._.ordered_on.year().cast("string") + "Q" + ibis._.ordered_on.quarter().cast("string")
    grouped = intake.orders.mutate(quarter=quarter).group_by("quarter")
    frame = run.engine.frame(
        grouped.aggregate(
            customers=ibis._.customer.nunique(), invoices=ibis._.order_id.nunique(), minor=ibis._.amount_minor.sum()
        )
    ).set_index("quarter")
    found = {
        str(name): (int(r["customers"]), int(r["invoices"]), round(int(r["minor"]) / 1000, 2))
        for name, r in frame.iterrows()
    }

    assert found == QUARTERS


def test_first_cohort_by_month(taken: tuple[Run, Intake]) -> None:
    """Of the 885 customers of December 2010, so many bought in each month after."""
    run, intake = taken
    months = (ibis._.ordered_on.year() - 2010) * 12 + ibis._.ordered_on.month() - 12
    orders = intake.orders.mutate(month=months)
    first = orders.filter(orders.month == 0).select("customer").distinct()
    counted = orders.semi_join(first, "customer").group_by("month").aggregate(n=ibis._.customer.nunique())
    frame = run.engine.frame(counted.order_by("month"))

    assert frame["n"].tolist() == COHORT


def test_rfm_means_at_the_day_after_the_last_order(taken: tuple[Run, Intake]) -> None:
    """At 2011-12-10, in days gone by: mean 92.0595 and median 50; 4.272 orders and 2,054.2665 of money in the mean."""
    run, intake = taken
    grouped = intake.orders.group_by("customer")
    frame = run.engine.frame(
        grouped.aggregate(
            last=ibis._.ordered_at.max(), orders=ibis._.order_id.nunique(), minor=ibis._.amount_minor.sum()
        )
    )
    days = (pd.Timestamp("2011-12-10") - frame["last"]).dt.days

    assert (round(days.mean(), 4), days.median()) == (92.0595, 50)
    assert (round(frame["orders"].mean(), 3), frame["orders"].max(), (frame["orders"] == 1).sum()) == (
        4.272,
        209,
        1_493,
    )
    assert (round(frame["minor"].mean() / 1000, 4), round(frame["minor"].max() / 1000, 2)) == (2054.2665, 280206.02)
