"""Random quantities from fixed random numbers, and the digits that they may show."""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from seglib.methods.digits import bounds, significant, step_of, within_noise
from seglib.methods.draws import gamma_at, normal_points, orders_at
from seglib.methods.futures import futures
from seglib.methods.order_values import GammaGamma
from seglib.methods.purchases import BetaGeometric
from seglib.methods.rising import digamma_rising, log_rising


@pytest.mark.parametrize(("low", "high"), [(0.3, 1.0), (1.0, 30.0), (30.0, 1e4), (1e4, 1e6)])
def test_gamma_quantiles_are_those_of_the_incomplete_gamma_function(low: float, high: float) -> None:
    """2,000 shapes and scores against scipy's inverse: a relative error below 1e-5."""
    draw = np.random.default_rng(0)
    shape, score = np.exp(draw.uniform(np.log(low), np.log(high), 2_000)), draw.normal(size=2_000)
    below, above = special.gammaincinv(shape, special.ndtr(score)), special.gammainccinv(shape, special.ndtr(-score))

    np.testing.assert_allclose(gamma_at(shape, score), np.where(score < 0, below, above), rtol=1e-5)


def test_order_counts_have_their_distribution() -> None:
    """A grid of uniform numbers: active with chance 0.8, negative binomial, stops by a beta-geometric chance."""
    grid = (np.arange(20_000) + 0.5) / 20_000
    found = orders_at(
        grid, *(np.full(len(grid), at) for at in (0.8, 1.7, 2.5)), (np.full(20_000, 0.9), np.full(20_000, 2.0))
    )
    k = np.arange(12)
    lasting = np.exp(special.betaln(0.9, 2.0 + k) - special.betaln(0.9, 2.0))
    more = 0.8 * stats.nbinom(1.7, 1 / 3.5).sf(k) * lasting

    np.testing.assert_allclose([(found > count).mean() for count in k], more, atol=1e-4)


def test_a_customer_of_two_thousand_orders_does_not_underflow() -> None:
    """Rates nearly certain at 2,000 a year: the median is near 2,000."""
    found = orders_at(np.array([0.5]), np.ones(1), np.array([1e9]), np.array([2e-6]), (np.array([1e-9]), np.ones(1)))

    assert found[0] == pytest.approx(2_000, abs=2)


def test_normal_points_fill_their_space() -> None:
    """256 points of 7 columns: means and covariances far nearer to 0 and 1 than by chance (1/16)."""
    points = normal_points(256, 7, seed=3)

    assert np.abs(points.mean(axis=0)).max() < 0.01
    assert np.abs(np.cov(points.T) - np.eye(7)).max() < 0.08


@pytest.mark.parametrize("start", [0.3, 7.0, 59.9, 60.1, 1e4])
def test_ratios_of_gamma_functions_are_scipys(start: float) -> None:
    """On both sides of the change of formula."""
    by = np.array([0.0, 1.0, 2.5, 40.0])

    np.testing.assert_allclose(log_rising(start, by), special.gammaln(start + by) - special.gammaln(start), rtol=1e-9)
    np.testing.assert_allclose(
        digamma_rising(start, by), special.digamma(start + by) - special.digamma(start), rtol=1e-9
    )


def test_ratios_of_huge_gamma_functions_are_products() -> None:
    """Gamma(a + 3) / Gamma(a) is a (a + 1) (a + 2), where scipy's difference has lost all digits."""
    a = 1e13

    assert log_rising(a, 3.0) == pytest.approx(np.log(a) + np.log(a + 1) + np.log(a + 2), rel=1e-14)
    assert digamma_rising(a, 3.0) == pytest.approx(1 / a + 1 / (a + 1) + 1 / (a + 2), rel=1e-12)


def test_an_end_shows_the_digits_that_five_other_seeds_agree_on() -> None:
    """Sixty customers' money of 4,096 futures, under six seeds: no end is more than one step of its last digit off."""
    orders, values = BetaGeometric(0.6, 6.0, 0.9, 1.8), GammaGamma(2.1, 4.66, 5500.0)
    seen = pd.DataFrame({"repeat_count": np.tile([0.0, 1.0, 4.0], 20), "age_weeks": np.linspace(30, 60, 60)})
    seen["last_purchase_weeks"] = np.where(seen["repeat_count"] > 0, 0.8 * seen["age_weeks"], 0.0)
    seen["mean_repeat_value_minor"] = np.where(seen["repeat_count"] > 0, np.linspace(900, 6000, 60), 0.0)
    means = [futures(orders, values, seen, 52.0, seed)[1].mean(axis=1) for seed in range(6)]
    ends = np.array([bounds(one) for one in means])
    noise = np.std([np.quantile(one, [0.025, 0.975]) for one in means], axis=0)
    steps = [step * 10.0**power for step, power in (step_of(float(error)) for error in noise)]

    assert (np.abs(ends - ends[0]).max(axis=0) <= 2 * np.array(steps)).all()
    assert (np.array(steps) < 0.1 * ends[0]).all()


def test_steps_are_one_two_or_five() -> None:
    """Three standard errors of 0.04, 1, 1.5, 4 and none; a number without noise keeps six digits."""
    assert [within_noise(1234.5678, noise) for noise in (0.04, 1.0, 1.5, 4.0, 0.0)] == [
        1234.6,
        1235.0,
        1235.0,
        1240.0,
        1234.57,
    ]


def test_significant_digits_do_not_depend_on_the_last_bits() -> None:
    """A sum of money moved by 1e-12."""
    assert significant(25_081_234_567.0 * (1 + 1e-12)) == significant(25_081_234_567.0) == 25_081_200_000.0
