"""Orders expected against orders that came, and what a customer is worth with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from seglib.charts.style import INK, QUIET, Picture, canvas, colour, finish, marker, quiet

if TYPE_CHECKING:
    from seglib.evaluation.scorecard import Scorecard

EXPECTED: dict[str, Any] = {
    "color": INK,
    "linestyle": (0, (4, 3)),
    "marker": "o",
    "markerfacecolor": "white",
    "label": "expected",
}
CAME: dict[str, Any] = {"color": INK, "linestyle": "-", "marker": "s", "label": "came"}


def forecast(scorecard: Scorecard) -> Picture:
    """Draw the order days expected and those that came: by repeat order days before, and week by week.

    Parameters
    ----------
    scorecard : Scorecard
        Its checks of the lifetime model; without any, the picture says so.

    Returns
    -------
    Picture
    """
    table = scorecard.clv_checks
    if table.empty:
        return _nothing("No forecast could be checked: it needs orders of the quarter and of the time before.")
    often, weeks = (table[table["view"] == view].sort_values("place", kind="stable") for view in ("frequency", "week"))
    with canvas(8.0, 3.4, ncols=2) as (figure, (left, right)):
        each = often.assign(**{side: often[side] / often["customers"] for side in ("expected", "came")})
        _lines(left, each, often["label"])
        left.set(
            title="By repeat order days before",
            xlabel="repeat order days before the quarter",
            ylabel="order days per customer",
        )
        _lines(right, weeks, weeks["label"])
        right.set_xticks(range(0, len(weeks), 3), weeks["label"].iloc[::3])
        right.set(title="Week by week, added up", xlabel="week of the quarter", ylabel="order days of all")
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    total = table[table["view"] == "quarter"].iloc[-1]
    came = f"{total['came']:,.0f} came" if pd.notna(total["came"]) else "too few came to be shown"
    text = f"{total['label']}: {total['expected']:,.0f} order days expected, {came}"
    return finish(figure, f"Expected (dashed) against came (line), by repeat order days before and by week. {text}.")


def worth(scorecard: Scorecard) -> Picture:
    """Draw the expected value per customer of each segment with its interval, on a scale of powers of ten.

    Parameters
    ----------
    scorecard : Scorecard
        Its lifetime values; without any, the picture says so.

    Returns
    -------
    Picture
    """
    table = scorecard.clv[scorecard.clv["clv_minor"].notna()] if len(scorecard.clv) else scorecard.clv
    if table.empty:
        return _nothing("No lifetime value could be computed; the notes say why.")
    table = table.sort_values("segment", kind="stable").reset_index(drop=True)
    money = table[["clv_minor", "low_minor", "high_minor"]].astype(float) / scorecard.minor_per_major
    with canvas(8.0, 1.0 + 0.42 * len(table)) as (figure, axes):
        for place, (row, (value, low, high)) in enumerate(zip(table.to_dict("records"), money.to_numpy(), strict=True)):
            tone = colour(int(row["identity"]))
            axes.plot([max(low, value / 100), high], [place, place], color=tone, linewidth=3, solid_capstyle="butt")
            axes.plot(value, place, marker=marker(int(row["identity"])), color=tone, markersize=8, linestyle="none")
        axes.set_yticks(range(len(table)), table["name"])
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlabel(f"expected value per customer ({scorecard.currency}), 95% interval of the mean; powers of ten")
        quiet(axes)
    said = ", ".join(f"{name} {value:,.0f}" for name, value in zip(table["name"], money["clv_minor"], strict=True))
    return finish(figure, f"Expected value per customer in {scorecard.currency}, with intervals: {said}.")


def _lines(axes: Axes, rows: pd.DataFrame, labels: pd.Series) -> None:
    places = np.arange(len(rows))
    axes.plot(places, rows["expected"], markersize=5, **EXPECTED)
    axes.plot(places, rows["came"], markersize=5, **CAME)
    axes.fill_between(places, rows["expected"].astype(float), rows["came"].astype(float), color=QUIET, alpha=0.15)
    axes.set_xticks(places, labels)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,.0f}" if rows["came"].max() > 20 else "{x:,.1f}")
    quiet(axes, "y")


def _nothing(sentence: str) -> Picture:
    with canvas(8.0, 0.6) as (figure, axes):
        axes.axis("off")
        axes.text(0, 0.5, sentence, va="center")
    return finish(figure, sentence)
