"""Decisions that a later notebook would stop at are refused before the first one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from seglib.core.errors import InputRefused
from seglib.core.intake import take_in
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.report import draw
from seglib.report.decisions import refuse_decisions, refuse_unmet

MINIMAL = "study: acme\nconsent: {basis: contract}\n"
ORDERS = "customer_id,order_id,ordered_at,amount\nA,1,2026-07-02,10\nB,2,2026-08-02,20\nA,3,2026-09-02,30\n"
CONTACTS = "customer_id,campaign,arm,sent_at\nA,Summer,No E-Mail,2026-07-03\nB,Summer,Mens E-Mail,2026-07-03\n"


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
        ("activation: {destinations: [hubspott]}", "plan.yml, activation.destinations - found: hubspott - do: did you"),
    ],
)
def test_P05_what_needs_no_data_is_found_before_anything_is_read(run, line, sentence):
    """Each was found by the notebook that needed it, up to seven notebooks later."""
    with pytest.raises(InputRefused) as caught:
        refuse_decisions(run(line))

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


BOTH = "{orders: {file: orders.csv}, contacts: {file: contacts.csv}}"


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
        ("criteria: {use: [return_share, gender]}", "'gender' cannot be computed"),
        ("objectives: [{name: a, metric: nps, change_share: 0.1}]", "nps cannot be computed without"),
    ],
)
def test_P05_what_the_data_do_not_hold_is_found_before_the_first_notebook(read, line, sentence):
    """Columns and words that a decision names are looked for as soon as the sources have been read."""
    with pytest.raises(InputRefused) as caught:
        refuse_unmet(read(line))

    assert sentence in str(caught.value)


def test_capitals_of_an_arm_are_no_contradiction(read):
    """The plan may write the arm as the file does."""
    refuse_unmet(read("evaluation: {control_arm: No E-Mail, arms: {No E-Mail: 1, Mens E-Mail: 1}}"))
