"""Journeys: stages, pairs of states, gaps, on orders and events that can be counted by eye."""

from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import journeys
from seglib.core.plan import Plan
from seglib.core.sections import Journeys
from seglib.journeys import lifecycle
from seglib.journeys.build import shown_transitions
from seglib.journeys.findings import ranked
from seglib.journeys.lifecycle import cohorts, moves
from seglib.journeys.pairs import event_pairs, order_days, order_pairs, says_enough
from seglib.journeys.sums import funnel_sums, sessions, step_shares, transition_sums
from seglib.journeys.tables import Tables, _window
from seglib.journeys.waits import waits

AS_OF = datetime(2026, 10, 1)
PLAN = Plan.parse("study: tea\nsources: {orders: {file: orders.csv}}\nprivacy: {floor: 2}")
RULES = PLAN.journeys


def orders(days_ago: dict[str, list[int]], **more: list[str]) -> ibis.Table:
    """Make one order line per customer and number of days before as_of."""
    rows = [(who, AS_OF.date() - timedelta(days=ago)) for who, agos in days_ago.items() for ago in agos]
    frame = pd.DataFrame(rows, columns=["customer", "ordered_on"]).assign(amount_minor=100, order_id="o", **more)
    return ibis.memtable(frame.assign(ordered_at=pd.to_datetime(frame["ordered_on"]) + pd.Timedelta(hours=10)))


def members(*names: str) -> ibis.Table:
    """Put everybody into segment 1."""
    return ibis.memtable(pd.DataFrame({"customer": list(names), "segment": 1}))


@pytest.mark.parametrize(
    ("days_ago", "stage"),
    [
        ([1], "new"),
        ([61], "new"),
        ([62], "active"),
        ([400, 300, 150, 90], "active"),
        ([400, 92], "at_risk"),
        ([181], "at_risk"),
        ([182], "lapsed"),
        ([300, 20], "reactivated"),
        ([300, 80, 20], "reactivated"),
        ([400, 200, 20], "active"),
    ],
)
def test_stages_at_their_edges(days_ago, stage):
    """60, 90 and 180 days before the last day belong to the earlier stage; a gap of 180 days is no reactivation."""
    found = lifecycle.stages_of(orders({"a": days_ago, "z": [900]}), RULES, AS_OF).to_pandas().set_index("customer")

    assert found["stage"].to_dict() == {"a": stage, "z": "lapsed"}


@pytest.mark.parametrize(("begin", "stage", "since"), [(200, "new", 20), (199, "active", 20), (60, "active", 20)])
def test_who_first_ordered_soon_after_the_data_begin_is_not_called_new(begin, stage, since):
    """A first order 20 days ago is one only where 180 days before it are known, and else shows an active customer."""
    found = lifecycle.stages_of(orders({"a": [20], "z": [begin]}), RULES, AS_OF).to_pandas().set_index("customer")

    assert found.loc["a", "stage"] == stage
    assert (pd.Timestamp(AS_OF) - pd.to_datetime(found["since_on"])).dt.days["a"] == since


def test_everybody_has_exactly_one_stage():
    """Every customer of any history appears once, in a stage that the rules name."""
    history = {f"c{first}-{last}": [first, last] for first in range(1, 400, 7) for last in range(1, first + 1, 11)}
    found = lifecycle.stages_of(orders(history), RULES, AS_OF).to_pandas()

    assert sorted(found["customer"]) == sorted(history)
    assert set(found["stage"]) == set(lifecycle.STAGES) == set(lifecycle.stage_rules(RULES)["stage"])


def test_R16_small_stages_are_blank_and_so_is_the_one_that_gives_them_away():
    """A stage of one customer is blank, and the next smallest too; an empty one is zero, the total is the segment."""
    stage = ["new"] * 3 + ["active"] * 4 + ["lapsed"]
    stages = ibis.memtable(pd.DataFrame({"customer": list("abcdefgh"), "segment": 1, "stage": stage}))
    shares = lifecycle.stage_shares(stages, [1], floor=2).set_index("stage")

    assert shares.loc["active", ["customers", "n", "share"]].tolist() == [4, 8, 0.5]
    assert shares.loc[["lapsed", "new"], ["customers", "share", "low"]].isna().all(axis=None)
    assert shares.loc["reactivated", "share"] == 0


def test_R16_nearly_all_in_one_stage_is_a_bound():
    """Of forty customers two lapsed and one is new: the active ones are told as over three quarters."""
    stage = ["active"] * 37 + ["lapsed"] * 2 + ["new"]
    stages = ibis.memtable(pd.DataFrame({"customer": [f"c{i}" for i in range(40)], "segment": 1, "stage": stage}))
    shown = Tables()
    shown.stages = lifecycle.stage_shares(stages, [1], floor=10).assign(name="Regulars")

    assert shown.shares().iloc[0].tolist() == ["Regulars", "", "over 75.0%", "0.0%", "0.0%", ""]


