"""The likelihood of the BG/NBD and MBG/NBD models, customer by customer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from seglib.core.errors import Finding, InputRefused
from seglib.methods.likelihood import Family, Limit, Loss, Maximum, maximise
from seglib.methods.rates import FloatArray
from seglib.methods.rising import digamma_rising, log_rising

NOBODY_STOPS, ONE_CHANCE, AT_ONCE = "nobody stops", "one chance to stop", "some stop at once, the others never"
ALL_STOP, ONE_RATE = "everybody stops at the first chance", "one rate of orders"
RATE, SHAPE, ODDS, SIZE = range(4)  # coordinates: log r/alpha, log r, log a/b, log of the root of a b
AXES = np.array([[0, 1, 0, 0], [-1, 1, 0, 0], [0, 0, 0.5, 1], [0, 0, -0.5, 1]])
STARTS = [np.array(at, dtype=float) for at in ([0, -0.7, -0.9, 0.2], [0.5, -1.5, -2.5, 0.5], [-1, 0.5, 0.5, -1.5])]
LIMITS = (
    (
        Limit(NOBODY_STOPS, {ODDS: -30.0, SIZE: -15.0}),
        Limit(ALL_STOP, {ODDS: 30.0, SIZE: 15.0}),
        Limit(ONE_CHANCE, {SIZE: 16.0}),
        Limit(AT_ONCE, {SIZE: -16.0}),
    ),
    (Limit(ONE_RATE, {SHAPE: 16.0}),),
)


def family(may_stop_at_first: bool) -> Family:
    """Say how either model is searched."""
    return Family("MBG/NBD model" if may_stop_at_first else "BG/NBD model", AXES, STARTS, LIMITS)


def log_likelihood(
    logs: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray, may_stop_at_first: bool
) -> tuple[FloatArray, FloatArray]:
    """Give each customer's log-likelihood and its gradient by the logarithms (Fader, Hardie and Lee 2005, eq. 6).

    Every term stays exact where r and alpha, or a and b, are as large as 1e9: there the customers are alike.
    """
    r, alpha, a, b = np.exp(logs)
    chances = x + float(may_stop_at_first)
    odds = log_odds_stopped(logs, x, t_x, age, may_stop_at_first)
    stopped = special.expit(odds)
    quiet = np.log1p(age / alpha)
    value = log_rising(r, x) - r * quiet - x * np.log(alpha + age) + np.logaddexp(0, odds)
    value += log_rising(b, chances) - log_rising(a + b, chances)
    both = digamma_rising(a + b, chances)
    slope = [
        r * (digamma_rising(r, x) - quiet + stopped * np.log1p((age - t_x) / (alpha + t_x))),
        (1 - stopped) * (r * age - x * alpha) / (alpha + age) + stopped * (r * t_x - x * alpha) / (alpha + t_x),
        stopped - a * both,
        b * (digamma_rising(b, chances) - both) - stopped * b / np.where(stopped > 0, b + chances - 1, 1.0),
    ]
    return value, np.column_stack(slope)


def log_odds_stopped(
    logs: FloatArray, x: FloatArray, t_x: FloatArray, age: FloatArray, may_stop_at_first: bool
) -> FloatArray:
    """Give the log odds that a customer stopped right after the last order."""
    r, alpha, _, b = np.exp(logs)
    first = float(may_stop_at_first)
    possible = (x + first) > 0
    silence = (r + x) * np.log1p((age - t_x) / (alpha + t_x))
    return np.where(possible, logs[2] - np.log(np.where(possible, b + x + first - 1, 1.0)) + silence, -np.inf)


def fitted(
    likelihood: Callable[..., tuple[FloatArray, FloatArray]],
    purchases: pd.DataFrame,
    family: Family,
    times: tuple[int, ...],
    rough_rows: int,
) -> Maximum:
    """Maximise the likelihood of a model of purchases.

    Parameters
    ----------
    likelihood : function of logarithms of parameters and three columns
        Gives each customer's log-likelihood and its gradient.
    purchases : DataFrame
        As in `fit_mbgnbd`.
    family : Family
        How the model is searched.
    times : tuple of int
        Places of the parameters that are times.
    rough_rows : int
        Of much larger data, so many rows in equal distances say where the search begins.

    Returns
    -------
    Maximum
        Parameters in weeks; its loss is the log-likelihood of all.

    Raises
    ------
    InputRefused
        If nobody ordered twice, or no maximum was found.

    Notes
    -----
    Times are divided by their median before the search, so that it does not matter whether they come in days or weeks.
    """
    x, t_x, age = checked(purchases)
    if not x.any():
        raise InputRefused(Finding("S19", "no customer ordered twice", do="leave out the lifetime value"))
    unit = float(np.median(age)) or float(age.mean())
    columns = (x, t_x / unit, age / unit)

    def loss_of(*rows: FloatArray) -> Loss:
        def loss(logs: FloatArray) -> tuple[float, FloatArray]:
            value, slope = likelihood(logs, *rows)
            return -float(value.mean()), -slope.mean(axis=0)

        return loss

    rough, step = None, len(x) // rough_rows
    if step >= 2 and x[::step].any():
        rough = loss_of(*(column[::step] for column in columns))
    found = maximise(loss_of(*columns), family, len(x), rough)
    theta = found.theta.copy()
    theta[list(times)] *= unit
    return Maximum(theta, -found.loss * len(x) - float(x.sum()) * float(np.log(unit)), found.limits)


def checked(purchases: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check the three columns of purchases once and give them as arrays, or raise ValueError."""
    names = ("repeat_count", "last_purchase_weeks", "age_weeks")
    x, t_x, age = (purchases[name].to_numpy(dtype=float) for name in names)
    if not ((x >= 0) & (t_x >= 0) & (t_x <= age) & ((x > 0) | (t_x == 0))).all():
        raise ValueError(
            "purchases must have 0 <= last_purchase_weeks <= age_weeks, and 0 weeks without a repeat order"
        )
    return x, t_x, age
