"""What a refit on today's customers would make of the segments of a kept model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from seglib.refinement.identity import IDENTITY, compare

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation


@dataclass(frozen=True)
class Shadow:
    """A kept segmentation with the refit that stands beside it.

    Parameters
    ----------
    now : Segmentation
        Kept.
    refit : Segmentation
        The same customers in the segments of the refit.
    structure : {"natural", "constructed"}
        What the refit found.
    found_again : float
        How well refits on samples of today's customers agree with the kept segments, at most 1.
    rand : float
        Adjusted Rand index of the refit and the kept segments.
    """

    now: Segmentation
    refit: Segmentation
    structure: str
    found_again: float
    rand: float

    @classmethod
    def of(cls, now: Segmentation) -> Shadow | None:
        """Take the shadow of a segmentation; None where it was fitted this quarter, and has none."""
        if now.shadow_segments is None or now.shadow_centres is None or now.models is None:
            return None
        found = now.models.set_index("model")
        return cls(
            now,
            replace(now, segments=now.shadow_segments, centres=now.shadow_centres, k=int(found["k"]["refit"])),
            str(found["structure"]["refit"]),
            float(found["found_again"]["kept"]),
            float(found["rand"]["refit"]),
        )

    def fates(self) -> tuple[pd.DataFrame, str]:
        """Tell what a refit on today's customers would make of each kept segment.

        Returns
        -------
        DataFrame and sentence
            As `Refinement.identity`: every kept segment under its number; below them, with the number 0 and no previous
            name, the segments that only the refit has.
        """
        members = self.now.labels.select("customer", "segment", "shadow").to_pandas().set_index("customer")
        kept, refit = (side.segments.set_index("segment")["name"] for side in (self.now, self.refit))
        told, said = compare(self.refit, self.now, members["segment"].map(kept), members["shadow"].map(refit))
        number = dict(zip(self.now.segments["name"], self.now.segments["segment"], strict=True))
        own = told["name"].isin(number)
        told = told.assign(
            segment=told["name"].map(number).fillna(0).astype("int64"),
            previous=told["name"].where(own, ""),
            order=(~own).astype(int),
        )
        rows = told.sort_values(["order", "segment"], kind="stable", ignore_index=True)[IDENTITY]
        return rows, said.replace("Members and centres", "Members and centres of the refit")

    def outdated(self, identity: pd.DataFrame) -> str:
        """Say why a kept model as a whole is out of date, by a written rule; "" where it is not.

        1. Today's customers form natural groups, and the refit has one, large and stable enough to be used, that the
           kept model does not know.
        2. Refits on samples of today's customers agree with the kept segments by less than ``stability_floor``: such a
           division would not have been chosen.

        Parameters
        ----------
        identity : DataFrame
            From `fates`.
        """
        usable = set(self.refit.segments.loc[self.refit.segments["usable"], "name"])
        only = [str(name) for name in identity.loc[identity["segment"] == 0, "name"] if name in usable]
        if only and self.structure == "natural":
            return f"today's customers form a group that the kept model does not know: {', '.join(only)}"
        if self.found_again < self.now.stability_floor:
            return (
                "the kept segments are not where today's customers would be cut: found again with "
                f"{self.found_again:.2f}, and the plan asks for {self.now.stability_floor:.2f}"
            )
        return ""

    def said(self) -> str:
        """Say how far the refit agrees with the kept segments."""
        word = "natural groups" if self.structure == "natural" else "a cut through a continuum"
        return (
            f"A refit on today's customers would make {self.refit.k} segments ({word}); it agrees with the "
            f"{self.now.k} kept ones with an adjusted Rand index of {self.rand:.2f}."
        )
