"""A mixture for yes-or-no answers: in each group every answer has its own probability of a yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans

from seglib.core.errors import InputRefused
from seglib.core.steady import largest, steady
from seglib.methods.clusterers import Labels
from seglib.methods.one_thread import one_thread
from seglib.methods.solver import unsettled

Array = npt.NDArray[np.float64]

STARTS, STEPS_MAX = 2, 1_000  # starts of either kind
SETTLED = 1e-6  # gain in mean log-likelihood per customer
PRIOR = 1.0  # one customer more who says yes, and one who says no: a probability is never 0 or 1


@dataclass(frozen=True, eq=False)
class Bernoulli:
    """A fitted mixture.

    Parameters
    ----------
    shares : ndarray, shape (k,)
        Expected share of customers in each group; they add up to 1.
    yes : ndarray, shape (k, p)
        Probability of a yes in each group, above 0 and below 1.
    log_likelihood : float
        Of the data under the mixture.
    """

    shares: Array
    yes: Array
    log_likelihood: float

    def label(self, x: Array) -> Labels:
        """Give every row its most probable group, 0 to k - 1.

        Examples
        --------
        >>> Bernoulli(np.array([0.5, 0.5]), np.array([[0.9], [0.2]]), 0.0).label(np.array([[1.0], [0.0]])).tolist()
        [0, 1]
        """
        return np.asarray(steady(_joint(x, self.shares, self.yes)).argmax(axis=1), dtype=np.int64)


def bernoulli_mixture(x: Array, k: int, seed: int, steps: int = STEPS_MAX, names: Sequence[str] = ()) -> Bernoulli:
    """Fit a mixture of independent yes-or-no answers by expectation maximisation.

    Lazarsfeld & Henry (1968), latent class analysis; the steps are those of Bishop (2006), equations 9.56 to 9.60.

    Parameters
    ----------
    x : ndarray of 0 and 1, shape (n, p)
    k : int, at least 2
    seed : int
        Draws two starts near k-means and two at random, of which the most likely result is kept.
    steps : int
        Steps after which a start is said not to settle.
    names : sequence of str
        Names of the columns, for the sentence when nothing settles.

    Returns
    -------
    Bernoulli

    Raises
    ------
    InputRefused
        S19, when no start settles.

    Examples
    --------
    >>> x = np.repeat([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 20, axis=0)
    >>> sorted(bernoulli_mixture(x, 2, seed=0).shares.round(2).tolist())
    [0.5, 0.5]
    """
    rng = np.random.default_rng(seed)
    starts = (start(x, k, rng) for start in (_near, _random) for _ in range(STARTS))
    found = [fit for member in starts if (fit := _climb(x, member, steps))]
    if not found:
        raise InputRefused(unsettled("the Bernoulli mixture", k, x, names))
    return found[largest([fit.log_likelihood for fit in found])]


def _climb(x: Array, member: Array, steps: int) -> Bernoulli | None:
    before = -np.inf
    for _ in range(steps):
        shares, yes = _maximised(x, member)
        joint = _joint(x, shares, yes)
        total = np.logaddexp.reduce(joint, axis=1)
        now = float(total.sum())
        if now - before < SETTLED * len(x):
            return Bernoulli(shares, yes, now)
        member, before = np.exp(joint - total[:, None]), now
    return None


def _random(x: Array, k: int, rng: np.random.Generator) -> Array:
    return rng.dirichlet(np.ones(k), len(x))


def _near(x: Array, k: int, rng: np.random.Generator) -> Array:
    """Take a division by k-means and half believe it."""
    with one_thread():
        near = KMeans(k, n_init=1, max_iter=20, random_state=int(rng.integers(2**31))).fit(x).labels_
    return np.asarray(np.eye(k)[near] / 2 + 0.5 / k)


def _maximised(x: Array, member: Array) -> tuple[Array, Array]:
    weight = member.sum(axis=0)
    return weight / weight.sum(), (member.T @ x + PRIOR) / (weight[:, None] + 2 * PRIOR)


def _joint(x: Array, shares: Array, yes: Array) -> Array:
    return np.asarray(x @ np.log(yes).T + (1 - x) @ np.log1p(-yes).T + np.log(np.maximum(shares, 1e-300)))
