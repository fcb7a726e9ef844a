"""The registry of metrics: what each means, what it is made of and what it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from seglib.core.steady import steady_number

Kind = Literal["share", "ratio", "total"]
Unit = Literal["share", "money", "orders", "customers", "points"]
BASES = {"net": "net of what came back", "gross": "before returns"}  # what `money` in the plan counts
LEVELS = {"order_value", "discount_share", "margin_share", "return_share", "nps", "csat"}  # true of half a quarter too
MOMENTS = ("n", "x", "y", "xx", "xy", "yy")


@dataclass(frozen=True)
class Metric:
    """One metric: the sum of a numerator over customers, divided by the sum of a denominator.

    Parameters
    ----------
    name : str
        Name in the plan, with its unit.
    meaning : str
        One sentence; the quarter is always [start, as_of). `{money}` stands for what the plan counts, see `stated`.
    unit : {"share", "money", "orders", "customers", "points"}
    direction : {"up", "down"}
        Which way is better.
    kind : {"share", "ratio", "total"}
        share: yes or no per customer, Wilson interval; ratio: ratio of two sums, interval of the ratio of means with
        the customer as the unit; total: a sum, which is a fact of the quarter and has no interval.
    needs : tuple of str
        ``table.column`` of the contract, or ``events.visits``; orders are always there.
    numerator, denominator : callable
        From the table of facts (one row per customer, see `objectives.facts`) to a whole number per customer; they
        work on pandas and on engine tables alike.
    quarter_count : int
        Quarters that it looks at: 1 is the quarter itself, 2 the quarter and the one before.

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
        "retention_share", "Customers of the quarter before who bought again in this one, or had paid beyond it.",
        "share", "up", "share", (),
        lambda t: _whole((t.before_count > 0) & (t.order_count + t.paid_count > 0)),
        lambda t: _whole(t.before_count > 0), 2,
    ),
    Metric(
        "churn_share", "Customers of the quarter before who bought nothing in this one, nor had paid beyond it.",
        "share", "down", "share", (),
        lambda t: _whole((t.before_count > 0) & (t.order_count + t.paid_count == 0)),
        lambda t: _whole(t.before_count > 0), 2,
    ),
    Metric(
        "repeat_share", "Buyers of the quarter who ordered at least twice in it.",
        "share", "up", "share", (),
        lambda t: _whole(t.order_count > 1), lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "conversion_share", "Visitors of the quarter, known by customer, who also ordered in it.",
        "share", "up", "share", ("events.visits",),
        lambda t: _whole((t.event_count > 0) & (t.order_count > 0)), lambda t: _whole(t.event_count > 0),
    ),
    Metric(
        "engagement_share", "Customers of the quarter before who visited the web or the app in this one.",
        "share", "up", "share", ("events.visits",),
        lambda t: _whole((t.before_count > 0) & (t.event_count > 0)), lambda t: _whole(t.before_count > 0), 2,
    ),
    Metric(
        "email_response_share", "E-mails sent, with a complete outcome window, after which the customer ordered.",
        "share", "up", "ratio", ("contacts.channel", "contacts.sent_at"),
        lambda t: t.response_count, lambda t: t.email_count,
    ),
    Metric(
        "order_value", "Revenue per order, {money}.", "money", "up", "ratio", (),
        lambda t: t.revenue_minor, lambda t: t.order_count,
    ),
    Metric(
        "order_frequency", "Orders per buyer.", "orders", "up", "ratio", (),
        lambda t: t.order_count, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "buyer_value", "Revenue per buyer, {money}.", "money", "up", "ratio", (),
        lambda t: t.revenue_minor, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "revenue", "Money of all orders, {money}.", "money", "up", "total", (),
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
        "new_buyers", "Customers whose first order lies in the quarter.", "customers", "up", "total", (),
        lambda t: _whole(t.is_new), lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "margin", "Money of all orders, {money}, less the cost of the goods.", "money", "up", "total", ("orders.cost",),
        lambda t: t.revenue_minor - t.cost_minor, lambda t: _whole(t.order_count > 0),
    ),
    Metric(
        "return_share", "Money that came back in the quarter, per money charged for the orders of the quarter.",
        "share", "down", "ratio", ("orders.quantity",),
        lambda t: t.returned_minor, lambda t: t.charged_minor,
    ),
    Metric(
        "discount_share", "Discount granted per list amount of orders.", "share", "down", "ratio", ("orders.discount",),
        lambda t: t.discount_minor, lambda t: t.gross_minor + t.discount_minor,
    ),
    Metric(
        "margin_share", "Revenue less cost of goods, per revenue, {money}.", "share", "up", "ratio", ("orders.cost",),
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
    "engagement_share": "engagement",
    "email_response_share": "response to e-mails",
    "order_value": "order value",
    "order_frequency": "orders per buyer",
    "buyer_value": "revenue per buyer",
    "revenue": "revenue",
    "buyers": "buyers",
    "orders": "orders",
    "new_buyers": "new buyers",
    "margin": "margin in money",
    "return_share": "returned money",
    "discount_share": "discount",
    "margin_share": "margin",
    "nps": "NPS",
    "csat": "satisfied customers",
}
FORMULAS = {  # numerator and denominator in words; nothing to divide by for a total
    "retention_share": ("of these, who bought in the quarter", "buyers of the quarter before"),
    "churn_share": ("of these, who bought nothing in the quarter", "buyers of the quarter before"),
    "repeat_share": ("of these, who ordered twice or more", "buyers of the quarter"),
    "conversion_share": ("of these, who ordered in the quarter", "visitors of the quarter known by customer"),
    "engagement_share": ("of these, who visited in the quarter", "buyers of the quarter before"),
    "email_response_share": ("of these, followed by an order in the window", "e-mails sent, with a complete window"),
    "order_value": ("revenue, {money}", "orders"),
    "order_frequency": ("orders", "buyers of the quarter"),
    "buyer_value": ("revenue, {money}", "buyers of the quarter"),
    "revenue": ("price x quantity less discount, {money}, summed", ""),
    "buyers": ("customers with an order, counted", ""),
    "orders": ("orders, counted", ""),
    "new_buyers": ("customers with their first order, counted", ""),
    "margin": ("revenue, {money}, less cost of goods, summed", ""),
    "return_share": ("money that came back in the quarter", "money charged for the quarter's orders"),
    "discount_share": ("discount granted", "price x quantity"),
    "margin_share": ("revenue, {money}, less cost of goods", "the same revenue"),
    "nps": ("answers of 9 and 10 less answers of 0 to 6, times 100", "answers to 'nps'"),
    "csat": ("answers of 4 and 5", "answers to 'csat'"),
}


