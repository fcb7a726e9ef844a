"""Whether thinly settled places lie between the groups of a division, or only cuts through one continuum.

A bent or widening continuum is cut into compact pieces, too: compact pieces are no groups as long as the next piece
begins where the last one ends.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from seglib.core.steady import steady
from seglib.methods.clusterers import Labels

Array = npt.NDArray[np.float64]

LEVEL = 0.01  # of the test that a place is settled more thinly than both its neighbours


def parts(x: Array, labels: Labels) -> int:
    """Count the parts of a division that thinly settled places separate from each other.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    labels : ndarray of int, shape (n,)
        Groups, 0 to k - 1, each with somebody.

    Returns
    -------
    int, 1 to k
        Groups without a valley between them are one part, and so are those that a chain of such groups joins.

    Notes
    -----
    The way from one centre to another is divided into thirds. There is a valley when fewer members of both groups lie
    in the middle third than in the emptier one of the others, beyond chance (one-sided binomial test). Two halves of
    one group with one mode have none: their middle is as full as their sides, or fuller.

    Examples
    --------
    >>> line = np.linspace(0, 12, 120)[:, None]
    >>> parts(line, (line[:, 0] > 6).astype(int)), parts(line[np.abs(line[:, 0] - 6) > 3], np.repeat([0, 1], 30))
    (1, 2)
    """
    k = int(labels.max()) + 1
    centres = np.array([x[labels == group].mean(axis=0) for group in range(k)])
    joined = np.zeros((k, k))
    for a in range(k):
        for b in range(a):
            way = centres[b] - centres[a]
            both = x[(labels == a) | (labels == b)]
            place = steady((both - centres[a]) @ way / max(float(way @ way), np.finfo(float).tiny))
            joined[a, b] = not _valley(place)
    return int(connected_components(csr_matrix(joined), directed=False)[0])


def _valley(place: Array) -> bool:
    """Tell whether the middle third between 0 and 1 is settled more thinly than both outer ones."""
    first, middle, last = (int(((place >= low) & (place < low + 1 / 3)).sum()) for low in (0.0, 1 / 3, 2 / 3))
    side = min(first, last)
    return side > middle and float(stats.binom.cdf(middle, middle + side, 0.5)) < LEVEL
