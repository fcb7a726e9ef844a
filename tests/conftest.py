"""Fixtures that all tests share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function from a name to a real data file; skips where it is absent, fails under CI."""
    folder = Path(os.environ.get("SEGLIB_SHARED_DATA", ROOT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            sentence = f"real data file {name} is not on this machine (set SEGLIB_SHARED_DATA)"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
        return path

    return find
