"""The goals as people read them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.core.sections import Selection
from seglib.methods.kpis import METRICS, WORDS
from seglib.methods.present import Head, percent, present, spoken, spoken_spans, whole

ATTRACTIVE = {
    "value": "revenue per customer",
    "size": "share of customers",
    "reach": "share that may be contacted",
    "stability": "stability (Jaccard)",
}


def _in_order(weights: dict[Any, float]) -> list[tuple[str, float]]:
    """Give the weights in the order of `ATTRACTIVE`, however they were stored."""
    return [(name, weights[name]) for name in ATTRACTIVE if name in weights]


class Tables:
    """Frames with readable heads, from the results of `Objectives`."""

    goals: pd.DataFrame
    currency: str
    selection: Selection

    def table(self) -> pd.DataFrame:
        """Give the goals with their numbers, as people read them."""
        heads: dict[str, Head] = {
            "name": "goal",
            "measured": "what is measured",
            "population": "customers counted",
            "now": "baseline",
            "interval": "95% interval",
            "aim": "target",
            "n": ("customers", whole),
            "by": "by",
            "owner": "owner",
        }
        return present(self._told(), heads)

    def effort(self) -> pd.DataFrame:
        """Give what a test of each goal would take, as people read it."""
        heads: dict[str, Head] = {
            "name": "goal",
            "change": "least change worth having",
            "n_per_arm": ("customers per group", whole),
            "weeks": ("weeks of traffic", whole),
            "guard": "must not get worse",
            "guard_now": "which is now",
        }
        return present(self._told(), heads)

    def criteria(self) -> pd.DataFrame:
        """Give what a segment must fulfil to be acted on, and what makes it attractive."""
        chosen = self.selection
        rows = [
            ("must", "size and stability", "the floors of clustering in the plan"),
            ("must", "distance from the segment most like it", f"at least {chosen.distinct_deviations:.2f} deviations"),
            ("must", "share of the revenue", f"at least {percent(chosen.value_share)}"),
            ("must", "customers with an offer", f"at least {percent(chosen.offer_share)}"),
            ("must", "of these, customers who may be contacted", f"at least {percent(chosen.reachable_share)}"),
        ]
        total = sum(chosen.weights.values()) or 1.0
        rows += [("attractive", ATTRACTIVE[name], f"weight {w / total:.0%}") for name, w in _in_order(chosen.weights)]
        return pd.DataFrame(rows, columns=["kind", "criterion", "rule"])

    def sentences(self) -> tuple[str, ...]:
        """Give one sentence per goal: where it stands, where it is to go, and what a test would take."""
        return tuple(self.goals["sentence"])

    def _told(self) -> pd.DataFrame:
        """Write the numbers of each goal with their units."""
        goals, guards = self.goals, self.goals["guardrail"].map(lambda name: METRICS[name].unit if name else "")
        points = goals["unit"].isin(["share", "points"])
        scale = np.where(goals["unit"] == "share", 100, 1)
        change = pd.Series(spoken(goals["smallest_effect"], goals["unit"], self.currency), index=goals.index)
        return goals.assign(
            measured=goals["metric"].map(WORDS),
            now=spoken(goals["baseline"], goals["unit"], self.currency),
            aim=spoken(goals["target"], goals["unit"], self.currency),
            interval=spoken_spans(goals, self.currency),
            change=change.mask(points, (goals["smallest_effect"] * scale).map("{:.1f} points".format)),
            weeks=np.ceil(goals["weeks"].astype(float)),
            guard=goals["guardrail"].map(WORDS).fillna(""),
            guard_now=spoken(goals["guardrail_value"].astype(float), guards, self.currency),
        )
