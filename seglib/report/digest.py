"""A digest of a report for who gets it by mail: its first page on one sheet of paper, and its tables in Excel."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup, Tag

from seglib.charts.onepage import Block, one_page, table
from seglib.core.run import Run
from seglib.report.pages import links
from seglib.report.workbook import NAME, text_of, workbook

PDF = "digest.pdf"
LEFT_OUT = "More stands on the first page of the report."
SEGMENTS = ("segment", "customers", "revenue", "change", "verdict")


def write_digest(run: Run, pages: Path) -> None:
    """Write the two files beside the pages of a report, from what these say: nothing more, and no other number.

    Parameters
    ----------
    run : Run
        The quarter; its end is the day that the Excel file names.
    pages : Path
        Folder with the finished pages.
    """
    read = {link["title"]: (pages / link["file"]).read_text(encoding="utf-8") for link in links()}
    (pages / NAME).write_bytes(workbook(read, run.quarter.as_of))
    (pages / PDF).write_bytes(paper(read[links()[0]["title"]]))


def paper(first_page: str) -> bytes:
    """Set the first page of a report on one sheet of A4.

    Parameters
    ----------
    first_page : str
        Its HTML.

    Returns
    -------
    bytes
        A PDF: what was found, what to do, the segments, the goals, and what to be careful about.
    """
    page = BeautifulSoup(first_page, "html.parser")
    for away in page.select(".away, .proof, nav"):
        away.decompose()
    for beside in page.select("dd .quiet, td .quiet, th .quiet"):
        beside.string = f"({text_of(beside)})" if text_of(beside) else ""
    title, lead = text_of(page.find("h1")), text_of(page.find("p", class_="lead"))
    blocks = [Block("title", (title,)), Block("text", (lead,)), *_actions(page), *_segments(page), *_goals(page)]
    careful = [text_of(item) for item in page.select("ul.careful > li")]
    if careful:
        blocks.append(Block("heading", (text_of(page.find(id="careful")),)))
        blocks += [Block("item", (f"• {sentence}",), may_go=True) for sentence in careful]
    return one_page(blocks, text_of(page.find("footer")), LEFT_OUT)


def _actions(page: BeautifulSoup) -> list[Block]:
    """What to do, why, what it may bring and how one will know."""
    blocks = [Block("heading", (text_of(page.find(id="actions")),))]
    for number, item in enumerate(page.select("ol.actions > li"), 1):
        plan = [f"{text_of(part.find('dt'))}: {text_of(part.find('dd'))}" for part in item.select("dl.plan > div")]
        for each in item.find_all("dl"):
            each.decompose()
        blocks.append(Block("item", (f"{number}. {text_of(item)}",)))
        blocks += [Block("quiet", (line,), may_go=True) for line in plan]
    return blocks


def _segments(page: BeautifulSoup) -> list[Block]:
    """One row a segment: size, money, change and verdict."""
    rows = []
    for card in page.select("li.card"):
        figures = [text_of(value) for value in card.select("dl.figures dd")]
        verdict = text_of(card.find("span", class_="verdict")).rstrip(":")
        warned = text_of(card.find("p", class_="warn"))
        rows.append([text_of(card.find("h3")), *figures, "; ".join(filter(None, (verdict, warned)))])
    heading = Block("heading", (text_of(page.find(id="segments")),))
    return [heading, *table(SEGMENTS, rows, (0.25, 0.16, 0.22, 0.21, 0.16))]


def _goals(page: BeautifulSoup) -> list[Block]:
    """The table of goals as it stands there."""
    head = page.find(id="goals")
    below = head.find_next("table") if isinstance(head, Tag) else None
    heading = Block("heading", (text_of(head),))
    before_next = below.find_previous("h2") if isinstance(below, Tag) else None
    if not isinstance(below, Tag) or before_next is not head:
        return [heading, Block("text", ("The plan names no goals.",))]
    rows = [[text_of(cell) for cell in row.find_all(["th", "td"])] for row in below.select("tbody tr")]
    return [heading, *table([text_of(each) for each in below.select("thead th")], rows, (0.36, 0.13, 0.25, 0.13, 0.13))]
