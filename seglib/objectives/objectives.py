"""Notebook 01: the goals of the plan, each with its baseline computed from the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.core.sections import Objective, Selection
from seglib.methods.kpis import FORMULAS, METRICS, WORDS, Metric, stated, written
from seglib.methods.power import n_per_arm, n_per_arm_mean
from seglib.objectives.checks import POPULATIONS as POPULATIONS
from seglib.objectives.checks import check as check
from seglib.objectives.checks import missing as missing
from seglib.objectives.facts import NEW, facts_of, measure, without_few
from seglib.objectives.tables import Tables

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.plan import Plan
    from seglib.core.quarters import Quarter
    from seglib.core.run import Run

WEEKS_OF_A_QUARTER = 13
DEFAULT = Objective(name="Keep customers", metric="retention_share", change_share=0.05)
FEW = "the number would tell of few customers, or of all but a few"
WINDOWS = {1: "the quarter", 2: "with the one before"}


@dataclass(frozen=True)
class Objectives(Tables):
    """The goals of a study with their baselines.

    Parameters
    ----------
    goals : DataFrame
        One row per goal: name, metric, meaning, population, unit, direction, baseline, low, high, n, change_share,
        target, by, guardrail, guardrail_value, smallest_effect (worth having), n_per_arm, weeks, owner, why, sentence.
        Money in main units.
    notes : tuple of str
        What a reader must know.
    currency : str
        ISO 4217 code of the money.
    selection : Selection
        What a segment must fulfil, and what makes it attractive; fixed here, before any segment is known.
    """

    STEP: ClassVar[str] = "01_objectives"

    goals: pd.DataFrame
    notes: tuple[str, ...] = ()
    currency: str = ""
    selection: Selection = field(default_factory=Selection)

    def check(self) -> str:
        """Say how many goals have a baseline, and how many of them a test could settle within a quarter."""
        known, quick = self.goals["baseline"].notna(), self.goals["weeks"] <= WEEKS_OF_A_QUARTER
        text = f"{known.sum()} of {len(self.goals)} goals have a baseline"
        if quick.any():
            return f"{text}; one quarter of traffic is enough to test {', '.join(self.goals.loc[quick, 'name'])}."
        return f"{text}; none can be tested within one quarter: the changes wished for are small for this traffic."


def baselines(run: Run) -> Objectives:
    """Compute the baseline of each goal of the plan from the quarter's data.

    Parameters
    ----------
    run : Run
        Its tables are used for customers who may be profiled.

    Returns
    -------
    Objectives

    Raises
    ------
    InputRefused
        When a metric is unknown, or needs a table or column that this study does not have.
    """
    goals = run.plan.objectives or (DEFAULT,)
    check(goals, run.tables)
    table = facts_of(run.plan, run.tables, run.quarter)
    pairs = [(goal.population, name) for goal in goals for name in (goal.metric, goal.guardrail) if name]
    found = by_population(run, table, pairs)
    rows = [_goal(goal, found[goal.population], run) for goal in goals]
    notes: tuple[str, ...] = ()
    if not run.plan.objectives:
        notes += ("The plan names no objective, so the workbench watches who comes back.",)
    late = [row["name"] for row in rows if row["by"] < run.quarter.text]
    if late:
        notes += (f"{', '.join(late)}: the deadline has passed; set a new one or close the goal.",)
    totals = [row["name"] for row in rows if METRICS[row["metric"]].kind == "total"]
    if totals:
        notes += (f"{', '.join(totals)}: a total is a fact of the quarter, so it has no interval and no test size.",)
    return Objectives(
        pd.DataFrame(rows).drop(columns=["sd", "few", "untold"]), notes, run.plan.currency, run.plan.selection
    )


def registry(run: Run) -> pd.DataFrame:
    """List every metric that a goal may name, and what this study lacks for it.

    Returns
    -------
    DataFrame
        metric, counts, divided by ("" for a total), window, unit, better (up or down), lacks ("" where it can be
        computed).
    """
    rows = [
        (
            m.name, *(stated(part, run.plan.money) for part in FORMULAS[m.name]),
            WINDOWS[m.quarter_count], m.unit, m.direction,
            ", ".join(missing(m, run.tables.present)),
        )
        for m in METRICS.values()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["metric", "counts", "divided by", "window", "unit", "better", "lacks"])


def by_population(run: Run, table: Table, pairs: Iterable[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    """Measure pairs of population and metric, with one query per population.

    Parameters
    ----------
    run : Run
    table : Table
        From `facts`.
    pairs : iterable of (population, metric)

    Returns
    -------
    dict from population to DataFrame
        Rows of `measure`, by metric; without values for new and for existing customers where nobody can tell them
        apart.
    """
    wanted: dict[str, list[str]] = {}
    for population, name in pairs:
        wanted[population] = list(dict.fromkeys([*wanted.get(population, []), name]))
    decimals = run.plan.money_decimals
    unknown = {*wanted} != {"all"} and bool(run.engine.scalar(table.is_new.isnull().any().fill_null(False)))
    found = {
        population: measure(run.engine, table.filter(POPULATIONS[population](table)), names, decimals).set_index(
            "metric"
        )
        for population, names in wanted.items()
    }
    nothing = {"value": math.nan, "low": math.nan, "high": math.nan, "sd": math.nan, "n": 0, "untold": True}
    floor = run.plan.privacy.floor
    return {
        name: rows.assign(**nothing) if unknown and name != "all" else without_few(rows, floor)
        for name, rows in found.items()
    }


def _goal(goal: Objective, found: pd.DataFrame, run: Run) -> dict[str, Any]:
    metric = METRICS[goal.metric]
    now: dict[str, Any] = {str(key): value for key, value in found.loc[goal.metric].items()}
    row: dict[str, Any] = {
        "name": goal.name,
        "metric": metric.name,
        "meaning": stated(metric.meaning, run.plan.money),
        "population": goal.population,
        "unit": metric.unit,
        "direction": metric.direction,
        "baseline": now["value"],
        "low": now["low"],
        "high": now["high"],
        "n": int(now["n"]),
        "sd": now["sd"],
        "change_share": goal.change_share,
        "target": aim(metric, now["value"], goal.change_share),
        "by": goal.by or run.quarter.next.text,
        "owner": goal.owner,
        "why": goal.why,
        "guardrail": goal.guardrail or "",
        "guardrail_value": found["value"].get(goal.guardrail or "", math.nan),
        "few": bool(now.get("few")),
        "untold": bool(now.get("untold")) or (metric.name == NEW and math.isnan(now["value"])),
    }
    least = math.copysign(goal.worth_share or goal.change_share, goal.change_share)
    worth = aim(metric, now["value"], least)
    row["smallest_effect"] = abs(worth - row["baseline"])
    row["n_per_arm"] = _test_size(metric, row | {"target": worth})
    weeks_of_quarter = (run.quarter.as_of - run.quarter.start).days / 7
    row["weeks"] = 2 * row["n_per_arm"] / row["n"] * weeks_of_quarter if row["n"] else math.nan
    return row | {"sentence": _sentence(row, run.plan, run.quarter)}


def aim(metric: Metric, baseline: float, change_share: float) -> float:
    """Move a baseline by a share of itself, within what the metric can be.

    Examples
    --------
    >>> aim(METRICS["nps"], -20.0, 0.5), aim(METRICS["repeat_share"], 0.8, 0.5)
    (-10.0, 1.0)
    """
    target = baseline + abs(baseline) * change_share
    return min(max(target, 0.0), 1.0) if metric.unit == "share" else target


def _test_size(metric: Metric, row: Mapping[str, Any]) -> float:
    """Customers per arm, NaN where there is nothing to test."""
    ends = sorted((row["baseline"], row["target"]))
    if metric.kind == "total" or math.isnan(ends[0]) or ends[0] == ends[1]:
        return math.nan
    if metric.kind == "share":
        return float(n_per_arm(row["baseline"], row["target"])) if ends[0] > 0 and ends[1] < 1 else math.nan
    return float(n_per_arm_mean(row["sd"], ends[1] - ends[0])) if row["sd"] > 0 else math.nan


def _sentence(row: Mapping[str, Any], plan: Plan, quarter: Quarter) -> str:
    def say(value: float) -> str:
        return written(value, row["unit"], plan.currency)

    if row["few"]:
        return f"{row['name']}: in {quarter.text} {FEW}, so no baseline is told."
    if math.isnan(row["baseline"]):
        why = "has too short a past to tell who is new" if row["untold"] else "has nobody to measure this on"
        return f"{row['name']}: {quarter.text} {why}, so there is no baseline yet."
    text = f"{row['name']}: {say(row['baseline'])} in {quarter.text}"
    if not math.isnan(row["low"]):
        text += f" (95% interval {say(row['low'])} to {say(row['high'])}, n = {row['n']:,})"
    text += f"; the target by {row['by']} is {say(row['target'])}."
    if not math.isnan(row["n_per_arm"]):
        whole = math.isclose(row["smallest_effect"], abs(row["target"] - row["baseline"]))
        what = "this difference" if whole else f"a difference of {_points(row, say)}"
        text += f" A test that shows {what} needs {row['n_per_arm']:,.0f} customers in each group,"
        text += f" about {math.ceil(row['weeks']):,} weeks of this study's own traffic."
    if row["guardrail"]:
        unit = METRICS[row["guardrail"]].unit
        now = written(row["guardrail_value"], unit, plan.currency)
        text += f" Meanwhile {WORDS[row['guardrail']]} must not get worse; now it is {now}."
    return text


def _points(row: Mapping[str, Any], say: Callable[[float], str]) -> str:
    """Write a difference: percentage points for shares, else in the unit of the metric."""
    return f"{100 * row['smallest_effect']:.1f} points" if row["unit"] == "share" else say(row["smallest_effect"])
