"""The frozen scaler: its choice of transform, its robustness and its arithmetic."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.drift import psi
from seglib.methods.scaling import CLIP, ColumnScale, Scaling
from seglib.methods.structure import structure


def test_skewed_amounts_take_the_signed_logarithm() -> None:
    """A long tail is shortened, a symmetric column is left alone."""
    frame = pd.DataFrame({"monetary": [1.0, 2.0, 3.0, 4.0, 500.0], "age_years": [20.0, 30.0, 40.0, 50.0, 60.0]})

    assert [c.transform for c in Scaling.fit(frame).columns] == ["signed_log", "identity"]


def test_a_column_that_is_often_negative_is_not_logged() -> None:
    """More than 5 % negative values are not refunds among totals any more."""
    frame = pd.DataFrame({"balance": [-2.0, -1.0, 0.0, 1.0, 500.0]})

    assert Scaling.fit(frame).columns[0].transform == "identity"


def test_the_caller_may_fix_a_transform() -> None:
    """Only the named column changes."""
    frame = pd.DataFrame({"a": [1.0, 4.0, 9.0], "b": [1.0, 4.0, 9.0]})
    scaling = Scaling.fit(frame, {"b": "square_root"})

    assert [c.transform for c in scaling.columns] == ["identity", "square_root"]
    assert scaling.columns[1].centre == 2.0


def test_the_spread_is_the_interquartile_range_of_a_normal() -> None:
    """Quartiles 20 and 40: 20 / 1.349."""
    scale = Scaling.fit(pd.DataFrame({"age_years": [10.0, 20.0, 30.0, 40.0, 50.0]})).columns[0]

    assert (scale.centre, scale.spread) == (30.0, round(20 / 1.349, 9))


def test_a_column_whose_middle_half_is_equal_falls_back_to_the_standard_deviation() -> None:
    """One buyer in five used a coupon: the interquartile range is 0, the column still counts."""
    scale = Scaling.fit(pd.DataFrame({"coupon_share": [0.0, 0.0, 0.0, 0.0, 1.0]}), {"coupon_share": "identity"})

    assert scale.columns[0].spread == pytest.approx(0.4)


def test_missing_values_take_the_median() -> None:
    """The median of the known values stands for the missing one, when fitting and when applying."""
    scaling = Scaling.fit(pd.DataFrame({"gap_days": [10.0, None, 20.0, 30.0]}))

    assert scaling.columns[0].fill == 20.0
    assert scaling.apply(pd.DataFrame({"gap_days": [None]})).tolist() == [[0.0]]


def test_the_scaler_survives_json() -> None:
    """What is written comes back equal."""
    scaling = Scaling.fit(pd.DataFrame({"a": [1.0, 2.0, 300.0], "b": [7, 7, 7]}))

    assert Scaling.from_dict(json.loads(json.dumps(scaling.to_dict()))) == scaling


def test_the_numbers_alone_repeat_the_scaling() -> None:
    """An engine that knows sign, ln and abs gets the same value."""
    scale = ColumnScale("net_amount", "signed_log", 5.0, 1.5, 0.8)
    by_hand = [(math.copysign(1, v) * math.log(1 + abs(v)) - 1.5) / 0.8 for v in (-3.0, 12.0)]

    assert scale.apply(pd.Series([-3.0, 12.0])).tolist() == by_hand


@pytest.mark.parametrize("factor", [0.01, 10, 1_000, 10_000, 1 / 3])
def test_the_unit_of_money_changes_nothing(factor: float) -> None:
    """Cents, yen, dinars or a devalued currency: the same scaled values, the same structure, no drift."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"monetary_minor": np.exp(rng.normal(8, 1.5, 300)), "order_count": rng.poisson(3.0, 300)})
    other = frame.assign(monetary_minor=frame["monetary_minor"] * factor)
    one, two = (Scaling.fit(table).apply(table) for table in (frame, other))
    found, same = (structure(x, seed=0, rows=120, twins=3) for x in (one, two))
    half, late = frame["monetary_minor"].iloc[:150], frame["monetary_minor"].iloc[150:]

    assert one == pytest.approx(two, abs=5e-9)
    assert (found.word, found.index) == (same.word, pytest.approx(same.index, abs=1e-7))
    assert psi(half, late) == pytest.approx(psi(half * factor, late * factor), abs=1e-12)


