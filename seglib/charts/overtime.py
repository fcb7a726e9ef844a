"""The figure of all quarters so far: which share of the customers each segment had."""

from __future__ import annotations

import pandas as pd

from seglib.charts.style import Picture, canvas, colour, finish, hatch

NAMED = 7  # so many quarters fit below the figure
LEAST = 6  # bars are as wide as if there were so many


def over_time(shares: pd.DataFrame) -> Picture:
    """Draw one bar per quarter, cut by segment; a segment keeps its colour for as long as it lives.

    Parameters
    ----------
    shares : DataFrame
        quarter, identity, name, share (0 to 1); in the order of quarters.

    Returns
    -------
    Picture
    """
    wide = shares.pivot_table(index="quarter", columns="identity", values="share", aggfunc="sum").fillna(0.0)
    names = shares.drop_duplicates("identity", keep="last").set_index("identity")["name"]
    step, side = -(-len(wide) // NAMED), max(0, LEAST - len(wide)) / 2
    with canvas(5.6, 4.2) as (figure, axes):
        places, floor = range(len(wide)), pd.Series(0.0, wide.index)
        for identity in wide.columns:
            part, look = wide[identity], {"hatch": hatch(int(identity)), "edgecolor": "white", "linewidth": 0.5}
            axes.bar(places, part, bottom=floor, width=0.8, color=colour(int(identity)), label=names[identity], **look)
            floor = floor + part
        axes.set_xticks(list(places)[::-step], list(wide.index)[::-step])
        axes.set_xlim(-0.6 - side, len(wide) - 0.4 + side)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_ylabel("share of all customers")
        axes.set_ylim(0, 1)
        axes.tick_params(length=0)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2 if len(names) < 7 else 3)
        first, last = wide.iloc[0], wide.iloc[-1]
        said = [f"{names[i]} {first[i]:.0%} and {last[i]:.0%}" for i in wide.columns if first[i] or last[i]]
        alt = f"Share of all customers in each segment, {wide.index[0]} and {wide.index[-1]}: {'; '.join(said)}."
        return finish(figure, alt)
