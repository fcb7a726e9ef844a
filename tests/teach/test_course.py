"""The course: every solution is right, every slip is caught with its own hint, and nothing tells the answer."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from seglib import __main__ as cli
from seglib import teach
from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.one_thread import one_thread
from seglib.teach import course as course_module
from seglib.teach import folder
from seglib.teach.counting import coin_p_values
from seglib.teach.exercises import catalogue, exercise, spread
from seglib.teach.notebook import BEGIN, notebook
from seglib.teach.seal import seal
from seglib.teach.shop import Shop
from seglib.teach.task import Exercise, Task, judged, kept, run
from seglib.teach.values import gap, plain

SEEDS = [7, pytest.param(8, marks=pytest.mark.long), pytest.param(11, marks=pytest.mark.long)]
EXERCISES = [pytest.param(each, id=each.name) for each in catalogue()]
TASKS = [pytest.param(task, id=f"{task.number}_{task.__name__}") for each in catalogue() for task in each.tasks]


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Return a function from a seed to the teacher's folder, made once."""
    made: dict[int, Path] = {}

    def find(seed: int) -> Path:
        if seed not in made:
            made[seed] = tmp_path_factory.mktemp("course") / f"seed_{seed}"
            folder.make(made[seed], 4, seed, solutions=True)
        return made[seed]

    return find


def cells(book: Any) -> list[str]:
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def made(shop: Shop, task: type[Task], name: str) -> dict[str, Any]:
    """Return what a slip's code hands over; the hints of the task look at the same values."""
    return kept(shop, f"{task.number} {name}", lambda: run(task.slips()[name].code, shop))


def week_of(place: Path, each: Exercise) -> Path:
    return next(place.rglob(f"week_*/{each.file}")).parent


@pytest.mark.parametrize("each", EXERCISES)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_solution_is_right(course: Callable[[int], Path], monkeypatch: Any, seed: int, each: Exercise) -> None:
    """The cells of the teacher's notebook, run from the first to the last, earn all points."""
    place = week_of(course(seed), each)
    monkeypatch.chdir(place)
    names: dict[str, Any] = {}
    with one_thread():  # beside other work, threads that wait for each other take ten times as long
        for source in cells(nbformat.read(place / each.file, as_version=4)):
            exec(compile(source, each.file, "exec"), names)
        table = teach.check(each.number)

    assert table["state"].tolist() == ["done"] * len(each.tasks)
    assert len(each.tasks) in (3, 4, 5)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_slip_is_caught_with_its_own_hint(course: Callable[[int], Path], seed: int, task: type[Task]) -> None:
    """Whoever goes a wrong way that many take reads the hint that leads back from it."""
    shop = course_module._shop(course(seed))
    said = {}
    for name in task.slips():
        verdict = judged(task, shop, made(shop, task, name))
        said[name] = (verdict.state, verdict.words.partition(" Hint: ")[2])

    assert len(said) >= 2
    assert said == {name: ("not yet", slip.hint) for name, slip in task.slips().items()}


@pytest.mark.parametrize("task", TASKS)
def test_a_verdict_never_tells_the_answer(course: Callable[[int], Path], task: type[Task]) -> None:
    """Neither an open task, nor a wrong answer of any kind, brings out a right value."""
    shop = course_module._shop(course(7))
    right = kept(shop, f"{task.number} right", lambda: task.reference(shop))
    wrongs: list[Any] = [-123.25, "nothing", {}, [], None]
    told = [judged(task, shop, {}).text()]
    told += [judged(task, shop, dict.fromkeys(task.answers, wrong)).text() for wrong in wrongs]
    values = [
        value for answer in right.values() for value in (answer.values() if isinstance(answer, dict) else [answer])
    ]
    numbers = {f"{value:.6g}" for value in values if isinstance(value, float) and abs(value) > 1e-9}

    assert all("not yet" in text for text in told[1:])
    assert not [number for number in numbers for text in told if len(number) > 3 and number in text]


@pytest.mark.parametrize("seed", SEEDS)
def test_one_of_forty_coins_looks_like_a_finding(course: Callable[[int], Path], seed: int) -> None:
    """One alone misleads and all forty together do not: a shop without a false finding would not show it."""
    p = coin_p_values(course_module._shop(course(seed)))

    assert p.min() < 0.05 < benjamini_hochberg(p).min()


