"""Service tiers by what customers bring in, from which nobody is moved by chance alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady_frame, steady_number

PREMIUM, STANDARD, SELF_SERVICE = "premium", "standard", "self-service"
TIERS = (PREMIUM, STANDARD, SELF_SERVICE)


def spend_interval(total: pd.Series, squares: pd.Series, level: float = 0.8) -> tuple[pd.Series, pd.Series]:
    """Give the interval of what a customer spends per window, from the orders of one window.

    Parameters
    ----------
    total, squares : Series of float
        Sum of the order values and of their squares, same unit.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    tuple of Series
        Low (not below 0) and high.

    Notes
    -----
    Orders that arrive by chance with values of any law: the variance of their sum is estimated by the sum of squares
    (compound Poisson; Ross (2010), Introduction to Probability Models, section 5.4).

    Examples
    --------
    >>> low, high = spend_interval(pd.Series([100.0]), pd.Series([2500.0]))
    >>> round(low[0]), round(high[0])
    (36, 164)
    """
    reach = float(stats.norm.ppf((1 + level) / 2)) * np.sqrt(squares)
    return (total - reach).clip(lower=0), total + reach


def tiers(
    customers: pd.DataFrame,
    before: pd.Series[str],
    premium_share: float,
    self_service_share: float,
    tenure_days: int,
) -> pd.Series[str]:
    """Put each customer into a service tier, and leave it there while chance could explain a move.

    Parameters
    ----------
    customers : DataFrame
        Indexed by customer: value, low, high (its interval), tenure_days.
    before : Series of str
        Last quarter's tier by customer; may be empty.
    premium_share, self_service_share : float
        Shares of customers above the upper and below the lower cut, 0 to 1.
    tenure_days : int
        Whoever is known for fewer days gets the standard service.

    Returns
    -------
    Series of str
        "premium", "standard" or "self-service", by customer. A customer whose interval holds a cut stays on the side
        where it was: the dead band is as wide as what is not known.

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [9.0, 5.0, 1.0], "low": 0.0, "high": 20.0, "tenure_days": 400}, index=list("abc"))
    >>> tiers(rows, pd.Series(dtype=str), 0.3, 0.3, 90).tolist()
    ['premium', 'standard', 'self-service']
    """
    if not len(customers):
        return pd.Series(dtype="str")
    customers = steady_frame(customers)
    cuts = (customers["value"].quantile(q) for q in (1 - premium_share, self_service_share))
    upper, lower = (steady_number(float(cut)) for cut in cuts)
    now = np.select(
        [(customers["value"] >= upper) & (premium_share > 0), customers["value"] < lower],
        [PREMIUM, SELF_SERVICE],
        STANDARD,
    )
    earlier = before.reindex(customers.index)
    stays_up = (earlier == PREMIUM) & (customers["high"] >= upper)
    not_yet_up = earlier.notna() & (earlier != PREMIUM) & (customers["low"] <= upper)
    stays_down = (earlier == SELF_SERVICE) & (customers["low"] <= lower)
    not_yet_down = earlier.notna() & (earlier != SELF_SERVICE) & (customers["high"] >= lower)
    found = pd.Series(now, index=customers.index, dtype="str")
    found = found.mask(not_yet_up & (found == PREMIUM), STANDARD)
    found = found.mask(not_yet_down & (found == SELF_SERVICE), STANDARD)
    found = found.mask(stays_down, SELF_SERVICE).mask(stays_up, PREMIUM)
    return found.mask(customers["tenure_days"] < tenure_days, STANDARD)
