"""Two layers: small cells are merged by the stated rule, and nobody vanishes."""

from itertools import product

import numpy as np
import pandas as pd

from seglib.methods.layers import layer

TIERS = ["low", "middle", "high"]


def counts(rows):
    """One row per need, one column per tier, as a long frame."""
    pairs = product(rows, range(3))
    return pd.DataFrame([(need, TIERS[i], rows[need][i]) for need, i in pairs], columns=["need", "value", "customers"])


def test_C6_large_cells_stay_as_they_are():
    """Nothing is merged above the floor."""
    found = layer(counts({"A": [20, 30, 40]}), TIERS, 20)

    assert found.groups["group"].tolist() == ["A: low", "A: middle", "A: high"]
    assert found.cells["alone"].all()


def test_C6_a_small_cell_joins_its_smaller_neighbour():
    """The middle tier has two neighbours, the high one a single one."""
    found = layer(counts({"A": [50, 4, 30], "B": [90, 25, 3]}), TIERS, 20)

    assert found.groups[["group", "customers"]].to_numpy().tolist() == [
        ["A: low", 50],
        ["A: middle to high", 34],
        ["B: low", 90],
        ["B: middle to high", 28],
    ]


def test_C6_a_small_need_joins_the_smallest_other_need():
    """Nine customers in all cannot be a group, so they go with B."""
    found = layer(counts({"A": [50, 40, 60], "B": [30, 0, 22], "C": [5, 1, 3]}), TIERS, 20)
    place = found.cells.set_index(["need", "value"])["merged"]

    assert place["C", "low"] == place["B", "low"] == "B and C: low"
    assert place["C", "middle"] == place["C", "high"] == "B and C: middle to high"
    assert found.groups["large"].all()


def test_C6_too_few_customers_in_all_are_one_small_group():
    """Seven customers are kept, and said to be too few."""
    found = layer(counts({"A": [1, 0, 2], "B": [4, 0, 0]}), TIERS, 20)

    assert found.groups[["customers", "large"]].to_numpy().tolist() == [[7, False]]


def test_C6_nobody_vanishes_in_60_random_tables():
    """Every customer is in exactly one group, and every group reaches the floor if all customers together do."""
    rng = np.random.default_rng(6)
    for _ in range(60):
        rows = {name: rng.integers(0, 40, 3).tolist() for name in "ABCDE"[: rng.integers(1, 6)]}
        table = counts(rows)
        found = layer(table, TIERS, 20)
        groups = found.groups.set_index("group")["customers"]
        by_group = found.cells.groupby("merged")["customers"].sum()

        assert found.groups["customers"].sum() == table["customers"].sum()
        assert by_group.to_dict() == groups[groups > 0].to_dict()
        assert found.groups["large"].all() or table["customers"].sum() < 20
