"""From a table of numbers to segments in one call: scaled, divided, tested, chosen, and with a rule that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady
from seglib.methods.by_data import Chosen, choose_by_data
from seglib.methods.choice import choose, compared, tiny, verdict
from seglib.methods.clusterers import Fit, Labels, largest_k, nearest, ordered
from seglib.methods.models import METHODS, Name
from seglib.methods.own_rules import Centre, Renumbered, Rule
from seglib.methods.scaling import Scaling, Transform
from seglib.methods.stability import Stability
from seglib.methods.structure import Structure, structure

Array = npt.NDArray[np.float64]

APART = (
    "Natural: empty space separates the groups, as in no twin without groups; they need not be round, so a silhouette "
    "does not show it."
)
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
    method : str
        The method, as reports call it.
    rule : callable of scaled rows
        The frozen rule: the nearest centre; where the method was chosen by the data, the method's own (the most
        probable cloud, or the segment of the nearest row).
    fit : Fit
        Centres in scaled columns, and how well the method and the nearest centre agree.
    scaling : Scaling
        How the columns were scaled.
    stability : Stability
        What another sample of the rows would give; ``jaccard`` in the order of the segments.
    structure : Structure
        The evidence for groups.
    quality : DataFrame
        One row per number of segments compared, see ``choice.compared``; where the method was chosen by the data, one
        row per division of each method, see ``by_data.Chosen``.
    reason, verdict : str
        Why this number was taken; what the segments are.
    """

    k: int
    labels: pd.Series[int]
    method: str
    rule: Rule
    fit: Fit
    scaling: Scaling
    stability: Stability
    structure: Structure
    quality: pd.DataFrame
    reason: str
    verdict: str

    def assign(self, frame: pd.DataFrame) -> pd.Series[int]:
        """Give other rows their segments by the frozen rule, on the scale that was learnt.

        Parameters
        ----------
        frame : DataFrame
            With the columns of the table; others are ignored.

        Returns
        -------
        Series of int, 1 to k
        """
        return _labelled(self.rule(self.scaling.apply(frame)), frame.index)


def segment(
    table: pd.DataFrame | npt.ArrayLike,
    seed: int = 0,
    method: Name | Literal["auto"] = "auto",
    ks: Sequence[int] = range(2, 9),
    k: int | None = None,
    transforms: Mapping[str, Transform] | None = None,
    pairs: int = 50,
) -> Segments:
    """Divide the rows of any table, by a method and into a number that the data choose, and say what that is worth.

    Parameters
    ----------
    table : DataFrame or array, shape (n, p)
        Numbers only; missing ones are filled with the median. At least 50 rows.
    seed : int
        Same seed, same segments.
    method : {"auto", "kmeans", "gaussian_mixture", "ward", "hdbscan", "bernoulli_mixture"}
        With ``auto`` the data choose the method as well as the number (see ``by_data.choose_by_data``), as long as `k`
        is not given: k-means then, which is also taken where no division of any method is large and stable enough.
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
    x = scaling.apply(frame)
    most = largest_k(x, max(ks))
    numbers = [number for number in ks if number <= most] or [min(ks)]
    found = structure(x, seed, ks=numbers)
    if method == "auto" and k is None:
        chosen = choose_by_data(x, numbers, seed, SIZE_FLOOR_SHARE, STABILITY_FLOOR, pairs)
        if chosen is not None:
            return _of(chosen, frame, scaling, x, found)
    return _by("kmeans" if method == "auto" else method, frame, scaling, x, found, numbers, k, seed, pairs)


def _by(
    method: Name, frame: pd.DataFrame, scaling: Scaling, x: Array, found: Structure,
    numbers: Sequence[int], k: int | None, seed: int, pairs: int,
) -> Segments:  # fmt: skip
    """Divide by one method, as notebook 04 does; its segments are those of the nearest centre."""
    way, value = METHODS[method], _value(frame)
    fits = {n: ordered(fit, value) for n, fit in way.fits(x, numbers, seed, scaling.names).items()}
    stabilities = way.stabilities(x, fits, seed, pairs)
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
        method=way.title,
        rule=Centre(fits[chosen].centres),
        fit=fits[chosen],
        scaling=scaling,
        stability=stabilities[chosen],
        structure=found,
        quality=quality,
        reason=reason if chosen == automatic else f"{chosen} segments, as asked; the rule would take {automatic}.",
        verdict=verdict(found, stabilities[chosen].mean),
    )


def _of(chosen: Chosen, frame: pd.DataFrame, scaling: Scaling, x: Array, found: Structure) -> Segments:
    """Number the segments of a division that the data chose, and say what it is."""
    labels, k = chosen.own.rule(x), chosen.key.k
    mean = steady(np.bincount(labels, _value(frame), k) / np.maximum(np.bincount(labels, minlength=k), 1))
    order = np.argsort(-mean, kind="stable")
    rule = Renumbered(chosen.own.rule, np.argsort(order, kind="stable"))
    named = rule(x)
    near = nearest(x, np.array([x[named == segment].mean(axis=0) for segment in range(k)]))
    jaccard = tuple(chosen.stability.jaccard[place] for place in order)
    return Segments(
        k=k,
        labels=_labelled(named, frame.index),
        method=METHODS[chosen.key.method].title,
        rule=rule,
        fit=replace(near, agreement=float((near.labels == named).mean()), left_out_share=chosen.own.left_out_share),
        scaling=scaling,
        stability=replace(chosen.stability, jaccard=jaccard),
        structure=found,
        quality=chosen.table,
        reason=chosen.reason,
        verdict=APART if chosen.is_apart and found.word != "natural" else verdict(found, chosen.stability.mean),
    )


def _value(frame: pd.DataFrame) -> Array:
    return steady(frame.iloc[:, 0].fillna(frame.iloc[:, 0].median()))


def _named(x: npt.NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame(x, columns=[f"column_{place}" for place in range(1, x.shape[1] + 1)])


def _labelled(labels: Labels, index: pd.Index) -> pd.Series[int]:
    return pd.Series(labels + 1, index, name="segment")


def _not_compared(k: int, numbers: list[int]) -> Finding:
    said = ", ".join(map(str, numbers))
    return Finding(
        "V26", f"the number of segments must be one of {said}", found=str(k), do="name one of these, or none"
    )
