"""Sample sizes against published values."""

import math

import pytest

from seglib.methods.power import n_per_arm, n_per_arm_mean, power_of_test, smallest_effect


@pytest.mark.parametrize(
    ("baseline", "target", "n"), [(0.05, 0.065, 3780), (0.02, 0.026, 9798), (0.6, 0.75, 152), (0.4, 0.5, 388)]
)
def test_n_per_arm_gives_the_published_sizes(baseline: float, target: float, n: int) -> None:
    """Pooled normal approximation, 80 % power, 5 % two-sided."""
    assert n_per_arm(baseline, target) == n


def test_power_of_two_shares_is_that_of_r() -> None:
    """R help of power.prop.test: n=50, .50 against .75; power .9 needs 76.7."""
    assert power_of_test(0.5, 0.75, 50) == pytest.approx(0.7401659, abs=5e-8)
    assert n_per_arm(0.5, 0.75, power=0.9) == 77


def test_power_does_not_depend_on_the_direction() -> None:
    """A fall is as visible as the same rise."""
    assert power_of_test(0.75, 0.5, 50) == power_of_test(0.5, 0.75, 50)


def test_n_per_arm_of_means_is_that_of_r() -> None:
    """R help of power.t.test: power .9 at a difference of one sd needs 22.02, power .869 needs 20."""
    assert n_per_arm_mean(sd=2.0, difference=-2.0, power=0.9) == 23
    assert n_per_arm_mean(sd=1.0, difference=1.0, power=0.8689528) == 20


def test_smallest_effect_is_the_inverse_of_n_per_arm() -> None:
    """What 3,780 customers per arm can show at 5 % is a rise to 6.5 %."""
    assert smallest_effect(0.05, 3780) == pytest.approx(0.015, abs=1e-5)


def test_two_customers_show_nothing() -> None:
    """No rise is large enough for a test of two against two."""
    assert smallest_effect(0.5, 2) == math.inf


def test_equal_shares_are_refused() -> None:
    """A target that is the baseline needs no test."""
    with pytest.raises(ValueError, match="two different shares"):
        n_per_arm(0.05, 0.05)
