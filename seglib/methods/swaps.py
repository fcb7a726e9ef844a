"""Find the lowest sum of squares that k centres can have, and not only the nearest valley of a start.

From a start, k-means (Lloyd 1982) goes down into one valley of many. Random swaps (Fränti 2018, Journal of Big Data 5,
13) leave it: one centre is taken away, another is set where the distances are large, a few steps are made, and what is
lower is kept. The search ends when several rounds in a row found nothing lower.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from seglib.core.steady import steady

Array = npt.NDArray[np.float64]

ROWS = 300  # different rows on which valleys are compared; the way down ends on all rows
STARTS, START_STEPS = 8, 5
SWAPS, SWAP_STEPS = 8, 3
PATIENCE, ROUNDS_MAX = 2, 2_000  # rounds in a row that find nothing; most rounds
MOVES_MAX, NO_GAIN = 500, 1e-6
SHAKE = 0.2  # of the usual distance from the own centre, in each column
GRAIN = 2.0**-26  # distances that differ by less are equal: one processor's last digits are not another's


def started(x: Array, weight: Array, k: int, chance: np.random.Generator) -> Array:
    """Find good centres for k groups, without any start of one's own.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Different rows, at least k of them.
    weight : ndarray, shape (n,)
        How often each row occurs, above 0.
    k : int
    chance : Generator

    Returns
    -------
    ndarray, shape (m, k, p)
        One or two sets of centres near the lowest sum of squares, the best first. Lloyd's last steps are still to be
        made, on all rows.

    Notes
    -----
    Eight starts by k-means++ (Arthur & Vassilvitskii 2007), then swaps. Where valleys were compared on some of the
    rows only, the two that are lowest on all rows are given.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> sorted(started(x, np.ones(4), 2, np.random.default_rng(0))[0].ravel().tolist())
    [0.05, 5.05]
    """
    rows, counts = drawn(x, weight, max(ROWS, k), chance)
    whole = len(rows) == len(x)
    found = _steps(rows, counts, _far(rows, counts, k, chance), START_STEPS)
    best = found[_heights(rows, counts, found).argmin()]
    lowest = swapped(rows, counts, best, chance, patience=2 * PATIENCE if whole else PATIENCE)
    if whole:
        return lowest[None]
    tried = np.concatenate([lowest[None], found])
    return tried[np.argsort(_heights(x, weight, tried), kind="stable")[:2]]


def swapped(x: Array, weight: Array, centres: Array, chance: np.random.Generator, patience: int = PATIENCE) -> Array:
    """Look for lower centres by swaps, beginning at given ones.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Different rows.
    weight : ndarray, shape (n,)
        How often each row occurs, above 0.
    centres : ndarray, shape (k, p)
    chance : Generator
    patience : int, at least 1
        Rounds of eight swaps that may find nothing before the search ends.

    Returns
    -------
    ndarray, shape (k, p)
        Never higher than the given ones.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]])
    >>> valley = np.array([[0.0], [0.1], [7.05]])
    >>> sorted(swapped(x, np.ones(6), valley, np.random.default_rng(0)).round(2).ravel().tolist())
    [0.05, 5.05, 9.05]
    """
    best, lowest, idle = centres, float(_heights(x, weight, centres[None])[0]), 0
    for _ in range(ROUNDS_MAX):
        tried = _steps(x, weight, np.concatenate([best[None], _swaps(x, weight, best, chance)]), SWAP_STEPS)
        heights = _heights(x, weight, tried)
        idle = 0 if heights.min() < lowest else idle + 1
        if idle == 0:
            best, lowest = tried[heights.argmin()], float(heights.min())
        if idle == patience:
            break
    return best


def exchanged(x: Array, weight: Array, centres: Array) -> Array:
    """Move single rows to another group as long as that lowers the sum of squares (Hartigan & Wong 1979).

    Lloyd's steps end where every row is nearest to its own centre. A row pulls its centre towards itself, so leaving
    can still be worth it (Telgarsky & Vattani 2010): with equal distances, as in answers of yes or no, it often is.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Different rows.
    weight : ndarray, shape (n,)
        How often each row occurs, above 0; equal rows move together.
    centres : ndarray, shape (k, p)

    Returns
    -------
    ndarray, shape (k, p)
        Means of the groups.

    Examples
    --------
    >>> x = np.array([[0.0], [3.0], [5.9]])
    >>> exchanged(x, np.ones(3), np.array([[0.0], [4.45]])).round(2).tolist()
    [[0.0], [4.45]]
    >>> exchanged(x, np.array([9.0, 1.0, 1.0]), np.array([[0.3], [5.9]])).round(2).tolist()
    [[0.0], [4.45]]
    """
    label, rows = _squares(x, centres[None])[0].argmin(axis=0), np.arange(len(x))
    for _ in range(MOVES_MAX):
        member = np.eye(len(centres))[label] * weight[:, None]
        size = member.sum(axis=0)
        centres = np.where(size[:, None] > 0, (member.T @ x) / np.where(size > 0, size, 1.0)[:, None], centres)
        apart, held = _squares(x, centres[None])[0].T, size[label] - weight
        cost = apart * size / (size + weight[:, None])
        cost[rows, label] = np.inf
        saved = np.where(held > 0, apart[rows, label] * size[label] / np.where(held > 0, held, 1.0), 0.0)
        gain = weight * (saved - cost.min(axis=1))
        mover = int(gain.argmax())
        if gain[mover] <= NO_GAIN:
            break
        label[mover] = cost[mover].argmin()
    return centres


def shaken(x: Array, weight: Array, centres: Array, chance: np.random.Generator, times: int) -> Array:
    """Exchange rows, shake the centres a little, exchange again, and keep what is lower.

    Parameters
    ----------
    x, weight, centres
        As in `exchanged`.
    chance : Generator
    times : int, at least 0
        Shakes in all.

    Returns
    -------
    ndarray, shape (k, p)

    Notes
    -----
    Iterated local search (Lourenço, Martin & Stützle 2003): where several groups of equal rows must move together, no
    single move is lower.

    Examples
    --------
    >>> x = np.array([[0.0], [3.0], [5.9]])
    >>> shaken(x, np.ones(3), np.array([[0.0], [4.45]]), np.random.default_rng(0), times=3).round(2).tolist()
    [[0.0], [4.45]]
    """
    best = exchanged(x, weight, centres)
    lowest = float(_heights(x, weight, best[None])[0])
    step = SHAKE * np.sqrt(lowest / weight.sum() / x.shape[1])
    for _ in range(times):
        tried = exchanged(x, weight, best + chance.normal(0, step, best.shape))
        height = float(_heights(x, weight, tried[None])[0])
        if height < lowest:
            best, lowest = tried, height
    return best


def drawn(x: Array, weight: Array, rows: int, chance: np.random.Generator) -> tuple[Array, Array]:
    """Draw rows by their weight where there are too many; each then counts once.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    weight : ndarray, shape (n,)
    rows : int
        At most so many.
    chance : Generator

    Returns
    -------
    (ndarray, ndarray)
        The rows, in their order, and their weights.

    Examples
    --------
    >>> drawn(np.arange(3.0)[:, None], np.ones(3), 9, np.random.default_rng(0))[1].tolist()
    [1.0, 1.0, 1.0]
    """
    if len(x) <= rows:
        return x, weight
    chosen = np.sort(chance.choice(len(x), rows, replace=False, p=weight / weight.sum()))
    return x[chosen], np.ones(rows)


def _far(x: Array, weight: Array, k: int, chance: np.random.Generator) -> Array:
    """Draw starts by k-means++: each further centre with a probability that grows with its squared distance."""
    first = _picked(np.broadcast_to(weight, (STARTS, len(x))), chance)
    centres = np.empty((STARTS, k, x.shape[1]))
    centres[:, 0] = x[first]
    near = np.full((STARTS, len(x)), np.inf)
    for place in range(1, k):
        near = np.minimum(near, _squares(x, centres[:, place - 1 : place])[:, 0])
        centres[:, place] = x[_picked(near * weight, chance)]
    return centres


def _swaps(x: Array, weight: Array, centres: Array, chance: np.random.Generator) -> Array:
    """Take one centre away and set one far from all, in several ways."""
    near = _squares(x, centres[None])[0].min(axis=0)
    many = np.repeat(centres[None], SWAPS, axis=0)
    many[np.arange(SWAPS), chance.integers(0, len(centres), SWAPS)] = x[
        _picked(np.broadcast_to(near * weight, (SWAPS, len(x))), chance)
    ]
    return many


def _picked(mass: Array, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw one place per row with probabilities in proportion to the mass; the first place where there is none."""
    added = np.cumsum(mass, axis=1)
    return np.asarray((added <= (chance.random(len(mass)) * added[:, -1])[:, None]).sum(axis=1) % mass.shape[1])


