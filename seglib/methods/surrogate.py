"""A shallow tree that repeats a division in a few yes-or-no questions, written as rules, with its fidelity."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from seglib.core.steady import steady_frame
from seglib.methods.rates import wilson
from seglib.methods.rule_text import Bools, Compare, Every, Missing, Node, Some, atoms
from seglib.methods.rules import inside

Kind = tuple[int, str, str | None]
KINDS: tuple[Kind, ...] = tuple(product((2, 3, 4), ("gini", "entropy"), (None, "balanced")))
PARTS = 3  # one to learn from, one to choose the depth with, one to measure the fidelity on
LEAF_ROWS = 5
DIGITS = 3
LEAF_SHARE = 0.01
Bound = tuple[float | None, float | None]


@dataclass(frozen=True)
class Surrogate:
    """What the tree says, and how often it is right.

    Parameters
    ----------
    rules : dict from label to tree of comparisons
        Disjoint and complete; a label that the tree never gives is not there.
    depth : int
        Questions on the longest way.
    fidelity, low, high : float
        Share of held-out rows that get the label which they have, and its interval (Wilson, 95 %).
    held_out : int
        Rows on which that was measured.
    by_label : DataFrame
        label, n, found (share of the held-out rows of the label that get it), right (share of those who get it).
    """

    rules: dict[int, Node]
    depth: int
    fidelity: float
    low: float
    high: float
    held_out: int
    by_label: pd.DataFrame


def surrogate(frame: pd.DataFrame, labels: pd.Series[Any], fill: dict[str, float]) -> Surrogate:
    """Learn the tree that says most with the fewest comparisons.

    Parameters
    ----------
    frame : DataFrame of numbers, shape (n, p)
        In their own units, in random order; a third chooses the depth, another is held out for the fidelity.
    labels : Series of int, shape (n,)
    fill : dict from column to float
        What stands for a missing value.

    Returns
    -------
    Surrogate
        Of the trees tried (depth 2 to 4, two measures of purity, segments weighted by size or equally) the one with
        the fewest comparisons among those whose fidelity is within one standard error of the best (Breiman et al. 1984,
        section 3.4.3). Limits are rounded to three digits before the fidelity is measured.

    Examples
    --------
    >>> frame = pd.DataFrame({"order_count": [1, 2, 3, 8, 9, 7] * 9})
    >>> found = surrogate(frame, pd.Series([2, 2, 2, 1, 1, 1] * 9), {"order_count": 3.0})
    >>> found.fidelity, found.rules[1]
    (1.0, Compare(name='order_count', sign='>', value=5.0))
    """
    frame, part = steady_frame(frame), np.arange(len(frame)) % PARTS
    tried = {kind: _grow(frame, labels, fill, part == 0, part == 1, kind) for kind in KINDS}
    best = max(each.fidelity for each in tried.values())
    error = float(np.sqrt(best * (1 - best) / max(int((part == 1).sum()), 1)))
    good = [kind for kind in KINDS if tried[kind].fidelity >= best - error]
    shortest = min(good, key=lambda kind: (_length(tried[kind]), -tried[kind].fidelity))
    return _grow(frame, labels, fill, part != PARTS - 1, part == PARTS - 1, shortest)


def _length(found: Surrogate) -> int:
    return sum(1 for node in found.rules.values() for _ in atoms(node))


def _grow(
    frame: pd.DataFrame, labels: pd.Series[Any], fill: dict[str, float], learn: Bools, out: Bools, kind: Kind
) -> Surrogate:
    filled = frame.fillna(fill).astype("float64")
    leaf = max(LEAF_ROWS, round(LEAF_SHARE * int(learn.sum())))
    depth, purity, weight = kind
    tree = DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=leaf, criterion=purity, class_weight=weight, random_state=0
    )
    tree.fit(filled[learn].to_numpy(), labels[learn])
    rules = _rules(tree, list(frame.columns), fill, _whole(frame))
    names = np.array(list(rules))
    given = names[inside(frame[out], list(rules.values())).argmax(axis=1)]
    truth = labels[out].to_numpy()
    right = int((given == truth).sum())
    low, high = wilson(right, len(truth))
    fidelity = right / len(truth)
    return Surrogate(rules, tree.get_depth(), fidelity, float(low), float(high), len(truth), _by(given, truth))


def _whole(frame: pd.DataFrame) -> dict[str, bool]:
    return {str(name): bool((frame[name].dropna() % 1 == 0).all()) for name in frame}


def _by(given: npt.NDArray[Any], truth: npt.NDArray[Any]) -> pd.DataFrame:
    rows = []
    for name in sorted(set(truth)):
        both, here, told = ((truth == name) & (given == name)).sum(), (truth == name).sum(), (given == name).sum()
        rows.append((int(name), int(here), both / here, both / told if told else np.nan))
    return pd.DataFrame(rows, columns=["label", "n", "found", "right"])


def _rules(tree: Any, names: list[str], fill: dict[str, float], whole: dict[str, bool]) -> dict[int, Node]:
    """Walk from the root to every leaf; the leaves of a label make its rule."""
    leaves: dict[int, list[Node]] = {}
    inner = tree.tree_

    def given(node: int) -> set[int]:
        if inner.children_left[node] < 0:
            return {int(tree.classes_[inner.value[node].argmax()])}
        return given(inner.children_left[node]) | given(inner.children_right[node])

    def walk(node: int, bounds: dict[str, Bound]) -> None:
        answers = given(node)
        if len(answers) == 1:  # a question that changes nothing is not asked
            leaves.setdefault(answers.pop(), []).append(_box(bounds, fill))
            return
        name = names[inner.feature[node]]
        limit = _rounded(float(inner.threshold[node]), whole[name])
        low, high = bounds.get(name, (None, None))
        walk(inner.children_left[node], bounds | {name: (low, limit if high is None else min(high, limit))})
        walk(inner.children_right[node], bounds | {name: (limit if low is None else max(low, limit), high)})

    walk(0, {})
    return {label: parts[0] if len(parts) == 1 else Some(tuple(parts)) for label, parts in sorted(leaves.items())}


def _rounded(limit: float, whole: bool) -> float:
    """Round a limit for people; between two whole numbers the lower one says the same."""
    rounded = float(f"{limit:.{DIGITS}g}")
    return float(np.floor(limit)) if whole and limit < 10**DIGITS else float(np.floor(rounded)) if whole else rounded


def _box(bounds: dict[str, Bound], fill: dict[str, float]) -> Node:
    """Write the bounds of a leaf; a missing value goes where its stand-in goes."""
    parts: list[Node] = []
    for name, (low, high) in bounds.items():
        box: list[Node] = [] if low is None else [Compare(name, ">", low)]
        box += [] if high is None else [Compare(name, "<=", high)]
        one = box[0] if len(box) == 1 else Every(tuple(box))
        here = name in fill and (low is None or fill[name] > low) and (high is None or fill[name] <= high)
        parts.append(Some((one, Missing(name))) if here else one)
    return parts[0] if len(parts) == 1 else Every(tuple(parts))
