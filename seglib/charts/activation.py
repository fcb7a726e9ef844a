"""How much of each segment can be reached."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from seglib.charts.style import FAINT, INK, PALETTE, QUIET, Picture, canvas, finish, quiet

if TYPE_CHECKING:
    from seglib.activation.audience import Audience

PARTS = {
    "contact": ("contacted", PALETTE[0], "", "white"),
    "held_out": ("held out for comparison", PALETTE[1], "//", INK),
    "not_allowed": ("not allowed", QUIET, "", "white"),
    "no_offer": ("no offer", FAINT, "", INK),
}
ROOM_FOR_TEXT_SHARE = 0.04


def audience(audience: Audience) -> Picture:
    """Draw one bar per segment: who is contacted, held out, not allowed, or without an offer.

    Parameters
    ----------
    audience : Audience
        Its counts; numbers that are blank in its table are not written.

    Returns
    -------
    Picture
    """
    counts = audience.counts.reset_index(drop=True)
    rows = np.arange(len(counts))
    written = audience.parts().gt(0).fillna(False)
    widest = max(int(counts["customers"].max()), 1) if len(counts) else 1
    with canvas(8.0, 1.2 + 0.5 * max(len(counts), 1)) as (figure, axes):
        start = np.zeros(len(counts))
        for column, (label, shade, hatched, ink) in PARTS.items():
            width = counts[column].to_numpy(dtype=float)
            axes.barh(
                rows, width, 0.68, start, color=shade, hatch=hatched, edgecolor="white", linewidth=0.8, label=label
            )
            for row in rows[written[column].to_numpy(dtype=bool) & (width / widest >= ROOM_FOR_TEXT_SHARE)]:
                place = start[row] + width[row] / 2
                box = {"facecolor": shade, "edgecolor": "none", "pad": 1.5} if hatched else None
                axes.text(place, row, f"{width[row]:,.0f}", ha="center", va="center", color=ink, fontsize=9, bbox=box)
            start += width
        axes.set_yticks(rows, [fill(name, 24) for name in counts["name"]])
        axes.set_xlabel("customers")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlim(0, 1.02 * widest)
        axes.invert_yaxis()
        quiet(axes).spines["left"].set_visible(False)
        figure.legend(loc="outside upper center", ncols=4, columnspacing=1.5, handlelength=1.4)
    shown = [column for column in PARTS if f"all {column}" not in audience.unsaid]
    said = ", ".join(f"{int(counts[column].sum()):,} {PARTS[column][0]}" for column in shown)
    return finish(figure, f"Of {int(counts['customers'].sum()):,} customers, by segment: {said}.")
