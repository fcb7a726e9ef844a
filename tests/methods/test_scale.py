"""What a model says must not depend on the unit of money or time, nor on the last bits of a number."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from seglib.methods.futures import futures
from seglib.methods.likelihood import spread
from seglib.methods.opportunities import bgbb_expected, fit_bgbb
from seglib.methods.order_values import ALIKE, ONE_PRICE, expected_value, fit_gamma_gamma, value_log_likelihood
from seglib.methods.pareto import fit_pareto_nbd, pareto_expected_orders
from seglib.methods.purchase_likelihood import NOBODY_STOPS, ONE_RATE
from seglib.methods.purchases import expected_orders, fit_bgnbd, fit_mbgnbd

TIMES, MONEY = ["last_purchase_weeks", "age_weeks"], ["mean_repeat_value_minor"]
Fitted = Callable[[pd.DataFrame, float], pd.Series]


def shop(n: int = 300, seed: int = 0, stops: bool = True, one_rate: bool = False) -> pd.DataFrame:
    """Customers who order by chance and stop by chance, or never; order values by Gamma-Gamma (2.1, 4.66, 5500)."""
    draw = np.random.default_rng(seed)
    age = draw.integers(140, 420, n) / 7
    rate = np.full(n, 0.1) if one_rate else draw.gamma(0.6, 1 / 6, n)
    stop = draw.beta(0.9, 1.8, n) if stops else np.zeros(n)
    count, last, active = np.zeros(n), np.zeros(n), draw.random(n) >= stop
    while active.any():
        moment = last + draw.exponential(1 / np.maximum(rate, 1e-12))
        active &= moment <= age
        count, last = count + active, np.where(active, np.floor(7 * moment) / 7, last)
        active &= draw.random(n) >= stop
    mean = draw.gamma(2.1 * np.maximum(count, 1)) / draw.gamma(4.66, 1 / 5500, n) / np.maximum(count, 1)
    seen = {"repeat_count": count, "last_purchase_weeks": last, "age_weeks": age}
    return pd.DataFrame(seen).assign(mean_repeat_value_minor=np.where(count > 0, mean.round() + 1, 0.0))


MODELS: dict[str, tuple[Fitted, list[str]]] = {
    "MBG/NBD": (lambda seen, unit: expected_orders(fit_mbgnbd(seen), seen, 52 * unit), TIMES),
    "BG/NBD": (lambda seen, unit: expected_orders(fit_bgnbd(seen), seen, 52 * unit), TIMES),
    "Pareto/NBD": (lambda seen, unit: pareto_expected_orders(fit_pareto_nbd(seen), seen, 52 * unit), TIMES),
    "Gamma-Gamma": (lambda seen, unit: expected_value(fit_gamma_gamma(seen), seen) / unit, MONEY),
}
SHOPS = {
    "stops": shop(),
    "nobody stops": shop(stops=False),
    "one rate": shop(one_rate=True),
    "hardly any repeat": shop(seed=5).assign(repeat_count=lambda seen: seen["repeat_count"].clip(upper=1)),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", SHOPS)
def test_no_unit_changes_what_a_customer_is_expected_to_do(name: str, kind: str) -> None:
    """Days for weeks, thousandths of a currency, thirds: nine digits of every customer's expectation stay."""
    work, columns = MODELS[name]
    seen = SHOPS[kind].head(150)
    found = [work(seen.assign(**seen[columns] * unit), unit).to_numpy() for unit in (1.0, 7.0, 10_000.0, 1 / 3)]

    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-9)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", SHOPS)
def test_last_bits_change_nothing_that_is_published(name: str, kind: str) -> None:
    """Every time and value moved by 1e-12 either way: the six digits that are published stay."""
    work, columns = MODELS[name]
    seen = SHOPS[kind].head(150)
    noise = 1 + 1e-12 * np.random.default_rng(1).choice([-1, 1], (len(seen), 1))
    moved = seen.assign(**seen[columns] * noise)

    np.testing.assert_allclose(work(moved, 1.0), work(seen, 1.0), rtol=1e-8)


def test_models_of_counts_settle_to_nine_digits() -> None:
    """The number of equal rows is no evidence of shape: twice everybody gives the same parameters."""
    taken = pd.DataFrame({"taken_count": [0, 1, 2, 3, 1], "last_taken": [0, 2, 3, 5, 1], "opportunity_count": 6})
    one, two = (bgbb_expected(fit_bgbb(rows), taken, 4) for rows in (taken, pd.concat([taken] * 2)))

    np.testing.assert_allclose(two, one, rtol=1e-9)


def planted() -> pd.DataFrame:
    """500 customers of a Gamma-Gamma world, some ten orders each, in cents."""
    draw = np.random.default_rng(12)
    x, scale = 1 + draw.poisson(9, 500), draw.gamma(4.66, 1 / 5500, 500)
    return pd.DataFrame({"repeat_count": x, "mean_repeat_value_minor": draw.gamma(2.1 * x) / scale / x})


