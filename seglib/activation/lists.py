"""Files that leave the house: cells that no spreadsheet runs, the changes, a manifest, and a check of what is there."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.activation.delta import Record, changes_of, name_of
from seglib.activation.formats import Cell, Format
from seglib.activation.normal import ADDRESS
from seglib.core.errors import Finding, InputRefused, PrivacyRefused
from seglib.core.privacy import private_file
from seglib.core.store import sha256_file, sha256_json

FORMULA = re.compile(r"^[\s\"';,]*[=+\-@\t\r\n＝＋－＠﹢﹣]|^[\t\r\n]")
ACTIVE = re.compile(r"[(|!]")
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
LINE_END = {"crlf": "\r\n", "lf": "\n"}


@dataclass(frozen=True)
class Written:
    """An export on disk: rows, who was set aside by reason, what changed, hashes, and the key of the delivery."""

    rows: int
    set_aside: dict[str, int]
    sha256: dict[str, str]
    delta: dict[str, int] = field(default_factory=dict)
    key: str = ""


def safe_cell(value: str) -> str:
    """Disarm a text cell that a spreadsheet would take for a formula.

    Parameters
    ----------
    value : str
        Text as it is.

    Returns
    -------
    str
        With an apostrophe in front where the text starts, after spaces and quotes, with a sign that starts a formula.

    Notes
    -----
    CWE-1236 and the OWASP page on CSV injection; the full-width forms of the signs count too.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("Ann")
    ("'=1+1", 'Ann')
    """
    return f"'{value}" if FORMULA.match(value) else value


def refuse_active(ids: Iterable[str]) -> None:
    """Refuse customer ids that a spreadsheet would run as a command or a call: lists for machines keep ids as they are.

    Parameters
    ----------
    ids : iterable of str
        As delivered. One that only begins like a formula, such as +49151 or @ann, stays.

    Raises
    ------
    InputRefused
        O05, with their number.

    Examples
    --------
    >>> refuse_active(["+49151", "@ann", "-7"])
    >>> refuse_active(["=HYPERLINK(A1)"])
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-O05 a spreadsheet would run these ids - column 'customer_id' - found: 1 - do...
    """
    count = sum(bool(FORMULA.match(each) and ACTIVE.search(each)) for each in ids)
    if count:
        what, do = "a spreadsheet would run these ids", "give these customers plain ids in the sources"
        raise InputRefused(Finding("O05", what, column="customer_id", found=f"{count:,}", do=do))


def shown_cell(value: str, cell: Cell) -> str:
    """Write a value for people: numbers stay numbers, everything else is disarmed.

    Examples
    --------
    >>> number = Cell(header="Value", value="text", kind="number")
    >>> shown_cell("-12.50", number), shown_cell("-12+1", number)
    ('-12.50', "'-12+1")
    """
    return value if cell.kind == "number" and PLAIN_NUMBER.fullmatch(value) else safe_cell(value)


def acceptable(rows: pd.DataFrame, form: Format) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the rows that the destination takes, written as it wants them, and give a reason for each of the others.

    Parameters
    ----------
    rows : DataFrame
        One row per person: customer, and the raw values that the format names; a missing one counts as blank.
    form : Format

    Returns
    -------
    tuple of DataFrame and DataFrame
        customer and one column per header, ordered by key, one per key; and customer, reason.
    """
    raw = rows.reindex(columns=["customer", *{cell.value for cell in form.columns}]).fillna("").astype(str)
    if "email" in (form.key, form.or_key):
        raw["email"] = raw["email"].where(raw["email"].str.strip().map(lambda text: bool(ADDRESS.fullmatch(text))), "")
    made = {cell.header: [cell.make(value) for value in raw[cell.value]] for cell in form.columns}
    texts = pd.DataFrame({"customer": raw["customer"], **made}, dtype="str")
    known = pd.Series([name_of(row, form.key_headers) for row in texts.to_dict("records")], texts.index, dtype="str")
    usable = known != ""
    lengths = texts[form.headers].map(lambda value: len(value.encode())).max(axis=1)
    short = lengths.fillna(0) <= form.text_bytes_max
    ordered = texts.assign(known=known)[usable & short].sort_values(["known", "customer"])
    twice = ordered["known"].duplicated()
    keys = " or ".join(key.replace("_", " ") for key in (form.key, form.or_key) if key)
    why = pd.Series("same key twice", index=ordered.index[twice])
    why = pd.concat([why, pd.Series(f"no usable {keys}", index=texts.index[~usable])])
    why = pd.concat([why, pd.Series("a text too long", index=texts.index[usable & ~short])])
    rejected = texts.loc[why.index, ["customer"]].assign(reason=why).sort_values(["customer", "reason"])
    return ordered[~twice].drop(columns="known").reset_index(drop=True), rejected.reset_index(drop=True)


