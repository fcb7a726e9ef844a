"""The same bytes on every machine: older processors, other threads, hash seeds, zones and languages."""

import io
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import golden
import numpy as np
import pandas as pd
import pytest
from golden import DEMO
from surroundings import HERE, NEW, OLD, OLDEST, ONE_BY_ONE, Machine
from ten_steps import published

SOURCES = shutil.ignore_patterns("runs", "private")


def apart(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Name the files that differ, and the columns of tables in which they do."""
    differ = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return {name: _columns(one.get(name, b""), other.get(name, b"")) for name in differ}


def _columns(one: bytes, other: bytes) -> list[str]:
    if not (one.startswith(b"PAR1") and other.startswith(b"PAR1")):
        return []
    first, second = (pd.read_parquet(io.BytesIO(body)) for body in (one, other))
    return [name for name in first if name not in second or not first[name].equals(second[name])]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another shop that the generator makes."""
    home = tmp_path_factory.mktemp("small")
    golden.write_small(home)
    return home


def run_on(machine: Machine, home: Path, tmp_path: Path, study: str, *quarters: str) -> dict[str, bytes]:
    """Run the ten steps of a study there, in a folder of their own."""
    shutil.copytree(home / "data" / study, tmp_path / "data" / study, ignore=SOURCES)
    return machine.run(tmp_path, study, *quarters)


def test_a_run_can_pretend_to_be_on_an_older_processor() -> None:
    """The setting does what the other tests believe: numpy finds none of the loops that it has for this processor."""
    code = "from numpy._core._multiarray_umath import __cpu_features__ as found; print(found)"
    settings = {**OLD.settings, "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    found = dict(part.strip("{} \n").split(": ") for part in done.stdout.split(", "))

    assert OLDEST or sys.platform != "linux"
    assert [name for name in OLDEST.split(",") if name and found[f"'{name}'"] == "True"] == []


def test_X31_X32_both_quarters_of_the_demo_hand_on_what_is_stored_of_another_machine(demo_home: Path) -> None:
    """One thread of the oldest processor, another zone, language and hash seed: tables, facts, files and pages."""
    stored, made = golden.stored("demo"), golden.of_demo(demo_home)

    assert len(stored) > 270
    assert made.keys() == stored.keys()
    assert [name for name in made if made[name] != stored[name]] == []


@pytest.mark.wide
def test_X31_X32_the_ten_steps_of_a_small_study_hand_on_what_is_stored_of_another_machine(tmp_path: Path) -> None:
    """One thread of an older processor, with another zone, language and hash seed."""
    golden.write_small(tmp_path)
    stored = golden.stored("small")
    made = golden.of_tables(NEW.run(tmp_path, "small", "2026Q3"), "2026Q3", "small")

    assert len(stored) > 120
    assert made.keys() == stored.keys()
    assert [name for name in made if made[name] != stored[name]] == []


@pytest.mark.wide
def test_X31_X32_the_ten_steps_of_the_demo_give_the_same_bytes_on_another_machine(demo_home, tmp_path) -> None:
    """On one thread of an older processor, with another zone, language and hash seed: what the notebooks handed on."""
    runs = demo_home / "data" / "demo" / "runs"
    shutil.copytree(DEMO, tmp_path / "data" / "demo", ignore=SOURCES)
    shutil.copytree(runs / "2026Q2", tmp_path / "data" / "demo" / "runs" / "2026Q2")
    made = NEW.run(tmp_path, "demo", "2026Q3")

    assert len(made) > 60
    assert apart(published(runs / "2026Q3"), made) == {}


def test_X31_a_hash_tells_a_last_digit_and_a_column_apart() -> None:
    """Bytes that another version of the writer makes are the same; a value or a kind that differs is not."""
    frame = pd.DataFrame({"customers": [3, 4], "share": [0.25, 0.75]})
    said = [frame, frame.assign(share=[0.25, np.nextafter(0.75, 1)]), frame.astype({"customers": "int32"})]
    hashes = [golden.digest(golden.content("a.parquet", table.to_parquet())) for table in said]

    assert golden.digest(golden.content("a.parquet", frame.to_parquet(compression="gzip"))) == hashes[0]
    assert len(set(hashes)) == 3


@pytest.mark.long
def test_a_small_study_gives_the_same_bytes_on_an_older_processor(small: Path, tmp_path: Path) -> None:
    """The oldest processor, one thread, and everything else changed as well."""
    here = run_on(HERE, small, tmp_path / "here", "small", "2026Q3")
    there = run_on(OLD, small, tmp_path / "there", "small", "2026Q3")

    assert len(here) > 60
    assert apart(here, there) == {}


@pytest.fixture(scope="session")
def usual(small: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What both studies hand on here."""
    base = tmp_path_factory.mktemp("usual")
    demo = run_on(HERE, DEMO.parents[1], base / "demo", "demo", "2026Q2", "2026Q3")
    return {"demo": demo, "small": run_on(HERE, small, base / "small", "small", "2026Q3")}


@pytest.mark.long
@pytest.mark.parametrize("name", [*ONE_BY_ONE, "all at once"])
def test_every_machine_of_the_matrix_gives_the_same_bytes(name: str, usual, small: Path, tmp_path: Path) -> None:
    """Both quarters of the demo, and the small study, with one thing changed at a time."""
    machine = ONE_BY_ONE.get(name, OLD)
    demo = run_on(machine, DEMO.parents[1], tmp_path / "demo", "demo", "2026Q2", "2026Q3")
    other = run_on(machine, small, tmp_path / "small", "small", "2026Q3")

    assert apart(usual["demo"], demo) == {}
    assert apart(usual["small"], other) == {}
