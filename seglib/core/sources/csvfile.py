"""One truth about text files: read strictly, by one reader, in batches of bounded size."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from seglib.core.errors import Finding, InputRefused
from seglib.core.sections import Csv
from seglib.core.sources.bytecheck import Faults, check_bytes
from seglib.core.sources.repeated import numbered

FIELD_CHARACTERS = 65_536
COLUMNS_COUNT = 500
FIRST_ROWS = 50
FOOTER_BYTES = 4_096
REMARK_PART = 4  # a remark fills no more than a quarter of the columns
CELLS_PER_BATCH = 400_000
DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
LINE_END = re.compile(r"\r\n|\r|\n")
Batch = tuple[list[pa.Array], pa.Array]


def delimiter_of(text: str) -> str:
    """Spell the plan's delimiter as one character.

    Examples
    --------
    >>> delimiter_of("tab")
    '\\t'
    """
    return {"tab": "\t", "\\t": "\t", "semicolon": ";", "comma": ",", "pipe": "|"}.get(text, text)


@dataclass(frozen=True)
class CsvFile:
    """A text file whose bytes are sound and whose header is known.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        Its relative name, for messages.
    delimiter, encoding : str
        As the plan declares them.
    header : tuple of str
        Column names without surrounding spaces.
    notices : tuple of Finding
        What was accepted and is worth knowing.
    header_line : int
        Line of the names.
    footer : int
        Remarks below the table, which are no rows.
    """

    path: Path
    label: str
    delimiter: str
    encoding: str
    header: tuple[str, ...]
    notices: tuple[Finding, ...] = ()
    header_line: int = 1
    footer: int = 0

    @classmethod
    def open(cls, path: Path, label: str, settings: Csv, header_line: int | None = None) -> CsvFile:
        """Check the bytes and read the header; InputRefused when the file is not sound text.

        Parameters
        ----------
        path : Path
            The file.
        label : str
            Its relative name.
        settings : Csv
            Delimiter and encoding.
        header_line : int, optional
            Line of the names, where a title stands above them.
        """
        encoding, notices = check_bytes(path, label, settings.encoding)
        delimiter = delimiter_of(settings.delimiter)
        if len(delimiter) != 1:
            raise InputRefused(
                Finding("P05", "csv.delimiter must be one character", "plan.yml", do="write ',' or ';' or tab")
            )
        faults = Faults()
        first = next(_from(header_line or 1, _records(path, label, encoding, delimiter, faults)), (0, []))[1]
        if faults.shown:
            raise InputRefused(faults.shown)
        header = numbered([name.strip() for name in first])
        if len(header) > COLUMNS_COUNT:
            do = "export the columns that the plan needs, or look for a wrong csv.delimiter"
            raise InputRefused(Finding("F21", "too many columns", label, 1, found=f"{len(header):,}, limit 500", do=do))
        if "" in header:
            notices.append(Finding("F11", "unnamed column dropped", label, 1, found=f"column {header.index('') + 1}"))
        footer = _footer_lines(path, encoding, delimiter, len(header))
        if footer:
            notices.append(Finding("F08", "remarks below the table are not read", label, found=f"{footer} lines"))
        return cls(path, label, delimiter, encoding, header, tuple(notices), header_line or 1, footer)

    def headers_by(self, others: Sequence[str] = tuple(DELIMITERS)) -> dict[str, list[str]]:
        """Split the header line by other delimiters, to say which one the file uses."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            line = LINE_END.split([file.readline() for _ in range(self.header_line)][-1])[0]
        return {d: next(csv.reader([line], delimiter=d), []) for d in others if d != self.delimiter and d in line}

    def first_rows(self) -> list[tuple[int, list[str]]]:
        """Read the first records with the line on which each begins, whatever the plan says about the header."""
        return list(islice(_records(self.path, self.label, self.encoding, self.delimiter, Faults()), FIRST_ROWS))

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Read the wanted columns as text, with the line on which each row starts.

        Parameters
        ----------
        wanted : sequence of int
            Positions in the header.
        faults : Faults
            Receives rows of another width, and quotes that do not close.
        """
        width, size = len(self.header), max(1_000, CELLS_PER_BATCH // len(self.header))
        rows: list[list[str]] = []
        lines: list[int] = []
        uneven = Faults()
        count, below = 0, deque[tuple[int, int]]()
        for line, row in self._rows(faults):
            count += 1
            if len(row) == width:
                rows.append(row)
                lines.append(line)
            else:
                below.append((line, len(row)))
            if len(below) > self.footer:
                uneven.add(self._uneven(*below.popleft()))
            if len(rows) == size:
                yield _columns(rows, wanted), pa.array(lines, pa.int64())
                rows, lines = [], []
        if rows:
            yield _columns(rows, wanted), pa.array(lines, pa.int64())
        self._judge(uneven, count, faults)

    def _rows(self, faults: Faults) -> Iterator[tuple[int, list[str]]]:
        records = _from(self.header_line, _records(self.path, self.label, self.encoding, self.delimiter, faults))
        next(records, None)
        return records

    def _uneven(self, line: int, fields: int) -> Finding:
        short = fields < len(self.header)
        code, what = ("F08", "row too short") if short else ("F09", "row too long")
        mark = DELIMITERS.get(self.delimiter, "the delimiter")
        remedy = f"quote fields that hold {mark} or a line end, and take out lines of totals or remarks, export again"
        return Finding(code, what, self.label, line, found=f"{fields} fields, not {len(self.header)}", do=remedy)

    def _judge(self, uneven: Faults, count: int, faults: Faults) -> None:
        if uneven.counts.get(("F09", "row too long")) == count > 0:
            found = f"{len(self.header)} names in the header, more fields in all {count:,} rows"
            remedy = "give every column a name, or export without the extra column"
            faults.add(Finding("F10", "every row too long", self.label, found=found, do=remedy))
            return
        faults.shown += uneven.shown
        faults.counts |= uneven.counts


def _footer_lines(path: Path, encoding: str, delimiter: str, width: int = 0) -> int:
    """Count the remarks below a table, under a blank line at its end: one field, or few beside the table's width."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - FOOTER_BYTES))
        text = file.read().decode(encoding, errors="replace")
    for found, line in enumerate(reversed(LINE_END.split(text.rstrip())[1:])):
        if not line.strip():
            return found
        if line.count('"') % 2 or len(next(csv.reader([line], delimiter=delimiter))) > max(1, width // REMARK_PART):
            return 0
    return 0


def _records(path: Path, label: str, encoding: str, delimiter: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and fields of each record that is not blank; the first that cannot be read ends it."""
    before = csv.field_size_limit(FIELD_CHARACTERS)
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            line = 1
            try:
                for row in reader:
                    if row:
                        yield line, row
                    line = reader.line_num + 1
            except csv.Error as error:
                faults.add(_unreadable(str(error), label, line, reader.line_num))
    finally:
        csv.field_size_limit(before)


def _from(first: int, records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Leave out the records above a line."""
    return dropwhile(lambda record: record[0] < first, records)


def _unreadable(message: str, label: str, line: int, last: int) -> Finding:
    if "field limit" in message and last <= line:
        return Finding("F21", "field longer than 64 KB", label, line, do="shorten it, or look for an unclosed quote")
    return Finding("F12", "quote opened here is not closed", label, line, do='close it; write a quote inside as ""')


def _columns(rows: list[list[str]], wanted: Sequence[int]) -> list[pa.Array]:
    columns = list(zip(*rows, strict=True))
    return [_text(columns[index]) for index in wanted]


def _text(values: Sequence[str]) -> pa.Array:
    array = pa.array(values, pa.string())
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
