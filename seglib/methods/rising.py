"""Ratios of gamma functions, exact where their arguments are large and nearly equal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from seglib.methods.rates import FloatArray

LARGE = 60.0  # from here on three terms of Stirling's series are exact to 16 digits


def log_rising(start: npt.ArrayLike, by: npt.ArrayLike) -> FloatArray:
    """Give log Gamma(start + by) - log Gamma(start).

    Parameters
    ----------
    start : float or array of float
        Above 0.
    by : float or array of float
        0 or more.

    Returns
    -------
    array of float

    Notes
    -----
    Two logarithms of 1e10 have lost all digits of a difference of 1. Stirling's series (Abramowitz and Stegun 6.1.41)
    is subtracted term by term instead.

    Examples
    --------
    >>> log_rising([2.0, 1e12], 1.0).round(6).tolist()  # log 2, log 1e12
    [0.693147, 27.631021]
    """
    a, k = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(by, dtype=float))
    if (a < LARGE).all():
        return np.asarray(special.gammaln(a + k) - special.gammaln(a))
    if (a >= LARGE).all():
        return _log_stirling(a, k)
    small = np.minimum(a, LARGE)
    return np.where(a < LARGE, special.gammaln(small + k) - special.gammaln(small), _log_stirling(np.maximum(a, 1), k))


def digamma_rising(start: npt.ArrayLike, by: npt.ArrayLike) -> FloatArray:
    """Give digamma(start + by) - digamma(start), the slope of `log_rising` by start.

    Examples
    --------
    >>> print(f"{1e12 * digamma_rising(1e12, 3.0):.6f}")
    3.000000
    """
    a, k = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(by, dtype=float))
    if (a < LARGE).all():
        return np.asarray(special.digamma(a + k) - special.digamma(a))
    if (a >= LARGE).all():
        return _digamma_stirling(a, k)
    small = np.minimum(a, LARGE)
    below = special.digamma(small + k) - special.digamma(small)
    return np.where(a < LARGE, below, _digamma_stirling(np.maximum(a, 1), k))


def _log_stirling(a: FloatArray, k: FloatArray) -> FloatArray:
    end = a + k
    main = (a - 0.5) * np.log1p(k / a) - k + k * np.log(end)
    return np.asarray(main - k / (12 * a * end) - (end**-3 - a**-3) / 360 + (end**-5 - a**-5) / 1260)


def _digamma_stirling(a: FloatArray, k: FloatArray) -> FloatArray:
    end = a + k
    main = np.log1p(k / a) + k / (2 * a * end)
    return np.asarray(main - (end**-2 - a**-2) / 12 + (end**-4 - a**-4) / 120 - (end**-6 - a**-6) / 252)
