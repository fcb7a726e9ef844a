"""Packed files: one table in a gzip or zip file, laid open in a private folder for as long as it is read."""

from __future__ import annotations

import gzip
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.origins import Source
from seglib.core.privacy import private_folder
from seglib.core.sources.bytecheck import kind_of

PACKED = (".gz", ".zip")
TEXTS = (".csv", ".tsv", ".txt", ".tab", ".dat", ".json", ".jsonl", ".ndjson")
TABLES = (*TEXTS, ".parquet", ".pq", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
UNPACKED = ".unpacked"
PACKED_TIMES = 10  # so many times its own bytes a packed file may well hold
BLOCK_BYTES, NAMES_SHOWN = 1_000_000, 20
FREE_BYTES, MOST_RATIO, MOST_BYTES = 10**8, 200, 20 * 10**9  # what unpacks to less is never too much; the last always
MOST_UNPACKED, MOST_TIMES = 10**8, 500  # bytes from which on a workbook may not be so many times larger unpacked
DAMAGED = "fetch or export it again"
SMALLER = "export it as CSV, in parts if it is large"
LITTER = re.compile(r"(^|/)(__MACOSX/|\.|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def stem_of(name: str) -> str:
    """Name of a file as a query calls it: without its ending, and without that of the file inside.

    Examples
    --------
    >>> [stem_of(name) for name in ("orders.csv", "orders.csv.gz", "orders.zip", "2026.05.csv")]
    ['orders', 'orders', 'orders', '2026.05']
    """
    inner = name[:-3] if name.lower().endswith(".gz") else name
    return PurePosixPath(inner).stem


def is_packed(path: Path) -> bool:
    """Whether a file's name says that it holds another one, packed."""
    return path.suffix.lower() in PACKED


def most_bytes(path: Path, most_mb: int | None) -> int:
    """How many bytes a packed file may unpack to: what the plan says, else what is sensible for its size.

    Parameters
    ----------
    path : Path
        The packed file.
    most_mb : int or None
        `unpacked_max_mb` of the plan, in millions of bytes.
    """
    usual = min(MOST_BYTES, max(FREE_BYTES, MOST_RATIO * path.stat().st_size))
    return usual if most_mb is None else most_mb * 10**6


@contextmanager
def laid_open(files: Mapping[str, Path], source: Source, folder: Path) -> Iterator[dict[str, Path]]:
    """Unpack what is packed into a private folder, which is removed afterwards.

    Parameters
    ----------
    files : mapping of str to Path
        What messages call each file, and where it lies.
    source : Source
        The plan's entry: which table of a zip file, and how much a file may unpack to.
    folder : Path
        Where the private folder is made; it lies on a disk with room.

    Yields
    ------
    dict of str to Path
        The same names; where a file was packed, the place of what it holds, with the ending that says its kind.

    Raises
    ------
    InputRefused
        With all that is wrong with any of them: cut off, damaged, encrypted, no table or several in a zip file, or more
        in it than is sensible.
    """
    packed = {label: path for label, path in files.items() if is_packed(path)}
    place = folder / UNPACKED
    opened, refused = dict(files), list[Finding]()
    try:
        for number, (label, path) in enumerate(packed.items()):
            try:
                opened[label] = _unpack(path, label, source, private_folder(place / str(number)))
            except InputRefused as error:
                refused += error.findings
        if refused:
            raise InputRefused(refused)
        yield opened
    finally:
        if packed:
            shutil.rmtree(place, ignore_errors=True)


def _unpack(path: Path, label: str, source: Source, folder: Path) -> Path:
    """Unpack one file.

    Returns
    -------
    Path
        A file in `folder`, called table, with the ending of what was inside.

    Raises
    ------
    InputRefused
        As of `laid_open`.
    """
    if path.stat().st_size == 0:
        raise InputRefused(Finding("F02", "file is empty", label, found="0 bytes", do="export again"))
    wanted = "a gzip file" if path.suffix.lower() == ".gz" else "a zip file"
    kind = kind_of(path)
    if kind != wanted and (wanted, kind) != ("a zip file", "an Excel file"):
        do = f"take {path.suffix} off its name" if kind == "text" else "give its name the ending of what it is"
        raise InputRefused(Finding("F20", f"not {wanted}", label, found=kind, do=do))
    try:
        target = (_of_gzip if path.suffix.lower() == ".gz" else _of_zip)(path, label, source, folder)
    except EOFError:
        raise InputRefused(Finding("F23", "the packed file ends too early", label, do=DAMAGED)) from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, UnicodeDecodeError) as error:
        found = "packed in an unknown way" if isinstance(error, NotImplementedError) else "damaged"
        raise InputRefused(
            Finding("F23", f"not {wanted} that can be unpacked", label, found=found, do=DAMAGED)
        ) from None
    refuse_bomb(target, label)
    return target


def refuse_bomb(path: Path, label: str = "") -> None:
    """Refuse a zip file, such as a workbook, that is small packed and huge unpacked.

    Raises
    ------
    InputRefused
        F22.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return  # its reader says what is wrong
    ratio = unpacked // max(1, path.stat().st_size)
    if unpacked > MOST_UNPACKED and ratio > MOST_TIMES:
        found = f"{unpacked / 10**9:.1f} GB from {path.stat().st_size / 10**6:.1f} MB"
        raise InputRefused(Finding("F22", "unpacks to far too much", label or path.name, found=found, do=SMALLER))


def _of_gzip(path: Path, label: str, source: Source, folder: Path) -> Path:
    inner = PurePosixPath(path.name[: -len(path.suffix)])
    if inner.suffix.lower() not in TABLES:
        do = "call it by what is inside, such as orders.csv.gz; unpack archives of several files"
        raise InputRefused(Finding("F20", "nothing says what the gzip file holds", label, do=do))
    target = folder / f"table{inner.suffix.lower()}"
    with gzip.open(path) as packed:
        _copy(packed, target, path, label, source)
    return target


def _of_zip(path: Path, label: str, source: Source, folder: Path) -> Path:
    with zipfile.ZipFile(path) as packed:
        member = _chosen(packed.infolist(), label, source.inside)
        if member.flag_bits & 0x1:
            found, do = "protected by a password", "unpack it, and put the file itself there"
            raise InputRefused(Finding("F23", "not a zip file that can be read", label, found=found, do=do))
        target = folder / f"table{PurePosixPath(member.filename).suffix.lower()}"
        with packed.open(member) as inner:
            _copy(inner, target, path, label, source)
    return target


def _chosen(members: Sequence[zipfile.ZipInfo], label: str, inside: str | None) -> zipfile.ZipInfo:
    """Choose the table of a zip file: the one that the plan names, else the only one."""
    for each in members:
        parts = PurePosixPath(each.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in each.filename[:3]:
            do = "pack it again, without folders above it"
            raise InputRefused(Finding("F24", "a name in the zip file leads out of it", label, do=do))
    tables = {each.filename: each for each in members if _is_table(each)}
    if inside is not None and inside not in tables:
        do = nearest(inside, list(tables)[:NAMES_SHOWN]) if tables else "correct inside"
        raise InputRefused(Finding("F01", "no such table in the zip file", label, found=inside[:80], do=do))
    if not tables:
        do = "pack one CSV, JSON, Parquet or Excel file into it"
        raise InputRefused(Finding("F01", "no table in the zip file", label, do=do))
    if inside is None and len(tables) > 1:
        names = sorted(tables)
        found = ", ".join(names[:NAMES_SHOWN]) + (
            f" and {len(names) - NAMES_SHOWN} more" if names[NAMES_SHOWN:] else ""
        )
        name = next((each for each in names if "order" in each.lower()), names[0])
        do = f'write inside: "{name}" beside file: in plan.yml (seglib init: --inside "{name}"), or unpack it'
        raise InputRefused(Finding("F01", "several tables in the zip file", label, found=found, do=do))
    return tables[inside] if inside is not None else next(iter(tables.values()))


def _is_table(member: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file of a known kind, and none that an operating system left there."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    is_file = not member.is_dir() and kind in (0, stat.S_IFREG)
    is_known = PurePosixPath(member.filename).suffix.lower() in TABLES
    return is_file and is_known and not LITTER.search(member.filename)


def _copy(packed: IO[bytes] | gzip.GzipFile, target: Path, path: Path, label: str, source: Source) -> None:
    """Write what comes out of a packed file, and stop where that is too much."""
    most, written = most_bytes(path, source.unpacked_max_mb), 0
    with target.open("wb") as plain:
        while block := packed.read(BLOCK_BYTES):
            written += len(block)
            if written > most:
                found = f"{path.stat().st_size / 10**6:,.1f} MB packed"
                do = "unpack it yourself and look; if it is right, write more beside file: as unpacked_max_mb"
                what = f"unpacks to more than {most / 10**6:,.0f} MB"
                raise InputRefused(Finding("F22", what, label, found=found, do=do))
            plain.write(block)
