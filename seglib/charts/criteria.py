"""Figures of notebook 03."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish, quiet
from seglib.criteria import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.criteria import Features

COLUMNS = 3


def distributions(features: Features, floor: int = 10) -> Picture:
    """Draw how customers spread over each criterion: binned, never one mark per customer.

    Parameters
    ----------
    features : Features
    floor : int
        Bins with fewer customers stay empty.
    """
    bins = features.histogram(floor)
    names = list(dict.fromkeys(bins["criterion"]))
    lines = math.ceil(len(names) / COLUMNS)
    with canvas(8, 1.55 * lines + 0.45, nrows=lines, ncols=COLUMNS, squeeze=False) as (figure, grid):
        for axes, name in zip(grid.flat, names, strict=False):
            _panel(axes, bins[bins["criterion"] == name], name)
        for axes in list(grid.flat)[len(names) :]:
            axes.set_axis_off()
        figure.supylabel("customers", fontsize=9, color=QUIET)
        figure.supxlabel("The pale last bar holds everybody above it.", fontsize=9, color=QUIET)
    medians = bins.drop_duplicates("criterion")
    said = ", ".join(
        f"{plain(c)} {_short(m, u)}" for c, m, u in zip(medians.criterion, medians["median"], medians.unit, strict=True)
    )
    return finish(figure, f"Distribution of customers over {len(names)} criteria. Medians: {said}.")


def _panel(axes: Axes, bins: pd.DataFrame, name: str) -> None:
    first = bins.iloc[0]
    width = bins["high"] - bins["low"]
    shades = [0.45 if low == first["last"] else 0.85 for low in bins["low"]]
    for low, wide, count, shade in zip(bins["low"], width, bins["customers"], shades, strict=True):
        axes.bar(low, count, wide, align="edge", color=colour(1), alpha=shade, edgecolor="white", linewidth=0.4)
    axes.axvline(first["median"], color=INK, linewidth=1.2)
    top = bins["customers"].max() * 1.22
    right = first["median"] > (bins["low"].min() + bins["high"].max()) / 2
    axes.annotate(
        f"median {_short(first['median'], first['unit'])}",
        (first["median"], top),
        xytext=(-4 if right else 4, -2),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top",
        fontsize=8,
    )
    axes.set_ylim(0, max(top, 1))
    unit = first["unit"]
    said = plain(name)
    axes.set_title(said if unit in said or unit == "share" else f"{said} ({unit})", fontsize=9.5)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=unit != "share"))
    axes.xaxis.set_major_formatter(
        PercentFormatter(1, decimals=0) if unit == "share" else StrMethodFormatter("{x:,.0f}")
    )
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.tick_params(labelsize=8)
    quiet(axes, "y")


def _short(value: Any, unit: str) -> str:
    if unit == "share":
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.2g}"
