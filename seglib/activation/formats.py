"""What each destination wants: one data file per destination, checked when it is read."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from seglib.activation.normal import NORMAL, sha256
from seglib.core.errors import Finding, InputRefused, PrivacyRefused, nearest
from seglib.core.purposes import PROFILING, PURPOSES, SALE

DETAILS = ("customer_id", "email", "phone", "first_name", "last_name")
SHARED = ("email", "phone", "first_name", "last_name")  # all that an advertising platform may get, and only hashed
SENDING = tuple(purpose for purpose in PURPOSES if purpose not in (PROFILING, SALE))  # what a delivery may need
PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
ENDINGS = ("_do_not_contact", "_rejected", "_delta", "_manifest")  # of the other files of each destination
KEYS = ("customer_id", "email", "phone")  # what tells one person from another
INSIDE = ("reason", "known", "place", "customer")  # columns of ours beside those of the format
RESERVED = ("sales_list", "do_not_contact", "house_segments")
OWN_FORMATS = "formats"  # of a study, beside its plan
LIKE = "write it like the files in seglib/formats"


class Cell(BaseModel):
    """One column of an export: its header, where the value comes from, how it is written, and what kind it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    header: str
    value: Literal["customer_id", "email", "phone", "first_name", "last_name", "audience", "message", "product", "text"]
    written: Literal["as_is", "lower", "google_email", "tiktok_email", "e164", "digits"] = "as_is"
    hashed: bool = False
    kind: Literal["text", "number"] = "text"
    text: str = ""

    def make(self, raw: str) -> str:
        """Write one value as the destination wants it.

        Examples
        --------
        >>> Cell(header="Email", value="email", written="lower", hashed=True).make(" Test@example.com")[:8]
        '973dfe46'
        """
        value = self.text if self.value == "text" else NORMAL[self.written](raw)
        return sha256(value) if self.hashed else value


class Format(BaseModel):
    """What a destination wants, as its file in seglib/formats says.

    Parameters
    ----------
    purpose : str
        Members whose offer needs this consent are sent to it.
    shares : bool
        Whether sending counts as selling or sharing personal data; then an opt-out of that keeps people out.
    key, or_key : str
        Column value by which the destination knows a person, and another one by which it knows whoever lacks the first.
    empty : str
        What an empty cell is written as in the machine file.
    line_end : {"crlf", "lf"}
        How lines of CSV files end.
    rows_min, rows_max : int
        A file outside these bounds is written and reported, as the destination will refuse it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    source: str
    read_on: str
    file: str
    machine_file: str
    purpose: str
    shares: bool = False
    key: str
    or_key: str = ""
    text_bytes_max: int = 255
    rows_min: int = 0
    rows_max: int = 10_000_000
    empty: str = ""
    line_end: Literal["crlf", "lf"] = "crlf"
    columns: tuple[Cell, ...]

    @property
    def key_cell(self) -> Cell:
        """The column by which the destination knows a person."""
        return next(cell for cell in self.columns if cell.value == self.key)

    @property
    def key_cells(self) -> list[Cell]:
        """The columns by which the destination knows a person, the main one first."""
        return [next(cell for cell in self.columns if cell.value == key) for key in (self.key, self.or_key) if key]

    @property
    def key_headers(self) -> list[str]:
        """Headers of `key_cells`."""
        return [cell.header for cell in self.key_cells]

    @property
    def takes_numbers(self) -> bool:
        """Whether telephone numbers are handed on."""
        return any(cell.value == "phone" for cell in self.columns)

    @property
    def headers(self) -> list[str]:
        """Headers in their order."""
        return [cell.header for cell in self.columns]

    @property
    def delta_file(self) -> str:
        """Name of the file that holds the changes since the last quarter."""
        return f"{self.name}_delta.jsonl"

    @property
    def rejected_file(self) -> str:
        """Name of the file that holds who could not be sent, and why."""
        return f"{self.name}_rejected.csv"

    @property
    def closed_file(self) -> str:
        """Name of the file that holds who must not be contacted."""
        return f"{self.name}_do_not_contact.csv"

    @property
    def manifest_file(self) -> str:
        """Name of the manifest."""
        return f"{self.name}_manifest.json"


def known_formats(own: Path | None = None) -> list[str]:
    """List the destinations that have a format.

    Parameters
    ----------
    own : Path, optional
        A study's folder of formats of its own, which may not be there.

    Examples
    --------
    >>> "mailchimp" in known_formats()
    True
    """
    folder = resources.files("seglib") / "formats"
    names = [entry.name for entry in folder.iterdir()] + [path.name for path in _own_files(own)]
    return sorted({name.removesuffix(".yml") for name in names if name.endswith(".yml")})


def _own_files(own: Path | None) -> list[Path]:
    """List the formats of a study's own."""
    return sorted(path for path in own.glob("*.yml") if path.is_file()) if own is not None else []


