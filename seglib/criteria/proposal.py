"""The written rule by which the scorecard proposes criteria, one sentence for each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.core.steady import steady_column
from seglib.criteria.gaps import MISSING_SHARE_MAX
from seglib.criteria.names import plain
from seglib.methods.association import explained
from seglib.methods.present import percent
from seglib.methods.shares import bounded

COMMONEST_SHARE_MAX = 0.9  # nearly everybody has the same value
STEADY_MIN = 0.3  # rank correlation with last quarter: below it, customers change places by chance
SAME_FROM = 0.8  # rank correlation of two criteria from which they say the same
SURELY_MIN = 0.1  # the whole interval of its strength must lie beyond this
PROPOSED_MAX = 7  # nobody can explain a segment by more
EXPLAINED_MAX = 0.8  # of the variance of its ranks
FULL = f"Tells something, but {PROPOSED_MAX} others come before it."
TOLD = ["goal", "measure", "value", "strength", "surely", "better"]


def propose(scores: pd.DataFrame, relevance: pd.DataFrame, values: pd.DataFrame, floor: int = 10) -> pd.DataFrame:
    """Propose criteria by a written rule.

    1. A criterion must be known for at least 70 % of customers, and no more than 90 % may have the same value.
    2. It must put customers into much the same order as a quarter ago (rank correlation of at least 0.3).
    3. It must surely tell a goal: the whole interval of its strength lies beyond 0.1. Where no goal could be told by
       anything, this is not asked.
    4. Of criteria that say the same only one is taken, and none of which those taken already say 80 % together.
    5. The goals take turns, each the criterion that tells it most surely, until seven are taken; where nothing is
       told, those come first in which customers differ most.

    Parameters
    ----------
    scores : DataFrame
        name, known_share, commonest_share, steady, like.
    relevance : DataFrame
        goal, name, measure, value, strength, surely and better (+1 when more of the metric is better, else -1).

    values : DataFrame
        One row per customer of the sample, one column per criterion.
    floor : int
        Smallest number of customers that may be told.

    Returns
    -------
    DataFrame
        The same rows with goal, measure, value, strength and surely of the goal at whose turn it comes, proposed and
        why; the proposed ones first, in the order in which they were taken.
    """
    relevance = relevance.assign(surely=steady_column(relevance["surely"]))
    turns = relevance.assign(turn=relevance.groupby("goal")["surely"].rank(ascending=False, method="first"))
    turns = turns.assign(turn=turns["turn"].where(turns["surely"] > 0, len(relevance)))
    first = turns.sort_values(["turn", "surely"], ascending=[True, False], kind="stable").drop_duplicates("name")
    ordered = scores.merge(first[["name", "turn", *TOLD]], "left", on="name")
    differ = steady_column(ordered["known_share"] * (1 - ordered["commonest_share"]))
    ordered = ordered.assign(differ=differ).fillna({"surely": 0.0})
    ordered = ordered.sort_values(
        ["turn", "surely", "differ", "name"], ascending=[True, False, False, True], ignore_index=True
    )
    taken: list[str] = []
    reasons = []
    for row in ordered.to_dict("records"):
        said = explained(values, str(row["name"]), taken)
        shares = _shares(row, len(values), floor)
        against = _against(row, taken, bool(len(relevance)), shares) or _said_already(said)
        against = against or (FULL if len(taken) >= PROPOSED_MAX else "")
        taken += [] if against else [str(row["name"])]
        reasons.append(against or _for(row))
    judged = ordered.drop(columns=["differ", "turn"]).assign(proposed=ordered["name"].isin(taken), why=reasons)
    return judged.sort_values("proposed", ascending=False, kind="stable", ignore_index=True)


def _shares(row: dict[Any, Any], customers: int, floor: int) -> tuple[str, str]:
    """Write for how many customers a criterion is known, and how many of these have its commonest value."""
    known = round(row["known_share"] * customers)
    return bounded([row["known_share"]], customers, floor)[0], bounded([row["commonest_share"]], known, floor)[0]


def _against(row: dict[Any, Any], taken: list[str], told: bool, shares: tuple[str, str]) -> str:
    """Say what speaks against a criterion; "" when nothing does."""
    rival = next((name for name in taken if name in row["like"]), "")
    if row["known_share"] < 1 - MISSING_SHARE_MAX:
        return f"Known for {shares[0] or 'few'} of customers only."
    if row["commonest_share"] > COMMONEST_SHARE_MAX:
        said = f"{shares[1] or 'most'} of customers have the same value."
        return said[0].upper() + said[1:]
    if row["steady"] < STEADY_MIN:
        return f"Customers change places from quarter to quarter (rank correlation {row['steady']:.2f})."
    if told and not row["surely"] > SURELY_MIN:
        return f"Tells no goal clearly better than a coin (sure of {row['surely']:.2f}; above {SURELY_MIN:g} is asked)."
    return (
        f"Says the same as {plain(rival)}, which is taken already (rank correlation of {SAME_FROM:g} or more)."
        if rival
        else ""
    )


def _said_already(share: float) -> str:
    return f"Those taken already say {percent(share)} of it together." if share >= EXPLAINED_MAX else ""


def _for(row: dict[Any, Any]) -> str:
    """Say what speaks for a criterion."""
    if not row["surely"] > 0:
        return "Known, varied and steady; no goal could be held against it."
    side = "the more the better" if row["strength"] * row["better"] > 0 else "the less the better"
    if row["measure"] == "AUC":
        right = max(row["value"], 1 - row["value"])
        return f"{row['goal']}: of two customers it names the right one in {percent(right)} of cases ({side})."
    return f"{row['goal']}: rank correlation {row['value']:+.2f} ({side})."
