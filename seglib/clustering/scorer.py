"""A frozen segmentation as arithmetic: the same labels in Python and in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.methods import clusterers, rfm
from seglib.methods.scaling import CLIP, ColumnScale, Scaling

if TYPE_CHECKING:
    from seglib.core.engine import Table


@dataclass(frozen=True)
class Scorer:
    """What is needed to give any customer a segment: scales and centres, nothing learnt anew.

    Parameters
    ----------
    scaling : Scaling
        Fill, transform and scale of each criterion.
    centres : tuple of tuple of float
        One row per segment, segment 1 first; one column per scaled criterion.

    Examples
    --------
    >>> scaling = Scaling((ColumnScale("order_count", "identity", 1.0, 0.0, 1.0),))
    >>> Scorer(scaling, ((3.0,), (0.0,))).label(pd.DataFrame({"order_count": [4, 1]})).tolist()
    [1, 2]
    """

    scaling: Scaling
    centres: tuple[tuple[float, ...], ...]

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.centres)

    def label(self, frame: pd.DataFrame) -> pd.Series[int]:
        """Give the segment, 1 to k, of every row of a frame."""
        nearest = clusterers.assign(self.scaling.apply(frame), np.array(self.centres))
        return pd.Series(nearest + 1, index=frame.index, name="segment")

    def ordered(self, order: Sequence[int]) -> Scorer:
        """Number the segments anew: `order` lists today's segments, the new segment 1 first."""
        return Scorer(self.scaling, tuple(self.centres[segment - 1] for segment in order))


def assign(values: Table, scorer: Scorer) -> Table:
    """Give every customer of a table the segment of the nearest centre, as an expression of the engine.

    Parameters
    ----------
    values : Table
        ``customer`` and the scorer's criteria.
    scorer : Scorer

    Returns
    -------
    Table
        `values` and ``segment`` (1 to k): the labels of ``Scorer.label``; a tie goes to the lowest number.
    """
    scales = scorer.scaling.columns
    scaled = values.mutate(**{f"z{i}": _scaled(values[scale.name], scale) for i, scale in enumerate(scales)})
    far = scaled.mutate(**{f"d{j}": _distance(scaled, centre) for j, centre in enumerate(scorer.centres)})
    nearest = ibis.least(*(far[f"d{j}"] for j in range(scorer.k)))
    cases = [(far[f"d{j}"] <= nearest, j + 1) for j in range(scorer.k)]
    return far.select(*values.columns, segment=ibis.cases(*cases, else_=scorer.k).cast("int64"))


def assign_rfm(values: Table, scorer: rfm.Rfm) -> Table:
    """Name every customer's RFM score cell, as an expression of the engine.

    Parameters
    ----------
    values : Table
        With recency_days, order_count and monetary_minor.
    scorer : Rfm
        Frozen edges in mode ``quantile``.

    Returns
    -------
    Table
        `values` and ``rfm_segment``.
    """
    scored = values.mutate(
        r_score=scorer.bins - _passed(values["recency_days"], scorer.recency_days),
        f_score=_passed(values["order_count"], scorer.order_count) + 1,
        m_score=_passed(values["monetary_minor"], scorer.monetary) + 1,
    )
    cases = [(_inside(scored, rule), rule.name) for rule in rfm.RULES]
    return scored.select(*values.columns, rfm_segment=ibis.cases(*cases, else_=rfm.OTHERS))


def _scaled(column: Any, scale: ColumnScale) -> Any:
    filled = column.cast("float64").fill_null(scale.fill)
    if scale.transform == "signed_log":
        filled = filled.sign() * (filled.abs() + 1.0).ln()
    elif scale.transform == "square_root":
        filled = filled.sign() * filled.abs().sqrt()
    return ((filled - scale.centre) / scale.spread).clip(-CLIP, CLIP)


def _distance(scaled: Table, centre: Sequence[float]) -> Any:
    """Add the squares column by column, in the order in which ``clusterers.distances`` adds them."""
    total: Any = None
    for i, value in enumerate(centre):
        apart = scaled[f"z{i}"] - value
        total = apart * apart if total is None else total + apart * apart
    return total


def _passed(column: Any, edges: Sequence[float]) -> Any:
    """Count the edges below a value."""
    total: Any = ibis.literal(0)
    for edge in edges:
        total = total + (column > edge).cast("int64")
    return total


def _inside(scored: Table, rule: rfm.Rule) -> Any:
    return (
        scored["r_score"].between(rule.r_low, rule.r_high)
        & scored["f_score"].between(rule.f_low, rule.f_high)
        & scored["m_score"].between(rule.m_low, rule.m_high)
    )
