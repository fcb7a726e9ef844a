"""What a card may quote: texts that enough members wrote, never what may name somebody."""

from datetime import datetime
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.plan import Plan
from seglib.personas.quotes import quotable, quotes

AS_OF = datetime(2026, 10, 1)
PLAN = Plan.parse("study: tea\nsources: {orders: {file: o.csv}}\nprivacy: {floor: 3}\ncriteria: {window_days: 365}")
SEGMENTS = pd.DataFrame({"segment": [1, 2], "name": ["One", "Two"]})
HAS = {"feedback": ("item", "answer", "comment")}


def said(*texts, day="2026-08-01", present=HAS, segments=SEGMENTS):
    """Ask for quotes: the first five customers are in segment 1, the next five in segment 2; one text for each."""
    names = [f"c{i}" for i in range(10)]
    labels = ibis.memtable(pd.DataFrame({"customer": names, "segment": [1] * 5 + [2] * 5}))
    rows = [(who, pd.Timestamp(day), text) for who, text in zip(names, texts, strict=False) if text]
    table = pd.DataFrame(rows, columns=["customer", "answered_at", "comment"]).astype({"comment": "str"})
    collection = SimpleNamespace(comments=ibis.memtable(table) if "comment" in present.get("feedback", ()) else None,
                                 present=present)  # fmt: skip
    return quotes(segments, labels, collection, PLAN, AS_OF)


def test_P2_a_text_of_enough_members_is_quoted_with_its_count():
    """Four wrote it with other spaces, capitals and marks: in the spelling of most, once."""
    found, notes = said("Too late", "too  late.", "TOO LATE!", "Too late", "Good tea")

    assert found.to_numpy().tolist() == [[1, "One", "Too late", 4]]
    assert notes == (
        "A card quotes a text only where at least 3 customers of its segment wrote it, apart from spaces, capitals and "
        "the last mark.",
    )


def test_two_members_of_each_segment_are_not_enough():
    """Four customers wrote it, but no segment reaches the floor alone."""
    found, notes = said("Too late", "Too late", None, None, None, "Too late", "Too late")

    assert found.empty
    assert notes == (
        "Cards quote nobody: no text that may be quoted was written by at least 3 customers of a segment.",
    )


def test_one_member_who_writes_it_thrice_is_one():
    """Rows are not customers."""
    labels = ibis.memtable(pd.DataFrame({"customer": ["a"], "segment": [1]}))
    rows = pd.DataFrame({"customer": "a", "answered_at": pd.Timestamp("2026-08-01"), "comment": ["Too late"] * 3})
    found, _ = quotes(SEGMENTS, labels, SimpleNamespace(comments=ibis.memtable(rows), present=HAS), PLAN, AS_OF)

    assert found.empty


@pytest.mark.parametrize("day", ["2025-09-30", "2026-10-01"])
def test_comments_outside_the_window_are_not_quoted(day):
    """A day more than a year old, and the first moment after the quarter."""
    assert said("Too late", "Too late", "Too late", day=day)[0].empty


@pytest.mark.parametrize(
    "text",
    [
        "Ask ann@example.com", "Call me at 0151 234 5678", "Order 00123456 never came", "See https://example.com/u",
        "I was ill for a while", "My mother liked it", "Cheap and good", "Es ist gut für die Gesundheit",
    ],
)  # fmt: skip
def test_R10_what_may_name_somebody_or_touches_a_special_category_is_not_quoted(text):
    """Enough members wrote it all the same; the note counts it and does not repeat it."""
    found, notes = said(*[text] * 5)

    assert found.empty
    assert notes[-1].endswith("are not quoted: 1.")
    assert not any(text.lower() in note.lower() for note in notes)


def test_ordinary_numbers_and_words_may_be_quoted():
    """Days, sizes, a motherboard."""
    assert all(map(quotable, ("it took 14 days", "size 42 is sold out", "a new motherboard", "order 2 of 3 came")))


def test_a_segment_without_a_card_is_not_quoted():
    """Segment 1 is too small or not stable."""
    assert said(*["Too late"] * 5, segments=SEGMENTS[1:])[0].empty


@pytest.mark.parametrize(
    ("present", "note"),
    [
        ({}, "Cards quote nobody: there is no table feedback. One with a column comment would allow it."),
        ({"feedback": ("item",)}, "Cards quote nobody: the table feedback has no column comment."),
    ],
)
def test_the_note_says_what_is_lacking(present, note):
    """No table, or no column."""
    found, notes = said(present=present)

    assert found.empty
    assert notes == (note,)
