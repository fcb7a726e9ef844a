"""Running one notebook: parameters checked, time limited, success proven by its receipt."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from seglib.core import errors, store
from seglib.core.errors import Bug, EnvironmentTrouble, Finding, InputRefused, SegError
from seglib.core.home import home, report_command, shipped
from seglib.core.privacy import private_folder
from seglib.core.run import Run
from seglib.core.steps import Step
from seglib.core.trouble import number_of, spoken
from seglib.report import kernels
from seglib.report.sockets import PrivateKernels, socket_folder

CELL_SECONDS = 900
OURS: dict[str, type[SegError]] = {
    name: cls for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, SegError)
}

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PLACE = re.compile(r"^(?:File |Cell )(\S.*?)(?::|, line )(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Executed:
    """A notebook that ran: where it lies and how long it took."""

    step: Step
    path: Path
    seconds: float
    reused: bool = False


def source_of(step: Step) -> Path:
    """Path of a step's notebook: the home's own, which a person may have changed, else the one shipped."""
    own = home() / "notebooks" / f"{step.name}.ipynb"
    return own if own.is_file() else shipped() / "notebooks" / own.name


def executed_path(run: Run, step: Step) -> Path:
    """Where a step's executed notebook is kept."""
    return run.folder / "executed" / f"{step.name}.ipynb"


def is_current(run: Run, step: Step) -> bool:
    """Whether a step needs no run: same inputs, same notebook, result and executed notebook on disk."""
    path = executed_path(run, step)
    if not path.is_file() or not run.is_current(step.name):
        return False
    notebook = nbformat.read(path, as_version=4)
    stamp = dict(notebook.metadata.get("seglib", {}))
    return stamp.pop("content", "") == content_hash(notebook) and stamp == _stamp(run, step)


def is_changed(path: Path) -> bool:
    """Whether an executed notebook is not what it was when it had run: a number or a picture in it was edited.

    A notebook that is no notebook any more has been changed too; one that is not there has not.
    """
    if not path.is_file():
        return False
    try:
        notebook = nbformat.read(path, as_version=4)
        return bool(notebook.metadata.get("seglib", {}).get("content") != content_hash(notebook))
    except (ValueError, AttributeError, nbformat.reader.NotJSONError):
        return True


def content_hash(notebook: Any) -> str:
    """Hash a whole executed notebook, its outputs and pictures too; only what seglib notes about it does not count."""
    about = {name: value for name, value in notebook.metadata.items() if name != "seglib"}
    return store.sha256_json({**notebook, "metadata": about})


def _notebook_hash(path: Path) -> str:
    """Hash what a notebook says and does; its stored outputs do not count."""
    return store.sha256_json([(cell.cell_type, cell.source) for cell in nbformat.read(path, as_version=4).cells])


def _stamp(run: Run, step: Step) -> dict[str, str]:
    return {"key": run.expected_key(step.name), "notebook": _notebook_hash(source_of(step))}


def check_parameters(step: Step, given: Mapping[str, Any]) -> None:
    """Refuse a parameter that the notebook's tagged cell does not declare.

    Raises
    ------
    InputRefused
        With the nearest declared name.
    """
    known = papermill.inspect_notebook(str(source_of(step)))
    for name in given:
        if name not in known:
            remedy = errors.nearest(name[:40], known)
            raise InputRefused(Finding("P03", "unknown parameter", f"{step.name}.ipynb", found=name[:40], do=remedy))


def execute(run: Run, step: Step, work: Path, cell_seconds: int = CELL_SECONDS) -> Executed:
    """Run one notebook with papermill and prove that it succeeded.

    Parameters
    ----------
    run : Run
        The quarter.
    step : Step
        Which notebook.
    work : Path
        Private work folder of this report.
    cell_seconds : int
        Time limit of a cell, in seconds.

    Raises
    ------
    SegError
        One sentence that names notebook, cell and remedy.
    """
    parameters = {"study": run.study, "quarter": run.quarter.text, "seed": run.seed}
    check_parameters(step, parameters)
    stamp, target, started = _stamp(run, step), work / f"{step.name}.ipynb", time.perf_counter()
    socket_folder(work)
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # what it logs is said in one sentence below
    try:
        notebook = papermill.execute_notebook(
            str(source_of(step)),
            str(target),
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=cell_seconds,
            cwd=str(home()),
            kernel_manager_class=PrivateKernels,
        )
    except PapermillExecutionError as error:
        raise _explained(step, error) from None
    except CellTimeoutError as error:
        raise _hung(step, error, cell_seconds) from None
    except DeadKernelError:
        raise _died(step) from None
    except RuntimeError as error:  # nbclient says so of a kernel that died, or did not answer, at its start
        if "ernel d" not in str(error):
            raise
        raise _died(step) from None
    _prove(run, step, notebook, stamp)
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    notebook = nbformat.reads(nbformat.writes(notebook), as_version=4)  # as it will be read again
    notebook.metadata["seglib"] = {**stamp, "content": content_hash(notebook)}
    nbformat.write(notebook, target)
    return Executed(step, target, time.perf_counter() - started)


