"""What members of a segment buy next, and whether knowing it beats popularity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.quarters import Quarter
from seglib.journeys.pairs import order_days
from seglib.methods.recommend import hit_rate, next_category

if TYPE_CHECKING:
    from seglib.core.engine import Table

TOP = 3
ITEMS_MAX = 50


def count_pairs(orders: Table, member: Table, item: str, quarter: Quarter, floor: int) -> pd.DataFrame:
    """Count what follows what, from one day with orders to the next.

    Parameters
    ----------
    orders : Table
        Order lines; nothing at or after the quarter's end is used.
    member : Table
        customer, segment.
    item : str
        Column of the orders that names what was bought; the 50 most common ones with at least `floor` buyers count.
    quarter : Quarter
        Splits the pairs into earlier and `later` ones.
    floor : int
        Smallest group that may be shown.

    Returns
    -------
    DataFrame
        later, segment, last, next, count (order days), customers (who did it), buyers (of `next` in the segment).
    """
    known = orders.filter(orders.ordered_at < quarter.as_of)
    buyers = known.group_by(item).agg(customers=known.customer.nunique())
    common = buyers.filter(buyers.customers >= floor).order_by(buyers.customers.desc(), item).limit(ITEMS_MAX)
    days = order_days(known.filter(known[item].isin(common[item])), item)
    last = days.item.lag().over(group_by=days.customer, order_by=days.ordered_on)
    rows = days.mutate(last=last).rename(next="item").filter(lambda t: t.last.notnull()).inner_join(member, "customer")
    rows = rows.mutate(later=rows.ordered_on >= quarter.start.date())
    distinct = rows.group_by("segment", "next").agg(buyers=rows.customer.nunique())
    counted = rows.group_by("later", "segment", "last", "next").agg(
        count=rows.count(), customers=rows.customer.nunique()
    )
    frame: pd.DataFrame = counted.order_by("later", "segment", "last", "next").to_pandas()
    return frame.merge(distinct.to_pandas(), on=["segment", "next"])


def rank(pairs: pd.DataFrame, segments: pd.DataFrame, floor: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank what members buy next: three per segment, and the best guess per segment and last purchase.

    Parameters
    ----------
    pairs : DataFrame
        From `count_pairs`.
    segments : DataFrame
        segment, name, identity.
    floor : int
        Rows of fewer customers are left out.

    Returns
    -------
    tuple of DataFrame
        `ContentPlan.next_best` and `ContentPlan.by_last`.
    """
    best = ["segment", "name", "identity", "rank", "category", "share", "n"]
    after = ["segment", "name", "last", "next", "share", "n"]
    if not len(pairs):
        return pd.DataFrame(columns=best), pd.DataFrame(columns=after)
    seen = pairs.groupby(["segment", "next", "buyers"])["count"].sum().reset_index(name="seen")
    seen["n"] = seen.groupby("segment")["seen"].transform("sum")
    seen = seen[seen["buyers"] >= floor].sort_values(["segment", "seen", "next"], ascending=[True, False, True])
    seen = seen.assign(
        rank=seen.groupby("segment").cumcount() + 1, share=seen["seen"] / seen["n"], category=seen["next"]
    )
    behind = pairs.groupby(["segment", "last", "next"], as_index=False)["customers"].max()
    guess = next_category(pairs, k=1).merge(behind).merge(segments)
    guess = guess[guess["customers"] >= floor].sort_values(["segment", "n", "last"], ascending=[True, False, True])
    top = seen[seen["rank"] <= TOP].merge(segments).sort_values(["segment", "rank"])
    return top[best].reset_index(drop=True), guess[after].reset_index(drop=True)


def trial(pairs: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Try the guesses of before on the quarter's orders, against popularity; returns the hit rates and a sentence."""
    columns = ["model", "hit_rate", "low", "high", "n"]
    late = pairs["later"].astype(bool) if len(pairs) else pd.Series(dtype=bool)
    before, later = pairs[~late], pairs[late]
    if not len(before) or not len(later):
        return pd.DataFrame(
            columns=columns
        ), "The guesses cannot be tried: there are not two windows with repeat orders."
    guesses = next_category(before, k=TOP)
    k = int(guesses["rank"].max())
    things = before["next"].nunique()
    if things <= k:
        what = f"{k} guesses name all of the {things}" if things > 1 else "there is only one"
        return pd.DataFrame(columns=columns), f"The guesses cannot be tried: of what is bought next, {what}."
    row = hit_rate(guesses, later, k=k).iloc[0]
    n = int(row["n"])
    models = [("segment and last purchase", "hit_share", "hit_low", "hit_high")]
    models += [("popularity", "popular_share", "popular_low", "popular_high")]
    tried = pd.DataFrame([(m, row[a], row[b], row[c], n) for m, a, b, c in models], columns=columns)
    gain, low, high = (f"{100 * row[key]:+.1f}" for key in ("difference", "difference_low", "difference_high"))
    words = {
        "popularity": "Popularity wins: show everybody the same",
        "cannot tell": "No difference can be told: popularity is simpler and as good",
    }.get(row["winner"], "Knowing segment and last purchase beats popularity")
    return tried, f"{words} ({gain} points, {low} to {high}; first {k} guesses, {n:,} later order days)."
