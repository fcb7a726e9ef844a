"""Draw twins of a data set: alike in shape, but without groups by construction.

Three families, because a set without groups can look like a division in more than one way:

- unimodal: the rank correlations of the data (Gaussian copula) with margins replaced by the nearest distribution
  with one mode (Hartigan & Hartigan 1985), so that skewness and long tails stay;
- elliptical: the covariance of the data with a density that falls in every direction (star unimodal, Dharmadhikari
  & Joag-Dev 1988), so that a dense core among far outskirts stays;
- box: uniform over the box of the principal components (Tibshirani, Walther & Hastie 2001, reference b).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import isotonic_regression

from seglib.core.steady import steady, steady_number
from seglib.methods.roots import axes, root

Array = npt.NDArray[np.float64]
Draw = Callable[[], Array]

DISCRETE_VALUES_MAX = 32
LATENT_ROWS, LATENT_STEPS, LATENT_MOST = 2_000, 6, 0.98
QUANTILES = np.linspace(0, 1, 65)


def unimodal_twins(x: Array, rng: np.random.Generator) -> Draw:
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
    margins = [unimodal_margin(column) for column in x.T]
    spread = root(_latent(steady(x), margins))

    def draw() -> Array:
        level = stats.norm.cdf(rng.normal(size=(len(x), spread.shape[1])) @ spread.T)
        return np.column_stack([quantile(u) for quantile, u in zip(margins, level.T, strict=True)])

    return draw


def _latent(x: Array, margins: Sequence[Callable[[Array], Array]]) -> Array:
    """Give the correlations of the normal scores behind the data; ties, as in answers of yes or no, take some away.

    The correlations are raised until twins with the same ties show those of the data (the idea of NORTA: Cario & Nelson
    1997), by a few steps of a fixed-point search on one large draw.
    """
    wanted = _scores(x)
    if not any(len(np.unique(column)) <= DISCRETE_VALUES_MAX for column in x.T):
        return wanted
    drawn = np.random.default_rng(0).normal(size=(LATENT_ROWS, x.shape[1]))
    behind = wanted.copy()
    for _ in range(LATENT_STEPS):
        half = root(behind)
        level = stats.norm.cdf(drawn[:, : half.shape[1]] @ half.T)
        seen = _scores(np.column_stack([quantile(u) for quantile, u in zip(margins, level.T, strict=True)]))
        behind = np.clip(behind + wanted - seen, -LATENT_MOST, LATENT_MOST)
        np.fill_diagonal(behind, 1.0)
    return _possible(behind)


def _scores(x: Array) -> Array:
    """Give the correlations of normal scores."""
    scores = stats.norm.ppf((stats.rankdata(steady(x), axis=0) - 0.5) / len(x))
    still = scores.std(axis=0) == 0
    scores[:, still] = np.random.default_rng(0).normal(size=(len(x), int(still.sum())))
    return steady(np.atleast_2d(np.corrcoef(scores, rowvar=False)))


def _possible(matrix: Array) -> Array:
    """Make a matrix a correlation again where the steps led beyond what can be."""
    half = root(matrix)
    near = half @ half.T
    size = np.sqrt(np.diag(near))
    return np.asarray(near / np.outer(size, size))


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
    column = steady(column)
    values, counts = np.unique(column, return_counts=True)
    if len(values) <= DISCRETE_VALUES_MAX:
        steps = _one_mode(counts / len(column), np.ones(len(values)))
        return lambda u: values[np.searchsorted(steps, u).clip(max=len(values) - 1)]
    grid = np.unique(steady(np.quantile(column, QUANTILES)))
    level = np.searchsorted(np.sort(column), grid, side="right") / len(column)
    width = np.diff(grid)
    rise = level[0] + np.concatenate([[0.0], _one_mode(np.diff(level) / width, width)])
    return lambda u: np.interp(u, rise, grid)


def box_twins(x: Array, rng: np.random.Generator) -> Draw:
    """Return a source of twins, as `unimodal_twins` does, that are uniform over the box of the principal components.

    Examples
    --------
    >>> box_twins(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), np.random.default_rng(0))().shape
    (3, 2)
    """
    centre = x.mean(axis=0)
    ways = axes(np.atleast_2d(np.cov(x, rowvar=False)))
    turned = (x - centre) @ ways.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    return lambda: np.asarray(rng.uniform(low, high, turned.shape) @ ways + centre)


def elliptical_twins(x: Array, rng: np.random.Generator) -> Draw:
    """Return a source of twins, as `unimodal_twins` does, with the covariance of the data and one peak.

    A point at Mahalanobis distance r lies on the surface of an ellipsoid of volume proportional to r ** p. The density
    falls outwards exactly when the density of r ** p falls, so the nearest falling density of r ** p is taken
    (isotonic regression, Grenander 1956), with a direction drawn at random.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> elliptical_twins(x, np.random.default_rng(0))().shape
    (50, 2)
    """
    count = len(x)
    centre = x.mean(axis=0)
    spread = root(np.atleast_2d(np.cov(x, rowvar=False)))
    rank = spread.shape[1]
    inside = np.linalg.norm(np.linalg.lstsq(spread, (x - centre).T, rcond=None)[0], axis=0) ** rank
    rise, grid = _falling(inside)

    def draw() -> Array:
        direction = rng.normal(size=(count, rank))
        direction /= np.linalg.norm(direction, axis=1)[:, None]
        reach = np.interp(rng.uniform(size=count), rise, grid) ** (1 / rank)
        return np.asarray(centre + (reach[:, None] * direction) @ spread.T)

    return draw


def _falling(volume: Array) -> tuple[Array, Array]:
    """Return the distribution function, at each value, of the nearest density that only falls from 0 on."""
    volume = steady(volume)
    grid = np.unique(np.append(volume, 0.0))
    level = np.searchsorted(np.sort(volume), grid, side="right") / len(volume)
    width = np.diff(grid)
    height = isotonic_regression(np.diff(level) / width, weights=width, increasing=False).x
    rise = np.concatenate([[0.0], np.cumsum(height * width)])
    return rise / rise[-1], grid


def _one_mode(height: Array, width: Array) -> Array:
    """Return the cumulated areas of the nearest histogram that rises up to one bar and falls after it."""
    target = np.cumsum(height * width)
    candidates = [np.cumsum(_up_down(height, width, mode) * width) for mode in range(len(height) + 1)]
    return min(candidates, key=lambda areas: steady_number(float(np.abs(areas - target).max())))


def _up_down(height: Array, width: Array, mode: int) -> Array:
    up, down = slice(None, mode), slice(mode, None)
    rising = isotonic_regression(height[up], weights=width[up]).x if mode else height[up]
    falling = height[down]
    if mode < len(height):
        falling = isotonic_regression(falling, weights=width[down], increasing=False).x
    return np.concatenate([rising, falling])
