"""What customers divide their money, orders and visits between: one criterion per common word of the study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seglib.criteria.criterion import Clock, Criterion, Expression
from seglib.criteria.sources import rows

if TYPE_CHECKING:
    from seglib.collection.collection import Collection

NAME_LENGTH = 30
WORDS_MAX = 10_000


@dataclass(frozen=True)
class Mix:
    """One way to divide: by category, order channel, or channel of a visit.

    Parameters
    ----------
    name, meaning : str
        Of the criteria that it makes; ``{}`` stands for the word.
    source : str
        Prepared table with customer, word and weight.
    table, time, column : str
        Where the words are found.
    needs : tuple of str
    most : int
        At most so many words, those of most rows.
    """

    name: str
    meaning: str
    source: str
    table: str
    time: str
    column: str
    needs: tuple[str, ...]
    most: int


MIXES = (
    Mix(
        "spent_on_{}_share",
        "Share of money spent on {} in the window, {{money}}.",
        "categories",
        "orders",
        "ordered_at",
        "category",
        ("orders.category",),
        6,
    ),
    Mix(
        "orders_by_{}_share",
        "Share of orders placed through {} in the window.",
        "channels",
        "orders",
        "ordered_at",
        "channel",
        ("orders.channel",),
        4,
    ),
    Mix(
        "sessions_from_{}_share",
        "Share of sessions of the window that came from {}.",
        "sessions",
        "events",
        "event_at",
        "channel",
        ("events.channel", "events.session_id"),
        5,
    ),
)


def mixes(collection: Collection, clock: Clock, use: Sequence[str] = ()) -> tuple[Criterion, ...]:
    """Make the criteria of the words that are common in the window, and of those that the plan names.

    Parameters
    ----------
    collection : Collection
    clock : Clock
        Moment and window.
    use : sequence of str
        ``criteria.use`` of the plan: its words are kept although they may have become rare.

    Returns
    -------
    tuple of Criterion
        In the order of `MIXES`, the most common word first; ties go to the first in the alphabet.
    """
    made: dict[str, Criterion] = {}
    for mix in MIXES:
        if all(collection.has(*need.split(".")) for need in mix.needs):
            for place, word in enumerate(_words(mix, collection, clock)):
                name = mix.name.format(slug(word))
                if name not in made and slug(word) and (place < mix.most or name in use):
                    made[name] = _criterion(mix, name, word)
    return tuple(made.values())


def _words(mix: Mix, collection: Collection, clock: Clock) -> list[str]:
    """List the words of the window, the most common first."""
    inside = rows(mix.table, mix.time)(collection, clock)
    known = inside.filter(inside[mix.column].notnull()).select(word=inside[mix.column])
    counted = known.group_by("word").aggregate(n=known.count())
    return [str(word) for word in counted.order_by(counted.n.desc(), "word").limit(WORDS_MAX).to_pandas()["word"]]


def _criterion(mix: Mix, name: str, word: str) -> Criterion:
    return Criterion(name, "behavioural", "share", mix.meaning.format(word), mix.source, _share_of(word), level=word)


def _share_of(word: str) -> Expression:
    return lambda t, _: t.weight.sum(where=t.word == word).fill_null(0) / t.weight.sum().nullif(0)


def slug(word: str) -> str:
    """Write a word so that it can be part of a column's name.

    Examples
    --------
    >>> slug("Home & Garden"), slug(" Büro/Papier "), slug("!")
    ('home_garden', 'büro_papier', '')
    """
    return re.sub(r"[\W_]+", "_", word.casefold())[:NAME_LENGTH].strip("_")
