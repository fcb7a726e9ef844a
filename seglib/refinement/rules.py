"""The written rule by which a segment is kept, refitted or retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.criteria import plain

if TYPE_CHECKING:
    from seglib.core.plan import Refinement as Settings

SIGNIFICANT = 0.05
AGEING = ("tenure_days",)  # grows by itself with every quarter, so its drift is no reason to refit


def drifted(drift: pd.DataFrame, psi: float) -> pd.DataFrame:
    """Keep the rows of a drift table whose change is both large and not chance.

    Parameters
    ----------
    drift : DataFrame
        With psi, psi_noise and p_adjusted.
    psi : float
        The plan's limit; what psi shows by chance in samples of this size is taken off first.

    Examples
    --------
    >>> drift = pd.DataFrame({"psi": [0.4, 0.4], "psi_noise": [0.0, 0.3], "p_adjusted": [0.01, 0.01]})
    >>> len(drifted(drift, 0.25))
    1
    """
    return drift[(drift["p_adjusted"] < SIGNIFICANT) & (drift["psi"] - drift["psi_noise"] >= psi)]


def judge(
    identity: pd.DataFrame, sizes: pd.DataFrame, drift: pd.DataFrame, frozen: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Give every segment of either quarter its verdict; the first rule that holds decides.

    1. A segment of last quarter that has no successor: ``retire``.
    2. A segment that was not there last quarter: ``new``.
    3. Too small, or not stable: ``retire``.
    4. Today's and last quarter's rules, both applied to today's customers, overlap in it by less than
       ``same_segment_overlap``: ``refit``.
    5. Last quarter's rules would put less than 1 - ``moved_share_to_refit`` of its customers into it: ``refit``.
    6. Else ``keep``; what drifted inside by ``drift_psi`` or more is named (tenure apart, which grows by itself).

    Parameters
    ----------
    identity : DataFrame
        segment (0 when gone), name, previous, came_from.
    sizes : DataFrame
        name, usable, why.
    drift : DataFrame
        criterion, name, psi, psi_noise, p_adjusted.
    frozen : DataFrame by name
        shared: overlap (Jaccard) of the segment by today's and by last quarter's rules; followed: the share of its
        customers whom last quarter's rules put into it too.
    settings : Refinement
        The plan's section.

    Returns
    -------
    DataFrame
        segment (0 for a segment that is gone), name, verdict, why.
    """
    by_name = sizes.set_index("name").to_dict("index")
    rules = frozen.to_dict("index")
    large = drifted(drift[~drift["criterion"].isin(AGEING)], settings.drift_psi)
    rows = []
    for row in identity.to_dict("records"):
        inside = list(large.loc[large["name"] == row["name"], "criterion"])
        facts = {**by_name[row["name"]], "shared": 0.0, "followed": 0.0, **rules.get(row["name"], {}), **row}
        rows.append((row["segment"], row["name"], *_judge_one(facts, inside, settings)))
    return pd.DataFrame(rows, columns=["segment", "name", "verdict", "why"])


def _judge_one(facts: dict[Any, Any], inside: list[str], settings: Settings) -> tuple[str, str]:
    if facts["segment"] == 0:
        return "retire", "no segment of this quarter continues it"
    if not facts["previous"]:
        origin = f"; most of its customers come from {facts['came_from']}" if facts["came_from"] else ""
        return "new", "no segment of last quarter behaves like it" + origin
    if not facts["usable"]:
        return "retire", str(facts["why"])
    if facts["shared"] < settings.same_segment_overlap:
        wanted = percent(settings.same_segment_overlap)
        return "refit", f"old and new rules share {percent(facts['shared'])} of it; the plan asks for {wanted}"
    if facts["followed"] < 1 - settings.moved_share_to_refit:
        return "refit", f"last quarter's rules would put only {percent(facts['followed'])} of its customers here"
    if inside:
        return "keep", "still the same segment; read its persona again, as these changed inside it: " + ", ".join(
            plain(name) for name in inside
        )
    return "keep", "still the same segment, and nothing in it changed that matters"


def percent(share: float) -> str:
    """Write a share for people.

    Examples
    --------
    >>> percent(0.354)
    '35%'
    """
    return f"{100 * share:.0f}%"


def overall(verdicts: pd.DataFrame, sizes: pd.DataFrame, agreement: float | None) -> str:
    """Say in one sentence what to do with the segmentation as a whole.

    Parameters
    ----------
    verdicts : DataFrame
        From ``judge``.
    sizes : DataFrame
        name, customers.
    agreement : float or None
        Share of customers whom last quarter's frozen rules put into the segment that they have now.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"name": ["A", "B"], "verdict": ["keep", "refit"]})
    >>> overall(verdicts, pd.DataFrame({"name": ["A", "B"], "customers": [90, 10]}), 0.95)
    'Keep: 90% of the customers are in segments that are to be kept.'
    """
    kept = sizes["name"].isin(verdicts.loc[verdicts["verdict"] == "keep", "name"])
    share = sizes.loc[kept, "customers"].sum() / sizes["customers"].sum()
    if share >= 0.5:
        return f"Keep: {percent(share)} of the customers are in segments that are to be kept."
    frozen = "" if agreement is None else f" Last quarter's rules would put {percent(agreement)} where they are now."
    return f"Refit: only {percent(share)} of the customers are in segments that are to be kept.{frozen}"
