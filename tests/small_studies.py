"""Small invented studies of several shapes, with customers, consent and events: whole runs that are not the demo."""

from pathlib import Path

import numpy as np
import pandas as pd

END, DAYS = pd.Timestamp("2026-10-01"), 500
LANDS, CHANNELS = ("DE", "FR", "NL"), ("web", "shop", "phone")
GAP_DAYS = {"often": (20.0, 0.6), "seldom": (160.0, 0.5), "once": (4_000.0, 1.0), "firms": (45.0, 0.9)}
PRICE = {"often": (12, 0.5), "seldom": (60, 0.7), "once": (35, 0.4), "firms": (400, 1.1)}
PLAN = """study: {name}
title: {name}
currency: EUR
sources:
  orders: {{file: orders.csv}}
  customers: {{file: customers.csv}}
  consent: {{file: consent.csv}}
  events: {{file: events.csv}}
consent: {{basis: consent, note: invented}}
{more}
"""


def customers(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Draw who they are: an id, a country that leans to one, a band of age, an industry for some."""
    return pd.DataFrame(
        {
            "customer_id": [f"K{n:04d}" for n in range(count)],
            "country": rng.choice(LANDS, count, p=[0.6, 0.3, 0.1]),
            "gender": rng.choice(["female", "male", ""], count, p=[0.45, 0.45, 0.1]),
            "age_band": rng.choice(["25-34", "35-49", "50-64"], count),
        }
    )


def orders(rng: np.random.Generator, people: pd.DataFrame, shape: str) -> pd.DataFrame:
    """Draw orders of the last 500 days: each customer has a pace and a price of his own."""
    rows = []
    gap, differ = GAP_DAYS[shape]
    price, wide = PRICE[shape]
    paces = gap * np.exp(rng.normal(0, differ, len(people)))
    sizes = price * np.exp(rng.normal(0, wide, len(people)))
    for who, pace, size in zip(people["customer_id"], paces, sizes, strict=True):
        day, stops = rng.uniform(0, DAYS - 3), rng.uniform(0.3, 3.0) * DAYS
        while day < min(DAYS, stops):
            rows.append((who, day, max(0.5, round(size * float(np.exp(rng.normal(0, 0.4))), 2))))
            day += max(1.0, rng.exponential(pace))
    table = pd.DataFrame(rows, columns=["customer_id", "day", "unit_price"]).sort_values("day", kind="stable")
    at = END + pd.to_timedelta(table["day"].to_numpy() - DAYS, unit="D")
    return pd.DataFrame(
        {
            "order_id": [f"B{n:06d}" for n in range(len(table))],
            "customer_id": table["customer_id"].to_numpy(),
            "ordered_at": at.strftime("%Y-%m-%d %H:%M:%S"),
            "quantity": 1,
            "unit_price": table["unit_price"].to_numpy(),
            "category": rng.choice(["tea", "cups", "honey"], len(table), p=[0.5, 0.3, 0.2]),
            "channel": rng.choice(CHANNELS, len(table), p=[0.7, 0.2, 0.1]),
        }
    )


def consent(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Most agree to be profiled, half to e-mail; a few say no."""
    rows = []
    for purpose, share in (("profiling", 0.97), ("email", 0.55)):
        word = np.where(rng.random(len(people)) < share, "granted", "withdrawn")
        part = {"customer_id": people["customer_id"], "purpose": purpose, "status": word}
        rows.append(pd.DataFrame(part).assign(recorded_at="2025-05-20 10:00:00"))
    return pd.concat(rows, ignore_index=True)


def events(rng: np.random.Generator, people: pd.DataFrame, count: int = 1_500) -> pd.DataFrame:
    """Draw visits of the last 200 days; some channels are rare."""
    way = np.array(["visit", "view", "cart", "checkout", "purchase"])
    steps = 1 + np.cumprod(rng.random((count, 4)) < [0.8, 0.5, 0.7, 0.8], axis=1).sum(axis=1)
    began = END - pd.to_timedelta(rng.uniform(0.1, 200, count), unit="D")
    sessions = pd.DataFrame(
        {
            "customer_id": rng.choice(people["customer_id"], count),
            "session_id": [f"s{n}" for n in range(count)],
            "channel": rng.choice(["search", "email", "social"], count, p=[0.6, 0.38, 0.02]),
            "began": began,
        }
    )
    rows = sessions.loc[sessions.index.repeat(steps)]
    place = rows.groupby(level=0).cumcount()
    at = (rows["began"] + pd.to_timedelta(place, unit="min")).dt.strftime("%Y-%m-%d %H:%M:%S")
    return rows.drop(columns="began").assign(event=way[place], event_at=at)


def write(home: Path, name: str, shape: str, seed: int, count: int = 260, visits: int = 1_500, more: str = "") -> Path:
    """Write a study and its plan; `more` are further lines of the plan."""
    rng = np.random.default_rng(seed)
    people = customers(rng, count)
    tables = {
        "customers": people,
        "orders": orders(rng, people, shape),
        "consent": consent(rng, people),
        "events": events(rng, people, visits),
    }
    folder = home / "data" / name
    (folder / "sources").mkdir(parents=True)
    for table, frame in tables.items():
        frame.to_csv(folder / "sources" / f"{table}.csv", index=False)
    (folder / "plan.yml").write_text(PLAN.format(name=name, more=more), encoding="utf-8")
    return folder
