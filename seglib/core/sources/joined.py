"""A query over the study's own files: each file of the sources folder is a table, named without its ending."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import dataset

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.csvfile import Batch
from seglib.core.sources.folders import TableFolder
from seglib.core.sources.headers import twice
from seglib.core.sources.nested import JsonFile
from seglib.core.sources.packed import stem_of
from seglib.core.sources.parquetfile import ParquetFile
from seglib.core.sources.query import answer, answer_names, refused
from seglib.core.sources.readers import Reader, Sheet, open_readers
from seglib.core.sources.tables import is_table
from seglib.core.sources.typed import line_numbers

PARQUET = (".parquet", ".pq")
NO_TABLE = re.compile(r"Table with name (\S+) does not exist")


def named_files(query: str, folder: Path) -> list[Path]:
    """Find the files that a query names: those directly in the folder whose name without ending is a word of it.

    A folder that is a table counts as one, and a packed file by the name of what is inside.

    Parameters
    ----------
    query : str
        The plan's query.
    folder : Path
        The study's sources folder.

    Returns
    -------
    list of Path
        Sorted by name; a link that leads out of the folder is no file of it.
    """
    home = folder.resolve()
    tables = [path for path in sorted(folder.glob("*")) if path.is_file() or is_table(path)]
    inside = [path for path in tables if path.resolve().is_relative_to(home)]
    written = {path: re.escape(stem_of(path.name).replace('"', '""')) for path in inside}
    return [path for path, name in written.items() if re.search(rf"(?<!\w){name}(?!\w)", query, re.IGNORECASE)]


@dataclass(frozen=True)
class JoinedFiles:
    """The result of a query that sees the named files and nothing else, and writes nothing.

    Parameters
    ----------
    label : str
        What messages about rows call it.
    query : str
        One SELECT statement.
    header : tuple of str
        Names of the result's columns.
    connection : DuckDBPyConnection
        Locked: no file but the named ones can be opened, no setting changed.
    notices : tuple of Finding
        What was accepted while the files were read.
    """

    label: str
    query: str
    header: tuple[str, ...]
    connection: duckdb.DuckDBPyConnection
    notices: tuple[Finding, ...] = ()

    @classmethod
    def open(cls, files: Mapping[str, Path], name: str, source: Source) -> JoinedFiles:
        """Make a table of each file, lock the door and ask for the columns; InputRefused when that is not possible.

        Parameters
        ----------
        files : mapping of str to Path
            Relative name to file; what is packed lies open.
        name : str
            Table of the contract, for messages.
        source : Source
            The plan's entry: the query, and how its text files are written.
        """
        query, place = str(source.query), f"plan.yml, sources.{name}.query"
        stems = [stem_of(Path(label).name) for label in files]
        if doubled := sorted({stem for stem in stems if stems.count(stem) > 1}):
            raise InputRefused(Finding("F01", f"two files are called '{doubled[0]}'", place, do="rename one of them"))
        # one thread: the rows of a join come in the same order every time, so their line numbers hold
        connection = duckdb.connect(config={"python_enable_replacements": "false", "threads": 1})
        notices = [notice for label, path in files.items() for notice in _table(connection, path, label, source)]
        paths = [str(path.resolve()) for path in files.values() if path.suffix.lower() in PARQUET]
        connection.execute("set allowed_paths = $paths", {"paths": paths})
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        try:
            return cls(f"query of {name}", query, answer_names(connection, query), connection, tuple(notices))
        except duckdb.Error as error:
            raise InputRefused(_why(place, error, stems)) from None

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Run the query and read the wanted columns as text; the first row is line 2."""
        line = 2
        try:
            for count, columns in answer(self.connection, self.query, wanted):
                yield columns, line_numbers(line, count)
                line += count
        except (duckdb.Error, pa.ArrowException) as error:
            faults.add(refused(self.label, error))


def _table(connection: duckdb.DuckDBPyConnection, path: Path, label: str, source: Source) -> tuple[Finding, ...]:
    """Make one file a table of the query; text files and sheets are read as strictly as any other source."""
    given, name = Source(csv=source.csv, sheet=source.sheet, header=source.header), stem_of(Path(label).name)
    reader, *more = open_readers(path, label, given)
    if more or (repeated := twice(reader)):
        raise InputRefused(Finding("F01", "several sheets", label, do="keep one") if more else repeated)
    if isinstance(reader, ParquetFile) and {*reader.header} <= {*pq.read_schema(path).names}:
        read = connection.from_arrow(_checked(path))
        utc = ", ".join(f'"{each}" at time zone \'UTC\' as "{each}"' for each in sorted(reader.instants))
        (read.project(f"* replace ({utc})") if utc else read).create_view(name)
    else:
        connection.register(name, _whole(reader, str(source.query)))
    return tuple(reader.notices)


def _checked(path: Path) -> dataset.Dataset:
    """Open a Parquet file so that the checksums of its pages, where it has them, are compared as they are read."""
    checked = dataset.ParquetFragmentScanOptions(page_checksum_verification=True)
    return dataset.dataset(str(path), format=dataset.ParquetFileFormat(default_fragment_scan_options=checked))


def _whole(reader: Reader, query: str = "") -> pa.Table:
    """Read all rows of a file as text, of lists only those that the query names; every faulty line is named."""
    in_list = reader.in_list if isinstance(reader, JsonFile | ParquetFile | TableFolder) else {}
    used = {outer for name, outer in in_list.items() if f'"{name}"' in query}
    left_out = {name for name, outer in in_list.items() if outer not in used}
    wanted = [place for place, name in enumerate(reader.header) if name and name not in left_out]
    names, faults = [reader.header[position] for position in wanted], Faults()
    if isinstance(reader, Sheet):
        reader.say_errors([place for place in wanted if reader.header[place].lower() in query.lower()], faults)
    tables = [pa.table(arrays, names=names) for arrays, _ in reader.batches(wanted, faults)]
    if faults.shown:
        raise InputRefused(faults.findings())
    return pa.concat_tables(tables) if tables else pa.table({name: pa.array([], pa.string()) for name in names})


def _why(place: str, error: duckdb.Error, stems: Sequence[str]) -> Finding:
    """Say in one sentence what a query asks for that it cannot have."""
    if isinstance(error, duckdb.PermissionException):
        remedy = "put the file into sources/ and name it without its ending"
        return Finding("F24", "a query sees the files of the sources folder only", place, do=remedy)
    missing = NO_TABLE.search(str(error))
    if missing:
        return Finding("F01", f"no file called '{missing[1]}' in sources", place, do=nearest(missing[1], stems))
    return refused(place, error)
