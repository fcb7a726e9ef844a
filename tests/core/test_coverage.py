"""Which quarter a file of orders covers when nobody names one."""

from pathlib import Path

import pandas as pd
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


def daily(first: str, last: str, *closed: str) -> list[str]:
    """Days from first to last, but for those on which the shop was closed."""
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, last) if f"{day:%Y-%m-%d}" not in closed]


EASTER = ("2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06")


@pytest.mark.parametrize(
    ("last", "quarter"), [("2026-06-26", "2026Q1"), ("2026-06-29", "2026Q1"), ("2026-06-30", "2026Q2")]
)
def test_four_closed_days_once_complete_no_quarter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str, quarter: str
) -> None:
    """An export made before the quarter's end does not cover it, though the shop was closed over Easter."""
    assert latest(tmp_path, monkeypatch, *daily("2026-04-01", last, *EASTER)) == quarter


@pytest.mark.parametrize(("year", "last", "quarter"), [(2027, "10-30", "2027Q3"), (2028, "12-29", "2028Q4")])
def test_a_weekday_that_is_always_closed_completes_a_quarter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: int, last: str, quarter: str
) -> None:
    """Closed on weekends: of 2028 the last two days are one, and Friday is the last order; October is not over."""
    days = pd.bdate_range(f"{year}-08-01", f"{year}-{last}")

    assert latest(tmp_path, monkeypatch, *(f"{day:%Y-%m-%d}" for day in days)) == quarter
