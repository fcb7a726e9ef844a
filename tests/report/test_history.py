"""Several quarters in order: what is said when kept segments are found again no more."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.report import history

QUARTERS = Quarter("2026Q1").through(Quarter("2026Q4"))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A study that keeps its segments; each report notes its model, and kept ones ask for a refit from 2026Q1 on."""
    (tmp_path / "data/acme").mkdir(parents=True)
    text = "study: acme\nsources: {orders: {file: o.csv}}\nclustering: {model: keep}"
    (tmp_path / "data/acme/plan.yml").write_text(text)
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    made: dict[str, str] = {}

    def report(run: Run, _: object) -> Path:
        made[run.quarter.text] = Run.open("acme", run.quarter.text).plan.clustering.model
        return tmp_path / f"{run.quarter.text}.html"

    def verdict(text: str) -> SimpleNamespace | None:
        return SimpleNamespace(refit=made[text] == "keep") if text in made else None

    monkeypatch.setattr(history, "make_report", report)
    monkeypatch.setattr(Run, "previous", lambda run, _: verdict(run.quarter.previous.text))
    monkeypatch.setattr(Run, "read", lambda run, _: verdict(run.quarter.text))
    return made


def test_two_reports_that_ask_for_new_segments_are_enough(models: dict[str, str]) -> None:
    """All four quarters keep the segments; after the second it is said once, with the command that ends it."""
    said: list[str] = []
    history.make_history("acme", QUARTERS, 0, said.append)
    told = [place for place, line in enumerate(said) if "--refit-when-asked" in line]

    assert set(models.values()) == {"keep"}
    assert told == [2]
    assert said[2].endswith("seglib history --study acme --from 2026Q2 --to 2026Q4 --refit-when-asked")


def test_segments_are_made_anew_where_the_quarter_before_asked(models: dict[str, str]) -> None:
    """The first quarter asks, the second is made anew and is content, the third keeps what the second made."""
    said: list[str] = []
    history.make_history("acme", QUARTERS, 0, said.append, refit_when_asked=True)

    assert list(models.values()) == ["keep", "refit", "keep", "refit"]
    assert "   2026Q2: segments are made anew, as 2026Q1 asked (--refit-when-asked)" in said
    assert not any("both ask" in line for line in said)


def test_a_quarter_that_was_made_anew_stays_so(models: dict[str, str]) -> None:
    """A later report of the same quarter, and each of its notebooks, open the same decision."""
    history.make_history("acme", QUARTERS[:2], 0, lambda _: None, refit_when_asked=True)

    assert [Run.open("acme", quarter).plan.clustering.model for quarter in ("2026Q1", "2026Q2")] == ["keep", "refit"]
