"""Sample sizes against published values."""

import math

import pytest
from scipy import integrate, stats

from seglib.methods.power import n_per_arm, n_per_arm_mean, smallest_difference, smallest_effect


@pytest.mark.parametrize(
    ("baseline", "target", "n"), [(0.05, 0.065, 3780), (0.02, 0.026, 9798), (0.6, 0.75, 152), (0.4, 0.5, 388)]
)
def test_n_per_arm_gives_the_published_sizes(baseline: float, target: float, n: int) -> None:
    """Pooled normal approximation, 80 % power, 5 % two-sided."""
    assert n_per_arm(baseline, target) == n


def test_power_of_two_shares_is_that_of_r() -> None:
    """R help of power.prop.test: n=50, .50 against .75; power .9 needs 76.7."""
    assert n_per_arm(0.5, 0.75, power=0.7401658) == n_per_arm(0.75, 0.5, power=0.7401658) == 50
    assert n_per_arm(0.5, 0.75, power=0.7401660) == 51
    assert n_per_arm(0.5, 0.75, power=0.9) == 77


def test_n_per_arm_of_means_is_that_of_r() -> None:
    """R help of power.t.test: power .9 at a difference of one sd needs 22.02, power .869 needs 20."""
    assert n_per_arm_mean(sd=2.0, difference=-2.0, power=0.9) == 23
    assert n_per_arm_mean(sd=1.0, difference=1.0, power=0.8689528) == 20


def integrated_power(difference: float, n: int, alpha: float) -> float:
    """Power of a t test of two means by its definition: a normal over the root of a chi-squared, integrated."""
    df, centre = 2 * n - 2, difference * math.sqrt(n / 2)
    critical = stats.t.isf(alpha / 2, df)

    def seen(spread: float) -> float:
        return float(stats.norm.sf(critical * spread / math.sqrt(df) - centre) * stats.chi.pdf(spread, df))

    return float(integrate.quad(seen, max(0.0, math.sqrt(df) - 8), math.sqrt(df) + 8, limit=500)[0])


@pytest.mark.parametrize("alpha", [0.05, 0.0025])
@pytest.mark.parametrize("n", [2, 3, 5, 10, 400])
def test_smallest_difference_has_the_power_that_was_asked(n: int, alpha: float) -> None:
    """Also where few customers can show only a very large difference."""
    difference = smallest_difference(1.0, n, power=0.8, alpha=alpha)

    assert integrated_power(difference, n, alpha) == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize("alpha", [0.05, 0.0025])
@pytest.mark.parametrize("difference", [0.1, 1.0, 3.0, 5.6, 5.7, 8.0, 10.0])
def test_n_per_arm_of_means_is_the_first_with_enough_power(difference: float, alpha: float) -> None:
    """One customer fewer has too little power, however large the difference is."""
    n = n_per_arm_mean(1.0, difference, alpha=alpha)

    assert integrated_power(difference, n, alpha) >= 0.8
    assert n == 2 or integrated_power(difference, n - 1, alpha) < 0.8


def test_a_difference_beyond_all_doubt_needs_two_customers() -> None:
    """Nearly equal amounts make any difference enormous."""
    assert [n_per_arm_mean(sd=0.001, difference=difference) for difference in (1.0, 1000.0)] == [2, 2]


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
