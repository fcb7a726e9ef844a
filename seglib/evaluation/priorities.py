"""Which segments deserve the next effort: the weights that notebook 01 fixed before any segment was known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.steady import steady

if TYPE_CHECKING:
    from seglib.core.sections import Selection

PRIORITIES = ["segment", "name", "identity", "customers", "value", "reach", "stability", "score"]
TYPES = dict.fromkeys(("value", "reach", "stability", "score"), "float64")


def rank(segments: pd.DataFrame, reach: pd.Series, selection: Selection) -> pd.DataFrame:
    """Score the attractiveness of each segment.

    Parameters
    ----------
    segments : DataFrame
        segment, name, identity, customers, share, revenue_minor, revenue_share, jaccard.
    reach : Series
        Share of customers by segment who may be contacted; empty where nothing tells.
    selection : Selection
        Section of the plan.

    Returns
    -------
    DataFrame
        Columns `PRIORITIES`, the best score first: value is revenue per customer in minor units, missing where it must
        not be shown (in the score it counts as the highest that is); score is the weighted mean of value, size, reach
        and stability, each as a share of the best segment's.
    """
    told = segments["revenue_share"].notna()
    value = segments["revenue_minor"] / segments["customers"].clip(lower=1)
    table = segments.assign(
        value=value.where(told, value[told].max()),
        reach=segments["segment"].map(reach).fillna(0.0 if len(reach) else math.nan).astype(float),
        stability=segments["jaccard"].astype(float),
        size=segments["share"].astype(float),
    )
    score = sum(weight * _of_best(table[name]) for name, weight in sorted(selection.weights.items()))
    table = table.assign(
        score=steady(score / (sum(selection.weights.values()) or 1.0)), value=table["value"].where(told)
    )
    return table.sort_values(["score", "segment"], ascending=[False, True], ignore_index=True)[PRIORITIES].astype(TYPES)


def _of_best(values: pd.Series) -> pd.Series:
    """Give each value as a share of the largest, 0 where none is above 0 or known."""
    return (values / values.max()).fillna(0.0).clip(lower=0) if values.max() > 0 else pd.Series(0.0, values.index)
