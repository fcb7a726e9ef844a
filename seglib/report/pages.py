"""Executed notebooks as pages: one offline file each, no scripts, alt text on every figure, code folded."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import nh3
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert import HTMLExporter
from traitlets.config import Config

from seglib.core.steps import STEPS, Step

TEMPLATES = Path(__file__).parent / "templates"
A_NUMBER = r"[-+−]?[£€$]?\d[\d.,\s]*\s?(%|k|m|bn|pp|points|[A-Z]{3})?"
NUMBER = re.compile(rf"^(< |over |under )?{A_NUMBER}$")
BETWEEN = re.compile(rf"^{A_NUMBER} to {A_NUMBER}$")  # what may not be told exactly, among numbers
PART = re.compile(r"^## (.+)$", re.MULTILINE)
MANY = 9  # a table with more columns is set smaller
LONG = 36  # a column with longer texts gets room for a line of words
TITLES = {
    "01_objectives": "Objectives",
    "02_data_collection": "Data collection",
    "03_criteria": "Criteria",
    "04_clustering": "Segments",
    "05_personas": "Personas",
    "06_journeys": "Journeys",
    "07_personalised_content": "Content",
    "08_activation": "Activation",
    "09_kpi_evaluation": "Results",
    "10_quarterly_refinement": "Refinement",
}
PROSE = "p|h1|h2|h3|h4|ul|ol|li|em|strong|code|pre|a|table|thead|tbody|tr|th|td|div|br|blockquote|hr|sup|sub"
PROSE_TAGS = frozenset(PROSE.split("|"))
FOREIGN = re.compile(rf"<(?!!--|/?(?:{PROSE})[\s/>])", re.IGNORECASE)  # begins neither a tag of these nor a comment
NAME_PARTS = re.compile(r"(?<=[a-z]{3})([._])(?=[a-z]{2})")  # a long name such as events.sent_at may break after these
ATTRIBUTES = {
    "*": set(),  # nh3 admits title and lang everywhere unless told otherwise
    "a": {"href"},
    "table": {"class"},
    "th": {"scope", "class"},
    "td": {"class"},
    "div": {"class"},
}


def inert(html: str) -> str:
    """Keep plain structure and text; everything that could run, load or send becomes visible text.

    Examples
    --------
    >>> inert("<p onclick='x()'>Segment <VIP>, <script>alert(1)</script></p><!-- for us -->")
    '<p>Segment &lt;VIP&gt;, &lt;script&gt;alert(1)&lt;/script&gt;</p>'
    """
    shown = FOREIGN.sub("&lt;", html)  # nh3 would drop other tags without a word
    clean = nh3.clean(shown, tags=PROSE_TAGS, attributes=ATTRIBUTES, url_schemes={"https"}, link_rel=None)
    return re.sub(r"<h2>(.*?)</h2>", lambda head: f'<h2 id="{anchor(head[1])}">{head[1]}</h2>', clean)


def anchor(heading: str) -> str:
    """Name a heading for a link: small letters, digits and hyphens only.

    Examples
    --------
    >>> anchor("Is it usable?")
    'is-it-usable'
    """
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def parts(cells: Sequence[Any]) -> list[dict[str, str]]:
    """List the parts of a notebook, for the contents at the head of its page."""
    heads = [head for cell in cells if cell.cell_type == "markdown" for head in PART.findall(cell.source)]
    return [{"anchor": anchor(head), "title": head} for head in heads]


def links() -> list[dict[str, str]]:
    """Navigation: the first page, then one page per step."""
    steps = [{"file": f"{s.name}.html", "number": f"{s.number:02d}", "title": TITLES[s.name]} for s in STEPS]
    return [{"file": "index.html", "number": "", "title": "At a glance"}, *steps]


def table_html(raw: str) -> str:
    """Make pandas' own HTML table safe and readable: no styles, no counting index, scopes, numbers to the right.

    Parameters
    ----------
    raw : str
        What pandas displays; cell texts are escaped by pandas already.

    Returns
    -------
    str
        A table inside a scrollable block.

    Examples
    --------
    >>> 'scope="col"' in table_html("<table><thead><tr><th></th><th>n</th></tr></thead>"
    ...                             "<tbody><tr><th>0</th><td>5</td></tr></tbody></table>")
    True
    >>> table_html("<table><tbody><tr><td>events.sent_at</td></tr></tbody></table>")[41:-32]
    'events.<wbr>sent_<wbr>at'
    """
    soup = BeautifulSoup(raw, "html.parser")
    for tag in soup.find_all(["style", "script"]):
        tag.decompose()
    for table in soup.find_all("table"):
        _drop_counting_index(table)
        _mark(table)
        if table.find("thead") and not table.select("tbody tr"):
            table.replace_with(BeautifulSoup('<div class="table"><p class="quiet">No rows.</p></div>', "html.parser"))
            continue
        table.wrap(soup.new_tag("div", attrs={"class": "table"}))
    return NAME_PARTS.sub(r"\1<wbr>", inert(_unnested(soup)))


def _unnested(soup: BeautifulSoup) -> str:
    blocks = soup.find_all("div", class_="table")
    return "".join(str(block) for block in blocks) if blocks else soup.get_text()


def _drop_counting_index(table: Any) -> None:
    rows = [row for row in table.select("tbody tr") if row.find("th")]
    if [row.find("th").get_text() for row in rows] != [str(n) for n in range(len(rows))] or not rows:
        return
    for row in table.find_all("tr"):
        first = row.find("th")
        if first is not None:
            first.decompose()


def _mark(table: Any) -> None:
    table.attrs = {}
    for row in table.find_all("tr"):
        row.attrs = {}
    for head in table.find_all("th"):
        head.attrs = {"scope": "col" if head.find_parent("thead") else "row"}
    columns = [row.find_all("td") for row in table.select("tbody tr")]
    heads = table.select("thead tr:last-child th")[-len(columns[0]) :] if columns and columns[0] else []
    if len(heads) > MANY:
        table.attrs = {"class": "dense"}
    for place, cells in enumerate(zip(*columns, strict=False)):
        texts = [cell.get_text(strip=True) for cell in cells]
        numeric = all(NUMBER.match(t) or BETWEEN.match(t) or t in {"", "NaN", "None", "–", "<NA>"} for t in texts)
        kind = "number" if numeric and any(map(NUMBER.match, texts)) else "text" if max(map(len, texts)) > LONG else ""
        if kind == "number" and place < len(heads):
            heads[place]["class"] = "number"
        for cell in cells:
            cell.attrs = {"class": kind} if kind else {}
            if cell.get_text(strip=True) in {"NaN", "None", "<NA>"}:
                cell.string = "–"


def sentences(shown: str) -> list[str]:
    """Take apart what a cell displays: one sentence, or several as a tuple or a list; nothing for an empty one.

    Examples
    --------
    >>> sentences("'Six segments.'"), sentences("('One.', 'Two.')"), sentences("()"), sentences("A plain text.")
    (['Six segments.'], ['One.', 'Two.'], [], ['A plain text.'])
    """
    if shown[:1] not in set("'\"([{"):
        return [shown]
    try:
        found = ast.literal_eval(shown)
    except (ValueError, SyntaxError):
        return [shown]
    if isinstance(found, dict):
        return [f"{key}: {value}" for key, value in found.items()]
    return [str(part) for part in found] if isinstance(found, tuple | list) else [str(found)]


@cache
def _exporter() -> HTMLExporter:
    """nbconvert's exporter with the house's template; it reads no files and no network."""
    config = Config()
    config.HTMLExporter.embed_images = False
    config.HTMLExporter.exclude_anchor_links = True
    config.TagRemovePreprocessor.enabled = False
    made = HTMLExporter(
        config=config,
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
    )
    made.register_filter("table_html", table_html)
    made.register_filter("inert", inert)
    made.register_filter("parts", parts)
    made.register_filter("sentences", sentences)
    return made


def page(notebook_path: Path, step: Step, frame: Mapping[str, Any]) -> str:
    """Turn one executed notebook into an HTML page.

    Parameters
    ----------
    notebook_path : Path
        The executed notebook.
    step : Step
        Which of the ten.
    frame : mapping
        Title of the study, quarter and whatever else the page's frame shows.
    """
    notebook = nbformat.read(notebook_path, as_version=4)
    pages = links()
    resources = {
        "frame": {
            **frame,
            "links": pages,
            "here": f"{step.name}.html",
            "title": TITLES[step.name],
            "css": css(),
            "before": pages[step.number - 1],
            "after": [*pages[1:], None][step.number],
        }
    }
    body, _ = _exporter().from_notebook_node(notebook, resources=resources)
    return str(body)


@cache
def css() -> str:
    """The one style sheet of all pages."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Jinja for the first page and the list of reports; everything is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
