"""A write that fails in the middle of a file: what was published stays whole, and the next run ends in the same."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_studies import write
from ten_steps import published, ten_steps

from seglib.core.ending import exit_code_of
from seglib.core.intake import take_in
from seglib.core.run import Run

resource = pytest.importorskip("resource", reason="limits of a process are those of Unix")
PLAN = """study: acme
synthetic: true
sources: {orders: {file: orders.csv}}
consent: {basis: contract, note: invented}
"""
HEADER = "customer_id,order_id,ordered_at,amount\n"
LINES = [f"c{n % 60},A{n},2026-0{1 + n % 9}-{1 + n % 28:02d},{5 + n % 7}.50\n" for n in range(400)]
FEW, MANY = (4_000, 300), tuple(range(20_000, -1, -1_000))


@contextlib.contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file of this process become larger: a write beyond it fails, also of a file that is open already."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def home_of(tmp_path: Path, name: str, rows: int) -> Path:
    """A project folder with a study of so many order lines."""
    folder = tmp_path / name / "data" / "acme"
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "plan.yml").write_text(PLAN)
    (folder / "sources" / "orders.csv").write_text(HEADER + "".join(LINES[:rows]))
    return tmp_path / name


def taken() -> dict[str, bytes]:
    """What the intake of the quarter has published."""
    folder = Run.open("acme", "2026Q3").folder / "00_intake"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".parquet"}


@pytest.mark.parametrize("limits", [FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=["few", "many"])
def test_X14_X18_a_write_that_fails_leaves_the_old_result_and_the_next_run_makes_the_same(
    limits: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parquet and JSON of the intake, at sizes beyond which no file may grow: exit code 4, nothing half made."""
    monkeypatch.setenv("SEGLIB_HOME", str(home_of(tmp_path, "alone", 400)))
    take_in(Run.open("acme", "2026Q3"))
    alone = taken()
    monkeypatch.setenv("SEGLIB_HOME", str(home_of(tmp_path, "home", 300)))
    take_in(Run.open("acme", "2026Q3"))
    old, codes, seen = taken(), [], []
    home_of(tmp_path, "home", 400)
    for limit in limits:
        with at_most(limit):
            codes.append(exit_code_of(lambda: take_in(Run.open("acme", "2026Q3")), None))
        seen.append(taken())
    said = capsys.readouterr().err
    take_in(Run.open("acme", "2026Q3"))

    assert {*codes} <= {0, 4}
    assert codes[-1] == 4
    assert all(each in (old, alone) for each in seen)
    assert "a file is larger than the limit" in said
    assert taken() == alone != old


@pytest.mark.long
def test_X14_X18_no_step_hands_on_half_a_result_where_files_may_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All ten steps of a small study, at falling sizes beyond which no file may grow, then without a limit."""
    more = "synthetic: true\nclustering: {bootstrap_pairs: 5, largest_count: 3, smallest_count: 2}"
    made = []
    for name in ("alone", "home"):
        monkeypatch.setenv("SEGLIB_HOME", str(tmp_path / name))
        write(tmp_path / name, "often", "often", 5, count=120, visits=100, more=more)
        for limit in (60_000, 30_000, 15_000, 8_000, 4_000, 2_000, 1_000, 0) if name == "home" else ():
            with at_most(limit):
                assert exit_code_of(lambda: ten_steps("2026Q3", "often"), None) in (0, 4)
        made.append(published(ten_steps("2026Q3", "often").folder))

    assert made[0] == made[1]
