"""What goes with what, what comes next, and what an offer is worth

Notebook 07 of the workbench chooses offer, message and product for each segment. Behind it stand three small
computations, and each has a simple rival that it must beat: what is popular with everybody, what would have happened
anyway, and doing nothing.

`shop.orders` has the order lines that count, with `order_id`, `category`, `ordered_at` and `paid`. `shop.outcomes`
says for two campaigns who was in which arm (`control` got nothing) and whether an order followed within 30 days.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pandas as pd

from seglib.teach.task import Task, slip

NUMBER = "07"
MARGIN_SHARE, COST = 0.4, 0.35
OPENING = """
from itertools import combinations

import pandas as pd

from seglib import teach

shop, answer = teach.start("07")
shop.orders.groupby("category")["customer_id"].nunique().sort_values(ascending=False, kind="stable")
"""


class Together(Task):
    """What goes with what

    For each pair of categories, take the customers who ever bought in both. The **lift** of a pair is the share of
    customers with both, over the product of the shares with either one: 1 if they have nothing to do with each other.
    All shares are of the customers in `shop.orders`.

    Hand over the pair with the highest lift (`pair`, a set of two names) and its lift (`lift`).
    """

    number = "7.1"
    idea = (
        "What is bought together most often is what is popular anyway: lift compares with what chance alone would give."
    )
    answers = ("pair", "lift")
    points = 3
    within = 1e-4
    hint = "pd.crosstab(customer, category) > 0 is a table of who bought where; the mean of a column is a share."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        has = pd.crosstab(shop.orders["customer_id"], shop.orders["category"]) > 0
        lift = {
            (one, two): (has[one] & has[two]).mean() / (has[one].mean() * has[two].mean())
            for one, two in combinations(has.columns, 2)
        }
        best = max(lift, key=lambda pair: lift[pair])
        answer.pair, answer.lift = set(best), lift[best]

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        pair, lift, _ = _best_pair(shop, by="lift")
        return {"pair": pair, "lift": lift}

    @slip(
        "This is the pair with the most customers. Two popular categories meet often by chance: divide by both shares."
    )
    def most_frequent(shop: Any, answer: Any) -> None:
        answer.pair, answer.lift, _ = _best_pair(shop, by="both")

    @slip("The pair is right; what you handed over is the share of customers with both, not yet divided by chance.")
    def share_of_both(shop: Any, answer: Any) -> None:
        answer.pair, _, answer.lift = _best_pair(shop, by="lift")

    @slip("You counted order lines. A customer with forty lines then weighs forty times: count customers.")
    def lines(shop: Any, answer: Any) -> None:
        count = pd.crosstab(shop.orders["order_id"], shop.orders["category"]) > 0
        found = {(a, b): (count[a] & count[b]).mean() / (count[a].mean() * count[b].mean())
                 for a, b in combinations(count.columns, 2)}  # fmt: skip
        best = max(found, key=lambda pair: found[pair])
        answer.pair, answer.lift = set(best), found[best]


class Next(Task):
    """What comes next, and two simple rivals

    One row per order: take the first line of each `order_id` (`drop_duplicates("order_id")`), sorted by customer and
    time. For each order from `shop.before` on that has an earlier order of the same customer, foretell its `category`
    in two ways: the category that is most frequent in all orders before `shop.before` (the same for everybody), and
    the category of the customer's order before.

    Hand over the share of these orders that each foretells (`popular_share`, `same_share`).
    """

    number = "7.2"
    idea = "A recommendation is worth something if it beats popularity on orders that it has not seen."
    answers = ("popular_share", "same_share")
    points = 3
    within = 1e-4
    hint = "groupby('customer_id')['category'].shift() is the category of the order before; it is blank for the first."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        rows = shop.orders.drop_duplicates("order_id").sort_values(["customer_id", "ordered_at"], kind="stable")
        rows["last"] = rows.groupby("customer_id")["category"].shift()
        popular = rows.loc[rows["ordered_at"] < shop.before, "category"].mode()[0]
        later = rows[(rows["ordered_at"] >= shop.before) & rows["last"].notna()]
        answer.popular_share = (later["category"] == popular).mean()
        answer.same_share = (later["category"] == later["last"]).mean()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        popular, pairs = _foretold(shop)
        late = [(was, now) for when, was, now in pairs if when >= shop.before and was]
        return {
            "popular_share": sum(now == popular for _, now in late) / len(late),
            "same_share": sum(was == now for was, now in late) / len(late),
        }

    @slip("Orders from before are among those you foretell: the popular category was chosen by them. New orders only.")
    def seen_orders(shop: Any, answer: Any) -> None:
        popular, pairs = _foretold(shop)
        known = [(was, now) for _, was, now in pairs if was]
        answer.popular_share = sum(now == popular for _, now in known) / len(known)
        answer.same_share = sum(was == now for was, now in known) / len(known)

    @slip("The order before is another customer's where a new customer begins: shift within each customer.")
    def across_customers(shop: Any, answer: Any) -> None:
        rows = shop.orders.drop_duplicates("order_id").sort_values(["customer_id", "ordered_at"], kind="stable")
        rows["last"] = rows["category"].shift()
        later = rows[(rows["ordered_at"] >= shop.before) & rows["last"].notna()]
        answer.popular_share = (later["category"] == _foretold(shop)[0]).mean()
        answer.same_share = (later["category"] == later["last"]).mean()


class Worth(Task):
    """What an offer is worth

    The campaign `summer_offer` cost 0.35 GBP for each customer in the arm `offer_a`, bought or not. Of what an order
    brings, 40 % is margin. Take as the worth of an order the mean of what is paid per order in `shop.orders`.

    Hand over what one message of `offer_a` earned on average in GBP (`per_message`): the share who bought **because
    of it**, times the margin of an order, less the cost. The share is that of `offer_a` less that of `control`.
    """

    number = "7.3"
    idea = "An offer earns what it adds, not what is bought after it; and it costs for everybody who gets it."
    answers = ("per_message",)
    within = 1e-4
    about = 1e-4
    hint = "Three numbers: the difference of two shares, 0.4 times the mean of the sums per order_id, and 0.35."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        offer = shop.outcomes[shop.outcomes["campaign"] == "summer_offer"]
        share = offer.groupby("arm")["bought"].mean()
        order = shop.orders.groupby("order_id")["paid"].sum().mean()
        answer.per_message = (share["offer_a"] - share["control"]) * 0.4 * order - 0.35

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"per_message": (_share(shop, "offer_a") - _share(shop, "control")) * _margin(shop) - COST}

    @slip(
        "Everybody who bought after the message is counted. Those who would have bought anyway show in the control arm."
    )
    def gross(shop: Any, answer: Any) -> None:
        answer.per_message = _share(shop, "offer_a") * _margin(shop) - COST

    @slip("The cost is counted for buyers only. A message that nobody answers costs the same.")
    def cost_of_buyers(shop: Any, answer: Any) -> None:
        gain = _share(shop, "offer_a") - _share(shop, "control")
        answer.per_message = gain * (_margin(shop) - COST)

    @slip("This is revenue. Of what is paid, 40 % is margin; the rest goes to those who made and brought the goods.")
    def revenue(shop: Any, answer: Any) -> None:
        gain = _share(shop, "offer_a") - _share(shop, "control")
        answer.per_message = gain * _margin(shop) / MARGIN_SHARE - COST


def _best_pair(shop: Any, by: str) -> tuple[set[str], float, float]:
    """Give the best pair by lift or by customers with both, its lift, and the share with both."""
    who = shop.orders.groupby("category")["customer_id"].agg(set)
    count = shop.orders["customer_id"].nunique()
    found = []
    for one, two in combinations(sorted(who.index), 2):
        both = len(who[one] & who[two]) / count
        found.append(({one, two}, both * count * count / (len(who[one]) * len(who[two])), both))
    return max(found, key=lambda each: each[1 if by == "lift" else 2])


def _foretold(shop: Any) -> tuple[str, list[tuple[pd.Timestamp, str, str]]]:
    """Give the most frequent category of earlier orders, and per order its time, the category before, and its own."""
    rows = shop.orders.drop_duplicates("order_id")
    popular = rows.loc[rows["ordered_at"] < shop.before, "category"].value_counts()
    pairs = []
    for _, mine in rows.sort_values("ordered_at", kind="stable").groupby("customer_id"):
        path = list(mine["category"])
        pairs += list(zip(mine["ordered_at"], ["", *path], path, strict=False))
    return min(popular.index[popular == popular.max()]), pairs


def _share(shop: Any, arm: str) -> float:
    rows = shop.outcomes[(shop.outcomes["campaign"] == "summer_offer") & (shop.outcomes["arm"] == arm)]
    return float(rows["bought"].mean())


def _margin(shop: Any) -> float:
    return MARGIN_SHARE * float(shop.orders["paid"].sum()) / int(shop.orders["order_id"].nunique())
