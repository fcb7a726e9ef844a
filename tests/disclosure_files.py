"""Attack the sentences on the files of notebook 08: what they leave of those who are contacted."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import leaks
import pandas as pd

from seglib.activation.formats import known_formats, read_format

CONTACTED = re.compile(r"customers, by segment: ([\d,]+) contacted")
FILE = re.compile(r": ([^:;]*?) rows in ([\w.-]+)((?:, [^,.;]*? (?:set aside|left out))*)")
WORDS = re.compile(r", ([^,]*(?:,\d{3})*[^,]*?) (?:set aside|left out)")
TRIALS = re.compile(r"Trials of variants: ([\d,]+) contacts")


def of_page(page: Path, floor: int) -> Iterator[str]:
    """All that the sentences on files tell of few people, beside the figure and the tables of their page."""
    if page.exists():
        texts, tables = leaks.texts(page), leaks.tables(page)
        counts = next((table for table in tables if {"segment", "contacted"} <= {*table.columns}), None)
        told = re.search(CONTACTED, " ".join(texts))
        total = exact(told[1]) if told else None
        if total is None and counts is not None and counts["contacted"].map(exact).notna().all():
            total = counts["contacted"].map(exact).sum()
        yield from () if total is None else destinations(" ".join(texts), int(total), floor)
        yield from trials(" ".join(texts), tables, counts, floor)


def destinations(text: str, contacts: int, floor: int) -> Iterator[str]:
    """Take the numbers of one destination for each purpose from all who are contacted; ranges leave enough open."""
    purposes = {form.file: form.purpose for form in map(read_format, known_formats())}
    found: dict[str, list[list[str]]] = {}
    for rows, file, more in FILE.findall(text):
        words = [rows.strip(), *(word.strip() for word in WORDS.findall(more))]
        found.setdefault(purposes.get(file, file), []).append(words)
    for chosen in product(*found.values()):
        words = [word for each in chosen for word in each]
        left = contacts - sum(exact(word) or 0 for word in words)
        if words and not any(" to " in word for word in words) and 0 < abs(left) < floor:
            yield f"08 files: {left} of {contacts} contacted are left by {words}"


def trials(text: str, tables: list[pd.DataFrame], counts: pd.DataFrame | None, floor: int) -> Iterator[str]:
    """Compare the contacts of trials with the contacted of their segments: few are left, or a blank one follows."""
    told, asked = re.search(TRIALS, text), [table for table in tables if {"trial", "segment"} <= {*table.columns}]
    if told and counts is not None and asked:
        names = {*pd.concat(asked)["segment"]}
        cells = counts.loc[counts["segment"].isin(names), "contacted"].map(exact)
        left = (exact(told[1]) or 0) - cells.sum()
        if cells.isna().sum() == 1 or (cells.notna().all() and 0 < abs(left) < floor):
            yield f"08 trials: {told[1]} contacts leave {left:.0f} beside the segments {sorted(names)}"


def exact(word: str) -> int | None:
    """Read a number of people; a bound or a range is none."""
    return int(word.replace(",", "")) if re.fullmatch(r"\d[\d,]*", word) else None
