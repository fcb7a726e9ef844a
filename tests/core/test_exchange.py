"""One folder takes the place of another: readers find one of the two, and a stop leaves one of the two."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from seglib.core import exchange
from seglib.core.exchange import mend, swap
from seglib.report.front import list_of_reports

READER = """
import sys
for _ in range(int(sys.argv[2])):
    with open(sys.argv[1]) as file:
        text = file.read()
    assert text.startswith("report ") and text.endswith(" whole"), text
"""


def folder_with(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "index.html").write_text(text)
    return path


def page_of(path: Path) -> str:
    return (path / "index.html").read_text()


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no other system exchanges two folders in one step")
@pytest.mark.parametrize(("swaps", "reads"), [(40, 2_000), pytest.param(300, 100_000, marks=pytest.mark.long)])
def test_X21_no_reader_ever_finds_nothing(tmp_path: Path, swaps: int, reads: int) -> None:
    """While a report is replaced again and again, whoever opens it finds the old one or the new one, whole."""
    target = folder_with(tmp_path / "2026Q3", "report 0 whole")
    given = [sys.executable, "-c", READER, str(target / "index.html"), str(reads // 2)]
    readers = [subprocess.Popen(given, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    done = 0
    while done < swaps or any(reader.poll() is None for reader in readers):
        swap(folder_with(tmp_path / "work" / str(done), f"report {done} whole"), target)
        done += 1
        time.sleep(0.002)  # a reader gets its turn on one core too

    assert [(reader.communicate()[1], reader.returncode) for reader in readers] == [("", 0), ("", 0)]
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_X29_stopped_after_the_exchange_the_new_report_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left then lies in the work folder, which the next run clears, not among the reports."""
    target, work = folder_with(tmp_path / "reports" / "2026Q3", "old"), folder_with(tmp_path / "work", "new")
    monkeypatch.setattr(exchange.shutil, "rmtree", stop)
    with pytest.raises(KeyboardInterrupt):
        swap(work, target)

    assert page_of(target) == "new"
    assert [p.name for p in target.parent.iterdir()] == ["2026Q3"]


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_X29_where_there_is_no_exchange_the_next_run_puts_the_old_report_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between two renames, the old report lies aside; it returns to its place before anything else happens."""
    target, work = folder_with(tmp_path / "reports" / "2026Q3", "old"), folder_with(tmp_path / "work", "new")
    monkeypatch.setattr(exchange, "_call", lambda: None)
    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        real = Path.rename
        stopped.setattr(Path, "rename", lambda path, to: stop() if path == work else real(path, to))
        swap(work, target)
    gone = not target.exists()
    mend(target.parent)

    assert gone
    assert page_of(target) == "old"
    assert [p.name for p in target.parent.iterdir()] == ["2026Q3"]


def test_X29_without_an_exchange_the_new_report_comes_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames end in the same, and a failing second one in the old report."""
    target = folder_with(tmp_path / "reports" / "2026Q3", "old")
    monkeypatch.setattr(exchange, "_call", lambda: None)
    swap(folder_with(tmp_path / "work", "new"), target)
    swapped = page_of(target)
    with pytest.raises(OSError, match="not there"), monkeypatch.context() as failing:
        failing.setattr(Path, "rename", lambda path, to: not_there() if path.name == "work" else path.replace(to))
        swap(folder_with(tmp_path / "work", "newer"), target)

    assert swapped == page_of(target) == "new"
    assert [p.name for p in target.parent.iterdir()] == ["2026Q3"]


def not_there() -> None:
    raise OSError("not there")


def test_X15_reports_may_lie_on_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of another disk cannot be exchanged: its copy beside the place is."""
    target, work = folder_with(tmp_path / "reports" / "2026Q3", "old"), folder_with(tmp_path / "work", "new")
    real = exchange.exchange
    monkeypatch.setattr(exchange, "_disk", lambda path: path.name)
    monkeypatch.setattr(exchange, "exchange", lambda one, other: one.parent == other.parent and real(one, other))
    swap(work, target)

    assert page_of(target) == "new"
    assert not work.exists()
    assert [p.name for p in target.parent.iterdir()] == ["2026Q3"]


def test_X38_what_is_left_beside_a_report_goes_and_other_quarters_stay(tmp_path: Path) -> None:
    """Only the named place is cleared, since another quarter may be just being published."""
    for name in ("2026Q3", ".old-2026Q3-0123abcd", ".new-2026Q3-0123abcd", ".old-2026Q2-0123abcd", ".own"):
        folder_with(tmp_path / name, name)
    mend(tmp_path, "2026Q3")

    assert sorted(p.name for p in tmp_path.iterdir()) == [".old-2026Q2-0123abcd", ".own", "2026Q3"]
    assert page_of(tmp_path / "2026Q3") == "2026Q3"


def test_X29_the_list_of_reports_names_quarters_only(tmp_path: Path) -> None:
    """A folder that an interrupted run left aside is no report."""
    folder_with(tmp_path / "acme" / "2026Q3", "page")
    folder_with(tmp_path / "acme" / ".old-2026Q3-0123abcd", "page")

    assert list_of_reports(tmp_path).count("index.html") == 1
