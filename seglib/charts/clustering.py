"""Figures of notebook 04."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from seglib.charts.style import FAINT, INK, QUIET, Picture, canvas, colour, finish, hatch, quiet
from seglib.core.steady import largest
from seglib.criteria.names import plain
from seglib.methods.present import shown, whole_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seglib.clustering.candidates import Candidates
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

REACH = (1.0, 2.5)  # the longest bar of the fingerprint, in robust standard deviations: at least and at most
MEASURES = (
    ("silhouette", "Silhouette", "higher is better"),
    ("calinski_harabasz", "Calinski-Harabasz", "higher is better"),
    ("davies_bouldin", "Davies-Bouldin", "lower is better"),
)


def wrapped(name: str, width: int = 18, lines: int = 3) -> str:
    """Break a segment's name into a few short lines; what does not fit is cut."""
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False, max_lines=lines, placeholder=" …"))


def quality_by_size(candidates: Candidates) -> Picture:
    """Draw three measures of compactness over the number of segments, with what data without groups reach.

    Parameters
    ----------
    candidates : Candidates
    """
    table = candidates.table()
    chosen = int(table.loc[table["chosen"], "k"].iloc[0])
    found = candidates.structure
    least, bound = min(*found.unimodal, *found.elliptical, *found.box), found.bound
    with canvas(8, 2.9, ncols=3) as (figure, grid):
        for axes, (column, title, hint) in zip(grid, MEASURES, strict=True):
            _over_k(axes, table, column, chosen)
            _titled(axes, title, hint)
        grid[0].axhspan(least, bound, color=FAINT, zorder=0)
        low, high = grid[0].get_ylim()
        grid[0].set_ylim(min(low, least - 0.03), max(high, bound + 0.01))
        grid[0].annotate(
            "best of data without groups",
            (8 if len(table) > 3 else table["k"].max(), bound),
            xytext=(0, -3),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8,
            color=INK,
        )
    best = table["k"].iloc[largest(table["silhouette"])]
    return finish(
        figure,
        f"Compactness of {table['k'].min()} to {table['k'].max()} segments. The silhouette is highest at {best}; "
        f"{chosen} are marked. Data without groups reach a silhouette of {least:.2f} to {bound:.2f}.",
    )


def stability_by_size(candidates: Candidates) -> Picture:
    """Draw how well each division would be found again, and how small its smallest segment is.

    Parameters
    ----------
    candidates : Candidates
    """
    table, settings = candidates.table(), candidates.settings
    chosen = int(table.loc[table["chosen"], "k"].iloc[0])
    with canvas(8, 3.1, ncols=2) as (figure, (left, right)):
        _over_k(left, table, "stability", chosen)
        for k, found in candidates.stabilities.items():
            left.scatter([k] * k, found.jaccard, s=14, color=QUIET, alpha=0.7, linewidths=0, zorder=2)
        left.set_ylim(0, 1.04)
        left.axhline(settings.stability_floor, color=INK, linewidth=1, linestyle="--", zorder=2)
        _titled(
            left,
            "Would another sample agree?",
            f"line: whole division, grey: its segments, dashed: floor {settings.stability_floor:g}",
        )
        _over_k(right, table, "smallest_share", chosen)
        right.set_ylim(0, max(0.1, table["smallest_share"].max() * 1.15))
        right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        right.axhline(settings.size_floor_share, color=INK, linewidth=1, linestyle="--", zorder=2)
        _titled(right, "How large is the smallest segment?", f"dashed: floor {settings.size_floor_share:.0%}")
    row = table[table["chosen"]].iloc[0]
    return finish(
        figure,
        f"Stability and smallest share over the number of segments. With {chosen} segments the stability is "
        f"{row['stability']:.2f} and the smallest segment holds {row['smallest_share']:.0%} of the customers.",
    )


def fingerprints(segmentation: Segmentation, features: Features) -> Picture:
    """Draw what each segment does more or less than everyone: one row per segment, one column per criterion.

    Parameters
    ----------
    segmentation : Segmentation
    features : Features
        Gives the unit of each criterion.
    """
    rows = segmentation.centres.dropna(subset=["deviation"])
    names = list(dict.fromkeys(rows["criterion"]))
    segments = segmentation.segments
    places = np.arange(len(segments))
    reach = float(np.clip(rows["deviation"].abs().max(), *REACH)) * 1.05
    with canvas(8, 0.62 * len(segments) + 0.85, ncols=len(names), sharey=True, squeeze=False) as (figure, grid):
        for axes, name in zip(grid[0], names, strict=True):
            _column(axes, rows[rows["criterion"] == name], segmentation, features)
            axes.set_xlim(-reach, reach)
        first = grid[0][0]
        first.set_yticks(places, [wrapped(name) for name in segments["name"]], fontsize=9, fontweight="bold")
        first.set_ylim(len(segments) - 0.45, -0.55)
    return finish(figure, f"What each segment does more or less than everyone. {_spoken(segmentation)}")


