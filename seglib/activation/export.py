"""Files that leave the house: format from data, cells that no spreadsheet runs, and a check of the finished file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict

from seglib.core.errors import Finding, InputRefused, PrivacyRefused, nearest
from seglib.core.privacy import private_file
from seglib.core.store import sha256_file

FORMULA = re.compile(r"^[\s\"';,]*[=+\-@\t\r\n＝＋－＠﹢﹣]|^[\t\r\n]")
ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
MANIFEST = "audience_manifest.json"


class Cell(BaseModel):
    """One column of an export: its header, where the value comes from, and whether it is text."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    header: str
    value: str
    kind: Literal["text", "number"] = "text"


class Format(BaseModel):
    """What a destination wants, as its file in seglib/formats says."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    source: str
    read_on: str
    file: str
    machine_file: str
    channel: str
    key: str
    text_bytes_max: int
    columns: tuple[Cell, ...]


@dataclass(frozen=True)
class Written:
    """An export on disk: rows per file and their hashes."""

    rows: int
    set_aside: dict[str, int]
    sha256: dict[str, str]


def read_format(name: str) -> Format:
    """Read the format of a destination.

    Parameters
    ----------
    name : str
        The plan's `activation.destination`.

    Raises
    ------
    InputRefused
        When there is no such format.

    Examples
    --------
    >>> read_format("mailchimp").columns[0].header
    'Email Address'
    >>> read_format("mailchimpp")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 unknown destination - plan.yml, activation.destination - do: did you ...
    """
    folder = resources.files("seglib") / "formats"
    known = sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))
    if name not in known:
        where = "plan.yml, activation.destination"
        raise InputRefused(Finding("P05", "unknown destination", where, do=nearest(name, known)))
    return Format.model_validate(yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8")))


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


def acceptable(rows: pd.DataFrame, form: Format) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the rows that the destination takes, and count the others by reason.

    Parameters
    ----------
    rows : DataFrame
        One row per person, with the columns that the format names.
    form : Format

    Returns
    -------
    tuple of DataFrame and dict
        Rows ordered by key, one per key; the number set aside per reason.
    """
    texts = rows.assign(**{cell.value: rows[cell.value].fillna("").astype(str).str.strip() for cell in form.columns})
    right = texts[form.key].map(lambda value: bool(ADDRESS.fullmatch(value))).astype(bool)
    lengths = [texts[cell.value].map(lambda value: len(value.encode())) for cell in form.columns]
    short = pd.concat(lengths, axis=1).max(axis=1) <= form.text_bytes_max
    kept = texts[right & short].sort_values([form.key, "customer"]) if len(texts) else texts
    first = ~kept[form.key].str.lower().duplicated()
    reasons = {"no usable address": ~right, "a text too long": right & ~short, "same address twice": ~first}
    return kept[first], {reason: int(mask.sum()) for reason, mask in reasons.items() if mask.sum()}


def write(rows: pd.DataFrame, form: Format, folder: Path, facts: Mapping[str, Any]) -> Written:
    """Write the file for people, the file for machines, and their manifest; all readable by the owner only.

    Parameters
    ----------
    rows : DataFrame
        One row per person; empty gives a header and no rows.
    form : Format
    folder : Path
        Private folder.
    facts : mapping
        What else the manifest says; no personal data.

    Returns
    -------
    Written
    """
    kept, set_aside = acceptable(rows, form)
    headers = [cell.header for cell in form.columns]
    records = kept[[cell.value for cell in form.columns]].to_numpy().tolist()
    people, machine = folder / form.file, folder / form.machine_file
    for path, text in ((people, _csv(headers, records, form)), (machine, _jsonl(headers, records))):
        path.touch(mode=0o600)
        private_file(path).write_text(text, encoding="utf-8", newline="")
    hashes = {path.name: sha256_file(path) for path in (people, machine)}
    body = {**facts, "destination": form.name, "rows": len(records), "set_aside": set_aside, "sha256": hashes}
    manifest = folder / MANIFEST
    manifest.touch(mode=0o600)
    private_file(manifest).write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return Written(len(records), set_aside, hashes)


def recheck(folder: Path, form: Format, allowed: Mapping[str, bool]) -> None:
    """Read the finished files again and refuse them when anybody in them has not agreed.

    Parameters
    ----------
    folder : Path
        Where `write` wrote.
    form : Format
    allowed : mapping
        From each lower-case key to whether everybody behind it agreed to this channel; who is missing did not.

    Raises
    ------
    PrivacyRefused
        After deleting the files; also when a file is not complete.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    header = next(cell.header for cell in form.columns if cell.value == form.key)
    keys = {form.file: _keys_csv(folder / form.file, header), form.machine_file: _keys_jsonl(folder, form, header)}
    refused = {name: sum(not allowed.get(key, False) for key in found) for name, found in keys.items()}
    short = [name for name, found in keys.items() if len(found) != manifest["rows"]]
    if not short and not any(refused.values()):
        return
    for name in (form.file, form.machine_file, MANIFEST):
        (folder / name).unlink()
    if short:
        raise PrivacyRefused(Finding("O08", "export is not complete", short[0], do="run notebook 08 again"))
    found = f"{max(refused.values())} of {manifest['rows']} persons"
    remedy = "run from notebook 02, so that the latest consents are read"
    raise PrivacyRefused(Finding("R08", "export held persons without consent", form.file, found=found, do=remedy))


def _csv(headers: Sequence[str], records: Sequence[Sequence[str]], form: Format) -> str:
    """RFC 4180: every cell quoted, lines end in CR LF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([safe_cell(header) for header in headers])
    text = [cell.kind == "text" for cell in form.columns]
    for record in records:
        writer.writerow([safe_cell(v) if is_text else v for v, is_text in zip(record, text, strict=True)])
    return buffer.getvalue()


def _jsonl(headers: Sequence[str], records: Sequence[Sequence[str]]) -> str:
    lines = [json.dumps(dict(zip(headers, record, strict=True)), ensure_ascii=False) for record in records]
    return "".join(f"{line}\n" for line in lines)


def _keys_csv(path: Path, header: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        cells = [row[header] for row in csv.DictReader(file)]
    return [(cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell).lower() for cell in cells]


def _keys_jsonl(folder: Path, form: Format, header: str) -> list[str]:
    text = (folder / form.machine_file).read_text(encoding="utf-8")
    return [json.loads(line)[header].lower() for line in text.split("\n") if line]
