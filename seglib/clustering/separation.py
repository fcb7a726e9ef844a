"""How the customers of each segment lie: near their own centre or between two, and how widely they spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.methods.clusterers import distances
from seglib.methods.present import Head, present
from seglib.methods.shares import bounded

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

SAMPLE_ROWS = 6_000
BINS = 20
CLEAR, CLEAR_OF_TWO = 0.5, 2 / 3  # own centre more than all others together; twice as much as the only other one
QUARTILES = {"low": 0.25, "median": 0.5, "high": 0.75}


def _similarity(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn distances to all centres into shares of closeness that add up to 1.

    Parameters
    ----------
    apart : ndarray, shape (n, k)
        Distances, not squared.

    Returns
    -------
    ndarray, shape (n, k)
        exp(-d) over its sum, as in the gorge plot of R flexclust (Dolnicar, Grun & Leisch 2018, section 7.5.1).

    Examples
    --------
    >>> _similarity(np.array([[0.0, 0.0], [0.0, 99.0]])).round(3).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    near = np.exp(apart.min(axis=1, keepdims=True) - apart)
    return np.asarray(near / near.sum(axis=1, keepdims=True))


def closeness(segmentation: Segmentation, features: Features, floor: int = 10) -> pd.DataFrame:
    """Count customers by how close they are to the centre of each segment, members and others apart.

    Parameters
    ----------
    segmentation : Segmentation
    features : Features
        At most 6,000 customers are read, drawn by the hash of their pseudonym.
    floor : int
        Bars of fewer customers are left out.

    Returns
    -------
    DataFrame with segment, name, identity, low, high, members, others, clear_from, clear_share
        One row per segment and bar; members and others are shares of the customers read, clear_share the share of the
        members whose similarity to their own centre is at least clear_from: one half, and two thirds where there are
        only two segments, as there every member reaches one half.
    """
    values = features.values
    drawn = values.order_by(values.customer.cast("string").hexdigest("sha256")).limit(SAMPLE_ROWS).to_pandas()
    apart = np.sqrt(distances(segmentation.scorer.scaling.apply(drawn), np.array(segmentation.scorer.centres)))
    near, own = _similarity(apart), segmentation.scorer.label(drawn).to_numpy() - 1
    bars = np.minimum((near * BINS).astype(int), BINS - 1)
    edges = np.arange(BINS) / BINS
    clear_from = CLEAR if near.shape[1] > 2 else CLEAR_OF_TWO
    parts = []
    for place, row in enumerate(segmentation.segments.itertuples(index=False)):
        mine = own == place
        members, others = (np.bincount(bars[who, place], minlength=BINS) for who in (mine, ~mine))
        shown = {"members": members, "others": others}
        shares = {name: np.where(counts >= floor, counts, 0) / len(drawn) for name, counts in shown.items()}
        clear = float((near[mine, place] >= clear_from).mean()) if mine.any() else float("nan")
        about: dict[str, Any] = {"segment": row.segment, "name": row.name, "identity": row.identity}
        about |= {"clear_from": clear_from, "clear_share": clear, "clear": bounded([clear], mine.sum(), floor)[0]}
        parts.append(pd.DataFrame({**about, "low": edges, "high": edges + 1 / BINS, **shares}))
    return pd.concat(parts, ignore_index=True)


def clearness(close: pd.DataFrame) -> pd.DataFrame:
    """Show for each segment the share of its members who are clearly inside, from ``closeness``."""
    heads: dict[str, Head] = {"name": "segment", "clear": "members clearly inside"}
    return present(close.drop_duplicates("segment"), heads)


def spread(segmentation: Segmentation, features: Features) -> pd.DataFrame:
    """Compute the middle half of each criterion, for everyone and for each segment.

    Parameters
    ----------
    segmentation : Segmentation
    features : Features

    Returns
    -------
    DataFrame with segment (0 is everyone), name, identity, criterion, unit, low, median, high, log
        Quartiles in the criterion's unit, money in main units; log says whether the criterion has a long tail.
    """
    both = features.values.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    scales = segmentation.scorer.scaling.columns
    facts = {f"{s.name} {end}": both[s.name].quantile(level) for s in scales for end, level in QUARTILES.items()}
    frames = [both.aggregate(**facts).to_pandas().assign(segment=0)]
    frames.append(both.group_by("segment").aggregate(**facts).order_by("segment").to_pandas())
    wide = pd.concat(frames, ignore_index=True).set_index("segment")
    units = features.catalogue.set_index("name")["unit"]
    about = segmentation.segments.set_index("segment")[["name", "identity"]]
    parts = []
    for scale in scales:
        unit = str(units[scale.name])
        minor = features.minor_per_major if unit == "money" else 1
        ends = {end: wide[f"{scale.name} {end}"].astype("float64") / minor for end in QUARTILES}
        frame = pd.DataFrame(ends).join(about).reset_index()
        said = features.currency if unit == "money" else unit
        parts.append(frame.assign(criterion=scale.name, unit=said, log=scale.transform == "signed_log"))
    return pd.concat(parts, ignore_index=True)
