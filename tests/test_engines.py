"""The same definitions on both engines: DuckDB on a laptop, Apache Spark on a cluster."""

import csv
import hashlib
import io
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from ten_steps import published, ten_steps
from threadpoolctl import threadpool_limits

from seglib.activation.rules import arm
from seglib.core import store
from seglib.core.engine import Engine
from seglib.core.spark import JAVA, java_version

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # sockets of Spark's bridge
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (extra: spark)"),
    pytest.mark.skipif(java_version() not in JAVA, reason="neither Java 17 nor 21 is installed"),
]
DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
LAST = "C00700"  # a part of the shop: a small query costs Spark about a second
ITS_ENGINE = re.compile(rb"^engine: \w+\n|(?<=\\n)engine: \w+\\n", re.M)  # the next plan's draft quotes this one's


def part(home: Path) -> None:
    """Write the demo's first customers as a study of their own."""
    study = home / "data" / "demo"
    (study / "sources").mkdir(parents=True)
    for path in (DEMO / "sources").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with (study / "sources" / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for row in rows if row[0] < LAST)])
    shutil.copyfile(DEMO / "plan.yml", study / "plan.yml")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Per engine, every file that the ten steps of a quarter handed on; the quarter before was DuckDB's work."""
    laptop, cluster = tmp_path_factory.mktemp("laptop"), tmp_path_factory.mktemp("cluster")
    part(laptop)
    with pytest.MonkeyPatch.context() as patched, threadpool_limits(1):
        patched.setenv("SEGLIB_HOME", str(laptop))
        ten_steps("2026Q2")
        shutil.copytree(laptop, cluster, dirs_exist_ok=True)
        made = {"duckdb": published(ten_steps("2026Q3").folder)}
        plan = cluster / "data" / "demo" / "plan.yml"
        plan.write_text(f"engine: spark\n{plan.read_text(encoding='utf-8')}", encoding="utf-8")
        patched.setenv("SEGLIB_HOME", str(cluster))
        return made | {"spark": published(ten_steps("2026Q3").folder)}


def test_R5_all_ten_steps_hand_on_the_same_on_both_engines(both) -> None:
    """Cell by cell and row by row, types included, without a tolerance; every other file but manifests byte by byte."""
    laptop, cluster = both["duckdb"], both["spark"]
    tables = [name for name in laptop if name.endswith(".parquet")]
    others = [name for name in laptop if not name.endswith((".parquet", store.MANIFEST))]

    assert laptop.keys() == cluster.keys()
    assert len(tables) > 50
    for name in tables:
        one, other = (pd.read_parquet(io.BytesIO(side[name])) for side in (laptop, cluster))
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)
    assert [name for name in others if plain(laptop[name]) != plain(cluster[name])] == []


def plain(body: bytes) -> bytes:
    """Leave out which engine the plan names."""
    return ITS_ENGINE.sub(b"", body)


def test_files_of_both_engines_have_the_same_types(both) -> None:
    """So one engine goes on where the other stopped: whole numbers, decimals, days and times without a zone."""
    tables = [name for name in both["duckdb"] if name.endswith(".parquet")]
    schemas = [{n: pq.read_schema(io.BytesIO(side[n])).remove_metadata() for n in tables} for side in both.values()]

    assert schemas[0] == schemas[1]


def test_the_hold_out_is_drawn_alike_on_both_engines() -> None:
    """Who is held out follows from the key alone."""
    names = [hashlib.sha256(str(i).encode()).hexdigest()[:24] for i in range(300)]
    rows = pd.DataFrame({"customer": names, "segment": [i % 3 for i in range(300)]})
    rows["offer"] = pd.Series(["tea"] * 300, dtype="string")
    engines = (Engine.open(), Engine.open("spark"))
    drawn = [e.frame(arm(e.memory(rows), b"k" * 32, 0.3)).set_index("customer")["arm"] for e in engines]

    assert drawn[0].value_counts()["holdout"] == 90
    assert drawn[0].loc[names].tolist() == drawn[1].loc[names].tolist()
