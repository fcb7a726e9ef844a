"""From campaign to answer to purchase, on rows that can be read and on the households of a real grocer."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.sections import Evaluation
from seglib.core.visits import visits_only
from seglib.journeys.answers import NO_CAMPAIGN, NO_CONTACTS, NO_CONTROL, ways
from seglib.journeys.tables import Tables

START, AS_OF = datetime(2026, 7, 1), datetime(2026, 10, 1)
DAY = timedelta(days=1)


def followed(people: dict[str, int], start=START, as_of=AS_OF):
    """Customers and their segments, fixed before the quarter."""
    table = ibis.memtable(pd.DataFrame({"customer": list(people), "segment": list(people.values())}))
    return SimpleNamespace(table=table, start=start, as_of=as_of)


def study(contacts, events, orders, columns=("campaign",)):
    """Tables of (customer, campaign, arm, day sent, days it runs), (customer, campaign, day) and (customer, day)."""
    on = lambda days: [START + DAY * day for day in days]  # noqa: E731  # one line per table reads better
    sent = pd.DataFrame(contacts, columns=["customer", "campaign", "arm", "day", "runs"])
    sent = sent.assign(sent_at=on(sent["day"]), ends_at=on(sent["day"] + sent["runs"])).drop(columns=["day", "runs"])
    seen = pd.DataFrame(events, columns=["customer", "campaign", "day"])
    seen = seen.assign(event="coupon_redeemed", event_at=on(seen.pop("day")))
    paid = pd.DataFrame(orders, columns=["customer", "day"])
    paid = paid.assign(ordered_at=on(paid.pop("day")))
    paid["ordered_on"] = paid["ordered_at"].dt.date
    tables = {"contacts": sent, "events": seen, "orders": paid}
    return SimpleNamespace(has=lambda _, c: c in columns, **{n: ibis.memtable(t) for n, t in tables.items()})


SMALL = study(
    contacts=[
        ("a", "x", "sent", 0, 30),
        ("b", "x", "sent", 0, 30),
        ("c", "x", "sent", 0, 30),
        ("d", "x", "control", 0, 30),  # held back: sent nothing
        ("e", "x", "sent", -35, 30),  # over before the quarter
        ("f", "y", "sent", 80, 30),  # still running on the last day
    ],
    events=[
        ("a", "x", 5),  # answers in time
        ("b", "x", 30),  # the offer has just ended
        ("c", "y", 5),  # another campaign's coupon
        ("d", "x", 5),
        ("f", "y", 85),
    ],
    orders=[("a", 4), ("a", 5), ("b", 29), ("c", 30), ("d", 5), ("f", 86)],
)
PEOPLE = dict.fromkeys("abcdef", 1)


def test_a_way_counts_answers_to_the_same_campaign_in_time():
    """Of three who were sent an offer one redeemed it in time, and bought; two bought while it ran."""
    rows, notes = ways(SMALL, followed(PEOPLE), Evaluation(), floor=1)

    assert rows.set_index("step")[["customers", "n"]].to_numpy().tolist() == [[1, 3], [1, 1], [2, 3]]
    assert rows.loc[0, ["share", "low", "high"]].tolist() == pytest.approx([1 / 3, 0.0615, 0.7923], abs=5e-5)
    assert notes[1] == "Customers with an offer that still ran on the last day, which is not counted: 1."


def test_S12_without_a_control_it_says_description_only():
    """Where nobody was held back, no word of effect; where somebody was, notebook 09 measures it."""
    sent = SMALL.contacts.filter(SMALL.contacts.arm == "sent")
    alone = SimpleNamespace(has=SMALL.has, contacts=sent, events=SMALL.events, orders=SMALL.orders)

    assert ways(alone, followed(PEOPLE), Evaluation(), 1)[1][0] == NO_CONTROL
    assert "notebook 09" in ways(SMALL, followed(PEOPLE), Evaluation(), 1)[1][0]


def test_an_offer_without_an_end_lasts_as_long_as_outcomes_are_measured():
    """Where contacts carry no end, the plan's outcome_days stand in: 31 days let customer b in."""
    contacts = SMALL.contacts.drop("ends_at")
    open_ended = SimpleNamespace(has=SMALL.has, contacts=contacts, events=SMALL.events, orders=SMALL.orders)
    rows, _ = ways(open_ended, followed(PEOPLE), Evaluation(outcome_days=31), floor=1)

    assert rows.set_index("step")["customers"].tolist() == [2, 1, 3]


def test_R16_few_customers_stay_blank_and_do_not_show_as_a_denominator():
    """Five of fifty redeem: a bound below a floor of ten, and no row names them as a denominator."""
    people = [f"c{n}" for n in range(50)]
    given = study(
        [(who, "x", "sent", 0, 30) for who in people],
        [(who, "x", 3) for who in people[:5]],
        [(who, 4) for who in people[:30]],
    )
    rows, _ = ways(given, followed(dict.fromkeys(people, 1)), Evaluation(), floor=10)
    rows = rows.set_index("step")

    assert rows.loc["answered", "event"] == "other kinds"  # a word of five customers is not shown
    assert rows.loc["bought", ["customers", "n", "said"]].tolist() == [30, 50, "60.0%"]
    assert rows.loc["answered", ["customers", "share", "low"]].isna().all()
    assert rows.loc["answered", ["n", "said"]].tolist() == [50, "under 20.0%"]
    assert "answered and bought" not in rows.index


