"""Surveys: scales that are found, straight lines by chance, and weights that reproduce everybody."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.survey import collapsed, effective_n, guess_scale, rake, straight_by_chance


@pytest.mark.parametrize(
    ("answers", "scale"),
    [
        ({0: 5, 1: 9}, (0, 1)),
        ({1: 5, 2: 3, 5: 9}, (1, 5)),
        ({1: 5, 7: 9}, (1, 7)),
        ({0: 1, 9: 5, 10: 9}, (0, 10)),
        ({1: 40, 5: 48, 99: 12}, (1, 5)),
        ({1: 97, 5: 97, 6: 6}, (1, 5)),
        ({-3.5: 1, 250: 9}, (-3.5, 250.0)),
    ],
)
def test_the_scale_of_an_item_is_found(answers: dict[float, int], scale: tuple[float, float]):
    """The shortest of the usual scales that holds nearly all answers."""
    assert guess_scale(pd.Series({float(answer): n for answer, n in answers.items()})) == scale


def test_straight_lines_by_chance_are_those_of_shuffled_answers():
    """Shuffle each item alone, many times, and count the straight lines that are left."""
    rng = np.random.default_rng(1)
    answers = pd.DataFrame({item: rng.choice([1, 2, 3], 400, p=[0.5, 0.3, 0.2]) for item in "abc"})
    shuffled = [np.column_stack([rng.permutation(answers[item]) for item in "abc"]) for _ in range(200)]
    seen = np.mean([(np.ptp(rows, axis=1) == 0).mean() for rows in shuffled])

    assert straight_by_chance(answers) == pytest.approx(seen, abs=0.003)


def respondents(seed: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """People who answered, and the shares of everybody."""
    rng = np.random.default_rng(seed)
    groups = pd.DataFrame(
        {"age": rng.choice(["young", "old"], 300, p=[0.2, 0.8]), "place": rng.choice(list("xyz"), 300)}
    )
    return groups, {"age": {"young": 0.5, "old": 0.5}, "place": {"x": 0.5, "y": 0.3, "z": 0.2}}


def test_D4_weights_reproduce_the_margins():
    """Every weighted share is that of everybody, to nine digits."""
    groups, margins = respondents(1)
    weights = pd.Series(rake(groups, margins))
    for name, shares in margins.items():
        reached = weights.groupby(groups[name]).sum() / weights.sum()

        assert reached.to_dict() == pytest.approx(shares, abs=1e-9)


def test_weights_change_margins_and_nothing_else():
    """Raking keeps the odds ratios: each weight is a product of one factor per group (Deming and Stephan 1940)."""
    groups, margins = respondents(2)
    weight = pd.Series(rake(groups, margins)).groupby([groups["age"], groups["place"]]).first()

    assert weight["old", "x"] * weight["young", "y"] == pytest.approx(weight["old", "y"] * weight["young", "x"])


def test_equal_weights_lose_no_answers():
    """Kish: equal weights keep n, unequal ones lose."""
    assert effective_n(np.ones(50)) == 50
    assert effective_n(np.r_[np.ones(25), 3 * np.ones(25)]) == pytest.approx(40)


def test_small_levels_are_joined():
    """Three respondents of a kind are too few to carry a weight."""
    assert collapsed(pd.Series(["a", "b", "c"]), {"a": 10, "b": 9, "c": 0}, 10).tolist() == ["a", "other", "other"]
