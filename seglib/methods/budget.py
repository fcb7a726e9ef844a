"""Money to segments by what it surely brings, and what the same money brings when it is spread evenly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.core.steady import steady


def allocate(segments: pd.DataFrame, budget: float, share_min: float = 0.0, share_max: float = 1.0) -> pd.DataFrame:
    """Give each segment the money that makes the sure gain as large as possible.

    Parameters
    ----------
    segments : DataFrame
        customers (who can be reached), cost (per customer), low and expected (margin per customer that the offer adds,
        before its cost; low is the lower end of the interval), is_test (spend although nothing is proven).
    budget : float
        Money there is, at least 0; all amounts have one unit.
    share_min, share_max : float
        Least and most of the budget for a segment that gets any, 0 to 1. The least gives way to the number of
        customers and, where there is too little money for all, to the budget.

    Returns
    -------
    DataFrame
        The rows with spent, customers (reached), sure and expected (gain after cost), and the same of an equal split.
        A segment whose low does not cover its cost, so that its interval includes harm, gets nothing unless it is a
        test; a test gets at most the least.

    Notes
    -----
    A knapsack that may be filled with parts: the best gain per money first, which is the best filling (Dantzig 1957,
    Discrete-variable extremum problems, Operations Research 5, 266-288). Of equal gains the first row comes first.

    Examples
    --------
    >>> rows = pd.DataFrame({"customers": [10, 10], "cost": 1.0, "low": [3.0, -1.0], "expected": [4.0, 2.0]})
    >>> allocate(rows.assign(is_test=False), 20.0)[["spent", "equal_sure"]].to_numpy().tolist()
    [[10.0, 20.0], [0.0, -20.0]]
    """
    cost, low = steady(segments["cost"]), steady(segments["low"].fillna(-np.inf))
    all_of_it = segments["customers"].to_numpy(dtype=float) * cost
    proven = (low > cost) & (cost > 0)
    test = segments["is_test"].to_numpy(dtype=bool) & ~proven
    least = np.where(proven | test, np.minimum(all_of_it, share_min * budget), 0.0)
    least *= min(1.0, budget / least.sum()) if least.sum() > 0 else 1.0
    most = np.where(proven, np.maximum(np.minimum(all_of_it, share_max * budget), least), least)
    order = np.argsort(-steady(np.where(proven, low / np.where(cost > 0, cost, 1.0), 0.0)), kind="stable")
    room = (most - least)[order]
    spent = least.copy()
    spent[order] += np.clip(budget - least.sum() - (np.cumsum(room) - room), 0.0, room)
    even = np.minimum(all_of_it, budget / max(len(segments), 1))
    reached = {"": spent / np.where(cost > 0, cost, 1.0), "equal_": even / np.where(cost > 0, cost, 1.0)}
    money = {"": spent, "equal_": even}
    made = {f"{way}spent": money[way] for way in reached}
    for way, count in reached.items():
        made[f"{way}sure"] = count * segments["low"].fillna(0).to_numpy() - money[way]
        made[f"{way}expected"] = count * segments["expected"].fillna(0).to_numpy() - money[way]
    reach = np.floor(steady(spent / np.where(cost > 0, cost, 1.0))).astype(int)
    return segments.assign(customers=reach, **made)
