"""Random quantities as smooth functions of fixed random numbers, so that a small change moves them a little only."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import ndimage, special
from scipy.stats import qmc

from seglib.methods.rates import FloatArray

LOG_SHAPES, SCORES = np.linspace(np.log(1e-2), np.log(1e7), 208), np.linspace(-6.0, 6.0, 121)
HALF = 2.0**-31  # of the step between the numbers of a Sobol sequence, which begin at 0
MOST_COUNT = 20_000


def normal_points(count: int, columns: int, seed: int) -> FloatArray:
    """Give standard normal points that fill their space evenly.

    Parameters
    ----------
    count : int
        Number of points, a power of two.
    columns : int
        Number of independent columns, 1 or more.
    seed : int
        Same seed, same points.

    Returns
    -------
    array
        count x columns.

    Notes
    -----
    Scrambled Sobol points (Owen 1998, Journal of Complexity 14, 466-489), turned by the inverse normal distribution.

    Examples
    --------
    >>> points = normal_points(256, 2, seed=0)
    >>> bool((abs(points.mean(axis=0)) < 0.01).all())
    True
    """
    even = qmc.Sobol(columns, scramble=True, rng=np.random.default_rng(seed)).random(count)
    return np.asarray(special.ndtri(even + HALF))


def gamma_at(shape: npt.ArrayLike, scores: npt.ArrayLike) -> FloatArray:
    """Give the quantile of a gamma distribution (rate 1) where the standard normal distribution has the given one.

    Parameters
    ----------
    shape : float or array of float
        0.01 or more.
    scores : float or array of float
        Normal quantiles, -6 to 6; beyond, the nearest of these.

    Returns
    -------
    array of float

    Notes
    -----
    Cubic splines over a table of scipy's `gammaincinv`, a tenth of its time. What lies in the table is
    sqrt(shape) log(quantile / shape), which runs to the score itself as the shape grows; the relative error is below
    1e-5 from shape 0.3 on.

    Examples
    --------
    >>> print(gamma_at([1.0, 30.0], 0.0).round(4))  # medians
    [ 0.6931 29.6673]
    """
    size, score = np.broadcast_arrays(np.asarray(shape, dtype=float), np.asarray(scores, dtype=float))
    logs = np.log(size)
    at = [
        (np.clip(logs, LOG_SHAPES[0], LOG_SHAPES[-1]) - LOG_SHAPES[0]) / (LOG_SHAPES[1] - LOG_SHAPES[0]),
        (np.clip(score, SCORES[0], SCORES[-1]) - SCORES[0]) / (SCORES[1] - SCORES[0]),
    ]
    found = ndimage.map_coordinates(_table(), at, order=3, prefilter=False, mode="nearest")
    return np.asarray(np.exp(logs + found * np.exp(-logs / 2)))


@cache
def _table() -> FloatArray:
    """Tabulate gamma quantiles once; where they are too small for a number, by the leading term of their series."""
    shape, score = np.exp(LOG_SHAPES)[:, None], SCORES[None, :]
    lower = special.log_ndtr(score)
    with np.errstate(divide="ignore"):
        exact = np.where(score < 0, special.gammaincinv(shape, np.exp(lower)), 0.0)
        exact = np.where(score >= 0, special.gammainccinv(shape, special.ndtr(-score)), exact)
        logs = np.log(exact)
    series = (lower + special.gammaln(shape + 1)) / shape
    logs = np.where(series < -20, series, logs)
    return np.asarray(ndimage.spline_filter((logs - LOG_SHAPES[:, None]) * np.sqrt(shape), order=3, mode="nearest"))


def orders_at(
    uniform: FloatArray, active: FloatArray, shape: FloatArray, odds: FloatArray, stop: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Give numbers of orders: of a Poisson process with a gamma rate, up to the one that is the last.

    Parameters
    ----------
    uniform : array of float
        Where in its distribution each number lies, counted from above, 0 to 1.
    active : array of float
        Chance that a customer is active at all.
    shape, odds : array of float
        Shape of the gamma distribution of rates, and horizon by its rate parameter; both above 0.
    stop : tuple of arrays a and b
        Beta distribution of the chance to stop after an order.

    Returns
    -------
    array of float
        The smallest k for which the chance of more than k orders is at most `uniform`.

    Notes
    -----
    More than k orders are placed if the customer is active, the process has more than k (negative binomial), and none
    of k orders was the last (beta-geometric): a product, as these are independent given the history.

    Examples
    --------
    >>> at = np.array([0.9, 0.5, 0.01])  # chance of more than k orders: 1/2, 1/4, 1/8, ...
    >>> orders_at(at, np.ones(3), np.ones(3), np.ones(3), (np.zeros(3), np.ones(3))).tolist()
    [0.0, 0.0, 6.0]
    """
    count = np.zeros(len(uniform))
    log_chance = -shape * np.log1p(odds)
    left = active - active * np.exp(log_chance)
    place = np.flatnonzero(left > uniform)
    step = np.log(odds / (1 + odds))
    u, on, size, by, log_chance, step = (v[place] for v in (uniform, active, shape, stop[0], log_chance, step))
    lasting, below, k = stop[1][place], np.exp(log_chance), 0
    while len(place) and k < MOST_COUNT:
        k += 1
        count[place] = k
        log_chance = log_chance + np.log((size + k - 1) / k) + step
        below = below + np.exp(log_chance)
        on = on * (lasting + k - 1) / (by + lasting + k - 1)
        more = on * (1 - below) > u
        place, u, on, size, by, log_chance, step, lasting, below = (
            v[more] for v in (place, u, on, size, by, log_chance, step, lasting, below)
        )
    return count
