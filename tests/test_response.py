"""What contacts changed, where the money goes, and how messages read."""

from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.content import messages, money, response
from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

QUARTER = Quarter("2026Q3")
TEXT = """
study: tea
title: Tea $hop
currency: GBP
sources: {orders: {file: o.csv}}
evaluation: {margin_share: 0.5, outcome_days: 30}
content:
  budget: 100
  segment_share_min: 0.1
  messages:
    hello: {subject: "$shop says hello", body: "Dear $first_name, try $product. $$5 off."}
  offers:
  - {name: Week, message: hello, segments: [A], cost: 0.5, cap_per_quarter: 2, tested_by: [spring]}
  - {name: Letter, message: hello, segments: [B], cost: 1, is_test: true}
  - {name: Hint, message: hello, cost: 0.5}
"""


def plan(text: str = TEXT) -> Plan:
    return Plan.parse(text)


def counted(rows: list[tuple[str, int, str, bool, int, int]]) -> pd.DataFrame:
    columns = ["campaign", "segment", "age", "treated", "n", "converted"]
    return pd.DataFrame(rows, columns=columns).assign(channel="email")


def test_the_effect_is_the_difference_of_the_shares_by_hand() -> None:
    """30 of 100 with and 20 of 100 without: ten points, Newcombe -2.0 to +21.7 (his method 10)."""
    found = response.compare(counted([("spring", 1, "", True, 100, 30), ("spring", 1, "", False, 100, 20)]), 10)
    row = found[(found["campaign"] == "spring") & (found["segment"] == 1)].iloc[0]

    assert row["effect"] == pytest.approx(0.1)
    assert (row["low"], row["high"]) == pytest.approx((-0.0200, 0.2165), abs=5e-4)


def test_campaigns_add_up_to_any_and_segments_to_everybody() -> None:
    """Two campaigns in two segments: the sums stand under any and 0; a small comparison is left out."""
    rows = [(c, s, "", t, 20, 5) for c in ("spring", "summer") for s in (1, 2) for t in (True, False)]
    found = response.compare(counted([*rows, ("tiny", 1, "", True, 5, 1), ("tiny", 1, "", False, 5, 1)]), 10)
    sizes = found.set_index(["campaign", "segment"])["n"].to_dict()

    assert sizes[("any", 0)] == 85
    assert sizes[("spring", 0)] == 40
    assert sizes[("spring", 2)] == 20
    assert ("tiny", 1) not in sizes


def test_campaigns_that_changed_nothing_do_not_add_up_to_an_effect() -> None:
    """A brings 5 % with and without, B 40 % with and without, with other splits: +28.6 points when they are added."""
    rows = [("A", 1, "", True, 100, 5), ("A", 1, "", False, 1000, 50)]
    rows += [("B", 1, "", True, 1000, 400), ("B", 1, "", False, 100, 40)]
    found = response.compare(counted(rows), 10).set_index(["campaign", "segment"])

    assert found["effect"].round(12).tolist() == [0.0] * len(found)
    assert found.loc[("any", 0), "low"] < -0.04 < 0.04 < found.loc[("any", 0), "high"]


def test_a_customer_of_two_campaigns_counts_once_in_all_together() -> None:
    """Forty customers were in both campaigns of one channel; the first one counts."""
    contacts = pd.concat([sent(40), sent(40).assign(campaign="later", sent_at=pd.Timestamp("2026-07-20"))])
    orders = pd.DataFrame({"customer": ["c000"], "ordered_at": [pd.Timestamp("2026-07-05")]})
    found = response.measure(collection(contacts, orders), None, pd.DataFrame(), plan(), QUARTER)
    row = found.set_index("campaign").loc["any"]

    assert (row["n"], row["n_control"]) == (20, 20)
    assert row["effect"] == pytest.approx(0.05)


