"""Apache Spark: one sentence when it cannot start, one Java for a whole report, nothing left on disk."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from seglib import __main__ as cli
from seglib.core import spark
from seglib.core.errors import EnvironmentTrouble

with_pyspark = pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (extra: spark)")
with_java = pytest.mark.skipif(spark.java_version() not in spark.JAVA, reason="neither Java 17 nor 21 is installed")


def fake_java(home: Path, version: str) -> Path:
    """Write a Java that tells its version and can do nothing else."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f'#!/bin/sh\necho \'openjdk version "{version}"\' >&2\n[ "$1" = -version ]\n', encoding="utf-8")
    java.chmod(0o700)
    return home


def test_missing_spark_is_one_sentence_and_exit_code_4(tmp_path, monkeypatch, capsys):
    """A plan that asks for Spark on a machine without it is told what to install, before any notebook runs."""
    (tmp_path / "data" / "acme" / "sources").mkdir(parents=True)
    plan = "study: acme\nengine: spark\nsources: {orders: {file: orders.csv}}\n"
    (tmp_path / "data" / "acme" / "plan.yml").write_text(plan, encoding="utf-8")
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pyspark", None)
    code = cli.main(["report", "--study", "acme", "--quarter", "2026Q3"])

    assert code == 4
    assert capsys.readouterr().err == (
        "SEG-X22 Spark is not installed - plan.yml, engine - do: install Java 17 or 21, and "
        "type: python -m pip install 'ibis-framework[pyspark]'\n"
    )


@pytest.mark.parametrize(("said", "version"), [("17.0.15", 17), ("21", 21), ("1.8.0_392", 8), ("25.0.1", 25)])
def test_the_version_of_java_is_read(tmp_path, monkeypatch, said, version):
    """Old and new ways of writing a version are understood."""
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path, said)))

    assert spark.java_version() == version


@with_pyspark
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pyspark leaves a pipe to the dead Java
@pytest.mark.parametrize(("version", "found"), [("", "no Java"), ("11.0.2", "Java 11"), ("25.0.1", "Java 25")])
def test_wrong_java_is_one_sentence(tmp_path, monkeypatch, version, found):
    """What was found and what is needed are named, and no empty folder stays."""
    java = fake_java(tmp_path / "jdk", version) if version else tmp_path / "nothing"
    monkeypatch.setenv("JAVA_HOME", str(java))
    monkeypatch.setattr("pyspark.SparkContext._active_spark_context", None)  # another test of this process may have one

    with pytest.raises(EnvironmentTrouble, match=rf"SEG-X22 Spark needs Java 17 or 21 .* found: {found} - do: install"):
        spark.connect(tmp_path / "spill")
    assert not (tmp_path / "spill").exists()


PARENT = """
import os, subprocess, sys
from pathlib import Path
from seglib.core import spark
os.umask(0)
folder = Path(sys.argv[1])
for quarter in range(2):
    with spark.shared(folder):
        done = subprocess.run([sys.executable, "-c", sys.argv[2], str(folder)], capture_output=True, text=True)
        mode = oct(folder.stat().st_mode & 0o777)
    print(done.stdout.strip(), mode, folder.exists(), spark.SECRET in os.environ)
    sys.stderr.write(done.stderr)
"""
CHILD = """
import sys
from pathlib import Path
import pandas as pd
from seglib.core.engine import Engine
engine = Engine.open("spark", spill=Path(sys.argv[1]) / "own")
sums = engine.memory(pd.DataFrame({"a": [1, 2]})).aggregate(total=lambda t: t.a.sum())
print(engine.frame(sums)["total"].tolist(), (Path(sys.argv[1]) / "own").exists())
"""


@pytest.mark.long
@with_pyspark
@with_java
def test_X23_R27_R28_one_java_serves_other_processes_and_leaves_nothing(tmp_path):
    """Other processes compute in the first one's Java, report after report; its private folder goes; nobody is loud."""
    place = tmp_path / "a folder with späces"
    place.mkdir()
    given = [sys.executable, "-c", PARENT, str(place / "spark"), CHILD]
    done = subprocess.run(given, capture_output=True, text=True, check=True, env={**os.environ, "TMPDIR": str(place)})

    assert done.stdout == "[3] False 0o700 False False\n" * 2
    assert done.stderr == ""
    assert list(place.iterdir()) == []
