"""Whether customers look different from last quarter's, column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady, steady_column
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.rates import FloatArray

WATCH_PSI = 0.1
DRIFT_PSI = 0.25
SIGNIFICANT = 0.01  # of 100 pairs of quarters without a change, one may speak
COLUMNS = ["column", "segment", "n_previous", "n_current", "psi", "psi_noise", "ks", "p", "p_adjusted", "verdict"]
MIX = ("column", "segment", "before", "now", "mix", "within")


def psi(expected: pd.Series[Any], actual: pd.Series[Any], bins: int = 10) -> float:
    """Give the population stability index of two samples.

    Parameters
    ----------
    expected, actual : Series
        Numbers or categories; missing values are a bin of their own.
    bins : int
        Quantile bins of the expected numbers, at least 2. Numbers with at most so many values are binned by value.

    Returns
    -------
    float
        0 or more; NaN if a sample is empty.

    Notes
    -----
    Sum of (a - e) ln(a / e) over the bins' shares, half a customer added to every bin so that an empty one stays
    finite: Siddiqi (2006), Credit Risk Scorecards, chapter 9; 0.1 and 0.25 are his limits.

    Examples
    --------
    >>> print(f"{psi(pd.Series([1.0, 2, 3, 4]), pd.Series([1.0, 1, 1, 4])):.2f}")
    0.65
    """
    return _psi(_binned(expected, actual, bins))


def ks(expected: pd.Series[Any], actual: pd.Series[Any]) -> tuple[float, float]:
    """Give the largest difference of two distribution functions and its p value.

    Parameters
    ----------
    expected, actual : Series of numbers
        Missing values are left out.

    Returns
    -------
    tuple of distance and p value
        Distance 0 to 1; the p value is too large rather than too small where values are tied. NaN if one is empty.

    Notes
    -----
    Two-sample Kolmogorov-Smirnov test, asymptotic.

    Examples
    --------
    >>> ks(pd.Series([1.0, 2.0, 3.0]), pd.Series([4.0, 5.0]))[0]
    1.0
    """
    one, two = steady(expected.dropna()), steady(actual.dropna())
    if not (len(one) and len(two)):
        return float("nan"), float("nan")
    found = stats.ks_2samp(one, two, method="asymp")
    return float(found.statistic), float(found.pvalue)


def drift_table(
    previous: pd.DataFrame,
    current: pd.DataFrame,
    segment_previous: pd.Series[Any] | None = None,
    segment_current: pd.Series[Any] | None = None,
    bins: int = 10,
) -> pd.DataFrame:
    """Compare the columns that two quarters share, in all customers and within each segment.

    Parameters
    ----------
    previous, current : DataFrame
        One row per customer, one column per number or category.
    segment_previous, segment_current : Series or None
        Segment of each row; if given, segments of both quarters are compared one by one, and a row with column
        "segment" compares how customers spread over the segments.
    bins : int
        As in `psi`.

    Returns
    -------
    DataFrame
        column, segment ("all" or a segment), n_previous, n_current, psi, psi_noise (what psi shows on average without
        any change), ks (numbers only), p, p_adjusted (Benjamini and Hochberg over all rows) and verdict.

    Notes
    -----
    Verdict "drift" if p_adjusted < 0.01 and psi - psi_noise >= 0.25, "watch" from 0.1, else "none". Without a change
    psi is about (1/n + 1/m) times a chi-square with B - 1 degrees of freedom (Yurdakul 2018, Statistical properties of
    the population stability index, Western Michigan University), so its mean is (B - 1)(1/n + 1/m): small samples
    show a psi by chance, large ones a p value without a change that matters, and the rule asks for both. p is that of
    psi under this distribution; with tied or missing values it needs no other test. Customers who are in both
    quarters make the samples alike, so the rule is then slow rather than hasty.

    Examples
    --------
    >>> before, now = pd.DataFrame({"orders": [1, 2, 3, 4] * 50}), pd.DataFrame({"orders": [3, 4, 4, 4] * 50})
    >>> drift_table(before, now)[["column", "segment", "ks", "verdict"]]
       column segment   ks verdict
    0  orders     all  0.5   drift
    """
    shared = [name for name in previous.columns if name in set(current.columns)]
    pairs = [("all", name, previous[name], current[name]) for name in shared]
    if segment_previous is not None and segment_current is not None:
        before, now = segment_previous.to_numpy(dtype=object), segment_current.to_numpy(dtype=object)
        pairs.append(("all", "segment", pd.Series(before).dropna(), pd.Series(now).dropna()))
        for segment in sorted(set(segment_previous.dropna()) & set(segment_current.dropna())):
            rows = previous[before == segment], current[now == segment]
            pairs += [(segment, name, rows[0][name], rows[1][name]) for name in shared]
    table = pd.DataFrame([_compare(*pair, bins) for pair in pairs], columns=[*COLUMNS[:8]])
    table = table.assign(p_adjusted=benjamini_hochberg(table["p"]))
    excess = steady_column(table["psi"] - table["psi_noise"]).where(steady(table["p_adjusted"]) < SIGNIFICANT, 0.0)
    verdict = np.select([excess >= DRIFT_PSI, excess >= WATCH_PSI], ["drift", "watch"], "none")
    return table.assign(verdict=verdict)[COLUMNS]


def mix_and_within(
    previous: pd.DataFrame, current: pd.DataFrame, segment_previous: pd.Series[Any], segment_current: pd.Series[Any]
) -> pd.DataFrame:
    """Part the change of each mean into a change of the mix of segments and changes within them.

    Parameters
    ----------
    previous, current : DataFrame
        One row per customer, one column per number; rows without a value are left out, column by column.
    segment_previous, segment_current : Series
        Segment of each row, by the same rules in both quarters.

    Returns
    -------
    DataFrame
        column, segment, before, now (means of everyone), mix, within: what the segment adds to now - before because
        its share changed, and because its customers did. mix + within over the segments is now - before. NaN where
        nobody has a value.

    Notes
    -----
    Kitagawa (1955), Components of a difference between two rates, Journal of the American Statistical Association 50:
    each difference is weighted with the mean of both quarters. A segment that only one quarter has is mix. The mix is
    counted from the mean of everyone in both quarters, so a segment that grows raises a mean only if its own is higher.

    Examples
    --------
    >>> before, now = pd.DataFrame({"orders": [1.0, 1, 1, 9]}), pd.DataFrame({"orders": [1.0, 1, 9, 11]})
    >>> mix_and_within(before, now, pd.Series(["a", "a", "a", "b"]), pd.Series(["a", "a", "b", "b"])).round(2)
       column segment  before  now   mix  within
    0  orders       a     3.0  5.5  0.81    0.00
    1  orders       b     3.0  5.5  1.31    0.38
    """
    parts = []
    for column in (name for name in previous.columns if name in set(current.columns)):
        if not (_is_number(previous[column]) and _is_number(current[column])):
            continue
        sides = [(previous[column], segment_previous), (current[column], segment_current)]
        both = [_shares_and_means(value.astype("float64"), segment) for value, segment in sides]
        names = both[0].index.union(both[1].index)
        old, new = (side.reindex(names).assign(share=lambda f: f["share"].fillna(0.0)) for side in both)
        then, today = ((side["share"] * side["mean"]).sum(min_count=1) for side in (old, new))
        first, second = old["mean"].fillna(new["mean"]), new["mean"].fillna(old["mean"])
        level = (first + second) / 2 - (then + today) / 2
        mix = (new["share"] - old["share"]) * level
        within = (old["share"] + new["share"]) / 2 * (second - first)
        found = {"column": column, "segment": names, "before": then, "now": today, "mix": mix, "within": within}
        parts.append(pd.DataFrame(found).reset_index(drop=True))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*MIX])


def _shares_and_means(value: pd.Series[Any], segment: pd.Series[Any]) -> pd.DataFrame:
    known = value.notna().to_numpy() & segment.notna().to_numpy()
    grouped = pd.Series(value.to_numpy()[known]).groupby(segment.to_numpy(dtype=object)[known])
    return pd.DataFrame({"share": grouped.size() / max(known.sum(), 1), "mean": grouped.mean()})


def _compare(segment: Any, column: Any, expected: pd.Series[Any], actual: pd.Series[Any], bins: int) -> tuple[Any, ...]:
    """Give one row of the drift table, without its adjusted p value and verdict."""
    counts = _binned(expected, actual, bins)
    n, m, used = len(expected), len(actual), len(counts)
    value, distance = _psi(counts), float("nan")
    if _is_number(expected) and _is_number(actual):
        distance = ks(expected, actual)[0]
    if used < 2 or not (n and m):
        return column, segment, n, m, value, 0.0, distance, float("nan")
    scale = 1 / n + 1 / m
    return column, segment, n, m, value, (used - 1) * scale, distance, float(stats.chi2.sf(value / scale, used - 1))


def _psi(counts: FloatArray) -> float:
    """Give the index from the counts of both samples per bin."""
    if not counts.sum(axis=0).all():
        return float("nan")
    share = (counts + 0.5) / (counts + 0.5).sum(axis=0)
    return float(((share[:, 1] - share[:, 0]) * np.log(share[:, 1] / share[:, 0])).sum())


def _binned(expected: pd.Series[Any], actual: pd.Series[Any], bins: int) -> FloatArray:
    """Count both samples in every bin that anybody is in; missing values are a bin."""
    samples = [steady_column(sample.dropna()) for sample in (expected, actual)]
    missing = [[len(expected) - len(samples[0]), len(actual) - len(samples[1])]]
    if _is_number(expected) and _is_number(actual) and samples[0].nunique() > bins:
        cuts = np.unique(steady(samples[0].astype("float64").quantile(np.arange(1, bins) / bins)))
        samples = [pd.Series(np.searchsorted(cuts, sample.to_numpy(dtype=float))) for sample in samples]
    counts = pd.concat([sample.astype("object").value_counts() for sample in samples], axis=1).fillna(0)
    every = np.vstack([counts.to_numpy(dtype=float), missing])
    return np.asarray(every[every.sum(axis=1) > 0], dtype=float)


def _is_number(sample: pd.Series[Any]) -> bool:
    """Tell numbers from categories; booleans are categories."""
    return pd.api.types.is_numeric_dtype(sample) and not pd.api.types.is_bool_dtype(sample)
