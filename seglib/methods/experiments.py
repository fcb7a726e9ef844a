"""What a campaign changed, segment by segment, against its control group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from seglib.core.steady import steady
from seglib.methods.money import lent_spread, less_before, winsorised
from seglib.methods.rates import FloatArray, newcombe, share_p_value, share_ratio, welch

ALL = "all"
SRM_LIMIT = 0.001  # p value of the planned sizes below which an experiment is not read
COLUMNS = [
    *("segment", "arm", "n", "n_control", "rate", "rate_control", "effect", "effect_low", "effect_high"),
    *("relative", "relative_low", "relative_high", "standard_error", "p_value", "p_adjusted", "revenue"),
    *("revenue_control", "revenue_effect", "revenue_effect_low", "revenue_effect_high", "revenue_p_value"),
    "revenue_p_adjusted",
]
P_VALUES = {"p_value": "p_adjusted", "revenue_p_value": "revenue_p_adjusted"}


def benjamini_hochberg(p: npt.ArrayLike) -> FloatArray:
    """Adjust p values so that the false discovery rate is bounded.

    Parameters
    ----------
    p : array of float
        One family of p values, 0 to 1; NaN is no test and stays NaN.

    Returns
    -------
    array of float
        Adjusted p values in the order of the input.

    Notes
    -----
    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    raw = np.asarray(p, dtype=float)
    adjusted, tested = raw.copy(), ~np.isnan(raw)
    if tested.any():
        adjusted[tested] = multipletests(raw[tested], method="fdr_bh")[1]
    return adjusted


def sample_ratio(counts: Mapping[str, int], planned: Mapping[str, float]) -> float:
    """Test whether the arms have the sizes that were planned.

    Parameters
    ----------
    counts : mapping of arm to int
        Customers seen in each arm.
    planned : mapping of arm to float
        Planned weights of the same arms, above 0; they need not add to 1.

    Returns
    -------
    float
        p value of the chi-square test; NaN without any customer. Below 0.001 find the cause before reading effects.

    Raises
    ------
    ValueError
        If the arms differ or a planned weight is not above 0.

    Notes
    -----
    Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments, KDD.

    Examples
    --------
    >>> sample_ratio({"a": 25_500, "b": 24_500}, {"a": 0.5, "b": 0.5}) < 0.001
    True
    """
    if set(counts) != set(planned) or min(planned.values()) <= 0:
        raise ValueError(f"planned must give a weight above 0 to each of the arms {sorted(counts)}")
    seen = np.array([counts[arm] for arm in planned], dtype=float)
    weights = np.array(list(planned.values()), dtype=float)
    if seen.sum() == 0:
        return float("nan")
    return float(stats.chisquare(seen, weights / weights.sum() * seen.sum()).pvalue)


def heterogeneity(effects: npt.ArrayLike, standard_errors: npt.ArrayLike) -> tuple[float, int, float]:
    """Test whether an effect differs between segments.

    Parameters
    ----------
    effects : array of float
        One effect per segment; NaN is left out.
    standard_errors : array of float
        Their standard errors, above 0.

    Returns
    -------
    tuple of Q, degrees of freedom and p value
        Q is NaN and p is NaN with fewer than two segments.

    Notes
    -----
    Q = sum of w (effect - weighted mean)^2 with w = 1 / se^2: Cochran (1954), Biometrics 10, 101-129.

    Examples
    --------
    >>> q, df, p = heterogeneity([0.10, 0.00], [0.02, 0.02])
    >>> print(f"{q:.1f} {df} {p:.4f}")
    12.5 1 0.0004
    """
    effect, error = np.asarray(effects, dtype=float), np.asarray(standard_errors, dtype=float)
    usable = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    effect, weight = effect[usable], error[usable] ** -2.0
    df = max(len(effect) - 1, 0)
    if df == 0:
        return float("nan"), 0, float("nan")
    q = float((weight * (effect - np.average(effect, weights=weight)) ** 2).sum())
    return q, df, float(stats.chi2.sf(q, df))


