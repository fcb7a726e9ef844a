"""Find out which segment of this quarter is which segment of the last one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.core.steady import steady, steady_frame

CLOSE_MIN = 0.5  # a centre nearer to its old place than half the way to the next one
WHOLE = 1e9  # sums of whole numbers have no rounding errors, so that equal solutions are equal
JACCARD_MIN = 0.2  # two segments of equal size then share a third of their members; below it a name would mislead
MOSTLY = 0.5  # more than half
PIECE_SHARE_MIN = 0.2  # a part smaller than a fifth is drift, not a split or a merge
OVERLAP_COLUMNS = ("previous", "current", "customers_count", "jaccard", "previous_share", "current_share", "closeness")
EVENT_COLUMNS = ("event", "previous", "current", "customers_count")


@dataclass(frozen=True, eq=False)
class Matching:
    """The previous name of each current segment, with the overlaps behind it.

    Parameters
    ----------
    names : dict from current label to previous name or None
        None when no previous segment overlaps enough; a name is given at most once.
    overlaps : DataFrame
        One row per pair: previous, current, customers_count (in both), jaccard, previous_share (of the previous
        segment's members), current_share (of the current segment's members), closeness of the centres (NaN without
        them).
    """

    names: dict[Hashable, Hashable | None]
    overlaps: pd.DataFrame


def match(
    previous: pd.Series[Any],
    current: pd.Series[Any],
    jaccard_min: float = JACCARD_MIN,
    closeness: pd.DataFrame | None = None,
) -> Matching:
    """Match segments by the customers they share and by where their centres are (Hungarian method, Kuhn 1955).

    Parameters
    ----------
    previous : Series from customer to segment name
    current : Series from customer to label
    jaccard_min : float, 0 to 1
        Smallest Jaccard overlap, among customers known in both quarters, that carries a name over. At 0.2 two
        segments of equal size share 2 x 0.2 / (1 + 0.2) = one third of their members.
    closeness : DataFrame of previous name by current label, 0 to 1, or None
        From `closeness`. Then the mean of overlap and closeness is made as large as possible, and a closeness of
        0.5 carries a name over too: a segment of newcomers is the same one although all its members are others.

    Returns
    -------
    Matching
        The pairs with the highest total. Neither row order nor the numbering of a side changes it, unless two
        solutions are exactly equal; then names and labels in ascending order decide.

    Examples
    --------
    >>> last = pd.Series(["Gold", "Gold", "Rest", "Rest"], index=["a", "b", "c", "d"])
    >>> match(last, pd.Series([1, 1, 0, 0], index=["a", "b", "c", "d"])).names
    {0: 'Rest', 1: 'Gold'}
    """
    both = _crossed(previous, current)
    before, after = both.index.tolist(), both.columns.tolist()
    either = both.sum(axis=1).to_numpy()[:, None] + both.sum(axis=0).to_numpy() - both.to_numpy()
    jaccard = both / np.maximum(either, 1)
    near = steady_frame(closeness.loc[before, after]) if closeness is not None else jaccard * np.nan
    carries = (jaccard >= jaccard_min) | (near >= CLOSE_MIN)
    score = np.rint((jaccard + near.fillna(0.0)).to_numpy() * WHOLE)
    names: dict[Hashable, Hashable | None] = dict.fromkeys(after)
    for row, column in zip(*linear_sum_assignment(score, maximize=True), strict=True):
        if carries.to_numpy()[row, column]:
            names[after[column]] = before[row]
    return Matching(names, _overlaps(both, jaccard, near))


def closeness(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Say how far each segment's centre still is where a previous centre was.

    Parameters
    ----------
    previous, current : DataFrame
        One row per segment, one column per criterion, on one scale; only the columns of both count.

    Returns
    -------
    DataFrame of previous by current, 0 to 1
        1 at the old place, 0.5 half the way to the nearest other previous centre, 0 from that distance on. NaN where
        the quarters have no criterion in common or two previous centres coincide.

    Examples
    --------
    >>> closeness(pd.DataFrame({"orders": [0.0, 4.0]}, ["A", "B"]), pd.DataFrame({"orders": [1.0]}, ["x"]))
          x
    A  0.75
    B  0.25
    """
    shared = [name for name in previous.columns if name in set(current.columns)]
    old, new = previous[shared].to_numpy(dtype=float), current[shared].to_numpy(dtype=float)
    apart = np.linalg.norm(old[:, None] - old[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    room = steady(apart.min(axis=1, keepdims=True))
    far = np.linalg.norm(old[:, None] - new[None], axis=2) / np.where(room > 0, room, np.nan)
    return pd.DataFrame(np.clip(1 - far, 0, 1), index=previous.index, columns=current.index)


def events(matching: Matching) -> pd.DataFrame:
    """Say what became of each segment, in the manner of MONIC (Spiliopoulou et al. 2006).

    A current segment is a *piece* of a previous one when most (over 50 %) of it comes from there and it holds at
    least 20 % of it. A previous segment is a *source* of a current one when most of it went there and it makes up
    at least 20 % of it.

    Parameters
    ----------
    matching : Matching

    Returns
    -------
    DataFrame with event, previous, current, customers_count
        ``split``: one row per piece, when a previous segment has two or more; ``merge``: one row per source, when
        a current segment has two or more; ``survive``: the name was carried over and neither of these holds;
        ``dissolved``: a previous segment in none of these; ``new``: a current segment in none of these.

    Examples
    --------
    >>> last = pd.Series(["Gold", "Gold", "Rest", "Rest"], index=["a", "b", "c", "d"])
    >>> events(match(last, pd.Series([1, 1, 0, 2], index=["a", "b", "c", "d"]))).event.tolist()
    ['split', 'split', 'survive']
    """
    pairs = matching.overlaps
    name = pairs["current"].map(matching.names)
    kept, unnamed = name == pairs["previous"], name.isna()
    unclaimed = ~pairs["previous"].isin(set(matching.names.values()))
    mostly_from = (pairs["current_share"] > MOSTLY) & (pairs["previous_share"] >= PIECE_SHARE_MIN)
    mostly_to = (pairs["previous_share"] > MOSTLY) & (pairs["current_share"] >= PIECE_SHARE_MIN)
    split = _several(pairs[mostly_from & unnamed | kept], "previous").assign(event="split")
    merge = _several(pairs[mostly_to & unclaimed | kept], "current").assign(event="merge")
    apart = ~pairs["previous"].isin(split["previous"]) & ~pairs["current"].isin(merge["current"])
    told = pd.concat([split, merge, pairs[kept & apart].assign(event="survive")])
    return _with_unmatched(told[list(EVENT_COLUMNS)], pairs, matching)


def _crossed(previous: pd.Series[Any], current: pd.Series[Any]) -> pd.DataFrame:
    """Count customers by previous and current segment; a segment without a common customer is a row of zeros."""
    joined = pd.concat([previous.rename("previous"), current.rename("current")], axis=1, join="inner")
    counts = joined.groupby(["previous", "current"], observed=True).size().unstack(fill_value=0)
    return counts.reindex(sorted(previous.unique()), columns=sorted(current.unique()), fill_value=0)


def _overlaps(both: pd.DataFrame, jaccard: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    tables = [
        both,
        jaccard,
        both.div(both.sum(axis=1).clip(lower=1), axis=0),
        both.div(both.sum(axis=0).clip(lower=1), axis=1),
        near,
    ]
    pairs = pd.MultiIndex.from_product([both.index, both.columns], names=OVERLAP_COLUMNS[:2])
    values = {name: table.to_numpy().ravel() for name, table in zip(OVERLAP_COLUMNS[2:], tables, strict=True)}
    return pd.DataFrame(values, index=pairs).reset_index()


def _several(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    """Keep the pairs whose segment on this side occurs more than once."""
    return pairs[pairs.duplicated(side, keep=False)].sort_values(side, kind="stable")


def _with_unmatched(told: pd.DataFrame, pairs: pd.DataFrame, matching: Matching) -> pd.DataFrame:
    gone = [name for name in pairs["previous"].unique() if name not in set(told["previous"])]
    fresh = [label for label in matching.names if label not in set(told["current"])]
    rows = [("dissolved", name, None, 0) for name in gone] + [("new", None, label, 0) for label in fresh]
    extra = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    objects = {"previous": object, "current": object}
    return pd.concat([told.astype(objects), extra.astype(objects)], ignore_index=True)
