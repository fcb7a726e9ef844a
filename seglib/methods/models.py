"""Every way to divide customers, behind one interface; each ends in centres, so that labels are arithmetic.

A method divides in its own way. Its segments are then written as their centres in the scaled space, and everybody,
also next quarter, belongs to the nearest centre. Where that differs from the method's own word, the share of
customers for whom both agree is kept with the division.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import HDBSCAN
from sklearn.cluster._hdbscan import hdbscan as sklearn_hdbscan
from sklearn.cluster._hdbscan._linkage import make_single_linkage
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import largest, steady
from seglib.methods.bernoulli import bernoulli_mixture
from seglib.methods.clusterers import Fit, Labels, assign, kmeans, nearest
from seglib.methods.one_thread import one_thread
from seglib.methods.quality import sample
from seglib.methods.solver import check, unsettled
from seglib.methods.stability import Stability, found_again, stability, subset_stability

Array = npt.NDArray[np.float64]
Name = Literal["kmeans", "gaussian_mixture", "ward", "hdbscan", "bernoulli_mixture", "mixed"]
Divided = Mapping[int, Labels]

FIT_ROWS = 3_000  # rows from which a tree, a density or a mixture is learnt: their cost grows faster than the rows
SMALLEST_SHARES = (0.2, 0.15, 0.1, 0.07, 0.05, 0.035, 0.025, 0.015)  # smallest group of HDBSCAN, largest first
MIXTURE_STEPS = 500
FLAT_FROM = 20  # columns from which on a cloud's axes are not turned: there are too few rows for its covariance
STARTS = 3  # random ones of a search for clouds


@dataclass(frozen=True)
class Method:
    """One way to divide.

    Parameters
    ----------
    title : str
        What a report calls it.
    labels : callable of (x, ks, seed, names), or None
        The method's own labels for each k that it finds, -1 for a customer without a group; None for k-means, whose
        own labels are those of the nearest centre.
    needs : {"numbers", "answers", "categories"}
        What the criteria must be.
    """

    title: str
    labels: Callable[[Array, Sequence[int], int, Sequence[str]], Divided] | None
    needs: Literal["numbers", "answers", "categories"] = "numbers"

    def fits(self, x: Array, ks: Sequence[int], seed: int, names: Sequence[str] = ()) -> dict[int, Fit]:
        """Divide into every number of segments that the method finds.

        Parameters
        ----------
        x : ndarray, shape (n, p)
            Scaled criteria without missing values.
        ks : sequence of int
        seed : int
        names : sequence of str
            Names of the columns, for the sentence when something is wrong.

        Returns
        -------
        dict from k to Fit
            Ascending in k.

        Raises
        ------
        InputRefused
            V26, too few different customers; S19, it did not settle; S02, it found none of these numbers.

        Examples
        --------
        >>> x = np.repeat([[0.0], [9.0]], 30, axis=0) + np.linspace(0, 1, 60)[:, None]
        >>> [(k, fit.agreement) for k, fit in METHODS["ward"].fits(x, [2], seed=0).items()]
        [(2, 1.0)]
        """
        if self.labels is None:
            return {k: kmeans(x, k, seed, names=names) for k in ks}
        given = steady(x)
        check(given, max(ks), names)
        rows = given[sample(len(x), FIT_ROWS, seed)]
        found = {k: _settled(given, rows, own) for k, own in self.labels(rows, ks, seed, names).items()}
        if not found:
            raise InputRefused(_nothing(self.title, ks))
        return found

    def stabilities(self, x: Array, fits: Mapping[int, Fit], seed: int, pairs: int) -> dict[int, Stability]:
        """Measure how much the segments of each division change with the sample.

        Parameters
        ----------
        x : ndarray, shape (n, p)
        fits : mapping from k to Fit
        seed : int
        pairs : int
            Pairs of samples.

        Returns
        -------
        dict from k to Stability
        """
        if self.labels is None:
            return {k: stability(x, fit, seed, pairs) for k, fit in fits.items()}
        return subset_stability(x, fits, self._centres, seed, pairs)

    def found_again(self, x: Array, labels: Labels, seed: int, pairs: int) -> Stability:
        """Measure how well a division that was made elsewhere is found again here, by this method.

        Parameters
        ----------
        x : ndarray, shape (n, p)
        labels : ndarray of int, shape (n,)
            0 to k - 1.
        seed : int
        pairs : int
            Pairs of samples.

        Returns
        -------
        Stability
        """
        return found_again(x, labels, seed, pairs, None if self.labels is None else self._centres)

    def _centres(self, rows: Array, ks: Sequence[int], seed: int) -> dict[int, Array]:
        assert self.labels is not None
        return {k: _means(rows, own, k) for k, own in self.labels(rows, ks, seed, ()).items()}


def ward(x: Array, ks: Sequence[int], _seed: int, _names: Sequence[str]) -> Divided:
    """Cut the tree of Ward (1963) into each number of segments."""
    tree = linkage(steady(pdist(steady(x))), "ward")
    return _complete({k: fcluster(tree, k, "maxclust") - 1 for k in ks})


def gaussian_mixture(x: Array, ks: Sequence[int], seed: int, names: Sequence[str]) -> Divided:
    """Fit k Gaussian clouds of any shape; everybody belongs to the most probable one."""
    return _complete({k: _gaussian(x, k, seed, names) for k in ks})


def hdbscan(x: Array, ks: Sequence[int], _seed: int, _names: Sequence[str]) -> Divided:
    """Find groups denser than their surroundings (Campello, Moulavi & Sander 2013); who is in none has -1.

    The number of groups cannot be asked for. Several sizes of the smallest group are tried, and of those that give the
    same number the one that leaves out fewest customers is kept.
    """
    found: dict[int, Labels] = {}
    for share in SMALLEST_SHARES:
        model = HDBSCAN(min_cluster_size=max(5, int(share * len(x))), copy=True)
        with _edges_in_order():
            own = np.asarray(model.fit(steady(x)).labels_, dtype=np.int64)
        k = int(own.max()) + 1
        if k in ks and (k not in found or (own < 0).sum() < (found[k] < 0).sum()):
            found[k] = own
    return dict(sorted(found.items()))


@contextmanager
def _edges_in_order() -> Iterator[None]:
    """Let HDBSCAN join equally distant customers in the order in which it met them.

    Many distances of its tree are equal by construction, and scikit-learn 1.9 sorts them in an order that numpy makes
    differently on another processor: the groups then differ too.
    """

    def joined(edges: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
        found: npt.NDArray[np.void] = make_single_linkage(edges[np.argsort(edges["distance"], kind="stable")])
        return found

    before, sklearn_hdbscan._process_mst = sklearn_hdbscan._process_mst, joined
    try:
        yield
    finally:
        sklearn_hdbscan._process_mst = before


def _bernoulli(x: Array, ks: Sequence[int], seed: int, names: Sequence[str]) -> Divided:
    """Give everybody the most probable group of a mixture of yes-or-no answers."""
    return _complete({k: bernoulli_mixture(x, k, seed, names=names).label(x) for k in ks})


METHODS: dict[Name, Method] = {
    "kmeans": Method("k-means on scaled criteria", None),
    "gaussian_mixture": Method("Gaussian mixture on scaled criteria", gaussian_mixture),
    "ward": Method("Ward's tree on scaled criteria", ward),
    "hdbscan": Method("HDBSCAN on scaled criteria", hdbscan),
    "bernoulli_mixture": Method("Bernoulli mixture of yes-or-no answers", _bernoulli, "answers"),
    "mixed": Method("k-means on numbers and categories", None, "categories"),
}


def clouds(x: Array, k: int, seed: int, steps: int = MIXTURE_STEPS) -> GaussianMixture | None:
    """Fit k Gaussian clouds to the rows; None where no search settles.

    Clouds found from one start differ from sample to sample by the search alone; so a few random starts are tried too.
    Axes of clouds are turned where that pays for its parameters (lowest BIC): with few rows for many columns it does
    not.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Steady values.
    k, seed : int
    steps : int
        After which a search that has not settled ends.
    """
    ends, shapes = [], ("diag", "full") if x.shape[1] < FLAT_FROM else ("diag",)
    for shape, (start, count) in product(shapes, (("kmeans", 1), ("random_from_data", STARTS))):
        model = GaussianMixture(
            k, covariance_type=shape, reg_covar=1e-3, max_iter=steps, n_init=count, init_params=start,
            random_state=seed,
        )  # fmt: skip
        with one_thread(), warnings.catch_warnings(), suppress(ConvergenceWarning):
            warnings.simplefilter("error", ConvergenceWarning)
            ends.append(model.fit(x))
    return ends[largest([-end.bic(x) for end in ends])] if ends else None


def _gaussian(x: Array, k: int, seed: int, names: Sequence[str]) -> Labels:
    given = steady(x)
    found = clouds(given, k, seed)
    if found is None:
        raise InputRefused(unsettled("the Gaussian mixture", k, x, names))
    with one_thread():
        return np.asarray(steady(found.predict_proba(given)).argmax(axis=1), dtype=np.int64)


def _complete(labels: Divided) -> Divided:
    """Keep the divisions in which every segment has somebody."""
    return {k: own.astype(np.int64) for k, own in labels.items() if len(np.unique(own)) == k}


def _means(rows: Array, own: Labels, k: int) -> Array:
    return np.array([rows[own == group].mean(axis=0) for group in range(k)])


def _settled(x: Array, rows: Array, own: Labels) -> Fit:
    """Write a division as its centres, and count for how many customers these say the same."""
    fit = nearest(x, _means(rows, own, int(own.max()) + 1))
    inside = own >= 0
    same = assign(rows, fit.centres)[inside] == own[inside]
    return replace(fit, agreement=float(same.mean()), left_out_share=float(1 - inside.mean()))


def _nothing(title: str, ks: Sequence[int]) -> Finding:
    return Finding(
        "S02",
        f"{title} finds no division into {min(ks)} to {max(ks)} groups",
        "plan.yml, clustering.method",
        do="write kmeans, which divides a continuum too, and says that it is one",
    )
