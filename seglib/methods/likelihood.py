"""The one way in which seglib maximises a likelihood, and says where the data have no maximum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from seglib.core.errors import Finding, InputRefused
from seglib.methods.one_thread import one_thread
from seglib.methods.rates import FloatArray

BOX = 20.0  # search of each coordinate, around 0: a factor of half a thousand million either way
CURVE_STEP = 1e-4  # of a logarithm, for differences of slopes
GRADIENT = 1e-8  # of the loss by the logarithms, where the search ends and Newton's steps begin
STILL = 1e-11  # Newton's last step: two digits beyond the nine that any scale of the data leaves alike
SAME = 0.02  # of a log-likelihood: rounding errors are 1e-8, and 1.35 would be significant (Self and Liang 1987)
TOLD, NOTHING = 0.04, 1e-5  # information on a coordinate: a standard error of 5, and none beyond rounding errors
FAR_OUT = 2.0  # coordinate up to which a fit is not at a limit
FLAT = 1e-6  # a curvature so much smaller than the largest one cannot be trusted
Loss = Callable[[FloatArray], tuple[float, FloatArray]]
PRIOR_SD = 3.0  # of a logarithm: a factor of 400 either way, so that a direction without information stays finite


@dataclass(frozen=True)
class Limit:
    """A simpler model at the end of a coordinate, which the search can only run towards.

    Parameters
    ----------
    name : str
        What it says of the customers.
    at : mapping of int to float
        Coordinates that are held, so far out that the likelihood is that of the limit.
    """

    name: str
    at: Mapping[int, float]


@dataclass(frozen=True)
class Family:
    """How a model is searched: coordinates along which its limits lie, and these limits.

    Parameters
    ----------
    what : str
        Its name, for the message.
    axes : array of float
        k x k: the logarithms of the parameters are ``axes @ coordinates``.
    starts : sequence of array of float
        Coordinates to start from, for data in their own scale. Several, because the likelihood of a mixture may have
        several maxima; on data of all kinds the best of these was the best of any that we tried.
    limits : sequence of sequence of Limit
        Groups; of each group the first limit that loses nothing is taken.
    """

    what: str
    axes: FloatArray
    starts: Sequence[FloatArray]
    limits: Sequence[Sequence[Limit]] = ()

    def logs(self, at: FloatArray) -> FloatArray:
        """Turn coordinates into logarithms of parameters."""
        return np.asarray(self.axes @ at)

    def free(self, names: Sequence[str]) -> list[int]:
        """List the coordinates that are not held at the named limits."""
        held = {place for group in self.limits for limit in group if limit.name in names for place in limit.at}
        return [place for place in range(len(self.axes)) if place not in held]


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is largest: parameters, the mean loss there, and the names of the limits that it lies at."""

    theta: FloatArray
    loss: float
    limits: tuple[str, ...]


def maximise(loss: Loss, family: Family, count: int, rough: Loss | None = None) -> Maximum:
    """Find the parameters of the largest likelihood, or the limit where it is as large.

    Parameters
    ----------
    loss : function of an array to (value, gradient)
        Mean negative log-likelihood of a row, by the logarithms of the parameters, data in their own scale.
    family : Family
        Coordinates, starts and limits.
    count : int
        Number of rows.
    rough : function of an array to (value, gradient), optional
        Nearly the same function at a fraction of the cost, such as that of every twentieth row. Its minimum is where
        the search begins; the minimum found is that of `loss`.

    Returns
    -------
    Maximum

    Raises
    ------
    InputRefused
        If no maximum was found.

    Notes
    -----
    A likelihood that rises for ever along a ridge has no maximum, and a search would end anywhere on it. So a limit
    whose log-likelihood is within 0.02 of the largest one found takes its place: there the other parameters are
    determined, on every machine alike. At the end Newton's method settles what no search settles, the last digits.

    Examples
    --------
    >>> line = Family("line", np.eye(1), [np.zeros(1)])
    >>> maximise(lambda logs: (float((logs[0] - 1) ** 2), 2 * (logs - 1)), line, 10).theta.round(9).tolist()
    [2.718281828]
    """
    with one_thread():  # four parameters: threads of linear algebra only wait for each other
        on_axes, easy = _along(loss, family), _along(rough or loss, family)
        at = _descend(on_axes, _first(easy, family), {})
        at, held, names = _at_limits(on_axes, easy, family, at, count)
        at = _settled(on_axes, at, held)
        value, slope = on_axes(at)
        flat = _weakest(on_axes, at, held) * count < NOTHING
    free = [place for place in range(len(at)) if place not in held]
    if (
        flat
        or not np.isfinite(value)
        or np.abs(slope[free]).max(initial=0) > GRADIENT
        or np.abs(at[free]).max() > BOX - 1
    ):
        remedy = "check the dates and amounts, or leave out the lifetime value"
        raise InputRefused(Finding("S19", f"the {family.what} found no best fit", do=remedy))
    return Maximum(np.exp(family.logs(at)), value, tuple(names))


def _at_limits(
    on_axes: Loss, easy: Loss, family: Family, at: FloatArray, count: int
) -> tuple[FloatArray, dict[int, float], list[str]]:
    """Go to the limits that lose nothing: those that the fit runs towards, then any while a direction is flat."""
    least, held, names = on_axes(at)[0], dict[int, float](), list[str]()
    for anywhere in (False, True):
        for group in family.limits:
            if any(limit.name in names for limit in group):
                continue
            if anywhere and _weakest(on_axes, at, held) * count >= TOLD:
                break
            for limit in group:
                trial = held | dict(limit.at)
                if len(trial) == len(at) or not (anywhere or _near(at, limit)):
                    continue
                there = _descend(on_axes, _first(easy, family, trial, at), trial)
                if count * (on_axes(there)[0] - least) <= SAME:
                    held, at, names = trial, there, [*names, limit.name]
                    break
    return at, held, names