def _prove(run: Run, step: Step, notebook: Any, stamp: Mapping[str, str]) -> None:
    """Refuse a notebook in which a code cell did not run, or that left no receipt, whatever its status says."""
    for position, cell in enumerate(_own_cells(notebook)):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None or any(output.output_type == "error" for output in cell.outputs):
            finding = Finding("X25", f"notebook {step.name}, cell {position + 1} did not run", do=_again(run, step))
            raise Bug(finding)
    receipt = store.read_receipt(run.place(step.name))
    if receipt is None or receipt.key != stamp["key"]:
        what = f"notebook {step.name} ran but handed on no result of these inputs"
        raise Bug(Finding("X25", what, do="end the notebook with run.write(...), then " + _again(run, step)))
    if _notebook_hash(source_of(step)) != stamp["notebook"]:
        raise InputRefused(Finding("X37", f"notebook {step.name} was edited while it ran", do=_again(run, step)))


def _own_cells(notebook: Any) -> list[Any]:
    """Cells as the author wrote them, without the one that papermill adds for the parameters."""
    return [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]


def _again(run: Run, step: Step) -> str:
    return report_command(run.study, run.quarter.text, f"{step.number:02d}")


def _hung(step: Step, error: CellTimeoutError, cell_seconds: int) -> EnvironmentTrouble:
    """Name the cell that did not end: nbclient's message holds its source."""
    cells = nbformat.read(source_of(step), as_version=4).cells
    hits = [n for n, cell in enumerate(cells, 1) if cell.cell_type == "code" and cell.source in str(error)]
    what = f"notebook {step.name}, cell {max(hits, default=1)} ran longer than {cell_seconds} s"
    return EnvironmentTrouble(Finding("X24", what, do="use fewer rows, or raise the limit with --cell-seconds"))


def _explained(step: Step, error: PapermillExecutionError) -> SegError:
    """Turn a cell's error into the sentence that the user reads; foreign texts may hold data and are not repeated."""
    place = f"notebook {step.name}, cell {error.cell_index}"
    cls = OURS.get(str(error.ename))
    if str(error.ename) == KeyboardInterrupt.__name__:
        raise KeyboardInterrupt from None
    number = number_of(str(error.ename), str(error.evalue))
    if cls is None and number is not None:
        return spoken(number, place)
    if cls is None:
        what = f"{place} stopped: {error.ename}"
        bug = Bug(Finding("BUG", what, do="report it with the notebook's name; the last good report is kept"))
        bug.places = _places(error.traceback)
        return bug
    explained = cls([Finding("X25", f"{place} stopped")])
    explained.args = (f"{error.evalue}\n({place})",)
    return explained


def _places(lines: list[str]) -> tuple[str, ...]:
    """Places in the code from what a kernel reports, without any line of it."""
    text = COLOURS.sub("", "\n".join(lines))
    return tuple(f"{Path(file).name}, line {number}" for file, number in PLACE.findall(text))


def _died(step: Step) -> EnvironmentTrouble:
    finding = Finding("X11", f"notebook {step.name} stopped: its kernel died", do="free memory, then run again")
    return EnvironmentTrouble(finding)


def kernel_environment(work: Path) -> dict[str, str]:
    """Environment variables that the kernels of one report get."""
    warm = {"JUPYTER_DEFAULT_PROVISIONER_NAME": kernels.NAME} if kernels.available() else {}
    return {
        **warm,
        "SEGLIB_WORK": str(work),
        "SEGLIB_HOME": str(home()),
        "IPYTHONDIR": str(work / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_RUNTIME_DIR": str(work / "jupyter"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "TZ": "UTC",
        "MPLBACKEND": "agg",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(private_folder(work / "tmp"))),
        "PATH": os.environ.get("PATH", ""),
    }
