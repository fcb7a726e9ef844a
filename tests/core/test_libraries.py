"""The libraries that compute are part of what a result depends on, and other ones than the tested are named."""

from pathlib import Path

import pytest

from seglib import __main__ as cli
from seglib.core import libraries, run
from seglib.core.errors import EnvironmentTrouble
from seglib.core.run import Run


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study without any data."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "data" / "acme").mkdir(parents=True)
    (tmp_path / "data" / "acme" / "plan.yml").write_text("study: acme\nsources: {orders: {file: o.csv}}\n")
    return tmp_path


@pytest.mark.parametrize("name", ["versions", "lock_hash"])
def test_P12_another_library_makes_every_result_stale(study: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The key of a step holds the versions and the list that the tests ran with."""
    before = Run.open("acme", "2026Q3").expected_key("04_clustering")
    again = Run.open("acme", "2026Q3").expected_key("04_clustering")
    monkeypatch.setattr(run, name, lambda: {"pandas": "9"} if name == "versions" else "another")

    assert before == again != Run.open("acme", "2026Q3").expected_key("04_clustering")


def test_P12_versions_that_the_tests_did_not_run_with_are_named(tmp_path: Path) -> None:
    """A universal list may name several versions of one library; one of them is enough."""
    here, lock = libraries.versions(), tmp_path / "requirements.lock"
    lock.write_text(f"pandas==0.1\nDuckDB==0.2 ; python_version < '3'\nduckdb=={here['duckdb']}\nother==5\n")

    assert libraries.strangers(lock) == [f"pandas {here['pandas']}, not 0.1"]
    assert libraries.strangers(tmp_path / "none") == []


def test_P12_locked_refuses_them_before_anything_is_made(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever must defend a number can ask for the tested versions: exit code 4, and the way to get them."""
    monkeypatch.setattr(libraries, "strangers", lambda: ["pandas 9, not 3"])
    code = cli.main(["report", "--study", "acme", "--locked"])
    said = capsys.readouterr().err

    assert code == 4
    assert said.startswith("SEG-P12 not tested with these libraries - requirements.lock - found: pandas 9, not 3 - do:")


def test_P12_a_copy_that_was_never_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing says which versions there are: trouble of the machine with the way out, not a mistake of ours."""
    missing = libraries.importlib.metadata.PackageNotFoundError("seglib")
    monkeypatch.setattr(libraries.importlib.metadata, "requires", lambda name: (_ for _ in ()).throw(missing))

    with pytest.raises(EnvironmentTrouble, match="SEG-X22 not installed, .* - seglib - do: install seglib as README"):
        libraries.versions.__wrapped__()
