"""A small study with every table, as notebook 02 would hand it on."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.collection import Collection
from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

Study = tuple[Collection, SimpleNamespace]
HAS = {
    "orders": ("quantity", "category", "channel", "discount", "product_id"),
    "customers": (
        *("birth_date", "gender", "country", "region", "city", "climate"),
        *("account_id", "industry", "annual_revenue"),
    ),
    "events": ("session_id", "channel"),
    "contacts": ("campaign",),
    "feedback": ("item",),
}
MADE = {
    "amount_minor": 1000,
    "discount_minor": 0,
    "cost_minor": 0,
    "gross_minor": 1000,
    "returned_minor": 0,
    "quantity": 1.0,
    "product_id": "p",
    "category": "tea",
}
MADE |= {"channel": "web", "country": None, "region": None, "city": None}


def collected(folder: Path, plan: str = "", **tables: pd.DataFrame) -> Study:
    """Write tables as files, and give them as a collection with the run of 2026Q3."""
    engine = Engine.open()
    orders = tables["orders"].assign(ordered_on=lambda t: t["ordered_at"].dt.date)
    tables["orders"] = orders.assign(**{name: value for name, value in MADE.items() if name not in orders})
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    lazy = {name: engine.table(folder / f"{name}.parquet") for name in tables}
    empty = pd.DataFrame()
    collection = Collection(
        **{name: lazy.get(name) for name in ("customers", "events", "contacts", "feedback", "consent")},
        orders=lazy["orders"],
        returns=lazy["orders"].filter(lazy["orders"].quantity < 0).mutate(bought_at=lazy["orders"].ordered_at),
        present={name: HAS[name] for name in tables},
        missing=(),
        **dict.fromkeys(("findings", "waterfall", "consents", "freshness"), empty),
    )
    text = f"study: tea\nsources: {{orders: {{file: o.csv}}}}\nprivacy: {{floor: 5}}\n{plan}"
    return collection, SimpleNamespace(plan=Plan.parse(text), quarter=Quarter("2026Q3"), engine=engine)


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    """A function from a plan's text and tables to a collection and its run."""
    return lambda plan="", **tables: collected(tmp_path, plan, **tables)


def times(rng: np.random.Generator, count: int, first: str = "2025-08-01", days: int = 480) -> pd.Series:
    """Draw moments before, in and after the window that ends on 2026-10-01."""
    return pd.Series(pd.Timestamp(first) + pd.to_timedelta(rng.integers(0, days * 86_400, count), unit="s"))


def everything() -> dict[str, pd.DataFrame]:
    """Draw thirty customers with rows in every table, some of them in the future."""
    rng = np.random.default_rng(7)
    who = lambda count: [f"c{n:02}" for n in rng.integers(0, 30, count)]  # noqa: E731  # one line per column reads better
    word = lambda letters, count: rng.choice(list(letters), count)  # noqa: E731  # one line per column reads better
    orders = pd.DataFrame({"customer": who(300), "ordered_at": times(rng, 300)})
    orders = orders.assign(order_id=[f"o{n}" for n in range(300)], amount_minor=rng.integers(100, 9000, 300))
    orders = orders.assign(category=word("aabbbccdefgh", 300), channel=word("www ss", 300)).replace(" ", None)
    people = pd.DataFrame({"customer": [f"c{n:02}" for n in range(30)], "account_id": None, "gender": "female"})
    people = people.assign(age_years=40, country="Peru", region="North", city=["Lima"] * 20 + ["Ica"] * 10)
    people = people.assign(climate=["dry"] * 18 + ["wet"] * 4 + ["cold"] * 3 + [None] * 5)
    people.loc[:11, "account_id"] = [f"k{n // 3}" for n in range(12)]
    people = people.assign(
        industry=people["account_id"].map({"k0": "retail", "k1": "retail", "k2": "crafts", "k3": None})
    )
    people = people.assign(
        annual_revenue_minor=pd.Series(5000, range(30)).where(people["account_id"].notna()).astype("Int64")
    )
    events = pd.DataFrame({"customer": who(200), "event_at": times(rng, 200), "event": "visit"})
    events = events.assign(session_id=[f"s{n}" for n in rng.integers(0, 80, 200)], channel=word("xxyz", 200))
    contacts = pd.DataFrame({"customer": who(90), "sent_at": times(rng, 90), "campaign": "n", "arm": word("abk", 90)})
    contacts = contacts.replace({"arm": {"k": "control"}})
    feedback = pd.DataFrame({"customer": who(400), "answered_at": times(rng, 400)})
    items = rng.choice(["calm", "bold", "kind", "religion", "nps"], 400)
    answers = np.where(items == "nps", rng.integers(0, 11, 400), rng.integers(1, 6, 400)).astype(float)
    answers[rng.random(400) < 0.03] = 99
    answers[feedback["customer"].isin(["c01", "c02", "c03", "c04"]) & (items != "nps")] = 4
    feedback = feedback.assign(item=items, answer=answers)
    return {"orders": orders, "customers": people, "events": events, "contacts": contacts, "feedback": feedback}


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The study with everything: its tables as drawn, its collection, its run and its features."""
    from seglib import criteria

    tables = everything()
    plan = "criteria: {items: {bold: {low: 1, high: 5, reverse: true, missing: [3]}}}"
    collection, run = collected(tmp_path_factory.mktemp("full"), plan, **tables)
    features = criteria.compute(collection, run)
    frame = run.engine.frame(features.values).set_index("customer").sort_index()
    return SimpleNamespace(tables=tables, collection=collection, run=run, features=features, frame=frame)