def test_a_gap_says_where_to_look_and_never_the_value() -> None:
    """Per cent in the place of a share, and names of entries; where names are numbers to choose from, only a count."""
    fields = {"metric": "nps", "change_share": 0.05}

    assert "per cent" in gap(5.0, 0.05).words
    assert gap({"metric": "nps", "change_share": 5}, fields).words == "1 of 2 entries are right, change_share is not"
    assert (
        gap({"1": "peeking", "2": "peeking"}, {"1": "no control", "2": "peeking"}).words == "1 of 2 entries are right"
    )
    assert gap(dict.fromkeys("abcd", 1), dict.fromkeys("abcd", 2)).words.endswith("the first that is not: a")


@pytest.mark.parametrize("each", EXERCISES)
def test_the_students_notebook_has_gaps_and_no_solution(each: Exercise) -> None:
    """In the place of a solution stand the names to set; everything else is the same as the teacher's."""
    mine, teachers = notebook(each), notebook(each, solutions=True)
    gaps = [cell for cell in mine.cells if cell.metadata.nbgrader.solution]

    assert [cell.id for cell in mine.cells] == [cell.id for cell in teachers.cells]
    assert all(line.endswith(" = ...") for cell in gaps for line in cell.source.splitlines())
    assert BEGIN not in "".join(cells(mine))
    assert len([cell for cell in teachers.cells if BEGIN in cell.source]) == len(gaps) == len(each.tasks)
    assert nbformat.writes(notebook(each)) == nbformat.writes(mine)


@pytest.mark.parametrize("each", EXERCISES)
def test_cells_carry_the_tags_of_nbgrader(each: Exercise) -> None:
    """Solutions are open, checks are locked and have points, and every id occurs once."""
    tags = [cell.metadata.nbgrader for cell in notebook(each).cells]
    graded = [tag for tag in tags if tag.grade]

    assert len({tag.grade_id for tag in tags}) == len(tags)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", tag.grade_id) for tag in tags)
    assert [tag.points for tag in graded] == [task.points for task in each.tasks]
    assert all(tag.locked != tag.solution for tag in tags)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_says_what_it_teaches(task: type[Task]) -> None:
    """A title, a text that names each answer, one idea in one sentence or two, and hints that are sentences."""
    said = f"{task.text()} {' '.join(task.answers)}"

    assert 40 < len(task.idea) < 160
    assert all(name in said for name in task.answers)
    assert len(task.text()) > 100
    assert all(each.hint.endswith(".") for each in task.slips().values())


def test_a_course_is_spread_over_its_weeks() -> None:
    """Three weeks and more have all exercises in order, fewer weeks have fewer."""
    numbers = {weeks: [each.number for week in spread(weeks) for each in week] for weeks in range(1, 11)}

    assert all(numbers[weeks] == [f"{n:02d}" for n in range(1, 11)] for weeks in range(3, 11))
    assert len(numbers[1]) < len(numbers[2]) < 10
    assert all(all(week) for weeks in range(1, 11) for week in spread(weeks))


def test_no_truth_is_readable_in_a_students_folder(course: Callable[[int], Path], tmp_path: Path) -> None:
    """No file of the shop names a planted segment, an effect or a parameter; the seal holds them."""
    place = tmp_path / "student"
    folder.make(place, 1, 7)
    files = [path for path in place.rglob("*") if path.is_file() and "notebooks" not in path.parts]
    words = ("bargain_hunters", "loyal_regulars", "effect_share", "drift_factor", "net_pence", BEGIN)
    found = [(path.name, word) for path in files for word in words if word in path.read_text(encoding="utf-8")]

    assert found == []
    assert {row["segment"] for row in Shop(place).truth["effects"]} >= {"bargain_hunters"}
    assert (place / "data/shop/sources/orders.csv").read_bytes() == (
        course(7) / "data/shop/sources/orders.csv"
    ).read_bytes()


