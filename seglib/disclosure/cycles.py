"""Cycles of cells along which counts can be moved while all sums stay: what keeps a hidden cell unknown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

Bools = npt.NDArray[np.bool_]

FREE = 1e-3  # cost of going through a cell that is hidden already


def half_of(floor: int) -> int:
    """By how many customers a small cell must stay unknown.

    Examples
    --------
    >>> half_of(10), half_of(5)
    (5, 3)
    """
    return (floor + 1) // 2


def cycle(
    cells: npt.NDArray[np.float64],
    hidden: Bools,
    cell: tuple[int, int],
    floor: int,
    rows: Bools,
    columns: Bools,
    silent: Bools,
) -> list[tuple[int, int]] | None:
    """Find the cheapest cycle through a cell along which half the floor can be moved up and down in turn.

    Where there is none, each cell of a cycle can move a quarter of the floor both ways. So it is for a cell in the
    middle of what is below an odd floor, which has not half the floor to either side (3 at 7).

    Parameters
    ----------
    cells : array of float, rows x columns
        Counts of 0 or more, NaN where nobody can be.
    hidden : array of bool, in the same shape
        Cells that may be gone through for nothing.
    cell : tuple of int
        Row and column of the small cell.
    floor : int
    rows, columns : array of bool
        Whose sums are not published.
    silent : array of bool
        Rows of whose cells nothing is said.

    Returns
    -------
    list of tuple of int, or None
        The other cells of the cycle; None where there is none.

    Examples
    --------
    >>> table, no = np.array([[3.0, 60.0], [40.0, 50.0]]), np.zeros(2, dtype=bool)
    >>> cycle(table, table < 10, (0, 0), 10, no, no, no)
    [(1, 0), (1, 1), (0, 1)]
    """
    step = half_of(floor)
    up = (cells >= floor) | (cells + step < floor) | silent[:, None]
    down = (cells >= floor + step) | ((cells >= step) & ((cells < floor) | silent[:, None]))
    free, small = silent[cell[0]], cells[cell] + step < floor
    middle = not small and not free and cells[cell] < step
    rises, falls = small or free, not small and not middle and (down[cell] or not free)
    part = (step + 1) // 2
    both = (cells >= floor + part) | ((cells >= part) & ((cells + part < floor) | silent[:, None]))
    possible = (((down, up), rises), ((up, down), falls), ((both, both), bool(both[cell])))
    ways = [pair for pair, can in possible if can]
    cost = np.where(hidden, FREE, 1.0 + cells)
    cost[cell] = np.nan
    paths = (_cheapest(cost, cell, first, second, rows, columns) for first, second in ways)
    return next((path for path in paths if path is not None), None)


def _cheapest(
    cost: npt.NDArray[np.float64], cell: tuple[int, int], first: Bools, second: Bools, rows: Bools, columns: Bools
) -> list[tuple[int, int]] | None:
    """Find the cheapest cycle on which the cells from a row to a column may move one way, and back the other."""
    r, c = cost.shape
    graph = np.zeros((r + c + 1, r + c + 1))
    graph[:r, r : r + c] = np.where(first, np.nan_to_num(cost), 0)
    graph[r : r + c, :r] = np.where(second, np.nan_to_num(cost), 0).T
    graph[:r, r + c] = FREE * rows
    graph[r + c, r : r + c] = FREE * columns
    far, before = dijkstra(csr_matrix(graph), indices=cell[0], return_predecessors=True)
    end = r + cell[1]
    if not np.isfinite(far[end]):
        return None
    path = [end]
    while path[-1] != cell[0]:
        path.append(int(before[path[-1]]))
    steps = [(min(pair), max(pair)) for pair in pairwise(path)]
    return [(row, node - r) for row, node in steps if row < r and node < r + c]
