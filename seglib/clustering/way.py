"""By which method the customers are divided: as the plan asks, or as the data choose; always by a frozen rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import InputRefused
from seglib.methods.by_data import choose_by_data
from seglib.methods.clusterers import Fit
from seglib.methods.models import METHODS, Name

if TYPE_CHECKING:
    from seglib.core.sections import Clustering

Array = npt.NDArray[np.float64]

REPEATED = 0.9  # of the customers a frozen rule must give the segment of the method that the data choose
ASKED = "because the plan asks for it (clustering.method)"
LEFT = "because the plan leaves the method to the data (clustering.method: auto)"
INSTEAD = "So k-means is used"
NONE = "no method divides them into segments that are all large and stable enough, and k-means is the plainest"


@dataclass(frozen=True)
class Way:
    """A method, and why it was taken.

    Parameters
    ----------
    method : Name
    why : str
        Ends the sentence that names the method.
    k : int, optional
        The number of segments that the data chose with the method.
    """

    method: Name
    why: str = ASKED
    k: int | None = None


def way(x: Array, settings: Clustering, ks: Sequence[int], seed: int) -> Way:
    """Take the method of the plan, or the one that the data choose.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria.
    settings : Clustering
        With ``method: auto`` the data choose among k-means, Gaussian mixture, Ward and HDBSCAN (see
        ``methods.by_data.choose_by_data``), as long as the nearest centre, which is what is frozen, gives nine of ten
        customers the segment of the method itself: k-means else, and where no division is large and stable enough.
        Categories are divided by ``mixed``.
    ks : sequence of int
    seed : int

    Returns
    -------
    Way
    """
    if settings.method != "auto":
        return Way(settings.method)
    if settings.categories:
        return Way("mixed", f"{LEFT}: words make segments too")
    chosen = choose_by_data(x, ks, seed, settings.size_floor_share, settings.stability_floor, pairs=1)
    if chosen is None:
        return Way("kmeans", f"{LEFT}: {NONE}")
    (method, k), why = chosen.key, f"{LEFT}: {chosen.reason}"
    hindered = _hindered(method, k if settings.choice == "auto" else settings.choice, x, ks, seed)
    if hindered:
        return Way("kmeans", f"{why} {hindered} {INSTEAD}")
    return Way(method, why, k if settings.choice == "auto" else None)


def instead(taken: Way, quality: pd.DataFrame) -> Way:
    """Take k-means instead of what the data chose where its frozen rule misses the floors.

    Parameters
    ----------
    taken : Way
    quality : DataFrame
        One row per division by this method: k, eligible, why.

    Returns
    -------
    Way
    """
    if taken.k is None:
        return taken
    row = quality[quality["k"] == taken.k].iloc[0]
    if row["eligible"]:
        return taken
    if taken.method == "kmeans":
        return replace(taken, k=None)
    return Way("kmeans", f"{taken.why} But by its nearest centres, which are what is frozen: {row['why']}. {INSTEAD}")


def named(way: Way, sampled: int, least: float) -> str:
    """Say by which method the customers are divided, why, and how well its frozen rule repeats it.

    Parameters
    ----------
    way : Way
    sampled : int
        Customers from whom the segments are learnt.
    least : float, 0 to 1
        Lowest share of them for whom the nearest centre and the method agree, over the numbers compared.
    """
    method, reason = METHODS[way.method], way.why.rstrip(".")
    if method.labels is not None:
        return (
            f"{method.title} of {sampled:,} customers, {reason}. Its "
            f"frozen rule is the nearest centre, which gives {least:.1%} or more of them the method's own segment."
        )
    own = "its own rule, the nearest centre, is the frozen one, so 100% are labelled as they were learnt."
    if way.why == ASKED:
        return (
            f"{method.title} of {sampled:,} customers: it divides a continuum too, and {own} Another method is one "
            "word in the plan (clustering.method)."
        )
    return f"{method.title} of {sampled:,} customers, {reason}. It divides a continuum too, and {own}"


def agreement(method: Name, fit: Fit) -> tuple[str, ...]:
    """Say how far the frozen rule and the method's own word differ; nothing where they are the same."""
    if METHODS[method].labels is None:
        return ()
    left = f", leaves {fit.left_out_share:.1%} without a segment," if fit.left_out_share else ""
    return (
        f"{METHODS[method].title}{left} and the frozen rule (nearest centre) agree for {fit.agreement:.1%} of the "
        "customers that the method itself places; the frozen rule counts.",
    )


def _hindered(method: Name, k: int, x: Array, ks: Sequence[int], seed: int) -> str:
    """Say what hinders a division from being compared and frozen; "" when nothing does."""
    if METHODS[method].labels is None:
        return ""
    try:
        fit = METHODS[method].fits(x, list(ks), seed).get(k)
    except InputRefused as refused:
        return f"But {refused.findings[0].what}."
    if fit is None:
        return f"But it finds no division into {k}."
    if fit.agreement >= REPEATED:
        return ""
    return f"But the nearest centre, which is what is frozen, repeats it for only {fit.agreement:.0%} of the customers."
