"""No criterion sees the future: rows at or after as_of change nothing."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.sections import Criteria
from seglib.criteria.catalogue import NAMES, every
from seglib.criteria.criterion import Clock
from seglib.criteria.geographic import settled
from seglib.criteria.table import derive, tabulate

AS_OF = datetime(2026, 10, 1)
PRESENT = {
    "orders": ("quantity", "product_id", "category", "discount", "channel", "country", "region", "city"),
    "customers": (
        "birth_date",
        "gender",
        "household_size",
        "income_band",
        "account_id",
        "industry",
        "company_size",
        "climate",
    ),
    "events": ("session_id", "channel"),
    "contacts": ("campaign",),
    "feedback": ("item",),
}
PEOPLE = pd.DataFrame({"customer": [f"c{n}" for n in range(40)]}).assign(
    age_years=40,
    gender="female",
    household_size=2.0,
    income_band="low",
    account_id=[f"k{n // 2}" for n in range(40)],
    industry="retail",
    company_size=7.0,
    climate=["dry", "wet"] * 20,
)


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
    """Write the features of one past and any future, and return the file's bytes; every table is made of the rows."""
    past = random_orders(np.random.default_rng(0), "2025-01-01", 638, 400)
    engine = Engine.open()
    pd.concat([past, future], ignore_index=True).to_parquet(folder / "rows.parquet")
    PEOPLE.to_parquet(folder / "people.parquet")
    rows, people = engine.table(folder / "rows.parquet"), engine.table(folder / "people.parquet")
    at = rows.ordered_at
    collection = SimpleNamespace(
        orders=rows.mutate(city=rows.region),
        returns=rows.mutate(bought_at=at),
        customers=people,
        events=rows.mutate(session_id=rows.order_id, event_at=at),
        contacts=rows.mutate(sent_at=at, arm=rows.channel, campaign=rows.category),
        feedback=rows.mutate(answered_at=at, item=rows.product_id, answer=rows.quantity),
        has=lambda table, column: column in PRESENT.get(table, ()) or (table, column) == ("orders", "time of day"),
    )
    clock = Clock(AS_OF, control_arm="x")
    criteria = every(collection, clock, Criteria())
    values = derive(settled(tabulate(collection, clock, criteria).cache(), 10, engine), clock, criteria)
    engine.write(values, folder / "f.parquet", ("customer",))
    return (folder / "f.parquet").read_bytes()


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The features of a past without any future."""
    folder = tmp_path_factory.mktemp("past")
    publish(folder, random_orders(np.random.default_rng(1), "2026-10-01", 90, 0))
    return folder / "f.parquet"


def test_S07_every_criterion_is_under_test(nothing: Path):
    """The rows reach every declared criterion but one, and those made of the study's own words and items."""
    names = set(pd.read_parquet(nothing).columns)

    assert set(NAMES) - names == {"company_revenue_minor"}
    assert {"spent_on_t_share", "orders_by_w_share", "sessions_from_w_share", "p_answer", "straight_line_flag"} <= names


@pytest.mark.parametrize("seed", range(2))
def test_S07_rows_after_as_of_change_no_byte(nothing: Path, tmp_path: Path, seed: int):
    """Every row from as_of on is replaced by a random one; the published file stays the same."""
    noise = publish(tmp_path, random_orders(np.random.default_rng(seed), "2026-10-01", 90, 300))

    assert noise == nothing.read_bytes()


def test_S07_the_test_can_fail(nothing: Path, tmp_path: Path):
    """The same random rows one quarter earlier do change the file."""
    noise = publish(tmp_path, random_orders(np.random.default_rng(2), "2026-07-01", 90, 300))

    assert noise != nothing.read_bytes()
