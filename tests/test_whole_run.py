"""All ten steps, one after the other: the same data give the same bytes, and what was planted is found."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from seglib import __main__ as cli
from seglib import (
    activation,
    clustering,
    collection,
    content,
    criteria,
    evaluation,
    journeys,
    objectives,
    personas,
    refinement,
)
from seglib.activation import Audience
from seglib.clustering import Segmentation
from seglib.core.privacy import pseudonyms
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.criteria import Features
from seglib.refinement import Refinement

FOLDERS = ("00_intake", *(step.name for step in STEPS))
FILE, FILES = "file: orders.csv", "file: orders*.csv"
NAMES_LINES = {"manifest.json", "findings.parquet"}  # hashes of the files, and lines in them


def ten_steps(quarter: str) -> Run:
    """What the code cells of the ten notebooks do, without their tables and pictures."""
    run = Run.open("demo", quarter)
    goals = objectives.baselines(run)
    collected = collection.collect(run)
    run.write(goals)
    run.write(collected)
    features = criteria.compute(collected, run)
    run.write(features)
    before, sent = run.previous(Segmentation), run.previous(Audience)
    candidates = clustering.compare(features, run.plan.clustering, run.seed)
    segments = clustering.keep_or_refit(candidates, before, run.plan, run.seed).segmentation
    run.write(segments)
    cards = personas.describe(segments, features, collected, run.plan, run.quarter.as_of, run.seed)
    run.write(cards)
    followed = journeys.trace(collected, segments, run.plan, run.quarter.as_of, before, run.seed)
    run.write(followed)
    offers = content.plan_content(collected, segments, followed, run.plan, run.quarter, before)
    run.write(offers)
    activation.export(run, activation.audiences(run, offers, segments, followed.stage_of, collected, sent))
    scores = evaluation.score(run, collected, goals, segments, before, sent)
    run.write(scores)
    earlier, audience = run.previous(Features), run.read(Audience)
    refined = refinement.refine(run, segments, before, features, earlier, scores, audience)
    run.write(refined, refined.save_draft)
    return run


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """Both quarters of the demo shop, as the notebooks made them."""
    monkeypatch.setenv("SEGLIB_HOME", str(demo_home))
    return Run.open("demo", "2026Q2"), Run.open("demo", "2026Q3")


@pytest.mark.parametrize("index", [0, 1])
def test_planted_segments_are_found(demo: tuple[Run, Run], index: int) -> None:
    """The segments of each quarter agree with the planted ones: adjusted Rand index of at least 0.8."""
    run = demo[index]
    truth = pd.read_csv(run.folder.parents[1] / "truth" / "segments.csv", dtype="str")
    truth["customer"] = pseudonyms(truth["customer_id"], run.key)
    labels = run.engine.frame(run.read(Segmentation).labels).dropna(subset="segment").merge(truth, "inner")

    assert len(labels) > 1_000
    assert adjusted_rand_score(labels[f"segment_{run.quarter.text}"], labels["segment"]) >= 0.8


def test_names_carry_over(demo: tuple[Run, Run]) -> None:
    """Every segment of the first quarter is found again under its name, with its identity."""
    first, second = (run.read(Segmentation).segments.set_index("name")["identity"].to_dict() for run in demo)
    events = demo[1].read(Refinement).identity.set_index("name")["event"].to_dict()

    assert {name: second.get(name) for name in first} == first
    assert sorted({events[name] for name in first}) == ["split", "survive"]  # one was planted to split


def test_the_migration_table_adds_up(demo: tuple[Run, Run]) -> None:
    """Customers and money that leave one quarter's segments arrive in the other's, to the unit."""
    moved = demo[1].read(Refinement).migration
    before, now = (run.read(Segmentation).segments.set_index("name").sort_index() for run in demo)
    left = moved.groupby("from_name")[["customers", "value_previous_minor"]].sum()
    arrived = moved.groupby("to_name")[["customers", "value_current_minor"]].sum()

    assert left.loc[before.index].to_numpy().tolist() == before[["customers", "revenue_minor"]].to_numpy().tolist()
    assert arrived.loc[now.index].to_numpy().tolist() == now[["customers", "revenue_minor"]].to_numpy().tolist()


def test_M6_a_file_of_customers_gets_the_segments_of_the_run(
    demo: tuple[Run, Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verb assign, fed with the run's own criteria as a file, gives every customer the run's own segment."""
    run = demo[1]
    run.engine.frame(run.read(Features).values).to_csv(tmp_path / "crm.csv", index=False)
    code = cli.main(["assign", str(tmp_path / "crm.csv"), "--study", "demo", "--quarter", "2026Q3"])
    given = pd.read_csv(tmp_path / "crm_segments.csv").set_index("customer")["segment"]
    labels = run.engine.frame(run.read(Segmentation).labels).set_index("customer")["segment"]

    assert code == 0
    assert f"{len(labels):,} customers got a segment" in capsys.readouterr().out
    assert given.equals(labels.loc[given.index].astype(given.dtype))


