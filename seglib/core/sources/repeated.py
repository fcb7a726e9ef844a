"""Columns of one name: each gets its number behind it, so that a plan can say which of them it means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

NUMBERED = "{} ({})"


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """Number the names that stand several times in a header.

    Examples
    --------
    >>> numbered(["Estado", "Unidades", "Estado"])
    ('Estado (1)', 'Unidades', 'Estado (2)')
    """
    counted, seen = Counter(name for name in names if name), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(NUMBERED.format(name, seen[name]) if counted[name] > 1 else name)
    return tuple(found)


def places(name: str, header: Sequence[str]) -> tuple[int, ...]:
    """Positions, counted from 1, of the columns of one name in a header whose names are numbered; none for one column.

    Examples
    --------
    >>> places("Estado", ("Estado (1)", "Unidades", "Estado (2)")), places("Unidades", ("Estado (1)", "Unidades"))
    ((1, 3), ())
    """
    found: list[int] = []
    while (one := NUMBERED.format(name, len(found) + 1)) in header:
        found.append(header.index(one) + 1)
    return tuple(found) if len(found) > 1 else ()
