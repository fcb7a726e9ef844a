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


def judge(identity: pd.DataFrame, sizes: pd.DataFrame, drift: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Give every segment of either quarter its verdict; the first rule that holds decides.

    1. No segment of last quarter holds enough of the same customers: ``new``.
    2. A segment of last quarter that has no successor: ``retire``.
    3. Too small, or not stable: ``retire``.
    4. Overlap with its past below ``same_segment_overlap``, or more than ``moved_share_to_refit`` of last quarter's
       customers moved elsewhere: ``refit``.
    5. A criterion drifted inside the segment by ``drift_psi`` or more (tenure apart, which grows by itself):
       ``refit``.
    6. Else ``keep``.

    Parameters
    ----------
    identity : DataFrame
        segment, name, previous, overlap, event.
    sizes : DataFrame
        name, previous_customers, moved_out, usable, why.
    drift : DataFrame
        criterion, name, psi, psi_noise, p_adjusted.
    settings : Refinement
        The plan's section.

    Returns
    -------
    DataFrame
        segment (0 for a segment that is gone), name, verdict, why.
    """
    by_name = sizes.set_index("name")
    large = drifted(drift[~drift["criterion"].isin(AGEING)], settings.drift_psi)
    rows = [
        (row.segment, row.name, *_judge_one(row, by_name.loc[row.name], large[large["name"] == row.name], settings))
        for row in identity.itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=["segment", "name", "verdict", "why"])


def _judge_one(row: Any, size: pd.Series[Any], large: pd.DataFrame, settings: Settings) -> tuple[str, str]:
    moved = size["moved_out"] / max(int(size["previous_customers"]), 1)
    if row.event == "dissolved":
        return "retire", "no segment of this quarter holds enough of its customers"
    if not row.previous:
        return "new", "no segment of last quarter holds enough of its customers"
    if not size["usable"]:
        return "retire", str(size["why"])
    if row.overlap < settings.same_segment_overlap:
        return "refit", f"shares only {row.overlap:.0%} with its past; the plan asks for {settings.same_segment_overlap:.0%}"
    if moved > settings.moved_share_to_refit:
        return "refit", f"{moved:.0%} of last quarter's customers moved to other segments"
    if not large.empty:
        return "refit", "changed inside: " + ", ".join(plain(name) for name in large["criterion"])
    return "keep", f"same customers (overlap {row.overlap:.0%}), nothing changed that matters"


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
    'Keep: 90 % of the customers are in segments that are to be kept.'
    """
    kept = sizes["name"].isin(verdicts.loc[verdicts["verdict"] == "keep", "name"])
    share = sizes.loc[kept, "customers"].sum() / sizes["customers"].sum()
    if share >= 0.5:
        return f"Keep: {100 * share:.0f} % of the customers are in segments that are to be kept."
    frozen = "" if agreement is None else f" Last quarter's rules would put {100 * agreement:.0f} % where they are now."
    return f"Refit: only {100 * share:.0f} % of the customers are in segments that are to be kept.{frozen}"
