"""Faults of process, storage and output that need no computed study: who may write when, and what is never mixed."""

import ast
import json
import re
import subprocess
import sys
from collections import namedtuple
from importlib.metadata import version
from pathlib import Path

import duckdb
import nbformat
import pandera.errors
import pyarrow as pa
import pytest
from light_reports import publish

from seglib.core.ending import exit_code_of
from seglib.core.errors import Busy, EnvironmentTrouble, InputRefused
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.report import make, pages
from seglib.report.execute import _explained

ROOT = Path(__file__).resolve().parents[2]
NAMES = [INTAKE_STEP, *(step.name for step in STEPS)]
PLAN = "study: acme\nsources: {orders: {file: orders.csv}}\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A study of one quarter whose steps are all handed on."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "plan.yml").write_text(PLAN)
    (folder / "sources" / "orders.csv").write_text("customer_id,order_id\n")
    for name in NAMES:
        publish(opened(), name)
    return folder


def opened(quarter="2026Q3"):
    return Run.open("acme", quarter)


def stale():
    """Names of the steps that must run again."""
    run = opened()
    return [name for name in NAMES if not run.is_current(name)]


@pytest.mark.parametrize(
    ("decision", "first"),
    [("evaluation: {outcome_days: 30}", "01_objectives"), ("refinement: {drift_psi: 0.3}", "10_quarterly_refinement"),
     ("content: {budget: 100}", "07_personalised_content"), ("rules: {duplicates: remove}", INTAKE_STEP)],
)  # fmt: skip
def test_P11_a_decision_that_changes_makes_stale_what_depends_on_it(data, decision, first):
    """The first step that reads it and all that read from that; what does not depend on it stays."""
    before = stale()
    (data / "plan.yml").write_text(f"{PLAN}{decision}\n")
    found = stale()

    assert before == []
    assert found[0] == first
    assert ("02_data_collection" in found) == (first == INTAKE_STEP)


def test_X30_after_a_source_has_changed_nothing_old_is_gone_on_from(data):
    """Every step is stale, and going on at 06 names the first one with its command."""
    (data / "sources" / "orders.csv").write_text("customer_id,order_id\n1,A\n")

    assert stale() == NAMES
    with pytest.raises(InputRefused, match="X27 cannot start at 06: 01_objectives .* --quarter 2026Q3 --from 01"):
        make.refuse_stale(opened(), 6)


def test_X13_what_a_kernel_writes_after_its_runner_died_is_thrown_away(data):
    """It writes below the dead runner's number; the next run removes that, and what was published is as before."""
    orphan = data / "runs" / "2026Q3" / ".work" / "report-999999999" / "04_clustering-999999998-0123abcd"
    orphan.mkdir(parents=True)
    (orphan / "members.parquet").write_text("half")
    published = {path: path.read_bytes() for path in (data / "runs/2026Q3").glob("0*/*")}
    run = opened()
    with make.only_one(run), make.workshop(run) as work:
        left = sorted(path.name for path in work.parent.iterdir())

    assert left == [work.name]
    assert {path: path.read_bytes() for path in (data / "runs/2026Q3").glob("0*/*")} == published


def test_X38_what_a_killed_run_left_beside_its_report_goes_with_the_next_one(data):
    """A file that tried whether the folder can be written, and a report that was on its way out."""
    reports = data.parents[1] / "reports" / "acme"
    (reports / ".purge-0123abcd").mkdir(parents=True)
    (reports / ".probe-999999999").touch()
    run = opened()
    with make.only_one(run), make.workshop(run):
        pass

    assert list(reports.iterdir()) == []


def test_X17_a_disk_that_is_nearly_full_is_found_before_any_notebook(data, monkeypatch):
    """Three times the sources must be free; the sentence says how much is needed and how much there is."""
    (data / "sources" / "orders.csv").write_bytes(b"x" * 2**20)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(make.shutil, "disk_usage", lambda _: usage(10**9, 10**9, 3 * 2**20 - 1))

    with pytest.raises(
        EnvironmentTrouble, match=r"X17 disk nearly full - found: need about 3 MB, free 2 MB - do: free"
    ):
        make.preflight(opened())
    monkeypatch.setattr(make.shutil, "disk_usage", lambda _: usage(10**9, 0, 3 * 2**20))
    make.preflight(opened())


