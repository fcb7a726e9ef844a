"""Motivations, goals and challenges: what members answered in surveys, and which question would measure the rest."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from seglib.core.steady import steady_column

FAMILY, ENDING = "psychographic", "_answer"
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


def _unasked(kind: Kind) -> str:
    """Say that nobody was asked, and which question would measure it.

    Examples
    --------
    >>> _unasked(KINDS[1])
    "not measured: ask 'How much do you want us to save you time?' as item goal_saving_time in feedback.csv"
    """
    return f"not measured: ask '{kind.question}' as item {kind.item} in feedback.csv"


def answers(sample: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Give the survey answers among the criteria: one column per item, named as the item.

    Parameters
    ----------
    sample : DataFrame
        One row per customer, one column per criterion.
    catalogue : DataFrame
        name, family and role of the criteria. Scales, codes for no answer and what is too private to use were settled
        with the criteria; NPS and CSAT are outcomes there.

    Examples
    --------
    >>> sample = pd.DataFrame({"order_count": [1], "goal_time_answer": [4.0]})
    >>> rows = [("order_count", "rfm", "segmentation"), ("goal_time_answer", "psychographic", "segmentation")]
    >>> answers(sample, pd.DataFrame(rows, columns=["name", "family", "role"])).columns.tolist()
    ['goal_time']
    """
    known = (catalogue["family"] == FAMILY) & catalogue["name"].str.endswith(ENDING) & (catalogue["role"] != "outcome")
    found: pd.DataFrame = sample[sorted(catalogue.loc[known, "name"])].astype("float64")
    return found.rename(columns=lambda name: name.removesuffix(ENDING))


def catalogue(items: list[str]) -> pd.DataFrame:
    """Describe survey items as criteria are described."""
    rows = [(item, FAMILY, "points", "number", f"Survey answer on {item.replace('_', ' ')}.") for item in items]
    described = pd.DataFrame(rows, columns=["name", "family", "unit", "kind", "meaning"])
    return described.assign(clusters=False, follows=False)


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
        return _unasked(kind)
    n = int(asked.count().max())
    if n < floor:
        return f"not measured: fewer than {floor} members answered"
    best = (
        own[own["column"].isin(asked.columns)]
        .sort_values("effect", key=lambda effect: steady_column(effect.abs()), ascending=False, kind="stable")
        .head(PER_KIND)
    )
    words = [
        f"{str(row['column']).split('_', 1)[1].replace('_', ' ')} {row['value_segment']:.1f} on average; others: "
        f"{row['value_others']:.1f} (effect {row['effect']:+.1f}, {row['effect_low']:+.1f} to "
        f"{row['effect_high']:+.1f}; n = {row['n']:,})"
        for row in best.to_dict("records")
    ]
    return "; ".join(words) or f"no answer sets them apart (n = {n:,})"
