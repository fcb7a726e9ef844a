"""Which category a customer is likely to buy next, and whether knowing it beats popularity."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from seglib.methods.rates import wilson

PRIOR_COUNT = 10.0


def next_category(pairs: pd.DataFrame, k: int = 3, prior_count: float = PRIOR_COUNT) -> pd.DataFrame:
    """Rank the next categories of each segment and last category.

    Parameters
    ----------
    pairs : DataFrame
        segment, last, next (categories of two orders in a row), count.
    k : int
        Categories per segment and last category, at least 1.
    prior_count : float
        Observations that the wider table is worth, above 0.

    Returns
    -------
    DataFrame
        For every segment and last category k rows: rank (from 1), next, share (estimated), count and n (own
        observations of the pair, and of the last category in the segment) and popular_next (the category of that rank
        when everybody gets the same). Ties go to the first name in order.

    Notes
    -----
    share(next | segment, last) = (count + m share(next | last)) / (n + m), which is smoothed in the same way by the
    popularity of next: hierarchical Dirichlet smoothing, MacKay and Peto (1995), Natural Language Engineering 1,
    289-307. With few observations the wider table speaks, with many the segment's own.

    Examples
    --------
    >>> seen = pd.DataFrame({"segment": ["s", "s"], "last": ["tea", "tea"], "next": ["cup", "tea"], "count": [30, 10]})
    >>> next_category(seen, k=1)
      segment last  rank next  share  count   n popular_next
    0       s  tea     1  cup   0.75     30  40          cup
    """
    counts = pairs.pivot_table(
        index=["segment", "last"], columns="next", values="count", aggfunc="sum", fill_value=0, observed=True
    )
    names, lasts = sorted(counts.columns), sorted(set(counts.index.get_level_values("last")))
    every = [sorted(set(counts.index.get_level_values("segment"))), lasts]
    counts = counts.reindex(pd.MultiIndex.from_product(every, names=["segment", "last"]), fill_value=0)[names]
    popularity = counts.sum() / counts.to_numpy().sum()
    wider = _smooth(counts.groupby("last").sum(), popularity.to_numpy(), prior_count)
    own = _smooth(counts, wider.loc[counts.index.get_level_values("last")].to_numpy(), prior_count)
    order = np.argsort(-own.to_numpy().round(12), axis=1, kind="stable")[:, :k]
    best = np.argsort(-popularity.to_numpy().round(12), kind="stable")[:k]
    rows = counts.index.repeat(len(best)).to_frame(index=False)
    return rows.assign(
        rank=np.tile(np.arange(1, len(best) + 1), len(counts)),
        next=np.array(names, dtype=object)[order].ravel(),
        share=np.take_along_axis(own.to_numpy(), order, axis=1).ravel(),
        count=np.take_along_axis(counts.to_numpy(), order, axis=1).ravel(),
        n=counts.sum(axis=1).repeat(len(best)).to_numpy(),
        popular_next=np.tile(np.array(names, dtype=object)[best], len(counts)),
    )


def hit_rate(predictions: pd.DataFrame, later_pairs: pd.DataFrame, k: int, level: float = 0.95) -> pd.DataFrame:
    """Compare the predictions with popularity on later orders.

    Parameters
    ----------
    predictions : DataFrame
        From `next_category`, made from earlier orders.
    later_pairs : DataFrame
        segment, last, next, count of orders that the predictions have not seen.
    k : int
        A hit is a next category among the first k, at least 1 and at most the k of the predictions.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        One row: n, hit_share, hit_low, hit_high, popular_share, popular_low, popular_high (Wilson), difference,
        difference_low, difference_high, and winner: "segment and last category", "popularity" or "cannot tell". For a
        segment or last category that the predictions do not know, popularity is used on both sides.

    Raises
    ------
    ValueError
        If the predictions have fewer than k ranks.

    Notes
    -----
    Both guess the same orders, so the difference is that of paired shares: Wald's interval after adding 0.5 to each
    cell, Agresti and Min (2005), Statistics in Medicine 24, 729-740. Orders of one customer are taken as independent.

    Examples
    --------
    >>> seen = pd.DataFrame({"segment": ["s", "s"], "last": ["tea", "cup"], "next": ["cup", "tea"], "count": [30, 20]})
    >>> hit_rate(next_category(seen), seen, k=1)[["n", "hit_share", "popular_share", "winner"]]
        n  hit_share  popular_share                     winner
    0  50        1.0            0.6  segment and last category
    """
    if k > predictions["rank"].max():
        raise ValueError(f"k must be at most {predictions['rank'].max()}, the ranks that were predicted (got {k})")
    top = predictions[predictions["rank"] <= k]
    keys, popular = ["segment", "last"], top["popular_next"].unique()
    later = later_pairs[[*keys, "next", "count"]].merge(top[[*keys, "next", "rank"]], on=[*keys, "next"], how="left")
    known = pd.MultiIndex.from_frame(later[keys]).isin(pd.MultiIndex.from_frame(top[keys]))
    by_popularity = later["next"].isin(popular).to_numpy()
    by_model = np.where(known, later["rank"].notna(), by_popularity)
    count = later["count"].to_numpy()
    n, hits, popular_hits = (int((count * which).sum()) for which in (np.ones(len(count)), by_model, by_popularity))
    gained, lost = int(count[by_model & ~by_popularity].sum()), int(count[~by_model & by_popularity].sum())
    return _scores(n, hits, popular_hits, gained, lost, level)


def paired(gained: int, lost: int, n: int, level: float = 0.95) -> tuple[float, float, float]:
    """Compare two shares of the same n cases: the difference, and the ends of its interval.

    Parameters
    ----------
    gained, lost : int
        Cases in which only the first, and only the second, was right.
    n : int
        All cases.
    level : float
        Confidence level, a share between 0 and 1.

    Notes
    -----
    Wald's interval after adding 0.5 to each cell: Agresti and Min (2005), Statistics in Medicine 24, 729-740. No end
    lies beyond what a difference of shares can be.

    Examples
    --------
    >>> [round(float(value), 3) for value in paired(30, 10, 100)]
    [0.2, 0.079, 0.313]
    >>> paired(1, 0, 1)[2]
    1.0
    """
    b, c, total = gained + 0.5, lost + 0.5, n + 2
    margin = float(stats.norm.ppf((1 + level) / 2)) * np.sqrt(b + c - (b - c) ** 2 / total) / total
    centre = (b - c) / total
    difference = (gained - lost) / n if n else np.nan
    return difference, float(max(centre - margin, -1.0)), float(min(centre + margin, 1.0))


def _scores(n: int, hits: int, popular_hits: int, gained: int, lost: int, level: float) -> pd.DataFrame:
    """Give the row of both hit rates and their paired difference."""
    low, high = wilson([hits, popular_hits], n, level)
    difference, least, most = paired(gained, lost, n, level)
    winner = "cannot tell"
    if least > 0:
        winner = "segment and last category"
    elif most < 0:
        winner = "popularity"
    row = {
        "n": n,
        "hit_share": hits / n if n else np.nan,
        "hit_low": low[0],
        "hit_high": high[0],
        "popular_share": popular_hits / n if n else np.nan,
        "popular_low": low[1],
        "popular_high": high[1],
        "difference": difference,
        "difference_low": least,
        "difference_high": most,
        "winner": winner,
    }
    return pd.DataFrame([row])


def _smooth(counts: pd.DataFrame, prior: np.ndarray, prior_count: float) -> pd.DataFrame:
    """Draw the shares of each row towards the prior shares."""
    n = counts.sum(axis=1).to_numpy()[:, None]
    smoothed = (counts.to_numpy() + prior_count * prior) / (n + prior_count)
    return pd.DataFrame(smoothed, index=counts.index, columns=counts.columns)
