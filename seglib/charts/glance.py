"""The small picture of a segment on the first page."""

from __future__ import annotations

import pandas as pd

from seglib.charts.style import FAINT, QUIET, Picture, canvas, colour, finish, hatch
from seglib.core.steady import steady

BARS = 5
LIMIT = 2.0


def glance(name: str, identity: int, deviations: pd.DataFrame) -> Picture:
    """Draw in what a segment differs most from everyone: bars to the left are less, to the right more.

    Parameters
    ----------
    name : str
        The segment's name, for the alt text.
    identity : int
        Decides colour and hatch.
    deviations : DataFrame
        label, deviation (robust standard deviations from everyone).

    Returns
    -------
    Picture
        280 pixels wide.
    """
    strongest = deviations.dropna().assign(size=lambda d: steady(d["deviation"].abs())).nlargest(BARS, "size")
    with canvas(2.9, 0.42 + 0.24 * max(len(strongest), 1)) as (figure, axes):
        places = range(len(strongest), 0, -1)
        bars = strongest["deviation"].clip(-LIMIT, LIMIT)
        axes.barh(
            places, bars, color=colour(identity), hatch=hatch(identity), edgecolor="white", height=0.66, linewidth=0
        )
        axes.axvline(0, color=QUIET, linewidth=1)
        axes.set_xlim(-LIMIT - 0.1, LIMIT + 0.1)
        axes.set_yticks(list(places), list(strongest["label"]), fontsize=8.5)
        axes.set_xticks([-LIMIT, 0, LIMIT], ["far less", "everyone", "far more"], fontsize=7.5)
        axes.tick_params(length=0)
        axes.grid(axis="x", color=FAINT)
        axes.spines[["left", "bottom"]].set_visible(False)
        return finish(figure, _alt(name, strongest))


def _alt(name: str, strongest: pd.DataFrame) -> str:
    words = [f"{r['label']} {'above' if r['deviation'] > 0 else 'below'}" for r in strongest.to_dict("records")]
    return f"{name} compared with everyone: " + (", ".join(words) if words else "no difference") + "."
