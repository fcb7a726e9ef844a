"""Say how compact and how separate segments are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from seglib.core.steady import steady
from seglib.methods.clusterers import Fit, Labels

Array = npt.NDArray[np.float64]

SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class Quality:
    """Internal quality of one division; none of these can show that segments exist (see ``structure``).

    Parameters
    ----------
    k : int
        Number of segments.
    silhouette : float, -1 to 1
        Mean of (b - a) / max(a, b) (Rousseeuw 1987); higher is better.
    calinski_harabasz : float, at least 0
        Between over within variance (Calinski & Harabasz 1974); higher is better.
    davies_bouldin : float, at least 0
        Mean similarity to the nearest segment (Davies & Bouldin 1979); lower is better.
    sizes : tuple of int
        Customers per segment.
    smallest_share : float, 0 to 1
        Customers of the smallest segment over all customers.
    """

    k: int
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    sizes: tuple[int, ...]
    smallest_share: float


def quality(x: Array, fit: Fit, seed: int, sample_rows: int = SAMPLE_ROWS) -> Quality:
    """Measure one division; see ``qualities``.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> round(quality(x, Fit(np.array([0, 0, 1, 1]), np.array([[0.05], [5.05]]), 0.01), seed=0).silhouette, 2)
    0.98
    """
    return qualities(x, {fit.k: fit}, seed, sample_rows)[fit.k]


def qualities(x: Array, fits: Mapping[int, Fit], seed: int, sample_rows: int = SAMPLE_ROWS) -> dict[int, Quality]:
    """Measure several divisions of the same customers; their distances are computed once.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        The scaled criteria that were clustered.
    fits : mapping from k to Fit
    seed : int
        Draws the rows of the silhouette.
    sample_rows : int
        The silhouette compares all pairs of rows, so it uses at most this many.

    Returns
    -------
    dict from k to Quality

    Examples
    --------
    >>> fit = Fit(np.array([0, 0, 0, 1]), np.array([[0.0], [5.0]]), 0.0)
    >>> qualities(np.array([[0.0], [0.1], [0.2], [5.0]]), {2: fit}, seed=0)[2].smallest_share
    0.25
    """
    chosen = sample(len(x), sample_rows, seed)
    given = steady(x)
    apart = squareform(pdist(given[chosen]))
    return {
        k: Quality(
            k=k,
            silhouette=silhouette(apart, np.unique(fit.labels[chosen], return_inverse=True)[1]),
            calinski_harabasz=float(calinski_harabasz_score(given, fit.labels)),
            davies_bouldin=float(davies_bouldin_score(given, fit.labels)),
            sizes=tuple(int(size) for size in fit.sizes),
            smallest_share=float(fit.sizes.min() / len(x)),
        )
        for k, fit in fits.items()
    }


def sample(count: int, rows: int, seed: int) -> Labels:
    """Choose at most ``rows`` row numbers without repetition, in ascending order.

    Parameters
    ----------
    count : int
        Rows there are.
    rows : int
        Rows wanted at most.
    seed : int

    Returns
    -------
    ndarray of int, shape (min(count, rows),)

    Examples
    --------
    >>> sample(3, 10, seed=0).tolist()
    [0, 1, 2]
    """
    if count <= rows:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, rows, replace=False))


def silhouette(apart: Array, labels: Labels, smallest_share: float = 0.0) -> float:
    """Return the mean silhouette (Rousseeuw 1987) from known distances, or 0 where a segment is too small.

    A customer alone in a segment has silhouette 0, as Rousseeuw sets it.

    Parameters
    ----------
    apart : ndarray, shape (n, n)
        Distances.
    labels : ndarray of int, shape (n,)
        0 to k - 1, none empty.
    smallest_share : float, 0 to 1

    Returns
    -------
    float, -1 to 1

    Examples
    --------
    >>> round(silhouette(np.abs(np.subtract.outer([0, 1, 8, 9], [0, 1, 8, 9])), np.array([0, 0, 1, 1])), 2)
    0.87
    """
    sizes = np.bincount(labels)
    if len(sizes) < 2 or sizes.min() < smallest_share * len(labels):
        return 0.0
    member = np.eye(len(sizes))[labels]
    total = apart @ member
    own = (total * member).sum(axis=1) / np.maximum(sizes[labels] - 1, 1)
    other = np.where(member == 1, np.inf, total / sizes).min(axis=1)
    each = (other - own) / np.maximum(np.maximum(own, other), np.finfo(float).tiny)
    return float(np.mean(np.where(sizes[labels] > 1, each, 0.0)))
