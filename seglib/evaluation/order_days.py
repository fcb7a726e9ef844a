"""The days on which customers ordered, as the models of the future read them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.run import Run

FIRST_WEEKS, MANY_TIMES, EARLY_MIN = 8, 2.0, 30  # weeks; times of what is usual; customers
SAMPLE_ROWS = 50_000  # pseudonyms are keyed hashes, so the first ones in order are a random sample


def order_days(run: Run, collection: Collection, rows: int = SAMPLE_ROWS) -> pd.DataFrame:
    """Read the order days of the customers who may be profiled, or of a random sample of so many.

    Parameters
    ----------
    run : Run
        Nothing from its as_of on is read.
    collection : Collection
        Its orders; several orders of one day count once.
    rows : int
        Largest number of customers.

    Returns
    -------
    DataFrame
        customer, ordered_on (datetime), amount_minor (int64); by customer and day.
    """
    orders, people = collection.orders, getattr(collection, "people", None)
    if people is not None:
        orders = orders.semi_join(people.filter(people.may_profile), "customer")
    seen = orders.filter(orders.ordered_at < run.quarter.as_of)
    who = seen.select("customer").distinct().order_by("customer").limit(rows)
    some = seen.semi_join(who, "customer")
    days = some.group_by("customer", "ordered_on").agg(amount_minor=some.amount_minor.sum())
    frame: pd.DataFrame = run.engine.frame(days.order_by("customer", "ordered_on"))
    return frame.assign(
        ordered_on=pd.to_datetime(frame["ordered_on"]), amount_minor=frame["amount_minor"].astype("int64")
    )


def purchases(days: pd.DataFrame, until: datetime) -> pd.DataFrame:
    """Turn order days into what the purchase models read.

    Parameters
    ----------
    days : DataFrame
        From `order_days`.
    until : datetime
        End of observation.

    Returns
    -------
    DataFrame
        repeat_count, last_purchase_weeks, age_weeks, mean_repeat_value_minor (without the first day), by customer.

    Examples
    --------
    >>> one = pd.DataFrame({"customer": ["a"] * 3, "amount_minor": [100, 200, 300],
    ...     "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-08", "2026-01-15"])})
    >>> purchases(one, datetime(2026, 1, 29)).loc["a"].tolist()
    [2.0, 2.0, 4.0, 250.0]
    """
    seen = days[days["ordered_on"] < pd.Timestamp(until)].groupby("customer")
    first, last, repeats = seen["ordered_on"].min(), seen["ordered_on"].max(), seen.size() - 1
    later = (seen["amount_minor"].sum() - seen["amount_minor"].first()) / repeats.where(repeats > 0)
    return pd.DataFrame(
        {
            "repeat_count": repeats,
            "last_purchase_weeks": (last - first).dt.days / 7,
            "age_weeks": (pd.Timestamp(until) - first).dt.days / 7,
            "mean_repeat_value_minor": later.fillna(0.0),
        }
    )


def older(age_weeks: pd.Series[float]) -> tuple[str, ...]:
    """Say where many customers are older than the data: their first order there was not their first.

    Parameters
    ----------
    age_weeks : Series of float
        Weeks from the first order in the data to the end, of each customer.

    Returns
    -------
    tuple of str
        One sentence where the first weeks of the data hold at least twice the first orders of as many usual weeks.

    Notes
    -----
    Left truncation: the models count a customer's age from the first order that they see. Nothing in the data says how
    much older somebody is, so it is named and not corrected.

    Examples
    --------
    >>> older(pd.Series([50.0] * 40 + [45.0, 40.0, 35.0, 30.0, 25.0, 20.0, 15.0, 10.0, 5.0]))[0][:41]
    'Many customers are older than the data: 8'
    >>> older(pd.Series(range(1, 60)))
    ()
    """
    span = float(age_weeks.max()) if len(age_weeks) else 0.0
    early = age_weeks > span - FIRST_WEEKS
    rest = (span - FIRST_WEEKS) / FIRST_WEEKS
    usual = float((~early).sum()) / rest if rest >= 2 else 0.0
    if not usual or early.sum() < MANY_TIMES * usual or early.sum() < EARLY_MIN:
        return ()
    return (
        f"Many customers are older than the data: {early.mean():.0%} of all first orders lie in their first "
        f"{FIRST_WEEKS} weeks, {early.sum() / usual:.0f} times as many as in so many usual weeks. The models take "
        "these customers for new on that day, so how long customers stay, and what they are worth, is known less well "
        "than the intervals say.",
    )


def came(days: pd.DataFrame, start: datetime, end: datetime, customers: pd.Index) -> pd.Series:
    """Count the order days of each of these customers from `start` to before `end`."""
    inside = days[(days["ordered_on"] >= pd.Timestamp(start)) & (days["ordered_on"] < pd.Timestamp(end))]
    return inside.groupby("customer").size().reindex(customers, fill_value=0)
