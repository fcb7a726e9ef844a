"""What customers of each segment are expected to spend, and how well the model foresaw the last quarter."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.core.errors import SegError
from seglib.methods.clv import clv, fit_gamma_gamma
from seglib.methods.purchases import expected_orders, fit_mbgnbd
from seglib.methods.rates import mean_interval

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.core.engine import Table
    from seglib.core.run import Run

SAMPLE_ROWS = 50_000  # pseudonyms are keyed hashes, so the first ones in order are a random sample
CLOSE = (0.8, 1.25)
COLUMNS = ["segment", "name", "identity", "customers", "clv_minor", "low_minor", "high_minor", "total_minor"]


def history(orders: Table, until: datetime) -> Table:
    """Summarise the order days of each customer before an instant.

    Parameters
    ----------
    orders : Table
        customer, ordered_on, ordered_at, amount_minor; several orders of one day count once.
    until : datetime
        Start of a day.

    Returns
    -------
    Table
        customer, day_count, first_on, last_on, total_minor, first_minor.
    """
    seen = orders.filter(orders.ordered_at < until)
    days = seen.group_by("customer", "ordered_on").agg(amount_minor=seen.amount_minor.sum())
    return days.group_by("customer").agg(
        day_count=days.count(),
        first_on=days.ordered_on.min(),
        last_on=days.ordered_on.max(),
        total_minor=days.amount_minor.sum(),
        first_minor=days.amount_minor.argmin(days.ordered_on),
    )


def purchases(seen: pd.DataFrame, until: datetime) -> pd.DataFrame:
    """Turn the history into what the models read.

    Parameters
    ----------
    seen : DataFrame
        The columns of `history`.
    until : datetime
        End of observation.

    Returns
    -------
    DataFrame
        repeat_count, last_purchase_weeks, age_weeks, mean_repeat_value_minor, with the index of `seen`.

    Examples
    --------
    >>> one = pd.DataFrame({"day_count": [3], "first_on": ["2026-01-01"], "last_on": ["2026-01-15"],
    ...     "total_minor": [600], "first_minor": [100]})
    >>> purchases(one, datetime(2026, 1, 29)).iloc[0].tolist()
    [2.0, 2.0, 4.0, 250.0]
    """
    first, last = (pd.to_datetime(seen[column]) for column in ("first_on", "last_on"))
    repeats = seen["day_count"].astype("int64") - 1
    later = (seen["total_minor"].astype(float) - seen["first_minor"].astype(float)) / repeats.where(repeats > 0)
    return pd.DataFrame(
        {
            "repeat_count": repeats,
            "last_purchase_weeks": (last - first).dt.days / 7,
            "age_weeks": (pd.Timestamp(until) - first).dt.days / 7,
            "mean_repeat_value_minor": later.fillna(0.0),
        }
    )


def per_segment(run: Run, orders: Table, segmentation: Segmentation) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the mean and total lifetime value of each segment.

    Parameters
    ----------
    run : Run
        The plan gives horizon, discount and margin.
    orders : Table
        Purchases, gross of returns.
    segmentation : Segmentation
        Today's segments.

    Returns
    -------
    tuple of DataFrame and notes
        The columns of `COLUMNS`; empty with a note where the models cannot be fitted.
    """
    rules, until = run.plan.evaluation, run.quarter.as_of
    seen = run.engine.frame(history(orders, until).order_by("customer").limit(SAMPLE_ROWS))
    table = purchases(seen, until)
    try:
        counts, values = fit_mbgnbd(table), fit_gamma_gamma(table)
    except SegError as refused:
        return pd.DataFrame(columns=COLUMNS), (f"No lifetime value: {refused.findings[0].what}.",)
    if values.q <= 1:
        return pd.DataFrame(columns=COLUMNS), ("No lifetime value: order values scatter too much to have a mean.",)
    worth = clv(counts, values, table, rules.clv_weeks, rules.discount_per_year_share, rules.margin_share or 1.0)
    labels = run.engine.frame(segmentation.labels.select("customer", "segment").order_by("customer"))
    placed = pd.DataFrame({"customer": seen["customer"], "clv_minor": worth}).merge(labels, on="customer")
    rows = [_row(part["clv_minor"], row, run.seed) for row in segmentation.segments.to_dict("records")
            if len(part := placed[placed["segment"] == row["segment"]])]  # fmt: skip
    kind = "margin" if rules.margin_share else "revenue"
    lead = f"Lifetime value: discounted {kind} of the next {rules.clv_weeks} weeks, gross of returns"
    note = f"{lead} (MBG/NBD, Gamma-Gamma); the interval is that of the segment's mean, given the model."
    return pd.DataFrame(rows, columns=COLUMNS), (note, *_check(run, orders))


def _row(worth: pd.Series, segment: dict[Any, Any], seed: int) -> dict[str, object]:
    low, high = mean_interval(worth, seed)
    kept = {key: segment[key] for key in ("segment", "name", "identity", "customers")}
    mean = float(worth.mean())
    total = mean * int(str(segment["customers"]))
    ends = {
        "low_minor": round(low) if np.isfinite(low) else pd.NA,
        "high_minor": round(high) if np.isfinite(high) else pd.NA,
    }
    return kept | {"clv_minor": round(mean), **ends, "total_minor": round(total)}


def _check(run: Run, orders: Table) -> tuple[str, ...]:
    """Fit on what was known a quarter ago and compare the orders expected with those that came."""
    start = run.quarter.start
    known = run.engine.frame(history(orders, start).order_by("customer").limit(SAMPLE_ROWS))
    later = orders.filter((orders.ordered_at >= start) & (orders.ordered_at < run.quarter.as_of))
    came = run.engine.frame(later.group_by("customer").agg(days=later.ordered_on.nunique()))
    table = purchases(known, start) if len(known) else pd.DataFrame({"repeat_count": []})
    if not (table["repeat_count"] > 0).any():
        return ()
    try:
        model = fit_mbgnbd(table)
    except SegError:
        return ()
    expected = float(expected_orders(model, table, (run.quarter.as_of - start).days / 7).sum())
    actual = int(known[["customer"]].merge(came, on="customer")["days"].sum())
    if not actual:
        return ()
    text = f"Check on {run.quarter.text}: fitted on what was known before it, the model expected {expected:,.0f} order"
    ratio = expected / actual
    word = "close" if CLOSE[0] <= ratio <= CLOSE[1] else "far off, so do not budget on these values"
    return (f"{text} days of the customers known then; {actual:,} came (ratio {ratio:.2f}: {word}).",)
