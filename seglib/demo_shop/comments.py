"""What customers of the demo shop write in surveys: a few texts that many write, others that nobody writes twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seglib.demo_shop.orders import products
from seglib.demo_shop.people import Draw, Person, Row
from seglib.demo_shop.process import Q2, Q3

COMMENT_SHARE = 0.90  # of those who answer a survey
ALONE_SHARE = 0.10  # of comments, in a row without item and answer
SPELLINGS = (0.60, 0.15, 0.10, 0.10, 0.05)  # as planted, in small letters, with a full stop, a mark, more spaces


@dataclass(frozen=True)
class Said:
    """A text that many of a segment write.

    Parameters
    ----------
    text : str
    share : float
        Share of the segment's comments.
    themes : str
        Themes of the demo's plan that its words belong to, with a space between two.
    """

    text: str
    share: float
    themes: str = ""


LATE = "Delivery takes too long"
INVOICE, PACKS = Said("Please send one invoice a month", 0.36, "service"), Said("We need larger packs", 0.24)
SHARED = {
    "companies": (INVOICE, PACKS),
    "subscribers": (
        Said("I never have to think about it", 0.50),
        Said("A delivery every week is just right", 0.20, "delivery"),
    ),
    "loyal_regulars": (Said("Good quality, as always", 0.28), Said(LATE, 0.16, "delivery")),
    "bargain_hunters": (
        Said("I wait for the next offer", 0.24, "price"),
        Said("Delivery costs too much", 0.18, "delivery price"),
        Said("Cheap and good", 0.14, "price"),
    ),
    "newcomers": (Said("I did not know which size to take", 0.32, "range"), Said(LATE, 0.18, "delivery")),
    "sleeping": (
        Said("I did not need anything", 0.24),
        Said(LATE, 0.18, "delivery"),
        Said("I was ill for a while", 0.14),
    ),
}
OWN = (  # texts that nobody writes twice
    Said("My parcel with the {product} came {days} days late", 0.45, "delivery"),
    Said("The price of the {product} went up since {month}", 0.30, "price"),
    Said("I have had the {product} for {days} months and like it", 0.25),
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")


def comments(draw: Draw, everybody: Sequence[Person], feedback: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Let most of those who answered a survey write something beside their first answer.

    Parameters
    ----------
    draw : Draw
    everybody : sequence of Person
    feedback : sequence of Row
        Rows of feedback.csv with answers only.

    Returns
    -------
    tuple
        The same rows with comments, some comments in rows of their own; and rows of truth/comments.csv.
    """
    people = {person.customer_id: person for person in everybody}
    rows, counted, used, asked = [], Counter[tuple[str, str, str, str]](), set[str](), set[str]()
    for row in feedback:
        who, text = row["customer_id"], ""
        if who not in asked and draw.chance(COMMENT_SHARE):
            quarter, end = ("2026Q2", Q2) if row["answered_at"] < "2026-07-01" else ("2026Q3", Q3)
            segment = people[who].segment_on(end - 1)
            said, text = _written(draw, segment, used)
            counted[segment, said.text if said not in OWN else "", said.themes, quarter] += 1
        asked.add(who)
        alone = bool(text) and draw.chance(ALONE_SHARE)
        rows.append(row | {"comment": "" if alone else text})
        rows += [row | {"item": "", "answer": "", "comment": text}] if alone else []
    return rows, _truth(counted)


def _written(draw: Draw, segment: str, used: set[str]) -> tuple[Said, str]:
    """Draw what somebody writes: a text of the segment in one of its spellings, or one of their own."""
    shared = SHARED[segment]
    own = 1 - sum(said.share for said in shared)
    said = draw.pick((*shared, *OWN), (*(s.share for s in shared), *(own * s.share for s in OWN)))
    if said in shared:
        return said, _spelt(draw, said.text)
    while True:
        shelf = draw.pick(tuple(products().values()))
        words = {"product": draw.pick(shelf).name, "days": draw.whole(2, 30), "month": draw.pick(MONTHS)}
        text = said.text.format(**words)
        if text not in used:
            used.add(text)
            return said, text


def _spelt(draw: Draw, text: str) -> str:
    return draw.pick((text, text.lower(), f"{text}.", f"{text.upper()}!", text.replace(" ", "  ")), SPELLINGS)


def _truth(counted: Counter[tuple[str, str, str, str]]) -> list[Row]:
    """Count by segment, text and themes; texts of their own stand together, without the text."""
    kinds = dict.fromkeys(key[:3] for key in sorted(counted))
    return [
        {
            "segment": segment,
            "text": text,
            "themes": themes,
            "customers_2026Q2": str(counted[segment, text, themes, "2026Q2"]),
            "customers_2026Q3": str(counted[segment, text, themes, "2026Q3"]),
        }
        for segment, text, themes in kinds
    ]
