"""Which counts of an audience are shown, given what earlier notebooks say of the same customers."""

from __future__ import annotations

import pandas as pd

from seglib.content.playbook import NONE, stated, sums
from seglib.methods.differences import hold_back

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
    people = members.assign(part=drawn.where(members["offer"].notna(), "no_offer"), stage=members["stage"].fillna(""))
    cells = people.groupby(["segment", "stage", "part", "reason"]).size().rename("customers").reset_index()
    counted = people.groupby(["segment", "stage"]).size().rename("customers").reset_index()
    actions = actions.drop(columns="customers", errors="ignore").merge(counted, "outer", on=["segment", "stage"])
    actions = actions.fillna({"offer": NONE, "customers": 0, "cost_minor": 0, "cap_per_quarter": 0})
    place = pd.Series(range(len(actions)), pd.MultiIndex.from_frame(actions[["segment", "stage"]]))
    of_cell = place.loc[pd.MultiIndex.from_frame(cells[["segment", "stage"]])]
    flags = pd.concat(stated(actions, floor))["shown"]
    before = sums(actions).loc[flags[flags].index].iloc[:, of_cell].set_axis(cells.index, axis=1)
    segment, part = cells["segment"].astype(str), " " + cells["part"]
    fine = segment + " " + cells["stage"] + part
    staged = fine.where(cells["part"].isin(["contact", "held_out"]))
    *groups, guarded = (
        pd.get_dummies(group, dtype=int).T for group in (segment + part, "all" + part, cells["reason"], staged, fine)
    )
    asked = pd.concat(groups).drop(index="", errors="ignore")
    held = hold_back(cells["customers"], before, asked, floor, guarded)
    return tuple(map(str, held.index[held]))
