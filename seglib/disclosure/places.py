"""Places as people may be told about: a city where enough live there, else its region, else its country."""

from __future__ import annotations

import pandas as pd

ELSEWHERE = "elsewhere"
UNKNOWN = "unknown"
MOST_PLACES = 60


def back_off(counts: pd.DataFrame, floor: int, most: int = MOST_PLACES) -> pd.Series[str]:
    """Name a place for each row of a table of places, so that no name stands for fewer people than the floor.

    Parameters
    ----------
    counts : DataFrame
        One row per place: the columns of its hierarchy from wide to narrow (such as country, region, city; missing
        where not known), last `customers`, 0 or more.
    floor : int
        Smallest number of customers that a name may stand for, at least 1.
    most : int
        At most so many names at the narrowest level, the largest ones.

    Returns
    -------
    Series of str, shape (n,), with the index of `counts`
        The narrowest level that is large enough. Who is left of a level goes one level up; who is left at the top is
        "elsewhere", which takes in the smallest name until it is large enough too. Who has no place at all is
        "unknown", and only these: a known place is never called unknown unless all places together are too few.

    Examples
    --------
    >>> rows = [("Peru", "Lima", 30), ("Peru", "Cusco", 4), ("Peru", "Puno", 7), ("Chile", "Arica", 2)]
    >>> counts = pd.DataFrame(rows, columns=["country", "city", "customers"])
    >>> back_off(counts, floor=10).tolist()
    ['Lima, Peru', 'elsewhere', 'elsewhere', 'elsewhere']
    >>> back_off(counts.replace({"customers": {7: 6, 2: 10}}), floor=10).tolist()
    ['Lima, Peru', 'rest of Peru', 'rest of Peru', 'Arica, Chile']
    """
    levels = [str(name) for name in counts.columns if name != "customers"]
    place = pd.Series(None, index=counts.index, dtype="object")
    known = counts[levels].notna().any(axis=1)
    for depth in range(len(levels), 0, -1):
        used = levels[:depth]
        open_rows = counts[place.isna() & counts[used[-1]].notna() & known]
        size = open_rows.groupby([open_rows[name].fillna("") for name in used])["customers"].sum()
        large = size[size >= floor].sort_values(ascending=False, kind="stable")
        large = large.head(most) if depth == len(levels) else large
        divided = set(_keys(counts.loc[place.notna(), used]))
        names = {key: ("rest of " if key in divided else "") + _name(key) for key in map(_tuple, large.index)}
        place = place.fillna(
            pd.Series([names.get(key) for key in _keys(open_rows[used])], open_rows.index, dtype="object")
        )
    place = place.mask(place.isna() & known, ELSEWHERE)
    return _merged(place.fillna(UNKNOWN), counts["customers"], floor).astype("str")


def _tuple(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def _keys(rows: pd.DataFrame) -> list[tuple[object, ...]]:
    return list(rows.fillna("").itertuples(index=False, name=None))


def _name(key: tuple[object, ...]) -> str:
    """Write a place with what it lies in, so that the two Birminghams stay apart."""
    return ", ".join(dict.fromkeys(str(part) for part in reversed(key) if part))


def _merged(place: pd.Series[str], customers: pd.Series[int], floor: int) -> pd.Series[str]:
    """Let "elsewhere" take in the smallest name until it is large enough, or no other is left."""
    while True:
        size = customers.groupby(place).sum().drop(UNKNOWN, errors="ignore")
        if not 0 < size.get(ELSEWHERE, 0) < floor:
            return place
        if len(size) == 1:
            return place.mask(place == ELSEWHERE, UNKNOWN)
        place = place.mask(place == size.drop(ELSEWHERE).sort_index().idxmin(), ELSEWHERE)
