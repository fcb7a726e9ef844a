"""Store the outputs of the demo's last run in the notebooks: what a reader sees, and what the tests compare."""

from pathlib import Path

import nbformat

from seglib.core.home import home
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report.execute import executed_path, source_of


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
    """Store the outputs of all ten notebooks."""
    run = Run.open("demo", "2026Q3")
    for step in STEPS:
        store(executed_path(run, step), home() / "notebooks" / source_of(step).name)


if __name__ == "__main__":
    main()
