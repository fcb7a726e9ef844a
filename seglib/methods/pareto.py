"""When customers order and when they stop, at any time: the Pareto/NBD model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from seglib.methods.likelihood import Family, Limit
from seglib.methods.purchase_likelihood import NOBODY_STOPS, ONE_RATE, checked, fitted
from seglib.methods.rates import FloatArray
from seglib.methods.rising import digamma_rising, log_rising

NODES, WEIGHTS = (column[:, None] for column in np.polynomial.legendre.leggauss(32))
PLACES = (NODES + 1) / 2  # of the nodes between 0 and 1
ROUGH_ROWS = 10_000  # of larger data, so many rows in equal distances say where the search begins
BLOCK_ROWS = 1_024  # rows integrated at once: their nodes fit into the cache of a processor
STEEPEST = 40.0  # beyond exp(-40) nothing is left to integrate
ONE_STOP_RATE = "one rate of stopping"
FAMILY = Family(
    "Pareto/NBD model",
    np.array([[0, 1, 0, 0], [-1, 1, 0, 0], [0, 0, 0, 1], [0, 0, -1, 1]]),  # log r/alpha, log r, log s/beta, log s
    [np.array(at) for at in ([0.0, -0.7, 0.0, -0.7], [0.5, -1.5, -2.0, -1.5], [-1.0, 0.5, 1.0, 0.5])],
    ((Limit(NOBODY_STOPS, {2: -24.0, 3: 0.0}), Limit(ONE_STOP_RATE, {3: 11.0})), (Limit(ONE_RATE, {1: 11.0}),)),
)


@dataclass(frozen=True)
class ParetoNBD:
    """A fitted Pareto/NBD model.

    Parameters
    ----------
    r, alpha_weeks : float
        Gamma distribution of order rates: shape, and rate parameter in weeks; both above 0.
    s, beta_weeks : float
        Gamma distribution of the rates of stopping: shape, and rate parameter in weeks; both above 0.
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.
    limits : tuple of str
        As in `BetaGeometric`.

    Notes
    -----
    Schmittlein, Morrison and Colombo (1987), Management Science 33, 1-24. Unlike in MBG/NBD, a customer may stop at
    any time and not only after an order.

    Examples
    --------
    >>> ParetoNBD(0.5533, 10.578, 0.6062, 11.669).beta_weeks
    11.669
    """

    r: float
    alpha_weeks: float
    s: float
    beta_weeks: float
    log_likelihood: float = float("nan")
    limits: tuple[str, ...] = ()

    @property
    def logs(self) -> FloatArray:
        """Return the logarithms of r, alpha_weeks, s and beta_weeks."""
        return np.log([self.r, self.alpha_weeks, self.s, self.beta_weeks])


def fit_pareto_nbd(purchases: pd.DataFrame) -> ParetoNBD:
    """Fit the Pareto/NBD model by maximum likelihood.

    Parameters
    ----------
    purchases : DataFrame
        As in `fit_mbgnbd`.

    Returns
    -------
    ParetoNBD
        With its log-likelihood.

    Raises
    ------
    InputRefused
        If nobody ordered twice, or no maximum was found.

    Examples
    --------
    >>> nobody = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [3.0]})
    >>> fit_pareto_nbd(nobody)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 no customer ordered twice - do: leave out the lifetime value
    """
    found = fitted(pareto_log_likelihood, purchases, FAMILY, (1, 3), ROUGH_ROWS)
    r, alpha, s, beta = found.theta.tolist()
    return ParetoNBD(r, alpha, s, beta, found.loss, found.limits)


def pareto_probability_alive(model: ParetoNBD, purchases: pd.DataFrame) -> pd.Series:
    """Give the chance that a customer has not stopped.

    Parameters
    ----------
    model : ParetoNBD
        A fitted model.
    purchases : DataFrame
        As in `fit_mbgnbd`.

    Returns
    -------
    Series
        Probabilities, 0 to 1, with the index of `purchases`.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [26], "last_purchase_weeks": [30.857], "age_weeks": [31.0]})
    >>> pareto_probability_alive(ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687), seen).round(4).tolist()
    [0.9979]
    """
    x, t_x, age = checked(purchases)
    theta = np.array([model.r, model.alpha_weeks, model.s, model.beta_weeks])
    return pd.Series(special.expit(-log_odds_gone(theta, x, t_x, age)), index=purchases.index, name="alive_probability")


def pareto_expected_orders(model: ParetoNBD, purchases: pd.DataFrame, horizon_weeks: npt.ArrayLike) -> pd.Series:
    """Give the number of orders to expect from each customer.

    Parameters
    ----------
    model : ParetoNBD
        A fitted model.
    purchases : DataFrame
        As in `fit_mbgnbd`; a new customer has 0, 0.0, 0.0.
    horizon_weeks : float, or array of float with one value per customer
        Weeks after the end of observation, 0 or more.

    Returns
    -------
    Series
        Expected number of orders, with the index of `purchases`.

    Notes
    -----
    Fader and Hardie (2005), A note on deriving the Pareto/NBD model, eq. 41.

    Examples
    --------
    >>> new = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [0.0]})
    >>> pareto_expected_orders(ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687), new, 52).round(3).tolist()
    [1.473]
    """
    x, _, age = checked(purchases)
    s = model.s if abs(model.s - 1) > 1e-8 else 1 + 1e-8
    until = model.beta_weeks + age
    stays = -np.expm1(-(s - 1) * np.log1p(np.asarray(horizon_weeks, dtype=float) / until)) / (s - 1)
    rate = (model.r + x) / (model.alpha_weeks + age)
    expected = pareto_probability_alive(model, purchases).to_numpy() * rate * until * stays
    return pd.Series(expected, index=purchases.index, name="expected_orders_count")


def log_odds_gone(theta: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray) -> FloatArray:
    """Give the log odds that a customer has stopped, for r, alpha, s and beta in the unit of the times."""
    active, stopped, _ = _parts(theta, x, t_x, age)
    return np.asarray(stopped - active)


def pareto_log_likelihood(
    logs: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give each customer's log-likelihood and its gradient by the logarithms of the parameters (n x 4)."""
    theta = np.exp(logs)
    r, alpha, s, beta = theta
    active, stopped, inside = _parts(theta, x, t_x, age)
    value = log_rising(r, x) + r * np.log(alpha) + s * np.log(beta)
    value += np.logaddexp(active, stopped)
    gone = special.expit(stopped - active)
    ends = (-np.log(alpha + age), -(r + x) / (alpha + age), -np.log(beta + age), -s / (beta + age))
    slope = [(1 - gone) * end + gone * mean for end, mean in zip(ends, inside, strict=True)]
    slope[0] += digamma_rising(r, x) + np.log(alpha)
    slope[1] += r / alpha
    slope[2] += np.log(beta)
    slope[3] += s / beta
    return value, np.column_stack(slope) * theta


