"""How an unknown file is written: encoding, delimiter, sheet; and its columns as text."""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seglib.core.address import refuse_address
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Csv, Source
from seglib.core.sources.bytecheck import check_bytes
from seglib.core.sources.csvfile import DELIMITERS, CsvFile, delimiter_of
from seglib.core.sources.headers import DATA_LIKE, twice
from seglib.core.sources.nested import ENDINGS
from seglib.core.sources.packed import PACKED, laid_open
from seglib.core.sources.readers import Reader, open_readers
from seglib.core.sources.tables import is_table
from seglib.init.heads import PROBE_CHARACTERS, PROBE_LINES, delimiter_and_header
from seglib.init.letters import is_central
from seglib.init.lookrows import Progress, looks_of
from seglib.init.looks import Look
from seglib.init.names import known_count
from seglib.init.parts import LARGE_BYTES, PartsFile
from seglib.init.sheets import SHEET_ENDINGS, sheet

OLDER_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp932", "gb18030", "euc_kr")
PROBE_BYTES = 100_000
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".dat")
OTHER_ENDINGS = (".parquet", ".pq", *ENDINGS, *SHEET_ENDINGS)
SAVE_AS = "save it as one of these"


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
    only : str
        Condition that rows must fulfil to be orders, in SQL; empty where all are.
    files : tuple of str
        Names of the files that were read.
    part : str
        Which rows were looked at, where these are not all.
    blanks : dict
        Column to the words in it by which a database says that there is nothing.
    grouped : tuple of str
        Columns that only the first row of an order fills, that of its number first.
    in_list : frozenset of str
        Columns that lie in the list of a nested file whose elements are the rows; all others repeat on its rows.
    made : dict
        Column that the query makes of others to its expression in SQL.
    """

    source: Source
    looks: dict[str, Look]
    rows: int
    is_whole: bool
    understood: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    only: str = ""
    files: tuple[str, ...] = ()
    part: str = ""
    blanks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grouped: tuple[str, ...] = ()
    in_list: frozenset[str] = frozenset()
    made: Mapping[str, str] = field(default_factory=dict)


def sniff(
    file: Path, progress: Progress | None = None, of_list: str | None = None, packing: Source | None = None
) -> Sniffed:
    """Open a CSV, JSON, Parquet or Excel file about which nothing is known; or several, named by a pattern.

    Parameters
    ----------
    file : Path
        The file, packed or not, a folder that is a table, or a pattern such as ``orders_*.csv``.
    progress : callable, optional
        Called with the number of rows of each batch.
    of_list : str, optional
        The list of a nested file whose elements are the rows; empty for one row per record, None to find out.
    packing : Source, optional
        Which table of a zip file is meant, and how much a file may unpack to.

    Raises
    ------
    InputRefused
        When it is none of these, is damaged, or has no header.
    """
    refuse_address(file)
    found = files_of(file)
    if not found[0].is_file() and not is_table(found[0]):
        raise InputRefused(_absent(file, found[0]))
    given = packing or Source()
    files = {one.name: one for one in found}
    with (
        tempfile.TemporaryDirectory(prefix="seglib-init-") as folder,
        laid_open(files, given, Path(folder)) as opened,
    ):
        return _sniffed(file, opened, given, progress, of_list)


def _sniffed(
    file: Path, opened: Mapping[str, Path], given: Source, progress: Progress | None, of_list: str | None
) -> Sniffed:
    """Look at files that lie open, by the names that messages call them."""
    source, unsure = _written(*next(iter(opened.items())))
    if source.header:
        unsure += (f"line {source.header} is taken as the line of column names; what stands above is not read",)
    readers = [reader for label, one in opened.items() for reader in _opened(one, label, source)]
    for reader in readers:
        _check_header(reader)
        _refuse_other_names(reader, readers[0])
    looks, rows, is_whole, blanks = looks_of(readers, progress, of_list)
    named = source.model_copy(update={"file": file.name, **packing_of(given)})
    part = "" if is_whole else _part(readers, rows)
    inner = frozenset(getattr(readers[0], "in_list", {})) & {*looks}
    return Sniffed(
        named,
        looks,
        rows,
        is_whole,
        _spoken(named, readers),
        unsure,
        files=tuple(opened),
        part=part,
        blanks=blanks,
        in_list=inner,
    )


def said_of_packing(inside: str | None, unpacked_max_mb: int | None) -> Source:
    """Read what the user said about packed files; InputRefused for a limit that is none."""
    if unpacked_max_mb is not None and unpacked_max_mb < 1:
        found, do = f"{unpacked_max_mb}", "write millions of bytes, such as --unpacked-max-mb 500"
        raise InputRefused(Finding("P03", "not a limit for packed files", found=found, do=do))
    return Source(inside=inside, unpacked_max_mb=unpacked_max_mb)


def packing_of(given: Source | None) -> dict[str, object]:
    """What a plan says about packed files, where the user said it."""
    return {"inside": given.inside, "unpacked_max_mb": given.unpacked_max_mb} if given else {}


def _written(label: str, path: Path) -> tuple[Source, tuple[str, ...]]:
    """Say how a file is read, and what is doubtful about that; InputRefused when its name says no known kind."""
    ending = path.suffix.lower()
    if path.is_dir():
        return Source(file=label), ()
    if ending not in (*TEXT_ENDINGS, *OTHER_ENDINGS):
        remedy = "unpack it first" if ending in (".bz2", ".xz", ".zst", ".7z", ".rar", ".tar") else SAVE_AS
        raise InputRefused(Finding("F20", "not a CSV, JSON, Parquet or Excel file", label, do=remedy))
    if ending in TEXT_ENDINGS:
        return _text(label, path)
    return sheet(label, path) if ending in SHEET_ENDINGS else (Source(file=label), ())


def _part(readers: Sequence[Reader], rows: int) -> str:
    """Say which rows were looked at."""
    about = sum(reader.about_rows() for reader in readers if isinstance(reader, PartsFile))
    return f"{rows:,} rows, from the beginning to the end, of about {about:,}" if about else f"the first {rows:,} rows"


def _is_large(file: Path) -> bool:
    """Whether only parts of a text file are looked at."""
    return file.suffix.lower() in TEXT_ENDINGS and file.stat().st_size > LARGE_BYTES


def _opened(file: Path, label: str, source: Source) -> list[Reader]:
    if _is_large(file) and not source.csv.encoding.startswith("utf-16"):
        csv = source.csv
        return [PartsFile.open(file, delimiter_of(csv.delimiter), _codec_of(file, csv.encoding), source.header, label)]
    return open_readers(file, label, source)


def _codec_of(file: Path, encoding: str) -> str:
    """Name an encoding as Python does, without the mark that some programs put before UTF-8."""
    with file.open("rb") as handle:
        marked = handle.read(3) == codecs.BOM_UTF8
    return "utf-8-sig" if marked and encoding == "utf-8" else encoding


def files_of(file: Path) -> list[Path]:
    """List the files that a pattern such as orders_*.csv names, sorted; a path that is no pattern names itself."""
    is_pattern = not file.exists() and any(mark in file.name for mark in "*?[")
    found = (
        sorted(path for path in file.parent.glob(file.name) if path.is_file() or is_table(path)) if is_pattern else []
    )
    return found or [file]


def _refuse_other_names(reader: Reader, first: Reader) -> None:
    if reader.header != first.header:
        what = f"{reader.label} has other columns than {first.label}"
        found = ", ".join(sorted({*reader.header} ^ {*first.header}))[:300] or "another order"
        raise InputRefused(Finding("F07", what, found=found, do="give the files the same columns in the same order"))


def _text(label: str, file: Path) -> tuple[Source, tuple[str, ...]]:
    encoding = _encoding(label, file)
    codec = _codec_of(file, encoding) if _is_large(file) else check_bytes(file, label, encoding)[0]
    with file.open(encoding=codec, newline="") as handle:
        head = handle.read(PROBE_CHARACTERS)
    delimiter, header = delimiter_and_header(head, label)
    doubt = f"the encoding is taken as {encoding}: check names with accents" if not encoding.startswith("utf") else ""
    source = Source(file=label, csv=Csv(delimiter=delimiter, encoding=encoding), header=header)
    return source, (doubt,) if doubt else ()


def _encoding(label: str, file: Path) -> str:
    """UTF-8 where the bytes are; else the older encoding in which most column names are known; else latin-1."""
    with file.open("rb") as handle:
        head = handle.read(LARGE_BYTES if _is_large(file) else PROBE_BYTES)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in _encodings(head[:PROBE_BYTES]):
        try:
            if _is_large(file):
                codecs.getincrementaldecoder(encoding)().decode(head)
            else:
                check_bytes(file, label, encoding)
            return encoding
        except UnicodeDecodeError:
            continue
        except InputRefused as error:
            if error.findings[0].code != "F17":
                raise
    return "latin-1"


def _encodings(head: bytes) -> Iterator[str]:
    """UTF-8, and only where that fails the older encodings, that which makes most names known first."""
    yield "utf-8"
    older = sorted(OLDER_ENCODINGS, key=lambda name: name != "cp1250") if is_central(head) else OLDER_ENCODINGS
    yield from sorted(older, key=lambda name: -_names_known(head, name))


def _names_known(head: bytes, encoding: str) -> int:
    """Count the column names that are known when the bytes are read in an encoding."""
    lines = head.decode(encoding, errors="replace").splitlines()[:PROBE_LINES]
    return max((known_count(_cells(line, mark)) for line in lines for mark in DELIMITERS), default=0)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _check_header(reader: Reader) -> None:
    if not known_count(reader.header) and any(DATA_LIKE.fullmatch(name) for name in reader.header):
        remedy = "put a header line first that names customer, order, date and amount"
        raise InputRefused(Finding("F04", "no header: the first line looks like data", reader.label, 1, do=remedy))
    if repeated := twice(reader):
        raise InputRefused(repeated)


def _spoken(source: Source, readers: list[Reader]) -> tuple[str, ...]:
    said = (f"{len(readers)} files are read as one",) if len(readers) > 1 and not source.sheet else ()
    if source.sheet or not isinstance(readers[0], CsvFile | PartsFile):
        return said
    return (
        *said,
        f"text with {DELIMITERS[source.csv.delimiter]} between columns, {source.csv.encoding}",
    )


def _absent(file: Path, first: Path) -> Finding:
    """Say that there is no such file, and which one beside it has nearly that name."""
    what = f"{file.name} not found" if not file.exists() else f"{file.name} is not a regular file"
    known = (*TEXT_ENDINGS, *OTHER_ENDINGS, *PACKED)
    beside = [path.name for path in first.parent.glob("*") if path.suffix.lower() in known]
    close = nearest(first.name, beside) if beside and not file.exists() else ""
    meant = f"; {close}" if close.startswith("did you mean") else ""
    return Finding("F01", what, do=f"give the path of a CSV, JSON, Parquet or Excel file{meant}")
