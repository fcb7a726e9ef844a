"""The glossary: each term once, as docs/glossary.md has it, for reports, homes and courses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from seglib.core.home import shipped

PAGE = "docs/glossary.md"
ROW = re.compile(r'^\| <a id="([a-z-]+)"></a>([^|]+) \| ([^|]+) \| ?([^|]*) ?\|$')
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Term:
    """A term of the glossary.

    Parameters
    ----------
    anchor : str
        What a link names, as in ``"k-means"``.
    name, means, source : str
        Plain words; the source is empty where the term is seglib's own.
    group : str
        The heading that it stands under.
    """

    anchor: str
    name: str
    means: str
    source: str
    group: str


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms in the order of the page.

    Examples
    --------
    >>> next(term.name for term in terms() if term.anchor == "rand")
    'adjusted Rand index'
    """
    return tuple(_read((shipped() / PAGE).read_text(encoding="utf-8")))


def _read(page: str) -> Iterator[Term]:
    group = ""
    for line in page.splitlines():
        if line.startswith("## "):
            group = line[3:]
        elif found := ROW.match(line):
            anchor, *words = found.groups()
            name, means, source = (LINK.sub(r"\1", each).replace("`", "").strip() for each in words)
            yield Term(anchor, name, means, source, group)


def named_in(text: str) -> list[Term]:
    """Return the terms that a text names as they stand in the glossary, in the order in which it does.

    Examples
    --------
    >>> [term.anchor for term in named_in("The **silhouette**, and the adjusted Rand index of two bootstrap samples.")]
    ['silhouette', 'rand', 'bootstrap']
    """
    places = {}
    for term in terms():
        names = [name.strip("()") for name in re.split(r", | \(", term.name)]
        found = [re.search(rf"(?i)(?<![\w`.-]){re.escape(name)}(?![\w`.-])", f"{text} ") for name in names]
        starts = [each.start() for each in found if each]
        if starts:
            places[term] = min(starts)
    return sorted(places, key=lambda term: places[term])