def read_format(name: str, own: Path | None = None) -> Format:
    """Read the format of a destination.

    Parameters
    ----------
    name : str
        One of the plan's `activation.destination` and `activation.destinations`.
    own : Path, optional
        A study's folder of formats of its own: files like those in seglib/formats, under other names.

    Raises
    ------
    InputRefused
        P05 when there is no such format, P06 when a file of the study's own is none, or has a name of ours.
    PrivacyRefused
        R31, when the format holds more than its channel may get.

    Examples
    --------
    >>> read_format("mailchimp").columns[0].header
    'Email Address'
    >>> read_format("mailchimpp")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 unknown destination - plan.yml, activation.destination - do: did you ...
    """
    mine = next((path for path in _own_files(own) if path.stem == name), None)
    if mine is not None:
        return _require_little(_own(mine))
    known = known_formats(own)
    if name not in known:
        where = "plan.yml, activation.destination"
        raise InputRefused(Finding("P05", "unknown destination", where, do=nearest(name, known)))
    return _shipped(name)


@cache
def _shipped(name: str) -> Format:
    path = resources.files("seglib") / "formats" / f"{name}.yml"
    return _require_little(Format.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))))


def _own(path: Path) -> Format:
    """Read a format of the study's own, which must hold what ours hold."""
    place = f"formats/{path.name}"
    if path.stem in known_formats():
        do = "give the file and its name another one"
        raise InputRefused(Finding("P06", "a format of seglib has this name", place, do=do))
    try:
        form = Format.model_validate(yaml.safe_load(path.read_bytes().decode("utf-8")))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in wrong["loc"]) or "the whole file"
        raise InputRefused(Finding("P06", f"not a format: {where}: {wrong['msg']}", place, do=LIKE)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputRefused(Finding("P06", "not YAML in UTF-8", place, do=LIKE)) from None
    for is_wrong, what in _faults(form, path.stem):
        if is_wrong:
            raise InputRefused(Finding("P06", what, place, do=LIKE))
    return form


def _faults(form: Format, stem: str) -> list[tuple[bool, str]]:
    """What a format must hold beyond its form: the same that our own are tested for."""
    values, files = [cell.value for cell in form.columns], (form.file, form.machine_file)
    is_ours = stem in RESERVED or stem.endswith(ENDINGS)
    every = (*files, form.rejected_file, form.delta_file, form.closed_file, form.manifest_file)
    return [
        (form.name != stem, f"its name is not that of the file, {stem}"),
        (not form.columns or values[0] != form.key, "the first column is not the one of key"),
        (form.key not in KEYS, f"key is none of {', '.join(KEYS)}"),
        (form.or_key not in ("", *KEYS) or form.or_key == form.key, f"or_key is no other of {', '.join(KEYS)}"),
        (bool(form.or_key) and form.or_key not in values, "no column has the value of or_key"),
        (not set(form.headers).isdisjoint(INSIDE), f"a header is one of our own: {', '.join(INSIDE)}"),
        (len(set(form.headers)) < len(form.headers), "two columns have the same header"),
        (form.purpose not in SENDING, f"purpose is none of {', '.join(SENDING)}"),
        (not PLAIN.fullmatch(stem) or is_ours, "its name is one of our own files, or no plain word"),
        (not all(name.startswith(f"{stem}.") for name in files), f"file and machine_file do not begin with {stem}."),
        (any("/" in name or "\\" in name for name in files), "file and machine_file are not in a folder of their own"),
        (not form.file.endswith(".csv"), "file does not end in .csv"),
        (not form.machine_file.endswith((".csv", ".jsonl")), "machine_file does not end in .csv or .jsonl"),
        (len(set(every)) < len(every), "two of its files have the same name"),
    ]


def _require_little(form: Format) -> Format:
    """Refuse a format that hands on more than its channel needs: platforms get hashed contact details, and no codes.

    Examples
    --------
    >>> form = read_format("mailchimp")
    >>> _require_little(form.model_copy(update={"shares": True}))
    Traceback (most recent call last):
    seglib.core.errors.PrivacyRefused: SEG-R31 format hands on more than its channel needs - mailchimp.yml, column ...
    """
    if not form.shares:
        return form
    for cell in form.columns:
        if cell.value != "text" and not (cell.value in SHARED and cell.hashed):
            remedy = f"keep to {', '.join(SHARED)}, each with hashed: true"
            what = "format hands on more than its channel needs"
            raise PrivacyRefused(Finding("R31", what, f"{form.name}.yml", column=cell.header, do=remedy))
    return form
