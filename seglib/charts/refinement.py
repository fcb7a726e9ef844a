"""Figures of notebook 10."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from seglib.charts.clustering import wrapped
from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish, marker, quiet
from seglib.criteria.names import plain
from seglib.disclosure.small_cells import ranges
from seglib.methods.drift import DRIFT_PSI, WATCH_PSI

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.refinement.refinement import Refinement

CAME, WENT = "new customers", "left"
COLUMNS = 3
INDEX_MAX = 1.0  # a larger index is drawn at the edge, with its number
TICKS = (0, WATCH_PSI, DRIFT_PSI, 0.5, 1)
CELLS = "bold: customers; below: their share of last quarter's segment; empty: nobody"
FAR: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": 8, "color": INK}
EDGE: dict[str, Any] = {"clip_on": False, "zorder": 3, "linestyle": "none"}


def migration(refinement: Refinement) -> Picture:
    """Draw who went where: from last quarter's segments (rows) to this quarter's (columns).

    Parameters
    ----------
    refinement : Refinement
    """
    if refinement.migration.empty:
        return _nothing(refinement.verdict)
    table, said, hidden = refinement.matrix(), refinement.written(), refinement.hidden()
    low, high = ranges(table, hidden, refinement.floor)
    middle = ((low + high) / 2).replace(np.inf, np.nan)
    about = table.mask(hidden, middle).mask(said == "")
    share = about.div(table.sum(axis=1).clip(lower=1), axis=0)
    identities = refinement.sizes.set_index("name")["identity"]
    shades = LinearSegmentedColormap.from_list("moves", ["#f7f9fb", "#9db8dd"])
    with canvas(8, 0.62 * len(table) + 1.3) as (figure, axes):
        axes.imshow(share, cmap=shades, vmin=0, vmax=1, aspect="auto")
        for row, column in np.ndindex(*table.shape):
            exact = not hidden.iat[row, column] and table.index[row] in identities
            here = float(share.to_numpy()[row, column]) if exact else None
            if not np.isnan(table.to_numpy()[row, column]):
                _cell(axes, row, column, str(said.iat[row, column]), here, f"< {refinement.floor}")
        _frame(axes, [CAME if n == "new" else str(n) for n in table.index], [str(n) for n in table.columns])
        _cues(axes, table, identities)
        axes.set_ylabel("last quarter", color=QUIET)
        axes.set_title("this quarter", fontweight="normal", fontsize=10, color=QUIET, loc="center", pad=12)
        axes.set_xlabel(CELLS, fontsize=9)
    told = f"Customers by last quarter's and this quarter's segment. {_largest_move(refinement)}{refinement.adds_up()}"
    return finish(figure, told)


def drift(refinement: Refinement) -> Picture:
    """Draw how much each criterion changed beyond chance: one panel each, everyone and each segment a row.

    Parameters
    ----------
    refinement : Refinement
    """
    rows = refinement.drift[refinement.drift["criterion"] != "segment"]
    if rows.empty:
        return _nothing(refinement.verdict)
    names = list(dict.fromkeys(rows["criterion"]))
    groups = ["Everyone", *(name for name in refinement.sizes["name"] if name in set(rows["name"]))]
    identities = refinement.sizes.set_index("name")["identity"]
    columns = min(COLUMNS, len(names))
    lines = math.ceil(len(names) / columns)
    height = 0.7 + lines * (0.75 + 0.29 * len(groups))
    with canvas(8, height, nrows=lines, ncols=columns, sharey=True, sharex=True, squeeze=False) as (figure, grid):
        for axes in list(grid.flat)[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(grid.flat, names, strict=False):
            _panel(axes, rows[rows["criterion"] == name].set_index("name"), groups, identities)
            axes.set_title(plain(name))
        for axes in grid[:, 0]:
            axes.set_yticks(range(len(groups)), [wrapped(name, 26, 2) for name in groups], fontsize=8)
            axes.set_ylim(len(groups) - 0.5, -0.5)
        for axes in list(grid.flat)[max(len(names) - columns, 0) : len(names)]:
            axes.tick_params(labelbottom=True)
        figure.supxlabel("stability index above chance", fontsize=9)
        figure.legend(handles=_legend(), loc="outside upper right", ncols=3, fontsize=8.5)
    found = rows[rows["verdict"] == "drift"]
    told = "; ".join(f"{plain(c)} in {n}" for c, n in zip(found["criterion"], found["name"], strict=True)) or "none"
    return finish(figure, f"Population stability index of each criterion against last quarter. Drift: {told}.")


def outlook(refinement: Refinement) -> Picture:
    """Draw each segment's size before, now, and next quarter with its interval.

    Parameters
    ----------
    refinement : Refinement
    """
    rows = refinement.outlook[refinement.outlook["segment"] > 0]
    if rows.empty:
        return _nothing(refinement.verdict if refinement.first else "No outlook: last quarter lacks a criterion.")
    with canvas(8, 0.5 * len(rows) + 1.3) as (figure, axes):
        for y, row in enumerate(rows.to_dict("records")):
            look: dict[str, Any] = {"color": colour(row["identity"]), "markersize": 8}
            axes.plot([row["low"], row["high"]], [y + 0.16] * 2, color=look["color"], linewidth=5, alpha=0.45)
            axes.plot(row["expected"], y + 0.16, "|", markeredgewidth=2.2, markersize=12, color=INK)
            if row["before"] >= refinement.floor:
                axes.plot(row["before"], y - 0.16, marker(row["identity"]), fillstyle="none", **look)
            axes.plot(row["customers"], y - 0.16, marker(row["identity"]), **look)
        axes.set_yticks(range(len(rows)), [wrapped(name, 24, 2) for name in rows["name"]])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("customers")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        quiet(axes).spines["left"].set_visible(False)
        cues = [
            Line2D([], [], marker="o", linestyle="none", fillstyle="none", color=INK, label="before (today's rules)"),
            Line2D([], [], marker="o", linestyle="none", color=INK, label="now"),
            Line2D([], [], color=INK, marker="|", markersize=10, linestyle="none", markeredgewidth=2, label="expected"),
            Line2D([], [], color=QUIET, linewidth=5, alpha=0.45, label="next quarter, 95% interval"),
        ]
        figure.legend(handles=cues, loc="outside upper right", ncols=4, fontsize=9)
    told = "; ".join(
        f"{r['name']}: {r['customers']:,.0f} now, {r['expected']:,.0f} ({r['low']:,.0f} to {r['high']:,.0f}) next"
        for r in rows.to_dict("records")
    )
    return finish(figure, f"Sizes now and, if customers move as they did this quarter, next quarter. {told}.")


def _largest_move(refinement: Refinement) -> str:
    """Say which move from one segment to another is the largest of those that may be shown."""
    moves = refinement.moves()
    if isinstance(moves, str):
        return ""
    known = (moves["from"] != "new") & (moves["to"] != "left") & (moves["from"] != moves["to"])
    return "".join(
        f"The largest move: {row['from']} to {row['to']}, {row['customers']} customers. "
        for row in moves[known].head(1).to_dict("records")
    )


def _cell(axes: Axes, row: int, column: int, said: str, share: float | None, few: str) -> None:
    if said == "0":
        return
    if not said:
        axes.text(column, row, few, ha="center", va="center", color=QUIET, fontsize=8.5)
        return
    lone = "center" if share is None else "bottom"
    axes.text(column, row - 0.02, said, ha="center", va=lone, color=INK, fontweight="bold", fontsize=9)
    if share is not None:
        axes.text(column, row + 0.06, f"{share:.0%}", ha="center", va="top", color=INK, fontsize=8.5)


def _cues(axes: Axes, table: pd.DataFrame, identities: pd.Series[Any]) -> None:
    """Mark each row and column with its segment's colour and marker."""
    for y, name in enumerate(table.index):
        if name in identities:
            axes.plot(-0.5, y, marker(identities[name]), color=colour(identities[name]), markersize=8, **EDGE)
    for x, name in enumerate(table.columns):
        if name in identities:
            axes.plot(x, -0.5, marker(identities[name]), color=colour(identities[name]), markersize=8, **EDGE)


