"""Divide customers into k groups; the centres alone are enough to assign anybody again."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn import config_context
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import largest, steady
from seglib.methods.one_thread import one_thread
from seglib.methods.solver import check, too_many, unsettled
from seglib.methods.swaps import drawn, shaken, swapped

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

DIGITS = 6
STEPS_MAX = 300
CUSTOMERS_PER_SEGMENT = 10
SWAP_ROWS = 2_000  # at most, on which lower centres are looked for
ROUNDS_MIN, ROUNDS_MAX, ROUNDS_OF_ROWS = 10, 150, 15_000  # rounds of that, more where there are few rows
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
    agreement : float, 0 to 1
        Share of customers to whom the method itself and the nearest centre give the same segment.
    left_out_share : float, 0 to 1
        Share of customers to whom the method itself gives no segment (HDBSCAN calls them noise).
    """

    labels: Labels
    centres: Array
    inertia: float
    agreement: float = 1.0
    left_out_share: float = 0.0

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
    return np.asarray(distances(steady(x), centres).argmin(axis=1), dtype=np.int64)


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


def kmeans(x: Array, k: int, seed: int, restarts: int = 10, names: Sequence[str] = ()) -> Fit:
    """Find k segments by k-means (Lloyd 1982, k-means++ starts of Arthur & Vassilvitskii 2007, then swaps).

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria without missing values.
    k : int, at least 2
    seed : int
        Same seed, same segments, on any number of threads.
    restarts : int
        Starts of which the best is kept. From there swaps look for something lower (see ``swaps``), until ten or
        more rounds in a row find nothing.
    names : sequence of str
        Names of the columns, for the sentence when something is wrong.

    Returns
    -------
    Fit
        ``assign(x, fit.centres)`` gives exactly ``fit.labels``.

    Raises
    ------
    InputRefused
        V26, when there are fewer distinct customers than segments; S19, when it does not settle
        or a value is too large to compute with.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> sorted(kmeans(x, 2, seed=0).centres.ravel().tolist())
    [0.05, 5.05]
    >>> kmeans(np.zeros((9, 1)), 2, seed=0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-V26 2 segments need at least 2 different customers ...
    """
    given = steady(x)
    check(given, k, names)
    return nearest(given, _lloyd(given, k, seed, restarts, names))


def nearest(x: Array, centres: Array) -> Fit:
    """Make the division in which everybody belongs to the nearest centre.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    centres : ndarray, shape (k, p)
        Rounded to 6 digits before anybody is assigned.

    Returns
    -------
    Fit

    Raises
    ------
    InputRefused
        V26, when nobody is nearest to one of the centres.

    Examples
    --------
    >>> nearest(np.array([[0.0], [1.0], [5.0]]), np.array([[0.5], [5.0]])).inertia
    0.5
    """
    rounded = np.round(centres, DIGITS)
    squared = distances(steady(x), rounded)
    fit = Fit(squared.argmin(axis=1), rounded, float(squared.min(axis=1).sum()))
    if fit.sizes.min() == 0:
        raise InputRefused(too_many(fit.k, int((fit.sizes > 0).sum())))
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
    order = np.lexsort((*fit.centres.T[::-1], -steady(mean)))
    return replace(fit, labels=np.argsort(order, kind="stable")[fit.labels], centres=fit.centres[order])


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
    distinct = len(np.unique(steady(x), axis=0))
    if len(x) < USUAL_SEGMENTS * CUSTOMERS_PER_SEGMENT or distinct < 2 * CUSTOMERS_PER_SEGMENT:
        raise InputRefused(_too_few(len(x), distinct))
    return min(wanted, distinct // CUSTOMERS_PER_SEGMENT)


def _lloyd(x: Array, k: int, seed: int, restarts: int, names: Sequence[str]) -> Array:
    """Keep the best start, and what swaps find below it; of equals the first, whatever their last bits say."""
    chance = np.random.RandomState(seed)
    with one_thread(), config_context(assume_finite=True), warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            found = [KMeans(k, n_init=1, max_iter=STEPS_MAX, random_state=chance).fit(x) for _ in range(restarts)]
            begin = _below(x, found[largest([-each.inertia_ for each in found])].cluster_centers_, seed)
            found.append(KMeans(k, init=begin, n_init=1, max_iter=STEPS_MAX, tol=0).fit(x))
        except ConvergenceWarning:
            found = []
    best = found[largest([-each.inertia_ for each in found])] if found else None
    if best is None or best.n_iter_ >= STEPS_MAX:
        raise InputRefused(unsettled("k-means", k, x, names))
    return np.asarray(best.cluster_centers_, dtype=np.float64)


def _below(x: Array, centres: Array, seed: int) -> Array:
    """Look for lower centres; of many customers, a sample says where."""
    chance = np.random.default_rng(seed)
    different, weight = np.unique(x, axis=0, return_counts=True)
    rows, counts = drawn(different, weight.astype(float), SWAP_ROWS, chance)
    rounds = min(max(ROUNDS_MIN, ROUNDS_OF_ROWS // len(rows)), ROUNDS_MAX)
    low = swapped(rows, counts, centres, chance, rounds)
    return shaken(rows, counts, low, chance, rounds) if len(rows) == len(different) else low


def _too_few(customers: int, distinct: int) -> Finding:
    per, least = CUSTOMERS_PER_SEGMENT, USUAL_SEGMENTS * CUSTOMERS_PER_SEGMENT
    noun = "customer" if customers == 1 else "customers"
    return Finding(
        "V25",
        f"{customers} {noun}; at least {least} needed ({per} per segment × {USUAL_SEGMENTS})",
        found=f"{distinct} different",
        do="take more customers, or criteria in which they differ",
    )
