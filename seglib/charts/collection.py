"""Figures of notebook 02."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from seglib.charts.style import HATCHES, INK, PALETTE, QUIET, Picture, canvas, finish, quiet
from seglib.collection.collection import called
from seglib.core.intake.rules import INPUT, KEPT

if TYPE_CHECKING:
    from seglib.collection.collection import Collection


def waterfall(collection: Collection) -> Picture:
    """Draw where the order lines went: one bar per rule that set any aside, between what came in and what was kept.

    Parameters
    ----------
    collection : Collection
        Its waterfall is drawn: bars are lines, the text beside them also gives the share of money.

    Returns
    -------
    Picture
        With the numbers in its alt text.
    """
    table = collection.waterfall
    rows = table[(table["rows"] > 0) | table["rule"].isin([INPUT, KEPT])].reset_index(drop=True)
    texts = _texts(rows)
    with canvas(8.0, 0.9 + 0.42 * len(rows)) as (figure, axes):
        _bars(axes, rows)
        _write(axes, rows, texts)
    names = [called(rule) for rule in rows["rule"]]
    alt = "Order lines: " + "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True)) + "."
    return finish(figure, alt)


def _texts(rows: pd.DataFrame) -> list[str]:
    money = rows["money_minor"] / max(1, abs(int(rows["money_minor"].iloc[0])))
    return [f"{n:,} ({share:.1%} of money)" for n, share in zip(rows["rows"], money, strict=True)]


def _bars(axes: Axes, rows: pd.DataFrame) -> None:
    """A floating bar per rule: each starts where what is left begins."""
    is_whole = rows["rule"].isin([INPUT, KEPT])
    left_over = int(rows["rows"].iloc[0]) - rows["rows"].where(~is_whole, 0).cumsum()
    starts = left_over.where(~is_whole, 0)
    for place, (rule, count, start) in enumerate(zip(rows["rule"], rows["rows"], starts, strict=True)):
        whole = rule in (INPUT, KEPT)
        axes.barh(
            place,
            count,
            left=start,
            facecolor=PALETTE[0] if whole else PALETTE[1],
            hatch="" if whole else HATCHES[1],
            edgecolor=PALETTE[0] if whole else INK,
            linewidth=0.8,
            height=0.62,
        )


def _write(axes: Axes, rows: pd.DataFrame, texts: list[str]) -> None:
    whole = int(rows["rows"].iloc[0])
    for place, text in enumerate(texts):
        axes.text(whole * 1.02, place, text, va="center", color=INK, fontsize=9)
    axes.set_yticks(range(len(rows)), [called(rule) for rule in rows["rule"]])
    axes.invert_yaxis()
    axes.set_xlim(0, whole * 1.38)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= whole])
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("order lines", color=QUIET)
    axes.set_title("Every line that came in is kept, or set aside by one rule")
    quiet(axes)
