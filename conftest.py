"""What pytest needs to know before it runs the notebooks themselves."""

import os

import pytest

NBVAL = ("nbval", "nbval_lax")


def pytest_configure(config: pytest.Config) -> None:
    """Stop where stored outputs would be compared although the demo's quarter before was never made here."""
    if any(config.getoption(name, default=False) for name in NBVAL) and (missing := unmade()):
        command = "python -m seglib report" if os.name == "nt" else "make report"
        raise pytest.UsageError(f"the stored outputs need the demo's {missing} first - do: {command}, then this again")


def unmade(quarter: str = "2026Q2") -> str:
    """Name the quarter when a notebook of it was never finished; an empty text when all were."""
    from seglib.core import store
    from seglib.core.home import home
    from seglib.core.steps import STEPS

    folder = home() / "data" / "demo" / "runs" / quarter
    finished = all((folder / step.name / store.MANIFEST).is_file() for step in STEPS)
    return "" if finished else quarter
