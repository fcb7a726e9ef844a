"""What several tests of intake share: an export on its whole way from file to orders."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from seglib.core.intake import Intake, take_in
from seglib.core.run import Run
from seglib.init.propose import Proposal, propose
from seglib.init.study import write_study

Taken = tuple[Proposal, pd.DataFrame]


@pytest.fixture
def from_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Taken]:
    """Return a function that sets up a study from an export, takes it in, and gives the proposal and its orders."""

    def take(content: str | bytes | Path, quarter: str = "2026Q1", name: str = "export.csv", plan: str = "") -> Taken:
        path = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        made = propose(path)
        monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
        monkeypatch.delenv("SEGLIB_WORK", raising=False)
        written = write_study(made, tmp_path, "acme")
        if plan:
            written.write_text(plan, encoding="utf-8")
        run = Run.open("acme", quarter)
        take_in(run)
        orders = run.engine.frame(run.read(Intake).orders.order_by("ordered_at", "amount_minor"))
        return made, orders

    return take
