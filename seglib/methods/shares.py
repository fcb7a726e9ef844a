"""Shares of people, written so that they tell no count of few, nor that all but a few are meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.disclosure.small_cells import ranges, suppress
from seglib.methods.present import Write, percent

Bools = npt.NDArray[np.bool_]


def of_few(share: Any, of: Any, floor: int) -> Bools:
    """Say where a share of so many people means from 1 to below the floor, or all but so few.

    Parameters
    ----------
    share : array-like of shares, 0 to 1
        NaN where nothing is known.
    of : array-like of int, or one int
        How many people each is a share of.
    floor : int
        Smallest number of people that may be told.

    Returns
    -------
    array of bool

    Examples
    --------
    >>> of_few([0.0, 0.05, 0.5, 0.95, 1.0, float("nan")], 100, 10).tolist()
    [False, True, False, True, False, False]
    """
    whole = np.asarray(of, dtype=float)
    with np.errstate(invalid="ignore"):
        count = np.round(np.asarray(share, dtype=float) * whole)
        few: Bools = ((count >= 1) & (count < floor)) | ((whole - count >= 1) & (whole - count < floor))
    return few


def bounded(share: Iterable[float], of: Any, floor: int, write: Write = percent) -> list[str]:
    """Write shares of people; where only few are meant, or all but a few, only the bound, "" where it tells nothing.

    Parameters
    ----------
    share : iterable of shares, 0 to 1
    of : array-like of int, or one int
        How many people each is a share of.
    floor : int
        Smallest number of people that may be told.
    write : callable
        Writes one share.

    Returns
    -------
    list of str
        "" where a share is not known, or of fewer people than the floor.

    Examples
    --------
    >>> bounded([0.0, 0.05, 0.5, 0.95], 100, 10)
    ['0.0%', 'under 10.0%', '50.0%', 'over 90.0%']
    >>> bounded([0.5], 8, 10)
    ['']
    """
    values = np.asarray(list(share), dtype=float)
    whole = np.broadcast_to(np.asarray(of, dtype=float), values.shape)
    return [
        _bound(float(one), float(n), floor, write, bool(hidden))
        for one, n, hidden in zip(values, whole, of_few(values, whole, floor), strict=True)
    ]


def _bound(share: float, whole: float, floor: int, write: Write, hidden: bool) -> str:
    if np.isnan(share) or np.isnan(whole) or 0 < whole < floor:
        return ""
    if not hidden:
        return write(share)
    edge = floor / whole
    return f"under {write(edge)}" if share * whole < floor - 0.5 else f"over {write(1 - edge)}"


def in_parts(
    share: pd.Series[float],
    of: pd.Series[float],
    floor: int,
    write: Write = percent,
    rest: tuple[float, float] = (0.0, 0.0),
) -> pd.Series[str]:
    """Write the shares of the parts of a whole whose share is told as well: bounds, and ranges where one would follow.

    Parameters
    ----------
    share : Series of shares, 0 to 1
        One for each part.
    of : Series of float
        People in each part.
    floor : int
        Smallest number of people that may be told.
    write : callable
        Writes one share.
    rest : tuple of float
        People of the whole who are in no part that is shown, and how many of these have it.

    Returns
    -------
    Series of str
        What `write` makes of the share where it may be told. A range leaves half the floor of people to either side, as
        those of `suppression.ranges` do; "" where the parts are too few to say even that.

    Examples
    --------
    >>> in_parts(pd.Series([0.02, 0.5, 0.4, 0.5]), pd.Series([150, 40, 90, 200]), 10).tolist()
    ['under 6.7%', '37.5% to 62.5%', '40.0%', '50.0%']
    >>> in_parts(pd.Series([0.02, 0.5]), pd.Series([150, 200]), 10, rest=(130.0, 56.0)).tolist()
    ['under 6.7%', '50.0%']
    """
    said, few = bounded(share.astype("float64"), of.astype("float64"), floor, write), of_few(share, of, floor)
    counts = _counts([*share, rest[1] / max(rest[0], 1.0)], [*of, rest[0]])
    whole, silent = counts.sum(axis=1), _silent(counts, floor)
    hidden = suppress(counts, floor, silent_rows=list(counts.index[silent]))
    low, high = (end["have"] / whole.where(whole > 0) for end in ranges(counts, hidden, floor))
    spans = [
        f"{write(start)} to {write(end)}" if np.isfinite(end) else ""
        for start, end in zip(low, high.clip(upper=1).where(np.isfinite(high)), strict=True)
    ]
    closed = (hidden.any(axis=1) & (whole >= floor)).to_numpy()[:-1] & ~few
    rows = zip(said, spans, closed, silent, strict=False)  # of the rest nothing is written
    texts = ["" if nothing else span if hide else text for text, span, hide, nothing in rows]
    return pd.Series(texts, share.index, dtype="object")


def _counts(share: Sequence[float], of: Sequence[float]) -> pd.DataFrame:
    whole = pd.Series(of, dtype="float64").fillna(0)
    having = (pd.Series(share, dtype="float64") * whole).round().fillna(0).clip(lower=0, upper=whole)
    counts = pd.DataFrame({"have": having, "have not": whole - having})
    sums = [(part.sum(), part.tolist(), str(name)) for name, part in counts.items()]
    return counts[[name for _, _, name in sorted(sums)]]  # one table for a share and for what it leaves


def _silent(counts: pd.DataFrame, floor: int) -> Bools:
    """Parts so small that a bound would tell nearly all: of their shares nothing is said."""
    whole = counts.sum(axis=1)
    few = ((counts > 0) & (counts < floor)).any(axis=1)
    silent: Bools = (few & (whole < 2 * floor)).to_numpy(dtype=bool)
    return silent
