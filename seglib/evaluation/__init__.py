"""Notebook 09: were the goals reached, what did each segment do, and what did the campaigns change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.evaluation import campaigns, lifetime
from seglib.evaluation.tables import Tables
from seglib.methods.kpis import METRICS, Metric, suppress, verdict, written
from seglib.objectives import aim, by_population, missing
from seglib.objectives.facts import facts, measure

if TYPE_CHECKING:
    from seglib.activation import Audience
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.objectives import Objectives

KPIS = (
    *("conversion_share", "retention_share", "churn_share", "repeat_share", "order_value", "order_frequency"),
    *("buyer_value", "revenue", "orders", "buyers", "return_share", "nps", "csat"),
)
COVERED_DAYS = 7  # data that begin later than this into a quarter do not cover it
NO_PROOF = (
    "A change from one quarter to the next may have many reasons: season, prices, luck. "
    "Only the comparison with a control group says what a campaign did."
)


@dataclass(frozen=True)
class Scorecard(Tables):
    """Goals with their verdicts, metrics per segment, and effects of campaigns.

    Parameters
    ----------
    goals : DataFrame
        name, metric, unit, direction, baseline (quarter before), target, result, low, high, n, by, verdict, sentence.
    kpis : DataFrame
        metric, unit, segment (0: everybody), name, identity, value, low, high, n. Money in main units; blank where n is
        below the plan's floor.
    effects : DataFrame
        Per campaign, segment and arm: the difference to the control group, see `campaigns.EFFECTS`.
    experiments : DataFrame
        Per campaign: customers, arms, srm_p, heterogeneity_p, usable, sentence.
    clv : DataFrame
        segment, name, identity, customers, clv_minor (mean), low_minor, high_minor, total_minor.
    decomposition : DataFrame
        Revenue as buyers x orders per buyer x order value, for the quarter before and this one.
    basis : str
        Which segments the metrics are read by.
    notes : tuple of str
        What a reader must know.
    minor_per_major : int
        Minor units in one unit of money.
    currency : str
        ISO 4217 code of the money.
    """

    STEP: ClassVar[str] = "09_kpi_evaluation"

    goals: pd.DataFrame
    kpis: pd.DataFrame
    effects: pd.DataFrame
    experiments: pd.DataFrame
    clv: pd.DataFrame
    decomposition: pd.DataFrame
    basis: str
    notes: tuple[str, ...] = ()
    minor_per_major: int = 100
    currency: str = ""

    def check(self) -> str:
        """Say how many goals were reached."""
        words = self.goals["verdict"].value_counts()
        parts = [f"{words[word]} {word}" for word in ("reached", "not reached", "cannot tell") if word in words]
        return f"Of {len(self.goals)} goals: {', '.join(parts)}."


def score(
    run: Run,
    collection: Collection,
    objectives: Objectives,
    segmentation: Segmentation,
    previous_segmentation: Segmentation | None = None,
    previous_audience: Audience | None = None,
) -> Scorecard:
    """Measure the quarter: goals, metrics per segment, campaigns against their control groups, lifetime value.

    Parameters
    ----------
    run : Run
    collection : Collection
    objectives : Objectives
        Their baselines are this quarter's values, which are the results here.
    segmentation : Segmentation
        Today's segments, for what lies ahead.
    previous_segmentation : Segmentation, optional
        Last quarter's, fixed before the outcome; the metrics and effects are read by these where they exist.
    previous_audience : Audience, optional
        Last quarter's, to say how many of its members appear among the contacts.

    Returns
    -------
    Scorecard
    """
    fixed = previous_segmentation or segmentation
    now = facts(collection, run.quarter, run.plan.evaluation.outcome_days)
    before = facts(collection, run.quarter.previous, run.plan.evaluation.outcome_days)
    kpis, notes = _kpis(run, collection, now, fixed)
    tested = campaigns.measure(run, collection, fixed)
    clv, worth = lifetime.per_segment(run, collection.orders, segmentation)
    notes = (NO_PROOF, *notes, *tested.notes, *worth, *_sent(run, collection, previous_audience))
    pairs = [*zip(objectives.goals["population"], objectives.goals["metric"], strict=True)]
    past = by_population(run, before, [*pairs, *(("all", name) for name in _PARTS)])
    whole = measure(run.engine, now, _PARTS, run.plan.money_decimals).set_index("metric")
    return Scorecard(
        _goals(run, collection, objectives.goals, past),
        kpis,
        tested.effects,
        tested.experiments,
        clv,
        decompose({run.quarter.previous.text: past["all"], run.quarter.text: whole}),
        _basis(run, previous_segmentation is not None),
        notes,
        10**run.plan.money_decimals,
        run.plan.currency,
    )


_PARTS = ("buyers", "order_frequency", "order_value", "revenue")


def decompose(measured: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Write revenue as buyers x orders per buyer x order value.

    Parameters
    ----------
    measured : dict from quarter to DataFrame
        Value of each of the four metrics, by metric.

    Returns
    -------
    DataFrame
        part, and one column per quarter; the first three multiply to the fourth, up to rounding.

    Examples
    --------
    >>> values = pd.DataFrame({"value": [2.0, 1.5, 10.0, 30.0]}, index=_PARTS)
    >>> decompose({"2026Q3": values})["2026Q3"].tolist()
    [2.0, 1.5, 10.0, 30.0]
    """
    columns = {quarter: [float(found["value"][part]) for part in _PARTS] for quarter, found in measured.items()}
    return pd.DataFrame({"part": list(_PARTS), **columns}).round(3)


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


