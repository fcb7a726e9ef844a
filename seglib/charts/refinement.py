"""Figures of notebook 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from seglib.charts.clustering import wrapped
from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish
from seglib.criteria import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.refinement import Refinement

FLOOR = 10
CAME, WENT = "new customers", "left"
SHADES = {"none": "#f1f3f5", "watch": "#ffd9a0", "drift": "#f4803c"}


def migration(refinement: Refinement, floor: int = FLOOR) -> Picture:
    """Draw who went where: from last quarter's segments (rows) to this quarter's (columns).

    Parameters
    ----------
    refinement : Refinement
    floor : int
        Smaller counts are shown as fewer than this.
    """
    moves = refinement.migration
    if moves.empty:
        return _nothing(refinement.verdict)
    order = list(refinement.sizes["name"])
    wide = moves.pivot_table(index="from_name", columns="to_name", values="customers", fill_value=0)
    counts = wide.reindex([n for n in [*order, "new"] if n in wide.index])
    counts = counts[[n for n in [*order, "left"] if n in counts.columns]]
    share = counts.div(counts.sum(axis=1), axis=0)
    shades = LinearSegmentedColormap.from_list("moves", ["#f7f9fb", colour(1)])
    with canvas(8, 0.62 * len(counts) + 1.3) as (figure, axes):
        axes.imshow(share, cmap=shades, vmin=0, vmax=1, aspect="auto")
        for row, column in np.ndindex(*counts.shape):
            _cell(axes, row, column, int(counts.to_numpy()[row, column]), float(share.to_numpy()[row, column]), floor)
        _frame(axes, [CAME if n == "new" else n for n in counts.index], list(counts.columns))
        axes.set_ylabel("last quarter", color=QUIET)
        axes.set_title("this quarter", fontweight="normal", fontsize=10, color=QUIET, loc="center", pad=12)
    stayed = int(moves.loc[moves["from_name"] == moves["to_name"], "customers"].sum())
    return finish(
        figure,
        f"Customers by last quarter's and this quarter's segment: {stayed:,} stayed in theirs. {refinement.adds_up()}",
    )


def drift(refinement: Refinement) -> Picture:
    """Draw how much each criterion changed, in everyone and inside each segment.

    Parameters
    ----------
    refinement : Refinement
    """
    rows = refinement.drift
    rows = rows[rows["criterion"] != "segment"]
    if rows.empty:
        return _nothing(refinement.verdict)
    groups = list(rows.sort_values("segment", kind="stable")["name"].drop_duplicates())
    names = list(dict.fromkeys(rows["criterion"]))
    cells = rows.set_index(["criterion", "name"])[["psi", "verdict"]].to_dict("index")
    with canvas(8, 0.42 * len(names) + 1.35) as (figure, axes):
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        for y, x in np.ndindex(len(names), len(groups)):
            _drift_cell(axes, x, y, cells, (names[y], groups[x]))
        _frame(axes, [plain(name) for name in names], groups)
        legend = [axes.scatter([], [], marker="s", s=70, color=shade) for shade in SHADES.values()]
        axes.legend(
            legend,
            ["no change that matters", "watch", "drift"],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=3,
            fontsize=8.5,
        )
    found = rows[rows["verdict"] == "drift"]
    said = "; ".join(f"{plain(c)} in {n}" for c, n in zip(found["criterion"], found["name"], strict=True)) or "none"
    return finish(figure, f"Population stability index of each criterion against last quarter. Drift: {said}.")


def _cell(axes: Axes, row: int, column: int, count: int, share: float, floor: int) -> None:
    if not count:
        return
    said = f"{count:,}" if count >= floor else f"< {floor}"
    axes.text(column, row - 0.02, said, ha="center", va="bottom", color=INK, fontweight="bold")
    if count >= floor:
        axes.text(column, row + 0.06, f"{share:.0%}", ha="center", va="top", color=INK, fontsize=8.5)


def _drift_cell(axes: Axes, x: int, y: int, cells: dict[Any, dict[Any, Any]], key: tuple[str, str]) -> None:
    if key not in cells:
        return
    row = cells[key]
    axes.fill(
        [x - 0.48, x + 0.48, x + 0.48, x - 0.48], [y - 0.46, y - 0.46, y + 0.46, y + 0.46], SHADES[row["verdict"]]
    )
    weight = "bold" if row["verdict"] == "drift" else "normal"
    axes.text(x, y, f"{row['psi']:.2f}", ha="center", va="center", fontsize=9, fontweight=weight)


def _frame(axes: Axes, rows: list[str], columns: list[str]) -> None:
    axes.set_yticks(range(len(rows)), [wrapped(name, 22) for name in rows], fontsize=9)
    axes.set_xticks(range(len(columns)), [wrapped(name, 80 // len(columns)) for name in columns], fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _nothing(sentence: str) -> Picture:
    with canvas(8, 0.7) as (figure, axes):
        axes.set_axis_off()
        axes.text(0, 0.5, sentence, va="center", color=QUIET)
    return finish(figure, sentence)
