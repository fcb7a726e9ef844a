"""The one way in which seglib maximises a likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import optimize
from threadpoolctl import threadpool_limits

from seglib.core.errors import Finding, InputRefused
from seglib.methods.rates import FloatArray

LOG_BOUND = 12.0
Loss = Callable[[FloatArray], tuple[float, FloatArray]]
PRIOR_SD = 3.0  # of a logarithm: a factor of 400 either way, so that a direction without information stays finite


def minimise_log(loss: Loss, start: npt.ArrayLike, what: str) -> tuple[FloatArray, float]:
    """Minimise a smooth function of positive parameters over their logarithms.

    Parameters
    ----------
    loss : function of an array to (value, gradient)
        Value and gradient with respect to the parameters themselves.
    start : array of float
        Parameters to start from, above 0.
    what : str
        What is fitted, for the message.

    Returns
    -------
    tuple of parameters and value
        At the minimum; each parameter lies between exp(-12) and exp(12).

    Raises
    ------
    InputRefused
        If no minimum was found.

    Examples
    --------
    >>> at, value = minimise_log(lambda p: (float((p[0] - 3) ** 2), 2 * (p - 3)), [1.0], "line")
    >>> at.round(4).tolist()
    [3.0]
    """

    def on_log(log_theta: FloatArray) -> tuple[float, FloatArray]:
        theta = np.exp(log_theta)
        value, slope = loss(theta)
        return value, slope * theta

    first = np.log(np.asarray(start, dtype=float))
    options = {"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1000}
    bounds = [(-LOG_BOUND, LOG_BOUND)] * len(first)
    with threadpool_limits(1):  # four parameters: threads of linear algebra only wait for each other
        found = optimize.minimize(on_log, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    inside = np.abs(found.x) < LOG_BOUND
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0.0) > 1e-4:
        remedy = "check the dates and amounts, or leave out the lifetime value"
        raise InputRefused(Finding("S19", f"the {what} found no best fit", do=remedy))
    return np.exp(found.x), float(found.fun)


def differences(value: Callable[[FloatArray], float]) -> Loss:
    """Add the gradient by central differences to a function of positive parameters.

    Parameters
    ----------
    value : function of an array to float
        For likelihoods of few rows, where a gradient on paper earns nothing.

    Returns
    -------
    function of an array to (value, gradient)

    Examples
    --------
    >>> value, slope = differences(lambda p: float((p**2).sum()))(np.array([3.0]))
    >>> print(f"{value:.1f} {slope[0]:.4f}")
    9.0 6.0000
    """

    def both(theta: FloatArray) -> tuple[float, FloatArray]:
        steps = np.diag(1e-5 * theta)
        slope = [(value(theta + step) - value(theta - step)) / (2 * step.sum()) for step in steps]
        return value(theta), np.array(slope)

    return both


def spread(rows: Callable[[FloatArray], FloatArray], theta: FloatArray) -> FloatArray:
    """Give the covariance of the logarithms of fitted parameters.

    Parameters
    ----------
    rows : function of an array to array
        Gradient of the log-likelihood of each row with respect to the parameters, n x k.
    theta : array of float
        The k fitted parameters.

    Returns
    -------
    array
        k x k.

    Notes
    -----
    The sandwich of White (1982), Econometrica 50, 1-25: it holds for large n even where the model is not quite right.
    A direction in which the data say nothing, such as the chance to stop where nobody stopped, gets a standard
    deviation of at most 3.

    Examples
    --------
    >>> seen = np.array([1.0, 2.0, 3.0, 6.0])  # exponential waiting times: standard error of the log rate is 1/sqrt(n)
    >>> print(spread(lambda rate: (1 / rate - seen)[:, None], np.array([1 / 3])).round(2))
    [[0.1]]
    """

    def on_log(log_theta: FloatArray) -> FloatArray:
        return np.asarray(rows(np.exp(log_theta)) * np.exp(log_theta))

    at, size = np.log(theta), 1e-4
    scores = on_log(at)
    steps = size * np.eye(len(at))
    turns = [(on_log(at - step).sum(axis=0) - on_log(at + step).sum(axis=0)) / (2 * size) for step in steps]
    curves = np.array(turns)
    roots, axes = np.linalg.eigh((curves + curves.T) / 2)
    prior = np.eye(len(at)) / PRIOR_SD**2
    inverse = np.linalg.inv((axes * np.maximum(roots, 0)) @ axes.T + prior)
    return np.asarray(inverse @ (scores.T @ scores + prior) @ inverse)
