"""All ten steps, one after the other: the same data give the same bytes, and what was planted is found."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

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
    with pytest.MonkeyPatch.context() as patch:
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
