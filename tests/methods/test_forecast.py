"""The outlook holds as often as its interval says."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.forecast import forecast_sizes


def quarters(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Draw one quarter's moves, the sizes after it, and the true sizes a quarter later, under the same true rates."""
    k = int(rng.integers(2, 7))
    rates = 0.4 * rng.dirichlet(np.full(k + 1, 0.7), size=k)
    rates[np.arange(k), np.arange(k)] += 0.6
    entry = rng.gamma(1.0, 20.0, k)

    def moved(sizes: np.ndarray) -> np.ndarray:
        rows = [rng.multinomial(n, rate) for n, rate in zip(sizes, rates, strict=True)]
        return np.array([*rows, [*rng.poisson(entry), 0]])

    seen = moved(rng.integers(30, 600, k))
    now = seen[:, :k].sum(axis=0)
    return pd.DataFrame(seen), pd.Series(now), moved(now)[:, :k].sum(axis=0)


def covered(simulations: int, level: float, draws: int) -> float:
    """Give the share of segments, and of everyone, whose later size is inside the interval."""
    rng, inside = np.random.default_rng(7), []
    for seed in range(simulations):
        moves, now, later = quarters(rng)
        found = forecast_sizes(moves, now, seed, level, draws)
        true = np.array([*later, later.sum()])
        inside += list((found["low"] <= true) & (true <= found["high"]))
    return float(np.mean(inside))


def test_intervals_cover_later_quarters() -> None:
    """Of about 500 segments in 100 pairs of quarters 95 % are inside, give or take three points."""
    assert covered(100, 0.95, 1_000) == pytest.approx(0.95, abs=0.03)


@pytest.mark.long
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_intervals_cover_as_often_as_promised(level: float) -> None:
    """In 1,000 pairs of quarters the coverage is the promised one, give or take one and a half points."""
    assert covered(1_000, level, 4_000) == pytest.approx(level, abs=0.015)


def test_expected_sizes_are_the_markov_chain() -> None:
    """With many customers the prior vanishes: sizes times shares, plus entrants."""
    moves = pd.DataFrame([[80_000, 10_000, 10_000], [20_000, 70_000, 10_000], [5_000, 15_000, 0]])
    found = forecast_sizes(moves, pd.Series([105_000, 95_000]), seed=0)

    assert found.loc[0, "expected"] == pytest.approx(0.8 * 105_000 + 0.2 * 95_000 + 5_000, rel=1e-3)
    assert found.loc["all", "expected"] == pytest.approx(0.9 * 200_000 + 20_000, rel=1e-3)


def test_a_segment_without_a_past_borrows_that_of_the_others() -> None:
    """Nobody was in the second segment a quarter ago: it is expected to keep its customers as the others do."""
    moves = pd.DataFrame([[90, 100, 10], [0, 0, 0], [0, 0, 0]])
    row = forecast_sizes(moves, pd.Series([90, 100]), seed=0).loc[1]

    assert row["low"] < 100 * 0.45 + 90 * 0.5 < row["high"]
    assert row["high"] - row["low"] > 40


def test_same_seed_same_outlook_and_a_wrong_shape_is_named() -> None:
    """Nothing but the seed is random; the sentence says what must hold."""
    moves, now, _ = quarters(np.random.default_rng(0))

    pd.testing.assert_frame_equal(forecast_sizes(moves, now, 3), forecast_sizes(moves, now, 3))
    with pytest.raises(ValueError, match=r"must be a table of 3 x 3 \(got 2 x 2\)"):
        forecast_sizes(pd.DataFrame([[1, 2], [3, 4]]), pd.Series([4, 6]), 0)
