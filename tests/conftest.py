"""Fixtures that all tests share."""

import gc
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from surroundings import OLD

ROOT = Path(__file__).resolve().parents[1]
os.environ.pop("SEGLIB_HOME", None)  # the tests name homes of their own


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


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's notebooks and demo data with the reports of both quarters, made by the real command.

    It is made as if on the oldest processor, on one thread, far away and with another hash seed: what the notebooks
    show there is what is stored, and what they hand on has the stored hashes. All test processes share the one folder:
    whoever comes first makes it, and nobody writes into it.
    """
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "a folder with späces"
    with FileLock(home.with_suffix(".lock")):
        if not home.with_suffix(".made").exists():
            shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
            demo = home / "data" / "demo"
            shutil.copytree(ROOT / "data" / "demo", demo, ignore=shutil.ignore_patterns("runs", "private"))
            done = seglib(home, "report", "--study", "demo", "--quarter", "2026Q3", **OLD.settings)
            assert done.returncode == 0, done.stderr
            home.with_suffix(".made").touch()
    return home


@pytest.fixture
def demo_copy(demo_home: Path, tmp_path: Path) -> Path:
    """The project folder with the finished demo for a test that writes into it."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, ignore=shutil.ignore_patterns(".work"))
    return home


def pytest_collection_finish() -> None:
    """Leave what was collected to itself: the garbage collector would look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark further forms as wide, and put the tests of the finished demo first: the others fill the gaps."""
    seen: Counter[str] = Counter()
    for item in items:
        forms = item.get_closest_marker("forms")
        test = item.nodeid.partition("[")[0]
        seen[test] += 1
        if forms and seen[test] > forms.args[0]:
            item.add_marker(pytest.mark.wide)
    items.sort(key=lambda item: not {"demo_home", "demo_copy"} & {*getattr(item, "fixturenames", ())})


def seglib(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line for another project folder, with an empty home directory."""
    settings = {**os.environ, "SEGLIB_HOME": str(home), "HOME": str(home / "nobody"), **environment}
    command = [sys.executable, "-m", "seglib", *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, check=False, cwd=home)


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line as a function of a project folder and its arguments."""
    return seglib
