"""Follow segments from one number of segments to the next."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from seglib.methods.clusterers import Fit
from seglib.methods.stability import crossed


def flows(fits: Mapping[int, Fit]) -> pd.DataFrame:
    """Say which segments of a division come from which segments of the next coarser one.

    Parameters
    ----------
    fits : mapping from k to Fit
        Divisions of the same rows, in ascending k.

    Returns
    -------
    DataFrame
        One row per pair of segments that share a customer: k, segment, from_segment (both count from 1),
        customers_count, share (of the segment's customers that come from there), level_stability. The last is the
        segment level stability across solutions, 1 - H / log(k before) with the entropy H of the shares (Dolnicar &
        Leisch 2017): 1 when all come from one segment, 0 when they come from all segments alike.

    Examples
    --------
    >>> two, three = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    >>> fits = {2: Fit(two, np.zeros((2, 1)), 0.0), 3: Fit(three, np.zeros((3, 1)), 0.0)}
    >>> flows(fits)[["segment", "from_segment", "customers_count"]].values.tolist()
    [[1, 1, 2], [2, 2, 1], [3, 2, 1]]
    """
    frames = [_flow(coarse, fine) for coarse, fine in pairwise(fits.values())]
    columns = ["k", "segment", "from_segment", "customers_count", "share", "level_stability"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _flow(coarse: Fit, fine: Fit) -> pd.DataFrame:
    counts = crossed(fine.labels, coarse.labels, fine.k, coarse.k)
    share = counts / np.maximum(counts.sum(axis=1), 1)[:, None]
    entropy = -np.sum(share * np.log(np.where(share > 0, share, 1.0)), axis=1)
    segment, source = np.nonzero(counts)
    return pd.DataFrame(
        {
            "k": fine.k,
            "segment": segment + 1,
            "from_segment": source + 1,
            "customers_count": counts[segment, source],
            "share": share[segment, source],
            "level_stability": (1 - entropy / np.log(coarse.k))[segment],
        }
    )
