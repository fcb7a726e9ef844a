"""The figures of waits, cohorts and steps: any number of segments, their numbers said, and nothing said as well."""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import charts

EMPTY = pd.DataFrame(columns=["segment", "name", "identity", "days", "share", "low", "high", "waiting"])


@pytest.fixture(autouse=True)
def quiet():
    """A warning of a drawing library is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def followed(count):
    """Journeys of so many segments: half are back by day 40, a third of the sessions go on to a view."""
    segments = pd.DataFrame({"segment": range(1, count + 1), "identity": range(1, count + 1)})
    segments["name"] = [f"$_$ {n} <b>&amp;</b>" for n in segments["segment"]]
    days = pd.DataFrame({"days": np.arange(81), "share": np.arange(81) / 80, "waiting": 50})
    curve = segments.merge(days.assign(low=days["share"] * 0.9, high=(days["share"] * 1.1).clip(upper=1)), "cross")
    step = pd.DataFrame([(1, "visit", 1.0), (2, "view", 0.3), (2, "exit", 0.7), (3, "exit", np.nan)])
    steps = segments.merge(step.set_axis(["step", "state", "share"], axis=1).assign(n=90), "cross")
    cohorts = pd.DataFrame([("2026-07", 0, 1.0), ("2026-07", 1, 0.4), ("2026-08", 0, 1.0), ("2026-08", 1, np.nan)])
    cohorts = cohorts.set_axis(["cohort", "month", "share"], axis=1).assign(n=60)
    return SimpleNamespace(curve=curve, steps=steps, cohorts=cohorts, states=("visit", "view", "exit"))


@pytest.mark.forms(1)
@pytest.mark.parametrize("count", [1, 8])
def test_alt_texts_hold_the_numbers(count):
    """Each figure is drawn at the width of the page and says what is to be seen."""
    made = followed(count)

    assert "by day 30" in charts.comeback(made).alt
    assert charts.comeback(made).alt.count("38% by day 30") == count
    assert "40% to 40% ordered" in charts.cohorts(made).alt
    assert charts.steps(made).width == 768


def test_answers_are_drawn_with_their_numbers():
    """One mark per segment and step; what is only a bound is not drawn."""
    rows = [(1, "coupon_redeemed", "answered", 0.2), (1, "", "bought", 0.9), (2, "coupon_redeemed", "answered", np.nan)]
    table = pd.DataFrame(rows, columns=["segment", "event", "step", "share"]).assign(
        low=0.1, high=0.95, identity=1, said="under 9.0%"
    )
    drawn = charts.answers(SimpleNamespace(answers=table.assign(name="S" + table["segment"].astype("str"))))
    none = charts.answers(SimpleNamespace(answers=table.iloc[:0], answer_notes=("No way: no column.",)))

    assert drawn.alt.endswith("S1, coupon redeemed: 20%; S1, bought: 90%.")
    assert none.alt == "No way: no column."


def test_nothing_to_draw_is_said():
    """Without waits, cohorts and events there is a sentence each."""
    nothing = SimpleNamespace(
        curve=EMPTY, steps=pd.DataFrame(), cohorts=followed(1).cohorts.iloc[:0], states=("order", "never")
    )

    assert "too few orders" in charts.comeback(nothing).alt
    assert charts.cohorts(nothing).alt.startswith("Too few new customers")
    assert charts.steps(nothing).alt == "No step matrix: the study has no events of visits."
