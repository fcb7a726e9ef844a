"""Before a report is published: no page and no notebook holds what only the private contacts may hold."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.activation.deliver import read_details
from seglib.activation.normal import mailbox, number
from seglib.core.errors import ADDRESS, Finding, PrivacyRefused
from seglib.core.home import report_command
from seglib.core.run import Run

PICTURE = re.compile(r"data:[a-z]+/[^\"')\s]+")
TAG = re.compile(r"<[^>]*>")
NUMBER = re.compile(r"[+(]?\d[\d ()./\u00a0-]{6,}\d")
WORD = re.compile(r"[^\s\"'<>(),;:=\[\]{}|]+")
NAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
TELLING = re.compile(r"(?=.*\d)(?=.*[^\W\d_]).{4,}")  # an id with letters and digits; bare numbers stand on every page
COMMON = ("product_name", "category", "city", "region", "country")  # names of things may be names of people


def refuse_personal(run: Run, pages: Path) -> None:
    """Refuse to publish pages or notebooks in which a value of the private contacts stands.

    Parameters
    ----------
    run : Run
    pages : Path
        The drawn pages, with the executed notebooks below.

    Raises
    ------
    PrivacyRefused
        R09, with the page and the kind of value, never the value.
    """
    details = read_details(run.data / "private", run.plan.activation.country)
    if details.empty:
        return
    known = _values(details, _things(run))
    for path in sorted(path for path in pages.rglob("*") if path.suffix in (".html", ".ipynb")):
        text = _shown_text(path)
        for kind, found in _seen(text).items():
            if not found.isdisjoint(known[kind]):
                step = path.stem[:2] if path.stem[:2].isdigit() else ""
                do = "take what shows it out of the notebook, then: " + report_command(
                    run.study, run.quarter.text, step
                )
                raise PrivacyRefused(Finding("R09", f"page holds {kind} of a customer", path.name, do=do))


def _shown_text(path: Path) -> str:
    """Read all that a page or a notebook says, without pictures and tags."""
    text = path.read_text(encoding="utf-8")
    parts = _strings(json.loads(text)) if path.suffix == ".ipynb" else [text]
    return "\n".join(html.unescape(TAG.sub(" ", PICTURE.sub("", part).replace("<wbr>", ""))) for part in parts)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from ["".join(value)] if all(isinstance(part, str) for part in value) else []
        for part in value:
            yield from () if isinstance(part, str) else _strings(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from () if str(name).startswith("image/") else _strings(part)


def _seen(text: str) -> dict[str, set[str]]:
    """Collect what may be a value of a contact, in the form in which values are compared."""
    return {
        "an e-mail address": {mailbox(word.strip(".:()[]")) for word in ADDRESS.findall(text)} - {""},
        "a telephone number": {number(word) for word in NUMBER.findall(text)} - {""},
        "an id": {word.casefold().strip(".") for word in WORD.findall(text) if TELLING.fullmatch(word)},
        "the name": _names(text),
    }


def _names(text: str) -> set[str]:
    """List every two words that follow each other."""
    return {f"{one} {other}" for one, other in pairwise(NAME.findall(text.casefold()))}


def _values(details: pd.DataFrame, things: set[str]) -> dict[str, set[str]]:
    """Collect what the contacts hold; names that are names of things as well cannot be told apart from these."""
    texts = details[["customer_id", "email", "phone", "first_name", "last_name"]].fillna("").astype(str)
    full = (texts["first_name"] + " " + texts["last_name"]).str.casefold()
    named = full[(texts["first_name"] != "") & (texts["last_name"] != "")]
    ids = texts["customer_id"]
    return {
        "an e-mail address": set(texts["email"].map(mailbox)) - {""},
        "a telephone number": set(texts["phone"].map(number)) - {""},
        "an id": set(ids[ids.map(lambda text: bool(TELLING.fullmatch(text)))].str.casefold()),
        "the name": {f"{words[0]} {words[-1]}" for words in map(NAME.findall, named) if len(words) > 1} - things,
    }


def _things(run: Run) -> set[str]:
    """List pairs of words in names of articles and places, and in the plan."""
    tables = (run.tables.orders, run.tables.customers)
    columns = [table.select(word=table[name]).distinct() for table in tables if table is not None
               for name in COMMON if name in table.columns]  # fmt: skip
    words: Iterable[Any] = (word for column in columns for word in run.engine.frame(column)["word"].dropna())
    plan = (run.data / "plan.yml").read_text(encoding="utf-8", errors="replace")
    return set().union(_names(plan), *(_names(str(word)) for word in words))
