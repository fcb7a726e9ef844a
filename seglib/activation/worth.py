"""What a customer brings: the service tier, and the place on the list of sales."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.consent import allowed
from seglib.disclosure.dominance import dominated, largest_two
from seglib.methods.priority import call_list
from seglib.methods.tiers import TIERS, spend_interval, tiers

if TYPE_CHECKING:
    from seglib.core.engine import Engine, Table
    from seglib.core.plan import Plan

WINDOW_DAYS = 365
TYPICAL_ORDERS = 2  # orders of the segment's mean value that stand in for what is not known of a customer


def spending(orders: Table, as_of: datetime, engine: Engine) -> pd.DataFrame:
    """Give what each customer spent in the year before `as_of`, with an interval.

    Returns
    -------
    DataFrame
        Indexed by customer: value, low, high (minor units per year), order_count, tenure_days (since the first order).
    """
    known = orders.filter(orders.ordered_at < as_of)
    each = known.group_by("customer", "order_id").agg(
        amount=known.amount_minor.sum(), ordered_on=known.ordered_on.min()
    )
    recent = each.ordered_on >= (as_of - timedelta(days=WINDOW_DAYS)).date()
    one = each.group_by("customer").agg(
        value=each.amount.sum(where=recent).fill_null(0).cast("float64"),
        squares=(each.amount.cast("float64") * each.amount.cast("float64")).sum(where=recent).fill_null(0.0),
        order_count=recent.cast("int64").sum(),
        first_on=each.ordered_on.min(),
    )
    frame = engine.frame(one.order_by("customer")).set_index("customer")
    low, high = spend_interval(frame["value"], frame["squares"])
    tenure_days = (pd.Timestamp(as_of) - pd.to_datetime(frame["first_on"])).dt.days
    return frame[["value", "order_count"]].assign(low=low, high=high, tenure_days=tenure_days)


def tiered(members: pd.DataFrame, spent: pd.DataFrame, plan: Plan, before: pd.DataFrame | None) -> pd.Series[str]:
    """Give the service tier of each member, by customer."""
    known = spent.reindex(members["customer"]).fillna(0)
    earlier = before.set_index("customer")["tier"] if before is not None else pd.Series(dtype="str")
    rules = plan.activation
    return tiers(known, earlier, rules.premium_share, rules.self_service_share, rules.tenure_days)


def flow(now: pd.Series[str], before: pd.Series[str]) -> pd.DataFrame:
    """Count the customers of both quarters who went from one tier to another: before, now, customers."""
    both = pd.DataFrame({"before": before, "now": now}).dropna()
    counted = both.groupby(["before", "now"]).size().rename("customers").reset_index()
    place = {tier: at for at, tier in enumerate(TIERS)}
    return counted.sort_values(["before", "now"], key=lambda words: words.map(place), ignore_index=True)


def calls(
    members: pd.DataFrame, spent: pd.DataFrame, response: pd.DataFrame, plan: Plan, may: set[str]
) -> pd.DataFrame:
    """Choose whom sales calls first.

    Parameters
    ----------
    members : DataFrame
        customer, segment, arm.
    spent : DataFrame
        From `spending`.
    response : DataFrame
        From notebook 07: how much likelier an order becomes, as measured by all campaigns of the most used channel; the
        segment's own effect is taken where it is known.
    plan : Plan
        Margin, capacity and cost of a call.
    may : set of str
        Customers who agreed to be approached; who is held out is left alone.

    Returns
    -------
    DataFrame
        customer, expected_minor, rank; empty when no effect or no margin is known.
    """
    nothing = pd.DataFrame({"customer": pd.Series(dtype="str"), "expected_minor": 0.0, "rank": 0})
    margin = plan.evaluation.margin_share
    if margin is None or not len(response):
        return nothing
    whole = response[(response["campaign"] == "any") & (response["age"] == "")]
    effect = (
        whole.sort_values("n", ascending=False, kind="stable").drop_duplicates("segment").set_index("segment")["effect"]
    )
    open_to = members[members["customer"].isin(may) & (members["arm"] != "holdout")]
    rows = open_to.merge(spent[["value", "order_count"]].reset_index())
    if not len(rows):
        return nothing
    sums = members.merge(spent.reset_index()).groupby("segment")[["value", "order_count"]].sum()
    typical = (sums["value"] / sums["order_count"].clip(lower=1)).reindex(rows["segment"]).to_numpy()
    mean = (rows["value"] + TYPICAL_ORDERS * typical) / (rows["order_count"] + TYPICAL_ORDERS)
    candidates = pd.DataFrame(
        {
            "customer": rows["customer"],
            "effect_share": rows["segment"].map(effect).fillna(effect.get(0, 0.0)),
            "margin_minor": mean * margin,
            "cost_minor": plan.activation.sales_cost * 10**plan.money_decimals,
        }
    )
    return call_list(candidates, plan.activation.sales_capacity)[["customer", "expected_minor", "rank"]]


def may_be_approached(consent: Table | None, people: Table, purpose: str, engine: Engine) -> set[str]:
    """Name the customers who agreed to a purpose as of the quarter's end."""
    words = allowed(consent, people, purpose)
    return set(engine.frame(words.filter(words.allowed).select("customer"))["customer"])


def per_segment(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the sales list and the tiers per segment: calls, expected_minor, premium, standard, self_service.

    What the list is expected to bring is missing where nearly all of it is one customer's.
    """
    tiers = {
        name.replace("-", "_"): (frame["tier"] == name).groupby(frame["segment"]).sum().astype("int64")
        for name in TIERS
    }
    called = frame.groupby("segment").agg(calls=("rank", "count"), expected_minor=("expected_minor", "sum"))
    worth = largest_two(frame["expected_minor"].fillna(0), frame["segment"])
    alone = [segment for segment in worth.index if dominated(worth.loc[[segment]])]
    return called.assign(**tiers, expected_minor=called["expected_minor"].mask(called.index.isin(alone))).reset_index()
