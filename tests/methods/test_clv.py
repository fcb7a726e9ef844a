"""Gamma-Gamma and lifetime value against the published numbers of CDNOW."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.clv import WEEKS_PER_YEAR, clv
from seglib.methods.order_values import GammaGamma, expected_value, fit_gamma_gamma
from seglib.methods.purchases import BetaGeometric, expected_orders, fit_bgnbd

ORDERS = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
HARDIE = GammaGamma(6.25, 3.74, 1544.0)


@pytest.fixture
def cdnow(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    """Return the summary with values, money in cents."""
    raw = pd.read_csv(shared_data("cdnow/cdnow_customers_summary_with_transactions.csv"))
    names = {"x": "repeat_count", "t_x": "last_purchase_weeks", "T": "age_weeks"}
    return raw.rename(columns=names).assign(mean_repeat_value_minor=raw["zbar"] * 100).set_index("ID")


def customer() -> pd.DataFrame:
    """Return the first customer of CDNOW and a one-time buyer."""
    return pd.DataFrame(
        {
            "repeat_count": [2, 0],
            "last_purchase_weeks": [30.43, 0.0],
            "age_weeks": [38.86, 38.86],
            "mean_repeat_value_minor": [2235.0, 0.0],
        }
    )


def test_gamma_gamma_gives_the_published_values(cdnow: pd.DataFrame) -> None:
    """Hardie note 025, CDNOW customers 1 to 10, in cents; 0.1 dollars tolerance."""
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]

    assert (expected_value(HARDIE, cdnow.head(10)) / 100).tolist() == pytest.approx(published, abs=0.1)


def test_gamma_gamma_fit_of_cdnow_is_the_published_one(cdnow: pd.DataFrame) -> None:
    """Hardie note 025: 6.25 3.74 15.44 (recomputed 6.2488 3.7446 15.4477, LL -4055.923 in dollars)."""
    model = fit_gamma_gamma(cdnow)

    assert [model.p, model.q, model.v_minor / 100] == pytest.approx([6.2488, 3.7446, 15.4477], rel=1e-4)
    assert model.log_likelihood + 946 * np.log(100) == pytest.approx(-4055.923, abs=5e-4)
    assert expected_value(model, cdnow).mean() / 100 == pytest.approx(35.2530, abs=5e-5)


def test_clv_of_twelve_months_is_the_published_one(cdnow: pd.DataFrame) -> None:
    """The lifetimes README's example, its printed value parameters, in weeks: 12 steps of 4.345 weeks at 1 % each."""
    a_year = 1.01 ** (WEEKS_PER_YEAR / 4.345) - 1
    value = clv(fit_bgnbd(cdnow), GammaGamma(6.25, 3.74, 1545.0), cdnow, 12 * 4.345, a_year, step_weeks=4.345)

    assert (value.loc[[1, 2, 3, 6]] / 100).round(2).tolist() == [36.29, 4.64, 8.36, 283.56]


def test_clv_without_discount_is_orders_times_value() -> None:
    """Steps do not matter when nothing is discounted, and a quarter of margin is a quarter of the value."""
    value = clv(ORDERS, HARDIE, customer(), horizon_weeks=39, margin_share=0.25)
    by_hand = expected_orders(ORDERS, customer(), 39) * expected_value(HARDIE, customer()) / 4

    assert value.tolist() == pytest.approx(by_hand.tolist(), rel=1e-12)


def test_clv_falls_with_the_discount_rate() -> None:
    """With one step of a year, 10 % a year divides by 1.1."""
    plain, discounted = (
        clv(ORDERS, HARDIE, customer(), WEEKS_PER_YEAR, d, step_weeks=WEEKS_PER_YEAR) for d in (0, 0.1)
    )

    assert (plain / discounted).tolist() == pytest.approx([1.1, 1.1], rel=1e-12)


def test_a_population_without_a_mean_is_infinite_not_negative() -> None:
    """With q below 1 the formula p v / (q - 1) turns negative; the mean does not exist."""
    assert expected_value(GammaGamma(6.0, 0.9, 1500.0), customer()).iloc[1] == np.inf


def test_S19_refunded_customers_are_refused_by_the_value_model() -> None:
    """A mean order value of 0 has no likelihood; the sentence names the column and shows no value."""
    refunded = pd.DataFrame({"repeat_count": [2, 3], "mean_repeat_value_minor": [1000.0, 0.0]})

    with pytest.raises(InputRefused, match="column 'mean_repeat_value_minor' - do: leave these customers out"):
        fit_gamma_gamma(refunded)
