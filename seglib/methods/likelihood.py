"""The one way in which seglib maximises a likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import optimize

from seglib.core.errors import Finding, InputRefused
from seglib.methods.rates import FloatArray

LOG_BOUND = 12.0
Loss = Callable[[FloatArray], tuple[float, FloatArray]]


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
