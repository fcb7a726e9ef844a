"""Roots and axes of a covariance that are the same on every machine: eigenvectors alone may come with either sign."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FLAT = 1e-9  # share of a column's variance below which the columns before it say all of it
APART = 1e-6  # by which variances that are equal are told apart, the earlier column first


def root(covariance: Array) -> Array:
    """Give a matrix whose product with its own transpose is the covariance.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        Symmetric, without negative variances.

    Returns
    -------
    ndarray, shape (p, r)
        Its r is the rank; where columns repeat others, they add nothing.

    Notes
    -----
    Cholesky's decomposition, the columns in their order (Golub and Van Loan 2013, Matrix Computations, section 4.2).
    Unlike a root by eigenvectors it has no free signs and moves little when the covariance does.

    Examples
    --------
    >>> root(np.array([[4.0, 2.0], [2.0, 5.0]])).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    >>> root(np.array([[4.0, 4.0], [4.0, 4.0]])).tolist()
    [[2.0], [2.0]]
    """
    left, columns = covariance.astype(float), []
    for place, variance in enumerate(np.diag(covariance)):
        if left[place, place] > FLAT * variance:
            column = left[:, place] / np.sqrt(left[place, place])
            column[:place] = 0.0
            columns.append(column)
            left = left - np.outer(column, column)
    return np.column_stack(columns) if columns else np.zeros((len(covariance), 0))


def axes(covariance: Array) -> Array:
    """Give the principal axes, the longest first, with signs that do not depend on the machine.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)

    Returns
    -------
    ndarray, shape (p, p)
        One axis of length 1 per row. Of two directions with equal variance each is an axis as well as anything between
        them, so the variances of the columns are first told apart by a millionth.

    Examples
    --------
    >>> axes(np.diag([1.0, 9.0])).round(3).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    >>> axes(np.eye(2)).round(3).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    count = len(covariance)
    apart = np.sqrt(1 + APART * np.arange(count, 0, -1))
    found = np.linalg.eigh(covariance * apart * apart[:, None])[1][:, ::-1].T
    towards = found @ np.sqrt(np.arange(2.0, count + 2))  # no axis of real data is at right angles to these roots
    return np.asarray(found * np.where(towards < 0, -1.0, 1.0)[:, None]) + 0.0
