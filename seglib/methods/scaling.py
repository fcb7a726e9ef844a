"""Put criteria of different units on one scale, by arithmetic that an engine can repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady, steady_number
from seglib.methods.solver import too_large

Transform = Literal["identity", "signed_log", "square_root", "answer"]
Array = npt.NDArray[np.float64]

CLIP = 4.0  # scaled values end at plus and minus this, so that one giant customer cannot be a segment alone
DIGITS = 9
IQR_OF_NORMAL = 1.349  # interquartile range of the standard normal: makes the spread comparable with a std
SKEWED_ABOVE = 1.0  # moment skewness; the exponential has 2, the normal 0
MONEY_ENDING = "_minor"
MEDIAN_UNITS = 30_000.0  # the median of money in the logarithm's own unit, as if it were 300.00 in cents
NEGATIVE_SHARE_MAX = 0.05  # refunds make a few totals negative; the signed logarithm bears them


@dataclass(frozen=True)
class ColumnScale:
    """The frozen numbers of one column: fill, transform, subtract, divide, clip.

    Parameters
    ----------
    name : str
        Column name.
    transform : {"identity", "signed_log", "square_root", "answer"}
        ``signed_log`` is sign(x) ln(1 + |x| / unit); ``square_root`` is sign(x) sqrt(|x|); ``answer`` leaves 0 and 1 as
        they are, with centre 0 and spread 1.
    fill : float
        Stands for a missing value (the median), in the column's own unit.
    centre, spread : float
        Median and robust standard deviation after the transform; spread is above 0.
    level : str or None
        A word of a category: the column is first replaced by 1 where it holds this word, else 0.
    unit : float
        What counts as one in the logarithm, in the column's own unit: 1 for counts and days, for money a 30,000th of
        the median amount, so that cents, yen and dinars give the same scaled values.
    """

    name: str
    transform: Transform
    fill: float
    centre: float
    spread: float
    level: str | None = None
    unit: float = 1.0

    def apply(self, values: pd.Series[Any]) -> Array:
        """Scale one column.

        Parameters
        ----------
        values : Series of float, or of str where there is a level, shape (n,)
            Missing values take ``fill``.

        Returns
        -------
        ndarray, shape (n,), between -4 and 4

        Examples
        --------
        >>> ColumnScale("orders_count", "identity", 1.0, 1.0, 2.0).apply(pd.Series([1.0, 5.0, None, 99.0])).tolist()
        [0.0, 2.0, 0.0, 4.0]
        """
        held = values if self.level is None else (values == self.level).astype(float)
        filled = _numbers(held.fillna(self.fill))
        return np.clip((transformed(filled, self.transform, self.unit) - self.centre) / self.spread, -CLIP, CLIP)


@dataclass(frozen=True)
class Scaling:
    """A frozen scaler: one ColumnScale per column that varies, and the names of those that do not.

    Parameters
    ----------
    columns : tuple of ColumnScale
        In the order of the scaled matrix.
    constant : tuple of str
        Columns left out because all customers share one value.
    """

    columns: tuple[ColumnScale, ...]
    constant: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the scaled columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def categories(self) -> tuple[tuple[int, ...], ...]:
        """Return the places of the columns that together write one category, category by category."""
        words = [column.name for column in self.columns if column.level is not None]
        return tuple(
            tuple(
                place for place, column in enumerate(self.columns) if column.name == name and column.level is not None
            )
            for name in dict.fromkeys(words)
        )

    @classmethod
    def fit(cls, frame: pd.DataFrame, transforms: Mapping[str, Transform] | None = None) -> Scaling:
        """Learn fill, transform, centre and spread of every column.

        Parameters
        ----------
        frame : DataFrame of numbers, shape (n, p)
            One row per customer, one column per criterion.
        transforms : mapping of str to transform, optional
            Fixes the transform of some columns. Any other column gets ``signed_log`` when its moment skewness
            is above 1 and at most 5 % of its values are negative, else ``identity``.

        Returns
        -------
        Scaling
            Numbers rounded to 9 digits; the spread is IQR / 1.349, or the standard deviation where the IQR is 0.

        Raises
        ------
        InputRefused
            V24, when no column varies; S19, when a value is too large to compute with; P05, when a column that is
            declared as an answer holds anything but 0 and 1.

        Examples
        --------
        >>> Scaling.fit(pd.DataFrame({"age_years": [20, 30, 40], "shops_count": [1, 1, 1]})).constant
        ('shops_count',)
        >>> Scaling.fit(pd.DataFrame({"shops_count": [1, 1, 1]}))  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        seglib.core.errors.InputRefused: SEG-V24 all customers look alike in shops_count ...
        """
        fixed = transforms or {}
        scales = [_learn(frame[name], fixed.get(str(name))) for name in frame.columns]
        varying = tuple(scale for scale in scales if scale.spread > 0)
        constant = tuple(scale.name for scale in scales if not scale.spread > 0)
        if not varying:
            raise InputRefused(_all_alike(constant, len(frame)))
        return cls(varying, constant)

    def apply(self, frame: pd.DataFrame) -> Array:
        """Scale a frame that has the fitted columns.

        Parameters
        ----------
        frame : DataFrame, shape (n, any)
            Other columns are ignored.

        Returns
        -------
        ndarray, shape (n, number of columns), between -4 and 4

        Examples
        --------
        >>> frame = pd.DataFrame({"age_years": [20.0, 30.0, 40.0]})
        >>> Scaling.fit(frame).apply(frame).round(3).ravel().tolist()
        [-1.349, 0.0, 1.349]
        """
        return np.column_stack([column.apply(frame[column.name]) for column in self.columns])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold.

        Examples
        --------
        >>> Scaling((ColumnScale("age_years", "identity", 30.0, 30.0, 7.0),)).to_dict()["columns"][0]["spread"]
        7.0
        """
        return {"columns": [asdict(column) for column in self.columns], "constant": list(self.constant)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Scaling:
        """Build the scaler that ``to_dict`` wrote.

        Examples
        --------
        >>> Scaling.from_dict({"columns": [], "constant": ["a"]}).constant
        ('a',)
        """
        return cls(tuple(ColumnScale(**column) for column in values["columns"]), tuple(values["constant"]))


def transformed(values: Array, transform: Transform, unit: float = 1.0) -> Array:
    """Apply a transform that keeps the sign and the order of the values.

    Parameters
    ----------
    values : ndarray of float
    transform : {"identity", "signed_log", "square_root", "answer"}
    unit : float
        What counts as one in the logarithm, above 0.

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> transformed(np.array([-9.0, 0.0, 4.0]), "square_root").tolist()
    [-3.0, 0.0, 2.0]
    """
    size = np.abs(values)
    forms: dict[str, Callable[[Array], Array]] = {"signed_log": lambda v: np.log(1 + v / unit), "square_root": np.sqrt}
    return np.asarray(np.sign(values) * forms[transform](size)) if transform in forms else values


def tail(values: pd.Series[Any]) -> str:
    """Say how lopsided a column is: what decides whether its logarithm is taken.

    Parameters
    ----------
    values : Series of float
        Missing values are left out.

    Examples
    --------
    >>> tail(pd.Series([1.0, 2.0, 3.0])), tail(pd.Series([1.0, 1.0, 1.0, 1.0, 90.0]))
    ('no long tail (skewness 0.00)', 'long tail (skewness 1.50, above 1)')
    """
    known = steady(values.dropna())
    skewness = steady_number(float(stats.skew(known)))
    if skewness <= SKEWED_ABOVE:
        return f"no long tail (skewness {skewness + 0:.2f})"
    if (known < 0).mean() > NEGATIVE_SHARE_MAX:
        return f"long tail (skewness {skewness:.2f}), but too many values below 0 for a logarithm"
    return f"long tail (skewness {skewness:.2f}, above {SKEWED_ABOVE:g})"


def _numbers(values: pd.Series[Any]) -> Array:
    return np.asarray(values, dtype=np.float64)


def _learn(column: pd.Series[Any], transform: Transform | None) -> ColumnScale:
    known = steady(column.dropna())
    if len(known) == 0 or np.ptp(known) == 0:
        return ColumnScale(str(column.name), "identity", 0.0, 0.0, 0.0)
    fill = round(float(np.median(known)), DIGITS)
    if transform == "answer":
        return _answer(column, known, fill)
    with np.errstate(over="raise", invalid="raise"):
        try:
            chosen = transform or _choose(known)
            unit = _unit(str(column.name), known)
            values = transformed(steady(column.fillna(fill)), chosen, unit)
            lower, centre, upper = np.quantile(values, [0.25, 0.5, 0.75])
            spread = (upper - lower) / IQR_OF_NORMAL or values.std()
        except FloatingPointError:
            raise InputRefused(too_large(str(column.name))) from None
    middle, width = round(float(centre), DIGITS), round(float(spread), DIGITS)
    return ColumnScale(str(column.name), chosen, fill, middle, width, unit=unit)


def _unit(name: str, known: Array) -> float:
    """Give what counts as one in a logarithm: of money a part of its median amount, of all else one."""
    amounts = np.abs(known[known != 0])
    if not name.endswith(MONEY_ENDING) or not len(amounts):
        return 1.0
    return steady_number(float(np.median(amounts)) / MEDIAN_UNITS)


def _answer(column: pd.Series[Any], known: Array, fill: float) -> ColumnScale:
    if not np.isin(known, [0.0, 1.0]).all():
        raise InputRefused(_no_answer(str(column.name)))
    return ColumnScale(str(column.name), "answer", round(fill), 0.0, 1.0)


def _choose(known: Array) -> Transform:
    positive = (known < 0).mean() <= NEGATIVE_SHARE_MAX
    return "signed_log" if positive and steady_number(float(stats.skew(known))) > SKEWED_ABOVE else "identity"


def _no_answer(name: str) -> Finding:
    return Finding(
        "P05",
        f"'{name}' is not a yes-or-no answer",
        "plan.yml, clustering.method",
        found="other values than 0 and 1",
        do="choose kmeans, or criteria that are 0 or 1",
    )


def _all_alike(constant: tuple[str, ...], count: int) -> Finding:
    return Finding(
        "V24",
        "all customers look alike in " + ", ".join(constant),
        found=f"one value per criterion for {count} customers",
        do="choose criteria that differ between customers, or more customers",
    )