def test_a_blocked_experiment_steers_nothing_and_is_named() -> None:
    """Planned halves, 200 to 100 seen; and a campaign in which every customer is in both arms."""
    uneven = sent(300).assign(arm=np.where(np.arange(300) % 3 == 0, "control", "offer"), campaign="uneven")
    both = pd.concat([sent(40).assign(arm=arm, campaign="both") for arm in ("control", "offer")])
    orders = pd.DataFrame({"customer": ["c001"], "ordered_at": [pd.Timestamp("2026-07-05")]})
    shop = collection(pd.concat([uneven, both, sent(40)]), orders)

    assert set(response.measure(shop, None, pd.DataFrame(), plan(), QUARTER)["campaign"]) == {"summer", "any"}
    assert response.barred(shop, plan(), QUARTER)[0].startswith("Left out of what contacts changed: both, uneven; ")


def test_that_nothing_was_measured_is_said_with_its_reason_and_no_other() -> None:
    """Blocked campaigns have a control and a finished window: nobody is told that these are missing."""
    orders = pd.DataFrame({"customer": ["c001"], "ordered_at": [pd.Timestamp("2026-07-05")]})
    shop = collection(sent(40), orders)
    without = SimpleNamespace(contacts=None)

    assert response.unmeasured(shop, ("Left out: uneven.",)) == ("No response has been measured.",)
    assert response.unmeasured(shop, ()) == (response.NO_CONTROL,)
    assert response.unmeasured(without, ()) == (response.NO_CONTACTS,)


def collection(contacts: pd.DataFrame, orders: pd.DataFrame, customers: pd.DataFrame | None = None) -> SimpleNamespace:
    tables = {"contacts": ibis.memtable(contacts), "orders": ibis.memtable(orders), "events": None}
    tables["customers"] = None if customers is None else ibis.memtable(customers)
    return SimpleNamespace(**tables, has=lambda table, name: tables.get(table) is not None)


def sent(count: int) -> pd.DataFrame:
    """Half contacted, half held back, on the first of July."""
    frame = pd.DataFrame({"customer": [f"c{n:03d}" for n in range(count)], "campaign": "summer", "channel": "email"})
    arms = np.where(np.arange(count) % 2 == 0, "offer", "control")
    return frame.assign(arm=arms, sent_at=pd.Timestamp("2026-07-01"), cost_minor=0)


def test_only_orders_inside_the_window_count_and_open_windows_are_left_out() -> None:
    """An order on day 10 counts, one on day 40 or before does not; a contact in late September is not over yet."""
    contacts = pd.concat([sent(4), sent(1).assign(customer="late", sent_at=pd.Timestamp("2026-09-20"))])
    days = {"c000": "2026-07-11", "c001": "2026-08-10", "c002": "2026-06-30", "late": "2026-09-21"}
    orders = pd.DataFrame({"customer": list(days), "ordered_at": pd.to_datetime(list(days.values()))})
    found = response.outcomes(ibis.memtable(contacts), ibis.memtable(orders), plan(), QUARTER).to_pandas()

    assert found.set_index("customer")["converted"].sort_index().to_dict() == {
        "c000": 1,
        "c001": 0,
        "c002": 0,
        "c003": 0,
    }


def test_last_quarters_segments_are_found_again_by_identity() -> None:
    """Segment 2 of last quarter is segment 1 now: its effect stands under 1."""
    contacts, orders = sent(40), pd.DataFrame({"customer": ["c000"], "ordered_at": [pd.Timestamp("2026-07-05")]})
    labels = ibis.memtable(contacts[["customer"]].assign(segment=2))
    before = SimpleNamespace(labels=labels, segments=pd.DataFrame({"segment": [1, 2], "identity": [5, 9]}))
    now = pd.DataFrame({"segment": [1, 2], "identity": [9, 7]})
    found = response.measure(collection(contacts, orders), before, now, plan(), QUARTER)

    assert sorted(set(found["segment"])) == [0, 1]
    assert found.set_index(["campaign", "segment"]).loc[("summer", 1), "effect"] == pytest.approx(0.05)


