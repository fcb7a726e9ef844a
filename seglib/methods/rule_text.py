"""The language of an analyst's rules: text becomes a tree, a tree becomes yes or no; nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import Finding, InputRefused

Bools: TypeAlias = npt.NDArray[np.bool_]
Value: TypeAlias = float | str
Sign = Literal["<", "<=", "=", "!=", ">=", ">"]

LENGTH_MAX = 2_000
DEPTH_MAX = 20
SIGNS: dict[Sign, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    "=": np.equal,
    "!=": np.not_equal,
    ">=": np.greater_equal,
    ">": np.greater,
}
EXAMPLE = "for example: order_count >= 3 and recency_days < 90"
WORDS = ("and", "or", "not", "between", "in", "is", "missing")
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<text>'[^'\n]*'|\"[^\"\n]*\")"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|<|>|=|\(|\)|,))"
)


@dataclass(frozen=True)
class Compare:
    """A column compared with a value; a missing value never compares."""

    name: str
    sign: Sign
    value: Value


@dataclass(frozen=True)
class Missing:
    """Whether a column has no value."""

    name: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: Node


@dataclass(frozen=True)
class Every:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Some:
    """At least one part holds."""

    parts: tuple[Node, ...]


Node: TypeAlias = Compare | Missing | Not | Every | Some


def parse(text: str, place: str = "plan.yml") -> Node:
    """Read a rule.

    Parameters
    ----------
    text : str
        Comparisons of a column with a number or a quoted word (``<  <=  =  !=  >=  >``, ``between 1 and 3``,
        ``in ('DE', 'FR')``, ``is missing``, ``is not missing``), joined by ``and``, ``or``, ``not`` and brackets;
        at most 2,000 characters.
    place : str
        Where the text stands, for the message.

    Returns
    -------
    Node

    Raises
    ------
    InputRefused
        P08, with the character at which the rule stops being one.

    Examples
    --------
    >>> parse("order_count >= 3")
    Compare(name='order_count', sign='>=', value=3.0)
    >>> parse("order_count >= @x")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P08 rule not understood - plan.yml - found: '@x' at character 16 - do: ...
    """
    return _Reader(text, place).rule()


class _Reader:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str, place: str) -> None:
        self.text, self.place, self.at, self.depth = text, place, 0, 0
        if len(text) > LENGTH_MAX:
            self._refuse(f"{len(text):,} characters, limit {LENGTH_MAX:,}")
        self.tokens = [*self._tokens(), ("end", "", len(text))]

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        place, end = 0, len(self.text.rstrip())
        while place < end:
            found = TOKEN.match(self.text, place)
            if not found:
                start = place + len(self.text[place:]) - len(self.text[place:].lstrip())
                self._refuse(f"{self.text[start : start + 20]!r} at character {start + 1}")
            kind = str(found.lastgroup)
            word = found[kind]
            is_word = kind == "name" and word.lower() in WORDS
            yield ("sign", word.lower(), found.start(kind)) if is_word else (kind, word, found.start(kind))
            place = found.end()

    def _refuse(self, found: str) -> NoReturn:
        raise InputRefused(Finding("P08", "rule not understood", self.place, found=found, do=EXAMPLE))

    def _unexpected(self) -> NoReturn:
        _, word, start = self.tokens[self.at]
        self._refuse(f"{word[:20]!r} at character {start + 1}" if word else "the rule ends too early")

    def _is(self, *words: str) -> bool:
        """Step over a word or sign if it comes next."""
        kind, word, _ = self.tokens[self.at]
        found = kind == "sign" and word in words
        self.at += found
        return found

    def _need(self, word: str) -> None:
        if not self._is(word):
            self._unexpected()

    def _take(self, *kinds: str) -> str:
        kind, word, _ = self.tokens[self.at]
        if kind not in kinds:
            self._unexpected()
        self.at += 1
        return word

    def rule(self) -> Node:
        node = self._some()
        if self.tokens[self.at][0] != "end":
            self._unexpected()
        return node

    def _some(self) -> Node:
        parts = [self._every()]
        while self._is("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self) -> Node:
        parts = [self._one()]
        while self._is("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self._refuse(f"more than {DEPTH_MAX} brackets inside each other")
        if self._is("not"):
            node: Node = Not(self._one())
        elif self._is("("):
            node = self._some()
            self._need(")")
        else:
            node = self._comparison()
        self.depth -= 1
        return node

    def _comparison(self) -> Node:
        name = self._take("name")
        if self._is("is"):
            opposite = self._is("not")
            self._need("missing")
            return Not(Missing(name)) if opposite else Missing(name)
        if self._is("between"):
            low = self._number()
            self._need("and")
            return Every((Compare(name, ">=", low), Compare(name, "<=", self._number())))
        if self._is("in"):
            return self._listed(name)
        sign = self.tokens[self.at][1]
        if not self._is(*SIGNS):
            self._unexpected()
        return Compare(name, cast(Sign, sign), self._value() if sign in ("=", "!=") else self._number())

    def _listed(self, name: str) -> Node:
        self._need("(")
        values = [self._value()]
        while self._is(","):
            values.append(self._value())
        self._need(")")
        return Some(tuple(Compare(name, "=", value) for value in values))

    def _number(self) -> float:
        return float(self._take("number"))

    def _value(self) -> Value:
        kind = self.tokens[self.at][0]
        word = self._take("number", "text")
        return float(word) if kind == "number" else word[1:-1]


def atoms(node: Node) -> Iterator[Compare | Missing]:
    """Yield every comparison of a rule, from left to right.

    Examples
    --------
    >>> [atom.name for atom in atoms(parse("a = 1 or not (b is missing and a > 3)"))]
    ['a', 'b', 'a']
    """
    if isinstance(node, Compare | Missing):
        yield node
    elif isinstance(node, Not):
        yield from atoms(node.part)
    else:
        for part in node.parts:
            yield from atoms(part)


def changed(node: Node, change: Callable[[Compare | Missing], Node]) -> Node:
    """Return a rule with every comparison replaced.

    Examples
    --------
    >>> changed(parse("not a = 1"), lambda atom: Missing(atom.name))
    Not(part=Missing(name='a'))
    """
    if isinstance(node, Compare | Missing):
        return change(node)
    if isinstance(node, Not):
        return Not(changed(node.part, change))
    return type(node)(tuple(changed(part, change) for part in node.parts))


def holds(node: Node, frame: pd.DataFrame) -> Bools:
    """Say for each row whether a rule holds.

    Parameters
    ----------
    node : Node
    frame : DataFrame
        With every column that the rule names.

    Returns
    -------
    ndarray of bool, one per row

    Examples
    --------
    >>> frame = pd.DataFrame({"order_count": [1.0, 5.0, None], "country": ["DE", "FR", None]})
    >>> holds(parse("order_count > 2 or country is missing"), frame).tolist()
    [False, True, True]
    >>> holds(parse("not country = 'DE'"), frame).tolist()
    [False, True, True]
    """
    if isinstance(node, Compare):
        return _compared(frame[node.name], node)
    if isinstance(node, Missing):
        return np.asarray(frame[node.name].isna(), dtype=bool)
    if isinstance(node, Not):
        return ~holds(node.part, frame)
    each = [holds(part, frame) for part in node.parts]
    together: Bools = np.all(each, axis=0) if isinstance(node, Every) else np.any(each, axis=0)
    return together


def _compared(column: pd.Series[Any], atom: Compare) -> Bools:
    known: Bools = ~np.asarray(column.isna(), dtype=bool)
    if isinstance(atom.value, str):
        same: Bools = np.asarray(column.astype(object) == atom.value, dtype=bool)
        return known & (same if atom.sign == "=" else ~same)
    numbers = column.to_numpy(dtype="float64", na_value=np.nan)
    compared: Bools = known & SIGNS[atom.sign](numbers, atom.value)
    return compared