def test_the_plan_is_refused_until_its_gaps_are_filled(course: Callable[[int], Path], tmp_path: Path) -> None:
    """The workbench reads the teacher's plan, and names the gaps of the student's."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "plan.yml").write_text(folder.plan())
    filled = Plan.load(course(7) / "data" / "shop" / "plan.yml")

    assert (filled.study, filled.objectives[0].metric) == ("shop", "retention_share")
    with pytest.raises(InputRefused, match=r"objectives.*___"):
        Plan.load(place / "plan.yml")


def test_the_teachers_page_lists_every_exercise() -> None:
    """With its title and its tasks."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "teaching.md").read_text(encoding="utf-8").lower()
    named = [each.title for each in catalogue()] + [
        f"{task.number} {task.title()}" for each in catalogue() for task in each.tasks
    ]

    assert [name for name in named if name.lower() not in page] == []


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, capsys: Any) -> None:
    """Nothing is written over."""
    (tmp_path / "mine.txt").write_text("mine")

    assert cli.main(["teach", str(tmp_path)]) == 2
    assert "SEG-P02 the folder is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--weeks", "11"], "a course has 1 to 10 weeks"),
        (["--seed", "-1"], "a seed is 0 or more"),
    ],
)
def test_impossible_courses_are_refused(tmp_path: Path, capsys: Any, arguments: list[str], sentence: str) -> None:
    """One sentence, and no folder."""
    assert cli.main(["teach", str(tmp_path / "new"), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_check_says_where_a_student_is(course: Callable[[int], Path], tmp_path: Path, capsys: Any) -> None:
    """Open, wrong and done, from what the cells have left beside the notebook."""
    place = tmp_path / "student"
    (place / "week_1" / "answers").mkdir(parents=True)
    (place / "data").symlink_to(course(7) / "data")
    (place / "course.seal").write_bytes((course(7) / "course.seal").read_bytes())
    folder.write(exercise("03"), place / "week_1")
    (place / "notebooks").mkdir()
    folder.write(exercise("03"), place / "notebooks")  # the workbench's notebook has the same name
    (place / "week_1" / "answers" / "03.json").write_text(json.dumps({"leak": "c4", "scores": 5}))

    assert cli.main(["check", str(place)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("3.1 Days since the last order: open (0 of 2 points). Not set yet: answer.recency_days.")
    assert "3.2 Scores from 1 to 5: not yet (0 of 3 points). answer.scores: a Series, a DataFrame or a dict" in lines[1]
    assert lines[2] == "3.3 Which criterion knows the future?: done (2 of 2 points)."
    assert lines[-1] == "1 of 4 tasks are done: 2 of 9 points."


def test_X35_check_outside_of_a_course_says_so(tmp_path: Path, capsys: Any) -> None:
    """There is no course to look at."""
    assert cli.main(["check", str(tmp_path)]) == 4
    assert "SEG-X35 no folder of a course in this folder or above it" in capsys.readouterr().err


def test_answers_changed_by_hand_are_refused(tmp_path: Path) -> None:
    """What is no table of answers is named with its file."""
    (tmp_path / "03.json").write_text("[1, 2")

    with pytest.raises(InputRefused, match="SEG-P05 answers cannot be read - 03.json"):
        course_module.kept_in(tmp_path / "03.json")


def test_an_answer_that_is_no_value_is_refused(tmp_path: Path) -> None:
    """A function is no answer; three dots are none yet."""
    answer = teach.Answer(tmp_path / "answers" / "03.json")
    answer.leak = ...

    with pytest.raises(InputRefused, match="SEG-P03 an answer must be a number, a word"):
        answer.leak = print
    assert answer.given() == {}
    with pytest.raises(AttributeError, match="answer.leak is not set yet"):
        _ = answer.leak


def test_a_number_for_true_is_not_right() -> None:
    """1 is no word and no True; a list has no order where a set is wanted."""
    assert not gap(1, True).same
    assert not gap(True, 1.0).same
    assert gap(["b", "a"], ["a", "b"]).same
    assert gap(plain({"a", "b"}), plain(["b", "a"])).same


def test_a_seal_that_was_changed_is_refused(tmp_path: Path) -> None:
    """The sentence names the file."""
    (tmp_path / "course.seal").write_text(seal({"seed": 7})[:-4])

    with pytest.raises(InputRefused, match="SEG-P05 the seal of the course is broken - course.seal"):
        _ = Shop(tmp_path).truth


def test_an_exercise_runs_in_a_kernel(course: Callable[[int], Path]) -> None:
    """As a student runs it: the last cell shows that all tasks are done, the checks show their points."""
    place = week_of(course(7), exercise("03"))
    book = nbformat.read(place / "03_criteria.ipynb", as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    shown = [out for cell in book.cells for out in cell.get("outputs", []) if out.output_type == "execute_result"]

    assert [out.data["text/plain"] for out in shown[1:-1]] == ["2.0", "3.0", "2.0", "2.0"]
    assert shown[-1].data["text/plain"].count("done") == 4
