"""Gathers the pages of the site in build/pages: what is written, what is generated, the notebooks, and their figures.

`make site` runs this, then Zensical, which turns the folder into build/site, and then this again with the word finish,
which lets the search work where pages are opened as files. Nothing is executed and nothing is fetched: figures and
tables are those that the notebooks store.
"""

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "build" / "pages"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOVED = {"README.md": "index.md", "data/README.md": "data/tables.md"}  # a site has one page called index
NAV = {
    "Begin": ["README.md", "docs/start.md", "docs/own-data.md", "docs/home.md", "docs/platforms.md"],
    "The ten steps": [f"notebooks/{path.stem}.md" for path in NOTEBOOKS],
    "Look up": [
        "docs/glossary.md",
        "docs/plan.md",
        "docs/commands.md",
        "docs/codes.md",
        "data/README.md",
        "docs/money.md",
        "docs/gallery.md",
    ],
    "Use": [
        "docs/methods.md",
        "docs/change.md",
        "docs/api.md",
        "docs/scheduling.md",
        "docs/spark.md",
        "docs/privacy.md",
        "docs/teaching.md",
        "skills/seglib/SKILL.md",
    ],
    "How it is made": [
        "CONTRIBUTING.md",
        "docs/faults.md",
        "docs/same-everywhere.md",
        "docs/benchmarks.md",
        "CHANGELOG.md",
    ],
}
MADE = {"docs/gallery.md", *NAV["The ten steps"]}  # by this module; everything else is written or generated before
SETTINGS = {
    "site_name": "seglib",
    "site_description": "A workbench for customer segmentation",
    "docs_dir": "pages",
    "site_dir": "site",
    "use_directory_urls": False,
    "theme": {
        "name": "material",
        "font": False,
        "language": "en",
        "features": ["navigation.top", "content.code.copy"],
        "palette": [{"scheme": "default", "primary": "indigo"}],
    },
    "plugins": ["search", "offline"],
    "markdown_extensions": ["tables", "attr_list", "md_in_html", "pymdownx.superfences", {"toc": {"permalink": True}}],
}
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
SHIM = re.compile(r'<script src="https://[^"]*iframe-worker[^"]*"[^>]*></script>')
FOREIGN = re.compile(r'<(?:script|img|iframe)\b[^>]*\bsrc="https?://|<link\b[^>]*rel="stylesheet"[^>]*href="https?://')
OFFLINE = """// A browser refuses to start a worker from a file: here the worker of the search starts from this text.
if (location.protocol === "file:") {
  const text = %s;
  const Started = window.Worker;
  window.Worker = class extends Started {
    constructor() { super(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))); }
  };
}
"""
CHART = re.compile(r"\bcharts\.(\w+)\(")


def written() -> list[str]:
    """List the pages that stand in the project: at its root, in docs/, the data dictionary and the agents' skill."""
    docs = [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]
    return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md", "skills/seglib/SKILL.md", *docs]


def navigation() -> list[dict[str, Any]]:
    """Give the navigation; a page that nobody has put into a group stands under More."""
    there = {*written(), *MADE}
    known = {page for pages in NAV.values() for page in pages}
    groups = {group: [page for page in pages if page in there] for group, pages in NAV.items()}
    groups["More"] = sorted(there - known)
    return [{group: [MOVED.get(page, page) for page in pages]} for group, pages in groups.items() if pages]


def outside_code(text: str) -> Iterator[tuple[str, bool]]:
    """Give each line of a page, and whether it stands outside of a block of code."""
    fence = False
    for line in text.split("\n"):
        edge = line.lstrip().startswith("```")
        yield line, not fence and not edge
        fence ^= edge


def relinked(text: str, page: str, linked: set[str]) -> str:
    """Point the links of a page to where things lie in the site; files that are no pages are collected in `linked`."""

    def moved(found: re.Match[str]) -> str:
        target, _, anchor = found[2].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        path = os.path.normpath(os.path.join(os.path.dirname(page), target))  # noqa: PTH118, PTH120  # text: pathlib keeps dots
        if (ROOT / path).is_dir() or not ((ROOT / path).is_file() or path in MADE):
            return found[1].strip("[]") if not found[0].startswith("!") else ""
        if path not in {*written(), *MADE}:
            linked.add(path)
        here = os.path.dirname(MOVED.get(page, page))  # noqa: PTH120  # text, as above
        at = Path(os.path.relpath(MOVED.get(path, path), here or ".")).as_posix()
        return f"{found[1]}({at}{'#' * bool(anchor)}{anchor})"

    return "\n".join(LINK.sub(moved, line) if open_ else line for line, open_ in outside_code(text))


