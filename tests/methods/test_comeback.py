"""Curves of coming back, against statsmodels and against planted rhythms."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from seglib.methods.comeback import comeback_curve, reached


def seen(seed: int, customers: int = 400, mean_days: float = 30.0) -> pd.DataFrame:
    """Watch customers with a gamma rhythm for 92 days after a long life before."""
    rng, rows = np.random.default_rng(seed), []
    for customer in range(customers):
        days = np.cumsum(np.maximum(1, np.round(rng.gamma(3, mean_days / 3, 60)))).astype(int)
        start = int(rng.integers(400, 500))
        for first, after in pairwise(days):
            if after >= start and first < start + 92:
                stop = min(after, start + 91)
                row = (customer, max(0, start - first - 1), stop - first, after <= start + 91)
                rows += [row] if row[2] > row[1] else []
    return pd.DataFrame(rows, columns=["customer", "entry_days", "exit_days", "came_back"])


def test_the_curve_is_that_of_statsmodels() -> None:
    """Delayed entry, open ends and ties: the same estimate as SurvfuncRight."""
    waits = seen(1, customers=80)
    ours = comeback_curve(waits, seed=0, floor=5, resamples=5).set_index("days")["share"]
    peer = SurvfuncRight(waits["exit_days"], waits["came_back"].astype(int), entry=waits["entry_days"])
    both = pd.Series(1 - peer.surv_prob, index=peer.surv_times.astype(int))
    both = both[both.index <= ours.index.max()]

    assert len(both) > 30
    assert ours[both.index].to_numpy() == pytest.approx(both.to_numpy())


def test_a_planted_rhythm_is_found_inside_its_interval() -> None:
    """Gaps are gamma with mean 30 and shape 3, so half are back after 26.7 days; watched for a quarter only."""
    found = reached(comeback_curve(seen(2), seed=0, resamples=60)).set_index("share").loc[0.5]

    assert found["low"] <= 27 <= found["high"]
    assert found["high"] - found["low"] <= 6


def test_the_curve_ends_where_few_wait() -> None:
    """Twelve wait on the first day, nine on the third: with a floor of ten the curve has days 0 to 2."""
    waits = pd.DataFrame({"customer": range(12), "entry_days": 0, "exit_days": [2] * 3 + [9] * 9, "came_back": True})
    curve = comeback_curve(waits, seed=0, floor=10, resamples=5)

    assert curve["days"].tolist() == [0, 1, 2]
    assert curve["share"].tolist() == [0, 0, 0.25]


def test_a_wait_that_ends_before_it_is_seen_is_refused() -> None:
    """Exit must be above entry."""
    waits = pd.DataFrame({"customer": [1], "entry_days": [5], "exit_days": [5], "came_back": [True]})

    with pytest.raises(ValueError, match="above entry_days"):
        comeback_curve(waits, seed=0)
