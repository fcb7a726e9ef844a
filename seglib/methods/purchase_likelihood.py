"""The likelihood of the BG/NBD and MBG/NBD models, customer by customer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import Loss, minimise_log
from seglib.methods.rates import FloatArray


def log_likelihood(
    theta: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray, may_stop_at_first: bool
) -> tuple[FloatArray, FloatArray]:
    """Give each customer's log-likelihood and its gradient, n x 4 (Fader, Hardie and Lee 2005, eq. 6)."""
    r, alpha, a, b = theta
    last = b + x + float(may_stop_at_first)
    lived, ordered = np.log(alpha + age), np.log(alpha + t_x)
    odds = log_odds_stopped(theta, x, t_x, age, may_stop_at_first)
    stopped = special.expit(odds)
    value = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) - (r + x) * lived + np.logaddexp(0, odds)
    value += special.betaln(a, last) - special.betaln(a, b)
    both = special.digamma(a + b) - special.digamma(a + last)
    slope = [
        special.digamma(r + x) - special.digamma(r) + np.log(alpha) - lived + stopped * (lived - ordered),
        r / alpha - (r + x) * ((1 - stopped) / (alpha + age) + stopped / (alpha + t_x)),
        both + stopped / a,
        both + special.digamma(last) - special.digamma(b) - stopped / np.where(stopped > 0, last - 1, 1.0),
    ]
    return value, np.column_stack(slope)


def log_odds_stopped(
    theta: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray, may_stop_at_first: bool
) -> FloatArray:
    """Give the log odds that a customer stopped right after the last order."""
    r, alpha, a, b = theta
    first = float(may_stop_at_first)
    possible = (x + first) > 0
    odds = (
        np.log(a) - np.log(np.where(possible, b + x + first - 1, 1.0)) + (r + x) * np.log((alpha + age) / (alpha + t_x))
    )
    return np.where(possible, odds, -np.inf)


def fitted(
    likelihood: Callable[..., tuple[FloatArray, FloatArray]],
    purchases: pd.DataFrame,
    start: Callable[[float], list[float]],
    what: str,
    rough_rows: int = 0,
) -> tuple[list[float], float]:
    """Maximise the likelihood of a model of purchases.

    Parameters
    ----------
    likelihood : function of parameters and three columns
        Gives each customer's log-likelihood and its gradient.
    purchases : DataFrame
        As in `fit_mbgnbd`.
    start : function of a time in weeks
        Gives the parameters to start from.
    what : str
        What is fitted, for the message.
    rough_rows : int
        Of much larger data, so many rows in equal distances say where the search begins; 0 for none.

    Returns
    -------
    parameters and log-likelihood

    Raises
    ------
    InputRefused
        If nobody ordered twice, or no maximum was found.
    """
    columns = x, _, age = checked(purchases)
    if not x.any():
        raise InputRefused(Finding("S19", "no customer ordered twice", do="leave out the lifetime value"))

    def loss_of(*rows: FloatArray) -> Loss:
        def loss(theta: FloatArray) -> tuple[float, FloatArray]:
            value, slope = likelihood(theta, *rows)
            return -float(value.mean()), -slope.mean(axis=0)

        return loss

    rough = None
    if rough_rows and len(x) >= 2 * rough_rows and x[:: len(x) // rough_rows].any():
        rough = loss_of(*(column[:: len(x) // rough_rows] for column in columns))
    theta, value = minimise_log(loss_of(*columns), start(0.1 + float(np.median(age)) / 4), what, rough)
    return theta.tolist(), -value * len(x)


def checked(purchases: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check the three columns of purchases once and give them as arrays, or raise ValueError."""
    names = ("repeat_count", "last_purchase_weeks", "age_weeks")
    x, t_x, age = (purchases[name].to_numpy(dtype=float) for name in names)
    if not ((x >= 0) & (t_x >= 0) & (t_x <= age) & ((x > 0) | (t_x == 0))).all():
        raise ValueError(
            "purchases must have 0 <= last_purchase_weeks <= age_weeks, and 0 weeks without a repeat order"
        )
    return x, t_x, age
