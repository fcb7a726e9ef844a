"""The ten steps without notebooks, and what they hand on as bytes: shared by the tests that compare whole runs."""

from pathlib import Path

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
    scores = evaluation.score(run, collected, goals, segments, before, sent, run.previous(Segmentation, 2))
    run.write(scores)
    earlier, audience = run.previous(Features), run.read(Audience)
    refined = refinement.refine(run, segments, before, features, earlier, scores, audience)
    run.write(refined, refined.save_draft)
    return run
