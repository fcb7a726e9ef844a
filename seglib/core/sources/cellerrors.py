"""Error values of spreadsheets, such as #N/A: the reader of workbooks gives blank cells for them, which is wrong."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path
from struct import error as StructError
from xml.etree.ElementTree import ParseError

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources import olderrors

SHEET = re.compile(rb'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\b\w+:id="([^"]*)"')
RELATION = re.compile(rb"<Relationship\b[^>]*>")
ATTRIBUTE = re.compile(rb'\b(Id|Target)="([^"]*)"')
OPENED = rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
CELL = re.compile(OPENED + rb"(?:(?!</c>).)*?<v>([^<]{1,20})</v>", re.DOTALL)
MARK = b't="e"'
MOST_BYTES = 2_000_000_000  # of a sheet, unpacked
BOOK, BINARY_BOOK, CONTENT = "xl/workbook.xml", "xl/workbook.bin", "content.xml"
DO = "save it as .xlsx or .csv"


def cell_errors(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Find the error values of one sheet.

    Parameters
    ----------
    path : Path
        A workbook of Excel (.xlsx, .xlsm, .xlsb, .xls) or an OpenDocument spreadsheet (.ods).
    sheet : str
        Name of the sheet.

    Returns
    -------
    dict
        Row from 1 and column from 0, as the spreadsheet counts them, to the value, such as ``#N/A``.

    Raises
    ------
    InputRefused
        F23, where errors could not be told from blank cells.
    """
    try:
        if not zipfile.is_zipfile(path):
            return olderrors.of_xls(path.read_bytes(), sheet)
        with zipfile.ZipFile(path) as book:
            return _in_zip(book, sheet)
    except (
        *(KeyError, IndexError, ValueError, StructError, ParseError),
        *(zipfile.BadZipFile, NotImplementedError, RuntimeError),
    ):
        what = "errors of the spreadsheet cannot be told from blank cells"
        raise InputRefused(Finding("F23", what, path.name, found=f"sheet {sheet}", do=DO)) from None


def _in_zip(book: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], str]:
    parts = {*book.namelist()}
    if CONTENT in parts:
        with book.open(_small(book, CONTENT)) as content:
            return olderrors.of_ods(content, sheet)
    if BINARY_BOOK in parts:
        relations = _relations(book, "xl/_rels/workbook.bin.rels")
        return olderrors.of_xlsb(
            book.read(_small(book, olderrors.sheet_of_xlsb(book.read(BINARY_BOOK), relations, sheet)))
        )
    ids = {unescape(name.decode()): key.decode() for name, key in SHEET.findall(book.read(BOOK))}
    xml = book.read(_small(book, _relations(book, "xl/_rels/workbook.xml.rels")[ids[sheet]]))
    if MARK not in xml:
        return {}
    return {(int(row), _column(letters)): value.decode() for letters, row, value in CELL.findall(xml)}


def _relations(book: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Read which part of the file each relation of the workbook means."""
    found = (dict(ATTRIBUTE.findall(each)) for each in RELATION.findall(book.read(name)))
    targets = {each[b"Id"].decode(): each[b"Target"].decode() for each in found if {b"Id", b"Target"} <= {*each}}
    return {key: name.lstrip("/") if name.startswith("/") else f"xl/{name}" for key, name in targets.items()}


def _small(book: zipfile.ZipFile, name: str) -> str:
    """Give the name of a part that is not too large to be looked through."""
    if book.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(name)
    return name


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place - 1
