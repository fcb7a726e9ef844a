"""Nested files on their way to orders: JSON Lines, answers of a shop's interface, GA4's export, Spark's times."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seglib.core.errors import InputRefused
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.readers import open_readers
from seglib.init.propose import propose

pytestmark = pytest.mark.forms(1)

Export = Callable[..., Any]


def order(number: int, day: str, mail: str, *lines: tuple[str, int, str]) -> dict[str, Any]:
    """One order as shops' interfaces write it."""
    items = [{"sku": sku, "quantity": pieces, "price": price, "tags": ["new"]} for sku, pieces, price in lines]
    return {"id": number, "created_at": f"{day}T10:00:00Z", "customer": {"email": mail}, "line_items": items}


ORDERS = [
    order(1, "2026-01-05", "ann@example.com", ("MUG", 2, "10.00"), ("CUP", 1, "20.00")),
    order(2, "2026-01-06", "bob@example.com", ("MUG", 3, "10.00")),
    order(3, "2026-02-05", "ann@example.com", ("CUP", 2, "5.50")),
]
WAYS = {
    "lines.jsonl": lambda: "\n".join(json.dumps(each) for each in ORDERS),
    "array.json": lambda: json.dumps(ORDERS, indent=1),
    "answer.json": lambda: json.dumps({"orders": ORDERS, "page": 1}),
}


@pytest.mark.parametrize("name", WAYS)
def test_each_line_of_a_nested_order_is_a_row(from_export: Export, name: str) -> None:
    """What lies in an object is called outer.inner; a list gives a row for each of its elements."""
    made, orders = from_export(WAYS[name](), name=name)

    assert made.source.columns["quantity"] == "line_items.quantity"
    assert made.source.columns["customer_id"] == "customer.email"
    assert sorted(orders["amount_minor"]) == [1100, 2000, 2000, 3000] and orders["order_id"].nunique() == 3


GA4_ITEM = pa.struct([("item_id", pa.string()), ("price", pa.float64()), ("quantity", pa.int64())])
GA4 = pa.schema(
    [
        ("event_timestamp", pa.int64()),
        ("event_name", pa.string()),
        ("user_pseudo_id", pa.string()),
        ("event_params", pa.list_(pa.struct([("key", pa.string()), ("value", pa.struct([("s", pa.string())]))]))),
        ("ecommerce", pa.struct([("transaction_id", pa.string()), ("purchase_revenue", pa.float64())])),
        ("items", pa.list_(GA4_ITEM)),
    ]
)


def event(micros: int, name: str, user: str, number: str | None, *items: tuple[str, float, int]) -> dict[str, Any]:
    """One event of GA4's export; the parameters are a list as well."""
    listed = [{"item_id": item, "price": price, "quantity": pieces} for item, price, pieces in items]
    paid = sum(price * pieces for _, price, pieces in items)
    shop = {"transaction_id": number, "purchase_revenue": paid if number else None}
    told = [{"key": "page", "value": {"s": "/"}}]
    ids = {"event_timestamp": micros, "event_name": name, "user_pseudo_id": user}
    return ids | {"event_params": told, "ecommerce": shop, "items": listed}


def test_purchases_of_ga4_are_orders(tmp_path: Path, from_export: Export) -> None:
    """Only events of purchase count, with what they say all items cost; times are in microseconds of UTC."""
    rows = [
        event(1767607200000000, "purchase", "u1", "T1", ("A", 10.5, 2), ("B", 4.0, 1)),
        event(1767693600000000, "page_view", "u2", None),
        event(1767780000000000, "purchase", "u2", "T2", ("A", 10.5, 1)),
        event(1770285600000000, "purchase", "u1", "T3", ("B", 4.0, 3)),
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=GA4), tmp_path / "events.parquet")
    made, orders = from_export(tmp_path / "events.parquet")

    assert made.source.columns["order_id"] == "ecommerce.transaction_id"
    assert orders["amount_minor"].tolist() == [2500, 1050, 1200]
    assert orders["ordered_at"].dt.strftime("%m-%d %H:%M").unique().tolist() == [
        "01-05 10:00",
        "01-07 10:00",
        "02-05 10:00",
    ]


