"""The ten steps without notebooks, and what they hand on as bytes: shared by the tests that compare whole runs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.criteria import Features

FOLDERS = ("00_intake", *(step.name for step in STEPS))
FILE, FILES = "file: orders.csv", "file: orders*.csv"


def published(run: Path) -> dict[str, bytes]:
    """All tables and facts that a run handed on; the draft of the next plan quotes the name of the file."""
    paths = [path for name in FOLDERS for path in (run / name).rglob("*") if path.is_file()]
    bodies = {path.relative_to(run).as_posix(): path.read_bytes() for path in paths}
    return {name: body.replace(FILES.encode(), FILE.encode()) for name, body in bodies.items()}


def handed_on(run: Run, result: Any, files: Callable[[Path], None] | None = None) -> Any:
    """Write what a step made and read it back, as the next notebook does."""
    run.write(result, files)
    return run.read(type(result))


def ten_steps(quarter: str, study: str = "demo") -> Run:
    """What the code cells of the ten notebooks do, without their tables and pictures."""
    run = Run.open(study, quarter)
    goals = handed_on(run, objectives.baselines(run))
    collected = handed_on(run, collection.collect(run))
    features = handed_on(run, criteria.compute(collected, run))
    before, sent = run.previous(Segmentation), run.previous(Audience)
    candidates = clustering.compare(features, run.plan.clustering, run.seed)
    segments = handed_on(run, clustering.keep_or_refit(candidates, before, run.plan, run.seed).segmentation)
    handed_on(run, personas.describe(segments, features, collected, run.plan, run.quarter.as_of, run.seed))
    followed = journeys.trace(collected, segments, run.plan, run.quarter.as_of, before, run.seed)
    followed = handed_on(run, followed)
    offers = content.plan_content(collected, segments, followed, run.plan, run.quarter, before)
    offers = handed_on(run, offers)
    activation.export(run, activation.audiences(run, offers, segments, followed.stage_of, collected, sent))
    two_before = run.previous(Segmentation, 2)
    scores = handed_on(run, evaluation.score(run, collected, goals, segments, before, sent, two_before))
    earlier, audience = run.previous(Features), run.read(Audience)
    refined = refinement.refine(run, segments, before, features, earlier, scores, audience)
    handed_on(run, refined, refined.save_draft)
    return run


if __name__ == "__main__":
    if os.environ.get("OMP_NUM_THREADS") == "1" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # then DuckDB has one thread, too
    for word in sys.argv[2:]:
        ten_steps(word, sys.argv[1])
