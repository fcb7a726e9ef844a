"""Whole runs of small studies that are not the demo: every method to the end, and hardly anybody who repeats."""

import shutil
from pathlib import Path

import pytest
from small_studies import write
from ten_steps import ten_steps

from seglib.clustering import Segmentation
from seglib.core.run import Run
from seglib.methods.models import METHODS
from seglib.refinement import Refinement

QUICK = "bootstrap_pairs: 5, largest_count: 3, smallest_count: 2"
NUMBERS = [name for name, method in METHODS.items() if method.needs == "numbers"]
WAYS = [*NUMBERS, "mixed"]
CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"


def ran(home: Path, shape: str, method: str, monkeypatch: pytest.MonkeyPatch, **size: int) -> Run:
    """Write a study, take its ten steps for one quarter, and give the run."""
    monkeypatch.setenv("SEGLIB_HOME", str(home))
    more = ", categories: [country]" if METHODS[method].needs == "categories" else ""
    write(home, shape, shape, seed=len(shape), more=f"clustering: {{{QUICK}, method: {method}{more}}}", **size)
    return ten_steps("2026Q3", shape)


@pytest.mark.parametrize("shape", ["often", "seldom", "firms"])
@pytest.mark.parametrize("method", WAYS)
@pytest.mark.long
def test_every_method_goes_to_the_end(method: str, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, and numbers with a category, in three shops: the ten steps end, by that method."""
    run = ran(tmp_path, shape, method, monkeypatch)

    assert run.read(Segmentation).method == METHODS[method].title
    assert len(run.read(Refinement).verdicts)


@pytest.mark.long
def test_a_category_that_is_really_used_goes_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The country makes segments too, from notebook 01 to the end of 10."""
    run = ran(tmp_path, "firms", "mixed", monkeypatch, count=120, visits=60)
    made = run.read(Segmentation)

    assert any("country makes segments too" in note for note in made.notes)
    assert any(column.level for column in made.scorer.scaling.columns)
    assert len(run.read(Refinement).verdicts)


@pytest.mark.long
def test_e09_a_shop_in_which_hardly_anybody_repeats_gets_a_whole_report(tmp_path: Path, command) -> None:
    """Of 4,000 customers three ordered twice: init writes the plan, and the report ends with all its pages."""
    source = CASES / "e09_hardly_any_repeat" / "orders.csv"
    if not source.exists():
        pytest.skip("the shared cases are not on this machine")
    shutil.copyfile(source, tmp_path / "orders.csv")
    begun = command(tmp_path, "new", str(tmp_path / "home"))
    first = command(tmp_path / "home", "init", str(tmp_path / "orders.csv"), "--study", "e09")
    done = command(tmp_path / "home", "report", "--study", "e09", "--quarter", "2025Q4")

    assert (begun.returncode, first.returncode, done.returncode) == (0, 0, 0), done.stderr
    assert len(list((tmp_path / "home" / "reports" / "e09" / "2025Q4").glob("*.html"))) == 12
