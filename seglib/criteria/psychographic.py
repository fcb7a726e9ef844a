"""What customers answer in surveys: one criterion per item, on the scale of the plan's item dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core.special import special
from seglib.criteria.criterion import Clock, Criterion, Expression, first
from seglib.criteria.mix import slug
from seglib.criteria.sources import rows
from seglib.methods.survey import guess_scale

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.sections import Item

SCORES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0)}  # satisfaction is what we want to change: an outcome
STRAIGHT_ITEMS_MIN = 3
ITEMS_MAX = 40
ANSWERS_MAX = 10_000

CRITERIA = (
    Criterion(
        "survey_item_count",
        "psychographic",
        "items",
        "Different survey items answered in the window.",
        "answers",
        lambda t, _: t.item.nunique(),
        needs=("feedback.item",),
        role="descriptor",
        whole=True,
        absent=0,
        follows=True,
    ),
)


@dataclass(frozen=True)
class Scale:
    """One item of the surveys with the scale that its answers are read on.

    Parameters
    ----------
    item : str
        Its key in the feedback table.
    low, high : float
        Answers outside are codes, not answers.
    reverse : bool
        Whether a high answer means little; it is turned round.
    missing : tuple of float
        Codes on the scale that mean no answer.
    meaning : str
        What the plan says about it.
    special : bool
        Whether it is a special category, by its name or because the plan says so.
    declared : bool
        Whether the plan gives the scale; else it was guessed from the answers.
    answered, outside : int
        Answers of the window that are read, and codes that are not.
    """

    item: str
    low: float
    high: float
    reverse: bool
    missing: tuple[float, ...]
    meaning: str
    special: bool
    declared: bool
    answered: int
    outside: int

    @property
    def name(self) -> str:
        """Name of its criterion."""
        return f"{slug(self.item)}_answer"

    @property
    def unit(self) -> str:
        """The scale, as people say it."""
        return f"{self.low:g} to {self.high:g}"

    def read(self, answer: Any) -> Any:
        """Whether an answer of the engine, or of a frame, lies on the scale."""
        return answer.between(self.low, self.high) & ~answer.isin(self.missing or [self.low - 1])


def scales(collection: Collection, clock: Clock, dictionary: Mapping[str, Item]) -> tuple[Scale, ...]:
    """Find the items that were answered in the window, and the scale of each.

    Parameters
    ----------
    collection : Collection
    clock : Clock
        Moment and window.
    dictionary : mapping from item to Item
        ``criteria.items`` of the plan. Where it gives no scale, `guess_scale` finds one; nps is 0 to 10, csat 1 to 5.

    Returns
    -------
    tuple of Scale
        In the order of the alphabet; at most 40, those with most answers.
    """
    if not collection.has("feedback", "item"):
        return ()
    asked = rows("feedback", "answered_at")(collection, clock)
    known = asked.filter(asked.answer.notnull(), asked.item.notnull())
    counted = known.group_by("item", "answer").aggregate(n=known.count())
    frame: pd.DataFrame = counted.order_by(counted.n.desc(), "item", "answer").limit(ANSWERS_MAX).to_pandas()
    most = frame.groupby("item")["n"].sum().sort_values(ascending=False, kind="stable").head(ITEMS_MAX)
    given = {str(item): rows.set_index("answer")["n"] for item, rows in frame.groupby("item") if item in most}
    return tuple(_scale(item, given[item], dictionary.get(item)) for item in sorted(given))


def _scale(item: str, given: pd.Series[int], stated: Item | None) -> Scale:
    codes = stated.missing if stated else ()
    answers = given[~given.index.isin(codes)]
    low, high = SCORES.get(item) or (guess_scale(answers) if len(answers) else (0.0, 1.0))
    low = stated.low if stated and stated.low is not None else low
    high = stated.high if stated and stated.high is not None else high
    read = int(answers[(answers.index >= low) & (answers.index <= high)].sum())
    return Scale(
        item=item,
        low=float(low),
        high=float(high),
        reverse=bool(stated and stated.reverse),
        missing=tuple(codes),
        meaning=stated.meaning if stated else "",
        special=special(item) or bool(stated and stated.special),
        declared=bool(stated and stated.low is not None and stated.high is not None),
        answered=read,
        outside=int(given.sum()) - read,
    )


def answers(found: Sequence[Scale]) -> tuple[Criterion, ...]:
    """Make one criterion per item, and one that flags straight lines where enough items share a scale."""
    items = tuple(_criterion(scale) for scale in found)
    alike = straight_items(found)
    return (*items, _straight(alike)) if alike else items


def unanswered(dictionary: Mapping[str, Item], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Name the items of the plan that nobody answered in the window: a misspelt one hides a scale."""
    names = {criterion.name for criterion in criteria}
    idle = [item for item in dictionary if f"{slug(item)}_answer" not in names]
    return (f"criteria.items: nobody answered {', '.join(idle)} in the window.",) if idle else ()


def straight_items(found: Sequence[Scale]) -> tuple[Scale, ...]:
    """Choose the items on which a straight line can be seen: at least three of the most common scale, scores aside."""
    usable = [scale for scale in found if scale.item not in SCORES and not scale.special]
    units = pd.Series([scale.unit for scale in usable], dtype="object").value_counts()
    if not len(units) or units.max() < STRAIGHT_ITEMS_MIN:
        return ()
    common = min(str(unit) for unit in units[units == units.max()].index)
    return tuple(scale for scale in usable if scale.unit == common)


def _criterion(scale: Scale) -> Criterion:
    score = scale.item in SCORES
    turned = ", turned round" if scale.reverse else ""
    meaning = scale.meaning.rstrip(".") or f"Last answer to '{scale.item}'"
    return Criterion(
        scale.name,
        "psychographic",
        scale.unit,
        f"{meaning}, {scale.unit}{turned}.",
        "answers",
        _last_answer(scale),
        role="outcome" if score else "segmentation",
        sensitivity="special" if scale.special else "personal",
        level=scale.item,
    )


def _last_answer(scale: Scale) -> Expression:
    def value(t: Any, clock: Clock) -> Any:
        age = ibis.timestamp(clock.as_of).delta(t.answered_at, unit="microsecond")
        answer = first(t.answer, age, (t.item == scale.item) & scale.read(t.answer))
        return scale.low + scale.high - answer if scale.reverse else answer

    return value


def _straight(alike: Sequence[Scale]) -> Criterion:
    items, scale = [scale.item for scale in alike], alike[0]

    def value(t: Any, _: Clock) -> Any:
        read = t.item.isin(items) & t.answer.between(scale.low, scale.high)
        enough = t.item.nunique(where=read) >= STRAIGHT_ITEMS_MIN
        return enough.ifelse((t.answer.nunique(where=read) == 1).cast("int64"), ibis.null("int64"))

    return Criterion(
        "straight_line_flag",
        "psychographic",
        "1 is yes",
        f"Gave one and the same answer to all of at least {STRAIGHT_ITEMS_MIN} items on the scale {scale.unit}.",
        "answers",
        value,
        role="descriptor",
        whole=True,
        level="straight lines",
    )