def test_R10_a_kind_of_few_customers_is_counted_among_other_kinds():
    """Twelve redeem a coupon and three of them write something that names a person: the word is nowhere."""
    people = [f"c{n}" for n in range(30)]
    given = study([(w, "x", "sent", 0, 30) for w in people], [(w, "x", 3) for w in people[:12]], [(people[0], 4)])
    rare = given.events.filter(given.events.customer.isin(people[:3])).mutate(event=ibis.literal("for Anna Maier"))
    given.events = ibis.union(given.events, rare)
    rows, _ = ways(given, followed(dict.fromkeys(people, 1)), Evaluation(), floor=10)

    assert rows["event"].tolist() == ["coupon_redeemed", "coupon_redeemed", "other kinds", ""]
    assert rows.loc[rows["event"] == "other kinds", "said"].tolist() == ["under 33.3%"]


def test_R16_all_but_a_few_is_a_bound():
    """Forty-five of fifty redeem: that only five did not stays unsaid, and so does the row of the forty-five."""
    people = [f"c{n}" for n in range(50)]
    given = study([(w, "x", "sent", 0, 30) for w in people], [(w, "x", 3) for w in people[:45]], [(people[0], 4)])
    rows, _ = ways(given, followed(dict.fromkeys(people, 1)), Evaluation(), floor=10)

    assert rows["step"].tolist() == ["answered", "bought"]
    assert rows["said"].tolist() == ["over 80.0%", "under 20.0%"]


def test_a_study_without_campaigns_in_events_says_which_column_would_help():
    """The cell is a sentence that names the column, or the table."""
    bare = study([], [], [("a", 1)], columns=())
    rows, notes = ways(bare, followed(PEOPLE), Evaluation(), 10)
    alone = SimpleNamespace(has=SMALL.has, contacts=None, events=SMALL.events)
    shown = Tables()
    shown.answers, shown.answer_notes = rows, notes

    assert shown.answered() == NO_CAMPAIGN
    assert "column campaign in events" in NO_CAMPAIGN
    assert ways(alone, followed(PEOPLE), Evaluation(), 10)[1] == (NO_CONTACTS,)


def test_a_coupon_at_a_till_is_no_step_of_a_visit():
    """Events that answer a campaign leave the sessions, but a visit that came by a campaign stays."""
    frame = pd.DataFrame({"event": ["visit", "coupon_redeemed", "view"], "campaign": ["x", "x", None]})

    assert visits_only(ibis.memtable(frame)).order_by("event").to_pandas()["event"].tolist() == ["view", "visit"]


def test_the_ways_of_real_households_equal_a_count_by_hand(shared_data):
    """The Complete Journey, third quarter of 2017, three arbitrary segments: every number is counted twice."""
    read = lambda name: pd.read_parquet(shared_data(f"completejourney/{name}.parquet"))  # noqa: E731  # one line reads better
    start, as_of = datetime(2017, 7, 1), datetime(2017, 10, 1)
    sent = read("campaigns").merge(read("campaign_descriptions"), on="campaign_id")
    redeemed, orders = read("coupon_redemptions"), read("transactions_sample")
    people = {house: int(house) % 3 + 1 for house in orders["household_id"].unique()}
    end = sent["end_date"] + DAY
    contacts = sent.assign(customer=sent["household_id"], campaign=sent["campaign_id"], arm="sent")
    contacts = contacts.assign(sent_at=sent["start_date"], ends_at=end)
    names = {"household_id": "customer", "campaign_id": "campaign", "redemption_date": "event_at"}
    events = redeemed.rename(columns=names).assign(event="coupon_redeemed")
    paid = orders.rename(columns={"household_id": "customer", "transaction_timestamp": "ordered_at"})
    paid["ordered_on"] = paid["ordered_at"].dt.date
    tables = {"contacts": contacts, "events": events, "orders": paid}
    given = SimpleNamespace(has=lambda *_: True, **{n: ibis.memtable(t) for n, t in tables.items()})
    rows, _ = ways(given, followed(people, start, as_of), Evaluation(), floor=1)
    found = {(r.segment, r.step): (r.customers, r.n) for r in rows.itertuples()}

    by_hand: dict[tuple[int, str], set[str]] = {}
    days = {who: sorted(part) for who, part in paid.groupby("customer")["ordered_at"]}
    coupons = {pair: sorted(part) for pair, part in events.groupby(["customer", "campaign"])["event_at"]}
    inside = contacts[(end > start) & (end <= as_of)]
    for row in inside[inside["customer"].isin(list(people))].itertuples():
        count = lambda what, who=row.customer: by_hand.setdefault((people[who], what), set()).add(who)  # noqa: E731  # one line reads better
        bought = [at for at in days[row.customer] if row.sent_at <= at < row.ends_at]
        used = [at for at in coupons.get((row.customer, row.campaign), []) if row.sent_at <= at < row.ends_at]
        count("sent")
        _ = count("bought") if bought else None
        _ = count("answered") if used else None
        _ = count("answered and bought") if used and any(at.date() >= used[0].date() for at in bought) else None
    size = {pair: len(who) for pair, who in by_hand.items()}

    assert sum(size[s, "answered"] for s in (1, 2, 3)) > 100
    for segment in (1, 2, 3):
        assert found[segment, "answered"] == (size[segment, "answered"], size[segment, "sent"])
        assert found[segment, "bought"] == (size[segment, "bought"], size[segment, "sent"])
        assert found[segment, "answered and bought"] == (
            size[segment, "answered and bought"],
            size[segment, "answered"],
        )
