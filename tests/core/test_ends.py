"""How far the data reach: a quarter that is not over, and a past too short to tell who is new."""

from datetime import datetime

import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.intake.ends import covered_until, early_end, notes, uncovered_days

AS_OF = datetime(2026, 10, 1)


@pytest.mark.parametrize(
    ("days", "missing"),
    [
        (pd.date_range("2026-07-01", "2026-09-08"), 22),
        (pd.date_range("2026-07-01", "2026-09-30"), 0),
        (pd.bdate_range("2026-07-01", "2026-09-28"), 2),
        (pd.bdate_range("2026-07-01", "2026-09-25"), 5),
        (pd.date_range("2026-07-01", "2026-09-30", freq="13D"), 0),
        (pd.date_range("2026-07-01", "2026-09-08").union(pd.DatetimeIndex(["2026-10-02"])), 0),
    ],
    ids=["22 days", "to the end", "two weekdays", "a week", "every 13 days", "later orders"],
)
def test_days_that_the_delivery_does_not_cover(days: pd.DatetimeIndex, missing: int) -> None:
    """What a usual pause explains is no gap, nor is one that later orders in the file close."""
    engine = Engine.open()
    found = uncovered_days(engine, engine.memory(pd.DataFrame({"ordered_at": days})), AS_OF)

    assert found == missing


def test_an_early_end_is_said_and_moves_the_clock() -> None:
    """The finding names the last day; whatever looks back does so from there."""
    tables = type("Tables", (), {"uncovered_days": 22})

    assert covered_until(tables, AS_OF) == datetime(2026, 9, 9)
    assert covered_until(object(), AS_OF) == AS_OF
    assert notes(0, AS_OF) == []
    assert notes(22, AS_OF)[0].what == f"the quarter is not over: {early_end(22, AS_OF)}"
