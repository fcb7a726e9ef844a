"""What the first page knows: the results of ten notebooks, amounts for people, and one card a segment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from seglib.activation.audience import Audience
from seglib.clustering.segmentation import Segmentation
from seglib.collection.collection import Collection
from seglib.content.content_plan import ContentPlan
from seglib.core.plan import Plan
from seglib.core.quarters import written_day
from seglib.evaluation.scorecard import Scorecard
from seglib.journeys.journeys import Journeys
from seglib.methods.present import whole_percent
from seglib.objectives.objectives import Objectives
from seglib.personas.evidence import SURVEY, known_of
from seglib.personas.personas import Personas
from seglib.refinement.refinement import Refinement

LATE_DAYS = 7  # so many days of a window without data change nothing


@dataclass(frozen=True)
class Everything:
    """All that the ten notebooks of a quarter handed on, last quarter's segments, and who can be reached.

    `reach` has one row per segment, stage and arm: segment, stage, arm, customers. `until` is the last day of the next
    quarter, in words.
    """

    plan: Plan
    objectives: Objectives
    collection: Collection
    segmentation: Segmentation
    personas: Personas
    journeys: Journeys
    content: ContentPlan
    audience: Audience
    scorecard: Scorecard
    refinement: Refinement
    previous: Segmentation | None
    reach: pd.DataFrame
    until: str = ""


def money(plan: Plan, minor: float) -> str:
    """Write an amount for people, in thousands, millions or more when it is large.

    Examples
    --------
    >>> from seglib.core.plan import Plan
    >>> plan = Plan.parse("study: a\\ncurrency: GBP\\nsources: {orders: {file: o.csv}}")
    >>> money(plan, 123_456_700), money(plan, 9_950)
    ('GBP 1.23 m', 'GBP 100')
    >>> money(plan, 1_261_972_000_000)
    'GBP 12.62 bn'
    """
    amount = plan.major(minor)
    for unit, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if abs(amount) >= 0.9995 * unit:
            return f"{plan.currency} {amount / unit:,.2f} {word}"
    if abs(amount) >= 9_999.5:
        return f"{plan.currency} {amount / 1e3:,.0f} k"
    return f"{plan.currency} {amount:,.0f}"


def window(plan: Plan) -> str:
    """Say over which time money was counted.

    Examples
    --------
    >>> window(Plan.parse("study: a\\nsources: {orders: {file: o.csv}}\\ncriteria: {window_days: 365}"))
    'in the last 365 days'
    """
    days = plan.criteria.window_days
    return f"in the last {days:,} days" if days else "so far"


def days_late(all_: Everything) -> int:
    """Count the days of the window that lie before the first order; 0 where it is full, but for a week."""
    orders = all_.collection.freshness.set_index("table").to_dict("index")["orders"]
    as_of = orders["last"] + timedelta(days=float(orders["days_before_as_of"]))
    late = (orders["first"] - as_of).days + (all_.plan.criteria.window_days or 0)
    return late if all_.plan.criteria.window_days and late > LATE_DAYS else 0


def first_order(all_: Everything) -> str:
    """Name the day of the first order."""
    return written_day(all_.collection.freshness.set_index("table").to_dict("index")["orders"]["first"])


def spell(all_: Everything) -> str:
    """Say over which time money was counted, or since when, where the orders begin within the window."""
    return f"since {first_order(all_)}" if days_late(all_) else window(all_.plan)


def standing(all_: Everything) -> list[tuple[str, str]]:
    """Answer two questions that are easily taken for one; none in a first quarter.

    Parameters
    ----------
    all_ : Everything

    Returns
    -------
    list of pairs
        Whether each segment is still the same, and whether the next quarter needs new ones, with the reason.
    """
    if all_.refinement.first:
        return []
    rows = all_.refinement.verdicts
    kept = rows.loc[rows["segment"] > 0, "verdict"] == "keep"
    same = "Yes, each of them." if kept.all() else f"{kept.sum()} of {len(kept)}: see the cards."
    why = all_.refinement.because
    new = f"Yes: {why} {_meanwhile(all_)}" if all_.refinement.refit else f"No: {why}"
    return [("Still the same segments as last quarter?", same), ("Make new ones for the next quarter?", new)]


def _meanwhile(all_: Everything) -> str:
    """Say which segments are to be used until there are new ones: only those that the cards allow."""
    segments = all_.segmentation.segments
    usable = segments.loc[segments["usable"].astype(bool), "name"].tolist()
    if len(usable) == len(segments):
        return "Until then use these."
    if not usable:
        return "Until then act on none of these."
    *most, last = usable
    return f"Until then use {', '.join(most)} and {last} only." if most else f"Until then use {last} only."


def cards(all_: Everything) -> list[dict[str, Any]]:
    """Build one card per segment: name, size, value, change since last quarter, verdict, summary.

    Parameters
    ----------
    all_ : Everything

    Returns
    -------
    list of dict
        In the order of the segments, the most valuable first.
    """
    before = all_.previous.segments.set_index("name")["customers"].to_dict() if all_.previous else {}
    verdicts = all_.refinement.verdicts.set_index("segment") if len(all_.refinement.verdicts) else pd.DataFrame()
    lines = all_.personas.lines
    said = lines["claim"] + [_answered(row, all_.plan.privacy.floor) for row in lines.to_dict("records")]
    claims = said.groupby(lines["segment"]).apply(list).to_dict()
    made = []
    for row in all_.segmentation.segments.to_dict("records"):
        segment, told = row["segment"], pd.notna(row["revenue_share"])
        made.append(
            {
                "name": row["name"],
                "identity": row["identity"],
                "segment": segment,
                "customers": f"{row['customers']:,}",
                "share": whole_percent(row["share"]),
                "revenue": money(all_.plan, row["revenue_minor"]) if told else "not shown",
                "revenue_share": f"{whole_percent(row['revenue_share'])} of all" if told else "",
                **_change(row["customers"], before.get(row["name"]), all_),
                "verdict": str(verdicts.loc[segment, "verdict"]) if segment in verdicts.index else "",
                "why": str(verdicts.loc[segment, "why"]) if segment in verdicts.index else "",
                "usable": bool(row["usable"]),
                "claims": claims.get(segment, [])[:3],
            }
        )
    return made


def _answered(line: dict[Any, Any], floor: int) -> str:
    """Say how few answered, where a line of a survey would speak for all members."""
    return f" ({known_of(line, floor)} answered)" if line["family"] == SURVEY else ""


def _change(now: int, before: int | None, all_: Everything) -> dict[str, str]:
    """Say how many more or fewer customers than a quarter ago, and whether new rules moved some; or why not."""
    if all_.previous is None:
        return {"change": "first", "since": "quarter reported"}
    if before is None:
        return {"change": "new", "since": "this quarter"}
    change = f"{now - before:+,}".replace("-", "−") if now != before else "none"
    return {"change": change, "since": "in a quarter" if all_.refinement.kept else "in a quarter, with new rules"}
