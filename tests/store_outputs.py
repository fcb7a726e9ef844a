"""Make the demo in a folder of its own, store what a reader sees in the notebooks, and hashes of all that was made."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import golden
import nbformat

from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report.execute import executed_path, source_of

ROOT = Path(__file__).resolve().parents[1]


def store(executed: Path, target: Path) -> None:
    """Copy outputs cell by cell; counts run from 1 without the cell that holds the run's parameters."""
    ran = {cell.id: cell for cell in nbformat.read(executed, as_version=4).cells}
    notebook = nbformat.read(target, as_version=4)
    count = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = ran[cell.id].outputs
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    nbformat.write(notebook, target)


def main() -> None:
    """Store the outputs of all ten notebooks, and the hashes of what they hand on."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(ROOT / "notebooks", home / "notebooks")
        shutil.copytree(
            ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs", "private")
        )
        os.environ["SEGLIB_HOME"] = folder
        subprocess.run([sys.executable, "-m", "seglib", "report", "--study", "demo", "--quarter", "2026Q3"], check=True)
        run = Run.open("demo", "2026Q3")
        for step in STEPS:
            store(executed_path(run, step), ROOT / "notebooks" / source_of(step).name)
        golden.store(home)


if __name__ == "__main__":
    main()
