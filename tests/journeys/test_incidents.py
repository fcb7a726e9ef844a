"""Incidents: a step that lets fewer through than ever before, in one channel or for everybody, since a certain week."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.core.plan import Plan
from seglib.journeys.incidents import EVERYBODY, incidents, periods, watched
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.incidents import worst_runs

END, WEEKS, FIRST = datetime(2026, 10, 1), 39, 26  # 26 weeks before the 13 of the quarter
START = END - timedelta(days=92)
RULES = Plan.parse("study: tea\nsources: {orders: {file: orders.csv}}").journeys
WAY = ("visit", "view", "cart", "checkout", "purchase")
USUAL = (0.8, 0.6, 0.85, 0.76)  # of going on
CHANNELS = ("mobile", "search", "email")


def log(seed: int, planted: bool, per_week: int = 240) -> pd.DataFrame:
    """Draw sessions of 900 customers who differ; with `planted`, payment breaks on mobile, and carts for three weeks.

    From the third week of the quarter on, .37 instead of .76 of the checkouts on mobile end in a purchase. In the
    weeks 7 to 9, .35 instead of .85 of all carts go on.
    """
    rng = np.random.default_rng(seed)
    size = WEEKS * per_week
    week, who = np.repeat(np.arange(WEEKS), per_week), rng.integers(0, 900, size)
    channel, taste = rng.choice(3, size, p=[0.4, 0.35, 0.25]), rng.normal(0, 0.4, 900)
    odds = np.log(np.array(USUAL) / (1 - np.array(USUAL)))[None, :] + taste[who][:, None]
    going = 1 / (1 + np.exp(-odds))
    if planted:
        going[(week >= FIRST + 2) & (channel == 0), 3] *= 0.37 / 0.76
        going[(week >= FIRST + 6) & (week < FIRST + 9), 2] *= 0.35 / 0.85
    steps = 1 + np.cumprod(rng.random((size, 4)) < going, axis=1).sum(axis=1)
    begun = [END - timedelta(days=7 * (WEEKS - int(w))) for w in week]
    minutes = rng.integers(0, 7 * 24 * 60 - 60, size)
    frame = pd.DataFrame(
        {"customer": [f"c{n:03d}" for n in who], "began": begun, "minutes": minutes, "steps": steps,
         "channel": np.array(CHANNELS)[channel], "session_id": [f"s{n}" for n in range(size)], "week": week}
    )  # fmt: skip
    return frame.assign(began=frame["began"] + pd.to_timedelta(frame["minutes"], unit="min"))


def events(sessions: pd.DataFrame) -> ibis.Table:
    """Write each session as its events, a minute apart."""
    rows = sessions.loc[sessions.index.repeat(sessions["steps"])].copy()
    rows["place"] = rows.groupby(level=0).cumcount()
    rows["event"] = np.array(WAY)[rows["place"]]
    rows["event_at"] = rows["began"] + pd.to_timedelta(rows["place"], unit="min")
    return ibis.memtable(rows[["customer", "event_at", "event", "channel", "session_id"]].reset_index(drop=True))


def watch(sessions: pd.DataFrame, floor: int = 10, inside: int = 500):
    """Follow everybody; the first customers are in a segment."""
    member = ibis.memtable(pd.DataFrame({"customer": [f"c{n:03d}" for n in range(inside)], "segment": 1}))
    collection = SimpleNamespace(events=events(sessions), has=lambda table, column: column == "channel")
    return watched(collection, SimpleNamespace(table=member, start=START), RULES, END, floor)


@pytest.fixture(scope="module")
def broken():
    """A log with two planted incidents."""
    return watch(log(0, planted=True))


def test_two_planted_incidents_are_found_with_the_week_they_began(broken):
    """Payment on mobile since the third week, to the end; carts of everybody in three weeks; nothing else."""
    found = incidents(broken, 10)
    passed = found[found["passes"]].set_index("step")
    day = {week: pd.Timestamp(END - timedelta(days=7 * (WEEKS - week))) for week in (FIRST + 2, FIRST + 6)}

    assert passed["channel"].to_dict() == {"checkout": "mobile", "cart": EVERYBODY}
    assert passed["began_on"].to_dict() == {"checkout": day[FIRST + 2], "cart": day[FIRST + 6]}
    assert passed["weeks"].to_dict() == {"checkout": 11, "cart": 3}
    assert passed["lasts"].to_dict() == {"checkout": True, "cart": False}
    assert passed["share"].to_dict() == pytest.approx({"checkout": 1 - 0.37, "cart": 1 - 0.35}, abs=0.06)
    assert passed["before"].to_dict() == pytest.approx({"checkout": 1 - 0.76, "cart": 1 - 0.85}, abs=0.04)


def test_everybody_and_each_channel_stand_beside_the_time_before(broken):
    """All sessions of the quarter count, in a segment or not; mobile's checkouts are worse than before, email's not."""
    found = periods(broken, 10).set_index(["channel", "step"])
    seen = log(0, planted=True).query("began >= @START")

    assert found.loc[(EVERYBODY, "visit"), "sessions"] == len(seen)
    assert found.loc[("mobile", "checkout"), "difference_low"] > 0.1
    assert found.loc[("email", "checkout"), "difference_low"] < 0
    assert broken.note.startswith(f"Everybody stands for all {len(seen):,} sessions of the quarter. 5")


def test_a_first_quarter_shows_its_sessions_without_a_time_before():
    """Events that begin with the quarter: shares with intervals, nothing to compare them with, no series to judge."""
    sessions = log(3, planted=False, per_week=60).query("began >= @START")
    found = periods(watch(sessions), 10).query("channel == ''")

    assert found["sessions"].iloc[0] == len(sessions)
    assert found["share"].notna().all()
    assert found[["before", "difference"]].isna().all(axis=None)


def test_R16_a_few_outside_all_segments_are_left_out():
    """Two customers without a segment: their sessions would follow from everybody's and the segments'."""
    sessions = log(1, planted=False, per_week=60)
    found = watch(sessions, inside=897)

    assert int(found.visits.customer.nunique().execute()) == sessions.query("customer < 'c897'")["customer"].nunique()
    assert sessions.query("customer >= 'c897'")["customer"].nunique() == 2
    assert "fewer than 10 others came" in found.note


def found_without(seed: int) -> bool:
    """Whether a log without an incident shows one."""
    found = incidents(watch(log(seed, planted=False)), 10)
    return bool(len(found) and found["passes"].any())


@pytest.mark.parametrize("logs", [1, pytest.param(20, marks=pytest.mark.long)])
def test_logs_without_an_incident_show_none(logs):
    """None of twenty; make test looks at one, and at the weeks of ten below."""
    assert sum(found_without(seed) for seed in range(100, 100 + logs)) == 0


def false_alarms(logs: int, seed: int) -> float:
    """Share of logs of 15 series each, weeks more different than chance, in which any run passes after corrections."""
    rng, alarms = np.random.default_rng(seed), 0
    for _ in range(logs):
        usual = rng.uniform(0.1, 0.6, 15)
        n = rng.poisson(rng.uniform(20, 300, 15)[:, None], (15, WEEKS)) + 1
        x = rng.binomial(n, rng.beta(usual[:, None] * 80, (1 - usual[:, None]) * 80, (15, WEEKS)))
        series, week = np.indices(n.shape)
        table = pd.DataFrame({"series": series.ravel(), "week": week.ravel(), "x": x.ravel(), "n": n.ravel()})
        runs = worst_runs(table, ["series"], FIRST, WEEKS)
        alarms += bool((benjamini_hochberg((runs["p"] * runs["runs"]).clip(upper=1)) < 0.05).any())
    return alarms / logs


@pytest.mark.parametrize("logs", [10, pytest.param(1_000, marks=pytest.mark.long)])
def test_weeks_that_differ_by_chance_are_rarely_an_incident(logs):
    """At most 5 % of logs show anything, give or take the noise of the simulation."""
    assert false_alarms(logs, seed=7) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / logs)


def test_without_enough_weeks_before_nothing_is_judged():
    """Three weeks do not tell how much weeks differ; four do."""
    weekly = pd.DataFrame({"step": "cart", "week": range(5), "x": [20, 21, 20, 19, 90], "n": 100})

    assert worst_runs(weekly, ["step"], since=3, weeks=5)["first"].tolist() == [4]
    assert worst_runs(weekly.query("week > 0"), ["step"], since=3, weeks=5).empty


def test_a_study_without_events_has_nothing_to_watch():
    """No file, no way; one step alone is no way either."""
    nothing = SimpleNamespace(events=None, has=lambda table, column: False)
    one = log(2, planted=False, per_week=5).assign(steps=1)

    assert watched(nothing, SimpleNamespace(table=None, start=START), RULES, END, 10) is None
    assert watch(one) is None
