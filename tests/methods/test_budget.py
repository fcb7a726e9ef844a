"""Money goes where it surely pays, and the division is the best there is."""

import itertools

import numpy as np
import pandas as pd
import pytest

from seglib.methods.budget import allocate
from seglib.methods.priority import call_list


def random_groups(seed: int) -> pd.DataFrame:
    """Five groups, some of which may be harmed, one of which may be a test."""
    rng = np.random.default_rng(seed)
    low = rng.normal(1, 2, 5)
    rows = {"customers": rng.integers(1, 6, 5), "cost": 1.0, "low": low, "expected": low + 1}
    return pd.DataFrame(rows).assign(is_test=rng.random(5) < 0.2)


@pytest.mark.parametrize("seed", range(8))
def test_A5_no_other_division_is_surely_better(seed: int) -> None:
    """Against all divisions in whole contacts, by brute force."""
    groups = random_groups(seed).assign(is_test=False)
    found = allocate(groups, 8.0)
    gains = (groups["low"] - groups["cost"]).to_numpy()
    every = itertools.product(*(range(n + 1) for n in groups["customers"]))
    best = max(float(np.dot(counts, gains)) for counts in every if sum(counts) <= 8)

    assert found["sure"].sum() == pytest.approx(best)
    assert found["sure"].sum() >= found["equal_sure"].sum()


@pytest.mark.parametrize("seed", range(8))
def test_A5_nothing_for_a_group_that_may_be_harmed_unless_it_is_a_test(seed: int) -> None:
    """A low end below the cost gets nothing; a test gets at most the least."""
    groups = random_groups(seed)
    found = allocate(groups, 10.0, share_min=0.1)
    doubtful = groups["low"] <= groups["cost"]

    assert (found.loc[doubtful & ~groups["is_test"], "spent"] == 0).all()
    assert (found.loc[doubtful & groups["is_test"], "spent"] <= 1.0).all()
    assert found["spent"].sum() <= 10 + 1e-9


def test_floors_and_caps_hold() -> None:
    """Of 100, each proven group gets at least 20 and at most 50."""
    groups = pd.DataFrame({"customers": [200, 200, 200], "cost": 1.0, "low": [9.0, 5.0, 2.0], "expected": 9.0})
    found = allocate(groups.assign(is_test=False), 100.0, share_min=0.2, share_max=0.5)

    assert found["spent"].tolist() == pytest.approx([50, 30, 20])


def test_a_group_without_a_measured_effect_gets_nothing() -> None:
    """Not measured is not proven."""
    groups = pd.DataFrame({"customers": [10], "cost": [1.0], "low": [np.nan], "expected": [np.nan]})

    assert allocate(groups.assign(is_test=False), 10.0)["spent"].tolist() == [0.0]


def test_A3_the_list_adds_more_than_any_list_by_revenue_or_recency() -> None:
    """Planted: the effect is large where revenue is small. Every list of ten adds less than the chosen one."""
    rng = np.random.default_rng(3)
    people = pd.DataFrame({"customer": [f"c{n:02d}" for n in range(60)], "margin_minor": rng.gamma(2, 500, 60)})
    people = people.assign(
        effect_share=0.3 / (1 + people["margin_minor"] / 500) ** 2, cost_minor=5.0, days=rng.permutation(60)
    )
    gain = people["effect_share"] * people["margin_minor"] - people["cost_minor"]
    chosen = call_list(people, 10)["expected_minor"].sum()

    assert chosen > gain[people["margin_minor"].nlargest(10).index].sum()
    assert chosen > gain[people["days"].nsmallest(10).index].sum()
    assert chosen == pytest.approx(gain.nlargest(10).sum())


def test_A3_ties_go_to_the_first_customer_whatever_the_order() -> None:
    """Equal expectations, shuffled rows, the same list; nobody is called at a loss."""
    rows = pd.DataFrame({"customer": list("cab"), "effect_share": 0.1, "margin_minor": 100.0, "cost_minor": 1.0})
    loss = pd.DataFrame({"customer": ["z"], "effect_share": 0.1, "margin_minor": 5.0, "cost_minor": 1.0})

    assert call_list(pd.concat([rows, loss]), 2)["customer"].tolist() == ["a", "b"]
    assert len(call_list(pd.concat([rows, loss]), 9)) == 3
