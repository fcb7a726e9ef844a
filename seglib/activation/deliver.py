"""Publish an audience: one set of files per destination, contact details joined in here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.activation.bounced import REASON, bounced, note_down
from seglib.activation.closed import HOUSE, as_text, closed, in_house, reasons, recheck_closed, recheck_in_house
from seglib.activation.consents import agreed, facts, judge, latest, profiled, refused
from seglib.activation.delta import Record
from seglib.activation.expected import FILE as EXPECTED
from seglib.activation.expected import expected, recheck_expected
from seglib.activation.formats import DETAILS, OWN_FORMATS, Format, read_format
from seglib.activation.handed_on import Delivery, said, sentences
from seglib.activation.house import CSV, PARQUET, read_house, recheck_house, segments_of_house, write_house
from seglib.activation.lists import private_text, read_machine, recheck, refuse_active, safe_cell, write
from seglib.activation.mailboxes import GENERAL, NOTHING, PERSONAL, free, keys, known_as, together
from seglib.activation.normal import e164, mailbox
from seglib.activation.rules import NOT_USED
from seglib.core.forgotten import among
from seglib.core.purposes import CHANNELS, SERVICE

if TYPE_CHECKING:
    from seglib.core.run import Run

STEP = "08_activation"
SALES = "sales_list.csv"


@dataclass(frozen=True)
class Sending:
    """What every destination needs: the run, the members, codes of segments, contact details, the newest consents, and
    who gets nothing."""

    run: Run
    members: pd.DataFrame
    codes: pd.Series[str]
    details: pd.DataFrame
    later: pd.DataFrame | None
    held_out: frozenset[str]  # by the draw, or by the company itself: these in no campaign and no profile too


def code(identity: int) -> str:
    """Name an audience so that the file tells a third party nothing about the persona; the same in each quarter.

    Examples
    --------
    >>> code(3)
    'SEG-03'
    """
    return f"SEG-{identity:02d}"


def formats(run: Run) -> list[Format]:
    """Read the formats of all destinations of the plan, the main one first."""
    plan = run.plan.activation
    own = run.data / OWN_FORMATS
    return [read_format(name, own) for name in dict.fromkeys((plan.destination, *plan.destinations))]


def contact_details(run: Run) -> pd.DataFrame:
    """Read ids and contact details from the private folder; empty when there are none.

    Numbers get their country code, those without one that of the plan's country; what is no address is left out.
    """
    return read_details(run.data / "private", run.plan.activation.country)


def read_details(private: Path, country: str | None) -> pd.DataFrame:
    """Read ids and contact details as `contact_details` does, without a run."""
    path, columns = private / "contacts.parquet", ["customer", *DETAILS]
    if not path.exists():
        return pd.DataFrame(columns=columns)
    details = pd.read_parquet(path).reindex(columns=columns)
    numbers = [e164(str(raw), country) or raw if isinstance(raw, str) else None for raw in details["phone"]]
    addresses = [raw if isinstance(raw, str) and mailbox(raw) else None for raw in details["email"]]
    return details.assign(phone=pd.Series(numbers, dtype="object"), email=pd.Series(addresses, dtype="object"))


def without_bounced(run: Run, members: pd.DataFrame) -> pd.DataFrame:
    """Take the arm from members whose address, number or id is on the list of bounces and complaints."""
    note_down(run)
    hit = members["customer"].isin(bounced(run, contact_details(run))) & (members["arm"] != "none")
    return members.assign(arm=members["arm"].mask(hit, "none"), reason=members["reason"].mask(hit, REASON))


def of_the_company(run: Run) -> frozenset[str]:
    """Name whom the company itself contacts with no campaign, whether they may be profiled or not."""
    own = run.tables.held_out if run.plan.rules.holdout_arm else None
    return frozenset() if own is None else frozenset(run.engine.frame(own.select("customer"))["customer"])


def write_all(
    run: Run, members: pd.DataFrame, codes: pd.Series[str], told: Mapping[str, Any], folder: Path
) -> list[str]:
    """Write and check the files of every destination.

    Parameters
    ----------
    run : Run
    members : DataFrame
        customer, segment, message, product, channel, arm, reason, rank, expected_minor.
    codes : Series
        From segment to the code of its audience.
    told : mapping
        What every manifest says.
    folder : Path
        The work folder of the step.

    Returns
    -------
    list of str
        One sentence per destination.

    Raises
    ------
    PrivacyRefused
        When a finished file holds somebody who has not agreed; then nothing is published.
    """
    note_down(run)
    details, deliveries = contact_details(run), list[Delivery]()
    refuse_active(details["customer_id"].dropna().astype(str))
    held_out = frozenset(members.loc[members["arm"] == "holdout", "customer"]) | of_the_company(run)
    sending, forms = Sending(run, members, codes, details, latest(run), held_out), formats(run)
    private_text(folder / HOUSE, _closed_in_house(sending, forms))
    for form in forms:
        rows, shared = _rows(sending, form)
        out = closed(run, details, form, sending.later, held_out)
        about = {**told, "consent_rule": rule(run, form.purpose, form.shares), "do_not_contact": len(out)}
        key = _last_key(run, form)
        written = write(rows, form, folder, about, _before(run, form), as_text(out, form))
        deliveries.append(Delivery(form, written, shared, is_same=key == written.key))
    contacts = int((members["arm"] == "contact").sum())
    said = sentences(deliveries, contacts, run.plan.privacy.floor)
    said += [*_house(sending, folder), *_expected(sending, folder)]
    at_end = latest(run)
    _list_of_sales(replace(sending, later=at_end), folder)
    gone = set(among(details["customer"], run.data / "private", run.key))
    recheck_in_house(folder, set(details.loc[details["customer"].isin(gone), "customer_id"].astype(str)))
    for form in forms:
        may = agreed(run, details, form.purpose, form.shares, at_end)
        told_all = free(details, may, held_out, form.takes_numbers)
        own = free(details, may & profiled(run, at_end), held_out, form.takes_numbers)
        recheck(folder, form, keys(details, form, told_all), keys(details, form, own), code(0))
        named = free(details, may, (), form.takes_numbers) if form.shares else may
        waiting = set(known_as(details[details["customer"].isin(named & held_out)], form)) - {""}
        recheck_closed(folder, form, keys(details, form, may), waiting, keys(details, form, gone))
    if run.plan.activation.house:
        recheck_house(run, folder, details, at_end)
    if (folder / EXPECTED).exists():
        recheck_expected(run, folder, details, at_end)
    return said


def _closed_in_house(sending: Sending, forms: list[Format]) -> str:
    """List who must not be contacted for the systems of the house, for each purpose of the destinations."""
    run, details = sending.run, sending.details
    purposes = sorted({form.purpose for form in forms})
    return in_house({p: reasons(run, details, p, sending.later, sending.held_out) for p in purposes}, details)


def _house(sending: Sending, folder: Path) -> list[str]:
    """Write segment and tier for the house's own systems, where the plan asks for it, and say for how many."""
    run, details = sending.run, sending.details
    if not run.plan.activation.house:
        return []
    used = sending.members[sending.members["reason"] != NOT_USED]
    used = used.assign(audience=[sending.codes[segment] for segment in used["segment"]])
    may = profiled(run, sending.later) - refused(run, SERVICE, sending.later)
    may -= {*among(sorted(may), run.data / "private", run.key)}
    rows = segments_of_house(run, used, details, may, read_house(run, STEP))
    write_house(rows, folder)
    count = _of_all(len(rows), len(used), run.plan.privacy.floor)
    return [f"Systems of the house: segment and service tier of {count} customers in {CSV} and {PARQUET}."]


