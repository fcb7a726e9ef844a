"""How many digits a number may show: as many as arithmetic and chance leave alike."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from seglib.methods.rates import FloatArray

DIGITS = 6  # of a number that no chance is in; the last bits of a computation differ between processors
SURE = 3.0  # standard errors that the last digit stands for
STEPS = (1, 2, 5, 10)


def significant(value: float, digits: int = DIGITS) -> float:
    """Round a number to so many significant digits.

    Examples
    --------
    >>> significant(25_081_234_567.0), significant(0.123456789), significant(float("nan"))
    (25081200000.0, 0.123457, nan)
    """
    return float(f"{value:.{digits}g}")


def published(table: pd.DataFrame) -> pd.DataFrame:
    """Round every number of a table that has fractions to six significant digits.

    Examples
    --------
    >>> published(pd.DataFrame({"customers": [1234567], "expected": [1234567.891]})).iloc[0].tolist()
    [1234567.0, 1234570.0]
    """
    numbers = [name for name in table if table[name].dtype.kind == "f"]
    rounded = table.copy()
    for name in numbers:
        rounded[name] = [significant(float(value)) for value in table[name]]
    return rounded


def within_noise(value: float, noise: float) -> float:
    """Round a number that was found by chance to the step that its chance error allows.

    Parameters
    ----------
    value : float
    noise : float
        Standard error of the value over repetitions with other random numbers, 0 or more.

    Returns
    -------
    float
        A multiple of the smallest step of 1, 2 or 5 times a power of ten that is three standard errors or more.

    Examples
    --------
    >>> within_noise(1013.4, 3.1), within_noise(1013.4, 0.02), within_noise(3.2, 3.1)
    (1010.0, 1013.4, 0.0)
    """
    if not (math.isfinite(value) and math.isfinite(noise)) or noise <= 0:
        return significant(value) if math.isfinite(value) else value
    step, power = step_of(noise)
    rounded = round(value / (step * 10.0**power)) * step
    return float(rounded * 10**power if power >= 0 else rounded / 10**-power)


def step_of(noise: float) -> tuple[int, int]:
    """Give 1, 2, 5 or 10 and the power of ten whose product is the smallest such of three standard errors or more.

    Examples
    --------
    >>> step_of(3.1), step_of(0.5)
    ((10, 0), (2, 0))
    """
    power = math.floor(math.log10(SURE * noise))
    return next(step for step in STEPS if step * 10.0**power >= SURE * noise), power


def bounds(draws: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Give the interval that holds a share of the draws, its ends rounded to what the number of draws allows.

    Parameters
    ----------
    draws : array of float
        One value of each future.
    level : float
        A share between 0 and 1.

    Returns
    -------
    tuple of low and high

    Notes
    -----
    The standard error of a quantile is half the distance between the order statistics one binomial standard deviation
    below and above it (Maritz and Jarrett 1978 weigh the same ones).

    Examples
    --------
    >>> bounds(np.arange(1000.0))
    (20.0, 980.0)
    """
    shares = np.array([(1 - level) / 2, (1 + level) / 2])
    off = np.sqrt(shares * (1 - shares) / len(draws))
    ends, before, after = (np.quantile(draws, np.clip(at, 0, 1)) for at in (shares, shares - off, shares + off))
    low, high = (within_noise(float(end), float(noise)) for end, noise in zip(ends, (after - before) / 2, strict=True))
    return low, high
