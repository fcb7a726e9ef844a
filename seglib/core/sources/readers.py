"""Parquet, Excel and database queries as text, so that every source looks the same from here on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import Faults, kind_of
from seglib.core.sources.cellerrors import cell_errors
from seglib.core.sources.csvfile import FIRST_ROWS, Batch, CsvFile
from seglib.core.sources.nested import ENDINGS, JsonFile, batched, in_utc, list_of, rows
from seglib.core.sources.query import QueryFile
from seglib.core.sources.repeated import numbered
from seglib.core.sources.typed import as_text, cell_text, line_numbers

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
    if source.query:
        return [QueryFile.open(path, label, source.query)]
    kind = kind_of(path) if path.stat().st_size else "text"
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        return [ParquetFile.open(path, label)]
    if suffix in (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"):
        return list(open_sheets(path, label, source.sheet, source.header))
    if suffix in ENDINGS:
        return [JsonFile.open(path, label)]
    if "database" in kind:
        remedy = "write database: and query: in place of file:"
        raise InputRefused(Finding("F20", f"this is {kind}", label, do=remedy))
    return [CsvFile.open(path, label, source.csv, source.header)]


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file; its typed columns are written as text."""

    path: Path
    label: str
    header: tuple[str, ...]
    notices: tuple[Finding, ...] = ()
    instants: frozenset[str] = frozenset()
    in_list: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, label: str) -> ParquetFile:
        """Read the names of the columns; InputRefused when the file is damaged or something else."""
        if path.stat().st_size == 0:
            raise InputRefused(Finding("F02", "file is empty", label, found="0 bytes", do="export again"))
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                columns = [file.schema.column(position) for position in range(len(file.schema))]
                instants = frozenset(column.path for column in columns if column.physical_type == "INT96")
                in_list: dict[str, str] = {}
                header = tuple(name for each in file.schema_arrow for name in _flat_names(each, "", "", in_list))
                return cls(path, label, header, instants=instants, in_list=in_list)
        except (pa.ArrowException, OSError):
            kind = kind_of(path)
            found = "damaged" if "Parquet" in kind else kind
            raise InputRefused(
                Finding("F23", "not a readable Parquet file", label, found=found, do="export again")
            ) from None

    def textless(self) -> frozenset[str]:
        """Names of the columns whose values have no text: lists of single values."""
        kinds = {field.name: field.type for field in pq.read_schema(self.path)}
        return frozenset(name for name in self.header if name in kinds and pa.types.is_nested(kinds[name]))

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Read the wanted columns as text; the first row is line 2, below the header that a text file would have."""
        names, line = [self.header[index] for index in wanted], 2
        try:
            with pq.ParquetFile(self.path, page_checksum_verification=True) as file:
                if not {*names} <= {*file.schema_arrow.names}:
                    yield from self._nested(file, names)
                    return
                for batch in file.iter_batches(BATCH_ROWS, columns=sorted(set(names))):
                    yield [self._column(batch, name) for name in names], line_numbers(line, len(batch))
                    line += len(batch)
        except (pa.ArrowException, OSError) as error:
            found = type(error).__name__
            faults.add(Finding("F23", "Parquet file is damaged", self.label, found=found, do="export again"))

    def _nested(self, file: pq.ParquetFile, names: Sequence[str]) -> Iterator[Batch]:
        """Read columns that lie in others; an element of a list is a row."""
        of_list = list_of(names, self.in_list, self.label)
        outer = [n for n in file.schema_arrow.names if any(name == n or name.startswith(f"{n}.") for name in names)]
        found = (record for batch in file.iter_batches(BATCH_ROWS, columns=outer) for record in batch.to_pylist())
        records = ((line, in_utc(record, self.instants)) for line, record in enumerate(found, 2))
        yield from batched(rows(records, names, of_list))

    def _column(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        array = batch.column(name)
        if name in self.instants:  # Spark and Impala write the 96-bit times of Parquet in UTC, without saying so
            array = pc.assume_timezone(array, "UTC")
        try:
            return as_text(array)
        except pa.ArrowNotImplementedError:
            remedy = "export it as text, number or time"
            raise InputRefused(
                Finding("F23", "column of a type without text", self.label, 0, name, str(array.type)[:40], remedy)
            ) from None


def _flat_names(field: pa.Field, prefix: str, of_list: str, in_list: dict[str, str]) -> Iterator[str]:
    """Dotted names of the single values in a column; those in a list are remembered with it."""
    name, kind = f"{prefix}{field.name}", field.type
    if pa.types.is_struct(kind):
        for each in kind:
            yield from _flat_names(each, f"{name}.", of_list, in_list)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if pa.types.is_struct(kind.value_type) and not of_list:
            for each in kind.value_type:
                yield from _flat_names(each, f"{name}.", name, in_list)
        elif not prefix:
            yield name  # a list of single values has no text; it stands among the names, so that it can be said
    elif pa.types.is_nested(kind):
        return
    else:
        in_list |= {name: of_list} if of_list else {}
        yield name


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


def open_sheets(path: Path, label: str, name: str | None, header: int | None = None) -> Iterator[Sheet]:
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
