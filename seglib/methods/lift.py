"""What sets a segment apart from all other customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady, steady_frame
from seglib.methods.clustered import clustered_difference, clustered_share
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.rates import FloatArray, newcombe, share_p_value, welch

COLUMNS = [
    *("segment", "column", "level", "value_segment", "value_others", "value_everyone", "effect_name", "effect"),
    *("effect_low", "effect_high", "share_difference", "share_low", "share_high", "n", "p", "p_adjusted", "passes"),
]


def distinguish(
    numbers: pd.DataFrame | None,
    categories: pd.DataFrame | None,
    segment: pd.Series,
    min_effect: float = 0.2,
    level: float = 0.95,
    shares: pd.DataFrame | None = None,
    trials: pd.Series | None = None,
) -> pd.DataFrame:
    """Compare every segment with all other customers, line by line.

    Parameters
    ----------
    numbers : DataFrame or None
        One row per customer, one column per number; NaN is left out.
    categories : DataFrame or None
        One row per customer, one column per category; missing is left out.
    segment : Series
        Segment of each customer, with the index of the frames; customers without a segment are left out.
    min_effect : float
        Smallest absolute effect that is worth a line, above 0; 0.2 is Cohen's "small".
    level : float
        Confidence level, a share between 0 and 1.
    shares : DataFrame, optional
        One row per customer, one column per share of something that customers did several times, such as orders in
        the evening; NaN is left out.
    trials : Series, optional
        How often each customer did it, for the shares.

    Returns
    -------
    DataFrame
        One row per segment and number, and per segment and level of a category: value_segment, value_others (all
        other customers: those whom the effect compares) and value_everyone (median, or share of the known values),
        effect against the others (`effect_name` says which) with interval,
        share_difference with interval (categories only), n (known values in the segment), p, p_adjusted and passes.

    Raises
    ------
    ValueError
        If a frame has another index than `segment`.

    Notes
    -----
    Money and counts are heavy-tailed, so a mean says little and one customer can make it. Medians are shown; effect
    and test are those of the normal scores of the ranks (van der Waerden scores, Blom's version: Conover 1999,
    Practical Nonparametric Statistics, section 5.10): Hedges' g of the scores with its large-sample interval (Hedges
    and Olkin 1985, chapter 5) and Welch's test. Shares: Cohen's h = 2 asin sqrt(p1) - 2 asin sqrt(p2) (Cohen 1988,
    chapter 6), Newcombe's interval, Campbell's test. A share of each customer's own orders is not ranked: with one
    order it is 0 or 1, with many it is near its mean, so whoever orders more often would always differ. Such shares are
    pooled over the orders, with intervals and tests over the customers (see ``clustered``).
    p values are adjusted over all lines (Benjamini and Hochberg). For columns that made the segments the p value proves
    nothing: they differ by construction.

    Examples
    --------
    >>> spend = pd.DataFrame({"spend": [1.0, 2, 3, 4, 5, 6, 7, 8, 90, 95, 97, 99]})
    >>> rows = distinguish(spend, None, pd.Series(["low"] * 8 + ["high"] * 4))
    >>> rows[["segment", "value_segment", "value_others", "value_everyone", "passes"]]
      segment  value_segment  value_others  value_everyone  passes
    0    high           96.0           4.5             6.5    True
    1     low            4.5          96.0             6.5    True
    """
    if any(not frame.index.equals(segment.index) for frame in (numbers, categories) if frame is not None):
        raise ValueError("the frames must have the index of segment, row by row")
    labels = segment.dropna().to_numpy(dtype=object)
    parts = []
    if numbers is not None and len(numbers.columns):
        parts = [_numbers(numbers[segment.notna()], labels, level)]
    if shares is not None and trials is not None and len(shares.columns):
        inside, counts = shares[segment.notna()], trials[segment.notna()]
        parts += [_pooled(inside[name], counts, labels, level) for name in inside.columns]
    if categories is not None:
        known = categories[segment.notna()]
        parts += [_shares(known[name], labels, level) for name in categories.columns]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    lines = pd.concat(parts, ignore_index=True)
    adjusted = benjamini_hochberg(lines["p"])
    passes = (steady(adjusted) < steady(1 - level)) & (steady(lines["effect"].abs()) >= min_effect)
    return lines.assign(p_adjusted=adjusted, passes=passes)[COLUMNS]


def _numbers(numbers: pd.DataFrame, labels: np.ndarray, level: float) -> pd.DataFrame:
    """Compare the normal scores of every number, all segments and columns at once."""
    values = steady_frame(numbers.astype("float64").reset_index(drop=True))
    known = values.count().to_numpy()
    scores = stats.norm.ppf((values.rank() - 0.375) / (known + 0.25))
    grouped = pd.DataFrame(scores).groupby(labels)
    n, total, square = (
        part.to_numpy(dtype=float) for part in (grouped.count(), grouped.sum(), _squares(scores, labels))
    )
    g, low, high, p = _hedges(n, total, square, level)
    medians = values.groupby(labels).median()
    others = np.array([values[labels != label].median().to_numpy() for label in medians.index])
    rows = pd.MultiIndex.from_product([medians.index, numbers.columns], names=["segment", "column"]).to_frame(
        index=False
    )
    return rows.assign(
        level=None,
        value_segment=medians.to_numpy().ravel(),
        value_others=others.ravel(),
        value_everyone=np.tile(values.median().to_numpy(), len(medians)),
        effect_name="Hedges g of ranks",
        effect=g.ravel(),
        effect_low=low.ravel(),
        effect_high=high.ravel(),
        share_difference=np.nan,
        share_low=np.nan,
        share_high=np.nan,
        n=n.ravel().astype(int),
        p=p.ravel(),
    )


def _squares(scores: FloatArray, labels: np.ndarray) -> pd.DataFrame:
    """Sum the squares of the scores per segment."""
    return pd.DataFrame(scores**2).groupby(labels).sum()


def _hedges(
    n: FloatArray, total: FloatArray, square: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Give Hedges' g of each segment against the rest, its interval and Welch's p value, from sums and squares."""
    n2, total2, square2 = n.sum(0) - n, total.sum(0) - total, square.sum(0) - square
    usable = (n >= 2) & (n2 >= 2)
    n1, n2 = np.where(usable, n, np.nan), np.where(usable, n2, np.nan)
    m1, m2 = total / n1, total2 / n2
    ss1, ss2 = np.maximum(square - n1 * m1**2, 0), np.maximum(square2 - n2 * m2**2, 0)
    pooled = np.sqrt((ss1 + ss2) / (n1 + n2 - 2))
    small = 1 - 3 / (4 * (n1 + n2) - 9)
    g = small * (m1 - m2) / np.where(pooled > 1e-12, pooled, np.nan)
    margin = stats.norm.ppf((1 + level) / 2) * np.sqrt((n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2)))
    spread1, spread2 = np.sqrt(ss1 / (n1 - 1)), np.sqrt(ss2 / (n2 - 1))
    return g, g - margin, g + margin, welch(m1, spread1, n1, m2, spread2, n2)[2]