def shuffle(sources: Path) -> None:
    """Put the rows of every file into another order, and cut the orders in two."""
    plan = sources.parent / "plan.yml"
    plan.write_text(plan.read_text(encoding="utf-8").replace(FILE, FILES), encoding="utf-8")
    for path in sorted(sources.glob("*.csv")):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(1).shuffle(rows)
        half = len(rows) // 2 if path.stem == "orders" else 0
        path.write_text("".join([header, *rows[half:]]), encoding="utf-8")
        if half:
            (sources / "orders-2.csv").write_text("".join([header, *rows[:half]]), encoding="utf-8")


def published(run: Run) -> dict[str, bytes]:
    """All tables and facts that the steps handed on; the draft of the next plan quotes the name of the file."""
    paths = [path for name in FOLDERS for path in (run.folder / name).rglob("*") if path.is_file()]
    bodies = {path.relative_to(run.folder).as_posix(): path.read_bytes() for path in paths}
    return {name: body.replace(FILES.encode(), FILE.encode()) for name, body in bodies.items()}


def test_X33_shuffled_and_split_files_change_no_table(
    demo: tuple[Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made again without notebooks, all files have the same bytes but for hashes of sources and numbers of lines."""
    first = published(demo[1])
    shutil.copytree(demo[1].folder.parents[1], tmp_path / "data" / "demo")
    shutil.rmtree(tmp_path / "data" / "demo" / "runs" / "2026Q3")
    shuffle(tmp_path / "data" / "demo" / "sources")
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    with threadpool_limits(1):  # as in the kernels of a report
        second = published(ten_steps("2026Q3"))
    differ = {Path(name).name for name, body in first.items() if second.get(name) != body}

    assert len(first) > 40
    assert first.keys() == second.keys()
    assert differ <= NAMES_LINES


TWIN = """
import os
from seglib import collection, criteria
from seglib.core.run import Run
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
run = Run.open("demo", "2026Q3")
collected = collection.collect(run)
run.write(collected)
run.write(criteria.compute(collected, run))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process on one processor")
def test_X31_X32_neither_the_surroundings_nor_the_number_of_threads_change_a_byte(
    demo: tuple[Run, Run], tmp_path: Path
) -> None:
    """Intake and criteria, made on one processor with another zone, language and hash seed, have the same bytes."""
    first = published(demo[1])
    sources = shutil.ignore_patterns("runs", "private")
    shutil.copytree(demo[1].folder.parents[1], tmp_path / "data" / "demo", ignore=sources)
    strange = {"TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
    given = {**os.environ, **strange, "SEGLIB_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", TWIN], env=given, check=True)
    folder = tmp_path / "data" / "demo" / "runs" / "2026Q3"
    second = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    made = {name: body for name, body in first.items() if name.startswith(("00_", "02_", "03_"))}

    assert len(made) > 20
    assert made == second
