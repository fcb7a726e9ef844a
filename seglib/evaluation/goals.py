"""Goal by goal: where it came from, where it was to go, where it is, and whether its guardrail held."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.core.intake.ends import early_end
from seglib.core.steady import steady_number
from seglib.methods.estimates import verdict
from seglib.methods.kpis import LEVELS, METRICS, WORDS, Metric, written
from seglib.methods.wording import supported
from seglib.objectives.objectives import aim, by_population

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

COVERED_DAYS = 7  # data that begin later than this into a quarter do not cover it
KEPT, WORSE = "kept", "worse"
HOLDS = "the interval holds the target"
NO_TARGET = "the quarter before left no room for a target"
REACHED = "reached"
NO_ROOM = "cannot tell"  # a share of nothing is nothing, and nobody is kept more often than always


def judged(run: Run, collection: Collection, goals: pd.DataFrame, now: Table, before: Table) -> pd.DataFrame:
    """Compare each goal with the quarter before.

    Parameters
    ----------
    run : Run
    collection : Collection
    goals : DataFrame
        Those of `Objectives`; their baselines are this quarter's values, which are the results here.
    now, before : Table
        Facts of this quarter and of the one before.

    Returns
    -------
    DataFrame
        The goals of `Scorecard`.
    """
    guards = [(p, g) for p, g in zip(goals["population"], goals["guardrail"], strict=True) if g]
    pairs = [*zip(goals["population"], goals["metric"], strict=True)]
    past = by_population(run, before, [*pairs, *guards])
    today = by_population(run, now, guards)
    first_order = run.engine.scalar(collection.orders.ordered_at.min())
    rows = []
    early = early_end(getattr(collection, "uncovered_days", 0), run.quarter.as_of)
    for goal in goals.to_dict("records"):
        row = _goal(run, goal, past[goal["population"]], first_order)
        row |= {"doubt": "", **({"verdict": NO_ROOM, "doubt": early} if early and goal["metric"] not in LEVELS else {})}
        held = today.get(goal["population"]) if not early or goal["guardrail"] in LEVELS else None
        row |= _guard(run, goal, past[goal["population"]], held, first_order)
        rows.append(row | {"sentence": _goal_sentence(row, METRICS[goal["metric"]], run)})
    return pd.DataFrame(rows).drop(columns="doubt")


def covers(first_order: Any, quarter: Any, quarter_count: int) -> bool:
    """Say whether the data reach back far enough for a metric of a quarter.

    Parameters
    ----------
    first_order : datetime
        Time of the first order in the data.
    quarter : Quarter
    quarter_count : int
        Quarters that the metric looks at.
    """
    first = quarter
    for _ in range(quarter_count - 1):
        first = first.previous
    return bool(pd.notna(first_order) and first_order < first.start + timedelta(days=COVERED_DAYS))


def _goal(run: Run, goal: dict[Any, Any], past: pd.DataFrame, first_order: Any) -> dict[str, Any]:
    metric = METRICS[goal["metric"]]
    covered = covers(first_order, run.quarter.previous, metric.quarter_count)
    baseline = float(past["value"][metric.name]) if covered else math.nan
    target = aim(metric, baseline, goal["change_share"])
    word = verdict(metric.direction, target, goal["baseline"], goal["low"], goal["high"])
    word = NO_ROOM if word == REACHED and _alike(run, metric, target, baseline) and goal["change_share"] else word
    kept = {key: goal[key] for key in ("name", "metric", "population", "unit", "direction", "low", "high", "n", "by")}
    return kept | {"baseline": baseline, "target": target, "result": goal["baseline"], "verdict": word}


def _alike(run: Run, metric: Metric, target: float, baseline: float) -> bool:
    """Whether a target leaves nothing to do: it is the baseline, in the digits in which both are written."""
    one, other = (written(value, metric.unit, run.plan.currency) for value in (target, baseline))
    return one == other


def _guard(
    run: Run, goal: dict[Any, Any], past: pd.DataFrame, today: pd.DataFrame | None, first_order: Any
) -> dict[str, Any]:
    """Say whether the guardrail got worse beyond chance."""
    name = goal["guardrail"]
    row = {"guardrail": name, "guardrail_before": math.nan, "guardrail_now": math.nan, "guardrail_verdict": ""}
    if not name or today is None or not covers(first_order, run.quarter.previous, METRICS[name].quarter_count):
        return row
    before, now = past.loc[name], today.loc[name]
    word = guarded(METRICS[name].direction, _estimate(before), _estimate(now))
    known = {"guardrail_before": float(before["value"]), "guardrail_now": float(now["value"])}
    return row | known | {"guardrail_verdict": word}


def _estimate(row: pd.Series[Any]) -> tuple[float, float, float]:
    return float(row["value"]), float(row["low"]), float(row["high"])


def guarded(direction: str, before: tuple[float, float, float], now: tuple[float, float, float]) -> str:
    """Say whether a guardrail got worse beyond what the errors of both quarters allow.

    Parameters
    ----------
    direction : str
        "up" where more is better, else "down".
    before, now : tuple of float
        Value with the ends of its interval; NaN ends for a number that is exact.

    Notes
    -----
    The interval of the difference joins those of both values (Newcombe 1998, Statistics in Medicine 17, method 10; for
    means Zou & Donner 2008, Statistics in Medicine 27). Customers who are the same in both quarters make it wider than
    needed, as what they do is seldom opposite.

    Examples
    --------
    >>> guarded("up", (0.50, 0.45, 0.55), (0.40, 0.35, 0.45)), guarded("up", (0.50, 0.45, 0.55), (0.44, 0.39, 0.49))
    ('worse', 'kept')
    """
    if math.isnan(before[0]) or math.isnan(now[0]):
        return ""
    fall = before[0] - now[0] if direction == "up" else now[0] - before[0]
    here, there = (1, 2) if direction == "up" else (2, 1)
    margin = math.hypot(_reach(before, here), _reach(now, there))
    return WORSE if steady_number(fall) > steady_number(margin) else KEPT


def _reach(estimate: tuple[float, float, float], end: int) -> float:
    """Give the distance of an estimate from one end of its interval; 0 where it is exact."""
    return 0.0 if math.isnan(estimate[end]) else abs(estimate[0] - estimate[end])


def _goal_sentence(row: dict[str, Any], metric: Metric, run: Run) -> str:
    """Say in one sentence whether a goal was reached, and how sure that is."""
    currency = run.plan.currency
    base, target, result, low, high = (
        written(row[key], metric.unit, currency) for key in ("baseline", "target", "result", "low", "high")
    )
    if math.isnan(row["result"]):
        return f"{row['name']}: cannot tell; the sentence of notebook 01 says why."
    if math.isnan(row["baseline"]):
        return f"{row['name']}: {result} now; first quarter: nothing to compare with."
    exact = math.isnan(row["low"])
    seen = result if exact else f"{result} (95% interval {low} to {high}, n = {row['n']:,})"
    text = f"from {base} in {run.quarter.previous.text} to {seen}; the target was {target}:"
    why = row["doubt"] or (NO_TARGET if _alike(run, metric, row["target"], row["baseline"]) else HOLDS)
    doubt = f" ({why})" if row["verdict"] == NO_ROOM else ""
    said = supported(f"{text} {row['verdict']}{doubt}.{_guard_sentence(row, run)}")
    return f"{row['name']}: {said}"


def _guard_sentence(row: dict[str, Any], run: Run) -> str:
    if not row["guardrail_verdict"]:
        return ""
    unit = METRICS[row["guardrail"]].unit
    before, now = (written(row[f"guardrail_{key}"], unit, run.plan.currency) for key in ("before", "now"))
    worse = "worse beyond chance" if row["guardrail_verdict"] == WORSE else "no worse beyond chance"
    return f" Its guardrail, {WORDS[row['guardrail']]}, went from {before} to {now}: {worse}."
