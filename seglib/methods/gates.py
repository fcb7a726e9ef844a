"""Which segments are acted on at all: a loose or tiny one gets no persona, no content and no export."""

from __future__ import annotations

from typing import Any

import pandas as pd

TINY_SHARE = 0.01  # of all customers; below it, or below the floor of the plan, no decision of the plan helps
TINY = "too few members"
OPT_IN = "clustering.use_unstable"
USED = "Every segment passes the floors of size and stability in the plan, so each may be acted on."


def left_out(segments: pd.DataFrame, floor: int, use_unstable: bool = False) -> pd.DataFrame:
    """Give the segments that must not be acted on.

    Parameters
    ----------
    segments : DataFrame
        segment, name, customers, usable and why, as notebook 04 hands them on.
    floor : int
        Smallest group that may be shown.
    use_unstable : bool
        The plan wants small and unstable segments used all the same; those of fewer members than the floor, or under
        one per cent of the customers, stay out.

    Returns
    -------
    DataFrame
        segment, name, customers, why; no rows where all may be used.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "customers": [300, 100], "usable": [True, False]})
    >>> left_out(rows.assign(why="not stable"), 10).to_dict("list")
    {'segment': [2], 'name': ['B'], 'customers': [100], 'why': ['not stable']}
    >>> len(left_out(rows.assign(why="not stable"), 10, use_unstable=True))
    0
    """
    tiny = segments["customers"] < max(floor, TINY_SHARE * segments["customers"].sum())
    out = tiny if use_unstable else tiny | ~segments["usable"].astype(bool)
    rows = segments.assign(why=segments["why"].mask(tiny, TINY))
    return rows.loc[out, ["segment", "name", "customers", "why"]].reset_index(drop=True)


def sentence(segments: pd.DataFrame, floor: int, use_unstable: bool, what: str) -> str:
    """Say which segments are left out, why, and how many customers that concerns; which are in against advice.

    Parameters
    ----------
    segments, floor, use_unstable
        As for `left_out`.
    what : str
        What a segment that is left out does not get.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "customers": [300, 100], "usable": [True, False]})
    >>> sentence(rows.assign(why="not stable"), 10, False, "no persona").split(". ")[0]
    'B (not stable) gets no persona: 100 of 400 customers'
    """
    out, strict = left_out(segments, floor, use_unstable), left_out(segments, floor)
    wanted = strict[~strict["segment"].isin(out["segment"])]
    if not len(strict):
        return USED
    said = []
    if len(out):
        here, all_ = int(out["customers"].sum()), int(segments["customers"].sum())
        count = f"{here:,}" if here >= floor else f"fewer than {floor}"
        said.append(f"{_named(out)} {'gets' if len(out) == 1 else 'get'} {what}: {count} of {all_:,} customers.")
    loose = out["why"].ne(TINY)
    if loose.any() and not use_unstable:
        them = "it" if loose.sum() == 1 else "them"
        said.append(f"To use {them} all the same, set {OPT_IN} in the plan.")
    if len(wanted):
        said.append(
            f"The plan uses {_named(wanted)} all the same ({OPT_IN}): {int(wanted['customers'].sum()):,} customers."
        )
    return " ".join(said)


def _named(rows: pd.DataFrame) -> str:
    words: list[Any] = [f"{row.name} ({row.why})" for row in rows.itertuples(index=False)]
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else str(words[0])
