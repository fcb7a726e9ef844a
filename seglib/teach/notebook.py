"""Notebooks from exercises: the student's with gaps, the teacher's with solutions, both with nbgrader's tags."""

from __future__ import annotations

from typing import Any

import nbformat

from seglib.core.glossary import PAGE, named_in
from seglib.teach.task import Exercise, Task, body

READING_MINUTES, WORK_MINUTES = 10, 30
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SCHEMA = 3  # of nbgrader's metadata
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(exercise: Exercise, solutions: bool = False) -> Any:
    """Build the notebook of an exercise.

    Parameters
    ----------
    exercise : Exercise
    solutions : bool
        The teacher's notebook: solutions stand between the marks that nbgrader takes them out by.

    Returns
    -------
    NotebookNode
        Its cells have the same ids each time.
    """
    cells = [_prose("title", _head(exercise)), _code("setup", exercise.opening, locked=True)]
    for task in exercise.tasks:
        name = task.number.replace(".", "-")
        cells.append(_prose(f"text-{name}", _text(task)))
        source = f"{BEGIN}\n{body(task.solution)}\n{END}" if solutions else task.starter()
        cells.append(_code(f"task-{name}", source, solution=True))
        cells.append(_code(f"check-{name}", f'teach.check("{task.number}")', locked=True, points=task.points))
    cells.append(_prose("end", "## Where you are\n\nSave the notebook; your answers are kept beside it."))
    cells.append(_code("all", f'teach.check("{exercise.number}")', locked=True))
    for cell in cells:
        cell.id = f"e{exercise.number}-{cell.id}"
        cell.metadata.nbgrader.grade_id = cell.id
    return nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)


def write(exercise: Exercise, folder: Any, solutions: bool = False) -> None:
    """Write the notebook of an exercise into a folder."""
    text = nbformat.writes(notebook(exercise, solutions), version=4)
    (folder / exercise.file).write_text(text + "\n", encoding="utf-8")


def _head(exercise: Exercise) -> str:
    points = sum(task.points for task in exercise.tasks)
    minutes = f"*{READING_MINUTES} minutes of reading, {WORK_MINUTES} of work; {points} points.*"
    return f"# {exercise.number} {exercise.title}\n\n{minutes}\n\n{exercise.reading}{_words(exercise)}"


def _words(exercise: Exercise) -> str:
    """Link the terms of an exercise that stand in the glossary, which lies in the student's folder."""
    said = " ".join([exercise.reading, *(f"{task.text()} {task.idea}" for task in exercise.tasks)])
    linked = ", ".join(f"[{term.name}](../{PAGE}#{term.anchor})" for term in named_in(said))
    return f"\n\nIn the glossary: {linked}." if linked else ""


def _text(task: type[Task]) -> str:
    wanted = ", ".join(f"`answer.{name}`" for name in task.answers)
    tail = f"**The idea:** {task.idea}\n\n**Set:** {wanted} ({task.points} points)"
    return f"## {task.number} {task.title()}\n\n{task.text()}\n\n{tail}"


def _tags(locked: bool, solution: bool, points: int) -> dict[str, Any]:
    tags = {"schema_version": SCHEMA, "grade": points > 0, "solution": solution, "locked": locked, "task": False}
    return {"nbgrader": tags | ({"points": points} if points else {})}


def _prose(name: str, text: str) -> Any:
    return nbformat.v4.new_markdown_cell(text, id=name, metadata=_tags(locked=True, solution=False, points=0))


def _code(name: str, source: str, locked: bool = False, solution: bool = False, points: int = 0) -> Any:
    return nbformat.v4.new_code_cell(source, id=name, metadata=_tags(locked, solution, points))
