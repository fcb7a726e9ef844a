"""Which counts of an audience are shown, given what earlier notebooks say of the same customers."""

from __future__ import annotations

import pandas as pd

from seglib.content.playbook import few, stated, sums
from seglib.disclosure.differences import hold_back
from seglib.disclosure.small_cells import in_rows
from seglib.methods.shares import bounded

COUNTED = ("contact", "held_out", "not_allowed", "no_offer")  # each customer is in exactly one


def unsaid(members: pd.DataFrame, actions: pd.DataFrame, floor: int) -> tuple[str, ...]:
    """Choose which counts are not shown, given what notebooks 06 and 07 say of the same customers.

    Parameters
    ----------
    members : DataFrame
        segment, stage, offer, arm, reason: one row per customer.
    actions : DataFrame
        As in `ContentPlan.actions`.
    floor : int
        Smallest count that is shown.

    Returns
    -------
    tuple of str
        "2 contact" where those of segment 2 who are contacted are not counted, "2 new contact" for its new customers,
        "all contact" for all segments together, and the reasons why nobody is contacted.
    """
    drawn = members["arm"].map({"contact": "contact", "holdout": "held_out"}).fillna("not_allowed")
    people = members.assign(part=drawn.where(members["offer"].notna(), "no_offer"))
    people[["stage", "offer"]] = people[["stage", "offer"]].fillna("")
    cells = people.groupby(["segment", "stage", "offer", "part", "reason"]).size().rename("customers").reset_index()
    earlier = _earlier(cells, actions, floor)
    told, what = earlier.pop("shown"), earlier.index.get_level_values(0)
    segment, part = cells["segment"].astype(str), " " + cells["part"]
    fine, offered = segment + " " + cells["stage"] + part, segment + " " + cells["offer"] + part
    staged = fine.where(cells["part"].isin(["contact", "held_out"]))
    size, *asked = map(_sums, (segment, segment + part, "all" + part, cells["reason"], staged))
    before = pd.concat([size, earlier[told]])
    wanted = pd.concat(asked).drop(index="", errors="ignore")
    guarded = pd.concat([_sums(fine), _sums(offered), earlier[what != "cost"]])
    held = hold_back(cells["customers"], before, wanted, floor, earlier[what == "few"], guarded)
    return tuple(map(str, held.index[held]))


def few_moved(moves: pd.DataFrame, floor: int) -> pd.Series[bool]:
    """Choose which numbers of moves since last quarter to hide: small ones, and those from which they would follow.

    Who entered and who was contacted before too are this quarter's contacts; who left and the latter are last
    quarter's. Both sums stand elsewhere, so one number that is hidden alone could be worked out.

    Parameters
    ----------
    moves : DataFrame
        event (entered, left, changed, stayed), why, customers.
    floor : int
        Smallest count that is shown.

    Examples
    --------
    >>> moves = pd.DataFrame({"event": ["entered", "entered", "left", "stayed"], "customers": [102, 3, 72, 443]})
    >>> few_moved(moves, 10).tolist()
    [True, True, False, False]
    """
    part = moves["event"].replace({"changed": "both", "stayed": "both"})
    hidden = in_rows(moves.assign(part=part), ["part"], floor)
    sums = moves["customers"].where(hidden, 0).groupby(part).sum()
    if sums.between(1, floor - 1).any():  # nothing beside it hides it, so something of each part does
        some = moves["customers"].where(moves["customers"] > 0).dropna()
        hidden |= moves.index.isin(some.groupby(part).idxmin())
    return hidden


def _sums(groups: pd.Series[str]) -> pd.DataFrame:
    """Write which cells each group counts: one row per group."""
    return pd.get_dummies(groups, dtype=int).T


def _earlier(cells: pd.DataFrame, actions: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Write the sums of notebooks 06 and 07 over these cells, and whether they are shown there."""
    counted = cells.groupby(["segment", "stage"])["customers"].sum().reset_index()
    planned = actions.drop(columns="customers", errors="ignore").merge(counted, "left", on=["segment", "stage"])
    planned = planned.assign(customers=planned["customers"].fillna(0).astype(int))  # in the order of notebook 07
    place = pd.Series(range(len(planned)), pd.MultiIndex.from_frame(planned[["segment", "stage"]]))
    at = place.reindex(pd.MultiIndex.from_frame(cells[["segment", "stage"]]), fill_value=len(planned))
    rows = pd.concat([sums(planned), pd.concat({"few": few(planned, floor)})])
    shown = pd.concat(stated(planned, floor))["shown"].reindex(rows.index, fill_value=False)
    rows = rows.assign(none=0)  # for customers without a stage
    return rows.iloc[:, at].set_axis(cells.index, axis=1).assign(shown=shown)


def changed_tier(moved: int, total: int, floor: int) -> str:
    """Say which share of the customers known in both quarters changed their tier; of few only the bound.

    Examples
    --------
    >>> changed_tier(3, 137, 10)[:45], changed_tier(30, 137, 10)[:29]
    ('Under 7.3% of the 137 customers known in both', '21.9% of the 137 customers kn')
    >>> changed_tier(1, 7, 10)[:50]
    'Fewer than 10 customers are known in both quarters'
    """
    (share,) = bounded([moved / total], total, floor)
    if not share:
        return f"Fewer than {floor} customers are known in both quarters: nothing is told of their service tiers."
    return (
        f"{share[:1].upper()}{share[1:]} of the {total:,} customers known in both quarters changed their service tier; "
        "a tier changes only when what was spent in the last 365 days, give or take chance, lies beyond the cut."
    )


def strayed(counts: pd.DataFrame, share: float) -> pd.DataFrame:
    """Keep the segments in which another share is held out than was planned, beyond chance.

    Parameters
    ----------
    counts : DataFrame
        reachable, holdout_low and holdout_high (95% interval of the share held out).
    share : float
        Planned, 0 to 1.
    """
    return counts[(counts["reachable"] > 0) & ((counts["holdout_low"] > share) | (counts["holdout_high"] < share))]


def said_of_strayed(counts: pd.DataFrame, share: float) -> tuple[str, ...]:
    """Say of each of these segments what is held out and what was planned.

    Examples
    --------
    >>> row = {"name": "VIP: gold", "reachable": 90, "holdout_share": 0.2, "holdout_low": 0.13, "holdout_high": 0.29}
    >>> said_of_strayed(pd.DataFrame([row]), 0.1)
    ('VIP: gold: 20.0% held out where 10.0% was planned; a chance of 1 in 20.',)
    """
    return tuple(
        f"{row.name}: {row.holdout_share:.1%} held out where {share:.1%} was planned; a chance of 1 in 20."
        for row in strayed(counts, share).itertuples()
    )
