"""The glossary: each term once, and every link to it from notebooks, exercises and reports leads to one."""

import json
import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup

from seglib.core.glossary import PAGE, terms
from seglib.core.home import shipped
from seglib.core.steps import STEPS
from seglib.report.glossary import FILE, glossary_page, pointed_here
from seglib.report.pages import page
from seglib.teach.exercises import catalogue
from seglib.teach.notebook import notebook

FRAME = {"study_title": "Demo shop", "quarter": "2026Q3", "footer": "Drawn for a test."}
TO_TERM = re.compile(rf"\]\(\.\./{re.escape(PAGE)}#([^)]+)\)")


def known() -> set[str]:
    return {term.anchor for term in terms()}


def prose(name: str) -> str:
    cells = json.loads((shipped() / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_each_term_is_defined_once() -> None:
    """Every row of the page is read, and no name and no anchor occurs twice."""
    rows = [line for line in (shipped() / PAGE).read_text(encoding="utf-8").splitlines() if line.startswith("| <a id=")]
    twice = Counter(name for term in terms() for name in {term.anchor, term.name.lower()})

    assert len(terms()) == len(rows) > 40
    assert {name: count for name, count in twice.items() if count > 1} == {}


@pytest.mark.parametrize("name", [step.name for step in STEPS])
def test_every_notebook_links_terms_that_are_there(name: str) -> None:
    """Each term once in a notebook, where it is read first."""
    linked = TO_TERM.findall(prose(name))

    assert linked
    assert len(set(linked)) == len(linked)
    assert set(linked) <= known()


def test_exercises_link_terms_that_are_there() -> None:
    """Their folder holds the page one level above each week."""
    linked = {anchor for each in catalogue() for anchor in TO_TERM.findall(notebook(each).cells[0].source)}

    assert {"silhouette", "by-construction", "control", "psi"} <= linked <= known()


def test_a_reports_links_stay_within_the_report() -> None:
    """A page made from a notebook leads to the report's own glossary, which loads nothing from elsewhere."""
    step = next(step for step in STEPS if step.number == 4)
    made = pointed_here(page(shipped() / "notebooks" / f"{step.name}.ipynb", step, FRAME))
    there = BeautifulSoup(glossary_page(FRAME), "html.parser")
    links = [link["href"] for link in BeautifulSoup(made, "html.parser").find_all("a", href=True)]
    anchors = {row["id"] for row in there.select("tr[id]")}

    assert PAGE not in made
    assert (
        {"rand", "silhouette"} <= {link.partition("#")[2] for link in links if link.startswith(f"{FILE}#")} <= anchors
    )
    assert not [tag for tag in there.find_all(["a", "img", "link", "script"]) if "//" in str(tag)]
