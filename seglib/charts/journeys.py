"""Figures of notebook 06: stages of the lifecycle, and what follows what."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from seglib.charts import style
from seglib.journeys.answers import ANSWERED, SENT_BOUGHT
from seglib.journeys.lifecycle import STAGES

if TYPE_CHECKING:
    from seglib.journeys.journeys import Journeys

NAME_CHARS, STATE_CHARS = 24, 18
FLAT_MAX = 6  # so many columns have room for labels that are not turned
EMPTY = "#f3f5f7"
LABEL_MIN = 0.055  # narrower parts carry no number
LOOKS = {  # fill, colour of the number in it
    "new": ("#9bd3f0", style.INK),
    "active": ("#2a78b5", "white"),
    "reactivated": ("#1b4f72", "white"),
    "at_risk": ("#f2b25c", style.INK),
    "lapsed": ("#c3c9d0", style.INK),
}
HIDDEN = "too few to show"


def stages(journeys: Journeys) -> style.Picture:
    """Draw the share of each segment in every lifecycle stage, one bar per segment.

    Parameters
    ----------
    journeys : Journeys
        Stages with shares, or what they exceed; other blank shares are drawn together at the end of the bar.

    Returns
    -------
    Picture
    """
    rows = journeys.stages.drop_duplicates("segment")
    known = journeys.stages.assign(share=journeys.stages["share"].fillna(journeys.stages["least"]))
    shares = known.pivot(index="segment", columns="stage", values="share")[list(STAGES)]
    with style.canvas(8.0, 1.0 + 0.52 * len(rows)) as (figure, axes):
        left = np.zeros(len(rows))
        for stage in STAGES:
            width = shares[stage].fillna(0).to_numpy(dtype=float)
            axes.barh(range(len(rows)), width, left=left, height=0.66, color=LOOKS[stage][0], edgecolor="white")
            for place in np.flatnonzero(width >= LABEL_MIN):
                middle = left[place] + width[place] / 2
                label = {"ha": "center", "va": "center", "size": 9, "color": LOOKS[stage][1]}
                axes.text(middle, place, f"{width[place]:.0%}", **label)
            left = left + width
        few = np.flatnonzero(1 - left > 0.001)
        rest = {"height": 0.64, "color": "white", "edgecolor": style.QUIET, "hatch": "....", "linewidth": 0.5}
        axes.barh(few, 1 - left[few], left=left[few], **rest)
        _segments(axes, rows)
        keys = [Patch(facecolor=LOOKS[stage][0], label=stage.replace("_", " ")) for stage in STAGES]
        if len(few):
            keys.append(Patch(facecolor="white", edgecolor=style.QUIET, hatch="....", label=HIDDEN))
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys), handlelength=1.0, columnspacing=1.4)
        said = "; ".join(
            f"{name}: " + ", ".join(f"{s.replace('_', ' ')} {v:.0%}" for s, v in shares.loc[number].dropna().items())
            for number, name in zip(rows["segment"], rows["name"], strict=True)
        )
        return style.finish(figure, f"Share of each segment in every lifecycle stage. {said}.")


def transitions(journeys: Journeys) -> style.Picture:
    """Draw, per segment, the share of each next state as a heat map.

    Parameters
    ----------
    journeys : Journeys
        Transitions with shares; blank cells are suppressed or did not occur.

    Returns
    -------
    Picture
        Two heat maps side by side; rows are where customers were, columns where they went next.
    """
    table, states = journeys.transitions, list(journeys.states)
    segments = table.drop_duplicates("segment")
    starts = [state for state in states if state in set(table["from_state"])]
    stops = [state for state in states if state in set(table["to_state"])]
    deep = max(1, math.ceil(len(segments) / 2))
    height = 0.3 + deep * ((0.85 if len(stops) <= FLAT_MAX else 1.35) + 0.3 * len(starts))
    with style.canvas(8.0, height, nrows=deep, ncols=2, squeeze=False, sharey=True) as (figure, grid):
        figure.set_layout_engine("constrained", h_pad=0.08, w_pad=0.06)
        for place, axes in enumerate(grid.flat):
            if place < len(segments):
                one = table[table["segment"] == segments["segment"].iloc[place]]
                wide = one.pivot(index="from_state", columns="to_state", values="share").reindex(starts, columns=stops)
                seen = one.pivot(index="from_state", columns="to_state", values="n").reindex(starts, columns=stops)
                _heat(axes, wide.astype("float64"), seen.notna(), str(segments["name"].iloc[place]))
            else:
                axes.axis("off")
        figure.supxlabel("next   (a dot: too few to show)", size=9, color=style.QUIET)
        figure.supylabel("from", size=9, color=style.QUIET)
        return style.finish(figure, _words(table, journeys.source))


def _heat(axes: Axes, wide: pd.DataFrame, seen: pd.DataFrame, name: str) -> None:
    """Draw one segment's heat map with a number in each cell, a dot where it is too small to show."""
    axes.set_facecolor(EMPTY)
    words = wide.map(lambda share: "·" if np.isnan(share) else f"{share:.0%}")
    look: dict[str, Any] = {"cmap": "Blues", "vmin": 0, "vmax": 1, "cbar": False, "linewidths": 1.5}
    seaborn.heatmap(
        wide.fillna(0), mask=~seen, annot=words, fmt="", annot_kws={"size": 8}, linecolor="white", ax=axes, **look
    )
    short = len(wide.columns) <= FLAT_MAX or max(len(str(s)) for s in wide.columns) <= 2
    turn: dict[str, Any] = {"rotation": 0} if short else {"rotation": 40, "ha": "right"}
    axes.set_xticks(
        np.arange(len(wide.columns)) + 0.5, [_wrap(str(s), not short) for s in wide.columns], size=8, **turn
    )
    axes.set_yticks(np.arange(len(wide.index)) + 0.5, [_wrap(s, True) for s in wide.index], size=8, rotation=0)
    axes.tick_params(length=0)
    axes.set(xlabel="", ylabel="")
    axes.set_title("\n".join(textwrap.wrap(name, 40, max_lines=2, placeholder=" …")), size=10)


