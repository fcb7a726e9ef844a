"""Which quarters a study's orders cover."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime

from seglib.core import store
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake.desk import Desk, read_texts
from seglib.core.quarters import Quarter, last_complete
from seglib.core.run import Run


def last_order(run: Run) -> datetime:
    """Find the time of the last order in the sources.

    Parameters
    ----------
    run : Run
        Of any quarter; only its plan and sources count.

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
        last = desk.engine.scalar(texts["orders"].typed().ordered_at.max())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if last is None or last != last:
        raise InputRefused(Finding("F03", "no order has a time", "plan.yml, sources.orders", do="name ordered_at"))
    return datetime.fromisoformat(str(last))


def latest_quarter(run: Run) -> Quarter:
    """Name the last quarter that the orders cover completely."""
    return last_complete(last_order(run), run.plan.fiscal_year_starts)
