"""No sentence of the workbench claims a cause without a test, or tests segments on what made them."""

import ast
import html
import re
from pathlib import Path

import pytest

from seglib.methods.wording import causal_words, supported
from seglib.verbs import VERBS

PACKAGE = Path(__file__).resolve().parents[1] / "seglib"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "wording.py"]


def sentences(path: Path) -> list[str]:
    """Text constants of a module, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            and n.value not in docs]  # fmt: skip


def test_K6_no_text_of_the_package_claims_a_cause():
    """Every sentence that seglib can say passes the lint, whatever the numbers in it."""
    found = [(path.name, supported(text)) for path in MODULES for text in sentences(path)]

    assert len(found) > 1000
    assert [told for told in found if causal_words(told[1])] == []


def test_no_cell_of_a_page_holds_a_number_that_is_none(demo_home):
    """What cannot be told is a dash or a sentence: no page of the demo says nan."""
    pages = sorted((demo_home / "reports" / "demo" / "2026Q3").glob("*.html"))
    said = [re.search(r".{0,60}\bnan\b.{0,20}", page.read_text(encoding="utf-8")) for page in pages]

    assert len(pages) == 12
    assert [found.group() for found in said if found] == []


def test_K6_no_page_of_the_demo_report_claims_a_cause(demo_home):
    """The pages that people read, prose and results alike."""
    pages = sorted((demo_home / "reports" / "demo" / "2026Q3").glob("*.html"))
    texts = {page.name: html.unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))) for page in pages}

    assert len(texts) == 12
    assert {name: causal_words(text) for name, text in texts.items() if causal_words(text)} == {}


@pytest.mark.parametrize("text", ["Sales rose thanks to the segments.", "The campaign LED TO more orders."])
def test_K6_a_causal_word_needs_a_test(text):
    """Without a test it is refused, with one it passes."""
    with pytest.raises(ValueError, match="must not claim a cause"):
        supported(text)

    assert supported(text, test="summer_offer") == text


def test_S20_segments_are_not_tested_on_what_made_them():
    """Even a named test does not allow double dipping."""
    with pytest.raises(ValueError, match="criteria that made them"):
        supported("There is a significant difference between the segments in recency.", test="anova")


@pytest.mark.parametrize("page", ["README.md", "docs/home.md", "seglib/init/home/README.md"])
def test_pages_name_verbs_that_exist(page: str) -> None:
    """Whoever types what a page says is understood."""
    text = (PACKAGE.parent / page).read_text(encoding="utf-8")
    commands = re.findall(r"(?:^|`|&& |m )seglib (\w+)", text, flags=re.M)

    assert commands
    assert set(commands) <= set(VERBS)
