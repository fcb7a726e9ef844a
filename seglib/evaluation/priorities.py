"""Which segments to act on: the criteria that notebook 01 fixed before any segment was known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from seglib.core.sections import Selection

PRIORITIES = [
    *("segment", "name", "identity", "customers", "value", "reach", "stability", "distinct", "score", "verdict", "why"),
]
ACT, WATCH, RETIRE = "act", "watch", "retire"


def judge(segments: pd.DataFrame, centres: pd.DataFrame, reach: pd.Series, selection: Selection) -> pd.DataFrame:
    """Apply the knock-out criteria to each segment and score its attractiveness.

    Parameters
    ----------
    segments : DataFrame
        segment, name, identity, customers, share, revenue_minor, jaccard.
    centres : DataFrame
        segment, deviation (of the centre from everyone, in robust standard deviations).
    reach : Series
        Share of customers by segment who may be contacted; empty where nobody may.
    selection : Selection
        Section of the plan.

    Returns
    -------
    DataFrame
        Columns `PRIORITIES`, the best score first: value is revenue per customer in minor units; score is the weighted
        mean of value, size, reach and stability, each as a share of the best segment's; verdict is act, watch or
        retire, and why names the failing criteria.
    """
    deviation = centres.assign(size=centres["deviation"].abs()).groupby("segment")["size"].max()
    table = segments.assign(
        value=segments["revenue_minor"] / segments["customers"].clip(lower=1),
        reach=segments["segment"].map(reach).fillna(0.0).astype(float),
        stability=segments["jaccard"].astype(float),
        distinct=segments["segment"].map(deviation).astype(float),
        size=segments["share"].astype(float),
    )
    failed = [_failed(row, selection) for row in table.to_dict("records")]
    score = sum(weight * _of_best(table[name]) for name, weight in selection.weights.items())
    table = table.assign(
        score=score / (sum(selection.weights.values()) or 1.0),
        verdict=[RETIRE if "not stable" in why else WATCH if why else ACT for why in failed],
        why=[", ".join(why) or "passes all" for why in failed],
    )
    rank = table["verdict"].map({ACT: 0, WATCH: 1, RETIRE: 2})
    order = np.lexsort((table["segment"], -table["score"], rank))
    return table.iloc[order].reset_index(drop=True)[PRIORITIES]


def _of_best(values: pd.Series) -> pd.Series:
    """Give each value as a share of the largest, 0 where none is above 0."""
    return (values / values.max()).fillna(0.0).clip(lower=0) if values.max() > 0 else values * 0.0


def _failed(row: dict[Any, Any], selection: Selection) -> list[str]:
    """Name the knock-out criteria that a segment fails."""
    rules = {
        "too small": row["customers"] >= selection.smallest_customers,
        "not reachable": row["reach"] >= selection.reachable_share,
        "not stable": row["stability"] >= selection.stability,
        "not distinct": row["distinct"] >= selection.distinct_deviations,
    }
    return [what for what, passed in rules.items() if not passed]
