"""Variants of an offer: drawn by a keyed hash in each segment, kept until the end, and never asked of too few."""

import csv
import hashlib
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.activation.expected import COLUMNS, FILE, expected, recheck_expected
from seglib.activation.variants import allot, drawn, foreseen, sentences, table
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.trials import Trial

KEY = bytes(range(32))
AS_OF = Quarter("2026Q3").as_of
HALVES = [{"name": "plain", "share": 0.5}, {"name": "question", "share": 0.5, "message": "asked"}]
TEXT = """study: a
sources: {{orders: {{file: o.csv}}}}
rules: {{{rules}}}
content:
  budget: 400
  offers:
    - name: tea
      message: told
      cost: 0.05
      trial: {{campaign: subject, until: {until}, worth_share: {worth}, variants: {variants}}}
"""


def plan_of(variants=HALVES, until="2026-12-31", worth=0.05, rules=""):
    written = "[" + ", ".join("{" + ", ".join(f"{k}: {v}" for k, v in one.items()) + "}" for one in variants) + "]"
    return Plan.parse(TEXT.format(variants=written, until=until, worth=worth, rules=rules))


def trial_of(shares, campaign="subject"):
    parts = [{"name": f"v{at}", "share": share, "message": f"m{at}"} for at, share in enumerate(shares)]
    return Trial(campaign=campaign, variants=parts, until="2026-12-31", worth_share=0.03)


def people(sizes):
    """Customers of segments 1, 2 ..., as many as `sizes` says, all to be contacted with tea by e-mail."""
    names = [hashlib.sha256(str(at).encode()).hexdigest()[:24] for at in range(sum(sizes))]
    segment = np.repeat(np.arange(1, len(sizes) + 1), sizes)
    rows = pd.DataFrame({"customer": names, "segment": segment, "offer": "tea", "message": "told", "channel": "email"})
    return rows.assign(arm="contact", name=[f"Segment {number}" for number in segment])


def nobody(_purpose):
    return set()


