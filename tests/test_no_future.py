"""No criterion sees the future: rows at or after as_of change nothing."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.criteria import Clock, available, derive, tabulate

AS_OF = datetime(2026, 10, 1)
PRESENT = {
    "orders": ("quantity", "product_id", "category", "discount", "channel", "country", "region"),
    "events": ("session_id",),
    "contacts": ("campaign",),
}


def random_orders(rng: np.random.Generator, first: str, days: int, count: int) -> pd.DataFrame:
    """Draw order lines of forty customers from a stretch of time."""
    at = pd.Timestamp(first) + pd.to_timedelta(rng.integers(0, days * 86_400, count), unit="s")
    word = lambda letters: rng.choice(list(letters), count)  # noqa: E731  # one line per column reads better
    return pd.DataFrame(
        {
            "customer": [f"c{n}" for n in rng.integers(0, 40, count)],
            "order_id": [f"o{n}" for n in rng.integers(0, 10 * count, count)],
            "ordered_at": at,
            "ordered_on": at.date,
            "quantity": rng.integers(1, 9, count).astype(float),
            "amount_minor": rng.integers(1, 10**6, count),
            "discount_minor": rng.integers(0, 2, count),
            "product_id": word("pqrs"),
            "category": word("tuv"),
            "channel": word("wx"),
            "country": word("yz"),
            "region": word("mn"),
        }
    )


def publish(folder: Path, future: pd.DataFrame) -> bytes:
    """Write the features of one past and any future, and return the file's bytes."""
    past = random_orders(np.random.default_rng(0), "2025-01-01", 638, 400)
    engine = Engine.open()
    rows = engine.memory(pd.concat([past, future], ignore_index=True))
    touch = rows.mutate(session_id=rows.order_id, event_at=rows.ordered_at, sent_at=rows.ordered_at)
    collection = SimpleNamespace(
        orders=rows, returns=rows, events=touch, contacts=touch, has=lambda t, c: c in PRESENT.get(t, ())
    )
    criteria, clock = available(collection.has), Clock(AS_OF)
    engine.write(derive(tabulate(collection, clock, criteria), clock, criteria), folder / "f.parquet", ("customer",))
    return (folder / "f.parquet").read_bytes()


@pytest.mark.parametrize("seed", range(3))
def test_S07_rows_after_as_of_change_no_byte(tmp_path: Path, seed: int):
    """Every row from as_of on is replaced by a random one; the published file stays the same."""
    nothing = publish(tmp_path, random_orders(np.random.default_rng(1), "2026-10-01", 90, 0))
    noise = publish(tmp_path, random_orders(np.random.default_rng(seed), "2026-10-01", 90, 300))

    assert noise == nothing


def test_S07_the_test_can_fail(tmp_path: Path):
    """The same random rows one quarter earlier do change the file."""
    nothing = publish(tmp_path, random_orders(np.random.default_rng(1), "2026-10-01", 90, 0))
    noise = publish(tmp_path, random_orders(np.random.default_rng(2), "2026-07-01", 90, 300))

    assert noise != nothing
