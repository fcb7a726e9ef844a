"""Customer lifetime value: what the orders to come add up to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.methods.order_models import OrderModel, expected
from seglib.methods.order_values import GammaGamma, expected_value

WEEKS_PER_YEAR = 365.25 / 7
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12


def clv(
    orders: OrderModel,
    value: GammaGamma,
    customers: pd.DataFrame,
    horizon_weeks: float = WEEKS_PER_YEAR,
    discount_share_per_year: float = 0.0,
    margin_share: float = 1.0,
    step_weeks: float = WEEKS_PER_MONTH,
) -> pd.Series:
    """Give the discounted value of the orders to expect from each customer.

    Parameters
    ----------
    orders, value : BetaGeometric or ParetoNBD, and GammaGamma
        Fitted models.
    customers : DataFrame
        The columns of `fit_mbgnbd` and `fit_gamma_gamma`.
    horizon_weeks : float
        Weeks after the end of observation, above 0; not months.
    discount_share_per_year : float
        0.1 for 10 % a year, 0 or more.
    margin_share : float
        Margin per unit of value, 0 to 1; 1 gives discounted revenue.
    step_weeks : float
        Orders are discounted at the end of steps of this length, above 0.

    Returns
    -------
    Series
        clv_minor, in minor units, with the index of `customers`.

    Notes
    -----
    Sum over steps of (expected orders in the step) x (expected value) x margin / (1 + d)^(years to the step's end).

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [2], "last_purchase_weeks": [30.43], "age_weeks": [38.86],
    ...     "mean_repeat_value_minor": [2235.0]})
    >>> from seglib.methods.purchases import BetaGeometric
    >>> model = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
    >>> clv(model, GammaGamma(6.25, 3.74, 1544.0), seen, horizon_weeks=39).round(0).tolist()
    [3024.0]
    """
    steps = max(1, int(np.ceil(horizon_weeks / step_weeks - 1e-9)))
    ends = np.minimum(np.arange(1, steps + 1) * step_weeks, horizon_weeks)
    until = pd.DataFrame({end: expected(orders, customers, end) for end in ends})
    in_step = until.diff(axis=1).fillna(until)
    discount = (1 + discount_share_per_year) ** -(ends / WEEKS_PER_YEAR)
    worth = expected_value(value, customers).to_numpy() * (in_step.to_numpy() @ discount) * margin_share
    return pd.Series(worth, index=customers.index, name="clv_minor")
