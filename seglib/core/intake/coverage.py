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


def order_days(run: Run) -> pd.DatetimeIndex:
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


def usual_pause(days: pd.DatetimeIndex) -> int:
    """Count the days without orders that are usual for a shop: its longest recent pause, a week at most.

    Examples
    --------
    >>> usual_pause(pd.DatetimeIndex(["2025-12-22", "2025-12-24", "2025-12-27", "2025-12-30"]))
    2
    """
    pauses = days.to_series().diff().dropna().dt.days - 1
    return min(int(pauses.max()), LONGEST_PAUSE_DAYS) if len(pauses) else 0


def latest_quarter(run: Run) -> Quarter:
    """Name the last quarter that the orders cover, but for days at its end on which the shop may have had none."""
    days = order_days(run)
    pause = pd.Timedelta(days=usual_pause(days))
    return last_complete((days[-1] + pause).to_pydatetime(), run.plan.fiscal_year_starts)