def _expected(sending: Sending, folder: Path) -> list[str]:
    """Write which contacts the trials of variants expect, where there is a trial, and say for how many."""
    members, floor = sending.members, sending.run.plan.privacy.floor
    if "trial" not in members or not members["trial"].notna().any():
        return []
    rows = expected(sending.run, members, sending.details, sending.later)
    private_text(folder / EXPECTED, rows.to_csv(index=False, lineterminator="\n"))
    count = said(len(rows), floor, is_vague=True)  # beside contacts by segment, where one of these may be blank
    return [f"Trials of variants: {count} contacts in {EXPECTED}, to be handed in as contacts once they are sent."]


def _of_all(count: int, people: int, floor: int) -> str:
    """Write how many of those whom other pages count; neither a few, nor all but a few, are told.

    Examples
    --------
    >>> [_of_all(count, 1_173, 10) for count in (1_173, 1_165, 900, 4)]
    ['1,173', 'over 1,163', '900', 'fewer than 10']
    """
    if 0 < people - count < floor <= count:
        return f"over {people - floor:,}"
    return f"{count:,}" if count >= floor else f"fewer than {floor}"


def rule(run: Run, purpose: str, shares: bool = False) -> str:
    """Write down by which consent people are in a file."""
    words = f"consent to {purpose} as of {run.quarter.as_of:%Y-%m-%d} and no later word against it; unknown means no"
    return f"{words}; nobody who opted out of sale or sharing, nor anybody linked to them" if shares else words


