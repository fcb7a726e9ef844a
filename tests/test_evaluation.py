"""Notebook 09: verdicts follow from intervals, effects from control groups, and revenue decomposes exactly."""

import math
from datetime import datetime
from functools import cache
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import power_proportions_2indep

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.sections import Offer
from seglib.evaluation import campaigns, effects, score
from seglib.evaluation.campaigns import asked, outcomes
from seglib.evaluation.goals import covers
from seglib.methods.estimates import estimate, suppress, verdict
from seglib.methods.experiments import adjusted
from seglib.methods.kpis import METRICS
from seglib.methods.rates import wilson
from seglib.objectives import Objectives, baselines

QUARTER = Quarter("2026Q3")
PLAN = """study: a
sources: {orders: {file: o.csv}}
objectives: [{name: Keep, metric: retention_share, change_share: 0.1}, {name: Sell, metric: revenue, change_share: 0.1}]
evaluation: {outcome_days: 60, margin_share: 0.5}
"""


def orders(rows):
    frame = pd.DataFrame(rows, columns=["customer", "ordered_at", "amount_minor"])
    times = pd.to_datetime(frame["ordered_at"])
    return frame.assign(
        ordered_at=times, ordered_on=times.dt.date, order_id=[str(i) for i in range(len(frame))],
        discount_minor=0, cost_minor=0, returned_minor=0, gross_minor=frame["amount_minor"],
    )  # fmt: skip


def study(rows, contacts=None):
    table = ibis.memtable(orders(rows))
    none = table.filter(ibis.literal(False)).mutate(bought_at=ibis._.ordered_at)
    return SimpleNamespace(
        orders=table, returns=none, customers=None, events=None, feedback=None,
        contacts=None if contacts is None else ibis.memtable(contacts), consent=None, comments=None,
        present={"orders": ("ordered_at", "order_id", "amount")},
    )  # fmt: skip


def run_on(tables):
    return SimpleNamespace(plan=Plan.parse(PLAN), quarter=QUARTER, engine=Engine.open(), seed=0, tables=tables)


