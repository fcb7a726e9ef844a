"""What happens to a chosen criterion that is not known for everybody, or the same for all: a rule and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.criteria.criterion import Clock, Criterion, Expression
from seglib.methods.present import percent
from seglib.methods.shares import bounded

if TYPE_CHECKING:
    import pandas as pd

Rule = Literal["median", "flag", "leave_out"]
MISSING_SHARE_MAX = 0.3  # with more gaps than this the median would describe mostly nobody
FLAG = "_known_flag"
SAID = {
    "median": "the median stands in",
    "flag": "the median stands in, and a criterion of its own says who is known",
    "leave_out": "left out of the segments",
}


def flags(criteria: Sequence[Criterion], rules: Mapping[str, Rule]) -> tuple[Criterion, ...]:
    """Make a yes-or-no criterion for each one whose gaps are to be flagged.

    Raises
    ------
    InputRefused
        P05, when the plan has a rule for a criterion that is not there.
    """
    there = {criterion.name: criterion for criterion in criteria}
    findings = [
        Finding("P05", f"no criterion called '{name}'", "plan.yml, criteria.gaps", do=nearest(name, there))
        for name in rules
        if name not in there
    ]
    if findings:
        raise InputRefused(findings)
    return tuple(_flag(there[name]) for name, rule in rules.items() if rule == "flag")


def _flag(of: Criterion) -> Criterion:
    meaning = f"Whether this is known: {of.meaning[0].lower()}{of.meaning[1:]}"
    return Criterion(
        f"{of.name}{FLAG}",
        of.family,
        "1 is yes",
        meaning,
        "values",
        _known(of.name),
        whole=True,
        level=of.level,
        follows=of.follows,
    )


def _known(name: str) -> Expression:
    def value(t: Any, _: Clock) -> Any:
        return t[name].notnull().cast("int64")

    return value


def usable(
    use: Sequence[str], facts: pd.Series[Any], rules: Mapping[str, Rule], asked: Sequence[str], floor: int = 2
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Choose among the criteria those that can make segments, and say what was done about the others.

    Parameters
    ----------
    use : sequence of str
        Names of numbers.
    facts : Series
        ``customers``; per criterion its name (customers for whom it is known), ``<name> least`` and ``<name> most``.
    rules : mapping
        ``criteria.gaps`` of the plan. Without a rule the median stands in up to 30 % of gaps; with more of them a
        default criterion is left out, and one that the plan asks for is refused.
    asked : sequence of str
        The names that the plan asks for.
    floor : int
        Smallest number of customers that may be told.

    Returns
    -------
    (tuple of str, tuple of str)
        The criteria to use, and one sentence for each that has gaps or is left out.

    Raises
    ------
    InputRefused
        V21, when one that is asked for is not known for anybody; V22, when it has many gaps and no rule; V24, when
        all customers look alike in everything that is left.
    """
    findings, kept, said = [], [], []
    for name in use:
        gap = 1 - int(facts[name]) / int(facts["customers"])
        rule = rules.get(name) or ("median" if gap <= MISSING_SHARE_MAX else "leave_out")
        if name in asked and (gap == 1 or (rule == "leave_out" and name not in rules)):
            findings.append(_refusal(name, gap))
        elif gap == 1:
            said.append(f"{name} is not known for anybody, so it is left out of the segments.")
        elif facts[f"{name} least"] == facts[f"{name} most"]:
            said.append(f"All customers look alike in {name}, so it is left out of the segments.")
        else:
            kept += [] if rule == "leave_out" else [name]
            said += [f"{name} is not known for {_said(gap, facts, floor)} of customers: {SAID[rule]}."] if gap else []
    if findings:
        raise InputRefused(findings)
    if not kept:
        raise InputRefused(_alike(use, int(facts["customers"])))
    return tuple(kept), tuple(said)


def _said(gap: float, facts: pd.Series[Any], floor: int) -> str:
    return bounded([gap], int(facts["customers"]), floor)[0] or "some"


def _refusal(name: str, gap: float) -> Finding:
    place = "plan.yml, criteria.use"
    if gap == 1:
        return Finding("V21", f"'{name}' is not known for anybody", place, do="leave it out, or mend its column")
    what = f"'{name}' is not known for {percent(gap)} of customers"
    return Finding("V22", what, place, do=f"say what stands in, criteria.gaps: {{{name}: median, flag or leave_out}}")


def _alike(names: Sequence[str], count: int) -> Finding:
    return Finding(
        "V24",
        "all customers look alike in " + ", ".join(names),
        found=f"one value, or too many gaps, in each criterion for {count} customers",
        do="choose criteria that differ between customers, or more customers",
    )
