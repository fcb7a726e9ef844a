"""Sizes, money and typical values of each segment, counted in the engine over all customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.plan import Clustering
    from seglib.criteria import Features

DECIMAL = "decimal(38, 6)"  # sums of decimals do not depend on the order of the rows


def _shown(features: Features) -> list[str]:
    """Criteria of the profile: those that make the segments, and the money."""
    return list(dict.fromkeys([*features.use, "monetary_minor"]))


def sums(labelled: Table, features: Features) -> pd.DataFrame:
    """Count, sum and halve per segment, in one pass of the engine."""
    facts: dict[str, Any] = {"customers": labelled.count(), "revenue_minor": labelled.monetary_minor.sum()}
    for name in _shown(features):
        column = labelled[name]
        facts[f"median {name}"] = column.median()
        facts[f"sum {name}"] = column.cast("float64").round(6).cast(DECIMAL).sum().cast("float64")
        facts[f"known {name}"] = column.count()
    frame: pd.DataFrame = labelled.group_by("segment").aggregate(**facts).order_by("segment").to_pandas()
    return frame.set_index("segment")


def segments(
    sums: pd.DataFrame, names: list[str], identities: dict[str, int], jaccard: list[float], settings: Clustering
) -> pd.DataFrame:
    share = sums["customers"] / sums["customers"].sum()
    small, loose = share < settings.size_floor_share, np.array(jaccard) < settings.stability_floor
    why = np.select(
        [small & loose, small, loose],
        ["too small, and not stable", "too small", "not stable: another sample would mix it"],
        "large and stable enough",
    )
    return pd.DataFrame(
        {
            "segment": sums.index,
            "name": names,
            "identity": [identities[name] for name in names],
            "customers": sums["customers"],
            "share": share,
            "revenue_minor": sums["revenue_minor"].astype("int64"),
            "revenue_share": sums["revenue_minor"] / sums["revenue_minor"].sum(),
            "jaccard": jaccard,
            "usable": ~(small | loose),
            "why": why,
        }
    ).reset_index(drop=True)


def centres(sums: pd.DataFrame, apart: pd.DataFrame, features: Features) -> pd.DataFrame:
    catalogue = features.catalogue.set_index("name")
    rows = []
    for name in _shown(features):
        total, known, unit = sums[f"sum {name}"], sums[f"known {name}"], str(catalogue.loc[name, "unit"])
        medians = [float(catalogue["median"][name]), *sums[f"median {name}"]]
        means = [total.sum() / known.sum(), *(total / known)]
        away = [0.0, *apart[name]] if name in apart else [float("nan")] * len(means)
        for segment, (median, mean, deviation) in enumerate(zip(medians, means, away, strict=True)):
            typical = mean if unit == "share" else median
            rows.append((segment, name, unit, median, mean, typical, deviation))
    columns = ["segment", "criterion", "unit", "median", "mean", "typical", "deviation"]
    return pd.DataFrame(rows, columns=columns)