def test_R16_where_no_share_may_be_bounded_the_cells_are_blank():
    """A small group in a study in which no stage holds nearly everybody."""
    stages = {"segment": 1, "name": "Few", "stage": list(lifecycle.STAGES), "share": [0.5, *[float("nan")] * 4]}
    shown = Tables()
    shown.stages = pd.DataFrame(stages).assign(least=float("nan"))

    assert shown.shares().iloc[0].tolist() == ["Few", "50.0%", "", "", "", ""]


@pytest.mark.parametrize(
    ("ordered", "until", "stage", "since"),
    [
        ([300], [-65], "active", 239),
        ([330], [-35], "active", 269),
        ([365], [100], "at_risk", 9),
        ([365], [190], "lapsed", 9),
        ([500, 135], [135, -230], "active", 439),
        ([700, 135], [335, -230], "active", 44),
    ],
    ids=["paid", "paid for longer", "ended", "ended long ago", "renewed in time", "renewed late"],
)
def test_what_is_paid_for_is_no_silence(ordered, until, stage, since):
    """A yearly subscriber is active until the year ends; silence begins there, and a renewal in time is no return."""
    ends = [None if ago is None else AS_OF - timedelta(days=ago) for ago in until]
    lines = orders({"a": ordered}, valid_until=ends).union(orders({"z": [900]}, valid_until=[pd.NaT]))
    found = lifecycle.stages_of(lines, RULES, AS_OF).to_pandas().set_index("customer")

    assert found.loc["a", "stage"] == stage
    assert (pd.Timestamp(AS_OF) - pd.to_datetime(found["since_on"])).dt.days["a"] == since


def stage_by_hand(days_ago: list[int], rules: Journeys, begin: int) -> str:
    """The stage of one customer, said in the words of the rules, counted back from the last day; so do the data."""
    past = sorted(days_ago, reverse=True)
    gaps = {later: earlier - later for earlier, later in pairwise(past)}
    if past[-1] > rules.at_risk_days:
        return "lapsed"
    if past[-1] > rules.active_days:
        return "at_risk"
    if past[0] <= rules.new_days and begin - past[0] >= rules.at_risk_days:
        return "new"
    back = [ago for ago, gap in gaps.items() if gap > rules.at_risk_days]
    return "reactivated" if back and min(back) <= rules.active_days else "active"


@pytest.mark.parametrize("days", [(60, 90, 180), (120, 30, 70), (5, 5, 9)])
def test_every_customer_day_has_exactly_one_stage_and_its_first_day(days):
    """On any day of 30 random histories the stage is that of the rules read aloud, since the day it first held."""
    rng, rules = np.random.default_rng(1), Journeys(new_days=days[0], active_days=days[1], at_risk_days=days[2])
    history = {f"c{i}": rng.choice(range(1, 420), rng.integers(1, 7), replace=False).tolist() for i in range(30)}
    begin = max(max(agos) for agos in history.values())
    for back in (0, 1, 33, 150, 290):
        as_of = AS_OF - timedelta(days=back)
        found = lifecycle.stages_of(orders(history), rules, as_of).order_by("customer").to_pandas()
        rows = []
        for who, agos in sorted(history.items()):
            aloud = [
                stage_by_hand([a - day - 1 for a in agos if a > day], rules, begin - day - 1)
                for day in range(back, max(agos))
            ]
            rows += [(who, aloud[0], sum(1 for _ in takewhile(aloud[0].__eq__, aloud)))] if aloud else []

        assert found[["customer", "stage"]].to_numpy().tolist() == [[who, stage] for who, stage, _ in rows]
        assert (pd.Timestamp(as_of) - pd.to_datetime(found["since_on"])).dt.days.tolist() == [n for *_, n in rows]


def test_moves_go_from_the_first_day_to_the_last():
    """Two stay active, two slip to at risk; a customer who came during the quarter is in no row."""
    history = {"a": [300, 200, 100, 30], "b": [300, 200, 95, 3], "c": [300, 200, 150], "d": [300, 200, 140], "e": [9]}
    before, after = (lifecycle.stages_of(orders(history), RULES, moment) for moment in (AS_OF - timedelta(92), AS_OF))
    rows = moves(before, after, members(*"abcde"), floor=2)

    assert rows[["from_stage", "to_stage", "customers", "n"]].to_numpy().tolist() == [
        ["active", "active", 2, 4],
        ["active", "at_risk", 2, 4],
    ]


