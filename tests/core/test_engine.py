"""The one door to the engine."""

import pandas as pd
import pyarrow.parquet as pq

from seglib.core.engine import Engine


def test_sums_of_whole_numbers_are_stored_as_whole_numbers(tmp_path):
    """A sum that needs more than a float's 53 bits reads back exactly, and nulls stay nulls."""
    engine = Engine.open(spill=tmp_path / "spill")
    lines = engine.memory(
        pd.DataFrame({"customer": ["a", "a", "b"], "amount_minor": pd.array([2**60, 1, None], "Int64")})
    )
    sums = lines.group_by("customer").aggregate(total_minor=lines.amount_minor.sum())
    engine.write(sums, tmp_path / "sums.parquet", ("customer",))
    stored = pq.read_table(tmp_path / "sums.parquet")

    assert str(stored.schema.field("total_minor").type) == "int64"
    assert stored["total_minor"].to_pylist() == [2**60 + 1, None]


def test_written_rows_are_sorted_and_counted(tmp_path):
    """The file holds the rows in the order of the key, whatever order they came in."""
    engine = Engine.open(spill=tmp_path / "spill")
    rows = engine.write(
        engine.memory(pd.DataFrame({"customer": ["b", "c", "a"]})), tmp_path / "x.parquet", ("customer",)
    )

    assert rows == 3
    assert pq.read_table(tmp_path / "x.parquet")["customer"].to_pylist() == ["a", "b", "c"]
