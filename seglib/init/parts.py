"""Parts of a text file that is too large to look at whole: its beginning, and pieces up to its end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from seglib.core.errors import Finding
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.csvfile import Batch
from seglib.core.sources.repeated import numbered

LARGE_BYTES = 60_000_000
HEAD_ROWS, PART_ROWS, PARTS = 100_000, 15_000, 6
READ_ALL = 1_000_000  # rows of the last piece
ROW_BYTES = 400  # taken as the longest usual row when a piece is read


@dataclass(frozen=True)
class PartsFile:
    """The first rows of a text file and some pieces further on, as a reader.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        Its name.
    delimiter, encoding : str
        How it is written.
    header : tuple of str
        Names of the columns.
    header_line : int
        Record of the names, counted from 1.
    notices : tuple of Finding
        Always empty.
    """

    path: Path
    label: str
    delimiter: str
    encoding: str
    header: tuple[str, ...]
    header_line: int = 1
    notices: tuple[Finding, ...] = ()

    @classmethod
    def open(cls, path: Path, delimiter: str, encoding: str, header_line: int | None, label: str = "") -> PartsFile:
        """Read the names of the columns."""
        file = cls(path, label or path.name, delimiter, encoding, (), header_line or 1)
        names = next(file._rows(0, HEAD_ROWS, header=True), [])
        return replace(file, header=numbered([name.strip() for name in names]))

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:  # noqa: ARG002  # intake judges rows
        """Read the wanted columns as text: the beginning, then each piece; rows of another width are left to intake."""
        size, line = self.path.stat().st_size, 2
        starts = [size * part // PARTS for part in range(1, PARTS)]
        last = max(starts[-1], size - PART_ROWS * ROW_BYTES // 4)
        for start, count in [(0, HEAD_ROWS), *((start, PART_ROWS) for start in [*starts[:-1], last])]:
            found = self._rows(start, count if start < last else READ_ALL)
            rows = [row for row in found if len(row) == len(self.header)][-count:]
            if rows:
                columns = list(zip(*rows, strict=True))
                arrays = [pa.array(columns[place], pa.string()) for place in wanted]
                blank = [pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array) for array in arrays]
                yield blank, pa.array(range(line, line + len(rows)), pa.int64())
                line += len(rows)

    def _rows(self, start: int, count: int, header: bool = False) -> Iterator[list[str]]:
        """Yield up to so many rows from a place in the file; the first and last may be cut, so they are left out."""
        with self.path.open("rb") as file:
            file.seek(start)
            raw = file.read(min(count, HEAD_ROWS) * ROW_BYTES if not header else 1_000_000)
            ends = not file.read(1)
        text = raw.decode(self.encoding, errors="replace")
        text = text if not start else text.partition("\n")[2]
        text = text if ends else text.rpartition("\n")[0]
        records = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter) if row)
        skipped = 0 if start else self.header_line - (1 if header else 0)
        yield from islice(records, skipped, skipped + count)

    def about_rows(self) -> int:
        """Estimate the number of rows from the length of the first ones."""
        with self.path.open("rb") as file:
            head = file.read(1_000_000)
        return int(self.path.stat().st_size / max(1, len(head)) * max(1, head.count(b"\n")))
