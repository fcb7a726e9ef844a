"""Say how compact and how separate segments are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

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
    """Measure one division.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        The scaled criteria that were clustered.
    fit : Fit
    seed : int
        Draws the rows of the silhouette.
    sample_rows : int
        The silhouette compares all pairs of rows, so it uses at most this many.

    Returns
    -------
    Quality

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> round(quality(x, Fit(np.array([0, 0, 1, 1]), np.array([[0.05], [5.05]]), 0.01), seed=0).silhouette, 2)
    0.98
    """
    return Quality(
        k=fit.k,
        silhouette=_silhouette(x, fit.labels, seed, sample_rows),
        calinski_harabasz=float(calinski_harabasz_score(x, fit.labels)),
        davies_bouldin=float(davies_bouldin_score(x, fit.labels)),
        sizes=tuple(int(size) for size in fit.sizes),
        smallest_share=float(fit.sizes.min() / len(x)),
    )


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


def _silhouette(x: Array, labels: Labels, seed: int, rows: int) -> float:
    chosen = sample(len(x), rows, seed)
    if len(np.unique(labels[chosen])) < 2:
        return float("nan")
    return float(silhouette_score(x[chosen], labels[chosen]))
