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
CURVE_STEP = 1e-4  # of a logarithm, for differences of slopes
GRADIENT = 1e-8  # of the loss by the logarithms, at the minimum
FLAT = 1e-6  # a curvature so much smaller than the largest one cannot be trusted
Loss = Callable[[FloatArray], tuple[float, FloatArray]]
PRIOR_SD = 3.0  # of a logarithm: a factor of 400 either way, so that a direction without information stays finite


def minimise_log(loss: Loss, start: npt.ArrayLike, what: str, rough: Loss | None = None) -> tuple[FloatArray, float]:
    """Minimise a smooth function of positive parameters over their logarithms.

    Parameters
    ----------
    loss : function of an array to (value, gradient)
        Value and gradient with respect to the parameters themselves.
    start : array of float
        Parameters to start from, above 0.
    what : str
        What is fitted, for the message.
    rough : function of an array to (value, gradient), optional
        Nearly the same function at a fraction of the cost, such as that of every twentieth row. Its minimum is where
        the search begins, and its curvature is the scale of the steps; the minimum found is that of `loss`.

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

    at = np.log(np.asarray(start, dtype=float))
    with threadpool_limits(1):  # four parameters: threads of linear algebra only wait for each other
        if rough is not None:
            easy = _on_log(rough)
            at = _descend(easy, at).x
            at = _refined(_on_log(loss), at, _curvature(lambda point: easy(point)[1], at))
        found = _descend(_on_log(loss), at)
    inside = np.abs(found.x) < LOG_BOUND
    if not np.isfinite(found.fun) or np.abs(found.jac[inside]).max(initial=0.0) > 1e-4:
        remedy = "check the dates and amounts, or leave out the lifetime value"
        raise InputRefused(Finding("S19", f"the {what} found no best fit", do=remedy))
    return np.exp(found.x), float(found.fun)


def _on_log(loss: Loss) -> Loss:
    """Turn a function of positive parameters into one of their logarithms."""

    def on_log(log_theta: FloatArray) -> tuple[float, FloatArray]:
        theta = np.exp(log_theta)
        value, slope = loss(theta)
        return value, slope * theta

    return on_log


def _descend(on_log: Loss, first: FloatArray) -> optimize.OptimizeResult:
    options = {"ftol": 1e-14, "gtol": GRADIENT, "maxiter": 1000}
    bounds = [(-LOG_BOUND, LOG_BOUND)] * len(first)
    return optimize.minimize(on_log, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options)


def _refined(on_log: Loss, at: FloatArray, curves: FloatArray) -> FloatArray:
    """Walk from nearby with a curvature that is nearly right and improves on the way (BFGS)."""
    roots, axes = np.linalg.eigh(curves)
    start = (axes / np.maximum(roots, FLAT * np.abs(roots).max())) @ axes.T
    options = {"gtol": GRADIENT, "hess_inv0": (start + start.T) / 2}
    found = optimize.minimize(on_log, at, jac=True, method="BFGS", options=options)
    return np.asarray(found.x) if np.abs(found.x).max() < LOG_BOUND else at


def _curvature(slope: Callable[[FloatArray], FloatArray], at: FloatArray) -> FloatArray:
    """Give the matrix of second derivatives by central differences of the slope."""
    steps = CURVE_STEP * np.eye(len(at))
    turns = np.array([(slope(at + step) - slope(at - step)) / (2 * CURVE_STEP) for step in steps])
    return np.asarray((turns + turns.T) / 2)


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

    at = np.log(theta)
    scores = on_log(at)
    roots, axes = np.linalg.eigh(_curvature(lambda point: -on_log(point).sum(axis=0), at))
    prior = np.eye(len(at)) / PRIOR_SD**2
    inverse = np.linalg.inv((axes * np.maximum(roots, 0)) @ axes.T + prior)
    return np.asarray(inverse @ (scores.T @ scores + prior) @ inverse)