def test_without_contacts_nothing_is_measured_and_the_sentences_say_so() -> None:
    """No contacts, no events: empty frame, plain sentences."""
    nothing = SimpleNamespace(contacts=None, events=None, customers=None, has=lambda *_: False)
    found = response.measure(nothing, None, pd.DataFrame(), plan(), QUARTER)

    assert len(found) == 0
    assert response.by_age(found).startswith("Whether age decides which channel works cannot be tested")
    assert "cannot be tested" in response.social_by_age(nothing, QUARTER, 10)


def ages(young: float, old: float) -> pd.DataFrame:
    rows = [
        ("any", 0, age, True, 2000, round(2000 * (0.2 + e))) for age, e in (("under 35", young), ("55 and over", old))
    ]
    rows += [("any", 0, age, False, 2000, 400) for age in ("under 35", "55 and over")]
    frame = counted(rows).drop(columns="campaign").assign(campaign="summer")
    return response.compare(frame, 10)


def test_N3_a_planted_difference_by_age_is_found_and_none_is_not() -> None:
    """Fifteen points for the young and none for the old; then the same for both."""
    assert "The effect of email differs with age" in response.by_age(ages(0.15, 0.0))
    assert "does not differ with age as far as these data can tell" in response.by_age(ages(0.05, 0.05))


def actions() -> pd.DataFrame:
    rows = [(1, "A", "Week", 50, 200), (2, "B", "Letter", 100, 300), (3, "C", "Hint", 50, 100)]
    frame = pd.DataFrame(rows, columns=["segment", "name", "offer", "cost_minor", "customers"])
    return frame.assign(identity=frame["segment"], channel="email", cap_per_quarter=2, message="hello", stage="active")


def effects() -> pd.DataFrame:
    rows = [("spring", 1, 0.1, 0.05, 0.15), ("any", 0, 0.05, -0.01, 0.11)]
    frame = pd.DataFrame(rows, columns=["campaign", "segment", "effect", "low", "high"])
    return frame.assign(channel="email", age="", n=100, n_control=100)


def test_A5_money_goes_to_what_is_proven_and_a_little_to_the_test() -> None:
    """A: 5 points of a 20 pound order at half margin are 50 pence at least, cost 50: not more. At 24 pounds it pays."""
    just = money.divide(actions(), effects(), pd.Series({1: 2000.0, 2: 2000.0, 3: 2000.0}), plan())
    pays = money.divide(actions(), effects(), pd.Series({1: 2400.0, 2: 2000.0, 3: 2000.0}), plan())

    assert just["spent"].tolist() == [0.0, 1000.0, 0.0]
    assert pays["spent"].tolist() == [9000.0, 1000.0, 0.0]
    assert pays["why"].tolist() == ["even the lower end pays", "a test", "it may not pay"]
    assert pays["evidence"].tolist()[0] == "spring, this segment"


def test_without_a_margin_no_budget_is_divided() -> None:
    """What an order is worth has to be said."""
    text = TEXT.replace("margin_share: 0.5, ", "")

    assert len(money.divide(actions(), effects(), pd.Series({1: 1.0}), plan(text))) == 0


def test_a_message_is_filled_in_and_a_dollar_stays_one() -> None:
    """The shop's own name holds a dollar; the first name is left to the sender."""
    best = pd.DataFrame({"segment": [1], "rank": [1], "category": ["Oolong"]})
    shown = messages.preview(actions(), best, plan()).set_index("name")

    assert shown.loc["A", "subject"] == "Tea $hop says hello"
    assert shown.loc["A", "body"] == "Dear [first name], try Oolong. $5 off."
    assert "our bestsellers" in shown.loc["B", "body"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("$product", "$produkt", r"no word called '\$produkt'.*messages.hello.body.*did you mean 'product'"),
        ("$$5", "$5", r"a single \$ in a text.*write \$\$"),
        ("message: hello, cost: 0.5}", "message: helo, cost: 0.5}", "offer without a text.*did you mean 'hello'"),
    ],
)
def test_P05_texts_and_keys_resolve(old: str, new: str, sentence: str) -> None:
    """A word that does not exist, a lone dollar, and an offer whose message nobody wrote."""
    with pytest.raises(InputRefused, match=sentence):
        messages.check(plan(TEXT.replace(old, new)).content)
