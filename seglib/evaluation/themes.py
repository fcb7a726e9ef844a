"""What customers write about, per segment: counts above the floor, and nothing from which the others follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.errors import Finding, PrivacyRefused
from seglib.core.special import special
from seglib.disclosure.small_cells import suppress
from seglib.personas.words import SPECIAL, sensitive

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

THEMES = ["theme", "segment", "name", "identity", "customers", "commented", "share"]
MANY = 10**9  # how many others there are is not published
OTHERS, ELSE = -1, 0  # customers without a segment of last quarter, who count for everybody only; everybody
BESIDE = "[^\\p{L}\\p{N}_]"


def count(run: Run, collection: Collection, fixed: Segmentation) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count the customers whose comments of the quarter name a theme of the plan, by segment.

    Parameters
    ----------
    run : Run
        Its plan declares the words of each theme (`evaluation.themes`).
    collection : Collection
    fixed : Segmentation

    Returns
    -------
    tuple of DataFrame and notes
        Columns `THEMES`; segment 0 is everybody; customers, commented and share are missing where they would show a
        group below the floor, or give one away.

    Raises
    ------
    PrivacyRefused
        R22, when a theme is about a special category of personal data.
    """
    themes, none = run.plan.evaluation.themes, pd.DataFrame(columns=THEMES)
    _refuse(themes)
    if collection.comments is None:
        return none, ("Themes of comments: the table feedback has no column comment.",) if themes else ()
    quarter, told = run.quarter, collection.comments
    now = told.filter((told.answered_at >= quarter.start) & (told.answered_at < quarter.as_of))
    if not themes:
        said = "Themes of comments: the plan declares none (evaluation.themes, words for each)."
        return none, (said,) if int(run.engine.scalar(now.count())) else ()
    counted = run.engine.frame(_by_segment(now, themes, fixed.labels))
    counted = counted.assign(segment=counted["segment"].fillna(OTHERS)).astype("int64").set_index("segment")
    return shown(counted.sort_index(), fixed.segments, run.plan.privacy.floor), _unmet(counted, run.plan.privacy.floor)


def _unmet(counted: pd.DataFrame, floor: int) -> tuple[str, ...]:
    """Say which themes hardly anybody wrote about: their words may be spelled otherwise in the comments.

    Examples
    --------
    >>> _unmet(pd.DataFrame({"commented": [90, 40], "theme delivery": [30, 9], "theme prise": [0, 0]}), 10)
    ("Themes of comments: fewer than 10 customers wrote a word of 'prise' (evaluation.themes): compare the ...",)
    """
    sums = {str(name): int(counted[name].sum()) for name in counted}
    few = [f"'{name.removeprefix('theme ')}'" for name in sums if name != "commented" and sums[name] < floor]
    what = f"fewer than {floor} customers wrote a word of {', '.join(few)} (evaluation.themes)"
    said = f"Themes of comments: {what}: compare the words with what customers write."
    return (said,) if few and sums["commented"] >= floor else ()


def _refuse(themes: Mapping[str, Sequence[str]]) -> None:
    """Refuse to count who writes about health, belief and the like.

    Examples
    --------
    >>> _refuse({"delivery": ["late"], "wellbeing": ["tired", "diabetes"]})
    Traceback (most recent call last):
    seglib.core.errors.PrivacyRefused: SEG-R22 a theme about a special category of personal data - plan.yml, ...
    """
    what = "a theme about a special category of personal data"
    found = [
        Finding("R22", what, f"plan.yml, evaluation.themes.{name}", do="leave it out: it would mark people by it")
        for name, words in themes.items()
        if any(special(word) or sensitive(word) in SPECIAL for word in (name, *words))
    ]
    if found:
        raise PrivacyRefused(found)


def pattern(words: Sequence[str]) -> str:
    r"""Write the regular expression of whole words; the plan admits letters, digits, hyphens and apostrophes only.

    Examples
    --------
    >>> pattern(["late", "Parcel"])
    '(^|[^\\p{L}\\p{N}_])(late|parcel)($|[^\\p{L}\\p{N}_])'
    """
    return f"(^|{BESIDE})({'|'.join(word.lower() for word in words)})($|{BESIDE})"


def _by_segment(comments: Table, themes: dict[str, tuple[str, ...]], labels: Table) -> Table:
    """Count per segment who commented, and who named each theme in any comment."""
    small = comments.comment.lower()
    hits = {f"theme {name}": small.re_search(pattern(words)).cast("int64") for name, words in themes.items()}
    each = comments.select("customer", **hits).group_by("customer")
    people = each.agg(**{name: (lambda t, name=name: t[name].max()) for name in hits})
    known = people.left_join(labels.select("customer", "segment"), "customer").drop("customer_right")
    sums = {name: known[name].sum().cast("int64") for name in hits}
    return known.group_by("segment").agg(commented=known.count(), **sums)


def shown(counted: pd.DataFrame, segments: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Blank what is small, and what would give it away.

    Parameters
    ----------
    counted : DataFrame
        Index: segment (-1: none of last quarter). Columns: commented, and "theme ..." with the customers who named it.
    segments : DataFrame
        segment, name, identity, customers.
    floor : int

    Returns
    -------
    DataFrame
        Columns `THEMES`, customers and commented as Int64.

    Notes
    -----
    Named and not named are the two columns of one table per theme, since the share tells both. Commented and silent
    are those of another; where it hides who commented in a segment, nothing else is said of that segment.
    """
    everybody = pd.DataFrame({"segment": [ELSE], "name": ["everybody"], "identity": [ELSE]})
    who = pd.concat([everybody, segments[["segment", "name", "identity"]]])
    asked = counted["commented"].reindex([*segments["segment"], OTHERS], fill_value=0)
    size = segments.set_index("segment")["customers"].reindex(asked.index, fill_value=MANY)
    closed = suppress(pd.DataFrame({"commented": asked, "silent": size - asked}), floor).any(axis=1)
    if asked.sum() < floor:
        return pd.DataFrame(columns=THEMES)
    rows = []
    for column in [name for name in counted.columns if name != "commented"]:
        named = counted[column].reindex(asked.index, fill_value=0)
        hidden = _hidden(named, asked, closed, floor)
        total = pd.Series({ELSE: named.sum()}), pd.Series({ELSE: asked.sum()})
        told = pd.DataFrame({"customers": pd.concat([named, total[0]]), "commented": pd.concat([asked, total[1]])})
        told = told.astype("Int64").assign(share=told["customers"] / told["commented"].where(told["commented"] > 0))
        told.loc[hidden[hidden].index, ["customers", "share"]] = pd.NA
        told.loc[closed[closed].index, "commented"] = pd.NA
        rows.append(told.rename_axis("segment").reset_index().assign(theme=column.removeprefix("theme ")))
    return pd.concat(rows).merge(who, on="segment")[THEMES].sort_values(["theme", "segment"], ignore_index=True)


def _hidden(named: pd.Series[int], asked: pd.Series[int], closed: pd.Series[bool], floor: int) -> pd.Series[bool]:
    """Say of each segment, and of everybody, whether the customers who named a theme must not be shown."""
    parts = pd.DataFrame({"named": named, "other": asked - named})
    unsafe = bool(parts.sum().between(1, floor - 1).any())
    cells = suppress(parts, floor).any(axis=1) | closed
    return pd.concat([cells.astype(bool) | unsafe, pd.Series({ELSE: unsafe}, dtype=bool)])
