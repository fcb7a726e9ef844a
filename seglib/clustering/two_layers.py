"""Value times need: which combinations are large enough to act on, and what to do with the small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from seglib.disclosure.differences import hold_back
from seglib.methods.layers import Layers, layer
from seglib.methods.present import Head, present, whole, yes

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

TIERS = ("low", "middle", "high")


@dataclass(frozen=True)
class TwoLayers:
    """The cross-table of segments and value tiers, with small cells merged.

    Parameters
    ----------
    result : Layers
    names : tuple of str
        Segments, the most valuable first.
    floor : int
        Customers that a cell needs to be acted on.
    privacy_floor : int
        Smaller counts are blank.
    edges_minor : tuple of float
        Revenue at which the middle and the high tier start.
    """

    result: Layers
    names: tuple[str, ...]
    floor: int
    privacy_floor: int
    edges_minor: tuple[float, ...]

    def table(self) -> pd.DataFrame:
        """Return customers by segment (row) and value tier (column); blank where there are fewer than may be shown."""
        cells = _told(self.result.cells, self.result.groups, self.privacy_floor)
        wide = cells.pivot(index="need", columns="value", values="customers").reindex(self.names, columns=list(TIERS))
        shown = wide.rename(columns=lambda tier: f"{tier} value").rename_axis(columns=None)
        heads: dict[str, Head] = {"need": "segment"} | {tier: (tier, whole) for tier in map(str, shown)}
        return present(shown.rename_axis("need").reset_index(), heads)

    def groups(self) -> pd.DataFrame:
        """Return what is left after merging, in the order of the segments: group, customers, large enough."""
        rows = self.result.groups
        counts = rows["customers"].where(rows["customers"] >= self.privacy_floor)
        heads: dict[str, Head] = {
            "group": "group",
            "customers": ("customers", whole),
            "large": ("large enough to act on", yes),
        }
        return present(rows.assign(customers=counts), heads)

    def verdict(self) -> str:
        """Say in one sentence how much of the cross-table can be acted on."""
        cells, groups = self.result.cells, self.result.groups
        alone, total = int(cells["alone"].sum()), int(cells["customers"].sum())
        share = cells.loc[cells["alone"], "customers"].sum() / total
        return (
            f"{alone} of {len(cells)} combinations hold at least {self.floor:,} customers by themselves, "
            f"{share:.0%} of all customers; after merging {int(groups['large'].sum())} of {len(groups)} groups do, "
            f"and together they still hold all {int(groups['customers'].sum()):,}."
        )


def _told(cells: pd.DataFrame, groups: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Leave out the cells that are small, and those from which they follow beside the segments and the merged groups.

    Examples
    --------
    >>> cells = pd.DataFrame({"need": "A", "value": ["low", "middle", "high"], "customers": [29, 4, 23]})
    >>> merged = cells.assign(merged=["A: low to middle", "A: low to middle", "A: high"])
    >>> groups = pd.DataFrame({"group": ["A: low to middle", "A: high"], "customers": [33, 23]})
    >>> _told(merged, groups, 10)["customers"].tolist()
    [nan, nan, 23.0]
    """
    shown = groups.loc[groups["customers"] >= floor, "group"]
    said = pd.concat([_sums(cells["need"]), _sums(cells["merged"]).reindex(shown)])
    asked = pd.DataFrame(np.eye(len(cells)), cells.index, cells.index)
    counts = cells["customers"].astype("float64")
    return cells.assign(customers=counts.mask(hold_back(cells["customers"], said, asked, floor)))


def _sums(groups: pd.Series[str]) -> pd.DataFrame:
    """Write which cells each group counts: one row per group."""
    return pd.get_dummies(groups, dtype=int).T


def layers(segmentation: Segmentation, features: Features, privacy_floor: int = 10) -> TwoLayers:
    """Cross the segments (what customers need) with three tiers of revenue in the window (what they are worth).

    Parameters
    ----------
    segmentation : Segmentation
        Its ``size_floor_share`` says how large a cell must be to be acted on.
    features : Features
    privacy_floor : int
        The plan's ``privacy.floor``; a cell must reach it, too.

    Returns
    -------
    TwoLayers
        Equal amounts share a tier. Small cells join a neighbour (see ``seglib.methods.layers.layer``).
    """
    values = features.values
    cuts = values.aggregate(cut=values.monetary_minor.quantile([1 / 3, 2 / 3])).to_pandas()["cut"][0]
    edges = tuple(float(cut) for cut in cuts)
    both = values.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    money = both.monetary_minor
    tier = ibis.cases((money <= edges[0], TIERS[0]), (money <= edges[1], TIERS[1]), else_=TIERS[2])
    tiered = both.mutate(value=tier)
    counts = tiered.group_by("segment", "value").aggregate(customers=tiered.count())
    names = segmentation.segments.set_index("segment")["name"]
    frame = counts.order_by("segment", "value").to_pandas()
    floor = max(privacy_floor, round(segmentation.size_floor_share * features.customers))
    crossed = frame.assign(need=frame["segment"].map(names))[["need", "value", "customers"]]
    return TwoLayers(layer(crossed, TIERS, floor), tuple(names), floor, privacy_floor, edges)
