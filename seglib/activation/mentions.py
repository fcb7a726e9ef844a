"""Which delivered files still name a person, whatever their format and encoding."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.core.errors import EnvironmentTrouble, Finding

PART_BYTES, OVERLAP_BYTES, MOST_BYTES = 16_000_000, 2_000, 100_000_000_000
TOO_LARGE = "take the packed file out of sources/, then forget again"
ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")


def mentioning(folder: Path, words: Iterable[str]) -> tuple[str, ...]:
    """Name the files below a folder in which one of these words stands by itself, in any letter case.

    Parameters
    ----------
    folder : Path
        The study's delivered files: text in any usual encoding, gzip, xlsx and other zip files, Parquet, SQLite and
        DuckDB databases.
    words : iterable of str
        Id and address of the person.
    """
    wanted = [word for word in words if word]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(path.relative_to(folder).as_posix() for path in files if _names(path, wanted))


def _names(path: Path, words: list[str]) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PAR1"):
        return _in_texts(_parquet(path), words)
    if head[8:12] == b"DUCK":
        return _in_texts(_database(path), words)
    patterns = [_pattern(word, encoding) for word in words for encoding in ENCODINGS if _fits(word, encoding)]
    return any(pattern.search(part) for part in _bytes(path, head) for pattern in patterns)


def _fits(word: str, encoding: str) -> bool:
    return encoding.startswith("utf") or word.encode(encoding, "ignore").decode(encoding) == word


def _pattern(word: str, encoding: str) -> re.Pattern[bytes]:
    """Find a word that no letter or digit continues, as it is encoded."""
    wide, little = encoding.startswith("utf-16"), encoding == "utf-16-le"
    part = rb"[0-9A-Za-z_]\x00" if little else rb"\x00[0-9A-Za-z_]" if wide else rb"[0-9A-Za-z_]"
    either = b"|".join(re.escape(text.encode(encoding)) for text in dict.fromkeys((word, word.lower(), word.upper())))
    return re.compile(rb"(?<!" + part + rb")(?:" + either + rb")(?!" + part + rb")")


def _bytes(path: Path, head: bytes) -> Iterator[bytes]:
    """Give the bytes of a file, unpacked where it is packed."""
    if head.startswith(b"PK"):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                with packed.open(name) as member:
                    yield from _parts(member)
    else:
        with gzip.open(path) if head.startswith(b"\x1f\x8b") else path.open("rb") as file:
            yield from _parts(file)


def _parts(file: IO[bytes] | BufferedIOBase) -> Iterator[bytes]:
    """Read a file in parts that overlap, so that memory is bounded and no word is cut; too much is not read on.

    A word at the edge of a part may seem to stand by itself there; then one file too many is named, never one too few.
    """
    before, seen = b"", 0
    while part := file.read(PART_BYTES):
        yield before + part
        before, seen = part[-OVERLAP_BYTES:], seen + len(part)
        if seen > MOST_BYTES:
            raise EnvironmentTrouble(Finding("F22", "a file in sources/ unpacks to far too much", do=TOO_LARGE))


def _in_texts(texts: Iterable[str], words: list[str]) -> bool:
    wanted = {word.casefold() for word in words}
    return any(text.strip().casefold() in wanted for text in texts)


def _parquet(path: Path) -> Iterator[str]:
    for batch in pq.ParquetFile(path).iter_batches():
        for column in batch.columns:
            flat = column if not pa.types.is_nested(column.type) else column.cast(pa.string(), safe=False)
            yield from (str(value) for value in flat.unique().to_pylist())


def _database(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as database:
        tables = database.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        for schema, table in tables:
            frame = database.table(f'"{schema}"."{table}"').df()
            yield from (str(value) for name in frame for value in frame[name].unique())
