"""What the segmentation as a whole is worth, and when nobody can say."""

from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.evaluation.holdout import worth

SEGMENTS = pd.DataFrame({"segment": [1], "name": ["One"], "identity": [1]})


def asked(contacted=900, held=100, share=0.1, extra=0, touched=0, days=("2026-08-01",)):
    """An audience; everybody spent 10 or 20, those contacted `extra` more; some held out were contacted too."""
    arms = ["contact"] * contacted + ["holdout"] * held
    names = [f"c{i:04d}" for i in range(len(arms))]
    members = pd.DataFrame({"customer": names, "segment": 1, "arm": arms})
    amount = [1000 * (1 + i % 2) + (extra if arm == "contact" else 0) for i, arm in enumerate(arms)]
    orders = pd.DataFrame({"customer": names, "amount_minor": amount})
    orders = pd.concat([orders.assign(ordered_at=pd.Timestamp(day)) for day in days])
    sent = names[:contacted] + names[contacted : contacted + touched]
    contacts = pd.DataFrame({"customer": sent, "arm": "mail", "sent_at": pd.Timestamp("2026-07-05"), "cost_minor": 50})
    audience = SimpleNamespace(members=ibis.memtable(members), manifest={"holdout_share": share})
    plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nevaluation: {margin_share: 0.5}")
    run = SimpleNamespace(plan=plan, quarter=Quarter("2026Q3"), engine=Engine.open())
    tables = SimpleNamespace(orders=ibis.memtable(orders), contacts=ibis.memtable(contacts))
    table, said, notes = worth(run, tables, SimpleNamespace(segments=SEGMENTS), audience)
    assert [said] == [*notes[:1]]
    return table, notes


def test_extra_spending_of_those_contacted_is_found():
    """Five more each; the return takes off the cost of the contacts."""
    table, notes = asked(extra=500)
    whole = table[table["segment"] == 0].iloc[0]

    assert whole["revenue_effect"] == pytest.approx(5.0)
    assert whole["roi"] == pytest.approx(5.0 * 0.5 / 0.5 - 1)
    assert notes[0].endswith("(95% interval 3.95 EUR more to 6.05 EUR more; 900 against 100 customers): beyond chance.")


def test_what_a_standing_holdout_changed_before_is_not_taken_off():
    """The same five more in the quarter before: taken off as chance, they would hide what contact is worth."""
    table, _ = asked(extra=500, days=("2026-05-01", "2026-08-01"))

    assert table[table["segment"] == 0]["revenue_effect"].iloc[0] == pytest.approx(5.0)


def test_who_was_contacted_may_have_spent_less():
    """Five less each, said as less and not as minus five more."""
    assert (
        "spent 5.00 EUR less than one held out (95% interval 6.05 EUR less to 3.95 EUR less;" in asked(extra=-500)[1][0]
    )


def test_no_extra_spending_cannot_be_told_from_chance():
    """The same amounts on both sides."""
    assert "cannot tell, the difference can be chance. In who ordered the difference is +0.0 points" in asked()[1][0]


def test_S12_a_holdout_that_was_contacted_answers_nothing():
    """Twenty of the hundred got mail all the same."""
    table, notes = asked(extra=500, touched=20)

    assert table.empty
    assert notes[0].startswith("Worth of the segmentation: no control - description only; 20% of the 100 customers")


def test_R19_of_few_who_were_contacted_although_held_out_only_the_bound_is_told():
    """Seven of the hundred: the share would tell their number."""
    _, notes = asked(extra=500, touched=7)

    assert "under 10% of the 100 customers held out were contacted all the same" in notes[0]


def test_S10_a_holdout_of_the_wrong_size_blocks():
    """Ten per cent were planned, five are there."""
    table, notes = asked(contacted=1900)

    assert table.empty
    assert "blocked. 10.0% were to be held out, 5.0% are" in notes[0]


def test_the_first_quarter_has_no_holdout_yet():
    """There was no audience."""
    table, said, notes = worth(None, None, None, None)

    assert table.empty
    assert "no audience of last quarter" in said
    assert notes == (said,)
