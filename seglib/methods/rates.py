"""Intervals and p values of shares and means, for one group and for two."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from seglib.core.steady import COMPARED_DIGITS, steady

FloatArray = npt.NDArray[np.float64]

RESAMPLES = 2_000
DRAWS_PER_BLOCK = 2_000_000
BOOTSTRAP_MAX = 20_000
EXPECTED_MIN = 5  # of an expected count, from which the chi-square test holds


def wilson(successes: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Give the Wilson score interval of a share.

    Parameters
    ----------
    successes : int or array of int
        Number of successes, 0 to `n`.
    n : int or array of int
        Number of trials, 0 or more; with none of them the interval is (0, 1).
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of low and high
        Shares, in the shape of the input.

    Raises
    ------
    ValueError
        If `successes` is not between 0 and `n`.

    Notes
    -----
    Wilson (1927), as recommended by Newcombe (1998a), Statistics in Medicine 17, 857-872.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> print(f"{low:.4f} {high:.4f}")
    0.2553 0.3662
    >>> wilson(3, 2)
    Traceback (most recent call last):
    ValueError: successes must be between 0 and n
    """
    count, trials = _counts(successes, n)
    low, high = proportion_confint(count, np.maximum(trials, 1), alpha=1 - level, method="wilson")
    none, all_ = count == 0, count == trials  # of no trials both; rounding would leave 0 and 1 just out of reach
    return np.where(none, 0.0, low)[()], np.where(all_, 1.0, high)[()]


def newcombe(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    successes_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Give Newcombe's interval of the difference of two independent shares.

    Parameters
    ----------
    successes, n : int or array of int
        Successes and trials of the first group.
    successes_control, n_control : int or array of int
        The same of the group that is subtracted.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of low and high
        Differences of shares, -1 to 1; exactly (-1, 1) where a group is empty.

    Raises
    ------
    ValueError
        If successes are not between 0 and the number of trials.

    Notes
    -----
    Method 10 (hybrid score) of Newcombe (1998b), Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> print(f"{low:.4f} {high:.4f}")
    0.0524 0.3339
    """
    count, trials = _counts(successes, n)
    other, trials_other = _counts(successes_control, n_control)
    low, high = confint_proportions_2indep(
        count,
        np.maximum(trials, 1),
        other,
        np.maximum(trials_other, 1),
        compare="diff",
        method="newcomb",
        alpha=1 - level,
    )
    empty = (trials == 0) | (trials_other == 0)
    return np.where(empty, -1.0, low)[()], np.where(empty, 1.0, high)[()]


def share_ratio(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    successes_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the ratio of two independent shares with its interval.

    Parameters
    ----------
    successes, n, successes_control, n_control : int or array of int
        Successes and trials of both groups.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of ratio, low and high
        NaN where the control group has no success or a group is empty; 1 is no difference.

    Notes
    -----
    The interval is that of the logarithm of the ratio with one half added to each count: Walter (1975), Biometrika
    62, 371-374; it always holds the ratio itself, so it begins at 0 where nobody succeeded.

    Examples
    --------
    >>> ratio, low, high = share_ratio(56, 70, 48, 80)
    >>> print(f"{ratio:.3f} {low:.3f} {high:.3f}")
    1.333 1.076 1.644
    """
    (a, n1), (c, n2) = _counts(successes, n), _counts(successes_control, n_control)
    usable = (n1 > 0) & (n2 > 0) & (c > 0)
    a, n1, c, n2 = (np.where(usable, value, np.nan) for value in (a, n1, c, n2))
    error = np.sqrt(1 / (a + 0.5) - 1 / (n1 + 0.5) + 1 / (c + 0.5) - 1 / (n2 + 0.5))
    centre = np.log((a + 0.5) / (n1 + 0.5)) - np.log((c + 0.5) / (n2 + 0.5))
    margin = stats.norm.ppf((1 + level) / 2) * error
    ratio = (a / n1) / (c / n2)
    low, high = np.minimum(np.exp(centre - margin), ratio), np.maximum(np.exp(centre + margin), ratio)
    return ratio[()], low[()], high[()]


def share_p_value(
    successes: npt.ArrayLike, n: npt.ArrayLike, successes_control: npt.ArrayLike, n_control: npt.ArrayLike
) -> FloatArray:
    """Give the two-sided p value of the difference of two independent shares.

    Parameters
    ----------
    successes, n, successes_control, n_control : int or array of int
        Successes and trials of both groups.

    Returns
    -------
    p value or array of p values
        1 where nobody or everybody succeeded, NaN where a group is empty.

    Notes
    -----
    The chi-square test with factor (N-1)/N where every expected count is at least 5 (Cochran 1954, Biometrics 10), else
    the Fisher-Irwin test: Campbell (2007), Statistics in Medicine 26, 3661-3675, who allows the first from 1 on, but
    with six customers it then says 0.025 where the exact chance is 0.1.

    Examples
    --------
    >>> print(f"{share_p_value(56, 70, 48, 80):.4f}")
    0.0083
    >>> print(f"{share_p_value(3, 3, 0, 3):.3f}")
    0.100
    """
    a, n1, c, n2 = np.broadcast_arrays(*_counts(successes, n), *_counts(successes_control, n_control))
    total, pooled = n1 + n2, (a + c) / np.maximum(n1 + n2, 1)
    expected_min = np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled)
    margins = n1 * n2 * (a + c) * (total - a - c)
    chi2 = (total - 1) * (a * (n2 - c) - c * (n1 - a)) ** 2 / np.where(margins > 0, margins, 1.0)
    p = np.asarray(stats.chi2.sf(chi2, 1), dtype=float)
    for place in map(tuple, np.argwhere((steady(expected_min) < EXPECTED_MIN) & (margins > 0))):
        table = [[a[place], n1[place] - a[place]], [c[place], n2[place] - c[place]]]
        p[place] = stats.fisher_exact(np.asarray(table, dtype=int)).pvalue
    return np.where((n1 == 0) | (n2 == 0), np.nan, p)[()]


