"""What customers say: scores, intervals, response, and nothing of too few."""

from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.evaluation.feedback import listen
from seglib.methods.rates import wilson

SEGMENTS = pd.DataFrame({"segment": [1, 2, 3], "name": ["One", "Two", "Three"], "identity": [1, 2, 3]})


def heard(answers):
    """Listen to answers (customer, day, item, answer) of sixty customers, twenty in each segment."""
    people = pd.DataFrame({"customer": [f"c{i:02d}" for i in range(60)], "segment": [1] * 20 + [2] * 20 + [3] * 20})
    given = pd.DataFrame(answers, columns=["customer", "answered_at", "item", "answer"])
    given = given.assign(answered_at=pd.to_datetime(given["answered_at"]), answer=given["answer"].astype(float))
    plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nprivacy: {floor: 6}")
    run = SimpleNamespace(plan=plan, quarter=Quarter("2026Q3"), engine=Engine.open())
    fixed = SimpleNamespace(labels=ibis.memtable(people), segments=SEGMENTS)
    return listen(run, SimpleNamespace(feedback=ibis.memtable(given)), fixed, 70)


@pytest.fixture(scope="module")
def told():
    """Twelve of twenty agree in segment 1; three of segment 2 and eleven of segment 3 answer, and one stranger."""
    rows = [(f"c{i:02d}", "2026-08-01", "fits_me", 5 if i < 12 else 2) for i in range(20)]
    rows += [(f"c{i}", "2026-08-02", "fits_me", 4) for i in (20, 21, 22)]
    rows += [(f"c{i}", "2026-08-02", "fits_me", 4 if i < 45 else 2) for i in range(40, 51)]
    rows += [("new", "2026-08-02", "fits_me", 1), ("c00", "2026-07-01", "fits_me", 1)]
    rows += [(f"c{i:02d}", "2026-08-01", "theme_delivery", 1) for i in range(11)]
    return heard(rows)


def test_K3_agreement_is_a_share_with_its_interval(told):
    """Twelve of twenty, the latest answer of each; the stranger counts for everybody only."""
    rows = told[0].query("metric == 'fits_me'").set_index("segment")
    low, high = wilson(12, 20)

    assert (rows["value"][1], rows["low"][1], rows["high"][1]) == (0.6, low, high)


def test_K3_no_score_of_fewer_answers_than_the_floor(told):
    """Three answers of segment 2 are not shown, nor those of segment 3, which would give them away."""
    rows = told[0].query("metric == 'fits_me'").set_index("segment")

    assert rows["value"].isna().to_dict() == {0: False, 1: False, 2: True, 3: True}
    assert rows["n"].isna().to_dict() == {0: False, 1: False, 2: True, 3: True}


def test_K3_who_did_not_answer_is_said(told):
    """35 of 70 customers; segment 2 is too small to be named."""
    assert told[1] == (
        "Survey: 35 of 70 customers answered at least one question (50%), from 55% of Three to 100% of One. "
        "Those who did not answer may think otherwise.",
    )


def test_a_theme_is_a_count_and_nothing_more(told):
    """Eleven named delivery; a theme below the floor is blank."""
    rows = told[0].query("metric == 'theme_delivery'").set_index("segment")

    assert (rows["value"][0], rows["unit"][0]) == (11.0, "customers")
    assert pd.isna(rows["value"][2])


def test_the_nps_of_a_segment_is_promoters_less_detractors():
    """Twelve promoters and four detractors among twenty: 40, with an interval around it."""
    rows = [(f"c{i:02d}", "2026-08-01", "nps", 10 if i < 12 else 3 if i < 16 else 8) for i in range(20)]
    one = heard(rows)[0].set_index("segment").loc[1]

    assert one["value"] == 40.0
    assert one["low"] < 40 < one["high"]


def test_answers_of_another_quarter_do_not_count():
    """Nobody answered in the third quarter."""
    table, notes = heard([("c01", "2026-10-01", "nps", 10)])

    assert table.empty
    assert notes == ("No survey answer lies in the quarter.",)
