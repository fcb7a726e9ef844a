"""Money in experiments: few large amounts, and what was known before."""

import numpy as np
import pytest

from seglib.methods.money import less_before, winsorised


def test_S17_only_the_largest_of_a_hundred_amounts_is_cut() -> None:
    """1 to 99 and one million: the million becomes 99, in its own group only."""
    amounts = [*range(1, 100), 1_000_000, 1_000_000]
    cut = winsorised(amounts, ["a"] * 100 + ["b"], share=0.985)

    assert cut[[0, 98, 99, 100]].tolist() == [1, 99, 99, 1_000_000]


def test_few_amounts_and_zeros_stay_as_they_are() -> None:
    """Fewer than a hundred amounts, or none above zero."""
    assert winsorised([5.0, 90.0, 0.0, -3.0], ["a"] * 4).tolist() == [5.0, 90.0, 0.0, -3.0]
    assert winsorised([0.0, 0.0], ["a", "a"]).tolist() == [0.0, 0.0]


def test_adjusting_keeps_the_mean_of_the_group_and_equals_the_regression_slope() -> None:
    """The slope is that of a regression with a dummy for the arm; the mean of all stays."""
    draw = np.random.default_rng(0)
    arm = np.tile([0.0, 1.0], 50)
    before = draw.normal(10, 2, 100)
    after = 3 + 0.7 * before + 2 * arm + draw.normal(0, 1, 100)
    slope = np.linalg.lstsq(np.column_stack([np.ones(100), arm, before]), after, rcond=None)[0][2]
    found = less_before(after, before, arm, ["s"] * 100)

    assert found == pytest.approx(after - slope * (before - before.mean()))
    assert found.mean() == pytest.approx(after.mean())


def test_customers_without_a_past_are_not_moved() -> None:
    """Where nobody bought before there is no slope."""
    assert less_before([1.0, 2.0], [0.0, 0.0], ["x", "y"], ["s", "s"]).tolist() == [1.0, 2.0]
