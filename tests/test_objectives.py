"""Notebook 01: metrics equal hand-computed tables, and goals that cannot be measured are refused."""

from datetime import datetime
from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.sections import Objective
from seglib.methods.kpis import FORMULAS, METRICS, WORDS
from seglib.objectives import baselines, registry
from seglib.objectives.checks import check
from seglib.objectives.facts import COUNTS, facts, measure
from seglib.objectives.objectives import aim
from seglib.objectives.stories import claims

QUARTER = Quarter("2026Q3")
ORDERS = [  # customer, order, day, amount, discount
    ("ann", "1", "2026-05-02", 1000, 0),
    ("ann", "2", "2026-07-01", 2000, 200),
    ("ann", "3", "2026-09-30", 4000, 0),
    ("bob", "4", "2026-06-30", 500, 0),
    ("cat", "5", "2026-08-15", 3000, 100),
    ("cat", "5", "2026-08-15", 1000, 0),
    ("dan", "6", "2026-01-15", 700, 0),
    ("dan", "7", "2026-10-01", 900, 0),
]
COLUMNS = ("ordered_at", "order_id", "amount_minor", "discount_minor", "quantity")


def tables(**given):
    rows = pd.DataFrame(ORDERS, columns=["customer", "order_id", "ordered_at", "amount_minor", "discount_minor"])
    orders = rows.assign(ordered_at=pd.to_datetime(rows["ordered_at"]), cost_minor=400)
    orders = orders.assign(gross_minor=orders["amount_minor"], returned_minor=0)
    returns = orders.iloc[[2]].assign(amount_minor=-700, bought_at=pd.NaT)
    present = {"orders": COLUMNS} | given.pop("present", {})
    optional = {name: ibis.memtable(frame) for name, frame in given.items()}
    kept = {"events": None, "contacts": None, "feedback": None} | optional
    return SimpleNamespace(orders=ibis.memtable(orders), returns=ibis.memtable(returns), present=present, **kept)


def values(study, names, quarter=QUARTER):
    return measure(Engine.open(), facts(study, quarter), names, 2).set_index("metric")["value"].to_dict()


def test_the_metrics_of_orders_equal_the_hand_computed_ones():
    """Ann and Bob bought in Q2; Ann came back with two orders, Cat is new with one of two lines, Dan is outside."""
    found = values(tables(), ["retention_share", "churn_share", "repeat_share", "order_value", "order_frequency"])
    totals = values(tables(), ["revenue", "buyers", "orders", "buyer_value", "return_share", "discount_share"])

    assert found == {
        "retention_share": 1 / 2, "churn_share": 1 / 2, "repeat_share": 1 / 2,
        "order_value": 100 / 3, "order_frequency": 3 / 2,
    }  # fmt: skip
    assert totals == {
        "revenue": 100.0, "buyers": 2.0, "orders": 3.0, "buyer_value": 50.0, "return_share": 0.07,
        "discount_share": 3 / 103,
    }  # fmt: skip


def test_the_returned_share_is_of_what_was_charged_also_for_orders_that_came_back_whole():
    """10.00 kept of 40.00, a whole order of 60.00 back, 5.00 of an order of the quarter before: 95.00 of 100.00."""
    orders = pd.DataFrame({"customer": ["ann"], "order_id": "1", "ordered_at": pd.to_datetime(["2026-07-02"])})
    money = {"amount_minor": 1000, "gross_minor": 4000, "returned_minor": 3000, "discount_minor": 1000}
    back = pd.DataFrame({"customer": ["ann", "bob", "cat"], "amount_minor": [-3000, -6000, -500]})
    times = pd.to_datetime(["2026-07-02", "2026-08-01", "2026-06-30"])
    study = tables()
    study.orders = ibis.memtable(orders.assign(**money, cost_minor=0))
    study.returns = ibis.memtable(back.assign(ordered_at=pd.Timestamp("2026-09-01"), bought_at=times))

    assert values(study, ["return_share", "discount_share"]) == {"return_share": 0.95, "discount_share": 0.2}


def test_who_has_paid_for_a_time_beyond_the_quarter_has_not_left():
    """Ann came back, Bob has not ordered but has paid for a year: both are kept."""
    study = tables()
    year = ibis.cases((study.orders.customer == "bob", ibis.timestamp("2027-05-01")), else_=ibis.null("timestamp"))
    study.orders = study.orders.mutate(valid_until=year)

    assert values(study, ["retention_share", "churn_share"]) == {"retention_share": 1.0, "churn_share": 0.0}


