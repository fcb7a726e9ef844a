"""Motivations, goals and challenges: what members answered in surveys, and which question would measure the rest."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from seglib.collection import Collection

SCORES = ("nps", "csat")  # satisfaction, not needs
FAMILY = "psychographic"
PER_KIND = 3


class Kind(NamedTuple):
    """One kind of need: the column of the card, how its survey items begin, and the question that would measure it."""

    name: str
    starts: tuple[str, ...]
    item: str
    question: str


KINDS = (
    Kind("motivations", ("motive_", "motivation_", "value_"), "motive_price", "How much does the price decide?"),
    Kind("goals", ("goal_", "aim_"), "goal_saving_time", "How much do you want us to save you time?"),
    Kind(
        "challenges",
        ("challenge_", "barrier_", "pain_", "worry_"),
        "barrier_delivery",
        "How often does the delivery keep you from ordering?",
    ),
)


def unasked(kind: Kind) -> str:
    """Say that nobody was asked, and which question would measure it.

    Examples
    --------
    >>> unasked(KINDS[1])
    "not measured: ask 'How much do you want us to save you time?' as item goal_saving_time in feedback.csv"
    """
    return f"not measured: ask '{kind.question}' as item {kind.item} in feedback.csv"


def answers(collection: Collection, as_of: datetime, customers: pd.Series[str]) -> pd.DataFrame:
    """Give the mean answer of each customer to each survey item, one column per item, in the order of `customers`.

    Parameters
    ----------
    collection : Collection
        Its feedback before `as_of` counts; NPS and CSAT are left out.
    as_of : datetime
    customers : Series
        Pseudonyms; the index of the result is theirs.
    """
    if collection.feedback is None:
        return pd.DataFrame(index=customers.index)
    asked = collection.feedback.filter(lambda t: t.answer.notnull() & t.item.notin(SCORES) & (t.answered_at < as_of))
    mean = (asked.answer * 1000).round().cast("int64").sum() / asked.count()
    rows = asked.group_by("customer", "item").agg(answer=mean / 1000.0).to_pandas()
    wide = rows[rows["customer"].isin(customers)].pivot(index="customer", columns="item", values="answer")
    aligned = wide.reindex(customers).set_index(customers.index)
    ordered: pd.DataFrame = aligned[sorted(aligned.columns)].rename_axis(columns=None)
    return ordered


def catalogue(items: list[str]) -> pd.DataFrame:
    """Describe survey items as criteria are described."""
    rows = [(item, FAMILY, "points", "number", f"Survey answer on {item.replace('_', ' ')}.", False) for item in items]
    return pd.DataFrame(rows, columns=["name", "family", "unit", "kind", "meaning", "clusters"])


def told(found: pd.DataFrame, asked: pd.DataFrame, segment: pd.Series[int], floor: int) -> pd.DataFrame:
    """Write, per segment, what its members answered of each kind: the answers that set them apart, with evidence.

    Parameters
    ----------
    found : DataFrame
        Lines that pass, from `compare`.
    asked : DataFrame
        From `answers`.
    segment : Series
        Segment of each row of `asked`.
    floor : int
        Fewer answers say nothing.

    Returns
    -------
    DataFrame
        segment, motivations, goals, challenges.
    """
    rows = []
    for number in sorted(segment.unique()):
        own = found[found["segment"] == number] if len(found) else found
        row: dict[str, object] = {"segment": number}
        for kind in KINDS:
            items = [item for item in asked.columns if item.startswith(kind.starts)]
            row[kind.name] = _said(kind, own, asked.loc[segment == number, items], floor)
        rows.append(row)
    return pd.DataFrame(rows, columns=["segment", *(kind.name for kind in KINDS)])


def _said(kind: Kind, own: pd.DataFrame, asked: pd.DataFrame, floor: int) -> str:
    if not len(asked.columns):
        return unasked(kind)
    n = int(asked.count().max())
    if n < floor:
        return f"not measured: fewer than {floor} members answered"
    best = own[own["column"].isin(asked.columns)].sort_values("effect", key=abs, ascending=False).head(PER_KIND)
    words = [
        f"{str(row['column']).split('_', 1)[1].replace('_', ' ')} {row['value_segment']:.1f} on average; everyone: "
        f"{row['value_everyone']:.1f} (effect {row['effect']:+.1f}, {row['effect_low']:+.1f} to "
        f"{row['effect_high']:+.1f}; n = {row['n']:,})"
        for row in best.to_dict("records")
    ]
    return "; ".join(words) or f"no answer sets them apart (n = {n:,})"