def likelihood_by_hand(logs: np.ndarray, x: np.ndarray, z: np.ndarray) -> float:
    """Note 025, equation 1a, written down anew."""
    p, q, v = np.exp(logs)
    parts = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(v)
    return -float((parts + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(x * z + v)).sum())


@pytest.mark.parametrize("unit", [1.0, 1_000.0, 10_000.0])
def test_order_values_have_the_same_shape_in_every_currency(unit: float) -> None:
    """500 invented customers: p, q, v as another optimiser finds them from six starts; the truth is near."""
    seen = planted()
    x, z = seen["repeat_count"].to_numpy(), seen["mean_repeat_value_minor"].to_numpy()
    starts = [np.log([p, q, 3000.0]) for p in (0.5, 2, 8) for q in (2.0, 6.0)]
    tries = [optimize.minimize(likelihood_by_hand, at, (x, z), method="Nelder-Mead", tol=1e-9) for at in starts]
    p, q, v = np.exp(min(tries, key=lambda one: one.fun).x)

    model = fit_gamma_gamma(seen.assign(mean_repeat_value_minor=z * unit))
    errors = np.sqrt(np.diag(spread(lambda logs: value_log_likelihood(logs, x, z * unit)[1], model.logs)))

    assert [model.p, model.q, model.v_minor / unit] == pytest.approx([p, q, v], rel=1e-5)
    assert np.abs((model.logs - np.log([2.1, 4.66, 5500 * unit])) / errors).max() < 3


def test_where_nobody_stops_the_model_says_so_and_is_the_negative_binomial() -> None:
    """No chance to stop: everybody is expected to order at his rate, (r + x) / (alpha + T) a week."""
    seen = SHOPS["nobody stops"]
    model = fit_mbgnbd(seen)
    rate = (model.r + seen["repeat_count"]) / (model.alpha_weeks + seen["age_weeks"])

    assert model.limits == (NOBODY_STOPS,)
    np.testing.assert_allclose(expected_orders(model, seen, 52), 52 * rate, rtol=1e-9)


def test_where_all_order_at_one_rate_the_model_says_so() -> None:
    """Every tenth week an order, like clockwork: rates that differ could only scatter more."""
    ages = pd.Series(np.arange(20.0, 80.0))
    clock = pd.DataFrame({"repeat_count": ages // 10, "last_purchase_weeks": ages // 10 * 10, "age_weeks": ages})
    model = fit_mbgnbd(clock)

    assert ONE_RATE in model.limits
    assert model.r / model.alpha_weeks == pytest.approx(0.1, rel=0.15)


def test_prices_that_never_change_and_customers_who_are_alike_are_limits() -> None:
    """Values that scatter more with more orders: one price each. One scale for all: the mean."""
    draw, x = np.random.default_rng(3), np.tile([1, 2, 3, 6, 12, 24], 100)
    own, same = 4000 * np.exp(np.where(x > 3, 0.9, 0.3) * draw.normal(size=600)), draw.gamma(2.0 * x) / x * 900
    one, alike = (pd.DataFrame({"repeat_count": x, "mean_repeat_value_minor": values}) for values in (own, same))
    first, second = fit_gamma_gamma(one), fit_gamma_gamma(alike)

    assert first.limits == (ONE_PRICE,)
    np.testing.assert_allclose(expected_value(first, one), own, rtol=1e-6)
    assert second.limits == (ALIKE,)
    assert np.ptp(expected_value(second, alike)) < 1e-3 * np.mean(same)


def test_futures_move_little_when_the_data_do() -> None:
    """Times and money moved by 1e-12: the same orders, and money alike to seven digits."""
    seen = SHOPS["stops"].head(60)
    noise = 1 + 1e-12 * np.random.default_rng(1).choice([-1, 1], (len(seen), 1))
    moved = seen.assign(**seen[[*TIMES, *MONEY]] * noise)
    first, second = (futures(fit_mbgnbd(rows), fit_gamma_gamma(rows), rows, 52.0, seed=0) for rows in (seen, moved))

    assert (first[0] == second[0]).all()
    np.testing.assert_allclose(first[1], second[1], rtol=1e-7)


def test_unseen_stops_are_allowed_for() -> None:
    """Of 40 customers nobody stopped: some futures have fewer orders than if nobody ever could."""
    seen = SHOPS["nobody stops"].head(40)
    model = fit_mbgnbd(seen)
    drawn = futures(model, fit_gamma_gamma(seen), seen, 52.0, seed=0)[0].sum(axis=1)

    assert model.limits == (NOBODY_STOPS,)
    assert drawn.mean() < 0.98 * expected_orders(model, seen, 52).sum()
