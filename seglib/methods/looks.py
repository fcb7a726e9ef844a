"""Intervals and p values that stay honest however often somebody looks before the planned end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seglib.methods.rates import FloatArray


def information(share_complete: npt.ArrayLike, alpha: float = 0.05) -> FloatArray:
    """Give the weight of the data at a look, scaled so that the interval is tightest at the planned end.

    Parameters
    ----------
    share_complete : array of float
        Share of the planned customers whose outcome is known, above 0, up to 1.
    alpha : float
        Error level over all looks together, 0 to 1.

    Notes
    -----
    t rho^2 with rho of Waudby-Smith et al. (2024), section 2.2, at t = planned end.
    """
    tight = -2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)
    return np.asarray(tight * np.clip(np.asarray(share_complete, dtype=float), 1e-9, 1.0))


def always_valid(
    effect: npt.ArrayLike, standard_error: npt.ArrayLike, share_complete: npt.ArrayLike, alpha: float = 0.05
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give an interval and a p value of an effect that hold at every look at once.

    Parameters
    ----------
    effect, standard_error : array of float
        As seen at this look; the error above 0.
    share_complete : array of float
        Share of the planned customers whose outcome is known, 0 to 1.
    alpha : float
        Chance that any of all the looks is wrong, 0 to 1.

    Returns
    -------
    tuple of low, high and p value
        NaN where the error is not above 0. The p value is 1 over the likelihood ratio of the mixture, at most 1.

    Notes
    -----
    Mixture sequential probability ratio test (Robbins 1970, Annals of Mathematical Statistics 41, 1397-1409) as an
    asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52,
    2613-2640, theorem 2.2. At the planned end it is about 1.6 times as wide as the usual interval.

    Examples
    --------
    >>> low, high, p = always_valid(0.10, 0.02, 1.0)
    >>> print(f"{low:.3f} {high:.3f} {p:.5f}")
    0.039 0.161 0.00005
    """
    seen, error = np.asarray(effect, dtype=float), np.asarray(standard_error, dtype=float)
    error = np.where(error > 0, error, np.nan)
    weight = information(share_complete, alpha)
    margin = error * np.sqrt(2 * (1 + weight) / weight * np.log(np.sqrt(1 + weight) / alpha))
    log_ratio = (seen / error) ** 2 * weight / (2 * (1 + weight)) - np.log1p(weight) / 2
    return seen - margin, seen + margin, np.exp(-np.maximum(log_ratio, 0.0))