def effects(outcomes: pd.DataFrame, control: str, level: float = 0.95) -> pd.DataFrame:
    """Compare every arm with the control group, in each segment and in all of them together.

    Parameters
    ----------
    outcomes : DataFrame
        One row per customer: segment, arm, converted (bool or 0/1), revenue (any one unit) and, where it is known,
        before: the revenue of the same customer in a window of the same length before the start.
    control : str
        The arm that is subtracted.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        One row per segment and arm, then one per arm with segment "all": n, n_control, rate, rate_control, effect
        with effect_low, effect_high and standard_error, relative (effect per rate of the control group) with its
        interval, p_value, p_adjusted, and the same for the revenue per customer (revenue, revenue_control,
        revenue_effect, revenue_effect_low, revenue_effect_high, revenue_p_value, revenue_p_adjusted). Where an arm or
        the control group has nobody, rates and p values are NaN.

    Raises
    ------
    ValueError
        If the control arm does not occur, or a segment is called "all".

    Notes
    -----
    Conversion: Newcombe's interval and Campbell's test (see `rates`); standard_error is that of Agresti and Caffo
    (2000), The American Statistician 54, 280-288, which is never 0. Revenue: amounts cut within their segment, less
    what the revenue before foretold (see `money`), then Welch, whose errors allow each group a spread of its own; that
    of a small control group is not taken for smaller than its few amounts can tell (`lent_spread`).
    Adjusted p values are those of Benjamini and Hochberg over everything that is shown: all segments, all arms, the
    "all" rows and both outcomes are one family.

    Examples
    --------
    >>> table = pd.DataFrame({"segment": ["s"] * 8, "arm": ["mail"] * 4 + ["none"] * 4,
    ...     "converted": [1, 1, 1, 0, 0, 0, 1, 0], "revenue": [5.0, 5.0, 5.0, 0.0, 0.0, 0.0, 5.0, 0.0]})
    >>> effects(table, control="none")[["segment", "arm", "n", "effect", "relative", "revenue_effect"]]
      segment   arm  n  effect  relative  revenue_effect
    0       s  mail  4     0.5       2.0             2.5
    1     all  mail  4     0.5       2.0             2.5
    """
    if not (outcomes["arm"] == control).any() or (outcomes["segment"] == ALL).any():
        raise ValueError(f"the control arm {control!r} must occur and no segment may be called {ALL!r}")
    cut = outcomes.assign(revenue=winsorised(outcomes["revenue"], outcomes["segment"]))
    if "before" in outcomes:
        cut = cut.assign(before=winsorised(outcomes["before"], outcomes["segment"]))
    both = [_pairs(part, control) for part in (cut, cut.assign(segment=ALL))]
    compared = _compare_revenue(_compare_rates(pd.concat(both, ignore_index=True), level), level)
    return adjusted(compared)[COLUMNS]


