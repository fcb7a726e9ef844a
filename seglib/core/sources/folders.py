"""A folder that is one table, as text: Parquet files with what the names of their folders tell, Delta Lake, Iceberg."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.csvfile import Batch
from seglib.core.sources.lakes import Lake, open_lake
from seglib.core.sources.parquetfile import ParquetFile
from seglib.core.sources.tables import kind_of_folder, partition, parts_of
from seglib.core.sources.typed import as_text, line_numbers


@dataclass(frozen=True)
class TableFolder:
    """A folder of Parquet files, one table: rows are numbered through, from 2, in the order of the files' names.

    Parameters
    ----------
    path : Path
        The folder.
    label : str
        Its relative name, which messages about rows name.
    header : tuple of str
        Names of all files' columns in the order in which they first appear, those of the folders' names last.
    parts : tuple of (ParquetFile, dict)
        The files, and what the names of their folders tell.
    lake : Lake or None
        The table of Delta Lake or Iceberg, which says itself what belongs to it.
    notices : tuple of Finding
        What is left out.
    in_list : dict
        Column to the list in which it lies.
    """

    path: Path
    label: str
    header: tuple[str, ...]
    parts: tuple[tuple[ParquetFile, Mapping[str, str | None]], ...] = ()
    lake: Lake | None = None
    notices: tuple[Finding, ...] = ()
    in_list: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, label: str) -> TableFolder:
        """Read the names of the columns; InputRefused when the folder is no table or one of its files is damaged."""
        kind = kind_of_folder(path)
        if kind in ("delta", "iceberg"):
            lake = open_lake(path, label, kind)
            return cls(path, label, lake.names, lake=lake, notices=lake.notices)
        parts, refused = [], list[Finding]()
        for part in parts_of(path):
            try:
                opened = ParquetFile.open(part, f"{label}/{part.relative_to(path).as_posix()}")
                parts.append((opened, partition(path, part)))
            except InputRefused as error:
                refused += error.findings
        if refused:
            raise InputRefused(refused)
        if not parts:
            do = "name its files by a pattern, such as orders/*.csv"
            raise InputRefused(Finding("F24", "not a folder of Parquet files", label, do=do))
        names = dict.fromkeys(name for part, _ in parts for name in part.header)
        names |= dict.fromkeys(name for _, told in parts for name in told)
        in_list = {name: outer for part, _ in parts for name, outer in part.in_list.items()}
        return cls(path, label, tuple(names), tuple(parts), in_list=in_list)

    def textless(self) -> frozenset[str]:
        """Names of the columns whose values have no text: lists of single values."""
        return frozenset[str]().union(*(part.textless() for part, _ in self.parts))

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Read the wanted columns as text; the first row is line 2."""
        names, line = [self.header[index] for index in wanted], 2
        found = self._of_lake(names, faults) if self.lake else self._of_parts(names, faults)
        for count, arrays in found:
            yield arrays, line_numbers(line, count)
            line += count

    def _of_lake(self, names: Sequence[str], faults: Faults) -> Iterator[tuple[int, list[pa.Array]]]:
        assert self.lake
        for batch in self.lake.batches(names, faults):
            yield len(batch), [as_text(batch.column(name)) for name in names]

    def _of_parts(self, names: Sequence[str], faults: Faults) -> Iterator[tuple[int, list[pa.Array]]]:
        for part, told in self.parts:
            own = [name for name in dict.fromkeys(names) if name in part.header]
            plain = {*part.header} - {*part.in_list} - part.textless()
            asked = own or sorted(plain)[:1]  # where only the folders' names are wanted, its rows are counted
            for arrays, lines in part.batches([part.header.index(name) for name in asked], faults):
                at = dict(zip(asked, arrays, strict=True))
                yield len(lines), [at[n] if n in own else _constant(told.get(n), len(lines)) for n in names]


def _constant(value: str | None, count: int) -> pa.Array:
    """Repeat one value, or nothing."""
    return pa.repeat(pa.scalar(value or None, pa.string()), count)
