"""Figure of notebook 04: how the segments of one number of segments become those of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from seglib.charts.style import FAINT, INK, QUIET, Picture, canvas, colour, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.clustering.candidates import Candidates

HALF = 0.15  # of the distance between two columns
GAP = 0.018  # between two bars, in shares of all customers
LOWEST = 0.5  # stability that is drawn white: Hennig calls such a cluster dissolved
THIN = 0.02  # share of all customers below which a band is not drawn
WHOLE = 0.9  # of its customers from one segment: taken over as it is
SHADES = LinearSegmentedColormap.from_list("stable", ["#ffffff", "#7f9fd0"])
Bars = dict[int, dict[int, tuple[float, float]]]


def stability_across(candidates: Candidates) -> Picture:
    """Draw every number of segments as a column of bars, with bands for the customers that two columns share.

    Parameters
    ----------
    candidates : Candidates
    """
    table, flows = candidates.table(), candidates.across()
    chosen = int(table.loc[table["chosen"], "k"].iloc[0])
    bars = _stacked(candidates, flows)
    with canvas(8, 3.9) as (figure, axes):
        axes.axvspan(chosen - 0.3, chosen + 0.3, color=colour(2), alpha=0.25, linewidth=0, zorder=2.5)
        for row in _bands(flows, bars).itertuples(index=False):
            axes.add_patch(_band(*row))
        for k, column in bars.items():
            _column(axes, k, column, candidates.stabilities[k].jaccard, candidates.settings.stability_floor)
        axes.set_xlim(min(bars) - 0.45, max(bars) + 0.45)
        axes.set_ylim(1 + GAP * max(bars), -GAP)
        axes.set_xticks(list(bars), [f"{k}" for k in bars])
        axes.set_xlabel("segments")
        axes.set_yticks([])
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        floor = candidates.settings.stability_floor
        axes.set_title("Which segment becomes which?\n", fontsize=10.5)
        hint = f"number in a bar: its stability, dark is stable, dashed edge: below the floor {floor:g}"
        axes.text(0, 1.03, hint, transform=axes.transAxes, fontsize=8.5, color=QUIET)
    return finish(figure, _told(candidates, flows, chosen))


def _stacked(candidates: Candidates, flows: pd.DataFrame) -> Bars:
    """Place the bars of each column: top and bottom by segment, next to where their customers come from."""
    bars: Bars = {}
    for k, fit in candidates.fits.items():
        share = fit.sizes / fit.sizes.sum()
        origin = _origins(flows[flows["k"] == k], bars.get(k - 1, {}), k)
        top, column = 0.0, {}
        for segment in sorted(origin, key=lambda number: (origin[number], number)):
            column[segment] = (top, top + float(share[segment - 1]))
            top += float(share[segment - 1]) + GAP
        bars[k] = column
    return bars


def _origins(flows: pd.DataFrame, before: dict[int, tuple[float, float]], k: int) -> dict[int, float]:
    """Give the mean height of a segment's customers in the column before; its number where there is none."""
    if not before or flows.empty:
        return {segment: float(segment) for segment in range(1, k + 1)}
    middle = flows["from_segment"].map({segment: sum(ends) / 2 for segment, ends in before.items()})
    means = (middle * flows["share"]).groupby(flows["segment"]).sum()
    return {segment: float(means.get(segment, 1.0)) for segment in range(1, k + 1)}


def _bands(flows: pd.DataFrame, bars: Bars) -> pd.DataFrame:
    """Give each band its ends: k, top and height on the left, top on the right."""
    rows = []
    for k, level in flows[flows["k"].isin(list(bars)) & (flows["k"] - 1).isin(list(bars))].groupby("k"):
        left, right = bars[int(str(k)) - 1], bars[int(str(k))]
        used = {**{("left", s): ends[0] for s, ends in left.items()}, **{("right", s): e[0] for s, e in right.items()}}
        total = level["customers_count"].sum()
        ranked = level.assign(a=level["from_segment"].map(left), b=level["segment"].map(right)).sort_values(["a", "b"])
        for flow in ranked.to_dict("records"):
            height, ends = flow["customers_count"] / total, (("left", flow["from_segment"]), ("right", flow["segment"]))
            rows.append((int(str(k)), height, *(used[end] for end in ends)))
            used |= {end: used[end] + height for end in ends}
    drawn = pd.DataFrame(rows, columns=["k", "height", "start", "end"])
    return drawn[drawn["height"] >= THIN]


def _band(k: int, height: float, start: float, end: float) -> PathPatch:
    left, right = k - 1 + HALF, k - HALF
    middle = (left + right) / 2
    points = [(left, start), (middle, start), (middle, end), (right, end), (right, end + height)]
    points += [(middle, end + height), (middle, start + height), (left, start + height), (left, start)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes), facecolor=FAINT, edgecolor="white", linewidth=0.6, zorder=2)


def _column(
    axes: Axes, k: int, column: dict[int, tuple[float, float]], jaccard: tuple[float, ...], floor: float
) -> None:
    for segment, (top, bottom) in column.items():
        value = jaccard[segment - 1]
        edge: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.9, "linestyle": "--" if value < floor else "-"}
        shade = SHADES(np.clip((value - LOWEST) / (1 - LOWEST), 0, 1))
        axes.add_patch(Rectangle((k - HALF, top), 2 * HALF, bottom - top, facecolor=shade, zorder=3, **edge))
        if bottom - top >= 1.5 * THIN:
            place: dict[str, Any] = {"ha": "center", "va": "center"}
            axes.text(k, (top + bottom) / 2, f"{value:.2f}", fontsize=7.5, color=INK, zorder=4, **place)


def _told(candidates: Candidates, flows: pd.DataFrame, chosen: int) -> str:
    """Say how many segments of the chosen number are taken over whole, and how stable its least stable one is."""
    weakest = min(candidates.stabilities[chosen].jaccard)
    said = f"Each column is a number of segments, each bar a segment. Of the {chosen} marked segments the least stable "
    said += f"one has stability {weakest:.2f}"
    own = flows[flows["k"] == chosen]
    if own.empty:
        return f"{said}."
    whole = own.groupby("segment")["share"].max() >= WHOLE
    count = int(whole.sum())
    takes = "takes" if count == 1 else "take"
    return f"{said}; {count} of them {takes} at least {WHOLE:.0%} of the customers from one of {chosen - 1}."
