"""How far the data reach: a quarter that they do not cover to its end, and a past too short to tell who is new."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis
import pandas as pd

from seglib.core.engine import Engine, Table
from seglib.core.intake.coverage import SEASON_DAYS, pause
from seglib.core.intake.findings import Note
from seglib.core.quarters import written_day

DO = "deliver the rest of the quarter, or report the quarter before"


def uncovered_days(engine: Engine, lines: Table, as_of: datetime) -> int:
    """Count the days at the quarter's end that the delivery does not cover.

    Parameters
    ----------
    lines : Table
        Order lines of any rule, also of after the quarter: this is about the delivery.
    as_of : datetime
        First instant after the quarter.

    Returns
    -------
    int
        0 where orders reach the end, but for days on which the shop may well have had none (see `coverage.pause`).
    """
    recent = lines.filter(lines.ordered_at >= ibis.literal(as_of - timedelta(days=SEASON_DAYS)))
    days = engine.frame(recent.select(day=recent.ordered_at.date()).distinct().order_by("day"))["day"]
    seen = pd.DatetimeIndex(pd.to_datetime(days))
    if not len(seen):
        return 0
    missing = (pd.Timestamp(as_of) - seen[-1]).days - 1
    return missing if missing > max(0, pause(seen, SEASON_DAYS)) else 0


def covered_until(tables: Any, as_of: datetime) -> datetime:
    """Give the first instant that the data do not cover: the quarter's end, or earlier where they end before it."""
    return as_of - timedelta(days=getattr(tables, "uncovered_days", 0))


def early_end(days: int, as_of: datetime) -> str:
    """Say that the orders end before the quarter does; nothing where they do not.

    Examples
    --------
    >>> early_end(22, datetime(2026, 10, 1))
    'the orders end on 8 September 2026, 22 days before the quarter does'
    >>> early_end(0, datetime(2026, 10, 1))
    ''
    """
    last = as_of - timedelta(days=days + 1)
    return f"the orders end on {written_day(last)}, {days} days before the quarter does" if days else ""


def notes(days: int, as_of: datetime) -> list[Note]:
    """Turn an early end into a finding."""
    said = early_end(days, as_of)
    return [Note("V20", f"the quarter is not over: {said}", "notice", "orders", days, do=DO)] if said else []


def short_past(first: datetime, since: datetime, at_risk_days: int) -> str:
    """Say that some customers cannot be called new, as the data begin too late; nothing where they begin early enough.

    Who has bought nothing for longer than `at_risk_days` counts as lost, so that much of a past is needed before a
    first order: else customers of long ago look new.

    Parameters
    ----------
    first : datetime
        The first order of all.
    since : datetime
        From when on a first order makes a new customer.
    at_risk_days : int
        `journeys.at_risk_days` of the plan.

    Examples
    --------
    >>> short_past(datetime(2026, 4, 1), datetime(2026, 7, 1), 180)
    'the orders begin on 1 April 2026, so whoever first ordered before 28 September 2026 may be a customer of long ago'
    >>> short_past(datetime(2025, 4, 1), datetime(2026, 7, 1), 180)
    ''
    """
    sure = first + timedelta(days=at_risk_days)
    said = f"the orders begin on {written_day(first)}, so whoever first ordered before {written_day(sure)}"
    return f"{said} may be a customer of long ago" if sure > since else ""
