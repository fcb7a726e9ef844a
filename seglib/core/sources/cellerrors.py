"""Error values of Excel, such as #N/A: the reader of workbooks gives blank cells for them, and an error is no blank."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

SHEET = re.compile(rb'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
RELATION = re.compile(rb"<Relationship\b[^>]*>")
ATTRIBUTE = re.compile(rb'\b(Id|Target)="([^"]*)"')
OPENED = rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
CELL = re.compile(OPENED + rb"(?:(?!</c>).)*?<v>([^<]{1,20})</v>", re.DOTALL)
MARK = b't="e"'
MOST_BYTES = 2_000_000_000  # of a sheet, unpacked; a larger one is read without looking for errors


def cell_errors(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Find the error values of one sheet.

    Parameters
    ----------
    path : Path
        A workbook of Excel's own format (.xlsx, .xlsm); of others nothing is known.
    sheet : str
        Name of the sheet.

    Returns
    -------
    dict
        Row from 1 and column from 0, as the spreadsheet counts them, to the value, such as ``#N/A``.
    """
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as book:
            name = _place(book, sheet)
            if name is None or book.getinfo(name).file_size > MOST_BYTES:
                return {}
            xml = book.read(name)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return {}  # the workbook is judged by its reader
    if MARK not in xml:
        return {}
    return {(int(row), _column(letters)): value.decode() for letters, row, value in CELL.findall(xml)}


def _place(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Path of a sheet inside the workbook."""
    ids = {unescape(name.decode()): key for name, key in SHEET.findall(book.read("xl/workbook.xml"))}
    found = (dict(ATTRIBUTE.findall(each)) for each in RELATION.findall(book.read("xl/_rels/workbook.xml.rels")))
    targets = {each[b"Id"]: each[b"Target"].decode() for each in found if {b"Id", b"Target"} <= {*each}}
    target = targets.get(ids.get(sheet, b""))
    if target is None:
        return None
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place - 1