def write(
    rows: pd.DataFrame,
    form: Format,
    folder: Path,
    facts: Mapping[str, Any],
    before: Sequence[Record] | None = None,
    closed: str | None = None,
) -> Written:
    """Write the files of one destination, all readable by the owner only.

    Parameters
    ----------
    rows : DataFrame
        One row per person; empty gives a header and no rows.
    form : Format
    folder : Path
        Private folder.
    facts : mapping
        What else the manifest says; no personal data. The part of it that identifies the campaign makes the key by
        which a second delivery is recognised.
    before : sequence of dict, optional
        Rows of last quarter's machine file; with them the changes are written too.
    closed : str, optional
        The list of who must not be contacted, as the destination wants it.

    Returns
    -------
    Written
        A file for people, one for machines, who was set aside and why, the changes, and the manifest.
    """
    kept, rejected = acceptable(rows, form)
    cells = kept[form.headers].to_dict("records")
    records: list[Record] = [{str(head): str(value) for head, value in row.items()} for row in cells]
    texts = {form.file: _people(records, form), form.machine_file: _machine(records, form)}
    texts |= {form.closed_file: closed} if closed is not None else {}
    texts[form.rejected_file] = rejected.to_csv(index=False, lineterminator="\n")
    moves = changes_of(records, before, form.key_headers) if before is not None else []
    if before is not None:
        texts[form.delta_file] = "".join(f"{json.dumps(move, ensure_ascii=False)}\n" for move in moves)
    for name, text in texts.items():
        private_text(folder / name, text)
    hashes = {name: sha256_file(folder / name) for name in texts}
    campaign = [facts.get("quarter", ""), form.name, hashes[form.machine_file]]
    counts = {kind: sum(move["change"] == kind for move in moves) for kind in ("entered", "changed", "left")}
    body = {
        **facts,
        "destination": form.name,
        "format": form.model_dump(mode="json"),
        "rows": len(records),
        "size": "outside what the destination takes" if not form.rows_min <= len(records) <= form.rows_max else "fits",
        "set_aside": {str(k): int(v) for k, v in rejected["reason"].value_counts().sort_index().items()},
        "delta": counts if before is not None else None,
        "idempotency_key": sha256_json(campaign)[:32],
        "sha256": hashes,
    }
    private_text(folder / form.manifest_file, json.dumps(body, indent=1, sort_keys=True) + "\n")
    return Written(len(records), body["set_aside"], hashes, body["delta"] or {}, body["idempotency_key"])


def read_machine(path: Path, form: Format) -> list[Record]:
    """Read the machine file of an export back, as rows from header to value."""
    text = path.read_bytes().decode("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line]
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{head: "" if form.empty and value == form.empty else value for head, value in row.items()} for row in rows]


def recheck(
    folder: Path,
    form: Format,
    allowed: Mapping[str, bool],
    personal: Mapping[str, bool] | None = None,
    general: str = "",
) -> None:
    """Read the finished files again and refuse them when they are not whole, say too much, or hold a wrong person.

    Parameters
    ----------
    folder : Path
        Where `write` wrote.
    form : Format
    allowed : mapping
        From each key as the destination writes it, addresses in small letters, to whether everybody behind it agreed;
        who is missing did not.
    personal : mapping, optional
        The same for messages that are made for the person; checked for all rows but those of the audience `general`.
    general : str
        Code of the audience that gets what everybody gets.

    Raises
    ------
    PrivacyRefused
        After deleting the destination's files: O08 not complete, R31 other columns than the format's, R08 a person
        who has not agreed.
    """
    manifest = json.loads((folder / form.manifest_file).read_text(encoding="utf-8"))
    wrong = [name for name, digest in manifest["sha256"].items() if sha256_file(folder / name) != digest]
    machine, people = read_machine(folder / form.machine_file, form), _read_people(folder / form.file)
    columns = {tuple(row) for row in [*machine, *people]} - {tuple(form.headers)}
    refused = max(sum(not _may(row, form, allowed, personal, general) for row in part) for part in (machine, people))
    if not wrong and not columns and not refused and len(machine) == len(people) == manifest["rows"]:
        return
    for name in (*manifest["sha256"], form.manifest_file):
        (folder / name).unlink(missing_ok=True)
    if columns:
        raise PrivacyRefused(Finding("R31", "export has other columns than its format", form.file, do="report it"))
    if refused:
        found = f"{refused} of {manifest['rows']} persons"
        remedy = "run from notebook 02, so that the latest consents are read"
        raise PrivacyRefused(Finding("R08", "export held persons without consent", form.file, found=found, do=remedy))
    place = wrong[0] if wrong else form.file
    raise PrivacyRefused(Finding("O08", "export is not complete", place, do="run notebook 08 again"))


def _may(
    row: Record, form: Format, allowed: Mapping[str, bool], personal: Mapping[str, bool] | None, general: str
) -> bool:
    name = name_of(row, form.key_headers)
    audience = next((cell.header for cell in form.columns if cell.value == "audience"), "")
    is_general = bool(general) and row.get(audience) == general
    return allowed.get(name, False) and (personal is None or is_general or personal.get(name, False))


def private_text(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    private_file(path).write_text(text, encoding="utf-8", newline="")


def _people(records: Sequence[Record], form: Format) -> str:
    rows = [[shown_cell(row[cell.header], cell) for cell in form.columns] for row in records]
    return as_csv([safe_cell(head) for head in form.headers], rows, "\r\n")


def _machine(records: Sequence[Record], form: Format) -> str:
    if form.machine_file.endswith(".jsonl"):
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in records)
    rows = [[row[head] or form.empty for head in form.headers] for row in records]
    return as_csv(form.headers, rows, LINE_END[form.line_end])


def as_csv(headers: Sequence[str], rows: Iterable[Sequence[str]], line_end: str) -> str:
    """Write a table as RFC 4180 has it, every cell quoted.

    Examples
    --------
    >>> as_csv(["id", "word"], [["1", "=a"]], "|")
    '"id","word"|"1","=a"|'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator=line_end)
    writer.writerow(headers)
    writer.writerows(rows)
    return buffer.getvalue()


def _read_people(path: Path) -> list[Record]:
    rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""))
    return [{_bare(head): _bare(value or "") for head, value in row.items()} for row in rows]


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
