"""The digest of a report: one sheet of paper, and its tables in Excel, from nothing but its pages."""

import io
import re
import sys
import zlib
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from bs4 import BeautifulSoup

from seglib.charts.onepage import HEIGHT, MARGIN, SIZES, WIDTH, Block, _broken, _fitting, _lines, _wide, one_page
from seglib.core.errors import EnvironmentTrouble
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.report.digest import LEFT_OUT, paper, write_digest
from seglib.report.make import preflight
from seglib.report.pages import environment, links, table_html
from seglib.report.workbook import NO_ROWS, number, tables, workbook

WHEN = datetime(2026, 10, 1)
FIRST = """<nav>All reports</nav><main><h1>Acme: customer segments, 2026Q3</h1><p class="lead">410 customers.</p>
<h2 id="actions">One thing to do</h2><ol class="actions"><li><strong>Send it.</strong> It pays.
<dl class="plan"><div><dt>What it may bring</dt><dd>+6 buyers</dd></div>
<div><dt>How we will know</dt><dd>a test <a class="proof" href="x.html">See the evidence</a></dd></div></dl></li></ol>
<h2 id="segments">The segments</h2><ul class="cards"><li class="card"><h3>1. Regulars</h3><dl class="figures">
<div><dt>customers</dt><dd>100 <span class="quiet">25% of all</span></dd></div>
<div><dt>revenue</dt><dd>GBP 90 k <span class="quiet">90% of all</span></dd></div>
<div><dt>change</dt><dd>+10 <span class="quiet">in a quarter</span></dd></div></dl>
<p class="quiet"><span class="verdict good">Keep:</span> still the same.</p><p class="warn">Not stable.</p></li></ul>
<h2 id="goals">The goals</h2>{goals}
<h2 id="careful">What to be careful about</h2><ul class="careful">{careful}</ul></main><footer>Invented.</footer>"""
GOALS = """<div class="table"><table><thead><tr><th>Goal</th><th>Verdict</th><th>This quarter</th><th>Target</th>
<th>Quarter before</th></tr></thead><tbody><tr><th>Keep<br><span class="quiet">retention</span></th><td>reached</td>
<td class="number">91.0%<br><span class="quiet">90.0% to 92.0%</span></td><td class="number">90.0%</td>
<td class="number">–</td></tr></tbody></table></div>"""


def page(goals: str = GOALS, careful: str = "<li>Data end early.</li>") -> str:
    return FIRST.format(goals=goals, careful=careful)


def sheet(html: str, title: str = "Results"):
    """The one sheet of a workbook, read again by openpyxl."""
    return openpyxl.load_workbook(io.BytesIO(workbook({title: html}, WHEN)))[title]


def cells(html: str) -> list[list[object]]:
    return [list(row) for row in sheet(html).iter_rows(values_only=True)]


def drawn_with(size: float, words: str) -> list[str]:
    return [line.text for line in _lines([Block("text", (words,))], size)]


def test_numbers_of_a_report_are_numbers_in_excel() -> None:
    """Of a column of numbers; its percentages are shares, and what is no single number stays a text."""
    raw = "<table><thead><tr><th>segment</th><th>people</th><th>share</th><th>from to</th></tr></thead><tbody>"
    raw += "<tr><td>2026</td><td>1,200</td><td>−5.5%</td><td>3 to 5</td></tr>"
    raw += "<tr><td>Gold</td><td>–</td><td>12%</td><td>7</td></tr></tbody></table>"
    found = cells(f"<h2>Sizes</h2>{table_html(raw)}")

    assert found[0][0] == "Sizes"
    assert found[1] == ["segment", "people", "share", "from to"]
    assert found[2] == ["2026", 1200, -0.055, "3 to 5"]
    assert found[3] == ["Gold", None, 0.12, 7]


