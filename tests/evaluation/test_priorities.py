"""Which segments deserve the next effort, by weights that were fixed before."""

import math

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.core.sections import Evaluation, Selection
from seglib.evaluation.business import measures
from seglib.evaluation.goals import guarded
from seglib.evaluation.panels import Panels
from seglib.evaluation.priorities import rank
from seglib.methods.rates import wilson
from seglib.objectives import Objectives

SEGMENTS = pd.DataFrame(
    {
        "segment": [1, 2, 3, 4], "name": ["A", "B", "C", "D"], "identity": [1, 2, 3, 4],
        "customers": [100, 300, 40, 200], "share": [0.1, 0.3, 0.04, 0.2], "revenue_minor": [200_000, 300_000, 400, 100],
        "revenue_share": [0.4, 0.6, 0.0, 0.0], "jaccard": [0.9, 0.8, 0.9, 0.4],
    }
)  # fmt: skip
REACH = pd.Series({1: 0.5, 2: 0.1, 3: 0.5, 4: 0.9})


def test_O3_the_score_is_the_weighted_share_of_the_best():
    """Value and size count alike: A has the best value and a third of the largest size, B half of the best value."""
    found = rank(SEGMENTS, REACH, Selection(weights={"value": 1, "size": 1})).set_index("name")["score"]

    assert found["A"] == pytest.approx((1 + 1 / 3) / 2)
    assert found["B"] == pytest.approx((0.5 + 1) / 2)


def test_without_consent_reach_adds_nothing():
    """No table tells: reach is blank, the scores fall by its weight, the order of the others stays."""
    found = rank(SEGMENTS, pd.Series(dtype=float), Selection()).set_index("name")

    assert found["reach"].isna().all()
    assert found.loc["A", "score"] == pytest.approx(0.4 + 0.2 / 3 + 0.2)


def test_O3_a_changed_weight_makes_what_follows_stale(tmp_path, monkeypatch):
    """The objectives of a run are refused after a weight was changed, and so is what was made from them."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    place = tmp_path / "data" / "shop"
    (place / "sources").mkdir(parents=True)
    plan = "study: shop\nsources: {orders: {file: o.csv}}\nselection: {weights: {value: %s}}\n"
    (place / "plan.yml").write_text(plan % 1, encoding="utf-8")
    run = Run.open("shop", "2026Q3")
    run.write(Objectives(pd.DataFrame({"name": ["Keep"]}), selection=run.plan.selection))
    keys = [run.expected_key(step) for step in ("02_data_collection", "04_clustering", "09_kpi_evaluation")]
    (place / "plan.yml").write_text(plan % 2, encoding="utf-8")
    later = Run.open("shop", "2026Q3")

    assert run.read(Objectives).selection.weights == {"value": 1}
    with pytest.raises(InputRefused, match="made from other data, code or decisions"):
        later.read(Objectives)
    after = [later.expected_key(step) for step in ("02_data_collection", "04_clustering", "09_kpi_evaluation")]
    assert [a == b for a, b in zip(keys, after, strict=True)] == [True, False, False]


def test_an_unknown_weight_is_refused():
    """Only the four sides of a segment can be weighed."""
    with pytest.raises(InputRefused, match=r"selection\.weights"):
        Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nselection: {weights: {beauty: 1}}")


@pytest.mark.parametrize(
    ("direction", "now", "word"),
    [
        ("up", 0.41, "worse"),
        ("up", 0.44, "kept"),
        ("up", 0.60, "kept"),
        ("down", 0.59, "worse"),
        ("down", 0.55, "kept"),
    ],
)
def test_O1_a_guardrail_is_worse_only_beyond_the_errors_of_both_quarters(direction, now, word):
    """Half before, give or take 5 points; 44 % was called worse when only today's error counted."""
    assert guarded(direction, (0.50, 0.45, 0.55), (now, now - 0.05, now + 0.05)) == word


def test_retention_that_fell_by_chance_is_no_worse_guardrail():
    """60.6 % to 57.8 % with z = -1.78; an exact total counts as it is."""
    quarters = [(share, *(float(end) for end in wilson(round(share * 1943), 1943))) for share in (0.606, 0.578)]
    exact = [(9.0, math.nan, math.nan), (8.0, math.nan, math.nan)]

    assert guarded("up", *quarters) == "kept"
    assert guarded("up", *exact) == "worse"


