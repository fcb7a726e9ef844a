"""The course: a student's own shop, exercises that open the box, and checks that never tell the answer.

A notebook of the course says ``from seglib import teach``, then ``shop, answer = teach.start("03")``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.teach.exercises import catalogue, exercise
from seglib.teach.shop import Shop
from seglib.teach.task import Verdict, judged
from seglib.teach.values import plain

SEALED, ANSWERS = "course.seal", "answers"
NOT_OURS = {"notebooks", "data", "reports", ".ipynb_checkpoints"}  # the workbench's notebooks have the same names
_shops: dict[Path, Shop] = {}
_answers: dict[str, Answer] = {}


class Answer:
    """What a student hands over: ``answer.days = ...`` keeps the value beside the notebook.

    Parameters
    ----------
    file : Path
        Where the values are kept, as JSON.
    """

    _file: Path
    _values: dict[str, Any]
    _said: dict[str, Any]

    def __init__(self, file: Path) -> None:
        object.__setattr__(self, "_file", file)
        object.__setattr__(self, "_said", {})
        object.__setattr__(self, "_values", kept_in(file))

    def __setattr__(self, name: str, value: Any) -> None:
        if value is Ellipsis:
            return
        self._values[name] = plain(value)
        self._said[name] = value
        try:
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(json.dumps(self._values), encoding="utf-8")
        except OSError as error:
            found, do = error.strerror or type(error).__name__, "mend permissions of the notebook's folder"
            raise EnvironmentTrouble(Finding("X14", "cannot write the answers", found=found, do=do)) from None

    def __getattr__(self, name: str) -> Any:
        if name in self._said:
            return self._said[name]
        raise AttributeError(f"answer.{name} is not set yet")

    def given(self) -> dict[str, Any]:
        """Return the plain values by name."""
        return dict(self._values)


def kept_in(file: Path) -> dict[str, Any]:
    """Read the answers of an exercise; none where there is no file.

    Raises
    ------
    InputRefused
        P05, when the file was changed by hand into something else.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return {str(name): value for name, value in values.items()}
    except (ValueError, AttributeError):
        raise InputRefused(Finding("P05", "answers cannot be read", file.name, do="remove the file")) from None


def _course_folder(start: Path | None = None) -> Path:
    """Return the nearest folder of a course, from the current one upwards.

    Raises
    ------
    EnvironmentTrouble
        X35, when there is none.
    """
    here = (start or Path.cwd()).resolve()
    for each in (here, *here.parents):
        if (each / SEALED).is_file():
            return each
    do = "open the notebook where the course's folder is"
    raise EnvironmentTrouble(Finding("X35", "no folder of a course in this folder or above it", do=do))


def _shop(folder: Path) -> Shop:
    if folder not in _shops:
        _shops[folder] = Shop(folder)
    return _shops[folder]


def start(number: str) -> tuple[Shop, Answer]:
    """Begin an exercise.

    Parameters
    ----------
    number : str
        As in ``"03"``.

    Returns
    -------
    tuple of Shop and Answer
        The student's data, and what takes the answers.
    """
    wanted = exercise(number).number
    _answers[wanted] = Answer(Path.cwd() / ANSWERS / f"{wanted}.json")
    return _shop(_course_folder()), _answers[wanted]


def check(number: str) -> float | pd.DataFrame:
    """Say of a task, or of every task of an exercise, whether it is done, how far off it is, and a hint.

    Parameters
    ----------
    number : str
        A task such as ``"3.1"``, or an exercise such as ``"03"``.

    Returns
    -------
    float or DataFrame
        The points of the task, which nbgrader reads; or one row per task.
    """
    from IPython.display import display

    wanted = exercise(str(number).partition(".")[0])
    answer = _answers.get(wanted.number) or start(wanted.number)[1]
    shop, given = _shop(_course_folder()), answer.given()
    if "." in str(number):
        verdict = judged(wanted.task(str(number)), shop, given)
        display(verdict)  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        return float(verdict.points)
    return _table([judged(task, shop, given) for task in wanted.tasks])


def _table(verdicts: list[Verdict]) -> pd.DataFrame:
    rows = [(v.task.number, v.task.title(), v.state, f"{v.points} of {v.task.points}") for v in verdicts]
    return pd.DataFrame(rows, columns=["task", "title", "state", "points"]).set_index("task")


def look(folder: Path) -> tuple[str, ...]:
    """Say of every task in a course's folder whether it is done, how far off it is, and a hint.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tuple of str
        One line per task of the exercises that lie in the folder, then the points in all.
    """
    place = _course_folder(folder)
    shop, verdicts = Shop(place), []
    for each in catalogue():
        for notebook in sorted(place.rglob(each.file)):
            if not {*notebook.relative_to(place).parts[:-1]} & NOT_OURS:
                given = kept_in(notebook.parent / ANSWERS / f"{each.number}.json")
                verdicts += [judged(task, shop, given) for task in each.tasks]
    points, most = sum(v.points for v in verdicts), sum(v.task.points for v in verdicts)
    done = sum(v.state == "done" for v in verdicts)
    return (*(v.text() for v in verdicts), f"{done} of {len(verdicts)} tasks are done: {points} of {most} points.")
