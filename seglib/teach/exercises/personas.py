"""What sets a segment apart, and what was put in by hand

Notebook 05 of the workbench describes each segment by what sets it apart from **all other customers**, and keeps two
kinds of differences apart. Criteria that made the segments differ **by construction**: k-means was told to make them
differ, so that they do proves nothing. Everything else, such as age or household, was not known to k-means; a
difference there is a finding, with an interval.

`shop.segments` has the segment of each customer, made from `shop.features`: recency_days, order_count, monetary and
discount_share. `shop.customers` has what is known of the customers besides.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep

from seglib.methods.lift import distinguish
from seglib.methods.rates import newcombe
from seglib.teach.task import Task, slip

NUMBER = "05"
OPENING = """
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep

from seglib import teach

shop, answer = teach.start("05")
shop.features.groupby(shop.segments).median().round(1)
"""


class Construction(Task):
    """By construction

    A draft of a persona says that segment 1 differs from all others in eight columns, each with p < 0.001:
    `recency_days`, `order_count`, `monetary`, `discount_share`, `money_per_order` (monetary over order_count),
    `household_size`, `age_years` and `country`.

    Which of these differences prove nothing, because the segments were made from them? Hand over a set of names.
    """

    number = "5.1"
    idea = "A test of segments on what made them is no test: they were chosen to differ in it."
    answers = ("by_construction",)
    hint = "Ask of each column: did k-means see it, or can it be computed from what k-means saw?"

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        answer.by_construction = {*shop.features.columns, "money_per_order"}

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"by_construction": {"recency_days", "order_count", "monetary", "discount_share", "money_per_order"}}

    @slip("One is missing: what can be computed from the criteria was seen by k-means too, under another name.")
    def without_the_quotient(shop: Any, answer: Any) -> None:
        answer.by_construction = set(shop.features.columns)

    @slip("Age, household and country were not known to k-means. A difference there is a finding.")
    def all_of_them(shop: Any, answer: Any) -> None:
        others = {"money_per_order", "household_size", "age_years", "country"}
        answer.by_construction = set(shop.features.columns) | others


class Typical(Task):
    """What a typical member pays

    Hand over what a typical customer of segment 1 pays in a year (`of_segment`), and what a typical customer who is
    **not** in segment 1 pays (`of_others`): the medians of `shop.features["monetary"]`.
    """

    number = "5.2"
    idea = (
        "Money has a long tail, so a mean describes the richest customers: typical is the median, beside that of "
        "the others."
    )
    answers = ("of_segment", "of_others")
    within = 1e-4
    hint = "A mask such as shop.segments == 1 picks the segment, ~ turns it round."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        mine = shop.segments == 1
        answer.of_segment = shop.features.loc[mine, "monetary"].median()
        answer.of_others = shop.features.loc[~mine, "monetary"].median()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        lines = distinguish(shop.features[["monetary"]], None, shop.segments)
        row = lines[lines["segment"] == 1].iloc[0]
        return {"of_segment": row["value_segment"], "of_others": row["value_others"]}

    @slip("These are means. A few customers who pay very much pull them up: nobody typical pays so much.")
    def means(shop: Any, answer: Any) -> None:
        mine = shop.segments == 1
        answer.of_segment = shop.features.loc[mine, "monetary"].mean()
        answer.of_others = shop.features.loc[~mine, "monetary"].mean()

    @slip(
        "You compare with everybody, and segment 1 is part of everybody: that makes the difference smaller than it is."
    )
    def with_everybody(shop: Any, answer: Any) -> None:
        answer.of_segment = shop.features.loc[shop.segments == 1, "monetary"].median()
        answer.of_others = shop.features["monetary"].median()

    @slip("This is what a typical order costs. The question is what a customer pays in a year.")
    def of_orders(shop: Any, answer: Any) -> None:
        paid = shop.orders.groupby(["customer_id", "order_id"])["paid"].sum().reset_index()
        mine = paid["customer_id"].isin(shop.segments.index[shop.segments == 1])
        answer.of_segment, answer.of_others = paid.loc[mine, "paid"].median(), paid.loc[~mine, "paid"].median()


class Finding(Task):
    """A difference that was not put in

    Among customers of `shop.segments` whose `household_size` is known, which share lives alone (household of 1)? Hand
    over the share in segment 1 less the share among all others (`difference`), and the ends of its 95 % interval by
    Newcombe's method (`low`, `high`): `confint_proportions_2indep(count1, nobs1, count2, nobs2, method="newcomb")`.

    Then look whether the interval holds 0. If it does, the persona must not speak of it.
    """

    number = "5.3"
    idea = (
        "A trait belongs into a persona if it differs from the other customers by more than chance, and is known of "
        "them."
    )
    answers = ("difference", "low", "high")
    points = 3
    within = 1e-3
    about = 1e-4
    hint = (
        "Join shop.customers to shop.segments by customer, drop who has no household_size, then count in both groups."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        size = shop.customers.set_index("customer_id")["household_size"].reindex(shop.segments.index)
        alone, mine = size.dropna() == 1, shop.segments[size.notna()] == 1
        one, other = alone[mine], alone[~mine]
        answer.difference = one.mean() - other.mean()
        answer.low, answer.high = confint_proportions_2indep(
            one.sum(), len(one), other.sum(), len(other), method="newcomb"
        )

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        size = shop.customers.set_index("customer_id")["household_size"].reindex(shop.segments.index)
        alone = size.map({1.0: "alone"}).fillna("others").mask(size.isna()).rename("household")
        lines = distinguish(None, alone.to_frame(), shop.segments)
        row = lines[(lines["segment"] == 1) & (lines["level"] == "alone")].iloc[0]
        return {"difference": row["share_difference"], "low": row["share_low"], "high": row["share_high"]}

    @slip("Customers whose household is not known count as not alone. Leave them out: not known is not no.")
    def unknown_is_no(shop: Any, answer: Any) -> None:
        size = shop.customers.set_index("customer_id")["household_size"].reindex(shop.segments.index)
        answer.difference, answer.low, answer.high = _compared(size == 1, shop.segments == 1, shop.segments != 1)

    @slip("You compare with all customers, and the segment is among them. Compare with all others.")
    def with_everybody(shop: Any, answer: Any) -> None:
        size = shop.customers.set_index("customer_id")["household_size"].reindex(shop.segments.index)
        mine = shop.segments[size.notna()] == 1
        answer.difference, answer.low, answer.high = _compared(size.dropna() == 1, mine, mine | True)


def _compared(yes: pd.Series, mine: pd.Series, others: pd.Series) -> tuple[float, float, float]:
    one, two = yes[mine], yes[others]
    low, high = newcombe(one.sum(), len(one), two.sum(), len(two))
    return float(one.mean() - two.mean()), float(low), float(high)
