"""What a refit on today's customers would make of the segments of a kept model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.refinement.identity import IDENTITY, compare

if TYPE_CHECKING:
    from seglib.clustering import Segmentation


def against_shadow(now: Segmentation) -> tuple[pd.DataFrame, str]:
    """Tell what a refit on today's customers would make of each kept segment.

    Parameters
    ----------
    now : Segmentation
        Kept, with its shadow.

    Returns
    -------
    DataFrame and sentence
        As `Refinement.identity`: every kept segment under its number; below them, with the number 0 and no previous
        name, the segments that only the refit has.
    """
    assert now.shadow_segments is not None
    assert now.shadow_centres is not None
    shadow = replace(now, segments=now.shadow_segments, centres=now.shadow_centres)
    members = now.labels.select("customer", "segment", "shadow").to_pandas().set_index("customer")
    kept, refit = (side.segments.set_index("segment")["name"] for side in (now, shadow))
    told, said = compare(shadow, now, members["segment"].map(kept), members["shadow"].map(refit))
    number = dict(zip(now.segments["name"], now.segments["segment"], strict=True))
    own = told["name"].isin(number)
    told = told.assign(
        segment=told["name"].map(number).fillna(0).astype("int64"),
        previous=told["name"].where(own, ""),
        order=(~own).astype(int),
    )
    rows = told.sort_values(["order", "segment"], kind="stable", ignore_index=True)[IDENTITY]
    return rows, said.replace("Members and centres", "Members and centres of the refit")


def shadow_structure(now: Segmentation) -> str:
    """Say whether the refit in the shadow found natural groups (natural or constructed); "" without a shadow."""
    return "" if now.shadow_segments is None else str(_refit(now)["structure"])


def outdated(now: Segmentation, identity: pd.DataFrame) -> str:
    """Say why a kept model as a whole is out of date, by a written rule; "" where it is not.

    1. Today's customers form natural groups, and the refit has one, large and stable enough to be used, that the kept
       model does not know.
    2. Refits on samples of today's customers agree with the kept segments by less than ``stability_floor``: such a
       division would not have been chosen.

    Parameters
    ----------
    now : Segmentation
        With a shadow, or without one: then it is not out of date.
    identity : DataFrame
        From `against_shadow`.
    """
    if now.shadow_segments is None or now.models is None:
        return ""
    usable = set(now.shadow_segments.loc[now.shadow_segments["usable"], "name"])
    only = [str(name) for name in identity.loc[identity["segment"] == 0, "name"] if name in usable]
    if only and shadow_structure(now) == "natural":
        return f"today's customers form a group that the kept model does not know: {', '.join(only)}"
    again = float(now.models.loc[now.models["model"] == "kept", "found_again"].iloc[0])
    if again < now.stability_floor:
        return (
            "the kept segments are not where today's customers would be cut: found again with "
            f"{again:.2f}, and the plan asks for {now.stability_floor:.2f}"
        )
    return ""


def shadow_said(now: Segmentation) -> tuple[str, ...]:
    """Say how far the refit in the shadow agrees with the kept segments; nothing without a shadow."""
    if now.shadow_segments is None:
        return ()
    row = _refit(now)
    word = "natural groups" if row["structure"] == "natural" else "a cut through a continuum"
    return (
        f"A refit on today's customers would make {row['k']} segments ({word}); it agrees with the {now.k} kept ones "
        f"with an adjusted Rand index of {row['rand']:.2f}.",
    )


def _refit(now: Segmentation) -> dict[Any, Any]:
    assert now.models is not None
    return next(dict(row) for row in now.models.to_dict("records") if row["model"] == "refit")
