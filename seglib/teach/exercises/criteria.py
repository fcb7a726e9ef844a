"""Criteria by hand, and one that knows the future

Notebook 03 of the workbench describes each customer by criteria: how recently, how often and for how much somebody
bought, and more. Each is one method call there. Here you compute the three best known ones yourself and meet the
workbench's numbers, and then look for a criterion that should never have been used.

Two rules run through all of it. **A criterion describes a customer on one day**, called `as_of`, and may use only
what was known before that day. And **equal customers get equal values**: a rule that parts two customers who did the
same thing describes the order of the rows, not the customers.

Your tables: `shop.orders` has the order lines that count (returns, tests, free lines and customers who may not be
profiled are taken out), with `customer_id`, `order_id`, `ordered_at` and `paid` in GBP. `shop.features` has the
workbench's criteria of the year before `shop.as_of`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from seglib.methods.rfm import Rfm
from seglib.teach.task import Task, slip

NUMBER = "03"
OPENING = """
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from seglib import teach

shop, answer = teach.start("03")
shop.orders[["customer_id", "order_id", "ordered_at", "paid"]].head()
"""


class Recency(Task):
    """Days since the last order

    For each customer in `shop.orders`, count the whole days from the last order until `shop.as_of`. A customer who
    ordered on 30 September at noon has 0 whole days; one who ordered on 29 September at noon has 1.

    Hand over a Series with one number per customer, `customer_id` as its index. Only customers who ordered in the year
    before `shop.as_of` belong to it: from 1 October 2025 on.
    """

    number = "3.1"
    idea = (
        "Recency is counted to a fixed day that is the same for all, not to today and not to the last row of the file."
    )
    answers = ("recency_days",)
    hint = "Take the last ordered_at of each customer, subtract it from shop.as_of, and keep whole days with .dt.days."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        year = shop.orders[shop.orders["ordered_at"] >= shop.as_of - pd.Timedelta(days=365)]
        last = year.groupby("customer_id")["ordered_at"].max()
        answer.recency_days = (shop.as_of - last).dt.days

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"recency_days": shop.features["recency_days"]}

    @slip(
        "You count to the last order in the file. A file that ends early would make everybody look recent; use as_of."
    )
    def to_the_last_row(shop: Any, answer: Any) -> None:
        year = shop.orders[shop.orders["ordered_at"] >= shop.as_of - pd.Timedelta(days=365)]
        last = year.groupby("customer_id")["ordered_at"].max()
        answer.recency_days = (shop.orders["ordered_at"].max() - last).dt.days

    @slip("This is the time since the first order. Recency looks at the last one.")
    def since_the_first(shop: Any, answer: Any) -> None:
        year = shop.orders[shop.orders["ordered_at"] >= shop.as_of - pd.Timedelta(days=365)]
        answer.recency_days = (shop.as_of - year.groupby("customer_id")["ordered_at"].min()).dt.days

    @slip("The days are right, but customers are among them who did not order in the year before as_of.")
    def of_all_times(shop: Any, answer: Any) -> None:
        answer.recency_days = (shop.as_of - shop.orders.groupby("customer_id")["ordered_at"].max()).dt.days


class Scores(Task):
    """Scores from 1 to 5

    Score recency and money of `shop.features` from 1 (worst) to 5 (best). Cut each column at its quantiles 0.2, 0.4,
    0.6 and 0.8 (`Series.quantile` as it is). A value above an edge passes it, a value equal to an edge does not. The
    score of `monetary` is 1 plus the number of edges that were passed. Recency is the other way round: few days are
    good, so the score is 5 minus the number of edges that were passed.

    Hand over a DataFrame with the columns `r_score` and `m_score`, customers as its index. `np.searchsorted(edges,
    values)` counts passed edges in exactly this way.
    """

    number = "3.2"
    idea = "A score is a rule with edges that can be written down, so that equal customers always get the same score."
    answers = ("scores",)
    points = 3
    hint = "Compute the four edges first, then count for each customer how many of them the value lies above."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        levels = [0.2, 0.4, 0.6, 0.8]
        passed = {
            name: np.searchsorted(shop.features[name].quantile(levels), shop.features[name])
            for name in ("recency_days", "monetary")
        }
        answer.scores = pd.DataFrame(
            {"r_score": 5 - passed["recency_days"], "m_score": 1 + passed["monetary"]}, index=shop.features.index
        )

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        scorer = Rfm.fit(shop.features)
        return {"scores": scorer.transform(shop.features)[["r_score", "m_score"]].astype(int)}

    @slip("Money is right. Recency is upside down: the customer who ordered yesterday should have a 5.")
    def recency_upside_down(shop: Any, answer: Any) -> None:
        levels = [0.2, 0.4, 0.6, 0.8]
        passed = {
            name: np.searchsorted(shop.features[name].quantile(levels), shop.features[name])
            for name in ("recency_days", "monetary")
        }
        answer.scores = pd.DataFrame(
            {"r_score": 1 + passed["recency_days"], "m_score": 1 + passed["monetary"]}, index=shop.features.index
        )

    @slip("Customers with the same number of days got different scores: ranks with method 'first' part equals by row.")
    def equals_parted(shop: Any, answer: Any) -> None:
        ranks = shop.features[["recency_days", "monetary"]].rank(method="first")
        fifths = ranks.apply(lambda column: pd.qcut(column, 5, labels=False))
        answer.scores = pd.DataFrame({"r_score": 5 - fifths["recency_days"], "m_score": 1 + fifths["monetary"]})

    @slip("Your edges cut the range into five equal widths. Quantiles cut the customers into five equal groups.")
    def equal_widths(shop: Any, answer: Any) -> None:
        fifths = shop.features[["recency_days", "monetary"]].apply(lambda column: pd.cut(column, 5, labels=False))
        answer.scores = pd.DataFrame({"r_score": 5 - fifths["recency_days"], "m_score": 1 + fifths["monetary"]})


class Leak(Task):
    """Which criterion knows the future?

    A colleague wants to foretell who buys in 2026Q3 and describes the customers on 1 July 2026 (`shop.before`) with
    five criteria. `shop.candidates` gives them as `c1` to `c5`: days since the last order, number of orders, money,
    days from the first to the last order, and days since the first order. `shop.bought_later` says who bought.

    All five should be computed from orders before `shop.before` only. One was computed from all orders in the file.
    Compute each again from orders before that day (the first three use the year before it, the last two all time before
    it) and compare. Hand over the name of the column that differs.
    """

    number = "3.3"
    idea = "A criterion that uses what happened after its day looks brilliant in a test and is worth nothing in use."
    answers = ("leak",)
    hint = (
        "For each column: recompute it with shop.orders[shop.orders['ordered_at'] < shop.before] and count differences."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        table = shop.candidates
        past = shop.orders[shop.orders["ordered_at"] < shop.before].groupby("customer_id")["ordered_at"]
        again = pd.DataFrame(
            {
                "c1": (shop.before - past.max()).dt.days,
                "c4": (past.max() - past.min()).dt.days,
                "c5": (shop.before - past.min()).dt.days,
            }
        ).loc[table.index]
        differs = (table[["c1", "c4", "c5"]] != again).sum()
        answer.leak = differs.idxmax()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"leak": "c4"}

    @slip(
        "Days since the last order foretell a lot, and honestly so: whoever ordered lately orders again. Recompute it."
    )
    def the_best_honest_one(shop: Any, answer: Any) -> None:
        answer.leak = "c1"

    @slip("A high number of orders is no leak: it is known on the day. Compare each column with its own recomputation.")
    def the_order_count(shop: Any, answer: Any) -> None:
        answer.leak = "c2"

    @slip("Days since the first order cannot change once somebody has ordered. Recompute the other columns too.")
    def since_the_first(shop: Any, answer: Any) -> None:
        answer.leak = "c5"


class Flattery(Task):
    """How much the leak flatters

    Measure how well one column alone tells who buys in 2026Q3 from who does not: the area under the ROC curve,
    `roc_auc_score(bought, column)`. It is 0.5 for a coin and 1 for a column that always knows.

    Hand over two numbers: `auc_leaking` for the column that you found in 3.3, as your colleague computed it, and
    `auc_honest` for the same criterion computed from orders before `shop.before` only.
    """

    number = "3.4"
    idea = "A leak shows as a gap: the same criterion is far better with tomorrow's data than it can be on the day."
    answers = ("auc_leaking", "auc_honest")
    about = 0.0005
    hint = (
        "auc_honest is of the same criterion as auc_leaking, computed by you. Bring its customers into the order of "
        "shop.bought_later: .loc[bought.index] sees to that."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        bought = shop.bought_later
        past = shop.orders[shop.orders["ordered_at"] < shop.before].groupby("customer_id")["ordered_at"]
        honest = (past.max() - past.min()).dt.days.loc[bought.index]
        answer.auc_leaking = roc_auc_score(bought, shop.candidates["c4"])
        answer.auc_honest = roc_auc_score(bought, honest)

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        table, bought = shop.candidates, shop.bought_later
        honest = _days_between(shop).loc[table.index]
        return {"auc_leaking": _area(bought, table["c4"]), "auc_honest": _area(bought, honest)}

    @slip(
        "Your honest column orders the customers the wrong way round, or it is another criterion: this one is recency."
    )
    def recency_instead(shop: Any, answer: Any) -> None:
        bought, table = shop.bought_later, shop.candidates
        answer.auc_leaking = roc_auc_score(bought, table["c4"])
        answer.auc_honest = roc_auc_score(bought, table["c1"])

    @slip("Both numbers come from the leaking column. Recompute it with orders before shop.before.")
    def twice_the_leak(shop: Any, answer: Any) -> None:
        bought, table = shop.bought_later, shop.candidates
        answer.auc_leaking = answer.auc_honest = roc_auc_score(bought, table["c4"])


def _days_between(shop: Any) -> Any:
    """Give the days from each customer's first order to the last one before `shop.before`."""
    past = shop.orders[shop.orders["ordered_at"] < shop.before].sort_values("ordered_at", kind="stable")
    ends = past.drop_duplicates("customer_id", keep="last").set_index("customer_id")["ordered_at"]
    starts = past.drop_duplicates("customer_id").set_index("customer_id")["ordered_at"]
    return (ends - starts).dt.days


def _area(bought: pd.Series, column: pd.Series) -> float:
    """Give the share of pairs that the column puts in the right order: Mann and Whitney's way to the same area."""
    ranks, yes = column.rank(), bought.to_numpy()
    return float((ranks[yes].sum() - yes.sum() * (yes.sum() + 1) / 2) / (yes.sum() * (~yes).sum()))
