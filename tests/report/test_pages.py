"""Pages: offline, inert, readable."""

import base64
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from seglib.core.steps import BY_NAME
from seglib.report.pages import inert, page, table_html

STEP = BY_NAME["04_clustering"]
FRAME = {"study_title": "Acme", "quarter": "2026Q3", "footer": "made with seglib"}
PIXEL = base64.b64encode(b"\x89PNG").decode()
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src='https://example.com'></iframe>",
    "<style>@import url(https://example.com/x.css)</style>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<form action='https://example.com'><button>x</button></form>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<a href='java\nscript:alert(1)'>x</a><a href='data:text/html,x'>y</a><a href='vbscript:x'>z</a>",
    "<a href='#here' onclick='alert(1)' style='background:url(https://example.com)' id='main'>x</a>",
    "<scr\x00ipt>alert(1)</script><plaintext>",
    "<!--><img src=x onerror=alert(1)>-->",
]


def draw(tmp_path, *cells, **frame):
    path = tmp_path / "executed.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return page(path, STEP, {**FRAME, **frame})


def cell(source="1", **data):
    metadata = data.pop("metadata", {})
    output = new_output("execute_result", data={k.replace("_", "/", 1): v for k, v in data.items()}, metadata=metadata)
    return new_code_cell(source, outputs=[output], execution_count=1)


def live(html):
    """Everything in a page that could run, load or send."""
    soup = BeautifulSoup(html, "html.parser")
    tags = soup.find_all(["script", "iframe", "object", "embed", "form", "svg", "link", "base", "button"])
    handlers = [t for t in soup.find_all(True) if any(a.startswith("on") for a in t.attrs)]
    urls = [t.get(a, "") for t in soup.find_all(True) for a in ("src", "href", "action", "data", "srcset") if t.get(a)]
    foreign = [u for u in urls if not re.match(r"(data:image/png;|\.\./\.\./index\.html$|[0-9a-z_]+\.html$|#)", u)]
    return tags + handlers + foreign


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("channel", ["markdown", "html", "html cell", "plain", "source", "alt", "title"])
def test_O01_payload_is_text_in_every_channel(tmp_path, channel, payload):
    """Whatever stands in a name reaches the page as text."""
    in_cell = f"<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>{payload}</td></tr></tbody></table>"
    made = {
        "markdown": lambda: draw(tmp_path, new_markdown_cell(payload)),
        "html": lambda: draw(tmp_path, cell(text_html=payload)),
        "html cell": lambda: draw(tmp_path, cell(text_html=in_cell)),
        "plain": lambda: draw(tmp_path, cell(text_plain=payload)),
        "source": lambda: draw(tmp_path, cell(source=payload, text_plain="1")),
        "alt": lambda: draw(tmp_path, cell(image_png=PIXEL, metadata={"image/png": {"alt": payload + '" onload="x'}})),
        "title": lambda: draw(tmp_path, cell(text_plain="1"), study_title=payload),
    }[channel]()

    assert live(made) == []


TURNED = {
    "<b>bold</b> and <VIP>": "&lt;b&gt;bold&lt;/b&gt; and &lt;VIP&gt;",
    "<script>x()</script>": "&lt;script&gt;x()&lt;/script&gt;",
    "<p>seen</p><!-- for us <b> -->": "<p>seen</p>",
    "<p title='x' lang='tr' id='main' style='color:red' class='k' onclick='x()'>a</p>": "<p>a</p>",
    "<td style='x:y' colspan='2'>a": "a",
    "<a href='https://example.com' target='_top'>x</a>": '<a href="https://example.com">x</a>',
    "<a href='#is-it-usable'>x</a><a href='03_criteria.html'>y</a>": (
        '<a href="#is-it-usable">x</a><a href="03_criteria.html">y</a>'
    ),
    "<a href='http://example.com'>x</a><a href='mailto:x'>y</a><a href='JavaScript:x()'>z</a>": (
        "<a>x</a><a>y</a><a>z</a>"
    ),
    "<svg><p>a</p></svg>": "&lt;svg&gt;<p>a</p>&lt;/svg&gt;",
    "<table class='dense'><tr><th scope='row' class='number'>a</th></tr></table>": (
        '<table class="dense"><tbody><tr><th scope="row" class="number">a</th></tr></tbody></table>'
    ),
    "<P>a <hr/> b<BR>c": "<p>a </p><hr> b<br>c",
    "1 < 2 & 3 <4 <p": "1 &lt; 2 &amp; 3 &lt;4 &lt;p",
}


