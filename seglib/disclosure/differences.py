"""Several tables of the same people: nothing small may follow from the difference of two of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import OptimizeResult, linprog

Numbers = npt.NDArray[np.float64]

NEGLIGIBLE, UNBOUNDED = 1e-6, 3


def hold_back(
    customers: pd.Series[int],
    said: pd.DataFrame,
    asked: pd.DataFrame,
    floor: int,
    few: pd.DataFrame | None = None,
    guarded: pd.DataFrame | None = None,
) -> pd.Series[bool]:
    """Choose which numbers must stay unsaid, given what other tables say of the same people.

    Parameters
    ----------
    customers : Series of int
        Customers in each of the finest groups; everybody is in one.
    said : DataFrame of numbers, 0 or more
        What is published anyway: one row each, with the weight of each group (column) in the sum: 1 where its customers
        are counted, their price where it is money. The size of the whole must follow from these rows.
    asked : DataFrame of numbers, with the same columns
        What is to be published beside it.
    floor : int
        Smallest count to show, at least 2.
    few : DataFrame of 0 and 1, with the same columns, optional
        Groups of which it is said that they are below the floor.
    guarded : DataFrame of 0 and 1, with the same columns, optional
        Further groups of which nothing is stated and nothing small may follow.

    Returns
    -------
    Series of bool, one per row of `asked`
        True for sums over fewer customers than the floor, and for as few others as it takes so that no small group can
        be told to a range narrower than half the floor. Small groups are the finest ones, those that are counted or
        guarded, and what is left when one count is taken from another.

    Notes
    -----
    The range is what linear programming leaves possible; where it is too narrow, the smallest of the sums from which it
    follows (those with a price in the dual) is held back, and the range is computed again.

    Examples
    --------
    A segment of 40 has four customers in a stage without an offer; that the other 36 have one must not be said.

    >>> whole, offered = pd.DataFrame([[1, 1]]), pd.DataFrame([[1, 0]])
    >>> hold_back(pd.Series([36, 4]), whole, offered, 10).tolist()
    [True]
    """
    cells: Numbers = np.asarray(customers, dtype=np.float64)
    known, wanted = said.to_numpy(dtype=float), asked.to_numpy(dtype=float)
    people = (wanted > 0) @ cells
    held = (people > 0) & (people < floor)
    more, limits = (known[:0] if rows is None else rows.to_numpy(dtype=float) for rows in (guarded, few))
    for secret in _small_groups(cells, np.vstack([known, wanted, more, limits]), floor):
        while True:
            shown = np.flatnonzero(~held)
            price = _price(secret, np.vstack([known, wanted[shown]]), cells, limits, floor)
            betraying = shown[price[len(known) :] > NEGLIGIBLE]
            if not len(betraying):
                break
            held[betraying[np.argmin(people[betraying])]] = True
    return pd.Series(held, asked.index)


def follows(
    customers: pd.Series[int], said: pd.DataFrame, asked: pd.DataFrame, floor: int, few: pd.DataFrame
) -> pd.DataFrame:
    """Give the range that the published sums leave to others; to state it gives nothing away.

    Parameters
    ----------
    customers, said, asked, floor, few
        As in `hold_back`; `said` is all that is published.

    Returns
    -------
    DataFrame
        low and high of each row of `asked`.

    Examples
    --------
    >>> whole, first, last = (pd.DataFrame([row]) for row in ([1, 1], [1, 0], [0, 1]))
    >>> follows(pd.Series([36, 4]), whole, first, 10, last[:0]).to_numpy().tolist()
    [[0.0, 40.0]]
    >>> follows(pd.Series([36, 4]), whole, first, 10, last).to_numpy().tolist()
    [[31.0, 40.0]]
    """
    cells: Numbers = np.asarray(customers, dtype=np.float64)
    known, limits = said.to_numpy(dtype=float), few.to_numpy(dtype=float)
    ends = [[end.fun for end in _ends(row, known, cells, limits, floor)] for row in asked.to_numpy(dtype=float)]
    table = pd.DataFrame(ends, asked.index, ["low", "high"], dtype=float)
    return table.assign(high=-table["high"]).round(6) + 0.0


def _small_groups(cells: Numbers, sums: Numbers, floor: int) -> Numbers:
    """Name the groups from 1 to below the floor: the finest, those that are counted, and differences of two counts."""
    counted = sums[np.isin(sums, (0, 1)).all(axis=1)]
    left = (counted @ cells)[:, None] - counted @ cells
    bigger, smaller = np.nonzero((left > 0) & (left < floor))
    inside = (counted[smaller] <= counted[bigger]).all(axis=1)
    apart = counted[bigger[inside]] - counted[smaller[inside]]
    every = np.unique(np.vstack([np.eye(len(cells)), counted, apart]) * (cells > 0), axis=0)
    total = every @ cells
    found: Numbers = every[(total > 0) & (total < floor)]
    return found


def _price(secret: Numbers, known: Numbers, cells: Numbers, limits: Numbers, floor: int) -> Numbers:
    """Give the weight of each known sum in the range of a group, where that is narrower than half the floor."""
    ends = _ends(secret, known, cells, limits, floor)
    if ends[1].status == UNBOUNDED or -ends[1].fun - ends[0].fun >= (floor + 1) // 2 - NEGLIGIBLE:
        return np.zeros(len(known))
    weight: Numbers = np.abs([end.eqlin.marginals for end in ends]).max(axis=0)
    return weight


def _ends(group: Numbers, known: Numbers, cells: Numbers, limits: Numbers, floor: int) -> list[OptimizeResult]:
    """Find the least and the greatest sum over a group that agrees with what is known."""
    below, sums = np.full(len(limits), floor - 1.0), known @ cells
    return [linprog(sign * group, limits, below, known, sums, method="highs") for sign in (1.0, -1.0)]
