"""A Parquet file as text: typed columns, and what lies in objects and lists of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.bytecheck import Faults, kind_of
from seglib.core.sources.csvfile import Batch
from seglib.core.sources.nested import batched, in_utc, list_of, rows
from seglib.core.sources.typed import as_text, line_numbers

BATCH_ROWS = 100_000


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
