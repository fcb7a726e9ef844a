"""Customers who were forgotten do not come back with a later delivery."""

from __future__ import annotations

from dataclasses import replace

import ibis

from seglib.core.engine import Table
from seglib.core.forgotten import among, lookalike_stone, tombstones
from seglib.core.intake.desk import Desk
from seglib.core.intake.findings import Note
from seglib.core.intake.values import Texts

REMEDY = "delete them in the source; whoever agrees anew gets a new id"


def leave_out(desk: Desk, texts: dict[str, Texts], ids: Table) -> tuple[dict[str, Texts], Table]:
    """Take every row of a forgotten customer out of every table, before anything is typed, and count the rows.

    Parameters
    ----------
    desk : Desk
    texts : dict of Texts
        The staged tables; returned as they are when nobody was forgotten.
    ids : Table
        customer_id, customer, plain.
    """
    private, key, floor = desk.run.data / "private", desk.run.key, desk.run.plan.privacy.floor
    stones = tombstones(private)
    if not stones:
        return texts, ids
    every = desk.engine.frame(ids.select("customer_id", "customer", "plain"))
    own = set(among(every["customer"].unique(), private, key))
    alike = every["plain"].map(lambda plain: lookalike_stone(plain, key) in stones).astype(bool)
    theirs = every[every["customer"].isin(own) | alike]
    if theirs.empty:
        return texts, ids
    names, people, kept = theirs["customer_id"].tolist(), theirs["customer"].nunique(), {}
    for table, text in texts.items():
        gone = text.table.customer_id.isin(names).fill_null(False)
        count = int(desk.engine.scalar(gone.sum().fill_null(0)))
        kept[table] = replace(text, table=text.table.filter(~gone)) if count else text
        if count:
            told = count if people >= floor else 0  # how much few people did is nobody's business
            desk.notes.append(Note("R25", "rows of forgotten customers", "set aside", table, told, do=REMEDY))
    return kept, ids.filter(~ibis._.customer_id.isin(names))
