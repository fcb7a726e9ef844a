"""One page for paper: headings, sentences and tables, set as large as they fit."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from seglib.charts.style import FAINT, INK, LOOK, QUIET, families

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 42.0  # points of A4
SIZES = tuple(10 - step / 4 for step in range(19))  # from 10 points down to 5.5, which can just be read
SCALE = {"title": 1.7, "heading": 1.25, "text": 1.0, "item": 1.0, "quiet": 0.85, "row": 0.92, "head": 0.85}
ABOVE = {"title": 0.0, "heading": 1.0, "text": 0.35, "item": 0.35, "quiet": 0.3, "row": 0.28, "head": 0.5}
LEADING, GAP = 1.28, 8.0
FULL_WIDTH = 0x2E80  # from here on letters are as wide as high: Chinese, Japanese, Korean
Kind = Literal["title", "heading", "text", "item", "quiet", "row", "head"]


@dataclass(frozen=True)
class Block:
    """One paragraph, or one row of a table.

    Parameters
    ----------
    kind : str
        title, heading, text, item, quiet, row or head.
    cells : tuple of str
        One text, or those of a row.
    widths : tuple of float
        Of the columns of a row, as shares of the page's width.
    may_go : bool
        Whether it may be left out where the page is full even in the smallest letters.
    """

    kind: Kind
    cells: tuple[str, ...]
    widths: tuple[float, ...] = (1.0,)
    may_go: bool = False


@dataclass(frozen=True)
class Line:
    """One line of letters with its place from the top of the page, in points."""

    text: str
    across: float
    down: float
    size: float
    kind: Kind


def one_page(blocks: Sequence[Block], footer: str, left_out: str) -> bytes:
    """Draw a page of A4 as PDF.

    Parameters
    ----------
    blocks : sequence of Block
        From top to bottom.
    footer : str
        In small letters at the end.
    left_out : str
        Said in the place of what had to be left out.

    Returns
    -------
    bytes
        The same for the same blocks; letters can be searched and copied.

    Examples
    --------
    >>> one_page([Block("title", ("Acme, 2026Q3",))], "Invented.", "More in the report.")[:8]
    b'%PDF-1.4'
    """
    kept, size = _fitting([*blocks, Block("quiet", (footer,))], left_out)
    with mpl.rc_context(LOOK | {"font.family": families(), "pdf.fonttype": 42}):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        FigureCanvasPdf(figure)
        for line in _lines(kept, size):
            _draw(figure, line)
        made = io.BytesIO()
        about = {"Creator": "seglib", "Producer": "matplotlib", "CreationDate": None, "Title": blocks[0].cells[0]}
        figure.savefig(made, format="pdf", metadata=about)
    return made.getvalue()


def _draw(figure: Figure, line: Line) -> None:
    strong = line.kind in ("title", "heading", "head")
    figure.text(
        line.across / WIDTH,
        1 - line.down / HEIGHT,
        line.text,
        fontsize=line.size,
        fontweight="bold" if strong else "normal",
        color=QUIET if line.kind in ("quiet", "head") else INK,
        va="baseline",
    )
    if line.kind == "heading":
        place = 1 - (line.down + 0.35 * line.size) / HEIGHT
        across = [MARGIN / WIDTH, 1 - MARGIN / WIDTH]
        figure.add_artist(mpl.lines.Line2D(across, [place, place], color=FAINT, linewidth=0.8))


def _fitting(blocks: list[Block], left_out: str) -> tuple[list[Block], float]:
    """Find the largest letters in which everything fits; else leave out from the end what may go, and say so."""
    for size in SIZES:
        if _height(blocks, size) <= HEIGHT - MARGIN:
            return blocks, size
    while any(block.may_go for block in blocks) and _height(blocks, SIZES[-1]) > HEIGHT - MARGIN:
        last = max(at for at, block in enumerate(blocks) if block.may_go)
        said = Block("quiet", (left_out,))
        blocks = [*blocks[:last], *([] if said in blocks else [said]), *blocks[last + 1 :]]
    return blocks, SIZES[-1]


def _height(blocks: Sequence[Block], size: float) -> float:
    return max((line.down + 0.3 * line.size for line in _lines(blocks, size)), default=0.0)


def _lines(blocks: Sequence[Block], size: float) -> Iterator[Line]:
    """Set the blocks one below the other."""
    down, usable = MARGIN, WIDTH - 2 * MARGIN
    for block in blocks:
        letters = size * SCALE[block.kind]
        down += ABOVE[block.kind] * letters
        deepest, across = 0, MARGIN
        for text, share in zip(block.cells, block.widths, strict=True):
            wide = usable * share - (GAP if len(block.cells) > 1 else 0)
            broken = _broken(text, wide, letters, block.kind in ("title", "heading", "head"))
            for number, part in enumerate(broken, 1):
                yield Line(part, across, down + number * letters * LEADING, letters, block.kind)
            deepest, across = max(deepest, len(broken)), across + usable * share
        down += deepest * letters * LEADING


def _broken(text: str, wide: float, size: float, strong: bool) -> list[str]:
    """Break a text into lines that are not wider than `wide` points."""
    lines, line, used = list[str](), list[str](), 0.0
    blank = _wide(" ", strong) * size
    for word in text.split():
        length = _wide(word, strong) * size
        if line and used + blank + length > wide:
            lines, line, used = [*lines, " ".join(line)], [], 0.0
        used += length + (blank if line else 0.0)
        line.append(word)
    return [*lines, " ".join(line)] if line else lines or [""]


def _wide(word: str, strong: bool) -> float:
    """Width of a word in letters of one point."""
    return sum(_advance(letter, strong) for letter in word)


@lru_cache(maxsize=4_000)
def _advance(letter: str, strong: bool) -> float:
    if ord(letter) >= FULL_WIDTH:
        return 1.0
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if strong else "normal")))
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> list[Block]:
    """Make a table of blocks.

    Parameters
    ----------
    heads : sequence of str
    rows : sequence of sequence of str
        Each as long as `heads`.
    widths : sequence of float
        Shares of the page's width that add up to 1.

    Examples
    --------
    >>> [block.kind for block in table(["goal", "verdict"], [["Keep customers", "reached"]], [0.7, 0.3])]
    ['head', 'row']
    """
    first = Block("head", tuple(heads), tuple(widths))
    return [first, *(replace(first, kind="row", cells=tuple(row)) for row in rows)]
