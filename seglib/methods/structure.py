"""Ask whether the customers form natural groups at all, before anybody names a segment.

Compactness and stability are high in data without any groups too (a long tail is cut at the same place every
time). So the silhouette of the data is compared with that of twins that have no groups by construction (see
``twins``), in the manner of the gap statistic (Tibshirani, Walther & Hastie 2001). The divisions are those of one Ward
tree (Ward 1963), cut at every number of segments: one tree a set is what makes many twins affordable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from seglib.core.steady import largest, steady, steady_number
from seglib.methods.one_thread import one_thread
from seglib.methods.quality import sample, silhouette
from seglib.methods.twins import Draw, box_twins, elliptical_twins, unimodal_twins
from seglib.methods.valleys import parts

Array = npt.NDArray[np.float64]
Family = Callable[[Array, np.random.Generator], Draw]
Word = Literal["natural", "constructed"]
FAMILIES: tuple[Family, ...] = (unimodal_twins, elliptical_twins, box_twins)

LEVEL = 0.99  # of the prediction bound: one further twin in a hundred would lie above it
SMALLEST_SHARE = 0.05


@dataclass(frozen=True)
class Structure:
    """The evidence for groups: the index of the data and of its twins without groups.

    Parameters
    ----------
    index : float, -1 to 1
        Highest mean silhouette over the numbers of segments tried.
    k : int
        Number of segments at which it is reached.
    unimodal, elliptical, box : tuple of float
        The same index of each twin, by family.
    gap, gap_error : dict from k to float
        Gap statistic against the box twins and its standard error (Tibshirani et al. 2001), for each k.
    parts : int
        Parts of the clearest division between which hardly anybody lies (see ``valleys``); 1 is a continuum.
    """

    index: float
    k: int
    unimodal: tuple[float, ...]
    elliptical: tuple[float, ...]
    box: tuple[float, ...]
    gap: dict[int, float]
    gap_error: dict[int, float]
    parts: int = 2

    @property
    def bound(self) -> float:
        """Return what the index must exceed: the highest prediction bound of the three families.

        If the data were one more twin, their index would stay below mean + t sqrt(1 + 1/m) s of its family's m twins
        in 99 of 100 cases (Student's prediction interval), however far or near the twins lie to each other.

        Examples
        --------
        >>> twins = (0.30, 0.31, 0.32)
        >>> round(Structure(0.5, 3, twins, twins, twins, {}, {}).bound, 2)
        0.39
        """
        return max(prediction_bound(family) for family in (self.unimodal, self.elliptical, self.box))

    @property
    def word(self) -> Word:
        """Put the evidence into one word: ``natural`` or ``constructed``.

        Natural groups are clearer than data without groups (the index exceeds the bound), and hardly anybody lies
        between them (there are at least two parts).

        Whether a constructed division would be made again is a question to the stability of that division, not to
        the data (Dolnicar & Leisch 2010 call it reproducible then).
        """
        return "natural" if self.is_clear and self.parts > 1 else "constructed"

    @property
    def is_clear(self) -> bool:
        """Return whether the index exceeds the bound."""
        return steady_number(self.index) > steady_number(self.bound)


def prediction_bound(values: Sequence[float], level: float = LEVEL) -> float:
    """Return the value below which one further draw lies with a given probability (Student 1908).

    Parameters
    ----------
    values : sequence of float
        At least two draws.
    level : float, 0 to 1

    Returns
    -------
    float

    Examples
    --------
    >>> round(prediction_bound([1.0, 2.0, 3.0], level=0.95), 2)
    5.37
    """
    count = len(values)
    width = stats.t.ppf(level, count - 1) * np.sqrt(1 + 1 / count)
    return float(np.mean(values) + width * np.std(values, ddof=1))


def structure(
    x: Array,
    seed: int,
    ks: Sequence[int] = range(2, 9),
    rows: int = 500,
    twins: int = 9,
    categories: Sequence[Sequence[int]] = (),
) -> Structure:
    """Compare the data with twins that have no groups.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria without missing values.
    seed : int
    ks : sequence of int
        Numbers of segments to try.
    rows : int
        Rows drawn from the data, and rows of each twin.
    twins : int, at least 2
        Twins per family.
    categories : sequence of sequence of int
        Columns that together write one category. Twins keep its words and shuffle them among the customers: words
        alone are no groups, only what goes together with them is.

    Returns
    -------
    Structure

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0, 0], [9, 9]], 30, axis=0)
    >>> found = structure(x, seed=0, ks=[2, 3])
    >>> found.k, found.word
    (2, 'natural')
    """
    real = steady(x[sample(len(x), rows, seed)])
    rng = np.random.default_rng(seed)
    with one_thread():
        index, k, spread = judged(real, ks)
        unimodal, elliptical, box = (
            [judged(draw(), ks) for _ in range(twins)]
            for draw in [_drawn(real, family, rng, categories) for family in FAMILIES]
        )
    gap = np.log([one[2] for one in box]) - np.log(spread)
    error = gap.std(axis=0) * np.sqrt(1 + 1 / twins)
    return Structure(
        index=index,
        k=k,
        unimodal=tuple(one[0] for one in unimodal),
        elliptical=tuple(one[0] for one in elliptical),
        box=tuple(one[0] for one in box),
        gap=dict(zip(ks, gap.mean(axis=0).tolist(), strict=True)),
        gap_error=dict(zip(ks, error.tolist(), strict=True)),
        parts=parts(real, fcluster(linkage(steady(pdist(real)), "ward"), k, "maxclust") - 1),
    )


def judged(x: Array, ks: Sequence[int], smallest_share: float = SMALLEST_SHARE) -> tuple[float, int, Array]:
    """Cut one Ward tree at every number of segments and find the highest mean silhouette.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    ks : sequence of int
    smallest_share : float, 0 to 1
        A division with a smaller segment counts as no division (silhouette 0), else a few outliers would be the best
        segment.

    Returns
    -------
    (float, int, ndarray of shape (len(ks),))
        The silhouette, its number of segments (the first of equals), and the sum of squares within segments per k.

    Examples
    --------
    >>> x = np.repeat([[0.0], [9.0]], 5, axis=0) + np.linspace(0, 1, 10)[:, None]
    >>> judged(x, [2, 3])[1]
    2
    """
    near = steady(pdist(steady(x)))
    apart, tree = squareform(near), linkage(near, "ward")
    scores = [silhouette(apart, fcluster(tree, k, "maxclust") - 1, smallest_share) for k in ks]
    within = np.cumsum(tree[:, 2] ** 2 / 2)  # a merge at height h adds h²/2 to the sum of squares
    best = largest(scores)
    return scores[best], ks[best], within[len(x) - 1 - np.asarray(ks)].clip(min=np.finfo(float).tiny)


def _drawn(x: Array, family: Family, rng: np.random.Generator, categories: Sequence[Sequence[int]]) -> Draw:
    """Draw the numbers from a family of twins; shuffle each category as it is."""
    words = [list(columns) for columns in categories]
    numbers = sorted(set(range(x.shape[1])) - {column for columns in words for column in columns})
    drawn = family(x[:, numbers], rng) if numbers else None

    def draw() -> Array:
        twin = x.copy()
        if drawn:
            twin[:, numbers] = drawn()
        for columns in words:
            twin[:, columns] = rng.permutation(x[:, columns])
        return twin

    return draw
