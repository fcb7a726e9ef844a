"""The figure of the scorecard: few frames, difficult names, and a sentence where there is nothing to draw."""

import warnings

import pandas as pd
import pytest

from seglib import charts
from seglib.criteria.appraisal import RELEVANCE, Appraisal

NAMES = ["order_count", "spent_on_$_$_share", "recency_days"]


def appraisal(goals: list[str]) -> Appraisal:
    """Three criteria, the first proposed, the second chosen, the third unknown to the last goal."""
    rows = [
        (goal, name, "AUC", 90, 0.7, 0.6, 0.8, strength, strength - 0.2, strength + 0.2)
        for goal in goals
        for name, strength in zip(NAMES, (0.6, -0.1, 0.3), strict=True)
    ]
    told = pd.DataFrame(rows, columns=RELEVANCE).assign(surely=0.1, better=-1)
    scores = pd.DataFrame({"name": NAMES, "level": ["", "$_$", ""], "proposed": [True, False, False]})
    return Appraisal(scores.assign(chosen=[False, True, False]), told.iloc[: len(told) - bool(goals)], 90, ())


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_the_scorecard_is_drawn_for_any_number_of_goals(count: int):
    """At most four panels; a warning of the drawing library is a failure."""
    goals = [f"Goal {n} with a $long$ name that nobody ever thought of for figures" for n in range(count)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = charts.relevance(appraisal(goals))

    assert picture.alt.count("Goal") == min(count, 4)
    assert "Goal 0 with a $long$ name" in picture.alt
    assert "orders 0.60" in picture.alt
    assert picture.alt.endswith("Proposed: orders.")


def test_a_scorecard_without_goals_says_so():
    """Nobody known before the quarter counts in a goal."""
    empty = appraisal([])

    assert charts.relevance(empty).alt.startswith("No goal could be held against the criteria")
