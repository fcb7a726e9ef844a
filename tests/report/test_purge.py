"""What a study holds longer than its plan allows goes, and everything else stays and says why."""

import json
import os
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from seglib.__main__ import main
from seglib.core import store
from seglib.core.errors import Busy, PrivacyRefused
from seglib.core.plan import Plan
from seglib.report.purge import holdings, purge, refuse_expired

TODAY = date(2026, 11, 15)
PLAN = "study: acme\nsources: {orders: {file: orders.csv}}\nretention: {%s}\n"
QUARTERS = ("2022Q1", "2022Q4", "2025Q1", "2026Q2", "2026Q3")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a study of five quarters, each with a delivery and a report, a source and a file of an error."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    data = tmp_path / "data" / "acme"
    (data / "sources").mkdir(parents=True)
    (data / "sources" / "anna lee.csv").write_text("customer_id\n")
    (tmp_path / "data" / "seglib-error-acme-1.txt").write_text("place\n")
    (tmp_path / "data" / "seglib-error-acme2-1.txt").write_text("another study\n")
    long_ago = time.mktime(date(2020, 1, 1).timetuple())
    for path in ("acme/sources/anna lee.csv", "seglib-error-acme-1.txt", "seglib-error-acme2-1.txt"):
        os.utime(tmp_path / "data" / path, (long_ago, long_ago))
    for quarter in QUARTERS:
        work = tmp_path / "work"
        work.mkdir()
        pd.DataFrame({"segment": [1]}).to_parquet(work / "counts.parquet")
        (work / "mailchimp.csv").write_text("email\nann@example.org\n")
        pd.DataFrame({"customer_id": ["A"]}).to_parquet(work / "house_segments.parquet")
        (data / "private" / "set_aside").mkdir(parents=True, exist_ok=True)
        (data / "private" / "set_aside" / f"{quarter}.csv").write_text("table,file,line\n")
        receipt = {"name": "08_activation", "key": "k", "parameters": {}, "rows": {}, "inputs": {}}
        store.publish(work, data / "runs" / quarter / "08_activation", receipt)
        (tmp_path / "reports" / "acme" / quarter).mkdir(parents=True)
        (tmp_path / "reports" / "acme" / quarter / "index.html").write_text("<p>a report</p>")
    return tmp_path


def purged(home: Path, retention: str = "", dry_run: bool = False) -> list[str]:
    """The lines that purging says under a plan."""
    said: list[str] = []
    purge(home / "data" / "acme", Plan.parse(PLAN % retention), TODAY, said.append, dry_run)
    return said


def there(home: Path) -> set[str]:
    """Every file below the home but locks and receipts."""
    paths = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    return {path.as_posix() for path in paths if "receipts" not in path.parts and path.name != ".lock"}


def test_R30_what_is_older_than_the_plan_keeps_goes_and_the_rest_says_why(home: Path) -> None:
    """Results of over three years, deliveries of over one, errors of over 90 days; reports and sources stay."""
    before = there(home)
    said = purged(home)
    gone = before - there(home)

    assert gone == {
        "data/seglib-error-acme-1.txt",
        *(f"data/acme/runs/2025Q1/08_activation/{n}" for n in ("mailchimp.csv", "house_segments.parquet")),
        *(f"data/acme/runs/{q}/08_activation/{n}" for q in ("2022Q1", "2022Q4")
          for n in ("counts.parquet", "mailchimp.csv", "house_segments.parquet", "manifest.json")),
        *(f"data/acme/private/set_aside/{q}.csv" for q in ("2022Q1", "2022Q4")),
    }  # fmt: skip
    assert "goes: results 2022Q1, 1,689 days old: more than the 1,095 days of retention.results_days" in said
    assert "stays: deliveries 2026Q3, 45 days old: kept for 365 days" in said
    assert "stays: reports 2022Q1, 1,689 days old: retention.reports_days sets no end" in said
    assert said[-1] == "6 removed; the receipt lies in private/receipts"
    assert not list(home.rglob(".purge-*"))


