"""Figures of notebook 04 that show how far the segments lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import NullFormatter, NullLocator

from seglib.charts.clustering import wrapped
from seglib.charts.style import FAINT, INK, QUIET, Picture, canvas, colour, finish, hatch, quiet
from seglib.criteria.names import plain
from seglib.methods.present import plain_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 4
GORGE = "similarity to the centre (1: at the centre); colour: members, grey: everybody else, cut off at the top"
HALVES = "bar: middle half of the segment, line: its median; grey: the same of everyone"


def separation(close: pd.DataFrame) -> Picture:
    """Draw the gorge plot: for each segment how close its members and the others are to its centre.

    Parameters
    ----------
    close : DataFrame
        From ``seglib.clustering.closeness``.
    """
    segments = close.drop_duplicates("segment")
    wide = min(COLUMNS, len(segments))
    deep = -(-len(segments) // wide)
    top = float(close[["members", "others"]].sum(axis=1).groupby(close["segment"]).max().max())
    with canvas(8, 1.85 * deep + 0.5, ncols=wide, nrows=deep, sharex=True, squeeze=False) as (figure, grid):
        for axes in grid.ravel()[len(segments) :]:
            axes.set_visible(False)
        for axes, row in zip(grid.ravel(), segments.to_dict("records"), strict=False):
            bars = close[close["segment"] == row["segment"]]
            _gorge(axes, bars, row["identity"])
            inside = f"\n{row['clear']} clearly inside" if row["clear"] else ""
            axes.set_title(f"{wrapped(row['name'], 22, 2)}{inside}", fontsize=9)
            axes.set_ylim(0, max(float(bars[["members", "others"]].iloc[5:].to_numpy().max()) * 1.6, top * 0.12))
        figure.supxlabel(GORGE, fontsize=9)
    said = "; ".join(f"{r['name']}: {r['clear'] or 'not shown'}" for r in segments.to_dict("records"))
    return finish(figure, f"Share of each segment's members who are clearly inside it. {said}.")


def _gorge(axes: Axes, bars: pd.DataFrame, identity: int) -> None:
    width = float(bars["high"].iloc[0] - bars["low"].iloc[0])
    axes.bar(bars["low"], bars["others"], width, align="edge", color=FAINT)
    axes.bar(
        bars["low"], bars["members"], width, align="edge", bottom=bars["others"], color=colour(identity),
        hatch=hatch(identity), edgecolor="white", linewidth=0,
    )  # fmt: skip
    clear_from = float(bars["clear_from"].iloc[0])
    axes.axvline(clear_from, color=QUIET, linewidth=0.8, linestyle="--")
    axes.set_xlim(0, 1)
    axes.set_xticks([0, clear_from, 1], ["0", "½" if clear_from == 0.5 else "⅔", "1"], fontsize=8)
    labels = axes.get_xticklabels()
    if labels:  # only the lowest row has them
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    quiet(axes, "x")


def profiles(spread: pd.DataFrame) -> Picture:
    """Draw the middle half of every segment in every criterion, over the middle half of everyone.

    Parameters
    ----------
    spread : DataFrame
        From ``seglib.clustering.spread``.
    """
    names = list(dict.fromkeys(spread["criterion"]))
    segments = spread[spread["segment"] > 0].drop_duplicates("segment")
    height = 0.42 * len(segments) + 1.3
    with canvas(8, height, ncols=len(names), sharey=True, squeeze=False) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            _middle(axes, spread[spread["criterion"] == name])
        places = np.arange(len(segments))
        grid[0][0].set_yticks(places, [wrapped(name) for name in segments["name"]], fontsize=9, fontweight="bold")
        grid[0][0].set_ylim(len(segments) - 0.5, -0.5)
        figure.supxlabel(HALVES, fontsize=9)
    return finish(figure, f"The middle half of each segment against everyone. {_apart(spread)}")


def _middle(axes: Axes, rows: pd.DataFrame) -> None:
    everyone, each = rows[rows["segment"] == 0].iloc[0], rows[rows["segment"] > 0]
    axes.axvspan(everyone["low"], everyone["high"], color=FAINT, alpha=0.6, linewidth=0, zorder=0)
    axes.axvline(everyone["median"], color=QUIET, linewidth=1, zorder=1)
    for place, row in enumerate(each.to_dict("records")):
        identity = int(row["identity"])
        axes.barh(
            place, row["high"] - row["low"], 0.42, left=row["low"], color=colour(identity), hatch=hatch(identity),
            edgecolor="white", linewidth=0, zorder=2,
        )  # fmt: skip
        axes.plot([row["median"]], [place], marker="|", markersize=15, markeredgewidth=2.2, color=INK, zorder=3)
    if everyone["log"]:
        axes.set_xscale("symlog", linthresh=max(1.0, float(rows["median"].median()) / 10))
    low, high = float(rows["low"].min()), float(rows["high"].max())
    ends = [low, float(everyone["median"]), high]
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(ends[::2], [_written(end, str(everyone["unit"])) for end in ends[::2]], fontsize=8)
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    unit = str(everyone["unit"])
    name = plain(str(everyone["criterion"]))
    axes.set_title(wrapped(name if unit in name or unit == "share" else f"{name}, {unit}", 13), fontsize=9)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)


def _written(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "share" else plain_number(round(value) if value >= 10 else round(value, 1))


def _apart(spread: pd.DataFrame) -> str:
    """Name for each segment the criteria in which its middle half does not touch that of everyone."""
    everyone = spread[spread["segment"] == 0].set_index("criterion")
    sentences = []
    for name, rows in spread[spread["segment"] > 0].groupby("name", sort=False):
        ends = rows.set_index("criterion")
        above = [plain(c) for c in ends.index if ends["low"][c] > everyone["high"][c]]
        below = [plain(c) for c in ends.index if ends["high"][c] < everyone["low"][c]]
        said = [f"{c} above" for c in above] + [f"{c} below" for c in below]
        sentences.append(f"{name}: {', '.join(said) or 'overlaps everyone in all criteria'}.")
    return " ".join(sentences)
