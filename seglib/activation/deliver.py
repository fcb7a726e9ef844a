"""Publish an audience: one set of files per destination, contact details joined in here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.activation.bounced import REASON, bounced, note_down
from seglib.activation.consents import agreed, facts, judge, latest, profiled
from seglib.activation.delta import Record, name_of
from seglib.activation.export import Written, private_text, read_machine, recheck, safe_cell, write
from seglib.activation.formats import DETAILS, Format, read_format
from seglib.activation.mailboxes import GENERAL, NOTHING, PERSONAL, free, keys, together
from seglib.activation.normal import e164, mailbox
from seglib.core.purposes import CHANNELS
from seglib.core.store import sha256_json

if TYPE_CHECKING:
    from seglib.core.run import Run

STEP = "08_activation"
SUPPRESSED, SALES = "suppressed.csv", "sales_list.csv"
HELD = "held out for comparison"


@dataclass(frozen=True)
class Sending:
    """What every destination needs: the run, the members, codes of segments, contact details, the newest consents."""

    run: Run
    members: pd.DataFrame
    codes: pd.Series[str]
    details: pd.DataFrame
    later: pd.DataFrame | None


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
    return [read_format(name) for name in dict.fromkeys((plan.destination, *plan.destinations))]


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


def suppress(members: pd.DataFrame, details: pd.DataFrame | None = None) -> pd.DataFrame:
    """List who may go to no destination at all, and why; one list for every destination.

    Parameters
    ----------
    members : DataFrame
        customer, arm, reason.
    details : DataFrame, optional
        customer, email: with them, whoever shares a mailbox with somebody held out is listed too.

    Returns
    -------
    DataFrame
        customer, reason; the hold-out is on it, since nobody else may write to them either.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": ["a", "b"], "arm": ["contact", "holdout"], "reason": ""})
    >>> suppress(rows).to_numpy().tolist()
    [['b', 'held out for comparison']]
    """
    out = members[members["arm"] != "contact"]
    reason = out["reason"].where(out["arm"] == "none", HELD)
    listed = out[["customer"]].assign(reason=reason)
    if details is not None:
        boxes = details.assign(box=details["email"].fillna("").astype(str).map(mailbox))
        closed = boxes[boxes["customer"].isin(members.loc[members["arm"] == "holdout", "customer"])]["box"]
        beside = boxes[boxes["box"].isin(set(closed) - {""}) & ~boxes["customer"].isin(listed["customer"])]
        listed = pd.concat([listed, beside[["customer"]].assign(reason="shares a mailbox with somebody held out")])
    return listed.sort_values("customer", ignore_index=True, kind="stable")


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
    details, said = contact_details(run), list[str]()
    out = suppress(members, details)
    private_text(folder / SUPPRESSED, out.to_csv(index=False, lineterminator="\n"))
    sending, forms = Sending(run, members, codes, details, latest(run)), formats(run)
    list_of_sales(sending, folder)
    sums = {"count": len(out), "sha256": sha256_json(out["customer"].tolist())}
    for form in forms:
        rows, shared = _rows(sending, form)
        about = {**told, "consent_rule": rule(run, form.purpose, form.shares), "suppressed": sums}
        key = _last_key(run, form)
        written = write(rows, form, folder, about, _before(run, form))
        said.append(_sentence(run, form, written, shared, is_same=key == written.key))
    at_end, held_out = latest(run), members.loc[members["arm"] == "holdout", "customer"]
    for form in forms:
        may = agreed(run, details, form.purpose, form.shares, at_end)
        told_all = free(details, may, held_out, form.takes_numbers)
        own = free(details, may & profiled(run, at_end), held_out, form.takes_numbers)
        recheck(folder, form, keys(details, form, told_all), keys(details, form, own), code(0))
    return said


def _sentence(run: Run, form: Format, written: Written, shared: int, is_same: bool) -> str:
    """Say what a destination gets; small counts are not told."""
    floor = run.plan.privacy.floor

    def count(rows: int) -> str:
        return f"{rows:,}" if rows == 0 or rows >= floor else f"fewer than {floor}"

    aside = sum(written.set_aside.values())
    words = f"{form.title}: {count(written.rows)} rows in {form.file}"
    words += f", {count(aside)} set aside" if aside else ""
    words += f", {count(shared)} left out for others behind the same address or number" if shared else ""
    if written.rows < form.rows_min:
        words += f"; the destination takes no list of fewer than {form.rows_min:,}, so it will refuse this one"
    if written.rows > form.rows_max:
        words += f"; the destination takes at most {form.rows_max:,}, so it will refuse this one"
    return f"{words}; unchanged since the last export." if is_same else f"{words}."


def rule(run: Run, purpose: str, shares: bool = False) -> str:
    """Write down by which consent people are in a file."""
    words = f"consent to {purpose} as of {run.quarter.as_of:%Y-%m-%d} and no later word against it; unknown means no"
    return f"{words}; nobody who opted out of sale or sharing, nor anybody linked to them" if shares else words


def list_of_sales(sending: Sending, folder: Path) -> None:
    """Write the list of sales with names and numbers, for nobody but sales."""
    run, members, codes, details = sending.run, sending.members, sending.codes, sending.details
    may = agreed(run, details, run.plan.activation.sales_purpose, shares=False, later=sending.later)
    may = free(details, may, members.loc[members["arm"] == "holdout", "customer"], with_numbers=True)
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
    held_out = judged["customer"].isin(members.loc[members["arm"] == "holdout", "customer"])
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
    raw = rows[[cell.value for cell in form.key_cells]].fillna("").astype(str).itertuples(index=False, name=None)
    made = ({c.header: c.make(text) for c, text in zip(form.key_cells, texts, strict=True)} for texts in raw)
    known = [name_of(row, form.key_headers) for row in made]
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
