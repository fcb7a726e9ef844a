"""Who made an event: machines are set aside, and visitors who are known by name later were themselves before."""

from pathlib import Path
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.core.delivered import Rules
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.intake import Intake, take_in
from seglib.core.intake.visitors import by_whom
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.run import Run

AS_OF = Quarter("2026Q3").as_of
ENGINE = Engine.open()
COLUMNS = ["customer", "visitor_id", "event_at", "agent"]


def looked(rows, **rules):
    """Customer, whether a machine, of events in the order in which they are given; and the notes."""
    frame = pd.DataFrame(rows, columns=COLUMNS).assign(source_file="e.csv", source_line=range(2, len(rows) + 2))
    frame["event_at"] = pd.to_datetime(frame["event_at"], format="ISO8601")
    table = ibis.memtable(frame.astype(dict.fromkeys(("customer", "visitor_id", "agent"), "string")))
    plan = SimpleNamespace(rules=Rules(**rules))
    desk = SimpleNamespace(run=SimpleNamespace(plan=plan), engine=ENGINE, as_of=AS_OF, notes=[])
    found = ENGINE.frame(by_whom(desk, table).order_by("source_line"))
    names = [None if pd.isna(name) else name for name in found["customer"]]
    return names, found["bot"].tolist(), desk.notes


def test_a_visitor_is_the_customer_whom_the_same_browser_was_within_the_days():
    """Before and after signing in; not a month earlier, and not where nobody ever signed in."""
    rows = [
        (None, "v1", "2026-07-01 09:00", None),
        (None, "v1", "2026-08-10 09:00", None),
        ("ann", "v1", "2026-08-12 10:00", None),
        (None, "v1", "2026-08-20 09:00", None),
        (None, "v2", "2026-08-12 09:00", None),
        (None, None, "2026-08-12 09:00", None),
    ]
    names, _, (note,) = looked(rows, visitor_days=30)

    assert names == [None, "ann", "ann", "ann", None, None]
    assert (note.code, note.count) == ("V33", 2)
    assert note.what == (
        "5 events named nobody; so many are those of the one customer whom the same visitor was within 30 days (40%)"
    )


def test_nobody_is_named_unless_the_plan_says_so():
    """Whose browser it was is a fact about a person: 0 days, as it is without the rule, leave it alone."""
    names, _, notes = looked([(None, "v1", "2026-08-12", None), ("ann", "v1", "2026-08-12", None)])

    assert names == [None, "ann"]
    assert notes == []


def test_a_browser_that_two_customers_use_tells_nothing():
    """A family's tablet."""
    rows = [("ann", "v1", "2026-08-12", None), (None, "v1", "2026-08-12", None), ("bob", "v1", "2026-08-14", None)]

    assert looked(rows, visitor_days=30)[0] == ["ann", None, "bob"]


def test_what_lies_after_the_quarter_tells_nothing_of_a_visitor():
    """Ann signed in on 2 October only."""
    rows = [(None, "v1", "2026-09-29", None), ("ann", "v1", "2026-10-02", None)]

    assert looked(rows, visitor_days=30)[0] == [None, "ann"]


def test_machines_give_themselves_away_by_their_word_or_by_their_number():
    """A crawler says so; eleven events of one visitor on one day are more than ten; a blank is nobody."""
    rows = [
        ("ann", "v1", "2026-08-12", "Mozilla/5.0 (compatible; SomeBot/2.1)"),
        ("ann", "v1", "2026-08-12", "Mozilla"),
    ]
    rows += [(None, "v2", f"2026-08-12 09:{n:02}", None) for n in range(11)]
    rows += [(None, None, f"2026-08-12 09:{n:02}", None) for n in range(11)]
    _, bots, _ = looked(rows, bot_events_per_day=10)

    assert bots == [True, False] + [True] * 11 + [False] * 11
    assert not any(looked(rows[1:], bot_events_per_day=None)[1])
    assert looked(rows[:2], bot_words=["mozilla"])[1] == [True, True]


