"""The method and the number of segments chosen by the data: clouds of any form, or groups with empty space between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import pdist, squareform

from seglib.core.steady import largest, steady, steady_number
from seglib.methods.clusterers import CUSTOMERS_PER_SEGMENT, Labels
from seglib.methods.models import METHODS, Name
from seglib.methods.own_rules import Own, own, own_stability
from seglib.methods.quality import sample, silhouette
from seglib.methods.stability import HIGHLY_STABLE_FROM, Stability, crossed
from seglib.methods.twins import unimodal_twins

Array = npt.NDArray[np.float64]

CLOUDLIKE: tuple[Name, ...] = ("kmeans", "gaussian_mixture", "ward")  # of equals the first
BETWEEN_SHARE = 0.05  # rows that may lie between groups with empty space around them
TWINS = 9
PAIRS = 4  # of halves, by which divisions are compared
WITHIN = 0.02  # of a robust standard deviation: no cloud is thinner
ROWS = 3_000  # from which the methods learn


class Key(NamedTuple):
    """A method and a number of segments."""

    method: Name
    k: int


@dataclass(frozen=True, eq=False)
class Chosen:
    """A division that was chosen among those of several methods.

    Parameters
    ----------
    key : Key
    own : Own
        Labels of the rows that were learnt, and the rule for any row.
    stability : Stability
    is_apart : bool
        Whether empty space separates the groups, as in no twin without groups.
    table : DataFrame
        One row per division: method, k, silhouette, description, smallest_share, smallest_count, left_out_share,
        stability, weakest, eligible.
    reason : str
    """

    key: Key
    own: Own
    stability: Stability
    is_apart: bool
    table: pd.DataFrame
    reason: str


def description(x: Array, labels: Labels) -> float:
    """Say how long a description of the rows by their segments is: BIC of a division into Gaussian clouds.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    labels : ndarray of int, shape (n,)
        0 to k - 1, each with somebody.

    Returns
    -------
    float
        Less is better; the divisions of any methods can be compared. Clouds are round, along the axes, or of any
        direction, whichever is shortest.

    Notes
    -----
    -2 log classification likelihood + parameters x log n (Banfield & Raftery 1993, Biometrics 49, 803-821; Celeux &
    Govaert 1995, Pattern Recognition 28, 781-793).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0, 0], [9, 9]], 30, axis=0)
    >>> description(x, np.repeat([0, 1], 30)) < description(x, np.arange(60) % 2)
    True
    """
    n, p = x.shape
    k = int(labels.max()) + 1
    sizes = np.bincount(labels)
    spreads = [np.cov(x[labels == group].T, bias=True).reshape(p, p) + WITHIN**2 * np.eye(p) for group in range(k)]
    volumes = {
        1: [p * float(np.log(np.trace(spread) / p)) for spread in spreads],
        p: [float(np.log(np.diag(spread)).sum()) for spread in spreads],
        p * (p + 1) // 2: [float(np.linalg.slogdet(spread)[1]) for spread in spreads],
    }
    fixed = float((sizes * (2 * np.log(sizes / n) - p * np.log(2 * np.pi) - p)).sum())
    lengths = [
        float(sizes @ np.array(volume)) - fixed + (k * (p + each) + k - 1) * float(np.log(n))
        for each, volume in volumes.items()
    ]
    return steady_number(min(lengths))


def apart(x: Array, divisions: Mapping[Key, Own], smallest_share: float, seed: int) -> Key | None:
    """Find the finest division whose groups have empty space between them, as no twin without groups has it.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    divisions : mapping from Key to Own
    smallest_share : float
        Smallest share of the rows that is a group.
    seed : int

    Returns
    -------
    Key or None
        A division of HDBSCAN that leaves out at most a twentieth of the rows.

    Notes
    -----
    Nine twins with the margins and the rank correlations of the data (see ``twins``) are divided in the same way, and
    each must leave more rows between its groups: heaps at whole numbers fall apart, but those of their twins do too.
    """
    clear = [key for key, found in divisions.items() if key.method == "hdbscan" and _empty(found, smallest_share)]
    if not clear:
        return None
    chosen = max(clear, key=lambda key: key.k)
    draw, most = unimodal_twins(x, np.random.default_rng(seed)), max(key.k for key in divisions)
    for _ in range(TWINS):
        twin = own("hdbscan", draw(), range(2, most + 1), seed).values()
        between = [found.left_out_share for found in twin if _empty(found, smallest_share)]
        if between and steady_number(min(between)) <= steady_number(divisions[chosen].left_out_share):
            return None
    return chosen


def choose_by_data(
    x: Array, ks: Sequence[int], seed: int, smallest_share: float, stability_floor: float, pairs: int
) -> Chosen | None:
    """Divide by every method into every number, and choose among the divisions by a written rule.

    1. Divisions count whose segments all reach the floors of size and of stability, over halves of the rows.
    2. Of k-means, Gaussian mixture and Ward take the division with the shortest description of the rows.
    3. Where empty space separates groups that HDBSCAN finds, take these instead: unless the division into clouds only
       divides these further, and each of its segments is highly stable (Jaccard of at least 0.85, Hennig 2008). Pieces
       of a bent group are not: another sample is cut elsewhere.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled columns.
    ks : sequence of int
    seed : int
    smallest_share, stability_floor : float, 0 to 1
    pairs : int
        Pairs of halves behind the stability of the division that is taken.

    Returns
    -------
    Chosen or None
        None where no division counts.

    Examples
    --------
    >>> angle, rng = np.linspace(0, np.pi, 100), np.random.default_rng(0)
    >>> moon = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.05, (100, 2))
    >>> found = choose_by_data(np.vstack([moon, [1.0, 0.5] - moon]), [2, 3, 4], 0, 0.03, 0.6, pairs=2)
    >>> found.key, found.is_apart, np.bincount(found.own.labels).tolist()
    (Key(method='hdbscan', k=2), True, [100, 100])
    """
    rows = steady(x[sample(len(x), ROWS, seed)])
    methods: tuple[Name, ...] = (*CLOUDLIKE, "hdbscan")
    divisions = {Key(m, k): found for m in methods for k, found in own(m, rows, ks, seed).items()}
    table = _table(rows, divisions, smallest_share, stability_floor, seed)
    clouds = table[table["eligible"] & table["method"].isin(CLOUDLIKE)]
    best = None if clouds.empty else clouds.iloc[largest(-clouds["description"])]
    shaped = apart(rows, divisions, smallest_share, seed)
    if best is None and shaped is None:
        return None
    cloud = None if best is None else Key(best["method"], int(best["k"]))
    stable = best is not None and bool(best["weakest"] >= HIGHLY_STABLE_FROM)
    key = shaped
    if cloud is not None and (shaped is None or (stable and _refines(divisions[cloud], divisions[shaped]))):
        key = cloud
    assert key is not None
    taken = divisions[key]
    repeated = own_stability(key.method, rows, {key.k: taken.labels}, seed, pairs)[key.k]
    return Chosen(key, taken, repeated, key == shaped, table, _reason(key, table, taken))


def _refines(finer: Own, coarser: Own) -> bool:
    """Whether a division has more segments than another, and hardly anybody in one belongs to another of its groups."""
    k, groups = int(finer.labels.max()) + 1, int(coarser.labels.max()) + 1
    same = crossed(finer.labels, coarser.labels, k, groups).max(axis=1).sum() / len(finer.labels)
    return k > groups and bool(same >= 1 - BETWEEN_SHARE)


def _empty(found: Own, smallest_share: float) -> bool:
    smallest = np.bincount(found.labels).min() / len(found.labels)
    return found.left_out_share <= BETWEEN_SHARE and bool(smallest >= smallest_share)


def _table(rows: Array, divisions: Mapping[Key, Own], smallest_share: float, floor: float, seed: int) -> pd.DataFrame:
    """Measure every division."""
    few = sample(len(rows), 1_000, seed)
    far, found = squareform(pdist(rows[few])), []
    for method in dict.fromkeys(key.method for key in divisions):
        labels = {key.k: one.labels for key, one in divisions.items() if key.method == method}
        for k, repeated in own_stability(method, rows, labels, seed, PAIRS).items():
            sizes = np.bincount(labels[k])
            found.append(
                {
                    "method": method,
                    "k": k,
                    "silhouette": silhouette(far, np.unique(labels[k][few], return_inverse=True)[1]),
                    "description": description(rows, labels[k]),
                    "smallest_share": sizes.min() / len(rows),
                    "smallest_count": int(sizes.min()),
                    "left_out_share": divisions[Key(method, k)].left_out_share,
                    "stability": steady_number(repeated.mean),
                    "weakest": steady_number(min(repeated.jaccard)),
                }
            )
    table = pd.DataFrame(found)
    large = (table["smallest_share"] >= smallest_share) & (table["smallest_count"] >= CUSTOMERS_PER_SEGMENT)
    return table.assign(eligible=large & (table["stability"] >= floor) & (table["weakest"] >= floor))


def _reason(key: Key, table: pd.DataFrame, taken: Own) -> str:
    """Say in one or two sentences why this division is taken."""
    title = METHODS[key.method].title
    if key.method == "hdbscan":
        return (
            f"{key.k} segments by {title}: empty space separates them ({taken.left_out_share:.1%} of the rows lie "
            f"between), more than in any of {TWINS} twins without groups."
        )
    row = table[(table["method"] == key.method) & (table["k"] == key.k)].iloc[0]
    rivals = table[table["eligible"] & table["method"].isin(CLOUDLIKE) & (table["description"] > row["description"])]
    said = (
        f"{key.k} segments by {title}: of the divisions whose segments are large and stable enough, this one "
        f"describes the rows most briefly (BIC {row['description']:,.0f}"
    )
    if rivals.empty:
        return f"{said})."
    next_one = rivals.iloc[largest(-rivals["description"])]
    return f"{said}; next {METHODS[next_one['method']].title} with {next_one['k']}: {next_one['description']:,.0f})."