def test_metrics_of_feedback_and_events_equal_the_hand_computed_ones():
    """Two promoters and one detractor of four make an NPS of 25, as d's first answer gave way to the second; one of two
    visitors ordered."""
    days = ["2026-07-02", "2026-07-03", "2026-09-30", "2026-09-30", "2026-10-01", "2026-08-01"]
    who = {"customer": list("abcded"), "item": "nps", "answered_at": pd.to_datetime(days)}
    answers = pd.DataFrame({**who, "answer": [10.0, 9.0, 7.0, 6.0, 10.0, 9.0]})
    visits = pd.DataFrame({"customer": ["ann", "bob"], "event_at": pd.to_datetime(["2026-07-01", "2026-09-30"])})
    found = values(tables(feedback=answers, events=visits), ["nps", "conversion_share"])

    assert found == {"nps": 25.0, "conversion_share": 0.5}


def test_an_email_counts_when_its_window_is_complete_and_an_order_followed():
    """Ann's order on the day counts, Bob never ordered again, Cat's window ends after the quarter; Cat was also held
    back once, and received nothing that the order of August could answer."""
    sent = pd.to_datetime(["2026-07-01", "2026-07-10", "2026-09-15", "2026-07-20"])
    mails = pd.DataFrame({"customer": ["ann", "bob", "cat", "cat"], "campaign": list("cccd"), "sent_at": sent})
    mails = mails.assign(channel="email", arm=["offer", "offer", "offer", "control"])

    assert values(tables(contacts=mails), ["email_response_share"]) == {"email_response_share": 0.5}


def test_rows_after_the_quarter_change_nothing():
    """Facts as of 2026-10-01 are the same when every later row is different."""
    later = tables()
    frame = later.orders.to_pandas()
    frame.loc[frame["ordered_at"] >= QUARTER.as_of, ["customer", "amount_minor"]] = ["eve", 10**9]
    later.orders = ibis.memtable(frame)
    names = ["customer", *COUNTS]
    before, after = (
        facts(study, QUARTER).filter(ibis._.customer != "eve").order_by("customer").select(names).to_pandas()
        for study in (tables(), later)
    )

    pd.testing.assert_frame_equal(before, after)


def test_groups_add_up_and_everybody_is_segment_zero():
    """Sums of the groups are the sums of everybody; without a group one counts in the total only."""
    table = facts(tables(), QUARTER).mutate(
        segment=ibis.cases((ibis._.customer == "ann", 1), (ibis._.customer == "bob", 2))
    )
    found = measure(Engine.open(), table, ["revenue"], 2, by="segment").set_index("segment")["value"]

    assert found.to_dict() == {0: 100.0, 1: 60.0, 2: 0.0}


def test_V27_the_squares_of_a_giant_customer_have_room():
    """Two buyers of millions of millions beside one of a thousand; the interval is that of the plain formula."""
    study = tables()
    giant = study.orders.mutate(amount_minor=ibis._.amount_minor * (ibis._.customer != "cat").ifelse(10**9, 1))
    study.orders = giant
    found = measure(Engine.open(), facts(study, QUARTER), ["buyer_value"], 2).iloc[0]
    paid = pd.Series([6e12, 4e3]) / 100

    assert found["value"] == pytest.approx(paid.mean())
    assert found["sd"] == pytest.approx(paid.std())


def test_people_who_may_not_be_profiled_are_left_out():
    """Ann has not agreed, so her orders are not in the baseline."""
    study = tables()
    study.people = ibis.memtable(pd.DataFrame({"customer": ["ann", "bob", "cat"], "may_profile": [False, True, True]}))

    assert values(study, ["revenue", "buyers"]) == {"revenue": 40.0, "buyers": 1.0}


def test_O1_a_metric_without_its_table_is_refused_with_the_column_and_the_file():
    """Conversion needs events; the sentence names the column and what to do."""
    with pytest.raises(InputRefused) as refused:
        check([Objective(name="Convert", metric="conversion_share", change_share=0.1)], tables())

    assert str(refused.value) == (
        "SEG-O1 conversion_share cannot be computed without events.visits - plan.yml, objectives[0].metric - "
        "found: no file for events - do: name a file under sources.events that carries customer_id, event_at, event, "
        "or choose another metric"
    )


def test_O1_a_metric_without_its_column_is_refused_with_the_column():
    """The contacts file is there but has no channel."""
    study = tables(present={"contacts": ("campaign", "arm", "sent_at")})
    with pytest.raises(InputRefused, match=r"without contacts.channel - .*contacts has no channel"):
        check([Objective(name="Mail", metric="email_response_share", change_share=0.1)], study)


