"""Intervals from drawn futures: they hold the truth as often as they say, in simulation."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.futures import futures, order_futures
from seglib.methods.likelihood import spread
from seglib.methods.order_values import GammaGamma, expected_value, fit_gamma_gamma
from seglib.methods.purchase_likelihood import checked, log_likelihood
from seglib.methods.purchases import BetaGeometric, expected_orders, fit_mbgnbd

WEEKS = 26.0
ORDERS, VALUES = BetaGeometric(0.6, 6.0, 0.9, 1.8), GammaGamma(6.0, 4.0, 3000.0)


def world(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Let customers live by the models: what was seen, then orders and money of the 26 weeks after."""
    draw = np.random.default_rng(seed)
    age, rate, stop = draw.uniform(20, 60, n), draw.gamma(0.6, 1 / 6, n), draw.beta(0.9, 1.8, n)
    scale, now = draw.gamma(4.0, 1 / 3000, n), np.zeros(n)
    seen, last, later = np.zeros(n), np.zeros(n), np.zeros(n)
    active = draw.random(n) > stop
    while active.any():
        now = now + draw.exponential(1 / np.maximum(rate, 1e-12))
        before, after = active & (now <= age), active & (now > age) & (now <= age + WEEKS)
        seen, later, last = seen + before, later + after, np.where(before, now, last)
        active = (before | after) & (draw.random(n) > stop)
    spent, to_come = (np.where(k > 0, draw.gamma(np.maximum(6 * k, 1e-9)) / scale, 0) for k in (seen, later))
    columns = {"repeat_count": seen, "last_purchase_weeks": last, "age_weeks": age}
    return pd.DataFrame(columns).assign(mean_repeat_value_minor=spent / np.maximum(seen, 1)), later, to_come


def covered(n: int, count: int) -> dict[str, float]:
    """Share of worlds in which the 95% interval of a total holds what came, and share of single customers."""
    held: dict[str, list[float]] = {"orders": [], "money": [], "one segment": [], "customers": []}
    for seed in range(count):
        seen, later, money = world(n, seed)
        placed, spent = futures(fit_mbgnbd(seen), fit_gamma_gamma(seen), seen, WEEKS, seed)
        third = slice(0, n // 3)
        pairs = {"orders": (placed, later), "money": (spent, money), "one segment": (spent[:, third], money[third])}
        for name, (drawn, truth) in pairs.items():
            low, high = np.quantile(drawn.sum(axis=1), [0.025, 0.975])
            held[name].append(low <= truth.sum() <= high)
        low, high = np.quantile(spent, [0.025, 0.975], axis=0)
        held["customers"].append(float(((low <= money) & (money <= high)).mean()))
    return {name: float(np.mean(values)) for name, values in held.items()}


@pytest.mark.wide
def test_intervals_hold_the_truth_in_a_few_worlds() -> None:
    """Eight worlds of 400 customers: at most two totals of a kind are missed (chance of more: 0.6 %)."""
    found = covered(400, 8)

    assert min(found["orders"], found["money"], found["one segment"]) >= 6 / 8
    assert found["customers"] >= 0.95


@pytest.mark.long
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """200 worlds of 600 customers: 91 to 99 of 100 intervals of a total hold it; single customers at least 95."""
    found = covered(600, 200)

    assert all(0.91 <= found[name] <= 0.99 for name in ("orders", "money", "one segment"))
    assert found["customers"] >= 0.95


def test_futures_have_the_expected_mean() -> None:
    """Over 1,024 futures the mean order count is the closed formula's, and money is orders times value; within 3 %."""
    seen, _, _ = world(3_000, seed=3)
    orders, values = fit_mbgnbd(seen), fit_gamma_gamma(seen)
    placed, spent = futures(orders, values, seen, WEEKS, seed=1)
    expected = expected_orders(orders, seen, WEEKS)

    assert placed.mean(axis=0).sum() == pytest.approx(expected.sum(), rel=0.03)
    assert spent.mean(axis=0).sum() == pytest.approx((expected * expected_value(values, seen)).sum(), rel=0.03)


def test_money_comes_only_with_orders() -> None:
    """A future without an order has no money, and one with an order has some."""
    seen, _, _ = world(300, seed=4)
    placed, spent = futures(fit_mbgnbd(seen), fit_gamma_gamma(seen), seen, WEEKS, seed=1)

    assert ((placed > 0) == (spent > 0)).all()


def test_the_same_seed_gives_the_same_futures() -> None:
    """Twice the same; another seed gives others."""
    seen, _, _ = world(300, seed=4)
    first, again, other = (order_futures(ORDERS, seen, WEEKS, seed) for seed in (1, 1, 2))

    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.wide
def test_spread_is_the_standard_error_of_refits() -> None:
    """The sandwich's standard error of log r is that of 40 fits to new worlds, within a third."""
    fits = np.array([fit_mbgnbd(world(1_000, 100 + seed)[0]).r for seed in range(40)])
    seen, _, _ = world(1_000, seed=5)
    x, t_x, age = checked(seen)
    model = fit_mbgnbd(seen)
    covariance = spread(lambda at: log_likelihood(at, x, t_x, age, True)[1], model.logs)

    assert np.sqrt(covariance[0, 0]) == pytest.approx(np.log(fits).std(), rel=0.33)


def test_a_direction_without_information_stays_finite() -> None:
    """Where nobody stops, the chance to stop has a flat likelihood; its logarithm varies by at most 3."""
    flat = spread(lambda at: np.zeros((50, 1)), np.array([1e-5]))

    assert flat[0, 0] == pytest.approx(9.0)


def test_orders_that_all_cost_the_same_go_on_costing_it() -> None:
    """A single price leaves nothing to estimate: each future's money is its orders times that price."""
    seen = pd.DataFrame({"repeat_count": [3, 1, 0], "last_purchase_weeks": [30.0, 9.0, 0.0], "age_weeks": 39.0})
    seen["mean_repeat_value_minor"] = [999.0, 999.0, 0.0]
    orders, money = futures(BetaGeometric(0.5, 6.2, 0.9, 1.6), fit_gamma_gamma(seen), seen, 52, seed=0)

    assert orders.sum() > 0
    assert money == pytest.approx(999.0 * orders, rel=1e-12)
