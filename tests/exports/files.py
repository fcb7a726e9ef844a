"""Numbers, dates and files as the systems write them; the same bytes at every run."""

from __future__ import annotations

import csv
import functools
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import openpyxl

Row = Mapping[str, Any]
EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def dot(minor: int, decimals: int = 2) -> str:
    """Return 123456 as 1234.56, with more zeros where a system writes more."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}" + "0" * (decimals - 2)


def comma(minor: int) -> str:
    """Return 123456 as 1234,56."""
    return dot(minor).replace(".", ",")


def german(minor: int) -> str:
    """Return 123456 as 1.234,56."""
    return english(minor).translate(str.maketrans(",.", ".,"))


def english(minor: int) -> str:
    """Return 123456 as 1,234.56."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def dollars(minor: int) -> str:
    """Return 123456 as $1,234.56, and -300 as -$3.00."""
    return f"{'-' if minor < 0 else ''}${english(abs(minor))}"


def number(minor: int) -> float:
    """Return 123456 as the number 1234.56."""
    return round(minor / 100, 2)


def day_en(at: datetime) -> str:
    """Return 14 March 2026 as Mar 14, 2026."""
    return f"{EN[at.month - 1]} {at.day}, {at.year}"


def clock12(at: datetime) -> str:
    """Return a time of day as 9:15:51 AM."""
    return f"{(at.hour - 1) % 12 + 1}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'}"


def offset(at: datetime) -> str:
    """Return the offset of Berlin from UTC: +0200 between the last Sundays of March and October, else +0100."""
    starts, ends = (last_sunday(at.year, month) for month in (3, 10))
    return "+0200" if starts <= at < ends else "+0100"


def last_sunday(year: int, month: int) -> datetime:
    """Return the last Sunday of a month of 31 days, at 2 in the morning."""
    end = datetime(year, month, 31, 2)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def columns(text: str) -> list[str]:
    """Return the names of a header that is written with commas."""
    return text.split(",")


def table(header: Sequence[str], rows: Iterable[Row]) -> list[list[Any]]:
    """Return a table with its header; `|2` after a name tells columns of one name apart and is not written."""
    listed = list(rows)
    for row in listed:
        unknown = set(row) - set(header)
        if unknown:
            raise KeyError(
                f"every value must have a column of the header, not {sorted(unknown)}: mend the export's row"
            )
    return [[name.split("|")[0] for name in header]] + [[row.get(name, "") for name in header] for row in listed]


def csv_bytes(
    lines: Iterable[Sequence[Any]],
    delimiter: str = ",",
    quote_all: bool = False,
    encoding: str = "utf-8",
    newline: str = "\n",
) -> bytes:
    """Return lines as delimited text."""
    text = io.StringIO()
    make = functools.partial(csv.writer, text, delimiter=delimiter, lineterminator=newline)
    writer = make(quoting=csv.QUOTE_ALL) if quote_all else make(quoting=csv.QUOTE_MINIMAL)
    writer.writerows(lines)
    return text.getvalue().encode(encoding)


def tab_bytes(lines: Iterable[Sequence[Any]], encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    """Return lines with tabs between the values and no quotes, as Amazon and SAP write them."""
    return "".join("\t".join(str(value) for value in line) + newline for line in lines).encode(encoding)


def jsonl_bytes(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return one JSON object per line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def xlsx_bytes(lines: Iterable[Sequence[Any]], sheet: str) -> bytes:
    """Return lines as a workbook with one sheet; empty text becomes an empty cell."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for line in lines:
        page.append([None if value == "" else value for value in line])
    book.properties.created = book.properties.modified = datetime(2026, 10, 1)
    raw = io.BytesIO()
    book.save(raw)
    return _steady(raw)


def _steady(raw: io.BytesIO) -> bytes:
    """Return a zip archive with one fixed time in place of the time of writing."""
    steady = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _untimed(content)
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return steady.getvalue()


def _untimed(core: bytes) -> bytes:
    """Return the properties of a workbook with a fixed time of change."""
    start = core.find(b"<dcterms:modified")
    end = core.find(b"</dcterms:modified>")
    inner = core.find(b">", start) + 1
    return core[:inner] + b"2026-10-01T00:00:00Z" + core[end:] if 0 <= start < end else core
