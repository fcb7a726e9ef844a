"""A shallow tree as rules: disjoint, complete, rounded, and honest about what it misses."""

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from seglib.methods.rule_text import Compare
from seglib.methods.rules import inside, lint
from seglib.methods.surrogate import surrogate


def draw(rows=900, seed=0):
    """Three criteria and a label that two of them make."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=rows), "b": rng.integers(0, 9, rows), "c": rng.normal(size=rows)})
    return frame, pd.Series(np.where(frame["a"] > 0.5, 1, np.where(frame["b"] > 4, 2, 3)))


def test_planted_limits_are_found():
    """Two questions suffice, and the whole number is split between four and five."""
    frame, labels = draw()
    found = surrogate(frame, labels, {})

    assert found.fidelity > 0.98
    assert "sign='>', value=4.0" in str(found.rules[2])


def test_the_rules_are_disjoint_and_complete():
    """Every row has exactly one label, rows with gaps too; the linter proves it."""
    frame, labels = draw()
    holes = frame.assign(a=frame["a"].where(np.arange(900) % 7 > 0))
    found = surrogate(holes, labels, {"a": 0.1, "b": 3.0, "c": 0.0})

    assert (inside(holes, list(found.rules.values())).sum(axis=1) == 1).all()
    assert lint({str(label): node for label, node in found.rules.items()}).empty


def test_a_question_that_changes_nothing_is_not_asked():
    """One criterion makes the label, so every rule is a single comparison."""
    frame, _ = draw()
    found = surrogate(frame, pd.Series(np.where(frame["b"] > 4, 1, 2)), {})

    assert found.rules == {1: Compare("b", ">", 4.0), 2: Compare("b", "<=", 4.0)}


def test_rounding_costs_nothing_that_matters():
    """Against the best unrounded tree of scikit-learn of the same depths, on the same rows."""
    frame, labels = draw(seed=2)
    found = surrogate(frame, labels, {})
    out = np.arange(900) % 3 == 2
    trees = [DecisionTreeClassifier(max_depth=depth, min_samples_leaf=6, random_state=0) for depth in (2, 3, 4)]
    fitted = [tree.fit(frame[~out].to_numpy(), labels[~out]) for tree in trees]

    assert found.fidelity > max(tree.score(frame[out].to_numpy(), labels[out]) for tree in fitted) - 0.01


def test_a_label_that_no_leaf_gives_is_missing_and_said():
    """Two customers of 900 are too few for a leaf."""
    frame, labels = draw()
    rare = labels.where(~labels.index.isin([2, 5]), 4)
    found = surrogate(frame, rare, {})

    assert 4 not in found.rules
    assert found.by_label.set_index("label").loc[4, "found"] == 0
