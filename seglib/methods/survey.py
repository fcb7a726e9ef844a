"""Answers to surveys: their scale, straight lines, and weights that make respondents look like everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.core.steady import steady_column, steady_number
from seglib.methods.rates import FloatArray

SCALES = ((0, 1), (1, 5), (1, 7), (0, 10))
COVERED_SHARE = 0.95  # a scale fits when it holds nearly all answers; the rest are slips or codes
CODES = (-99, -9, -8, -1, 77, 88, 97, 98, 99, 999)  # what surveys write where there is no answer
ROUNDS = 500
CLOSE = 1e-10


def guess_scale(counts: pd.Series[int]) -> tuple[float, float]:
    """Find the scale of an item from its answers: the shortest of the usual ones that holds nearly all.

    Parameters
    ----------
    counts : Series of int
        Number of answers, by answer.

    Returns
    -------
    (float, float)
        Lowest and highest answer: 0 to 1, 1 to 5, 1 to 7 or 0 to 10 where one of them holds, in whole numbers, at
        least 95 % of the answers other than the usual codes for no answer (-1, 99 and the like), else the lowest and
        highest answer given.

    Examples
    --------
    >>> guess_scale(pd.Series({1.0: 20, 4.0: 50, 5.0: 28, 99.0: 12}))
    (1, 5)
    >>> guess_scale(pd.Series({12.5: 1, 80.0: 1}))
    (12.5, 80.0)
    """
    answers = counts.index.to_numpy(dtype=float)
    weight = counts.to_numpy(dtype=float) / max(1, counts[~counts.index.isin(CODES)].sum())
    whole = answers == np.floor(answers)
    for low, high in SCALES:
        if steady_number(float(weight[whole & (answers >= low) & (answers <= high)].sum())) >= COVERED_SHARE:
            return low, high
    return float(answers.min()), float(answers.max())


def straight_by_chance(answers: pd.DataFrame) -> float:
    """Give the share of people who would answer all items alike if their answers were independent.

    Parameters
    ----------
    answers : DataFrame, shape (n, items)
        Raw answers of people who answered every item.

    Returns
    -------
    float
        Sum over the answers of the product of the items' shares; NaN without rows.

    Examples
    --------
    >>> straight_by_chance(pd.DataFrame({"a": [1, 2], "b": [1, 2], "c": [2, 1]}))
    0.25
    """
    if not len(answers):
        return float("nan")
    shares = [steady_column(answers[name]).value_counts(normalize=True) for name in answers.columns]
    return float(pd.concat(shares, axis=1).fillna(0.0).prod(axis=1).sum())


def rake(groups: pd.DataFrame, margins: Mapping[str, Mapping[str, float]]) -> FloatArray:
    """Weight respondents so that each of several ways to group them has the shares of everybody.

    Parameters
    ----------
    groups : DataFrame of words, shape (n, g)
        One row per respondent, one column per way to group.
    margins : mapping from column to a mapping from level to its share of everybody
        Shares sum to 1; every level with a share above 0 must occur among the respondents.

    Returns
    -------
    ndarray, shape (n,)
        Weights with the mean 1.

    Raises
    ------
    ValueError
        If a level of everybody has no respondent, or the shares are not reached in 500 rounds.

    Notes
    -----
    Iterative proportional fitting: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.

    Examples
    --------
    >>> people = pd.DataFrame({"age": ["young", "old", "old", "old"]})
    >>> rake(people, {"age": {"young": 0.5, "old": 0.5}}).round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    >>> rake(people, {"age": {"young": 0.5, "old": 0.4, "middle": 0.1}})
    Traceback (most recent call last):
    ValueError: age: nobody answered who is middle
    """
    targets = {column: pd.Series(dict(shares), dtype=float) for column, shares in margins.items()}
    for column, target in targets.items():
        absent = sorted(set(target[target > 0].index) - set(groups[column]))
        if absent:
            raise ValueError(f"{column}: nobody answered who is {', '.join(absent)}")
    weights = np.ones(len(groups))
    for _ in range(ROUNDS):
        before = weights
        for column, target in targets.items():
            now = pd.Series(weights).groupby(groups[column].to_numpy()).sum() / weights.sum()
            weights = weights * groups[column].map(target / now).to_numpy(dtype=float)
        weights = np.asarray(weights / weights.mean(), dtype=float)
        if np.abs(weights - before).max() < CLOSE:
            return weights
    raise ValueError("the shares cannot all be reached at once")


def effective_n(weights: FloatArray) -> float:
    """Give the number of unweighted answers that would be as precise: Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_n(np.array([1.0, 1.0, 1.0, 1.0])), round(effective_n(np.array([3.0, 1.0])), 2)
    (4.0, 1.6)
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def collapsed(levels: pd.Series[Any], counts: Mapping[str, int], floor: int, rest: str = "other") -> pd.Series[str]:
    """Join levels with too few respondents into one.

    Parameters
    ----------
    levels : Series of str
    counts : mapping from level to respondents
    floor : int
        Levels with fewer respondents become `rest`.
    rest : str
        Name of the joined level.

    Examples
    --------
    >>> collapsed(pd.Series(["a", "b", "c"]), {"a": 20, "b": 3}, 10).tolist()
    ['a', 'other', 'other']
    """
    large = {level for level, n in counts.items() if n >= floor}
    return levels.where(levels.isin(large), rest)