def test_a_guardrail_that_did_not_change_is_called_worse_in_one_of_forty_cases():
    """Two quarters of 400 customers with the same true share of .6, drawn 2,000 times; 8 % when one error counted."""
    drawn = np.random.default_rng(0).binomial(400, 0.6, (2_000, 2))
    low, high = wilson(drawn, 400)
    ends = np.stack([drawn / 400, low, high], axis=-1)
    worse = [guarded("up", tuple(before), tuple(now)) == "worse" for before, now in ends]

    assert 0.015 < np.mean(worse) < 0.035


def test_K1_measures_of_the_business_equal_the_hand_computed_ones():
    """Two campaigns of equal cost with returns of 1 and 3; two segments of ten and thirty customers."""
    effects = pd.DataFrame({"segment": [0, 0, 1], "cost": 10.0, "roi": [1.0, 3.0, 9.0], "roi_low": [0.0, 1.0, 8.0],
                            "roi_high": [2.0, 5.0, 10.0]})  # fmt: skip
    clv = pd.DataFrame({"customers": [10, 30], "clv_minor": [4000.0, 2000.0]})
    plan = Evaluation(market_revenue={"2026Q3": 2400.0}, acquisition_spend={"2026Q3": 90.0})
    found = measures("2026Q3", (200.0, 240.0), 30, effects, clv, plan).set_index("measure")

    assert found["value"].round(9).to_dict() == {
        "revenue growth": 0.2, "cost per new customer": 3.0, "market share": 0.1, "customer lifetime value": 2500.0,
        "return on campaigns": 2.0,
    }  # fmt: skip
    assert found.loc["return on campaigns", ["low", "high"]].tolist() == [0.5, 3.5]


def test_K1_what_is_not_given_is_named():
    """Without the lookups there is no market share, and the plan's key is told."""
    found = measures("2026Q3", (0.0, 240.0), 30, pd.DataFrame(), pd.DataFrame(), Evaluation()).set_index("measure")

    assert found["value"].isna().all()
    assert found.loc["market share", "lacks"] == "plan.yml, evaluation.market_revenue.2026Q3"


def test_the_return_on_campaigns_lacks_only_what_is_lacking():
    """A margin is in the plan and no campaign could be measured; then one was, and what it cost is not known."""
    tested = pd.DataFrame({"segment": [0], "cost": [0.0], "roi": [float("nan")]})
    plans = [
        (pd.DataFrame(), Evaluation(margin_share=0.4)),
        (tested, Evaluation(margin_share=0.4)),
        (tested, Evaluation()),
    ]
    lacks = [
        measures("2026Q3", (200.0, 240.0), 30, effects, pd.DataFrame(), plan)
        .set_index("measure")
        .loc["return on campaigns", "lacks"]
        for effects, plan in plans
    ]

    assert lacks == [
        "an effect measured against a control group",
        "costs of contacts",
        "costs of contacts and evaluation.margin_share in plan.yml",
    ]


def test_the_order_of_the_weights_changes_no_score():
    """Weights come back from disk in another order; the scores are the same to the last bit."""
    weights = {"value": 0.4, "size": 0.2, "reach": 0.2, "stability": 0.1}
    first, second = (
        rank(SEGMENTS, REACH, Selection(weights=dict(items))) for items in (weights.items(), sorted(weights.items()))
    )

    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_rise_beyond_all_is_said_in_words():
    """Of 60 buyers 97% came back: a test of 30 against 30 would not even show 100%."""
    rows = pd.DataFrame(
        {
            "metric": ["retention_share", "retention_share"], "unit": "share", "segment": [1, 2], "name": ["A", "B"],
            "identity": [1, 2], "n": [60, 600], "smallest": [math.inf, 0.031],
        }
    )  # fmt: skip
    found = Panels()
    found.visible, found.currency, found.floor = rows, "EUR", 10

    assert found.next_test()["retention"].tolist() == ["more than is possible", "3.1 points"]
