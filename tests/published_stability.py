"""Stability as two published procedures define it, to be compared with their numbers; plans use `stability`.

The stability of `stability.stability` is that of the best division of each sample. The published procedures search
less: what their few starts miss counts as instability of the segments, so their numbers are lower where the lowest
division is hard to find. Whoever compares with such a number needs the procedure that made it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from seglib.core.steady import largest, steady
from seglib.methods.clusterers import DIGITS, Labels
from seglib.methods.one_thread import one_thread
from seglib.methods.stability import adjusted_rand, crossed, jaccard

Array = npt.NDArray[np.float64]
Divide = Callable[[Array], Labels]

STEPS_MAX = 200
GRAIN = 2.0**-26  # distances that differ by less are equal


def boot_rand(x: Array, k: int, seed: int, pairs: int = 100, starts: int = 10) -> tuple[float, ...]:
    """Compare k-means of pairs of bootstrap samples, as R's flexclust does.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    k : int, at least 2
    seed : int
    pairs : int, at least 1
        Pairs of bootstrap samples.
    starts : int, at least 1
        Starts at k rows of the sample, drawn at random; the end with the smallest sum of distances is kept.

    Returns
    -------
    tuple of float, length `pairs`
        Adjusted Rand index of the two divisions of each pair, both predicted for all rows.

    Notes
    -----
    Leisch (2006, Computational Statistics & Data Analysis 51); Dolnicar & Leisch (2010, Marketing Letters 21). The
    definition is that of ``bootFlexclust`` with ``nrep = starts``: distances are added, not their squares, and who is
    equally near to several centres belongs to any of them.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> boot_rand(x, 2, seed=0, pairs=2)
    (1.0, 1.0)
    """
    rows, chance = steady(x), np.random.default_rng(seed)
    with one_thread():
        labels = [_of_sample(rows, k, starts, chance) for _ in range(2 * pairs)]
    return tuple(adjusted_rand(crossed(a, b, k, k)) for a, b in zip(labels[::2], labels[1::2], strict=True))


def boot_jaccard(x: Array, labels: Labels, divide: Divide, seed: int, samples: int = 100) -> tuple[float, ...]:
    """Find each segment again in bootstrap samples, as R's fpc does (clusterboot).

    Parameters
    ----------
    x : ndarray, shape (n, p)
    labels : ndarray of int, shape (n,)
        The division in question, 0 to k - 1.
    divide : callable
        The method: rows in, labels from 0 on out.
    seed : int
    samples : int, at least 1

    Returns
    -------
    tuple of float, length k
        Mean over the samples of the highest Jaccard overlap of a segment with any segment of the sample; both are
        compared on the rows that were drawn, each counted once. A sample without a member of the segment is left out.

    Notes
    -----
    Hennig (2007, Computational Statistics & Data Analysis 52), bootstrap without multiple points.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> boot_jaccard(x, np.repeat([0, 1], 20), lambda rows: (rows[:, 0] > 5).astype(int), seed=0, samples=3)
    (1.0, 1.0)
    """
    rows, chance, k = steady(x), np.random.default_rng(seed), int(labels.max()) + 1
    found = np.full((samples, k), np.nan)
    for number in range(samples):
        drawn = np.unique(chance.integers(0, len(rows), len(rows)))
        own, again = labels[drawn], np.asarray(divide(rows[drawn]), dtype=np.int64)
        overlap = jaccard(own, again, max(k, int(again.max()) + 1)).max(axis=1)[:k]
        found[number] = np.where(np.bincount(own, minlength=k) > 0, overlap, np.nan)
    return tuple(float(value) for value in np.nanmean(found, axis=0))


def _of_sample(rows: Array, k: int, starts: int, chance: np.random.Generator) -> Labels:
    """Label all rows by the best of several starts on one bootstrap sample."""
    sample = rows[chance.integers(0, len(rows), len(rows))]
    ends = [_lloyd(sample, sample[chance.choice(len(sample), k, replace=False)], chance) for _ in range(starts)]
    best = largest([-float(np.sqrt(_apart(sample, centres).min(axis=1).clip(min=0)).sum()) for centres in ends])
    return _placed(_apart(rows, np.round(ends[best], DIGITS)), chance)


def _lloyd(sample: Array, centres: Array, chance: np.random.Generator) -> Array:
    """Make Lloyd's steps until nobody moves; a group that lost everybody is dropped."""
    before = np.full(len(sample), -1)
    for _ in range(STEPS_MAX):
        label = _placed(_apart(sample, centres), chance)
        size = np.bincount(label, minlength=len(centres))
        member = (label == np.arange(len(centres))[:, None]).astype(float)
        centres = (member @ sample)[size > 0] / size[size > 0][:, None]
        if (label == before).all():
            break
        before = label
    return centres


def _apart(rows: Array, centres: Array) -> Array:
    """Give squared distances, shape (n, k), equal where only the last bits differ."""
    squared = (rows**2).sum(axis=1)[:, None] - 2 * rows @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.rint(squared / GRAIN) * GRAIN)


def _placed(apart: Array, chance: np.random.Generator) -> Labels:
    """Give everybody the nearest centre; of equally near ones any."""
    label = apart.argmin(axis=1)
    tied = np.flatnonzero((apart == apart.min(axis=1, keepdims=True)).sum(axis=1) > 1)
    if len(tied):
        equal = apart[tied] == apart[tied].min(axis=1, keepdims=True)
        label[tied] = (equal * chance.random(equal.shape)).argmax(axis=1)
    return np.asarray(label, dtype=np.int64)
