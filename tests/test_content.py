"""Content: one offer or an explicit none for everybody, its cost, and what is bought next."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib import content
from seglib.content import content_plan, next_best, playbook, stakes
from seglib.content.money import BRINGS, against_equal, discreet
from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

QUARTER = Quarter("2026Q3")
SEGMENTS = pd.DataFrame({"segment": [1, 2], "name": ["Regulars", "Sleepers"], "identity": [3, 1]})
FIT = SEGMENTS.assign(customers=[12, 12], revenue_share=0.5, usable=True, why="large and stable enough")
OFFERS = """
content:
  budget: 100
  offers:
  - {name: tea week, message: tea_1, stages: [active], segments: [Regulars], cost: 0.5, cap_per_quarter: 2}
  - {name: hello, message: hello_1, stages: [active, new], channel: social}
"""


def plan(more: str = OFFERS) -> Plan:
    """Parse a plan with offers."""
    return Plan.parse("study: tea\ncurrency: GBP\nsources: {orders: {file: orders.csv}}\nprivacy: {floor: 10}\n" + more)


def counts(**stages: int) -> pd.DataFrame:
    """Count the customers of both segments in the stages named."""
    rows = [(segment, stage, n) for segment in (1, 2) for stage, n in stages.items()]
    return pd.DataFrame(rows, columns=["segment", "stage", "customers"])


def test_every_segment_and_stage_has_exactly_one_row():
    """Two segments and five stages are ten rows, whatever the plan offers."""
    for text in (OFFERS, ""):
        actions = playbook.choose(SEGMENTS, counts(active=20), plan(text), "2026Q3")

        assert len(actions) == 10
        assert not actions.duplicated(["segment", "stage"]).any()


def test_the_first_offer_that_fits_wins():
    """Regulars who are active get the special offer, sleepers the general one, lapsed ones an explicit none."""
    actions = playbook.choose(SEGMENTS, counts(active=20), plan(), "2026Q3").set_index(["name", "stage"])

    assert actions.loc[("Regulars", "active"), "offer"] == "tea week"
    assert actions.loc[("Sleepers", "active"), "offer"] == "hello"
    assert actions.loc[("Sleepers", "lapsed"), ["offer", "why"]].tolist() == [
        "none",
        "no offer of the plan names this stage and segment",
    ]


def test_an_offer_carries_purpose_cost_test_and_hypothesis():
    """Social needs consent to ads; half a pound is 50 pence; the test's name is always the same."""
    actions = playbook.choose(SEGMENTS, counts(active=20), plan(), "2026Q3").set_index(["name", "stage"])

    assert actions.loc[("Sleepers", "new"), "purpose"] == "ads"
    assert actions.loc[("Regulars", "active"), ["cost_minor", "cap_per_quarter", "test"]].tolist() == [
        50,
        2,
        "2026Q3-01-active",
    ]
    assert "measured by the share who order, against the hold-out" in actions.loc[("Regulars", "active"), "hypothesis"]


def test_P05_unknown_stage_in_an_offer():
    """A stage that does not exist is refused with the place and the nearest name."""
    wrong = plan("content: {offers: [{name: back, message: b, stages: [atrisk]}]}")

    with pytest.raises(InputRefused, match=r"no stage called 'atrisk' - plan.yml, content.offers\[0\].*'at_risk'"):
        playbook.choose(SEGMENTS, counts(active=20), wrong, "2026Q3")


def test_the_budget_is_customers_times_cost_times_cap():
    """20 regulars at 0.50, twice: 20 pounds of a budget of 100; the last row is the sum."""
    actions = playbook.choose(SEGMENTS, counts(active=20), plan(), "2026Q3")
    frame = playbook.budget(actions, plan())

    assert frame["cost_minor"].tolist() == [2000, 0, 2000]
    assert frame["share"].tolist() == [0.2, 0.0, 0.2]
    assert frame["customers"].tolist() == [20, 20, 40]


