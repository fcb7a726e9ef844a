"""The tables beside orders and consent, and what is cut out of them: free text, and who is never contacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seglib.core.contract import ENGAGEMENT, SOURCES
from seglib.core.engine import Table
from seglib.core.errors import Finding
from seglib.core.intake import rules
from seglib.core.intake.engaged import latest, with_engagement
from seglib.core.intake.findings import Note
from seglib.core.intake.identities import pseudonymous
from seglib.core.intake.lookup import with_lookups
from seglib.core.intake.setaside import of_rows
from seglib.core.intake.shapes import PUBLISHED, SHAPES, TIMES, held_out
from seglib.core.intake.visitors import BOT, by_whom
from seglib.core.privacy import private_file
from seglib.core.sources.batches import batches

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk
    from seglib.core.intake.values import Texts

LEFT = {
    BOT: ("V34", "events of machines: by what they say of themselves, or more in a day than a person makes"),
    "blank": ("V21", "rows without a customer or a required value"),
    "late": ("V17", "rows after the quarter's end"),
    "old": ("V19", "rows older than the history that the plan asks for"),
}
ALONE = "comments without an answer, kept as comments"


def further_tables(desk: Desk, texts: dict[str, Texts], ids: Table) -> dict[str, Table]:
    """Type the other tables; rows without a customer or a required value, and rows of the future, are set aside.

    Returns
    -------
    dict
        By name; `engagement` is told by attributes of the customers; `comments` where feedback has a column of that
        name, `held_out` where the plan names its arm.
    """
    made: dict[str, Table] = {}
    if ENGAGEMENT.name in texts:
        counts = pseudonymous(texts[ENGAGEMENT.name].typed(), ids).mutate(**{BOT: ibis.literal(False)})
        made[ENGAGEMENT.name] = desk.kept(latest(desk, _sound(desk, counts, ENGAGEMENT.name)), ENGAGEMENT.name)
    for name, shape in PUBLISHED.items():
        if name in texts:
            known = pseudonymous(texts[name].typed(), ids)
            known = by_whom(desk, known) if name == "events" else known.mutate(**{BOT: ibis.literal(False)})
            sound = _sound(desk, known, name)
            if name == "feedback" and "comment" in texts[name].columns:
                made["comments"] = _comments(desk, sound)
            if name == "contacts" and desk.run.plan.rules.holdout_arm:
                made["held_out"], sound = _own_holdout(desk, sound, desk.run.plan.rules.holdout_arm.lower())
            if name == "customers":
                sound = with_lookups(desk, sound)
                sound = with_engagement(desk, sound, made.get(ENGAGEMENT.name))
            made[name] = desk.kept(shape(sound, desk.as_of, tuple(desk.run.plan.criteria.attributes)), name)
    return made


def _sound(desk: Desk, typed: Table, name: str) -> Table:
    """Keep the rows that can be used, and count the others by why they cannot."""
    at = typed[TIMES[name]]
    blank = typed.customer.isnull() | _lacks(typed, name)
    first = None if name == "customers" else rules.oldest(desk.run.plan.rules, desk.as_of)
    late, old = (at >= desk.as_of).fill_null(False), rules.before(at, first).fill_null(False)
    marked = typed.mutate(blank=blank, late=late, old=old)
    _count_aside(desk, marked, name)
    return marked.filter(~(marked[BOT] | marked.blank | marked.late | marked.old))


def _lacks(typed: Table, name: str) -> Table:
    """Whether a row lacks a required value; beside a comment a time is enough."""
    lacks = typed.customer.isnull()
    for column in SOURCES[name].required:
        if column != "customer_id":
            lacks = lacks | typed[column].isnull()
    return (lacks & typed.comment.isnull()) | typed.answered_at.isnull() if name == "feedback" else lacks


def _count_aside(desk: Desk, marked: Table, name: str) -> None:
    desk.aside.append(of_rows(marked, name, LEFT))
    counted: Table = ibis.literal(False)
    for kind, (code, what) in LEFT.items():
        mask, counted = marked[kind] & ~counted, counted | marked[kind]
        line = marked.source_line.min(where=mask)
        counts = desk.engine.frame(marked.aggregate(n=mask.sum(), line=line)).fillna(0).iloc[0]
        if counts["n"]:
            desk.notes.append(Note(code, what, "set aside", name, int(counts["n"]), int(counts["line"])))


def _comments(desk: Desk, rows: Table) -> Table:
    """Cut out what people wrote, in Unicode's composed form; no engine does that alike."""
    alone = rows.filter(rows.answer.isnull() | rows.item.isnull())
    count = int(desk.engine.scalar(alone.count()))
    desk.notes.extend([Note("V21", ALONE, "notice", "feedback", count)] if count else [])
    path, told = desk.work / "comments.parquet", rows.filter(rows.comment.notnull()).select(*SHAPES["comments"])
    schema = pa.schema([("customer", pa.string()), ("answered_at", pa.timestamp("us")), ("comment", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        private_file(path)
        for batch in batches(desk.engine, told, path.with_suffix(".raw")):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            columns["comment"] = pc.utf8_normalize(columns["comment"].cast(pa.string()), form="NFC")
            writer.write_table(pa.table(columns).cast(schema))
    return desk.engine.table(path)


def _own_holdout(desk: Desk, rows: Table, arm: str) -> tuple[Table, Table]:
    """Part the company's own hold-out from the sends; refuse when nobody was ever in it."""
    theirs = rows.arm == arm
    if not int(desk.engine.scalar(theirs.sum().fill_null(0))):
        what, do = (
            "no row of contacts before the quarter's end has this arm",
            "correct the word, or leave it out: then a hold-out is drawn",
        )
        desk.refused.append(Finding("P05", what, "plan.yml, rules.holdout_arm", do=do))
    return desk.kept(held_out(rows, arm, desk.as_of), "held_out"), rows.filter(~theirs)
