"""Which reader a file needs, and the sheets of workbooks as text: every source looks the same from here on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import Faults, kind_of
from seglib.core.sources.cellerrors import cell_errors
from seglib.core.sources.csvfile import FIRST_ROWS, Batch, CsvFile
from seglib.core.sources.folders import TableFolder
from seglib.core.sources.nested import ENDINGS, JsonFile
from seglib.core.sources.parquetfile import ParquetFile
from seglib.core.sources.query import QueryFile
from seglib.core.sources.repeated import numbered
from seglib.core.sources.typed import cell_text

BATCH_ROWS = 100_000


class Reader(Protocol):
    """What every kind of source offers: its name, its header, what it accepted, and its rows as text."""

    @property
    def label(self) -> str:
        """Relative name, for messages."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def notices(self) -> tuple[Finding, ...]:
        """What was accepted and is worth knowing."""

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Yield the wanted columns as text, with line numbers."""


def open_readers(path: Path, label: str, source: Source) -> list[Reader]:
    """Open one file as one reader, or as one per sheet of a workbook."""
    if path.is_dir():
        return [TableFolder.open(path, label)]
    if source.query:
        return [QueryFile.open(path, label, source.query)]
    kind = kind_of(path) if path.stat().st_size else "text"
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return [ParquetFile.open(path, label)]
    if suffix in (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"):
        return list(_open_sheets(path, label, source.sheet, source.header))
    if suffix in ENDINGS:
        return [JsonFile.open(path, label)]
    if "database" in kind:
        remedy = "write database: and query: in place of file:"
        raise InputRefused(Finding("F20", f"this is {kind}", label, do=remedy))
    return [CsvFile.open(path, label, source.csv, source.header)]


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; the declared row, or the first that is not empty, holds the names."""

    sheet: CalamineSheet
    label: str
    first: int
    header: tuple[str, ...]
    notices: tuple[Finding, ...] = ()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def first_rows(self) -> list[tuple[int, list[str]]]:
        """Read the first rows with their numbers, whatever the plan says about the header."""
        rows = islice(enumerate(self.sheet.iter_rows(), 1), FIRST_ROWS)
        return [(number, [cell_text(cell) or "" for cell in row]) for number, row in rows]

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:  # noqa: ARG002  # cells cannot fail
        """Read the wanted columns as text, with the row number that the spreadsheet shows; an error is its own text."""
        wrong = {row for row, _ in self.errors}
        rows: list[list[Any]] = []
        lines: list[int] = []
        for number, row in enumerate(self.sheet.iter_rows(), 1):
            if number > self.first and any(cell != "" for cell in row):
                rows.append(self._with_errors(number, row) if number in wrong else row)
                lines.append(number)
            if len(rows) == BATCH_ROWS:
                yield _cells(rows, wanted), pa.array(lines, pa.int64())
                rows, lines = [], []
        if rows:
            yield _cells(rows, wanted), pa.array(lines, pa.int64())

    def say_errors(self, wanted: Sequence[int], faults: Faults) -> None:
        """Name the cells of the wanted columns that hold an error of the spreadsheet, such as #N/A."""
        offset = self.sheet.start[1] if self.sheet.start else 0
        do = "correct the cell, or what it is computed from"
        for (row, column), error in sorted(self.errors.items()):
            if row > self.first and column - offset in wanted:
                what, name = "an error of the spreadsheet, not a value", self.header[column - offset]
                faults.add(Finding("V09", what, self.label, row, name, error, do))

    def _with_errors(self, number: int, row: list[Any]) -> list[Any]:
        offset = self.sheet.start[1] if self.sheet.start else 0
        return [self.errors.get((number, offset + place), cell) for place, cell in enumerate(row)]


def _open_sheets(path: Path, label: str, name: str | None, header: int | None = None) -> Iterator[Sheet]:
    """Open the named sheet, the only filled one, or all of them for ``"*"``."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(each) for each in book.sheet_names]
    except (CalamineError, PasswordError) as error:
        found = "protected by a password" if isinstance(error, PasswordError) else kind_of(path)
        raise InputRefused(
            Finding("F23", "not a readable Excel file", label, found=found, do="save it again")
        ) from None
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        raise InputRefused(Finding("F02", "workbook is empty", label, do="export again"))
    chosen = filled if name in (None, "*") else [sheet for sheet in filled if sheet.name == name]
    if not chosen:
        raise InputRefused(
            Finding("F01", "no such sheet", label, found=str(name), do=nearest(str(name), book.sheet_names))
        )
    if name is None and len(filled) > 1:
        names = ", ".join(sheet.name for sheet in filled)
        raise InputRefused(Finding("F01", "several sheets", label, found=names, do='set sheet: to one of them, or "*"'))
    for sheet in chosen:
        one = label if len(chosen) == 1 else f"{label}[{sheet.name}]"
        yield _sheet(sheet, one, header or 1, cell_errors(path, sheet.name))


def _sheet(sheet: CalamineSheet, label: str, header: int, errors: Mapping[tuple[int, int], str]) -> Sheet:
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number >= header and any(cell != "" for cell in row):
            names = numbered([(cell_text(cell) or "").strip() for cell in row])
            return Sheet(sheet, label, number, names, errors=errors)
    raise InputRefused(Finding("F02", "sheet is empty", label, do="export again"))


def _cells(rows: list[list[Any]], wanted: Sequence[int]) -> list[pa.Array]:
    return [pa.array([cell_text(row[index]) for row in rows], pa.string()) for index in wanted]
