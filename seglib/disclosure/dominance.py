"""Sums of money that nearly are one customer's: which of them may not be shown."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.core.steady import steady_column, steady_number

NEAR = 0.10  # of the largest amount: nobody may be able to tell it as closely as that


def dominated(parts: pd.DataFrame) -> bool:
    """Whether somebody could tell the largest amount within a tenth from the sum of several groups.

    The second largest customer knows the sum and the own amount; what is left beside the largest amount must be at
    least a tenth of it (the p % rule of statistical offices with p = 10, Hundepool et al. 2012, Statistical Disclosure
    Control, chapter 4).

    Parameters
    ----------
    parts : DataFrame
        total, first, second: the sum, the largest and the second largest amount of each group, all 0 or more.

    Examples
    --------
    >>> dominated(pd.DataFrame({"total": [100.0], "first": [60.0], "second": [35.0]}))
    True
    >>> dominated(pd.DataFrame({"total": [100.0], "first": [60.0], "second": [30.0]}))
    False
    """
    largest = sorted([*parts["first"], *parts["second"]])[-2:]
    rest = parts["total"].sum() - sum(largest)
    return bool(parts["total"].sum() > 0 and steady_number(rest) < steady_number(NEAR * largest[-1]))


def untold(parts: pd.DataFrame, hidden: pd.Series[bool] | None = None) -> pd.Series[bool]:
    """Choose the groups whose sums stay unsaid: dominated ones, and as many others as keep them from being subtracted.

    Parameters
    ----------
    parts : DataFrame
        As for `dominated`; the sum of all groups is published.
    hidden : Series of bool, optional
        Groups that stay unsaid for another reason.

    Returns
    -------
    Series of bool, by the index of `parts`
        Nobody can tell an amount within a tenth from what the groups that stay unsaid sum up to, unless all stay
        unsaid: then only the whole is known.

    Examples
    --------
    >>> parts = pd.DataFrame({"total": [99.0, 50.0, 20.0], "first": [98.0, 5.0, 3.0], "second": [1.0, 4.0, 3.0]})
    >>> untold(parts).tolist()
    [True, False, True]
    """
    alone = pd.Series([dominated(parts.loc[[group]]) for group in parts.index], parts.index, dtype=bool)
    hidden = alone if hidden is None else alone | hidden
    while hidden.any() and not hidden.all() and dominated(parts[hidden]):
        others = steady_column(parts.loc[~hidden, "total"].astype(float)).sort_values(kind="stable").index
        enough = [group for group in others if not dominated(parts.loc[[*parts.index[hidden], group]])]
        hidden[enough[0] if enough else others[-1]] = True
    return hidden


def largest_two(values: pd.Series[Any], group: Any) -> pd.DataFrame:
    """Sum up each group, with the two largest amounts in it.

    Parameters
    ----------
    values : Series of numbers, 0 or more
        One per customer.
    group : what pandas groups by

    Returns
    -------
    DataFrame by group
        total, first, second.

    Examples
    --------
    >>> largest_two(pd.Series([5, 9, 7, 4]), pd.Series(["A", "A", "A", "B"])).to_numpy().tolist()
    [[21.0, 9.0, 7.0], [4.0, 4.0, 0.0]]
    """
    grouped = values.astype(float).groupby(group)
    second = grouped.apply(lambda amounts: amounts.nlargest(2).iloc[1:].sum())
    return pd.DataFrame({"total": grouped.sum(), "first": grouped.max(), "second": second})
