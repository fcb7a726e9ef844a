"""GA4: the export of events to BigQuery, nested, as JSON Lines and as Parquet, with a purchase that was sent twice."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .files import columns, jsonl_bytes, number
from .orders import Order, Tax
from .plan import Setup
from .truth import Export

ITEM = pa.struct(
    [
        ("item_id", pa.string()),
        ("item_name", pa.string()),
        ("item_brand", pa.string()),
        ("item_variant", pa.string()),
        ("item_category", pa.string()),
        ("price", pa.float64()),
        ("quantity", pa.int64()),
        ("item_revenue", pa.float64()),
        ("item_refund", pa.float64()),
        ("coupon", pa.string()),
    ]
)
MONEY = [(name, pa.float64()) for name in ("purchase_revenue", "refund_value", "shipping_value", "tax_value")]
ECOMMERCE = pa.struct(
    [("total_item_quantity", pa.int64()), *MONEY, ("unique_items", pa.int64()), ("transaction_id", pa.string())]
)
VALUE = pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())])
SCHEMA = pa.schema(
    [
        ("event_date", pa.string()),
        ("event_timestamp", pa.int64()),
        ("event_name", pa.string()),
        ("event_params", pa.list_(pa.struct([("key", pa.string()), ("value", VALUE)]))),
        ("event_value_in_usd", pa.float64()),
        ("user_id", pa.string()),
        ("user_pseudo_id", pa.string()),
        ("device", pa.struct([("category", pa.string()), ("language", pa.string())])),
        ("geo", pa.struct([("country", pa.string()), ("city", pa.string())])),
        ("ecommerce", ECOMMERCE),
        ("items", pa.list_(ITEM)),
    ]
)


def _event(order: Order, at: datetime, name: str) -> dict[str, Any]:
    who = order.customer
    text = {"string_value": "https://shop.test/", "int_value": None, "double_value": None}
    session = {"string_value": None, "int_value": 1_700_000_000 + order.number, "double_value": None}
    return {
        "event_date": f"{at:%Y%m%d}",
        "event_timestamp": int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000,
        "event_name": name,
        "event_params": [{"key": "page_location", "value": text}, {"key": "ga_session_id", "value": session}],
        "event_value_in_usd": None,
        "user_id": f"U{who.number}",
        "user_pseudo_id": f"{who.number * 1_000_003}.1700000000",
        "device": {"category": "mobile" if who.number % 2 else "desktop", "language": "en-gb"},
        "geo": {"country": "Germany", "city": who.city},
        "ecommerce": None,
        "items": [],
    }


def _items(order: Order, parts: dict[int, tuple[int, int]] | None) -> list[dict[str, Any]]:
    """Return the items of a purchase, or, where parts are given (line: pieces and money), those of a refund."""
    items = []
    for index, line in enumerate(order.lines):
        if parts is not None and index not in parts:
            continue
        quantity, back = parts[index] if parts else (line.quantity, 0)
        items.append(
            {
                "item_id": line.sku,
                "item_name": line.name,
                "item_brand": "(not set)",
                "item_variant": "(not set)",
                "item_category": "Household",
                "price": number(line.price),
                "quantity": quantity,
                "item_revenue": None if parts else number(line.listed),
                "item_refund": number(back) if parts else None,
                "coupon": "WELCOME" if line.share else "(not set)",
            }
        )
    return items


def _purchase(order: Order) -> dict[str, Any]:
    items = _items(order, None)
    money = {
        "total_item_quantity": sum(line.quantity for line in order.lines),
        "purchase_revenue": number(order.goods),
        "refund_value": None,
        "shipping_value": number(order.shipping),
        "tax_value": number(order.all_tax),
        "unique_items": len(items),
        "transaction_id": f"T{order.number}",
    }
    event = _event(order, order.at, "purchase")
    return event | {"ecommerce": money, "items": items, "event_value_in_usd": number(order.goods)}


def _refund(order: Order) -> dict[str, Any]:
    at = order.refund.at if order.refund else order.at
    parts = {part.line: (part.quantity, part.amount) for part in (order.refund.parts if order.refund else ())}
    money = dict.fromkeys([field.name for field in ECOMMERCE]) | {"transaction_id": f"T{order.number}"}
    money |= {"refund_value": number(order.back), "unique_items": len(parts)}
    return _event(order, at, "refund") | {"ecommerce": money, "items": _items(order, parts)}


def _events(orders: list[Order]) -> list[dict[str, Any]]:
    events = []
    for order in orders:
        events += [_event(order, order.at, name) for name in ("session_start", "page_view")]
        cart = _event(order, order.at, "add_to_cart")
        events += [cart | {"items": _items(order, None)[:1]}, _purchase(order)]
        if order.number % 17 == 0:
            events.append(_purchase(order))
        if order.refund:
            events.append(_refund(order))
    return sorted(events, key=lambda event: event["event_timestamp"])


def _parquet(orders: list[Order]) -> bytes:
    raw = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_events(orders), schema=SCHEMA), raw, compression="snappy")
    return raw.getvalue()


def _texts(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as BigQuery writes it to JSON: whole numbers as text, nothing for what is null."""
    return event | {"event_timestamp": str(event["event_timestamp"])}


PLAIN = frozenset(columns("shipping,order_discount,refund_line,refund_piece,refund_all"))
TELL = (
    "One row per event: only purchase and refund have money. purchase_revenue is what the shop sends: here "
    "goods after the coupon, without shipping and tax, while the items' revenue is before the coupon. "
    "Three purchases were sent twice with one transaction_id: each counts once."
)
SOURCE = "support.google.com/analytics/answer/7029846: schema of the BigQuery export; a part of its fields"
EXPORTS = [
    Export(
        "ga4_json",
        "GA4",
        "ga4_events.jsonl",
        Setup(221, Tax("beside", 1900), PLAIN),
        lambda orders: jsonl_bytes(map(_texts, _events(orders))),
        "part",
        SOURCE,
        cannot_tell=TELL,
    ),
    Export(
        "ga4_parquet",
        "GA4",
        "ga4_events.parquet",
        Setup(222, Tax("beside", 1900), PLAIN),
        _parquet,
        "part",
        SOURCE,
        cannot_tell=TELL,
    ),
]
