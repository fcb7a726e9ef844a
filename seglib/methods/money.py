"""Money in an experiment: the few largest amounts are cut, and what was known before is taken off."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.steady import NOTHING
from seglib.methods.rates import FloatArray

CUT_AT = 0.99


def winsorised(values: npt.ArrayLike, groups: npt.ArrayLike, share: float = CUT_AT) -> FloatArray:
    """Cut amounts at a quantile of the amounts above zero, within each group.

    Parameters
    ----------
    values : array of float
        Amounts in any one unit; zeros and negative ones stay as they are.
    groups : array
        Group of each amount, such as its segment; never the arm, as both arms must be cut at the same amount.
    share : float
        Quantile, a share between 0 and 1; of fewer than 100 amounts nothing is cut at 0.99.

    Returns
    -------
    array of float
        In the order of the input.

    Notes
    -----
    A mean of heavy-tailed amounts is made by a few customers, and its interval covers less often than it says: Dixon
    and Tukey (1968), Technometrics 10, 83-98. What is compared afterwards is the mean of the cut amounts.

    Examples
    --------
    >>> winsorised([0.0, 10.0, 20.0, 1000.0], ["a"] * 4, share=0.5).tolist()
    [0.0, 10.0, 20.0, 20.0]
    """
    amounts = pd.Series(np.asarray(values, dtype=float))
    kinds = np.asarray(groups, dtype=object)
    caps = amounts.where(amounts > 0).groupby(kinds).transform("quantile", share, interpolation="higher")
    return amounts.clip(upper=caps.fillna(np.inf)).to_numpy()


def cut_share(values: npt.ArrayLike, groups: npt.ArrayLike, share: float = CUT_AT) -> float:
    """Say which share of the money `winsorised` cuts off: by about as much, effects on cut amounts are too small.

    Examples
    --------
    >>> round(cut_share([0.0, 10.0, 20.0, 30.0], ["a"] * 4, share=0.5), 3)
    0.167
    """
    amounts = np.asarray(values, dtype=float)
    total = amounts.sum()
    return float(1 - winsorised(amounts, groups, share).sum() / total) if total > 0 else 0.0


def lent_spread(
    sd: npt.ArrayLike, n: npt.ArrayLike, sd_control: npt.ArrayLike, n_control: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Widen the spread of the smaller of two groups where that of the larger one says that large amounts are missing.

    Parameters
    ----------
    sd, n : float or array of float
        Standard deviation (ddof 1) and number of amounts of the first group.
    sd_control, n_control : float or array of float
        The same of the other group.

    Returns
    -------
    tuple of the two standard deviations
        That of the larger group as it is; that of the smaller one is never made narrower.

    Notes
    -----
    A group of fifty without one of the few large amounts has too low a mean and too small a spread at once, and Welch's
    interval then misses on one side: it covers .75 to .93 of 95 % beside a group of 950. So the variance of the smaller
    group goes half the way to that of both together if it is below it, in proportion to how unequal the groups are
    (nothing for equal ones). Simulated over log-normal, mostly zero and Pareto amounts: .95 to 1.

    Examples
    --------
    >>> [round(float(spread), 2) for spread in lent_spread(10.0, 950, 4.0, 50)]
    [10.0, 7.21]
    >>> [float(spread) for spread in lent_spread(10.0, 50, 4.0, 50)]  # equal groups keep theirs
    [10.0, 4.0]
    """
    s1, n1, s2, n2 = (np.asarray(value, dtype=float) for value in (sd, n, sd_control, n_control))
    both = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / np.maximum(n1 + n2 - 2, 1)
    share = np.abs(n1 - n2) / np.maximum(n1 + n2, 1) / 2
    first, second = (np.sqrt(s**2 + share * np.maximum(both - s**2, 0)) for s in (s1, s2))
    return np.where(n1 < n2, first, s1), np.where(n2 < n1, second, s2)


def less_before(values: npt.ArrayLike, before: npt.ArrayLike, arms: npt.ArrayLike, groups: npt.ArrayLike) -> FloatArray:
    """Take off each amount what the customer's amount before the experiment foretold (CUPED).

    Parameters
    ----------
    values : array of float
        Amounts after the start.
    before : array of float
        Amounts of the same customers before it, which the arm cannot have changed.
    arms, groups : array
        Arm and group (segment) of each customer; the slope is one per group, taken within its arms.

    Returns
    -------
    array of float
        value - slope x (before - mean of before in the group); the mean of a group stays as it is.

    Notes
    -----
    Deng, Xu, Kohavi and Walker (2013), Improving the sensitivity of online controlled experiments by utilizing
    pre-experiment data, WSDM, eq. 4.

    Examples
    --------
    >>> less_before([3.0, 5.0, 4.0, 6.0], [1.0, 3.0, 1.0, 3.0], ["x", "x", "y", "y"], ["a"] * 4).tolist()
    [4.0, 4.0, 5.0, 5.0]
    """
    table = pd.DataFrame({"y": np.asarray(values, dtype=float), "x": np.asarray(before, dtype=float)}).assign(
        arm=np.asarray(arms, dtype=object), group=np.asarray(groups, dtype=object)
    )
    within = table[["x", "y"]] - table.groupby(["group", "arm"])[["x", "y"]].transform("mean")
    products, squares, size = (
        part.groupby(table["group"]).sum() for part in (within["x"] * within["y"], within["x"] ** 2, table["x"] ** 2)
    )
    slope = (products / squares.where(squares > NOTHING * size)).fillna(0.0)  # less is rounding, and foretells nothing
    away = table["x"] - table.groupby("group")["x"].transform("mean")
    return (table["y"] - table["group"].map(slope).astype(float) * away).to_numpy()
