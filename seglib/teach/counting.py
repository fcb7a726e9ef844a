"""What the references of the exercises count: arms, effects and quarters, in another way than the solutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.methods.rates import newcombe


def of_arm(rows: pd.DataFrame, *arms: str) -> tuple[int, int]:
    """Count buyers and customers of one arm, or of several together."""
    mine = rows.loc[rows["arm"].isin(arms), "bought"]
    return int(mine.sum()), len(mine)


def interval(counts: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Give the difference of two shares, from counts of both, with Newcombe's interval."""
    (one, n_one), (two, n_two) = counts
    low, high = newcombe(one, n_one, two, n_two)
    return one / n_one - two / n_two, float(low), float(high)


def coin_p_values(shop: Any, within: bool = True) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Test each coin: the pooled z test of two shares; against the control customers of the coin, or of all."""
    found = []
    for coin in shop.coins:
        sent = shop.empty_message
        mine = sent[shop.coins[coin].to_numpy()]
        (one, n_one), (two, n_two) = of_arm(mine, "message"), of_arm(mine if within else sent, "control")
        share = (one + two) / (n_one + n_two)
        z = (one / n_one - two / n_two) / np.sqrt(share * (1 - share) * (1 / n_one + 1 / n_two))
        found.append(2 * stats.norm.sf(abs(z)))
    return np.array(found)


def paid_in(shop: Any, start: str) -> Any:
    """Add up what each customer paid in the quarter that begins on a day."""
    first = pd.Timestamp(start)
    rows = shop.orders[shop.orders["ordered_at"].between(first, first + pd.DateOffset(months=3), inclusive="left")]
    return rows.groupby("customer_id")["paid"].sum()


def kept_share(first: pd.Series, second: pd.Series) -> float:
    """Return what the top tenth of the first paid in the second, over what they paid in the first."""
    top = first[first >= first.quantile(0.9)]
    return float(second.reindex(top.index).fillna(0).sum() / top.sum())


def verdict_of(low: float, high: float) -> str:
    """Say what an interval of an effect allows to say."""
    return "works" if low > 0 else "harms" if high < 0 else "cannot tell"


def drifted(found: dict[str, float]) -> dict[str, Any]:
    """Name the criterion that moved most, and the word for it."""
    most = max(found, key=lambda name: found[name])
    verdict = "none" if found[most] < 0.1 else "watch" if found[most] < 0.25 else "drift"
    return {"psi": found, "most": most, "verdict": verdict}


def psi_of_widths(shop: Any, name: str) -> float:
    """Compute the index with ten bins of equal widths, as a slip does."""
    before, after = shop.features_before[name], shop.features[name]
    edges = np.linspace(before.min(), before.max(), 11)[1:-1]
    e, a = (np.bincount(np.searchsorted(edges, each), minlength=10) + 0.5 for each in (before, after))
    e, a = e / e.sum(), a / a.sum()
    return float(((a - e) * np.log(a / e)).sum())
