"""The ten exercises, and how many weeks spread them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from seglib.core.errors import Finding, InputRefused
from seglib.teach.task import Exercise

NAMES = (
    "objectives",
    "data_collection",
    "criteria",
    "clustering",
    "personas",
    "journeys",
    "personalised_content",
    "activation",
    "kpi_evaluation",
    "quarterly_refinement",
)
FEWER = {1: ("criteria", "clustering", "kpi_evaluation"), 2: NAMES[1:4] + NAMES[7:]}
WEEKS_MAX = 10


@cache
def catalogue() -> tuple[Exercise, ...]:
    """Return all exercises in the order of the notebooks."""
    return tuple(Exercise.of(import_module(f"{__name__}.{name}")) for name in NAMES)


def exercise(number: str) -> Exercise:
    """Find an exercise.

    Parameters
    ----------
    number : str
        As in ``"03"`` or ``"3"``.

    Raises
    ------
    InputRefused
        P03, when there is none of this number.
    """
    found = {each.number: each for each in catalogue()}
    wanted = str(number).zfill(2)
    if wanted not in found:
        do = f"known are: {', '.join(found)}"
        raise InputRefused(Finding("P03", "no such exercise", found=str(number)[:20], do=do))
    return found[wanted]


def spread(weeks: int) -> tuple[tuple[Exercise, ...], ...]:
    """Spread the exercises over weeks; one or two weeks have fewer.

    Parameters
    ----------
    weeks : int
        1 to 10.

    Returns
    -------
    tuple of tuple of Exercise
        One entry per week.

    Raises
    ------
    InputRefused
        P03, when the number of weeks is not 1 to 10.

    Examples
    --------
    >>> [len(week) for week in spread(4)]
    [3, 2, 3, 2]
    >>> [each.number for week in spread(1) for each in week]
    ['03', '04', '09']
    >>> spread(0)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P03 a course has 1 to 10 weeks - found: 0 - do: name another --weeks
    """
    if not 1 <= weeks <= WEEKS_MAX:
        found = str(weeks)[:20]
        raise InputRefused(
            Finding("P03", f"a course has 1 to {WEEKS_MAX} weeks", found=found, do="name another --weeks")
        )
    names = FEWER.get(weeks, NAMES)
    chosen = [each for each in catalogue() if each.name in names]
    places = [place * weeks // len(chosen) for place in range(len(chosen))]
    return tuple(tuple(each for each, at in zip(chosen, places, strict=True) if at == week) for week in range(weeks))
