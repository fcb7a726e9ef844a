"""Pareto/NBD against the published numbers of CDNOW, and its integral against adaptive quadrature."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special

from seglib.core.errors import InputRefused
from seglib.methods import pareto
from seglib.methods.pareto import (
    ParetoNBD,
    fit_pareto_nbd,
    pareto_expected_orders,
    pareto_probability_alive,
)

CDNOW = ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687)
MANUAL = ParetoNBD(0.55, 10.56, 0.61, 11.64)
GUARD = ParetoNBD(0.55, 10.58, 0.61, 11.67)


def frame(x: list[float], t_x: list[float], age: list[float]) -> pd.DataFrame:
    """Make a frame of purchases."""
    return pd.DataFrame({"repeat_count": x, "last_purchase_weeks": t_x, "age_weeks": age})


def test_new_customers_order_as_often_as_published() -> None:
    """BTYD vignette E[X(52)], BTYD manual E[X(t)] for t = 0 to 9."""
    published = [
        *(0, 0.05077821, 0.09916088, 0.14542507, 0.18979930),
        *(0.23247466, 0.27361274, 0.31335159, 0.35181024, 0.38909211),
    ]
    new = frame([0] * 10, [0] * 10, [0] * 10)

    assert pareto_expected_orders(CDNOW, new.head(1), 52).iloc[0] == pytest.approx(1.473434, rel=1e-3)
    assert pareto_expected_orders(MANUAL, new, np.arange(10)).round(8).tolist() == published


def test_a_frequent_customer_has_the_published_future() -> None:
    """BTYD vignette: 26 repeat orders until week 30.857 of 31."""
    customer = frame([26], [30.857], [31])

    assert pareto_expected_orders(CDNOW, customer, 52).iloc[0] == pytest.approx(25.45647, rel=1e-3)
    assert pareto_probability_alive(CDNOW, customer).iloc[0] == pytest.approx(0.997874, rel=1e-3)


def test_the_increasing_frequency_paradox_has_the_published_size() -> None:
    """BTYD vignette: x=10, 15, 20, 25 until week 20 of 39, next 52 weeks."""
    customers = frame([10, 15, 20, 25], [20] * 4, [39] * 4)
    published = [0.7062289, 0.1442396, 0.02250658, 0.00309267]

    assert pareto_expected_orders(CDNOW, customers, 52).tolist() == pytest.approx(published, rel=1e-3)


def test_many_orders_do_not_underflow() -> None:
    """The guard of lifetimes: 132 and 133 orders until today, week 200; 3,000 orders long ago are gone."""
    customers = frame([132, 133, 3000], [200, 200, 100], [200, 200, 200])
    expected = pareto_expected_orders(GUARD, customers, 10)

    assert expected.head(2).tolist() == pytest.approx([6.2060518, 6.2528722], abs=5e-8)
    assert expected.iloc[2] == 0


@pytest.mark.parametrize("model", [CDNOW, ParetoNBD(2.0, 3.0, 0.5, 40.0), ParetoNBD(0.3, 40.0, 3.0, 0.5)])
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0, 300), (2, 30, 39), (26, 30.857, 31), (150, 100, 200)])
def test_the_chance_to_be_active_is_that_of_adaptive_quadrature(
    model: ParetoNBD, x: int, t_x: float, age: float
) -> None:
    """The likelihood of having stopped is an integral over the time of stopping; QUADPACK gives it too."""
    r, alpha, s, beta = model.r, model.alpha_weeks, model.s, model.beta_weeks

    def density(y: float) -> float:
        return float(s * np.exp((r + x) * np.log((alpha + t_x) / (alpha + y)) - (s + 1) * np.log(beta + y)))

    stopped = np.log(integrate.quad(density, t_x, age, epsabs=0, epsrel=1e-12, limit=500)[0])
    active = (r + x) * np.log((alpha + t_x) / (alpha + age)) - s * np.log(beta + age)

    assert pareto_probability_alive(model, frame([x], [t_x], [age])).iloc[0] == pytest.approx(
        special.expit(active - stopped), rel=1e-8
    )


def test_pareto_fit_and_holdout_of_cdnow_are_the_published_ones(cdnow_weeks: pd.DataFrame) -> None:
    """BTYD vignette: LL -9594.976, and expected orders of 39 weeks by calibration frequency 0 to 6, 7+."""
    model = fit_pareto_nbd(cdnow_weeks)
    expected = pareto_expected_orders(model, cdnow_weeks, 39).groupby(cdnow_weeks["repeat_count"].clip(upper=7)).mean()

    assert model.log_likelihood == pytest.approx(-9594.976, abs=5e-4)
    assert [model.r, model.alpha_weeks, model.s, model.beta_weeks] == pytest.approx(
        [0.5533, 10.578, 0.6062, 11.669], rel=1e-4
    )
    assert expected.tolist() == pytest.approx([0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403], abs=1.1e-3)


def test_S19_a_failed_fit_names_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no maximum is found, the sentence says which model and what to do."""
    monkeypatch.setattr(
        "seglib.methods.pareto.pareto_log_likelihood", lambda theta, x, *_: (x * np.nan, np.outer(x, theta))
    )

    with pytest.raises(InputRefused, match="the Pareto/NBD model found no best fit - do: check the dates and amounts"):
        fit_pareto_nbd(frame([1, 2], [3, 4], [5, 6]))


def test_a_fit_that_begins_on_a_part_of_the_rows_ends_at_the_same_maximum(monkeypatch):
    """20,000 customers: the search from every second row and the plain one agree, whatever the size of a block."""
    rng = np.random.default_rng(5)
    rate, stop, age = rng.gamma(0.6, 1 / 9, 20_000), rng.gamma(0.7, 1 / 10, 20_000), rng.uniform(20, 60, 20_000)
    span = np.minimum(age, rng.exponential(1, 20_000) / np.maximum(stop, 1e-9))
    count = rng.poisson(rate * span)
    last = np.where(count > 0, span * rng.random(20_000) ** (1 / np.maximum(count, 1)), 0.0)
    seen = pd.DataFrame({"repeat_count": count, "last_purchase_weeks": last, "age_weeks": age})
    quick = pareto.fit_pareto_nbd(seen)
    monkeypatch.setattr(pareto, "ROUGH_ROWS", 20_000)
    monkeypatch.setattr(pareto, "BLOCK_ROWS", 7_000)
    plain = pareto.fit_pareto_nbd(seen)

    assert quick.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert [quick.r, quick.s] == pytest.approx([plain.r, plain.s], rel=1e-4)
