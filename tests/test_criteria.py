"""Criteria on a few visible orders, and on the published numbers of a real shop."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.criteria.catalogue import ALL, available, chosen, missing
from seglib.criteria.criterion import Clock
from seglib.criteria.table import derive, tabulate

AS_OF = datetime(2026, 10, 1)
ORDERS = ("quantity", "product_id", "category", "discount", "channel", "country", "time of day")


def lines(*rows):
    """Make order lines of customer, order, time, amount in pence, category."""
    frame = pd.DataFrame(rows, columns=["customer", "order_id", "ordered_at", "amount_minor", "category"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"])
    return frame.assign(
        ordered_on=frame["ordered_at"].dt.date,
        quantity=2.0,
        discount_minor=0,
        product_id=frame["category"],
        channel="web",
        country="Peru",
    )


def features(frame, has=ORDERS, clock=None, **tables):
    """Compute every criterion that the given order columns allow."""
    engine, clock = Engine.open(), clock or Clock(AS_OF)
    orders = engine.memory(frame)
    present = {"orders": has, **{name: tuple(table.columns) for name, table in tables.items()}}
    collection = SimpleNamespace(
        orders=orders,
        returns=orders.filter(orders.quantity < 0).mutate(bought_at=orders.ordered_at),
        has=lambda table, column: column in present.get(table, ()),
        **{name: engine.memory(table) for name, table in tables.items()},
    )
    criteria = available(collection.has)
    values = derive(tabulate(collection, clock, criteria), clock, criteria)
    return engine.frame(values.order_by("customer")).set_index("customer")


SHOP = lines(
    ("a", "1", "2026-09-30 19:00", 1000, "tea"),
    ("a", "1", "2026-09-30 19:00", 500, "jam"),
    ("a", "2", "2026-09-20 10:00", 300, "tea"),
    ("b", "3", "2026-01-10 10:00", 800, "jam"),
    ("c", "4", "2024-01-01 10:00", 900, "jam"),
)


def test_rfm_counts_orders_not_lines():
    """Two lines of one order are one order; the last day of the quarter is 0 days ago."""
    a = features(SHOP).loc["a"]

    assert (a.recency_days, a.order_count, a.monetary_minor, a.order_value_minor) == (0, 2, 1800, 900.0)


def test_who_did_not_buy_in_the_window_is_not_described():
    """Customer c last ordered two years ago."""
    assert list(features(SHOP).index) == ["a", "b"]
    assert list(features(SHOP, clock=Clock(AS_OF, None)).index) == ["a", "b", "c"]


def test_tenure_looks_back_beyond_the_window():
    """The first order ever counts for the tenure, only the window for the rest."""
    old = lines(("a", "0", "2024-10-01 09:00", 700, "tea"), ("a", "1", "2026-09-01 09:00", 100, "tea"))
    a = features(old).loc["a"]

    assert (a.tenure_days, a.order_count, a.monetary_minor) == (729, 1, 100)


def test_gap_is_missing_for_a_single_order():
    """One order has no distance to another one."""
    gap = features(SHOP)["gap_days"]

    assert gap["a"] == 10
    assert pd.isna(gap["b"])


def test_breadth_and_top_category_come_from_money():
    """Tea brought 1300, jam 500."""
    a = features(SHOP).loc["a"]

    assert (a.breadth_count, a.top_category) == (2, "tea")


def test_of_two_channels_or_categories_that_weigh_the_same_the_last_one_counts():
    """One order by web and one in the shop: the alphabet would make shop customers of all who order twice."""
    rows = lines(("a", "1", "2026-08-01 09:00", 100, "tea"), ("a", "2", "2026-09-01 09:00", 100, "jam"))
    channels = rows.assign(channel=["shop", "web"])
    turned = rows.assign(channel=["web", "shop"])

    assert [features(table, has=("category", "channel")).loc["a", "top_channel"] for table in (channels, turned)] == [
        "web",
        "shop",
    ]
    assert features(rows).loc["a", "top_category"] == "jam"


def test_breadth_falls_back_to_products():
    """A study without categories counts products; a study with orders only still has its RFM."""
    assert features(SHOP, has=("product_id",)).loc["a", "breadth_count"] == 2
    assert "breadth_count" not in features(SHOP, has=())


def test_evening_and_weekend_are_shares_of_orders():
    """Order 1 was placed at 19:00 on a Wednesday, order 2 at 10:00 on a Sunday."""
    a = features(SHOP).loc["a"]

    assert (a.evening_share, a.weekend_share) == (0.5, 0.5)


def test_b05_the_share_of_returned_orders_is_of_all_orders_placed():
    """Customer a kept something of two orders, one of which came back in part; three more came back whole; one return
    is of an order before the window and one of none that is known, so both count as returns but not in the share."""
    times = pd.to_datetime(["2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04", "2020-01-01", None])
    orders_back = [SHOP["order_id"].iloc[0], "r1", "r2", "r3", "old", "unknown"]
    back = SHOP.iloc[[0] * 6].assign(order_id=orders_back, quantity=-1.0, bought_at=times)
    engine = Engine.open()
    orders, returns = engine.memory(SHOP), engine.memory(back)
    collection = SimpleNamespace(orders=orders, returns=returns, has=lambda *_: False)
    criteria, clock = available(collection.has), Clock(AS_OF)
    frame = engine.frame(derive(tabulate(collection, clock, criteria), clock, criteria)).set_index("customer")

    assert (frame.loc["a", "return_count"], frame.loc["a", "return_share"]) == (6, 4 / 5)
    assert (frame.loc["b", "return_count"], frame.loc["b", "return_share"]) == (0, 0)


def test_unknown_age_never_joins_a_band():
    """Unknown is a level of its own, also for who is not in the customers table."""
    people = pd.DataFrame({"customer": ["a"], "age_years": [25], "birth_date": [1]})
    bands = features(SHOP, customers=people)["age_band"]

    assert bands.to_dict() == {"a": "25-34", "b": "unknown"}


def test_a_band_of_the_file_stands_in_for_the_date_of_birth():
    """Without a date of birth the file's own band is taken; who has none stays unknown."""
    people = pd.DataFrame({"customer": ["a"], "age_years": [None], "age_band": ["65+"]})
    bands = features(SHOP, customers=people)["age_band"]

    assert bands.to_dict() == {"a": "65+", "b": "unknown"}


