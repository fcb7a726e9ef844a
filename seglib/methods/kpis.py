"""The registry of metrics: what each means, what it needs, and how its value and interval follow from moments."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from seglib.methods.rates import wilson

Kind = Literal["share", "ratio", "total"]
Unit = Literal["share", "money", "orders", "customers", "points"]
MOMENTS = ("n", "x", "y", "xx", "xy", "yy")


@dataclass(frozen=True)
class Metric:
    """One metric: the sum of a numerator over customers, divided by the sum of a denominator.

    Parameters
    ----------
    name : str
        Name in the plan, with its unit.
    meaning : str
        One sentence; the quarter is always [start, as_of).
    unit : {"share", "money", "orders", "customers", "points"}
    direction : {"up", "down"}
        Which way is better.
    kind : {"share", "ratio", "total"}
        share: yes or no per customer, Wilson interval; ratio: ratio of two sums, interval of the ratio of means with
        the customer as the unit; total: a sum, which is a fact of the quarter and has no interval.
    needs : tuple of str
        ``table.column`` of the contract; orders are always there.
    numerator, denominator : callable
        From the table of facts (one row per customer, see `objectives.facts`) to a whole number per customer; they
        work on pandas and on engine tables alike.
    quarter_count : int
        Quarters of orders that it looks at.

    Examples
    --------
    >>> METRICS["retention_share"].needs
    ()
    >>> METRICS["nps"].needs
    ('feedback.item', 'feedback.answer')
    """

    name: str
    meaning: str
    unit: Unit
    direction: Literal["up", "down"]
    kind: Kind
    needs: tuple[str, ...]
    numerator: Callable[[Any], Any]
    denominator: Callable[[Any], Any]
    quarter_count: int = 1


def _whole(condition: Any) -> Any:
    return condition.astype("int64") if isinstance(condition, pd.Series) else condition.cast("int64")


# fmt: off
_TABLE = (
    Metric(
        "retention_share", "Customers of the quarter before who bought again in this one.",
        "share", "up", "share", (),
        lambda t: _whole((t.before_count > 0) & (t.order_count > 0)), lambda t: _whole(t.before_count > 0), 2,
    ),
    Metric(
        "churn_share", "Customers of the quarter before who bought nothing in this one.",
        "share", "down", "share", (),
        lambda t: _whole((t.before_count > 0) & (t.order_count == 0)), lambda t: _whole(t.before_count > 0), 2,
    ),
    Metric(
        "repeat_share", "Buyers of the quarter who ordered at least twice in it.",
        "share", "up", "share", (),
        lambda t: _whole(t.order_count > 1), lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "conversion_share", "Visitors of the quarter, known by customer, who also ordered in it.",
        "share", "up", "share", ("events.event_at",),
        lambda t: _whole((t.event_count > 0) & (t.order_count > 0)), lambda t: _whole(t.event_count > 0),
    ),
    Metric(
        "email_response_share", "E-mails with a complete outcome window after which the customer ordered.",
        "share", "up", "ratio", ("contacts.channel", "contacts.sent_at"),
        lambda t: t.response_count, lambda t: t.email_count,
    ),
    Metric(
        "order_value", "Revenue per order.", "money", "up", "ratio", (),
        lambda t: t.revenue_minor, lambda t: t.order_count,
    ),
    Metric(
        "order_frequency", "Orders per buyer.", "orders", "up", "ratio", (),
        lambda t: t.order_count, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "buyer_value", "Revenue per buyer.", "money", "up", "ratio", (),
        lambda t: t.revenue_minor, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "revenue", "Money of all orders, gross of returns.", "money", "up", "total", (),
        lambda t: t.revenue_minor, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "buyers", "Customers with at least one order.", "customers", "up", "total", (),
        lambda t: _whole(t.order_count > 0), lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "orders", "Orders placed.", "orders", "up", "total", (),
        lambda t: t.order_count, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "return_share", "Money of returned lines per money of orders.", "share", "down", "ratio", ("orders.quantity",),
        lambda t: t.returned_minor, lambda t: t.revenue_minor,
    ),
    Metric(
        "discount_share", "Discount granted per money of orders.", "share", "down", "ratio", ("orders.discount",),
        lambda t: t.discount_minor, lambda t: t.revenue_minor,
    ),
    Metric(
        "margin_share", "Revenue less cost of goods, per revenue.", "share", "up", "ratio", ("orders.cost",),
        lambda t: t.revenue_minor - t.cost_minor, lambda t: t.revenue_minor,
    ),
    Metric(
        "nps", "Share of 9 and 10 less share of 0 to 6 among answers to 'nps', times 100.",
        "points", "up", "ratio", ("feedback.item", "feedback.answer"),
        lambda t: t.nps_sum * 100, lambda t: t.nps_count,
    ),
    Metric(
        "csat", "Answers of 4 or 5 among answers to 'csat'.",
        "share", "up", "ratio", ("feedback.item", "feedback.answer"),
        lambda t: t.csat_sum, lambda t: t.csat_count,
    ),
)
# fmt: on
METRICS: dict[str, Metric] = {metric.name: metric for metric in _TABLE}
WORDS = {  # how a reader calls a metric
    "retention_share": "retention",
    "churn_share": "churn",
    "repeat_share": "two orders or more",
    "conversion_share": "conversion",
    "email_response_share": "response to e-mails",
    "order_value": "order value",
    "order_frequency": "orders per buyer",
    "buyer_value": "revenue per buyer",
    "revenue": "revenue",
    "buyers": "buyers",
    "orders": "orders",
    "return_share": "returned money",
    "discount_share": "discount",
    "margin_share": "margin",
    "nps": "NPS",
    "csat": "satisfied customers",
}
BOUNDS = {"share": (0.0, 1.0), "points": (-100.0, 100.0)}


def estimate(metric: Metric, moments: dict[str, float], level: float = 0.95) -> dict[str, float]:
    """Turn the moments of a group into the metric's value, interval, n and standard deviation.

    Parameters
    ----------
    metric : Metric
        Which one.
    moments : dict
        n (customers with a numerator or a denominator), and the sums x, y, xx, xy, yy of numerator and denominator.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    dict
        value, low, high (NaN where there is none), n, and sd: standard deviation of one customer's contribution, in the
        unit of the value.

    Notes
    -----
    Shares: Wilson (1927). Ratios: linearisation of the ratio of two means, Cochran (1977), Sampling Techniques,
    eq. 6.12, with Student's t.

    Examples
    --------
    >>> found = estimate(METRICS["retention_share"], {"n": 263, "x": 81, "y": 263, "xx": 81, "xy": 81, "yy": 263})
    >>> {key: round(found[key], 4) for key in ("value", "low", "high")}
    {'value': 0.308, 'low': 0.2553, 'high': 0.3662}
    """
    n, x, y, xx, xy, yy = (float(moments[key]) for key in MOMENTS)
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan, "n": n, "sd": math.nan}
    if metric.kind == "total":
        return {**nothing, "value": x}
    if y <= 0:
        return {**nothing, "n": 0.0}
    value = x / y
    if metric.kind == "share":
        low, high = (float(end) for end in wilson(int(x), int(y), level))
        return {"value": value, "low": low, "high": high, "n": y, "sd": math.sqrt(value * (1 - value))}
    if n < 2:
        return {**nothing, "value": value}
    scatter = max(xx - 2 * value * xy + value**2 * yy, 0.0) / (n - 1)
    sd = math.sqrt(scatter) / (y / n)
    margin = float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / math.sqrt(n)
    floor, ceiling = BOUNDS.get(metric.unit, (-math.inf, math.inf))
    low, high = max(value - margin, floor), min(value + margin, ceiling)
    return {"value": value, "low": low, "high": high, "n": n, "sd": sd}


def verdict(direction: str, target: float, value: float, low: float, high: float) -> str:
    """Say whether a target is reached, as far as the interval allows.

    Parameters
    ----------
    direction : {"up", "down"}
        Which way is better.
    target, value, low, high : float
        In one unit; low and high are NaN for a total, which is known exactly.

    Returns
    -------
    str
        ``"reached"``, ``"not reached"`` or ``"cannot tell"``.

    Examples
    --------
    >>> verdict("up", 0.45, 0.48, 0.46, 0.50), verdict("down", 0.45, 0.48, 0.46, 0.50)
    ('reached', 'not reached')
    >>> verdict("up", 0.47, 0.48, 0.46, 0.50)
    'cannot tell'
    """
    if np.isnan(value) or np.isnan(target):
        return "cannot tell"
    sign = 1.0 if direction == "up" else -1.0
    ends = (value, value) if np.isnan(low) or np.isnan(high) else (low, high)
    worst, best = sorted(sign * end for end in ends)
    if worst >= sign * target:
        return "reached"
    return "not reached" if best < sign * target else "cannot tell"


def suppress(kpis: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Blank the values of groups below the floor, and one more where a difference would give them away.

    Parameters
    ----------
    kpis : DataFrame
        metric, segment (0: everybody), value, low, high, n.
    floor : int
        Smallest n that may be shown.

    Returns
    -------
    DataFrame
        With value, low, high and n missing in those rows.

    Examples
    --------
    >>> few = pd.DataFrame({"metric": "buyers", "segment": [0, 1, 2, 3], "value": [99.0, 3, 30, 66], "low": math.nan,
    ...     "high": math.nan, "n": [99, 3, 30, 66]})
    >>> suppress(few, 10)["n"].isna().tolist()
    [False, True, True, False]
    """
    blank = kpis["n"] < floor
    alone = blank & (kpis["segment"] > 0) & (kpis["n"] > 0)
    single = alone.groupby(kpis["metric"]).transform("sum") == 1
    rest = kpis["n"].where(~blank & single & (kpis["segment"] > 0))
    blank |= rest.notna() & (rest == rest.groupby(kpis["metric"]).transform("min"))
    hidden = kpis.astype({"n": "Int64"})
    hidden.loc[blank, ["value", "low", "high"]] = math.nan
    return hidden.assign(n=hidden["n"].mask(blank))


def written(value: float, unit: str, currency: str = "") -> str:
    """Write a value for a sentence.

    Examples
    --------
    >>> written(0.4261, "share"), written(1234.5, "money", "GBP"), written(31.04, "points"), written(2.5, "orders")
    ('42.6%', '1,234.50 GBP', '31.0', '2.50 orders')
    """
    if math.isnan(value):
        return "unknown"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "money":
        return f"{value:,.0f} {currency}" if abs(value) >= 100_000 else f"{value:,.2f} {currency}"
    if unit == "points":
        return f"{value:.1f}"
    return f"{value:,.0f} {unit}" if float(value).is_integer() else f"{value:,.2f} {unit}"
