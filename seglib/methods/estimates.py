"""From sums to a value with its interval, from an interval to a verdict, and what may not be shown."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady_number
from seglib.disclosure.small_cells import in_rows
from seglib.methods.kpis import MOMENTS, Metric, of_people
from seglib.methods.present import percent
from seglib.methods.rates import wilson
from seglib.methods.shares import bounded, in_parts, of_few

BOUNDS = {"share": (0.0, 1.0), "points": (-100.0, 100.0), "money": (0.0, math.inf), "orders": (0.0, math.inf)}


def estimate(metric: Metric, moments: dict[str, float], level: float = 0.95) -> dict[str, float]:
    """Turn the moments of a group into the metric's value, interval, n and standard deviation.

    Parameters
    ----------
    metric : Metric
        Which one.
    moments : dict
        n (customers with a numerator or a denominator), and the sums x, y, xx, xy, yy of numerator and denominator.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    dict
        value, low, high (NaN where there is none), n, and sd: standard deviation of one customer's contribution, in the
        unit of the value.

    Notes
    -----
    Shares: Wilson (1927). Ratios: linearisation of the ratio of two means, Cochran (1977), Sampling Techniques,
    eq. 6.12, with Student's t.

    Examples
    --------
    >>> from seglib.methods.kpis import METRICS
    >>> found = estimate(METRICS["retention_share"], {"n": 263, "x": 81, "y": 263, "xx": 81, "xy": 81, "yy": 263})
    >>> {key: round(found[key], 4) for key in ("value", "low", "high")}
    {'value': 0.308, 'low': 0.2553, 'high': 0.3662}
    """
    n, x, y, xx, xy, yy = (float(moments[key]) for key in MOMENTS)
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan, "n": n, "sd": math.nan}
    if metric.kind == "total":
        return {**nothing, "value": x}
    if y <= 0:
        return {**nothing, "n": 0.0}
    value = x / y
    if metric.kind == "share":
        low, high = (float(end) for end in wilson(round(x), round(y), level))
        return {"value": value, "low": low, "high": high, "n": y, "sd": math.sqrt(value * (1 - value))}
    if n < 2:
        return {**nothing, "value": value}
    scatter = max(xx - 2 * value * xy + value**2 * yy, 0.0) / (n - 1)
    sd = math.sqrt(scatter) / (y / n)
    margin = float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / math.sqrt(n)
    floor, ceiling = BOUNDS.get(metric.unit, (-math.inf, math.inf))
    low = max(value - margin, floor if value >= floor else -math.inf)  # goods sold below cost have a margin below 0
    high = min(value + margin, ceiling if value <= ceiling else math.inf)
    return {"value": value, "low": low, "high": high, "n": n, "sd": sd}


def verdict(direction: str, target: float, value: float, low: float, high: float) -> str:
    """Say whether a target is reached, as far as the interval allows.

    Parameters
    ----------
    direction : {"up", "down"}
        Which way is better.
    target, value, low, high : float
        In one unit; low and high are NaN for a total, which is known exactly.

    Returns
    -------
    str
        ``"reached"``, ``"not reached"`` or ``"cannot tell"``.

    Examples
    --------
    >>> verdict("up", 0.45, 0.48, 0.46, 0.50), verdict("down", 0.45, 0.48, 0.46, 0.50)
    ('reached', 'not reached')
    >>> verdict("up", 0.47, 0.48, 0.46, 0.50)
    'cannot tell'
    """
    if np.isnan(value) or np.isnan(target):
        return "cannot tell"
    sign = 1.0 if direction == "up" else -1.0
    ends = (value, value) if np.isnan(low) or np.isnan(high) else (low, high)
    worst, best = sorted(sign * steady_number(end) for end in ends)
    if worst >= sign * steady_number(target):
        return "reached"
    return "not reached" if best < sign * steady_number(target) else "cannot tell"


def suppress(kpis: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Blank the values of groups below the floor, and of others where a difference would give them away.

    Parameters
    ----------
    kpis : DataFrame
        metric, segment (0: everybody), value, low, high, n; and unit, where there are shares among them.
    floor : int
        Smallest n that may be shown.

    Returns
    -------
    DataFrame
        With value, low, high and n missing in those rows; value, low and high also of shares that tell of fewer
        customers, or of all but a few, and of those from which they would follow. What may be said of these is in
        `bound`, such as "over 93.5%" or "84.2% to 92.1%".

    Examples
    --------
    >>> few = pd.DataFrame({"metric": "buyers", "segment": [0, 1, 2, 3], "value": [99.0, 3, 30, 66], "low": math.nan,
    ...     "high": math.nan, "n": [99, 3, 30, 66]})
    >>> suppress(few, 10)["n"].isna().tolist()
    [False, True, True, False]
    """
    parts = kpis.loc[kpis["segment"] > 0, ["metric", "n"]]
    whole = kpis[kpis["segment"] == 0].set_index("metric")["n"]
    rest = (whole - parts.groupby("metric")["n"].sum()).clip(lower=0).dropna()  # who is in no segment
    rows = pd.concat([parts, rest.rename("n").reset_index().set_index(-1 - np.arange(len(rest)))])
    blank = (kpis["n"] < floor) | in_rows(rows, ["metric"], floor, "n").reindex(kpis.index, fill_value=False)
    closed, bound = _shares_of_few(kpis, blank, floor)
    hidden = kpis.astype({"n": "Int64"}).assign(bound=bound.mask(blank, ""))
    hidden.loc[blank | closed, ["value", "low", "high"]] = math.nan
    return hidden.assign(n=hidden["n"].mask(blank))


def _shares_of_few(kpis: pd.DataFrame, blank: pd.Series[bool], floor: int) -> tuple[pd.Series[bool], pd.Series[str]]:
    """Choose the shares that are not told, and say in which bounds they are.

    Whoever is in no segment, or in one that is blank anyway, is one part of everybody.
    """
    closed = pd.Series(False, kpis.index)
    if "unit" not in kpis:
        return closed, pd.Series("", kpis.index)
    people = np.array([of_people(str(name)) for name in kpis["metric"]], dtype=bool)
    rows = kpis[(kpis["unit"] == "share") & people].assign(had=kpis["value"] * kpis["n"])
    few = pd.Series(of_few(rows["value"], rows["n"], floor), rows.index)
    said = pd.Series(bounded(rows["value"], rows["n"], floor), rows.index, dtype="object").where(few, "")
    for _, part in rows.groupby("metric"):
        shown = part[(part["segment"] > 0) & ~blank[part.index]]
        rest = (part[part["segment"] == 0][["n", "had"]].sum() - shown[["n", "had"]].sum()).clip(lower=0)
        said.update(in_parts(shown["value"], shown["n"], floor, rest=(rest["n"], rest["had"])))
        closed[shown.index] = said[shown.index] != shown["value"].map(percent)
    closed |= few.reindex(kpis.index, fill_value=False)
    return closed, said.reindex(kpis.index).where(closed, "").fillna("")
