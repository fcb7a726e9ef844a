"""Ask whether the customers form natural groups at all, before anybody names a segment.

Compactness and stability are high in data without any groups too (a long tail is cut at the same place every
time). So the silhouette of the data is compared with that of twins that have no groups by construction, in the
manner of the gap statistic (Tibshirani, Walther & Hastie 2001), with two families of twins:

- unimodal: the rank correlations of the data (Gaussian copula) with margins replaced by the nearest distribution
  with one mode (Hartigan & Hartigan 1985), so that skewness and tails stay;
- box: uniform over the box of the principal components (Tibshirani et al. 2001, reference b).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import isotonic_regression
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from seglib.methods.clusterers import Labels
from seglib.methods.quality import sample

Array = npt.NDArray[np.float64]
Verdict = Literal["natural", "reproducible", "constructed"]

RESTARTS = 3
DISCRETE_VALUES_MAX = 32
QUANTILES = np.linspace(0, 1, 65)
BEATEN_SHARE_MIN = 0.95
MARGIN_MIN = 0.02  # what another draw of 500 rows moves the index by; smaller leads are no evidence
REPRODUCIBLE_FROM = 0.8


@dataclass(frozen=True)
class Structure:
    """The evidence for groups: the index of the data and of its twins without groups.

    Parameters
    ----------
    index : float, -1 to 1
        Highest mean silhouette over the numbers of segments tried.
    k : int
        Number of segments at which it is reached.
    unimodal, box : tuple of float
        The same index of each twin, by family.
    """

    index: float
    k: int
    unimodal: tuple[float, ...]
    box: tuple[float, ...]

    @property
    def beaten_share(self) -> float:
        """Return the share of twins that the data beat by 0.02 or more, in the harder family; 0 to 1."""
        return min(float(np.mean(np.array(twins) <= self.index - MARGIN_MIN)) for twins in (self.unimodal, self.box))

    def verdict(self, global_stability: float) -> Verdict:
        """Put the evidence into one word.

        Parameters
        ----------
        global_stability : float
            Mean adjusted Rand index at the chosen number of segments.

        Returns
        -------
        {"natural", "reproducible", "constructed"}
            ``natural`` when the data beat at least 95 % of the twins of both families by 0.02; else ``reproducible``
            when the stability is at least 0.8 (the same cut would be made again, but it is a cut through a
            continuum); else ``constructed``.

        Examples
        --------
        >>> Structure(0.4, 3, (0.3, 0.2), (0.1, 0.5)).verdict(global_stability=0.9)
        'reproducible'
        """
        if self.beaten_share >= BEATEN_SHARE_MIN:
            return "natural"
        return "reproducible" if global_stability >= REPRODUCIBLE_FROM else "constructed"


def structure(
    x: Array,
    seed: int,
    ks: Sequence[int] = range(2, 9),
    rows: int = 500,
    twins: int = 19,
    smallest_share: float = 0.05,
) -> Structure:
    """Compare the data with twins that have no groups.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria without missing values.
    seed : int
    ks : sequence of int
        Numbers of segments to try.
    rows : int
        Rows drawn from the data, and rows of each twin.
    twins : int
        Twins per family; with 19 the data must beat all of them.
    smallest_share : float, 0 to 1
        A division with a smaller segment than this does not count, else a few outliers would be the best segment.

    Returns
    -------
    Structure

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0, 0], [9, 9]], 30, axis=0)
    >>> structure(x, seed=0, ks=[2, 3], twins=2).k
    2
    """
    real = x[sample(len(x), rows, seed)]
    rng = np.random.default_rng(seed)

    def family(make: Callable[[], Array]) -> tuple[float, ...]:
        return tuple(best_silhouette(make(), ks, smallest_share, rng)[0] for _ in range(twins))

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than k: that k does not count
        index, k = best_silhouette(real, ks, smallest_share, rng)
        return Structure(index, k, family(unimodal_twins(real, rng)), family(box_twins(real, rng)))


def best_silhouette(x: Array, ks: Sequence[int], smallest_share: float, rng: np.random.Generator) -> tuple[float, int]:
    """Find the number of segments with the highest mean silhouette.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    ks : sequence of int
    smallest_share : float
        Divisions with a smaller segment score -1.
    rng : Generator

    Returns
    -------
    (float, int)
        The silhouette and its number of segments; the first of equals.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 5, axis=0) + np.linspace(0, 1, 10)[:, None]
    >>> best_silhouette(x, [2, 3], 0.05, np.random.default_rng(0))[1]
    2
    """
    apart = cdist(x, x)
    scores = []
    for k in ks:
        model = KMeans(k, n_init=RESTARTS, random_state=int(rng.integers(2**31)))
        scores.append(_silhouette(apart, model.fit(x).labels_, k, smallest_share))
    best = int(np.argmax(scores))
    return scores[best], ks[best]


def unimodal_twins(x: Array, rng: np.random.Generator) -> Callable[[], Array]:
    """Return a source of twins with the rank correlations of the data and margins with one mode.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    rng : Generator

    Returns
    -------
    function without arguments that draws an ndarray of shape (n, p)

    Examples
    --------
    >>> x = np.repeat([[0.0, 1.0], [9.0, 5.0]], 5, axis=0)
    >>> unimodal_twins(x, np.random.default_rng(0))().shape
    (10, 2)
    """
    scores = stats.norm.ppf((stats.rankdata(x, axis=0) - 0.5) / len(x))
    correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))
    margins = [unimodal_margin(column) for column in x.T]

    def draw() -> Array:
        normal = rng.multivariate_normal(np.zeros(x.shape[1]), correlation, len(x), method="eigh")
        level = stats.norm.cdf(normal)
        return np.column_stack([quantile(u) for quantile, u in zip(margins, level.T, strict=True)])

    return draw


def unimodal_margin(column: Array) -> Callable[[Array], Array]:
    """Return the quantile function of the distribution with one mode that lies nearest to a sample.

    The density may rise up to the mode and must fall after it: it is made monotone on both sides by isotonic
    regression (greatest convex minorant, least concave majorant of the distribution function); the mode is where
    the largest vertical distance to the sample is smallest (Hartigan & Hartigan 1985). A column of few different
    values, such as a count, keeps these values; a heap at the lowest value, such as zero, stays a heap.

    Parameters
    ----------
    column : ndarray, shape (n,)

    Returns
    -------
    function from levels between 0 and 1 to values

    Examples
    --------
    >>> quantile = unimodal_margin(np.array([0.0] * 4 + [1.0] + [2.0] * 3))
    >>> quantile(np.array([0.1, 0.6, 0.9])).tolist()
    [0.0, 1.0, 2.0]
    """
    values, counts = np.unique(column, return_counts=True)
    if len(values) <= DISCRETE_VALUES_MAX:
        steps = _one_mode(counts / len(column), np.ones(len(values)))
        return lambda u: values[np.searchsorted(steps, u).clip(max=len(values) - 1)]
    grid = np.unique(np.quantile(column, QUANTILES))
    level = np.searchsorted(np.sort(column), grid, side="right") / len(column)
    width = np.diff(grid)
    rise = level[0] + np.concatenate([[0.0], _one_mode(np.diff(level) / width, width)])
    return lambda u: np.interp(u, rise, grid)


def box_twins(x: Array, rng: np.random.Generator) -> Callable[[], Array]:
    """Return a source of twins that are uniform over the box of the principal components.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    rng : Generator

    Returns
    -------
    function without arguments that draws an ndarray of shape (n, p)

    Examples
    --------
    >>> box_twins(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), np.random.default_rng(0))().shape
    (3, 2)
    """
    centre = x.mean(axis=0)
    axes = np.linalg.svd(x - centre, full_matrices=False)[2]
    turned = (x - centre) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return lambda: np.asarray(rng.uniform(low, high, turned.shape) @ axes + centre)


def _one_mode(height: Array, width: Array) -> Array:
    """Return the cumulated areas of the nearest histogram that rises up to one bar and falls after it."""
    target = np.cumsum(height * width)
    candidates = [np.cumsum(_up_down(height, width, mode) * width) for mode in range(len(height) + 1)]
    return min(candidates, key=lambda areas: float(np.abs(areas - target).max()))


def _up_down(height: Array, width: Array, mode: int) -> Array:
    up, down = slice(None, mode), slice(mode, None)
    rising = isotonic_regression(height[up], weights=width[up]).x if mode else height[up]
    falling = height[down]
    if mode < len(height):
        falling = isotonic_regression(falling, weights=width[down], increasing=False).x
    return np.concatenate([rising, falling])


def _silhouette(apart: Array, labels: Labels, k: int, smallest_share: float) -> float:
    """Return the mean silhouette from known distances, or -1 when a segment is too small."""
    sizes = np.bincount(labels, minlength=k)
    if sizes.min() < max(2, smallest_share * len(labels)):
        return -1.0
    member = np.eye(k)[labels]
    total = apart @ member
    own = (total * member).sum(axis=1) / (sizes[labels] - 1)
    other = np.where(member == 1, np.inf, total / sizes).min(axis=1)
    return float(np.mean((other - own) / np.maximum(np.maximum(own, other), np.finfo(float).tiny)))