@pytest.mark.skipif(sys.platform == "win32", reason="limits as on Unix")
def test_X18_a_limit_of_the_system_is_named_with_its_command(tmp_path):
    """Too many open files, and a file that may not be so large: exit code 4 with the limit to raise."""
    code = (
        "import resource, signal, sys\nfrom seglib.core.ending import exit_code_of\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9))\n"
        "def many():\n    kept = [open(sys.argv[0] or '/dev/null') for _ in range(99)]\n"
        "def large():\n    open('large', 'wb', buffering=0).write(b'x' * 9) and open('large', 'ab', 0).write(b'x')\n"
        "sys.argv[0] = ''\nsys.exit(10 * exit_code_of(large, None) + exit_code_of(many, None))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    first, second = done.stderr.splitlines()

    assert done.returncode == 44
    assert first.startswith("SEG-X18 a file is larger than the limit") and first.endswith("(ulimit -f), then run again")
    assert second.startswith("SEG-X18 too many open files") and second.endswith("(ulimit -n), then run again")


def test_X20_another_quarter_waits_while_one_of_the_study_is_made(data):
    """One lock per study: quarters read each other, so the second is refused at once and makes the same later."""
    with make.only_one(opened("2026Q3")):
        with pytest.raises(Busy, match=r"X19 acme is being written by pid \d+ since"), make.only_one(opened("2026Q2")):
            pass
        other = data.parent / "other"
        other.mkdir()
        (other / "plan.yml").write_text(PLAN.replace("acme", "other"))
        with make.only_one(Run.open("other", "2026Q2")):
            pass
    with make.only_one(opened("2026Q2")):
        before = opened("2026Q2").expected_key(INTAKE_STEP)

    assert opened("2026Q2").expected_key(INTAKE_STEP) == before
    assert not (data / "runs" / ".lock.txt").exists()


ROWS = "Anna Lee, anna@example.org, +49 151 2345678"
FOREIGN = [
    duckdb.ConversionException(f"Could not convert string '{ROWS}' to INT32"),
    duckdb.InvalidInputException(f"CSV Error on Line: 7 Original Line: {ROWS}"),
    pa.ArrowInvalid(f"CSV parse error: Expected 2 columns, got 3: {ROWS}"),
    ValueError(f"could not convert string to float: '{ROWS}'"),
    KeyError(ROWS),
    UnicodeDecodeError("utf-8", ROWS.encode(), 0, 1, "invalid start byte"),
    json.JSONDecodeError("Expecting value", ROWS, 0),
    pandera.errors.SchemaError(None, ROWS, f"failure cases: {ROWS}"),
]


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: type(error).__name__)
def test_R12_what_a_library_says_of_a_row_is_not_repeated(tmp_path, monkeypatch, capsys, error):
    """Messages that quote the row, as libraries write them: neither the sentence nor the file of the error has it."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()

    def work():
        raise error

    code = exit_code_of(work, None)
    said = capsys.readouterr().err
    files = [path.read_text() for path in (tmp_path / "data").glob("seglib-error-*.txt")]
    kernel = namedtuple("kernel", "ename evalue traceback cell_index")(
        type(error).__name__, str(error), [str(error)], 3
    )
    told = str(_explained(STEPS[0], kernel))

    assert code == 6
    assert len(files) == 1
    assert not [text for text in (said, *files, told) if "Anna" in text or "@" in text or "2345678" in text]


def test_O02_no_table_is_shown_that_does_not_escape():
    """Neither seglib nor a notebook styles a table with pandas' Styler, switches escaping off or writes HTML itself."""
    cells = [c for p in (ROOT / "notebooks").glob("*.ipynb") for c in nbformat.read(p, as_version=4).cells]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "seglib").rglob("*.py")]
    sources += [cell.source for cell in cells if cell.cell_type == "code"]
    suspects = [source for source in sources if re.search(r"escape|HTML|Markup|html\(|Styler|[.]style", source)]
    nodes = [node for source in suspects for node in ast.walk(ast.parse(source))]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    named = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
    unescaped = [c for c in calls for k in c.keywords if k.arg == "escape" and getattr(k.value, "value", 1) is False]

    assert len(sources) > 200 and len(calls) > 100
    assert named & {"HTML", "Markup", "display_html", "to_html", "Styler"} == set()
    assert unescaped == []
    assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == "style"]


def test_O04_no_page_embeds_a_file_of_the_machine(tmp_path):
    """A picture that a notebook names by its path stays a name: not a byte of the file is in the page."""
    (tmp_path / "secret.png").write_bytes(b"the key of the house")
    text = f"# Head\n\n![figure]({tmp_path}/secret.png) ![other](secret.png) <img src='secret.png'>"
    path = tmp_path / "executed.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), path)
    html = pages.page(path, STEPS[3], {"study_title": "Acme", "quarter": "2026Q3", "footer": "made"})

    assert "dGhlIGtleSBvZiB0aGUgaG91c2" not in html
    assert "<img" not in html
    assert tuple(map(int, version("nbconvert").split(".")[:2])) >= (7, 17)
