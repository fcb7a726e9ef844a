"""The consent table as intake reads it: a withdrawal counts however it is spelled, a grant only word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core import consent
from seglib.core.engine import Engine, Table, trimmed
from seglib.core.intake.findings import Note
from seglib.core.purposes import PURPOSES, YES, meanings

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk
    from seglib.core.intake.values import Texts

OTHER_ID = "consent under an id that is written in another way than the customer's: a withdrawal counts, a grant not"
NO_CUSTOMER = "consent of ids that stand in no other table"
OTHER_WORD = "consent for a purpose written as {}: a withdrawal counts for {}, a grant for nothing"
ALL, RARE = "every purpose", "a rare word"


def ledger(desk: Desk, texts: dict[str, Texts], ids: Table, known: Table, with_past: bool = False) -> Table | None:
    """Reduce the consent table to the word that counts; None when the study has no such table.

    Parameters
    ----------
    desk : Desk
    texts : dict of Texts
    ids : Table
        customer_id, customer, plain: every id of the consent table.
    known : Table
        The same of the customers of all other tables, each once.
    with_past : bool
        Also say whether any row was a yes.

    Returns
    -------
    Table
        What `consent.state` gives.
    """
    if "consent" not in texts:
        return None
    values, table = texts["consent"].values(), texts["consent"].table
    rows = table.select(
        "customer_id",
        word=values["purpose"].fill_null(""),
        status=table.status.nullif(""),  # exactly as delivered: only the exact word counts as a yes
        recorded_at=values["recorded_at"],
    ).filter(ibis._.customer_id.notnull())
    words = meanings(_words(desk.engine, rows), desk.run.plan.consent.purposes)
    read = desk.kept(_read(rows, _links(ids, known), desk.engine.memory(words)), "consent-read")
    desk.notes.extend(_id_notes(desk.engine, read) + _word_notes(desk, read))
    state = desk.kept(consent.state(read.filter(read.counts), desk.as_of, with_past), "ledger")
    desk.notes.extend(consent.notes(desk.engine, state))
    return state


def _links(ids: Table, known: Table) -> Table:
    """Say which customers each id of the consent table speaks of.

    Returns
    -------
    Table
        customer_id, customer, is_own (the very id), is_known (a customer of another table): an id that no other table
        has speaks of every customer whose id looks like it, else of somebody who is in the consent table only.
    """
    theirs = known.select(kept="customer_id", theirs="customer", same="plain").view()
    met = ids.select("customer_id", "customer", "plain").left_join(theirs, [("plain", "same")])
    met = met.mutate(is_very=(met.customer_id == met.kept).fill_null(False), is_known=met.kept.notnull())
    met = met.mutate(is_found=met.is_very.any().over(group_by=met.customer_id))
    spoken = met.filter(met.is_very | ~met.is_found)
    who = spoken.theirs.fill_null(spoken.customer)
    return spoken.select("customer_id", "is_known", customer=who, is_own=spoken.is_very | ~spoken.is_known)


def _read(rows: Table, people: Table, words: Table) -> Table:
    """Say of each row whom and which purposes it speaks of, and whether it counts."""
    joined = rows.inner_join(people, "customer_id").inner_join(words, "word")
    says_yes = trimmed(joined.status.fill_null("")).lower().isin(YES)
    status = joined.says_no.ifelse("objected", joined.status)
    counts = (joined.is_own & joined.is_sure) | joined.says_no | ~says_yes
    columns = ("customer", "purpose", "recorded_at", "word", "is_own", "is_known", "is_sure")
    return joined.mutate(status=status, counts=counts).select(*columns, "status", "counts")


def _words(engine: Engine, rows: Table) -> list[str]:
    """List the words of the purpose column, in their order."""
    return sorted(engine.frame(rows.select("word").distinct())["word"])


def _id_notes(engine: Engine, read: Table) -> list[Note]:
    """Count the rows whose id is written in another way, and those that meet nobody."""
    own = read.is_sure | ((read.word == "") & (read.purpose == PURPOSES[0]))  # each row once
    sums = {"other": (~read.is_own & own).sum(), "nobody": (~read.is_known & own).sum()}
    counts = engine.frame(read.aggregate(**sums)).fillna(0).iloc[0]
    alike = Note("R02", OTHER_ID, "notice", "consent", int(counts["other"]), do="write ids alike in both tables")
    nobody = Note("R02", NO_CUSTOMER, "notice", "consent", int(counts["nobody"]), do="compare the ids of both tables")
    return [note for note in (alike, nobody) if note.count]


def _word_notes(desk: Desk, read: Table) -> list[Note]:
    """Count the rows of words that are no purpose as we write it; a word of few people is not shown."""
    odd = read.filter(~read.is_sure)
    measures: dict[str, Any] = {"rows": odd.count(), "people": odd.customer.nunique()}
    found = desk.engine.frame(odd.group_by("word", "purpose").aggregate(**measures).order_by("word", "purpose"))
    notes = []
    for word, part in found.groupby("word", sort=True):
        shown = repr(word) if part["people"].max() >= desk.run.plan.privacy.floor else RARE
        what = OTHER_WORD.format(shown, _listed(part))
        do = "write the purpose as data/README.md says, or say in consent.purposes what the word means"
        notes.append(Note("R02", what, "notice", "consent", int(part["rows"].max()), do=do))
    return notes


def _listed(part: pd.DataFrame) -> str:
    purposes = part["purpose"].tolist()
    return ALL if set(purposes) == set(PURPOSES) else " and ".join(purposes)