def _parts(
    theta: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, ...]]:
    """Give the log-likelihoods of being active and of having stopped, and the slopes of the latter, block by block."""
    starts = range(0, max(len(x), 1), BLOCK_ROWS)
    blocks = [_block(theta, *(column[at : at + BLOCK_ROWS] for column in (x, t_x, age))) for at in starts]
    r, alpha, s, beta = theta
    active = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    stopped, *inside = np.concatenate(blocks, axis=1)
    return active, stopped, tuple(inside)


def _block(theta: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray) -> FloatArray:
    """Give the log-likelihood of having stopped and its four slopes, as five rows.

    It is the integral of s (alpha + y)^-(r+x) (beta + y)^-(s+1) over the time y of stopping, from the last
    order to today. On the scale of log(y + the smaller of alpha and beta) it is smooth, so 32 Gauss-Legendre nodes
    serve; on log scale it cannot underflow, and no difference of two nearly equal terms is taken. The logarithm of the
    smaller sum is known at the nodes by construction, so that only the other one has to be taken.
    """
    r, alpha, s, beta = theta
    power, least = r + x, min(alpha, beta)
    with np.errstate(over="ignore"):
        end = np.minimum(age, t_x + (alpha + t_x) * np.expm1(STEEPEST / power))
    span = np.log((least + end) / (least + t_x))
    log_moment = np.log(least + t_x) + span * PLACES
    moment = np.exp(log_moment)  # y + least at the nodes, a row for each node
    further = moment + abs(alpha - beta)
    log_further = np.log(further)
    log_order, log_stop = (log_moment, log_further) if alpha <= beta else (log_further, log_moment)
    from_order, from_stop = (moment, further) if alpha <= beta else (further, moment)
    inner = log_moment - power * log_order - (s + 1) * log_stop
    peak = inner.max(axis=0)
    mass = np.exp(inner - peak) * WEIGHTS
    total = mass.sum(axis=0)
    with np.errstate(divide="ignore"):  # no time since the last order: log 0
        stopped = np.log(s * span / 2) + peak + np.log(total)
    means = [(mass * log).sum(axis=0) / total for log in (log_order, log_stop)]
    means += [(mass / moment).sum(axis=0) / total for moment in (from_order, from_stop)]
    return np.array([stopped, -means[0], -power * means[2], 1 / s - means[1], -(s + 1) * means[3]])