def segments_of(customers, per_segment):
    labels = pd.DataFrame({"customer": customers, "segment": [1 + i // per_segment for i in range(len(customers))]})
    sizes = labels.groupby("segment").size()
    table = pd.DataFrame({"segment": sizes.index, "name": [f"S{s}" for s in sizes.index], "identity": sizes.index})
    table = table.assign(customers=sizes.to_numpy(), share=0.5, revenue_minor=1000, revenue_share=0.5, jaccard=0.9)
    centres = pd.DataFrame({"segment": sizes.index, "deviation": 1.0})
    return SimpleNamespace(labels=ibis.memtable(labels), segments=table, centres=centres)


def contacts(rows):
    frame = pd.DataFrame(rows, columns=["customer", "campaign", "arm", "sent_at"])
    return frame.assign(sent_at=pd.to_datetime(frame["sent_at"]), channel="email", cost_minor=100)


PEOPLE = [f"c{i:02d}" for i in range(40)]
BOUGHT_BEFORE = [(who, "2026-02-01", 1000) for who in PEOPLE] + [(who, "2026-05-01", 1000) for who in PEOPLE]
BOUGHT_NOW = [(who, "2026-08-01", 2000) for who in PEOPLE[:30]] + [(who, "2026-08-20", 500) for who in PEOPLE[:10]]
EARLIER = [(who, "2025-11-01", 1000) for who in PEOPLE]


def scored(rows, contacts=None, previous=True):
    tables = study(rows, contacts)
    run, found = run_on(tables), segments_of(PEOPLE, 20)
    return score(run, tables, baselines(run), found, found if previous else None)


@cache
def usual():
    """The scorecard of 40 customers in two segments: all bought in Q4, Q1 and Q2, 30 of them in Q3, ten twice."""
    return scored(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW)


@cache
def newcombe_campaign():
    """The campaign of Newcombe's example."""
    return campaign(80, 70, 48, 56)


def test_a_goal_is_compared_with_the_quarter_before():
    """All 40 bought in Q1 and Q2, 30 of them in Q3: retention fell from 100% to 75%, and the target was 100%."""
    goal = usual().goals.iloc[0]
    low, high = wilson(30, 40)

    assert (goal["baseline"], goal["result"], goal["target"], goal["verdict"]) == (1.0, 0.75, 1.0, "not reached")
    assert (goal["low"], goal["high"]) == (low, high)
    assert goal["sentence"] == (
        "Keep: from 100.0% in 2026Q2 to 75.0% (95% interval 59.8% to 85.8%, n = 40); "
        "the target was 100.0%: not reached."
    )


@pytest.mark.wide
def test_a_goal_without_room_is_neither_reached_nor_missed():
    """All bought in each quarter: five per cent more than everybody is nobody more."""
    rows = [(who, day, 1000) for day in ("2025-12-05", "2026-01-05", "2026-04-05", "2026-07-05") for who in PEOPLE]
    goal = scored(rows).goals.iloc[0]

    assert (goal["baseline"], goal["result"], goal["target"], goal["verdict"]) == (1.0, 1.0, 1.0, "cannot tell")
    assert goal["sentence"].endswith("cannot tell (the quarter before left no room for a target).")


def test_a_total_is_compared_without_an_interval():
    """Revenue rose from 400 to 650, the target was 440."""
    goal = usual().goals.iloc[1]

    assert goal["sentence"] == "Sell: from 400.00 EUR in 2026Q2 to 650.00 EUR; the target was 440.00 EUR: reached."


@pytest.mark.wide
def test_the_first_quarter_has_nothing_to_compare_with():
    """Data that begin in the quarter before do not cover it, so there is no baseline."""
    found = scored([(who, "2026-06-01", 1000) for who in PEOPLE] + BOUGHT_NOW).goals

    assert found["verdict"].tolist() == ["cannot tell", "cannot tell"]
    assert found["sentence"].str.endswith("first quarter: nothing to compare with.").all()


def test_a_metric_that_looks_back_needs_one_quarter_more():
    """Data from 1 April cover revenue of Q2, but not the retention of Q2."""
    start = pd.Timestamp("2026-04-01")

    assert (covers(start, Quarter("2026Q2"), 1), covers(start, Quarter("2026Q2"), 2)) == (True, False)


def test_K1_buyers_times_frequency_times_order_value_is_revenue():
    """The decomposition multiplies to the revenue in both quarters."""
    parts = usual().decomposition.set_index("part")

    assert parts["2026Q3"].tolist() == [30.0, 40 / 30, 16.25, 650.0]
    assert parts["2026Q2"].tolist() == [40.0, 1.0, 10.0, 400.0]
    assert parts.loc[["buyers", "order_frequency", "order_value"], "change_minor"].sum() == 25_000


def test_metrics_per_segment_equal_the_hand_computed_ones():
    """Segment 1 bought 20 + 10 times, segment 2 ten times."""
    kpis = usual().kpis.set_index(["metric", "segment"])["value"]

    assert kpis["retention_share"].to_dict() == {0: 0.75, 1: 1.0, 2: 0.5}
    assert kpis["revenue"].to_dict() == {0: 650.0, 1: 450.0, 2: 200.0}
    assert kpis["order_frequency"].round(3).to_dict() == {0: 1.333, 1: 1.5, 2: 1.0}


def test_the_basis_says_whether_segments_were_fixed_before():
    """Without last quarter's segments the numbers are a description."""
    first = scored(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW, previous=False)

    assert "fixed before" in usual().basis
    assert "a description only" in first.basis


def test_groups_below_the_floor_are_blank_and_cannot_be_subtracted():
    """Beside a small group others are hidden until the floor is; so is one beside a few who are in no segment."""
    rows = {"metric": "buyers", "low": math.nan, "high": math.nan}
    one = suppress(pd.DataFrame({**rows, "segment": [0, 1, 2, 3], "value": 1.0, "n": [99, 3, 30, 66]}), 10)
    two = suppress(pd.DataFrame({**rows, "segment": [0, 1, 2, 3], "value": 1.0, "n": [99, 3, 4, 92]}), 10)
    late = suppress(pd.DataFrame({**rows, "segment": [0, 1, 2, 3], "value": 1.0, "n": [99, 40, 12, 44]}), 10)
    none = suppress(pd.DataFrame({**rows, "segment": [0, 1, 2, 3], "value": 1.0, "n": [99, 0, 33, 66]}), 10)

    assert one["value"].isna().tolist() == [False, True, True, False]
    assert two["value"].isna().tolist() == [False, True, True, True]
    assert late["value"].isna().tolist() == [False, False, True, False]
    assert none["value"].isna().tolist() == [False, True, False, False]


def test_without_contacts_there_is_a_description_and_the_file_is_named():
    """No control group, no effect."""
    found = usual()

    assert found.effects.empty
    assert any("no control - description only" in note and "sources.contacts" in note for note in found.notes)


def test_not_measured_metrics_name_the_file_that_would_allow_them():
    """Orders only: conversion, NPS and CSAT are not there."""
    notes = usual().notes

    assert "Not measured: conversion, engagement. sources.events with visits would allow it." in notes
    assert "Not measured: NPS, satisfied customers. sources.feedback with answer, item would allow it." in notes


def test_an_outcome_is_an_order_in_the_window_and_before_the_quarter_ends():
    """On the minute it counts, at the end of the window and before the contact it does not."""
    sent = contacts([(who, "mail", "a", "2026-07-01 12:00") for who in ("on", "end", "before", "never")])
    bought = orders(
        [("on", "2026-07-01 12:00", 700), ("end", "2026-08-30 12:00", 700), ("before", "2026-07-01 11:59", 700)]
    )
    people, _ = outcomes(ibis.memtable(sent), ibis.memtable(bought), QUARTER, 60)

    assert people.to_pandas().set_index("customer")["revenue_minor"].to_dict() == {
        "on": 700, "end": 0, "before": 0, "never": 0,
    }  # fmt: skip


def test_S12_contacts_with_an_open_window_or_in_two_arms_are_left_out_and_counted():
    """Late is not over before October; twice is in both arms; old was over before the quarter; june ends in it."""
    rows = [
        ("late", "mail", "a", "2026-08-15"),
        ("twice", "mail", "a", "2026-07-02"),
        ("twice", "mail", "control", "2026-07-02"),
    ]
    rows += [
        ("fine", "mail", "a", "2026-07-02"),
        ("old", "mail", "a", "2026-05-01"),
        ("june", "mail", "a", "2026-06-30"),
    ]
    sent = contacts(rows)
    people, left_out = outcomes(ibis.memtable(sent), ibis.memtable(orders([("fine", "2026-07-03", 1)])), QUARTER, 60)

    assert sorted(people.to_pandas()["customer"]) == ["fine", "june"]
    assert left_out.to_pandas().to_numpy().tolist() == [
        ["mail", "open", 1], ["mail", "the same customer was in two arms", 1],
    ]  # fmt: skip


def test_a_window_that_the_orders_do_not_cover_waits_for_the_rest():
    """The orders end on 31 August: of 60 days from 10 July nobody knows how they ended; in a whole quarter one does."""
    sent = ibis.memtable(contacts([("fine", "mail", "a", "2026-07-02"), ("short", "mail", "a", "2026-07-10")]))
    bought = ibis.memtable(orders([("fine", "2026-07-03", 1)]))
    people, left_out = outcomes(sent, bought, QUARTER, 60, datetime(2026, 9, 1))
    whole, _ = outcomes(sent, bought, QUARTER, 60)

    assert people.to_pandas()["customer"].tolist() == ["fine"]
    assert left_out.to_pandas().to_numpy().tolist() == [["mail", "short", 1]]
    assert sorted(whole.to_pandas()["customer"]) == ["fine", "short"]


def campaign(n_control, n_arm, buyers_control, buyers_arm, arm="offer", made_now=False):
    """One campaign: customers of each arm, alternately in two segments, and who of them ordered."""
    groups = {"control": (n_control, buyers_control), arm: (n_arm, buyers_arm)}
    sent = [(f"{a}{i:05d}", "summer", a, "2026-07-02") for a, (n, _) in groups.items() for i in range(n)]
    bought = [(f"{a}{i:05d}", "2026-07-10", 2000) for a, (_, buyers) in groups.items() for i in range(buyers)]
    names = [row[0] for row in sent]
    labels = pd.DataFrame({"customer": names, "segment": [1 + i % 2 for i in range(len(names))]})
    table = pd.DataFrame({"segment": [1, 2], "name": ["S1", "S2"], "identity": [1, 2], "revenue_share": 0.5})
    fixed = SimpleNamespace(labels=ibis.memtable(labels), segments=table)
    tables = study([("nobody", "2026-01-01", 1), *bought], contacts(sent))
    return campaigns.measure(run_on(tables), tables, fixed, made_now=made_now)


def test_an_effect_is_the_difference_to_the_control_group_with_newcombes_interval():
    """56 of 70 against 48 of 80 is 20 percentage points, .0524 to .3339 (Newcombe 1998b)."""
    whole = newcombe_campaign().effects.query("segment == 0").iloc[0]

    assert (round(whole["effect"], 4), round(whole["effect_low"], 4), round(whole["effect_high"], 4)) == (
        0.2, 0.0524, 0.3339,
    )  # fmt: skip


def test_return_on_cost_is_extra_margin_less_cost_per_cost():
    """16 against 12 EUR a head; 4 EUR extra x 70 x 0.5 margin on 70 EUR of cost gives a return of 1."""
    whole = newcombe_campaign().effects.query("segment == 0").iloc[0]

    assert whole["cost"] == 70.0
    assert whole["roi"] == pytest.approx(4 * 70 * 0.5 / 70 - 1)


def test_S10_a_campaign_with_a_broken_split_is_blocked():
    """51.5 / 48.5 of 20,000 where 50 / 50 was planned has p below 0.001: no effect is shown."""
    found = campaign(10_300, 9_700, 1_000, 2_000)

    assert found.effects.empty
    assert found.experiments["sentence"].tolist() == [
        "summer: blocked. 50.0%/50.0% planned, 51.5%/48.5% seen, p = 2e-05: find the cause first."
    ]


def test_S12_a_campaign_without_the_control_arm_is_described_only():
    """The plan's control arm does not occur."""
    sent = contacts([(f"c{i}", "mail", "ab"[i % 2], "2026-07-02") for i in range(20)])
    tables = study([("c1", "2026-07-03", 1)], sent)
    found = campaigns.measure(run_on(tables), tables, segments_of([f"c{i}" for i in range(20)], 10))

    assert found.effects.empty
    assert found.experiments["sentence"].iloc[0].startswith("mail: no control - description only.")


def test_S15_an_effect_within_its_interval_cannot_be_told():
    """Two more buyers among fifty are within chance, and the sentence says what would not show."""
    found = campaign(50, 50, 20, 22).effects

    assert found["sentence"].str.contains("cannot tell: the smallest visible rise is about").all()


def test_S16_no_buyers_in_either_arm_gives_an_interval_and_no_warning():
    """0 of 50 against 0 of 50: no effect, and the interval is not empty."""
    whole = campaign(50, 50, 0, 0).effects.query("segment == 0").iloc[0]

    assert whole["effect"] == 0
    assert whole["effect_low"] < 0 < whole["effect_high"]


def test_better_for_one_segment_is_said_only_after_the_heterogeneity_test():
    """The same effect in both segments is not called different."""
    sentence = newcombe_campaign().experiments["sentence"].iloc[0]

    assert sentence.endswith("Nothing shows that it works better for one segment than for another.")


def test_a_planted_difference_between_segments_is_called_one():
    """The offer works for segment 2 only: +40 percentage points there, none in segment 1."""
    rows, bought = [], []
    for number in range(400):
        arm, segment = ("control", "offer")[number % 2], 1 + number // 200
        rows.append((f"c{number:03d}", "summer", arm, "2026-07-02"))
        if (number // 2) % 5 < (4 if arm == "offer" and segment == 2 else 2):
            bought.append((f"c{number:03d}", "2026-07-10", 2000))
    tables = study(bought, contacts(rows))
    found = campaigns.measure(run_on(tables), tables, segments_of([row[0] for row in rows], 200))

    assert "differs between segments" in found.experiments["sentence"].iloc[0]
    assert found.effects.set_index("segment")["effect"].round(2).to_dict() == {0: 0.2, 1: 0.0, 2: 0.4}


def test_in_a_first_quarter_effects_are_read_for_everybody_only():
    """Segments made at the quarter's end hold the orders that followed: none is compared, and no rule is valued."""
    found = campaign(80, 70, 48, 56, made_now=True)

    assert found.effects["segment"].tolist() == [0]
    assert found.policies.empty
    assert (
        found.experiments["sentence"]
        .iloc[0]
        .endswith("No segments stood before it was sent, so it is read for everybody only.")
    )


def test_comparisons_below_the_floor_are_left_out():
    """Eight customers in an arm are too few to be shown."""
    found = campaign(40, 16, 10, 8)

    assert found.effects["segment"].tolist() == [0]
    assert any("fewer than 10 customers" in note for note in found.notes)
    assert sum("Effects on revenue beside fewer than 100 customers" in note for note in found.notes) == 1


def test_a_question_of_the_plan_does_not_pay_for_what_is_looked_at_by_the_way():
    """The plan tries Saver in spring on S1, and Letter in spring on everybody: two questions, all else is curiosity."""
    offers = (
        Offer(name="Saver", message="m", tested_by=["spring"], segments=["S1"]),
        Offer(name="Letter", message="m", tested_by=["spring"]),
        Offer(name="Other", message="m", segments=["S2"]),
    )
    found = pd.DataFrame({"campaign": ["spring"] * 3 + ["news"] * 3, "segment": [1, 2, "all"] * 2})
    marks = asked(found, offers, {1: "S1", 2: "S2"})
    p = adjusted(found.assign(p_value=[0.03, 0.9, 0.2, 0.5, 0.6, 0.7], revenue_p_value=0.8, asked=marks))["p_adjusted"]

    assert marks.tolist() == [True, False, True, False, False, False]
    assert p.round(3).tolist()[:3] == [0.06, 0.9, 0.2]


def test_causal_words_are_not_used():
    """No sentence says because or caused."""
    found = usual()
    tested = newcombe_campaign()
    texts = [
        *found.goals["sentence"],
        *found.notes,
        found.basis,
        *tested.effects["sentence"],
        *tested.experiments["sentence"],
    ]

    assert not [text for text in texts if "because" in text.lower() or "caused" in text.lower()]


@pytest.mark.parametrize(
    ("direction", "target", "low", "high", "word"),
    [
        ("up", 0.4, 0.45, 0.5, "reached"), ("up", 0.45, 0.45, 0.5, "reached"), ("up", 0.6, 0.45, 0.5, "not reached"),
        ("up", 0.47, 0.45, 0.5, "cannot tell"), ("down", 0.6, 0.45, 0.5, "reached"),
        ("down", 0.4, 0.45, 0.5, "not reached"), ("down", 0.47, 0.45, 0.5, "cannot tell"),
    ],
)  # fmt: skip
def test_a_verdict_follows_from_the_interval(direction, target, low, high, word):
    """Wholly beyond the target is reached, wholly short of it is not, else nobody can tell."""
    assert verdict(direction, target, (low + high) / 2, low, high) == word


def test_the_interval_of_a_ratio_covers_in_simulation():
    """Order value of 200 customers with one to four orders: 95% intervals hold the truth in 92 to 98 of 100 draws."""
    draw, held = np.random.default_rng(1), 0
    for _ in range(400):
        y = draw.integers(1, 5, 200).astype(float)
        x = y * draw.gamma(2.0, 10.0, 200)
        sums = {"n": 200, "x": x.sum(), "y": y.sum(), "xx": (x * x).sum(), "xy": (x * y).sum(), "yy": (y * y).sum()}
        found = estimate(METRICS["order_value"], sums)
        held += found["low"] <= 20.0 <= found["high"]

    assert 0.92 <= held / 400 <= 0.98


def test_a_scorecard_keeps_the_type_of_its_goals():
    """One row per goal, in the order of the plan."""
    found = usual()

    assert found.goals["name"].tolist() == ["Keep", "Sell"]
    assert Objectives.STEP == "01_objectives"


PANELS = (
    *("verdicts", "factors", "by_segment", "health", "tests", "returns", "rules", "whole_worth", "retention_table"),
    *("retention_by_age", "voices", "answered", "company", "ranking", "next_test", "lifetime"),
)


@pytest.mark.parametrize("name", PANELS)
def test_every_table_can_be_shown_for_a_study_with_orders_only(name):
    """No contacts, no feedback, no consent, no audience: frames without a missing column."""
    assert isinstance(getattr(usual(), name)(), pd.DataFrame)


def test_K1_the_change_of_revenue_is_shared_out_in_the_table():
    """Thirty instead of forty buyers, a third more often, at 16.25 instead of 10: together 250 more."""
    told = usual().factors()["of the change of revenue"]

    assert told.iloc[-1] == "+250 EUR"
    assert sum(int(text.split()[0].replace(",", "")) for text in told.iloc[:3]) == pytest.approx(250, abs=1)


def test_O1_the_guardrail_is_part_of_the_sentence():
    """Retention was all and is three quarters: worse, whatever the revenue did."""
    run = run_on(study(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW))
    goal = "objectives: [{name: Sell, metric: revenue, change_share: 0.1, guardrail: retention_share}]"
    run.plan = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\n{goal}")
    found = score(run, run.tables, baselines(run), segments_of(PEOPLE, 20)).goals.iloc[0]

    assert found["guardrail_verdict"] == "worse"
    assert found["sentence"].endswith("Its guardrail, retention, went from 100.0% to 75.0%: worse beyond chance.")


def test_S09_customers_who_left_stay_in_the_cohort_that_was_fixed_before():
    """Only 30 customers are in this quarter's segments; the 40 of last quarter's decide, so that 10 have churned."""
    tables = study(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW)
    run, before = run_on(tables), segments_of(PEOPLE, 20)
    made = score(run, tables, baselines(run), segments_of(PEOPLE[:30], 15), before)
    churn = made.kpis.query("metric == 'churn_share'").set_index("segment")

    assert churn.loc[0, ["value", "n"]].tolist() == [0.25, 40]
    assert churn.loc[2, ["value", "n"]].tolist() == [0.5, 20]


def test_a_quarter_that_is_not_over_cannot_be_judged_as_a_whole():
    """22 days are missing: retention and revenue cannot be told, nor growth and the forecast; the order value can."""
    tables = study(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW)
    tables.uncovered_days = 22
    run, found = run_on(tables), segments_of(PEOPLE, 20)
    run.plan = Plan.parse(PLAN.replace("change_share: 0.1}]", "change_share: 0.1}, " + VALUE + "]"))
    card = score(run, tables, baselines(run), found, found)
    early = "the orders end on 8 September 2026, 22 days before the quarter does"

    assert card.goals["verdict"].tolist() == ["cannot tell", "cannot tell", "reached"]
    assert card.goals["sentence"].str.endswith(f"cannot tell ({early}).").tolist() == [True, True, False]
    assert card.business.set_index("measure").loc["revenue growth", ["value", "lacks"]].tolist()[1] == early
    assert set(card.factors()["change"]) == {"cannot tell"} and card.decomposition["change_minor"].isna().all()
    assert card.clv_checks.empty and any(note.startswith("The quarter is not over") for note in card.notes)


VALUE = "{name: Larger, metric: order_value, change_share: 0.1}"


def test_a_target_that_is_the_baseline_as_written_is_not_reached_but_empty():
    """From nobody to somebody: five per cent more than nobody is nobody, so the target asks for nothing."""
    first = [(who, "2025-11-01", 1000) for who in PEOPLE]
    gone = [(f"gone {i}", "2026-02-01", 1000) for i in range(20)]
    back = [(f"back {i}", day, 1000) for i in range(20) for day in ("2026-05-01", "2026-08-01")]
    goal = scored([*first, *gone, *back]).goals.iloc[0]

    assert (goal["baseline"], goal["target"], goal["result"], goal["verdict"]) == (0.0, 0.0, 1.0, "cannot tell")
    assert goal["sentence"].endswith("cannot tell (the quarter before left no room for a target).")


@pytest.mark.parametrize(("base", "n"), [(0.62, 400), (0.05, 300), (0.9, 500)])
def test_what_is_visible_is_a_rise_that_is_seen_four_times_in_five(base, n):
    """A fall of a high share shows earlier than a rise, and is not what a campaign is for (power was .62)."""
    seen = effects._visible({"n": n, "n_control": n, "rate_control": base})

    side = {"alpha": 0.025, "alternative": "larger"}
    power = power_proportions_2indep(seen, base, n, return_results=False, **side)

    assert power == pytest.approx(0.8, abs=0.001)


def test_a_note_stands_once_although_two_comparisons_need_it():
    """The campaign and the hold-out both have twenty customers an arm; what the hold-out shows is no note besides."""
    sent = contacts([(who, "june", "offer" if i % 2 else "control", "2026-06-15") for i, who in enumerate(PEOPLE)])
    tables = study(EARLIER + BOUGHT_BEFORE + BOUGHT_NOW, sent)
    run, found = run_on(tables), segments_of(PEOPLE, 40)
    arms = pd.DataFrame({"customer": PEOPLE, "segment": 1, "arm": ["contact", "holdout"] * 20})
    audience = SimpleNamespace(members=ibis.memtable(arms), manifest={"holdout_share": 0.5})
    card = score(run, tables, baselines(run), found, found, audience)

    assert card.notes.count(effects.FEW_IN_AN_ARM) == 1
    assert card.worth_said().startswith("Worth of the segmentation: a contacted customer spent")
    assert set(card.notes) - set(card.further()) == {card.worth_said()}
