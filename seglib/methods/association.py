"""How well one column tells another: concordance, rank correlation, and groups of columns that say the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from seglib.core.steady import steady, steady_frame, steady_number
from seglib.methods.rates import FloatArray

PAIRS_MIN = 30  # fewer rows say nothing about an association
EACH_MIN = 10  # of either kind, where one of the columns is yes or no


@dataclass(frozen=True)
class Tells:
    """How well a column tells an outcome.

    Parameters
    ----------
    measure : {"AUC", "rank correlation"}
        AUC where the outcome has two values, Spearman's correlation otherwise.
    n : int
        Rows in which both are known.
    value, low, high : float
        The measure with its interval; NaN where there is too little to say.

    Examples
    --------
    >>> Tells("AUC", 200, 0.75, 0.7, 0.8).strength
    (0.5, 0.4, 0.6)
    """

    measure: Literal["AUC", "rank correlation"]
    n: int
    value: float
    low: float
    high: float

    @property
    def strength(self) -> tuple[float, float, float]:
        """The same from -1 to 1, 0 for a coin: 2 AUC - 1 (Somers' D), or the correlation itself."""
        ends = (self.value, self.low, self.high)
        value, low, high = (round(2 * end - 1, 12) for end in ends) if self.measure == "AUC" else ends
        return value, low, high


def tells(column: pd.Series[Any], outcome: pd.Series[Any], level: float = 0.95) -> Tells:
    """Measure how well a column tells an outcome of the same rows.

    Parameters
    ----------
    column, outcome : Series of float
        With one index; rows in which one is missing are left out.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    Tells
        NaN with fewer than 30 rows, a constant column, or fewer than 10 rows of one kind of a two-valued outcome.

    Notes
    -----
    AUC: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845, by the midranks of Sun and Xu (2014); the
    interval is taken on the logit scale (Pepe 2003, section 5.2). Spearman's correlation: interval of Bonett and Wright
    (2000), Psychometrika 65, 23-28.

    Examples
    --------
    >>> days = pd.Series(range(40), dtype=float)
    >>> tells(days, (days >= 20).astype(float)).value, tells(days, -days).value
    (1.0, -1.0)
    """
    known = column.notna() & outcome.notna()
    x, y = steady(column[known]), steady(outcome[known])
    values = np.unique(y)
    if len(values) == 2:
        yes = y == values[1]
        enough = min(yes.sum(), (~yes).sum()) >= EACH_MIN and _varies(x)
        return Tells("AUC", len(x), *(_auc(x[yes], x[~yes], level) if enough else (math.nan,) * 3))
    enough = _varies(x) and _varies(y)
    return Tells("rank correlation", len(x), *(_spearman(x, y, level) if enough else (math.nan,) * 3))


def association(column: pd.Series[Any], other: pd.Series[Any]) -> float:
    """Say how nearly a number gives away another column, 0 (not at all) to 1 (perfectly).

    Parameters
    ----------
    column : Series of float
    other : Series
        Numbers, or words; of words the level that is given away most counts.

    Returns
    -------
    float
        Largest absolute `strength` in either direction; NaN where there is too little to say.

    Examples
    --------
    >>> x = pd.Series(range(60), dtype=float)
    >>> association(x, pd.Series(["a"] * 30 + ["b"] * 30)), association(x, x**3)
    (1.0, 1.0)
    """
    if pd.api.types.is_numeric_dtype(other):
        found = [abs(side.strength[0]) for side in (tells(column, other), tells(other, column))]
    else:
        known = other[other.notna()]
        levels = [str(level) for level, n in known.value_counts().items() if n >= EACH_MIN]
        found = [abs(tells(column[known.index], (known == level).astype(float)).strength[0]) for level in levels]
    return max((value for value in found if not math.isnan(value)), default=math.nan)


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the correlations of the ranks of all pairs of columns.

    Parameters
    ----------
    frame : DataFrame of numbers, shape (n, p)
        Missing values are left out pair by pair; ranks are those among all known values of a column.

    Returns
    -------
    DataFrame, shape (p, p)
        0 where fewer than 30 rows know both, or a column is constant.

    Examples
    --------
    >>> ranked(pd.DataFrame({"a": range(40), "b": range(0, -40, -1)}))["a"].tolist()
    [1.0, -1.0]
    """
    return steady_frame(frame.astype("float64")).rank().corr(min_periods=PAIRS_MIN).fillna(0.0)


def same_story(frame: pd.DataFrame, limit: float = 0.8) -> dict[str, tuple[str, ...]]:
    """Group columns that say the same: every pair of a group is correlated at least so strongly.

    Parameters
    ----------
    frame : DataFrame of numbers
    limit : float
        Smallest absolute rank correlation within a group, above 0 and below 1.

    Returns
    -------
    dict from column to the columns of its group, itself included, in the order of the frame.

    Notes
    -----
    Complete linkage on 1 - |rank correlation|, so that no chain of half-alike columns joins two that differ.

    Examples
    --------
    >>> orders = pd.Series(range(40), dtype=float)
    >>> frame = pd.DataFrame({"orders": orders, "paid": orders**2, "even": orders % 2})
    >>> same_story(frame)
    {'orders': ('orders', 'paid'), 'paid': ('orders', 'paid'), 'even': ('even',)}
    """
    names = [str(name) for name in frame.columns]
    if len(names) < 2:
        return {name: (name,) for name in names}
    apart = steady(1 - ranked(frame).abs()).clip(min=0.0)
    np.fill_diagonal(apart, 0.0)
    number = fcluster(linkage(squareform(apart, checks=False), "complete"), 1 - limit + 1e-12, "distance")
    groups = pd.Series(names).groupby(number).agg(tuple)
    return {name: groups[group] for name, group in zip(names, number, strict=True)}


def explained(frame: pd.DataFrame, name: str, others: Sequence[str]) -> float:
    """Say how much of a column several others say together.

    Parameters
    ----------
    frame : DataFrame of numbers
    name : str
    others : sequence of str

    Returns
    -------
    float
        Share of the variance of its ranks that a line through theirs explains (squared multiple correlation, over the
        rows in which all are known), 0 to 1; 0 with fewer than 30 such rows, or a constant column.

    Examples
    --------
    >>> orders, value = pd.Series(range(40), dtype=float) % 7 + 1, pd.Series(range(40), dtype=float) % 11 + 1
    >>> frame = pd.DataFrame({"orders": orders, "value": value, "paid": orders * value})
    >>> [bool(explained(frame, "paid", others) > 0.8) for others in (["orders"], ["value"], ["orders", "value"])]
    [False, False, True]
    """
    ranks = steady_frame(frame[[name, *others]].astype("float64")).dropna().rank()
    if not others or not _varies(ranks[name].to_numpy(dtype=float)):
        return 0.0
    centred = (ranks - ranks.mean()).to_numpy(dtype=float)
    weights = np.linalg.lstsq(centred[:, 1:], centred[:, 0], rcond=None)[0]
    rest = centred[:, 0] - centred[:, 1:] @ weights
    return float(np.clip(1 - rest @ rest / (centred[:, 0] @ centred[:, 0]), 0.0, 1.0))


def _varies(values: FloatArray) -> bool:
    return len(values) >= PAIRS_MIN and bool(np.ptp(values) > 0)


def _auc(yes: FloatArray, no: FloatArray, level: float) -> tuple[float, float, float]:
    """Give the AUC with DeLong's variance, by midranks."""
    both = stats.rankdata(np.concatenate([yes, no]))
    above = (both[: len(yes)] - stats.rankdata(yes)) / len(no)
    below = 1 - (both[len(yes) :] - stats.rankdata(no)) / len(yes)
    value = steady_number(float(above.mean()))
    error = math.sqrt(above.var(ddof=1) / len(yes) + below.var(ddof=1) / len(no))
    if not (0 < value < 1):
        return value, value, value
    logit, margin = math.log(value / (1 - value)), stats.norm.ppf((1 + level) / 2) * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(logit + side))) for side in (-margin, margin))
    return value, low, high


def _spearman(x: FloatArray, y: FloatArray, level: float) -> tuple[float, float, float]:
    rho = float(np.clip(np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1], -1, 1))
    if abs(rho) > 1 - 1e-12:
        return (float(round(rho)),) * 3
    margin = stats.norm.ppf((1 + level) / 2) * math.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    return rho, math.tanh(math.atanh(rho) - margin), math.tanh(math.atanh(rho) + margin)