def bought(categories: list[str], customers: int = 12, column: str = "category") -> ibis.Table:
    """Let each customer buy one category after the other, 30 days apart, the last one in the quarter."""
    rows = [
        (f"c{who:02d}", date(2026, 7, 15) - timedelta(days=30 * back), item)
        for who in range(customers)
        for back, item in enumerate(reversed(categories))
    ]
    frame = pd.DataFrame(rows, columns=["customer", "ordered_on", column]).assign(amount_minor=100)
    frame["order_id"] = frame["customer"] + frame["ordered_on"].astype(str)
    return ibis.memtable(frame.assign(ordered_at=pd.to_datetime(frame["ordered_on"])))


def planned(
    orders: ibis.Table, column: str = "category", text: str = OFFERS, segments: pd.DataFrame = FIT
) -> content.ContentPlan:
    """Plan for twelve active regulars."""
    names = [f"c{who:02d}" for who in range(12)]
    labels = ibis.memtable(pd.DataFrame({"customer": names, "segment": 1}))
    stage_of = ibis.memtable(pd.DataFrame({"customer": names, "stage": "active"}))
    tables = dict.fromkeys(("contacts", "events", "customers"))
    collection = SimpleNamespace(orders=orders, has=lambda table, name: name == column, **tables)
    segmentation = SimpleNamespace(labels=labels, segments=segments)
    return content.plan_content(collection, segmentation, SimpleNamespace(stage_of=stage_of), plan(text), QUARTER)


def test_S01_S04_a_loose_or_small_segment_gets_no_offer_unless_the_plan_opts_in():
    """The regulars are not stable: no offer, no message, no next purchase, and the sentence counts them."""
    loose, bought_by_them = FIT.assign(usable=[False, True], why="not stable"), bought(["tea", "cups", "tea"])
    strict = planned(bought_by_them, segments=loose)
    opted = planned(bought_by_them, text=OFFERS + "\nclustering: {use_unstable: true}", segments=loose)
    silent = strict.actions[strict.actions["name"] == "Regulars"]

    assert set(silent["offer"]) == {"none"} and set(silent["why"]) == {"not stable"}
    assert "Regulars" not in {*strict.next_best["name"], *strict.by_last["name"], *strict.previews["name"]}
    assert strict.left_out.startswith("Regulars (not stable) gets no offer: 12 of 24 customers.")
    assert "tea week" in set(opted.actions["offer"]) and "Regulars" in set(opted.next_best["name"])


def test_what_follows_what_is_learned_before_and_tried_in_the_quarter():
    """Tea and cups take turns: the guess after tea is cups, and only the last pair is a later one."""
    made = planned(bought(["tea", "cups", "tea", "cups"]))

    assert made.by_last.set_index("last")["next"].to_dict() == {"cups": "tea", "tea": "cups"}
    assert "share, estimated" in made.guesses()  # it leans on what all customers bought next
    assert made.next_best[["rank", "category", "n"]].to_numpy().tolist() == [[1, "cups", 36], [2, "tea", 36]]
    assert planned(bought(["tea", "cups", "jam", "pot", "tea", "cups"])).recommendation["n"].tolist() == [12, 12]


def test_the_verdict_says_so_when_nothing_can_be_gained():
    """With two categories and two guesses both ways hit always: that is no trial."""
    made = planned(bought(["tea", "cups", "tea", "cups"]))

    assert len(made.recommendation) == 0
    assert made.verdict == "The guesses cannot be tried: of what is bought next, 2 guesses name all of the 2."


def test_categories_of_fewer_buyers_than_the_floor_are_not_shown():
    """Nine buyers of a category leave no trace in the tables."""
    made = planned(bought(["tea", "cups", "tea"], customers=9))

    assert len(made.next_best) == len(made.by_last) == 0


def test_without_category_products_are_taken_and_the_note_says_so():
    """A study with product names only shows products, one without anything names the column to add."""
    named = planned(bought(["tea", "cups", "tea"], column="product_name"), "product_name")
    nothing = planned(bought(["tea", "cups"]), "nothing")

    assert named.item == "product"
    assert "no category" in named.notes[1]
    assert nothing.verdict == playbook.NO_ITEMS
    assert list(nothing.next_best.columns) == list(named.next_best.columns)


