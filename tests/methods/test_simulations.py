"""How often the methods are wrong, counted in simulation; the long counts run with `make test-long`."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from seglib.evaluation.health import SRM_LIMIT
from seglib.methods.experiments import benjamini_hochberg, effects, sample_ratio
from seglib.methods.looks import always_valid
from seglib.methods.money import winsorised
from seglib.methods.rates import share_p_value, welch

SEGMENTS, PER_ARM, WEEKS = 8, 200, 13


def reduced_and_long(few: int, many: int):
    """Run a simulation with few repetitions always, with many only in the long suite."""
    return pytest.mark.parametrize("times", [few, pytest.param(many, marks=pytest.mark.long)])


def at_most(share: float, times: int) -> float:
    """What a true rate of 5 % stays below in 999 of 1,000 such counts; with many repetitions the share itself."""
    return share if times >= 2_000 else 0.05 + 3.1 * (0.05 * 0.95 / times) ** 0.5


def false_wins_of_quarters(times: int, seed: int = 1) -> float:
    """Share of A/A quarters, 8 segments x 5 metrics, with any adjusted p below 5 %."""
    draw = np.random.default_rng(seed)
    n = np.full((times, SEGMENTS), float(PER_ARM))
    p = []
    for rate in (0.10, 0.30, 0.60):
        hits = draw.binomial(PER_ARM, rate, size=(2, times, SEGMENTS)).astype(float)
        p.append(share_p_value(hits[0], n, hits[1], n))
    for spread in (0.5, 1.0):
        amounts = draw.lognormal(3.0, spread, size=(2, times, SEGMENTS, PER_ARM))
        mean, sd = amounts.mean(axis=-1), amounts.std(axis=-1, ddof=1)
        p.append(welch(mean[0], sd[0], n, mean[1], sd[1], n)[2])
    families = np.stack(p, axis=-1).reshape(times, -1)
    return float(np.mean([(benjamini_hochberg(family) < 0.05).any() for family in families]))


@reduced_and_long(200, 2_000)
def test_S14_any_false_win_of_a_quarter_is_rare(times):
    """Both groups get the same: 8 segments x 5 metrics show anything in at most 5.5 % of 2,000 quarters."""
    assert false_wins_of_quarters(times) <= at_most(0.055, times)


def shop(draw: np.random.Generator, n: int, lift: float = 0.0) -> pd.DataFrame:
    """Customers of one segment in two arms: one in three buys nothing, amounts are heavy-tailed and known before."""
    taste = draw.normal(0, 1.2, n)
    arm = np.where(np.arange(n) % 2 == 0, "mail", "none")
    amount = np.exp(3 + taste + draw.normal(0, 0.7, n)) * np.where(arm == "mail", 1 + lift, 1.0)
    bought = draw.random(n) < 2 / 3
    before = np.exp(3 + taste + draw.normal(0, 0.5, n)) * (draw.random(n) < 2 / 3)
    return pd.DataFrame({"arm": arm, "converted": bought, "revenue": amount * bought, "before": before})


@reduced_and_long(6, 600)
def test_S14_any_false_win_of_a_campaign_is_rare(times):
    """The whole comparison of 8 segments, shares and money cut and adjusted, and their total: all that is shown."""
    draw, found = np.random.default_rng(2), 0
    for _ in range(times):
        parts = [shop(draw, 2 * PER_ARM).assign(segment=str(i)) for i in range(SEGMENTS)]
        table = effects(pd.concat(parts, ignore_index=True), control="none")
        found += bool((table[["p_adjusted", "revenue_p_adjusted"]] < 0.05).any(axis=None))

    assert found / times <= at_most(0.055, times)


def false_wins_of_looks(times: int, seed: int = 3) -> tuple[float, float]:
    """Share of A/A tests that 13 weekly looks would stop: with always-valid p values, and with plain ones."""
    draw = np.random.default_rng(seed)
    hits = draw.binomial(150, 0.10, size=(2, times, WEEKS)).cumsum(axis=-1).astype(float)
    week = np.arange(1, WEEKS + 1)
    n = np.broadcast_to(150.0 * week, (times, WEEKS))
    p1, p2 = hits / n
    error = np.sqrt(p1 * (1 - p1) / n + p2 * (1 - p2) / n)
    honest = always_valid(p1 - p2, error, week / WEEKS)[2]
    return float((honest < 0.05).any(axis=-1).mean()), float(
        (share_p_value(*_pair(hits, n)) < 0.05).any(axis=-1).mean()
    )


def _pair(hits: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return hits[0], n, hits[1], n


@reduced_and_long(500, 20_000)
def test_S13_thirteen_looks_are_wrong_no_more_often_than_one(times):
    """Looking every week finds nothing in at least 94.5 % of A/A tests; plain p values err four times as often."""
    honest, plain = false_wins_of_looks(times)

    assert honest <= 0.055
    assert plain > 0.15


@reduced_and_long(100, 5_000)
def test_S10_a_51_to_49_split_of_50_000_is_caught(times):
    """In at least 80 % of campaigns that are dealt 51/49 where 50/50 was planned; a fair deal in about none."""
    draw, half = np.random.default_rng(4), {"mail": 1.0, "none": 1.0}
    odd, fair = (draw.binomial(50_000, share, times) for share in (0.51, 0.50))
    caught, blamed = (
        np.mean([sample_ratio({"mail": int(k), "none": 50_000 - int(k)}, half) < SRM_LIMIT for k in split])
        for split in (odd, fair)
    )

    assert caught >= 0.80
    assert blamed <= 0.01


@cache
def true_effect(lift: float) -> float:
    """The difference of means of cut amounts in a segment of two million."""
    people = shop(np.random.default_rng(5), 2_000_000, lift)
    cut = winsorised(people["revenue"], np.zeros(len(people), dtype=int))
    mail = (people["arm"] == "mail").to_numpy()
    return float(cut[mail].mean() - cut[~mail].mean())


@pytest.mark.long
def test_S17_intervals_of_heavy_tailed_money_cover():
    """Cut at the 99th percentile and adjusted: 95 % intervals hold the true difference in 93 to 97 % of 1,000."""
    draw, held = np.random.default_rng(6), 0
    for _ in range(1_000):
        row = effects(shop(draw, 2 * 300, 0.2).assign(segment="s"), control="none").iloc[0]
        held += row["revenue_effect_low"] <= true_effect(0.2) <= row["revenue_effect_high"]

    assert 0.93 <= held / 1_000 <= 0.97


SHAPES = {  # heavy tails: sigma of log-normal amounts, and the share who buy at all
    "log-normal 1.5": (1.5, 1.0),
    "log-normal 2": (2.0, 1.0),
    "three in ten buy, 1.5": (1.5, 0.3),
    "three in ten buy, 2": (2.0, 0.3),
}


def covered_beside_a_small_control(sigma: float, buy: float, held_back: int, times: int) -> float:
    """How often the interval of the effect of a message that changes nothing holds zero; a thousand customers."""
    draw, held = np.random.default_rng([held_back, 8]), 0
    for _ in range(times):
        revenue = np.where(draw.random(1_000) < buy, draw.lognormal(3, sigma, 1_000), 0.0)
        people = pd.DataFrame({"segment": "s", "revenue": revenue, "converted": revenue > 0})
        arms = np.where(np.arange(1_000) < held_back, "none", "mail")
        row = effects(people.assign(arm=arms), control="none").iloc[0]
        held += row["revenue_effect_low"] <= 0 <= row["revenue_effect_high"]
    return held / times


@pytest.mark.wide
def test_S17_intervals_beside_a_small_control_group_cover():
    """Fifty held back of a thousand, heavy tails: at least 56 of 60 intervals hold the truth; 45 did before."""
    assert covered_beside_a_small_control(2.0, 0.3, held_back=50, times=60) >= 56 / 60


@pytest.mark.long
@pytest.mark.parametrize("held_back", [50, 100])
@pytest.mark.parametrize("shape", SHAPES)
def test_S17_intervals_beside_a_small_control_group_cover_in_2000_campaigns(shape, held_back):
    """At least 93 of 100 for every shape; Welch alone gave .75 to .94."""
    assert covered_beside_a_small_control(*SHAPES[shape], held_back, times=2_000) >= 0.93


def test_S17_adjusting_for_the_time_before_narrows_the_interval():
    """Four shops: with what was known before, the intervals of money are at least a tenth narrower."""
    draw, widths = np.random.default_rng(7), []
    for _ in range(4):
        people = shop(draw, 2 * 300).assign(segment="s")
        rows = [effects(p, control="none").iloc[0] for p in (people, people.drop(columns="before"))]
        widths.append([row["revenue_effect_high"] - row["revenue_effect_low"] for row in rows])
    with_before, without = np.median(widths, axis=0)

    assert with_before < 0.9 * without