def test_O1_unknown_metrics_guardrails_and_populations_get_the_nearest_name():
    """All findings of the plan come together."""
    goals = [
        Objective(name="a", metric="retention", change_share=0.1),
        Objective(name="b", metric="revenue", guardrail="order_valeu", population="al", change_share=0.1),
    ]
    with pytest.raises(InputRefused) as refused:
        check(goals, tables())

    assert [finding.do for finding in refused.value.findings] == [
        "did you mean 'retention_share'?", "did you mean 'order_value'?", "did you mean 'all'?",
    ]  # fmt: skip


def run_of(text="", floor=1):
    plan = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\n{text}")
    open_ = plan.privacy.model_copy(update={"floor": floor})  # 1: what few did may be told, as they are invented
    plan = plan.model_copy(update={"privacy": open_})
    return SimpleNamespace(plan=plan, quarter=QUARTER, tables=tables(), engine=Engine.open())


def test_R16_no_baseline_of_few_customers_is_told():
    """Four customers, and a floor of ten: neither value nor interval nor number, and the sentence says why."""
    goal = baselines(run_of("objectives: [{name: Keep, metric: retention_share, change_share: 0.2}]", 10)).goals.iloc[0]

    assert goal[["baseline", "low", "high", "target", "n_per_arm"]].isna().all()
    assert goal["n"] == 0
    assert "would tell of few customers, or of all but a few, so no baseline is told" in goal["sentence"]


def test_a_goal_gets_baseline_target_test_size_and_a_sentence():
    """One of two came back: target 60%, Wilson interval, n per arm as the power function says."""
    goal = "objectives: [{name: Keep, metric: retention_share, change_share: 0.2, by: 2026Q4, guardrail: order_value}]"
    row = baselines(run_of(goal)).goals.iloc[0]

    assert (row["baseline"], row["target"], row["n"], row["n_per_arm"]) == (0.5, 0.6, 2, 388.0)
    assert row["sentence"] == (
        "Keep: 50.0% in 2026Q3 (95% interval 9.5% to 90.5%, n = 2); the target by 2026Q4 is 60.0%. "
        "A test that shows this difference needs 388 customers in each group, about 5,100 weeks of this study's own "
        "traffic. Meanwhile order value must not get worse; now it is 33.33 EUR."
    )


def test_a_plan_without_goals_watches_retention_and_says_so():
    """The default goal is retention."""
    found = baselines(run_of())

    assert found.goals["metric"].tolist() == ["retention_share"]
    assert found.notes == ("The plan names no objective, so the workbench watches who comes back.",)


def test_a_population_of_new_customers_leaves_the_others_out():
    """Only Cat's first order lies in the quarter."""
    goal = "objectives: [{name: New, metric: buyer_value, population: new, change_share: 0.1}]"
    row = baselines(run_of(goal + "\njourneys: {at_risk_days: 160}")).goals.iloc[0]

    assert (row["baseline"], row["n"]) == (40.0, 1)


def test_a_quarter_without_anybody_has_no_baseline():
    """Nobody bought in the quarter before 2027Q2."""
    study = run_of()
    study.quarter = Quarter("2027Q2")
    row = baselines(study).goals.iloc[0]

    assert pd.isna(row["baseline"])
    assert row["sentence"] == "Keep customers: 2027Q2 has nobody to measure this on, so there is no baseline yet."


def test_thirty_per_cent_on_five_needs_3780_per_arm():
    """A lift from 5% to 6.5% needs 3,780 customers per arm (REQUIREMENTS K5, 80%, two-sided 5%)."""
    people = pd.DataFrame({"customer": [f"c{i}" for i in range(1000)], "event_at": datetime(2026, 7, 1)})
    study = tables(events=people, present={"events": ("event_at", "event", "visits")})
    buyers = people.head(50).assign(order_id="x", ordered_at=datetime(2026, 8, 1), amount_minor=100, cost_minor=0)
    money = {"discount_minor": 0, "gross_minor": 100, "returned_minor": 0}
    study.orders = ibis.memtable(buyers.drop(columns="event_at").assign(**money))
    study.returns = study.orders.filter(ibis.literal(False)).mutate(bought_at=ibis._.ordered_at)
    run = run_of("objectives: [{name: c, metric: conversion_share, change_share: 0.3}]")
    run.tables = study

    assert baselines(run).goals["n_per_arm"].tolist() == [3780.0]


def test_every_metric_is_computed_and_written():
    """The registry has no metric that fails on empty counts."""
    found = measure(Engine.open(), facts(tables(), QUARTER), list(METRICS), 2)

    assert found["metric"].tolist() == list(METRICS)


def test_targets_move_a_negative_score_upwards():
    """Ten per cent better than -20 is -18."""
    assert aim(METRICS["nps"], -20.0, 0.1) == -18.0


PUBLISHED = {
    "2011Q1": (1_776, 3_305, 1_612_083.15),
    "2011Q2": (1_991, 4_097, 1_809_008.61),
    "2011Q3": (2_161, 4_366, 2_198_273.29),
}