def test_what_a_machine_did_tells_nothing_of_a_visitor():
    """A crawler under Ann's session is no sign of Ann."""
    rows = [("ann", "v1", "2026-08-12", "crawler"), (None, "v1", "2026-08-12", None)]

    assert looked(rows, visitor_days=30)[0] == ["ann", None]


def by_hand(rows, days):
    """The same rule in plain words of Python."""
    names, gap = [], pd.Timedelta(days=days)
    for who, visitor, at, _ in rows:
        mine = [(w, pd.Timestamp(t)) for w, v, t, _ in rows if w and v == visitor and pd.Timestamp(t) < AS_OF]
        owners = {w for w, _ in mine}
        near = any(abs(pd.Timestamp(at) - t) <= gap for _, t in mine)
        known = not who and visitor and len(owners) == 1 and near and pd.Timestamp(at) < AS_OF
        names.append(owners.pop() if known else who)
    return names


EVENTS = st.tuples(
    st.sampled_from([None, None, "ann", "bob"]),
    st.sampled_from([None, "v1", "v2"]),
    st.integers(0, 100).map(lambda n: f"2026-07-{1 + n % 31:02} 12:00" if n % 9 else "2026-10-03 12:00"),
    st.none(),
)


@given(rows=st.lists(EVENTS, min_size=1, max_size=14), days=st.integers(1, 20))
@settings(max_examples=20, deadline=None)
def test_the_engine_names_whom_a_plain_loop_names(rows, days):
    """On any few events, several at one moment among them."""
    assert looked(rows, visitor_days=days)[0] == by_hand(rows, days)


ORDERS = "customer_id,order_id,ordered_at,amount\nann,1,2026-08-20,5\nbob,2,2026-08-21,5\n"
LINES = """customer_id,event_at,event,visitor_id,agent
,2026-08-19 09:00,view,v1,Mozilla
ann,2026-08-20 09:00,cart,v1,Mozilla
,2026-08-20 10:00,view,v9,Googlebot
bob,2026-08-20 10:00,view,v3,Googlebot
,2026-08-20 11:00,view,v4,Mozilla
"""


def test_visitors_and_machines_are_counted_and_no_sign_of_a_browser_leaves_intake(tmp_path, monkeypatch):
    """Ann's view before she signed in counts as hers; two events of machines and one of nobody are set aside."""
    sources = tmp_path / "data" / "acme" / "sources"
    sources.mkdir(parents=True)
    (sources / "orders.csv").write_text(ORDERS)
    (sources / "events.csv").write_text(LINES)
    head = "study: acme\nsynthetic: true\nconsent: {basis: contract}\nrules: {visitor_days: 7}\n"
    plan = f"{head}sources: {{orders: {{file: orders.csv}}, events: {{file: events.csv}}}}\n"
    (tmp_path / "data" / "acme" / "plan.yml").write_text(plan)
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    run = Run.open("acme", "2026Q3")
    take_in(run)
    intake = run.read(Intake)
    told = intake.findings.query("file == 'events'").set_index("code")["count"].to_dict()
    kept = [*Path(run.place("00_intake")).rglob("*.parquet")]

    assert run.engine.frame(intake.events)["event"].value_counts().to_dict() == {"view": 1, "cart": 1}
    assert {code: told[code] for code in ("V33", "V34", "V21")} == {"V33": 1, "V34": 2, "V21": 1}
    assert not any({"visitor_id", "agent"} & {*pd.read_parquet(path).columns} for path in kept)
    assert (run.data / "private" / "set_aside" / "2026Q3.csv").read_text().count("events of machines") == 2


@pytest.mark.parametrize("rule", ["visitor_days: 400", "bot_events_per_day: 3"])
def test_days_and_numbers_that_make_no_sense_are_refused(rule):
    """A visitor after a year is another one; a person makes more than three events a day."""
    with pytest.raises(InputRefused, match=f"rules.{rule.partition(':')[0]}"):
        Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\nrules: {{{rule}}}")
