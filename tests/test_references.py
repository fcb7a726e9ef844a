"""The generated pages: every key, code and verb is told, and nobody has written in the pages by hand."""

import shlex

import pytest
import reference_api
import reference_codes
import reference_commands
import reference_plan
from pydantic import TypeAdapter

from seglib.core.plan_text import load_yaml
from seglib.verbs import parser

PAGES = [reference_plan, reference_codes, reference_commands, reference_api]
KEYS = list(reference_plan.rows())


@pytest.mark.parametrize("reference", PAGES, ids=lambda module: module.PAGE.stem)
def test_a_generated_page_is_what_the_code_says(reference):
    """Whoever changes a key, a code or a verb types: make references."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "type: make references"


def test_every_key_of_the_plan_has_its_meaning_and_an_example():
    """The comment beside a declaration is what the page says of the key."""
    silent = [f"{place}.{name}" for place, _, name, meaning, _ in KEYS if not meaning]
    bare = [
        f"{place}.{name}"
        for place, cls, name, _, example in KEYS
        if not example and reference_plan.section_of(reference_plan.hint(cls, name))[0] is None
    ]

    assert len(KEYS) > 120
    assert silent == []
    assert bare == []


@pytest.mark.parametrize(
    ("cls", "name", "example"),
    [pytest.param(cls, name, example, id=f"{place}.{name}") for place, cls, name, _, example in KEYS if example],
)
def test_an_example_is_accepted_by_its_key(cls, name, example):
    """Whoever copies an example of the page into a plan is understood."""
    value = load_yaml(f"{name}: {example}")[name]

    assert TypeAdapter(reference_plan.hint(cls, name)).validate_python(value) not in (None, "")


def test_every_code_has_a_cause_and_every_cause_a_code():
    """A code that nobody explains, and a sentence about a code that is gone, are both found."""
    said, causes = reference_codes.said(), reference_codes.causes()

    assert len(said) > 80
    assert sorted(said) == sorted(causes)
    assert all(sentence.endswith(".") for sentence in causes.values())


def test_words_and_remedies_are_read_from_the_branch_that_says_them():
    """Two findings of one function that use one name do not lend each other their words."""
    said = reference_codes.said()

    assert "no customer on … of the lines" in said["F28"]["what"]
    assert not any("older" in text for text in said["F28"]["what"])
    assert "swap --from and --to" in said["P01"]["do"]


def test_every_verb_has_an_example_that_is_understood():
    """What the page shows can be typed."""
    lines = [line for shown in reference_commands.EXAMPLES.values() for line in shown]
    verbs = [parser().parse_args(shlex.split(line)[1:]).verb for line in lines]

    assert set(verbs) >= {"new", "init", "report", "forget"}
    assert verbs == [verb for verb, shown in reference_commands.EXAMPLES.items() for _ in shown]


def test_the_exit_codes_are_those_of_the_errors():
    """Each kind of refusal has a row."""
    assert set(reference_commands.exits()) == {0, 2, 3, 4, 5, 6, 130, 141, 143}
