"""The benchmark compares like with like: both of its sides make the same columns."""

import runpy
from pathlib import Path

import pandas as pd

BENCHMARK = runpy.run_path(str(Path(__file__).with_name("criteria_10m.py")))


def test_hand_sql_and_seglib_make_equal_columns(tmp_path: Path):
    """Twenty thousand generated lines of a thousand customers, in the same code as ten million."""
    BENCHMARK["generate"](tmp_path, 20_000, 1_000)
    BENCHMARK["by_sql"](tmp_path)()
    BENCHMARK["by_seglib"](tmp_path)()
    by_sql, by_seglib = (pd.read_parquet(tmp_path / f"{kind}.parquet") for kind in ("sql", "seglib"))

    assert by_seglib.shape[0] > 900
    pd.testing.assert_frame_equal(by_seglib, by_sql, check_dtype=False, check_exact=True)
