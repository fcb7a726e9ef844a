"""Runs of weeks in which more is lost than in all weeks before: an incident has a week in which it began.

Each series of weekly shares is searched for the run of weeks, beginning in the period in question, that lies furthest
above what came before it. Weeks differ by more than the chance of single trials, so the weeks before say how much, and
a run that was looked for among many pays for all of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import largest, steady
from seglib.methods.rates import FloatArray

WEEKS_BEFORE_MIN = 4  # fewer do not tell how much weeks differ
EXPECTED_MIN = 5.0  # of successes and failures in a run; below, the normal distribution is no guide (Cochran 1954)
SMALLEST = 1e-300
COLUMNS = ["first", "stop", "share", "before", "runs", "p"]


def worst_runs(weekly: pd.DataFrame, by: list[str], since: int, weeks: int) -> pd.DataFrame:
    """Find, in each series, the run of weeks that is furthest above the weeks before it.

    Parameters
    ----------
    weekly : DataFrame
        One row per series and week with a trial: `by`, week (0 is the oldest), x of n trials.
    by : list of str
        Columns that name a series.
    since : int
        First week of the period in question: runs begin in it, and end in it.
    weeks : int
        Weeks in all; the last one is ``weeks - 1``.

    Returns
    -------
    DataFrame
        `by`, first and stop (the run is ``first <= week < stop``), share, before (the share in all weeks before the
        run), runs (how many were looked at), p (of this run alone, one-sided). Series with fewer than four weeks
        before, or with too few trials to judge any run, are left out.

    Notes
    -----
    The variance of a share is that of single trials times the dispersion of the weeks before the run, at least 1
    (Wedderburn 1974, Biometrika 61), and p is on Student's t with these weeks less one. Multiplied by `runs` it is an
    upper bound for the best of them (Bonferroni).

    Examples
    --------
    >>> weekly = pd.DataFrame({"step": "cart", "week": range(12), "x": [20] * 8 + [60] * 3 + [20], "n": 100})
    >>> worst_runs(weekly, ["step"], since=6, weeks=12)[["step", "first", "stop", "share", "before"]].to_dict("records")
    [{'step': 'cart', 'first': 8, 'stop': 11, 'share': 0.6, 'before': 0.2}]
    """
    rows = []
    for key, one in weekly.groupby(by, sort=True):
        counts = one.set_index("week")[["x", "n"]].reindex(range(weeks), fill_value=0).to_numpy(dtype=float)
        found = _worst(counts[:, 0], counts[:, 1], since)
        if found:
            rows.append((*(key if isinstance(key, tuple) else (key,)), *found))
    table = pd.DataFrame(rows, columns=[*by, *COLUMNS])
    return table.astype({"first": "int64", "stop": "int64", "runs": "int64"})


def _worst(x: FloatArray, n: FloatArray, since: int) -> tuple[float, ...] | None:
    """Judge every run of one series: the worst one as (first, stop, share, before, runs, p)."""
    hits, trials = (np.concatenate([[0.0], np.cumsum(column)]) for column in (x, n))
    parts = [_judged(x, n, hits, trials, first) for first in range(since, len(x))]
    runs = np.concatenate([np.empty((0, 6)), *(part for part in parts if part is not None)])
    if not len(runs):
        return None
    p = stats.t.sf(steady(runs[:, 4]), runs[:, 5])
    worst = largest(-np.log(np.maximum(p, SMALLEST)))
    return (*runs[worst, :4].tolist(), len(runs), float(p[worst]))


def _judged(x: FloatArray, n: FloatArray, hits: FloatArray, trials: FloatArray, first: int) -> FloatArray | None:
    """Judge the runs that begin in one week: first, stop, share, before, t, degrees of freedom of each."""
    seen = n[:first] > 0
    if seen.sum() < WEEKS_BEFORE_MIN:
        return None
    stops = np.arange(first + 1, len(x) + 1)
    own, many, pooled = hits[stops] - hits[first], trials[stops] - trials[first], hits[stops] / trials[stops]
    enough = many * np.minimum(pooled, 1 - pooled) >= EXPECTED_MIN
    own, many, pooled, stops = own[enough], many[enough], pooled[enough], stops[enough]
    usual, same = hits[first] / trials[first], np.ones(len(stops))
    spread = pooled * (1 - pooled) * (1 / many + 1 / trials[first]) * _dispersion(x[:first][seen], n[:first][seen])
    t = (own / many - usual) / np.sqrt(spread)
    return np.column_stack([first * same, stops, own / many, usual * same, t, (seen.sum() - 1) * same])


def _dispersion(x: FloatArray, n: FloatArray) -> float:
    """Give how much more weeks differ than single trials would, at least 1."""
    usual = x.sum() / n.sum()
    if not 0 < usual < 1:
        return 1.0
    return float(max(1.0, ((x - n * usual) ** 2 / (n * usual * (1 - usual))).sum() / (len(x) - 1)))
