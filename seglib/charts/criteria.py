"""Figures of notebook 03."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish, quiet
from seglib.core.steady import steady_column
from seglib.criteria.names import plain
from seglib.criteria.proposal import SURELY_MIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.criteria.appraisal import Appraisal
    from seglib.criteria.features import Features

COLUMNS = 3
GOALS_MAX = 4
ROWS_MAX = 14
KEY = "how well it tells the goal: 0 is no better than a coin, 1 is without error"
WIDEST_GOAL = 22  # letters in a line above a panel


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


def relevance(appraisal: Appraisal) -> Picture:
    """Draw how well each criterion, known before the quarter, tells what the goals measure within it.

    Parameters
    ----------
    appraisal : Appraisal
        At most four goals are drawn, and fourteen criteria: those proposed or chosen first.
    """
    told = appraisal.relevance
    goals = list(dict.fromkeys(told["goal"]))[:GOALS_MAX]
    if not goals:
        return _sentence("No goal could be held against the criteria: nobody known before the quarter counts in one.")
    names = _rows(appraisal)
    with canvas(8, 0.27 * len(names) + 1.35, ncols=len(goals), sharey=True, squeeze=False) as (figure, grid):
        for axes, goal in zip(grid.flat, goals, strict=True):
            rows = told[told["goal"] == goal].set_index("name").reindex(names)
            _dots(axes, rows, goal, appraisal.proposed)
        grid.flat[0].set_yticks(range(len(names)), [plain(name) for name in names], fontsize=8.5)
        grid.flat[0].set_ylim(len(names) - 0.4, -0.6)
        figure.supxlabel(KEY, fontsize=9)
        figure.legend(handles=_key(), loc="outside upper right", ncols=4, fontsize=8.5, handletextpad=0.4)
    return finish(figure, _said(told, goals, names, appraisal.proposed))


def _rows(appraisal: Appraisal) -> list[str]:
    """Choose the criteria to draw: proposed or chosen first, then those that tell most surely."""
    scores = appraisal.scores
    wanted = scores["proposed"] | scores["chosen"]
    return [*scores.loc[wanted, "name"], *scores.loc[~wanted & (scores["level"] == ""), "name"]][:ROWS_MAX]


def _dots(axes: Axes, rows: pd.DataFrame, goal: str, proposed: tuple[str, ...]) -> None:
    """Draw a triangle per criterion, up where more is better, with its interval; proposed ones are filled."""
    for place, (name, row) in enumerate(rows.iterrows()):
        if math.isnan(row["strength"]):
            continue
        ends = sorted((abs(row["strength_low"]), abs(row["strength_high"])))
        low = 0.0 if row["strength_low"] * row["strength_high"] < 0 else ends[0]
        taken = name in proposed
        shade = colour(1) if taken else QUIET
        axes.plot([low, ends[1]], [place, place], color=shade, linewidth=1.6, alpha=0.9 if taken else 0.5)
        mark = "^" if row["strength"] * row["better"] > 0 else "v"
        face = shade if taken else "white"
        axes.plot(abs(row["strength"]), place, mark, color=shade, markerfacecolor=face, markersize=6, clip_on=False)
    axes.axvline(SURELY_MIN, color=INK, linewidth=0.9, linestyle=(0, (3, 3)))
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_title("\n".join(textwrap.wrap(goal, WIDEST_GOAL)[:3]), fontsize=9)
    axes.tick_params(labelsize=8)
    quiet(axes, "x")


def _key() -> list[Line2D]:
    """Explain the marks of the scorecard."""
    mark: dict[str, Any] = {"linestyle": "none", "markersize": 6, "color": QUIET, "markerfacecolor": "white"}
    return [
        Line2D([], [], marker="^", label="more is better", **mark),
        Line2D([], [], marker="v", label="less is better", **mark),
        Line2D(
            [], [], marker="^", label="filled: proposed", **{**mark, "color": colour(1), "markerfacecolor": colour(1)}
        ),
        Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (3, 3)), label="below: tells too little"),
    ]


def _said(told: pd.DataFrame, goals: list[str], names: list[str], proposed: tuple[str, ...]) -> str:
    drawn = told[told["name"].isin(names)].assign(size=steady_column(told["strength"].abs()))
    best = drawn.sort_values("size", ascending=False, kind="stable").drop_duplicates("goal").set_index("goal")
    each = "; ".join(f"{goal}: {plain(str(best.at[goal, 'name']))} {best['size'][goal]:.2f}" for goal in goals)
    taken = ", ".join(plain(name) for name in proposed) or "none"
    return f"How well {len(names)} criteria tell each goal, from 0 to 1. Best: {each}. Proposed: {taken}."


def _sentence(text: str) -> Picture:
    with canvas(8, 0.6) as (figure, axes):
        axes.set_axis_off()
        axes.text(0, 0.5, text, va="center", fontsize=10)
    return finish(figure, text)
