"""Several numbers of segments side by side, and the written rule that chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from seglib.clustering.build import build
from seglib.clustering.manual import fit_rfm
from seglib.clustering.scorer import Scorer
from seglib.clustering.space import check, sample, scaled, scales, words_used
from seglib.clustering.way import Way, agreement, instead, named, way
from seglib.core.errors import Finding, InputRefused
from seglib.criteria.features import Features
from seglib.criteria.names import plain
from seglib.methods.choice import choose, compared, tiny
from seglib.methods.clusterers import CUSTOMERS_PER_SEGMENT, Fit, largest_k, ordered
from seglib.methods.flows import flows
from seglib.methods.models import METHODS, Method
from seglib.methods.present import Head, percent, plain_number, present, whole, yes
from seglib.methods.rfm import Rfm
from seglib.methods.scaling import Scaling
from seglib.methods.shares import bounded
from seglib.methods.stability import Stability
from seglib.methods.structure import Structure, structure

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.sections import Clustering


TRANSFORMS = {
    "identity": "none",
    "signed_log": "logarithm",
    "square_root": "square root",
    "answer": "none, yes is 1 and no is 0",
}
UNIT_POWERS = {"identity": 1.0, "square_root": 0.5}  # of the unit in a step; a logarithm has none


@dataclass(frozen=True, eq=False)
class Candidates:
    """Divisions into several numbers of segments, made from one sample of customers.

    Parameters
    ----------
    features : Features
    settings : Clustering
        The plan's section.
    scaling : Scaling
        Learnt from the sample.
    fits : dict from k to Fit
        Segments in the order of their mean revenue in the sample, the most valuable first.
    stabilities : dict from k to Stability
    structure : Structure
        Evidence for groups, against comparison data without groups.
    quality : DataFrame
        One row per k: k, silhouette, calinski_harabasz, davies_bouldin, gap and gap_error (against data without
        groups), smallest_share, smallest_count, stability (mean adjusted Rand index of pairs of samples) and
        stability_error, weakest (lowest Jaccard stability of a segment), agreement (of the method's own labels with
        the nearest centre), eligible, why.
    rfm : Rfm
        Edges of the score rules beside it.
    sampled : int
        Customers in the sample.
    scales : DataFrame
        One row per number: criterion, transform, centre (in the criterion's unit), step (one robust standard deviation
        after the transform), missing_share, held_share (beyond four steps), why (the transform).
    way : Way
        The method, and why it was taken.
    """

    features: Features
    settings: Clustering
    scaling: Scaling
    fits: dict[int, Fit]
    stabilities: dict[int, Stability]
    structure: Structure
    quality: pd.DataFrame
    rfm: Rfm
    sampled: int
    scales: pd.DataFrame
    way: Way

    def table(self) -> pd.DataFrame:
        """Return the comparison, rounded, with the automatic choice marked."""
        return self._marked().round(3).round({"calinski_harabasz": 0})

    def _marked(self) -> pd.DataFrame:
        """Mark the automatic choice; not rounded, as who shows a number rounds it once."""
        return self.quality.assign(chosen=self.quality["k"] == self._automatic()[0])

    def summary(self) -> pd.DataFrame:
        """Return the comparison with readable heads."""
        heads: dict[str, Head] = {
            "k": "segments",
            "silhouette": ("silhouette", "{:.2f}".format),
            "calinski_harabasz": ("Calinski-Harabasz", whole),
            "davies_bouldin": ("Davies-Bouldin", "{:.2f}".format),
            "smallest_share": ("smallest segment", percent),
            "stability": ("stability", "{:.2f}".format),
            "weakest": ("weakest segment", "{:.2f}".format),
            "eligible": ("eligible", yes),
            "chosen": ("chosen", yes),
        }
        return present(self._marked(), heads)

    def reasons(self) -> pd.DataFrame:
        """Return why each number of segments passes the floors or not, beside the gap statistic."""
        heads: dict[str, Head] = {
            "k": "segments",
            "gap": ("gap", "{:.2f}".format),
            "gap_error": ("its error", "{:.2f}".format),
            "why": "why",
            "chosen": ("chosen", yes),
        }
        if self.quality["agreement"].min() < 1:
            heads = {**heads, "agreement": ("nearest centre agrees", percent)}
        return present(self._marked(), heads)

    def scale_table(self) -> pd.DataFrame:
        """Return what was done to each criterion before anybody was compared, with readable heads."""
        units = self.features.catalogue.set_index("name")["unit"]
        unit = (self.scales["criterion"].map(units) == "money").map({True: self.features.minor_per_major, False: 1})
        rows = self.scales.assign(
            centre=self.scales["centre"] / unit,
            step=self.scales["step"] / unit ** self.scales["transform"].map(UNIT_POWERS).fillna(0.0),
            criterion=self.scales["criterion"].map(plain),
            transform=self.scales["transform"].map(TRANSFORMS),
        )
        heads: dict[str, Head] = {
            "criterion": "criterion",
            "transform": "transform",
            "why": "why",
            "centre": ("median, becomes 0", plain_number),
            "step": ("one step", "{:,.2f}".format),
            "missing_share": "not known, takes the median",
            "held_share": "held at four steps",
        }
        of = (self.features.customers, self.features.floor)
        return present(rows.assign(**{n: bounded(rows[n], *of) for n in heads if n.endswith("_share")}), heads)

    def across(self) -> pd.DataFrame:
        """Return which segments of each division come from which of the next coarser one (see ``flows``)."""
        return flows(self.fits)

    def pick(self, choice: int | str = "auto") -> Segmentation:
        """Take one number of segments and label every customer.

        Parameters
        ----------
        choice : int or "auto"
            A number that was compared, or the written rule (see ``choose``).

        Raises
        ------
        InputRefused
            V26, when this number of segments was not compared.
        """
        k, reason = self._taken(choice)
        return build(
            features=self.features,
            settings=self.settings,
            method=METHODS[self.way.method].title,
            scorer=Scorer(self.scaling, tuple(tuple(float(v) for v in row) for row in self.fits[k].centres)),
            stability=self.stabilities[k],
            structure=self.structure,
            quality=self.quality.assign(chosen=self.quality["k"] == k),
            rfm=self.rfm,
            notes=(reason, *self._notes(), *agreement(self.way.method, self.fits[k])),
        )

    def reason(self, choice: int | str = "auto") -> str:
        """Say in one or two sentences why this number of segments is taken (see ``pick``)."""
        return self._taken(choice)[1]

    def _taken(self, choice: int | str) -> tuple[int, str]:
        if choice != "auto" and choice not in self.fits:
            raise InputRefused(self._not_compared(choice))
        automatic, reason = self._automatic()
        if choice == "auto":
            return automatic, reason
        return int(choice), f"The plan asks for {choice} segments; the rule would take {automatic}. {reason}"

    def _automatic(self) -> tuple[int, str]:
        """Take the number that the data chose with the method, or the one of the written rule."""
        if self.way.k is None:
            return choose(self.quality, self.structure)
        return self.way.k, f"{self.way.k} segments, chosen by the data together with the method."

    def _notes(self) -> tuple[str, ...]:
        sentences = []
        if self.sampled < self.features.customers:
            sentences.append(
                f"Learnt from {self.sampled:,} customers drawn by the hash of their pseudonym; "
                f"all {self.features.customers:,} are labelled."
            )
        if self.scaling.constant:
            names = ", ".join(plain(name) for name in self.scaling.constant)
            few = CUSTOMERS_PER_SEGMENT
            sentences.append(
                f"Left out, because all customers, or all but fewer than {few}, look alike in it: {names}."
            )
        sentences += words_used(self.scaling)
        known = self.features.catalogue.set_index("name")["missing_share"]
        filled = [plain(name) for name in self.scales["criterion"] if known[name] > 0]
        if filled:
            sentences.append(f"Where not known, the median stands in: {', '.join(filled)}.")
        return tuple(sentences)

    def method(self) -> str:
        """Say by which method the customers are divided, why, and how well its frozen rule repeats it."""
        return named(self.way, self.sampled, self.quality["agreement"].min())

    def _not_compared(self, choice: int | str) -> Finding:
        low, high = min(self.fits), max(self.fits)
        return Finding(
            "V26",
            f"the number of segments must be between {low} and {high}",
            "plan.yml, clustering.choice",
            found=str(choice),
            do="write auto, or a number that the customers allow (ten different ones per segment)",
        )


def measure(features: Features, settings: Clustering, seed: int) -> Candidates:
    """Make and measure every division; see ``seglib.clustering.compare``."""
    check(features, settings)
    frame = sample(features, settings)
    scaling = scaled(frame, features, settings)
    x = scaling.apply(frame)
    ks = range(settings.smallest_count, max(settings.smallest_count, largest_k(x, settings.largest_count)) + 1)
    found = structure(x, seed, ks=list(ks), categories=scaling.categories)

    def divided(method: Method) -> tuple[dict[int, Fit], dict[int, Stability], pd.DataFrame]:
        fits = method.fits(x, list(ks), seed, scaling.names)
        fits = {k: ordered(fit, frame["monetary_minor"]) for k, fit in fits.items()}
        stabilities = method.stabilities(x, fits, seed, settings.bootstrap_pairs)
        floors = settings.size_floor_share, settings.stability_floor
        return fits, stabilities, compared(x, fits, stabilities, found, seed, *floors)

    taken = way(x, settings, ks, seed)
    fits, stabilities, quality = divided(METHODS[taken.method])
    before, taken = taken, instead(taken, quality)
    if taken.method != before.method:
        fits, stabilities, quality = divided(METHODS[taken.method])
    if settings.choice == "auto" and (finding := tiny(quality)):
        raise InputRefused(finding)
    return Candidates(
        features=features,
        settings=settings,
        scaling=scaling,
        fits=fits,
        stabilities=stabilities,
        structure=found,
        quality=quality,
        rfm=fit_rfm(frame.rename(columns={"monetary_minor": "monetary"}), settings.rfm, features.minor_per_major),
        sampled=len(frame),
        scales=scales(frame, scaling, x, settings.transforms),
        way=taken,
    )