def test_waits_are_those_that_the_quarter_saw():
    """A wait that ended before the quarter is out; an open one starts at its age; the last one ends at the last day."""
    start = AS_OF - timedelta(days=92)
    found = waits(orders({"a": [150, 120, 30]}), members("a"), start, AS_OF).order_by("entry_days").to_pandas()

    assert found[["entry_days", "exit_days", "came_back"]].to_numpy().tolist() == [[0, 29, False], [27, 90, True]]


def test_a_window_that_nobody_saw_to_its_end_names_one_day():
    """Half are back by day 85, and nobody was followed for longer: not 85 to 85."""
    row = {"median_days": 85.0, "p75_days": float("nan"), "seen_days": 85.0}

    assert (_window(row), _window({**row, "seen_days": 205.0})) == ("85 or later", "85 to 205 or later")
    assert (_window({**row, "p75_days": 85.0}), _window({**row, "p75_days": 116.0})) == ("85", "85 to 116")


def test_a_cohort_is_followed_month_by_month():
    """Three customers start in July; two of them order in August, all in September; October is not there yet."""
    rows = cohorts(orders({"a": [90, 40, 5], "b": [80, 50, 10], "c": [70, 20, -3]}), AS_OF, floor=2)

    assert rows[["cohort", "month", "customers", "n"]].to_numpy().tolist() == [
        ["2026-07", 0, 3, 3],
        ["2026-07", 1, 2, 3],
        ["2026-07", 2, 3, 3],
    ]


def test_sessions_make_a_funnel_with_what_was_lost():
    """Of three sessions two come to the cart and one buys; who skips a step has passed it."""
    paths = {"a": ["visit", "view", "cart", "purchase"], "b": ["visit", "cart"], "c": ["visit"]}
    rows = [(who, AS_OF + timedelta(minutes=m), e, who) for who, path in paths.items() for m, e in enumerate(path)]
    events = pd.DataFrame(rows, columns=["customer", "event_at", "event", "session_id"])
    pairs = event_pairs(ibis.memtable(events), members(*"abc"), 30)
    way = ("visit", "view", "cart", "purchase")
    sums, steps = funnel_sums(sessions(pairs, way), way), step_shares(pairs, "exit")

    assert sums[["step", "n", "x"]].to_numpy().tolist() == [["visit", 3, 1], ["view", 2, 0], ["cart", 2, 1]]
    assert steps.query("step == 2").set_index("state")["count"].to_dict() == {"cart": 1, "exit": 1, "view": 1}


def test_the_segment_is_the_one_before_the_quarter():
    """With last quarter's segments the events of the quarter are counted for them, older ones not at all."""
    made = [
        (who, AS_OF - timedelta(days=ago, minutes=-at), event, f"{who}{ago}")
        for who in "abcdef"
        for ago in (3, 200)
        for at, event in enumerate(["visit", "view"])
    ]
    events = pd.DataFrame(made, columns=["customer", "event_at", "event", "session_id"])
    before = SimpleNamespace(
        labels=members(*"abc"),
        segments=pd.DataFrame({"segment": [1], "name": ["Old"], "identity": [7], "revenue_share": [1.0]}),
    )
    found = traced(events, before=before)

    assert found.fixed
    assert found.transitions[["name", "from_state", "n"]].to_numpy().tolist() == [
        ["Old", "view", 3],
        ["Old", "visit", 3],
    ]
    assert "fixed before the quarter" in found.notes[1]


def test_without_last_quarter_nothing_is_compared():
    """The first quarter describes; its sentence says what to make first."""
    found = traced()

    assert found.lost(PLAN).startswith("not compared")
    assert len(found.losses) == 0


def planted(seed: int, worse: bool) -> pd.DataFrame:
    """Losses of 400 customers in four segments after three steps; with `worse`, segment 1 loses more in the cart."""
    rng, parts = np.random.default_rng(seed), []
    segment = rng.integers(1, 5, 400)
    for step, usual in (("visit", 0.2), ("view", 0.4), ("cart", 0.3)):
        own = rng.beta(2 * usual, 2 * (1 - usual), 400)  # some customers always leave, others never
        n = rng.integers(1, 9, 400)
        x = rng.binomial(n, np.where((segment == 1) & (step == "cart") & worse, 0.3 + 0.7 * own, own))
        frame = pd.DataFrame(
            {"segment": segment, "x": x, "n": n, "xx": x * x, "xn": x * n, "nn": n * n, "customers": 1}
        )
        parts.append(frame.groupby("segment").sum().reset_index().assign(what=step, worth_minor=100.0))
    return pd.concat(parts, ignore_index=True)