def _wrap(state: str, wide: bool) -> str:
    width, deepest = (STATE_CHARS, 2) if wide else (STATE_CHARS // 2, 3)
    return "\n".join(textwrap.wrap(state, width, max_lines=deepest, placeholder=" …"))


def _segments(axes: Axes, rows: pd.DataFrame) -> None:
    """Write the segments' names at the left, each with its colour and marker."""
    names = ["\n".join(textwrap.wrap(name, NAME_CHARS, max_lines=2, placeholder=" …")) for name in rows["name"]]
    axes.set_yticks(range(len(rows)), names)
    axes.tick_params(axis="y", length=0, pad=16)
    for place, identity in enumerate(rows["identity"]):
        mark: dict[str, Any] = {
            "marker": style.marker(identity),
            "color": style.colour(identity),
            "markersize": 7,
            "clip_on": False,
        }
        axes.plot([-0.015], [place], transform=axes.get_yaxis_transform(), **mark)
    axes.set(xlim=(0, 1.003), ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)


def _words(table: pd.DataFrame, source: str) -> str:
    """Say for each segment which step is the most frequent."""
    best = table.dropna(subset="share").sort_values(["segment", "count"], ascending=[True, False])
    best = best.drop_duplicates("segment")
    said = "; ".join(
        f"{r['name']}: {r['from_state']} to {r['to_state']} {r['share']:.0%}" for r in best.to_dict("records")
    )
    what = "events of a session" if source == "events" else "days with orders"
    return f"Heat maps of what follows what, from {what}. Most frequent step: {said}."


def comeback(journeys: Journeys) -> style.Picture:
    """Draw, per segment, the share who have come back by each day after an order, with its interval.

    Parameters
    ----------
    journeys : Journeys
        Curves; segments in which too few waited are missing.

    Returns
    -------
    Picture
        One line per segment with its marker, a band for the interval.
    """
    with style.canvas(8.0, 4.2) as (figure, axes):
        said = []
        for place, (_, own) in enumerate(journeys.curve.groupby("segment")):
            one = own.iloc[0]
            look = {"color": style.colour(one["identity"]), "marker": style.marker(one["identity"])}
            every = max(1, len(own) // 8)
            label = "\n".join(textwrap.wrap(one["name"], NAME_CHARS, max_lines=2, placeholder=" …"))
            at = {"markevery": (place % every, every), "markersize": 6, "label": label}
            axes.step(own["days"], own["share"], where="post", **look, **at)
            axes.fill_between(own["days"], own["low"], own["high"], step="post", color=look["color"], alpha=0.18, lw=0)
            month = own[own["days"] <= 30].iloc[-1]
            said.append(f"{one['name']} {month['share']:.0%} by day {month['days']:.0f}")
        axes.axhline(0.5, color=style.QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set(xlim=(0, max(90.0, min(200.0, journeys.curve["days"].max()))) if len(said) else (0, 90), ylim=(0, 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("days after an order")
        axes.set_title("Share who have ordered again")
        style.quiet(axes, "y")
        if said:
            figure.legend(loc="outside lower center", ncols=3, handlelength=1.6, columnspacing=1.4)
        words = "; ".join(said) or "too few orders in the quarter to draw"
        return style.finish(figure, f"Share who have ordered again by each day after an order. {words}.")


def cohorts(journeys: Journeys) -> style.Picture:
    """Draw the share of each month's new customers who order in each later month, as a heat map.

    Parameters
    ----------
    journeys : Journeys
        Cohorts; small ones and small cells are blank.
    """
    table = journeys.cohorts[journeys.cohorts["month"] > 0]
    sizes = journeys.cohorts[journeys.cohorts["month"] == 0].set_index("cohort")["n"]
    wide = table.pivot(index="cohort", columns="month", values="share").astype("float64")
    with style.canvas(8.0, 1.3 + 0.28 * max(1, len(wide))) as (figure, axes):
        if not len(wide):
            axes.axis("off")
            axes.text(0, 0.5, "Too few new customers to follow.")
            return style.finish(figure, "Too few new customers in any month to follow them.")
        words = wide.map(lambda share: "" if np.isnan(share) else f"{share:.0%}")
        seaborn.heatmap(wide, mask=wide.isna(), annot=words, fmt="", annot_kws={"size": 8}, cmap="Blues", vmin=0,
                        vmax=max(0.1, float(np.nanmax(wide.to_numpy()))), cbar=False, linewidths=1.5,
                        linecolor="white", ax=axes)  # fmt: skip
        axes.set_yticks(
            np.arange(len(wide)) + 0.5, [f"{c}  (n = {sizes[c]:,})" for c in wide.index], size=8, rotation=0
        )
        axes.set(xlabel="months after the first order", ylabel="month of the first order")
        axes.tick_params(length=0)
        first = table[table["month"] == 1]["share"].dropna()
        said = (
            f"In the month after the first order {first.min():.0%} to {first.max():.0%} ordered" if len(first) else ""
        )
        return style.finish(figure, f"Heat map of monthly cohorts: share who order in each later month. {said}.")


def steps(journeys: Journeys) -> style.Picture:
    """Draw, per segment, what the first, second, ... event of a session is, as a heat map.

    Parameters
    ----------
    journeys : Journeys
        Step matrix; empty where there are no events.
    """
    table = journeys.steps
    segments = table.drop_duplicates("segment") if len(table) else table
    states = [state for state in journeys.states if len(table) and state in set(table["state"])]
    deep = max(1, math.ceil(len(segments) / 2))
    height = 0.4 + deep * (0.75 + 0.28 * len(states))
    with style.canvas(8.0, height, nrows=deep, ncols=2, squeeze=False, sharey=True) as (figure, grid):
        for place, axes in enumerate(grid.flat):
            if place >= len(segments):
                axes.axis("off")
                continue
            one = table[table["segment"] == segments["segment"].iloc[place]]
            wide = one.pivot(index="state", columns="step", values="share").reindex(states).astype("float64")
            seen = one.pivot(index="state", columns="step", values="n").reindex(states)
            _heat(axes, wide, seen.notna(), str(segments["name"].iloc[place]))
        if not len(segments):
            grid.flat[0].text(0, 0.5, "No sessions: the study has no events of visits.")
            return style.finish(figure, "No step matrix: the study has no events of visits.")
        figure.supxlabel("step of the session   (a dot: too few to show)", size=9, color=style.QUIET)
        third = table[(table["step"] == 3) & (table["state"] == journeys.states[-1])]
        said = "; ".join(f"{r['name']} {r['share']:.0%}" for r in third.dropna(subset="share").to_dict("records"))
        return style.finish(figure, f"What each step of a session is. Ended before the third step: {said}.")


def answers(journeys: Journeys) -> style.Picture:
    """Draw, per segment, the share of those sent a campaign who answered it, and who bought, with intervals.

    Parameters
    ----------
    journeys : Journeys
        Answers; shares of few customers are missing, and so is the whole figure where no event names a campaign.
    """
    table = journeys.answers
    if not len(table):
        with style.canvas(8.0, 0.6) as (figure, axes):
            axes.set_axis_off()
            axes.text(0, 0.5, "No answers to campaigns to draw.")
            return style.finish(figure, journeys.answer_notes[0])
    rows, kind = table.drop_duplicates("segment"), str(next(filter(None, table["event"]), ""))
    panels = {kind.replace("_", " "): (table["step"] == ANSWERED) & (table["event"] == kind)}
    panels["bought"] = table["step"] == SENT_BOUGHT
    said = []
    with style.canvas(8.0, 1.0 + 0.45 * len(rows), ncols=2, sharey=True) as (figure, grid):
        for axes, (what, mask) in zip(grid, panels.items(), strict=True):
            for row in table[mask].to_dict("records"):
                place = list(rows["segment"]).index(row["segment"])
                if pd.isna(row["share"]):
                    axes.text(0, place, f" {row['said']}", va="center", size=8, color=style.QUIET)
                    continue
                look = {"color": style.colour(row["identity"]), "marker": style.marker(row["identity"])}
                axes.plot([row["low"], row["high"]], [place, place], color=look["color"], linewidth=2)
                axes.plot([row["share"]], [place], markersize=8, linestyle="", **look)
                said.append(f"{row['name']}, {what}: {row['share']:.0%}")
            axes.set_yticks(range(len(rows)), [textwrap.fill(name, NAME_CHARS) for name in rows["name"]])
            top = table.loc[mask, "high"].max()
            axes.set(
                xlim=(0, min(1.03, 1.15 * top) if top > 0 else 1), ylim=(len(rows) - 0.5, -0.5), title=what.capitalize()
            )
            axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            style.quiet(axes)
        return style.finish(figure, f"Of those sent a campaign, share with 95% interval. {'; '.join(said)}.")
