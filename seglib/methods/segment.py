"""From a table of numbers to segments in one call: scaled, divided, tested, chosen, and with a rule that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady
from seglib.methods.choice import choose, compared, tiny, verdict
from seglib.methods.clusterers import Fit, Labels, assign, largest_k, ordered
from seglib.methods.models import METHODS, Name
from seglib.methods.scaling import Scaling, Transform
from seglib.methods.stability import Stability
from seglib.methods.structure import Structure, structure

SIZE_FLOOR_SHARE, STABILITY_FLOOR = 0.03, 0.6  # those of a plan that says nothing else


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments of the rows of a table, and what speaks for them.

    Parameters
    ----------
    k : int
        Number of segments.
    labels : Series of int, with the index of the table
        1 to k; segment 1 has the highest mean of the first column.
    fit : Fit
        Centres in scaled columns, and how well the method and its frozen rule agree.
    scaling : Scaling
        How the columns were scaled.
    stability : Stability
        What another sample of the rows would give; ``jaccard`` in the order of the segments.
    structure : Structure
        The evidence for groups.
    quality : DataFrame
        One row per number of segments compared, see ``choice.compared``.
    reason, verdict : str
        Why this number was taken; what the segments are.
    """

    k: int
    labels: pd.Series[int]
    fit: Fit
    scaling: Scaling
    stability: Stability
    structure: Structure
    quality: pd.DataFrame
    reason: str
    verdict: str

    def assign(self, frame: pd.DataFrame) -> pd.Series[int]:
        """Give other rows their segments by the frozen rule: the nearest centre on the scale that was learnt.

        Parameters
        ----------
        frame : DataFrame
            With the columns of the table; others are ignored.

        Returns
        -------
        Series of int, 1 to k
        """
        return _labelled(assign(self.scaling.apply(frame), self.fit.centres), frame.index)


def segment(
    table: pd.DataFrame | npt.ArrayLike,
    seed: int = 0,
    method: Name = "kmeans",
    ks: Sequence[int] = range(2, 9),
    k: int | None = None,
    transforms: Mapping[str, Transform] | None = None,
    pairs: int = 50,
) -> Segments:
    """Divide the rows of any table as notebook 04 divides customers, and say what the segments are worth.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Numbers only; missing ones are filled with the median. At least 50 rows.
    seed : int
        Same seed, same segments.
    method : {"kmeans", "gaussian_mixture", "ward", "hdbscan", "bernoulli_mixture"}
    ks : sequence of int
        Numbers of segments to compare; fewer where there are less than ten different rows for each.
    k : int, optional
        The number to take; by the written rule of ``choice.choose`` when omitted.
    transforms : mapping from column to transform, optional
        Chosen by the tails of each column when omitted.
    pairs : int, at least 1
        Pairs of samples behind the stability.

    Returns
    -------
    Segments

    Raises
    ------
    InputRefused
        V24, V25 or V26, when the rows are alike or too few, or `k` is not among the numbers compared; S04, when every
        division has a segment of fewer than ten; S19, S02 as the method says.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> iris = load_iris(as_frame=True)
    >>> found = segment(iris.data, pairs=5)
    >>> found.k, found.structure.word, found.verdict[:41]
    (2, 'natural', 'Natural: the customers form groups that a')
    >>> pd.crosstab(iris.target, found.labels).to_numpy().tolist()
    [[1, 49], [50, 0], [50, 0]]
    >>> found.assign(iris.data.head(2)).tolist()
    [2, 2]
    >>> segment(iris.data.head(9))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-V25 9 customers; at least 50 needed ...
    """
    frame = table if isinstance(table, pd.DataFrame) else _named(np.asarray(table, dtype=float))
    scaling = Scaling.fit(frame, transforms)
    x, way = scaling.apply(frame), METHODS[method]
    most = largest_k(x, max(ks))
    numbers = [number for number in ks if number <= most] or [min(ks)]
    value = steady(frame.iloc[:, 0].fillna(frame.iloc[:, 0].median()))
    fits = {n: ordered(fit, value) for n, fit in way.fits(x, numbers, seed, scaling.names).items()}
    stabilities = way.stabilities(x, fits, seed, pairs)
    found = structure(x, seed, ks=numbers)
    quality = compared(x, fits, stabilities, found, seed, SIZE_FLOOR_SHARE, STABILITY_FLOOR)
    if k is None and (finding := tiny(quality)):
        raise InputRefused(finding)
    automatic, reason = choose(quality, found)
    chosen = automatic if k is None else k
    if chosen not in fits:
        raise InputRefused(_not_compared(chosen, sorted(fits)))
    return Segments(
        k=chosen,
        labels=_labelled(fits[chosen].labels, frame.index),
        fit=fits[chosen],
        scaling=scaling,
        stability=stabilities[chosen],
        structure=found,
        quality=quality,
        reason=reason if chosen == automatic else f"{chosen} segments, as asked; the rule would take {automatic}.",
        verdict=verdict(found, stabilities[chosen].mean),
    )


def _named(x: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(x, columns=[f"column_{place}" for place in range(1, x.shape[1] + 1)])


def _labelled(labels: Labels, index: pd.Index) -> pd.Series[int]:
    return pd.Series(labels + 1, index, name="segment")


def _not_compared(k: int, numbers: list[int]) -> Finding:
    said = ", ".join(map(str, numbers))
    return Finding(
        "V26", f"the number of segments must be one of {said}", found=str(k), do="name one of these, or none"
    )