def test_a_planted_loss_is_found_and_ranked_first():
    """The segment that loses more after the cart stands first, with the money: difference times visits times worth."""
    rows = ranked(planted(0, worse=True), floor=10)
    first = rows.iloc[0]

    assert first[["segment", "what"]].tolist() == [1, "cart"]
    assert first["passes"]
    assert first["lost_minor"] == pytest.approx((first["share"] - first["rest"]) * first["n"] * 100)


def shuffled_findings(runs: int) -> float:
    """Share of random divisions with at least one finding."""
    return float(np.mean([ranked(planted(seed, worse=False), floor=10)["passes"].any() for seed in range(runs)]))


def test_random_segments_give_no_findings():
    """In 30 random divisions of alike customers, clustered visits and all, findings are as rare as they should be."""

    assert shuffled_findings(30) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 30)


@pytest.mark.long
def test_random_segments_give_no_findings_in_the_long_run():
    """In 2,000 random divisions at most 5 % have any finding, give or take the noise of the simulation."""

    assert shuffled_findings(2_000) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2_000)


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


def test_many_small_categories_say_less_than_the_time_between():
    """Twenty categories of equal size: the seven commonest head too few days to be states; seven of seven do."""
    rows = [(f"c{n}", date(2026, 1, 1), f"k{n}", 5) for n in range(20)]
    frame = pd.DataFrame(rows, columns=["customer", "ordered_on", "category", "amount_minor"])

    assert not says_enough(ibis.memtable(frame), "category")
    assert says_enough(ibis.memtable(frame.head(14)), "category")


def test_transitions_have_denominators_and_intervals_over_customers():
    """Of four visits three go on to a view; two customers with equal visits know it no better than two visits."""
    pairs = pd.DataFrame({"customer": list("aabb"), "segment": 1, "from_state": "visit", "to_state": ["view"] * 4})
    pairs.loc[0, "to_state"] = "exit"
    table, dropped = shown_transitions(transition_sums(ibis.memtable(pairs)), floor=1)
    row = table.set_index("to_state").loc["view"]

    assert row[["count", "n", "share"]].tolist() == [3, 4, 0.75]
    assert row["low"] < 0.75 < row["high"]
    assert dropped == 0


def traced(events=None, late: bool = False, before=None) -> journeys.Journeys:
    """Trace six customers; with `late`, rows after as_of are added."""
    history = {name: [300, 250, 20 + place] for place, name in enumerate("abcdef")}
    bought = orders(history | ({"a": [300, 250, 20, -5], "z": [-9]} if late else {}))
    named = pd.DataFrame({"segment": [1], "name": ["A"], "identity": [1], "revenue_share": [1.0]})
    collection = SimpleNamespace(
        orders=bought, events=None if events is None else ibis.memtable(events), has=lambda t, c: False
    )
    return journeys.trace(collection, SimpleNamespace(labels=members(*"abcdef"), segments=named), PLAN, AS_OF, before)


def test_nothing_after_as_of_changes_anything():
    """Orders after the quarter leave stages, transitions, waits and cohorts as they were."""
    before, after = traced(), traced(late=True)

    pd.testing.assert_frame_equal(before.stages, after.stages)
    pd.testing.assert_frame_equal(before.transitions, after.transitions)
    pd.testing.assert_frame_equal(before.curve, after.curve)
    pd.testing.assert_frame_equal(before.cohorts, after.cohorts)


def test_a_study_without_events_says_which_file_would_help():
    """Transitions come from orders, and the first note names events.csv."""
    found = traced()

    assert found.source == "orders"
    assert "events.csv" in found.notes[0]
    assert found.check().startswith("Of 6 customers, none are at risk and none have lapsed.")


def test_with_events_the_end_of_the_way_is_exit():
    """States are in the order of the way, and drop-off names the share that leaves."""
    rows = [
        (who, AS_OF - timedelta(days=3, minutes=-at), event, "s")
        for who in "abcdef"
        for at, event in enumerate(["visit", "view"])
    ]
    found = traced(pd.DataFrame(rows, columns=["customer", "event_at", "event", "session_id"]))

    assert found.states == ("visit", "view", "exit")
    assert found.drop_off()[["came to", "sessions", "got no further"]].to_numpy().tolist() == [["visit", "6", "0.0%"]]


def test_the_segment_with_the_largest_share_at_risk_is_named_in_a_sentence_that_fits_any_name():
    """Names may be in the plural: thirty of a hundred are at risk, all of them loyal buyers."""
    stage_of = pd.DataFrame({"customer": range(100), "stage": ["at_risk"] * 30 + ["active"] * 70})
    stages = pd.DataFrame({"name": ["Loyal buyers"], "stage": ["at_risk"], "share": [0.3]})
    made = SimpleNamespace(stage_of=ibis.memtable(stage_of), stages=stages, floor=10)

    assert journeys.Journeys.check(made).endswith("The largest share at risk is in Loyal buyers (30%).")
