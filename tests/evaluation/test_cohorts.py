"""Retention by age of the cohort."""

import ibis
import pandas as pd
import pytest

from seglib import charts
from seglib.core.engine import Engine
from seglib.core.quarters import Quarter
from seglib.evaluation import Scorecard
from seglib.evaluation.cohorts import by_age, retention
from seglib.methods.rates import wilson

PUBLISHED = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]


def orders(rows):
    frame = pd.DataFrame(rows, columns=["customer", "day"])
    times = pd.to_datetime(frame["day"])
    return ibis.memtable(frame.assign(ordered_at=times, ordered_on=times.dt.date))


ROWS = [("ann", "2026-01-05"), ("ann", "2026-04-05"), ("ann", "2026-04-06"), ("bob", "2026-02-05"),
        ("cat", "2026-04-30"), ("cat", "2026-08-01"), ("dan", "2026-05-01"), ("eve", "2026-10-01")]  # fmt: skip


def test_K1_cohorts_are_compared_at_the_same_age():
    """Ann and Bob began in Q1, Cat and Dan in Q2; Eve is beyond the quarter. Nobody's unfinished quarter counts."""
    found = retention(Engine.open(), orders(ROWS), Quarter("2026Q3"))

    assert found[["cohort", "age", "customers", "active"]].to_numpy().tolist() == [
        ["2026Q1", 0, 2, 2], ["2026Q1", 1, 2, 1], ["2026Q1", 2, 2, 0], ["2026Q2", 0, 2, 2], ["2026Q2", 1, 2, 1],
    ]  # fmt: skip


def test_the_oldest_cohort_is_left_out_of_the_pooled_line():
    """Only Cat and Dan are known to have begun when they did: one of two came back."""
    pooled = by_age(retention(Engine.open(), orders(ROWS), Quarter("2026Q3")))
    low, high = wilson(1, 2)

    assert pooled[["age", "customers", "active", "share"]].to_numpy().tolist() == [[1, 2, 1, 0.5]]
    assert (pooled["low"][0], pooled["high"][0]) == (low, high)


def test_a_fiscal_year_moves_the_quarters():
    """With a year that starts in February, Ann's January and Bob's February lie in different quarters."""
    found = retention(Engine.open(), orders(ROWS), Quarter("2027Q2", 2))

    assert found.loc[found["age"] == 0, "customers"].tolist() == [1, 2, 1]


def test_the_cohort_of_december_2010_has_the_published_counts(shared_data):
    """UCI data set 352: customers of 2010-12 who ordered 0, 1 ... 12 months later (PUBLISHED_NUMBERS)."""
    raw = pd.read_parquet(shared_data("online_retail/online_retail.parquet"))
    raw = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    frame = pd.DataFrame({"customer": raw["CustomerID"].astype(str), "day": raw["InvoiceDate"]})
    found = retention(Engine.open(), orders(frame), Quarter("2011Q4"), months=1)

    assert found.loc[found["cohort"] == "2010-12", "active"].tolist() == PUBLISHED


@pytest.mark.parametrize("months", [1, 3])
def test_no_orders_no_cohorts(months):
    """An empty study has no curve."""
    empty = orders(ROWS).filter(ibis._.customer == "nobody")

    assert by_age(retention(Engine.open(), empty, Quarter("2026Q3"), months)).empty


def card(cohorts, floor=1):
    """A scorecard that holds nothing but cohorts."""
    none = pd.DataFrame()
    return Scorecard(none, none, none, none, none, none, "", cohorts=cohorts, floor=floor)


def test_the_picture_says_its_numbers_and_needs_two_quarters():
    """The alt text holds the pooled shares; without a curve there is a sentence."""
    found = retention(Engine.open(), orders(ROWS), Quarter("2026Q3"))

    assert charts.retention(card(found)).alt.endswith("after 1: 50% of 2.")
    assert charts.retention(card(found.iloc[:0])).alt == "Retention by age needs at least two quarters of orders."


def test_cohorts_below_the_floor_are_not_shown():
    """Two customers are too few where three are asked for."""
    found = retention(Engine.open(), orders(ROWS), Quarter("2026Q3"))

    assert card(found).retention_table()["first order"].tolist() == ["2026Q1 or earlier", "2026Q2"]
    assert card(found, floor=3).retention_table().empty
    assert card(found, floor=3).retention_by_age().empty
