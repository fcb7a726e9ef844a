"""Publish an audience: one set of files per destination, contact details joined in here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.activation.consents import GENERAL, NOTHING, PERSONAL, agreed, facts, judge, keys, latest
from seglib.activation.export import Record, private_text, read_machine, recheck, safe_cell, write
from seglib.activation.formats import DETAILS, Format, read_format
from seglib.core.purposes import CHANNELS
from seglib.core.store import sha256_json

if TYPE_CHECKING:
    from seglib.core.run import Run

STEP = "08_activation"
SUPPRESSED, SALES = "suppressed.csv", "sales_list.csv"


@dataclass(frozen=True)
class Sending:
    """What every destination needs: the run, the members, codes of segments, contact details, the newest consents."""

    run: Run
    members: pd.DataFrame
    codes: pd.Series[str]
    details: pd.DataFrame
    later: pd.DataFrame | None


def code(quarter: str, identity: int) -> str:
    """Name an audience so that the file tells a third party nothing about the persona.

    Examples
    --------
    >>> code("2026Q3", 3)
    'SEG-2026Q3-03'
    """
    return f"SEG-{quarter}-{identity:02d}"


def formats(run: Run) -> list[Format]:
    """Read the formats of all destinations of the plan, the main one first."""
    plan = run.plan.activation
    return [read_format(name) for name in dict.fromkeys((plan.destination, *plan.destinations))]


def contact_details(run: Run) -> pd.DataFrame:
    """Read ids and contact details from the private folder; empty when there are none."""
    path = run.data / "private" / "contacts.parquet"
    columns = ["customer", *DETAILS]
    return pd.read_parquet(path).reindex(columns=columns) if path.exists() else pd.DataFrame(columns=columns)


def suppress(members: pd.DataFrame) -> pd.DataFrame:
    """List who may go to no destination at all, and why; one list for every destination.

    Parameters
    ----------
    members : DataFrame
        customer, arm, reason.

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
    reason = out["reason"].where(out["arm"] == "none", "held out for comparison")
    return out[["customer"]].assign(reason=reason).sort_values("customer", ignore_index=True, kind="stable")


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
    details, out, said = contact_details(run), suppress(members), []
    private_text(folder / SUPPRESSED, out.to_csv(index=False, lineterminator="\n"))
    sending, forms = Sending(run, members, codes, details, latest(run)), formats(run)
    list_of_sales(sending, folder)
    sums = {"count": len(out), "sha256": sha256_json(out["customer"].tolist())}
    for form in forms:
        rows = _rows(sending, form)
        about = {**told, "consent_rule": rule(run, form.purpose, form.shares), "suppressed": sums}
        key = _last_key(run, form)
        written = write(rows, form, folder, about, _before(run, form))
        aside = sum(written.set_aside.values())
        words = f"{form.title}: {written.rows:,} rows in {form.file}" + (f", {aside:,} set aside" if aside else "")
        said.append(f"{words}; unchanged since the last export." if key == written.key else f"{words}.")
    at_end = latest(run)
    for form in forms:
        recheck(folder, form, keys(details, form, agreed(run, details, form.purpose, form.shares, at_end)))
    return said


def rule(run: Run, purpose: str, shares: bool = False) -> str:
    """Write down by which consent people are in a file."""
    words = f"consent to {purpose} as of {run.quarter.as_of:%Y-%m-%d} and no later word against it; unknown means no"
    return f"{words}; nobody who opted out of sale or sharing, nor anybody linked to them" if shares else words


def list_of_sales(sending: Sending, folder: Path) -> None:
    """Write the list of sales with names and numbers, for nobody but sales."""
    run, members, codes, details = sending.run, sending.members, sending.codes, sending.details
    may = agreed(run, details, run.plan.activation.sales_purpose, shares=False, later=sending.later)
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


def _rows(sending: Sending, form: Format) -> pd.DataFrame:
    """Join contact details to those who are to be contacted; a shared address needs everybody's consent."""
    run, members, codes, details = sending.run, sending.members, sending.codes, sending.details
    judged = facts(run, details, form.purpose, sending.later)
    judged = judged.assign(word=judge(judged, form.shares))
    open_keys = keys(details, form, set(judged.loc[judged["word"] != NOTHING, "customer"]))
    purposes = members["channel"].map(lambda channel: CHANNELS.get(channel, channel))
    chosen = members[(members["arm"] == "contact") & (purposes == form.purpose)]
    chosen = chosen.assign(audience=[codes[segment] for segment in chosen["segment"]])
    chosen = chosen[chosen["customer"].isin(judged.loc[judged["word"] == PERSONAL, "customer"])]
    parts = [chosen[["customer", "audience", "message", "product"]]]
    general = run.plan.activation.general_message
    if general and not form.shares:
        others = judged[(judged["word"] == GENERAL) & ~judged["customer"].isin(members["customer"])]
        about = {"audience": code(run.quarter.text, 0), "message": general, "product": ""}
        parts.append(others[["customer"]].assign(**about))
    rows = pd.concat(parts, ignore_index=True).merge(details, on="customer")
    known = [form.key_cell.make(str(raw)).lower() for raw in rows[form.key].fillna("")]
    return rows[[key == "" or open_keys.get(key, False) for key in known]]


def _before(run: Run, form: Format) -> list[Record] | None:
    """Read last quarter's machine file; None when there is none."""
    path = run.data / "runs" / run.quarter.previous.text / STEP / form.machine_file
    return read_machine(path, form) if path.is_file() else None


def _last_key(run: Run, form: Format) -> str:
    """Read the key of this quarter's last delivery; "" when there was none."""
    path = run.data / "runs" / run.quarter.text / STEP / form.manifest_file
    return str(json.loads(path.read_text(encoding="utf-8"))["idempotency_key"]) if path.is_file() else ""
