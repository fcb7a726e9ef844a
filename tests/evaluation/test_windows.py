"""Messages whose time crosses the end of a quarter count in one quarter, by segments that stood before them."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import ibis
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.core.quarters import Quarter
from seglib.core.sections import Evaluation
from seglib.evaluation.campaigns import outcomes
from seglib.evaluation.standing import UNPLACED, placed
from seglib.journeys.answers import _offers
from seglib.objectives.facts import _mailed

FIRST = Quarter("2026Q1")
QUARTERS = FIRST.through(Quarter("2027Q2"))
DAYS = 200  # of sends, from the first day of 2026 on


def mails(days: list[int]) -> pd.DataFrame:
    """One e-mail per customer, so many days after the start of 2026."""
    at = [datetime(2026, 1, 1) + timedelta(days=day) for day in days]
    names = [f"c{place}" for place in range(len(days))]
    table = pd.DataFrame({"customer": names, "campaign": "mail", "arm": "offer", "channel": "email", "sent_at": at})
    return table.assign(cost_minor=1)


@given(days=st.lists(st.integers(0, DAYS), min_size=1, max_size=30), length=st.integers(1, 150))
@settings(max_examples=3, deadline=None)
def test_each_contact_is_evaluated_in_exactly_one_quarter(days: list[int], length: int) -> None:
    """Over six quarters effects, answers by e-mail and ways to a purchase each count every contact once."""
    sent, nobody = ibis.memtable(mails(days)), pd.DataFrame({"customer": ["x"], "ordered_at": [datetime(2020, 1, 1)]})
    orders = ibis.memtable(nobody.assign(amount_minor=1))
    members = ibis.memtable(pd.DataFrame({"customer": [f"c{place}" for place in range(len(days))], "segment": 1}))
    counted = {"effects": 0, "mails": 0, "offers": 0}
    for quarter in QUARTERS:
        counted["effects"] += int(outcomes(sent, orders, quarter, length)[0].count().execute())
        counted["mails"] += int(_mailed(sent, orders, quarter, length).email_count.sum().fill_null(0).execute())
        followed = SimpleNamespace(table=members, start=quarter.start, as_of=quarter.as_of)
        counted["offers"] += int(_offers(sent, followed, Evaluation(outcome_days=length))[0].count().execute())

    assert counted == dict.fromkeys(counted, len(days))


def segments(rows: dict[str, int], identities: dict[int, int]):
    """Labels of customers, and which lasting identity each segment has."""
    labels = pd.DataFrame({"customer": list(rows), "segment": list(rows.values())})
    named = pd.DataFrame({"segment": list(identities), "identity": list(identities.values())})
    return SimpleNamespace(labels=ibis.memtable(labels), segments=named)


def test_a_message_is_read_by_the_segments_that_stood_before_it() -> None:
    """June's message by March's segments under their identity now, July's by June's; else by none."""
    sent = [("june", "2026-06-20"), ("july", "2026-07-02"), ("new", "2026-07-02"), ("gone", "2026-06-20")]
    people = ibis.memtable(pd.DataFrame(sent, columns=["customer", "sent_at"]).astype({"sent_at": "datetime64[us]"}))
    fixed = segments({"june": 2, "july": 2, "gone": 1}, {1: 10, 2: 20})
    earlier = segments({"june": 2, "gone": 3}, {2: 10, 3: 30})
    found = placed(people, Quarter("2026Q3"), fixed, datetime(2026, 7, 1), earlier).to_pandas()

    assert found.set_index("customer")["segment"].to_dict() == {"june": 1, "july": 2, "new": UNPLACED, "gone": UNPLACED}


def test_in_a_first_quarter_no_segment_stood_before_any_message() -> None:
    """Segments made at the end of the quarter hold the orders that followed the message."""
    people = ibis.memtable(pd.DataFrame({"customer": ["a"], "sent_at": [datetime(2026, 7, 2)]}))
    found = placed(people, Quarter("2026Q3"), segments({"a": 1}, {1: 1}), datetime(2026, 10, 1), None)

    assert found.to_pandas()["segment"].tolist() == [UNPLACED]
