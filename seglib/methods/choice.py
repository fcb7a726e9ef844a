"""The written rule that chooses the number of segments, and one sentence why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import Finding
from seglib.core.steady import largest, steady_number
from seglib.methods.clusterers import CUSTOMERS_PER_SEGMENT, Fit
from seglib.methods.quality import qualities
from seglib.methods.stability import HIGHLY_STABLE_FROM, Stability
from seglib.methods.structure import Structure

Array = npt.NDArray[np.float64]

REPRODUCIBLE_FROM = 0.8  # mean adjusted Rand index from which we call a cut through a continuum reproducible
AS_CLEAR = 0.9  # of the highest silhouette: a finer division that is as clear as that is no worse
ERRORS = 2.0  # standard errors within which two stabilities cannot be told apart

NO_GROUPS = (
    "there are no natural groups (silhouette {index} at most, with {k} segments of a sample; data without groups reach "
    "{bound})"
)
JOINED = (
    "there are no natural groups (silhouette {index} at most, with {k} segments of a sample, more than the {bound} of "
    "data without groups, but as many customers lie between the pieces as in them)"
)
NATURAL = (
    "Natural: the customers form groups that are clearer (silhouette {index} at most, with {k} segments of a sample) "
    "than data without groups would show by chance (up to {bound})."
)
REPRODUCIBLE = (
    "Constructed: {why}, the customers form a continuum and the cuts are ours. They are reproducible: another sample "
    "of customers would be cut at nearly the same places (stability {stability:.2f})."
)
CONSTRUCTED = (
    "Constructed: {why}, and another sample of customers would be cut at other places (stability {stability:.2f}; from "
    f"{REPRODUCIBLE_FROM:g} on they are nearly the same). Use the segments as a convention, not as a discovery: who is "
    "near a cut could as well be on its other side."
)


def compared(
    x: Array,
    fits: Mapping[int, Fit],
    stabilities: Mapping[int, Stability],
    structure: Structure,
    seed: int,
    size_floor_share: float,
    stability_floor: float,
) -> pd.DataFrame:
    """Measure every division and say whether it passes the floors.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Scaled criteria of the sample.
    fits, stabilities : mapping from k
    structure : Structure
        Gives the gap statistic.
    seed : int
    size_floor_share, stability_floor : float, 0 to 1
        What the smallest segment, and the stability of the division and of each segment, must reach.

    Returns
    -------
    DataFrame
        One row per k: k, silhouette, calinski_harabasz, davies_bouldin, gap, gap_error, smallest_share, smallest_count,
        stability, stability_error, weakest, agreement, eligible, why.
    """
    rows = []
    for k, found in qualities(x, fits, seed).items():
        repeated = stabilities[k]
        row = {
            "k": k,
            "silhouette": found.silhouette,
            "calinski_harabasz": found.calinski_harabasz,
            "davies_bouldin": found.davies_bouldin,
            "gap": structure.gap[k],
            "gap_error": structure.gap_error[k],
            "smallest_share": found.smallest_share,
            "smallest_count": min(found.sizes),
            "stability": repeated.mean,
            "stability_error": repeated.error,
            "weakest": min(repeated.jaccard),
            "agreement": fits[k].agreement,
        }
        row |= {name: steady_number(value) for name, value in row.items() if isinstance(value, float)}
        why = _failures(row, size_floor_share, stability_floor)
        rows.append({**row, "eligible": not why, "why": "; ".join(why) or "passes the floors"})
    return pd.DataFrame(rows)


def _failures(row: Mapping[str, float], size: float, floor: float) -> list[str]:
    """Say which floors a division misses, each in a few words."""
    return [
        sentence
        for fails, sentence in (
            (row["smallest_count"] < CUSTOMERS_PER_SEGMENT, f"a segment of {row['smallest_count']:.0f} in the sample"),
            (row["smallest_share"] < size, f"smallest segment {row['smallest_share']:.1%}, below {size:.1%}"),
            (row["stability"] < floor, f"stability {row['stability']:.2f}, below {floor:.2f}"),
            (row["weakest"] < floor, f"a segment with stability {row['weakest']:.2f}, below {floor:.2f}"),
        )
        if fails
    ]


def choose(quality: pd.DataFrame, structure: Structure) -> tuple[int, str]:
    """Choose a number of segments by a written rule.

    1. Only divisions count whose smallest segment has ten customers in the sample, and whose smallest segment, whose
       stability, and whose every segment's stability reach the plan's floors.
    2. Where the customers form natural groups, take the finest division that is as clear as any (its silhouette
       reaches nine tenths of the highest one) and of which every segment is highly stable (Jaccard of at least 0.85,
       Hennig 2008); where no segment structure is that stable, the clearest one.
    3. Where they do not, no number is the true one: take the finest division that is still reproducible (stability
       of at least 0.8, else the most stable one).
    4. Where that rule does not end, because every number compared is as good as the next, the curve is flat: take the
       smallest number.
    5. Where no division reaches the floors, take the most stable one without a tiny segment, and say so.

    Parameters
    ----------
    quality : DataFrame
        With k, silhouette, smallest_count, smallest_share, stability, stability_error, weakest, eligible.
    structure : Structure

    Returns
    -------
    (int, str)
        The number, and the reason in one sentence.

    Examples
    --------
    >>> quality = pd.DataFrame({"k": [2, 3], "silhouette": [0.4, 0.6], "smallest_count": 50, "stability": [0.9, 0.95],
    ...                         "stability_error": 0.01, "weakest": 0.9, "eligible": True})
    >>> low = (0.2, 0.21, 0.22)
    >>> choose(quality, Structure(0.6, 3, low, low, low, {}, {}))[0]
    3
    """
    fit = quality[quality["eligible"]]
    if fit.empty:
        return _fallback(quality)
    natural = structure.word == "natural"
    good, sentence = _natural(fit) if natural else _continuum(fit)
    if _flat(quality, good):
        low, high = int(quality["k"].min()), int(quality["k"].max())
        least, most = good["stability"].min(), good["stability"].max()
        return low, (
            f"{low} segments, the smallest adequate number: the curve is flat, {low} to {high} segments come out "
            f"equally well (stability {least:.2f} to {most:.2f}). Nothing in the data asks for more."
        )
    k = int(good["k"].max())
    row = fit.set_index("k").loc[k]
    return k, sentence.format(k=k, **row[["silhouette", "stability", "weakest"]]) + _finer(quality, k, natural)


def verdict(found: Structure, stability: float) -> str:
    """Say what the segments are, in one or two sentences that hold in every presentation.

    Parameters
    ----------
    found : Structure
        Whether there are groups, and how clear they are beside data without groups.
    stability : float
        Mean adjusted Rand index over samples.

    Examples
    --------
    >>> twins = (0.2, 0.21, 0.22)
    >>> verdict(Structure(0.6, 3, twins, twins, twins, {}, {}), 0.9)[52:107]
    '(silhouette 0.60 at most, with 3 segments of a sample) '
    """
    digits = 2 if round(found.index, 2) != round(found.bound, 2) else 4
    said = {
        "k": found.k,
        "index": f"{found.index:.{digits}f}",
        "bound": f"{found.bound:.{digits}f}",
        "stability": stability,
    }
    if found.word == "natural":
        return NATURAL.format(**said)
    why = (JOINED if found.is_clear else NO_GROUPS).format(**said)
    return (REPRODUCIBLE if stability >= REPRODUCIBLE_FROM else CONSTRUCTED).format(why=why, stability=stability)


def _finer(quality: pd.DataFrame, k: int, natural: bool) -> str:
    """Say what one more segment would bring, so that the choice can be compared with its neighbour."""
    measure = "silhouette" if natural else "stability"
    return "".join(
        f" With one more segment the {measure} would be {row[measure]:.2f}"
        + ("." if row["eligible"] else ", and a floor would be missed.")
        for row in quality[quality["k"] == k + 1].to_dict("records")
    )


def tiny(quality: pd.DataFrame) -> Finding | None:
    """Say that every division has a segment of fewer than ten customers, if it is so.

    Examples
    --------
    >>> tiny(pd.DataFrame({"smallest_count": [1, 40]})) is None
    True
    """
    largest = int(quality["smallest_count"].max())
    if largest >= CUSTOMERS_PER_SEGMENT:
        return None
    return Finding(
        "S04",
        f"every number of segments leaves one with fewer than {CUSTOMERS_PER_SEGMENT} customers",
        found=f"at most {largest} in the smallest one",
        do="choose other criteria, pull long tails in by clustering.transforms, or fix clustering.choice",
    )


def _fallback(quality: pd.DataFrame) -> tuple[int, str]:
    large = quality[quality["smallest_count"] >= CUSTOMERS_PER_SEGMENT]
    if large.empty:
        row = quality.iloc[largest(quality["smallest_count"])]
        return int(row["k"]), (
            f"No number of segments is without a tiny segment; with {row['k']:.0f} it is largest "
            f"({row['smallest_count']:.0f} customers of the sample)."
        )
    row = large.iloc[largest(large["stability"])]
    return int(row["k"]), (
        f"No number of segments reaches the floors of size and stability; {row['k']:.0f} is the most stable one "
        f"(stability {row['stability']:.2f}, smallest segment {row['smallest_share']:.1%}). Treat it as a sketch."
    )


def _natural(fit: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    clear = fit["silhouette"] >= AS_CLEAR * fit["silhouette"].max()
    good = fit[clear & (fit["weakest"] >= HIGHLY_STABLE_FROM)]
    if good.empty:
        good = fit.iloc[[largest(fit["silhouette"])]]
    if good["silhouette"].iloc[-1] == fit["silhouette"].max():
        return good, (
            "{k} segments: the customers form natural groups, and at this number the groups are clearest (silhouette "
            "{silhouette:.2f}). Another sample of customers would give them again (stability {stability:.2f}, weakest "
            "segment {weakest:.2f})."
        )
    best = fit.iloc[largest(fit["silhouette"])]
    return good, (
        "{k} segments: the customers form natural groups, and this is the finest division that is as clear as any "
        f"(silhouette {{silhouette:.2f}}; the highest is {best['silhouette']:.2f} at {best['k']:.0f}). Another sample "
        "would give every segment again (weakest segment {weakest:.2f}, " + f"at least {HIGHLY_STABLE_FROM:g} asked)."
    )


def _continuum(fit: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    most = fit["stability"].max()
    good = fit[fit["stability"] >= min(REPRODUCIBLE_FROM, most)]
    if most < REPRODUCIBLE_FROM:
        return good, (
            "{k} segments: the customers form no natural groups, so no number is the true one. No division would be "
            "cut at the same places in another sample; this one comes nearest to it (stability {stability:.2f}, "
            f"{REPRODUCIBLE_FROM:g} is called reproducible)."
        )
    return good, (
        "{k} segments: the customers form no natural groups, so no number is the true one. This is the finest "
        "division that another sample of customers would give again (stability {stability:.2f}, at least "
        f"{REPRODUCIBLE_FROM:g} asked)."
    )


def _flat(quality: pd.DataFrame, good: pd.DataFrame) -> bool:
    """Whether all of at least three numbers pass, and their stabilities cannot be told apart."""
    lead = float(np.ptp(good["stability"]))
    return len(good) == len(quality) >= 3 and lead <= ERRORS * float(good["stability_error"].max())
