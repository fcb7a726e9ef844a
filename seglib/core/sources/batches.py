"""Rows of a table in batches of bounded size, for the little that only Python can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seglib.core.engine import Engine, Table
from seglib.core.privacy import private_file

BATCH_ROWS = 200_000


def batches(engine: Engine, table: Table, path: Path) -> Iterator[pa.RecordBatch]:
    """Write a table to a private file once and read it back in batches; the file is removed afterwards."""
    engine.write(table, path, ())
    try:
        with pq.ParquetFile(private_file(path)) as file:
            yield from file.iter_batches(BATCH_ROWS)
    finally:
        path.unlink(missing_ok=True)
