"""Running notebooks: what counts as success, and the one sentence a failure ends in. Real kernels."""

import os

import nbformat
import pytest

from seglib.core.errors import Bug, EnvironmentTrouble, Finding, InputRefused, PrivacyRefused
from seglib.core.run import Run
from seglib.core.steps import BY_NAME
from seglib.report import execute, make

STEP = BY_NAME["02_data_collection"]
PARAMETERS = 'study: str = "demo"  # folder\nquarter: str = "2026Q3"  # quarter\nseed: int = 0  # seed'
HAND_ON = """
from dataclasses import dataclass
from typing import ClassVar
from seglib import Run
@dataclass(frozen=True)
class Toy:
    STEP: ClassVar[str] = "02_data_collection"
    note: str
Run.open(study, quarter, seed).write(Toy("done"))
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A project folder with one study and room for one notebook."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "plan.yml").write_text("study: acme\nsources: {orders: {file: orders.csv}}\n")
    (tmp_path / "work").mkdir()
    for name, value in execute.kernel_environment(tmp_path / "work").items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run_cells(home, *sources, seconds=60):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, home / "notebooks" / f"{STEP.name}.ipynb")
    return execute.execute(Run.open("acme", "2026Q3"), STEP, home / "work", seconds)


def test_X26_a_notebook_counts_as_long_as_it_is_what_it_was(home, monkeypatch):
    """What ran to its end and handed on its result need not run again; a number edited in it makes it run again."""
    done = run_cells(home, HAND_ON, "'84.5 %'")
    run = Run.open("acme", "2026Q3")
    kept = execute.executed_path(run, STEP)
    kept.parent.mkdir(parents=True)
    done.path.replace(kept)

    assert done.seconds > 0
    assert execute.is_current(run, STEP)
    assert not execute.is_current(Run.open("acme", "2026Q3", seed=1), STEP)
    assert not execute.is_changed(kept)

    kept.write_text(kept.read_text(encoding="utf-8").replace("84.5 %", "99.9 %"), encoding="utf-8")
    said: list[str] = []
    monkeypatch.setattr(execute, "execute", lambda *_: execute.Executed(STEP, home / "fresh.ipynb", 1.0))
    (home / "fresh.ipynb").write_text("84.5 %")
    make._one(run, STEP, home, said.append, False, 60)

    assert said[0] == "   02 02_data_collection.ipynb is not as it was when it had run; it runs again"
    assert kept.read_text() == "84.5 %"
    assert execute.is_changed(kept)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("import sys; sys.exit(0)", "cell 2 did not run|cell 3 did not run"),
        ("pass", "ran but handed on no result"),
        ("try:\n    run.write(1)\nexcept Exception:\n    pass", "ran but handed on no result"),
        ("1 / 0", "notebook 02_data_collection, cell [0-9]+ stopped: ZeroDivisionError"),
    ],
)
def test_X25_silent_failures_are_failures(home, cell, sentence):
    """An early exit, a swallowed error or a missing receipt never passes for success."""
    with pytest.raises(Bug, match=sentence):
        run_cells(home, cell, "1 + 1")


def test_X24_hanging_cell_is_named(home):
    """A cell that does not end is stopped and named."""
    with pytest.raises(EnvironmentTrouble, match="SEG-X24 notebook 02_data_collection, cell 2 ran longer than 2 s"):
        run_cells(home, "import time; time.sleep(60)", seconds=2)


def test_X11_dead_kernel_is_named(home):
    """A kernel that is killed ends in one sentence about the notebook."""
    with pytest.raises(EnvironmentTrouble, match="SEG-X11 notebook 02_data_collection stopped: its kernel died"):
        run_cells(home, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


@pytest.mark.parametrize(("kind", "code"), [(InputRefused, 2), (PrivacyRefused, 5)])
def test_refusal_in_a_notebook_keeps_its_sentence_and_exit_code(home, kind, code):
    """What a notebook refuses reaches the user word by word, with the place."""
    cell = f"from seglib.core.errors import *\nraise {kind.__name__}(Finding('R01', 'no consent column', do='add it'))"

    with pytest.raises(kind) as caught:
        run_cells(home, cell)
    assert str(caught.value).startswith("SEG-R01 no consent column - do: add it")
    assert "notebook 02_data_collection, cell" in str(caught.value)
    assert caught.value.exit_code == code


def test_R11_foreign_error_text_is_not_repeated(home):
    """A library's message may hold a customer's data: only its kind is shown."""
    with pytest.raises(Bug) as caught:
        run_cells(home, "raise ValueError('row of anna@example.com')")
    assert "ValueError" in str(caught.value)
    assert "anna" not in str(caught.value)


def test_P03_unknown_parameter_is_refused(home):
    """A misspelt parameter is answered with the nearest name instead of running the default quarter."""
    run_cells(home, HAND_ON)

    with pytest.raises(InputRefused, match="SEG-P03 unknown parameter .* found: quater - do: did you mean 'quarter'"):
        execute.check_parameters(STEP, {"quater": "2026Q3"})


def test_P04_parameter_name_with_code_is_refused(home):
    """Only names of the tagged cell are parameters; a name that contains code is none."""
    run_cells(home, HAND_ON)

    with pytest.raises(InputRefused, match="SEG-P03 unknown parameter"):
        execute.check_parameters(STEP, {"x = __import__('os').getpid() #": 1})


def test_X37_notebook_edited_while_running_is_refused(home):
    """What was published must be what was run."""
    path = home / "notebooks" / f"{STEP.name}.ipynb"
    edit = f"p = {str(path)!r}; t = open(p).read(); open(p, 'w').write(t.replace('# seed', '# other'))"

    with pytest.raises(InputRefused, match="SEG-X37 notebook 02_data_collection was edited while it ran"):
        run_cells(home, HAND_ON, edit)


def test_kernels_leave_nothing_in_the_home_folder(home, monkeypatch):
    """The kernels' own files go into the private work folder."""
    monkeypatch.setenv("HOME", str(home / "nowhere"))
    run_cells(home, HAND_ON)

    assert not (home / "nowhere").exists()
    assert os.environ["IPYTHONDIR"].startswith(str(home / "work"))


@pytest.mark.parametrize("name", ["plan.yml", "sources/orders.csv"])
def test_F25_what_changes_while_a_report_is_made_is_named(home, name):
    """A source or the plan that is written meanwhile is the answer, not what followed from it in some notebook."""
    path = home / "data" / "acme" / name
    (home / "data/acme/sources/orders.csv").write_text("customer_id\n")
    run = Run.open("acme", "2026Q3")
    with pytest.raises(InputRefused) as caught, make.unchanged(run, run.surroundings()):
        path.write_text(path.read_text() + "# more\n")
        raise Bug(Finding("X25", "notebook 02 ran but handed on no result"))

    assert str(caught.value).startswith(f"SEG-F25 changed while the report was made - {name} - do: wait until nothing")
    assert str(caught.value).endswith("seglib report --study acme --quarter 2026Q3")


def test_what_fails_while_nothing_changes_stays_what_it_is(home):
    """The own sentence of a failure is kept."""
    run = Run.open("acme", "2026Q3")

    with pytest.raises(Bug, match="SEG-X25"), make.unchanged(run, run.surroundings()):
        raise Bug(Finding("X25", "did not run"))
