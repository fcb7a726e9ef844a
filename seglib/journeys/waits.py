"""How long members wait between two days with orders, seen during the quarter."""

from __future__ import annotations

from datetime import datetime

import ibis
import pandas as pd

from seglib.core.engine import Table
from seglib.methods.comeback import comeback_curve, reached

WAITS_MAX = 100_000
HORIZON_DAYS = 365


def waits(orders: Table, member: Table, start: datetime, as_of: datetime) -> Table:
    """List the waits that the quarter saw: those open on its first day, and those that began in it.

    Parameters
    ----------
    orders : Table
        customer, ordered_on.
    member : Table
        customer, segment.
    start, as_of : datetime
        First instant of the quarter and first instant after it.

    Returns
    -------
    Table
        segment, customer, entry_days, exit_days, came_back.
    """
    days = orders.filter(orders.ordered_on < as_of.date()).select("customer", "ordered_on").distinct()
    days = days.inner_join(member, "customer")
    following = days.ordered_on.lead().over(group_by=days.customer, order_by=days.ordered_on)
    spells = days.mutate(next_on=following)
    first, last = ibis.literal(start.date()), ibis.literal(as_of.date())
    before = first.delta(spells.ordered_on, unit="day") - 1
    seen = spells.next_on.fill_null(last).delta(spells.ordered_on, unit="day")
    back = spells.next_on.notnull()
    rows = spells.select(
        "segment",
        "customer",
        entry_days=ibis.greatest(before, 0).cast("int64"),
        exit_days=(seen - back.ifelse(0, 1)).cast("int64"),
        came_back=back,
    )
    return rows.filter(rows.exit_days > rows.entry_days)


def curves(spells: Table, segments: list[int], floor: int, seed: int) -> pd.DataFrame:
    """Estimate one curve per segment, on at most 100,000 waits of customers chosen by the seed.

    Returns
    -------
    DataFrame
        segment and the columns of `comeback_curve`; segments of fewer waiting customers than `floor` are left out.
    """
    mixed = spells.mutate(mixed=(spells.customer + f"|{seed}").hexdigest("sha256"))
    rows = mixed.order_by("mixed", "customer", "entry_days").limit(WAITS_MAX).drop("mixed").to_pandas()
    parts = []
    for segment in segments:
        own = rows[rows["segment"] == segment]
        if own["customer"].nunique() >= floor:
            curve = comeback_curve(own, seed, floor)
            parts.append(curve[curve["days"] <= HORIZON_DAYS].assign(segment=segment))
    columns = ["segment", "days", "share", "low", "high", "waiting"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def moments(curve: pd.DataFrame) -> pd.DataFrame:
    """Give, per segment, the days by which a quarter, half and three quarters are back, and the days seen.

    Returns
    -------
    DataFrame
        segment, p25_days, median_days, p75_days, each with _low and _high; seen_days (end of the curve).
    """
    rows = []
    for segment, own in curve.groupby("segment"):
        found = reached(own).set_index("share")
        row: dict[str, float] = {"segment": float(str(segment)), "seen_days": float(own["days"].max())}
        for share, name in ((0.25, "p25"), (0.5, "median"), (0.75, "p75")):
            for end in ("days", "low", "high"):
                row[f"{name}_{end}"] = float(found[end][share])
        rows.append(row)
    columns = ["segment", "seen_days", *(f"{n}_{e}" for n in ("p25", "median", "p75") for e in ("days", "low", "high"))]
    return pd.DataFrame(rows, columns=columns).astype({"segment": "int64"})
