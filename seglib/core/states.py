"""What words for the state of an order and the kind of a row mean: by the whole phrase, in a dozen languages."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

WORST_FIRST = ("test", "cancelled", "failed", "draft", "unpaid", "refunded", "done")
KINDS_FIRST = ("ignore", "refund", "sale")
TOGETHER = " + "  # between the words of several columns
WORD = re.compile(r"[^\W_]+|[✓✔]")
HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i"})
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
DATE = re.compile(
    r"\d{4}-\d\d-\d\d.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*|"
    r"\d{1,2}\.? [^\W\d]{3,9}\.? \d{4}.*|[^\W\d]{3,9}\.? \d{1,2},? \d{4}.*"
)
PATH = re.compile(r"[./](?=\w)")
ONE = re.compile(r"1[.,]0+")
NO_DATE = re.compile(r"0{4}-0{2}-0{2}.*|[-–—]+|0+([.,]0+)?")


def phrase(text: str) -> tuple[str, ...]:
    """Write a text as plain words: no capitals, accents, underscores or marks.

    Examples
    --------
    >>> phrase("wc-pending_payment"), phrase("RequiresAction"), phrase("Zahlung überfällig!")
    (('wc', 'pending', 'payment'), ('requires', 'action'), ('zahlung', 'uberfallig'))
    """
    spaced = HUMPS.sub(" ", text)
    flat = "".join(c for c in unicodedata.normalize("NFKD", spaced) if not unicodedata.combining(c) or _voiced(c))
    return tuple(WORD.findall(unicodedata.normalize("NFKC", flat).lower().translate(LETTERS)))


def _voiced(mark: str) -> bool:
    """Whether a combining mark makes another Japanese letter, not the same one with an accent."""
    return mark in "\u3099\u309a"


def state_of(text: str) -> str | None:
    """Say what a state of an order means.

    Parameters
    ----------
    text : str
        As the shop writes it; the words of several columns stand with ``" + "`` between them, and the worst counts.

    Returns
    -------
    str or None
        ``"done"``, ``"unpaid"``, ``"failed"``, ``"cancelled"``, ``"refunded"``, ``"draft"`` or ``"test"``; None where
        no word is known.

    Examples
    --------
    >>> [state_of(text) for text in ("not paid", "Payment Error", "partially_refunded", "paid + Storniert", "blue")]
    ['unpaid', 'failed', 'done', 'cancelled', None]
    """
    return _worst(text, "states", WORST_FIRST)


def kind_of(text: str) -> str | None:
    """Say whether rows of a kind are sales, refunds or neither; None where no word is known.

    Examples
    --------
    >>> [kind_of(text) for text in ("Charge", "ACCRECCREDIT", "payout", "green")]
    ['sale', 'refund', 'ignore', None]
    """
    return _worst(text, "kinds", KINDS_FIRST)


def flag_state(header: str) -> str | None:
    """Give the words of a column whose name alone says a state, such as ``is_cancelled`` or ``Refunded at``.

    Examples
    --------
    >>> flag_state("isRefunded"), flag_state("Cancelled at"), flag_state("Order status")
    ('refunded', 'cancelled', None)
    """
    bare = tuple(word for word in phrase(PATH.split(header)[-1]) if word not in _words("flag"))
    return " ".join(bare) if bare in _phrases("states") else None


def said_by(header: str, value: str) -> str | None:
    """Turn a cell of a flag column into words; the value itself where the column's name says no state.

    Returns
    -------
    str or None
        None where the cell says nothing.

    Examples
    --------
    >>> said_by("is_cancelled", "X"), said_by("is_cancelled", "false"), said_by("paid", "no"), said_by("state", "Open")
    ('cancelled', None, 'not paid', 'Open')
    >>> said_by("Cancelled at", "2026-05-07 09:00"), said_by("Refunded", "0"), said_by("Refunded", "1.0")
    ('cancelled', None, 'refunded')
    """
    name, plain = flag_state(header), " ".join(phrase(value))
    if name is None:
        return value
    if plain in _words("no") or NO_DATE.fullmatch(value.strip()) or not plain:
        return f"not {name}" if state_of(name) == "done" else None
    is_yes = plain in _words("yes") or ONE.fullmatch(value.strip()) or DATE.fullmatch(value.strip())
    return name if is_yes else value


@cache
def _loaded() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = json.loads(
        (files("seglib.core") / "states.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(" ".join(phrase(word)) for word in _loaded()[name])


@cache
def _phrases(table: str) -> dict[tuple[str, ...], str]:
    """Map each phrase of a table to its meaning."""
    return {phrase(text): meaning for meaning, texts in _loaded()[table].items() for text in texts}


@lru_cache(maxsize=10_000)
def _worst(text: str, table: str, order: tuple[str, ...]) -> str | None:
    found = {one for part in text.split(TOGETHER) if (one := _meaning(phrase(part), table, order))}
    return next((meaning for meaning in order if meaning in found), None)


def _meaning(words: tuple[str, ...], table: str, order: tuple[str, ...]) -> str | None:
    """Find a phrase whole, else the longest known phrases in it, of which the worst counts."""
    known = _phrases(table)
    if words in known:
        return known[words]
    joined = {"".join(key): meaning for key, meaning in known.items()}
    if "".join(words) in joined:
        return joined["".join(words)]
    if table == "states" and set(words) & _words("partly"):
        return "done"
    found: list[str] = []
    place = 0
    while place < len(words):
        end = next((e for e in range(len(words), place, -1) if words[place:e] in known), place)
        if end > place:
            denied = place > 0 and words[place - 1] in _words("not")
            found.append(_denied(known[words[place:end]]) if denied else known[words[place:end]])
        elif UNSPACED.search(words[place]):
            found += _within(words[place], known)
        place = max(end, place + 1)
    return next((meaning for meaning in order if meaning in found), None)


def _denied(meaning: str) -> str:
    """What is not done is not paid; what is not cancelled, refunded or failed is done."""
    return {"done": "unpaid", "sale": "ignore"}.get(meaning, "done" if meaning in WORST_FIRST else meaning)


def _within(word: str, known: dict[tuple[str, ...], str]) -> list[str]:
    """The longest phrases inside a word of a script that puts no spaces between words."""
    inside = [text for key in known if len(key) == 1 and UNSPACED.search(text := key[0]) and text in word]
    longest = [text for text in inside if not any(text != other and text in other for other in inside)]
    return [known[(text,)] for text in longest]
