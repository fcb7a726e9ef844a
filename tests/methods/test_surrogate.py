"""A shallow tree as rules: disjoint, complete, rounded, and honest about what it misses."""

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

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

    assert found.depth == 2
    assert found.fidelity > 0.98
    assert "sign='>', value=4.0" in str(found.rules[2])


def test_the_rules_are_disjoint_and_complete():
    """Every row has exactly one label, rows with gaps too; the linter proves it."""
    frame, labels = draw()
    holes = frame.assign(a=frame["a"].where(np.arange(900) % 7 > 0))
    found = surrogate(holes, labels, {"a": 0.1, "b": 3.0, "c": 0.0})

    assert (inside(holes, list(found.rules.values())).sum(axis=1) == 1).all()
    assert lint({str(label): node for label, node in found.rules.items()}).empty


def test_rounding_costs_nothing_that_matters():
    """Against the unrounded tree of scikit-learn on the same rows."""
    frame, labels = draw(seed=2)
    found = surrogate(frame, labels, {})
    out = np.arange(900) % 3 == 2
    tree = DecisionTreeClassifier(max_depth=found.depth, min_samples_leaf=6, random_state=0)
    plain = tree.fit(frame[~out].to_numpy(), labels[~out]).score(frame[out].to_numpy(), labels[out])

    assert abs(plain - found.fidelity) < 0.01


def test_a_label_that_no_leaf_gives_is_missing_and_said():
    """Two customers of 900 are too few for a leaf."""
    frame, labels = draw()
    rare = labels.where(~labels.index.isin([2, 5]), 4)
    found = surrogate(frame, rare, {})

    assert 4 not in found.rules
    assert found.by_label.set_index("label").loc[4, "found"] == 0
