"""How long customers with a contract stay: the shifted beta-geometric model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import Family, Limit, Loss, maximise
from seglib.methods.rates import FloatArray

FAMILY = Family(
    "shifted beta-geometric model",
    np.array([[0.5, 1.0], [-0.5, 1.0]]),  # odds and size
    [np.array(at) for at in ([0.0, 0.0], [-2.0, 0.5], [1.0, -0.7])],
    ((Limit("one chance to leave", {1: 10.0}),),),
)


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """A fitted shifted beta-geometric model.

    Parameters
    ----------
    alpha, beta : float
        Beta distribution of the chance not to renew; both above 0.
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.
    limits : tuple of str
        As in `BetaGeometric`.

    Notes
    -----
    Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21, 76-90. Retention
    rises with age although no single customer changes: those who leave easily leave first.

    Examples
    --------
    >>> ShiftedBetaGeometric(0.704, 1.182).alpha
    0.704
    """

    alpha: float
    beta: float
    log_likelihood: float = float("nan")
    limits: tuple[str, ...] = ()


def fit_sbg(surviving: npt.ArrayLike) -> ShiftedBetaGeometric:
    """Fit the shifted beta-geometric model to one cohort by maximum likelihood.

    Parameters
    ----------
    surviving : array of float
        Customers of the cohort at the start and after each renewal, never rising; at least two renewals.

    Returns
    -------
    ShiftedBetaGeometric
        With its log-likelihood.

    Raises
    ------
    InputRefused
        If nobody left, or no maximum was found.
    ValueError
        If the numbers rise, are negative, or are fewer than three.

    Examples
    --------
    >>> model = fit_sbg([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> print(f"{model.alpha:.3f} {model.beta:.3f}")
    0.704 1.182
    >>> fit_sbg([10, 10, 10])
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 nobody left the cohort - do: wait for more renewals
    """
    alive = np.asarray(surviving, dtype=float)
    lost = -np.diff(alive)
    if len(alive) < 3 or (lost < 0).any() or alive[-1] < 0:
        raise ValueError("surviving must be three numbers or more that never rise and are not negative")
    if not lost.any():
        raise InputRefused(Finding("S19", "nobody left the cohort", do="wait for more renewals"))
    renewals = np.arange(1, len(alive))

    def value(logs: FloatArray) -> float:
        alpha, beta = np.exp(logs)
        left = special.betaln(alpha + 1, beta + renewals - 1)
        stayed = special.betaln(alpha, beta + renewals[-1])
        total = lost @ left + alive[-1] * stayed - alive[0] * special.betaln(alpha, beta)
        return -float(total) / float(alive[0])

    found = maximise(_differences(value), FAMILY, int(alive[0]))
    alpha, beta = found.theta.tolist()
    return ShiftedBetaGeometric(alpha, beta, -found.loss * float(alive[0]), found.limits)


def survival_share(model: ShiftedBetaGeometric, renewal: npt.ArrayLike) -> FloatArray:
    """Give the share of a cohort that is left after a number of renewals.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        A fitted model.
    renewal : int or array of int
        Renewals since the start, 0 or more.

    Returns
    -------
    float or array of float
        Shares, 0 to 1.

    Examples
    --------
    >>> survival_share(ShiftedBetaGeometric(0.668, 3.806), [0, 1, 7]).round(3).tolist()
    [1.0, 0.851, 0.489]
    """
    until = np.asarray(renewal, dtype=float)
    return np.asarray(np.exp(special.betaln(model.alpha, model.beta + until) - special.betaln(model.alpha, model.beta)))


def retention_share(model: ShiftedBetaGeometric, renewal: npt.ArrayLike) -> FloatArray:
    """Give the share of the customers left at a renewal who renew.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        A fitted model.
    renewal : int or array of int
        1 for the first renewal.

    Returns
    -------
    float or array of float
        Shares, 0 to 1, rising with the renewal.

    Examples
    --------
    >>> retention_share(ShiftedBetaGeometric(0.704, 1.182), [1, 2, 7]).round(3).tolist()
    [0.627, 0.756, 0.911]
    """
    until = np.asarray(renewal, dtype=float)
    return np.asarray((model.beta + until - 1) / (model.alpha + model.beta + until - 1))


def remaining_periods(
    model: ShiftedBetaGeometric, renewed: npt.ArrayLike, discount_share_per_period: float
) -> FloatArray:
    """Give the discounted number of periods that a customer is expected to stay from the next renewal on.

    Parameters
    ----------
    model : ShiftedBetaGeometric
        A fitted model.
    renewed : int or array of int
        Renewals so far, 0 or more; the next one is still open.
    discount_share_per_period : float
        0.1 for 10 % a period, above 0; the payment at the next renewal is not discounted.

    Returns
    -------
    float or array of float
        Expected discounted periods; times the payment of a period it is the value that remains.

    Notes
    -----
    Fader and Hardie (2010), Customer-base valuation in a contractual setting, Marketing Science 29, 85-93, eq. 7.

    Examples
    --------
    >>> remaining_periods(ShiftedBetaGeometric(0.668, 3.806), [0, 4], 0.1).round(2).tolist()
    [5.41, 6.9]
    """
    next_one = np.asarray(renewed, dtype=float) + 1
    series = special.hyp2f1(
        1, model.beta + next_one, model.alpha + model.beta + next_one, 1 / (1 + discount_share_per_period)
    )
    return np.asarray(retention_share(model, next_one) * series)


def _differences(value: Callable[[FloatArray], float]) -> Loss:
    """Add the gradient by differences to a function, for likelihoods of few rows.

    Parameters
    ----------
    value : function of an array to float
        For which a gradient on paper earns nothing.

    Returns
    -------
    function of an array to (value, gradient)

    Notes
    -----
    Central differences of steps h and 2 h, combined so that the error is of the fourth power of h.

    Examples
    --------
    >>> value, slope = _differences(lambda at: float((at**2).sum()))(np.array([3.0]))
    >>> print(f"{value:.1f} {slope[0]:.9f}")
    9.0 6.000000000
    """

    def central(at: FloatArray, step: FloatArray) -> float:
        return (value(at + step) - value(at - step)) / (2 * float(step.sum()))

    def both(at: FloatArray) -> tuple[float, FloatArray]:
        steps = 2e-3 * np.eye(len(at))
        return value(at), np.array([(4 * central(at, step / 2) - central(at, step)) / 3 for step in steps])

    return both
