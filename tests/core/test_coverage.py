"""Which quarter a file of orders covers when nobody names one."""

from pathlib import Path

import pytest

from seglib.core.intake.coverage import latest_quarter
from seglib.core.run import Run


def latest(home: Path, monkeypatch: pytest.MonkeyPatch, *days: str) -> str:
    """The last quarter that orders on these days cover."""
    monkeypatch.setenv("SEGLIB_HOME", str(home))
    folder = home / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "plan.yml").write_text("study: acme\nsources: {orders: {file: o.csv}}\n", encoding="utf-8")
    rows = [f"{n},ann,{day},5" for n, day in enumerate(days)]
    text = "\n".join(["order_id,customer_id,ordered_at,amount", *rows, ""])
    (folder / "sources" / "o.csv").write_text(text, encoding="utf-8")
    return latest_quarter(Run.open("acme", "2000Q1")).text


def test_the_last_day_of_a_quarter_completes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders on every day up to the last one."""
    assert latest(tmp_path, monkeypatch, "2025-12-29", "2025-12-30", "2025-12-31") == "2025Q4"


def test_a_usual_pause_at_the_end_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop that often has a day without orders had one on New Year's Eve."""
    assert latest(tmp_path, monkeypatch, "2025-12-26", "2025-12-28", "2025-12-30") == "2025Q4"


def test_a_pause_longer_than_usual_leaves_the_quarter_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop that sells every day has not delivered its last day yet."""
    assert latest(tmp_path, monkeypatch, "2025-12-28", "2025-12-29", "2025-12-30") == "2025Q3"


def test_a_long_pause_is_never_usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Summer holidays do not make three weeks at the end of a quarter complete."""
    assert latest(tmp_path, monkeypatch, "2025-10-01", "2025-11-20", "2025-12-09") == "2025Q3"
