"""Tables of rules: name every row, prove that each case is named exactly once, compare two tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.methods.rule_text import Bools, Compare, Missing, Node, Value, atoms, holds, parse

Table: TypeAlias = Mapping[str, str]
Trees: TypeAlias = Mapping[str, Node]
Point: TypeAlias = tuple[str, Value | None]

OTHERS = "Others"
CELLS_MAX = 200_000
FINDINGS = ("uncovered", "overlapping", "unreachable")


@dataclass(frozen=True)
class Domain:
    """What values a column can have.

    Parameters
    ----------
    values : tuple of float or str
        All of them, where they can be listed; else ``low`` counts.
    low : float
        The lowest possible number.
    whole : bool
        Whether it has whole numbers only.
    may_miss : bool
        Whether a value can be missing.
    """

    values: tuple[Value, ...] = ()
    low: float = -np.inf
    whole: bool = False
    may_miss: bool = True


def read(rules: Table, place: str = "plan.yml") -> dict[str, Node]:
    """Read every rule of a table; one refusal names them all.

    Parameters
    ----------
    rules : mapping from name to rule text
        The first rule that holds wins.
    place : str
        Where the table stands.

    Raises
    ------
    InputRefused
        P08, one finding per rule that is not understood.

    Examples
    --------
    >>> list(read({"Good": "order_count > 3"}))
    ['Good']
    """
    trees: dict[str, Node] = {}
    wrong: list[Finding] = []
    for name, text in rules.items():
        try:
            trees[name] = parse(text, f"{place}.{name}")
        except InputRefused as refused:
            wrong += refused.findings
    if wrong:
        raise InputRefused(wrong)
    return trees


def label(frame: pd.DataFrame, rules: Table) -> pd.Series[str]:
    """Name each row after the first rule that holds.

    Parameters
    ----------
    frame : DataFrame
        With every column that the rules name.
    rules : mapping from name to rule text

    Returns
    -------
    Series of str, named ``segment``
        ``Others`` where no rule holds.

    Examples
    --------
    >>> label(pd.DataFrame({"orders": [1, 9]}), {"Frequent": "orders > 5"}).tolist()
    ['Others', 'Frequent']
    """
    claimed = inside(frame, list(read(rules).values()))
    names = np.array([*rules, OTHERS], dtype=object)
    return pd.Series(names[_first(claimed)], index=frame.index, name="segment", dtype="str")


def inside(frame: pd.DataFrame, trees: Sequence[Node]) -> Bools:
    """Say for each row (row) whether each rule (column) holds.

    Examples
    --------
    >>> inside(pd.DataFrame({"x": [1, 3]}), [parse("x > 2"), parse("x > 0")]).tolist()
    [[False, True], [True, True]]
    """
    return np.column_stack([holds(tree, frame) for tree in trees]) if trees else np.zeros((len(frame), 0), dtype=bool)


def lint(rules: Table | Trees, domains: Mapping[str, Domain] | None = None) -> pd.DataFrame:
    """Find the cases that no rule or several rules claim, and rules that can never apply.

    Every number that a rule compares with splits its column; within one cell of the splits all rules say the same. So
    looking at one case of each cell is a proof, not a sample.

    Parameters
    ----------
    rules : mapping from name to rule text or tree
    domains : mapping from column to Domain, optional
        What values can occur; any number and missing when omitted.

    Returns
    -------
    DataFrame with finding, cell, rules
        ``uncovered`` and ``overlapping`` with a cell, ``unreachable`` with a rule whose every cell an earlier rule
        takes. Empty when the rules are disjoint and complete.

    Raises
    ------
    InputRefused
        P08, when there are more than 200,000 cells.

    Examples
    --------
    >>> lint({"Low": "orders < 3", "High": "orders >= 3"}, {"orders": Domain(may_miss=False)}).empty
    True
    >>> lint({"Low": "orders < 3", "High": "orders > 3"}, {"orders": Domain(low=0, whole=True, may_miss=False)}).cell[0]
    'orders = 3'
    """
    trees = {name: parse(rule) if isinstance(rule, str) else rule for name, rule in rules.items()}
    points = _points(list(trees.values()), domains or {})
    size = prod(map(len, points.values()))
    if size > CELLS_MAX:
        found = f"{size:,} cells, limit {CELLS_MAX:,}"
        raise InputRefused(Finding("P08", "too many cases to check", found=found, do="compare fewer columns"))
    cells = list(product(*points.values()))
    values = {name: [cell[i][1] for cell in cells] for i, name in enumerate(points)}
    claimed = inside(pd.DataFrame(values, index=range(size)), list(trees.values()))
    rows = [_finding(cell, claims, tuple(trees)) for cell, claims in zip(cells, claimed, strict=True)]
    winners = set(_first(claimed))
    unreachable = [("unreachable", "", name) for i, name in enumerate(trees) if i not in winners]
    return pd.DataFrame([row for row in rows if row] + unreachable, columns=["finding", "cell", "rules"])


def sound(rules: Table, domains: Mapping[str, Domain] | None, place: str) -> None:
    """Refuse a table that is not disjoint and complete.

    Raises
    ------
    InputRefused
        P08, one finding per kind with the number of cells and the first of them.

    Examples
    --------
    >>> sound({"Low": "orders < 3"}, {"orders": Domain(may_miss=False)}, "plan.yml")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P08 uncovered cells - plan.yml - found: 2, such as orders = 3 - do: ...
    """
    found = lint(rules, domains)
    remedies = {
        "uncovered": "add a rule for them",
        "overlapping": "let one rule claim each",
        "unreachable": "leave the rule out, or move it up",
    }
    findings = []
    for kind in FINDINGS:
        rows = found[found["finding"] == kind]
        if len(rows):
            first = rows["rules"].iloc[0] if kind == "unreachable" else rows["cell"].iloc[0]
            what = f"{kind} {'rules' if kind == 'unreachable' else 'cells'}"
            findings.append(Finding("P08", what, place, found=f"{len(rows)}, such as {first}", do=remedies[kind]))
    if findings:
        raise InputRefused(findings)


def diff(before: Table, now: Table) -> pd.DataFrame:
    """Compare two tables of rules.

    Returns
    -------
    DataFrame with rule, change, before, now
        change: same, new, gone, changed. Two texts with the same tree are the same rule.

    Examples
    --------
    >>> diff({"A": "x > 1", "B": "x<1"}, {"A": "x > 2", "B": "x < 1", "C": "x = 1"})["change"].tolist()
    ['changed', 'same', 'new']
    """
    rows = []
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name, ""), now.get(name, "")
        change = "new" if not old else "gone" if not new else "same" if parse(old) == parse(new) else "changed"
        rows.append((name, change, old, new))
    return pd.DataFrame(rows, columns=["rule", "change", "before", "now"])


def _first(claimed: Bools) -> Any:
    """Return the place of the first rule that holds, the number of rules where none does."""
    return np.column_stack([claimed, np.ones(len(claimed), dtype=bool)]).argmax(axis=1)


def _points(trees: Sequence[Node], domains: Mapping[str, Domain]) -> dict[str, list[Point]]:
    """Choose one case of every cell into which the rules split each column."""
    found: dict[str, list[Compare | Missing]] = {}
    for atom in (atom for tree in trees for atom in atoms(tree)):
        found.setdefault(atom.name, []).append(atom)
    listed = [name for name, domain in domains.items() if domain.values]
    names = dict.fromkeys([*listed, *found])
    return {name: _column(name, found.get(name, []), domains.get(name, Domain())) for name in names}


def _column(name: str, compared: Sequence[Compare | Missing], domain: Domain) -> list[Point]:
    values = {atom.value for atom in compared if isinstance(atom, Compare)}
    cuts = sorted(value for value in values if not isinstance(value, str))
    words = sorted(value for value in values if isinstance(value, str))
    points: list[Point] = [(f"{value:g}" if isinstance(value, float) else value, value) for value in domain.values]
    if not points and words:
        points = [*((f"{name} = '{word}'", word) for word in words), (f"{name} another word", "".join(words) + "?")]
    elif not points:
        points = _numbers(name, cuts, domain)
    return [*points, (f"{name} missing", None)] if domain.may_miss and not domain.values else points


def _numbers(name: str, cuts: Sequence[float], domain: Domain) -> list[Point]:
    if not cuts:
        return [(f"{name} any", max(domain.low, 0.0))]
    below = domain.low if np.isfinite(domain.low) else np.floor(cuts[0]) - 1
    points: list[Point] = [(f"{name} < {cuts[0]:g}", below)] if below < cuts[0] else []
    for cut, after in pairwise([*cuts, np.inf]):
        points.append((f"{name} = {cut:g}", cut))
        if after == np.inf:
            points.append((f"{name} > {cut:g}", np.floor(cut) + 1))
        elif not domain.whole or np.floor(cut) + 1 < after:
            between = np.floor(cut) + 1 if domain.whole else (cut + after) / 2
            points.append((f"{name} between {cut:g} and {after:g}", between))
    if domain.whole:
        points = [point for point in points if float(point[1] or 0).is_integer()]
    return [point for point in points if float(point[1] or 0) >= domain.low]


def _finding(cell: Sequence[Point], claims: Bools, names: Sequence[str]) -> tuple[str, str, str] | None:
    count = int(claims.sum())
    if count == 1:
        return None
    listed = all(" " not in point[0] for point in cell)
    where = ("-" if listed else ", ").join(point[0] for point in cell)
    said = ", ".join(name for name, claimed in zip(names, claims, strict=True) if claimed)
    return "overlapping" if count else "uncovered", where, said
