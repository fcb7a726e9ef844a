"""Slides from notebooks: each figure and table once, nothing from elsewhere."""

import re
from pathlib import Path

import build_slides
import nbformat
from bs4 import BeautifulSoup


def figures_stored(path: Path) -> int:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return sum("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)


def test_slides_hold_every_figure_of_a_notebook_and_load_nothing(tmp_path: Path) -> None:
    """One page per notebook with its headings, no script, and no more than one figure a slide."""
    path = build_slides.ROOT / "notebooks" / "04_clustering.ipynb"
    build_slides.build([path], tmp_path)
    made = BeautifulSoup((tmp_path / "04_clustering.html").read_text(encoding="utf-8"), "html.parser")
    sections = made.find_all("section")

    assert sections[0].h1.get_text() == "04 Clustering"
    assert len(made.find_all("img")) == figures_stored(path) > 3
    assert max(len(section.find_all("img")) for section in sections) == 1
    assert not made.find_all("a", href=re.compile("glossary"))
    assert not made.find_all(["script", "link", "iframe"])
    assert not [tag for tag in made.find_all(src=True) if not tag["src"].startswith("data:image/png")]
    assert not re.search(r"@import|url\(", str(made.style))
