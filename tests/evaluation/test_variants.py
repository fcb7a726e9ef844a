"""Trials of variants: what was planted is found, what is not there is not, and a broken draw is blocked."""

from datetime import timedelta
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.trials import weights
from seglib.evaluation.health import only_variants
from seglib.evaluation.variants import NO_TRIAL, NOT_BACK, Variants, _best, answers

QUARTER = Quarter("2026Q3")
SEGMENTS = pd.DataFrame({"segment": [1, 2], "name": ["Big", "Small"], "identity": [1, 2]})
TEXT = """study: a
sources: {{orders: {{file: o.csv}}}}
evaluation: {{outcome_days: 30}}
content:
  offers:
    - name: tea
      message: told
      trial:
        campaign: subject
        until: {until}
        worth_share: 0.05
        variants: [{{name: plain, share: 0.5}}, {{name: question, share: 0.5, message: asked}}]
"""


def trial(
    chances,
    n=4000,
    until="2026-07-31",
    arms=None,
    sent="2026-07-10",
    drawn=None,
    again=0,
    seed=5,
    second=None,
    in_big=None,
):
    """Contacts of `n` customers in two segments; `chances` is how likely each variant's customers order in 30 days."""
    rng = np.random.default_rng(seed)
    names = [f"c{at:05d}" for at in range(n)]
    arms = np.array(arms if arms is not None else ["plain", "question"] * (n // 2))
    contacts = pd.DataFrame({"customer": names, "campaign": "subject", "arm": arms, "sent_at": pd.Timestamp(sent)})
    bought = rng.random(n) < np.array([chances[arm] for arm in arms])
    orders = pd.DataFrame({"customer": np.array(names)[bought], "ordered_at": pd.Timestamp(sent) + timedelta(days=9)})
    late = pd.DataFrame({"customer": names, "ordered_at": pd.Timestamp(sent) + timedelta(days=31)})
    orders = pd.concat([orders, late]).assign(amount_minor=1000)
    other = contacts[:again].assign(arm=second or np.where(arms[:again] == "plain", "question", "plain"))
    labels = pd.DataFrame({"customer": names, "segment": 1 + (np.arange(n) // 2) % 2})
    labels = labels if in_big is None else labels.assign(segment=1 + (np.arange(n) >= in_big))
    members = pd.DataFrame({"customer": names, "trial": "subject", "variant": arms if drawn is None else drawn})
    foretold = pd.DataFrame(
        {"campaign": "subject", "name": ["all segments", "Big"], "visible": [0.04, 0.06], "told": True}
    )
    run = SimpleNamespace(plan=Plan.parse(TEXT.format(until=until)), quarter=QUARTER, engine=Engine.open())
    tables = SimpleNamespace(orders=ibis.memtable(orders), contacts=ibis.memtable(pd.concat([contacts, other])))
    fixed = SimpleNamespace(labels=ibis.memtable(labels), segments=SEGMENTS)
    audience = SimpleNamespace(members=ibis.memtable(members), trials=foretold)
    return answers(run, tables, fixed, None, audience)


def test_a_planted_difference_is_found_in_all_and_beside_what_was_foretold():
    """20 % against 28 %; orders after the window count for nobody."""
    table, (sentence,) = trial({"plain": 0.20, "question": 0.28})
    whole = table.set_index("segment").loc[0]

    assert table["segment"].tolist() == [0, 1, 2]
    assert whole["effect_low"] < 0.08 < whole["effect_high"]
    assert whole["rate_control"] == pytest.approx(0.20, abs=0.02)
    assert table["foretold"].tolist()[:2] == [0.04, 0.06]
    assert "beyond chance. question did best of 2:" in sentence


def test_two_variants_that_are_the_same_cannot_be_told_apart():
    """Both 20 %: over 40 trials few are called different, and the interval without the luck holds the truth."""
    found = [trial({"plain": 0.2, "question": 0.2}, n=1000, seed=seed)[1][0] for seed in range(12)]

    assert sum("cannot tell" in sentence for sentence in found) >= 10


def test_before_the_planned_end_there_is_no_winner():
    """The trial goes on until the end of the year."""
    table, (sentence,) = trial({"plain": 0.20, "question": 0.28}, until="2026-12-31")

    assert table["provisional"].all()
    assert sentence.startswith("subject: provisional until its planned end, 31 December 2026")
    assert "did best" not in sentence


def test_what_is_sent_after_the_planned_end_does_not_count():
    """Everything was sent in August, after the end."""
    table, (sentence,) = trial({"plain": 0.2, "question": 0.3}, sent="2026-08-05")

    assert table.empty
    assert sentence == f"subject: {NOT_BACK}"


def test_S10_a_draw_that_did_not_hold_is_blocked():
    """A third got the question where half should have."""
    table, (sentence,) = trial({"plain": 0.2, "question": 0.3}, n=3000, arms=["plain", "plain", "question"] * 1000)

    assert table.empty
    assert sentence.startswith("subject: blocked. 50.0%/50.0% planned, 66.7%/33.3% seen, p = ")


def test_S12_customers_who_got_another_variant_than_was_drawn_block():
    """The system that sent them drew anew."""
    drawn = np.random.default_rng(1).permutation(["plain", "question"] * 2000)
    table, (sentence,) = trial({"plain": 0.2, "question": 0.3}, drawn=drawn)

    assert table.empty
    assert "got another variant than was drawn: find the cause first" in sentence


def test_S12_customers_who_got_both_block():
    """One in twenty was written to twice."""
    assert "5.0% of its customers were in more than one arm" in trial({"plain": 0.2, "question": 0.3}, again=200)[1][0]


def test_S12_customers_of_the_control_group_who_got_a_variant_block_whatever_the_variants_are_called():
    """One in twenty stands in the control group too, whose name comes before those of the variants."""
    sentence = trial({"plain": 0.2, "question": 0.3}, again=200, second="control")[1][0]

    assert "5.0% of its customers were in more than one arm" in sentence


def test_S11_a_draw_that_did_not_hold_within_the_segments_is_blocked():
    """Four in five of one segment got the one variant and of the other the other: in all, half got each."""
    arms = np.where(np.arange(4000) % 10 < 8, ["plain", "plain", "question", "question"] * 1000, "plain")
    arms = np.where(np.arange(4000) % 10 >= 8, ["question", "question", "plain", "plain"] * 1000, arms)
    table, (sentence,) = trial({"plain": 0.2, "question": 0.3}, arms=arms)

    assert (arms == "plain").mean() == 0.5
    assert table.empty
    assert (
        sentence == "subject: blocked. In Big, Small the variants do not have the planned sizes: find the cause first."
    )


def test_S13_before_the_planned_end_p_values_hold_at_every_look_like_the_intervals():
    """A difference that would be clear at the end: no p value says more than the interval beside it."""
    table, _ = trial({"plain": 0.20, "question": 0.23}, until="2026-12-31")
    open_ = (table["effect_low"] < 0) & (table["effect_high"] > 0)

    assert open_.all()
    assert (table["p_adjusted"] >= 0.05).all()


def test_few_who_got_another_variant_are_told_as_a_bound_only():
    """Three of a hundred."""
    drawn = ["question", "plain", "question"] + ["question", "plain"] * 48 + ["question"]
    sentence = trial({"plain": 0.2, "question": 0.3}, n=100, drawn=drawn)[1][0]

    assert sentence.startswith("subject: blocked. Under 10.0% of its customers got another variant than was drawn")


def test_no_shares_of_fewer_customers_than_may_be_told_are_seen():
    """Three got the one, sixty the other: no draw of halves, but what was seen would tell of three."""
    sentence = trial({"plain": 0.2, "question": 0.3}, n=63, arms=["plain"] * 60 + ["question"] * 3)[1][0]

    assert sentence == "subject: fewer than 10 customers got question so far, so nothing is said."


def test_what_a_small_segment_did_does_not_follow_from_all_less_the_others():
    """Four of the small segment got each variant: with the other segment told, all less it would be these four."""
    table, _ = trial({"plain": 0.2, "question": 0.28}, n=400, in_big=392)

    assert table["segment"].tolist() == [0]


def test_a_trial_of_few_customers_says_nothing():
    """Four each."""
    assert "fewer than 10 customers got plain, question so far" in trial({"plain": 0.2, "question": 0.3}, n=8)[1][0]


def test_of_variants_that_did_equally_well_none_is_called_the_best():
    """Of each half every fifth ordered."""
    rows = pd.DataFrame({"arm": ["plain", "question"] * 50, "arms": 1, "converted": ([1] * 2 + [0] * 8) * 10})
    plan = Plan.parse(TEXT.format(until="2026-12-31"))

    assert _best(rows, plan.content.offers[0].trial) == "Several did equally well: 20.0% ordered, so none is the best."


def test_the_table_is_readable_and_its_absence_is_said():
    """One row each for everybody and the two segments."""
    shown, nothing = Variants(), Variants()
    shown.trials, nothing.trials = trial({"plain": 0.20, "question": 0.28})[0], pd.DataFrame()

    assert shown.variants()["was to show from"].tolist() == ["4.0 points", "6.0 points", ""]
    assert nothing.variants() == NO_TRIAL


def test_a_trial_without_a_control_group_is_no_campaign_that_lacks_one():
    """Its variants are compared with each other; with a control group it is read as a campaign too."""
    run = SimpleNamespace(plan=Plan.parse(TEXT.format(until="2026-12-31")))
    rows = pd.DataFrame({"campaign": ["subject", "subject", "may"], "arm": ["plain", "question", "offer"]})
    with_control = pd.concat([rows, pd.DataFrame({"campaign": ["subject"], "arm": ["control"]})])

    assert only_variants(rows, run).tolist() == [True, True, False]
    assert not only_variants(with_control, run).any()


def test_a_control_group_of_a_trial_has_the_size_that_the_hold_out_gave_it():
    """One in ten is held out; only how the others were divided is a matter of the trial."""
    plan = Plan.parse(TEXT.format(until="2026-12-31"))

    assert weights(plan, "subject", 0.1) == pytest.approx({"plain": 0.45, "question": 0.45, "control": 0.1})
    assert weights(plan, "subject", 0.0) == {"plain": 0.5, "question": 0.5}
    assert weights(plan, "another", 0.1) == {}
