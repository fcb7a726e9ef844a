"""Intervals of shares and means against published values."""

import numpy as np
import pytest
from scipy import stats

from seglib.methods.rates import mean_interval, newcombe, share_p_value, share_ratio, welch, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998a, table I, method 3."""
    assert np.round(wilson(successes, n), 4).tolist() == [low, high]


def test_wilson_takes_arrays_and_says_nothing_about_nobody() -> None:
    """An empty group has the interval from 0 to 1, without a division warning."""
    low, high = wilson([0, 0], [20, 0])

    assert low.round(4).tolist() == [0.0, 0.0]
    assert high.round(4).tolist() == [0.1611, 1.0]


def test_newcombe_gives_the_published_interval() -> None:
    """Newcombe 1998b: 56/70 against 48/80."""
    assert np.round(newcombe(56, 70, 48, 80), 4).tolist() == [0.0524, 0.3339]


def test_newcombe_knows_nothing_when_a_group_is_empty() -> None:
    """Without a control group every difference is possible."""
    assert np.array(newcombe(1, 2, 0, 0)).tolist() == [-1.0, 1.0]


def test_more_successes_than_trials_are_refused() -> None:
    """A wrong denominator is found, not computed with."""
    with pytest.raises(ValueError, match="between 0 and n"):
        newcombe(3, 2, 1, 2)


def test_share_p_value_is_campbells_chi_square() -> None:
    """(N-1)/N times Pearson's chi-square without continuity correction."""
    pearson = stats.chi2_contingency([[56, 14], [48, 32]], correction=False).statistic

    assert share_p_value(56, 70, 48, 80) == pytest.approx(stats.chi2.sf(pearson * 149 / 150, 1), rel=1e-12)


def test_share_p_value_is_exact_where_counts_are_small() -> None:
    """With less than one expected success Fisher's test takes over; with none at all p is 1."""
    p = share_p_value([1, 0, 1], [400, 400, 2], [0, 0, 0], [400, 400, 0])

    assert p[:2].tolist() == [stats.fisher_exact([[1, 399], [0, 400]]).pvalue, 1.0]
    assert np.isnan(p[2])


def test_welch_agrees_with_scipy() -> None:
    """Interval and p value from moments equal scipy's from the values."""
    one, two = np.array([1.0, 4.0, 2.0, 9.0]), np.array([3.0, 3.5, 1.0, 0.0, 2.0])
    known = stats.ttest_ind(one, two, equal_var=False)
    interval = known.confidence_interval(0.95)

    got = welch(one.mean(), one.std(ddof=1), 4, two.mean(), two.std(ddof=1), 5)

    assert got == pytest.approx((interval.low, interval.high, known.pvalue), rel=1e-12)


def test_welch_says_nothing_without_variation() -> None:
    """Two groups of zeros give NaN, not an interval of width 0."""
    assert np.isnan(welch(0.0, 0.0, 5, 0.0, 0.0, 5)[1:]).all()


def test_mean_interval_covers_as_often_as_it_says() -> None:
    """Of 100 samples of 200 gamma values between 90 and 99 intervals hold the true mean of 2."""
    rng = np.random.default_rng(3)
    intervals = [mean_interval(rng.gamma(2.0, 1.0, 200), seed=number) for number in range(100)]
    hits = sum(low <= 2.0 <= high for low, high in intervals)

    assert 90 <= hits <= 99


def test_mean_interval_is_the_same_for_the_same_seed() -> None:
    """The seed decides, and missing values change nothing."""
    values = [10.0, 12.0, 11.0, 30.0, 9.0]

    assert mean_interval(values, seed=1) == mean_interval([*values, np.nan], seed=1)


def test_mean_interval_of_many_values_is_students() -> None:
    """Above the limit the interval comes from the t distribution, which agrees with the bootstrap."""
    values = np.random.default_rng(0).gamma(2.0, 1.0, 20_001)

    assert mean_interval(values, 0) == pytest.approx(mean_interval(values[:-1], 0), abs=0.002)


def test_mean_interval_of_one_value_is_unknown() -> None:
    """One value has no interval."""
    assert np.isnan(mean_interval([3.0], seed=0)).all()


def test_S16_the_interval_of_none_or_all_ends_exactly_at_the_edge() -> None:
    """Of 1 to 200 trials without, or with nothing but, success, no end is rounded past 0 or short of 1."""
    trials = np.arange(1, 201)

    assert (wilson(np.zeros(200, dtype=int), trials)[0] == 0).all()
    assert (wilson(trials, trials)[1] == 1).all()


def test_the_interval_of_a_ratio_holds_the_ratio() -> None:
    """All counts of up to six of six; 0 of 100 against 5 of 100 gave 0.000 in 0.005 to 1.622."""
    a, c = (side.ravel() for side in np.meshgrid(np.arange(7), np.arange(1, 7)))
    ratio, low, high = share_ratio(a, 6, c, 6)

    assert (low <= ratio).all() and (ratio <= high).all()
    assert share_ratio(0, 100, 5, 100)[:2] == (0.0, 0.0)


def test_small_tables_have_the_exact_p_value() -> None:
    """Three of three against none of three: 2 of 20 tables are as far apart (.025 before)."""
    assert share_p_value(3, 3, 0, 3) == pytest.approx(0.1)


def test_shares_of_few_customers_are_not_called_different_too_often() -> None:
    """All pairs of five customers each with any true share: at most 5 % are below .05."""
    a, c = np.meshgrid(np.arange(6), np.arange(6))
    low = share_p_value(a, 5, c, 5) < 0.05
    chances = [(stats.binom.pmf(a, 5, share) * stats.binom.pmf(c, 5, share))[low].sum() for share in (0.2, 0.35, 0.5)]

    assert max(chances) <= 0.05
