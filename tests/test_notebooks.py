"""The notebooks as a student opens them: every stored output is what its cell gives today."""

import itertools
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from surroundings import OLD
from ten_steps import FILE, FILES, published

from seglib.collection import Collection
from seglib.core.display import SHOWN
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report import kernels

ROOT = Path(__file__).resolve().parents[1]
NAMES_LINES = {"manifest.json", "findings.parquet"}  # hashes of the files, and lines in them
SHOWS_LINES = "notebooks/02_data_collection.ipynb::Cell 3"  # compared by itself, on the files as they are


def shuffle(sources: Path) -> None:
    """Put the rows of every file into another order, and cut the orders in two."""
    plan = sources.parent / "plan.yml"
    plan.write_text(plan.read_text(encoding="utf-8").replace(FILE, FILES), encoding="utf-8")
    for path in sorted(sources.glob("*.csv")):
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(1).shuffle(rows)
        half = len(rows) // 2 if path.stem == "orders" else 0
        path.write_text("".join([header, *rows[half:]]), encoding="utf-8")
        if half:
            (sources / "orders-2.csv").write_text("".join([header, *rows[:half]]), encoding="utf-8")


def test_X31_X33_the_run_on_another_machine_shows_the_stored_outputs(demo_home):
    """Cell by cell, what the notebooks showed on an older processor, far away, is what the project stores of them."""
    executed = demo_home / "data" / "demo" / "runs" / "2026Q3" / "executed"
    differ = []
    for step in STEPS:
        stored = nbformat.read(ROOT / "notebooks" / f"{step.name}.ipynb", as_version=4).cells
        ran = {cell.id: shown(cell) for cell in nbformat.read(executed / f"{step.name}.ipynb", as_version=4).cells}
        differ += [f"{step.name}: {cell.source}" for cell in stored if shown(cell) != ran[cell.id]]

    assert differ == []


def shown(cell):
    """What a reader sees of a cell's outputs but its pictures."""
    parts = [output.get("data", output) for output in cell.get("outputs", [])]
    return [part.get("text/plain", part.get("text")) for part in parts if "image/png" not in part]


@pytest.mark.wide
def test_X33_a_student_sees_the_stored_outputs_whatever_the_order_of_the_rows_and_the_machine(demo_home, demo_copy):
    """nbval runs each notebook on its own, on shuffled files and an older processor: same cells, same bytes handed on.

    Only hashes of the sources and numbers of lines may differ.
    """
    run = "data/demo/runs/2026Q3"
    shutil.rmtree(demo_copy / run)
    shuffle(demo_copy / "data/demo/sources")
    notebooks = [str(demo_copy / "notebooks" / f"{step.name}.ipynb") for step in STEPS]
    options = [
        "--deselect",
        SHOWS_LINES,
        "--nbval-lax",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
        "-q",
        "--rootdir",
        str(demo_copy),
    ]
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "no:xdist", *options, *notebooks]
    warm = {"JUPYTER_DEFAULT_PROVISIONER_NAME": kernels.NAME} if kernels.available() else {}
    settings = {**os.environ, **warm, **OLD.settings, "SEGLIB_HOME": str(demo_copy), "MPLBACKEND": "agg"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, cwd=demo_copy)
    first, second = published(demo_home / run), published(demo_copy / run)
    differ = {Path(name).name for name, body in first.items() if second.get(name) != body}

    assert done.returncode == 0, done.stdout[-6000:]
    assert len(first) > 40
    assert first.keys() == second.keys()
    assert differ <= NAMES_LINES


def test_stored_findings_name_the_lines_of_the_files(demo_home, monkeypatch):
    """The table of findings, which says where each kind was seen first, is the stored one."""
    monkeypatch.setenv("SEGLIB_HOME", str(demo_home))
    notebook = nbformat.read(ROOT / "notebooks" / "02_data_collection.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.source == "collected.quality()")
    with pd.option_context(*itertools.chain(*SHOWN.items())):
        shown = repr(Run.open("demo", "2026Q3").read(Collection).quality())

    assert shown == cell.outputs[0].data["text/plain"]


def test_help_of_a_notebook_explains_its_parameters():
    """papermill --help-notebook lists study, quarter and seed with their meaning."""
    path = ROOT / "notebooks" / "04_clustering.ipynb"
    command = [sys.executable, "-m", "papermill", "--help-notebook", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert 'study: str (default "demo")' in done.stdout
    assert "folder under data/" in done.stdout
    assert "quarter: str" in done.stdout
    assert "seed: int (default 0)" in done.stdout
