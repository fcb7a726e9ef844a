"""Looks before the planned end."""

import numpy as np
import pytest

from seglib.methods.looks import always_valid, information


def test_S13_the_interval_leaves_out_zero_exactly_where_p_is_below_the_level() -> None:
    """Both come from one mixture, so they cannot contradict each other."""
    effect = np.linspace(0.01, 0.12, 200)
    low, _, p = always_valid(effect, 0.02, 0.5)

    assert ((low > 0) == (p < 0.05)).all()


def test_S13_the_interval_is_wider_than_the_usual_one_and_tightest_at_the_planned_end() -> None:
    """In units of its standard error; half the customers cost more than all of them."""
    low, high, _ = always_valid([0.0, 0.0, 0.0], 1.0, [0.1, 0.5, 1.0])
    half = (high - low) / 2

    assert half.tolist() == sorted(half, reverse=True)
    assert half[-1] == pytest.approx(3.04, abs=0.01)


def test_the_margin_is_that_of_the_published_formula() -> None:
    """sqrt(2 (t rho2 + 1) log(sqrt(t rho2 + 1) / alpha) / (t^2 rho2)) for t = 400 of 1,000 and standard deviation 3."""
    t, rho2 = 400, float(information(1.0)) / 1_000
    margin = 3 * np.sqrt(2 * (t * rho2 + 1) * np.log(np.sqrt(t * rho2 + 1) / 0.05) / (t**2 * rho2))

    assert always_valid(0.0, 3 / np.sqrt(t), 0.4)[1] == pytest.approx(margin)


def test_an_effect_without_an_error_has_no_interval() -> None:
    """Nothing varies, nothing is known."""
    assert np.isnan(always_valid(0.1, 0.0, 1.0)).all()
