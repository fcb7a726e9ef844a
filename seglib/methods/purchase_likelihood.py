"""The likelihood of the BG/NBD and MBG/NBD models, customer by customer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

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


def checked(purchases: pd.DataFrame) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Check the three columns of purchases once and give them as arrays, or raise ValueError."""
    names = ("repeat_count", "last_purchase_weeks", "age_weeks")
    x, t_x, age = (purchases[name].to_numpy(dtype=float) for name in names)
    if not ((x >= 0) & (t_x >= 0) & (t_x <= age) & ((x > 0) | (t_x == 0))).all():
        raise ValueError(
            "purchases must have 0 <= last_purchase_weeks <= age_weeks, and 0 weeks without a repeat order"
        )
    return x, t_x, age
