"""The report's own glossary page, and links to it: nothing is looked up elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from seglib.core.glossary import PAGE, terms
from seglib.report.pages import css, environment, links

FILE = "glossary.html"
POINTER = re.compile(rf"(?:\.\./)*{re.escape(PAGE)}(?=#|\")")


def glossary_page(frame: Mapping[str, Any]) -> str:
    """Draw the page of all terms, each with an anchor of its own.

    Parameters
    ----------
    frame : mapping
        Title of the study, quarter and whatever else the frame of a page shows.
    """
    groups = {group: list(each) for group, each in groupby(terms(), key=lambda term: term.group)}
    whole = {**frame, "links": links(), "here": FILE, "title": "Glossary", "css": css()}
    return environment().get_template("glossary.html.j2").render(frame=whole, css=css(), groups=groups)


def pointed_here(page: str) -> str:
    """Point a page's links to the glossary of the project at that of the report.

    Examples
    --------
    >>> pointed_here('<a href="../docs/glossary.md#rand">index</a>')
    '<a href="glossary.html#rand">index</a>'
    """
    return POINTER.sub(FILE, page)
