"""When customers order and when they stop: the BG/NBD and MBG/NBD models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from seglib.methods.purchase_likelihood import checked, family, fitted, log_likelihood, log_odds_stopped
from seglib.methods.rates import FloatArray

ROUGH_ROWS = 5_000  # of larger data, so many rows in equal distances say where the search begins


@dataclass(frozen=True)
class BetaGeometric:
    """A fitted BG/NBD or MBG/NBD model of when customers order and when they stop.

    Parameters
    ----------
    r, alpha_weeks : float
        Gamma distribution of order rates: shape, and rate parameter in weeks; both above 0.
    a, b : float
        Beta distribution of the chance to stop after an order; both above 0.
    may_stop_at_first : bool
        True in MBG/NBD (a customer may stop after the first order), False in BG/NBD (only after a repeat order).
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.
    limits : tuple of str
        The simpler models that the data are at, if any, such as "nobody stops": a limit is told apart from the whole
        model by nothing in the data, so single parameters on the way to it mean nothing.

    Notes
    -----
    BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24, 275-284. MBG/NBD: Batislam, Denizel and Filiztekin
    (2007), International Journal of Research in Marketing 24, 201-209. The former says that every customer with one
    order is still active, so the latter is the default of this package.

    Examples
    --------
    >>> BetaGeometric(0.243, 4.414, 0.793, 2.426, may_stop_at_first=False).alpha_weeks
    4.414
    """

    r: float
    alpha_weeks: float
    a: float
    b: float
    may_stop_at_first: bool = True
    log_likelihood: float = float("nan")
    limits: tuple[str, ...] = ()

    @property
    def logs(self) -> FloatArray:
        """Return the logarithms of r, alpha_weeks, a and b."""
        return np.log([self.r, self.alpha_weeks, self.a, self.b])


def fit_mbgnbd(purchases: pd.DataFrame) -> BetaGeometric:
    """Fit the MBG/NBD model by maximum likelihood.

    Parameters
    ----------
    purchases : DataFrame
        One row per customer: repeat_count (orders after the first, 0 or more), last_purchase_weeks (from the first
        to the last order, 0 without a repeat), age_weeks (from the first order to the end of observation).

    Returns
    -------
    BetaGeometric
        With its log-likelihood.

    Raises
    ------
    InputRefused
        If nobody ordered twice, or no maximum was found.
    ValueError
        If 0 <= last_purchase_weeks <= age_weeks does not hold.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 1, 0, 0, 5], "last_purchase_weeks": [30.0, 2.0, 0.0, 0.0, 31.0],
    ...     "age_weeks": [39.0, 39.0, 39.0, 38.0, 32.0]})
    >>> print(f"{fit_mbgnbd(seen).log_likelihood:.1f}")
    -31.1
    """
    return _fit(purchases, may_stop_at_first=True)


def fit_bgnbd(purchases: pd.DataFrame) -> BetaGeometric:
    """Fit the BG/NBD model by maximum likelihood; parameters, returns and errors as in `fit_mbgnbd`.

    Examples
    --------
    >>> nobody = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [3.0]})
    >>> fit_bgnbd(nobody)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 no customer ordered twice - do: leave out the lifetime value
    """
    return _fit(purchases, may_stop_at_first=False)


def probability_alive(model: BetaGeometric, purchases: pd.DataFrame) -> pd.Series:
    """Give the chance that a customer has not stopped.

    Parameters
    ----------
    model : BetaGeometric
        A fitted model.
    purchases : DataFrame
        As in `fit_mbgnbd`.

    Returns
    -------
    Series
        Probabilities, 0 to 1, with the index of `purchases`.

    Notes
    -----
    1 / (1 + L) with L the ratio of the likelihoods of having stopped and of being active; computed on log scale.

    Examples
    --------
    >>> model = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
    >>> seen = pd.DataFrame({"repeat_count": [26], "last_purchase_weeks": [30.857], "age_weeks": [31.0]})
    >>> probability_alive(model, seen).round(5).tolist()
    [0.96885]
    """
    x, t_x, age = checked(purchases)
    odds = log_odds_stopped(model.logs, x, t_x, age, model.may_stop_at_first)
    return pd.Series(special.expit(-odds), index=purchases.index, name="alive_probability")


def expected_orders(model: BetaGeometric, purchases: pd.DataFrame, horizon_weeks: npt.ArrayLike) -> pd.Series:
    """Give the number of orders to expect from each customer.

    Parameters
    ----------
    model : BetaGeometric
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
    Fader, Hardie and Lee (2005), eq. 10. By Euler's transformation ((alpha+T)/(alpha+T+t))^(r+x) 2F1(r+x, b+x; c; z)
    is (1-z)^(a-1) 2F1(c-r-x, a-1; c; z), whose terms stay small however many orders a customer has.

    Examples
    --------
    >>> model = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
    >>> new = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [0.0]})
    >>> expected_orders(model, new, 52).round(4).tolist()
    [1.444]
    """
    x, _, age = checked(purchases)
    weeks = np.asarray(horizon_weeks, dtype=float)
    first = float(model.may_stop_at_first)
    a = model.a if abs(model.a - 1) > 1e-6 else 1 + 1e-6
    c, z = a + model.b + x + first - 1, weeks / (model.alpha_weeks + age + weeks)
    with np.errstate(invalid="ignore"):  # parameters too large for the hypergeometric function: customers nearly alike
        stays = (1 - z) ** (a - 1) * special.hyp2f1(a + model.b + first - 1 - model.r, a - 1, c, z)
    ahead = c / (a - 1) * (1 - stays)
    lost = ~np.isfinite(ahead)
    if lost.any():
        ahead[lost] = _over_chances(model, x[lost], age[lost], np.broadcast_to(weeks, x.shape)[lost])
    expected = probability_alive(model, purchases).to_numpy() * ahead
    return pd.Series(expected, index=purchases.index, name="expected_orders_count")


def order_probability(model: BetaGeometric, purchases: pd.DataFrame, horizon_weeks: npt.ArrayLike) -> pd.Series:
    """Give the chance that a customer orders at least once.

    Parameters
    ----------
    model : BetaGeometric
        A fitted model.
    purchases : DataFrame
        As in `fit_mbgnbd`.
    horizon_weeks : float, or array of float with one value per customer
        Weeks after the end of observation, 0 or more.

    Returns
    -------
    Series
        Probabilities, 0 to 1, with the index of `purchases`.

    Notes
    -----
    P(alive) times 1 - ((alpha + T) / (alpha + T + t))^(r + x): who is active stops after an order, not before it.

    Examples
    --------
    >>> model = BetaGeometric(0.243, 4.414, 0.793, 2.426, may_stop_at_first=False)
    >>> new = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [0.0]})
    >>> order_probability(model, new, 39).round(4).tolist()
    [0.4262]
    """
    x, _, age = checked(purchases)
    weeks = np.asarray(horizon_weeks, dtype=float)
    none = np.exp(-(model.r + x) * np.log1p(weeks / (model.alpha_weeks + age)))
    chance = probability_alive(model, purchases).to_numpy() * (1 - none)
    return pd.Series(chance, index=purchases.index, name="order_probability")


def _over_chances(model: BetaGeometric, x: FloatArray, age: FloatArray, weeks: FloatArray) -> FloatArray:
    """Expect (1 - exp(-rate p weeks)) / p orders of an active customer, over 64 quantiles of the chance p to stop."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    last = (model.b + x + float(model.may_stop_at_first))[:, None]
    chance = np.maximum(special.betaincinv(model.a, last, (nodes + 1) / 2), 1e-300)
    pace = np.log1p(chance * (weeks / (model.alpha_weeks + age))[:, None])
    return np.asarray((-np.expm1(-(model.r + x)[:, None] * pace) / chance) @ weights / 2)


def _fit(purchases: pd.DataFrame, may_stop_at_first: bool) -> BetaGeometric:
    """Maximise the likelihood of either model."""
    likelihood = partial(log_likelihood, may_stop_at_first=may_stop_at_first)
    found = fitted(likelihood, purchases, family(may_stop_at_first), (1,), ROUGH_ROWS)
    r, alpha, a, b = found.theta.tolist()
    return BetaGeometric(r, alpha, a, b, may_stop_at_first, found.loss, found.limits)
