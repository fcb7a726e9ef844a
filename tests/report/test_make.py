"""The main job on the demo: published whole or not at all, resumed where it stopped, offline, without personal data."""

import csv
import errno
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import first_page_agrees
import nbformat
import pytest
from bs4 import BeautifulSoup
from pace import within

from seglib.core.errors import Busy, EnvironmentTrouble, InputRefused
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report import kernels, make

PAGES = ["index.html", *(f"{step.name}.html" for step in STEPS), "glossary.html"]


@pytest.fixture
def report(demo_home: Path) -> Path:
    """The demo's published report of 2026Q3."""
    return demo_home / "reports" / "demo" / "2026Q3"


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_report_has_its_pages_and_two_quarters(demo_home, report):
    """The demo makes the quarter before first, and the list of reports names both."""
    names = {p.name for p in report.glob("*.html")}
    links = [a["href"] for a in soup(demo_home / "reports" / "index.html").find_all("a")]

    assert names == set(PAGES)
    assert links == ["demo/2026Q3/index.html", "demo/2026Q2/index.html"]


@pytest.mark.parametrize("name", PAGES)
def test_O03_every_page_is_complete_without_network(report, name):
    """No page loads anything, every link leads to a file of the report, every figure has its text."""
    page = soup(report / name)
    links = [a["href"] for a in page.find_all("a") if not a["href"].startswith(("#", "https://"))]

    assert page.find_all(["script", "link", "iframe"]) == []
    assert all((report / link.partition("#")[0]).resolve().exists() for link in links)
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.find_all("img"))
    assert all(len(image["alt"]) > 20 for image in page.find_all("img"))


@pytest.mark.parametrize("quarter", ["2026Q2", "2026Q3"])
def test_every_number_of_the_first_page_is_that_of_its_page(quarter, demo_home):
    """Sizes, money, lines, verdicts, goals, actions and cautions: none is told otherwise on the page it comes from."""
    assert first_page_agrees.disagreements(demo_home / "reports" / "demo" / quarter) == []


def test_another_number_on_the_first_page_is_found(demo_home, tmp_path):
    """One customer, one percent, one unit of a goal: each is named."""
    shutil.copytree(demo_home / "reports" / "demo" / "2026Q3", tmp_path / "pages")
    text = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    size = re.search(r"<dd>([\d,]+) <span", text)[1]
    goal = re.search(r'<td class="number">([\d.]+)%<br>', text)[1]
    text = text.replace(f"<dd>{size} <", "<dd>7,777 <", 1).replace(f'number">{goal}%<br>', 'number">12.3%<br>', 1)
    text = text.replace("<strong>", "<strong>In 8,888 of 9,999 cases: ", 1)
    (tmp_path / "pages" / "index.html").write_text(text, encoding="utf-8")
    found = " ".join(first_page_agrees.disagreements(tmp_path / "pages"))

    assert all(number in found for number in ("7,777", "12.3%", "8,888", "9,999"))


def test_first_page_answers_five_questions(report):
    """Actions, segments, goals, all quarters, cautions and the basis stand on the first page, each with content."""
    page = soup(report / "index.html")
    headings = {h["id"]: h for h in page.find_all("h2")}

    assert list(headings) == ["actions", "segments", "goals", "over-time", "careful", "basis"]
    assert len(headings["actions"].find_next("ol").find_all("li")) == 3
    assert 2 <= len(page.find_all("li", class_="card")) <= 8
    assert len(page.find_all("td")) >= 2


