"""A file of customers beside that of the orders: what it tells of them, and which columns may be attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from seglib.core.contract import CUSTOMERS
from seglib.core.intake.times import read_times
from seglib.core.sections import Source
from seglib.core.special import special
from seglib.init.looks import ALMOST_ALL_SHARE, ISO, Look
from seglib.init.names import plain, words
from seglib.init.sniff import Sniffed
from seglib.init.written import formats_of

NUMBERS = ("household_size", "company_size", "annual_revenue")
TIMES = ("birth_date", "registered_at")
BORN_OR_CAME = (1900, 2100)
MOST_WORDS, FEWEST_NUMBERS, SAMPLE = 60, 5, 4
BEHAVIOUR = re.compile(r"(?i)\b(tier|points?|loyalty|member|membership|channel|source|store|plan|newsletter|visits?)\b")
PROTECTED = re.compile(r"(?i)\b(age|alter|nationality|marital|married|civil|religion|gender|sex|country of birth)\b")


class Told(NamedTuple):
    """A column of the file, and what the plan would say of it as an attribute."""

    name: str
    family: str
    kind: str
    sensitivity: str


@dataclass(frozen=True)
class People:
    """How a file of customers is read.

    Parameters
    ----------
    source : Source
        With its columns under the names of the contract.
    attributes : mapping of str to Told
        Columns that may describe segments, by their name inside seglib.
    special : tuple of str
        Columns that are never read, since they speak of a special category of personal data.
    """

    source: Source
    attributes: Mapping[str, Told]
    special: tuple[str, ...] = ()

    def text(self) -> tuple[str, ...]:
        """Say what the file tells."""
        known = [f"{field} is '{name}'" for field, name in self.source.columns.items() if field != "customer_id"]
        said = f"{self.source.file} holds one row per customer: {', '.join(known) or 'nothing known by name'}"
        found = [said[:400]]
        if self.attributes:
            names = ", ".join(f"'{name}'" for name, *_ in self.attributes.values())
            found.append(
                f"criteria.attributes of the plan names, commented, what may describe segments too: {names[:300]}"
            )
        if self.special:
            found.append(f"never read, as special categories of personal data: {', '.join(self.special)[:200]}")
        return tuple(found)


def people(opened: Sniffed, key: str) -> People:
    """Find out what a file with one row per customer tells.

    Parameters
    ----------
    opened : Sniffed
        The file.
    key : str
        Its column of customer ids.
    """
    columns: dict[str, str | tuple[str, ...]] = {"customer_id": key}
    formats: dict[str, str | None] = {}
    for field in CUSTOMERS.names[1:]:
        name = next((name for name in opened.looks if name not in columns.values() and _is(name, field)), None)
        if name is None or (field in NUMBERS and not opened.looks[name].is_number):
            continue
        if field in TIMES:
            written = way(opened.looks[name].filled)
            if written == "" or (formats and written not in formats.values()):  # a source has one way
                continue
            formats[field] = written
        columns[field] = name
    rest = [name for name in opened.looks if name not in columns.values() and plain(name) not in words()["personal"]]
    barred = tuple(name for name in rest if special(name))
    written = next(iter(formats.values()), None)
    source = Source(file=opened.files[0], csv=opened.source.csv, columns=columns, date_format=written)
    found = [_attribute(name, opened.looks[name]) for name in rest if name not in barred]
    return People(source, {own: told for own, told in (each for each in found if each) if own not in columns}, barred)


def _is(name: str, field: str) -> bool:
    known = words()["people_fields"].get(field) or words()["fields"].get(field, ())
    return plain(name) in known or plain(name) == plain(field)


def way(values: pd.Series[str]) -> str | None:
    """Tell how days of birth or registration are written: None for ISO 8601, "" where that is not certain.

    A year of two digits does not say its century: 50 may be 1950, and would be read as 2050.

    Examples
    --------
    >>> way(pd.Series(["31/12/1950", "01/02/1999"])), way(pd.Series(["1950-12-31"])), way(pd.Series(["old", "young"]))
    ('%d/%m/%Y', None, '')
    """
    if len(values) and values.str.fullmatch(ISO.pattern).mean() >= ALMOST_ALL_SHARE:
        return None
    likely = formats_of({month: values[:SAMPLE].tolist() for month in ("", "%B", "%b")})
    shares = {form: read_times(values, form).dt.year.between(*BORN_OR_CAME).mean() for form in likely}
    certain = [form for form, share in shares.items() if share >= ALMOST_ALL_SHARE and "%y" not in form]
    return certain[0] if len(certain) == 1 else ""


def _attribute(name: str, look: Look) -> tuple[str, Told] | None:
    """Name a column as an attribute, with what it seems to be; None where it has too many words, or but one."""
    own = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")[:40]
    count = len(look.unique)
    is_number = look.is_number and count >= FEWEST_NUMBERS
    if not re.fullmatch(r"[a-z][a-z0-9_]*", own) or count < 2 or not (is_number or count <= MOST_WORDS):
        return None
    family = "behavioural" if BEHAVIOUR.search(name) else "demographic"
    sensitivity = "protected" if PROTECTED.search(name) else "personal"
    return own, Told(name, family, "number" if is_number else "word", sensitivity)
