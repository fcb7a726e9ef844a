"""What holds for the house as a whole: no sentence of ours is read back by our code, and nothing stands unused."""

from pathlib import Path

import house
import pytest


def test_no_code_reads_a_sentence_of_ours_back():
    """A decision stands beside its sentence as a value: a segment may be called "VIP: gold", and a word may change."""
    found = [place.partition(":")[0] for place in house.parsed_sentences()]

    assert found == [
        "seglib.report.front",  # a card leaves out the numbers of a reason; they stand on a page below it
    ]


@pytest.mark.parametrize(
    "code",
    [
        'found.verdict.startswith("Refit")',
        'answer, _, why = all_.refinement.verdict.partition(": ")',
        '[note for note in notes if "far off" in note]',
        'cards["summary"].str.startswith(NO_CARD)',
        'str(row["sentence"]).removeprefix("A: ")',
        're.search("[0-9]+", self.verdict)',
        'NUMBERS.sub("", card["why"])',
    ],
)
def test_a_sentence_that_is_read_back_is_found(code, tmp_path):
    """By a method of texts, a regular expression or a word in it; of an attribute, a column or a variable."""
    path = tmp_path / "new.py"
    path.write_text(code)

    assert len(house.parsed_sentences([path])) == 1


@pytest.mark.parametrize("code", ['" ".join(verdict.split())', "path.name.startswith(OLD)", '"notes" in given'])
def test_what_is_no_sentence_is_left_alone(code, tmp_path):
    """Spaces made even, the name of a file, and a key of a mapping."""
    path = tmp_path / "new.py"
    path.write_text(code)

    assert house.parsed_sentences([path]) == []


def test_a_name_is_used_where_it_is_imported_and_not_where_another_has_its_name():
    """`overall` of notebook 10 is used by that notebook's module alone; the package's door counts as its own."""
    found = {use.place for use in house.uses()["seglib.refinement.rules", "overall"] if use.kind == "package"}

    assert found == {"seglib.refinement.refinement"}


def test_nothing_stands_unused():
    """Every public name is used somewhere; what the command line or the course finds by name, says so here."""
    found = {(each.module.rpartition(".")[2], each.name) for each in house.without_a_use()}
    by_name = {("draw", "draw"), ("kernels", "WarmProvisioner")}  # make asks for the one, Jupyter for the other

    assert Path(house.__file__).is_file()
    assert found <= by_name


def test_a_function_that_only_its_file_uses_says_so():
    """What is used at home only has an underscore: whoever reads a module sees at once what others call."""
    found = {f"{each.module.removeprefix('seglib.')}.{each.name}" for each in house.only_at_home(("function",))}
    by_name = ("__main__.", "teach.exercises.", "criteria.sources.", "core.intake.shapes.", "report.draw.")  # by a text
    others = {
        "activation.variants.about",
        "core.sources.child.limit",  # a test calls it in a process of its own
        "core.intake.checks.schema",
        "core.intake.desk.strangers",
        "core.intake.told.shown",
        "journeys.build.channels",
        "refinement.outlook.outlook",
        "report.pages.anchor",
        "report.pages.parts",
    }

    assert {name for name in found if not name.startswith(by_name)} <= others
