"""Numbers and categories in one space: a word of a category becomes a column of its own."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from seglib.methods.scaling import DIGITS, ColumnScale, Scaling


def with_categories(scaling: Scaling, frame: pd.DataFrame, smallest_share: float = 0.05) -> Scaling:
    """Add the words of categories, so that each category weighs as much as one number.

    A word is 1 where it holds, minus its share p, over sqrt(p): the coordinates of multiple correspondence
    analysis and of the factor analysis of mixed data (Pagès 2004), all of them, so that nearest centre stays
    arithmetic. They are further divided by sqrt(levels - 1), which gives every category a total variance of 1.

    Parameters
    ----------
    scaling : Scaling
        Of the numbers.
    frame : DataFrame of str, shape (n, q)
        One column per category.
    smallest_share : float, 0 to 1
        Rarer words get no column of their own: they count as none of the others.

    Returns
    -------
    Scaling
        A category of which fewer than two words are common is listed as constant.

    Examples
    --------
    >>> frame = pd.DataFrame({"country": ["DE", "DE", "FR", "FR"]})
    >>> with_categories(Scaling(()), frame).apply(frame).round(3).tolist()
    [[0.707, -0.707], [0.707, -0.707], [-0.707, 0.707], [-0.707, 0.707]]
    """
    found = {str(name): _words(frame[name], smallest_share) for name in frame.columns}
    added = [scale for scales in found.values() for scale in scales]
    constant = tuple(name for name, scales in found.items() if not scales)
    return Scaling((*scaling.columns, *added), (*scaling.constant, *constant))


def _words(column: pd.Series[Any], smallest_share: float) -> list[ColumnScale]:
    shares = column.value_counts(normalize=True, sort=False).sort_index()
    common = shares[(shares >= smallest_share) & (shares < 1)]
    if len(common) < 2:
        return []
    weight = math.sqrt(len(common) - 1)
    return [
        ColumnScale(
            str(column.name), "identity", 0.0, round(p, DIGITS), round(math.sqrt(p) * weight, DIGITS), str(word)
        )
        for word, p in common.items()
    ]
