"""Parameters given to a notebook by hand: what it does not declare is refused, with the nearest name."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from seglib.core import home
from seglib.core.errors import InputRefused
from seglib.core.injected import refuse_unknown_parameters

ROOT = Path(__file__).resolve().parents[2]
DECLARED = nbformat.read(ROOT / "notebooks" / "04_clustering.ipynb", as_version=4).cells[1].source


def test_P03_a_parameter_that_the_notebook_does_not_declare_is_refused():
    """papermill -p quartr 2026Q3 would else work on the quarter that stands in the notebook."""
    with pytest.raises(InputRefused, match=r"SEG-P03 unknown parameter - notebook - found: quartr - do: .*'quarter'"):
        refuse_unknown_parameters(["", DECLARED, '# Parameters\nstudy = "demo"\nquartr = "2026Q3"\n'])


def test_P03_declared_parameters_and_cells_of_ones_own_pass():
    """The three parameters, a notebook without an added cell, and a comment of that name in a later cell are fine."""
    refuse_unknown_parameters(["", DECLARED, '# Parameters\nstudy = "demo"\nquarter = "2026Q3"\nseed = 0\n'])
    refuse_unknown_parameters(["", DECLARED, "quartr = 1"])
    refuse_unknown_parameters(["", DECLARED, "run = 1", "# Parameters\nquartr = 1"])
    refuse_unknown_parameters(["%matplotlib inline", "# Parameters\nquartr = 1"])

    assert DECLARED.count(": str") == 2


@pytest.mark.wide
def test_P03_papermill_by_hand_stops_at_an_unknown_parameter(tmp_path):
    """The sentence is the last thing that is said, and no later cell has run."""
    source, target = ROOT / "notebooks" / "04_clustering.ipynb", tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), str(target), "-p", "quartr", "2026Q3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    ran = [cell for cell in nbformat.read(target, as_version=4).cells if cell.get("execution_count")]

    assert done.returncode != 0
    assert "SEG-P03 unknown parameter" in done.stderr
    assert len(ran) <= 3


def test_a_remedy_names_no_make_where_there_is_none(monkeypatch):
    """Windows has no make: there the remedies name Python, which finds seglib in the clone."""
    monkeypatch.setattr(home, "HAS_MAKE", False)

    assert home.report_command("acme", "2026Q3", "04") == (
        "python -m seglib report --study acme --quarter 2026Q3 --from 04"
    )
