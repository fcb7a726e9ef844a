"""What the first page says: one card a segment, three actions, and what to be careful about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.activation import Audience
from seglib.clustering import Segmentation
from seglib.collection import Collection
from seglib.content import ContentPlan
from seglib.core.plan import Plan
from seglib.evaluation import Scorecard
from seglib.journeys import Journeys
from seglib.objectives import Objectives
from seglib.personas import Personas
from seglib.refinement import Refinement

AT_STAKE = ("at_risk", "lapsed")
STAGE_WORDS = {"new": "new", "active": "active", "at_risk": "at risk", "lapsed": "lapsed", "reactivated": "back again"}
ACTIONS = 3


@dataclass(frozen=True)
class Everything:
    """All that the ten notebooks of a quarter handed on, and last quarter's segments."""

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


def money(plan: Plan, minor: float) -> str:
    """Write an amount for people, in thousands or millions when it is large.

    Examples
    --------
    >>> from seglib.core.plan import Plan
    >>> plan = Plan.parse("study: a\\ncurrency: GBP\\nsources: {orders: {file: o.csv}}")
    >>> money(plan, 123_456_700), money(plan, 9_950)
    ('GBP 1.23 m', 'GBP 100')
    """
    amount = plan.major(minor)
    if abs(amount) >= 999_500:
        return f"{plan.currency} {amount / 1e6:,.2f} m"
    if abs(amount) >= 9_999.5:
        return f"{plan.currency} {amount / 1e3:,.0f} k"
    return f"{plan.currency} {amount:,.0f}"


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
    claims = all_.personas.lines.groupby("segment")["claim"].apply(list).to_dict()
    made = []
    for row in all_.segmentation.segments.to_dict("records"):
        segment = row["segment"]
        made.append(
            {
                "name": row["name"],
                "identity": row["identity"],
                "segment": segment,
                "customers": f"{row['customers']:,}",
                "share": f"{row['share']:.0%}",
                "revenue": money(all_.plan, row["revenue_minor"]),
                "revenue_share": f"{row['revenue_share']:.0%}",
                "change": _change(row["customers"], before.get(row["name"]), all_.previous is not None),
                "verdict": str(verdicts.loc[segment, "verdict"]) if segment in verdicts.index else "",
                "why": str(verdicts.loc[segment, "why"]) if segment in verdicts.index else "",
                "usable": bool(row["usable"]),
                "claims": claims.get(segment, [])[:3],
            }
        )
    return made


def _change(now: int, before: int | None, has_past: bool) -> str:
    if not has_past:
        return "first quarter"
    if before is None:
        return "new"
    return f"{now - before:+,}".replace("-", "−") if now != before else "±0"


def actions(all_: Everything) -> list[str]:
    """Name the three things to do next, the one with most money behind it first.

    Parameters
    ----------
    all_ : Everything

    Returns
    -------
    list of str
        At most three sentences; what a test has shown comes before what is at stake.
    """
    found = [*_proven(all_), *_retention(all_), *_repairs(all_), *_measure(all_)]
    return found[:ACTIONS]


def _proven(all_: Everything) -> Iterator[str]:
    """Arms that were shown to work in a segment, strongest first; one action at most."""
    effects, usable = all_.scorecard.effects, set(_usable(all_.scorecard.experiments))
    if not len(effects):
        return
    shown = effects[(effects["p_adjusted"] < 0.05) & (effects["effect_low"] > 0) & effects["campaign"].isin(usable)]
    single = shown[shown["segment"] != "all"] if effects["segment"].dtype == object else shown[shown["segment"] != 0]
    best = (single if len(single) else shown).nlargest(1, "effect")
    for row in best.to_dict("records"):
        yield (
            f"Go on with {row['arm']} for {row['name']}: in the test of {row['campaign']} it brought "
            f"{100 * row['effect']:+.1f} percentage points more buyers than the control group "
            f"(95 % interval {100 * row['effect_low']:.1f} to {100 * row['effect_high']:.1f}, n = {int(row['n']):,})."
        )


def _usable(experiments: pd.DataFrame) -> list[str]:
    if not len(experiments):
        return []
    return list(experiments.loc[experiments["usable"].astype(bool), "campaign"])


def _retention(all_: Everything) -> Iterator[str]:
    """Offers for customers at risk, by the revenue of the last year that stands behind them; two at most."""
    value = all_.segmentation.segments.assign(mean=lambda s: s["revenue_minor"] / s["customers"]).set_index("segment")
    rows = all_.content.actions
    at_stake = rows[rows["stage"].isin(AT_STAKE) & (rows["offer"] != "none") & rows["customers"].notna()].copy()
    at_stake["stake"] = at_stake["customers"].astype(float) * at_stake["segment"].map(value["mean"])
    for row in at_stake.nlargest(2, "stake").to_dict("records"):
        yield (
            f"Send “{row['offer']}” to the {int(row['customers']):,} customers of {row['name']} who are "
            f"{STAGE_WORDS[row['stage']]}: customers like them spent {money(all_.plan, row['stake'])} in the window. "
            "Whether the offer works is open until the hold-out has been compared."
        )


def _repairs(all_: Everything) -> Iterator[str]:
    """Segments whose verdict is not keep."""
    verdicts = all_.refinement.verdicts
    for row in verdicts[verdicts["verdict"].isin(["refit", "retire"])].to_dict("records") if len(verdicts) else []:
        yield f"Before you use {row['name']}: {row['verdict']}. {row['why']}"


def _measure(all_: Everything) -> Iterator[str]:
    """What to record so that the next report can say more."""
    if all_.collection.contacts is None:
        yield (
            "Keep the hold-out group out of every campaign and record each send in contacts.csv: only then can the "
            "next report say whether the actions worked."
        )
    if all_.collection.consent is None:
        yield "Deliver consent.csv: without it nobody can be exported to a channel."
    yield "Agree on one goal per segment in plan.yml, so that the next report measures it."


def careful(all_: Everything) -> list[str]:
    """List what a reader must know before acting.

    Parameters
    ----------
    all_ : Everything

    Returns
    -------
    list of str
        Basis of profiling, structure, unusable segments, missing control, missing tables.
    """
    said = [_consent(all_), all_.segmentation.verdict]
    weak = all_.segmentation.segments.loc[~all_.segmentation.segments["usable"].astype(bool), "name"]
    if len(weak):
        said.append(f"Not stable or not large enough to act on: {', '.join(weak)}.")
    blocked = all_.scorecard.experiments
    if len(blocked):
        said += [str(s) for s in blocked.loc[~blocked["usable"].astype(bool), "sentence"]]
    return [s for s in [*said, *all_.collection.missing] if s]


def _consent(all_: Everything) -> str:
    if all_.collection.consent is not None:
        return ""
    basis = (all_.plan.consent.basis or "").replace("_", " ")
    note = f" Note in the plan: {all_.plan.consent.note}" if all_.plan.consent.note else ""
    return (
        f"No consent data were delivered. Customers are profiled on the basis “{basis}”, as plan.yml declares, and "
        f"nobody can be exported to a channel.{note}"
    )
