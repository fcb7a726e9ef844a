"""Figure of notebook 05: one card per segment."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from seglib.charts import style
from seglib.methods.present import whole_percent
from seglib.personas.evidence import days
from seglib.personas.personas import NOTHING

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.personas.personas import Personas

WIDTH, GAP, LEFT = 3.9, 0.067, 0.32  # inches: a card, the space between two, where its text begins
NAME_CHARS, LINE_CHARS = 36, 54
LINES = 4
IN_THE_HEAD = ("recency_days", "order_value_minor", "monetary_minor")  # said by the numbers at the top of the card


def portraits(personas: Personas, segmentation: Segmentation) -> style.Picture:
    """Draw one card per segment: size, revenue, basket, last order, and what sets it apart.

    Parameters
    ----------
    personas : Personas
        Cards and lines.
    segmentation : Segmentation
        Its currency is written beside the basket.

    Returns
    -------
    Picture
        Two cards side by side, at most eight.
    """
    cards = personas.cards.to_dict("records")
    claims = {n: _chosen(personas.lines[personas.lines["segment"] == n]) for n in personas.cards["segment"]}
    voices = {n: _voice(personas.quotes[personas.quotes["segment"] == n]) for n in personas.cards["segment"]}
    claims |= {c["segment"]: [_wrap(c["summary"], LINE_CHARS)] for c in cards if c["segment"] in personas.withheld}
    names = {card["segment"]: _wrap(card["name"], NAME_CHARS) for card in cards}
    head = 0.64 + 0.19 * max(map(len, names.values()), default=1)
    height = head + 0.54 + max((sum(map(_room, [*claims[n], *voices[n]])) for n in claims), default=0)
    deep = math.ceil(len(cards) / 2)
    with style.canvas(8.0, deep * (height + GAP) + GAP, nrows=deep, ncols=2, squeeze=False) as (figure, grid):
        figure.set_layout_engine("none")
        total = deep * (height + GAP) + GAP
        for place, axes in enumerate(grid.flat):
            left, top = GAP + (place % 2) * (WIDTH + GAP), GAP + (place // 2) * (height + GAP)
            axes.set_position((left / 8.0, 1 - (top + height) / total, WIDTH / 8.0, height / total))
            axes.set(xlim=(0, WIDTH), ylim=(height, 0))
            axes.axis("off")
        for axes, card in zip(grid.flat, cards, strict=False):
            _frame(axes, card, height)
            _title(axes, card, names[card["segment"]])
            _numbers(axes, card, head, (segmentation.currency, segmentation.minor_per_major))
            top = _lines(axes, claims[card["segment"]], head + 0.28)
            _lines(axes, voices[card["segment"]], top, "", style="italic")
            _match(axes, card, height - 0.13)
        spoken = {n: "".join(f" Quote: {' '.join(rows)}." for rows in voice) for n, voice in voices.items()}
        said = "; ".join(f"{card['name']}: {card['summary']}{spoken[card['segment']]}" for card in cards)
        return style.finish(figure, f"One card per segment. {said}")


def _frame(axes: Axes, card: dict[Any, Any], height: float) -> None:
    """Draw the border, and the band in the segment's colour and hatch."""
    box = FancyBboxPatch((0.01, 0.01), WIDTH - 0.02, height - 0.02, boxstyle="round,pad=0,rounding_size=0.07")
    box.set(facecolor="white", edgecolor=style.FAINT, linewidth=1.2)
    band = Rectangle((0.01, 0.01), 0.16, height - 0.02, facecolor=style.colour(card["identity"]), edgecolor="white")
    band.set(hatch=style.hatch(card["identity"]), linewidth=0)
    axes.add_patch(box)
    axes.add_patch(band)
    band.set_clip_path(box)


def _title(axes: Axes, card: dict[Any, Any], rows: list[str]) -> None:
    """Write the name, and below it the size, the main country and the channel that most have used."""
    axes.text(LEFT, 0.27, "\n".join(rows), va="baseline", weight="bold", size=11, linespacing=1.1)
    home = f" · {card['country']} {card['country_said']}" if isinstance(card["country"], str) else ""
    way = f" · {card['channel_said']} used {card['channel']}" if isinstance(card.get("channel"), str) else ""
    text = _wrap(f"{card['customers']:,} customers{home}{way}", LINE_CHARS)[0]
    axes.text(LEFT, 0.28 + 0.19 * len(rows), text, va="baseline", size=8, color=style.QUIET)


def _short(share: float) -> str:
    """Write a share in few letters."""
    return whole_percent(share).replace("under ", "<").replace("over ", ">")


def _numbers(axes: Axes, card: dict[Any, Any], head: float, money: tuple[str, int]) -> None:
    """Write four numbers with their labels, and a thin rule below them."""
    basket = card["basket_minor"] / money[1]
    facts = (
        (_short(card["share"]), "of customers"),
        (_short(card["revenue_share"]), "of revenue"),
        (f"{basket:,.0f}" if basket >= 100 else f"{basket:,.2f}", f"{money[0]} basket".strip()),
        (days(card["last_order_days"]), "days since order"),
    )
    for left, (number, label) in zip((LEFT, 1.13, 1.96, 2.83), facts, strict=True):
        axes.text(left, head - 0.02, "–" if "nan" in number else number, va="baseline", size=14)
        axes.text(left, head + 0.12, label, va="baseline", size=7.5, color=style.QUIET)
    axes.plot([LEFT, WIDTH - 0.16], [head + 0.2, head + 0.2], color=style.FAINT, linewidth=0.8)


def _lines(axes: Axes, claims: list[list[str]], top: float, mark: str = "•", **look: Any) -> float:
    """Write what sets the segment apart, or what members wrote, one below the other; gives where the last one ends."""
    for rows in claims:
        axes.text(LEFT, top + 0.11, mark, va="baseline", size=8, color=style.QUIET)
        for place, text in enumerate(rows):  # line by line: a block's baseline is that of its last line
            axes.text(LEFT + 0.11, top + 0.11 + 0.15 * place, text, va="baseline", size=8, **look)
        top += _room(rows)
    return top


def _match(axes: Axes, card: dict[Any, Any], bottom: float) -> None:
    """Write how many members, and how many others, look like the card."""
    if pd.notna(card["match_share"]):
        text = f"{card['match']} of members match most lines"
        text += f", {card['others_match']} of others do" if card.get("others_match") else ""
        axes.text(LEFT, bottom, text, va="baseline", size=7.5, color=style.QUIET)


def _voice(quotes: pd.DataFrame) -> list[list[str]]:
    """Give the text that most members wrote, in rows; nothing where none may be quoted."""
    top = [(textwrap.shorten(q, 80, placeholder=" …"), n) for q, n in quotes[["quote", "customers"]].head(1).to_numpy()]
    return [_wrap(f"“{quote}” ({members:,} members)", LINE_CHARS) for quote, members in top]


def _room(rows: list[str]) -> float:
    """Give the height of a claim in inches."""
    return 0.15 * len(rows) + 0.05


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, max_lines=2, placeholder=" …")


def _chosen(lines: pd.DataFrame) -> list[list[str]]:
    """Choose four claims, in rows: the strongest of each family first, without what the numbers already say."""
    fresh = lines[~lines["criterion"].isin(IN_THE_HEAD)]
    fresh = fresh.assign(turn=fresh.groupby("family").cumcount()).sort_values("turn", kind="stable")
    claims = list(fresh["claim"].head(LINES)) or list(lines["claim"].head(LINES)) or [NOTHING]
    return [_wrap(claim, LINE_CHARS) for claim in claims]
