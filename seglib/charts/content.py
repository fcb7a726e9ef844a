"""Figure of notebook 07: what the members of each segment buy next."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from seglib.charts import style

if TYPE_CHECKING:
    from seglib.content.content_plan import ContentPlan


def next_best(content: ContentPlan) -> style.Picture:
    """Draw the three most frequent next purchases of each segment.

    Parameters
    ----------
    content : ContentPlan
        With next_best; an empty one gives a picture that says why.

    Returns
    -------
    Picture
    """
    table = content.next_best
    segments = table.drop_duplicates("segment")
    if not len(segments):
        return _nothing(content.verdict)
    deep = math.ceil(len(segments) / 2)
    with style.canvas(8.0, 1.85 * deep, nrows=deep, ncols=2, squeeze=False) as (figure, grid):
        figure.set_layout_engine("constrained", h_pad=0.1, w_pad=0.12)
        for axes in grid.flat:
            axes.axis("off")
        for axes, (_, rows) in zip(grid.flat, table.groupby("segment"), strict=False):
            _bars(axes, rows, float(table["share"].max()))
        said = "; ".join(f"{r['name']}: {r['category']} {r['share']:.0%}" for r in segments.to_dict("records"))
        return style.finish(figure, f"Most frequent next {content.item} per segment. {said}.")


def _bars(axes: Axes, rows: pd.DataFrame, longest: float) -> None:
    """Draw one segment's bars, each with its name above and its share at the end."""
    first = rows.iloc[0]
    fill, pattern = style.colour(first["identity"]), style.hatch(first["identity"])
    axes.barh(rows["rank"], rows["share"], height=0.34, color=fill, hatch=pattern, edgecolor="white")
    for row in rows.to_dict("records"):
        name = textwrap.shorten(row["category"], 44, placeholder=" …")
        axes.text(0, row["rank"] - 0.25, name, size=8.5, va="bottom")
        axes.text(row["share"] + longest * 0.015, row["rank"], f"{row['share']:.0%}", size=8.5, va="center")
    title = "\n".join(textwrap.wrap(first["name"], 42, max_lines=2, placeholder=" …"))
    axes.set_title(title, size=10)
    axes.text(0, 0.32, f"share of {first['n']:,} next purchases", size=7.5, color=style.QUIET, va="bottom")
    axes.set(xlim=(0, longest * 1.12), ylim=(3.25, 0.05))


def _nothing(why: str) -> style.Picture:
    """Draw the reason why there is nothing to draw."""
    with style.canvas(8.0, 1.0) as (figure, axes):
        axes.axis("off")
        axes.text(0, 0.5, "\n".join(textwrap.wrap(why, 100)), color=style.QUIET, va="center", transform=axes.transAxes)
        return style.finish(figure, why)
