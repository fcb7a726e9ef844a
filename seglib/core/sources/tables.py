"""Folders that are one table: of Parquet files, of Delta Lake or of Apache Iceberg; and the bytes that a source is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from seglib.core.store import sha256_file

DELTA_LOG, ICEBERG = "_delta_log", "metadata/*.metadata.json"
PARQUET = (".parquet", ".pq")
NOTHING = "__HIVE_DEFAULT_PARTITION__"
Kind = Literal["delta", "iceberg", "parquet"]


def kind_of_folder(folder: Path) -> Kind | None:
    """Say which kind of table a folder is; None where it is none.

    Parameters
    ----------
    folder : Path
        An existing folder.
    """
    if (folder / DELTA_LOG).is_dir():
        return "delta"
    if next(folder.glob(ICEBERG), None) is not None:
        return "iceberg"
    return "parquet" if parts_of(folder) else None


def is_table(path: Path) -> bool:
    """Whether a path is a folder that is read as one table."""
    return path.is_dir() and kind_of_folder(path) is not None


def parts_of(folder: Path) -> list[Path]:
    """List the Parquet files of a folder and those in it, sorted; what begins with _ or . is left out."""
    return [
        path
        for path in _every_file(folder)
        if path.suffix.lower() in PARQUET
        and not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
    ]


def _every_file(folder: Path) -> list[Path]:
    """List all files below a folder, sorted by their names within it."""
    found = [path for path in folder.rglob("*") if not path.is_dir()]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def partition(folder: Path, part: Path) -> dict[str, str | None]:
    """Read the columns that the names of folders tell, as in ``month=2026-01/part-0.parquet``.

    Examples
    --------
    >>> partition(Path("orders"), Path("orders/country=FR/city=Le%20Mans/0.parquet"))
    {'country': 'FR', 'city': 'Le Mans'}
    """
    named = [segment.partition("=") for segment in part.relative_to(folder).parts[:-1] if "=" in segment]
    return {unquote(name): None if value == NOTHING else unquote(value) for name, _, value in named}


def fingerprint(path: Path) -> tuple[str, int]:
    """Hash the bytes of a source.

    Parameters
    ----------
    path : Path
        A file, or a folder that is a table: then every file in it counts, by name and content.

    Returns
    -------
    tuple of str and int
        SHA-256 in hexadecimal digits, and the number of bytes.
    """
    if not path.is_dir():
        return sha256_file(path), path.stat().st_size
    digest, size = hashlib.sha256(), 0
    for file in _every_file(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{sha256_file(file)}\n".encode())
        size += file.stat().st_size
    return digest.hexdigest(), size


def files_below(path: Path) -> Iterator[Path]:
    """Yield the file itself, or all files of a folder."""
    if path.is_dir():
        yield from _every_file(path)
    else:
        yield path


def bytes_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder; 0 where there is none."""
    return sum(file.stat().st_size for file in files_below(path) if file.exists())
