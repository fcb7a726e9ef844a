"""pytest --nbval-lax notebooks/ on a clone where the demo was never made says what to type."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from seglib.core import store
from seglib.core.steps import STEPS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """The hook at the root of the clone, for a home in which nothing was made."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    spec = importlib.util.spec_from_file_location("hook_of_the_root", ROOT / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asked(**options: bool) -> SimpleNamespace:
    """A configuration of pytest with these options."""
    return SimpleNamespace(getoption=lambda name, default: options.get(name, default))


def test_stored_outputs_are_not_compared_before_the_quarter_before_is_made(hook):
    """One sentence with what to type, in place of a failure for each cell."""
    with pytest.raises(pytest.UsageError, match=r"need the demo's 2026Q2 first - do: (make|python -m seglib) report"):
        hook.pytest_configure(asked(nbval_lax=True))


def test_other_runs_and_finished_quarters_are_left_alone(hook, tmp_path):
    """Without nbval nothing is asked, and with the quarter there nothing is refused."""
    hook.pytest_configure(asked())
    for step in STEPS:
        folder = tmp_path / "data" / "demo" / "runs" / "2026Q2" / step.name
        folder.mkdir(parents=True)
        (folder / store.MANIFEST).touch()
    hook.pytest_configure(asked(nbval=True, nbval_lax=True))

    assert hook.unmade() == ""
    assert hook.unmade("2026Q1") == "2026Q1"
