"""Customers whose facts have a history: of several rows the one counts that held at the quarter's end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ibis

from seglib.core.engine import Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Note
from seglib.core.intake.values import Texts

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk

SINCE = "valid_from"


def as_of_quarter(desk: Desk, texts: Texts) -> tuple[Texts, list[Finding]]:
    """Keep of each customer the row that held at the quarter's end; contact details are those of the latest row.

    Parameters
    ----------
    desk : Desk
        Counts the rows that a later one replaces, and those that hold only later.
    texts : Texts
        The customers, checked. Where they have no `valid_from`, they stay as they are.

    Returns
    -------
    tuple of Texts and Findings
        At most one row per customer; refused are two rows that hold from the same moment.
    """
    if SINCE not in texts.columns:
        return texts, []
    personal = [c.name for c in texts.contract.columns if c.personal and c.name in texts.columns]
    dated = texts.table.mutate(holds_from=texts.values()[SINCE])
    dated = dated.mutate(early=dated.holds_from.isnull() | (dated.holds_from < desk.as_of))
    latest = ibis.window(group_by=[dated.customer_id], order_by=_latest_first(dated))
    newest = {name: dated[name].first().over(latest) for name in personal if name != "customer_id"}
    marked = desk.kept(dated.mutate(named=dated.customer_id.notnull(), **newest), "customers-dated")
    window = ibis.window(group_by=[marked.customer_id, marked.early], order_by=_latest_first(marked))
    placed = marked.mutate(place=ibis.row_number().over(window))
    _count(desk, placed)
    kept = placed.filter(placed.early & ((placed.place == 0) | ~placed.named))
    own = kept.select(*texts.table.columns)
    return replace(texts, table=desk.kept(own, "customers-as-of")), _twice(desk, marked)


def _latest_first(dated: Table) -> list[Any]:
    return [dated.holds_from.desc(nulls_first=False), dated.source_line.desc()]


def _count(desk: Desk, placed: Table) -> None:
    """Count the rows that hold only later, and those that a later one replaces."""
    replaced = placed.early & placed.named & (placed.place > 0)
    counts = desk.engine.frame(placed.agg(later=(~placed.early).sum(), replaced=replaced.sum())).fillna(0).iloc[0]
    for name, code, what in (
        ("later", "V17", "rows of customers that hold only after the quarter's end"),
        ("replaced", "V01", "earlier rows of customers, which a later one replaces"),
    ):
        if counts[name]:
            desk.notes.append(Note(code, what, "set aside", "customers", int(counts[name])))


def _twice(desk: Desk, marked: Table) -> list[Finding]:
    """Refuse two rows of one customer that hold from the same moment."""
    groups = marked.filter(marked.named).group_by("customer_id", "holds_from")
    twice = groups.agg(rows=ibis._.count(), line=ibis._.source_line.max()).filter(ibis._.rows > 1)
    count = desk.engine.frame(twice.agg(n=twice.count(), line=twice.line.min())).iloc[0]
    if not count["n"]:
        return []
    what, do = "two rows of one customer hold from the same moment", "leave the one that is right"
    return [Finding("V01", what, "customers", int(count["line"]), SINCE, f"{int(count['n']):,} times", do)]