def test_fitting_leaves_the_frame_alone() -> None:
    """Nothing is changed in place."""
    frame = pd.DataFrame({"a": [1.0, None, 300.0]})
    before = frame.copy()
    Scaling.fit(frame).apply(frame)

    pd.testing.assert_frame_equal(frame, before)


def test_V08_negative_money_is_scaled_without_a_warning() -> None:
    """One refund larger than the purchases does not change the choice of the logarithm."""
    frame = pd.DataFrame({"monetary": [-50.0, *np.geomspace(1, 5000, 40)]})
    scaling = Scaling.fit(frame)

    assert scaling.columns[0].transform == "signed_log"
    assert np.isfinite(scaling.apply(frame)).all()


def test_V24_a_criterion_without_variation_is_left_out_and_named() -> None:
    """It is not scaled, so it cannot divide by zero."""
    frame = pd.DataFrame({"orders_count": [1, 2, 3], "shops_count": [1, 1, 1], "empty": [None, None, None]})
    scaling = Scaling.fit(frame)

    assert (scaling.names, scaling.constant) == (("orders_count",), ("shops_count", "empty"))
    assert scaling.apply(frame).shape == (3, 1)


@pytest.mark.parametrize("count", [1, 60])
def test_V28_identical_customers_are_refused(count: int) -> None:
    """Nothing can be divided; the criteria are named, no value is shown."""
    frame = pd.DataFrame({"orders_count": [2] * count, "monetary": [19.5] * count})

    with pytest.raises(
        InputRefused, match=r"^SEG-V24 all customers look alike in orders_count, monetary - found"
    ) as no:
        Scaling.fit(frame)
    assert "19.5" not in str(no.value)


def test_V27_one_giant_customer_does_not_squash_the_others() -> None:
    """The giant ends at the clip; the others keep the spread that they have without it."""
    others = np.linspace(1, 100, 99)
    scaling = Scaling.fit(pd.DataFrame({"monetary": [*others, 1e9]}), {"monetary": "identity"})
    scaled = scaling.apply(pd.DataFrame({"monetary": [*others, 1e9]})).ravel()

    assert scaled[-1] == CLIP
    assert scaled[:-1].std() > 0.7


def test_S19_an_amount_that_overflows_names_its_criterion() -> None:
    """Most customers alike and one at 1e308: the spread cannot be computed."""
    frame = pd.DataFrame({"orders_count": range(40), "monetary": [5.0] * 38 + [7.0, 1e308]})

    with pytest.raises(InputRefused, match=r"^SEG-S19 too large to compute with - column 'monetary'"):
        Scaling.fit(frame, {"monetary": "identity"})


def test_answers_stay_as_they_are() -> None:
    """Yes is 1, no is 0, and who did not answer takes the more frequent one."""
    scaling = Scaling.fit(pd.DataFrame({"likes_rest": [1.0, 1.0, None, 0.0]}), {"likes_rest": "answer"})

    assert scaling.apply(pd.DataFrame({"likes_rest": [0.0, 1.0, None]})).ravel().tolist() == [0.0, 1.0, 1.0]


def test_what_is_no_answer_is_refused() -> None:
    """A count is not a yes or a no."""
    with pytest.raises(InputRefused, match=r"^SEG-P05 'order_count' is not a yes-or-no answer"):
        Scaling.fit(pd.DataFrame({"order_count": [0, 1, 2]}), {"order_count": "answer"})
