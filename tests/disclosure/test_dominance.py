"""The p % rule: what somebody with the second largest amount could tell of the largest, by brute force."""

import numpy as np
import pandas as pd

from seglib.disclosure.dominance import NEAR, dominated, largest_two, untold


def told_apart(amounts: list[float], total: float) -> bool:
    """Whether the second largest customer, from a sum of amounts, tells the largest within a tenth."""
    *_, second, first = sorted([0.0, 0.0, *amounts])
    at_most = total - second  # what is left for the largest, were all others to pay nothing
    return at_most < (1 + NEAR) * first


def test_V27_nobody_tells_the_largest_amount_from_what_stays_unsaid() -> None:
    """Heavy tails, 2 to 7 groups: what stays unsaid follows from the whole and the rest, and gives nobody away."""
    kinds = set()
    for seed in range(300):
        rng = np.random.default_rng(seed)
        group = pd.Series(rng.integers(0, rng.integers(2, 8), 60))
        amounts = pd.Series(np.round(rng.pareto(rng.uniform(0.3, 1.5), 60) * 100 + 1))
        hidden = untold(largest_two(amounts, group))
        unsaid = amounts[group.map(hidden)]
        kinds.add("all" if hidden.all() else "some" if hidden.any() else "none")

        for one in hidden.index[~hidden]:
            assert not told_apart(amounts[group == one].tolist(), amounts[group == one].sum())
        assert hidden.all() or unsaid.empty or not told_apart(unsaid.tolist(), unsaid.sum())
        assert hidden.sum() != 1
    assert kinds == {"all", "some", "none"}


def test_V27_ordinary_shops_show_everything() -> None:
    """Log-normal spending of some hundred customers in five groups is told in full."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        amounts = pd.Series(rng.lognormal(4, 1.2, 500))
        assert not untold(largest_two(amounts, pd.Series(rng.integers(0, 5, 500)))).any()


def test_a_group_without_money_gives_nobody_away() -> None:
    """Nothing was spent, so there is nobody to tell."""
    parts = pd.DataFrame({"total": [0.0, 50.0], "first": [0.0, 10.0], "second": [0.0, 9.0]})

    assert untold(parts).tolist() == [False, False]
    assert not dominated(parts.iloc[:1])


def test_one_buyer_takes_the_smallest_group_that_is_enough_along() -> None:
    """The group of a single buyer stays unsaid together with the smallest group that protects it."""
    rows = [(100.0, 100.0, 0.0), (9.0, 2.0, 2.0), (60.0, 5.0, 5.0), (900.0, 8.0, 8.0)]
    parts = pd.DataFrame(rows, columns=["total", "first", "second"])

    assert untold(parts).tolist() == [True, False, True, False]
