"""Metrics by segment and effects of campaigns, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish, marker, quiet

if TYPE_CHECKING:
    from seglib.evaluation.scorecard import Scorecard

SHOWN = {
    "conversion_share": "Conversion",
    "retention_share": "Retention",
    "repeat_share": "Two orders or more",
    "order_value": "Order value",
    "order_frequency": "Orders per buyer",
    "revenue": "Revenue",
    "return_share": "Returned money",
    "nps": "NPS",
    "csat": "Satisfied",
}
COLUMNS = 3
WIDE = 15  # from here on a linear axis hides the small ones
EFFECT_AXIS = "change in the share of buyers against the control group, percentage points\n(pale: not beyond chance)"


def scorecard(scorecard: Scorecard) -> Picture:
    """Draw each metric by segment with its interval; a dashed line is everybody.

    Parameters
    ----------
    scorecard : Scorecard
        Its metrics by segment.

    Returns
    -------
    Picture
    """
    kpis = scorecard.kpis
    names = [name for name in SHOWN if kpis.loc[kpis["metric"] == name, "value"].notna().any()]
    people = kpis[kpis["segment"] > 0].drop_duplicates("segment").sort_values("segment", kind="stable")
    lines = max(math.ceil(len(names) / COLUMNS), 1)
    height = 0.3 + lines * (0.9 + 0.34 * max(len(people), 1))
    with canvas(8.0, height, nrows=lines, ncols=COLUMNS, sharey=True, squeeze=False) as (figure, grid):
        for axes, name in _panels(grid, names):
            _metric(axes, kpis[kpis["metric"] == name], people)
            axes.set_title(SHOWN[name])
        for axes in grid[:, 0]:
            axes.set_yticks(range(len(people)), [fill(name, 20) for name in people["name"]])
            axes.set_ylim(len(people) - 0.5, -0.5)
        line = Line2D([], [], color=QUIET, linestyle=(0, (4, 3)), label="everybody")
        figure.legend(handles=[line], loc="outside upper right")
    listed = ", ".join(SHOWN[name].lower() for name in names)
    return finish(figure, f"By segment, with 95% intervals; the dashed line is everybody: {listed}.")


def effects(scorecard: Scorecard) -> Picture:
    """Draw the effect of each campaign and arm on the share of buyers, by segment; a line at none.

    Parameters
    ----------
    scorecard : Scorecard
        Its effects; without any, the picture says so.

    Returns
    -------
    Picture
    """
    table = scorecard.effects
    if table.empty:
        return _nothing(scorecard)
    campaigns, arms = sorted(table["campaign"].unique()), sorted(table["arm"].unique())
    people = table.drop_duplicates("segment").sort_values("segment", key=lambda s: s.replace(0, np.inf), kind="stable")
    columns = min(len(campaigns), COLUMNS)
    lines = math.ceil(len(campaigns) / columns)
    height = 1.0 + lines * (0.8 + len(people) * (0.16 + 0.19 * len(arms)))
    with canvas(8.0, height, nrows=lines, ncols=columns, sharey=True, sharex=True, squeeze=False) as (figure, grid):
        for axes, name in _panels(grid, campaigns):
            _forest(axes, table[table["campaign"] == name], people, arms)
            axes.set_title(fill(str(name), 60 // columns))
        for axes in grid[:, 0]:
            axes.set_yticks(range(len(people)), [fill(name, 20) for name in people["name"]])
            axes.set_ylim(len(people) - 0.5, -0.5)
        figure.supxlabel(EFFECT_AXIS, fontsize=10)
        handles = [Line2D([], [], marker=marker(i + 1), color=INK, label=arm) for i, arm in enumerate(arms)]
        figure.legend(handles=handles, loc="outside upper right", ncols=len(arms))
    seen = int((table["p_adjusted"] < 0.05).sum())
    return finish(figure, f"Effects with 95% intervals; {seen} of {len(table)} are beyond chance after adjustment.")


def retention(scorecard: Scorecard) -> Picture:
    """Draw who ordered again by quarters since the first order: thin lines are cohorts, the thick one all of them.

    Parameters
    ----------
    scorecard : Scorecard
        Its cohorts; fewer than two quarters give a sentence instead.

    Returns
    -------
    Picture
    """
    cohorts, pooled = scorecard.cohorts, scorecard.retention_by_age()
    if pooled.empty:
        return _sentence("Retention by age needs at least two quarters of orders.")
    with canvas(8.0, 3.4) as (figure, axes):
        seen = cohorts[cohorts["complete"] & (cohorts["age"] > 0) & (cohorts["customers"] >= scorecard.floor)]
        for _, line in seen.groupby("began"):
            axes.plot(line["age"], 100 * line["share"], color=QUIET, linewidth=0.9, marker=".", alpha=0.7)
        axes.fill_between(pooled["age"], 100 * pooled["low"], 100 * pooled["high"], color=INK, alpha=0.15, linewidth=0)
        axes.plot(pooled["age"], 100 * pooled["share"], "o-", color=INK, linewidth=2.2)
        axes.set_xlabel("quarters since the first order")
        axes.set_ylabel("ordered in that quarter")
        axes.set_ylim(0, 100)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}%"))
        thick = Line2D([], [], color=INK, marker="o", linewidth=2.2, label="all cohorts, 95% interval")
        thin = Line2D([], [], color=QUIET, marker=".", linewidth=0.9, label="one cohort")
        figure.legend(handles=[thick, thin], loc="outside upper right", ncols=2)
        quiet(axes)
    told = "; ".join(f"after {row.age}: {row.said} of {row.customers:,}" for row in pooled.itertuples())
    return finish(figure, f"Share of customers who ordered again, by quarters since the first order. {told}.")


def _panels(grid: Any, names: list[str]) -> Iterator[tuple[Axes, str]]:
    """Pair axes with names; switch the rest off."""
    flat = list(grid.flat)
    for axes in flat[len(names) :]:
        axes.set_axis_off()
    yield from zip(flat, names, strict=False)


def _metric(axes: Axes, values: pd.DataFrame, people: pd.DataFrame) -> None:
    """One metric: a dot and its interval per segment."""
    unit = values["unit"].iloc[0]
    by_segment = values.set_index("segment")
    whole = by_segment["value"].get(0, math.nan)
    if unit != "customers" and not math.isnan(whole) and by_segment["low"].notna().any():
        axes.axvline(whole, color=QUIET, linestyle=(0, (4, 3)), linewidth=1)
    for row, (segment, identity) in enumerate(zip(people["segment"], people["identity"], strict=True)):
        if segment not in by_segment.index or math.isnan(by_segment.loc[segment, "value"]):
            continue
        found = by_segment.loc[segment]
        if not math.isnan(found["low"]):
            axes.plot([found["low"], found["high"]], [row, row], color=colour(identity), linewidth=2.2)
        size = 10 if marker(identity) == "*" else 7.5
        edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5}
        axes.plot(found["value"], row, marker(identity), color=colour(identity), markersize=size, **edge)
    axes.margins(x=0.08)
    _scale(axes, by_segment)
    plain = FuncFormatter(lambda value, _: _tick(value))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.6g}%") if unit == "share" else plain)
    quiet(axes).spines["left"].set_visible(False)


def _scale(axes: Axes, values: pd.DataFrame) -> None:
    """Money that differs manifold is drawn on a log scale; a total starts at zero."""
    total, least, most = values["low"].isna().all(), values["low"].min(), values["high"].max()
    axes.xaxis.set_major_locator(MaxNLocator(4))
    highest = values["value"].drop(0, errors="ignore").max()
    if total and highest > 0:  # not so when every value is hidden
        axes.set_xlim(left=-0.06 * float(highest))
    elif not total and values["unit"].iloc[0] == "money" and 0 < least < most / WIDE:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("log scale", fontsize=9, color=QUIET)


def _forest(axes: Axes, rows: pd.DataFrame, people: pd.DataFrame, arms: list[str]) -> None:
    """One campaign: an interval per segment and arm."""
    axes.axvline(0, color=INK, linewidth=1)
    place = {segment: number for number, segment in enumerate(people["segment"])}
    for row in rows.to_dict("records"):
        number = arms.index(row["arm"])
        height = place[row["segment"]] + (number - (len(arms) - 1) / 2) * 0.28
        shade = colour(row["identity"]) if row["segment"] else INK
        clear = 1.0 if row["p_adjusted"] < 0.05 else 0.45
        ends = [100 * row["effect_low"], 100 * row["effect_high"]]
        axes.plot(ends, [height, height], color=shade, linewidth=2, alpha=clear)
        axes.plot(100 * row["effect"], height, marker(number + 1), color=shade, markersize=6.5, markeredgecolor="white")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+.0f}" if value else "0"))
    quiet(axes).spines["left"].set_visible(False)


def _nothing(scorecard: Scorecard) -> Picture:
    nothing = ("No effects to show: this quarter has no contacts with a control group.",)
    return _sentence(*(scorecard.campaigns() if len(scorecard.experiments) else nothing))


def _sentence(*sentences: str) -> Picture:
    lines = "\n".join(fill(text, 95) for text in sentences)
    with canvas(8.0, 0.8 + 0.2 * lines.count("\n")) as (figure, axes):
        axes.set_axis_off()
        axes.text(0, 0.5, lines, va="center", color=INK, transform=axes.transAxes)
    return finish(figure, " ".join(sentences))


def _tick(value: float) -> str:
    for unit, word in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= unit:
            return f"{value / unit:g}{word}"
    return f"{value / 1_000:g}k" if abs(value) >= 10_000 else f"{value:,.4g}"
