"""Customers who were forgotten do not come back with a later delivery."""

from __future__ import annotations

from dataclasses import replace

import ibis

from seglib.core.engine import Table
from seglib.core.forgotten import among, tombstones
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
        customer_id, customer.
    """
    private = desk.run.data / "private"
    if not tombstones(private):
        return texts, ids
    gone = set(among(desk.engine.frame(ids.select("customer").distinct())["customer"], private, desk.run.key))
    names = desk.engine.frame(ids.filter(ids.customer.isin(sorted(gone))))["customer_id"].tolist() if gone else []
    if not names:
        return texts, ids
    kept = {}
    for table, text in texts.items():
        theirs = text.table.customer_id.isin(names).fill_null(False)
        count = int(desk.engine.scalar(theirs.sum().fill_null(0)))
        kept[table] = replace(text, table=text.table.filter(~theirs)) if count else text
        if count:
            desk.notes.append(Note("R25", "rows of forgotten customers", "set aside", table, count, do=REMEDY))
    return kept, ids.filter(~ibis._.customer.isin(sorted(gone)))
