"""All ten steps, one after the other: the same data give the same bytes, and what was planted is found."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

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

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
FOLDERS = ("00_intake", *(step.name for step in STEPS))
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
    segments = candidates.pick(run.plan.clustering.choice).named_like(before, features)
    run.write(segments)
    cards = personas.describe(segments, features, collected, run.plan, run.quarter.as_of, run.seed)
    run.write(cards)
    followed = journeys.trace(collected, segments, run.plan, run.quarter.as_of)
    run.write(followed)
    offers = content.plan_content(collected, segments, followed, run.plan, run.quarter)
    run.write(offers)
    activation.export(
        run, activation.audiences(run, offers, segments, followed.stage_of, collected, run.previous(Audience))
    )
    scores = evaluation.score(run, collected, goals, segments, before, sent)
    run.write(scores)
    run.write(refinement.refine(run, segments, before, features, run.previous(Features), scores))
    return run


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """Environment variables for this file only."""
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(1):  # as in the kernels of a report
        patch.delenv("SEGLIB_WORK", raising=False)
        yield patch


def home_with(folder: Path, environment: pytest.MonkeyPatch) -> Path:
    """An empty project folder with the demo's plan; the folder of its sources comes back."""
    sources = folder / "data" / "demo" / "sources"
    sources.mkdir(parents=True)
    shutil.copyfile(DEMO / "plan.yml", sources.parent / "plan.yml")
    environment.setenv("SEGLIB_HOME", str(folder))
    return sources


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """Both quarters of the demo shop."""
    sources = home_with(tmp_path_factory.mktemp("whole"), environment)
    shutil.copytree(DEMO / "sources", sources, dirs_exist_ok=True)
    return ten_steps("2026Q2"), ten_steps("2026Q3")


@pytest.mark.parametrize("index", [0, 1])
def test_planted_segments_are_found(demo: tuple[Run, Run], index: int) -> None:
    """The segments of each quarter agree with the planted ones: adjusted Rand index of at least 0.8."""
    run = demo[index]
    truth = pd.read_csv(DEMO / "truth" / "segments.csv", dtype="str")
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


def small_study(sources: Path, disorder: bool) -> None:
    """Every fifth customer of the demo; in disorder, the rows of all files are shuffled and the orders cut in two."""
    plan = sources.parent / "plan.yml"
    text = plan.read_text(encoding="utf-8").replace("file: orders.csv", 'file: "orders*.csv"')
    text = text.replace("largest_count: 8", "largest_count: 4\n  bootstrap_pairs: 5")
    plan.write_text(text, encoding="utf-8")
    for path in sorted((DEMO / "sources").glob("*.csv")):
        rows = pd.read_csv(path, dtype="str", keep_default_na=False)
        rows = rows[(rows["customer_id"] == "") | rows["customer_id"].str.contains("[05]$")]
        rows = rows.sample(frac=1, random_state=1) if disorder else rows
        half = len(rows) // 2 if disorder and path.stem == "orders" else len(rows)
        rows.iloc[:half].to_csv(sources / path.name, index=False)
        if half < len(rows):
            rows.iloc[half:].to_csv(sources / "orders-2.csv", index=False)


def published(run: Run) -> dict[str, bytes]:
    """All tables and facts that the steps handed on."""
    paths = [path for name in FOLDERS for path in (run.folder / name).rglob("*") if path.is_file()]
    return {path.relative_to(run.folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> list[dict[str, bytes]]:
    """What a small study published, what its rerun published, and what it published from files in disorder."""
    made = []
    for name, disorder in (("first", False), ("again", False), ("disorder", True)):
        small_study(home_with(tmp_path_factory.mktemp(name), environment), disorder)
        made.append(published(ten_steps("2026Q3")))
    return made


def test_a_rerun_gives_the_same_bytes(small: list[dict[str, bytes]]) -> None:
    """Every file of every step is the same, the manifests too."""
    assert len(small[0]) > 40
    assert [name for name, body in small[0].items() if small[1].get(name) != body] == []


def test_order_of_rows_and_files_changes_no_table(small: list[dict[str, bytes]]) -> None:
    """Rows shuffled and orders in two files: only hashes of the files and line numbers differ."""
    differ = {name for name, body in small[0].items() if small[2].get(name) != body}

    assert small[2].keys() == small[0].keys()
    assert {Path(name).name for name in differ} <= NAMES_LINES
