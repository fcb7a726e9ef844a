"""Quarters of a calendar or fiscal year; pandas does the arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from seglib.core.errors import Finding, InputRefused

PATTERN = re.compile(r"[0-9]{4}Q[1-4]")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


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

    Examples
    --------
    >>> Quarter("2026Q3").as_of
    datetime.datetime(2026, 10, 1, 0, 0)
    >>> Quarter("2026Q1").previous.text
    '2025Q4'
    """

    text: str
    first_month: int = 1

    def __post_init__(self) -> None:
        if not PATTERN.fullmatch(self.text):
            raise InputRefused(
                Finding("P01", "not a quarter", found=f"{len(self.text)} characters", do="write it as 2026Q3")
            )

    @property
    def period(self) -> pd.Period:
        """The quarter as a pandas period."""
        return pd.Period(self.text, freq=f"Q-{MONTHS[self.first_month - 2]}")

    @property
    def start(self) -> datetime:
        """First instant of the quarter, in the plan's time zone, naive."""
        return self.period.start_time.to_pydatetime()

    @property
    def as_of(self) -> datetime:
        """First instant after the quarter: everything is computed as of this moment."""
        return (self.period + 1).start_time.to_pydatetime()

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return self.back(1)

    def back(self, quarters: int) -> Quarter:
        """Return an earlier quarter; 4 is the same one a year ago."""
        return Quarter(str(self.period - quarters), self.first_month)

    @property
    def next(self) -> Quarter:
        """The quarter after."""
        return Quarter(str(self.period + 1), self.first_month)

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
        periods = pd.period_range(self.period, last.period)
        return [Quarter(str(period), self.first_month) for period in periods]


def last_complete(last_order: datetime, first_month: int = 1) -> Quarter:
    """Find the last quarter that the data cover completely.

    Parameters
    ----------
    last_order : datetime
        Time of the last order in the data.
    first_month : int
        Month in which the fiscal year starts.

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
    day_after = pd.Timestamp(last_order).normalize() + pd.Timedelta(days=1)
    current = Quarter(str(day_after.to_period(f"Q-{MONTHS[first_month - 2]}")), first_month)
    return current.previous
