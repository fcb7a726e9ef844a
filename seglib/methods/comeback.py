"""How long until a customer comes back: a curve of one quarter, with everybody who waits in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.core.steady import FloatArray

QUANTILES = (0.25, 0.5, 0.75)
ENDS = {"days": "share", "low": "high", "high": "low"}  # who is back early makes the early end


def comeback_curve(
    waits: pd.DataFrame, seed: int, floor: int = 10, resamples: int = 200, level: float = 0.95
) -> pd.DataFrame:
    """Estimate the share of customers who have come back by each day after a purchase.

    Parameters
    ----------
    waits : DataFrame
        One row per wait: ``customer``; ``entry_days``, age of the wait in whole days before it could first be seen to
        end (0 or more); ``exit_days``, age when it ended or was last seen, above entry; ``came_back``, True where it
        ended with a purchase.
    seed : int
        Same seed, same interval.
    floor : int
        The curve ends where fewer customers wait.
    resamples : int
        Bootstrap samples of customers.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        days (0, 1, ...), share (0 to 1, never falling), low, high, waiting (waits under observation on that day).

    Raises
    ------
    ValueError
        If a wait ends before it can be seen.

    Notes
    -----
    Kaplan and Meier's estimate with delayed entry (Klein and Moeschberger 2003, Survival Analysis, section 4.6): a wait
    that began before the quarter counts from the age at which the quarter met it, one that has not ended counts up to
    the last day. Customers with many waits are drawn together (percentile bootstrap of customers).

    Examples
    --------
    >>> waits = pd.DataFrame({"customer": list("abcd"), "entry_days": 0, "exit_days": [1, 2, 2, 3],
    ...                       "came_back": [True, True, False, True]})
    >>> comeback_curve(waits, seed=0, floor=1)[["days", "share", "waiting"]].to_numpy().tolist()
    [[0.0, 0.0, 4.0], [1.0, 0.25, 4.0], [2.0, 0.5, 3.0], [3.0, 1.0, 1.0]]
    """
    if (waits["exit_days"] <= waits["entry_days"]).any():
        raise ValueError("exit_days must be above entry_days")
    entry, leave = waits["entry_days"].to_numpy(dtype=int), waits["exit_days"].to_numpy(dtype=int)
    back, codes = waits["came_back"].to_numpy(dtype=bool), pd.factorize(waits["customer"])[0]
    last = int(leave.max()) if len(waits) else 0
    waiting = _waiting(entry, leave, np.ones(len(waits)), last)
    thin = np.flatnonzero(waiting[1:] < floor)
    end = int(thin[0]) if len(thin) else last
    share = share_back(entry, leave, back, np.ones(len(waits)), last)[: end + 1]
    rng, drawn = np.random.default_rng(seed), np.empty((resamples, end + 1))
    people = int(codes.max()) + 1 if len(waits) else 0
    for place in range(resamples):
        times = np.bincount(rng.integers(0, people, people), minlength=people) if people else np.zeros(0)
        drawn[place] = share_back(entry, leave, back, times.astype(float)[codes], last)[: end + 1]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    days = np.arange(end + 1)
    first = waiting[:2].max() if len(waiting) > 1 else 0.0
    seen = np.concatenate([[first], waiting[1 : end + 1]]).astype(int)
    return pd.DataFrame({"days": days, "share": share, "low": low, "high": high, "waiting": seen})


def reached(curve: pd.DataFrame, shares: tuple[float, ...] = QUANTILES) -> pd.DataFrame:
    """Give the day by which a share of the customers has come back.

    Parameters
    ----------
    curve : DataFrame
        From `comeback_curve`.
    shares : tuple of float
        Shares between 0 and 1.

    Returns
    -------
    DataFrame
        share, days, low, high: whole days, NaN where the curve or the end of its interval does not get there.

    Examples
    --------
    >>> curve = pd.DataFrame({"days": [0, 1, 2], "share": [0, 0.3, 0.6], "low": [0, 0.2, 0.4], "high": [0, 0.5, 0.9]})
    >>> reached(curve, (0.25, 0.5))[["days", "low", "high"]].to_numpy().tolist()
    [[1.0, 1.0, 2.0], [2.0, 1.0, nan]]
    """
    rows = [{"share": share, **{end: _first(curve, of, share) for end, of in ENDS.items()}} for share in shares]
    return pd.DataFrame(rows)


def _first(curve: pd.DataFrame, column: str, share: float) -> float:
    """Find the first day on which a column has reached a share."""
    there = curve.loc[curve[column] >= share - 1e-12, "days"]
    return float(there.iloc[0]) if len(there) else float("nan")


def _waiting(entry: np.ndarray, leave: np.ndarray, weight: np.ndarray, last: int) -> FloatArray:
    """Count who is under observation on each day of a wait."""
    came = np.bincount(entry + 1, weights=weight, minlength=last + 2)
    gone = np.bincount(leave + 1, weights=weight, minlength=last + 2)
    return np.asarray(np.cumsum(came - gone)[: last + 1], dtype=float)


def share_back(entry: np.ndarray, leave: np.ndarray, back: np.ndarray, weight: FloatArray, last: int) -> FloatArray:
    """Give one minus the product of the shares that keep waiting.

    Parameters
    ----------
    entry, leave : ndarray of int
        Age of each wait in whole days before it could first be seen to end, and when it ended or was last seen.
    back : ndarray of bool
        Whether it ended with a purchase.
    weight : ndarray of float
        What each wait counts, 0 or more.
    last : int
        Last day of the curve, at least the longest wait.

    Returns
    -------
    ndarray of float
        By day from 0 to `last`; never falling.

    Examples
    --------
    >>> waits = [np.array([0, 0, 0]), np.array([1, 2, 3]), np.array([True, False, True]), np.ones(3)]
    >>> share_back(*waits, 3).round(3).tolist()
    [0.0, 0.333, 0.333, 1.0]
    """
    waiting = _waiting(entry, leave, weight, last)
    ended = np.bincount(leave[back], weights=weight[back], minlength=last + 1)
    rate = ended / np.where(waiting > 0, waiting, 1)
    return np.asarray(1 - np.cumprod(1 - rate), dtype=float)
