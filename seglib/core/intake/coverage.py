"""Which quarters a study's orders cover."""

from __future__ import annotations

import shutil
from dataclasses import replace

import ibis
import pandas as pd

from seglib.core import store
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake.desk import Desk, read_texts
from seglib.core.quarters import Quarter, last_complete
from seglib.core.run import Run

SEASON_DAYS = 92
LONGEST_PAUSE_DAYS = 7
FEWEST_WEEKS = 4  # from which on a weekday is judged by itself
LIKELY_SHARE = 0.1


def _order_days(run: Run) -> pd.DatetimeIndex:
    """List the last days with orders in the sources.

    Parameters
    ----------
    run : Run
        Of any quarter; only its plan and sources count.

    Returns
    -------
    DatetimeIndex
        Ascending; at most `SEASON_DAYS` days.

    Raises
    ------
    InputRefused
        When the orders cannot be read, or hold no time at all.
    """
    orders_only = run.plan.model_copy(update={"sources": {"orders": run.plan.sources["orders"]}})
    folder = store.work_folder(run.data / "runs" / ".work", "coverage")
    try:
        desk = Desk(replace(run, plan=orders_only), folder)
        texts = read_texts(desk, None)
        desk.stop_if_refused()
        days = texts["orders"].typed().select(day=ibis._.ordered_at.date()).distinct().filter(ibis._.day.notnull())
        found = desk.engine.frame(days.order_by(ibis.desc("day")).limit(SEASON_DAYS))["day"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if found.empty:
        raise InputRefused(Finding("F03", "no order has a time", "plan.yml, sources.orders", do="name ordered_at"))
    return pd.DatetimeIndex(pd.to_datetime(found)).sort_values()


def pause(days: pd.DatetimeIndex, longest: int = LONGEST_PAUSE_DAYS) -> int:
    """Count the days after the last order that the shop may well have had none, `longest` at most.

    A day without orders is as likely as this weekday was without any, so that a shop that closes on Sundays has closed
    on the last one, and four days around a feast excuse no four days at the end.

    Examples
    --------
    >>> pause(pd.DatetimeIndex(["2025-12-22", "2025-12-24", "2025-12-26", "2025-12-28"]))
    2
    >>> pause(pd.date_range("2025-12-01", "2025-12-28"))
    0
    """
    season = pd.date_range(days[0], days[-1])
    idle = pd.Series(~season.isin(days), index=season)
    overall, each = float(idle.mean()), idle.groupby(season.weekday).agg(["mean", "size"])
    known = {day: share for day, share, count in each.itertuples() if count >= FEWEST_WEEKS}
    likely, excused = 1.0, 0
    for ahead in range(1, longest + 1):
        weekday = (days[-1] + pd.Timedelta(days=ahead)).weekday()
        likely *= known.get(weekday, overall)
        if likely < LIKELY_SHARE:
            break
        excused = ahead
    return excused


def latest_quarter(run: Run) -> Quarter:
    """Name the last quarter that the orders cover, but for days at its end on which the shop may have had none."""
    days = _order_days(run)
    covered = days[-1] + pd.Timedelta(days=pause(days))
    return last_complete(covered.to_pydatetime(), run.quarter)
