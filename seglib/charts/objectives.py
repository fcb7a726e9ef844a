"""Where each goal stands and where it is to go."""

from __future__ import annotations

import math
from textwrap import fill
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, StrMethodFormatter

from seglib.charts.style import INK, PALETTE, QUIET, Picture, canvas, finish, quiet
from seglib.methods.kpis import WORDS, written

if TYPE_CHECKING:
    from seglib.objectives.objectives import Objectives

BASELINE, TARGET = PALETTE[0], PALETTE[1]


def goals(objectives: Objectives) -> Picture:
    """Draw one strip per goal: the baseline with its interval, and the target.

    Parameters
    ----------
    objectives : Objectives
        Its goals, each on its own scale as units differ.

    Returns
    -------
    Picture
    """
    rows = objectives.goals.to_dict("records")
    with canvas(8.0, 0.5 + 1.15 * len(rows), nrows=len(rows), squeeze=False) as (figure, grid):
        for axes, goal in zip(grid[:, 0], rows, strict=True):
            _strip(axes, goal)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper right", ncols=3)
    told = "; ".join(f"{goal['name']}: {_told(goal)}" for goal in rows)
    return finish(figure, f"Baseline and target of each goal. {told}.")


def _strip(axes: Axes, goal: dict[Any, Any]) -> None:
    """One goal on its own scale."""
    axes.set_title(fill(goal["name"], 42), pad=4)
    axes.set_title(_found(goal), loc="right", fontsize=9, fontweight="normal", color=QUIET, pad=4)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.9, 1.3)
    if math.isnan(goal["baseline"]):
        axes.set_axis_off()
        axes.text(0, 0.7, "no baseline that can be told", transform=axes.transAxes, color=QUIET)
        return
    quiet(axes)
    spread = not math.isnan(goal["low"])
    low, high = (goal["low"], goal["high"]) if spread else (goal["baseline"], goal["baseline"])
    if spread:
        axes.plot(
            [low, high], [0, 0], color=BASELINE, linewidth=7, alpha=0.3, solid_capstyle="butt", label="95% interval"
        )
    axes.plot(goal["baseline"], 0, "o", color=BASELINE, markersize=9, label="baseline")
    axes.plot(goal["target"], 0, "D", color=TARGET, markersize=8, label="target")
    left, right = min(low, goal["target"]), max(high, goal["target"])
    pad = 0.3 * (right - left) or abs(right) * 0.1 or 1.0
    axes.set_xlim(left - pad, right + pad)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    share = goal["unit"] == "share"
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda v, _: f"{100 * v:.6g}%") if share else StrMethodFormatter("{x:,.12g}")
    )
    ahead = goal["target"] >= goal["baseline"]
    for key, on_right in (("baseline", not ahead), ("target", ahead)):
        text = _label(goal[key], goal["unit"])
        axes.annotate(
            text, (goal[key], 0), (8 if on_right else -8, 9), textcoords="offset points",
            ha="left" if on_right else "right", color=INK, fontsize=10,
        )  # fmt: skip


def _found(goal: dict[Any, Any]) -> str:
    """Say what is measured on how many, and whether the target lies within what chance moves."""
    if math.isnan(goal["baseline"]):
        return ""
    said = f"{WORDS[goal['metric']]}, n = {goal['n']:,}"
    if math.isnan(goal["low"]):
        return f"{said}: a total, not an estimate"
    inside = goal["low"] <= goal["target"] <= goal["high"]
    return f"{said}: the target is {'no further than' if inside else 'beyond what'} chance moves it"


def _told(goal: dict[Any, Any]) -> str:
    if math.isnan(goal["baseline"]):
        return "no baseline yet"
    ends = f"{_label(goal['baseline'], goal['unit'])} to {_label(goal['target'], goal['unit'])}"
    return f"{ends} ({_found(goal)})"


def _label(value: float, unit: str) -> str:
    return written(value, unit).strip()
