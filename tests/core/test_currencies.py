"""Orders in several currencies become the plan's by the rate of their day, or are refused once per currency."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.core.intake import Intake, take_in
from seglib.core.plan import Plan
from seglib.core.run import Run

PLAN = """
study: acme
currency: EUR
consent: {basis: contract}
sources:
  orders: {file: orders.csv}
rates: {file: rates.csv, origin: a bank, holds_days: 3}
rules: {empty_weeks_max_share: 1.0, discount: line}
"""
RATES = "code,day,rate\nusd,2026-01-02,0.9\nUSD,2026-01-05,0.95\nJPY,2026-01-02,0.005512345\n"
HEAD = "customer_id,order_id,ordered_at,amount,discount,currency\n"
Take = Callable[..., tuple[pd.DataFrame, Intake]]


@pytest.fixture
def take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Return a function that takes order lines in under the plan, and gives the orders by id and the intake."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)

    def taken(lines: str, rates: str = RATES, plan: str = PLAN) -> tuple[pd.DataFrame, Intake]:
        folder = tmp_path / "data" / "acme"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        (folder / "plan.yml").write_text(plan)
        (folder / "sources" / "orders.csv").write_text(HEAD + lines)
        (folder / "sources" / "rates.csv").write_text(rates)
        run = Run.open("acme", "2026Q1")
        take_in(run)
        intake = run.read(Intake)
        return run.engine.frame(intake.orders.order_by("order_id")).set_index("order_id"), intake

    return taken


def test_money_is_that_of_the_plan_by_the_rate_of_the_day(take: Take) -> None:
    """A rate holds until the next one; what is in the plan's currency, in any case, stays; blank is the plan's."""
    orders, intake = take(
        "A,o1,2026-01-02,10.00,,USD\nA,o2,2026-01-04,10.00,1.00,usd\nB,o3,2026-01-05,10.00,,USD\n"
        "B,o4,2026-01-03,1000,,JPY\nC,o5,2026-01-03,7.77,,eur\nC,o6,2026-01-03,0,,\n"
    )
    said = intake.findings[intake.findings["code"] == "V12"].set_index("what")["count"].to_dict()

    assert orders["amount_minor"].to_dict() == {"o1": 900, "o2": 810, "o3": 950, "o4": 551, "o5": 777}
    assert said == {
        "amounts in USD brought into EUR by the rates of a bank": 3,
        "amounts in JPY brought into EUR by the rates of a bank": 1,
    }


def test_the_sum_is_that_of_a_calculation_with_decimals(take: Take) -> None:
    """Three hundred lines of three currencies, each rounded half up on its own."""
    draw = np.random.default_rng(5)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(60)]
    rates = {(code, day): Decimal(int(draw.integers(1, 2_000_000))) / 10**6 for code in ("USD", "CHF") for day in days}
    rows = [(f"o{n:03d}", days[int(draw.integers(60))], Decimal(int(draw.integers(1, 10**7))) / 100,
             ("EUR", "USD", "CHF")[int(draw.integers(3))]) for n in range(300)]  # fmt: skip
    text = "".join(f"K{n % 40},{order},{day},{amount},,{code}\n" for n, (order, day, amount, code) in enumerate(rows))
    table = "code,day,rate\n" + "".join(f"{code},{day},{rate}\n" for (code, day), rate in rates.items())
    orders, _ = take(text, table)
    by_hand = {
        order: int((amount * 100 * rates.get((code, day), Decimal(1))).quantize(Decimal(1), ROUND_HALF_UP))
        for order, day, amount, code in rows
    }

    assert orders["amount_minor"].to_dict() == {order: value for order, value in by_hand.items() if value}


@pytest.mark.forms(3)
@pytest.mark.parametrize(
    ("lines", "rates", "said"),
    [
        (
            "A,o1,2026-01-09,10,,USD\nA,o2,2026-01-02,10,,USD\n",
            RATES,
            "no rate of USD for 2026-01-09",
        ),
        ("A,o1,2026-01-01,10,,USD\n", RATES, "no rate of USD for 2026-01-01"),
        ("A,o1,2026-01-03,10,,CHF\nA,o2,2026-01-03,10,,CHF\n", RATES, "no rate of CHF for 2026-01-03"),
        ("A,o1,2026-01-03,10,,dollars\n", RATES, "SEG-V13 not a currency code"),
        ("A,o1,2026-01-03,10,,USD\n", RATES + "USD,2026-01-02,0.8\n", "two rates of one currency for one day"),
        ("A,o1,2026-01-03,10,,USD\n", "code,day,rate\nUSD,2026-01-02,0\n", "a rate is not above zero"),
        ("A,o1,2026-01-03,10,,USD\n", "code,day,rate\nUSD,2026-01-02,x\n", "rates.csv, line 2"),
        ("A,o1,2026-01-03,10,,USD\n", "code,day\nUSD,2026-01-02\n", "rate"),
    ],
)
def test_V12_what_has_no_rate_is_refused_with_its_place(take: Take, lines: str, rates: str, said: str) -> None:
    """A gap longer than a rate holds, a day before the first, a currency without any, and a table that is wrong."""
    with pytest.raises(InputRefused) as refused:
        take(lines, rates)

    assert said in str(refused.value)


def test_V12_a_refund_alone_needs_a_rate_too(take: Take) -> None:
    """A row without an amount gives five dollars back on a day without a rate: it is not lost in silence."""
    names = ("customer_id", "order_id", "ordered_at", "amount", "currency")
    columns = ", ".join([*(f"{name}: {name}" for name in names), "refunded: discount"])
    plan = PLAN.replace("file: orders.csv", f"file: orders.csv, columns: {{{columns}}}").replace(", discount: line", "")
    with pytest.raises(InputRefused) as refused:
        take("A,o1,2026-01-02,10,,USD\nA,o2,2026-01-09,0,5,USD\n", plan=plan)

    assert "no rate of USD for 2026-01-09" in str(refused.value)


def test_V12_each_currency_without_a_rate_is_named_once(take: Take) -> None:
    """Thirty lines: one sentence, with how many of how many."""
    with pytest.raises(InputRefused) as refused:
        take("".join(f"A,o{n},2026-01-{2 + n % 2:02d},5,,CHF\n" for n in range(30)) + "A,p,2026-01-03,5,,USD\n")

    assert [(finding.what, finding.found) for finding in refused.value.findings] == [
        ("no rate of CHF for 2026-01-02, nor in the 3 days before", "30 of 30 rows")
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("discount: line", "amounts: minor", "rates need amounts in main units"),
        ("file: rates.csv, ", "", "plan.yml, rates.file"),
        ("file: rates.csv", "file: ../rates.csv", "not inside the sources folder"),
        ("origin: a bank", "columns: {courses: x}", "rates has no column called 'courses'"),
    ],
)
def test_a_plan_with_rates_that_cannot_be_meant_says_so(old: str, new: str, said: str) -> None:
    """Before anything is read."""
    with pytest.raises(InputRefused) as refused:
        Plan.parse(PLAN.replace(old, new))

    assert said in str(refused.value)


def test_a_new_rate_makes_intake_again(take: Take) -> None:
    """The table of rates is a source like any other."""
    first, _ = take("A,o1,2026-01-03,10.00,,USD\n")
    key = Run.open("acme", "2026Q1").expected_key("02_data_collection")
    second, _ = take("A,o1,2026-01-03,10.00,,USD\n", RATES.replace("0.9\n", "0.8\n"))

    assert (first["amount_minor"].iloc[0], second["amount_minor"].iloc[0]) == (900, 800)
    assert Run.open("acme", "2026Q1").expected_key("02_data_collection") != key
