"""V29 and V30: names in any script, with signs that a formula would mean, are drawn as they are."""

import io
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seglib.charts import style

NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


def width(name: str) -> int:
    """How many pixels wide the ink of a label is."""
    with warnings.catch_warnings(), style.canvas(6, 0.6) as (figure, axes):
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        axes.set_axis_off()
        axes.text(0, 0.5, name)
        picture = style.finish(figure, name)
    with Image.open(io.BytesIO(picture.png)) as image:
        dark = np.flatnonzero((np.asarray(image.convert("L")) < 128).any(axis=0))
    return int(dark[-1] - dark[0]) if len(dark) else 0


@pytest.mark.parametrize("name", ["$_$", r"$\badcmd$", "$x^2$", r"a\n$b"])
def test_V29_a_dollar_is_a_dollar(name: str) -> None:
    """Each sign is drawn: the label is wider than without its dollars, and nothing is refused."""
    assert width(name) > width(name.replace("$", "")) > 0


@settings(max_examples=60, deadline=None)
@given(NAMES)
@pytest.mark.wide
def test_V30_any_name_is_drawn(name: str) -> None:
    """Emoji, other scripts, control characters, none at all: a picture, never an error."""
    assert width(name) >= 0


def test_V30_letters_that_the_font_lacks_come_from_another_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fonts are asked for only where they are installed, and after the one that all machines have."""
    monkeypatch.setattr(style, "get_font_names", lambda: ["Malgun Gothic", "Comic Sans MS", "DejaVu Sans"])

    assert style.families.__wrapped__() == ["DejaVu Sans", "Malgun Gothic"]
