"""A question to a database: one read-only statement by ADBC, within its time; its answer is written as Parquet.

It runs in the process for strangers' files, which alone reads the address from the environment.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.core.privacy import private_file
from seglib.core.sources.dbtrouble import ANSWER, QUERY, WAY_IN, Question, told_of

MODULE, EXTRA = "adbc_driver_postgresql.dbapi", "adbc-driver-postgresql adbc-driver-manager"
READ_ONLY = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
CONNECT_SECONDS = "15"


def ask(question: Question, target: Path, progress: Callable[[int], object]) -> dict[str, Any]:
    """Ask, and write the answer as one Parquet file that only its owner can read.

    Parameters
    ----------
    question : Question
        The address is read from its environment variable.
    target : Path
        File to write; it is absent after a refusal.
    progress : callable
        Called with the number of rows of each batch.

    Returns
    -------
    dict
        rows.

    Raises
    ------
    EnvironmentTrouble
        F29 where there is no way in, F31 where the answer breaks off, X22 where the driver is not installed.
    InputRefused
        F30 for a query that cannot be answered, F03 for an answer without rows, F23 for a type without text.
    """
    uri, driver = address_of(question), driver_of(question)
    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
    os.environ.setdefault("PGAPPNAME", "seglib")
    with told_of(question, uri, WAY_IN):
        connection = driver.connect(uri, autocommit=True)
    cursor = connection.cursor()
    late = threading.Timer(question.seconds, lambda: quietly(cursor.adbc_cancel))
    late.daemon = True
    try:
        with told_of(question, uri, ANSWER):
            cursor.execute(READ_ONLY)
            cursor.execute(f"SET statement_timeout = '{question.seconds}s'")
            late.start()
            cursor.execute(f"{question.query.strip().rstrip(';')}\n")  # a remark at its end ends with the line
            batches = cursor.fetch_record_batch()
        rows = _written(question, uri, batches, target, progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        late.cancel()
        quietly(cursor.close)
        quietly(connection.close)
    if not rows:
        target.unlink(missing_ok=True)
        raise InputRefused(Finding("F03", "the answer of the database has no rows", question.place, do=QUERY))
    return {"rows": rows}


def quietly(call: Callable[[], object]) -> None:
    """End something that may have ended by itself."""
    with suppress(Exception):
        call()


def address_of(question: Question) -> str:
    """Read the address of a database from its environment variable; EnvironmentTrouble F29 where it is not set."""
    uri = os.environ.get(question.uri_env, "").strip()
    if not uri:
        do = f"put the address of the database into {question.uri_env}, then run again"
        what = f"the environment variable {question.uri_env} is not set"
        raise EnvironmentTrouble(Finding("F29", what, question.way, do=do))
    return uri


def driver_of(question: Question) -> Any:
    """Give the driver's module; EnvironmentTrouble X22 with the command that installs it."""
    try:
        return import_module(MODULE)
    except ImportError:
        what, do = "reading PostgreSQL needs a driver that is not installed", f"type: python -m pip install {EXTRA}"
        raise EnvironmentTrouble(Finding("X22", what, question.way, do=do)) from None


def _written(question: Question, uri: str, batches: Any, target: Path, progress: Callable[[int], object]) -> int:
    """Write batch by batch; returns the number of rows."""
    schema = pa.schema([pa.field(each.name, _plain(question, each)) for each in batches.schema])
    rows = 0
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
        private_file(target)
        for batch in _read(question, uri, batches):
            columns = zip(batch.columns, schema.types, strict=True)
            writer.write_batch(pa.record_batch([_stored(array, kind) for array, kind in columns], schema=schema))
            rows += len(batch)
            progress(len(batch))
    return rows


def _stored(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Take from a value what the driver says about it, where it is kept without that."""
    return array.storage if isinstance(array, pa.ExtensionArray) and array.type != kind else array


def _read(question: Question, uri: str, batches: Any) -> Iterator[pa.RecordBatch]:
    """Yield the batches of an answer; only what the database does counts as its error."""
    while True:
        with told_of(question, uri, ANSWER):
            try:
                batch = batches.read_next_batch()
            except StopIteration:
                return
        yield batch


def _plain(question: Question, field: pa.Field) -> pa.DataType:
    """Type in which a column is kept; InputRefused for one that would lose its meaning."""
    kind, told = field.type, field.metadata or {}
    named = str(told.get(b"POSTGRESQL:type") or told.get(b"ADBC:postgresql:typname") or b"", errors="replace")[:40]
    if named == "money":
        what, do = (
            "a column of the type money has no decimals of its own",
            f'write "{field.name}"::numeric in the query',
        )
        raise InputRefused(Finding("F23", what, question.place, column=field.name, found=named, do=do))
    if isinstance(kind, pa.UuidType):
        return kind
    plain = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    if pa.types.is_binary(plain) or pa.types.is_interval(plain):
        what, do = "a column of a type without text", f'write "{field.name}"::text in the query, or leave it out'
        raise InputRefused(
            Finding("F23", what, question.place, column=field.name, found=named or str(kind)[:40], do=do)
        )
    return plain
