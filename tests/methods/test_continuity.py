"""Nothing that is published jumps when an input moves in its last bits, as it does from one processor to the next."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seglib import disclosure, methods
from seglib.core.steady import steady
from seglib.disclosure import differences, dominance
from seglib.methods import (
    association,
    bernoulli,
    budget,
    by_data,
    clustered,
    clusterers,
    clv,
    comeback,
    drift,
    estimates,
    experiments,
    forecast,
    futures,
    kpis,
    lift,
    looks,
    matching,
    models,
    money,
    next_order,
    order_models,
    order_values,
    own_rules,
    pareto,
    policy,
    power,
    present,
    priority,
    products,
    purchases,
    quality,
    rates,
    recommend,
    rfm,
    roots,
    rules,
    scaling,
    segmenting,
    solver,
    stability,
    strata,
    structure,
    surrogate,
    survey,
    swaps,
    tiers,
    twins,
    typing_tool,
    winners,
)

BIT = 1e-12  # share by which every number is moved, up or down by chance
Move = Callable[[Any], Any]
draw = np.random.default_rng(7)
N = 150
KIND = np.repeat(["big", "often", "gone"], N // 3)
X = np.round(
    np.repeat([[0.0, 0.0, 1.0], [2.0, 0.5, 0.0], [-1.0, 3.0, 0.0]], N // 3, axis=0) + draw.normal(0, 0.4, (N, 3)), 1
)
YES = (
    draw.random((N, 4)) < np.repeat([[0.9, 0.8, 0.1, 0.5], [0.1, 0.2, 0.9, 0.5], [0.5, 0.1, 0.1, 0.9]], N // 3, axis=0)
).astype(float)
NUMBERS = pd.DataFrame(
    {
        "days": np.round(draw.exponential(40, N)),
        "value": np.round(np.exp(X[:, 0] + 3), 2),
        "share": draw.integers(0, 5, N) / 4,
        "level": 0.1,
    }
)
NEWER = NUMBERS.assign(days=NUMBERS["days"] + draw.integers(0, 30, N), value=NUMBERS["value"] * 1.5)
SEGMENT = pd.Series(KIND)
OUTCOME = pd.DataFrame(
    {
        "segment": draw.choice(["a", "b"], N),
        "arm": draw.choice(["mail", "none"], N),
        "converted": draw.integers(0, 2, N),
        "revenue": draw.integers(0, 4, N) * 0.1,
        "before": 0.1,
    }
)
SUMS = pd.DataFrame(
    {
        "step": "cart",
        "x": [40.0, 20.0, 7.0],
        "n": [50.0, 20.0, 9.0],
        "xx": [60.0, 30.0, 9.0],
        "xn": [70.0, 30.0, 10.0],
        "nn": [80.0, 30.0, 11.0],
        "customers": [30.0, 15.0, 6.0],
    }
)
PARTS = pd.DataFrame(
    {"total": [99.0, 50.0, 20.3, 20.3], "first": [98.0, 5.0, 3.3, 3.3], "second": [1.0, 4.0, 3.0, 3.0]}
)
PURSES = pd.DataFrame(
    {
        "customers": [10, 10, 9, 8],
        "cost": 0.7,
        "low": [2.1, 2.1, 0.7, -1.0],
        "expected": [4.0, 4.0, 1.0, 2.0],
        "is_test": [False, False, False, True],
    }
)
PAIRS = pd.DataFrame(
    {
        "segment": ["s", "s", "s", "t"],
        "last": ["tea", "tea", "cup", "cup"],
        "next": ["cup", "tea", "pot", "tea"],
        "count": [30.0, 30.0, 5.0, 20.0],
    }
)
SHOP = products.shop(
    pd.DataFrame(
        {
            "customer": list("aabbcdd"),
            "ordered_on": [1, 2, 1, 2, 1, 1, 2],
            "item": ["tea", "cup", "tea", "pot", "cup", "tea", "mug"],
        }
    ),
    ["cup", "mug", "pot", "tea"],
)
LATER = pd.DataFrame({"customer": list("abcd"), "item": ["pot", "cup", "tea", "pot"]})
VISITS = pd.DataFrame(
    {
        "customer": np.repeat(np.arange(60), 3),
        "ordered_on": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 170, 180), "D"),
        "amount_minor": draw.integers(1, 9, 180) * 0.1,
    }
)
BLOBS = pd.DataFrame(X, columns=["a", "b", "c"])
STRATA = pd.DataFrame(
    {"channel": "email", "converted": [5, 40], "n": [10, 100], "converted_control": [5, 40], "n_control": [100, 90]}
)
METRIC = kpis.METRICS["order_value"]


def bought(count: int = 400) -> pd.DataFrame:
    """Customers who order, stop and spend as the models say, in weeks and minor units."""
    age, rate, stop = draw.uniform(20, 60, count), draw.gamma(0.8, 0.2, count), draw.beta(1.0, 3.0, count)
    scale, now, active = draw.gamma(4.0, 1 / 3000, count), np.zeros(count), draw.random(count) > stop
    seen, last = np.zeros(count), np.zeros(count)
    while active.any():
        now = now + draw.exponential(1 / np.maximum(rate, 1e-9))
        active = active & (now <= age)
        seen, last = seen + active, np.where(active, now, last)
        active = active & (draw.random(count) > stop)
    mean = np.where(seen > 0, draw.gamma(6 * np.maximum(seen, 1)) / scale / np.maximum(seen, 1), 0.0)
    columns = {"repeat_count": seen.astype(int), "last_purchase_weeks": last, "age_weeks": age}
    return pd.DataFrame(columns).assign(mean_repeat_value_minor=mean)


BOUGHT = bought()
LIVES, OTHER = purchases.fit_mbgnbd(BOUGHT), pareto.fit_pareto_nbd(BOUGHT)
SPENDS = order_values.fit_gamma_gamma(BOUGHT)


def blobs(move: Move) -> clusterers.Fit:
    """Divide the three kinds, each on a grid of tenths."""
    return clusterers.kmeans(move(X), 3, seed=0)


def told(twin: Callable[..., Any], move: Move) -> Any:
    """One twin of the customers."""
    return twin(move(X), np.random.default_rng(0))()


CASES: dict[str, Callable[[Move], Any]] = {
    "association.tells": lambda m: (
        [association.tells(m(NUMBERS["value"]), m(NUMBERS[by])) for by in ("share", "days")]
        + [association.tells(m(NUMBERS["value"]), m((NUMBERS["days"] > 30).astype(float)))]
    ),
    "association.association": lambda m: association.association(m(NUMBERS["value"]), SEGMENT),
    "association.ranked": lambda m: association.ranked(m(NUMBERS)),
    "association.same_story": lambda m: association.same_story(m(NUMBERS.assign(twice=NUMBERS["value"] * 2))),
    "association.explained": lambda m: association.explained(m(NUMBERS), "value", ["days", "share"]),
    "bernoulli.bernoulli_mixture": lambda m: (fit := bernoulli.bernoulli_mixture(m(YES), 3, 0), fit.label(m(YES))),
    "bernoulli.Bernoulli.label": lambda m: bernoulli.Bernoulli(
        m(np.array([0.5, 0.5])), m(np.array([[0.6], [0.6]])), 0.0
    ).label(YES[:, :1]),
    "budget.allocate": lambda m: budget.allocate(m(PURSES), 9.0, 0.1, 0.6),
    "clustered.clustered_share": lambda m: clustered.clustered_share(m(SUMS)),
    "clustered.clustered_difference": lambda m: clustered.clustered_difference(m(SUMS), ["step"]),
    "clusterers.assign": lambda m: clusterers.assign(m(X), np.array([[0.5, 1.0, 0.0], [1.5, 1.0, 0.0]])),
    "clusterers.distances": lambda m: clusterers.distances(m(X), m(X[:3])),
    "clusterers.kmeans": blobs,
    "clusterers.nearest": lambda m: clusterers.nearest(m(X), m(X[[0, 70, 120]])),
    "clusterers.ordered": lambda m: clusterers.ordered(blobs(lambda x: x), m(np.full(N, 0.1))),
    "clusterers.largest_k": lambda m: clusterers.largest_k(m(X), 8),
    "comeback.comeback_curve": lambda m: comeback.reached(
        comeback.comeback_curve(
            pd.DataFrame(
                {
                    "customer": np.arange(N) % 90,
                    "entry_days": 0,
                    "exit_days": np.arange(N) % 8 + 1,
                    "came_back": np.arange(N) % 3 > 0,
                }
            ),
            0,
        )
    ),
    "comeback.reached": lambda m: comeback.reached(
        m(pd.DataFrame({"days": [0, 1, 2], "share": [0, 0.25, 0.5], "low": [0, 0.2, 0.4], "high": [0, 0.5, 0.75]}))
    ),
    "differences.hold_back": lambda m: differences.hold_back(
        pd.Series([36, 4, 20]), m(pd.DataFrame([[1.0, 1, 1]])), m(pd.DataFrame([[1.0, 0, 1], [0, 0, 1]])), 10
    ),
    "differences.follows": lambda m: differences.follows(
        pd.Series([36, 4]), m(pd.DataFrame([[1.0, 1]])), m(pd.DataFrame([[1.0, 0]])), 10, pd.DataFrame([[0, 1]])
    ),
    "dominance.dominated": lambda m: dominance.dominated(m(PARTS[:1])),
    "dominance.untold": lambda m: dominance.untold(m(PARTS)),
    "dominance.largest_two": lambda m: dominance.largest_two(m(NUMBERS["value"]), SEGMENT),
    "drift.psi": lambda m: [drift.psi(m(NUMBERS[c]), m(NEWER[c])) for c in NUMBERS],
    "drift.ks": lambda m: [drift.ks(m(NUMBERS[c]), m(NEWER[c])) for c in NUMBERS],
    "drift.drift_table": lambda m: drift.drift_table(m(NUMBERS), m(NEWER), SEGMENT, SEGMENT),
    "drift.mix_and_within": lambda m: drift.mix_and_within(m(NUMBERS), m(NEWER), SEGMENT, SEGMENT.iloc[::-1]),
    "estimates.estimate": lambda m: [
        estimates.estimate(
            kpis.METRICS[name], m({"n": 263.0, "x": 81.0, "y": 263.0, "xx": 81.0, "xy": 81.0, "yy": 263.0})
        )
        for name in ("retention_share", "order_value")
    ],
    "estimates.verdict": lambda m: [
        estimates.verdict("up", *m([0.3, 0.35, 0.3, 0.4])),
        estimates.verdict("down", *m([0.3, 0.35, 0.3, 0.4])),
    ],
    "estimates.suppress": lambda m: estimates.suppress(
        m(
            pd.DataFrame(
                {
                    "metric": "buyers",
                    "segment": [0, 1, 2, 3],
                    "value": [99.0, 3, 30, 66],
                    "low": 0.1,
                    "high": 0.2,
                    "n": [99, 3, 30, 66],
                }
            )
        ),
        10,
    ),
    "experiments.benjamini_hochberg": lambda m: experiments.benjamini_hochberg(
        m(np.array([0.01, 0.03, 0.02, 0.04, np.nan]))
    ),
    "experiments.sample_ratio": lambda m: experiments.sample_ratio({"a": 255, "b": 245}, m({"a": 0.5, "b": 0.5})),
    "experiments.heterogeneity": lambda m: experiments.heterogeneity(m([0.1, 0.0, 0.05]), m([0.02, 0.02, 0.03])),
    "experiments.effects": lambda m: experiments.effects(m(OUTCOME), "none"),
    "experiments.adjusted": lambda m: experiments.adjusted(
        m(pd.DataFrame({"p_value": [0.01, 0.5], "revenue_p_value": [0.02, np.nan]}))
    ),
    "experiments.pooling_reverses": lambda m: experiments.pooling_reverses(
        m(pd.DataFrame({"segment": ["a", "b", "all"], "effect": [0.1, 0.1, -0.1]}))
    ),
    "forecast.forecast_sizes": lambda m: forecast.forecast_sizes(
        m(pd.DataFrame([[90.0, 10, 0], [20, 70, 10], [5, 15, 0]])), pd.Series([115, 95]), 0, draws=300
    ),
    "kpis.written": lambda m: [
        kpis.written(m(value), unit, "GBP")
        for value, unit in ((0.0425, "share"), (2.675, "money"), (3.0, "orders"), (0.25, "points"))
    ],
    "lift.distinguish": lambda m: lift.distinguish(m(NUMBERS), None, SEGMENT),
    "looks.information": lambda m: looks.information(m(np.array([0.1, 1.0]))),
    "looks.always_valid": lambda m: looks.always_valid(m(0.1), m(0.02), m(0.5)),
    "matching.match": lambda m: matching.match(
        pd.Series(list("AABBC")),
        pd.Series([0, 1, 1, 2, 2]),
        closeness=m(pd.DataFrame([[0.5, 0.5, 0.1], [0.3, 0.5, 0.5], [0.1, 0.2, 0.5]], list("ABC"), [0, 1, 2])),
    ),
    "matching.closeness": lambda m: matching.closeness(
        m(pd.DataFrame({"x": [0.1, 0.3, 0.3]}, list("ABC"))), m(pd.DataFrame({"x": [0.2]}, ["x"]))
    ),
    **{
        f"models.Method.fits {name}": lambda m, name=name: models.METHODS[name].fits(
            m(YES if name == "bernoulli_mixture" else X), [2, 3], 0
        )
        for name in models.METHODS
    },
    **{
        f"models.Method.stabilities {name}": lambda m, name=name: models.METHODS[name].stabilities(
            m(YES if name == "bernoulli_mixture" else X),
            models.METHODS[name].fits(YES if name == "bernoulli_mixture" else X, [3], 0),
            0,
            2,
        )
        for name in models.METHODS
        if name != "mixed"
    },
    "models.Method.found_again": lambda m: [
        models.METHODS[name].found_again(m(X), np.arange(N) // 50, 0, 2) for name in ("kmeans", "ward")
    ],
    "money.winsorised": lambda m: money.winsorised(m(NUMBERS["value"]), KIND, 0.9),
    "money.cut_share": lambda m: money.cut_share(m(NUMBERS["value"]), KIND, 0.9),
    "money.lent_spread": lambda m: money.lent_spread(m(NUMBERS["value"]), 90, m(NUMBERS["value"] / 2), 10),
    "money.less_before": lambda m: money.less_before(
        m(OUTCOME["revenue"]), m(OUTCOME["before"]), OUTCOME["arm"], OUTCOME["segment"]
    ),
    "next_order.order_features": lambda m: next_order.order_features(m(VISITS), pd.Timestamp("2026-07-01")),
    "next_order.refuse_leaks": lambda m: next_order.refuse_leaks(m(NUMBERS), np.arange(N) % 2 == 0),
    "next_order.fit_next_order": lambda m: next_order.next_order_chance(
        next_order.fit_next_order(m(NUMBERS), np.arange(N) % 3 > 0, 0), m(NUMBERS)
    ),
    "next_order.brier": lambda m: next_order.brier(m(NUMBERS["share"]), np.arange(N) % 2 == 0),
    "next_order.log_loss": lambda m: next_order.log_loss(m(NUMBERS["share"]), np.arange(N) % 2 == 0),
    "next_order.gain": lambda m: next_order.gain(
        m(pd.DataFrame({"customer": np.arange(N) % 50, "new": NUMBERS["share"], "old": NUMBERS["share"] + 0.1})),
        "new",
        "old",
        0,
    ),
    "policy.choose": lambda m: [policy.choose(m(OUTCOME.assign(value=0.1)), "none", each) for each in (True, False)],
    "policy.value_of": lambda m: policy.value_of(
        m(OUTCOME.rename(columns={"revenue": "value"})), {"a": "mail", "b": "none"}, {"a": "none", "b": "none"}
    ),
    "policy.policies": lambda m: policy.policies(m(OUTCOME.rename(columns={"revenue": "value"})), "none", 0),
    "power": lambda m: [
        power.n_per_arm(m(0.05), m(0.065)),
        power.smallest_effect(m(0.05), 400),
        power.n_per_arm_mean(m(1.0), m(1.0)),
        power.smallest_difference(m(10.0), 50),
    ],
    "present": lambda m: [
        write(m(value))
        for write in (
            present.percent,
            present.points,
            present.whole,
            present.amount,
            present.plain_number,
            present.chance,
        )
        for value in (0.0425, 0.5, 2.5, 1000.0, 0.001)
    ],
    "priority.call_list": lambda m: priority.call_list(
        m(
            pd.DataFrame(
                {
                    "customer": list("dcba"),
                    "effect_share": [0.1, 0.2, 0.1, 0.3],
                    "margin_minor": 900.0,
                    "cost_minor": [30.0, 120.0, 30.0, 210.0],
                }
            )
        ),
        3,
    ),
    "products.best": lambda m: [products.best(SHOP, model, 2) for model in products.MODELS],
    "products.winner": lambda m: products.winner(
        m(pd.DataFrame({"model": list("abc"), "hit_share": [0.2, 0.3, 0.3], "wins": True}))
    ),
    "quality.qualities": lambda m: quality.quality(m(X), blobs(lambda x: x), 0),
    "quality.silhouette": lambda m: quality.silhouette(
        m(np.abs(np.subtract.outer(X[:, 0], X[:, 0]))), np.arange(N) // 50
    ),
    "rates.wilson": lambda m: rates.wilson(m(np.array([0.0, 3, 7])), m(np.array([0.0, 9, 7]))),
    "rates.newcombe": lambda m: rates.newcombe(
        m(np.array([7.0, 0])), m(np.array([7.0, 5])), m(np.array([1.0, 0])), m(np.array([5.0, 0]))
    ),
    "rates.share_ratio": lambda m: rates.share_ratio(m(7.0), m(7.0), m(2.0), m(9.0)),
    "rates.share_p_value": lambda m: rates.share_p_value(
        m(np.array([7.0, 1])), m(np.array([10.0, 10])), m(np.array([1.0, 1])), m(np.array([10.0, 10]))
    ),
    "rates.mean_interval": lambda m: rates.mean_interval(m(NUMBERS["value"]), 0),
    "rates.welch": lambda m: [
        rates.welch(m(3.3), 0.0, 9.0, m(3.3), m(1e-16), 9.0),
        rates.welch(m(3.0), m(1.0), 9.0, m(2.0), m(0.5), 9.0),
    ],
    "recommend.next_category": lambda m: recommend.next_category(m(PAIRS), 2),
    "recommend.hit_rate": lambda m: recommend.hit_rate(recommend.next_category(PAIRS, 2), PAIRS, 1),
    "rfm.Rfm": lambda m: (
        one := rfm.Rfm.fit(
            table := m(
                pd.DataFrame(
                    {"recency_days": NUMBERS["days"], "order_count": NUMBERS["share"] * 4, "monetary": NUMBERS["value"]}
                )
            )
        ),
        one.transform(table),
        one.name(table),
    ),
    "roots.root": lambda m: [roots.root(m(np.cov(X.T))), roots.root(m(np.ones((3, 3))))],
    "roots.axes": lambda m: [
        roots.axes(m(np.cov(X.T))),
        roots.axes(m(np.eye(3))),
        roots.axes(m(np.array([[1.0, 0.5], [0.5, 1.0]]))),
    ],
    "rules.label": lambda m: rules.label(NUMBERS, {"High": "value > 20", "Low": "value <= 20"}),
    "scaling.Scaling": lambda m: (one := scaling.Scaling.fit(m(NUMBERS)), one.apply(m(NUMBERS))),
    "scaling.transformed": lambda m: scaling.transformed(m(X), "signed_log"),
    "scaling.tail": lambda m: scaling.tail(m(NUMBERS["value"])),
    "solver.check": lambda m: solver.check(m(X), 3),
    "solver.unsettled": lambda m: str(
        solver.unsettled("k-means", 3, m(np.array([[0.1, -0.1], [0.3, -0.3]])), ["a", "b"])
    ),
    "segmenting.segment": lambda m: (
        found := segmenting.segment(m(BLOBS), ks=[2, 3, 4], pairs=3),
        found.labels,
        found.quality,
        found.verdict,
        found.assign(m(BLOBS)),
    ),
    "segmenting.segment by one method": lambda m: (
        segmenting.segment(m(BLOBS), method="kmeans", ks=[2, 3], pairs=2).quality
    ),
    "by_data.choose_by_data": lambda m: vars(by_data.choose_by_data(m(X), [2, 3], 0, 0.03, 0.6, 2))["table"],
    "by_data.description": lambda m: by_data.description(m(X), np.arange(N) // 50),
    "own_rules.own": lambda m: {
        (way, k): found.rule(m(X))
        for way in ("kmeans", "gaussian_mixture", "ward", "hdbscan")
        for k, found in own_rules.own(way, m(X), [2, 3], 0).items()
    },
    "stability.stability": lambda m: stability.stability(m(X), blobs(lambda x: x), 0, 3),
    "stability.found_again": lambda m: stability.found_again(m(X), np.arange(N) // 50, 0, 3),
    "structure.structure": lambda m: (one := structure.structure(m(X), 0, range(2, 5), 90, 3), one.word),
    "structure.judged": lambda m: structure.judged(m(X), [2, 3, 4]),
    "structure.prediction_bound": lambda m: structure.prediction_bound(m([1.0, 2.0, 3.0])),
    "surrogate.surrogate": lambda m: surrogate.surrogate(
        m(NUMBERS), pd.Series(np.where(NUMBERS["value"] > 20, 1, 2)), {}
    ),
    "strata.stratified": lambda m: strata.stratified(m(STRATA), ["channel"]),
    "swaps.started": lambda m: swaps.started(steady(m(X)), np.ones(N), 3, np.random.default_rng(0)),
    "swaps.swapped": lambda m: swaps.swapped(steady(m(X)), np.ones(N), X[:3], np.random.default_rng(0)),
    "swaps.exchanged": lambda m: swaps.exchanged(steady(m(X)), np.ones(N), X[[0, 60, 120]]),
    "swaps.shaken": lambda m: swaps.shaken(steady(m(X)), np.ones(N), X[[0, 60, 120]], np.random.default_rng(0), 3),
    "swaps.drawn": lambda m: swaps.drawn(m(X), np.ones(N), 20, np.random.default_rng(0))[1],
    "survey.guess_scale": lambda m: survey.guess_scale(pd.Series({1.0: 20, 4.0: 50, 5.0: 25, 7.0: 5})),
    "survey.straight_by_chance": lambda m: survey.straight_by_chance(
        m(pd.DataFrame({"a": [1.0, 2, 2], "b": [1.0, 2, 1]}))
    ),
    "survey.rake": lambda m: survey.rake(
        pd.DataFrame({"age": ["young", "old", "old", "old"]}), {"age": m({"young": 0.5, "old": 0.5})}
    ),
    "survey.effective_n": lambda m: survey.effective_n(m(np.array([1.0, 3.0]))),
    "tiers.spend_interval": lambda m: tiers.spend_interval(m(NUMBERS["value"]), m(NUMBERS["value"])),
    "tiers.tiers": lambda m: tiers.tiers(
        m(NUMBERS.assign(low=0.0, high=NUMBERS["value"] + 10, tenure_days=400)),
        pd.Series("standard", range(40)),
        0.3,
        0.3,
        90,
    ),
    "twins.unimodal_twins": lambda m: told(twins.unimodal_twins, m),
    "twins.unimodal_margin": lambda m: [
        twins.unimodal_margin(m(column))(np.linspace(0.01, 0.99, 9))
        for column in (X[:, 0], X[:, 0] ** 3, np.arange(65.0) / 8)
    ],
    "twins.box_twins": lambda m: told(twins.box_twins, m),
    "twins.elliptical_twins": lambda m: told(twins.elliptical_twins, m),
    **{
        f"{way.__module__.rpartition('.')[2]}.{way.__name__}": lambda m, way=way: way(m(BOUGHT))
        for way in (purchases.fit_mbgnbd, purchases.fit_bgnbd, pareto.fit_pareto_nbd, order_values.fit_gamma_gamma)
    },
    **{
        f"purchases.{way.__name__}": lambda m, way=way, ahead=ahead: way(LIVES, m(BOUGHT), *ahead)
        for way, ahead in (
            (purchases.probability_alive, ()),
            (purchases.expected_orders, (26.0,)),
            (purchases.order_probability, (13.0,)),
        )
    },
    "pareto.pareto_probability_alive": lambda m: pareto.pareto_probability_alive(OTHER, m(BOUGHT)),
    "pareto.pareto_expected_orders": lambda m: pareto.pareto_expected_orders(OTHER, m(BOUGHT), 26.0),
    "order_values.expected_value": lambda m: order_values.expected_value(SPENDS, m(BOUGHT)),
    "clv.clv": lambda m: clv.clv(LIVES, SPENDS, m(BOUGHT), 26.0, 0.1, 0.3),
    "futures.futures": lambda m: np.quantile(futures.futures(LIVES, SPENDS, m(BOUGHT), 26.0, 0)[1], [0.1, 0.9], 0),
    "futures.futures of Pareto/NBD": lambda m: np.quantile(
        futures.order_futures(OTHER, m(BOUGHT), 26.0, 0), [0.1, 0.9], 0
    ),
    "order_models.fit_all": lambda m: list(order_models.fit_all(m(BOUGHT)).values()),
    "order_models.expected": lambda m: order_models.expected(OTHER, m(BOUGHT), 26.0),
    "order_models.alive": lambda m: order_models.alive(OTHER, m(BOUGHT)),
    "order_models.deviance": lambda m: order_models.deviance(m(X[:, 0] ** 2), np.arange(N) % 3),
    "order_models.chosen": lambda m: order_models.chosen(
        pd.DataFrame({"customer": range(N), **{name: m(X[:, 0] ** 2) for name in order_models.FITS}}), 0
    )[0],
    "winners.winner": lambda m: winners.winner(m(np.array([0.05, 0.05, 0.02])), np.eye(3) * 1e-4),
    "typing_tool.typing_tool": lambda m: [
        (tool := typing_tool.typing_tool(m(NUMBERS[["share", "days"]]), labels, 0)).verdict()
        + str(tool.predict(m(NUMBERS)).tolist())
        for labels in (pd.Series(np.arange(N) % 2), SEGMENT)
    ],
}

ELSEWHERE = {  # takes numbers, but is no way in of its own
    "digits": "rounds by the noise of its draws",
    "draws": "reached by the futures",
    "rising": "reached by the fits",
    "likelihood": "reached by the fits",
    "order_values": "reached with the fit and expected_value",
    "purchase_likelihood": "reached by the fits",
    "comeback.comeback_curve": "takes whole days",
    "comeback.share_back": "takes whole days",
    "flows.flows": "counts labels",
    "cycles.cycle": "counts customers",
    "futures.order_futures": "reached with futures",
    "by_data.apart": "reached with choose_by_data",
    "own_rules.own_stability": "reached with choose_by_data",
    "pareto_futures": "reached by the futures",
    "pareto.pareto_log_likelihood": "reached by the fits",
    "pareto.log_odds_gone": "reached with pareto_probability_alive",
    "gates": "compares whole customers",
    "incidents.worst_runs": "counts sessions",
    "layers": "adds whole customers",
    "mixed.with_categories": "takes words",
    "models.ward": "reached by Method.fits",
    "models.clouds": "reached by Method.fits",
    "models.gaussian_mixture": "reached by Method.fits",
    "models.hdbscan": "reached by Method.fits",
    "next_order.next_order_chance": "reached with fit_next_order",
    "opportunities": "takes whole numbers of quarters",
    "places": "adds whole customers",
    "present": "reached writer by writer",
    "products": "counts purchases",
    "quality.quality": "reached with qualities",
    "rfm": "reached with Rfm",
    "rule_text": "compares with the numbers that a person wrote",
    "rules": "compares with the numbers that a person wrote",
    "scaling.ColumnScale": "reached with Scaling",
    "stability.subset_stability": "reached by Method.stabilities",
    "shares": "counts customers",
    "small_cells": "counts customers",
    "choice.choose": "reached by segment.segment",
    "choice.compared": "reached by segment.segment",
    "choice.tiny": "reached by segment.segment",
    "segmenting.Segments.assign": "reached by segmenting.segment",
    "survey.collapsed": "takes words",
    "transitions": "adds whole customers and minor units",
    "valleys": "reached by structure",
    "typing_tool.TypingTool": "reached with typing_tool",
}


def moved(chance: np.random.Generator) -> Move:
    """Move each float of whatever is given by a millionth of a millionth, up or down."""

    def move(given: Any) -> Any:
        if isinstance(given, float):
            return given * (1 + BIT * chance.choice([-1, 1]))
        if isinstance(given, np.ndarray):
            return given * (1 + BIT * chance.choice([-1, 1], given.shape)) if given.dtype.kind == "f" else given
        if isinstance(given, pd.Series):
            return pd.Series(move(given.to_numpy()), given.index, name=given.name)
        if isinstance(given, pd.DataFrame):
            return given.apply(lambda column: move(column) if column.dtype == np.float64 else column)
        if isinstance(given, list):
            return [move(each) for each in given]
        return {name: move(each) for name, each in given.items()}

    return move


def same(one: Any, other: Any, place: str = "") -> None:
    """Compare two results: words, counts and choices exactly, numbers to eight digits."""
    if dataclasses.is_dataclass(one):
        one, other = ({f.name: getattr(each, f.name) for f in dataclasses.fields(each)} for each in (one, other))
    if isinstance(one, pd.DataFrame):
        one, other = ({str(name): each[name] for name in each} for each in (one, other))
    if isinstance(one, pd.Series | np.ndarray):
        one, other = (np.asarray(each) for each in (one, other))
        one, other = (each.tolist() if each.dtype.kind not in "f" else each for each in (one, other))
    if isinstance(one, Mapping):
        assert list(one) == list(other), place
        one, other = list(one.values()), list(other.values())
    if isinstance(one, float | np.floating | np.ndarray):
        np.testing.assert_allclose(other, one, rtol=1e-8, atol=1e-10, err_msg=place)
    elif isinstance(one, Sequence) and not isinstance(one, str):
        assert len(one) == len(other), place
        for number, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{place}[{number}]")
    elif one is not other and not (callable(one) or hasattr(one, "get_params")):
        assert one == other or (pd.isna(one) and pd.isna(other)), place


@pytest.mark.forms(30)
@pytest.mark.parametrize("name", CASES)
def test_the_last_bits_of_the_input_change_nothing_that_is_published(name: str) -> None:
    """Each float that comes in is moved by 1e-12 of itself: same labels, same choices, same numbers."""
    still = CASES[name](lambda given: given)
    others = [CASES[name](moved(np.random.default_rng(seed))) for seed in (1, 2)]

    for other in others:
        same(still, other)


def ways_in() -> set[str]:
    """Public functions and methods of disclosure and methods that take an array, a column or a table."""
    found = set()
    rooms = [(room.__name__, info) for room in (disclosure, methods) for info in pkgutil.iter_modules(room.__path__)]
    for room, info in rooms:
        module = importlib.import_module(f"{room}.{info.name}")
        own = {n: o for n, o in vars(module).items() if getattr(o, "__module__", "") == module.__name__ and n[0] != "_"}
        parts = {n: o for n, o in own.items() if inspect.isfunction(o)}
        for name, kind in own.items():
            if inspect.isclass(kind):
                inside = {n: getattr(o, "__func__", o) for n, o in vars(kind).items() if n[0] != "_"}
                parts |= {f"{name}.{n}": o for n, o in inside.items() if inspect.isfunction(o)}
        takes = {
            n: " ".join(str(p.annotation) for p in inspect.signature(o).parameters.values()) for n, o in parts.items()
        }
        found |= {
            f"{info.name}.{n}" for n, kinds in takes.items() if re.search("Array|Series|Frame|Numbers|Fit", kinds)
        }
    return found


def test_every_way_in_is_moved_or_has_a_reason() -> None:
    """No public function that takes numbers is forgotten, and no reason outlives its function."""
    named = [name.split()[0] for name in CASES] + list(ELSEWHERE)
    under = {way: [name for name in named if way == name or way.startswith(name + ".")] for way in ways_in()}

    assert [way for way, names in under.items() if not names] == []
    assert [name for name in ELSEWHERE if not any(name in names for names in under.values())] == []