def _shares(values: pd.Series, labels: np.ndarray, level: float) -> pd.DataFrame:
    """Compare the share of every level of one category."""
    counts = pd.crosstab(pd.Series(labels, name="segment"), values.reset_index(drop=True).rename("level"))
    counts = counts.reindex(sorted(set(labels)), fill_value=0)
    seen = counts.to_numpy(dtype=float)
    known = np.broadcast_to(seen.sum(1, keepdims=True), seen.shape)
    rest, rest_known = seen.sum(0) - seen, seen.sum() - known
    share, share_rest = _ratio(seen, known), _ratio(rest, rest_known)
    h = 2 * np.arcsin(np.sqrt(share)) - 2 * np.arcsin(np.sqrt(share_rest))
    margin = stats.norm.ppf((1 + level) / 2) * np.sqrt(_ratio(known + rest_known, known * rest_known))
    low, high = newcombe(seen, known, rest, rest_known, level)
    rows = counts.stack().index.to_frame(index=False).assign(column=str(values.name))
    return rows.assign(
        value_segment=share.ravel(),
        value_others=share_rest.ravel(),
        value_everyone=np.tile(seen.sum(0) / seen.sum(), len(counts)),
        effect_name="Cohen h",
        effect=h.ravel(),
        effect_low=(h - margin).ravel(),
        effect_high=(h + margin).ravel(),
        share_difference=(share - share_rest).ravel(),
        share_low=low.ravel(),
        share_high=high.ravel(),
        n=known.ravel().astype(int),
        p=share_p_value(seen, known, rest, rest_known).ravel(),
    )


def _pooled(values: pd.Series, trials: pd.Series, labels: np.ndarray, level: float) -> pd.DataFrame:
    """Compare one share of what customers did, pooled over all they did."""
    n = trials.to_numpy(dtype=float) * values.notna().to_numpy()
    x = np.nan_to_num(values.to_numpy(dtype=float)) * n
    each = pd.DataFrame({"x": x, "n": n, "xx": x * x, "xn": x * n, "nn": n * n, "customers": (n > 0).astype(float)})
    sums = each.groupby(labels).sum()
    found = clustered_difference(sums.assign(column=str(values.name)), ["column"], level)
    rest = clustered_share(sums.sum() - sums, level)
    angle = {end: 2 * np.arcsin(np.sqrt(found[end].clip(0, 1))) for end in ("share", "low", "high")}
    other = {end: 2 * np.arcsin(np.sqrt(rest[end].clip(0, 1))) for end in ("share", "low", "high")}
    h = angle["share"] - other["share"]
    below = np.hypot(angle["share"] - angle["low"], other["high"] - other["share"])
    above = np.hypot(angle["high"] - angle["share"], other["share"] - other["low"])
    return pd.DataFrame(
        {
            "segment": sums.index,
            "column": str(values.name),
            "level": None,
            "value_segment": found["share"],
            "value_others": rest["share"],
            "value_everyone": x.sum() / n.sum() if n.sum() else np.nan,
            "effect_name": "Cohen h of pooled shares",
            "effect": h,
            "effect_low": h - below,
            "effect_high": h + above,
            "share_difference": found["difference"],
            "share_low": found["difference_low"],
            "share_high": found["difference_high"],
            "n": sums["customers"].astype(int),
            "p": found["p"],
        }
    )


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide, NaN where there is nothing to divide by."""
    return np.asarray(part / np.where(whole > 0, whole, np.nan), dtype=float)
