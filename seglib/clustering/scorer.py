"""A frozen segmentation as arithmetic: the same labels in Python and in the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.criteria.criterion import UNKNOWN
from seglib.methods import clusterers, rfm
from seglib.methods.rule_text import Compare, Every, Missing, Node, Not
from seglib.methods.rules import OTHERS, read
from seglib.methods.scaling import CLIP, ColumnScale, Scaling

if TYPE_CHECKING:
    from seglib.core.engine import Table

SIGNS: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, "=": eq, "!=": ne, ">=": ge, ">": gt}


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
        Frozen edges and rules.

    Returns
    -------
    Table
        `values` and ``rfm_segment``.
    """
    measures = [_known(values[name]) for name in ("recency_days", "order_count", "monetary_minor")]
    edges = (scorer.recency_days, scorer.order_count, scorer.monetary)
    r, f, m = (_passed(column, cuts, scorer.mode) for column, cuts in zip(measures, edges, strict=True))
    scored = values.mutate(r_score=scorer.bins - r, f_score=f + 1, m_score=m + 1)
    unknown = measures[0].isnull() | measures[1].isnull() | measures[2].isnull()
    cases = [(_expression(scored, tree), name) for name, tree in read(scorer.rules).items()]
    return scored.select(*values.columns, rfm_segment=ibis.cases((unknown, OTHERS), *cases, else_=OTHERS))


def assign_rules(values: Table, rules: Mapping[str, Node], column: str = "rule") -> Table:
    """Name every customer after the first rule that holds, as an expression of the engine.

    Parameters
    ----------
    values : Table
        With every column that the rules name.
    rules : mapping from name to tree
    column : str
        Name of the new column.

    Returns
    -------
    Table
        `values` and the new column; ``Others`` where no rule holds.
    """
    cases = [(_expression(values, tree), name) for name, tree in rules.items()]
    return values.mutate(**{column: ibis.cases(*cases, else_=OTHERS) if cases else ibis.literal(OTHERS)})


def _expression(values: Table, node: Node) -> Any:
    """Turn a rule into a condition of the engine; values enter as typed literals, never as text of a query."""
    if isinstance(node, Missing):
        return _known(values[node.name]).isnull()
    if isinstance(node, Not):
        return ~_expression(values, node.part)
    if isinstance(node, Compare):
        return SIGNS[node.sign](_known(values[node.name]), node.value).fill_null(False)
    return reduce(and_ if isinstance(node, Every) else or_, (_expression(values, part) for part in node.parts))


def _known(column: Any) -> Any:
    """A category that is not known counts as missing, and so does a number that is none (Spark keeps both)."""
    if column.type().is_floating():
        return column.isnan().ifelse(ibis.null("float64"), column)
    return column.nullif(UNKNOWN) if column.type().is_string() else column


def _scaled(column: Any, scale: ColumnScale) -> Any:
    held = column if scale.level is None else column == scale.level
    filled = _known(held.cast("float64")).fill_null(scale.fill)
    if scale.transform == "signed_log":
        filled = filled.sign() * (filled.abs() / scale.unit + 1.0).ln()
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


def _passed(column: Any, edges: Sequence[float], mode: rfm.Mode) -> Any:
    """Count the edges below a value; R counts an edge that is reached."""
    passed: Any = ibis.literal(0)
    for edge in edges:
        passed = passed + (column >= edge if mode == "rfm_r" else column > edge).cast("int64")
    return passed