def _steps(x: Array, weight: Array, centres: Array, count: int) -> Array:
    """Make a few of Lloyd's steps for many sets of centres at once.

    An empty group keeps its centre; who is equally near to two centres counts for both.
    """
    sets, k, width = centres.shape
    weighted = np.column_stack([x * weight[:, None], weight])
    for _ in range(count):
        apart = _squares(x, centres)
        member = (apart == apart.min(axis=1, keepdims=True)).reshape(sets * k, -1).astype(float)
        sums = (member @ weighted).reshape(sets, k, width + 1)
        there = sums[:, :, -1:] > 0
        centres = np.where(there, sums[:, :, :-1] / np.where(there, sums[:, :, -1:], 1.0), centres)
    return centres


def _heights(x: Array, weight: Array, centres: Array) -> Array:
    """Give the sum of squares of each set of centres."""
    return steady(_squares(x, centres).min(axis=1) @ weight, digits=7)


def _squares(x: Array, centres: Array) -> Array:
    """Give squared distances of all rows from all centres of all sets: shape (sets, k, n)."""
    sets, k, width = centres.shape
    flat = centres.reshape(-1, width)
    from_centres = np.column_stack([-2 * flat, (flat**2).sum(axis=1), np.ones(len(flat))])
    apart = from_centres @ np.column_stack([x, np.ones(len(x)), (x**2).sum(axis=1)]).T
    apart *= 1 / GRAIN
    np.rint(apart, out=apart)
    apart *= GRAIN
    return np.asarray(apart.clip(min=0, out=apart).reshape(sets, k, -1))
