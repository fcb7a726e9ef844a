"""What each method itself says of rows that it has not seen: its own frozen rule, often not the nearest centre."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from seglib.core.steady import largest, steady
from seglib.methods.clusterers import DIGITS, Labels, assign
from seglib.methods.models import Name, clouds, hdbscan, ward
from seglib.methods.one_thread import one_thread
from seglib.methods.quality import sample
from seglib.methods.stability import Stability, adjusted_rand, crossed, jaccard

Array = npt.NDArray[np.float64]
Rule = Callable[[Array], Labels]

CLOUD_STEPS = 200
CENTRE_STARTS = 3  # of a search, where many samples are divided
SUBSET_ROWS = 1_000  # of which a method sees one half at a time


@dataclass(frozen=True, eq=False)
class Own:
    """A method's own division: its labels, its rule for any row, and the share of rows that it places nowhere."""

    labels: Labels
    rule: Rule
    left_out_share: float = 0.0


@dataclass(frozen=True, eq=False)
class Clouds:
    """The rule of a mixture of Gaussian clouds: the most probable one."""

    model: GaussianMixture

    def __call__(self, x: Array) -> Labels:
        """Label the rows of an array of scaled columns."""
        with one_thread():
            return np.asarray(steady(self.model.predict_proba(steady(x))).argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Neighbour:
    """The rule of a density or a tree: the segment of the nearest row that was learnt; of equals the first."""

    rows: Array
    labels: Labels

    def __call__(self, x: Array) -> Labels:
        """Label the rows of an array of scaled columns."""
        near, place = KDTree(self.rows).query(steady(x), k=min(8, len(self.rows)))
        near, place = (np.reshape(found, (len(x), -1)) for found in (near, place))
        equal = steady(near) == steady(near[:, :1])
        return np.asarray(self.labels[np.where(equal, place, len(self.rows)).min(axis=1)], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Centre:
    """The rule of k-means: the nearest centre."""

    centres: Array

    def __call__(self, x: Array) -> Labels:
        """Label the rows of an array of scaled columns."""
        return assign(x, self.centres)


@dataclass(frozen=True, eq=False)
class Renumbered:
    """A rule with other numbers: the segments in an order of their own."""

    rule: Rule
    numbers: Labels

    def __call__(self, x: Array) -> Labels:
        """Label the rows of an array of scaled columns."""
        return np.asarray(self.numbers[self.rule(x)], dtype=np.int64)


def own(method: Name, rows: Array, ks: Sequence[int], seed: int) -> dict[int, Own]:
    """Divide rows in a method's own way, into every number of segments that it finds.

    Parameters
    ----------
    method : {"kmeans", "gaussian_mixture", "ward", "hdbscan"}
    rows : ndarray, shape (n, p)
        Scaled columns.
    ks : sequence of int
    seed : int

    Returns
    -------
    dict from k to Own
        Numbers into which the rows cannot be divided are left out.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 20, axis=0) + np.linspace(0, 1, 40)[:, None]
    >>> found = own("hdbscan", x, [2, 3], seed=0)
    >>> list(found), found[2].left_out_share, len(set(found[2].rule(np.array([[0.5], [9.5]]))))
    ([2], 0.0, 2)
    """
    given = steady(rows)
    numbers = [k for k in ks if 2 * k <= len(given)]
    if method == "kmeans":
        return _centres(given, numbers, seed)
    if method == "gaussian_mixture":
        return _clouds(given, numbers, seed)
    return _near(given, (ward if method == "ward" else hdbscan)(given, numbers, 0, ()))


def own_stability(
    method: Name, x: Array, divisions: Mapping[int, Labels], seed: int, pairs: int
) -> dict[int, Stability]:
    """Measure how far a method's own divisions of two halves of the rows agree; see `stability.subset_stability`.

    Parameters
    ----------
    method : Name
        As in `own`.
    x : ndarray, shape (n, p)
    divisions : mapping from k to labels
        Of all rows of `x`.
    seed : int
    pairs : int, at least 1
        Pairs of halves. One half in which the method does not find so many segments counts as undivided.

    Returns
    -------
    dict from k to Stability
    """
    chosen = sample(len(x), SUBSET_ROWS, seed)
    rows, rng = steady(x[chosen]), np.random.default_rng(seed)
    refits: dict[int, list[Labels]] = {k: [] for k in divisions}
    with one_thread():
        for _ in range(2 * pairs):
            half = rows[np.sort(rng.permutation(len(rows))[: len(rows) // 2])]
            found = own(method, half, list(divisions), int(rng.integers(2**31)))
            for k, again in refits.items():
                again.append(found[k].rule(rows) if k in found else np.zeros(len(rows), dtype=np.int64))
    return {k: _compared(labels[chosen], refits[k], k) for k, labels in divisions.items()}


def _compared(labels: Labels, refits: Sequence[Labels], k: int) -> Stability:
    pairs = zip(refits[::2], refits[1::2], strict=True)
    ari = [adjusted_rand(crossed(a, b, k, k)) if a.any() and b.any() else 0.0 for a, b in pairs]
    overlap = np.mean([jaccard(labels, again, k).max(axis=1) for again in refits], axis=0)
    return Stability(tuple(ari), tuple(float(value) for value in overlap))


def _centres(x: Array, ks: Sequence[int], seed: int) -> dict[int, Own]:
    """Divide by k-means from a few starts: many samples are divided, so nothing lower is looked for."""
    found, different = {}, len(np.unique(x, axis=0))
    for k in [k for k in ks if k <= different]:
        chance = np.random.RandomState(seed)
        with one_thread():
            ends = [KMeans(k, n_init=1, random_state=chance).fit(x) for _ in range(CENTRE_STARTS)]
        rule = Centre(np.round(ends[largest([-end.inertia_ for end in ends])].cluster_centers_, DIGITS))
        found[k] = Own(rule(x), rule)
    return {k: one for k, one in found.items() if len(np.unique(one.labels)) == k}


def _clouds(x: Array, ks: Sequence[int], seed: int) -> dict[int, Own]:
    """Fit clouds; numbers at which they do not settle, or leave one empty, are left out."""
    models = {k: clouds(x, k, seed, CLOUD_STEPS) for k in ks}
    rules = {k: Clouds(model) for k, model in models.items() if model is not None}
    found = {k: Own(rule(x), rule) for k, rule in rules.items()}
    return {k: one for k, one in found.items() if len(np.unique(one.labels)) == k}


def _near(x: Array, divided: Mapping[int, Labels]) -> dict[int, Own]:
    found = {}
    for k, labels in divided.items():
        inside = labels >= 0
        rule = Neighbour(x[inside], labels[inside])
        found[k] = Own(labels if inside.all() else rule(x), rule, float(1 - inside.mean()))
    return found
