"""Notebooks of a study for JupyterLab: the project's own for the demo, copies with its parameters for others."""

from __future__ import annotations

from pathlib import Path

import nbformat
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from seglib.core.home import home
from seglib.core.privacy import private_folder
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report.execute import source_of

DEFAULT_STUDY = "demo"


def lab_folder(run: Run) -> Path:
    """Return the folder to open in JupyterLab.

    Parameters
    ----------
    run : Run
        Study, quarter and seed that the notebooks are to work on.

    Returns
    -------
    Path
        ``notebooks/`` for the demo; else ``data/<study>/notebooks/``, where copies that an analyst has changed are
        kept and only missing ones are made.
    """
    if run.study == DEFAULT_STUDY and (home() / "notebooks").is_dir():
        return home() / "notebooks"
    folder = private_folder(run.data / "notebooks")
    parameters = {"study": run.study, "quarter": run.quarter.text, "seed": run.seed}
    for step in STEPS:
        copy = folder / f"{step.name}.ipynb"
        if not copy.exists():
            made = parameterize_notebook(load_notebook_node(str(source_of(step))), parameters)
            for cell in made.cells:
                if cell.cell_type == "code":
                    cell.update(outputs=[], execution_count=None)
            nbformat.write(made, copy)
    return folder