@pytest.mark.parametrize("html", TURNED)
def test_O01_what_is_not_plain_structure_becomes_visible_text(html):
    """No tag, attribute or address beyond the lists stays, and no word of what was written is lost but comments."""
    assert inert(html) == TURNED[html]


def test_O03_page_allows_nothing_from_outside(tmp_path):
    """The content policy admits embedded pictures and the page's own style, nothing else."""
    soup = BeautifulSoup(draw(tmp_path, new_markdown_cell("# Title")), "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})

    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert "http" not in soup.find("style").get_text()


def test_O11_scripts_and_widgets_are_not_drawn(tmp_path):
    """Output kinds other than text, table and picture stay out of the page."""
    html = draw(
        tmp_path, new_code_cell("1", outputs=[new_output("display_data", data={"application/javascript": "x()"})])
    )

    assert "x()" not in html


def test_figure_keeps_its_alt_text_and_width(tmp_path):
    """A figure on a page says what it shows."""
    html = draw(tmp_path, cell(image_png=PIXEL, metadata={"image/png": {"alt": "Two bars.", "width": 768}}))
    image = BeautifulSoup(html, "html.parser").find("img")

    assert (image["alt"], image["width"]) == ("Two bars.", "768")


def test_code_is_folded_and_parameters_are_hidden(tmp_path):
    """A reader sees results; code opens on request."""
    tagged = new_code_cell("study = 1", metadata={"tags": ["parameters"]})
    soup = BeautifulSoup(draw(tmp_path, tagged, cell(source="charts.draw()", text_plain="1")), "html.parser")

    assert [d.find("code").get_text() for d in soup.find_all("details")] == ["charts.draw()"]
    assert not soup.find("details").has_attr("open")


def test_sentence_is_shown_without_quotes(tmp_path):
    """A cell that ends in a sentence shows the sentence."""
    soup = BeautifulSoup(draw(tmp_path, cell(text_plain="'It\\'s done.\\nTwo lines.'")), "html.parser")

    assert soup.find("p", class_="says").get_text() == "It's done.\nTwo lines."


def test_counting_index_is_dropped_and_names_are_kept():
    """A 0, 1, 2 index says nothing; an index of names is a row header."""
    head = "<table><thead><tr><th></th><th>n</th></tr></thead><tbody>"
    counting = table_html(head + "<tr><th>0</th><td>5</td></tr><tr><th>1</th><td>6</td></tr></tbody></table>")
    named = table_html(head + "<tr><th>Loyal</th><td>5</td></tr></tbody></table>")

    assert [t.get_text() for t in BeautifulSoup(counting, "html.parser").find_all("th")] == ["n"]
    assert '<th scope="row">Loyal</th>' in named


def test_numbers_stand_right_and_gaps_are_dashes():
    """Columns of numbers are aligned; a missing value is a dash, not NaN."""
    html = table_html("<table><tbody><tr><td>1,250</td><td>a</td></tr><tr><td>NaN</td><td>b</td></tr></tbody></table>")

    assert html.count('class="number"') == 2
    assert "NaN" not in html
    assert "–" in html


def test_a_range_among_numbers_is_a_number_and_intervals_alone_are_text():
    """What may be told only as between two values stands under numbers; a column of intervals is text."""
    rows = ("83.2%", "4 to 5"), ("67.9% to 73.4%", "8.0% to 9.1%"), ("over 94.0%", "1 to 3")
    cells = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows)
    html = BeautifulSoup(table_html(f"<table><tbody>{cells}</tbody></table>"), "html.parser")

    assert [[cell.get("class") for cell in row.find_all("td")] for row in html.find_all("tr")] == [
        [["number"], None]
    ] * 3
