"""Shares of things that belong to customers: one customer's sessions are alike, and the intervals know it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady
from seglib.methods.rates import FloatArray, wilson

SUMS = ["x", "n", "xx", "xn", "nn", "customers"]


def clustered_share(sums: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Give shares with intervals from sums over customers, who each count with several trials.

    Parameters
    ----------
    sums : DataFrame
        One row per share. With x successes among n trials of one customer: ``x`` and ``n`` are the sums of both over
        the customers, ``xx``, ``xn`` and ``nn`` the sums of their squares and products, ``customers`` how many have
        a trial.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        share, low, high, one row per row of `sums`; NaN without a trial.

    Notes
    -----
    The variance of the ratio x / n is linearised over customers (Cochran 1977, Sampling Techniques, section 6.4); the
    interval is Wilson's with the effective number of trials (Franco, Little, Louis and Slud 2019, Journal of Survey
    Statistics and Methodology 7), never more than the trials themselves, and one per customer where the share is 0 or
    1. With one trial per customer it is Wilson's own, but for a factor n / (n - 1) in the variance.

    Examples
    --------
    >>> ten = pd.DataFrame([{"x": 10, "n": 20, "xx": 20, "xn": 20, "nn": 40, "customers": 10}])
    >>> clustered_share(ten).round(2).to_numpy().tolist()  # two equal trials each: nine, not twenty, would know as much
    [[0.5, 0.23, 0.77]]
    """
    n, customers = sums["n"].to_numpy(dtype=float), sums["customers"].to_numpy(dtype=float)
    known = np.where(n > 0, n, np.nan)
    share = steady(sums["x"].to_numpy(dtype=float) / known)
    effective = _effective(share, _variance(sums, share), n, customers)
    low, high = wilson(np.nan_to_num(share) * effective, effective, level)
    return pd.DataFrame(
        {"share": share, "low": np.where(n > 0, low, np.nan), "high": np.where(n > 0, high, np.nan)}, index=sums.index
    )


def clustered_difference(sums: pd.DataFrame, by: list[str], level: float = 0.95) -> pd.DataFrame:
    """Compare each share with that of all other rows of the same kind.

    Parameters
    ----------
    sums : DataFrame
        The columns of `clustered_share`; a customer counts in one row of a kind only.
    by : list of str
        Columns that make a kind, for example the step of a funnel; its rows are the segments.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        share, low, high, rest, difference, difference_low, difference_high, p; one row per row of `sums`.

    Notes
    -----
    p is that of the score test with the variance over customers under equal shares, on Student's t with the customers
    of the smaller side less one (Rao and Scott 1992, Biometrics 48). The interval joins those of the two shares by
    Newcombe's hybrid method (1998, Statistics in Medicine 17, method 10).

    Examples
    --------
    >>> two = pd.DataFrame({"step": "cart", "x": [40, 20], "n": [50, 50], "xx": [40, 20], "xn": [40, 20],
    ...                     "nn": [50, 50], "customers": [50, 50]})
    >>> clustered_difference(two, ["step"])[["share", "rest", "difference"]].round(2).to_numpy().tolist()
    [[0.8, 0.4, 0.4], [0.4, 0.8, -0.4]]
    """
    numbers = sums[SUMS].astype("float64")
    total = numbers.groupby([sums[name] for name in by]).transform("sum")
    rest = total - numbers
    here, there = clustered_share(numbers, level), clustered_share(rest, level)
    difference = here["share"] - there["share"]
    below = np.hypot(here["share"] - here["low"], there["high"] - there["share"])
    above = np.hypot(here["high"] - here["share"], there["share"] - there["low"])
    pooled = steady(total["x"] / total["n"].where(total["n"] > 0))
    spread = np.sqrt(_variance(numbers, pooled) + _variance(rest, pooled))
    df = numbers["customers"].clip(upper=rest["customers"]).to_numpy(dtype=float) - 1
    usable = (df > 0) & (spread > 0)
    score = difference.abs().to_numpy(dtype=float) / np.where(usable, spread, np.nan)
    p = np.where(usable, 2 * stats.t.sf(score, np.maximum(df, 1)), np.where(difference.notna(), 1.0, np.nan))
    return here.assign(
        rest=there["share"],
        difference=difference,
        difference_low=difference - below,
        difference_high=difference + above,
        p=p,
    )


def _variance(sums: pd.DataFrame, share: FloatArray) -> FloatArray:
    """Give the variance of a ratio around `share`, never less than that of independent trials."""
    n, customers = sums["n"].to_numpy(dtype=float), sums["customers"].to_numpy(dtype=float)
    squares = sums["xx"] - 2 * share * sums["xn"] + share**2 * sums["nn"]
    known = np.where((n > 0) & (customers > 1), n, np.nan)
    clustered = np.maximum(np.asarray(squares, dtype=float), 0) / known**2 * customers / np.maximum(customers - 1, 1)
    return np.asarray(np.maximum(clustered, share * (1 - share) / known), dtype=float)


def _effective(share: FloatArray, variance: FloatArray, n: FloatArray, customers: FloatArray) -> FloatArray:
    """Give the number of independent trials that would know a share equally well."""
    inside = (share > 0) & (share < 1) & (variance > 0)
    trials = share * (1 - share) / np.where(inside, variance, np.nan)
    return np.asarray(np.minimum(np.where(inside, trials, customers), n), dtype=float)
