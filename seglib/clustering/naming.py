"""Names that say what a segment does, and identities that keep a name and its colour for ever."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.words import WORDS as WORDS
from seglib.clustering.words import untrue_word
from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady
from seglib.criteria.names import plain
from seglib.methods.matching import match

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation

CLEAR = 0.4  # a segment is called high or low in a criterion from this distance, in robust standard deviations
WORDS_MAX = 2
COLOURS = 8


SENSITIVE = re.compile(  # beginnings of words about what the law protects: no segment is named after them
    r"\b(?:health|sick|ill(?:ness)?\b|disease|diabet|cancer|pregnan|disab|depress|addict|christian|muslim|islam|jew|"
    r"hindu|buddhis|religio|catholic|protestant|atheis|ethnic|rac(?:e|ial)\b|migrant|refugee|foreigner|black people|"
    r"gay|lesbian|homosex|bisex|transgender|sexual|politic|left-wing|right-wing|voter|union member|criminal|convict|"
    r"poor\b|rich\b|mother|father|widow|divorc|elderly|old (?:men|women|people)|young (?:men|women|people))",
    re.IGNORECASE,
)


def neutral(names: Iterable[str], place: str) -> None:
    """Refuse names that say what the law protects or what nobody has measured.

    Parameters
    ----------
    names : iterable of str
        Names of segments and rules as the plan gives them.
    place : str
        Where they stand.

    Raises
    ------
    InputRefused
        R23, one finding per name.

    Examples
    --------
    >>> neutral(["Large orders"], "plan.yml, clustering.names")
    >>> neutral(["Young mothers"], "plan.yml, clustering.names")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-R23 a name about people, not ... - plan.yml, clustering.names - found: ...
    """
    do = "say what the customers of the segment do, for example: Frequent small baskets"
    what = "a name about people, not about what they do"
    wrong = [Finding("R23", what, place, found=name[:60], do=do) for name in names if SENSITIVE.search(name)]
    if wrong:
        raise InputRefused(wrong)


def default_names(
    deviations: pd.DataFrame, typical: pd.DataFrame | None = None, beside: pd.DataFrame | None = None
) -> list[str]:
    """Name segments after the criteria in which they stand out most.

    Parameters
    ----------
    deviations : DataFrame
        One row per segment, one column per criterion: distance of the segment's centre from the mean of all
        customers, in robust standard deviations.
    typical : DataFrame, optional
        The value of a typical member in the unit of the criterion, in the same rows and columns; a word that it
        contradicts is not used.
    beside : DataFrame, optional
        The same value less that of everyone; a word that only compares is used where both lie on its side: the centre
        and the typical member.

    Returns
    -------
    list of str
        One name per row. Two words at first; where two segments would share a name, the later one takes its next
        word, and a number when no word is left.

    Examples
    --------
    >>> default_names(pd.DataFrame({"order_count": [2.0, -1.0], "recency_days": [-0.1, 1.5]}))
    ['Frequent buyers', 'Long-quiet occasional buyers']
    """
    names: list[str] = []
    for label, row in deviations.iterrows():
        known, apart = ({} if each is None else each.loc[[label]].iloc[0].to_dict() for each in (typical, beside))
        names.append(_name(row, names, known, apart))
    return names


def _name(row: pd.Series[Any], taken: Sequence[str], typical: Mapping[Any, float], beside: Mapping[Any, float]) -> str:
    order = {word.criterion: place for place, word in enumerate(WORDS)}
    spoken = row[[name in order for name in row.index]]
    ranked = [str(name) for name in spoken.abs().sort_values(ascending=False, kind="stable").index]
    clear = [name for name in ranked if abs(row[name]) >= CLEAR and _holds(row[name], typical, beside, name)]
    for length in range(min(WORDS_MAX, len(clear)), len(clear) + 1):
        said = sorted(clear[:length], key=order.__getitem__)
        words = [WORDS[order[n]].said(row[n], typical.get(n)) for n in said]
        name = " ".join([*words, "buyers"]) if words else "typical buyers"
        name = name[0].upper() + name[1:]
        if name not in taken:
            return name
    return next(f"{name} {n}" for n in count(2) if f"{name} {n}" not in taken)


def _holds(away: float, typical: Mapping[Any, float], beside: Mapping[Any, float], criterion: str) -> bool:
    """Whether the typical member is on the side of everyone that a word speaks of, where it only compares."""
    word = next(word for word in WORDS if word.criterion == criterion)
    if criterion not in beside or not word.compares(word.said(away, typical.get(criterion))):
        return True
    return away * beside[criterion] > 0


def untrue(segmentation: Segmentation) -> dict[str, str]:
    """Find names that the numbers of this quarter contradict, kept from an earlier one; the plan's own are left alone.

    Parameters
    ----------
    segmentation : Segmentation

    Returns
    -------
    dict from name to the word that no longer holds, with the typical value that contradicts it.
    """
    names, own = segmentation.segments.set_index("segment")["name"], set(segmentation.own_names.values())
    rows = segmentation.centres
    everyone = rows[rows["segment"] == 0].set_index("criterion")["typical"].astype(float)
    found = {}
    for row in rows[rows["segment"] > 0].to_dict("records"):
        word = next((word for word in WORDS if word.criterion == row["criterion"]), None)
        name, of_all = str(names[row["segment"]]), everyone.get(row["criterion"], math.nan)
        if word and name not in own and (wrong := untrue_word(word, name, float(row["typical"]), of_all)):
            found[name] = f"“{wrong}”, but {plain(word.criterion)} of a typical member: {_value(row)}"
            found[name] += f", of everyone: {_value({**row, 'typical': of_all})}" if word.compares(wrong) else ""
    return found


def _value(row: Mapping[Any, Any]) -> str:
    return f"{row['typical']:.0%}" if row["unit"] == "share" else f"{row['typical']:,.0f}"


def why_named(segmentation: Segmentation, previous: Segmentation | None) -> pd.DataFrame:
    """Say where each name comes from, and in what its segment stands out most.

    Parameters
    ----------
    segmentation : Segmentation
    previous : Segmentation or None
        Last quarter's.

    Returns
    -------
    DataFrame
        segment, name comes from, stands out in (the distance of its centre from everyone, in robust standard
        deviations, where it is clear: two criteria, or none), and what contradicts a name, where something does.
    """
    before = set() if previous is None else set(previous.segments["name"])
    own = segmentation.own_names
    rows = []
    for segment, name in segmentation.segments[["segment", "name"]].itertuples(index=False):
        centre = segmentation.centres[segmentation.centres["segment"] == segment].set_index("criterion")["deviation"]
        far = centre[centre.abs() >= CLEAR].sort_values(key=abs, ascending=False, kind="stable").head(WORDS_MAX)
        said = ", ".join(f"{plain(str(criterion))} {away:+.1f}" for criterion, away in far.items())
        origin = "last quarter" if name in before else "the plan" if name in own.values() else "what it stands out in"
        rows.append((name, origin, said or f"nothing by {CLEAR} or more"))
    told = pd.DataFrame(rows, columns=["segment", "name comes from", "stands out in (steps from everyone)"])
    wrong = untrue(segmentation)
    return told.assign(**{"no longer true": told["segment"].map(wrong).fillna("")}) if wrong else told


def carried(crossed: pd.DataFrame) -> dict[int, str]:
    """Find the previous name of each segment by the customers they share (Hungarian method).

    Parameters
    ----------
    crossed : DataFrame
        name (previous segment), segment (this quarter), customers (in both).

    Returns
    -------
    dict from segment to previous name
        Only the segments whose overlap is large enough.

    Examples
    --------
    >>> carried(pd.DataFrame({"name": ["A", "B", "B"], "segment": [2, 1, 2], "customers": [9, 8, 1]}))
    {1: 'B', 2: 'A'}
    """
    each = crossed.loc[crossed.index.repeat(crossed["customers"])].reset_index(drop=True)
    names = match(each["name"], each["segment"]).names
    return {int(str(segment)): str(name) for segment, name in names.items() if name is not None}


def fill(kept: Sequence[str], fresh: Sequence[str]) -> list[str]:
    """Fill the gaps among the kept names with fresh ones that nobody has yet.

    Examples
    --------
    >>> fill(["New buyers", ""], ["Frequent buyers", "New buyers"])
    ['New buyers', 'New buyers 2']
    """
    taken = {name for name in kept if name}
    names = []
    for old, new in zip(kept, fresh, strict=True):
        numbered = (f"{new} {number}" for number in count(2))
        name = old or (new if new not in taken else next(n for n in numbered if n not in taken))
        taken.add(name)
        names.append(name)
    return names


def identify(names: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """Give every name its identity number, the old one where it has one.

    Parameters
    ----------
    names : sequence of str
        This quarter's names.
    known : mapping from name to identity
        Every name that was ever used in this study.

    Returns
    -------
    dict from name to identity
        The known ones and the new ones. A new number is one whose colour no other segment of this quarter has.

    Examples
    --------
    >>> identify(["New buyers", "Frequent buyers"], {"Frequent buyers": 1, "Old name": 2})
    {'Frequent buyers': 1, 'Old name': 2, 'New buyers': 3}
    """
    identities = dict(known)
    for name in names:
        if name not in identities:
            colours = {(identities[n] - 1) % COLOURS for n in names if n in identities}
            start = max(identities.values(), default=0) + 1
            free = (n for n in range(start, start + COLOURS) if (n - 1) % COLOURS not in colours)
            identities[name] = next(free, start)
    return identities


def deviations(centres: npt.ArrayLike, customers: npt.ArrayLike, criteria: Sequence[str]) -> pd.DataFrame:
    """Subtract the mean of all customers from the centres of the segments.

    Parameters
    ----------
    centres : array of shape (k, p)
    customers : array of shape (k,)
        Size of each segment.
    criteria : sequence of str, length p

    Returns
    -------
    DataFrame, one row per segment (index 1 to k), one column per criterion

    Examples
    --------
    >>> deviations([[2.0], [0.0]], [1, 3], ["order_count"])["order_count"].tolist()
    [1.5, -0.5]
    """
    rows = np.asarray(centres, dtype=float)
    everyone = np.average(rows, axis=0, weights=np.asarray(customers, dtype=float))
    return pd.DataFrame(steady(rows - everyone), columns=list(criteria), index=range(1, len(rows) + 1))
