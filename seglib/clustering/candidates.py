"""Several numbers of segments side by side, and the written rule that chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.build import build
from seglib.clustering.manual import fit_rfm
from seglib.clustering.scorer import Scorer
from seglib.core.errors import Finding, InputRefused
from seglib.criteria import Features, plain
from seglib.methods.clusterers import Fit, kmeans, largest_k
from seglib.methods.present import Head, percent, present, whole, yes
from seglib.methods.quality import quality
from seglib.methods.rfm import Rfm
from seglib.methods.scaling import Scaling
from seglib.methods.stability import Stability, stability
from seglib.methods.structure import REPRODUCIBLE_FROM, Structure, structure

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.core.plan import Clustering

Array = npt.NDArray[np.float64]


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
    stabilities : dict from k to Stability
    structure : Structure
        Evidence for groups, against comparison data without groups.
    quality : DataFrame
        One row per k: k, silhouette, calinski_harabasz, davies_bouldin, smallest_share, stability (median adjusted
        Rand index of bootstrap pairs), weakest (lowest Jaccard stability of a segment), eligible.
    rfm : Rfm
        Edges of the score rules beside it.
    sampled : int
        Customers in the sample.
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

    def table(self) -> pd.DataFrame:
        """Return the comparison, rounded, with the automatic choice marked."""
        chosen = self.quality["k"] == choose(self.quality, self.structure)[0]
        return self.quality.assign(chosen=chosen).round(3).round({"calinski_harabasz": 0})

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
        return present(self.table(), heads)

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
        if choice != "auto" and choice not in self.fits:
            raise InputRefused(self._not_compared(choice))
        automatic, reason = choose(self.quality, self.structure)
        k = automatic if choice == "auto" else int(choice)
        if choice != "auto":
            reason = f"The plan asks for {k} segments; the rule would take {automatic}. {reason}"
        return build(
            features=self.features,
            settings=self.settings,
            scorer=Scorer(self.scaling, tuple(tuple(float(v) for v in row) for row in self.fits[k].centres)),
            stability=self.stabilities[k],
            structure=self.structure,
            quality=self.quality.assign(chosen=self.quality["k"] == k),
            rfm=self.rfm,
            notes=(reason, *self._notes()),
        )

    def _notes(self) -> tuple[str, ...]:
        sentences = []
        if self.sampled < self.features.customers:
            sentences.append(
                f"Learnt from {self.sampled:,} customers drawn by the hash of their pseudonym; "
                f"all {self.features.customers:,} are labelled."
            )
        if self.scaling.constant:
            names = ", ".join(plain(name) for name in self.scaling.constant)
            sentences.append(f"Left out, because all customers look alike in it: {names}.")
        known = self.features.catalogue.set_index("name")["missing_share"]
        filled = [plain(name) for name in self.scaling.names if known[name] > 0]
        if filled:
            sentences.append(f"Where not known, the median stands in: {', '.join(filled)}.")
        return tuple(sentences)

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
    frame = sample(features, settings.sample_rows)
    scaling = Scaling.fit(frame[list(features.use)])
    x = scaling.apply(frame)
    ks = range(settings.smallest_count, max(settings.smallest_count, largest_k(x, settings.largest_count)) + 1)
    fits = {k: kmeans(x, k, seed) for k in ks}
    stabilities = {k: stability(x, fit, seed, pairs=settings.bootstrap_pairs) for k, fit in fits.items()}
    scored = frame.rename(columns={"monetary_minor": "monetary"})
    return Candidates(
        features=features,
        settings=settings,
        scaling=scaling,
        fits=fits,
        stabilities=stabilities,
        structure=structure(x, seed, ks=list(ks)),
        quality=_qualities(x, fits, stabilities, settings, seed),
        rfm=fit_rfm(scored, settings.rfm, features.minor_per_major),
        sampled=len(frame),
    )


def sample(features: Features, rows: int) -> pd.DataFrame:
    """Bring at most so many customers into memory, drawn by the hash of their pseudonym: no seed, no chance.

    The rows are ordered by their values, not by the pseudonym: a study set up anew, with another key, is cut alike.
    """
    values = features.values
    if features.customers > rows:
        values = values.order_by(values.customer.hexdigest("sha256"), values.customer).limit(rows)
    wanted = dict.fromkeys([*features.use, "recency_days", "order_count", "monetary_minor"])
    frame: pd.DataFrame = values.select("customer", *wanted).to_pandas()
    return frame.drop(columns="customer").sort_values(list(wanted), ignore_index=True)


def _qualities(
    x: Array, fits: dict[int, Fit], stabilities: dict[int, Stability], settings: Clustering, seed: int
) -> pd.DataFrame:
    rows = []
    for k, fit in fits.items():
        found, repeated = quality(x, fit, seed), stabilities[k]
        weakest = min(repeated.jaccard)
        stable = min(repeated.median, weakest) >= settings.stability_floor
        rows.append(
            {
                "k": k,
                "silhouette": found.silhouette,
                "calinski_harabasz": found.calinski_harabasz,
                "davies_bouldin": found.davies_bouldin,
                "smallest_share": found.smallest_share,
                "stability": repeated.median,
                "weakest": weakest,
                "eligible": bool(stable and found.smallest_share >= settings.size_floor_share),
            }
        )
    return pd.DataFrame(rows)


def choose(quality: pd.DataFrame, structure: Structure) -> tuple[int, str]:
    """Choose a number of segments by a written rule.

    1. Only divisions count whose smallest segment, whose stability, and whose every segment's stability reach the
       plan's floors.
    2. Where the customers form natural groups, take the number at which the groups are clearest (silhouette).
    3. Where they do not, no number is the true one: take the finest division that is still reproducible (stability
       of at least 0.8, else the most stable one).
    4. Where no division reaches the floors, take the most stable one and say so.

    Parameters
    ----------
    quality : DataFrame
        With k, silhouette, stability, eligible.
    structure : Structure

    Returns
    -------
    (int, str)
        The number, and the reason in one sentence.

    Examples
    --------
    >>> quality = pd.DataFrame({"k": [2, 3], "silhouette": [0.4, 0.6], "stability": [0.9, 0.95], "eligible": True})
    >>> choose(quality, Structure(0.6, 3, (0.2,), (0.3,)))[0]
    3
    """
    fit = quality[quality["eligible"]]
    if fit.empty:
        k = int(quality["k"].iloc[quality["stability"].argmax()])
        return k, f"No number of segments reaches the floors of size and stability; {k} is the most stable one."
    if structure.verdict(0.0) == "natural":
        k = int(fit["k"].iloc[fit["silhouette"].argmax()])
        return k, f"{k} segments: the customers form natural groups, and at this number the groups are clearest."
    stable = fit[fit["stability"] >= min(REPRODUCIBLE_FROM, fit["stability"].max())]
    k = int(stable["k"].max())
    return k, (
        f"{k} segments: the customers form no natural groups, so this is the finest division that another sample "
        "of customers would give again."
    )