def _panel(axes: Axes, rows: pd.DataFrame, groups: list[str], identities: pd.Series[Any]) -> None:
    """One criterion: a stem per group, filled where the change is beyond chance and matters."""
    for limit in (WATCH_PSI, DRIFT_PSI):
        axes.axvline(limit, color=QUIET, linestyle=(0, (4, 3)), linewidth=0.9)
    excess = (rows["psi"] - rows["psi_noise"]).clip(lower=0).dropna()
    for y, name in enumerate(groups):
        if name not in excess:
            continue
        index = float(excess[name])
        own = name in identities
        shade, cue = (colour(identities[name]), marker(identities[name])) if own else (INK, "o")
        fill = "full" if rows.loc[name, "verdict"] != "none" else "none"
        axes.plot([0, min(index, INDEX_MAX)], [y, y], color=shade, linewidth=1.6)
        axes.plot(min(index, INDEX_MAX), y, cue, color=shade, fillstyle=fill, markersize=7, **EDGE)
        if index > INDEX_MAX:
            axes.annotate(f"{index:.1f}", (INDEX_MAX, y), xytext=(-7, 2), textcoords="offset points", **FAR)
    axes.set_xlim(0, INDEX_MAX * 1.06)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS], fontsize=8)
    quiet(axes).spines["left"].set_visible(False)


LIMITS = f"watch from {WATCH_PSI:g}, drift from {DRIFT_PSI:g}"


def _legend() -> list[Line2D]:
    kind: dict[str, Any] = {"marker": "o", "color": INK, "markersize": 7, "linewidth": 1.6}
    return [
        Line2D([], [], label="watch or drift", **kind),
        Line2D([], [], fillstyle="none", label="no change that matters", **kind),
        Line2D([], [], color=QUIET, linestyle=(0, (4, 3)), linewidth=0.9, label=LIMITS),
    ]


def _frame(axes: Axes, rows: list[str], columns: list[str]) -> None:
    axes.set_yticks(range(len(rows)), [wrapped(name, 22) for name in rows], fontsize=9)
    axes.set_xticks(range(len(columns)), [wrapped(name, 80 // len(columns)) for name in columns], fontsize=9)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=7)
    axes.spines[:].set_visible(False)


def _nothing(sentence: str) -> Picture:
    with canvas(8, 0.7) as (figure, axes):
        axes.set_axis_off()
        axes.text(0, 0.5, wrapped(sentence, 110), va="center", color=QUIET)
    return finish(figure, sentence)
