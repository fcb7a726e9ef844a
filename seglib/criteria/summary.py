"""What a catalogue knows of each criterion: counted and quartered by the engine in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.criteria.criterion import UNKNOWN, Criterion

if TYPE_CHECKING:
    from seglib.core.engine import Table

QUARTILES = {"low": 0.25, "median": 0.5, "high": 0.75}


def summary(values: Table, criteria: Sequence[Criterion]) -> Table:
    """Count and quarter every column in one pass."""
    facts: dict[str, Any] = {"customers": values.count()}
    for criterion in criteria:
        column = values[criterion.name]
        known = column != UNKNOWN if criterion.kind == "category" else column.notnull()
        facts[criterion.name] = known.sum()
        if criterion.kind == "number":
            facts[f"{criterion.name} quartiles"] = column.quantile([*QUARTILES.values()])
            facts |= {f"{criterion.name} least": column.min(), f"{criterion.name} most": column.max()}
    return values.aggregate(**facts)


def catalogue(criteria: Sequence[Criterion], facts: pd.Series[Any], use: Sequence[str]) -> pd.DataFrame:
    """Explain every column: what it is, whether it makes segments, for whom it is known, and its quartiles."""
    rows = [
        {
            "name": c.name,
            "family": c.family,
            "role": c.role,
            "unit": c.unit,
            "kind": c.kind,
            "sensitivity": c.sensitivity,
            "level": c.level,
            "meaning": c.meaning,
            "clusters": c.name in use,
            "follows": c.follows,
            "customers": int(facts[c.name]),
            "missing_share": 1 - int(facts[c.name]) / int(facts["customers"]),
            **dict(zip(QUARTILES, _quartiles(facts, c), strict=True)),
        }
        for c in criteria
    ]
    return pd.DataFrame(rows)


def _quartiles(facts: pd.Series[Any], criterion: Criterion) -> list[float]:
    found = facts.get(f"{criterion.name} quartiles")
    if found is None or not facts[criterion.name]:
        return [float("nan")] * len(QUARTILES)
    return [float(value) for value in found]
