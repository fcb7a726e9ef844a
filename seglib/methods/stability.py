"""Ask whether another sample of the same customers would give the same segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn import config_context
from sklearn.cluster import KMeans

from seglib.core.steady import largest, steady
from seglib.methods.clusterers import DIGITS, Fit, Labels, distances
from seglib.methods.one_thread import one_thread
from seglib.methods.quality import sample
from seglib.methods.swaps import started

Array = npt.NDArray[np.float64]
Centres = Callable[[Array, Sequence[int], int], Mapping[int, Array]]

STEPS_MAX = 100
HIGHLY_STABLE_FROM = 0.85  # Jaccard from which it calls a cluster highly stable
SUBSET_ROWS = 1_000  # of which a method without weights sees one half at a time


@dataclass(frozen=True)
class Stability:
    """How much segments change when the sample changes.

    Parameters
    ----------
    ari : tuple of float
        Adjusted Rand index (Hubert & Arabie 1985) of each pair of divisions of two samples; 1 is equal, 0 is chance.
    jaccard : tuple of float, 0 to 1
        Per segment, the mean over all samples of its best Jaccard overlap (Hennig 2007).
    """

    ari: tuple[float, ...]
    jaccard: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median of the adjusted Rand indices; it hides a division that comes out in two ways."""
        return float(np.median(self.ari))

    @property
    def mean(self) -> float:
        """Return the global stability: the mean of the adjusted Rand indices."""
        return float(np.mean(self.ari))

    @property
    def error(self) -> float:
        """Return the standard error of the mean over the pairs, which are independent of each other."""
        return float(np.std(self.ari, ddof=1) / np.sqrt(len(self.ari))) if len(self.ari) > 1 else 0.0


def stability(x: Array, fit: Fit, seed: int, pairs: int = 50, sample_rows: int = 2_000) -> Stability:
    """Refit k-means on pairs of bootstrap samples and compare the divisions.

    Global stability is in the manner of Dolnicar & Leisch (2010): two bootstrap samples are clustered, both divisions
    label the same rows, and their adjusted Rand index is taken. The Jaccard value of a segment is in the manner of
    Hennig (2007), but on all sampled rows by nearest centre. It is not the number that R's flexclust or fpc print,
    which `bootstrap` computes: theirs holds what a search of few starts misses, and is lower. Each refit looks for the
    lowest division of its sample (see ``swaps``): what a search misses would be counted as a change of the segments. It
    starts at random: a start from the fit's own centres would be faster and would find the fit again where nothing but
    the start speaks for it.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria.
    fit : Fit
        The division in question; its k is refitted.
    seed : int
    pairs : int, at least 1
        Pairs of bootstrap samples; two refits each.
    sample_rows : int
        At most this many rows are drawn once and then resampled.

    Returns
    -------
    Stability
        ``ari`` has length ``pairs``, ``jaccard`` length k in the order of the fit's labels.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> fit = Fit(np.repeat([0, 1], 20), np.array([[0.25], [9.75]]), 1.0)
    >>> stability(x, fit, seed=0, pairs=3).mean
    1.0
    """
    rows = steady(x[sample(len(x), sample_rows, seed)])
    return _compared(rows, fit, _bootstraps(rows, fit.k, seed, pairs))


def subset_stability(
    x: Array, fits: Mapping[int, Fit], centres: Centres, seed: int, pairs: int = 50, sample_rows: int = SUBSET_ROWS
) -> dict[int, Stability]:
    """Refit any method on pairs of halves of the rows and compare the divisions, for all numbers of segments.

    A density or a tree is misled by rows that stand twice in a bootstrap sample, so halves are drawn without
    repetition (Hennig 2007, "subsetting"). A half in which the method does not find so many segments counts as one
    undivided segment: nothing was found again.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria.
    fits : mapping from k to Fit
        The divisions in question.
    centres : callable of (rows, ks, seed)
        The method: centres of its division into each k that it finds.
    seed : int
    pairs : int, at least 1
        Pairs of halves; two refits each.
    sample_rows : int
        At most this many rows are drawn once and then halved.

    Returns
    -------
    dict from k to Stability

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> fit = Fit(np.repeat([0, 1], 20), np.array([[0.25], [9.75]]), 1.0)
    >>> subset_stability(x, {2: fit}, lambda rows, ks, seed: {2: fit.centres}, seed=0, pairs=3)[2].mean
    1.0
    """
    rows = steady(x[sample(len(x), sample_rows, seed)])
    refits = _halves(rows, list(fits), centres, seed, pairs)
    return {k: _compared(rows, fit, refits[k]) for k, fit in fits.items()}


