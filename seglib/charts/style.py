"""One look for all figures: palette, cues, sizes, and a picture that carries its alt text."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font_names
from PIL import Image

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # which weight a font has is nobody's business
PALETTE = tuple(to_hex(colour) for colour in mpl.color_sequences["petroff10"][:8])
HATCHES = ("", "//", "..", "xx", "\\\\", "oo", "--", "++")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
INK, QUIET, FAINT = "#1f2933", "#6b7785", "#d9dee4"
SCREEN_DPI = 96
PRINT_SCALE = 1.75
OTHER_SCRIPTS = (  # what systems install for letters that DejaVu Sans lacks: Chinese, Japanese, Korean, Thai, Hindi
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR"),
    *("Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic"),
    *("IPAGothic", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans Thai", "Noto Sans Devanagari"),
)
LOOK: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.parse_math": False,  # a name with dollar signs is drawn as it is
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlesize": 11,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Picture:
    """A drawn figure: PNG bytes, its width on the screen, and the text for who cannot see it.

    Parameters
    ----------
    png : bytes
        The image, at twice the screen's resolution.
    alt : str
        What is to be seen, in one or two sentences.
    width : int
        Width on the screen in pixels.

    Examples
    --------
    >>> with canvas(4, 2) as (figure, axes):
    ...     _ = axes.bar(["a"], [1])
    >>> picture = finish(figure, "One bar of height 1.")
    >>> picture
    Figure: One bar of height 1.
    """

    png: bytes
    alt: str
    width: int

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": {"alt": self.alt, "width": self.width}}


@cache
def families() -> list[str]:
    """Name the fonts to draw with: one for all machines, then those of this machine for the letters that it lacks."""
    here = set(get_font_names())
    return [*LOOK["font.family"], *(name for name in OTHER_SCRIPTS if name in here)]


@contextmanager
def canvas(width: float = 8.0, height: float = 4.0, **grid: Any) -> Iterator[tuple[Figure, Any]]:
    """Open a figure in the house's look; `grid` goes to `Figure.subplots`.

    Parameters
    ----------
    width, height : float
        Inches; 8 inches fill the page's width.

    Yields
    ------
    (Figure, Axes or array of Axes)
    """
    with mpl.rc_context(LOOK | {"font.family": families()}):
        figure = Figure(figsize=(width, height), dpi=SCREEN_DPI * PRINT_SCALE, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, figure.subplots(**grid)


def finish(figure: Figure, alt: str) -> Picture:
    """Draw a figure in at most 48 colours, which keeps pages small, and give it its alt text."""
    drawn, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(LOOK | {"font.family": families()}):
        figure.savefig(drawn, format="png", metadata={"Software": None})
    image = Image.open(drawn).convert("RGB")
    image.quantize(48, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return Picture(small.getvalue(), alt, round(figure.get_size_inches()[0] * SCREEN_DPI))


def colour(number: int) -> str:
    """Colour of a segment: bound to its identity number (1, 2, ...) for ever."""
    return PALETTE[(number - 1) % len(PALETTE)]


def hatch(number: int) -> str:
    """Second cue of a segment beside its colour, for print in grey."""
    return HATCHES[(number - 1) % len(HATCHES)]


def marker(number: int) -> str:
    """Second cue of a segment where it is drawn as points."""
    return MARKERS[(number - 1) % len(MARKERS)]


def quiet(axes: Axes, grid: str = "x") -> Axes:
    """Light grid lines along one axis, no ticks."""
    axes.grid(axis=grid)  # type: ignore[arg-type, unused-ignore]  # any of "x", "y", "both"
    axes.tick_params(length=0)
    return axes
