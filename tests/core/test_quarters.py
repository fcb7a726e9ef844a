"""Quarters: spelling, arithmetic, fiscal years."""

from datetime import datetime

import pytest

from seglib.core.errors import InputRefused
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


def test_through_lists_both_ends():
    """2011Q1 through 2011Q3 are three quarters."""
    assert [q.text for q in Quarter("2011Q1").through(Quarter("2011Q3"))] == ["2011Q1", "2011Q2", "2011Q3"]
