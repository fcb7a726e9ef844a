"""Metrics of the quarter, for everybody and by segment: what may be shown of them, and what a test would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.clustering.purses import told, with_largest
from seglib.methods.estimates import suppress
from seglib.methods.kpis import METRICS, WORDS
from seglib.methods.power import smallest_difference, smallest_effect
from seglib.objectives.checks import missing
from seglib.objectives.facts import measure

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

KPIS = (
    *("conversion_share", "engagement_share", "retention_share", "churn_share", "repeat_share", "order_value"),
    *("order_frequency", "buyer_value", "revenue", "margin_share", "orders", "buyers", "return_share", "nps", "csat"),
)


def measured_by(
    run: Run, collection: Collection, now: Table, fixed: Segmentation, goals: list[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Measure every metric that this study allows, for everybody and by segment; and name whose money is not shown."""
    wanted = dict.fromkeys([*KPIS, *goals])
    names = [name for name in wanted if not missing(METRICS[name], collection.present)]
    labelled = now.left_join(fixed.labels.select("customer", "segment"), "customer").drop("customer_right")
    measured = measure(run.engine, labelled, names, run.plan.money_decimals, by="segment")
    placed, money = with_largest(labelled.mutate(segment=labelled.segment.fill_null(0)), "revenue_minor")
    sums = run.engine.frame(placed.group_by("segment").agg(**money).order_by("segment")).set_index("segment")
    closed = [segment for segment, open_ in told(sums).items() if not open_]
    rows = fixed.segments[fixed.segments["segment"].isin(closed) | fixed.segments["revenue_share"].isna()]
    hidden = measured["segment"].isin(rows["segment"]) & (measured["unit"] == "money")
    return measured.assign(**measured[["value", "low", "high", "sd"]].mask(hidden)), list(rows["name"])


def without_money(clv: pd.DataFrame, closed: list[str]) -> pd.DataFrame:
    """Leave out the money of the segments whose money is not shown."""
    money = [name for name in clv.columns if name.endswith("_minor")]
    return clv.assign(**clv[money].mask(clv["name"].isin(closed))) if closed and len(clv) else clv


def shown_metrics(
    run: Run, collection: Collection, measured: pd.DataFrame, fixed: Segmentation
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the metrics of everybody and of each segment as far as they may be shown, and say what was not measured."""
    lacking = {name: missing(METRICS[name], collection.present) for name in KPIS}
    found = measured[measured["metric"].isin(KPIS)].drop(columns="sd")
    who = fixed.segments[["segment", "name", "identity"]]
    everybody = pd.DataFrame({"segment": [0], "name": ["everybody"], "identity": [0]})
    shown = suppress(found.merge(pd.concat([everybody, who]), on="segment", how="inner"), run.plan.privacy.floor)
    order = ["metric", "unit", "segment", "name", "identity", "value", "low", "high", "n", "bound"]
    notes = []
    for table in sorted({need[0].split(".")[0] for need in lacking.values() if need}):
        names = [name for name, need in lacking.items() if need and need[0].startswith(f"{table}.")]
        columns = sorted({need.split(".")[1] for name in names for need in lacking[name]})
        said = ", ".join(WORDS[name] for name in names)
        notes.append(f"Not measured: {said}. sources.{table} with {', '.join(columns)} would allow it.")
    if (shown["n"].isna() | (shown["bound"] != "")).any():
        few = f"Values of fewer than {run.plan.privacy.floor} customers are left blank; of shares that tell of as few"
        notes.append(f"{few}, of all but so few, or would give such a one away, only bounds are said.")
    return shown[order], tuple(notes)


def visible_changes(measured: pd.DataFrame, fixed: Segmentation, goals: list[str]) -> pd.DataFrame:
    """Give the smallest improvement of each goal's metric that the two halves of a segment would show."""
    who = fixed.segments[["segment", "name", "identity"]]
    kinds = [name for name in dict.fromkeys(goals) if METRICS[name].kind != "total"]
    rows = measured[measured["metric"].isin(kinds)].merge(who, on="segment")
    smallest = [_smallest(row) for row in rows.to_dict("records")]
    return rows.assign(smallest=smallest)[["metric", "unit", "segment", "name", "identity", "n", "smallest"]]


def _smallest(row: dict[Any, Any]) -> float:
    half = int(row["n"]) // 2
    if half < 2 or not row["sd"] > 0:
        return float("nan")
    if METRICS[row["metric"]].kind != "share":
        return smallest_difference(row["sd"], half)
    wanted = row["value"] if METRICS[row["metric"]].direction == "up" else 1 - row["value"]
    return smallest_effect(wanted, half)
