"""Whether the goals of a plan can be pursued: their words by themselves, then what they need of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ibis

from seglib.core.contract import TABLES
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Objective
from seglib.methods.kpis import METRICS, Metric

POPULATIONS: dict[str, Callable[[Any], Any]] = {
    "all": lambda _: ibis.literal(True),
    "new": lambda t: t.is_new,
    "existing": lambda t: ~t.is_new,
}


def check(goals: Iterable[Objective], tables: Any) -> None:
    """Refuse goals whose metric is unknown or cannot be computed from these tables.

    Parameters
    ----------
    goals : iterable of Objective
        In the order of the plan.
    tables : Intake or Collection
        Asked for `present` only.

    Raises
    ------
    InputRefused
        One finding per wrong place.
    """
    refuse_words(goals)
    findings = []
    for place, goal in enumerate(goals):
        for key in ("metric", "guardrail"):
            name = getattr(goal, key)
            findings += _lacking(name, f"plan.yml, objectives[{place}].{key}", tables.present) if name else []
    if findings:
        raise InputRefused(findings)


def refuse_words(goals: Iterable[Objective]) -> None:
    """Refuse a goal that names what does not exist, or would make its metric worse; no data are needed for that.

    Raises
    ------
    InputRefused
        One finding per wrong place.
    """
    findings = []
    for place, goal in enumerate(goals):
        here = f"plan.yml, objectives[{place}]"
        for key, name in (("metric", goal.metric), ("guardrail", goal.guardrail)):
            if name and name not in METRICS:
                findings.append(Finding("O1", "unknown metric", f"{here}.{key}", do=nearest(name, METRICS)))
        findings += _wrong_way(goal, f"{here}.change_share")
        if goal.population not in POPULATIONS:
            do = nearest(goal.population, POPULATIONS)
            findings.append(Finding("O1", "unknown population", f"{here}.population", do=do))
    if findings:
        raise InputRefused(findings)


def missing(metric: Metric, present: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Name the columns that a metric needs and that the study's sources do not carry.

    Examples
    --------
    >>> missing(METRICS["conversion_share"], {"orders": ("ordered_at",)})
    ('events.visits',)
    """
    return tuple(need for need in metric.needs if need.split(".")[1] not in present.get(need.split(".")[0], ()))


def _wrong_way(goal: Objective, where: str) -> list[Finding]:
    """Refuse a goal that would make its metric worse."""
    if goal.metric not in METRICS or (goal.change_share < 0) == (METRICS[goal.metric].direction == "down"):
        return []
    what = "must be below 0, as less is better" if goal.change_share >= 0 else "must be above 0, as more is better"
    found, remedy = f"{goal.change_share:g}", f"write {-goal.change_share:g}"
    return [Finding("O1", f"{goal.metric}: {what}", where, found=found, do=remedy)]


def _lacking(name: str, where: str, present: Mapping[str, Sequence[str]]) -> list[Finding]:
    lacking = missing(METRICS[name], present)
    if not lacking:
        return []
    table, columns = lacking[0].split(".")[0], ", ".join(need.split(".")[1] for need in lacking)
    found = f"{table} has no {columns}" if present.get(table) else f"no file for {table}"
    needed = ", ".join(TABLES[table].required) if not present.get(table) else columns
    remedy = f"name a file under sources.{table} that carries {needed}, or choose another metric"
    return [Finding("O1", f"{name} cannot be computed without {', '.join(lacking)}", where, found=found, do=remedy)]
