"""Tables of Delta Lake and Apache Iceberg on this machine: their latest version, and nothing outside of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, SegError
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.tables import ICEBERG, Kind
from seglib.core.trouble import trouble_of

TITLES = {"delta": "Delta Lake", "iceberg": "Apache Iceberg"}
NEEDS = {"delta": "deltalake", "iceberg": "pyiceberg"}
BATCH_ROWS = 100_000
NUMBER, SCHEME = re.compile(r"v?(\d+)"), re.compile(r"^file:/+")
Scan = Callable[[list[str]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Lake:
    """The latest version of a table.

    Parameters
    ----------
    label : str
        What messages call it.
    kind : {"delta", "iceberg"}
        Whose table it is.
    names : tuple of str
        Its columns of single values.
    scan : callable
        From names of columns to batches, always in the same order.
    notices : tuple of Finding
        What is left out.
    """

    label: str
    kind: Kind
    names: tuple[str, ...]
    scan: Scan
    notices: tuple[Finding, ...] = ()

    def batches(self, names: Sequence[str], faults: Faults) -> Iterator[pa.RecordBatch]:
        """Read columns; what breaks off is a damaged table, and said."""
        try:
            yield from self.scan(list(dict.fromkeys(names)))
        except SegError:
            raise
        except Exception as error:
            faults.add(_damaged(self.label, self.kind, error))


def open_lake(path: Path, label: str, kind: Kind) -> Lake:
    """Open the latest version of a table.

    Raises
    ------
    InputRefused
        F23 for a table that is damaged or needs what its library cannot do, F24 where it names files outside of it.
    EnvironmentTrouble
        X22, where the library is not installed.
    """
    library = _installed(kind, label)
    try:
        schema, scan = (_delta if kind == "delta" else _iceberg)(library, path, label)
    except SegError:
        raise
    except Exception as error:
        raise InputRefused(_damaged(label, kind, error)) from None
    nested = [each.name for each in schema if pa.types.is_nested(each.type)]
    names = tuple(each.name for each in schema if each.name not in nested)
    found = ", ".join(nested)[:300]
    notices = (Finding("F06", "columns of lists or objects are not read", label, found=found),) if nested else ()
    return Lake(label, kind, names, scan, notices)


def _installed(kind: Kind, label: str) -> Any:
    try:
        return import_module(NEEDS[kind])
    except ImportError:
        do = f"type: python -m pip install {NEEDS[kind]}, or export the table as Parquet"
        what = f"reading tables of {TITLES[kind]} needs a library that is not installed"
        raise EnvironmentTrouble(Finding("X22", what, label, found=f"no {NEEDS[kind]}", do=do)) from None


def _damaged(label: str, kind: Kind, error: Exception) -> Finding:
    """Say that a table cannot be read; what a library says may hold paths and values, so only its kind of error."""
    found, do = type(error).__name__, "write it again, or export it as Parquet"
    if trouble := trouble_of(error, label):
        if trouble.findings[0].code != "X16":
            raise trouble from None
        found, do = "one of its files is missing", "copy the whole table again"
    return Finding("F23", f"not a readable table of {TITLES[kind]}", label, found=found, do=do)


def _outside(label: str) -> InputRefused:
    do = "copy the whole table into sources/, or export it as Parquet"
    return InputRefused(Finding("F24", "the table names files that lie outside of it", label, do=do))


def _delta(library: Any, path: Path, label: str) -> tuple[pa.Schema, Scan]:
    """Open a table of Delta Lake; its library refuses features that it does not know."""
    found = library.DeltaTable(str(path)).to_pyarrow_dataset()
    fragments = sorted(found.get_fragments(), key=lambda fragment: str(fragment.path))
    home = path.resolve()
    for fragment in fragments:
        if not (home / fragment.path).resolve().is_relative_to(home):
            raise _outside(label)

    def scan(names: list[str]) -> Iterator[pa.RecordBatch]:
        for fragment in fragments:
            yield from fragment.to_batches(schema=found.schema, columns=names, batch_size=BATCH_ROWS)

    return found.schema, scan


def _iceberg(library: Any, path: Path, label: str) -> tuple[pa.Schema, Scan]:  # noqa: ARG001  # its parts are asked for
    """Open a table of Iceberg by its latest metadata; its files are looked for where the table lies now."""
    arrow, tables = import_module("pyiceberg.io.pyarrow"), import_module("pyiceberg.table")
    metadata = str(_latest(path))
    there = tables.StaticTable.from_metadata(metadata, {"py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO"})
    io = arrow.PyArrowFileIO()
    plain = io.new_input
    io.new_input = lambda location: plain(str(_moved(location, there.metadata.location, path, label)))
    table = tables.StaticTable(there.name(), there.metadata, metadata, io, there.catalog)
    found = table.scan()
    tasks = sorted(found.plan_files(), key=lambda task: str(task.file.file_path))
    schema = found.projection().as_arrow()

    def scan(names: list[str]) -> Iterator[pa.RecordBatch]:
        part = table.scan(selected_fields=tuple(names))
        read = arrow.ArrowScan(table.metadata, io, part.projection(), part.row_filter)
        for task in tasks:
            yield from read.to_record_batches([task])

    return schema, scan


def _latest(path: Path) -> Path:
    """Find the metadata that counts: those that a hint names, else those of the highest number."""
    hint = path / "metadata" / "version-hint.text"
    named = hint.read_text(encoding="utf-8").strip() if hint.is_file() else ""
    known = {each.name: each for each in path.glob(ICEBERG)}
    for name in (f"v{named}.metadata.json", f"{named}.metadata.json", named):
        if name in known:
            return known[name]
    return max(known.values(), key=lambda each: (int((NUMBER.match(each.name) or ["0", "0"])[1]), each.name))


def _moved(location: str, base: str, path: Path, label: str) -> Path:
    """Say where a file of a table lies that may have been copied from elsewhere; InputRefused when it lies outside."""
    home, root, wanted = path.resolve(), *(SCHEME.sub("/", text).rstrip("/") for text in (base, location))
    if not wanted.startswith(f"{root}/"):
        raise _outside(label)
    found = (home / unquote(wanted.removeprefix(f"{root}/"))).resolve()
    if not found.is_relative_to(home):
        raise _outside(label)
    return found