def _goals(run: Run, collection: Collection, goals: pd.DataFrame, past: dict[str, pd.DataFrame]) -> pd.DataFrame:
    first_order = run.engine.scalar(collection.orders.ordered_at.min())
    return pd.DataFrame([_goal(run, goal, past[goal["population"]], first_order) for goal in goals.to_dict("records")])


def _goal(run: Run, goal: dict[Any, Any], past: pd.DataFrame, first_order: Any) -> dict[str, Any]:
    metric = METRICS[goal["metric"]]
    covered = covers(first_order, run.quarter.previous, metric.quarter_count)
    baseline = float(past["value"][metric.name]) if covered else math.nan
    target = aim(metric, baseline, goal["change_share"])
    word = verdict(metric.direction, target, goal["baseline"], goal["low"], goal["high"])
    kept = {key: goal[key] for key in ("name", "metric", "unit", "direction", "low", "high", "n", "by")}
    row = kept | {"baseline": baseline, "target": target, "result": goal["baseline"], "verdict": word}
    return row | {"sentence": goal_sentence(row, metric, run)}


def goal_sentence(row: dict[str, Any], metric: Metric, run: Run) -> str:
    """Say in one sentence whether a goal was reached, and how sure that is."""
    currency = run.plan.currency
    base, target, result, low, high = (
        written(row[key], metric.unit, currency) for key in ("baseline", "target", "result", "low", "high")
    )
    if math.isnan(row["baseline"]):
        return f"{row['name']}: {result} now; first quarter: nothing to compare with."
    exact = math.isnan(row["low"])
    seen = result if exact else f"{result} (95% interval {low} to {high}, n = {row['n']:,})"
    text = f"{row['name']}: from {base} in {run.quarter.previous.text} to {seen}; the target was {target}:"
    doubt = " (the interval holds the target)" if row["verdict"] == "cannot tell" else ""
    return f"{text} {row['verdict']}{doubt}."


def _kpis(run: Run, collection: Collection, now: Table, fixed: Segmentation) -> tuple[pd.DataFrame, tuple[str, ...]]:
    lacking = {name: missing(METRICS[name], collection.present) for name in KPIS}
    names = [name for name in KPIS if not lacking[name]]
    labelled = now.left_join(fixed.labels.select("customer", "segment"), "customer").drop("customer_right")
    found = measure(run.engine, labelled, names, run.plan.money_decimals, by="segment").drop(columns="sd")
    who = fixed.segments[["segment", "name", "identity"]]
    everybody = pd.DataFrame({"segment": [0], "name": ["everybody"], "identity": [0]})
    kpis = found.merge(pd.concat([everybody, who]), on="segment", how="inner")
    shown = suppress(kpis, run.plan.privacy.floor)
    order = ["metric", "unit", "segment", "name", "identity", "value", "low", "high", "n"]
    notes = []
    for table in sorted({need[0].split(".")[0] for need in lacking.values() if need}):
        names = [name for name, need in lacking.items() if need and need[0].startswith(f"{table}.")]
        columns = sorted({need.split(".")[1] for name in names for need in lacking[name]})
        notes.append(f"Not measured: {', '.join(names)}. sources.{table} with {', '.join(columns)} would allow it.")
    if shown["n"].isna().any():
        notes.append(f"Values of fewer than {run.plan.privacy.floor} customers are left blank.")
    return shown[order], tuple(notes)


def _basis(run: Run, fixed_before: bool) -> str:
    if fixed_before:
        return (
            f"Customers are grouped by the segments of {run.quarter.previous.text}, "
            "which were fixed before this quarter's outcomes."
        )
    return (
        f"There are no segments of {run.quarter.previous.text}, so customers are grouped by this quarter's own: "
        "a description only, as the same orders made the groups and the numbers."
    )


def _sent(run: Run, collection: Collection, audience: Audience | None) -> tuple[str, ...]:
    if audience is None or collection.contacts is None:
        return ()
    planned = audience.members.filter(audience.members.arm != "none")
    recent = collection.contacts.filter(collection.contacts.sent_at >= run.quarter.start)
    total, met = (int(run.engine.scalar(t.count())) for t in (planned, planned.semi_join(recent, "customer")))
    return (f"Of {total:,} customers in last quarter's audience, {met:,} appear among this quarter's contacts.",)
