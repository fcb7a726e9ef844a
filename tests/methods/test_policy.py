"""What a rule per segment is worth on customers that did not choose it."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.policy import GAIN, ONE_FOR_ALL, PER_SEGMENT, policies, value_of


def planted(draw: np.random.Generator, means: dict[tuple[int, str], float], n: int = 900) -> pd.DataFrame:
    """Customers of two segments dealt to three arms, whose value has the planted mean and deviation 1."""
    rows = pd.DataFrame({"segment": np.arange(n) % 2 + 1, "arm": np.array(["none", "a", "b"])[np.arange(n) // 2 % 3]})
    mean = [means.get((s, a), 0.0) for s, a in zip(rows["segment"], rows["arm"], strict=True)]
    return rows.assign(value=np.array(mean) + draw.normal(0, 1, n))


def test_a_planted_difference_between_segments_is_worth_its_share() -> None:
    """Arm a earns 1 in segment 1 only, arm b in segment 2 only: one for all earns 0.5, per segment 1."""
    rows = planted(np.random.default_rng(0), {(1, "a"): 1.0, (2, "b"): 1.0})
    found = policies(rows, "none", seed=0).set_index("policy")

    assert found.loc[PER_SEGMENT, "low"] < 1.0 < found.loc[PER_SEGMENT, "high"]
    assert found.loc[ONE_FOR_ALL, "low"] < 0.5 < found.loc[ONE_FOR_ALL, "high"]
    assert found.loc[GAIN, "low"] > 0


def test_where_no_arm_does_anything_a_rule_promises_nothing() -> None:
    """Over twelve draws the held-out value of the chosen rule is zero on average, though the best was chosen."""
    draw = np.random.default_rng(1)
    found = [policies(planted(draw, {}, 180), "none", seed=s).set_index("policy")["value"] for s in range(12)]
    values = pd.DataFrame(found)[PER_SEGMENT]

    assert abs(values.mean()) < 3 * values.std() / 12**0.5


def test_the_value_of_a_rule_is_the_weighted_difference_of_means() -> None:
    """Three in four customers are in segment 1, where the arm adds 2."""
    rows = pd.DataFrame({"segment": [1] * 6 + [2] * 2, "arm": ["a", "none"] * 4, "value": [3.0, 1, 3, 1, 3, 1, 7, 7]})
    value, error = value_of(rows, {1: "a", 2: "none"}, {1: "none", 2: "none"})

    assert (value, error) == (pytest.approx(1.5), 0.0)
