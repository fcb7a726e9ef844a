"""Each source of a plan becomes one Parquet file of text columns under the contract's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seglib.core.contract import TableContract
from seglib.core.errors import Finding, InputRefused
from seglib.core.privacy import private_file
from seglib.core.sections import Csv, Source
from seglib.core.sources.above import Above
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.find import find_files as find_files
from seglib.core.sources.headers import Match, match_header, unmet
from seglib.core.sources.joined import JoinedFiles
from seglib.core.sources.packed import laid_open
from seglib.core.sources.readers import Reader, Sheet, open_readers
from seglib.core.sources.tables import fingerprint
from seglib.core.sources.together import one_column

SAME_ORDERS_SHARE = 0.5
SAME_DO = (
    "keep one of them in sources/; if later files repeat orders on purpose, name the key of a row in "
    "sources.orders.columns.line_id: the latest file then counts"
)

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Staged:
    """A source as text, ready to be typed and judged.

    Parameters
    ----------
    table : str
        Table of the contract.
    path : Path
        Parquet file: the contract's columns as text, `source_file`, and `source_line` counted from 1 with the header.
    rows : int
        Number of rows.
    files : tuple of (str, str, int)
        Relative name, SHA-256 and bytes of every file read.
    findings : tuple of Finding
        Notices: what was accepted and is worth knowing.
    columns : tuple of str
        Columns of the contract that the source has.
    """

    table: str
    path: Path
    rows: int
    files: tuple[tuple[str, str, int], ...]
    findings: tuple[Finding, ...]
    columns: tuple[str, ...]


def stage(
    name: str,
    source: Source,
    contract: TableContract,
    folder: Path,
    target: Path,
    progress: Progress | None = None,
) -> Staged:
    """Read a source strictly and write it as one Parquet file of text columns.

    Parameters
    ----------
    name : str
        Table of the contract, for messages.
    source : Source
        The plan's entry.
    contract : TableContract
        Columns of the table.
    folder : Path
        The study's sources folder; nothing outside is read.
    target : Path
        Parquet file to write, readable by its owner only.
    progress : callable, optional
        Called with the number of rows of each batch, as ``tqdm.update`` is.

    Raises
    ------
    InputRefused
        With all findings together, when the source cannot be read as it is; `target` is then absent.
    """
    target.unlink(missing_ok=True)
    files = {path.relative_to(folder).as_posix(): path for path in find_files(name, source, folder)}
    before = {label: fingerprint(path) for label, path in files.items()}
    try:
        with _unchanged(files, before), laid_open(files, source, target.parent) as opened:
            rows, columns, notices = _staged(name, source, contract, opened, target, progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Staged(name, target, rows, tuple((f, *before[f]) for f in files), tuple(notices), tuple(columns))


def _staged(
    name: str,
    source: Source,
    contract: TableContract,
    files: dict[str, Path],
    target: Path,
    progress: Progress | None,
) -> tuple[int, list[str], list[Finding]]:
    """Write the rows of files that lie open; returns their number, the columns, and what is worth knowing."""
    readers = _open_all(files, name, source)
    matches = [match_header(name, source, contract, reader) for reader in readers]
    columns = [c for c in contract.names if any(c in m.positions or c in m.joined for m in matches)]
    rows, refused = _write(readers, matches, columns, target, source, progress)
    doubles = name == "orders" and len(readers) > 1 and "line_id" not in columns
    refused += _same_orders(target) if doubles and not refused else []
    if refused:
        raise InputRefused(refused)
    for column, parts in matches[0].joined.items():
        _number(target, column, parts)
    notices = [f for reader in readers for f in reader.notices] + [f for match in matches for f in match.notices]
    return rows, columns, notices + unmet(name, source, readers)


def _open_all(files: dict[str, Path], name: str, source: Source) -> list[Reader]:
    """Open every file before any refusal, so that all findings come together."""
    if source.query and not source.database:
        return [JoinedFiles.open(files, name, source)]
    readers: list[Reader] = []
    refused: list[Finding] = []
    for label, path in files.items():
        try:
            readers += open_readers(path, label, source)
        except InputRefused as error:
            refused += error.findings
    if refused:
        raise InputRefused(refused)
    return readers


def _write(
    readers: Sequence[Reader],
    matches: Sequence[Match],
    columns: Sequence[str],
    target: Path,
    source: Source,
    progress: Progress | None,
) -> tuple[int, list[Finding]]:
    """Write all rows of all files; returns their number and what forbids using them."""
    names = [(column, pa.string()) for column in (*columns, "source_file")]
    schema = pa.schema([*names, ("source_line", pa.int64())])
    refused = [finding for match in matches for finding in match.refused]
    total = 0
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
        private_file(target)
        for reader, match in zip(readers, matches, strict=True):
            faults, rows, above = Faults(), 0, Above(source.fill_down)
            for batch in _contract_batches((reader, match), columns, schema, faults, source.csv):
                batch = above.filled(batch)
                rows += len(batch)
                writer.write_batch(batch)
                if progress:
                    progress(len(batch))
            refused += faults.findings()
            if not rows and not faults.shown and not match.refused:
                refused.append(Finding("F03", "no rows below the header", reader.label, do="export again"))
            total += rows
    return total, refused


def _contract_batches(
    read: tuple[Reader, Match], columns: Sequence[str], schema: pa.Schema, faults: Faults, csv: Csv
) -> Iterator[pa.RecordBatch]:
    reader, match = read
    places = sorted({place for column in columns for place in match.positions.get(column, ())})
    if isinstance(reader, Sheet):
        reader.say_errors(places, faults)
    for arrays, lines in reader.batches(places, faults):
        at = dict(zip(places, arrays, strict=True))
        parts = {c: [(reader.header[p], at[p]) for p in match.positions[c]] for c in columns if c in match.positions}
        by_name = {column: one_column(column, given, csv) for column, given in parts.items()}
        blank = pa.nulls(len(lines), pa.string())
        values = [by_name.get(column, blank) for column in columns]
        yield pa.record_batch([*values, pa.repeat(pa.scalar(reader.label), len(lines)), lines], schema=schema)


@contextmanager
def _unchanged(files: dict[str, Path], before: dict[str, tuple[str, int]]) -> Iterator[None]:
    """Name the files that are not what they were before they were read, beside all else that is wrong."""
    refused: list[Finding] = []
    try:
        yield
    except InputRefused as error:
        refused += error.findings
    refused += [_changed(label) for label, path in files.items() if fingerprint(path) != before[label]]
    if refused:
        raise InputRefused(refused) from None


def _changed(label: str) -> Finding:
    return Finding("F25", "file changed while it was read", label, do="wait until the export is complete, run again")


def _same_orders(path: Path) -> list[Finding]:
    """Find pairs of files that share most of their orders: the same delivery twice."""
    table = pq.read_table(path, columns=["source_file", "order_id", "ordered_at"])
    keys = pc.binary_join_element_wise(table["order_id"], table["ordered_at"], "\x1f")
    files = table["source_file"]
    orders = {name: pc.unique(keys.filter(pc.equal(files, name))) for name in pc.unique(files).to_pylist()}
    found = []
    for (one, ones), (two, twos) in combinations(orders.items(), 2):
        shared = pc.sum(pc.is_in(ones, value_set=twos)).as_py() or 0
        share = shared / max(1, min(len(ones), len(twos)))
        if share > SAME_ORDERS_SHARE:
            what = f"{one} and {two} share {share:.0%} of order ids"
            found.append(Finding("F26", what, do=SAME_DO))
    return found


def _number(path: Path, column: str, parts: Sequence[str]) -> None:
    """Number the distinct combinations of some columns; sorted, so that the order of rows does not matter."""
    table = pq.read_table(path)
    blank = [pc.fill_null(table[part], "") for part in parts]  # who is not named is set aside later, and counted
    keys = pc.binary_join_element_wise(*blank, "\x1f")
    rank = pc.rank(keys.combine_chunks(), sort_keys="ascending", tiebreaker="dense")
    numbers = pc.if_else(pc.is_null(keys), pa.scalar(None, pa.string()), pc.cast(rank, pa.string()))
    position = table.schema.get_field_index(column)
    pq.write_table(table.set_column(position, column, numbers), path, compression="zstd", compression_level=1)
