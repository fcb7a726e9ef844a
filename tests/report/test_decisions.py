"""Decisions that a later notebook would stop at are refused before the first one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.intake import take_in
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.report import draw
from seglib.report.decisions import refuse_decisions, refuse_unmet

MINIMAL = "study: acme\nconsent: {basis: contract}\n"
ORDERS = "customer_id,order_id,ordered_at,amount\nA,1,2026-07-02,10\nB,2,2026-08-02,20\nA,3,2026-09-02,30\n"
CONTACTS = "customer_id,campaign,arm,sent_at\nA,Summer,No E-Mail,2026-07-03\nB,Summer,Mens E-Mail,2026-07-03\n"


FEEDBACK = "customer_id,item,answered_at,answer\nA,price,2026-07-04,5\nB,price,2026-07-04,4\n"
PEOPLE = "{orders: {file: orders.csv}, customers: {file: customers.csv}}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function from lines of a plan to the run of a study with three orders and one campaign."""
    return study(tmp_path, monkeypatch)


def study(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Write the files of a study; the plan comes with each call."""
    folder = home / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "orders.csv").write_text(ORDERS)
    (folder / "sources" / "contacts.csv").write_text(CONTACTS)
    (folder / "sources" / "feedback.csv").write_text(FEEDBACK)
    monkeypatch.setenv("SEGLIB_HOME", str(home))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)

    def opened(lines: str, sources: str = "{orders: {file: orders.csv}}") -> Run:
        (folder / "plan.yml").write_text(f"{MINIMAL}sources: {sources}\n{lines}")
        return Run.open("acme", "2026Q3")

    return opened


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "objectives: [{name: a, metric: churn, change_share: 0.1}]",
            "unknown metric - plan.yml, objectives[0].metric",
        ),
        ("objectives: [{name: a, metric: nps, change_share: -0.1}]", "must be above 0"),
        ("objectives: [{name: a, metric: nps, change_share: 0.1, population: vip}]", "objectives[0].population"),
        ("criteria: {use: [recency]}", "no criterion called 'recency' - plan.yml, criteria.use - do: did you mean"),
        ("clustering: {method: mixed}", "mixed needs at least one category - plan.yml, clustering.categories"),
        ("clustering: {transforms: {recency: identity}}", "'recency' does not make segments"),
        ("clustering: {names: {A: Young mothers}}", "SEG-R23 a name about people"),
        ("clustering: {rules: {Big: monetary >> 5}}", "SEG-P08"),
        ("clustering: {rules: {Big: spending > 5}}", "no criterion called 'spending' - plan.yml, clustering.rules.Big"),
        ("clustering: {rfm: {rules: {All: recency > 5}}}", "SEG-P08"),
        ("content: {messages: {a: {subject: $name, body: b}}}", "no word called '$name'"),
        ("content: {offers: [{name: a, message: b, stages: [gone]}]}", "no stage called 'gone'"),
        ("content: {offers: [{name: a, message: b, segments: [Whales]}]}", "no segment can be called so"),
        (
            "activation: {destination: mailchump}",
            "unknown destination - plan.yml, activation.destination - found",
        ),
        (
            "criteria: {gaps: {discount: median}}",
            "no criterion called 'discount' - plan.yml, criteria.gaps",
        ),
        ("criteria: {use: [order_count, gender]}", "'gender' must not make segments - plan.yml, criteria.use"),
        ("criteria: {use: [degree], attributes: {degree: {}}}", "'degree' must not make segments"),
        (
            "criteria: {attributes: {order_count: {}}}",
            "a criterion is called 'order_count' already",
        ),
        (
            "clustering: {method: mixed, categories: [recency_days]}",
            "'recency_days' is not a category that may make segments - plan.yml, clustering.categories",
        ),
        ("activation: {destinations: [hubspott]}", "plan.yml, activation.destinations - found: hubspott - do: did you"),
    ],
)
def test_P05_what_needs_no_data_is_found_before_anything_is_read(run, line, sentence):
    """Each was found by the notebook that needed it, up to seven notebooks later."""
    with pytest.raises(InputRefused) as caught:
        refuse_decisions(run(line, PEOPLE))

    assert sentence in str(caught.value)
    assert " - do: " in str(caught.value)


def test_P05_all_mistakes_of_a_plan_are_told_together(run):
    """Two places, two lines, and nothing was read."""
    opened = run("activation: {destination: mailchump}\ncriteria: {use: [recency]}")
    with pytest.raises(InputRefused) as caught:
        draw.take_in("acme", "2026Q3", 0, anew=True)

    assert len(caught.value.findings) == 2
    assert not opened.folder.exists()


def test_names_that_the_data_may_have_are_left_to_the_data(run):
    """Words of the study make criteria, and notebook 04 gives names by itself."""
    refuse_decisions(
        run(
            "criteria: {use: [order_count, spent_on_home_garden_share]}\n"
            "clustering: {names: {Frequent buyers: Regulars}, rules: {Big: monetary > 5}}\n"
            "content: {offers: [{name: a, message: b, segments: [Regulars, New occasional buyers]}]}"
        )
    )


def test_columns_of_its_own_may_make_segments_and_stand_in_rules(run):
    """The plan names them as attributes, and they were said to be no criteria all the same."""
    own = "attributes: {points: {kind: number, role: segmentation}, degree: {}}"
    mixed = "method: mixed, categories: [degree], rules: {Many points: points > 500}"
    refuse_decisions(
        run(
            f"criteria: {{use: [order_count, points], gaps: {{points: median}}, {own}}}\nclustering: {{{mixed}}}",
            PEOPLE,
        )
    )


def test_R22_a_special_category_that_is_to_make_segments_is_refused_before_anything_is_read(run):
    """Exit code 5, in the first second: notebook 03 said so."""
    line = "criteria: {use: [faith], attributes: {faith: {kind: number, role: segmentation, sensitivity: special}}}"
    with pytest.raises(PrivacyRefused) as caught:
        refuse_decisions(run(line, PEOPLE))

    assert "SEG-R22 'faith' is a special category of personal data - plan.yml, criteria.use" in str(caught.value)


BOTH = "{orders: {file: orders.csv}, contacts: {file: contacts.csv}, feedback: {file: feedback.csv}}"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory):
    """A function from lines of a plan to the run of a study with a campaign, whose sources were read once."""
    with pytest.MonkeyPatch.context() as patched:
        home = tmp_path_factory.mktemp("read")
        opened = study(home, patched)("", BOTH)
        take_in(opened)

        yield lambda lines: replace(opened, plan=Plan.parse(f"{MINIMAL}sources: {BOTH}\n{lines}"), _cache={})


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("evaluation: {control_arm: nobody}", "no arm of contacts is called so - plan.yml, evaluation.control_arm"),
        ("evaluation: {control_arm: no email}", "found: no email - do: did you mean 'no e-mail'?"),
        (
            "evaluation: {control_arm: no e-mail, arms: {no e-mail: 1}}",
            "an arm of contacts without a weight - plan.yml, evaluation.arms - found: mens e-mail",
        ),
        (
            "criteria: {use: [order_count, prize_answer]}",
            "did you mean 'price_answer'?",
        ),
        ("clustering: {rules: {Big: spending > 5}}", "no criterion called 'spending' - plan.yml, clustering.rules.Big"),
        ("criteria: {use: [return_share, gender]}", "'gender' cannot be computed"),
        ("objectives: [{name: a, metric: conversion_share, change_share: 0.1}]", "conversion_share cannot be computed"),
    ],
)
def test_P05_what_the_data_do_not_hold_is_found_before_the_first_notebook(read, line, sentence):
    """Columns and words that a decision names are looked for as soon as the sources have been read."""
    with pytest.raises(InputRefused) as caught:
        refuse_unmet(read(line))

    assert sentence in str(caught.value)


def test_what_a_survey_asked_may_make_segments(read):
    """The answers to a question are a criterion, and whether they are known is one."""
    refuse_unmet(read("criteria: {use: [order_count, price_answer, price_answer_known_flag]}"))


def test_capitals_of_an_arm_are_no_contradiction(read):
    """The plan may write the arm as the file does."""
    refuse_unmet(read("evaluation: {control_arm: No E-Mail, arms: {No E-Mail: 1, Mens E-Mail: 1}}"))
