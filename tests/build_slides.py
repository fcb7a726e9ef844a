"""Makes slides from the notebooks: `make slides` writes one page per notebook into build/slides.

A slide is a heading with its prose, or a figure or table with the prose before it. Pages hold everything that they
show: no script, no font and no address. Page up and down, or the space bar, go from slide to slide; a printer prints
one a page.
"""

import html
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters import markdown2html

from seglib.report.pages import css, inert, table_html

ROOT = Path(__file__).resolve().parents[1]
ANCHOR = re.compile(r'<a class="anchor-link".*?</a>')  # a sign beside each heading
NEARBY = re.compile(r'<a href="(?!https:)[^"]*">(.*?)</a>')  # a link to a file that is not beside the slides
HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title><style>{css}
html {{ scroll-snap-type: y mandatory; }} body {{ margin: 0; max-width: none; padding: 0; font-size: 1.35rem; }}
section {{ box-sizing: border-box; min-height: 100vh; padding: 5vh 8vw; scroll-snap-align: start; overflow: hidden;
  display: flex; flex-direction: column; justify-content: center; break-after: page; }}
section img {{ max-width: 100%; max-height: 62vh; }} section .table {{ font-size: .75em; }}
</style></head><body>
"""


def pictured(output: Any) -> str:
    """Return a figure or a table as HTML; nothing for another output."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = output.metadata.get("image/png", {}).get("alt", "A figure.")
        picture = "".join(data["image/png"]).replace("\n", "")
        return f'<figure><img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}"></figure>'
    return table_html("".join(data["text/html"])) if "text/html" in data else ""


def slides(path: Path) -> list[str]:
    """Return the slides of a notebook as HTML, from what it stores."""
    made: list[str] = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            made.append(NEARBY.sub(r"\1", inert(ANCHOR.sub("", markdown2html(cell.source)))))
            continue
        for shown in filter(None, map(pictured, cell.get("outputs", []))):
            last = made.pop() if made and "<figure" not in made[-1] and '"table"' not in made[-1] else ""
            made.append(last + shown)
    return made


def page(path: Path) -> str:
    """Write the page with all slides of a notebook."""
    sections = "\n".join(f"<section>{slide}</section>" for slide in slides(path))
    return HEAD.format(title=html.escape(path.stem), css=css()) + sections + "\n</body></html>\n"


def build(notebooks: list[Path], into: Path) -> None:
    """Write the slides of each notebook into a folder."""
    into.mkdir(parents=True, exist_ok=True)
    for path in notebooks:
        (into / f"{path.stem}.html").write_text(page(path), encoding="utf-8")


if __name__ == "__main__":
    named = [Path(name) for name in sys.argv[1:]]
    build(named or sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "build" / "slides")
    print("build/slides")  # noqa: T201  # where they are
