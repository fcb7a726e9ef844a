"""Notebook 04: is there structure, which method, how many segments, how stable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.clustering.manual import rescored, resolve
from seglib.clustering.naming import carried, fill, identify, neutral
from seglib.clustering.scorer import Scorer, assign
from seglib.criteria.features import Features
from seglib.criteria.names import plain
from seglib.disclosure.small_cells import in_rows
from seglib.methods.present import Head, percent, plain_number, present, shown, whole, yes
from seglib.methods.rfm import Rfm

if TYPE_CHECKING:
    from seglib.clustering.candidates import Candidates
    from seglib.core.engine import Table
    from seglib.core.sections import Clustering
    from seglib.objectives.objectives import Objectives

EVERYONE = "Everyone"


@dataclass(frozen=True)
class Segmentation:
    """The chosen segments.

    Parameters
    ----------
    labels : Table
        customer, segment (1 was the most valuable when the model was fitted), rfm_segment; every customer of the
        features. Where the model is kept also shadow: the customer's segment by a refit on today's data.
    segments : DataFrame
        segment, name, identity, customers, share, revenue_minor, revenue_share (missing where the money of a segment
        must not be shown, as one customer's could be told from it), jaccard, usable, why.
    scorer : Scorer
        Gives any customer a segment, without learning anew.
    k, method : int, str
    structure : str
        natural, reproducible or constructed.
    verdict : str
        The same in one plain sentence.
    quality : DataFrame
        One row per number of segments compared today.
    centres : DataFrame
        segment (0 is everyone), criterion, unit, median, mean, typical (mean of shares, else median), deviation (of
        the centre from everyone, in robust standard deviations; missing where the criterion makes no segments).
    rfm : Rfm
        Frozen edges and names of the score cells.
    rfm_table : DataFrame
        segment, name, rfm_segment, customers.
    identities : dict from name to identity
        Every name ever used in this study.
    own_names : dict from default name to the plan's name
    size_floor_share, stability_floor : float
        What a segment must reach to be usable.
    currency, minor_per_major : str, int
    rules : dict from name to rule text
        The analyst's own rules.
    notes : tuple of str
        First why these segments were taken, then what to know about them.
    age_quarters : int
        Quarters since the model was fitted: 0 when it was fitted on today's customers.
    basis : dict from place in the plan to decision
        What the model rests on; see ``keep_or_refit``.
    models : DataFrame
        The kept model and the refit, as far as there are both: model, k, structure, smallest_share, silhouette,
        found_again (mean adjusted Rand index with refits on samples), weakest (lowest Jaccard of a segment), rand
        (agreement of the two), chosen.
    shadow_segments, shadow_centres : DataFrame or None
        The same as segments and centres for the refit in the shadow of a kept model.
    """

    STEP: ClassVar[str] = "04_clustering"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"labels": ("customer",)}

    labels: Table
    segments: pd.DataFrame
    scorer: Scorer
    k: int
    method: str
    structure: str
    verdict: str
    quality: pd.DataFrame
    centres: pd.DataFrame
    rfm: Rfm
    rfm_table: pd.DataFrame
    identities: dict[str, int]
    own_names: dict[str, str]
    size_floor_share: float
    stability_floor: float
    currency: str
    minor_per_major: int
    notes: tuple[str, ...]
    rules: dict[str, str] = field(default_factory=dict)
    age_quarters: int = 0
    basis: dict[str, str] = field(default_factory=dict)
    models: pd.DataFrame | None = None
    shadow_segments: pd.DataFrame | None = None
    shadow_centres: pd.DataFrame | None = None

    def named_like(self, previous: Segmentation | None, features: Features) -> Segmentation:
        """Keep last quarter's names and colours for the segments that behave alike.

        Last quarter's frozen rules are applied to today's customers, and the segments of both are matched by the
        customers they share (Hungarian method): a name follows the behaviour, not the persons. The edges of the RFM
        scores stay, too, so that a score means the same in both quarters (``clustering.rfm.edges``).

        Parameters
        ----------
        previous : Segmentation or None
            Last quarter's; None changes nothing.
        features : Features
            This quarter's.
        """
        if previous is None:
            return self
        before = previous.relabel(features)
        both = self.labels.inner_join(before.select("customer", before=before.segment), "customer")
        pairs = both.group_by("before", "segment").aggregate(customers=both.count())
        crossed = pairs.order_by("before", "segment").to_pandas()
        old = previous.segments.set_index("segment")["name"]
        kept = carried(crossed.assign(name=crossed["before"].map(old)))
        own = {segment: self.own_names.get(name, name) for segment, name in kept.items()}
        known = previous.identities | {own[segment]: previous.identities[name] for segment, name in kept.items()}
        names = fill([own.get(segment, "") for segment in self.segments["segment"]], list(self.segments["name"]))
        return self._rescored(self.rfm.continues(previous.rfm), features)._renamed(names, identify(names, known))

    def _rescored(self, rfm: Rfm, features: Features) -> Segmentation:
        if rfm == self.rfm:
            return self
        labels, counted = rescored(self.labels, features, rfm)
        return replace(self, rfm=rfm, labels=labels, rfm_table=counted)

    def relabel(self, features: Features) -> Table:
        """Give today's customers the segments of this segmentation's frozen rules: customer, segment.

        Where a criterion is not there any more, the customers keep the segments that they had.
        """
        there = set(features.values.columns)
        if not set(self.scorer.scaling.names) <= there:
            return self.labels.select("customer", "segment")
        return assign(features.values, self.scorer).select("customer", "segment")

    def _renamed(self, names: list[str], identities: dict[str, int]) -> Segmentation:
        segments = self.segments.assign(name=names, identity=[identities[name] for name in names])
        by_number = dict(zip(segments["segment"], names, strict=True))
        rfm_table = self.rfm_table.assign(name=self.rfm_table["segment"].map(by_number))
        return replace(self, segments=segments, rfm_table=rfm_table, identities=identities)

    def profile(self, features: Features) -> pd.DataFrame:
        """Return the typical customer of each segment beside everyone: one row each, main units of money.

        Parameters
        ----------
        features : Features
            Names the units.
        """
        rows = self.centres.assign(
            typical=(self.centres["typical"] / self._scale(self.centres["unit"])).round(2),
            criterion=list(map(self._heading, self.centres["criterion"], self.centres["unit"])),
        )
        headings = list(dict.fromkeys(rows["criterion"]))
        wide = rows.pivot(index="segment", columns="criterion", values="typical")[headings]
        everyone = pd.DataFrame({"segment": [0], "name": [EVERYONE], "customers": [features.customers]})
        about = pd.concat([everyone, self.segments[["segment", "name", "customers"]]])
        units = self.centres.drop_duplicates("criterion").set_index("criterion")["unit"]
        heads: dict[str, Head] = {"name": "segment", "customers": ("customers", whole)}
        for name, heading in zip(units.index, headings, strict=True):
            heads[heading] = (heading, percent if units[name] == "share" else plain_number)
        return present(about.join(wide, on="segment"), heads)

    def table(self) -> pd.DataFrame:
        """Return size, money and fitness of each segment, as people read them."""
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "share": ("share of customers", percent),
            "money": f"revenue ({self.currency})",
            "part": "share of revenue",
            "usable": ("usable", yes),
        }
        rows = self.segments
        money = shown(rows["revenue_minor"].where(rows["revenue_share"].notna()) / self.minor_per_major, whole)
        return present(rows.assign(money=money, part=shown(rows["revenue_share"], percent)), heads)

    def check(self, objectives: Objectives) -> pd.DataFrame:
        """Say of each segment whether it can be used, and which goals it is large enough to be tested for.

        Parameters
        ----------
        objectives : Objectives
            Their ``goals`` give the customers needed per arm of a test.
        """
        goals = objectives.goals[["name", "n_per_arm"]].dropna()
        large = [
            ", ".join(goals.loc[2 * goals["n_per_arm"] <= count, "name"]) or "none alone"
            for count in self.segments["customers"]
        ]
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "share": (f"share of customers, at least {percent(self.size_floor_share)}", percent),
            "jaccard": (f"stability, at least {self.stability_floor:.2f}", "{:.2f}".format),
            "usable": ("usable", yes),
            "why": "why",
            "large": "large enough to test",
        }
        return present(self.segments.assign(large=large), heads)

    def compare_rfm(self, floor: int = 10) -> pd.DataFrame:
        """Return how the segments spread over the named RFM cells: customers, one row per segment.

        Parameters
        ----------
        floor : int
            Counts below this are blank, and the next smallest of a segment where they would follow from its size.
        """
        told = self.rfm_table.assign(customers=self.rfm_table["customers"].astype(str))
        told["customers"] = told["customers"].mask(in_rows(self.rfm_table, ["name"], floor), "")
        wide = told.pivot(index="name", columns="rfm_segment", values="customers").reindex(self.segments["name"])
        return wide.fillna("").rename_axis(columns=None).rename_axis("segment").reset_index()

    def _scale(self, unit: pd.Series[Any]) -> pd.Series[Any]:
        return unit.map(lambda u: self.minor_per_major if u == "money" else 1)

    def _heading(self, criterion: str, unit: str) -> str:
        said = self.currency if unit == "money" else unit
        name = plain(criterion)
        return name if said in name or said == name else f"{name} ({said})"


def compare(features: Features, settings: Clustering, seed: int) -> Candidates:
    """Divide the customers into two to eight segments and measure each division.

    Parameters
    ----------
    features : Features
        ``use`` names the criteria.
    settings : Clustering
        The plan's section: range of k, pairs of bootstrap samples, rows of the sample, floors.
    seed : int
        Same seed, same segments.

    Returns
    -------
    Candidates

    Raises
    ------
    InputRefused
        V24, when all customers look alike; V25, when there are too few; R23, when the plan names a segment after
        something that the law protects; P08, when a rule of the plan is wrong.
    """
    neutral(settings.names.values(), "plan.yml, clustering.names")
    neutral({**settings.rules, **settings.rfm.rules}, "plan.yml, clustering.rules")
    resolve(settings.rules, features)
    from seglib.clustering.candidates import measure  # only notebook 04 pays for the clusterers

    return measure(features, settings, seed)
