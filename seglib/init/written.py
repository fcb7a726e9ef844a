"""In which formats a time may be written: those of its outline, so that few have to be tried."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import product

from seglib.core.intake.times import ZONE, ZONED

DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d"),
    *("%Y%m%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y"),
    *(
        "%d-%b-%Y",
        "%d-%b-%y",
        "%d %b %Y",
        "%b %d, %Y",
        "%d %B %Y",
        "%B %d, %Y",
        "%b %d %Y",
        "%d/%b/%Y",
        "%b-%d-%y",
        "%b-%d-%Y",
    ),
    *("%d de %B de %Y", "%d. %B %Y", "%d. %b %Y"),
    *("%a, %d %b %Y", "%a %b %d %Y", "%A, %B %d, %Y", "%A, %d %B %Y", "%Y年%m月%d日"),
)
TIMES = (
    "",
    " %H:%M",
    " %H:%M hs.",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %H:%M:%S UTC",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H:%M:%S",
    ", %H:%M",
    ", %H:%M:%S",
    ", %I:%M %p",
    ", %I:%M:%S %p",
    " - %H:%M",
    " - %H:%M:%S",
    "%H%M%S",
    " %H:%M %Z",
    " %H:%M:%S %Z",
    " %I:%M %p %Z",
    " %I:%M:%S %p %Z",
)
FORMATS = (*(day + time for day, time in product(DAYS, TIMES)), "%a, %d %b %Y %H:%M:%S %z")
NAMES = ("%a", "%A", "%b", "%B", "%p", "%Z")
OFFSETS = ("+0100", "-0100", "+01:00", "-01:00", "Z")


def _outline(text: str) -> str:
    """Digits as 0, letters as a, blanks as one; everything else as it stands.

    Examples
    --------
    >>> _outline("Tue,  3 Mar 2026 9:05 PM")
    'a, 0 a 0 0:0 a'
    """
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text)))


def formats_of(values: Mapping[str, Sequence[str]]) -> list[str]:
    """List the formats that read at least one value, in the order of `FORMATS`.

    Python reads a time by an expression that it makes for each format, and it keeps few of them: a format is only
    tried on values of its outline.

    Parameters
    ----------
    values : mapping of str to sequence of str
        Examples with English names of months, as they are to be read without a name (``""``), with a long name
        (``"%B"``) and with a short one (``"%b"``).

    Examples
    --------
    >>> formats_of({"": ["31/12/2026 09:05"], "%b": [], "%B": []})
    ['%d/%m/%Y %H:%M']
    """
    outlined = {month: [(_outline(value), value) for value in written] for month, written in values.items()}
    fitting = {
        place
        for month, written in outlined.items()
        for shape, value in written
        for place in _by_outline().get((month, shape), ())
        if _reads(value, FORMATS[place])
    }
    return [FORMATS[place] for place in sorted(fitting)]


@cache
def _by_outline() -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, form in enumerate(FORMATS):
        month = "%B" if "%B" in form else "%b" if "%b" in form else ""
        for shape in {_outline(text) for text in _examples(form)}:
            found[month, shape].append(place)
    return found


def _examples(form: str) -> list[str]:
    text = re.sub("|".join(NAMES), "May", form)
    return [re.sub(r"%[^z]", "1", text).replace("%z", offset) for offset in (OFFSETS if "%z" in text else ("",))]


def _reads(value: str, form: str) -> bool:
    if form.endswith(ZONE):
        zoned = re.fullmatch(ZONED, value)
        return zoned is not None and _reads(zoned[1], form.removesuffix(ZONE))
    try:
        datetime.strptime(value, form)  # only whether it fits
    except ValueError:
        return False
    return True