def adjusted(compared: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p values of shares and of money: what was asked beforehand apart from what is looked at by the way.

    Parameters
    ----------
    compared : DataFrame
        With p_value and revenue_p_value; `asked`, where it is there, says which shares answer a question that was asked
        before the results were known.

    Returns
    -------
    DataFrame
        With p_adjusted and revenue_p_adjusted.

    Examples
    --------
    >>> two = pd.DataFrame({"p_value": [0.01, 0.5], "revenue_p_value": [0.02, np.nan]})
    >>> adjusted(two)["p_adjusted"].round(3).tolist()
    [0.03, 0.5]
    >>> adjusted(two.assign(asked=[True, False]))["p_adjusted"].round(3).tolist()
    [0.01, 0.5]

    Notes
    -----
    The questions are one family, all else that is shown is another (Benjamini and Hochberg each). A question that was
    asked does not pay for the curiosity beside it, and curiosity does not pass for a question.
    """
    p = compared[list(P_VALUES)].to_numpy(dtype=float)
    asked = np.zeros_like(p, dtype=bool)
    asked[:, 0] = compared.get("asked", False)
    both = np.empty_like(p)
    for family in (asked, ~asked):
        both[family] = benjamini_hochberg(p[family])
    return compared.assign(**{name: both[:, place] for place, name in enumerate(P_VALUES.values())})


def pooling_reverses(compared: pd.DataFrame) -> bool:
    """Say whether all customers together show the opposite of what every segment shows (Simpson's paradox).

    Parameters
    ----------
    compared : DataFrame
        Rows of one arm from `effects`: segment ("all" for everybody) and effect.

    Notes
    -----
    Simpson (1951), Journal of the Royal Statistical Society B 13, 238-241: it takes arms whose shares differ between
    the segments.

    Examples
    --------
    >>> pooling_reverses(pd.DataFrame({"segment": ["a", "b", "all"], "effect": [0.1, 0.1, -0.1]}))
    True
    """
    whole = compared["segment"] == ALL
    within, together = compared.loc[~whole, "effect"].dropna(), compared.loc[whole, "effect"]
    signs = set(np.sign(steady(within)))
    return (
        len(within) > 1
        and len(signs) == 1
        and 0.0 not in signs
        and bool((np.sign(steady(together)) == -signs.pop()).any())
    )


def _pairs(outcomes: pd.DataFrame, control: str) -> pd.DataFrame:
    """Give the moments of each segment and arm beside those of the segment's control group."""
    typed = outcomes.astype({"converted": "int64", "revenue": "float64", "segment": "object", "arm": "object"})
    if "before" in typed:
        typed = typed.assign(revenue=less_before(typed["revenue"], typed["before"], typed["arm"], typed["segment"]))
    moments = typed.groupby(["segment", "arm"]).agg(
        n=("converted", "size"), orders=("converted", "sum"), revenue=("revenue", "mean"), sd=("revenue", "std")
    )
    every = [typed["segment"].unique(), typed["arm"].unique()]
    full = moments.reindex(pd.MultiIndex.from_product(every, names=["segment", "arm"]).sort_values())
    full = full.fillna({"n": 0, "orders": 0}).astype({"n": "int64", "orders": "int64"}).reset_index()
    arms = full[full["arm"] != control]
    return arms.merge(full[full["arm"] == control].drop(columns="arm"), on="segment", suffixes=("", "_control"))


def _compare_rates(pairs: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the shares, their difference, its interval, its standard error and its p value."""
    s1, n1 = (pairs[name].to_numpy(dtype=float) for name in ("orders", "n"))
    s2, n2 = (pairs[f"{name}_control"].to_numpy(dtype=float) for name in ("orders", "n"))
    low, high = newcombe(s1, n1, s2, n2, level)
    p1, p2 = (s1 + 1) / (n1 + 2), (s2 + 1) / (n2 + 2)
    relative, relative_low, relative_high = (ratio - 1 for ratio in share_ratio(s1, n1, s2, n2, level))
    rate, rate_control = pairs["orders"] / pairs["n"], pairs["orders_control"] / pairs["n_control"]
    return pairs.assign(
        rate=rate,
        rate_control=rate_control,
        effect=rate - rate_control,
        effect_low=low,
        effect_high=high,
        relative=relative,
        relative_low=relative_low,
        relative_high=relative_high,
        standard_error=np.sqrt(p1 * (1 - p1) / (n1 + 2) + p2 * (1 - p2) / (n2 + 2)),
        p_value=share_p_value(s1, n1, s2, n2),
    )


def _compare_revenue(pairs: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the difference of revenue per customer, its interval and its p value."""
    mean, sd, n = (pairs[name].to_numpy(dtype=float) for name in ("revenue", "sd", "n"))
    mean2, sd2, n2 = (pairs[f"{name}_control"].to_numpy(dtype=float) for name in ("revenue", "sd", "n"))
    low, high, p = welch(mean, (lent := lent_spread(sd, n, sd2, n2))[0], n, mean2, lent[1], n2, level)
    difference = pairs["revenue"] - pairs["revenue_control"]
    return pairs.assign(revenue_effect=difference, revenue_effect_low=low, revenue_effect_high=high, revenue_p_value=p)
