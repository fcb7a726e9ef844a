"""What an order of a customer is worth: the Gamma-Gamma model."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import pandas as pd
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import Family, Limit, Loss, maximise
from seglib.methods.rates import FloatArray
from seglib.methods.rising import digamma_rising, log_rising

ONE_PRICE, ALIKE = "each customer's orders all cost the same", "customers do not differ in what an order is worth"
FAR = 16.0
LEVEL, WITHIN, BETWEEN = range(3)  # coordinates: log p v / q, log p, log q
FAMILY = Family(
    "Gamma-Gamma model of order values",
    np.array([[0, 1, 0], [0, 0, 1], [1, -1, 1]]),
    [np.array(at) for at in ([0.0, 0.7, 1.1], [0.0, -0.7, 0.5], [0.0, 2.5, 1.0], [-0.5, 1.0, 3.0])],
    ((Limit(ONE_PRICE, {WITHIN: FAR}),), (Limit(ALIKE, {BETWEEN: FAR}),)),
)
EQUAL = 1e-9  # relative difference of mean values below which they are one price
ROUGH_ROWS = 5_000  # of larger data, so many rows in equal distances say where the search begins


@dataclass(frozen=True)
class GammaGamma:
    """A fitted Gamma-Gamma model of the mean value of a customer's orders.

    Parameters
    ----------
    p, q : float
        Shapes of the values of one customer and of the customers' scales, above 0.
    v_minor : float
        Scale in minor units of money, above 0.
    log_likelihood : float
        Of the data that it was fitted to; NaN if the parameters were given.
    limits : tuple of str
        The simpler models that the data are at, if any: "each customer's orders all cost the same" (p without end, of
        v only p v is known), "customers do not differ in what an order is worth" (q without end).

    Notes
    -----
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value, note 025. It assumes that how much a customer
    spends has nothing to do with how often.

    Examples
    --------
    >>> GammaGamma(6.25, 3.74, 1544.0).q
    3.74
    """

    p: float
    q: float
    v_minor: float
    log_likelihood: float = float("nan")
    limits: tuple[str, ...] = ()

    @property
    def logs(self) -> FloatArray:
        """Return the logarithms of p, q and v_minor."""
        return np.log([self.p, self.q, self.v_minor])


def fit_gamma_gamma(values: pd.DataFrame) -> GammaGamma:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    values : DataFrame
        One row per customer: repeat_count (0 or more) and mean_repeat_value_minor (mean value of these orders in
        minor units, above 0 where there are any). Customers without a repeat order tell nothing and are left out.

    Returns
    -------
    GammaGamma
        With its log-likelihood; where all mean values are equal, that has no end.

    Raises
    ------
    InputRefused
        If fewer than two customers ordered twice, a mean value is not above 0, or no maximum was found.

    Notes
    -----
    Values are divided by their mean before the search, so that no unit of money matters.

    Examples
    --------
    >>> fit_gamma_gamma(pd.DataFrame({"repeat_count": [0], "mean_repeat_value_minor": [0.0]}))
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 fewer than two customers ordered twice - do: leave out the lifetime value
    """
    x, mean = repeaters(values)
    if len(x) < 2:
        remedy = "leave out the lifetime value"
        raise InputRefused(Finding("S19", "fewer than two customers ordered twice", do=remedy))
    if not (mean > 0).all():
        remedy = "leave these customers out"
        raise InputRefused(Finding("S19", "mean order value not above 0", column="mean_repeat_value_minor", do=remedy))
    unit = fsum(mean) / len(mean)
    if np.ptp(mean) <= EQUAL * unit:
        size = float(np.exp(FAR))
        return GammaGamma(size, size, unit * (size - 1) / size, float("inf"), (ONE_PRICE, ALIKE))

    def loss_of(x: FloatArray, mean: FloatArray) -> Loss:
        def loss(logs: FloatArray) -> tuple[float, FloatArray]:
            value, slope = value_log_likelihood(logs, x, mean)
            return -float(value.mean()), -slope.mean(axis=0)

        return loss

    step = len(x) // ROUGH_ROWS
    some = slice(None, None, max(step, 1))
    rough = loss_of(x[some], mean[some] / unit) if step >= 2 and np.ptp(mean[some]) > EQUAL * unit else None
    found = maximise(loss_of(x, mean / unit), FAMILY, len(x), rough)
    p, q, v = found.theta.tolist()
    total = -found.loss * len(x) - len(x) * float(np.log(unit))
    return GammaGamma(p, q, v * unit, total, found.limits)


def repeaters(values: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Give repeat_count and mean_repeat_value_minor of the customers who ordered twice."""
    again = values[values["repeat_count"] > 0]
    x, mean = (again[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    return x, mean


def expected_value(model: GammaGamma, values: pd.DataFrame) -> pd.Series:
    """Give the value to expect of each customer's orders.

    Parameters
    ----------
    model : GammaGamma
        A fitted model.
    values : DataFrame
        As in `fit_gamma_gamma`; a customer without a repeat order gets the mean of the population.

    Returns
    -------
    Series
        Mean value per order in minor units, with the index of `values`; infinite for customers without a repeat order
        if q is 1 or less, because the population then has no mean.

    Notes
    -----
    p (v + x z) / (p x + q - 1): the customer's mean z drawn towards the population's p v / (q - 1).

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2, 0], "mean_repeat_value_minor": [2235.0, 0.0]})
    >>> expected_value(GammaGamma(6.25, 3.74, 1544.0), seen).round(0).tolist()
    [2466.0, 3522.0]
    """
    x, mean = (values[name].to_numpy(dtype=float) for name in ("repeat_count", "mean_repeat_value_minor"))
    weight = model.p * x + model.q - 1
    total = model.p * (model.v_minor + x * np.where(x > 0, mean, 0.0))
    expected = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.inf)
    return pd.Series(expected, index=values.index, name="expected_value_minor")


def value_log_likelihood(logs: FloatArray, x: FloatArray, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each customer's log-likelihood of the mean value and its gradient by the logarithms, n x 3 (eq. 1a).

    Every term stays exact where p or q is as large as 1e8, where the orders, or the customers, are alike.
    """
    p, q, v = np.exp(logs)
    px, total = p * x, x * mean
    own, others = np.log1p(v / total), np.log1p(total / v)
    large, small = np.maximum(px, q), np.minimum(px, q)
    value = log_rising(large, small) - special.gammaln(small) - np.log(mean) - px * own - q * others
    slope = [
        px * (digamma_rising(px, q) - own),
        q * (digamma_rising(q, px) - others),
        (q * total - px * v) / (total + v),
    ]
    return value, np.column_stack(slope)
