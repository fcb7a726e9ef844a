"""Who takes the next of many equal opportunities, such as quarters: the BG/BB model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import Family, Limit, maximise
from seglib.methods.purchase_likelihood import NOBODY_STOPS
from seglib.methods.rates import FloatArray

COLUMNS = ["taken_count", "last_taken", "opportunity_count"]
EVERY, ONE_CHANCE = "every opportunity is taken", "one chance to take an opportunity"
ONE_STOP = "one chance to stop"
FAMILY = Family(
    "BG/BB model",
    np.array([[0.5, 1, 0, 0], [-0.5, 1, 0, 0], [0, 0, 0.5, 1], [0, 0, -0.5, 1]]),  # odds and size of either pair
    [np.array(at) for at in ([0.0, 0.0, -0.9, 0.2], [-1.0, 0.5, -2.5, 0.5], [1.0, -0.7, 0.0, -0.7])],
    (
        (Limit(NOBODY_STOPS, {2: -24.0, 3: -12.0}), Limit(ONE_STOP, {3: 10.0})),
        (Limit(EVERY, {0: 24.0, 1: -12.0}), Limit(ONE_CHANCE, {1: 10.0})),
    ),
)


@dataclass(frozen=True)
class BetaBinomial:
    """A fitted BG/BB model.

    Parameters
    ----------
    alpha, beta : float
        Beta distribution of the chance to take an opportunity while active; both above 0.
    gamma, delta : float
        Beta distribution of the chance to stop before the next opportunity; both above 0.
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.
    limits : tuple of str
        As in `BetaGeometric`.

    Notes
    -----
    Fader, Hardie and Shang (2010), Marketing Science 29, 1086-1108.

    Examples
    --------
    >>> BetaBinomial(1.204, 0.750, 0.657, 2.783).gamma
    0.657
    """

    alpha: float
    beta: float
    gamma: float
    delta: float
    log_likelihood: float = float("nan")
    limits: tuple[str, ...] = ()


def fit_bgbb(taken: pd.DataFrame) -> BetaBinomial:
    """Fit the BG/BB model by maximum likelihood.

    Parameters
    ----------
    taken : DataFrame
        taken_count (opportunities taken, 0 or more), last_taken (number of the last one taken, 0 if none),
        opportunity_count (opportunities since the customer's start, 0 or more); equal customers may share a row with
        their number in customer_count.

    Returns
    -------
    BetaBinomial
        With its log-likelihood.

    Raises
    ------
    InputRefused
        If nobody took an opportunity, or no maximum was found.
    ValueError
        If taken_count <= last_taken <= opportunity_count does not hold.

    Examples
    --------
    >>> fit_bgbb(pd.DataFrame({"taken_count": [0], "last_taken": [0], "opportunity_count": [3]}))
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 nobody took an opportunity - do: leave out the BG/BB model
    """
    one_each = taken if "customer_count" in taken else taken.assign(customer_count=1)
    rows = one_each.groupby(COLUMNS).agg(customer_count=("customer_count", "sum")).reset_index()
    x, t_x, n = _columns(rows)
    if not x.any():
        raise InputRefused(Finding("S19", "nobody took an opportunity", do="leave out the BG/BB model"))
    count = rows["customer_count"].to_numpy(dtype=float)
    weight = count / count.sum()

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        theta = np.exp(logs)
        value, slope = _likelihood(theta, x, t_x, n)
        return -float(weight @ value), -weight @ slope * theta

    found = maximise(loss, FAMILY, int(count.sum()))
    alpha, beta, gamma, delta = found.theta.tolist()
    return BetaBinomial(alpha, beta, gamma, delta, -found.loss * float(count.sum()), found.limits)


def bgbb_expected(model: BetaBinomial, taken: pd.DataFrame, next_count: npt.ArrayLike) -> pd.Series:
    """Give how many of the next opportunities each customer is expected to take.

    Parameters
    ----------
    model : BetaBinomial
        A fitted model.
    taken : DataFrame
        As in `fit_bgbb`; a new customer has 0, 0, 0.
    next_count : int or array of int
        Number of opportunities ahead, 0 or more; with 1 the result is a probability.

    Returns
    -------
    Series
        Expected number, with the index of `taken`.

    Notes
    -----
    Fader, Hardie and Shang (2010), eq. 13: the sum over the opportunities ahead of B(gamma, delta+n+i) / B(gamma,
    delta), written as a difference of gamma functions.

    Examples
    --------
    >>> new = pd.DataFrame({"taken_count": [0], "last_taken": [0], "opportunity_count": [0]})
    >>> bgbb_expected(BetaBinomial(1.204, 0.750, 0.657, 2.783), new, 10).round(2).tolist()
    [3.18]
    """
    x, t_x, n = _columns(taken)
    ahead = np.asarray(next_count, dtype=float)
    g = model.gamma if abs(model.gamma - 1) > 1e-6 else 1 + 1e-6
    d = model.delta
    last = special.gammaln(1 + d + n) - special.gammaln(g + d + n)
    later = special.gammaln(1 + d + n + ahead) - special.gammaln(g + d + n + ahead)
    stays = np.exp(special.gammaln(g + d) - special.gammaln(d) + last) * -np.expm1(later - last) / (g - 1)
    takes = special.betaln(model.alpha + x + 1, model.beta + n - x) - special.betaln(model.alpha, model.beta)
    expected = np.exp(takes - _log_likelihood(_theta(model), x, t_x, n)) * stays
    return pd.Series(expected, index=taken.index, name="expected_taken_count")


def _theta(model: BetaBinomial) -> FloatArray:
    return np.array([model.alpha, model.beta, model.gamma, model.delta])


def _log_likelihood(theta: FloatArray, x: FloatArray, t_x: FloatArray, n: FloatArray) -> FloatArray:
    return _likelihood(theta, x, t_x, n)[0]


def _likelihood(theta: FloatArray, x: FloatArray, t_x: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each row's log-likelihood and its gradient (n x 4).

    The terms: still active (stop = n), or stopped after any opportunity from the last one taken on.
    """
    alpha, beta, gamma, delta = theta
    silent = np.arange(int((n - t_x).max(initial=0)))
    stop = np.column_stack([n, t_x[:, None] + silent])
    stopped = np.arange(stop.shape[1]) > 0
    possible = ~stopped | (stop < n[:, None])
    taken = np.minimum(x[:, None], stop)
    terms = special.betaln(alpha + taken, beta + stop - taken) + special.betaln(gamma + stopped, delta + stop)
    every = np.where(possible, terms, -np.inf)
    value = special.logsumexp(every, axis=1)
    share = np.exp(every - value[:, None])
    chance, lasting = special.digamma(alpha + beta + stop), special.digamma(gamma + delta + stop + stopped)
    turns = [
        special.digamma(alpha + taken) - chance,
        special.digamma(beta + stop - taken) - chance,
        special.digamma(gamma + stopped) - lasting,
        special.digamma(delta + stop) - lasting,
    ]
    both, stays = special.digamma(alpha + beta), special.digamma(gamma + delta)
    base = [special.digamma(theta[i]) - (both, both, stays, stays)[i] for i in range(4)]
    slope = np.column_stack([(share * turn).sum(axis=1) - start for turn, start in zip(turns, base, strict=True)])
    return np.asarray(value - special.betaln(alpha, beta) - special.betaln(gamma, delta)), slope


def _columns(taken: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check the three columns once and give them as arrays."""
    x, t_x, n = (taken[name].to_numpy(dtype=float) for name in COLUMNS)
    if not ((x >= 0) & (x <= t_x) & (t_x <= n) & ((x > 0) | (t_x == 0))).all():
        raise ValueError("opportunities must have 0 <= taken_count <= last_taken <= opportunity_count")
    return x, t_x, n