def test_R30_what_is_left_of_a_delivery_is_whole(home: Path) -> None:
    """The manifest fits what stays, so that nothing looks damaged."""
    purged(home)
    folder = home / "data" / "acme" / "runs" / "2025Q1" / "08_activation"
    receipt = store.read_receipt(folder)
    assert receipt
    store.check_files(folder, receipt)

    assert set(receipt.files) == {"counts.parquet"}


def test_R30_the_latest_quarter_and_what_it_is_compared_with_stay(home: Path) -> None:
    """However short the time is, the report that there is can be made again."""
    said = purged(home, "results_days: 1, deliveries_days: 1")

    assert sorted(path.name for path in (home / "data/acme/runs").glob("*Q?")) == ["2026Q2", "2026Q3"]
    assert "stays: results 2026Q2, 137 days old: the latest quarter is compared with it" in said
    assert (home / "data/acme/runs/2026Q2/08_activation/mailchimp.csv").exists()


def test_R30_a_report_goes_only_where_the_plan_says_so_and_is_named(home: Path) -> None:
    """Two of five are older than two years; the list of reports names the other three."""
    said = purged(home, "reports_days: 730")
    listed = (home / "reports" / "index.html").read_text(encoding="utf-8")

    assert [line.partition(",")[0] for line in said if "goes: reports" in line] == [
        "goes: reports 2022Q1",
        "goes: reports 2022Q4",
    ]
    assert [quarter in listed for quarter in QUARTERS] == [False, False, True, True, True]


def test_R30_a_dry_run_only_says_it(home: Path) -> None:
    """Nothing is touched, and the last line counts."""
    before = there(home)

    assert purged(home, dry_run=True)[-1] == "nothing was removed: 6 would go"
    assert there(home) == before


def test_R30_the_receipt_names_nobody(home: Path) -> None:
    """Quarters by name, files by their number: a file may be named after a person."""
    purged(home, "sources_days: 30")
    (receipt,) = (home / "data/acme/private/receipts").glob("purge-*.json")

    assert json.loads(receipt.read_text())["removed"] == {
        "results": ["2022Q1", "2022Q4"],
        "deliveries": ["2022Q1", "2022Q4", "2025Q1"],
        "reports": [],
        "sources": 1,
        "errors": 1,
    }
    assert not (home / "data/acme/sources/anna lee.csv").exists()


def test_R30_a_stop_leaves_each_thing_whole_or_gone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at the second rename: the first is gone, the others are as before, and the next call does the rest."""
    real, calls = Path.rename, []

    def rename(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(path, target)

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(Path, "rename", rename)
        purged(home)
    left = sorted(path.name for path in (home / "data/acme/runs").glob("*Q?"))
    purged(home)

    assert left == ["2022Q4", "2025Q1", "2026Q2", "2026Q3"]
    assert not list(home.rglob(".purge-*"))
    assert sorted(path.name for path in (home / "data/acme/runs").glob("*Q?")) == ["2025Q1", "2026Q2", "2026Q3"]


def test_R30_a_report_is_not_made_from_expired_sources(home: Path) -> None:
    """Exit code 5, with the file, its age and the command; without a time in the plan sources are kept."""
    data = home / "data" / "acme"
    refuse_expired(data, Plan.parse(PLAN % ""), TODAY)

    with pytest.raises(PrivacyRefused, match=r"R30 older than the 30 days .*: seglib purge --study acme") as refused:
        refuse_expired(data, Plan.parse(PLAN % "sources_days: 30"), TODAY)
    assert refused.value.exit_code == 5


def test_R30_the_command_waits_for_a_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While the study is written nothing goes; later the verb does it."""
    (home / "data/acme/plan.yml").write_text(PLAN % "")
    with FileLock(home / "data/acme/runs/.lock"), pytest.raises(Busy):
        purged(home)
    code = main(["purge", "--study", "acme", "--dry-run"])

    assert code == 0
    assert "nothing was removed" in capsys.readouterr().out
    assert len(holdings(home / "data/acme", Plan.parse(PLAN % ""), TODAY)) == 17
