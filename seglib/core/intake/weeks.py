"""Weeks of the quarter in which nothing was sold: a holiday, or a delivery that is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Note
from seglib.core.quarters import Quarter

ORDERS_PER_WEEK = 8  # of 13 weeks with so many orders each, fewer than one quarter in 200 has an empty week by chance
SPANS = 5  # written in one sentence
MISSING = "ask whether a delivery is missing"


def empty_weeks(engine: Engine, orders: Table, quarter: Quarter, limit: float) -> tuple[list[Finding], list[Note]]:
    """Look for whole weeks of the quarter without an order: noted with their dates, refused when they are too many.

    Parameters
    ----------
    orders : Table
        Typed order lines; those of any rule count, as this is about the delivery.
    quarter : Quarter
        Its weeks are counted from its first day; a rest of fewer than seven days at its end is no week.
    limit : float
        Largest share of empty weeks. Where the other weeks have fewer than eight orders each, empty weeks are usual,
        and nothing is refused. Weeks before the first order of all are no gap.
    """
    inside = orders.filter((orders.ordered_at >= quarter.start) & (orders.ordered_at < quarter.as_of))
    first = (quarter.start - datetime(1970, 1, 1)).days
    week = ((inside.ordered_on.epoch_days() - first) / 7).floor().cast("int64")
    seen = engine.frame(inside.group_by(week=week).aggregate(orders=inside.order_id.nunique()))
    weeks = (quarter.as_of - quarter.start).days // 7
    began = engine.scalar(orders.ordered_on.epoch_days().min())
    empty = [week for week in range(weeks) if week not in set(seen["week"]) and first + 7 * week > began]
    if not empty or not len(seen):
        return [], []
    said = f"no order from {_spans(empty, quarter.start)}"
    if len(empty) > limit * weeks and seen["orders"].mean() >= ORDERS_PER_WEEK:
        what = f"{len(empty)} of the quarter's {weeks} weeks without an order"
        do = f"{MISSING}, or raise rules.empty_weeks_max_share"
        return [Finding("V20", what, "orders", 0, "ordered_at", f"{said}; at most {limit:.0%} may be", do)], []
    return [], [Note("V20", f"whole weeks without an order: {said}", "notice", "orders", len(empty), do=MISSING)]


def _spans(weeks: list[int], start: datetime) -> str:
    """Write runs of weeks as their first and last days."""
    heads = [week for week in weeks if week - 1 not in weeks]
    ends = [week for week in weeks if week + 1 not in weeks]
    days = [
        f"{start + timedelta(days=7 * head):%Y-%m-%d} to {start + timedelta(days=7 * end + 6):%Y-%m-%d}"
        for head, end in zip(heads, ends, strict=True)
    ]
    return ", ".join(days[:SPANS]) + (f" and {len(days) - SPANS} more times" if len(days) > SPANS else "")
