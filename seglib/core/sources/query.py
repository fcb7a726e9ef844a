"""A query against a DuckDB or SQLite file of the study, opened for reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.bytecheck import Faults, kind_of
from seglib.core.sources.csvfile import Batch
from seglib.core.sources.typed import as_text, cell_text, line_numbers

BATCH_ROWS = 100_000
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
SPOKEN = (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException, sqlite3.OperationalError)


@dataclass(frozen=True)
class QueryFile:
    """The result of a query; nothing but the database file itself can be read, and nothing written.

    Parameters
    ----------
    path : Path
        The database file.
    label : str
        Its relative name.
    query : str
        One SELECT statement.
    header : tuple of str
        Names of the result's columns.
    notices : tuple of Finding
        Always empty: a query names the columns it wants.
    """

    path: Path
    label: str
    query: str
    header: tuple[str, ...]
    notices: tuple[Finding, ...] = ()

    @classmethod
    def open(cls, path: Path, label: str, query: str) -> QueryFile:
        """Ask for the names of the columns; InputRefused when the database or the query cannot be used."""
        kind = kind_of(path)
        if "database" not in kind:
            raise InputRefused(Finding("F20", "not a DuckDB or SQLite file", label, found=kind, do="correct database:"))
        try:
            names = _lite_names(path, query) if "SQLite" in kind else _duck_names(path, query)
        except (duckdb.Error, sqlite3.Error) as error:
            raise InputRefused(refused(label, error)) from None
        return cls(path, label, query, names)

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:
        """Run the query and read the wanted columns as text; the first row is line 2."""
        read = _lite_batches if "SQLite" in kind_of(self.path) else _duck_batches
        line = 2
        try:
            for count, columns in read(self.path, self.query, wanted):
                yield columns, line_numbers(line, count)
                line += count
        except (duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
            faults.add(refused(self.label, error))


def refused(label: str, error: Exception) -> Finding:
    """Say why; only messages about the query's own text are repeated, since others may hold values."""
    found = str(error).splitlines()[0][:200] if isinstance(error, SPOKEN) else type(error).__name__
    do = "correct query: in plan.yml, one SELECT"
    if "VARCHAR" in found:
        do = "columns of CSV, JSON and Excel files are text: write cast(amount as decimal(18, 2)) before calculating"
    return Finding("F23", "query cannot be answered", label, found=found, do=do)


def _duck(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True, config=LOCKED)


def answer_names(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    """Name the columns of one SELECT statement; a duckdb.Error when it is anything else."""
    kinds = [statement.type for statement in connection.extract_statements(query)]
    if kinds != [duckdb.StatementType.SELECT]:
        found = " and ".join(str(kind).rpartition(".")[2] for kind in kinds) or "nothing"
        raise duckdb.ParserException(f"{found} is not one SELECT statement")
    return tuple(connection.sql(query).columns)


def answer(
    connection: duckdb.DuckDBPyConnection, query: str, wanted: Sequence[int]
) -> Iterator[tuple[int, list[pa.Array]]]:
    """Run a query; yield, batch by batch, its rows' number and the wanted columns as text."""
    for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
        yield len(batch), [as_text(batch.column(index)) for index in wanted]


def _duck_names(path: Path, query: str) -> tuple[str, ...]:
    with _duck(path) as connection:
        return answer_names(connection, query)


def _duck_batches(path: Path, query: str, wanted: Sequence[int]) -> Iterator[tuple[int, list[pa.Array]]]:
    with _duck(path) as connection:
        yield from answer(connection, query, wanted)


def _lite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    denied = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_PRAGMA)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action in denied else sqlite3.SQLITE_OK)
    return connection


def _lite_names(path: Path, query: str) -> tuple[str, ...]:
    with closing(_lite(path)) as connection:
        columns = connection.execute(query).description
    if columns is None:
        raise sqlite3.OperationalError("not a SELECT statement")
    return tuple(column[0] for column in columns)


def _lite_batches(path: Path, query: str, wanted: Sequence[int]) -> Iterator[tuple[int, list[pa.Array]]]:
    with closing(_lite(path)) as connection:
        cursor = connection.execute(query)
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield len(rows), [_texts(rows, index) for index in wanted]


def _texts(rows: list[tuple[Any, ...]], index: int) -> pa.Array:
    return pa.array([cell_text(row[index]) for row in rows], pa.string())
