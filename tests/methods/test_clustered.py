"""Shares over customers: the intervals hold what they promise when one customer counts with many trials."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.clustered import clustered_difference, clustered_share
from seglib.methods.rates import wilson


def sums(x: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    """Sum the trials of customers into one row."""
    row = {"x": x.sum(), "n": n.sum(), "xx": (x * x).sum(), "xn": (x * n).sum(), "nn": (n * n).sum()}
    return pd.DataFrame([{**row, "customers": (n > 0).sum()}])


def test_one_trial_per_customer_is_wilsons_interval() -> None:
    """81 of 263 customers: the published 0.2553 to 0.3662, but for the factor 263/262 of the variance."""
    found = clustered_share(sums(np.repeat([1, 0], [81, 182]), np.ones(263, dtype=int))).iloc[0]

    assert [found["low"], found["high"]] == pytest.approx([float(end) for end in wilson(81, 263)], abs=2e-4)


def test_the_interval_is_that_of_a_bootstrap_of_customers() -> None:
    """For 300 customers with very different habits, 4,000 resamples of customers give the same standard error."""
    rng = np.random.default_rng(0)
    n = rng.integers(1, 20, 300)
    x = rng.binomial(n, rng.beta(0.6, 1.4, 300))
    drawn = rng.integers(0, 300, (4_000, 300))
    shares = x[drawn].sum(1) / n[drawn].sum(1)
    found = clustered_share(sums(x, n)).iloc[0]

    assert (found["high"] - found["low"]) / (2 * 1.96) == pytest.approx(shares.std(), rel=0.05)
    assert found["high"] - found["low"] > 1.5 * np.subtract(*wilson(x.sum(), n.sum())[::-1])


def test_nobody_and_everybody_are_known_no_better_than_customers() -> None:
    """0 of 90 trials of three customers: as uncertain as 0 of 3."""
    found = clustered_share(sums(np.zeros(3, dtype=int), np.full(3, 30))).iloc[0]

    assert found["high"] == pytest.approx(float(wilson(0, 3)[1]))


def test_the_rest_is_all_other_rows_of_the_kind() -> None:
    """Three segments: the first has 8 of 10, the two others together 6 of 20."""
    rows = pd.concat([sums(np.repeat([1, 0], [k, 10 - k]), np.ones(10, dtype=int)) for k in (8, 4, 2)])
    found = clustered_difference(rows.assign(what="cart").reset_index(drop=True), ["what"])

    assert found["rest"].tolist() == pytest.approx([0.3, 0.5, 0.6])
    assert found.loc[0, "difference_low"] < 0.5 < found.loc[0, "difference_high"]
    assert found["p"].idxmin() == 0


MATRIX = {"visit": (0.7, 0.0, 0.3), "view": (0.3, 0.4, 0.3), "cart": (0.1, 0.2, 0.7)}  # to view, cart, exit


def covered(runs: int) -> tuple[int, int]:
    """Walk through a planted matrix and count the intervals that hold the planted share."""
    inside, total = 0, 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        walks = {state: np.zeros((150, 3), dtype=int) for state in MATRIX}
        for customer in range(150):
            for _ in range(rng.integers(1, 6)):
                state = "visit"
                while state != "exit":
                    to = rng.choice(3, p=MATRIX[state])
                    walks[state][customer, to] += 1
                    state = ("view", "cart", "exit")[to]
        for state, shares in MATRIX.items():
            for to, share in enumerate(shares):
                if 0 < share < 1:
                    row = clustered_share(sums(walks[state][:, to], walks[state].sum(1))).iloc[0]
                    inside, total = inside + int(row["low"] <= share <= row["high"]), total + 1
    return inside, total


def test_a_planted_transition_matrix_lies_inside_its_intervals() -> None:
    """Of eight shares in each of five planted studies about 95 % are inside."""
    inside, total = covered(5)

    assert inside / total >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / total)


@pytest.mark.long
def test_intervals_cover_the_planted_matrix_in_the_long_run() -> None:
    """Of 4,000 intervals 94 % or more hold the planted share, and not all of them."""
    inside, total = covered(500)

    assert 0.94 <= inside / total <= 0.985
