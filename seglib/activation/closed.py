"""Who must not be contacted: for each destination in its own key, as few people as honouring it takes, and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.activation.bounced import bounced
from seglib.activation.consents import facts, said_no
from seglib.activation.delta import name_of
from seglib.activation.formats import Format
from seglib.activation.lists import LINE_END, as_csv, read_machine
from seglib.activation.mailboxes import free, named
from seglib.core.errors import Finding, PrivacyRefused
from seglib.core.forgotten import among

if TYPE_CHECKING:
    from seglib.core.run import Run

HELD, OBJECTED, BOUNCED, NO_CONSENT = "held out", "said no", "bounced or complained", "no consent"
REASONS = (BOUNCED, OBJECTED, HELD, NO_CONSENT)  # the first that holds is told
FORGOTTEN = "forgotten"  # on no list at all
HOUSE = "do_not_contact.csv"
LIST_WRONG = "list of who must not be contacted lacks who is held out, or holds who is contacted or may not be named"
REASON = "reason"


def reasons(
    run: Run,
    details: pd.DataFrame,
    purpose: str,
    later: pd.DataFrame | None,
    held_out: Collection[str],
    shares: bool = False,
) -> pd.Series[str]:
    """Say of each customer why nothing may be sent for a purpose; "" where something may.

    Parameters
    ----------
    run : Run
    details : DataFrame
        customer, and email and phone where they are known.
    purpose : str
        What the destination needs consent for.
    later : DataFrame or None
        The consents as `consents.latest` reads them.
    held_out : collection of str
        Customers who are held out.
    shares : bool
        Whether the destination counts as selling or sharing; then an opt-out of that is no consent.

    Returns
    -------
    Series of str
        One of `REASONS`, "forgotten" or "", by row of `details`.
    """
    judged = facts(run, details, purpose, later)
    who = judged["customer"]
    gone = who.isin(among(who, run.data / "private", run.key))
    may = judged["channel"] & ~judged["minor"] & ~(judged["opted_out"] & shares)
    no = who.isin(said_no(run, purpose, later))
    cases = [gone, who.isin(bounced(run, details)), no, may & who.isin(held_out), ~may]
    words = np.select(cases, [FORGOTTEN, *REASONS], default="")
    return pd.Series(words, index=details.index, dtype="str")


def closed(
    run: Run, details: pd.DataFrame, form: Format, later: pd.DataFrame | None, held_out: Collection[str]
) -> pd.DataFrame:
    """List whom a destination must leave alone, in the key by which it knows people.

    An address that several people read is closed for all of them. A list of addresses names only whom the destination
    may know already: who never agreed is on no list but that of a system which knows customers by the shop's own id. An
    advertising platform gets nobody but those held out who agreed to it, since an opt-out forbids the list itself.

    Parameters
    ----------
    run, details, later, held_out
        As for `reasons`.
    form : Format

    Returns
    -------
    DataFrame
        One column per key of the destination, written as it wants them, and reason; one row per key, in its order.
    """
    why = reasons(run, details, form.purpose, later, held_out, form.shares)
    rows = details.assign(**{REASON: _spread(why, details, form.takes_numbers)})
    if form.shares:
        agreed = free(details, set(details.loc[why.isin(["", HELD]), "customer"]), (), form.takes_numbers)
        rows = rows[rows["customer"].isin(agreed)]
    told = REASONS if form.key == "customer_id" and not form.shares else (BOUNCED, OBJECTED, HELD)
    rows = rows[rows[REASON].isin(told)]
    made = {cell.header: [cell.make(str(text)) for text in rows[cell.value].fillna("")] for cell in form.key_cells}
    found = pd.DataFrame({**made, REASON: rows[REASON].to_numpy()}, dtype="str")
    known = [name_of(row, form.key_headers) for row in found[form.key_headers].to_dict("records")]
    place = found[REASON].map({word: place for place, word in enumerate(REASONS)})
    ordered = found.assign(known=known, place=place).sort_values(["known", "place"]).drop_duplicates("known")
    return ordered.loc[ordered["known"] != "", [*form.key_headers, REASON]].reset_index(drop=True)


def _spread(why: pd.Series[str], details: pd.DataFrame, with_numbers: bool) -> list[str]:
    """Give everybody behind an address the reason of whoever else reads it, where they have none of their own."""
    marks, behind = named(details, with_numbers), dict[str, str]()
    for customer, word in zip(details["customer"], why, strict=True):
        for mark in marks[customer] if word in (BOUNCED, OBJECTED, HELD) else ():
            behind[mark] = min(behind.get(mark, word), word, key=REASONS.index)
    return [
        word or min((behind[m] for m in marks[customer] if m in behind), key=REASONS.index, default="")
        for customer, word in zip(details["customer"], why, strict=True)
    ]


def as_text(found: pd.DataFrame, form: Format) -> str:
    """Write the list of a destination; an advertising platform is not told why."""
    headers = form.key_headers if form.shares else [*form.key_headers, REASON]
    return as_csv(headers, found[headers].to_numpy(dtype="str").tolist(), LINE_END[form.line_end])


def in_house(found: Mapping[str, pd.Series[str]], details: pd.DataFrame) -> str:
    """Write the one list for systems of the house: the shop's own customer id, for which purpose, and why.

    Parameters
    ----------
    found : mapping
        From each purpose of the plan's destinations to what `reasons` says.
    details : DataFrame
        customer_id, by the same rows.
    """
    parts = [
        details[["customer_id"]].assign(purpose=purpose, reason=why)[why.isin(REASONS)]
        for purpose, why in found.items()
    ]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["customer_id", "purpose", REASON])
    ordered = rows.astype("str").sort_values(["customer_id", "purpose"], kind="stable")
    return ordered[["customer_id", "purpose", REASON]].to_csv(index=False, lineterminator="\n")


def recheck_closed(
    folder: Path,
    form: Format,
    agreed: Mapping[str, bool],
    held_out: Collection[str] = (),
    forgotten: Mapping[str, bool] | None = None,
) -> None:
    """Read a finished list again: nobody on it is in the audience or was forgotten, and nobody held out is missing.

    An advertising platform, moreover, gets nobody who has not agreed.

    Parameters
    ----------
    folder : Path
        Where the destination's files are.
    form : Format
    agreed : mapping
        From each key to whether everybody behind it agreed, as `mailboxes.keys` gives it.
    held_out : collection of str
        Keys of those held out who may be named to the destination.
    forgotten : mapping, optional
        From each key to whether everybody behind it asked to be forgotten, as `mailboxes.keys` gives it.

    Raises
    ------
    PrivacyRefused
        R08, after deleting the destination's files.
    """
    text = (folder / form.closed_file).read_bytes().decode("utf-8")
    listed = {name_of(row, form.key_headers) for row in csv.DictReader(io.StringIO(text, newline=""))}
    sent = {name_of(row, form.key_headers) for row in read_machine(folder / form.machine_file, form)}
    wrong = (listed & sent) | (set(held_out) - listed) | {key for key in listed if forgotten and forgotten.get(key)}
    if form.shares:
        wrong |= {key for key in listed if not agreed.get(key, False)}
    if not wrong:
        return
    for name in (form.file, form.machine_file, form.closed_file, form.delta_file, form.rejected_file):
        (folder / name).unlink(missing_ok=True)
    found, remedy = f"{len(wrong)} of {len(listed)} rows", "run from notebook 02, so that the latest consents are read"
    raise PrivacyRefused(Finding("R08", LIST_WRONG, form.closed_file, found=found, do=remedy))


def recheck_in_house(folder: Path, forgotten: Collection[str]) -> None:
    """Read the finished list for systems of the house again: nobody who was forgotten is on it.

    Parameters
    ----------
    folder : Path
    forgotten : collection of str
        Customer ids.

    Raises
    ------
    PrivacyRefused
        R08, after deleting the list.
    """
    text = (folder / HOUSE).read_bytes().decode("utf-8")
    wrong = sum(row["customer_id"] in forgotten for row in csv.DictReader(io.StringIO(text, newline="")))
    if wrong:
        (folder / HOUSE).unlink()
        do = "run from notebook 02, so that who was forgotten is left out"
        raise PrivacyRefused(Finding("R08", LIST_WRONG, HOUSE, found=f"{wrong} rows", do=do))
