"""What to show a customer next, from what goes together, from what follows what, or simply from what sells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from seglib.core.steady import steady
from seglib.methods.rates import wilson
from seglib.methods.recommend import paired

POPULAR, TOGETHER, AFTER = "what sells best", "what goes together", "what follows"
MODELS = (POPULAR, TOGETHER, AFTER)
ROWS_AT_ONCE = 1_000
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shop:
    """Who bought what, in matrices.

    Parameters
    ----------
    customers, items : Index
        Names of rows and columns.
    bought : sparse array, customers x items
        1 where the customer has ever bought the item.
    last : sparse array, customers x items
        The same for the customer's last day with orders.
    follows : sparse array, items x items
        How often the second was bought on the next day with orders after the first.
    """

    customers: pd.Index[str]
    items: pd.Index[str]
    bought: Any
    last: Any
    follows: Any


def shop(days: pd.DataFrame, items: list[str]) -> Shop:
    """Put days with orders into matrices.

    Parameters
    ----------
    days : DataFrame
        customer, ordered_on, item: each at most once.
    items : list of str
        The items that may be shown; others are left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": ["a", "a"], "ordered_on": [1, 2], "item": ["tea", "cup"]})
    >>> shop(rows, ["cup", "tea"]).follows.toarray().tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    names = pd.Index(items, dtype="str")
    kept = days[days["item"].isin(names)].sort_values(["customer", "ordered_on"])
    customers = pd.Index(kept["customer"].unique(), dtype="str")
    who, what = customers.get_indexer(pd.Index(kept["customer"])), names.get_indexer(pd.Index(kept["item"]))
    visit = kept.groupby(["customer", "ordered_on"], sort=False).ngroup().to_numpy()
    owner = np.zeros(visit.max(initial=-1) + 1, dtype=np.int64)
    owner[visit] = who
    ones = np.ones(len(kept), dtype=np.float32)
    visits = sparse.csr_array((ones, (visit, what)), shape=(len(owner), len(names)))
    bought = sparse.csr_array((ones, (who, what)), shape=(len(customers), len(names)))
    bought.data[:] = 1
    again = owner[1:] == owner[:-1]
    follows = visits[:-1][again].T @ visits[1:][again] if len(owner) > 1 else sparse.csr_array((len(names),) * 2)
    ends = np.append(~again, True) if len(owner) else np.zeros(0, dtype=bool)
    return Shop(customers, names, bought, visits[ends], sparse.csr_array(follows))


def best(seen: Shop, model: str, k: int = 3) -> Codes:
    """Rank the k items that each customer has not bought yet.

    Parameters
    ----------
    seen : Shop
    model : {"what sells best", "what goes together", "what follows"}
        The second adds up the cosine between buyers of two items; the third does the same for what was bought on the
        next day with orders after the last one. Ties, and customers of whom nothing is known, go by what sells best.
    k : int
        Items per customer, at least 1; fewer where there are not so many.

    Returns
    -------
    array of int, customers x k
        Positions among the items; -1 where the customer has bought all that is left.

    Notes
    -----
    Item-to-item cosine: Deshpande and Karypis (2004), Item-based top-N recommendation algorithms, ACM Transactions on
    Information Systems 22, 143-177.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": list("aabbc"), "ordered_on": 1, "item": ["tea", "cup", "tea", "cup", "tea"]})
    >>> seen = shop(rows, ["cup", "pot", "tea"])
    >>> [seen.items[code] for code in best(seen, "what goes together", 1).ravel()]
    ['pot', 'pot', 'cup']
    """
    buyers = np.asarray(seen.bought.sum(axis=0)).ravel()
    order = np.lexsort((np.arange(len(buyers)), -buyers))
    tie = np.empty(len(buyers), dtype=np.float32)
    tie[order] = np.arange(len(buyers), 0, -1, dtype=np.float32) / max(len(buyers), 1)
    scale = sparse.diags_array((1 / np.sqrt(np.maximum(buyers, 1))).astype(np.float32))
    weight = {TOGETHER: seen.bought.T @ seen.bought, AFTER: seen.follows}.get(model)
    weights = None if weight is None else (scale @ weight @ scale).toarray().astype(np.float32)
    basis = seen.last if model == AFTER else seen.bought
    found = np.empty((len(seen.customers), min(k, len(seen.items))), dtype=np.int64)
    for start in range(0, len(seen.customers), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        scores = np.tile(tie * 1e-4, (basis[rows].shape[0], 1))
        if weights is not None:
            scores += np.round(basis[rows] @ weights, 5)
        scores[seen.bought[rows].nonzero()] = -1
        top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found[rows] = np.where(np.take_along_axis(scores, top, axis=1) < 0, -1, top)
    return found


def trial(seen: Shop, later: pd.DataFrame, k: int = 3, level: float = 0.95) -> pd.DataFrame:
    """Judge the three ways of guessing on what customers bought later for the first time.

    Parameters
    ----------
    seen : Shop
        From orders before the window.
    later : DataFrame
        customer, item: bought in the window.
    k : int
        Guesses per customer; a hit is at least one of them among the new items. Whoever has no more than `k` items left
        to buy is not judged: a list of them all cannot miss.
    level : float
        Confidence level, a share between 0 and 1; the two comparisons with what sells best share the error.

    Returns
    -------
    DataFrame
        model, n (customers judged: they bought something new), hit_share, low, high, difference (to what sells best),
        with its interval, coverage_share (of the items that were shown to anybody), wins.
    """
    who = seen.customers.get_indexer(pd.Index(later["customer"]))
    what = seen.items.get_indexer(pd.Index(later["item"]))
    known = (who >= 0) & (what >= 0)
    shape = seen.bought.shape
    new = sparse.csr_array((np.ones(known.sum(), dtype=np.float32), (who[known], what[known])), shape=shape)
    new = ((new > 0).astype(np.float32) - (new > 0).multiply(seen.bought)).tocsr()
    new.eliminate_zeros()
    left = shape[1] - np.diff(seen.bought.tocsr().indptr)
    judged = np.flatnonzero((np.diff(new.indptr) > 0) & (left > k))
    hits, rows = {}, []
    for model in MODELS:
        guesses = best(seen, model, k)[judged]
        wanted = new[judged].toarray() > 0
        hits[model] = np.array([w[g[g >= 0]].any() for w, g in zip(wanted, guesses, strict=True)], dtype=bool)
        gained, lost = int((hits[model] & ~hits[POPULAR]).sum()), int((hits[POPULAR] & ~hits[model]).sum())
        difference, low, high = paired(gained, lost, len(judged), (1 + level) / 2)
        share = float(hits[model].mean()) if len(judged) else np.nan
        ends = wilson([int(hits[model].sum())], len(judged), level)
        shown = len(np.unique(guesses[guesses >= 0])) / max(len(seen.items), 1)
        wins = bool(model != POPULAR and low > 0)
        rows.append((model, len(judged), share, ends[0][0], ends[1][0], difference, low, high, shown, wins))
    names = ["model", "n", "hit_share", "low", "high", "difference", "difference_low", "difference_high"]
    return pd.DataFrame(rows, columns=[*names, "coverage_share", "wins"])


def winner(tried: pd.DataFrame) -> str:
    """Name the way of guessing with most hits among those that beat what sells best; without any, what sells best.

    Examples
    --------
    >>> winner(pd.DataFrame({"model": ["what follows"], "hit_share": [0.4], "wins": [False]}))
    'what sells best'
    """
    better = tried[tried["wins"]]
    better = better.iloc[np.argsort(-steady(better["hit_share"]), kind="stable")]
    return str(better["model"].iloc[0]) if len(better) else POPULAR
