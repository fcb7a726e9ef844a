"""Engagement by customer and channel, joined to the customers as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from seglib.core.engine import Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Note

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk

COLUMNS = ("customer", "channel", "counted_at", "interactions")


def latest(desk: Desk, rows: Table) -> Table:
    """Take the latest count of each customer and channel before the quarter's end.

    Parameters
    ----------
    desk : Desk
        Remembers what is refused: counts below nothing, and two counts of one moment.
    rows : Table
        customer, channel, counted_at, interactions, source_line; sound rows only.
    """
    below = rows.filter(rows.interactions < 0)
    facts = desk.engine.frame(below.agg(n=below.count(), line=below.source_line.min())).fillna(0).iloc[0]
    if facts["n"]:
        do = "count what customers did, not by how much it changed"
        what, found = "engagement below nothing", f"{int(facts['n']):,} rows"
        desk.refused.append(Finding("V09", what, "engagement", int(facts["line"]), "interactions", found, do))
    one = ["customer", "channel"]
    last = rows.mutate(newest=rows.counted_at.max().over(ibis.window(group_by=one)))
    last = last.filter(last.counted_at == last.newest)
    twice = last.group_by(one).agg(rows=last.count(), line=last.source_line.max())
    twice = twice.filter(twice.rows > 1)
    facts = desk.engine.frame(twice.agg(n=twice.count(), line=twice.line.min())).fillna(0).iloc[0]
    if facts["n"]:
        what, found = "a customer has two counts of one channel and moment", f"{int(facts['n']):,} times"
        do = "leave one row of each customer, channel and moment"
        desk.refused.append(Finding("V01", what, "engagement", int(facts["line"]), "counted_at", found, do))
    return last.mutate(interactions=last.interactions.cast("float64")).select(*COLUMNS)


def with_engagement(desk: Desk, customers: Table, counts: Table | None) -> Table:
    """Give customers an attribute for each channel that the plan names.

    Parameters
    ----------
    desk : Desk
        Its plan says which attribute tells of which channel; it notes of how many customers nothing is known.
    customers : Table
        One row each.
    counts : Table or None
        From `latest`; None where there is no such table, or it was refused.

    Returns
    -------
    Table
        0 where a channel has counted nothing of somebody of whom another one has; null where none knows the customer.
    """
    channels = desk.run.plan.engagement
    if counts is None:
        return customers.mutate(**{name: ibis.null("float64") for name in channels}) if channels else customers
    made = counts.interactions
    sums = {name: made.sum(where=counts.channel == word).fill_null(0.0) for name, word in channels.items()}
    told = desk.kept(counts.group_by("customer").agg(**sums), "engagement-told")
    joined = customers.left_join(told.rename(engaged="customer"), [("customer", "engaged")])
    known, everybody = (int(desk.engine.scalar(part)) for part in (joined.engaged.count(), joined.count()))
    for rows, word in ((known, "with"), (everybody - known, "without")):
        what = f"customers {word} a row in engagement"
        desk.notes.extend([Note("F28", what, "notice", "customers", rows)] if rows else [])
    named = set(desk.engine.frame(counts.select("channel").distinct())["channel"])
    for attribute, word in channels.items():
        if word not in named:
            what = f"no row of engagement is of the channel that {attribute} tells of"
            do = "correct the word, or leave it out"
            desk.refused.append(Finding("P05", what, f"plan.yml, engagement.{attribute}", found=word, do=do))
    return joined.drop("engaged")
