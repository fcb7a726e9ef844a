"""The best of several, told without the luck that helped to make it the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import ndtr

from seglib.core.steady import steady, steady_number

HALVINGS = 60


@dataclass(frozen=True)
class Winner:
    """Which of several has the greatest estimate, and what may be expected of it.

    Parameters
    ----------
    place : int
        Which one, counted from 0.
    seen : float
        Its estimate, as it was when it was picked.
    corrected : float
        With the luck of having been picked taken off: as often above as below what is true of it.
    low, high : float
        Interval that knows of the picking.
    is_tied : bool
        Whether another is as great: none was picked then, and the interval holds for all of them at once.
    """

    place: int
    seen: float
    corrected: float
    low: float
    high: float
    is_tied: bool = False


def winner(estimates: npt.ArrayLike, covariance: npt.ArrayLike, level: float = 0.95) -> Winner:
    """Give the greatest of several estimates, and what it is worth once the winner's curse is taken off.

    The greatest is picked by what it is and by luck; so its estimate is too high on average, the more so the closer the
    others come.

    Parameters
    ----------
    estimates : array of float
        At least one, of any one unit, normal around what is true.
    covariance : matrix of float
        Their covariance; variances above 0.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    Winner

    Raises
    ------
    ValueError
        If there is no estimate, or the matrix does not fit.

    Notes
    -----
    The hybrid estimate and interval of Andrews, Kitagawa and McCloskey (2024), Inference on winners, Quarterly Journal
    of Economics 139, 305-358: the law of the greatest given that it is the greatest and given what the others tell,
    inside a simultaneous interval that takes a tenth of the error. The simultaneous interval is that of Sidak (1967),
    Journal of the American Statistical Association 62, 626-633, which holds for every correlation.

    Examples
    --------
    >>> found = winner([0.052, 0.050, 0.020], np.diag([0.0001, 0.0001, 0.0001]))
    >>> found.place, round(found.corrected, 3), round(found.low, 3), round(found.high, 3)
    (0, 0.025, 0.021, 0.067)
    >>> alone = winner([0.052], [[0.0001]])
    >>> print(f"{alone.corrected:.3f} {alone.low:.3f} {alone.high:.3f}")
    0.052 0.032 0.072
    """
    seen, matrix = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    if not seen.size or matrix.shape != (seen.size, seen.size) or not (np.diag(matrix) > 0).all():
        raise ValueError("estimates must hold at least one number, with a matrix of variances above 0 that fits")
    kept = steady(seen)
    place = int(np.argmax(kept))
    value, error = float(seen[place]), float(np.sqrt(matrix[place, place]))
    lower, upper = _bounds(seen, matrix, place)
    alpha = 1 - level
    if (kept == kept[place]).sum() > 1:
        wide = _reach(alpha, seen.size) * error
        return Winner(place, value, value, value - wide, value + wide, is_tied=True)
    beta = alpha / 10 if seen.size > 1 else 0.0
    reach = _reach(beta, seen.size) if beta else 12.0

    def below(mean: float) -> float:
        """Chance of a value as small as the one that was seen, where this is true."""
        ends = np.array([max(lower, mean - reach * error), value, min(upper, mean + reach * error)])
        left, here, right = ndtr((ends - mean) / error)
        return float((here - left) / (right - left)) if right > left else float(mean < value)

    edge = (alpha - beta) / (1 - beta) / 2
    low, corrected, high = (_solve(below, value, reach * error, chance) for chance in (1 - edge, 0.5, edge))
    return Winner(place, value, corrected, low, high)


def _reach(error: float, number: int) -> float:
    """Give how many standard errors an interval reaches that holds for so many estimates at once."""
    return float(stats.norm.ppf((1 + (1 - error) ** (1 / number)) / 2))


def _bounds(seen: npt.NDArray[np.float64], matrix: npt.NDArray[np.float64], place: int) -> tuple[float, float]:
    """Give the range in which the winner's estimate wins, with what is left of the others held fast."""
    slope = matrix[:, place] / matrix[place, place]
    rest = seen - slope * seen[place]
    others = np.arange(seen.size) != place
    gap = 1 - slope
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = rest / gap
    lower = np.max(ends[others & (gap > 0)], initial=-np.inf)
    upper = np.min(ends[others & (gap < 0)], initial=np.inf)
    return float(min(lower, seen[place])), float(max(upper, seen[place]))


def _solve(below: Callable[[float], float], value: float, reach: float, chance: float) -> float:
    """Find what would have to be true for the value to lie at this chance; the chance falls where more is true."""
    low, high = value - reach, value + reach
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) > chance else (low, middle)
    return steady_number((low + high) / 2)
