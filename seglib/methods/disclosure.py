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
        Same shape, nullable whole numbers. Cells are added smallest first; a reader who knows that counts are not
        negative can still bound a cell.

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
    while len(exposed := np.argwhere(follows(hidden))):
        row, column = exposed[0]
        line = (row, slice(None)) if not hidden[row].all() and hidden[row].sum() == 1 else (slice(None), column)
        line = line if not hidden[line].all() else (row, slice(None))
        if hidden[line].all():
            break
        hidden[line] |= np.arange(len(hidden[line])) == np.argmin(np.where(hidden[line], price.max() + 1, price[line]))
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
