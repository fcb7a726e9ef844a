"""From a chosen division to the segmentation: label everybody in the engine, number by value, name, count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.clustering.naming import default_names, deviations, identify
from seglib.clustering.purses import told, with_largest
from seglib.clustering.scorer import Scorer, assign, assign_rfm
from seglib.clustering.segmentation import Segmentation
from seglib.clustering.words import NOT_STABLE, TENURE, surely_new
from seglib.criteria.features import Features
from seglib.methods.choice import verdict
from seglib.methods.clusterers import CUSTOMERS_PER_SEGMENT
from seglib.methods.rfm import Rfm
from seglib.methods.stability import Stability
from seglib.methods.structure import Structure

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.sections import Clustering

DECIMAL = "decimal(38, 6)"  # sums of decimals do not depend on the order of the rows


def build(
    features: Features,
    settings: Clustering,
    method: str,
    scorer: Scorer,
    stability: Stability,
    structure: Structure,
    quality: pd.DataFrame,
    rfm: Rfm,
    notes: tuple[str, ...],
) -> Segmentation:
    """Label every customer in the engine, number the segments by value, and name them.

    Parameters
    ----------
    features : Features
    settings : Clustering
    method : str
        As a report calls it.
    scorer : Scorer
        In any order of segments; `stability` has the same order.
    stability : Stability
    structure : Structure
    quality : DataFrame
    rfm : Rfm
    notes : tuple of str

    Returns
    -------
    Segmentation
        Segment 1 has the highest mean revenue per customer.
    """
    totals = sums(assign(features.values, scorer), features)
    worth = totals["revenue_minor"] / totals["customers"]
    order = [int(segment) for segment in worth.sort_values(ascending=False, kind="stable").index]
    ranked, totals = scorer.ordered(order), totals.loc[order].set_axis(range(1, len(order) + 1))
    away = apart(ranked, totals)
    known = typical(totals, away, features)
    defaults = default_names(away, sure(known, features), known - everyone(totals, away, features))
    names = [settings.names.get(name, name) for name in defaults]
    labelled = assign_rfm(assign(features.values, ranked), rfm)
    jaccard = [stability.jaccard[segment - 1] for segment in order]
    identities = identify(names, {})
    counted = labelled.group_by("segment", "rfm_segment").aggregate(customers=labelled.count())
    rfm_table = counted.order_by("segment", "rfm_segment").to_pandas()
    return Segmentation(
        labels=labelled.select("customer", "segment", "rfm_segment"),
        segments=segments(totals, names, identities, jaccard, settings),
        scorer=ranked,
        k=ranked.k,
        method=method,
        structure=structure.word,
        verdict=verdict(structure, stability.mean),
        quality=quality,
        centres=centres(totals, away, features),
        rfm=rfm,
        rules=dict(settings.rules),
        rfm_table=rfm_table.assign(name=[names[segment - 1] for segment in rfm_table["segment"]]),
        identities=identities,
        own_names=dict(settings.names),
        size_floor_share=settings.size_floor_share,
        stability_floor=settings.stability_floor,
        currency=features.currency,
        minor_per_major=features.minor_per_major,
        notes=(*notes, *rfm.ties(), *_unmet(settings.names, defaults)),
    )


def _unmet(own: Mapping[str, str], defaults: Sequence[str]) -> tuple[str, ...]:
    """Say which names of the plan name no segment, and which names there are.

    Examples
    --------
    >>> _unmet({"Large orders": "Caterers", "large order": "Caterers"}, ["Large orders", "Bought once"])
    ("clustering.names names no segment with: large order. Names that it can replace: 'Large orders', 'Bought once'.",)
    >>> _unmet({}, ["Large orders"])
    ()
    """
    missing = [name for name in own if name not in defaults]
    known = ", ".join(f"'{name}'" for name in defaults)
    said = f"clustering.names names no segment with: {', '.join(missing)}. Names that it can replace: {known}."
    return (said,) if missing else ()


def apart(scorer: Scorer, totals: pd.DataFrame) -> pd.DataFrame:
    """Measure how far each segment lies from everyone, in the criteria that are numbers."""
    numbers = [place for place, column in enumerate(scorer.scaling.columns) if column.level is None]
    centres = tuple(tuple(row[place] for place in numbers) for row in scorer.centres)
    return deviations(centres, totals["customers"], [scorer.scaling.names[place] for place in numbers])


def typical(totals: pd.DataFrame, away: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Give the value of a typical member for its name: the mean of a share, the median of any other number."""
    units = features.catalogue.set_index("name")["unit"]
    values = {
        name: totals[f"sum {name}"] / totals[f"known {name}"] if units[name] == "share" else totals[f"median {name}"]
        for name in away.columns
    }
    return pd.DataFrame(values, index=away.index).astype("float64")


def sure(typical: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Let nobody pass for new where the data begin too late to tell who is."""
    if TENURE not in typical:
        return typical
    past_days = float(features.values[TENURE].max().execute())
    return typical.assign(**{TENURE: surely_new(typical[TENURE], past_days)})


def everyone(totals: pd.DataFrame, away: pd.DataFrame, features: Features) -> pd.Series[float]:
    """Give the value of everyone as `typical` gives that of a member."""
    catalogue = features.catalogue.set_index("name")
    return pd.Series(
        {
            name: totals[f"sum {name}"].sum() / totals[f"known {name}"].sum()
            if catalogue.loc[name, "unit"] == "share"
            else catalogue.loc[name, "median"]
            for name in away.columns
        }
    ).astype("float64")


def _shown(features: Features) -> list[str]:
    """Criteria of the profile: those that make the segments, and the money."""
    return list(dict.fromkeys([*features.use, "monetary_minor"]))


def sums(labelled: Table, features: Features) -> pd.DataFrame:
    """Count, sum and halve per segment, in one pass of the engine."""
    labelled, money = with_largest(labelled, "monetary_minor")
    facts: dict[str, Any] = {"customers": labelled.count(), **money}
    for name in _shown(features):
        column = labelled[name]
        facts[f"median {name}"] = column.median()
        facts[f"sum {name}"] = column.cast("float64").round(6).cast(DECIMAL).sum().cast("float64")
        facts[f"known {name}"] = column.count()
    frame: pd.DataFrame = labelled.group_by("segment").aggregate(**facts).order_by("segment").to_pandas()
    return frame.rename(columns={"total": "revenue_minor"}).set_index("segment")


def segments(
    sums: pd.DataFrame, names: list[str], identities: dict[str, int], jaccard: list[float], settings: Clustering
) -> pd.DataFrame:
    """Give each segment its size, its money, its stability, and whether it can be used."""
    share = sums["customers"] / sums["customers"].sum()
    tiny = sums["customers"] < CUSTOMERS_PER_SEGMENT
    small, loose = tiny | (share < settings.size_floor_share), np.array(jaccard) < settings.stability_floor
    why = np.select(
        [small & loose, small, loose],
        ["too small, and not stable", "too small", NOT_STABLE],
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
            "revenue_share": (sums["revenue_minor"] / sums["revenue_minor"].sum()).where(told(sums)),
            "jaccard": jaccard,
            "usable": ~(small | loose),
            "why": why,
        }
    ).reset_index(drop=True)


def centres(sums: pd.DataFrame, apart: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Give the typical value of each shown criterion, in everyone (segment 0) and in each segment."""
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
