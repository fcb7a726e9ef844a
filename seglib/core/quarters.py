"""Quarters of a calendar or fiscal year, of months or of weeks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd

from seglib.core.errors import Finding, InputRefused

PATTERN = re.compile(r"[0-9]{4}Q[1-4]")
WEEKS = 13  # of a quarter, where a year is made of weeks


@dataclass(frozen=True)
class Quarter:
    """A quarter of the study's year.

    Parameters
    ----------
    text : str
        Four digits, ``Q``, 1 to 4, for example ``"2026Q3"``.
    first_month : int
        Month in which the fiscal year starts, 1 to 12. With 4, ``2026Q1`` of the fiscal year that ends in
        March 2026 starts on 2025-04-01.
    years : tuple of (int, date)
        First days of fiscal years, ascending: then a quarter has 13 weeks (4-4-5), but the last one of a year of 53
        weeks has 14. Years beyond these have 52 weeks.

    Examples
    --------
    >>> Quarter("2026Q3").as_of
    datetime.datetime(2026, 10, 1, 0, 0)
    >>> Quarter("2026Q1").previous.text
    '2025Q4'
    >>> Quarter("2026Q1", years=((2026, date(2026, 2, 1)),)).as_of
    datetime.datetime(2026, 5, 3, 0, 0)
    """

    text: str
    first_month: int = 1
    years: tuple[tuple[int, date], ...] = ()

    def __post_init__(self) -> None:
        if not PATTERN.fullmatch(self.text):
            raise InputRefused(
                Finding("P01", "not a quarter", found=f"{len(self.text)} characters", do="write it as 2026Q3")
            )

    @property
    def number(self) -> int:
        """The quarter as a whole number: one more for each later quarter."""
        return 4 * int(self.text[:4]) + int(self.text[5]) - 1

    @property
    def start(self) -> datetime:
        """First instant of the quarter, in the plan's time zone, naive."""
        year, place = int(self.text[:4]), int(self.text[5]) - 1
        if self.years:
            return _year_of_weeks(year, dict(self.years)) + timedelta(weeks=WEEKS * place)
        months = 12 * year + 3 * place + self.first_month - 1 - (12 if self.first_month > 1 else 0)
        return datetime(months // 12, months % 12 + 1, 1)

    @property
    def as_of(self) -> datetime:
        """First instant after the quarter: everything is computed as of this moment."""
        return self.next.start

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return self.back(1)

    def back(self, quarters: int) -> Quarter:
        """Return an earlier quarter; 4 is the same one a year ago."""
        year, place = divmod(self.number - quarters, 4)
        return Quarter(f"{year:04d}Q{place + 1}", self.first_month, self.years)

    @property
    def next(self) -> Quarter:
        """The quarter after."""
        return self.back(-1)

    def around(self, moment: datetime) -> Quarter:
        """Return the quarter of the same year's calendar that holds a moment."""
        found = self.back(round((self.start - moment).days / (7 * WEEKS)))
        while moment < found.start:
            found = found.previous
        while moment >= found.as_of:
            found = found.next
        return found

    def numbers(self, days: pd.Series[Any]) -> pd.Series[int]:
        """Number the quarters of days like `number`.

        Examples
        --------
        >>> Quarter("2026Q3").numbers(pd.Series(pd.to_datetime(["2026-06-30", "2026-07-01"]))).tolist()
        [8105, 8106]
        """
        if not len(days):
            return pd.Series(0, days.index, dtype="int64")
        first, last = (self.around(day.to_pydatetime()) for day in (days.min(), days.max()))
        bounds = pd.DatetimeIndex([quarter.start for quarter in first.through(last)])
        return pd.Series(bounds.searchsorted(days, side="right") - 1 + first.number, days.index, dtype="int64")

    def ends(self, end: Any) -> Any:
        """Whether a span of time is over by the quarter's end and was not a quarter earlier: true in one quarter only.

        Parameters
        ----------
        end : datetime, or a column of times
            First moment after the span.

        Examples
        --------
        >>> over = datetime(2026, 7, 14)  # 60 days after 15 May
        >>> [Quarter(text).ends(over) for text in ("2026Q2", "2026Q3", "2026Q4")]
        [False, True, False]
        """
        return (end > self.start) & (end <= self.as_of)

    def through(self, last: Quarter) -> list[Quarter]:
        """List the quarters from this one to `last`, both included."""
        return [self.back(-ahead) for ahead in range(last.number - self.number + 1)]


def _year_of_weeks(year: int, firsts: dict[int, date]) -> datetime:
    """The first day of a year that has 52 weeks unless the next one's first day is known."""
    known = max((one for one in firsts if one <= year), default=min(firsts))
    return datetime.combine(firsts[known], time()) + timedelta(weeks=4 * WEEKS * (year - known))


def written_day(day: date) -> str:
    """Write a day for people.

    Examples
    --------
    >>> written_day(datetime(2010, 12, 1, 8, 26))
    '1 December 2010'
    """
    return f"{day.day} {day:%B %Y}"


def last_complete(last_order: datetime, like: Quarter | None = None) -> Quarter:
    """Find the last quarter that the data cover completely.

    Parameters
    ----------
    last_order : datetime
        Time of the last order in the data.
    like : Quarter, optional
        Any quarter of the study's calendar; the calendar year's without it.

    Returns
    -------
    Quarter
        The quarter that ends at or before the day after the last order.

    Examples
    --------
    >>> last_complete(datetime(2011, 12, 9)).text
    '2011Q3'
    >>> last_complete(datetime(2026, 9, 30, 20)).text
    '2026Q3'
    """
    day_after = datetime.combine(last_order.date(), time()) + timedelta(days=1)
    return (like or Quarter("2000Q1")).around(day_after).previous