def notebook_page(path: Path, into: Path) -> str:
    """Write a notebook as a page: prose, code and stored outputs; pictures become files beside it."""
    parts = []
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_shown(output, into, f"{path.stem}-{number}") for output in cell["outputs"]]
    return "\n\n".join(part for part in parts if part) + "\n"


def _shown(output: dict[str, Any], into: Path, name: str) -> str:
    data = output.get("data", {"text/plain": output.get("text", [])})
    if "image/png" in data:
        (into / f"{name}.png").write_bytes(base64.b64decode("".join(data["image/png"])))
        return f"![{_alt(output)}]({name}.png)"
    if "text/html" in data:
        plain = r"<style.*?</style>\n?|^ +| (?:border|class|style)=\"[^\"]*\"| scoped"
        return re.sub(plain, "", "".join(data["text/html"]), flags=re.S | re.M)
    text = "".join(data.get("text/plain", []))
    return f"```text\n{text}\n```" if text.strip() else ""


def _alt(output: dict[str, Any]) -> str:
    alt = output.get("metadata", {}).get("image/png", {}).get("alt", "A figure.")
    return re.sub(r"[\[\]\n]", " ", alt)


def figures() -> Iterator[tuple[str, str, str, int]]:
    """Give each chart that the notebooks draw: its name, the code of its cell, the notebook and the cell's number."""
    seen = set()
    for path in NOTEBOOKS:
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            source = "".join(cell["source"])
            for name in CHART.findall(source) if cell["cell_type"] == "code" else ():
                if name not in seen:
                    seen.add(name)
                    yield name, source, path.stem, number


def gallery() -> str:
    """Write the gallery: every chart with the code that draws it and where it stands."""
    lines = [
        "# Gallery\n\nEvery chart of the workbench as the notebooks draw it for the demo shop, with the code of its "
        "cell. A chart takes a result or a frame and gives a picture with its description; its words stand in "
        "the [glossary](glossary.md).\n"
    ]
    for name, source, stem, number in figures():
        alt = _alt(_picture(stem, number))
        lines.append(f"## {name}\n\n![{alt}](../notebooks/{stem}-{number}.png)\n\n{alt}\n")
        lines.append(f"```python\n{source}\n```\n\nFrom [{stem}](../notebooks/{stem}.md).\n")
    return "\n".join(lines)


def _picture(stem: str, number: int) -> dict[str, Any]:
    cell = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"][number]
    pictures = [output for output in cell["outputs"] if "image/png" in output.get("data", {})]
    return pictures[0] if pictures else {}


def build() -> Path:
    """Make build/pages and its settings anew, and return the file of settings."""
    shutil.rmtree(BUILT, ignore_errors=True)
    (BUILT / "notebooks").mkdir(parents=True)
    (BUILT / "docs").mkdir()
    linked: set[str] = set()
    pages = {page: (ROOT / page).read_text(encoding="utf-8") for page in written()}
    pages |= {f"notebooks/{path.stem}.md": notebook_page(path, BUILT / "notebooks") for path in NOTEBOOKS}
    pages["docs/gallery.md"] = gallery()
    for page, text in pages.items():
        target = BUILT / MOVED.get(page, page)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text if page == "docs/gallery.md" else relinked(text, page, linked), encoding="utf-8")
    for name in sorted(linked):
        if not (BUILT / name).exists():
            (BUILT / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, BUILT / name)
    settings = BUILT.parent / "mkdocs.yml"
    settings.write_text(yaml.safe_dump(SETTINGS | {"nav": navigation()}, sort_keys=False), encoding="utf-8")
    return settings


def finish(site: Path = BUILT.parent / "site") -> None:
    """Let the search work without a server, and refuse a page that would load something from elsewhere."""
    worker = next((site / "assets" / "javascripts" / "workers").glob("search*.js")).read_text(encoding="utf-8")
    (site / "assets" / "offline.js").write_text(OFFLINE % json.dumps(worker), encoding="utf-8")
    for page in sorted(site.rglob("*.html")):
        up = "../" * (len(page.relative_to(site).parts) - 1)
        text = SHIM.sub(f'<script src="{up}assets/offline.js"></script>', page.read_text(encoding="utf-8"))
        if found := FOREIGN.search(text):
            raise SystemExit(f"{page.name} loads from elsewhere: {found.group()}")
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    finish() if sys.argv[1:] == ["finish"] else build()
