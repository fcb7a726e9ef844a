"""Ask whether another sample of the same customers would give the same segments."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from seglib.methods.clusterers import Fit, Labels, assign
from seglib.methods.quality import sample

Array = npt.NDArray[np.float64]

RESTARTS = 3
NOT_STABLE_BELOW = 0.6  # Jaccard; Hennig (2008) calls a cluster dissolved at 0.5 and doubtful up to 0.6
STABLE_FROM = 0.75  # Jaccard from which Hennig's clusterboot calls a cluster valid and stable


@dataclass(frozen=True)
class Stability:
    """How much segments change when the sample changes.

    Parameters
    ----------
    ari : tuple of float
        Adjusted Rand index (Hubert & Arabie 1985) of each pair of bootstrap divisions; 1 is equal, 0 is chance.
    jaccard : tuple of float, 0 to 1
        Per segment, the mean over all bootstrap divisions of its best Jaccard overlap (Hennig 2007).
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


def stability(x: Array, fit: Fit, seed: int, pairs: int = 20, sample_rows: int = 2_000) -> Stability:
    """Refit on pairs of bootstrap samples and compare the divisions.

    Global stability follows Dolnicar & Leisch (2010): two bootstrap samples are clustered, both divisions label
    the same rows, and their adjusted Rand index is taken. The Jaccard value of a segment follows Hennig (2007),
    evaluated on all sampled rows by nearest centre.

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
    >>> stability(x, fit, seed=0, pairs=3).median
    1.0
    """
    rows = x[sample(len(x), sample_rows, seed)]
    reference = assign(rows, fit.centres)
    refits = list(_refits(rows, fit.k, seed, 2 * pairs))
    ari = [float(adjusted_rand_score(a, b)) for a, b in zip(refits[::2], refits[1::2], strict=True)]
    overlap = np.array([jaccard(reference, labels, fit.k).max(axis=1) for labels in refits])
    return Stability(tuple(ari), tuple(float(value) for value in overlap.mean(axis=0)))


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
    both = np.bincount(first * k + second, minlength=k * k).reshape(k, k)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    return np.asarray(both / np.maximum(either, 1))


def _refits(rows: Array, k: int, seed: int, count: int) -> list[Labels]:
    rng = np.random.default_rng(seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a sample with few distinct rows counts as unstable
        return [_refit(rows, k, rng) for _ in range(count)]


def _refit(rows: Array, k: int, rng: np.random.Generator) -> Labels:
    """Label all rows by a fit on one bootstrap sample; repeated rows become weights, which is faster."""
    weight = np.bincount(rng.integers(0, len(rows), len(rows)), minlength=len(rows))
    drawn = np.flatnonzero(weight)
    model = KMeans(k, n_init=RESTARTS, max_iter=100, random_state=int(rng.integers(2**31)))
    return assign(rows, model.fit(rows[drawn], sample_weight=weight[drawn]).cluster_centers_)
