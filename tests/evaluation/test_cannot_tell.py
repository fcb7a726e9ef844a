"""A small planted study in which the models of the future must fail, and must say so."""

from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.evaluation import lifetime

PLAN = "study: a\nsources: {orders: {file: o.csv}}"
CANNOT = "the data cannot tell"
CLOCKWORK = "2025-01-01", "2026-09-30"


def subscribers(count: int, every_days: int, amounts: tuple[int, ...]) -> list[tuple[str, pd.Timestamp, int]]:
    """Customers who order like clockwork and never stop, one after the other, for these amounts in turn."""
    rows = []
    for number in range(count):
        first = pd.Timestamp(CLOCKWORK[0]) + pd.Timedelta(days=number % every_days)
        days = pd.date_range(first, CLOCKWORK[1], freq=f"{every_days}D")
        rows += [(f"c{number:03d}", day, amounts[place % len(amounts)]) for place, day in enumerate(days)]
    return rows


def ahead(rows: list[tuple[str, pd.Timestamp, int]]) -> lifetime.Ahead:
    """What lies ahead of these customers, who are one segment."""
    orders = pd.DataFrame(rows, columns=["customer", "ordered_at", "amount_minor"])
    orders["ordered_on"] = orders["ordered_at"].dt.date
    customers = sorted(set(orders["customer"]))
    run = SimpleNamespace(plan=Plan.parse(PLAN), quarter=Quarter("2026Q3"), engine=Engine.open(), seed=0)
    kinds = pd.DataFrame({"segment": [1], "name": ["All"], "identity": [1], "customers": [len(customers)]})
    labels = ibis.memtable(pd.DataFrame({"customer": customers, "segment": 1}))
    segments = SimpleNamespace(labels=labels, segments=kinds)
    return lifetime.per_segment(run, SimpleNamespace(orders=ibis.memtable(orders)), segments, segments)


@pytest.fixture(scope="module", params=[(1000,), (600, 1000, 1400)], ids=["one price", "prices in turn"])
def study(request: pytest.FixtureRequest) -> lifetime.Ahead:
    """Forty subscribers, every four weeks, for one price and for three in turn."""
    return ahead(subscribers(40, 28, request.param))


def test_who_never_stops_is_not_told_when_to_stop(study: lifetime.Ahead) -> None:
    """Nobody has stopped: no chance to stop can be known, and the notes say so."""
    assert any("stop" in note and CANNOT in note for note in study.notes)


def test_who_orders_alike_is_not_told_apart(study: lifetime.Ahead) -> None:
    """All order every four weeks: how customers differ cannot be known, and the notes say so."""
    assert any("how often" in note and CANNOT in note for note in study.notes)


def test_what_does_not_depend_on_it_is_still_there(study: lifetime.Ahead) -> None:
    """Thirteen orders of 10.00 lie in the interval of one customer, and the check of a quarter is close."""
    row = study.clv.iloc[0]

    assert row["one_low_minor"] < 13 * 1000 < row["one_high_minor"]
    assert row["clv_minor"] == pytest.approx(13 * 1000, rel=0.1)
    assert any("close" in note for note in study.notes)
