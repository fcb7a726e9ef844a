"""Hide small cells of a table whose sums are published, so that none can be computed back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seglib.disclosure.cycles import cycle, half_of


def suppress(
    counts: pd.DataFrame,
    floor: int,
    open_rows: Sequence[Hashable] = (),
    open_columns: Sequence[Hashable] = (),
    silent_rows: Sequence[Hashable] = (),
) -> pd.DataFrame:
    """Choose the cells to hide: those from 1 to below the floor, and as few customers more as protect them.

    Parameters
    ----------
    counts : DataFrame of 0 or more
        Rows and columns whose sums are published; NaN where nobody can be.
    floor : int
        Smallest count to show, at least 2.
    open_rows, open_columns : sequence of labels
        Rows and columns whose sums are not published.
    silent_rows : sequence of labels
        Rows of whose cells nothing is said, not even a range; their sums may be known.

    Returns
    -------
    DataFrame of bool, in the shape of `counts`
        True for a cell of which only `ranges` may be shown. From these and the published sums a small cell can then
        be told to a range of half the floor or wider; where the table is too small for that, every cell is hidden.

    Notes
    -----
    A hidden cell follows from the sums unless it lies on a cycle of hidden cells in the graph of rows and columns
    (Gusfield 1988, A graph theoretic approach to statistical data security, SIAM Journal on Computing 17). For each
    small cell the cheapest cycle is taken along which half the floor can be moved with no cell leaving its range.

    Examples
    --------
    >>> table = pd.DataFrame({"A": [90, 3, 20], "B": [30, 50, 40], "C": [25, 35, 60]}, index=["A", "B", "C"])
    >>> suppress(table, 10).to_numpy().tolist()
    [[False, False, False], [True, True, False], [True, True, False]]
    """
    cells = counts.to_numpy(dtype=float)
    rows, columns = counts.index.isin(list(open_rows)), counts.columns.isin(list(open_columns))
    small, silent = (cells > 0) & (cells < floor), counts.index.isin(list(silent_rows))
    hidden = small | (silent[:, None] & ~np.isnan(cells))
    for row, column in np.argwhere(small):
        path = cycle(cells, hidden, (int(row), int(column)), floor, rows, columns, silent)
        if path is None:
            hidden = ~np.isnan(cells)
            break
        for place in path:
            hidden[place] = True
    return pd.DataFrame(hidden, index=counts.index, columns=counts.columns)


def ranges(counts: pd.DataFrame, hidden: pd.DataFrame, floor: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the range of each cell that may be shown where `suppress` hides the count itself.

    Parameters
    ----------
    counts : DataFrame of 0 or more
    hidden : DataFrame of bool
        From `suppress`.
    floor : int

    Returns
    -------
    low and high, DataFrames in the shape of `counts`
        0 to below the floor for a small cell, else at least half the floor to either side, but from the floor on.
        Where every cell is hidden, a large one is only said to reach the floor.

    Examples
    --------
    >>> low, high = ranges(pd.DataFrame([[3, 142, 50]]), pd.DataFrame([[True, True, False]]), 10)
    >>> low.to_numpy().tolist(), high.to_numpy().tolist()
    ([[0.0, 135.0, 45.0]], [[9.0, 150.0, 55.0]])
    """
    step = half_of(floor)
    small = counts < floor
    low = ((counts.astype("float64") // step - 1) * step).clip(lower=floor)
    high = -(-counts.astype("float64") // step - 1) * step
    if (hidden | counts.isna()).all(axis=None):
        low, high = low.mask(counts >= floor, float(floor)), high.mask(counts >= floor, np.inf)
    return low.mask(small, 0.0), high.mask(small, floor - 1.0)


def blank(customers: Any, floor: int) -> Any:
    """Blank counts from 1 to below the floor, where no sum is published.

    Examples
    --------
    >>> blank(pd.DataFrame({"n": [0, 3, 12]}), 10)["n"].isna().tolist()
    [False, True, False]
    """
    numbers = customers.astype("Int64")
    return numbers.mask((numbers > 0) & (numbers < floor))


def told_share(count: int, total: int, floor: int) -> str:
    """Write a share whose whole is told as well, so that it tells no count below the floor.

    Parameters
    ----------
    count, total : int
        Customers; `count` at most `total`.
    floor : int
        Smallest number of customers that may be told, also of those who are left.

    Examples
    --------
    >>> told_share(20, 89, 10), told_share(6, 89, 10), told_share(85, 89, 10), told_share(0, 89, 10)
    ('22%', 'fewer than 10', 'nearly all', 'none')
    """
    if not count:
        return "none"
    if count < floor:
        return f"fewer than {floor}"
    return "nearly all" if 0 < total - count < floor else f"{count / total:.0%}"


def in_rows(counts: pd.DataFrame, whole: list[str], floor: int, column: str = "customers") -> pd.Series[bool]:
    """Choose the cells to hide where only the sum of each row is published.

    Parameters
    ----------
    counts : DataFrame
        One line per cell: `whole`, and the number of customers in `column`.
    whole : list of str
        Columns that name the row.
    floor : int
        Smallest number of customers that may be shown.

    Returns
    -------
    Series of bool
        True for cells from 1 to below the floor; beside one, the next smallest too, until the floor is hidden. It does
        not depend on the order of the cells, so another table of the same customers hides the same.

    Examples
    --------
    >>> row = pd.DataFrame({"segment": 1, "customers": [3, 40, 0, 12, 90]})
    >>> in_rows(row, ["segment"], 10).tolist()
    [True, False, False, True, False]
    """
    rows = counts[counts[column] > 0].sort_values(column, kind="stable")
    groups = rows.groupby(whole)[column]
    smaller = (groups.cumsum() - rows[column]).groupby([rows[name] for name in [*whole, column]]).transform("min")
    hidden = (rows[column] < floor) | ((groups.transform("min") < floor) & (smaller < floor))
    return hidden.reindex(counts.index, fill_value=False)


def too_near(counts: pd.Series[int], floor: int, told: Sequence[int] = ()) -> pd.Series[bool]:
    """Choose which counts of groups within each other to hide, so that no two that are told differ by few customers.

    Those in `told` stand elsewhere in any case; of the others the larger one stays.

    Examples
    --------
    >>> too_near(pd.Series([1610, 1710, 1709, 0, 3]), 10).tolist()
    [False, False, True, False, True]
    """
    kept = [*told]
    for count in sorted({int(count) for count in counts} - {0}, reverse=True):
        if count in kept or (count >= floor and all(abs(other - count) >= floor for other in kept)):
            kept.append(count)
    return ~counts.isin([0, *kept])


def nearly_all(counts: pd.DataFrame, whole: list[str], floor: int, column: str = "customers") -> pd.Series[bool]:
    """Find the cells that hold all but a few of their row: they are hidden, but for the bound that few are elsewhere.

    Examples
    --------
    >>> nearly_all(pd.DataFrame({"segment": 1, "customers": [3, 290, 2]}), ["segment"], 10).tolist()
    [False, True, False]
    """
    total = counts.groupby(whole)[column].transform("sum")
    return (total - counts[column]).between(1, floor - 1) & (total >= 2 * floor)


def unless_small(counts: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Give whole numbers, blank where `suppress` hides them.

    Examples
    --------
    >>> unless_small(pd.DataFrame({"A": [90, 60], "B": [12, 40]}), 10)["B"].tolist()
    [12, 40]
    """
    return counts.astype("Int64").mask(suppress(counts, floor))


def written(
    counts: pd.DataFrame, floor: int, open_rows: Sequence[Hashable] = (), open_columns: Sequence[Hashable] = ()
) -> pd.DataFrame:
    """Write a table whose sums are published: a count, a range where it would give another away, "" if too small.

    Parameters
    ----------
    counts, floor, open_rows, open_columns
        As in `suppress`.

    Returns
    -------
    DataFrame of str, in the shape of `counts`

    Examples
    --------
    >>> written(pd.DataFrame({"A": [3, 90, 60], "B": [142, 50, 70], "C": [80, 40, 30]}), 10)["A"].tolist()
    ['', '90', '55 to 65']
    """
    hidden = suppress(counts, floor, open_rows, open_columns)
    low, high = ranges(counts, hidden, floor)
    said = counts.map(lambda count: "" if np.isnan(count) else f"{count:,.0f}")
    span = (low.map("{:,.0f} to ".format) + high.map("{:,.0f}".format)).mask(np.isinf(high), f"{floor} or more")
    return said.mask(hidden, span.mask(counts < floor, ""))


def determined(
    hidden: pd.DataFrame,
    part: pd.DataFrame,
    open_rows: Sequence[Hashable] = (),
    open_columns: Sequence[Hashable] = (),
) -> bool:
    """Tell whether the sum over a part of a table follows from what is published: stating it gives nothing away.

    Parameters
    ----------
    hidden : DataFrame of bool
        From `suppress`.
    part : DataFrame of bool, in the same shape
    open_rows, open_columns : sequence of labels
        As in `suppress`.

    Examples
    --------
    >>> hidden = pd.DataFrame([[True, True], [True, True]])
    >>> determined(hidden, pd.DataFrame([[True, True], [False, False]]))
    True
    >>> determined(hidden, pd.DataFrame([[True, False], [False, False]]))
    False
    """
    blank = hidden.to_numpy(dtype=bool)
    where = np.argwhere(blank)
    if not len(where):
        return True
    closed_rows = np.flatnonzero(~hidden.index.isin(list(open_rows)))
    closed_columns = np.flatnonzero(~hidden.columns.isin(list(open_columns)))
    sums = np.vstack(
        [where[:, 0] == closed_rows[:, None], where[:, 1] == closed_columns[:, None], np.zeros((1, len(where)))]
    ).astype(float)
    asked = part.to_numpy(dtype=bool)[blank].astype(float)
    return int(np.linalg.matrix_rank(np.vstack([sums, asked]))) == int(np.linalg.matrix_rank(sums))
