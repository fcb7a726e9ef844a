"""What became of each segment: its name says who continues it, its members and centres say how."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.methods.matching import Matching, closeness, events, match
from seglib.refinement.moves import names_of, people

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

IDENTITY = ["segment", "name", "previous", "overlap", "closeness", "event", "came_from"]


def _in_todays_words(before: Segmentation, now: Segmentation) -> Segmentation:
    """Call last quarter's segments as today, where the plan has renamed a segment since."""
    today = dict(zip(now.segments["identity"], now.segments["name"], strict=True))
    old = before.segments
    names = [today.get(row.identity, row.name) for row in old.itertuples(index=False)]
    return replace(before, segments=old.assign(name=names))


def known(
    before: Segmentation, now: Segmentation, features_before: Features, features: Features
) -> tuple[Segmentation, pd.DataFrame, pd.DataFrame]:
    """Give last quarter's segments in today's words, and who was in them, and is in today's."""
    same = _in_todays_words(before, now)
    then = people(same.labels, names_of(same), features_before)
    return same, then, people(now.labels, names_of(now), features)


def compare(
    now: Segmentation, before: Segmentation, members_before: pd.Series[str], members_now: pd.Series[str]
) -> tuple[pd.DataFrame, str]:
    """Tell what became of each segment, and whether members and centres alone give the same names.

    Parameters
    ----------
    now, before : Segmentation
        `before` in today's words.
    members_before, members_now : Series from customer to name

    Returns
    -------
    DataFrame and sentence
        As `Refinement.identity`; a segment that is gone has the number 0.
    """
    near = closeness(_centres(before, before), _centres(now, before))
    found = match(members_before, members_now, closeness=near)
    identity = _told(now, before, found)
    carried = identity[identity["segment"] > 0].set_index("name")["previous"]
    alone = {str(name): str(found.names.get(name) or "") for name in carried.index}
    other = {name: old for name, old in alone.items() if old != carried[name]}
    if not other:
        return identity, "Members and centres, matched on their own, give every segment the name that it has."
    said = "; ".join(f"{name}: {old or 'new'}" for name, old in other.items())
    return identity, f"Members and centres, matched on their own, would say otherwise of {said}. Look at these first."


def _centres(segmentation: Segmentation, scale: Segmentation) -> pd.DataFrame:
    """Give the median customer of each segment, by name, on the scale of one of the two quarters."""
    rows = segmentation.centres[segmentation.centres["segment"] > 0]
    wide = rows.pivot(index="segment", columns="criterion", values="median")
    names = segmentation.segments.set_index("segment")["name"]
    scaled = {c.name: c.apply(wide[c.name]) for c in scale.scorer.scaling.columns if c.name in wide}
    return pd.DataFrame(scaled, index=wide.index).set_axis(list(names.loc[wide.index]), axis=0)


def _told(now: Segmentation, before: Segmentation, found: Matching) -> pd.DataFrame:
    old = set(before.segments["name"])
    names = {name: name if name in old else None for name in now.segments["name"]}
    told = events(Matching(dict(names), found.overlaps))
    event = told.dropna(subset=["current"]).drop_duplicates("current").set_index("current")["event"]
    kept = found.overlaps[found.overlaps["previous"] == found.overlaps["current"]].set_index("current")
    near = kept[["jaccard", "closeness"]].reindex(list(names), fill_value=0.0)
    mostly = found.overlaps[found.overlaps["current_share"] > MOSTLY]
    origin = dict(zip(mostly["current"], mostly["previous"], strict=True))
    rows: list[tuple[Any, ...]] = [
        (
            row.segment,
            row.name,
            names[row.name] or "",
            *near.loc[str(row.name)],
            event.get(row.name, "survive" if names[row.name] else "new"),
            origin.get(row.name, ""),
        )
        for row in now.segments.itertuples(index=False)
    ]
    merged = set(told.loc[told["event"] == "merge", "previous"])
    gone = [name for name in before.segments["name"] if name not in names]
    rows += [(0, name, name, 0.0, 0.0, "merge" if name in merged else "dissolved", "") for name in gone]
    return pd.DataFrame(rows, columns=IDENTITY)


MOSTLY = 0.5