def test_an_order_without_lines_is_one_row(tmp_path: Path) -> None:
    """A list that is empty or missing takes no order away."""
    (tmp_path / "o.jsonl").write_text('{"id": 1, "lines": [{"sku": "A"}, {"sku": "B"}]}\n{"id": 2, "lines": []}\n')
    reader = open_readers(tmp_path / "o.jsonl", "o.jsonl", Source())[0]
    columns, lines = next(iter(reader.batches([0, 1], Faults())))

    assert [column.to_pylist() for column in columns] == [["1", "1", "2"], ["A", "B", None]]
    assert lines.to_pylist() == [1, 2, 3]


def test_columns_of_two_lists_are_refused(tmp_path: Path) -> None:
    """Elements of two lists do not belong together."""
    (tmp_path / "o.jsonl").write_text('{"id": 1, "lines": [{"sku": "A"}], "refunds": [{"sum": 2}]}\n')
    reader = open_readers(tmp_path / "o.jsonl", "o.jsonl", Source())[0]

    with pytest.raises(InputRefused, match="columns of two lists"):
        next(iter(reader.batches([1, 2], Faults())))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": 1}\n[2]\n', "not an object of JSON - o.json, line 2"),
        ('{"id": 1', "no JSON of records"),
        ('"text"', "no JSON of records"),
        ("[1, 2]", "no JSON of records"),
        ("", "F02|no JSON of records"),
        ('{"id": 1}\n{"id": \n', "not an object of JSON - o.json, line 2"),
    ],
)
def test_what_is_no_json_of_records_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """With the line, where there is one."""
    (tmp_path / "o.json").write_text(text)

    with pytest.raises(InputRefused, match=said):
        open_readers(tmp_path / "o.json", "o.json", Source())


def test_uuids_and_bytes_of_a_sound_parquet_file_are_text(tmp_path: Path) -> None:
    """Ids of Parquet's own UUID type, and text that an older writer marked as bytes."""
    ids = [uuid.UUID(int=1), uuid.UUID(int=2)]
    column = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([each.bytes for each in ids], pa.binary(16)))
    pq.write_table(pa.table({"id": column, "name": pa.array([b"Ann", None])}), tmp_path / "o.parquet")
    reader = open_readers(tmp_path / "o.parquet", "o.parquet", Source())[0]
    columns, _ = next(iter(reader.batches([0, 1], Faults())))

    assert [each.to_pylist() for each in columns] == [[str(each) for each in ids], ["Ann", None]]


@pytest.mark.parametrize("asked", [False, True])
def test_times_of_spark_are_utc(tmp_path: Path, from_export: Export, asked: bool) -> None:
    """Its 96-bit times are UTC and do not say so: half past ten in the evening of June is July in Berlin."""
    mails = ["A@example.com", "a@example.com"] if asked else ["a@example.com", "a@example.com"]
    times = [datetime(2026, 6, 30, 22, 30), datetime(2026, 7, 1, 10)]
    table = pa.table({"email": mails, "order_id": ["1", "2"], "date": times, "total": [1.5, 2.5]})
    pq.write_table(table, tmp_path / "spark.parquet", use_deprecated_int96_timestamps=True)
    made = propose(tmp_path / "spark.parquet")
    plan = made.plan_text("acme").replace("timezone: UTC", "timezone: Europe/Berlin")
    _, orders = from_export(tmp_path / "spark.parquet", "2026Q3", plan=plan)

    assert bool(made.source.query) is asked
    assert orders["ordered_at"].dt.strftime("%m-%d %H:%M").tolist() == ["07-01 00:30", "07-01 12:00"]
