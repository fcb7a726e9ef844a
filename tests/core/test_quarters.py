"""Quarters: spelling, arithmetic, fiscal years."""

import calendar
from datetime import datetime, timedelta

import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter, last_complete

BAD = ["../../etc", "2025Q5", "2025-Q3", "", "2025q3", "CON", "Q" * 300, "２０２５Q1", "2025Q3\n", " 2025Q3"]


@pytest.mark.parametrize("text", BAD)
def test_P01_quarter_is_spelled_one_way(text):
    """Anything but four digits, Q and 1 to 4 is refused without repeating it."""
    with pytest.raises(InputRefused, match="SEG-P01 not a quarter"):
        Quarter(text)


def test_calendar_quarter_ends_at_midnight():
    """2026Q3 is computed as of 2026-10-01 00:00."""
    quarter = Quarter("2026Q3")

    assert (quarter.start, quarter.as_of) == (datetime(2026, 7, 1), datetime(2026, 10, 1))
    assert (quarter.previous.text, quarter.next.text) == ("2026Q2", "2026Q4")


def test_fiscal_quarter_follows_the_first_month():
    """With a year that starts in April, 2026Q1 is April to June 2025."""
    quarter = Quarter("2026Q1", first_month=4)

    assert (quarter.start, quarter.as_of) == (datetime(2025, 4, 1), datetime(2025, 7, 1))


@pytest.mark.parametrize(
    ("last_order", "expected"),
    [(datetime(2011, 12, 9, 12), "2011Q3"), (datetime(2011, 12, 31, 1), "2011Q4"), (datetime(2012, 1, 1), "2011Q4")],
)
def test_last_complete_quarter(last_order, expected):
    """A quarter is complete when orders reach its last day."""
    assert last_complete(last_order).text == expected


NRF = "quarters: 4-4-5\nyear_starts: {2023: 2023-01-29, 2024: 2024-02-04, 2025: 2025-02-02}\n"


@pytest.mark.parametrize(
    ("text", "start", "as_of"),
    [
        ("2023Q1", "2023-01-29", "2023-04-30"),
        ("2023Q4", "2023-10-29", "2024-02-04"),
        ("2024Q1", "2024-02-04", "2024-05-05"),
        ("2025Q3", "2025-08-03", "2025-11-02"),
        ("2026Q1", "2026-02-01", "2026-05-03"),
        ("2022Q4", "2022-10-30", "2023-01-29"),
    ],
)
def test_quarters_of_13_weeks_are_those_of_the_retail_calendar(text, start, as_of):
    """The National Retail Federation's years 2023 (53 weeks), 2024 and 2025; the years beside them have 52 weeks."""
    quarter = Plan.parse(f"study: a\n{NRF}sources: {{orders: {{file: o.csv}}}}").quarter(text)

    assert (quarter.start, quarter.as_of) == (datetime.fromisoformat(start), datetime.fromisoformat(as_of))
    assert quarter.around(quarter.start) == quarter == quarter.around(quarter.as_of - timedelta(seconds=1))
    assert last_complete(quarter.as_of - timedelta(hours=1), quarter) == quarter


@pytest.mark.parametrize("first_month", range(1, 13))
def test_quarters_of_months_are_those_of_pandas(first_month):
    """Starts and ends of four years, and the quarter of each day, for every month in which a year may start."""
    names = [name[:3].upper() for name in calendar.month_name[1:]]
    periods = pd.period_range("2023Q1", "2026Q4", freq=f"Q-{names[first_month - 2]}")
    ours = Quarter("2023Q1", first_month).through(Quarter("2026Q4", first_month))
    days = pd.Series(pd.date_range(periods[0].start_time, periods[-1].start_time, freq="5D"))

    assert [q.text for q in ours] == [str(p) for p in periods]
    assert [q.start for q in ours] == [p.start_time for p in periods]
    assert (ours[3].numbers(days).diff() == days.dt.to_period(periods.freqstr).astype("int64").diff()).iloc[1:].all()


@pytest.mark.parametrize(
    "wrong",
    [
        "quarters: 4-4-5",
        "year_starts: {2026: 2026-02-01}",
        "quarters: 4-4-5\nyear_starts: {2026: 2026-02-01}\nfiscal_year_starts: 2",
        "quarters: 4-4-5\nyear_starts: {2025: 2025-02-02, 2026: 2026-02-03}",
        "quarters: 4-4-5\nyear_starts: {2025: 2025-02-02, 2026: 2026-02-22}",
    ],
)
def test_a_year_of_weeks_that_does_not_fit_is_refused(wrong):
    """The first day and the weeks belong together, and a year has 52 or 53 whole weeks."""
    with pytest.raises(InputRefused, match=r"SEG-P05 .*plan\.yml, year_starts"):
        Plan.parse(f"study: a\n{wrong}\nsources: {{orders: {{file: o.csv}}}}")


def test_through_lists_both_ends():
    """2011Q1 through 2011Q3 are three quarters."""
    assert [q.text for q in Quarter("2011Q1").through(Quarter("2011Q3"))] == ["2011Q1", "2011Q2", "2011Q3"]
