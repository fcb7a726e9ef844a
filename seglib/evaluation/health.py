"""Whether a campaign can be read as an experiment at all: checked before any effect is shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.evaluation.standing import UNPLACED
from seglib.methods.experiments import SRM_LIMIT, benjamini_hochberg, sample_ratio
from seglib.methods.present import after_name

if TYPE_CHECKING:
    from seglib.core.run import Run
    from seglib.core.sections import Evaluation

CONTAMINATED_LIMIT_SHARE = 0.01
NO_CONTROL = "no control - description only"
FIND = "find the cause first."
TWICE, OPEN, SHORT = "the same customer was in two arms", "open", "short"


def check(name: str, rows: pd.DataFrame, left_out: dict[str, int], settings: Evaluation) -> dict[str, Any]:
    """Check one campaign: a control group, nobody in two arms, and the sizes that were planned.

    Parameters
    ----------
    name : str
        Campaign.
    rows : DataFrame
        One row per customer: segment, arm.
    left_out : dict from reason to customers
        Who is not among the rows.
    settings : Evaluation
        Section of the plan: control_arm, and arms with their planned weights (1 for each that is not named).

    Returns
    -------
    dict
        campaign, customers, arms (text), srm_p, segment_srm_p (least, adjusted over the segments), broken (segments
        whose split is broken), complete_share (of the customers whose window is over), usable, and sentence ("" where
        nothing is wrong).
    """
    counts = {str(arm): int(n) for arm, n in rows["arm"].value_counts().sort_index().items()}
    planned = {arm: settings.arms.get(arm, 1.0) for arm in counts}
    still_open = left_out.get(OPEN, 0)
    said: dict[str, Any] = {
        "campaign": name,
        "customers": len(rows),
        "arms": ", ".join(f"{arm} {n:,}" for arm, n in counts.items()),
        "srm_p": math.nan,
        "segment_srm_p": math.nan,
        "broken": (),
        "complete_share": len(rows) / (len(rows) + still_open) if len(rows) else 0.0,
        "usable": False,
    }
    if settings.control_arm not in counts or len(counts) < 2:
        remedy = f"An arm called {settings.control_arm} beside another one would allow a test."
        return said | {"sentence": f"{name}: {NO_CONTROL}. {remedy}"}
    twice = left_out.get(TWICE, 0)
    if twice > CONTAMINATED_LIMIT_SHARE * (len(rows) + twice):
        sentence = f"{name}: {NO_CONTROL}. {twice:,} customers were in two arms, so nobody knows what they were sent."
        return said | {"sentence": sentence}
    said["srm_p"] = sample_ratio(counts, planned)
    if said["srm_p"] < SRM_LIMIT:
        return said | {"sentence": f"{name}: blocked. {split(counts, planned)}, p = {said['srm_p']:.1g}: {FIND}"}
    parts = split_in_segments(rows, planned)
    broken = tuple(parts.index[parts < SRM_LIMIT])
    said |= {"segment_srm_p": float(parts.min()), "broken": broken, "usable": True, "sentence": ""}
    return said


def only_variants(rows: pd.DataFrame, run: Run) -> pd.Series[bool]:
    """Mark the campaigns that compare variants with each other and have no control group: they are read apart."""
    named = {offer.trial.campaign for offer in run.plan.content.offers if offer.trial is not None}
    controlled = rows.loc[rows["arm"] == run.plan.evaluation.control_arm, "campaign"].unique()
    return rows["campaign"].isin(named) & ~rows["campaign"].isin(controlled)


def together(experiments: pd.DataFrame) -> tuple[str, ...]:
    """Say once what several campaigns have in common.

    Parameters
    ----------
    experiments : DataFrame
        campaign, and sentence: its name, a colon, and what is said of it.

    Examples
    --------
    >>> said = ["VIP: a: no control.", "b: it pays.", "c: no control."]
    >>> together(pd.DataFrame({"campaign": ["VIP: a", "b", "c"], "sentence": said}))
    ('VIP: a, c: no control.', 'b: it pays.')
    """
    names: dict[str, list[str]] = {}
    for name, sentence in zip(experiments["campaign"], experiments["sentence"], strict=True):
        if sentence:
            names.setdefault(after_name(name, sentence), []).append(name)
    return tuple(f"{', '.join(found)}: {rest}" for rest, found in names.items())


def split(counts: dict[str, int], planned: dict[str, float]) -> str:
    """Write the planned shares of the arms and those that were seen."""
    total, weights = sum(counts.values()), sum(planned.values())
    seen = "/".join(f"{counts[arm] / total:.1%}" for arm in counts)
    return f"{'/'.join(f'{planned[arm] / weights:.1%}' for arm in counts)} planned, {seen} seen"


def split_in_segments(rows: pd.DataFrame, planned: dict[str, float]) -> pd.Series:
    """Give each segment's p value of the planned sizes, adjusted over the segments (false discovery rate)."""
    rows = rows[rows["segment"] != UNPLACED]
    if rows.empty:
        return pd.Series(dtype=float)
    sizes = rows.groupby(["segment", "arm"]).size().unstack("arm", fill_value=0).reindex(columns=list(planned))
    p = [sample_ratio({str(arm): int(n) for arm, n in row.items()}, planned) for _, row in sizes.iterrows()]
    return pd.Series(benjamini_hochberg(p), index=sizes.index)