@given(
    sizes=st.lists(st.integers(0, 60), min_size=1, max_size=4),
    parts=st.lists(st.integers(1, 9), min_size=2, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_each_segment_is_divided_by_the_shares_to_within_one_customer(sizes, parts):
    """The draw is stratified: no segment strays from the planned shares by more than a rounding."""
    shares, rows = [part / sum(parts) for part in parts], people(sizes)
    found = allot(rows, trial_of(shares), KEY, {})

    assert found.notna().all()
    for segment, size in enumerate(sizes, start=1):
        counts = found[rows["segment"] == segment].value_counts()
        assert all(abs(counts.get(f"v{at}", 0) - share * size) <= 1 for at, share in enumerate(shares))


def test_the_draw_needs_the_key_and_does_not_depend_on_the_order_of_rows():
    """Another key or another trial gives another draw, another order the same."""
    rows, trial = people([400]), trial_of([0.5, 0.5])
    found = allot(rows, trial, KEY, {})

    assert allot(rows.sample(frac=1, random_state=1), trial, KEY, {}).reindex(rows.index).equals(found)
    for other in (allot(rows, trial, bytes(32), {}), allot(rows, trial_of([0.5, 0.5], "offer"), KEY, {})):
        assert 0.4 < (other == found).mean() < 0.6


def test_the_draw_has_nothing_to_do_with_what_customers_do():
    """Planted: 30 % of everybody order; over 200 trials the difference between variants is chance, no more."""
    rows = people([300])
    ordered = np.random.default_rng(3).random(300) < 0.3
    gaps = []
    for number in range(200):
        found = allot(rows, trial_of([0.5, 0.5], f"trial {number}"), KEY, {})
        gaps.append(ordered[found == "v0"].mean() - ordered[found == "v1"].mean())

    assert abs(np.mean(gaps)) < 0.012
    assert np.std(gaps) == pytest.approx(np.sqrt(0.3 * 0.7 * 4 / 300), rel=0.2)


def test_who_has_a_variant_keeps_it_and_newcomers_fill_up_the_shares():
    """Next quarter half of the customers are new and some changed segment: nobody who was there changes variant."""
    rows, trial = people([100, 100]), trial_of([0.7, 0.3])
    first = allot(rows[:120], trial, KEY, {})
    moved = rows.assign(segment=np.where(np.arange(200) % 7 == 0, 2, rows["segment"]))
    then = dict(zip(rows["customer"][:120], first, strict=True))
    second = allot(moved, trial, KEY, then)

    assert (second[:120] == first).all()
    for _, part in second.groupby(moved["segment"]):
        assert (part == "v0").mean() == pytest.approx(0.7, abs=0.05)


def test_a_variant_brings_its_own_message_and_those_held_out_are_the_control_group():
    """Only those who are contacted with the offer get a variant."""
    rows = people([8]).assign(arm=["contact"] * 6 + ["holdout", "none"])
    rows.loc[5, "offer"] = "coffee"
    found = drawn(rows, plan_of().content.offers, KEY, AS_OF, nobody)

    assert found["variant"].notna().tolist() == [True] * 5 + [False] * 3
    assert found["trial"].eq("subject").fillna(False).tolist() == [True] * 5 + [False, True, False]
    assert found.groupby("variant")["message"].unique().map(list).to_dict() == {
        "plain": ["told"],
        "question": ["asked"],
    }


def test_variants_of_several_channels_are_drawn_among_those_who_agreed_to_all():
    """Else the letter would go to people who like letters, and the comparison would be of people."""
    variants = [{"name": "mail", "share": 0.5}, {"name": "letter", "share": 0.5, "channel": "post"}]
    rows = people([6])
    both = set(rows["customer"][:4])
    found = drawn(
        rows, plan_of(variants).content.offers, KEY, AS_OF, lambda p: both if p == "post" else {*rows["customer"]}
    )

    assert found["variant"].notna().tolist() == [True] * 4 + [False] * 2
    assert found["channel"].value_counts().to_dict() == {"email": 4, "post": 2}
    assert found["message"].eq("told").all()


def test_after_its_planned_end_nobody_gets_a_variant():
    """The trial ended with the quarter; the sentence says what to do now."""
    plan = plan_of(until="2026-09-30")
    found = drawn(people([50]), plan.content.offers, KEY, AS_OF, nobody)
    foretold = foreseen(found, plan.content.offers, AS_OF, set(), 10)

    assert found["variant"].isna().all()
    assert sentences(foretold, plan.content.offers, AS_OF, 10)[0].startswith(
        "subject: its planned end, 30 September 2026, is over, so 'tea' goes out without variants."
    )


def told(sizes, share, worth):
    """What is said before sending, where `share` of everybody ordered lately."""
    plan, rows = plan_of(worth=worth), people(sizes)
    found = drawn(rows, plan.content.offers, KEY, AS_OF, nobody)
    ordered = {*rows["customer"][np.arange(len(rows)) % 100 < 100 * share]}
    foretold = foreseen(found, plan.content.offers, AS_OF, ordered, 10)
    return foretold, sentences(foretold, plan.content.offers, AS_OF, 10)[0]


def test_a_question_that_all_segments_can_answer_and_one_cannot_is_said():
    """Of 4,000 customers 20 % order: four points show; in the segment of 400 they do not."""
    rows, sentence = told([3600, 400], 0.2, 0.04)

    assert rows.set_index("segment")["enough"].to_dict() == {0: True, 1: True, 2: False}
    assert rows["visible"].tolist() == pytest.approx([0.036, 0.038, 0.12], abs=0.003)
    assert sentence.endswith(
        "so all segments together can answer. Too small for an answer of their own: Segment 2; read them with all the "
        "others."
    )


def test_a_question_that_is_too_small_says_how_many_customers_it_takes():
    """By hand, 20 % against 24 %: (1.95996 sqrt(0.3432) + 0.84162 sqrt(0.3424))^2 / 0.04^2 = 1,682.4; here are 250."""
    rows, sentence = told([500], 0.2, 0.04)

    assert rows["needed"].tolist() == [1683, 1683]
    assert "4.0 points would decide, which takes 1,683 customers in each. The question is too small" in sentence


def test_nothing_is_said_of_few_nor_of_what_would_give_them_away():
    """Segment 2 has three customers: its row is blank, and so is that of all segments together."""
    rows, sentence = told([300, 3], 0.2, 0.1)

    assert rows.set_index("segment")["told"].to_dict() == {0: False, 1: True, 2: False}
    assert table(rows, 10)["customers per variant"].tolist() == ["", "about 160", ""]
    assert "Too few customers" in sentence


PEOPLE = ["ann", "bob", "cat", "dan"]


def study(tmp_path, agreed, rules=""):
    """A run with four customers of whom some agreed to e-mail, and who is drawn to what."""
    rows = [(who, "email", who in agreed, "granted" if who in agreed else "withdrawn") for who in PEOPLE]
    consent = ibis.memtable(pd.DataFrame(rows, columns=["customer", "purpose", "granted", "reason"]))
    known = ibis.memtable(pd.DataFrame({"customer": PEOPLE, "may_profile": True, "reason": "granted"}))
    (tmp_path / "private").mkdir()
    run = SimpleNamespace(
        plan=plan_of(rules=rules), quarter=Quarter("2026Q3"), key=KEY, engine=Engine.open(), data=tmp_path
    )
    run.tables = SimpleNamespace(consent=consent, people=known)
    members = pd.DataFrame({"customer": PEOPLE, "trial": "subject", "channel": "email"})
    members = members.assign(variant=["plain", "question", "plain", None])
    details = pd.DataFrame(
        {"customer": PEOPLE, "customer_id": [who.upper() for who in PEOPLE], "email": None, "phone": None}
    )
    return run, members, details


def test_the_expected_contacts_have_the_shape_of_the_table_and_nobody_who_said_no(tmp_path):
    """Cat withdrew; Dan is held out and is the control group."""
    run, members, details = study(tmp_path, {"ann", "bob", "dan"})
    rows = expected(run, members, details, None)

    assert list(rows) == COLUMNS
    assert rows[["customer_id", "arm", "cost"]].to_numpy().tolist() == [
        ["ANN", "plain", "0.05"],
        ["BOB", "question", "0.05"],
        ["DAN", "control", ""],
    ]


def test_a_hold_out_of_the_company_is_not_listed_twice(tmp_path):
    """It stands in contacts under its own arm anyway."""
    run, members, details = study(tmp_path, set(PEOPLE))
    own = plan_of().model_copy(update={"rules": run.plan.rules.model_copy(update={"holdout_arm": "never"})})
    run.plan = own

    assert expected(run, members, details, None)["arm"].tolist() == ["plain", "question", "plain"]


def test_R08_expected_contacts_that_hold_somebody_without_consent_are_not_published(tmp_path):
    """Whoever made the file erred; the last look finds it."""
    run, _, details = study(tmp_path, {"ann"})
    with (tmp_path / FILE).open("w", newline="") as file:
        csv.writer(file).writerows(
            [COLUMNS, ["ANN", "subject", "plain", "email", "", ""], ["BOB", "subject", "x", "email"] + [""] * 2]
        )
    with pytest.raises(PrivacyRefused, match="R08.*found: 1 of 2 persons"):
        recheck_expected(run, tmp_path, details, None)

    assert not (tmp_path / FILE).exists()


def test_a_trial_is_called_as_intake_writes_the_campaign_of_its_contacts():
    """Capitals and blanks at the ends make no other campaign, arm or channel: else no contact of it would come back."""
    written = TEXT.format(
        variants="[{name: Plain, share: 0.5}, {name: Letter, share: 0.5, channel: Post}]",
        until="2026-12-31",
        worth=0.05,
        rules="",
    )
    text = written.replace("campaign: subject", "campaign: ' Subject Line'").replace(
        "cost: 0.05", "tested_by: [May Sale]"
    )
    offer = Plan.parse(text).content.offers[0]

    assert offer.trial.campaign == "subject line"
    assert [(each.name, each.channel) for each in offer.trial.variants] == [("plain", None), ("letter", "post")]
    assert offer.tested_by == ("may sale",)


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        (HALVES[:1], "a trial of fewer than two variants"),
        ([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.6, "message": "m"}], "the shares do not add up to 1"),
        ([{"name": "a", "share": 0.5}, {"name": "A", "share": 0.5, "message": "m"}], "two arms with one name"),
        ([{"name": "a", "share": 0.5}, {"name": "control", "share": 0.5, "message": "m"}], "two arms with one name"),
        ([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}], "two variants that are the same"),
        ([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "channel": "fax"}], "no such channel"),
        ([{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "message": "m", "cost": -1}], "must be at least 0"),
        (
            [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "message": "m", "cost": 500}],
            "one message costs more than the budget - plan.yml, content.offers[0].trial.variants[1].cost",
        ),
    ],
)
def test_a_trial_that_cannot_be_read_is_refused_with_its_place(variants, said):
    """What is wrong is told before any data are looked at."""
    with pytest.raises(InputRefused) as refused:
        plan_of(variants)

    assert any(said in str(finding) and "content.offers[0].trial" in str(finding) for finding in refused.value.findings)
