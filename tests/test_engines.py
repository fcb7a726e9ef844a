"""The same definitions on both engines: DuckDB on a laptop, Apache Spark on a cluster."""

import csv
import hashlib
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from seglib import collection, criteria, objectives
from seglib.activation.rules import arm
from seglib.collection import Collection
from seglib.core.engine import Engine
from seglib.core.run import Run
from seglib.criteria import Features

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # sockets of Spark's bridge
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (extra: spark)"),
]
DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
LAST = "C00300"  # a part of the shop: a small query costs Spark about a second


def part(home: Path, engine: str) -> None:
    """Write the demo's first customers as a study of their own that computes with an engine."""
    study = home / "data" / "demo"
    (study / "sources").mkdir(parents=True)
    for path in (DEMO / "sources").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with (study / "sources" / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for row in rows if row[0] < LAST)])
    plan = (DEMO / "plan.yml").read_text(encoding="utf-8")
    (study / "plan.yml").write_text(f"engine: {engine}\n{plan}", encoding="utf-8")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, pd.DataFrame]]:
    """Per engine every table of rows after intake, and the criteria."""
    made: dict[str, dict[str, pd.DataFrame]] = {}
    for engine in ("duckdb", "spark"):
        home = tmp_path_factory.mktemp(engine)
        part(home, engine)
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("SEGLIB_HOME", str(home))
            run = Run.open("demo", "2026Q3")
            run.write(objectives.baselines(run))
            run.write(collection.collect(run))
            run.write(criteria.compute(run.read(Collection), run))
            whole, features = run.read(Collection), run.read(Features)
            tables = {name: getattr(whole, name, None) for name in Collection.KEYS} | {"criteria": features.values}
            made[engine] = {name: run.engine.frame(table) for name, table in tables.items() if table is not None}
    return made


def test_R5_every_table_and_every_criterion_is_equal_on_both_engines(both) -> None:
    """Cell by cell and row by row, without a tolerance."""
    laptop, cluster = both["duckdb"], both["spark"]

    assert laptop.keys() == cluster.keys()
    assert len(laptop["criteria"].columns) > 50
    for name, table in laptop.items():
        pd.testing.assert_frame_equal(table, cluster[name], check_exact=True, check_dtype=False, obj=name)


def test_the_hold_out_is_drawn_alike_on_both_engines() -> None:
    """Who is held out follows from the key alone."""
    names = [hashlib.sha256(str(i).encode()).hexdigest()[:24] for i in range(300)]
    rows = pd.DataFrame({"customer": names, "segment": [i % 3 for i in range(300)]})
    rows["offer"] = pd.Series(["tea"] * 300, dtype="string")
    engines = (Engine.open(), Engine.open("spark"))
    drawn = [e.frame(arm(e.memory(rows), b"k" * 32, 0.3)).set_index("customer")["arm"] for e in engines]

    assert drawn[0].value_counts()["holdout"] == 90
    assert drawn[0].loc[names].tolist() == drawn[1].loc[names].tolist()
