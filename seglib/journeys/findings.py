"""Where a segment loses more than all others: differences tested together and ranked by the money they stand for."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seglib.core.engine import Table
from seglib.journeys.lifecycle import WELL
from seglib.journeys.sums import summed
from seglib.methods.clustered import clustered_difference
from seglib.methods.experiments import benjamini_hochberg

SLIPPED, AWAY = "was in good standing, and is at risk or lapsed now", "was at risk or lapsed, and has not come back"
COLUMNS = [
    *("segment", "what", "share", "low", "high", "rest", "difference", "difference_low", "difference_high"),
    *("n", "customers", "lost_minor", "p", "p_adjusted", "passes"),
]


def left_after(step: str) -> str:
    """Name the loss of those who came to a step of a visit and no further.

    Examples
    --------
    >>> left_after("cart")
    'left after cart'
    """
    return f"left after {step}"


def funnel_losses(sums: pd.DataFrame, order_values: Mapping[int, float]) -> pd.DataFrame:
    """Compare, step by step, the sessions that each segment loses; `worth_minor` is what a kept one would bring.

    Parameters
    ----------
    sums : DataFrame
        From `funnel_sums`.
    order_values : mapping from segment to mean order value in minor units
    """
    last = sums.groupby("segment")[["x", "n"]].last()
    bought = (last["n"] - last["x"]).reindex(sums["segment"]).to_numpy(dtype=float)
    went_on = (sums["n"] - sums["x"]).to_numpy(dtype=float)
    value = sums["segment"].map(dict(order_values)).to_numpy(dtype=float)
    kept = pd.Series(went_on, index=sums.index)
    worth = pd.Series(bought, index=sums.index) / kept.where(kept > 0) * value
    return sums.assign(what=list(map(left_after, sums["step"])), worth_minor=worth)


def stage_losses(before: Table, after: Table, member: Table, spent: Table) -> pd.DataFrame:
    """Count, per segment, who slipped out of good standing and who stayed away; worth is what a kept one spent.

    Parameters
    ----------
    before, after : Table
        customer, stage on the first day and after the last.
    member : Table
        customer, segment on the first day.
    spent : Table
        customer, spent_minor during the quarter.
    """
    both = before.select("customer", was=before.stage).inner_join(after.select("customer", now=after.stage), "customer")
    rows = both.inner_join(member, "customer").left_join(spent, "customer", rname="_{name}")
    stood, stands = rows.was.isin(WELL), rows.now.isin(WELL)
    marked = rows.select(
        "segment",
        what=stood.ifelse(SLIPPED, AWAY),
        x=(~stands).cast("int64"),
        n=stands.ifelse(1, 1).cast("int64"),
        spent_minor=rows.spent_minor.fill_null(0),
    ).cache()
    kept = marked.filter(marked.x == 0).group_by("segment", "what").agg(worth_minor=lambda t: t.spent_minor.mean())
    sums = summed(marked, ["segment", "what"])
    return sums.merge(kept.to_pandas(), "left", on=["segment", "what"])


def ranked(losses: pd.DataFrame, floor: int, level: float = 0.95) -> pd.DataFrame:
    """Test every loss of a segment against that of all others, and rank what is worse by the money lost.

    Parameters
    ----------
    losses : DataFrame
        segment, what, worth_minor, and the sums of `clustered_share`.
    floor : int
        Smaller groups of customers, on either side, are not compared.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        segment, what, share lost with interval, rest (the same share among all others), difference with interval, n,
        customers, lost_minor (difference x n x worth), p, p_adjusted (Benjamini and Hochberg over all rows), passes
        (beyond chance after the adjustment, and worse than the rest); most money first.
    """
    total = losses.groupby("what")["customers"].transform("sum")
    usable = losses[(losses["customers"] >= floor) & (total - losses["customers"] >= floor)].reset_index(drop=True)
    if not len(usable):
        return pd.DataFrame(columns=COLUMNS)
    rows = pd.concat([usable, clustered_difference(usable, ["what"], level)], axis=1)
    rows["p_adjusted"] = benjamini_hochberg(rows["p"])
    rows["lost_minor"] = rows["difference"] * rows["n"] * rows["worth_minor"]
    rows["passes"] = (rows["p_adjusted"] < 1 - level) & (rows["difference"] > 0)
    return rows.sort_values(["lost_minor", "segment"], ascending=[False, True])[COLUMNS].reset_index(drop=True)