@pytest.mark.parametrize("quarter", PUBLISHED)
def test_online_retail_gives_the_published_customers_invoices_and_revenue(shared_data, quarter):
    """UCI data set 352, purchases with a customer: the table in PUBLISHED_NUMBERS."""
    raw = pd.read_parquet(shared_data("online_retail/online_retail.parquet"))
    raw = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    amounts = (raw["Quantity"] * raw["UnitPrice"] * 1000).round().astype("int64")
    names = {"CustomerID": "customer", "InvoiceNo": "order_id", "InvoiceDate": "ordered_at"}
    orders = raw.rename(columns=names)[list(names.values())].assign(
        amount_minor=amounts, gross_minor=amounts, returned_minor=0, discount_minor=0, cost_minor=0
    )
    orders = ibis.memtable(orders.astype({"customer": "str", "order_id": "str"}))
    empty = orders.filter(ibis.literal(False)).mutate(bought_at=ibis._.ordered_at)
    study = SimpleNamespace(orders=orders, returns=empty, events=None, contacts=None, feedback=None)
    found = measure(Engine.open(), facts(study, Quarter(quarter)), ["buyers", "orders", "revenue"], 3)["value"]

    assert (found[0], found[1], round(found[2], 2)) == PUBLISHED[quarter]


def test_O2_the_least_effect_worth_having_sets_the_size_of_the_test():
    """The target is 60%, but 75% is what is worth a test: fewer customers than for the target."""
    goal = "objectives: [{name: Keep, metric: retention_share, change_share: 0.2, worth_share: 0.5}]"
    row = baselines(run_of(goal)).goals.iloc[0]

    assert (row["target"], row["smallest_effect"], row["n_per_arm"]) == (0.6, 0.25, 58.0)
    assert "A test that shows a difference of 25.0 points needs 58 customers" in row["sentence"]


def test_O1_a_goal_in_the_wrong_direction_is_refused():
    """Five per cent more churn is no goal."""
    with pytest.raises(InputRefused, match=r"churn_share: must be below 0, as less is better .* do: write -0.05"):
        check([Objective(name="Lose fewer", metric="churn_share", change_share=0.05)], tables())


def test_a_deadline_that_has_passed_is_noted():
    """It was due two quarters ago."""
    found = baselines(run_of("objectives: [{name: Keep, metric: retention_share, change_share: 0.2, by: 2026Q1}]"))

    assert found.notes == ("Keep: the deadline has passed; set a new one or close the goal.",)


def test_K5_claims_without_control_carry_the_customers_that_would_show_them():
    """3,780, 152 and 388 customers per group (PUBLISHED_NUMBERS); the benefits are hypotheses without a number."""
    told = claims()

    assert told["customers per group"].tolist() == ["3,780", "152", "388", "", "", ""]
    assert told["what it is"].str.startswith("unsupported").tolist() == [True] * 3 + [False] * 3


def test_K1_every_metric_has_its_formula_and_a_word():
    """Name, numerator, denominator, window, unit and good direction, one row each."""
    told = registry(run_of())

    assert told["metric"].tolist() == list(METRICS) == list(FORMULAS) == list(WORDS)
    assert (told["counts"] != "").all()
    assert set(told["divided by"][told["metric"].isin(["revenue", "orders"])]) == {""}


def test_O3_criteria_for_segments_are_part_of_what_is_handed_on():
    """The plan's weights, in per cent."""
    found = baselines(run_of("selection: {weights: {value: 3, reach: 1}}"))

    assert found.criteria().query("kind == 'attractive'")["rule"].tolist() == ["weight 75%", "weight 25%"]


def test_new_customers_cannot_be_told_where_the_data_begin_too_late():
    """The data begin 167 days before the quarter: enough for 160 days of past, not for 180; all else is known."""
    names = ["new_buyers", "buyers"]
    short, long = (facts(tables(), QUARTER, past_days=days) for days in (180, 160))
    cut, full = (measure(Engine.open(), table, names, 2).set_index("metric")["value"] for table in (short, long))

    assert full.to_dict() == {"new_buyers": 1.0, "buyers": 2.0}
    assert pd.isna(cut["new_buyers"]) and cut["buyers"] == 2.0


def test_a_goal_for_new_customers_says_that_nobody_can_tell_them():
    """No baseline, and the reason."""
    row = baselines(run_of("objectives: [{name: Grow, metric: order_value, population: new, change_share: 0.1}]")).goals

    assert row["baseline"].isna().all() and "untold" not in row
    assert row["sentence"].tolist() == [
        "Grow: 2026Q3 has too short a past to tell who is new, so there is no baseline yet."
    ]
