"""Numbers and choices that do not hang on the last bits, in which one processor differs from the next.

Two processors, or two numbers of threads, give the same sum with another last digit. So a number is handed on with
fewer digits than that, and what is compared, ranked or cut is rounded before: then equal things are equal, and a key
decides between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]

COMPARED_DIGITS = 9  # of what is compared; a sum of many terms is off by a millionth of that at most
STORED_DIGITS = 10  # of what is handed on; anything shown has fewer
NOTHING = 1e-12  # what is left of a difference of equal numbers
LARGEST = 2.0**53  # from here on a number is whole anyway
POWERS = np.array([float(f"1e{power}") for power in range(23)])  # all of them exact


def steady(values: npt.ArrayLike, digits: int = COMPARED_DIGITS) -> FloatArray:
    """Round to significant digits, but never coarser than to whole numbers.

    Parameters
    ----------
    values : array of float, any shape
        NaN and infinite values stay.
    digits : int, 1 to 10

    Returns
    -------
    ndarray of float, same shape
        Exactly 0 for what is nearer to 0 than 1e-12.

    Examples
    --------
    >>> steady([0.1 + 0.2, 1 / 3, 1e-17, 12_345_678_901.0]).tolist()
    [0.3, 0.333333333, 0.0, 12345678901.0]
    """
    given = np.asarray(values, dtype=float)
    size = np.abs(given)
    usual = (size >= NOTHING) & (size < LARGEST)
    places = digits - 1 - np.floor(np.log10(np.where(usual, size, 1.0))).astype(np.int64)
    unit = POWERS[np.clip(places, 0, len(POWERS) - 1)]
    rounded = np.rint(np.where(usual, given, 0.0) * unit) / unit
    return np.asarray(np.where(usual | (size < NOTHING), rounded + 0.0, given), dtype=float)


def steady_number(value: float, digits: int = COMPARED_DIGITS) -> float:
    """Round one number as `steady` rounds many.

    Examples
    --------
    >>> steady_number(0.1 + 0.2), steady_number(-1e-17), steady_number(float("nan"))
    (0.3, 0.0, nan)
    """
    size = abs(value)
    if not NOTHING <= size < LARGEST:
        return 0.0 if size < NOTHING else float(value)
    return float(round(value)) if size >= 10**digits else float(f"{value:.{digits - 1}e}")


def steady_column(values: pd.Series[Any], digits: int = COMPARED_DIGITS) -> pd.Series[Any]:
    """Round a column of floats as `steady` does; any other column stays as it is.

    Examples
    --------
    >>> steady_column(pd.Series([0.1 + 0.2, None])).tolist(), steady_column(pd.Series(["a"])).tolist()
    ([0.3, nan], ['a'])
    """
    if values.dtype != np.dtype("float64"):
        return values
    return pd.Series(steady(values.to_numpy(), digits), values.index, name=values.name)


def steady_frame(frame: pd.DataFrame, digits: int = COMPARED_DIGITS) -> pd.DataFrame:
    """Round the columns of a frame that hold floats as `steady` does; all others stay as they are.

    Examples
    --------
    >>> steady_frame(pd.DataFrame({"share": [0.1 + 0.2], "n": [3]})).to_dict("list")
    {'share': [0.3], 'n': [3]}
    """
    return frame.apply(steady_column, digits=digits) if len(frame.columns) else frame


def largest(values: npt.ArrayLike) -> int:
    """Give the place of the largest value, the first of equals; missing ones do not count.

    Parameters
    ----------
    values : array of float, shape (n,)
        At least one that is not missing.

    Examples
    --------
    >>> largest([0.3, 0.1 + 0.2, float("nan")])  # the second is larger by its last bit only
    0
    """
    return int(np.nanargmax(steady(values)))
