"""How large the segments will be next quarter, if customers move as they did in the last one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.methods.rates import FloatArray

DRAWS = 4_000


def forecast_sizes(
    moves: pd.DataFrame, sizes: pd.Series[int], seed: int, level: float = 0.95, draws: int = DRAWS
) -> pd.DataFrame:
    """Forecast the sizes of the segments from one quarter's moves, with an interval.

    Parameters
    ----------
    moves : DataFrame of counts, (k + 1) x (k + 1)
        Customers by segment a quarter ago (rows; the last row: not there yet) and now (columns; the last column:
        gone), both by the same rules.
    sizes : Series of k counts
        Customers of each segment now, in the order of the rows.
    seed : int
    level : float
        Confidence level, a share between 0 and 1.
    draws : int
        Simulated next quarters.

    Returns
    -------
    DataFrame of k + 1 rows
        expected, low and high of each segment, the last row ("all") of everyone.

    Raises
    ------
    ValueError
        If the table is not square or does not fit the sizes.

    Notes
    -----
    A Markov chain with entry and exit (Bartholomew, Forbes and McClean 1991, Statistical techniques for manpower
    planning, chapter 4). Each segment's shares come from a Dirichlet distribution after the moves seen (prior: as
    many customers as there are places to go, who stay and move as those of all segments together, so that a segment
    that is new has an outlook too), the number of entrants from a Gamma-Poisson distribution after those seen, and the
    customers then move by chance; the interval is between the quantiles of the simulated sizes, so it holds both what
    is not known and what is chance. It does not hold a change of behaviour, a season, or a campaign.

    Examples
    --------
    >>> moves = pd.DataFrame([[90, 10, 0], [20, 70, 10], [5, 15, 0]])
    >>> forecast_sizes(moves, pd.Series([115, 95]), seed=0).round(0)
         expected    low   high
    0       127.0  112.0  143.0
    1        93.0   76.0  114.0
    all     220.0  207.0  238.0
    """
    seen, now = moves.to_numpy(dtype=float), sizes.to_numpy(dtype=np.int64)
    k = len(now)
    if seen.shape != (k + 1, k + 1):
        raise ValueError(f"the moves must be a table of {k + 1} x {k + 1} (got {seen.shape[0]} x {seen.shape[1]})")
    rng = np.random.default_rng(seed)
    after = seen[:k] + _prior(seen, k)
    entered = seen[k, :k]
    expected = now @ (after / after.sum(axis=1, keepdims=True))[:, :k] + entered
    drawn = rng.poisson(rng.gamma(entered + 0.5, size=(draws, k)))
    for size, alpha in zip(now, after, strict=True):
        drawn += rng.multinomial(size, rng.dirichlet(alpha, draws))[:, :k]
    drawn = np.column_stack([drawn, drawn.sum(axis=1)])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {"expected": [*expected, expected.sum()], "low": low, "high": high}, index=[*sizes.index, "all"]
    )


def _prior(seen: FloatArray, k: int) -> FloatArray:
    """Spread k + 1 customers over each segment's places to go: stay, move or leave as in all segments together."""
    total = seen[:k].sum() + 3
    stay, leave = (np.trace(seen[:k, :k]) + 1) / total, (seen[:k, k].sum() + 1) / total
    move = 1 - stay - leave
    shares = np.full((k, k + 1), move / max(k - 1, 1))
    shares[np.arange(k), np.arange(k)] = stay if k > 1 else stay + move
    shares[:, k] = leave
    return (k + 1) * shares
