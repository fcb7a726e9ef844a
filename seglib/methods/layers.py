"""Two divisions laid over each other, with small cells merged by a stated rule so that nobody vanishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Layers:
    """What became of every cell of a cross-table.

    Parameters
    ----------
    cells : DataFrame
        need, value, customers, merged (name of the group that the cell belongs to), alone (whether it is large
        enough by itself).
    groups : DataFrame
        group, need, customers, large (whether it reaches the floor).
    """

    cells: pd.DataFrame
    groups: pd.DataFrame


def layer(counts: pd.DataFrame, order: Sequence[str], floor: int) -> Layers:
    """Merge the cells of a cross-table until each group holds enough customers.

    1. Within a need, the smallest group below the floor joins the neighbouring value tier, the smaller one of two.
    2. A need that is still below the floor as a whole joins the smallest other need, tier and all.
    3. Every customer stays in exactly one group.

    Parameters
    ----------
    counts : DataFrame with need, value, customers
        One row per cell; cells without customers may be left out.
    order : sequence of str
        The value tiers, lowest first.
    floor : int
        Customers that a group needs to be acted on.

    Returns
    -------
    Layers

    Examples
    --------
    >>> counts = pd.DataFrame({"need": ["A"] * 3, "value": ["low", "middle", "high"], "customers": [50, 4, 30]})
    >>> layer(counts, ["low", "middle", "high"], 10).groups[["group", "customers"]].to_numpy().tolist()
    [['A: low', 50], ['A: middle to high', 34]]
    """
    size = counts.groupby(["need", "value"])["customers"].sum()
    needs = _needs(counts, floor)
    found = [(together, *piece) for together in needs for piece in _merged(size, together, order, floor)]
    groups = [(name, " and ".join(together), total, total >= floor) for together, name, _, total in found]
    place = {(need, value): name for together, name, values, _ in found for need in together for value in values}
    cells = size[size > 0].reset_index()
    cells["merged"] = [place[need, value] for need, value in zip(cells["need"], cells["value"], strict=True)]
    return Layers(
        cells.assign(alone=cells["customers"] >= floor),
        pd.DataFrame(groups, columns=["group", "need", "customers", "large"]),
    )


def _needs(counts: pd.DataFrame, floor: int) -> list[tuple[str, ...]]:
    """Join needs that are too small as a whole; the order of the rows stays."""
    totals = counts.groupby("need", sort=False)["customers"].sum()
    sizes: dict[tuple[str, ...], int] = {(str(need),): int(total) for need, total in totals.items() if total}
    while len(sizes) > 1 and min(sizes.values()) < floor:
        small = min(sizes, key=lambda need: (sizes[need], need))
        count = sizes.pop(small)
        other = min(sizes, key=lambda need: (sizes[need], need))
        sizes = {(*need, *small) if need == other else need: n + count * (need == other) for need, n in sizes.items()}
    return list(sizes)


def _merged(
    size: pd.Series[Any], together: tuple[str, ...], order: Sequence[str], floor: int
) -> list[tuple[str, list[str], int]]:
    """Join neighbouring tiers of one need, or of needs that were joined, until each is large enough."""
    runs = [([value], sum(int(size.get((need, value), 0)) for need in together)) for value in order]
    while len(runs) > 1 and min(total for _, total in runs) < floor:
        i = min(range(len(runs)), key=lambda at: (runs[at][1], at))
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(runs)]
        j = min(beside, key=lambda at: (runs[at][1], at))
        first, second = sorted((i, j))
        runs[first : second + 1] = [(runs[first][0] + runs[second][0], runs[first][1] + runs[second][1])]
    who = " and ".join(together)
    return [(f"{who}: {_spoken(values, order)}", values, total) for values, total in runs]


def _spoken(values: list[str], order: Sequence[str]) -> str:
    if len(values) == len(order):
        return "all values"
    return values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}"