def test_excel_shows_a_number_as_the_report_does() -> None:
    """Percent with its decimals, thousands with commas, money with its currency."""
    assert [number(text) for text in ("87.5%", "1,234.50", "−3", "2.5 points", "£4.20", "12 k")] == [
        (0.875, "0.0%"),
        (1234.5, "#,##0.00"),
        (-3.0, "0"),
        (2.5, '#,##0.0 "points"'),
        (4.2, '"£"#,##0.00'),
        (12000.0, "#,##0"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(A1)", "=", "=\x07cmd|' /C calc'!A0"])
def test_O05_no_text_of_a_table_is_a_formula(text: str) -> None:
    """A name that begins with = is a text in Excel, in a column of words and in one of numbers, as head and heading."""
    row = f'<tr><th>{text}</th><td class="number">{text}</td></tr>'
    html = f"<h2>{text}</h2><table><thead><tr><th>{text}</th><th>n</th></tr></thead><tbody>{row}</tbody></table>"
    read = sheet(html)
    kinds = {cell.data_type for line in read.iter_rows() for cell in line if cell.value is not None}

    assert kinds == {"s"}
    assert read.cell(3, 1).value == text.replace("\x07", "")


def test_cells_that_reach_over_several_rows_are_written_into_each() -> None:
    """A filter in Excel then finds every row."""
    rows = '<tr><th rowspan="2">a</th><td>1</td></tr><tr><td>2</td></tr><tr><th colspan="2">all</th></tr>'
    ((_, _, _, lines),) = tables(f"<table><tbody>{rows}</tbody></table>")

    assert [[text for text, _ in line] for line in lines] == [["a", "1"], ["a", "2"], ["all", "all"]]


def test_what_the_page_says_before_a_table_stands_above_it() -> None:
    """So that somebody who has the file only knows what it is about; a page without tables says so."""
    prose = '<section class="prose"><h2>Goals</h2><p>First the <em>goals</em>.</p></section>'
    html = f"{prose}<table><tbody></tbody></table>"

    assert [row[0] for row in cells(html)] == ["Goals", "First the goals."]
    assert cells("<h2>Nothing</h2>") == [[NO_ROWS]]


def words_of(pdf: bytes) -> str:
    """The letters of a PDF, by the tables that its fonts bring along for search and copying."""
    parts = [zlib.decompress(body) for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)]
    return "".join(chr(int(code, 16)) for part in parts for code in re.findall(rb"<[0-9a-f]+> <([0-9a-f]{4})>", part))


def test_the_sheet_of_paper_says_what_the_first_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Action, segment with its figures, goal with its interval, caution; links and navigation are left away."""
    seen: list[Block] = []

    def kept(blocks: list[Block], footer: str, _: str) -> bytes:
        seen.extend(blocks)
        return footer.encode()

    monkeypatch.setattr("seglib.report.digest.one_page", kept)
    footer = paper(page())

    assert footer == b"Invented."
    assert [block.cells for block in seen] == [
        ("Acme: customer segments, 2026Q3",),
        ("410 customers.",),
        ("One thing to do",),
        ("1. Send it. It pays.",),
        ("What it may bring: +6 buyers",),
        ("How we will know: a test",),
        ("The segments",),
        ("segment", "customers", "revenue", "change", "verdict"),
        ("1. Regulars", "100 (25% of all)", "GBP 90 k (90% of all)", "+10 (in a quarter)", "Keep; Not stable."),
        ("The goals",),
        ("Goal", "Verdict", "This quarter", "Target", "Quarter before"),
        ("Keep (retention)", "reached", "91.0% (90.0% to 92.0%)", "90.0%", "–"),
        ("What to be careful about",),
        ("• Data end early.",),
    ]


def test_without_goals_and_cautions_the_sheet_says_so() -> None:
    """The page of a plan without goals is drawn, as one page that is the same each time."""
    html = page("<p>The plan names no goals.</p>", "")
    made = paper(html)

    assert made == paper(html)
    assert made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") == 1
    assert made.startswith(b"%PDF")


def test_letters_shrink_until_everything_fits_and_no_line_leaves_the_page() -> None:
    """Little is set in 10 points, much smaller; every line ends before the margin."""
    much = [Block("text", ("word " * 60,)) for _ in range(18)]
    blocks, size = _fitting(much, LEFT_OUT)
    lines = list(_lines(blocks, size))

    assert _fitting(much[:2], LEFT_OUT)[1] == SIZES[0]
    assert SIZES[-1] < size < SIZES[0]
    assert max(line.down for line in lines) <= HEIGHT - MARGIN
    assert max(line.across + _wide(line.text, False) * line.size for line in lines) <= WIDTH - MARGIN


def test_what_does_not_fit_in_the_smallest_letters_is_left_out_and_that_is_said() -> None:
    """Cautions go from the end; what must stay stays."""
    must, may = Block("text", ("must " * 60,)), Block("item", ("may " * 60,), may_go=True)
    blocks, size = _fitting([must, *[may] * 60, must], LEFT_OUT)

    assert size == SIZES[-1]
    assert [blocks[0], blocks[-1]] == [must, must]
    assert 0 < blocks.count(may) < 60
    assert blocks.count(Block("quiet", (LEFT_OUT,))) == 1


def test_a_word_wider_than_its_column_stands_alone_on_its_line() -> None:
    """Nothing is cut, in letters of other scripts either."""
    assert _broken("a " + "w" * 80 + " b", 100, 10, False) == ["a", "w" * 80, "b"]
    assert _broken("", 100, 10, False) == [""]
    assert _wide("顧客", False) == 2


def test_letters_of_the_sheet_can_be_searched() -> None:
    """The file brings along which letter each of its signs is."""
    assert {*"Rückgang"} <= {*words_of(one_page([Block("title", ("Rückgang",))], "$5", LEFT_OUT))}


def test_both_files_lie_beside_the_pages(tmp_path: Path) -> None:
    """A sheet for each page, in the order of the navigation."""
    for link in links():
        (tmp_path / link["file"]).write_text(page(), encoding="utf-8")
    write_digest(SimpleNamespace(quarter=Quarter("2026Q3")), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")

    assert book.sheetnames == [link["title"] for link in links()]
    assert (book.properties.creator, book.properties.created) == ("seglib", WHEN)
    assert (tmp_path / "digest.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("digest", [{}, {"PDF": "digest.pdf", "Excel": "tables.xlsx"}])
def test_the_first_page_links_to_both_files_where_there_are_any(digest: dict[str, str]) -> None:
    """Only where the plan asks for a digest."""
    frame = {"study_title": "Acme", "quarter": "2026Q3", "footer": "", "css": "", "links": [], "here": "", "title": ""}
    nothing = dict.fromkeys(("cards", "standing", "goals", "actions", "careful", "lacking", "basis"), ())
    given = {"frame": frame, "lead": "", "view": None, "until": "", **nothing, "digest": digest}
    html = environment().get_template("front.html.j2").render(**given)
    linked = {link["href"] for link in BeautifulSoup(html, "html.parser").find_all("a")}

    assert {*digest.values()} == linked & {"digest.pdf", "tables.xlsx"}


def test_X22_a_missing_library_is_told_before_any_notebook_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to install, or what to write into the plan."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\ndigest: true")
    with pytest.raises(EnvironmentTrouble, match="X22 a digest needs one library more.*pip install openpyxl"):
        preflight(SimpleNamespace(plan=plan))
