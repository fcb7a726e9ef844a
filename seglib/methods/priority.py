"""Whom to call first when there is no time for all: by what a call is expected to bring."""

from __future__ import annotations

import pandas as pd

from seglib.core.steady import steady


def call_list(candidates: pd.DataFrame, capacity_count: int) -> pd.DataFrame:
    """Choose the customers whose calls are expected to bring most, within the capacity.

    Parameters
    ----------
    candidates : DataFrame
        customer; effect_share (how much likelier an order becomes, -1 to 1), margin_minor (of an order), cost_minor (of
        a call).
    capacity_count : int
        Calls that can be made, at least 0.

    Returns
    -------
    DataFrame
        The chosen rows with expected_minor (effect times margin minus cost, above 0) and rank from 1. No other list of
        the same length has a larger sum; ties go to the first customer in order.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": ["a", "b", "c"], "effect_share": [0.1, 0.2, 0.0], "margin_minor": [900.0] * 3})
    >>> call_list(rows.assign(cost_minor=20.0), 2)[["customer", "expected_minor", "rank"]].to_numpy().tolist()
    [['b', 160.0, 1], ['a', 70.0, 2]]
    """
    expected = candidates["effect_share"] * candidates["margin_minor"] - candidates["cost_minor"]
    worth = candidates.assign(expected_minor=steady(expected)).query("expected_minor > 0")
    ordered = worth.sort_values(["expected_minor", "customer"], ascending=[False, True]).head(capacity_count)
    return ordered.assign(rank=range(1, len(ordered) + 1)).reset_index(drop=True)
