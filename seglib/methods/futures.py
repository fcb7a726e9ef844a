"""Intervals of what customers will order and spend: many futures drawn from the fitted models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from seglib.methods.draws import gamma_at, normal_points, orders_at
from seglib.methods.likelihood import Family, spread
from seglib.methods.order_models import OrderModel
from seglib.methods.order_values import ALIKE, FAMILY, ONE_PRICE, GammaGamma, expected_value, repeaters
from seglib.methods.order_values import value_log_likelihood as value_likelihood
from seglib.methods.pareto import FAMILY as PARETO
from seglib.methods.pareto import ParetoNBD, pareto_log_likelihood
from seglib.methods.pareto_futures import pareto_orders
from seglib.methods.purchase_likelihood import NOBODY_STOPS, checked, family, log_likelihood, log_odds_stopped
from seglib.methods.purchases import BetaGeometric
from seglib.methods.rates import FloatArray

WORK, FEWEST, MOST = 4_000_000, 128, 4096  # draws, and futures: powers of two, as Sobol points want them
Seen = tuple[FloatArray, FloatArray, FloatArray]  # repeat orders, last order, age: see `checked`
BLOCK = 20_000  # draws at once: they fit into the cache of a processor
FARTHEST = 12.0  # of a drawn coordinate from its fit
CHANCES = np.geomspace(1e-9, 0.5, 48)  # to stop, where nobody was seen to
ONE_SIZE = float(np.exp(16.0))  # a + b where all customers have one chance to stop


def futures(
    orders: OrderModel, value: GammaGamma, customers: pd.DataFrame, horizon_weeks: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Draw what each customer orders and spends in many possible futures.

    Parameters
    ----------
    orders, value : BetaGeometric or ParetoNBD, and GammaGamma
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
        Each futures x customers; 128 to 4,096 futures, fewer the more customers there are (at most 1,024 for
        Pareto/NBD, whose chance to be active is an integral).

    Notes
    -----
    Each future has its own parameters, from the normal distribution around the maximum (covariance: `spread`) at Sobol
    points, and then for each customer his orders and their value, given his history. So the quantiles hold what is not
    known about the parameters, about the customer, and the luck of the draw. They do not hold that the model may be
    wrong. Where nobody was seen to stop, the chance to stop is drawn from its likelihood, so that an interval does not
    take for granted that nobody ever will. Every draw is a distribution's inverse at a fixed random number: the
    futures move little when the data move little.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 1, 0, 0, 5], "last_purchase_weeks": [30.0, 2.0, 0.0, 0.0, 31.0],
    ...     "age_weeks": [39.0, 39.0, 39.0, 38.0, 32.0], "mean_repeat_value_minor": [900.0, 700.0, 0.0, 0.0, 1100.0]})
    >>> orders, money = futures(BetaGeometric(0.5, 6.2, 0.9, 1.6), GammaGamma(6.0, 4.0, 600.0), seen, 52, seed=0)
    >>> orders.shape, bool((money[orders == 0] == 0).all())
    ((4096, 5), True)
    """
    placed = order_futures(orders, customers, horizon_weeks, seed)
    if {ONE_PRICE, ALIKE} <= set(value.limits):
        return placed, placed * expected_value(value, customers).to_numpy()
    again = repeaters(customers)
    points = normal_points(len(placed), 7, seed)[:, 4:]
    ways = _ways(lambda logs: value_likelihood(logs, *again)[1], value.logs, FAMILY, value.limits, points)
    x, mean = (customers[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    rng, money = np.random.default_rng([seed, 2]), np.empty_like(placed)
    for block in _blocks(placed.shape):
        scores = special.ndtri(rng.random((2, *placed[block].shape)) + 2.0**-54)
        money[block] = _money(ways[block], scores, x, mean, placed[block])
    return placed, money


def order_futures(orders: OrderModel, customers: pd.DataFrame, horizon_weeks: float, seed: int) -> FloatArray:
    """Draw how often each customer orders in many possible futures; the first result of `futures`.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 0], "last_purchase_weeks": [30.0, 0.0], "age_weeks": [39.0, 39.0]})
    >>> order_futures(BetaGeometric(0.5, 6.2, 0.9, 1.6), seen, 52, seed=0).shape
    (4096, 2)
    """
    if isinstance(orders, ParetoNBD):
        return _pareto(orders, customers, horizon_weeks, seed)
    seen, first = checked(customers), orders.may_stop_at_first
    points = normal_points(_count(len(customers), WORK), 7, seed)[:, :4]
    count, own = len(points), family(first)
    ways = _ways(lambda logs: log_likelihood(logs, *seen, first)[1], orders.logs, own, orders.limits, points)
    if NOBODY_STOPS in orders.limits:
        chance = _unseen_stops(orders, seen, points[:, 2])
        ways[:, 2], ways[:, 3] = ONE_SIZE * chance, ONE_SIZE * (1 - chance)
    rng, placed = np.random.default_rng([seed, 1]), np.zeros((count, len(customers)))
    for block in _blocks(placed.shape):
        placed[block] = _orders(ways[block], rng.random(placed[block].shape), seen, first, horizon_weeks)
    return placed


def _count(customers: int, work: int) -> int:
    """Say how many futures so much work allows: a power of two."""
    return int(2 ** np.floor(np.log2(np.clip(work // max(customers, 1), FEWEST, MOST))))


def _pareto(orders: ParetoNBD, customers: pd.DataFrame, horizon_weeks: float, seed: int) -> FloatArray:
    seen = checked(customers)
    points = normal_points(min(_count(len(customers), WORK // 8), MOST // 4), 7, seed)[:, :4]
    ways = _ways(lambda logs: pareto_log_likelihood(logs, *seen)[1], orders.logs, PARETO, orders.limits, points)
    uniform, lasting = np.random.default_rng([seed, 1]).random((2, len(points), len(customers)))
    placed = np.zeros(uniform.shape)
    for block in _blocks(placed.shape):
        placed[block] = pareto_orders(ways[block], uniform[block], lasting[block], seen, horizon_weeks)
    return placed


def _ways(
    rows: Callable[[FloatArray], FloatArray], logs: FloatArray, own: Family, limits: tuple[str, ...], points: FloatArray
) -> FloatArray:
    """Draw parameters around the fitted ones, a row for each future; what is held at a limit stays there.

    The root of the covariance is Cholesky's, which has no sign to choose. A speck of variance keeps it defined.
    """
    at: FloatArray = np.asarray(np.linalg.solve(own.axes, logs), dtype=float)
    free = own.free(limits)

    def whole(inside: FloatArray) -> FloatArray:
        point = at.copy()
        point[free] = inside
        return point

    covariance = spread(lambda inside: (rows(own.logs(whole(inside))) @ own.axes)[:, free], at[free])
    root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) * np.eye(len(free)))
    ways = np.tile(at, (len(points), 1))
    ways[:, free] += np.clip(points[:, free] @ root.T, -FARTHEST, FARTHEST)
    return np.asarray(np.exp(ways @ own.axes.T))


def _unseen_stops(orders: BetaGeometric, seen: Seen, scores: FloatArray) -> FloatArray:
    """Draw one chance to stop for all from its likelihood, where that is highest at none; flat prior."""
    rates = orders.logs[:2]
    total = np.array(
        [
            log_likelihood(np.r_[rates, np.log([ONE_SIZE * m, ONE_SIZE * (1 - m)])], *seen, orders.may_stop_at_first)[
                0
            ].sum()
            for m in CHANCES
        ]
    )
    height = np.exp(total - total.max())
    mass = np.r_[height[0] * CHANCES[0], np.diff(CHANCES) * (height[1:] + height[:-1]) / 2].cumsum()
    return np.asarray(np.exp(np.interp(special.ndtr(scores), mass / mass[-1], np.log(CHANCES))))


def _blocks(shape: tuple[int, ...]) -> list[slice]:
    step = max(1, BLOCK // max(shape[1], 1))
    return [slice(start, min(start + step, shape[0])) for start in range(0, shape[0], step)]


def _orders(ways: FloatArray, uniform: FloatArray, seen: Seen, may_stop_at_first: bool, weeks: float) -> FloatArray:
    """Draw the number of orders of each customer in each future of a block."""
    x, _, age = seen
    active = special.expit(-log_odds_stopped(np.log(ways.T)[:, :, None], *seen, may_stop_at_first))
    r, alpha, a, b = (np.broadcast_to(column[:, None], uniform.shape) for column in ways.T)
    shape, odds = r + x, weeks / (alpha + age)
    stop = (a.ravel(), (b + x + float(may_stop_at_first)).ravel())
    found = orders_at(uniform.ravel(), active.ravel(), shape.ravel(), odds.ravel(), stop)
    return found.reshape(uniform.shape)


def _money(ways: FloatArray, scores: FloatArray, x: FloatArray, mean: FloatArray, number: FloatArray) -> FloatArray:
    """Draw the value of so many orders of each customer, given the mean of those seen."""
    future, customer = np.nonzero(number)
    p, q, v = ways[future].T
    before = x[customer]
    scale = gamma_at(q + p * before, scores[0][future, customer]) / (v + before * mean[customer])
    money = np.zeros(number.shape)
    money[future, customer] = gamma_at(p * number[future, customer], scores[1][future, customer]) / scale
    return money
