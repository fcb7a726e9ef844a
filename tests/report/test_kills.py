"""A runner that dies, or a call that fails, anywhere: the old report stays whole, and the next run ends in the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import light_reports
import pytest

LIGHT = Path(__file__).resolve().parents[1] / "light_reports.py"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are forked and killed as on Unix")


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory):
    """A function that makes reports whose notebooks take no time, once for each question, and returns what it saw."""
    seen = {}

    def make(what: str, number: int):
        if (what, number) not in seen:
            home = tmp_path_factory.mktemp("light")
            (home / "data" / "acme" / "sources").mkdir(parents=True)
            (home / "data" / "acme" / "plan.yml").write_text("study: acme\nsources: {orders: {file: orders.csv}}\n")
            orders = "customer_id,order_id,ordered_at,amount\n"
            (home / "data" / "acme" / "sources" / "orders.csv").write_text(orders)
            settings = {**os.environ, "SEGLIB_HOME": str(home), "PYTHONWARNINGS": "ignore"}
            given = [sys.executable, str(LIGHT), what, str(number)]
            done = subprocess.run(given, env=settings, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            seen[what, number] = json.loads(done.stdout)
        return seen[what, number]

    return make


@pytest.mark.parametrize("kills", [12, pytest.param(1_000, marks=pytest.mark.long)])
def test_X01_X02_X03_X04_X05_X06_X07_X08_X09_X10_X29_killed_anywhere(light, kills):
    """In each notebook, then at any moment, publication too: no partial report, and the next run ends in the same."""
    seen = light("kills", kills)["kills"]

    assert seen["killed"] > kills / 2
    assert seen | {"killed": 0} == {"killed": 0, "partial": 0, "not made again": 0, "litter": 0, "runs": kills}


@pytest.mark.parametrize("failures", [5, pytest.param(2_000, marks=pytest.mark.long)])
def test_X14_X15_X16_X23_X29_any_call_that_fails(light, failures):
    """A full disk, missing rights, an error of the disk, a pipe without reader, or a kill, at calls all over a run.

    The old report is whole, trouble is told as that (exit code 4), and the next run ends in the same report; the long
    sweep lets every call fail in every way.
    """
    few = failures == light_reports.FEW
    seen = light("kills", 12)["failures"] if few else light("failures", failures)
    wrong = {name: seen[name] for name in ("partial", "not made again", "not told as trouble", "litter")}

    assert seen["runs"] >= failures
    assert (wrong, seen["wrong"]) == (dict.fromkeys(wrong, 0), [])


@pytest.mark.parametrize("sizes", [light_reports.FEW, pytest.param(1_000, marks=pytest.mark.long)])
def test_X14_X18_a_write_to_an_open_file_that_fails(light, sizes):
    """No file may grow beyond a size, from the largest of a report down to none: told as trouble, nothing half made."""
    few = sizes == light_reports.FEW
    seen = light("kills", light_reports.KILLS)["limits"] if few else light("limits", sizes)
    wrong = {name: seen[name] for name in ("partial", "not made again", "not told as trouble", "litter")}

    assert seen["runs"] == sizes
    assert seen["stopped"] > seen["runs"] / 2
    assert wrong == dict.fromkeys(wrong, 0)