def mean_interval(values: npt.ArrayLike, seed: int, level: float = 0.95) -> tuple[float, float]:
    """Give the percentile bootstrap interval of a mean.

    Parameters
    ----------
    values : array of float
        At least two finite values; missing ones are left out.
    seed : int
        Same seed, same interval.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of low and high
        In the unit of the values; NaN with fewer than two values.

    Notes
    -----
    2,000 resamples, drawn in blocks that bound the memory (Efron and Tibshirani 1993, chapter 13). Above 20,000
    values the interval of Student's t is given, which then differs by less than the bootstrap's own noise.

    Examples
    --------
    >>> low, high = mean_interval([10.0, 12.0, 11.0, 30.0, 9.0], seed=0)
    >>> low < 14.4 < high
    True
    """
    clean = np.asarray(values, dtype=float)
    clean = clean[~np.isnan(clean)]
    if len(clean) < 2:
        return math.nan, math.nan
    if len(clean) > BOOTSTRAP_MAX:
        low, high = stats.t.interval(level, len(clean) - 1, clean.mean(), stats.sem(clean))
        return float(low), float(high)
    block = max(1, DRAWS_PER_BLOCK // len(clean))
    rng = np.random.default_rng(seed)
    drawn = stats.bootstrap(
        (clean,), np.mean, n_resamples=RESAMPLES, batch=block, confidence_level=level, method="percentile", rng=rng
    )
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)


def welch(
    mean: npt.ArrayLike,
    sd: npt.ArrayLike,
    n: npt.ArrayLike,
    mean_control: npt.ArrayLike,
    sd_control: npt.ArrayLike,
    n_control: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give Welch's interval and p value of the difference of two means, from their moments.

    Parameters
    ----------
    mean, sd, n : float or array of float
        Mean, standard deviation (ddof 1) and number of values of the first group.
    mean_control, sd_control, n_control : float or array of float
        The same of the group that is subtracted.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of low, high and p value
        NaN where a group has fewer than two values or neither group varies.

    Notes
    -----
    Welch (1947), Biometrika 34, 28-35.

    Examples
    --------
    >>> low, high, p = welch(12.0, 3.0, 40, 10.0, 4.0, 50)
    >>> print(f"{low:.3f} {high:.3f} {p:.4f}")
    0.533 3.467 0.0081
    """
    m1, s1, n1, m2, s2, n2 = (
        np.asarray(value, dtype=float) for value in (mean, sd, n, mean_control, sd_control, n_control)
    )
    noise = 10.0**-COMPARED_DIGITS * np.maximum(np.abs(m1), np.abs(m2))  # of equal values a rest may be left
    usable = (n1 >= 2) & (n2 >= 2) & (np.nan_to_num(s1) + np.nan_to_num(s2) > noise)
    v1 = np.where(usable, s1**2, np.nan) / np.where(usable, n1, np.nan)
    v2 = np.where(usable, s2**2, np.nan) / np.where(usable, n2, np.nan)
    error = np.sqrt(v1 + v2)
    df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    margin = stats.t.ppf((1 + level) / 2, df) * error
    return m1 - m2 - margin, m1 - m2 + margin, 2 * stats.t.sf(np.abs(m1 - m2) / error, df)


def _counts(successes: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check successes and trials once and give them as float arrays."""
    count, trials = steady(successes), steady(n)
    if np.any(count < 0) or np.any(count > trials):
        raise ValueError("successes must be between 0 and n")
    return count, trials
