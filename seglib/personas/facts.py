"""Facts of a card that need no test: medians, where members live, through which channel they order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from seglib.methods.shares import bounded

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table


def facts(
    labels: Table, collection: Collection, as_of: datetime, floor: int, window_days: int | None = None
) -> pd.DataFrame:
    """Compute the typical basket, the days since the last order, the main country and the channel that most have used.

    Parameters
    ----------
    labels : Table
        customer, segment.
    collection : Collection
        Orders before `as_of` count; customers where they carry a country.
    as_of : datetime
    floor : int
        A country or channel of fewer members is not named.
    window_days : int, optional
        Only orders of so many days before `as_of` count, as for the criteria.

    Returns
    -------
    DataFrame
        segment, basket_minor and last_order_days (medians; an order of the last day is 0 days old), country,
        country_said (the share of the members, in words), channel, channel_said (of the members, those who have used it
        at least once: several may have).
    """
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    recent = collection.orders.filter(collection.orders.ordered_at < as_of)
    if window_days is not None:
        recent = recent.filter(recent.ordered_on >= ibis.date(as_of.date() - timedelta(days=window_days)))
    orders = recent.inner_join(member, "customer")
    baskets = orders.group_by("segment", "customer", "order_id").agg(basket_minor=orders.amount_minor.sum())
    typical: pd.DataFrame = baskets.group_by("segment").agg(basket_minor=baskets.basket_minor.median()).to_pandas()
    last = orders.group_by("segment", "customer").agg(last_on=orders.ordered_on.max())
    last = last.mutate(day_count=last.last_on.epoch_days()).group_by("segment").agg(day=lambda t: t.day_count.median())
    rows: pd.DataFrame = typical.merge(last.to_pandas())
    today = ((as_of - timedelta(microseconds=1)).date() - date(1970, 1, 1)).days
    rows = rows.assign(
        last_order_days=today - rows["day"].astype(float), basket_minor=rows["basket_minor"].astype(float)
    )
    for column in ("country", "channel"):
        rows = rows.merge(_most(member, collection, recent, column, floor), "left")
    return rows.drop(columns="day")


def _most(member: Table, collection: Collection, recent: Table, column: str, floor: int) -> pd.DataFrame:
    """Find the most frequent value of each segment's members, when at least `floor` members have it."""
    carriers = [("customers", collection.customers), ("orders", recent)]
    found = next((t for name, t in carriers if collection.has(name, column) and t is not None), None)
    if found is None:
        nothing = pd.DataFrame(columns=["segment", column, f"{column}_said"])
        return nothing.astype({"segment": "int64", column: "str", f"{column}_said": "str"})
    pairs = found.filter(found[column].notnull()).select("customer", column).distinct().inner_join(member, "customer")
    counts: pd.DataFrame = pairs.group_by("segment", column).agg(n=lambda t: t.customer.nunique()).to_pandas()
    people = pairs.group_by("segment").agg(known=lambda t: t.customer.nunique()).to_pandas()
    counts = counts.merge(people)
    counts[f"{column}_said"] = bounded(counts["n"] / counts["known"], counts["known"], floor, "{:.0%}".format)
    top: pd.DataFrame = counts.sort_values(["n", column], ascending=[False, True]).drop_duplicates("segment")
    return top.loc[top["n"] >= floor, ["segment", column, f"{column}_said"]]
