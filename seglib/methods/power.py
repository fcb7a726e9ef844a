"""How many customers a test needs, and what the customers at hand can show."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from seglib.core.steady import steady_number


def n_per_arm(baseline_share: float, target_share: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Give the customers per arm that a test of two shares needs.

    Parameters
    ----------
    baseline_share, target_share : float
        Shares between 0 and 1, not equal.
    power : float
        Chance of seeing the difference if it is there, 0 to 1.
    alpha : float
        Two-sided error level, 0 to 1.

    Returns
    -------
    int
        Rounded up.

    Raises
    ------
    ValueError
        If the shares are equal or not between 0 and 1.

    Notes
    -----
    Normal approximation with the pooled variance under no effect, as in R's ``power.prop.test``: Fleiss, Levin
    and Paik (2003), Statistical Methods for Rates and Proportions, eq. 4.14.

    Examples
    --------
    >>> n_per_arm(0.05, 0.065)
    3780
    >>> n_per_arm(0.05, 0.05)
    Traceback (most recent call last):
    ValueError: baseline and target must be two different shares between 0 and 1 (got 0.05 and 0.05)
    """
    if not (0 < baseline_share < 1 and 0 < target_share < 1) or baseline_share == target_share:
        got = f"(got {baseline_share} and {target_share})"
        raise ValueError(f"baseline and target must be two different shares between 0 and 1 {got}")
    return math.ceil(steady_number(_n_exact(baseline_share, target_share, power, alpha)))


def smallest_effect(baseline_share: float, n: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """Give the smallest rise of a share that `n` customers per arm can show.

    Parameters
    ----------
    baseline_share : float
        Share between 0 and 1.
    n : int
        Customers per arm.
    power, alpha : float
        As in `n_per_arm`.

    Returns
    -------
    float
        Difference of shares; infinite if not even a rise to nearly everybody would show.

    Examples
    --------
    >>> print(f"{smallest_effect(0.05, 3780):.4f}")
    0.0150
    """
    edge = 1 - 1e-9

    def surplus(target_share: float) -> float:
        return _n_exact(baseline_share, target_share, power, alpha) - n

    start = baseline_share + 1e-6 * (1 - baseline_share)
    if surplus(edge) > 0:
        return math.inf
    return float(optimize.brentq(surplus, start, edge)) - baseline_share


def n_per_arm_mean(sd: float, difference: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Give the customers per arm that a test of two means needs.

    Parameters
    ----------
    sd : float
        Standard deviation of a customer's value, above 0.
    difference : float
        Difference of means to be seen, in the same unit, not 0.
    power, alpha : float
        As in `n_per_arm`.

    Returns
    -------
    int
        Rounded up, at least 2.

    Notes
    -----
    Noncentral t, as in R's ``power.t.test``, which leaves out the tail on the other side as well: it adds nothing, and
    scipy gives nan for it where a difference is large.

    Examples
    --------
    >>> n_per_arm_mean(sd=1.0, difference=1.0, power=0.9), n_per_arm_mean(sd=1.0, difference=30.0)
    (23, 2)
    """
    effect = abs(difference) / sd
    if effect >= smallest_difference(1.0, 2, power, alpha):
        return 2
    exact = TTestIndPower().solve_power(effect, nobs1=None, alpha=alpha / 2, power=power, alternative="larger")
    return max(2, math.ceil(steady_number(float(np.squeeze(exact)))))


def smallest_difference(sd: float, n: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """Give the smallest difference of two means that `n` customers per arm can show.

    Parameters
    ----------
    sd : float
        Standard deviation of a customer's value, above 0.
    n : int
        Customers per arm, at least 2.
    power, alpha : float
        As in `n_per_arm`.

    Returns
    -------
    float
        In the unit of `sd`.

    Examples
    --------
    >>> print(f"{smallest_difference(10.0, 50):.2f}")
    5.66
    """
    effect = TTestIndPower().solve_power(None, nobs1=n, alpha=alpha / 2, power=power, alternative="larger")
    return sd * float(np.squeeze(effect))


def _n_exact(baseline_share: float, target_share: float, power: float, alpha: float) -> float:
    """Give the unrounded number of customers per arm."""
    gap = target_share - baseline_share
    return float(samplesize_proportions_2indep_onetail(gap, baseline_share, power, alpha=alpha))