def stated(text: str, money: str) -> str:
    """Say which money a sentence is about.

    Parameters
    ----------
    text : str
        With `{money}` where it matters.
    money : {"net", "gross"}
        `money` of the plan.

    Examples
    --------
    >>> stated(METRICS["order_value"].meaning, "net"), stated("Buyers.", "gross")
    ('Revenue per order, net of what came back.', 'Buyers.')
    """
    return text.replace("{money}", BASES[money])


def of_people(name: str) -> bool:
    """Whether a metric, or an item of a survey, is a share of people.

    Examples
    --------
    >>> of_people("retention_share"), of_people("discount_share"), of_people("csat"), of_people("motive_price")
    (True, False, True, True)
    """
    return name not in METRICS or METRICS[name].kind == "share" or name == "csat"


def written(value: float, unit: str, currency: str = "") -> str:
    """Write a value for a sentence; money from a thousand on without the small change, as `present.amount` does.

    Examples
    --------
    >>> written(0.4261, "share"), written(1234.5, "money", "GBP"), written(31.04, "points"), written(2.5, "orders")
    ('42.6%', '1,234 GBP', '31.0', '2.50 orders')
    """
    if math.isnan(value):
        return "unknown"
    value = steady_number(value)
    if unit == "share":
        return f"{value:.1%}"
    if unit == "money":
        return f"{value:,.0f} {currency}" if abs(value) >= 1_000 else f"{value:,.2f} {currency}"
    if unit == "points":
        return f"{value:.1f}"
    return f"{value:,.0f} {unit}" if float(value).is_integer() else f"{value:,.2f} {unit}"
