"""The folder of one student: a shop of their own, the exercises, a plan with gaps; or the same with solutions."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.core.glossary import PAGE
from seglib.core.home import MARKER, current_folder, outside_installations, shipped, shown
from seglib.demo_shop import tables
from seglib.demo_shop.shop import Shop as Parameters
from seglib.teach.damage import damaged
from seglib.teach.exercises import spread
from seglib.teach.notebook import write
from seglib.teach.seal import seal
from seglib.teach.shop import STUDY
from seglib.teach.task import Exercise

HEAD = "# This folder is a home of studies: seglib looks for this file from the current folder upwards.\n"
CHANGED = (
    ("study: demo\n", f"study: {STUDY}\n"),
    ("title: Demo shop\n", "title: Shop of the course\n"),
    (
        "# Every decision of the demo study. This file is the only one that a person edits.\n"
        "# The shop is invented; what was planted in it stands in truth/README.md.\n",
        "# Every decision of the study. This file is the only one that a person edits.\n"
        "# The shop is invented. Fill in each ___; the exercises say what is wanted.\n",
    ),
)
GAPS = (
    ("    metric: retention_share    #", "    metric: ___                #"),
    ("    change_share: 0.05         #", "    change_share: ___          #"),
    ("    guardrail: discount_share  #", "    guardrail: ___             #"),
)


def make(folder: Path, weeks: int, seed: int, solutions: bool = False) -> tuple[str, ...]:
    """Make the folder of one student, or the teacher's with solutions.

    Parameters
    ----------
    folder : Path
        A new or empty folder, relative to the current one.
    weeks : int
        1 to 10.
    seed : int
        Same seed, same shop.
    solutions : bool

    Returns
    -------
    tuple of str
        What was made, and what to do next.

    Raises
    ------
    InputRefused
        P02, when something lies there; P03, when the weeks are not 1 to 10 or the seed is negative.
    EnvironmentTrouble
        X14, when it cannot be written.
    """
    place = (current_folder() / folder.expanduser()).resolve()
    outside_installations(place)
    plan_of_weeks = spread(weeks)
    if seed < 0:
        raise InputRefused(Finding("P03", "a seed is 0 or more", found=str(seed)[:20], do="name another --seed"))
    if place.exists() and not (place.is_dir() and next(place.iterdir(), None) is None):
        raise InputRefused(Finding("P02", "the folder is not empty", found=shown(place), do="name a new one"))
    existed = place.exists()
    try:
        _fill(place, plan_of_weeks, seed, solutions)
    except OSError as error:
        for made in [*place.iterdir()] if existed else [place]:
            shutil.rmtree(made, ignore_errors=True) if made.is_dir() else made.unlink(missing_ok=True)
        found = error.strerror or type(error).__name__
        raise EnvironmentTrouble(
            Finding("X14", "cannot write the course", found=found, do="mend permissions")
        ) from None
    count = sum(len(week) for week in plan_of_weeks)
    kind = "with solutions, for the teacher" if solutions else "for one student"
    return (
        f"{place.name} holds {count} exercises in {weeks} weeks {kind}, and a shop of its own (seed {seed}); next:",
        "  open README.md in it",
    )


def _fill(place: Path, weeks: Sequence[Sequence[Exercise]], seed: int, solutions: bool) -> None:
    made = tables(seed, Parameters.drawn(seed))
    sources = place / "data" / STUDY / "sources"
    sources.mkdir(parents=True)
    for name, rows in made.items():
        if name.startswith("sources/"):
            _write_rows(sources.parent / f"{name}.csv", rows)
    export, planted = damaged(made["sources/orders"], seed)
    _write_rows(place / "data" / "damaged.csv", export)
    truth: dict[str, Any] = {name.partition("/")[2]: list(rows) for name, rows in made.items() if "truth/" in name}
    kept = {name: truth[name] for name in ("effects", "constants", "segments")} | {"seed": seed, "damage": planted}
    (place / "course.seal").write_text(seal(kept), encoding="ascii")
    (place / "data" / STUDY / "plan.yml").write_text(plan(solutions or not _asks_for_plan(weeks)), encoding="utf-8")
    (place / MARKER).write_text(HEAD, encoding="utf-8")
    (place / "reports").mkdir()
    shutil.copytree(shipped() / "notebooks", place / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for number, week in enumerate(weeks, start=1):
        folder = place / f"week_{number}"
        folder.mkdir()
        for each in week:
            write(each, folder, solutions)
    (place / PAGE).parent.mkdir()
    shutil.copyfile(shipped() / PAGE, place / PAGE)
    (place / "README.md").write_text(_readme(weeks), encoding="utf-8")


def _write_rows(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def plan(filled: bool = False) -> str:
    """Return the plan of the student's shop: that of the demo, with gaps unless they are filled.

    Examples
    --------
    >>> plan().count("___"), plan(filled=True).count("___")
    (4, 1)
    """
    text = (shipped() / "data" / "demo" / "plan.yml").read_text(encoding="utf-8")
    for old, new in CHANGED + (() if filled else GAPS):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _readme(weeks: Sequence[Sequence[Exercise]]) -> str:
    """Write the student's page."""
    rows = [
        " | ".join((f"| {number}", f"[{each.number} {each.title}](week_{number}/{each.file})", _titles(each))) + " |"
        for number, week in enumerate(weeks, start=1)
        for each in week
    ]
    page = (Path(__file__).with_name("student.md")).read_text(encoding="utf-8")
    return Template(page).substitute(exercises="\n".join(rows))


def _asks_for_plan(weeks: Sequence[Sequence[Exercise]]) -> bool:
    """Say whether an exercise asks to fill the plan's gaps; else there are none."""
    return any(each.name == "objectives" for week in weeks for each in week)


def _titles(exercise: Exercise) -> str:
    return "; ".join(task.title() for task in exercise.tasks)