def sizes(segmentation: Segmentation) -> Picture:
    """Draw each segment's share of customers beside its share of revenue.

    Parameters
    ----------
    segmentation : Segmentation
    """
    rows = segmentation.segments
    places = np.arange(len(rows))
    with canvas(8, 0.52 * len(rows) + 1.0, ncols=2, sharey=True, sharex=True) as (figure, grid):
        for axes, column, title in zip(grid, ("share", "revenue_share"), ("of customers", "of revenue"), strict=True):
            bars = axes.barh(places, rows[column].fillna(0), 0.62, color=[colour(i) for i in rows["identity"]])
            for bar, identity in zip(bars, rows["identity"], strict=True):
                bar.set(hatch=hatch(identity), edgecolor="white", linewidth=0)
            written = shown(rows[column], whole_percent)
            for place, value, text in zip(places, rows[column].fillna(0), written, strict=True):
                axes.annotate(text, (value, place), (5, 0), textcoords="offset points", va="center")
            axes.set_title(f"Share {title}", fontsize=10, fontweight="normal")
            axes.set_xlim(0, np.nanmax(rows[["share", "revenue_share"]]) * 1.15)
            axes.xaxis.set_visible(False)
            axes.spines[["bottom", "left"]].set_visible(False)
            axes.tick_params(length=0)
        grid[0].set_yticks(places, [wrapped(name, 24) for name in rows["name"]], fontsize=9, fontweight="bold")
        grid[0].set_ylim(len(rows) - 0.5, -0.5)
        figure.suptitle(wrapped(_weightiest(rows), 90, 2), x=0.01, ha="left", fontsize=11, fontweight="bold")
    parts = shown(rows["revenue_share"], lambda part: f"{whole_percent(part)} of revenue")
    told = zip(rows["name"], rows["share"], parts, strict=True)
    return finish(figure, "; ".join(f"{n}: {whole_percent(s)} of customers, {part}" for n, s, part in told) + ".")


def _weightiest(rows: pd.DataFrame) -> str:
    """Say which segment brings most beyond its share of customers."""
    told = rows.dropna(subset="revenue_share")
    if told.empty:
        return "Each segment's share of customers; its money is not shown"
    top = told.iloc[largest(told["revenue_share"] - told["share"])]
    share, part = (whole_percent(top[column]) for column in ("share", "revenue_share"))
    return f"{top['name']}: {share} of customers, {part} of revenue"


def _over_k(axes: Axes, table: pd.DataFrame, column: str, chosen: int) -> None:
    axes.axvline(chosen, color=colour(2), linewidth=9, alpha=0.25, zorder=1)
    axes.plot(table["k"], table[column], color=colour(1), marker="o", markersize=4.5, zorder=3)
    value = float(table.loc[table["k"] == chosen, column].iloc[0])
    axes.plot([chosen], [value], color=colour(2), marker="o", markersize=8, zorder=4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xticks(table["k"])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axes.set_xlabel("segments")
    quiet(axes, "y")


def _titled(axes: Axes, title: str, hint: str) -> None:
    axes.set_title(f"{title}\n", fontsize=10.5)
    axes.text(0, 1.03, hint, transform=axes.transAxes, fontsize=8.5, color=QUIET)


def _column(axes: Axes, rows: pd.DataFrame, segmentation: Segmentation, features: Features) -> None:
    everyone, each = rows[rows["segment"] == 0].iloc[0], rows[rows["segment"] > 0]
    unit, scale = str(everyone["unit"]), features.minor_per_major if everyone["unit"] == "money" else 1
    axes.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    for place, (identity, away, typical) in enumerate(
        zip(segmentation.segments["identity"], each["deviation"], each["typical"], strict=True)
    ):
        axes.barh(
            place + 0.17,
            np.clip(away, -REACH[1], REACH[1]),
            0.26,
            color=colour(identity),
            hatch=hatch(identity),
            edgecolor="white",
            linewidth=0,
        )
        said = _amount(typical / scale, unit, features.currency)
        axes.text(0, place - 0.03, said, ha="center", va="bottom", fontsize=9, color=INK, bbox=BACKGROUND)
    axes.set_title(_title(str(everyone["criterion"]), unit), fontsize=9, loc="center")
    said = _amount(everyone["typical"] / scale, unit, features.currency)
    axes.set_xlabel(f"everyone: {said}", fontsize=8.5, color=QUIET)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


BACKGROUND: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


def _title(criterion: str, unit: str) -> str:
    name = plain(criterion)
    said = name if unit in ("share", "money") or unit in name else f"{name}, {unit}"
    return wrapped(said, 13)


def _amount(value: float, unit: str, currency: str) -> str:
    if unit == "share":
        return f"{value:.0%}"
    text = f"{value:,.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:.1f}"
    return f"{SIGNS.get(currency, currency + ' ')}{text}" if unit == "money" else text


SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def _spoken(segmentation: Segmentation) -> str:
    """Say each segment's strongest difference, for who cannot see the figure."""
    rows = segmentation.centres.dropna(subset=["deviation"])
    sentences = []
    for row in segmentation.segments.itertuples(index=False):
        own = rows[rows["segment"] == row.segment]
        top = own.iloc[largest(own["deviation"].abs())]
        sentences.append(
            f"{row.name}: {plain(top['criterion'])} {'above' if top['deviation'] > 0 else 'below'} everyone."
        )
    return " ".join(sentences)
