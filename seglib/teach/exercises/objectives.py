"""A goal with a baseline, an interval and the customers that a test needs

Notebook 01 of the workbench writes down what is to be reached, before anybody looks at segments: a number today, how
uncertain it is, a target, and how many customers a test needs to see the difference. Here you compute all of it for one
goal: **more customers who come back**.

The retention share of a quarter is the share of the customers of the quarter before who bought again in it.
`shop.orders` has the order lines that count, with `customer_id`, `order_id` and `ordered_at`. 2026Q2 runs from 1
April to before `shop.before` (1 July), 2026Q3 from then to before `shop.as_of` (1 October).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from seglib.methods.power import n_per_arm
from seglib.methods.rates import wilson
from seglib.teach.task import Task, slip

NUMBER = "01"
OPENING = """
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from seglib import teach

shop, answer = teach.start("01")
shop.orders[["customer_id", "order_id", "ordered_at"]].head()
"""


class Baseline(Task):
    """The baseline

    How many customers bought in 2026Q2 (`customers`), and which share of them bought again in 2026Q3 (`retention`)?
    """

    number = "1.1"
    idea = "A share needs its whole: those who could have come back, counted before anybody came back."
    answers = ("customers", "retention")
    within = 1e-4
    hint = "Two sets of customer ids, one per quarter, and their intersection. The whole is the earlier quarter."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        quarter = shop.orders["ordered_at"].dt.to_period("Q").astype(str)
        early = set(shop.orders.loc[quarter == "2026Q2", "customer_id"])
        late = set(shop.orders.loc[quarter == "2026Q3", "customer_id"])
        answer.customers = len(early)
        answer.retention = len(early & late) / len(early)

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        came_back, all_ = _counts(shop)
        return {"customers": all_, "retention": came_back / all_}

    @slip("You divide by the customers of the later quarter. New customers among them could not come back.")
    def wrong_whole(shop: Any, answer: Any) -> None:
        early, late = _buyers(shop, 2), _buyers(shop, 3)
        answer.customers = len(late)
        answer.retention = len(early & late) / len(late)

    @slip("You count order lines. One customer with twenty lines is one customer: count different ids.")
    def lines(shop: Any, answer: Any) -> None:
        quarter = shop.orders["ordered_at"].dt.to_period("Q").astype(str)
        early = shop.orders[quarter == "2026Q2"]
        answer.customers = len(early)
        answer.retention = early["customer_id"].isin(_buyers(shop, 3)).mean()

    @slip("Your whole is everybody who ever ordered before July. Retention starts from the customers of 2026Q2.")
    def everybody_before(shop: Any, answer: Any) -> None:
        ever = set(shop.orders.loc[shop.orders["ordered_at"] < shop.before, "customer_id"])
        answer.customers = len(ever)
        answer.retention = len(ever & _buyers(shop, 3)) / len(ever)


class Uncertainty(Task):
    """How uncertain is it?

    Compute the 95 % interval of the retention share by Wilson's method:
    `proportion_confint(count, nobs, alpha=0.05, method="wilson")`. Hand over its ends (`low`, `high`).
    """

    number = "1.2"
    idea = (
        "A share of customers is an estimate: with these customers it could as well have come out a few points "
        "elsewhere."
    )
    answers = ("low", "high")
    within = 1e-4
    hint = "count is the number who came back, nobs the customers of 2026Q2; a share and a whole will not do."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        quarter = shop.orders["ordered_at"].dt.to_period("Q").astype(str)
        early = set(shop.orders.loc[quarter == "2026Q2", "customer_id"])
        late = set(shop.orders.loc[quarter == "2026Q3", "customer_id"])
        answer.low, answer.high = proportion_confint(len(early & late), len(early), alpha=0.05, method="wilson")

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        low, high = wilson(*_counts(shop))
        return {"low": float(low), "high": float(high)}

    @slip("This is the usual normal interval. Wilson's differs little here, and much where a share is near 0 or 1.")
    def normal(shop: Any, answer: Any) -> None:
        answer.low, answer.high = proportion_confint(*_counts(shop), alpha=0.05, method="normal")

    @slip("alpha is what may be wrong, not what is right: for 95 % write alpha=0.05.")
    def alpha_is_the_level(shop: Any, answer: Any) -> None:
        answer.low, answer.high = proportion_confint(*_counts(shop), alpha=0.95, method="wilson")

    @slip("The interval is too narrow: you counted lines. Lines of one customer are not independent of each other.")
    def too_many(shop: Any, answer: Any) -> None:
        early = shop.orders[shop.orders["ordered_at"].dt.to_period("Q").astype(str) == "2026Q2"]
        count = early["customer_id"].isin(_buyers(shop, 3)).sum()
        answer.low, answer.high = proportion_confint(count, len(early), alpha=0.05, method="wilson")


class Sample(Task):
    """How many customers does a test need?

    The goal is **five per cent more** than the baseline of 1.1. A test deals customers at random into two arms of equal
    size and compares the shares p1 (baseline) and p2 (goal). It is to see the difference with power 0.8, at a two-sided
    error level of 0.05. With z the quantiles of the normal distribution (`stats.norm.ppf`) and p the mean of p1 and
    p2, the customers per arm are

    n = ( z(0.975) sqrt(2 p (1 - p)) + z(0.8) sqrt(p1 (1 - p1) + p2 (1 - p2)) )^2 / (p2 - p1)^2, rounded up.

    Hand over n (`per_arm`), and whether the customers of 2026Q2 are enough for both arms (`enough`, True or False).
    """

    number = "1.3"
    idea = (
        "Before a test, compute what it can show: with too few customers a good idea and a useless one look the same."
    )
    answers = ("per_arm", "enough")
    points = 3
    within = 1e-4
    hint = "p2 = 1.05 * p1. Write the formula in two lines and round up with np.ceil."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        quarter = shop.orders["ordered_at"].dt.to_period("Q").astype(str)
        early = set(shop.orders.loc[quarter == "2026Q2", "customer_id"])
        late = set(shop.orders.loc[quarter == "2026Q3", "customer_id"])
        p1 = len(early & late) / len(early)
        p2 = 1.05 * p1
        p = (p1 + p2) / 2
        z_error, z_power = stats.norm.ppf([0.975, 0.8])
        root = z_error * np.sqrt(2 * p * (1 - p)) + z_power * np.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
        answer.per_arm = int(np.ceil(root**2 / (p2 - p1) ** 2))
        answer.enough = bool(2 * np.ceil(root**2 / (p2 - p1) ** 2) <= len(early))

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        came_back, all_ = _counts(shop)
        n = n_per_arm(came_back / all_, 1.05 * came_back / all_)
        return {"per_arm": n, "enough": 2 * n <= all_}

    @slip("Five per cent more than 40 % is 42 %, not 45 %: multiply by 1.05. You added five points.")
    def five_points(shop: Any, answer: Any) -> None:
        came_back, all_ = _counts(shop)
        answer.per_arm = n_per_arm(came_back / all_, came_back / all_ + 0.05)
        answer.enough = 2 * answer.per_arm <= all_

    @slip("You gave the customers of both arms together. The formula's n is per arm.")
    def both_arms(shop: Any, answer: Any) -> None:
        came_back, all_ = _counts(shop)
        answer.per_arm = 2 * n_per_arm(came_back / all_, 1.05 * came_back / all_)
        answer.enough = answer.per_arm <= all_

    @slip("Your error level is one-sided: z(0.95). A two-sided level of 0.05 has 0.025 on each side: z(0.975).")
    def one_sided(shop: Any, answer: Any) -> None:
        came_back, all_ = _counts(shop)
        answer.per_arm = n_per_arm(came_back / all_, 1.05 * came_back / all_, alpha=0.1)
        answer.enough = 2 * answer.per_arm <= all_


class Written(Task):
    """The goal in the plan

    Open `data/shop/plan.yml` in an editor. The first objective, "Keep customers", has three gaps, marked `___`:

    - `metric`: the workbench's name of the number of 1.1. It is one of retention_share, repeat_share, order_value and
      nps.
    - `change_share`: five per cent more than now. The plan writes shares as numbers between 0 and 1.
    - `guardrail`: what must not get worse meanwhile. The board does not want customers bought back with discounts: it
      is one of discount_share, order_value and nps.

    Fill them in, save the file, and hand over what the plan then says: `answer.objective = shop.plan["objectives"][0]`.
    """

    number = "1.4"
    idea = "A goal that is written down before the data are looked at cannot be bent to fit them afterwards."
    answers = ("objective",)
    hint = "shop.plan reads the file as it is now; if a ___ is left in it, it was not saved, or another file was."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        answer.objective = shop.plan["objectives"][0]

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        kept = shop.plan["objectives"][0]
        return {"objective": kept | {"metric": "retention_share", "change_share": 0.05, "guardrail": "discount_share"}}

    @slip("change_share is a share: five per cent is 0.05. A 5 would mean six times as much as now.")
    def percent(shop: Any, answer: Any) -> None:
        right = {"metric": "retention_share", "change_share": 5, "guardrail": "discount_share"}
        answer.objective = shop.plan["objectives"][0] | right

    @slip("repeat_share is another number: buyers with two orders in one quarter. Retention compares two quarters.")
    def repeat_share(shop: Any, answer: Any) -> None:
        right = {"metric": "repeat_share", "change_share": 0.05, "guardrail": "discount_share"}
        answer.objective = shop.plan["objectives"][0] | right


def _buyers(shop: Any, quarter: int) -> set[str]:
    days = shop.orders["ordered_at"]
    inside = (days.dt.year == 2026) & (days.dt.quarter == quarter)
    return set(shop.orders.loc[inside, "customer_id"])


def _counts(shop: Any) -> tuple[int, int]:
    """Count who came back, and the customers of the quarter before."""
    early = _buyers(shop, 2)
    return len(early & _buyers(shop, 3)), len(early)