def _list_of_sales(sending: Sending, folder: Path) -> None:
    """Write the list of sales with names and numbers, for nobody but sales."""
    run, members, codes, details = sending.run, sending.members, sending.codes, sending.details
    may = agreed(run, details, run.plan.activation.sales_purpose, shares=False, later=sending.later)
    may = free(details, may, sending.held_out, with_numbers=True)
    chosen = members[members["rank"].notna() & members["customer"].isin(may)].sort_values("rank", kind="stable")
    rows = chosen.merge(details, on="customer", how="left").fillna("")
    table = rows.assign(
        audience=[codes[segment] for segment in rows["segment"]],
        expected=[f"{run.plan.major(value):.2f}" for value in rows["expected_minor"]],
        rank=rows["rank"].astype(int).astype(str),
    )
    columns = ["rank", *DETAILS, "audience", "expected"]
    texts = table[columns].astype(str)
    texts[list(DETAILS)] = texts[list(DETAILS)].map(safe_cell)
    private_text(folder / SALES, texts.to_csv(index=False, lineterminator="\r\n"))


def _rows(sending: Sending, form: Format) -> tuple[pd.DataFrame, int]:
    """Join contact details to those who are to be contacted, and count who shares a contact detail that is closed.

    What is sent to an address, everybody behind it gets: so all of them must have agreed, and none be held out.
    """
    run, members, codes, details = sending.run, sending.members, sending.codes, sending.details
    judged = facts(run, details, form.purpose, sending.later)
    alone = judge(judged, form.shares)
    held_out = judged["customer"].isin(sending.held_out)
    word = together(alone.mask(held_out, NOTHING), details, form.takes_numbers)
    open_keys = keys(details, form, set(judged.loc[word != NOTHING, "customer"]))
    purposes = members["channel"].map(lambda channel: CHANNELS.get(channel, channel))
    chosen = members[(members["arm"] == "contact") & (purposes == form.purpose)]
    chosen = chosen.assign(audience=[codes[segment] for segment in chosen["segment"]])
    wanted = chosen[chosen["customer"].isin(judged.loc[alone == PERSONAL, "customer"])]
    chosen = wanted[wanted["customer"].isin(judged.loc[word == PERSONAL, "customer"])]
    parts = [chosen[["customer", "audience", "message", "product"]]]
    general = run.plan.activation.general_message
    if general and not form.shares:
        others = judged[(word == GENERAL) & ~judged["customer"].isin(members["customer"])]
        parts.append(others[["customer"]].assign(audience=code(0), message=general, product=""))
    rows = pd.concat(parts, ignore_index=True).merge(details, on="customer")
    known = known_as(rows, form)
    kept = rows[[key == "" or open_keys.get(key, False) for key in known]]
    return kept, len(wanted) - len(chosen) + len(rows) - len(kept)


def _before(run: Run, form: Format) -> list[Record] | None:
    """Read last quarter's machine file; None when there is none."""
    path = run.data / "runs" / run.quarter.previous.text / STEP / form.machine_file
    return read_machine(path, form) if path.is_file() else None


def _last_key(run: Run, form: Format) -> str:
    """Read the key of this quarter's last delivery; "" when there was none."""
    path = run.data / "runs" / run.quarter.text / STEP / form.manifest_file
    return str(json.loads(path.read_text(encoding="utf-8"))["idempotency_key"]) if path.is_file() else ""