def _along(loss: Loss, family: Family) -> Loss:
    """Turn a function of the logarithms into one of the coordinates."""

    def on_axes(at: FloatArray) -> tuple[float, FloatArray]:
        value, slope = loss(family.logs(at))
        return value, np.asarray(family.axes.T @ slope)

    return on_axes


def _weakest(on_axes: Loss, at: FloatArray, held: Mapping[int, float]) -> float:
    """Give the smallest curvature in any direction: where it is 0, the data tell nothing of two parameters but one."""
    free, embed = _free(at, held)
    return float(np.linalg.eigvalsh(_curvature(lambda inside: on_axes(embed(inside))[1][free], at[free])).min())


def _near(at: FloatArray, limit: Limit) -> bool:
    """Say whether a limit is worth a search: the fit must be far out in its direction."""
    return any(np.sign(far) * at[place] > FAR_OUT for place, far in limit.at.items())


def _first(
    easy: Loss, family: Family, held: Mapping[int, float] | None = None, at: FloatArray | None = None
) -> FloatArray:
    """Search from every start, and take the best end; of ends as good as each other the first."""
    starts = family.starts if at is None else [at, family.starts[0]]
    ends = [_descend(easy, np.array(start), held or {}) for start in starts]
    return min(ends, key=lambda end: round(easy(end)[0], 9))


def _descend(on_axes: Loss, first: FloatArray, held: Mapping[int, float]) -> FloatArray:
    """Search downhill from a point, the held coordinates staying where they are held."""
    free, embed = _free(first, held)

    def part(inside: FloatArray) -> tuple[float, FloatArray]:
        value, slope = on_axes(embed(inside))
        return value, slope[free]

    options = {"ftol": 1e-15, "gtol": GRADIENT / 10, "maxiter": 1000, "maxcor": 20}
    bounds = [(-BOX, BOX)] * len(free)
    start = np.clip(first[free], 1 - BOX, BOX - 1)
    return embed(optimize.minimize(part, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x)


def _free(at: FloatArray, held: Mapping[int, float]) -> tuple[list[int], Callable[[FloatArray], FloatArray]]:
    """List the coordinates that are not held, and how their values become a whole point."""
    free = [place for place in range(len(at)) if place not in held]
    whole = np.array([held.get(place, value) for place, value in enumerate(at)])

    def embed(inside: FloatArray) -> FloatArray:
        point = whole.copy()
        point[free] = inside
        return point

    return free, embed


def _settled(on_axes: Loss, at: FloatArray, held: Mapping[int, float]) -> FloatArray:
    """Walk Newton's steps until they are as small as rounding errors; a step that leads uphill is not taken."""
    free, embed = _free(at, held)

    def slope(inside: FloatArray) -> FloatArray:
        return on_axes(embed(inside))[1][free]

    inside, last = at[free], np.inf
    for _ in range(4):
        curves = _curvature(slope, inside)
        roots, axes = np.linalg.eigh(curves)
        if roots.min() <= 0:
            break
        for _ in range(8):
            step = axes @ ((axes.T @ slope(inside)) / np.maximum(roots, FLAT**2 * roots.max()))
            size = float(np.abs(step).max())
            if size > min(1.0, 2 * last):
                return embed(inside)
            inside, last = inside - step, size
            if size <= STILL:
                return embed(inside)
    return embed(inside)


def _curvature(slope: Callable[[FloatArray], FloatArray], at: FloatArray) -> FloatArray:
    """Give the matrix of second derivatives by central differences of the slope."""
    steps = CURVE_STEP * np.eye(len(at))
    turns = np.array([(slope(at + step) - slope(at - step)) / (2 * CURVE_STEP) for step in steps])
    return np.asarray((turns + turns.T) / 2)


def spread(rows: Callable[[FloatArray], FloatArray], logs: FloatArray) -> FloatArray:
    """Give the covariance of fitted logarithms of parameters, or of any other coordinates.

    Parameters
    ----------
    rows : function of an array to array
        Gradient of the log-likelihood of each row, n x k.
    logs : array of float
        The k fitted coordinates.

    Returns
    -------
    array
        k x k.

    Notes
    -----
    The sandwich of White (1982), Econometrica 50, 1-25: it holds for large n even where the model is not quite right.
    A direction in which the data say nothing gets a standard deviation of at most 3.

    Examples
    --------
    >>> seen = np.array([1.0, 2.0, 3.0, 6.0])  # exponential waiting times: standard error of the log rate is 1/sqrt(n)
    >>> print(spread(lambda log: (1 - np.exp(log) * seen)[:, None], np.log([1 / 3])).round(2))
    [[0.1]]
    """
    scores = rows(logs)
    roots, axes = np.linalg.eigh(_curvature(lambda point: -rows(point).sum(axis=0), logs))
    prior = np.eye(len(logs)) / PRIOR_SD**2
    inverse = np.linalg.inv((axes * np.maximum(roots, 0)) @ axes.T + prior)
    return np.asarray(inverse @ (scores.T @ scores + prior) @ inverse)