def found_again(x: Array, labels: Labels, seed: int, pairs: int = 50, centres: Centres | None = None) -> Stability:
    """Ask whether a given division, whoever made it, would be found again if it were learnt on samples of these rows.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria.
    labels : ndarray of int, shape (n,)
        The division in question, 0 to k - 1, every number at least once.
    seed : int
    pairs : int, at least 1
        Two refits each.
    centres : callable, optional
        The method, as in ``subset_stability``; k-means on bootstrap samples when omitted.

    Returns
    -------
    Stability
        ``ari`` of the division with each refit, length 2 x ``pairs``; ``jaccard`` in the order of the labels.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> found_again(x, np.repeat([0, 1], 20), seed=0, pairs=3).mean
    1.0
    >>> found_again(x, np.tile([0, 1], 20), seed=0, pairs=3).mean < 0.1
    True
    """
    chosen = sample(len(x), 2_000 if centres is None else SUBSET_ROWS, seed)
    rows, given, k = steady(x[chosen]), labels[chosen], int(labels.max()) + 1
    refits = _bootstraps(rows, k, seed, pairs) if centres is None else _halves(rows, [k], centres, seed, pairs)[k]
    ari = tuple(adjusted_rand(crossed(given, again, k, k)) for again in refits)
    overlap = np.mean([jaccard(given, again, k).max(axis=1) for again in refits], axis=0)
    return Stability(ari, tuple(float(value) for value in overlap))


def jaccard(first: Labels, second: Labels, k: int) -> Array:
    """Return the Jaccard overlap of every pair of segments of two divisions.

    Parameters
    ----------
    first, second : ndarray of int, shape (n,)
        Labels of the same rows, 0 to k - 1.
    k : int

    Returns
    -------
    ndarray, shape (k, k)
        Rows are segments of ``first``: customers in both over customers in either; 0 where both are empty.

    Examples
    --------
    >>> jaccard(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2).round(2).tolist()
    [[0.5, 0.25], [0.0, 0.67]]
    """
    both = crossed(first, second, k, k)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    return np.asarray(both / np.maximum(either, 1))


def crossed(first: Labels, second: Labels, rows: int, columns: int) -> Labels:
    """Count the customers in every pair of segments of two divisions.

    Parameters
    ----------
    first, second : ndarray of int, shape (n,)
        Labels of the same customers.
    rows, columns : int
        Segments of each.

    Returns
    -------
    ndarray of int, shape (rows, columns)

    Examples
    --------
    >>> crossed(np.array([0, 0, 1]), np.array([0, 1, 1]), 2, 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns)


def adjusted_rand(both: Labels) -> float:
    """Return the adjusted Rand index (Hubert & Arabie 1985) from counts: scikit-learn's sorts labels at each call.

    Parameters
    ----------
    both : ndarray of int, shape (k, l)
        Customers in every pair of segments.

    Returns
    -------
    float, at most 1

    Examples
    --------
    >>> adjusted_rand(np.array([[2, 0], [0, 2]])), adjusted_rand(np.array([[4, 0], [0, 0]]))
    (1.0, 1.0)
    """
    together, first, second, total = (
        float((counts * (counts - 1) / 2).sum()) for counts in (both, both.sum(axis=1), both.sum(axis=0), both.sum())
    )
    chance, most = first * second / max(total, 1.0), (first + second) / 2
    return (together - chance) / (most - chance) if most != chance else 1.0


def _compared(rows: Array, fit: Fit, refits: Sequence[Labels]) -> Stability:
    reference = _nearest(rows, fit.centres)
    k = fit.k
    ari = [adjusted_rand(crossed(a, b, k, k)) for a, b in zip(refits[::2], refits[1::2], strict=True)]
    overlap = np.array([jaccard(reference, labels, k).max(axis=1) for labels in refits])
    return Stability(tuple(ari), tuple(float(value) for value in overlap.mean(axis=0)))


def _nearest(rows: Array, centres: Array) -> Labels:
    """Label rows that are steady by centres as they would be written."""
    return np.asarray(distances(rows, np.round(centres, DIGITS)).argmin(axis=1), dtype=np.int64)


def _bootstraps(rows: Array, k: int, seed: int, pairs: int) -> list[Labels]:
    """Label all rows by fits on bootstrap samples; equal rows become one with a weight, which is faster."""
    rng = np.random.default_rng(seed)
    different, place = np.unique(rows, axis=0, return_inverse=True)
    place = place.ravel()
    with one_thread(), config_context(assume_finite=True, skip_parameter_validation=True):
        return [_refit(different, place, k, rng)[place] for _ in range(2 * pairs)]


def _halves(rows: Array, ks: Sequence[int], centres: Centres, seed: int, pairs: int) -> dict[int, list[Labels]]:
    rng = np.random.default_rng(seed)
    refits: dict[int, list[Labels]] = {k: [] for k in ks}
    with one_thread():
        for _ in range(2 * pairs):
            half = rows[rng.permutation(len(rows))[: len(rows) // 2]]
            found = centres(half, ks, int(rng.integers(2**31)))
            for k, labels in refits.items():
                labels.append(_nearest(rows, found.get(k, rows[:1])))
    return refits


def _refit(different: Array, place: Labels, k: int, rng: np.random.Generator) -> Labels:
    """Label the different rows by the lowest division that is found of one bootstrap sample."""
    weight = np.bincount(place[rng.integers(0, len(place), len(place))], minlength=len(different)).astype(float)
    drawn = np.flatnonzero(weight)
    rows, counts = different[drawn], weight[drawn]
    ends = [
        KMeans(k, init=begin, n_init=1, max_iter=STEPS_MAX).fit(rows, sample_weight=counts)
        for begin in started(rows, counts, k, rng)
    ]
    return _nearest(different, ends[largest([-each.inertia_ for each in ends])].cluster_centers_)