def test_nothing_after_the_quarter_is_used():
    """Orders after as_of leave every table as it was."""
    orders = bought(["tea", "cups", "tea"])
    late = orders.to_pandas().assign(ordered_on=date(2026, 10, 2), ordered_at=datetime(2026, 10, 2), category="cups")
    both = pd.concat([orders.to_pandas(), late], ignore_index=True)
    with_late = planned(ibis.memtable(both.assign(ordered_on=both["ordered_at"])).cast({"ordered_on": "date"}))

    pd.testing.assert_frame_equal(with_late.next_best, planned(orders).next_best)


def test_the_sentence_adds_up_and_small_groups_are_blank():
    """Twelve regulars have an offer; the stages without customers show zero."""
    made = planned(bought(["tea", "cups", "tea"]))

    assert made.check(plan()) == (
        "4 of 10 pairs of segment and stage have an offer, 12 customers; "
        "if everybody is reached up to the cap it costs 12% of the budget: within it."
    )
    assert made.playbook().columns.tolist() == ["segment", "new", "active", "reactivated", "at risk", "lapsed"]


def test_an_offer_that_is_only_an_example_is_marked_wherever_it_is_named():
    """Nobody decided on it: the playbook, the largest groups and the hypotheses say so."""
    made = planned(bought(["tea", "cups", "tea"]), text="content: {offers: [{name: a, message: a, example: true}]}")

    assert set(made.playbook().drop(columns="segment").to_numpy().ravel()) == {"a (example)"}
    assert set(made.largest(plan())["offer"]) == {"a (example)"}
    assert all(said.startswith("a (example): ") for said in made.hypotheses())


def test_lists_that_nobody_tried_have_no_interval():
    """Nobody bought anything new: a share of 0 customers from 0% to 100%, and a gain of 112 points, were shown."""
    made = planned(bought(["tea", "cups", "tea"]))
    nobody = made.tried.head(0).reindex([0]).assign(model="what follows", n=0, low=0.0, high=1.0, said="")

    assert replace(made, tried=nobody.assign(difference_low=-1.0, difference_high=1.0)).ways() == content_plan.NO_LIST


def test_an_offer_for_an_unknown_segment_is_noted():
    """A segment's name that does not exist is no error, because names change; the note gives the nearest one."""
    text = "content: {offers: [{name: a, message: a, segments: [Regular]}]}"
    made = planned(bought(["tea", "cups", "tea"]), text=text)

    assert made.notes[1] == "Offer 'a': no segment is called 'Regular'; did you mean 'Regulars'?."


def test_what_is_missing_is_named_with_the_file_that_would_allow_it():
    """A plan without texts and a study without contacts."""
    made = planned(bought(["tea", "cups", "tea"]))

    assert made.notes[0].startswith("No message can be shown")
    assert "A file under sources.contacts" in made.notes[-1]


def test_no_pairs_no_tables():
    """Customers with one order each have no next purchase; the sentence says that nothing can be tried."""
    tried, verdict = next_best.trial(pd.DataFrame(columns=["later", "segment", "last", "next", "count"]))

    assert len(tried) == 0
    assert verdict.startswith("The guesses cannot be tried")


def test_a_trial_that_cannot_fail_is_none():
    """Three guesses among three products name them all: not 100 % right, but not to be tried."""
    pairs = pd.DataFrame(
        [(late, 1, "tea", thing, 10, 10, 10) for late in (False, True) for thing in ("tea", "cups", "jam")],
        columns=["later", "segment", "last", "next", "count", "customers", "buyers"],
    )
    tried, verdict = next_best.trial(pairs)
    more = pairs.assign(next=pairs["next"] + "s")

    assert len(tried) == 0
    assert verdict == "The guesses cannot be tried: of what is bought next, 3 guesses name all of the 3."
    assert len(next_best.trial(pd.concat([pairs, more]))[0]) == 2


