"""Recency, frequency, money: when last, how often, for how much."""

from __future__ import annotations

from seglib.criteria.criterion import Criterion

CRITERIA = (
    Criterion(
        "recency_days",
        "rfm",
        "days",
        "Days since the last order.",
        "visits",
        lambda t, clock: clock.days_since(t.ordered_on.max(where=t.recent)),
        clusters=True,
        whole=True,
        follows=True,
    ),
    Criterion(
        "order_count",
        "rfm",
        "orders",
        "Orders in the window.",
        "visits",
        lambda t, _: t.recent.sum(),
        clusters=True,
        whole=True,
        follows=True,
    ),
    Criterion(
        "monetary_minor",
        "rfm",
        "money",
        "Total paid in the window, {money}.",
        "visits",
        lambda t, _: t.amount_minor.sum(where=t.recent),
        whole=True,
        follows=True,
    ),
    Criterion(
        "order_value_minor",
        "rfm",
        "money",
        "Mean paid per order in the window, {money}.",
        "visits",
        lambda t, _: t.amount_minor.sum(where=t.recent) / t.recent.sum().nullif(0),
        clusters=True,
        follows=True,
    ),
)
