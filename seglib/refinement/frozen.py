"""Last quarter's frozen rules applied to today's customers: did the people move, or the labels?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.refinement.rules import percent

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.criteria import Features


def crossed(now: Segmentation, before: Segmentation, features: Features) -> pd.DataFrame:
    """Count today's customers by segment: last quarter's, by last quarter's frozen rules, and today's."""
    frozen = before.relabel(features)
    joined = now.labels.select("customer", now=now.labels.segment)
    joined = joined.inner_join(frozen.select("customer", frozen=frozen.segment), "customer")
    joined = joined.left_join(before.labels.select("customer", then=before.labels.segment), "customer")
    grouped = joined.group_by("then", "frozen", "now")
    counts: pd.DataFrame = grouped.aggregate(customers=joined.count()).to_pandas()
    old, new = (side.segments.set_index("segment")["name"] for side in (before, now))
    return counts.assign(then=counts["then"].map(old), frozen=counts["frozen"].map(old), now=counts["now"].map(new))


def agreement(counts: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Compare the frozen rules with today's, on today's customers: share alike in all, and by segment."""
    weight = counts["customers"]
    same = weight.where(counts["frozen"] == counts["now"], 0).groupby(counts["now"]).sum()
    here = weight.groupby(counts["now"]).sum()
    either = here + weight.groupby(counts["frozen"]).sum().reindex(here.index, fill_value=0) - same
    return float(same.sum() / weight.sum()), pd.DataFrame({"followed": same / here, "shared": same / either})


def people_or_labels(counts: pd.DataFrame, alike: float) -> tuple[str, ...]:
    """Tell people who moved from labels that moved."""
    known = counts.dropna(subset=["then"])
    total = max(int(known["customers"].sum()), 1)
    moved, people = (
        float(known.loc[known["then"] != known[side], "customers"].sum()) / total for side in ("now", "frozen")
    )
    return (
        f"Last quarter's frozen rules give {percent(alike)} of today's customers the segment that they have now; "
        "for the rest the labels moved, not the people.",
        f"Of the customers known in both quarters {percent(moved)} have another segment now; by the frozen rules "
        f"{percent(people)} would have, because they themselves changed.",
    )
