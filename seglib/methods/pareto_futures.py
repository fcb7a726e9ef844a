"""Numbers of orders drawn from the Pareto/NBD model: who is still active, for how long, and how often until then."""

from __future__ import annotations

import numpy as np
from scipy import special

from seglib.methods.draws import orders_at
from seglib.methods.pareto import log_odds_gone
from seglib.methods.rates import FloatArray

FEWEST_WEEKS = 1e-9
LONGEST = 50.0  # logarithm of a time, in ages: beyond any horizon
Seen = tuple[FloatArray, FloatArray, FloatArray]


def pareto_orders(
    ways: FloatArray, uniform: FloatArray, lasting: FloatArray, seen: Seen, horizon_weeks: float
) -> FloatArray:
    """Give the number of orders of each customer in each of some futures.

    Parameters
    ----------
    ways : array of float, futures x 4
        r, alpha, s and beta (weeks) of each future.
    uniform, lasting : array of float, futures x customers, 0 to 1
        Where in their distributions the number of orders and the time until stopping lie.
    seen : tuple of repeat orders, last order and age
        See `purchase_likelihood.checked`.
    horizon_weeks : float
        Above 0.

    Returns
    -------
    array of float, futures x customers

    Notes
    -----
    Active with chance p, a customer goes on for longer than t weeks with ((beta + T) / (beta + T + t))^s, and orders
    until then by a Poisson process whose rate is gamma distributed, r + x and alpha + T: all three are independent of
    each other given the history. `lasting` above p is a customer who has stopped; just below it he stops soon, so the
    number of orders moves little where a parameter does.

    Examples
    --------
    >>> seen = tuple(np.array([value]) for value in (26.0, 30.857, 31.0))
    >>> at = np.array([[0.5]])
    >>> pareto_orders(np.array([[0.55328, 10.5777, 0.60624, 11.6687]]), at, at, seen, 52.0).tolist()
    [[33.0]]
    """
    rows, place = np.unique(np.column_stack(seen), axis=0, return_inverse=True)
    active = np.array([special.expit(-log_odds_gone(way, *rows.T)) for way in ways])[:, place.ravel()]
    r, alpha, s, beta = (column[:, None] for column in ways.T)
    x, _, age = seen
    stays, least = lasting < active, np.finfo(float).tiny
    log_share = np.log(
        np.maximum(np.where(stays, lasting, 1.0) / np.maximum(np.where(stays, active, 1.0), least), least)
    )
    until = (beta + age) * np.expm1(np.minimum(-log_share / s, LONGEST))
    odds = np.clip(until, FEWEST_WEEKS, horizon_weeks) / (alpha + age)
    never = (np.zeros(uniform.size), np.ones(uniform.size))
    shape = np.broadcast_to(r + x, uniform.shape)
    found = orders_at(uniform.ravel(), stays.astype(float).ravel(), shape.ravel(), odds.ravel(), never)
    return found.reshape(uniform.shape)