def told(**customers: int) -> content.ContentPlan:
    """Plan for regulars of whom so many are in each stage; those who are active or new have an offer."""
    stages = [stage for stage, n in customers.items() for _ in range(n)]
    names = [f"c{who:03d}" for who in range(len(stages))]
    everybody = {"labels": ibis.memtable(pd.DataFrame({"customer": names, "segment": 1}))}
    stage_of = ibis.memtable(pd.DataFrame({"customer": names, "stage": stages}))
    tables = dict.fromkeys(("contacts", "events", "customers"))
    collection = SimpleNamespace(orders=bought(["tea"], customers=len(names)), has=lambda *_: False, **tables)
    segments = SimpleNamespace(segments=FIT.assign(customers=[len(names), 0]), **everybody)
    text = OFFERS + "evaluation: {margin_share: 0.5}\n"
    return content.plan_content(collection, segments, SimpleNamespace(stage_of=stage_of), plan(text), QUARTER)


def test_R16_R17_and_R19_a_small_group_follows_from_no_other_table_nor_from_money() -> None:
    """Four lapsed of 190: that 186 have an offer is not told, but the 150 of the large one, and what it costs, are."""
    made = told(active=150, new=36, lapsed=4)
    budget, money = made.costs(plan()), made.shares_of_money(plan())

    assert made.largest(plan())["customers"].tolist()[:2] == ["150", "0"]
    assert budget.iloc[[0, 2], 1:].to_numpy().tolist() == [["150 to 190", "150.00", "150.0%"]] * 2
    assert money.set_index("offer")["customers"].to_dict() == {"hello": "0 to 40", "tea week": "150"}
    assert made.check(plan()).startswith("2 of 10 pairs of segment and stage have an offer, 150 to 190 customers; if")


def test_V27_what_a_contact_brings_is_missing_where_money_is_not_shown() -> None:
    """The division itself and what is spent stay; no sentence adds up what is missing."""
    brings = {name: [5.0, 7.0] for name in BRINGS}
    rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "offer": "tea", "customers": [40, 50], "effect": 0.1,
                         "spent": 30.0, "equal_spent": 30.0, **brings})  # fmt: skip
    said = pd.DataFrame({"low": [40, 50], "high": [40, 50]}, index=["1 tea", "2 tea"])
    told_all, told_one = (discreet(rows, said, names) for names in ([], ["A"]))

    assert told_one[BRINGS].isna().all(axis=1).tolist() == [True, False]
    assert told_one["spent"].tolist() == told_all["spent"].tolist() == [30.0, 30.0]
    assert against_equal(told_all, plan()).startswith("Divided by what is proven, 1 GBP are spent")
    assert "is not said" in against_equal(told_one, plan())


def test_without_a_small_group_every_number_is_told() -> None:
    """Forty lapsed of 190: the 150 with an offer, and what they cost."""
    made = told(active=150, lapsed=40)

    assert made.costs(plan()).iloc[0, 1:].tolist() == ["150", "150.00", "150.0%"]
    assert made.shares_of_money(plan())["customers"].tolist() == ["150"]


def test_the_money_of_a_group_is_that_of_its_own_customers():
    """Two lapsed customers spent 3.00 within the year; older and later orders, and who is no member, do not count."""
    rows = [("ann", "2026-01-02", 100), ("bob", "2026-02-02", 200), ("cat", "2026-09-02", 900)]
    rows += [("ann", "2025-09-30", 5000), ("bob", "2026-10-01", 7000), ("dan", "2026-09-02", 40)]
    orders = pd.DataFrame(rows, columns=["customer", "ordered_on", "amount_minor"])
    times = pd.to_datetime(orders["ordered_on"])
    table = ibis.memtable(orders.assign(ordered_at=times, ordered_on=times.dt.date))
    placed = pd.DataFrame({"customer": ["ann", "bob", "cat"], "segment": 1, "stage": ["lapsed", "lapsed", "active"]})
    year = stakes.spent(table, ibis.memtable(placed), QUARTER.as_of, 365).set_index("stage")
    whole = stakes.spent(table, ibis.memtable(placed), QUARTER.as_of, None).set_index("stage")

    assert year["total"].to_dict() == {"active": 900, "lapsed": 300}
    assert year.loc["lapsed", ["first", "second"]].tolist() == [200, 100]
    assert whole["total"].to_dict() == {"active": 900, "lapsed": 5300}
