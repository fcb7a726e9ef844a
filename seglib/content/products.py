"""A list of products for each customer, made in the way that did best on orders it had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from seglib.methods.products import best, shop, trial, winner

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.quarters import Quarter

NAMES = ("product_name", "product_id", "category")
LIST_LENGTH = 3
ITEMS_MAX = 2_000


def make(collection: Collection, member: Table, quarter: Quarter, floor: int) -> tuple[Table | None, pd.DataFrame]:
    """Try the ways of making lists on the quarter, and make the lists of every member with the best one.

    Parameters
    ----------
    collection : Collection
        Orders; product_name, else product_id, else category says what was bought.
    member : Table
        customer: for whom lists are made.
    quarter : Quarter
        The ways learn from before it and are judged on it; the lists use all orders up to its end.
    floor : int
        Products of fewer buyers are never shown; at most 2,000 products are.

    Returns
    -------
    tuple of Table or None and DataFrame
        customer, rank, item; and the trial. None where orders do not say what was bought.
    """
    item = next((name for name in NAMES if collection.has("orders", name)), None)
    if item is None:
        return None, trial(shop(pd.DataFrame(columns=["customer", "ordered_on", "item"]), []), _nothing())
    known = collection.orders.filter(collection.orders.ordered_at < quarter.as_of)
    lines = known.filter(known[item].notnull()).select("customer", "ordered_on", item=known[item].cast("str"))
    days = lines.semi_join(member, "customer").distinct().to_pandas()
    days["ordered_on"] = pd.to_datetime(days["ordered_on"])
    early = days["ordered_on"] < pd.Timestamp(quarter.start)
    tried = trial(shop(days[early], _common(days[early], floor)), days[~early][["customer", "item"]], LIST_LENGTH)
    seen = shop(days, _common(days, floor))
    if not len(seen.items):
        return None, tried
    found = best(seen, winner(tried), LIST_LENGTH)
    rows, ranks = np.nonzero(found >= 0)
    lists = {"customer": seen.customers[rows], "rank": ranks + 1, "item": seen.items[found[rows, ranks]]}
    return ibis.memtable(pd.DataFrame(lists)), tried


def _common(days: pd.DataFrame, floor: int) -> list[str]:
    """Name the products with at least `floor` buyers, at most 2,000 of them, in order.

    Examples
    --------
    >>> _common(pd.DataFrame({"customer": ["a", "b", "a"], "item": ["tea", "tea", "cup"]}), 2)
    ['tea']
    """
    buyers = days.drop_duplicates(["customer", "item"]).groupby("item").size()
    enough = buyers[buyers >= floor].rename_axis("item").reset_index(name="buyers")
    top = enough.sort_values(["buyers", "item"], ascending=[False, True]).head(ITEMS_MAX)
    return sorted(top["item"].astype(str))


def _nothing() -> pd.DataFrame:
    return pd.DataFrame({"customer": pd.Series(dtype="str"), "item": pd.Series(dtype="str")})
