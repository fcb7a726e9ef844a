"""How an unknown file is written: encoding, delimiter, sheet; and its columns as text."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from seglib.core.errors import Finding, InputRefused
from seglib.core.sections import Csv, Source
from seglib.core.sources.bytecheck import Faults, check_bytes, kind_of
from seglib.core.sources.csvfile import DELIMITERS
from seglib.core.sources.headers import DATA_LIKE, twice
from seglib.core.sources.readers import Reader, open_readers
from seglib.core.start.guess import rank, words
from seglib.core.start.looks import Look

ENCODINGS = ("utf-8", "cp1252", "latin-1")
PROBE_LINES = 30
CELLS_READ = 12_000_000
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".dat")
OTHER_ENDINGS = (".parquet", ".pq", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True)
class Sniffed:
    """An unknown file, opened.

    Parameters
    ----------
    source : Source
        How to read it.
    looks : dict
        Column name to what it looks like.
    rows : int
        Rows looked at.
    is_whole : bool
        Whether these are all rows.
    understood, unsure : tuple of str
        Sentences for the analyst.
    """

    source: Source
    looks: dict[str, Look]
    rows: int
    is_whole: bool
    understood: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def sniff(file: Path) -> Sniffed:
    """Open a CSV, Parquet or Excel file about which nothing is known.

    Raises
    ------
    InputRefused
        When it is none of these, is damaged, or has no header.
    """
    if not file.is_file():
        what = f"{file.name} not found" if not file.exists() else f"{file.name} is not a regular file"
        raise InputRefused(Finding("F01", what, do="give the path of a CSV, Parquet or Excel file"))
    ending = file.suffix.lower()
    if ending not in (*TEXT_ENDINGS, *OTHER_ENDINGS):
        remedy = "unpack it first" if ending in (".gz", ".zip", ".bz2", ".xz", ".zst") else "save it as one of these"
        raise InputRefused(Finding("F20", "not a CSV, Parquet or Excel file", file.name, do=remedy))
    unsure: tuple[str, ...] = ()
    source = Source(file=file.name)
    if ending in TEXT_ENDINGS:
        source, unsure = _text(file)
    elif ending in OTHER_ENDINGS[2:]:
        source, unsure = _sheet(file)
    readers = open_readers(file, file.name, source)
    for reader in readers:
        _check_header(reader)
    looks, rows, is_whole = _looks(readers)
    return Sniffed(source, looks, rows, is_whole, _spoken(source, readers), unsure)


def _text(file: Path) -> tuple[Source, tuple[str, ...]]:
    encoding = _encoding(file)
    codec, _ = check_bytes(file, file.name, encoding)
    with file.open(encoding=codec, newline="") as handle:
        lines = [line for line in (handle.readline() for _ in range(PROBE_LINES)) if line.strip()]
    delimiter = _delimiter(lines, file.name)
    doubt = f"the encoding is taken as {encoding}: check names with accents" if encoding in ENCODINGS[1:] else ""
    return Source(file=file.name, csv=Csv(delimiter=delimiter, encoding=encoding)), (doubt,) if doubt else ()


def _encoding(file: Path) -> str:
    with file.open("rb") as handle:
        if handle.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    for encoding in ENCODINGS[:-1]:
        try:
            check_bytes(file, file.name, encoding)
            return encoding
        except InputRefused as error:
            if error.findings[0].code != "F17":
                raise
    return ENCODINGS[-1]


def _delimiter(lines: list[str], label: str) -> str:
    """The delimiter that gives most columns, the same number on most lines."""
    widths = {d: [len(row) for row in csv.reader(lines, delimiter=d)] for d in DELIMITERS}
    steady = {d: max(set(w), key=w.count) for d, w in widths.items() if w}
    best = max(steady, key=lambda d: (min(steady[d], widths[d][0]), -list(DELIMITERS).index(d)), default=",")
    if not steady or steady[best] < 2:
        spaced = bool(lines) and len(lines[0].split()) > 2
        what = "columns are separated by spaces" if spaced else "no columns found"
        remedy = "save it as CSV with a header line that names customer, order, date and amount"
        raise InputRefused(Finding("F14", what, label, 1, found="none of , ; tab |", do=remedy))
    return best


def _sheet(file: Path) -> tuple[Source, tuple[str, ...]]:
    """Choose the sheet whose header knows most fields; all sheets when several have the same header."""
    try:
        book = CalamineWorkbook.from_path(str(file))
        filled = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, PasswordError):
        raise InputRefused(
            Finding("F23", "not a readable Excel file", file.name, found=kind_of(file), do="save it again")
        ) from None
    names = [sheet.name for sheet in filled if sheet.height]
    if len(names) <= 1:
        return Source(file=file.name), ()
    headers = {name: open_readers(file, file.name, Source(file=file.name, sheet=name))[0].header for name in names}
    best = max(names, key=lambda name: _known_count(headers[name]))
    alike = [name for name in names if headers[name] == headers[best]]
    if len(alike) == len(names):
        return Source(file=file.name, sheet="*"), (
            f"all {len(names)} sheets have the same columns and are read as one",
        )
    return Source(file=file.name, sheet=best), (f"of the sheets {', '.join(names)} only '{best}' is read",)


def _known_count(header: tuple[str, ...]) -> int:
    return sum(any(rank(name, field) is not None for field in words()["fields"]) for name in header)


def _check_header(reader: Reader) -> None:
    if repeated := twice(reader):
        raise InputRefused(repeated)
    if not _known_count(reader.header) and any(DATA_LIKE.fullmatch(name) for name in reader.header):
        remedy = "put a header line first that names customer, order, date and amount"
        raise InputRefused(Finding("F04", "no header: first line looks like data", reader.label, 1, do=remedy))


def _looks(readers: list[Reader]) -> tuple[dict[str, Look], int, bool]:
    """Read rows up to the limit, as text."""
    header = readers[0].header
    wanted = [position for position, name in enumerate(header) if name]
    tables: list[pa.Table] = []
    rows, limit, is_whole = 0, CELLS_READ // max(1, len(wanted)), True
    for reader in readers:
        faults = Faults()
        for arrays, lines in reader.batches(wanted, faults):
            tables.append(pa.table(arrays, names=[header[position] for position in wanted]))
            rows += len(lines)
            if rows >= limit:
                is_whole = False
                break
        if faults.shown:
            raise InputRefused(faults.findings())
    if not rows:
        raise InputRefused(Finding("F03", "no rows below the header", readers[0].label, do="export again"))
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return {str(name): Look(str(name), frame[name].astype("str")) for name in frame}, rows, is_whole


def _spoken(source: Source, readers: list[Reader]) -> tuple[str, ...]:
    if source.sheet or not readers[0].label.lower().endswith(TEXT_ENDINGS):
        return ()
    return (f"text with {DELIMITERS[source.csv.delimiter]} between columns, {source.csv.encoding}",)
