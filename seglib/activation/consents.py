"""Who may be sent what: decided anew at export, from the words as they are then, apart from all segment logic."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.activation.bounced import bounced
from seglib.activation.mailboxes import GENERAL, NOTHING, PERSONAL, linked, named
from seglib.core import store
from seglib.core.consent import BLANK, TOO_YOUNG
from seglib.core.forgotten import among
from seglib.core.intake import desk as work
from seglib.core.intake.erased import leave_out
from seglib.core.intake.identities import known_customers
from seglib.core.intake.ledger import ledger
from seglib.core.purposes import SALE
from seglib.core.sources import answers

if TYPE_CHECKING:
    from seglib.core.run import Run

NOT_YET = "future-dated"  # reason of the ledger where all words are later than the quarter
FLAGS = ("profiling", "channel", "opted_out", "minor", "erased")


class Open(work.Desk):
    """Reads sources with no date after which rows do not count."""

    @property
    def as_of(self) -> datetime:
        """The last instant there is."""
        return datetime.max

    @property
    def answered_in(self) -> Path:
        """Where the answer of a database lies: beside the results where it was asked anew, else with the study."""
        return self.work if (self.work / "private").is_dir() else self.run.data


def judge(people: pd.DataFrame, shares: bool) -> pd.Series[str]:
    """Decide what each person may be sent.

    Parameters
    ----------
    people : DataFrame
        Booleans: profiling (may be profiled), channel (agreed to this channel), opted_out (of sale or sharing,
        themselves or through a linked id), minor, erased.
    shares : bool
        Whether the destination counts as selling or sharing.

    Returns
    -------
    Series of str
        "personal", "general" (only what everybody gets, as profiling is not allowed) or "nothing".

    Examples
    --------
    >>> judge(pd.DataFrame([[False, True, False, False, False]], columns=FLAGS), shares=False).tolist()
    ['general']
    """
    may = people["channel"] & ~people["minor"] & ~people["erased"] & ~(people["opted_out"] & shares)
    words = np.where(people["profiling"] & may, PERSONAL, np.where(may & (not shares), GENERAL, NOTHING))
    return pd.Series(words, index=people.index, dtype="str")


def facts(run: Run, details: pd.DataFrame, purpose: str, later: pd.DataFrame | None) -> pd.DataFrame:
    """Collect what decides about each customer whose contact details are known.

    Parameters
    ----------
    run : Run
    details : DataFrame
        customer, email, phone.
    purpose : str
        What the destination needs consent for.
    later : DataFrame or None
        The consents as `latest` reads them.

    Returns
    -------
    DataFrame
        customer and the five flags; consent counts only where it held at the quarter's end and nothing newer in the
        table, which was read again, speaks against it.
    """
    words = _words(run.engine.frame(run.tables.consent) if run.tables.consent is not None else None)
    newer = words if later is None else _words(later)
    people = run.engine.frame(run.tables.people).set_index("customer").reindex(details["customer"])
    who = details["customer"]

    def agreed(what: str) -> pd.Series[bool]:
        return who.isin(words.get((what, True), set())) & who.isin(newer.get((what, True), set()))

    said_no = words.get((SALE, False), set()) | newer.get((SALE, False), set())
    groups = linked(details)
    against = who.isin(newer.get(("profiling", False), set()))
    return pd.DataFrame(
        {
            "customer": who,
            "profiling": (people["may_profile"].eq(True)).to_numpy() & ~against,
            "channel": agreed(purpose),
            "opted_out": groups.isin(groups[who.isin(said_no)]),
            "minor": people["reason"].isin(TOO_YOUNG).to_numpy(),
            "erased": who.isin([*among(who, run.data / "private", run.key), *bounced(run, details)]),
        }
    )


def agreed(run: Run, details: pd.DataFrame, purpose: str, shares: bool, later: pd.DataFrame | None) -> set[str]:
    """Name the customers who agreed, decided once more with nothing but sets; the last check stands on it.

    It shares no rule with `judge`, `facts` and the gate of the audience, so that a mistake there does not pass here.
    """
    tables = [run.engine.frame(run.tables.consent)] if run.tables.consent is not None else []
    tables += [later] if later is not None else []
    people = run.engine.frame(run.tables.people.filter(run.tables.people.reason.isin(TOO_YOUNG)).select("customer"))
    yes, refused = set(details["customer"]), set(people["customer"])
    out: set[str] = set()
    for table in tables:
        rows = list(zip(table["customer"], table["purpose"], table["granted"], strict=True))
        yes &= {who for who, what, granted in rows if what == purpose and granted is not None and bool(granted)}
        out |= {who for who, what, granted in rows if shares and what == SALE and not granted}
    marks, spread = named(details, with_numbers=True), set(out)
    while spread:
        caught = set().union(*(marks.get(who, set()) for who in spread))
        spread = {who for who, theirs in marks.items() if theirs & caught} - out
        out |= spread
    refused |= out | set(among(sorted(yes), run.data / "private", run.key)) | bounced(run, details)
    return yes - refused if tables else set()


def profiled(run: Run, later: pd.DataFrame | None) -> set[str]:
    """Name the customers who may get what is made for them: profiled, and no later word against it."""
    people = run.engine.frame(run.tables.people.filter(run.tables.people.may_profile).select("customer"))
    against: set[str] = (
        set()
        if later is None
        else set(later[(later["purpose"] == "profiling") & ~later["granted"].eq(True)]["customer"])
    )
    return set(people["customer"]) - against


def refused(run: Run, purpose: str, later: pd.DataFrame | None) -> set[str]:
    """Name the customers of whom a row about a purpose says anything but yes."""
    tables = [run.engine.frame(run.tables.consent)] if run.tables.consent is not None else []
    tables += [later] if later is not None else []
    return {
        customer
        for table in tables
        for customer in table.loc[(table["purpose"] == purpose) & ~table["granted"].eq(True), "customer"]
    }


def said_no(run: Run, purpose: str, later: pd.DataFrame | None) -> set[str]:
    """Name the customers who refused a purpose themselves, and have not agreed to it since.

    Whoever agreed after the quarter's end gets nothing of this quarter; but nobody may be told that they refused. A
    blank answer is none: it counts only after a yes, as the system may know the person since then.
    """
    once = set[str]() if later is None else set(later.loc[(later["purpose"] == purpose) & later["ever"], "customer"])
    tables = [run.engine.frame(run.tables.consent)] if run.tables.consent is not None else []
    tables += [later] if later is not None else []
    no = set[str]()
    for table in tables:
        about = (table["purpose"] == purpose) & ~table["granted"].eq(True) & ~table["reason"].eq(NOT_YET)
        answered = ~table["reason"].eq(BLANK) | table["customer"].isin(once)
        no |= set(table.loc[about & answered, "customer"])
    return no - (_words(later).get((purpose, True), set()) if later is not None else set())


def latest(run: Run, anew: bool = False) -> pd.DataFrame | None:
    """Read the consent source again as it is at this moment, with no date after which words do not count.

    Parameters
    ----------
    run : Run
    anew : bool
        Ask again where the consents come from a database; the answer that is kept stays as it was.

    Returns
    -------
    DataFrame or None
        customer, purpose, granted, reason, ever (any row was a yes); None when the study names no consent source.
    """
    source = run.plan.sources.get("consent")
    if source is None:
        return None
    plan = run.plan.model_copy(update={"sources": {"consent": source}})
    folder = store.work_folder(run.work, "08_consent")
    try:
        if anew and source.connection:
            answers.keep(folder, answers.question(run.plan, "consent"))
        desk = Open(replace(run, plan=plan), folder)
        texts = work.read_texts(desk, None)
        desk.stop_if_refused()
        texts, ids = leave_out(desk, texts, work.replace_ids(desk, texts))
        known = known_customers(desk.engine, run.data / "private", folder / "known.parquet")
        found = ledger(desk, texts, ids, known, with_past=True)
        return None if found is None else desk.engine.frame(found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _words(consent: pd.DataFrame | None) -> dict[tuple[str, bool], set[str]]:
    """Collect the customers of each purpose and answer."""
    if consent is None:
        return {}
    answer = consent["granted"].eq(True)
    return {
        (str(purpose), bool(yes)): set(rows["customer"])
        for (purpose, yes), rows in consent.groupby(["purpose", answer])
    }
