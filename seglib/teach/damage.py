"""A small export of orders in which a dozen kinds of defects are planted, each on rows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Row = dict[str, str]
COLUMNS = ("order_id", "customer_id", "ordered_at", "quantity", "unit_price", "status")
ROWS, FIRST_DAY = 420, "2026-07-01"
FEWEST, MOST = 3, 9  # rows of each kind


def _day_first(row: Row) -> Row:
    year, month, day = row["ordered_at"][:10].split("-")
    return row | {"ordered_at": f"{day}/{month}/{year} {row['ordered_at'][11:16]}"}


def _in_pence(row: Row) -> Row:
    return row | {"unit_price": f"{round(float(row['unit_price']) * 100)}p"}


MENDED: dict[str, Callable[[Row], Row]] = {  # rows that can be repaired, and count
    "untidy_customers": lambda row: row | {"customer_id": f" {row['customer_id'].lower()} "},
    "day_first_dates": _day_first,
    "decimal_commas": lambda row: row | {"unit_price": row["unit_price"].replace(".", ",")},
    "words_in_quantity": lambda row: row | {"quantity": f"{row['quantity']} pcs"},
    "prices_in_pence": _in_pence,
    "unsigned_returns": lambda row: row | {"status": "returned"},
}
SET_ASIDE: dict[str, Callable[[Row], Row]] = {  # rows that do not count
    "test_orders": lambda row: row | {"status": "test"},
    "free_lines": lambda row: row | {"unit_price": "0.00"},
    "no_customer": lambda row: row | {"customer_id": ""},
    "future_dates": lambda row: row | {"ordered_at": f"2027{row['ordered_at'][4:]}"},
    "total_rows": lambda row: row | {"order_id": "TOTAL", "customer_id": "", "unit_price": f"{_pence(row)}.00"},
    "duplicate_rows": dict,
}


def damaged(lines: Sequence[Row], seed: int) -> tuple[list[Row], dict[str, Any]]:
    """Plant defects in lines of the last quarter.

    Parameters
    ----------
    lines : sequence of Row
        Order lines of the generator.
    seed : int

    Returns
    -------
    tuple
        The rows of the export; and what was planted: rows of each kind, and the net revenue of what counts, in pence.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 2])))
    good = {tuple(line[name] for name in COLUMNS): line for line in lines if _counts(line)}
    rows = [dict(zip(COLUMNS, key, strict=True)) for key in list(good)[-ROWS:]]
    places = iter(sorted(range(len(rows)), key=lambda _: float(rng.random())))
    counts, made, pence = {}, dict(enumerate(rows)), {place: _pence(row) for place, row in enumerate(rows)}
    extra: dict[int, list[Row]] = {}
    for name, change in (MENDED | SET_ASIDE).items():
        counts[name] = FEWEST + int(rng.random() * (MOST - FEWEST + 1))
        for place in _some(places, counts[name]):
            if name in ("total_rows", "duplicate_rows"):
                extra[place] = [change(rows[place])]
                continue
            made[place] = change(rows[place])
            pence[place] *= 0 if name in SET_ASIDE else -1 if name == "unsigned_returns" else 1
    out = [row for place, first in made.items() for row in (first, *extra.get(place, ()))]
    return out, {"counts": counts, "net_pence": sum(pence.values())}


def _counts(line: Row) -> bool:
    plain = line["status"] == "completed" and float(line["unit_price"]) > 0 and line["customer_id"]
    return bool(plain) and line["ordered_at"] >= FIRST_DAY


def _pence(row: Row) -> int:
    return int(row["quantity"]) * round(float(row["unit_price"]) * 100)


def _some(places: Iterator[int], count: int) -> Iterator[int]:
    return (next(places) for _ in range(count))
