"""The only place that opens a connection: DuckDB embedded, or Spark, behind ibis."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.util import gen_name

from seglib.core.trouble import told

Table: TypeAlias = ir.Table
EXACT = {
    dt.Int64: dt.Int64(nullable=False),  # DuckDB sums to 128 bits, which Parquet would store as floats
    dt.Date: dt.Date(nullable=False),  # DuckDB turns a day plus some days into a time
}  # ibis drops a cast to the type that it believes is there already, hence `nullable`
EDGES = r"^[ \t\r\n]+|[ \t\r\n]+$"


def trimmed(text: Any) -> Any:
    """Take white space off the ends of a text column.

    The `strip` of ibis 12 does not do it on Spark: it takes the letters f and v off as well.

    Examples
    --------
    >>> engine = Engine.open()
    >>> engine.frame(engine.memory(pd.DataFrame({"a": [" f v\t"]})).mutate(a=lambda t: trimmed(t.a)))["a"].tolist()
    ['f v']
    """
    return text.re_replace(EDGES, "")


@dataclass(frozen=True)
class Engine:
    """A connection that reads Parquet files as lazy tables and writes them back.

    Parameters
    ----------
    connection : ibis backend
        DuckDB, or Spark where it is installed.
    kind : {"duckdb", "spark"}
        Which one it is.

    Examples
    --------
    >>> engine = Engine.open()
    >>> engine.frame(engine.memory(pd.DataFrame({"a": [2, 1]})).order_by("a"))["a"].tolist()
    [1, 2]
    """

    connection: Any
    kind: str = "duckdb"

    @classmethod
    def open(cls, kind: str = "duckdb", spill: Path | None = None) -> Engine:
        """Open the engine.

        Parameters
        ----------
        kind : {"duckdb", "spark"}
            The plan's `engine`.
        spill : Path, optional
            Private folder for what does not fit into memory; a new temporary one when omitted.
        """
        ibis.options.sql.fuse_selects = False  # both engines fuse them as well, and much faster; but see `fused`
        folder = spill or Path(tempfile.gettempdir()) / f"seglib-spill-{os.getpid()}"
        if kind == "spark":
            from seglib.core import spark

            return cls(spark.connect(folder), kind)
        connection = ibis.duckdb.connect(
            temp_directory=str(folder), memory_limit="1500MB", preserve_insertion_order=True
        )
        with contextlib.suppress(duckdb.InvalidInputException):  # refused in a notebook, where there is no bar anyway
            connection.raw_sql("SET enable_progress_bar = false")
        return cls(connection, kind)

    def table(self, path: Path) -> Table:
        """Read one Parquet file, lazily."""
        return cast(Table, self.connection.read_parquet(str(path)))

    def memory(self, frame: pd.DataFrame) -> Table:
        """Offer a small frame to the engine."""
        table = ibis.memtable(frame)
        if self.kind == "spark":
            self.connection._run_pre_execute_hooks(table)  # makes it known: Spark's cache() would not find it
        return table

    def named(self, table: Table) -> Table:
        """Translate a table into SQL once, as a view that later queries name.

        Nothing is computed. Without it ibis translates the whole way from the files again for each of them, which on a
        small shop takes longer than the queries themselves.

        Examples
        --------
        >>> engine = Engine.open()
        >>> numbers = engine.memory(pd.DataFrame({"a": [1, 2]}))
        >>> engine.scalar(engine.named(numbers.mutate(b=numbers.a * 10)).b.sum())
        30
        """
        if self.kind == "spark":
            return table
        name = gen_name("seglib_view")
        self.connection.create_view(name, table)
        return ops.DatabaseTable(name, table.schema(), self.connection).to_expr()

    def write(self, table: Table, path: Path, order_by: tuple[str, ...]) -> int:
        """Write a table as one Parquet file, sorted, and return its number of rows.

        Sorting by a complete key makes equal inputs give equal bytes.
        """
        kinds = {name: EXACT.get(type(kind)) for name, kind in table.schema().items()}
        exact = table.mutate(**{name: table[name].cast(kind) for name, kind in kinds.items() if kind})
        ordered = exact.order_by([*order_by]) if order_by else exact
        with told(path.name):
            if self.kind == "spark":
                _in_one_file(self.connection, ordered, path)
            else:
                self.connection.to_parquet(ordered, str(path))
        return int(pq.read_metadata(path).num_rows)

    def frame(self, table: Table) -> pd.DataFrame:
        """Bring a small result into memory."""
        return cast(pd.DataFrame, self.connection.to_pandas(table))

    def scalar(self, value: Any) -> Any:
        """Compute one value."""
        return self.connection.execute(value)


@contextlib.contextmanager
def fused() -> Iterator[None]:
    """Let ibis write as few queries within queries as it can.

    DuckDB keeps a query in memory whole, with all columns, that two others read; over many rows this costs more than
    ibis takes to fuse it with each of them.

    Examples
    --------
    >>> with fused():
    ...     ibis.options.sql.fuse_selects
    True
    """
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = True
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def _in_one_file(connection: Any, table: Table, path: Path) -> None:
    """Write what Spark keeps in parts as one file, the parts in their order, as DuckDB would."""
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        folder = Path(work) / "parts"
        connection.to_parquet(table, str(folder))
        parts = sorted(folder.glob("part-*.parquet"))
        schema = _as_duckdb_writes(pq.read_schema(parts[0]))
        with pq.ParquetWriter(path, schema) as writer:
            for batch in (batch for part in parts for batch in pq.ParquetFile(part).iter_batches()):
                writer.write_batch(batch.cast(schema))


def _as_duckdb_writes(schema: pa.Schema) -> pa.Schema:
    """Any column may have gaps, and times are UTC without saying so: either engine reads what the other wrote."""
    kinds = [pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type for field in schema]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))