def test_R09_no_personal_value_is_published(demo_home, report):
    """No name, address, telephone number or id of a customer stands in pages or executed notebooks."""
    with (demo_home / "data/demo/sources/customers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    secret = {row[c] for row in rows for c in ("customer_id", "email", "phone") if row[c]}
    published = "\n".join(p.read_text(encoding="utf-8") for p in report.rglob("*") if p.suffix in {".html", ".ipynb"})
    words = set(re.findall(r"[\w.@+-]+", published))

    assert len(secret) > 1000
    assert words & secret == set()
    assert "@example" not in published
    assert not re.search(r"\b[0-9a-f]{24}\b", re.sub(r'"id": "[^"]*"', "", published))


def test_R32_no_machine_path_is_published(demo_home, report):
    """Neither pages nor notebooks carry the folder in which they were made."""
    published = "\n".join(p.read_text(encoding="utf-8") for p in report.rglob("*") if p.suffix in {".html", ".ipynb"})

    assert str(demo_home) not in published
    assert "/tmp/" not in published


def test_X19_second_run_of_a_quarter_is_told_who_holds_it(demo_copy, monkeypatch):
    """While a quarter is being written, another run of it ends at once with exit code 3."""
    monkeypatch.setenv("SEGLIB_HOME", str(demo_copy))
    run = Run.open("demo", "2026Q3")
    with (
        make.only_one(run),
        within(1, time.perf_counter),
        pytest.raises(Busy, match=r"SEG-X19 demo is being written by pid \d+ since \d\d:\d\d"),
        make.only_one(run),
    ):
        pass

    assert Busy.exit_code == 3


def test_X16_unwritable_reports_folder_is_found_before_any_notebook(demo_copy, monkeypatch):
    """A reports folder that is a file is found by the preflight."""
    monkeypatch.setenv("SEGLIB_HOME", str(demo_copy))
    shutil.rmtree(demo_copy / "reports")
    (demo_copy / "reports").write_text("not a folder")

    with pytest.raises(EnvironmentTrouble, match="SEG-X16 cannot write - reports/demo"):
        make.preflight(Run.open("demo", "2026Q3"))


def test_X16_a_read_only_disk_is_to_be_mounted_anew(tmp_path, monkeypatch):
    """Rights cannot mend a disk that is mounted read-only, so the remedy is another one."""
    (tmp_path / "seglib.toml").touch()
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    plan = SimpleNamespace(digest=False)
    run = SimpleNamespace(study="acme", folder=tmp_path / "data" / "acme" / "runs" / "2026Q3", plan=plan)

    def refused(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refused)

    with pytest.raises(EnvironmentTrouble, match="found: Read-only file system - do: mount it writable, then run"):
        make.preflight(run)


def make_again(home, monkeypatch, first=None):
    """Make the report of 2026Q3 in this process and return the lines of its progress."""
    monkeypatch.setenv("SEGLIB_HOME", str(home))
    said: list[str] = []
    make.make_report(Run.open("demo", "2026Q3"), said.append, first)
    return "\n".join(said)


@pytest.mark.wide
def test_X36_failing_pages_publish_nothing_and_resume(demo_copy, monkeypatch):
    """When a page cannot be drawn the old report stays; the next run draws the same pages and runs no notebook."""
    folder = demo_copy / "reports/demo/2026Q3"
    before = {p.name: p.read_bytes() for p in folder.glob("*.html")}
    (folder / "index.html").write_text("the old report")
    with monkeypatch.context() as broken, pytest.raises(EnvironmentTrouble, match="SEG-X14 disk full - pages"):
        broken.setattr(kernels, "available", lambda: False)
        broken.setattr(Path, "write_text", _disk_full)
        make_again(demo_copy, broken)
    stale = (folder / "index.html").read_text(encoding="utf-8")
    said = make_again(demo_copy, monkeypatch)

    assert stale == "the old report"
    assert said.count("unchanged") == 11
    assert {p.name: p.read_bytes() for p in folder.glob("*.html")} == before


def _disk_full(path: Path, text: str, **_: str) -> int:
    if path.suffix == ".html":
        raise OSError(28, "No space left on device")
    return path.write_bytes(text.encode())


@pytest.mark.wide
def test_X34_the_guard_reaches_the_kernels_too(demo_copy, tmp_path):
    """A notebook that opens a connection to the outside fails in its kernel, which is a fork of another process."""
    with changed(demo_copy, "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"):
        done = offline(demo_copy, tmp_path, "report", "--study", "demo", "--quarter", "2026Q3", "--from", "10")

    assert done.returncode == 6
    assert "stopped: AssertionError" in done.stderr


@pytest.mark.wide
def test_X34_a_failing_notebook_names_itself_and_FROM_resumes_without_network(demo_copy, tmp_path):
    """A step that fails is named; mended, FROM goes on from there, nothing earlier runs, and no socket leaves."""
    old = (demo_copy / "reports/demo/2026Q3/index.html").read_bytes()
    with changed(demo_copy, "1 / 0"):
        broken = offline(demo_copy, tmp_path, "report", "--study", "demo", "--quarter", "2026Q3", "--from", "10")
    resumed = offline(demo_copy, tmp_path, "report", "--study", "demo", "--quarter", "2026Q3", "--from", "10")

    assert broken.returncode == 6
    assert re.search(r"notebook 10_quarterly_refinement, cell \d+ stopped: ZeroDivisionError", broken.stderr)
    assert (demo_copy / "reports/demo/2026Q3/index.html").read_bytes() == old
    assert resumed.returncode == 0, resumed.stderr
    assert re.findall(r"^   (\d\d) .*unchanged", resumed.stdout, flags=re.M)[0] == "00"
    assert not re.search(r"^   10 .*unchanged", resumed.stdout, flags=re.M)


GUARD = """import socket; real = socket.socket.connect
def connect(self, address):
    assert self.family == socket.AF_UNIX or address[0] in ('127.0.0.1', '::1'), address
    return real(self, address)
socket.socket.connect = connect
"""


@contextmanager
def changed(home, source):
    """Notebook 10 with another first cell, for a while."""
    path = home / "notebooks" / "10_quarterly_refinement.ipynb"
    good = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(good, as_version=4)
    code = next(c for c in notebook.cells if c.cell_type == "code" and "parameters" not in c.metadata.get("tags", []))
    code.source = source
    nbformat.write(notebook, path)
    yield
    path.write_text(good, encoding="utf-8")


def offline(home, folder, *arguments):
    """Run the command line with every socket to the outside blocked, in all processes of Python that it starts."""
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")  # Python reads it whenever it starts
    environment = {**os.environ, "SEGLIB_HOME": str(home), "PYTHONPATH": str(folder)}
    given = [sys.executable, "-m", "seglib", *arguments]
    return subprocess.run(given, env=environment, capture_output=True, text=True, check=False)


def test_X27_resuming_over_stale_steps_is_refused(demo_copy, monkeypatch):
    """After a decision that every step depends on, FROM=06 is refused and the first stale step is named."""
    plan = demo_copy / "data/demo/plan.yml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("floor: 10", "floor: 11"), encoding="utf-8")

    with pytest.raises(InputRefused, match="SEG-X27 cannot start at 06: 01_objectives is missing"):
        make_again(demo_copy, monkeypatch, first=6)
