"""Small counts in a table with known totals: blank so many cells that no blank one can be computed from the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import null_space


def blanked(counts: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Blank counts below the floor, and further cells until no blank one follows from the row and column totals.

    Parameters
    ----------
    counts : DataFrame
        Whole numbers, the parts of a table whose row and column totals a reader may know.
    floor : int
        Smallest count that is shown, at least 2; zeros are shown.

    Returns
    -------
    DataFrame
        Same shape, nullable whole numbers; cheapest further cells first. A reader who knows that counts are not
        negative can still bound a cell, and a table of one row or one column is only blanked below the floor.

    Notes
    -----
    Secondary suppression: Willenborg and de Waal (2001), Elements of Statistical Disclosure Control, chapter 5. A blank
    cell is exactly known when it is zero in every solution of the homogeneous equations of the totals.

    Examples
    --------
    >>> blanked(pd.DataFrame({"a": [3, 20, 40], "b": [50, 60, 70]}), 10)["b"].isna().tolist()
    [True, True, False]
    """
    values = counts.to_numpy(dtype=np.int64)
    hidden = (values > 0) & (values < floor)
    price = np.where(values == 0, values.sum() + 1, values)  # a zero hides little, so it comes last
    while min(hidden.shape) > 1 and len(exposed := np.argwhere(follows(hidden))):
        row, column = exposed[0]
        cost = np.where(hidden, 0, price)
        square = cost + cost[row][None, :] + cost[:, column][:, None]  # with these three no total gives it away
        square[row], square[:, column] = square.max() + 1, square.max() + 1
        other_row, other_column = np.unravel_index(int(np.argmin(square)), square.shape)
        hidden[[row, other_row, other_row], [other_column, column, other_column]] = True
    return counts.astype("Int64").mask(hidden)


def follows(hidden: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say which blank cells can be computed from the others and the totals of rows and columns.

    Examples
    --------
    >>> follows(np.array([[True, False], [True, False]])).tolist()
    [[True, False], [True, False]]
    """
    rows, columns = np.nonzero(hidden)
    known = np.zeros(hidden.shape, dtype=bool)
    if len(rows):
        sums = np.vstack(
            [rows == row for row in range(hidden.shape[0])] + [columns == c for c in range(hidden.shape[1])]
        )
        free = null_space(sums.astype(float))
        known[rows, columns] = np.abs(free).max(axis=1, initial=0.0) < 1e-9
    return known
