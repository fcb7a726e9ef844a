"""Intervals of what customers will order and spend: many futures drawn from the fitted models."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from seglib.methods.clv import GammaGamma, repeaters, value_log_likelihood
from seglib.methods.likelihood import LOG_BOUND, spread
from seglib.methods.purchase_likelihood import checked, log_likelihood, log_odds_stopped
from seglib.methods.purchases import BetaGeometric
from seglib.methods.rates import FloatArray

WORK, FEWEST, MOST = 1_000_000, 100, 400


def futures(
    orders: BetaGeometric, value: GammaGamma, customers: pd.DataFrame, horizon_weeks: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Draw what each customer orders and spends in many possible futures.

    Parameters
    ----------
    orders, value : BetaGeometric and GammaGamma
        Models fitted to `customers`.
    customers : DataFrame
        The columns of `fit_mbgnbd` and `fit_gamma_gamma`.
    horizon_weeks : float
        Weeks after the end of observation, above 0.
    seed : int
        Same seed, same futures.

    Returns
    -------
    tuple of order counts and money in minor units
        Each futures x customers; 100 to 400 futures, fewer the more customers there are.

    Notes
    -----
    Each future draws new parameters from the normal distribution of their logarithms around the maximum (covariance:
    `spread`), then for each customer whether he is active, his order rate, his chance to stop and his order value,
    given his history, and at last the orders and their values. So the quantiles hold what is not known about the
    parameters, about the customer, and the luck of the draw. They do not hold that the model may be wrong.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 1, 0, 0, 5], "last_purchase_weeks": [30.0, 2.0, 0.0, 0.0, 31.0],
    ...     "age_weeks": [39.0, 39.0, 39.0, 38.0, 32.0], "mean_repeat_value_minor": [900.0, 700.0, 0.0, 0.0, 1100.0]})
    >>> orders, money = futures(BetaGeometric(0.5, 6.2, 0.9, 1.6), GammaGamma(6.0, 4.0, 600.0), seen, 52, seed=0)
    >>> orders.shape, bool((money[orders == 0] == 0).all())
    ((400, 5), True)
    """
    placed = order_futures(orders, customers, horizon_weeks, seed)
    rng = np.random.default_rng([seed, 1])
    x, mean = (customers[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    if len(np.unique(mean[x > 0])) == 1:  # the likelihood has no maximum where every order costs the same
        return placed, placed * mean.max()
    again = repeaters(customers)
    theta = np.array([value.p, value.q, value.v_minor])
    covariance = spread(lambda theta: value_log_likelihood(theta, *again)[1], theta)
    ways = _drawn(rng, theta, covariance, len(placed))
    return placed, np.array([_money(rng, way, x, mean, number) for way, number in zip(ways, placed, strict=True)])


def order_futures(orders: BetaGeometric, customers: pd.DataFrame, horizon_weeks: float, seed: int) -> FloatArray:
    """Draw how often each customer orders in many possible futures; the first result of `futures`.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 0], "last_purchase_weeks": [30.0, 0.0], "age_weeks": [39.0, 39.0]})
    >>> order_futures(BetaGeometric(0.5, 6.2, 0.9, 1.6), seen, 52, seed=0).shape
    (400, 2)
    """
    rng = np.random.default_rng(seed)
    x, t_x, age = checked(customers)
    first = orders.may_stop_at_first
    theta = np.array([orders.r, orders.alpha_weeks, orders.a, orders.b])
    covariance = spread(lambda theta: log_likelihood(theta, x, t_x, age, first)[1], theta)
    ways = _drawn(rng, theta, covariance, int(np.clip(WORK // max(len(x), 1), FEWEST, MOST)))
    return np.array([_orders(rng, way, (x, t_x, age), first, horizon_weeks) for way in ways])


def _orders(
    rng: np.random.Generator, theta: FloatArray, seen: tuple[FloatArray, ...], may_stop_at_first: bool, weeks: float
) -> FloatArray:
    """Draw the number of orders: of an active customer, those of the Poisson process up to the one that is the last."""
    (r, alpha, a, b), (x, t_x, age) = theta, seen
    active = rng.random(len(x)) > special.expit(log_odds_stopped(theta, x, t_x, age, may_stop_at_first))
    rate = rng.gamma(r + x) / (alpha + age)
    stop = rng.beta(a, b + x + float(may_stop_at_first))
    until_stop = rng.geometric(np.maximum(stop, 1e-9))
    return np.asarray(active * np.minimum(rng.poisson(rate * weeks), until_stop), dtype=float)


def _money(
    rng: np.random.Generator, theta: FloatArray, x: FloatArray, mean: FloatArray, number: FloatArray
) -> FloatArray:
    """Draw the value of so many orders, given the mean of those seen."""
    p, q, v = theta
    scale = rng.gamma(q + p * x) / (v + np.where(x > 0, x * mean, 0.0))
    return np.asarray(np.where(number > 0, rng.gamma(np.maximum(p * number, 1e-9)) / scale, 0.0))


def _drawn(rng: np.random.Generator, theta: FloatArray, covariance: FloatArray, count: int) -> FloatArray:
    logs = rng.multivariate_normal(np.log(theta), covariance, count, method="eigh")
    return np.asarray(np.exp(np.clip(logs, -LOG_BOUND, LOG_BOUND)))
