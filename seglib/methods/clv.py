"""Customer lifetime value: how much an order is worth, and what the orders to come add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import minimise_log
from seglib.methods.purchases import BetaGeometric, expected_orders
from seglib.methods.rates import FloatArray

WEEKS_PER_YEAR = 365.25 / 7
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12


@dataclass(frozen=True)
class GammaGamma:
    """A fitted Gamma-Gamma model of the mean value of a customer's orders.

    Parameters
    ----------
    p, q : float
        Shapes of the values of one customer and of the customers' scales, above 0.
    v_minor : float
        Scale in minor units of money, above 0.
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.

    Notes
    -----
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value, note 025. It assumes that how much a customer
    spends has nothing to do with how often.

    Examples
    --------
    >>> GammaGamma(6.25, 3.74, 1544.0).q
    3.74
    """

    p: float
    q: float
    v_minor: float
    log_likelihood: float = float("nan")


def fit_gamma_gamma(values: pd.DataFrame) -> GammaGamma:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    values : DataFrame
        One row per customer: repeat_count (0 or more) and mean_repeat_value_minor (mean value of these orders in
        minor units, above 0 where there are any). Customers without a repeat order tell nothing and are left out.

    Returns
    -------
    GammaGamma
        With its log-likelihood.

    Raises
    ------
    InputRefused
        If fewer than two customers ordered twice, a mean value is not above 0, or no maximum was found.

    Examples
    --------
    >>> fit_gamma_gamma(pd.DataFrame({"repeat_count": [0], "mean_repeat_value_minor": [0.0]}))
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 fewer than two customers ordered twice - do: leave out the lifetime value
    """
    x, mean = repeaters(values)
    if len(x) < 2:
        remedy = "leave out the lifetime value"
        raise InputRefused(Finding("S19", "fewer than two customers ordered twice", do=remedy))
    if not (mean > 0).all():
        remedy = "leave these customers out"
        raise InputRefused(Finding("S19", "mean order value not above 0", column="mean_repeat_value_minor", do=remedy))

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        value, slope = value_log_likelihood(theta, x, mean)
        return -float(value.mean()), -slope.mean(axis=0)

    theta, value = minimise_log(loss, [2.0, 3.0, float(mean.mean())], "Gamma-Gamma model of order values")
    p, q, v = theta.tolist()
    return GammaGamma(p, q, v, -value * len(x))


def repeaters(values: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Give repeat_count and mean_repeat_value_minor of the customers who ordered twice."""
    again = values[values["repeat_count"] > 0]
    x, mean = (again[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    return x, mean


def expected_value(model: GammaGamma, values: pd.DataFrame) -> pd.Series:
    """Give the value to expect of each customer's orders.

    Parameters
    ----------
    model : GammaGamma
        A fitted model.
    values : DataFrame
        As in `fit_gamma_gamma`; a customer without a repeat order gets the mean of the population.

    Returns
    -------
    Series
        Mean value per order in minor units, with the index of `values`; infinite for customers without a repeat order
        if q is 1 or less, because the population then has no mean.

    Notes
    -----
    p (v + x z) / (p x + q - 1): the customer's mean z drawn towards the population's p v / (q - 1).

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 0], "mean_repeat_value_minor": [2235.0, 0.0]})
    >>> expected_value(GammaGamma(6.25, 3.74, 1544.0), seen).round(0).tolist()
    [2466.0, 3522.0]
    """
    x, mean = (values[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    weight = model.p * x + model.q - 1
    total = model.p * (model.v_minor + x * np.where(x > 0, mean, 0.0))
    expected = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.inf)
    return pd.Series(expected, index=values.index, name="expected_value_minor")


def clv(
    orders: BetaGeometric,
    value: GammaGamma,
    customers: pd.DataFrame,
    horizon_weeks: float = WEEKS_PER_YEAR,
    discount_share_per_year: float = 0.0,
    margin_share: float = 1.0,
    step_weeks: float = WEEKS_PER_MONTH,
) -> pd.Series:
    """Give the discounted value of the orders to expect from each customer.

    Parameters
    ----------
    orders, value : BetaGeometric and GammaGamma
        Fitted models.
    customers : DataFrame
        The columns of `fit_mbgnbd` and `fit_gamma_gamma`.
    horizon_weeks : float
        Weeks after the end of observation, above 0; not months.
    discount_share_per_year : float
        0.1 for 10 % a year, 0 or more.
    margin_share : float
        Margin per unit of value, 0 to 1; 1 gives discounted revenue.
    step_weeks : float
        Orders are discounted at the end of steps of this length, above 0.

    Returns
    -------
    Series
        clv_minor, in minor units, with the index of `customers`.

    Notes
    -----
    Sum over steps of (expected orders in the step) x (expected value) x margin / (1 + d)^(years to the step's end).

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2], "last_purchase_weeks": [30.43], "age_weeks": [38.86],
    ...     "mean_repeat_value_minor": [2235.0]})
    >>> model = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
    >>> clv(model, GammaGamma(6.25, 3.74, 1544.0), seen, horizon_weeks=39).round(0).tolist()
    [3024.0]
    """
    steps = max(1, int(np.ceil(horizon_weeks / step_weeks - 1e-9)))
    ends = np.minimum(np.arange(1, steps + 1) * step_weeks, horizon_weeks)
    until = pd.DataFrame({end: expected_orders(orders, customers, end) for end in ends})
    in_step = until.diff(axis=1).fillna(until)
    discount = (1 + discount_share_per_year) ** -(ends / WEEKS_PER_YEAR)
    worth = expected_value(value, customers).to_numpy() * (in_step.to_numpy() @ discount) * margin_share
    return pd.Series(worth, index=customers.index, name="clv_minor")


def value_log_likelihood(theta: FloatArray, x: FloatArray, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each customer's log-likelihood of the mean value and its gradient, n x 3 (note 025, eq. 1a)."""
    p, q, v = theta
    px, total = p * x, x * mean
    joint = np.log(total + v)
    value = special.gammaln(px + q) - special.gammaln(px) - special.gammaln(q) + q * np.log(v)
    value += px * np.log(total) - np.log(mean) - (px + q) * joint
    slope = [
        x * (special.digamma(px + q) - special.digamma(px) + np.log(total) - joint),
        special.digamma(px + q) - special.digamma(q) + np.log(v) - joint,
        q / v - (px + q) / (total + v),
    ]
    return value, np.column_stack(slope)
