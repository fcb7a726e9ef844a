"""Journeys: stages, pairs of states, gaps, on orders and events that can be counted by eye."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib import journeys
from seglib.core.plan import Plan
from seglib.journeys.pairs import event_pairs, order_days, order_pairs
from seglib.methods.transitions import transition_table

AS_OF = datetime(2026, 10, 1)
PLAN = Plan.parse("study: tea\nsources: {orders: {file: orders.csv}}\nprivacy: {floor: 2}")
RULES = PLAN.journeys


def orders(days_ago: dict[str, list[int]], **more: list[str]) -> ibis.Table:
    """Make one order line per customer and number of days before as_of."""
    rows = [(who, AS_OF.date() - timedelta(days=ago)) for who, agos in days_ago.items() for ago in agos]
    frame = pd.DataFrame(rows, columns=["customer", "ordered_on"]).assign(amount_minor=100, **more)
    return ibis.memtable(frame.assign(ordered_at=pd.to_datetime(frame["ordered_on"]) + pd.Timedelta(hours=10)))


def members(*names: str) -> ibis.Table:
    """Put everybody into segment 1."""
    return ibis.memtable(pd.DataFrame({"customer": list(names), "segment": 1}))


@pytest.mark.parametrize(
    ("days_ago", "stage"),
    [
        ([1], "new"),
        ([60], "new"),
        ([61], "active"),
        ([400, 300, 150, 90], "active"),
        ([400, 91], "at_risk"),
        ([180], "at_risk"),
        ([181], "lapsed"),
        ([300, 20], "reactivated"),
        ([300, 80, 20], "reactivated"),
        ([400, 200, 20], "active"),
    ],
)
def test_stages_at_their_edges(days_ago, stage):
    """60, 90 and 180 days belong to the earlier stage; a gap of exactly 180 days is no reactivation."""
    found = journeys.stages_of(orders({"a": days_ago}), RULES, AS_OF).to_pandas()

    assert found["stage"].tolist() == [stage]


def test_everybody_has_exactly_one_stage():
    """Every customer of any history appears once, in a stage that the rules name."""
    history = {f"c{first}-{last}": [first, last] for first in range(1, 400, 7) for last in range(1, first + 1, 11)}
    found = journeys.stages_of(orders(history), RULES, AS_OF).to_pandas()

    assert sorted(found["customer"]) == sorted(history)
    assert set(found["stage"]) == set(journeys.STAGES) == set(journeys.stage_rules(RULES)["stage"])


def test_small_stages_are_blank():
    """A stage of one customer is blank, an empty one is zero, and the denominator is the whole segment."""
    stages = ibis.memtable(pd.DataFrame({"customer": list("abcd"), "segment": 1, "stage": ["new"] * 3 + ["lapsed"]}))
    shares = journeys.stage_shares(stages, [1], floor=2).set_index("stage")

    assert shares.loc["new", ["customers", "n", "share"]].tolist() == [3, 4, 0.75]
    assert shares.loc["lapsed", ["customers", "share", "low"]].isna().all()
    assert shares.loc["active", "share"] == 0


def test_events_pair_within_sessions_only():
    """A session of three events gives two steps and an exit; a pause of 31 minutes ends a session."""
    minutes = {"visit": 0, "view": 5, "cart": 36}
    rows = [("a", AS_OF + timedelta(minutes=at), event, None) for event, at in minutes.items()]
    events = pd.DataFrame(rows, columns=["customer", "event_at", "event", "session_id"]).astype(
        {"session_id": "string"}
    )
    pairs = event_pairs(ibis.memtable(events), members("a"), 30).to_pandas()

    assert sorted(zip(pairs["from_state"], pairs["to_state"], strict=True)) == [
        ("cart", "exit"),
        ("view", "exit"),
        ("visit", "view"),
    ]


def test_a_given_session_holds_over_a_long_pause():
    """Two hours apart but one session by its id; a recorded exit starts nothing."""
    rows = [
        ("a", AS_OF, "visit", "s"),
        ("a", AS_OF + timedelta(hours=2), "view", "s"),
        ("a", AS_OF + timedelta(hours=3), "exit", "s"),
    ]
    events = pd.DataFrame(rows, columns=["customer", "event_at", "event", "session_id"])
    pairs = event_pairs(ibis.memtable(events), members("a"), 30).order_by("from_state").to_pandas()

    assert pairs[["from_state", "to_state"]].to_numpy().tolist() == [["view", "exit"], ["visit", "view"]]


def test_orders_pair_by_the_gap_and_only_with_full_follow_up():
    """Gaps of 20 and 100 days; the last order, 130 days old, has not been followed for 180 days yet."""
    pairs = order_pairs(orders({"a": [250, 230, 130]}), members("a"), RULES, AS_OF, None).to_pandas()

    assert sorted(zip(pairs["from_state"], pairs["to_state"], strict=True)) == [
        ("first order", "within 30 days"),
        ("within 30 days", "91 to 180 days"),
    ]


def test_an_order_without_a_next_one_leads_to_none():
    """An order 181 days ago with nothing after it counts; one 180 days ago does not."""
    pairs = order_pairs(orders({"a": [181], "b": [180]}), members("a", "b"), RULES, AS_OF, None).to_pandas()

    assert pairs[["customer", "to_state"]].to_numpy().tolist() == [["a", "no order in 180 days"]]


def test_orders_pair_by_category_where_there_is_one():
    """Tea first, cups later; more than 180 days later nothing follows."""
    lines = orders({"a": [500, 400, 200]}, category=["tea", "cups", "cups"])
    pairs = order_pairs(lines, members("a"), RULES, AS_OF, "category").to_pandas()

    assert sorted(zip(pairs["from_state"], pairs["to_state"], strict=True)) == [
        ("cups", "no order in 180 days"),
        ("cups", "no order in 180 days"),
        ("tea", "cups"),
    ]


def test_a_day_has_the_item_of_most_money_and_the_first_name_of_equals():
    """Cups cost more on one day; tea and cups are equal on another, where the first name wins."""
    rows = [("a", 1, "tea", 100), ("a", 1, "cups", 300), ("a", 2, "tea", 50), ("a", 2, "cups", 50)]
    frame = pd.DataFrame(rows, columns=["customer", "day", "category", "amount_minor"])
    frame["ordered_on"] = [date(2026, 1, day) for day in frame.pop("day")]

    assert order_days(ibis.memtable(frame), "category").order_by("ordered_on").to_pandas()["item"].tolist() == [
        "cups",
        "cups",
    ]


def test_gaps_are_counted_between_days_not_orders():
    """Two orders on one day are one visit: gaps of 30 and 10 days, median 20."""
    gaps = journeys.gap_quantiles(orders({"a": [50, 50, 20, 10], "b": [50, 20, 10]}), members("a", "b"), floor=2)

    assert gaps[["n", "median_days"]].to_numpy().tolist() == [[4, 20.0]]


def test_transitions_have_denominators_and_wilson_intervals():
    """Of four visits three go on to a view."""
    pairs = pd.DataFrame({"segment": 1, "from_state": "visit", "to_state": ["view", "exit"], "count": [3, 1]})
    row = transition_table(pairs).set_index("to_state").loc["view"]

    assert row[["count", "n", "share"]].tolist() == [3, 4, 0.75]
    assert row["share_low"] < 0.75 < row["share_high"]


def traced(events: pd.DataFrame | None = None, late: bool = False) -> journeys.Journeys:
    """Trace six customers; with `late`, rows after as_of are added."""
    history = {name: [300, 250, 20 + place] for place, name in enumerate("abcdef")}
    bought = orders(history | ({"a": [300, 250, 20, -5], "z": [-9]} if late else {}))
    named = pd.DataFrame({"segment": [1], "name": ["A"], "identity": [1]})
    collection = SimpleNamespace(
        orders=bought, events=None if events is None else ibis.memtable(events), has=lambda t, c: False
    )
    return journeys.trace(collection, SimpleNamespace(labels=members(*"abcdef"), segments=named), PLAN, AS_OF)


def test_nothing_after_as_of_changes_anything():
    """Orders after the quarter leave stages, transitions and gaps as they were."""
    before, after = traced(), traced(late=True)

    pd.testing.assert_frame_equal(before.stages, after.stages)
    pd.testing.assert_frame_equal(before.transitions, after.transitions)
    pd.testing.assert_frame_equal(before.gaps, after.gaps)


def test_a_study_without_events_says_which_file_would_help():
    """Transitions come from orders, and the first note names events.csv."""
    found = traced()

    assert found.source == "orders"
    assert "events.csv" in found.notes[0]
    assert found.check().startswith("0% of 6 customers are at risk and 0% have lapsed.")


def test_with_events_the_end_of_the_way_is_exit():
    """States are in the order of the way, and drop-off names the share that leaves."""
    rows = [
        (who, AS_OF - timedelta(days=3, minutes=-at), event, "s")
        for who in "abcdef"
        for at, event in enumerate(["visit", "view"])
    ]
    found = traced(pd.DataFrame(rows, columns=["customer", "event_at", "event", "session_id"]))

    assert found.states == ("visit", "view", "exit")
    assert found.drop_off()[["after", "times", "share"]].to_numpy().tolist() == [["view", "6", "100.0%"]]
