"""What a solver would pass over in silence, and here is refused with the name of the column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import largest, steady

Array = npt.NDArray[np.float64]

TOO_LARGE = 1e150  # the square of anything larger is infinite


def check(x: Array, k: int, names: Sequence[str] = ()) -> None:
    """Refuse what no clusterer can divide: too few different customers, or values that overflow when squared.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    k : int
    names : sequence of str
        Names of the columns.

    Raises
    ------
    InputRefused
        V26 or S19.

    Examples
    --------
    >>> check(np.array([[1.0, 0.0], [2.0, 1e200]]), 2, ["order_count", "monetary"])
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 too large to compute with - column 'monetary' - do: look for a wrong ...
    """
    distinct = len(np.unique(steady(x), axis=0))
    if k > distinct:
        raise InputRefused(too_many(k, distinct))
    if not np.abs(x).max() < TOO_LARGE:  # also when a value is not a number
        raise InputRefused(too_large(_widest(x, names)))


def too_many(k: int, distinct: int) -> Finding:
    """Say that there are fewer different customers than segments.

    Examples
    --------
    >>> too_many(4, 3).found
    '3 different'
    """
    return Finding(
        "V26",
        f"{k} segments need at least {k} different customers",
        found=f"{distinct} different",
        do="ask for fewer segments, or choose criteria in which customers differ",
    )


def too_large(column: str) -> Finding:
    """Say that a column holds values with which a computer cannot calculate.

    Examples
    --------
    >>> too_large("monetary").code
    'S19'
    """
    return Finding("S19", "too large to compute with", column=column, do="look for a wrong amount, or leave it out")


def unsettled(what: str, k: int, x: Array, names: Sequence[str] = ()) -> Finding:
    """Say that an iterative method did not come to an end, and which column reaches farthest out.

    Examples
    --------
    >>> str(unsettled("k-means", 3, np.array([[1.0, 0.0], [1.0, 9.0]]), ["order_count", "monetary"]))[:66]
    "SEG-S19 k-means with 3 segments did not settle - column 'monetary'"
    """
    return Finding(
        "S19",
        f"{what} with {k} segments did not settle",
        column=_widest(x, names),
        do="look for extreme values in it, give it another transform, or ask for fewer segments",
    )


def _widest(x: Array, names: Sequence[str]) -> str:
    with np.errstate(all="ignore"):
        reach = np.nan_to_num(np.abs(x - np.median(x, axis=0)).max(axis=0), nan=np.inf)
    place = largest(reach)
    return names[place] if len(names) else f"number {place + 1}"
