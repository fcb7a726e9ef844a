"""What each destination wants: one data file per destination, checked when it is read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from seglib.activation.normal import NORMAL, sha256
from seglib.core.errors import Finding, InputRefused, PrivacyRefused, nearest

OWN = ("audience", "message", "product")  # what we say about a person; never more than this
DETAILS = ("customer_id", "email", "phone", "first_name", "last_name")
SHARED = ("email", "phone", "first_name", "last_name")  # all that an advertising platform may get, and only hashed


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


def known_formats() -> list[str]:
    """List the destinations that have a format.

    Examples
    --------
    >>> "mailchimp" in known_formats()
    True
    """
    folder = resources.files("seglib") / "formats"
    return sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))


@cache
def read_format(name: str) -> Format:
    """Read the format of a destination.

    Parameters
    ----------
    name : str
        One of the plan's `activation.destination` and `activation.destinations`.

    Raises
    ------
    InputRefused
        When there is no such format.
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
    known = known_formats()
    if name not in known:
        where = "plan.yml, activation.destination"
        raise InputRefused(Finding("P05", "unknown destination", where, do=nearest(name, known)))
    path = resources.files("seglib") / "formats" / f"{name}.yml"
    return require_little(Format.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))))


def require_little(form: Format) -> Format:
    """Refuse a format that hands on more than its channel needs: platforms get hashed contact details, and no codes.

    Examples
    --------
    >>> form = read_format("mailchimp")
    >>> require_little(form.model_copy(update={"shares": True}))
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
