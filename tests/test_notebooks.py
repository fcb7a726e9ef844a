"""The notebooks as a student opens them: every stored output is what the cell gives today."""

import os
import subprocess
import sys
from pathlib import Path

from seglib.core.steps import STEPS
from seglib.report import kernels

ROOT = Path(__file__).resolve().parents[1]


def test_stored_outputs_are_what_the_cells_give(demo_copy):
    """nbval runs all ten notebooks, each on its own, and compares the cells that state a result."""
    notebooks = [str(demo_copy / "notebooks" / f"{step.name}.ipynb") for step in STEPS]
    options = ["--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "-q", "--rootdir", str(demo_copy)]
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "no:xdist", *options, *notebooks]
    warm = {"JUPYTER_DEFAULT_PROVISIONER_NAME": kernels.NAME} if kernels.available() else {}
    settings = {**os.environ, **warm, "SEGLIB_HOME": str(demo_copy), "MPLBACKEND": "agg"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, cwd=demo_copy)

    assert done.returncode == 0, done.stdout[-6000:]


def test_help_of_a_notebook_explains_its_parameters():
    """papermill --help-notebook lists study, quarter and seed with their meaning."""
    path = ROOT / "notebooks" / "04_clustering.ipynb"
    command = [sys.executable, "-m", "papermill", "--help-notebook", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert 'study: str (default "demo")' in done.stdout
    assert "folder under data/" in done.stdout
    assert "quarter: str" in done.stdout
    assert "seed: int (default 0)" in done.stdout
