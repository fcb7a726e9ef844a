"""The first page of twelve studies of different shape: no sentence contradicts another, every action can be done."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from first_page import EFFECT, SEGMENTS, goals, leaving, study, typical

from seglib.core.plan import Plan
from seglib.report.advice import UNDECIDED, UNTRIED, actions
from seglib.report.cautions import BY_CHANCE, careful

OFFER = "content: {offers: [{name: Come back, message: m, EXAMPLE}]}"
BASE = "study: a\ncurrency: GBP\nsources: {orders: {file: o.csv}}\ncriteria: {window_days: 365}\n"


def part(name, **given):
    """Change some fields of one part of the study."""
    return {name: SimpleNamespace(**{**vars(getattr(study(), name)), **given})}


def judged(verdict):
    """Say the same verdict of both segments."""
    return part("refinement", verdicts=study().refinement.verdicts.assign(verdict=verdict))


def weak(name):
    """Make one segment too weak to be used."""
    return part("segmentation", segments=SEGMENTS.assign(usable=SEGMENTS["name"] != name))


def wide():
    """Everybody may be contacted, one in ten is held out."""
    rows = [
        (s, stage, arm, n)
        for s, stage in ((1, "at_risk"), (2, "active"))
        for arm, n in (("contact", 900), ("holdout", 99))
    ]
    return {"reach": pd.DataFrame(rows, columns=["segment", "stage", "arm", "customers"])}


def bare(**given):
    """Nothing but orders: no consent, no contacts, an offer that init wrote."""
    collection = part("collection", consent=None, contacts=None)
    plan = Plan.parse(BASE + OFFER.replace("EXAMPLE", "example: true"))
    none = {"effects": (), "experiments": (), "reach": study().reach.iloc[:0], "previous": None}
    return {**collection, **none, "plan": plan, **given}


ASKED = {**EFFECT, "asked": True}
MAYBE = {**EFFECT, "p_adjusted": 0.3}
HARM = {**EFFECT, "segment": 1, "name": "Regulars", "effect": -0.2, "effect_low": -0.3, "effect_high": -0.1}
SHAPES = {
    "a shop that tests": {"effects": [ASKED], **wide()},
    "a wholesaler with orders only": bare(),
    "orders only, and a goal that takes for ever": bare(**goals("cannot tell", 61_072.0)),
    "consent, and nobody held out": {**part("collection", contacts=None), "reach": study().reach.assign(arm="contact")},
    "consent and a hold-out, nothing sent yet": part("collection", contacts=None),
    "a segment that a test favours is refitted": {"effects": [EFFECT, MAYBE], **judged("refit"), **wide()},
    "a segment that a test favours is too small": {"effects": [EFFECT, MAYBE], **weak("Bargain hunters"), **wide()},
    "the group at stake is too small": {**weak("Regulars"), **wide()},
    "it works for all but one": {"effects": [{**EFFECT, "segment": 0, "name": "everybody"}, HARM], **wide()},
    "a segment of last quarter is gone": {"effects": [{**EFFECT, "name": "Sleepers"}], **wide()},
    "a leak, and a goal that is reached": {**goals("reached"), "journeys": leaving()},
    "an example offer, and few who may be contacted": {
        "plan": Plan.parse(BASE + OFFER.replace("EXAMPLE", "example: true")),
        "reach": study().reach.assign(customers=[4, 1]),
    },
    "a broken split": {"effects": [EFFECT], "experiments": [("spring", False, "spring: the groups differ.")]},
    "one-time buyers with names of old": part(
        "segmentation",
        segments=SEGMENTS.assign(name=["New buyers", "Bargain hunters"]),
        centres=typical(tenure_days=754.0),
        own_names={},
    ),
}


def page(shape):
    """Build a study and give what its first page would say: actions, and what to be careful about."""
    made = study(**SHAPES[shape])
    return made, actions(made), careful(made)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_action_can_be_carried_out_with_what_the_study_has(shape):
    """Segments exist, offers are the company's own, consent and hold-out are there where an action needs them."""
    made, done, _ = page(shape)
    arms, names = set(made.reach["arm"]), set(made.segmentation.segments["name"])
    examples = {offer.name for offer in made.plan.content.offers if offer.example}
    told = " ".join(f"{action.what} {action.why} {action.known}" for action in done)

    assert len(done) <= 3
    assert len({action.what for action in done}) == len(done)
    assert "contact" in arms or not any(action.what.startswith(("Send", "Test", "Hold out")) for action in done)
    assert "holdout" in arms or not re.search("[Kk]eep the hold-out|are held out|compares them with those held", told)
    assert not any(f"Send “{name}”" in told for name in examples)
    assert "Sleepers" in names or "Sleepers" not in told


@pytest.mark.parametrize("shape", SHAPES)
def test_no_two_sentences_contradict_each_other(shape):
    """No campaign on a segment that must not be used, no proof where nothing proves, no target for a settled goal."""
    made, done, said = page(shape)
    campaigns = [action for action in done if action.what.startswith(("Send", "Go on", "Test", "Decide", "Ask"))]
    stopped = {
        name
        for name in made.segmentation.segments["name"]
        if any(
            f"{name} (" in line or (name in line and line.startswith("Build no campaign on"))
            for line in [*said, *(a.what for a in done)]
        )
    }
    settled = set(made.scorecard.goals.loc[made.scorecard.goals["verdict"] != "cannot tell", "name"])

    assert not [action.what for action in campaigns for name in stopped if name in action.what.split(" but ")[0]]
    assert BY_CHANCE not in said or not any(
        "beyond chance" in action.why or "measured" in action.brings for action in done
    )
    assert not [name for name in settled if any(f"Give “{name}”" in action.what for action in done)]
    assert not any("beyond chance" in action.why and "can still be chance" in action.why for action in done)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_nobody_knows_is_not_the_first_thing_to_do(shape):
    """An action of which it is not known what it brings stands after all others."""
    unknown = [action.brings in (UNTRIED, UNDECIDED) for action in page(shape)[1]]

    assert unknown == sorted(unknown)


def test_a_name_that_does_not_hold_is_said_and_used_only_as_a_name():
    """The caution names the word; another quarter's name stays the key that all pages share."""
    _, _, said = page("one-time buyers with names of old")

    assert sum("The name New buyers says" in line for line in said) == 1
