"""Divide customers into k groups; the centres alone are enough to assign anybody again."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from seglib.core.errors import Finding, InputRefused

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

DIGITS = 6
CUSTOMERS_PER_SEGMENT = 10
USUAL_SEGMENTS = 5  # a study must be large enough for as many


@dataclass(frozen=True, eq=False)
class Fit:
    """One division of customers into segments.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        0 to k - 1; label 0 is shown as segment 1.
    centres : ndarray of float, shape (k, p)
        Rounded to 6 digits; the labels are those of the nearest centre.
    inertia : float
        Sum of squared distances to the own centre.
    """

    labels: Labels
    centres: Array
    inertia: float

    @property
    def k(self) -> int:
        """Return the number of segments."""
        return len(self.centres)

    @property
    def sizes(self) -> Labels:
        """Return the customers per segment, shape (k,)."""
        return np.bincount(self.labels, minlength=self.k)


def assign(x: Array, centres: Array) -> Labels:
    """Give every row the label of its nearest centre; a tie goes to the lowest label.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria.
    centres : ndarray, shape (k, p)

    Returns
    -------
    ndarray of int, shape (n,), 0 to k - 1

    Examples
    --------
    >>> assign(np.array([[0.0], [1.0], [3.0]]), np.array([[0.0], [2.0]])).tolist()
    [0, 0, 1]
    """
    return np.asarray(distances(x, centres).argmin(axis=1), dtype=np.int64)


def distances(x: Array, centres: Array) -> Array:
    """Return squared Euclidean distances, added column by column as an engine adds them.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    centres : ndarray, shape (k, p)

    Returns
    -------
    ndarray, shape (n, k)

    Examples
    --------
    >>> distances(np.array([[0.0, 3.0]]), np.array([[4.0, 0.0], [0.0, 0.0]])).tolist()
    [[25.0, 9.0]]
    """
    total = np.zeros((len(x), len(centres)))
    for column, centre in zip(x.T, centres.T, strict=True):
        total += (column[:, None] - centre) ** 2
    return total


def kmeans(x: Array, k: int, seed: int, restarts: int = 10) -> Fit:
    """Find k segments by k-means (Lloyd 1982, k-means++ starts of Arthur & Vassilvitskii 2007).

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria without missing values.
    k : int, at least 2
    seed : int
        Same seed, same segments, on any number of threads.
    restarts : int
        Starts of which the best is kept.

    Returns
    -------
    Fit
        ``assign(x, fit.centres)`` gives exactly ``fit.labels``.

    Raises
    ------
    InputRefused
        V26, when there are fewer distinct customers than segments; S19, when it does not converge.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> sorted(kmeans(x, 2, seed=0).centres.ravel().tolist())
    [0.05, 5.05]
    >>> kmeans(np.zeros((9, 1)), 2, seed=0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-V26 2 segments need at least 2 different customers ...
    """
    distinct = len(np.unique(x, axis=0))
    if k > distinct:
        raise InputRefused(_too_many(k, distinct))
    centres = np.round(_lloyd(x, k, seed, restarts), DIGITS)
    squared = distances(x, centres)
    fit = Fit(squared.argmin(axis=1), centres, float(squared.min(axis=1).sum()))
    if fit.sizes.min() == 0:
        raise InputRefused(_too_many(k, int((fit.sizes > 0).sum())))
    return fit


def ordered(fit: Fit, value: npt.ArrayLike) -> Fit:
    """Renumber segments so that label 0 has the highest mean value.

    Parameters
    ----------
    fit : Fit
    value : array of float, shape (n,)
        Value of each customer, for example revenue, without missing values.

    Returns
    -------
    Fit
        Equal means are ordered by their centres, so the result does not depend on the old numbers.

    Examples
    --------
    >>> fit = Fit(np.array([0, 0, 1]), np.array([[1.0], [9.0]]), 0.0)
    >>> ordered(fit, [5, 5, 80]).labels.tolist()
    [1, 1, 0]
    """
    mean = np.bincount(fit.labels, np.asarray(value, dtype=float), fit.k) / np.maximum(fit.sizes, 1)
    order = np.lexsort((*fit.centres.T[::-1], -mean))
    return Fit(np.argsort(order)[fit.labels], fit.centres[order], fit.inertia)


def largest_k(x: Array, wanted: int) -> int:
    """Return how many segments the distinct customers allow, at least ten for each.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    wanted : int
        Upper end of the range of k in the plan.

    Returns
    -------
    int, 2 to ``wanted``

    Raises
    ------
    InputRefused
        V25, when there are fewer than 50 customers, or not even two segments are possible.

    Examples
    --------
    >>> largest_k(np.arange(55.0)[:, None], wanted=8)
    5
    >>> largest_k(np.arange(5.0)[:, None], wanted=8)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-V25 5 customers; at least 50 needed (10 per segment × 5) ...
    """
    distinct = len(np.unique(x, axis=0))
    if len(x) < USUAL_SEGMENTS * CUSTOMERS_PER_SEGMENT or distinct < 2 * CUSTOMERS_PER_SEGMENT:
        raise InputRefused(_too_few(len(x), distinct))
    return min(wanted, distinct // CUSTOMERS_PER_SEGMENT)


def _lloyd(x: Array, k: int, seed: int, restarts: int) -> Array:
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            model = KMeans(k, n_init=restarts, random_state=seed).fit(x)
        except ConvergenceWarning as trouble:
            raise InputRefused(_not_converged(k)) from trouble
    return np.asarray(model.cluster_centers_, dtype=np.float64)


def _too_many(k: int, distinct: int) -> Finding:
    return Finding(
        "V26",
        f"{k} segments need at least {k} different customers",
        found=f"{distinct} different",
        do="ask for fewer segments, or choose criteria in which customers differ",
    )


def _too_few(customers: int, distinct: int) -> Finding:
    per, least = CUSTOMERS_PER_SEGMENT, USUAL_SEGMENTS * CUSTOMERS_PER_SEGMENT
    noun = "customer" if customers == 1 else "customers"
    return Finding(
        "V25",
        f"{customers} {noun}; at least {least} needed ({per} per segment × {USUAL_SEGMENTS})",
        found=f"{distinct} different",
        do="take more customers, or criteria in which they differ",
    )


def _not_converged(k: int) -> Finding:
    return Finding(
        "S19",
        f"k-means with {k} segments did not settle",
        do="look for extreme values in the criteria, or fewer segments",
    )
