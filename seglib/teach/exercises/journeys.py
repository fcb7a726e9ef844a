"""Steps of a visit, and the time until the next order

Notebook 06 of the workbench follows customers: from step to step of a visit to the web shop, and from order to order.
Both have a trap that makes a shop look better or worse than it is: steps that belong to two different visits, and
customers whose next order has not come **yet**.

`shop.events` has recorded visits, one row per event, with `session_id`, `event_at`, `event` (visit, view, cart,
checkout or purchase) and `channel`. `shop.orders` has the order lines that count. What happens from `shop.as_of` on
is not known.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from seglib.teach.task import Task, slip

NUMBER = "06"
OPENING = """
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from seglib import teach

shop, answer = teach.start("06")
shop.events.head(8)
"""


class Steps(Task):
    """From step to step

    Sort `shop.events` by session and time. For each event find the next one of the same session; after the last one
    comes `exit`. Hand over the transition matrix as a DataFrame (`steps`): a row for each event, a column for each
    next event, and in it the share of the row's events that go on like this. Each row adds up to 1 (`pd.crosstab`
    with `normalize="index"`).
    """

    number = "6.1"
    idea = (
        "A transition matrix says: of those who are here, which share goes there next? Rows are wholes, visits stay "
        "apart."
    )
    answers = ("steps",)
    points = 3
    hint = (
        "groupby('session_id')['event'].shift(-1) looks one event ahead within a session and leaves a blank at its end."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        events = shop.events.sort_values(["session_id", "event_at"], kind="stable")
        after = events.groupby("session_id")["event"].shift(-1).fillna("exit")
        answer.steps = pd.crosstab(events["event"], after, normalize="index")

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        counts: dict[str, dict[str, int]] = {}
        for _, visit in shop.events.sort_values("event_at", kind="stable").groupby("session_id")["event"]:
            path = [*visit, "exit"]
            for here, there in pairwise(path):
                counts.setdefault(here, {}).setdefault(there, 0)
                counts[here][there] += 1
        table = pd.DataFrame(counts).T.fillna(0)
        return {"steps": table.div(table.sum(axis=1), axis=0)}

    @slip("The end of one visit is followed by the beginning of another person's. Shift within each session.")
    def across_sessions(shop: Any, answer: Any) -> None:
        events = shop.events.sort_values(["session_id", "event_at"], kind="stable")
        answer.steps = pd.crosstab(events["event"], events["event"].shift(-1).fillna("exit"), normalize="index")

    @slip("Your columns add up to 1, not your rows: this says where an event came from. Use normalize='index'.")
    def columns_are_wholes(shop: Any, answer: Any) -> None:
        events = shop.events.sort_values(["session_id", "event_at"], kind="stable")
        after = events.groupby("session_id")["event"].shift(-1).fillna("exit")
        answer.steps = pd.crosstab(events["event"], after, normalize="columns")

    @slip("Visits that end are missing: without exit, everybody seems to go on. Fill the blank after the last event.")
    def nobody_leaves(shop: Any, answer: Any) -> None:
        events = shop.events.sort_values(["session_id", "event_at"], kind="stable")
        after = events.groupby("session_id")["event"].shift(-1)
        answer.steps = pd.crosstab(events["event"], after, normalize="index")


class Conversion(Task):
    """Two conversions

    Which share of the visits in `shop.events` has a purchase (`of_visits`)? Which share of the customers who visited
    has one (`of_customers`)?
    """

    number = "6.2"
    idea = (
        "Conversion of what? A share of visits and a share of customers answer different questions, and both are "
        "called so."
    )
    answers = ("of_visits", "of_customers")
    hint = "Mark the rows with a purchase, then ask with groupby(...).any() for each session, and for each customer."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        bought = shop.events["event"] == "purchase"
        answer.of_visits = bought.groupby(shop.events["session_id"]).any().mean()
        answer.of_customers = bought.groupby(shop.events["customer_id"]).any().mean()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        bought = shop.events[shop.events["event"] == "purchase"]
        names = {"of_visits": "session_id", "of_customers": "customer_id"}
        return {name: bought[key].nunique() / shop.events[key].nunique() for name, key in names.items()}

    @slip("You divide by events. A visit of five clicks is one visit: group by session and by customer.")
    def of_events(shop: Any, answer: Any) -> None:
        bought = shop.events["event"] == "purchase"
        answer.of_visits = answer.of_customers = bought.mean()

    @slip("Both numbers are shares of visits. For the second group by customer_id.")
    def twice_visits(shop: Any, answer: Any) -> None:
        bought = shop.events["event"] == "purchase"
        answer.of_visits = answer.of_customers = bought.groupby(shop.events["session_id"]).any().mean()

    @slip("This is the mean of each customer's own share of visits. The question is who bought at least once.")
    def mean_of_shares(shop: Any, answer: Any) -> None:
        visits = shop.events.assign(bought=shop.events["event"] == "purchase").groupby(["customer_id", "session_id"])
        each = visits["bought"].any()
        answer.of_visits = each.mean()
        answer.of_customers = each.groupby("customer_id").mean().mean()


class NotYet(Task):
    """The second order that has not come yet

    Take the customers whose first order lies in the 180 days before `shop.as_of` (on 4 April 2026 or later). For
    each, count the whole days from the first order day to the second one; who has no second order yet was seen
    without one from the first order until `shop.as_of`. (Order days: several orders of one day are one.)

    Hand over two estimates of the share who order again within 60 days. `naive`: of those who have a second order,
    the share whose second one came within 60 days. `estimate`: Kaplan and Meier's, which lets everybody count as long
    as they were seen: `fit = SurvfuncRight(days, status)`, status 1 for a second order and 0 for not yet, and then 1
    minus the last `fit.surv_prob` at or before 60 days (`fit.surv_times`).
    """

    number = "6.3"
    idea = "Who has not ordered again yet is not missing: leaving them out makes every shop look better than it is."
    answers = ("naive", "estimate")
    points = 4
    within = 1e-3
    hint = (
        "A table with first and second order day per customer is enough. fillna(shop.as_of) gives the end of what "
        "was seen."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        days = shop.orders[["customer_id"]].assign(day=shop.orders["ordered_at"].dt.normalize()).drop_duplicates()
        days["place"] = days.sort_values("day", kind="stable").groupby("customer_id").cumcount()
        each = days.pivot(index="customer_id", columns="place", values="day")
        new = each[each[0] >= shop.as_of - pd.Timedelta(days=180)]
        again = new[1].notna()
        waited = (new[1].fillna(shop.as_of) - new[0]).dt.days
        fit = SurvfuncRight(waited, again.astype(int))
        answer.naive = (waited[again] <= 60).mean()
        answer.estimate = 1 - fit.surv_prob[fit.surv_times <= 60][-1]

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        waited, again = _waits(shop)
        stays = 1.0
        for day in sorted(set(waited[again & (waited <= 60)])):
            stays *= 1 - ((waited == day) & again).sum() / (waited >= day).sum()
        return {"naive": float((waited[again] <= 60).mean()), "estimate": 1 - stays}

    @slip(
        "You divide by everybody, also by those who came last week and had no 60 days yet. Kaplan and Meier's does not."
    )
    def everybody_below(shop: Any, answer: Any) -> None:
        waited, again = _waits(shop)
        answer.naive = (waited[again] <= 60).mean()
        answer.estimate = (again & (waited <= 60)).mean()

    @slip("surv_prob is the share who have not ordered again. The estimate is 1 minus it.")
    def still_waiting(shop: Any, answer: Any) -> None:
        waited, again = _waits(shop)
        fit = SurvfuncRight(waited, again.astype(int))
        answer.naive = (waited[again] <= 60).mean()
        answer.estimate = fit.surv_prob[fit.surv_times <= 60][-1]

    @slip("Status is turned round: 1 is for who ordered again, 0 for who has not yet.")
    def status_turned(shop: Any, answer: Any) -> None:
        waited, again = _waits(shop)
        fit = SurvfuncRight(waited, (~again).astype(int))
        answer.naive = (waited[again] <= 60).mean()
        answer.estimate = 1 - fit.surv_prob[fit.surv_times <= 60][-1]


def _waits(shop: Any) -> tuple[pd.Series, pd.Series]:
    """Give the days that each new customer was seen, and whether a second order day ended them."""
    days = shop.orders.assign(day=shop.orders["ordered_at"].dt.normalize()).groupby("customer_id")["day"].unique()
    paths = {who: sorted(each) for who, each in days.items()}
    new = {who: path for who, path in paths.items() if path[0] >= shop.as_of - pd.Timedelta(days=180)}
    waited = {who: ((path[1] if len(path) > 1 else shop.as_of) - path[0]).days for who, path in new.items()}
    return pd.Series(waited), pd.Series({who: len(path) > 1 for who, path in new.items()})