def test_domestic_is_the_country_of_most_customers():
    """Two customers in Peru, one in Chile."""
    more = lines(("d", "9", "2026-09-01", 100, "tea")).assign(country="Chile")
    flag = features(pd.concat([SHOP, more]))["domestic_flag"]

    assert flag.to_dict() == {"a": 1, "b": 1, "d": 0}


def test_P05_unknown_criterion_is_refused_with_the_nearest_name():
    """A misspelt name in the plan."""
    with pytest.raises(InputRefused, match="no criterion called 'recency_day'.*did you mean 'recency_days'"):
        chosen(ALL, ["recency_day"])


def test_P05_descriptors_must_not_make_segments():
    """Place describes; it does not make segments."""
    with pytest.raises(InputRefused, match="'country' must not make segments"):
        chosen(ALL, ["recency_days", "country"])


def test_P05_a_criterion_without_its_column_is_refused():
    """The plan asks for discounts, the orders have none."""
    with pytest.raises(InputRefused, match=r"'discount_share' cannot be computed.*add orders\.discount"):
        chosen(available(lambda *_: False), ["discount_share"])


def test_what_is_missing_names_the_columns_that_would_allow_it():
    """Orders alone leave the customers table to wish for."""
    sentences = missing(available(lambda *_: False))

    assert any("age_years, age_band" in s and "Columns of customers" in s for s in sentences)


def test_published_rfm_of_online_retail(shared_data, tmp_path: Path):
    """RFM of the UCI data set 352 at 2011-12-10, in whole days, as published."""
    source, file = shared_data("online_retail/online_retail.parquet"), tmp_path / "orders.parquet"
    duckdb.sql(
        f"""copy (select CustomerID::varchar customer, InvoiceNo order_id, InvoiceDate::timestamp ordered_at,
        InvoiceDate::date ordered_on, Quantity::double quantity,
        round(Quantity * UnitPrice * 1000)::bigint amount_minor,
        0::bigint discount_minor from '{source}'
        where CustomerID is not null and Quantity > 0 and UnitPrice > 0) to '{file}'"""
    )
    frame = features(pd.read_parquet(file), has=(), clock=Clock(datetime(2011, 12, 10), None))

    assert len(frame) == 4338
    assert round(frame["recency_days"].mean(), 4) == 92.0595
    assert frame["recency_days"].median() == 50
    assert round(frame["order_count"].mean(), 3) == 4.272
    assert frame["order_count"].max() == 209
    assert (frame["order_count"] == 1).sum() == 1493
    assert round(frame["monetary_minor"].mean() / 1000, 4) == 2054.2665
    assert frame["monetary_minor"].max() == 280_206_020
