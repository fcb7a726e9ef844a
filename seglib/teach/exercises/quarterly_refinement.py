"""What moved between two quarters, and what only seems to

Notebook 10 of the workbench compares two quarters: who moved from segment to segment, what drifted, whether the
segments are still those of last time. Segments that are made anew each quarter get numbers that mean nothing: segment
1 of July and segment 1 of October have only the number in common. Whoever compares numbers reports moves that nobody
made.

`shop.segments_before` and `shop.segments` are the segments of the customers in 2026Q2 and 2026Q3, each made from that
quarter alone. `shop.features_before` and `shop.features` are the criteria that they were made from. Customers may be
in one quarter only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.methods.drift import psi
from seglib.methods.matching import match
from seglib.methods.transitions import balance, migration
from seglib.teach.counting import drifted, psi_of_widths
from seglib.teach.task import Task, slip

NUMBER = "10"
OPENING = """
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib import teach

shop, answer = teach.start("10")
pd.crosstab(shop.segments_before.rename("2026Q2"), shop.segments.rename("2026Q3"))
"""
WRONG = {
    1: "no control",
    2: "peeking",
    4: "regression to the mean",
    5: "many groups",
    6: "by construction",
    8: "relabelling",
}


class Names(Task):
    """The same segment under another number

    Find for each segment of 2026Q3 the segment of 2026Q2 that it continues: count the customers in every pair
    (`pd.crosstab`), divide each count by the customers in either of the two (Jaccard: both over either, among
    customers who are in both quarters), and choose one partner for each so that the sum is as large as possible:
    `linear_sum_assignment(table, maximize=True)` gives the rows and columns of the best pairs.

    Hand over a dict from segment of 2026Q3 to segment of 2026Q2 (`names`), and the share of customers in both
    quarters who moved once the numbers mean the same (`moved_share`).
    """

    number = "10.1"
    idea = "A label is a name, not an identity: match segments by their members before anybody is said to have moved."
    answers = ("names", "moved_share")
    points = 3
    within = 1e-4
    hint = "Keep the customers in both quarters first. The table of 2026Q2 by 2026Q3 has four rows and four columns."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        both = pd.concat({"old": shop.segments_before, "new": shop.segments}, axis=1).dropna().astype(int)
        count = pd.crosstab(both["old"], both["new"])
        sums = count.sum(axis=1).to_numpy()[:, None] + count.sum().to_numpy()
        rows, columns = linear_sum_assignment(count / (sums - count), maximize=True)
        answer.names = {count.columns[c]: count.index[r] for r, c in zip(rows, columns, strict=True)}
        answer.moved_share = 1 - count.to_numpy()[rows, columns].sum() / len(both)

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        found = match(shop.segments_before, shop.segments, jaccard_min=0.0)
        same = found.overlaps[[found.names[row.current] == row.previous for row in found.overlaps.itertuples()]]
        return {
            "names": dict(sorted(found.names.items())),
            "moved_share": 1 - float(same["customers_count"].sum() / found.overlaps["customers_count"].sum()),
        }

    @slip("You took equal numbers for equal segments. The quarters were made apart: look at who is in both.")
    def equal_numbers(shop: Any, answer: Any) -> None:
        both = pd.concat({"old": shop.segments_before, "new": shop.segments}, axis=1).dropna().astype(int)
        answer.names = {n: n for n in range(1, 5)}
        answer.moved_share = (both["old"] != both["new"]).mean()

    @slip("The names are right. Those who moved are to be divided by customers in both quarters, not by all.")
    def of_all_customers(shop: Any, answer: Any) -> None:
        found = match(shop.segments_before, shop.segments, jaccard_min=0.0)
        answer.names = found.names
        both = pd.concat({"old": shop.segments_before, "new": shop.segments}, axis=1)
        answer.moved_share = (both["old"] != both["new"].map(found.names)).mean()


class Balance(Task):
    """A migration table that adds up

    Give the segments of 2026Q3 the numbers that they had in 2026Q2 (the `names` of 10.1). Then for each of these four
    numbers count: customers in 2026Q2 (`previous`), customers of 2026Q3 who were in no segment in 2026Q2 (`new`), who
    came from another segment (`moved_in`), who went to another segment (`moved_out`), who are in no segment any more
    (`left`), and customers in 2026Q3 (`now`).

    Hand over a DataFrame with a row for each of the four numbers (its index is 1 to 4) and these six columns.
    previous + new + moved_in - moved_out - left = now in each row.
    """

    number = "10.2"
    idea = "Customers who came or left are no movers: only a table that counts them too adds up."
    answers = ("balance",)
    points = 3
    hint = "Reindex both Series to the union of their customers, so that a blank says: not there in that quarter."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        old = shop.segments_before
        both = pd.concat({"old": old, "new": shop.segments}, axis=1).dropna().astype(int)
        count = pd.crosstab(both["old"], both["new"])
        sums = count.sum(axis=1).to_numpy()[:, None] + count.sum().to_numpy()
        rows, columns = linear_sum_assignment(count / (sums - count), maximize=True)
        names = {count.columns[c]: count.index[r] for r, c in zip(rows, columns, strict=True)}
        every = old.index.union(shop.segments.index)
        then, now = old.reindex(every), shop.segments.map(names).reindex(every)
        moved = then.notna() & now.notna() & (then != now)
        answer.balance = pd.DataFrame(
            {
                "previous": then.value_counts(),
                "new": now[then.isna()].value_counts(),
                "moved_in": now[moved].value_counts(),
                "moved_out": then[moved].value_counts(),
                "left": then[now.isna()].value_counts(),
                "now": now.value_counts(),
            }
        ).fillna(0)

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        table = balance(migration(shop.segments_before, _renamed(shop), *(_no_money(s) for s in _both(shop))))
        columns = ["previous", "new", "moved_in", "moved_out", "left", "now"]
        return {"balance": table[[f"{name}_count" for name in columns]].set_axis(columns, axis=1)}

    @slip(
        "Only customers of both quarters are in your table: nobody is new and nobody left. Use the union of customers."
    )
    def both_quarters_only(shop: Any, answer: Any) -> None:
        both = pd.concat({"old": shop.segments_before, "new": _renamed(shop)}, axis=1).dropna()
        answer.balance = _balance(both["old"], both["new"])

    @slip("The numbers of 2026Q3 are not matched yet, so most customers seem to move. Rename them by 10.1 first.")
    def not_renamed(shop: Any, answer: Any) -> None:
        every = shop.segments_before.index.union(shop.segments.index)
        answer.balance = _balance(shop.segments_before.reindex(every), shop.segments.reindex(every))

    @slip(
        "A blank is never equal to a number, so new customers and those who left count as movers too. Leave them out."
    )
    def blanks_move(shop: Any, answer: Any) -> None:
        every = shop.segments_before.index.union(shop.segments.index)
        then, now = shop.segments_before.reindex(every), _renamed(shop).reindex(every)
        moved = then != now
        wrong = {"moved_in": now[moved].value_counts(), "moved_out": then[moved].value_counts()}
        answer.balance = _balance(then, now).assign(**wrong)


class Drift(Task):
    """Which criterion drifted?

    The population stability index compares a column of two quarters. Cut the column of `shop.features_before` at its
    quantiles 0.1, 0.2 ... 0.9 into ten bins (a value equal to an edge belongs to the lower bin: `np.searchsorted(edges,
    values)`; where quantiles are equal, as with many customers at 0, they are one edge: `np.unique`). Count customers
    of both quarters in each bin, **add half a customer to each count**, turn counts into shares e (2026Q2) and a
    (2026Q3), and add up (a - e) ln(a / e).

    Hand over the index of each of the four criteria (`psi`, a Series or a dict), the name of the one that moved most
    (`most`), and a word for that one (`verdict`): `none` below 0.1, `watch` from 0.1, `drift` from 0.25.
    """

    number = "10.3"
    idea = "Drift is measured in bins of the earlier quarter: they say what was normal before anything changed."
    answers = ("psi", "most", "verdict")
    within = 1e-3
    hint = "np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1) + 0.5 counts a quarter."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        found = {}
        for name in shop.features:
            before, after = shop.features_before[name], shop.features[name]
            edges = np.unique(before.quantile(np.arange(1, 10) / 10))
            bins = len(edges) + 1
            e, a = (np.bincount(np.searchsorted(edges, each), minlength=bins) + 0.5 for each in (before, after))
            e, a = e / e.sum(), a / a.sum()
            found[name] = ((a - e) * np.log(a / e)).sum()
        answer.psi, answer.most = found, max(found, key=lambda name: found[name])
        answer.verdict = "none" if found[answer.most] < 0.1 else "watch" if found[answer.most] < 0.25 else "drift"

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return drifted({name: psi(shop.features_before[name], shop.features[name]) for name in shop.features})

    @slip("Your bins come from the later quarter. Normal is what was there before: cut at quantiles of 2026Q2.")
    def bins_of_the_later(shop: Any, answer: Any) -> None:
        found = drifted({name: psi(shop.features[name], shop.features_before[name]) for name in shop.features})
        answer.psi, answer.most, answer.verdict = found.values()

    @slip("Your bins have equal widths. With money, nearly everybody is then in the first one: use quantiles.")
    def equal_widths(shop: Any, answer: Any) -> None:
        found = drifted({name: psi_of_widths(shop, name) for name in shop.features})
        answer.psi, answer.most, answer.verdict = found.values()


class Report(Task):
    """A report to criticise

    A colleague's report on campaigns and segments says:

    1. "The offer works: 38 % of those who got it bought within 30 days." There was no group without the offer.
    2. "We stopped the test on day 6, when p fell below 0.05. It was planned for 30 days."
    3. "Before the test we fixed the number of customers and read the result once, at the end: effect 4 points,
       interval 1 to 7."
    4. "Our 50 worst customers of last quarter got a letter. Their revenue doubled in this quarter."
    5. "There is no effect in all customers, but women in Leeds under 35 bought more (p = 0.03). We looked at 60
       groups."
    6. "The segments differ significantly in recency (p < 0.001). They were made by k-means on recency and money."
    7. "The arms had 5,012 and 4,987 customers, as planned half and half, and the interval of the effect holds 0:
       cannot tell."
    8. "Segment 2 lost 70 % of its members since July. Both quarters were clustered anew, and we compared the numbers
       1 to 5."

    Two of the eight are sound. Hand over a dict from the number of each of the other six to what is wrong with it:
    `no control`, `peeking`, `regression to the mean`, `many groups`, `by construction` or `relabelling`. Each occurs
    once.
    """

    number = "10.4"
    idea = "Most wrong reports have no wrong number in them: ask how somebody came to look at this number at all."
    answers = ("wrong",)
    points = 3
    hint = (
        "For each statement ask: compared with what, looked at when, chosen how, one of how many, and were labels "
        "matched?"
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        answer.wrong = {
            1: "no control",
            2: "peeking",
            4: "regression to the mean",
            5: "many groups",
            6: "by construction",
            8: "relabelling",
        }

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"wrong": WRONG}

    @slip("An interval that holds 0 is no mistake: the last but one statement says honestly that it cannot tell.")
    def cannot_tell_is_wrong(shop: Any, answer: Any) -> None:
        answer.wrong = WRONG | {7: "no control"}

    @slip(
        "The letter and the offer are mixed up: chosen for an extreme value is one thing, no group without it another."
    )
    def letter_and_offer(shop: Any, answer: Any) -> None:
        answer.wrong = WRONG | {1: "regression to the mean", 4: "no control"}

    @slip("A p value of segments on what made them is no discovery, however small it is: one statement is missing.")
    def by_construction_accepted(shop: Any, answer: Any) -> None:
        answer.wrong = {number: what for number, what in WRONG.items() if number != 6}


def _both(shop: Any) -> tuple[pd.Series, pd.Series]:
    return shop.segments_before, shop.segments


def _no_money(segments: pd.Series) -> pd.Series:
    return pd.Series(0, index=segments.index)


def _renamed(shop: Any) -> Any:
    return shop.segments.map(match(shop.segments_before, shop.segments, jaccard_min=0.0).names)


def _balance(then: pd.Series, now: pd.Series) -> pd.DataFrame:
    moved = then.notna() & now.notna() & (then != now)
    parts = {"previous": then, "new": now[then.isna()], "moved_in": now[moved], "moved_out": then[moved]}
    parts |= {"left": then[now.isna()], "now": now}
    return pd.DataFrame({name: part.value_counts() for name, part in parts.items()}).fillna(0)
