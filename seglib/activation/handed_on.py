"""What is said of the files that leave the house: their numbers beside how many are contacted tell of no few people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from seglib.disclosure.small_cells import ranges

if TYPE_CHECKING:
    from seglib.activation.formats import Format
    from seglib.activation.lists import Written

Place = tuple[int, int]  # which destination, and which of its numbers


@dataclass(frozen=True)
class Delivery:
    """One destination, what was written for it, who was left out for others, and whether it had the same before."""

    form: Format
    written: Written
    shared: int
    is_same: bool

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Rows, those set aside, and those left out for others."""
        return self.written.rows, sum(self.written.set_aside.values()), self.shared


def sentences(deliveries: Sequence[Delivery], contacts: int, floor: int) -> list[str]:
    """Say what each destination gets.

    Parameters
    ----------
    deliveries : sequence of Delivery
    contacts : int
        Customers who are contacted, over all channels; other tables tell it.
    floor : int
        Smallest count that is shown.

    Returns
    -------
    list of str
        One sentence per destination; small counts, and those from which one would follow, are ranges.
    """
    vague = spread([(each.form.purpose, each.numbers) for each in deliveries], contacts, floor)
    return [
        _sentence(each, [said(n, floor, (at, place) in vague) for place, n in enumerate(each.numbers)])
        for at, each in enumerate(deliveries)
    ]


def spread(parts: Sequence[tuple[str, Sequence[int]]], contacts: int, floor: int) -> set[Place]:
    """Choose the numbers of which only a range is told, since those who are in none of them would be few.

    Each customer who is contacted has one purpose; so numbers of one destination for each purpose, taken from all
    who are contacted, leave those of whom nothing is told: by a later word, or since their number is small.

    Parameters
    ----------
    parts : sequence of (str, numbers)
        Purpose of each destination, and how many customers each of its numbers counts.
    contacts : int
        Customers who are contacted, over all purposes.
    floor : int
        Smallest count that is shown.

    Returns
    -------
    set of (int, int)
        Place of the destination, and of its number: the smallest that may be told, of each choice of destinations.

    Examples
    --------
    >>> spread([("email", [632, 17]), ("post", [49, 0])], 705, 10)
    {(0, 1)}
    >>> spread([("email", [632, 17]), ("post", [49, 0])], 698, 10)
    set()
    """
    purposes = dict.fromkeys(purpose for purpose, _ in parts)
    vague: set[Place] = set()
    for chosen in product(*([at for at, part in enumerate(parts) if part[0] == each] for each in purposes)):
        told = {(at, place): n for at in chosen for place, n in enumerate(parts[at][1]) if n >= floor}
        if told and not vague & told.keys() and 0 < abs(contacts - sum(told.values())) < floor:
            vague.add(min(told, key=lambda place: (told[place], place)))
    return vague


def said(count: int, floor: int, is_vague: bool = False) -> str:
    """Write a count of people; of a small one only that it is small, of a vague one where it lies.

    Examples
    --------
    >>> said(632, 10), said(632, 10, is_vague=True), said(17, 10, is_vague=True), said(4, 10), said(0, 10)
    ('632', '625 to 640', '10 to 25', 'fewer than 10', '0')
    """
    if 0 < count < floor:
        return f"fewer than {floor}"
    if not (is_vague and count):
        return f"{count:,}"
    beside = pd.DataFrame({"count": [count, 0]})  # the range of a number that is not alone
    low, high = ranges(beside, pd.DataFrame({"count": [True, False]}), floor)
    return f"{low.to_numpy()[0, 0]:,.0f} to {high.to_numpy()[0, 0]:,.0f}"


def _sentence(each: Delivery, words: Iterable[str]) -> str:
    rows, aside, shared = words
    form, count = each.form, each.written.rows
    text = f"{form.title}: {rows} rows in {form.file}"
    text += f", {aside} set aside" if aside != "0" else ""
    text += f", {shared} left out for others behind the same address or number" if shared != "0" else ""
    if count < form.rows_min:
        text += f"; the destination takes no list of fewer than {form.rows_min:,}, so it will refuse this one"
    if count > form.rows_max:
        text += f"; the destination takes at most {form.rows_max:,}, so it will refuse this one"
    return f"{text}; unchanged since the last export." if each.is_same else f"{text}."
