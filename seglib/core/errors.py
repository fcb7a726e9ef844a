"""Everything a user reads when something is wrong: one finding, one line, one exit code."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

EXAMPLES_PER_KIND = 20
ADDRESS = re.compile(r"[^\s,;'\"]+@[^\s,;'\"]+")


def speakable(text: str) -> str:
    """Put words in the place of e-mail addresses, which may stand in the name of a file or a column.

    Examples
    --------
    >>> speakable("ann@example.com, city")
    '(an e-mail address), city'
    """
    return ADDRESS.sub("(an e-mail address)", text)


def printable(text: str) -> str:
    r"""Write control characters, and marks that turn the direction of a text, as their numbers: a terminal obeys them.

    They come with names of files and columns. New lines and tabs stay.

    Examples
    --------
    >>> printable("orders\x1b[2J.csv")
    'orders\\x1b[2J.csv'
    """
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else ascii(char)[1:-1]
        for char in text
    )


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or worth knowing, in the form that every message of seglib has.

    Parameters
    ----------
    code : str
        The number of the fault case, for example ``"F08"``.
    what : str
        What is wrong, in a few words.
    file : str
        Name of the file, relative, or ``""``.
    line : int
        Line in the file, counted from 1; 0 when there is none.
    column : str
        Column name, or ``""``.
    found : str
        Kind or shape of what was found; never the value of a personal column.
    do : str
        The remedy.

    Examples
    --------
    >>> print(Finding("F08", "row too short", "orders.csv", 12, found="3 fields, not 5", do="export again"))
    SEG-F08 row too short - orders.csv, line 12 - found: 3 fields, not 5 - do: export again
    """

    code: str
    what: str
    file: str = ""
    line: int = 0
    column: str = ""
    found: str = ""
    do: str = ""

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.line:
            place.append(f"line {self.line}")
        if self.column:
            place.append(f"column '{self.column}'")
        parts = [f"SEG-{self.code} {self.what}"]
        parts += [", ".join(place)] if place else []
        parts += [f"found: {self.found}"] if self.found else []
        parts += [f"do: {self.do}"] if self.do else []
        return printable(speakable(" - ".join(parts)))


class SegError(Exception):
    """A refusal with its findings; the message is complete, so no traceback is needed.

    Parameters
    ----------
    findings : Finding or sequence of Finding
        What was found; at most 20 lines of a kind are printed, then their total.

    Examples
    --------
    >>> str(InputRefused(Finding("F01", "orders.csv not found", do="set sources.orders.file")))
    'SEG-F01 orders.csv not found - do: set sources.orders.file'
    """

    exit_code = 6

    def __init__(self, findings: Finding | Sequence[Finding]) -> None:
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("\n".join(_lines(self.findings)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)

    def _render_traceback_(self) -> list[str]:
        """Show the sentences alone in a notebook: the message is complete without a traceback."""
        return str(self).splitlines()


class InputRefused(SegError):
    """The input or the plan cannot be used as it is."""

    exit_code = 2


class Busy(SegError):
    """Another run is writing the same quarter."""

    exit_code = 3


class EnvironmentTrouble(SegError):
    """Disk, memory, kernel or permission."""

    exit_code = 4


class PrivacyRefused(SegError):
    """A privacy gate is closed."""

    exit_code = 5


class Bug(SegError):
    """Our mistake; `places` names the places in the code, where they are known."""

    exit_code = 6
    places: tuple[str, ...] = ()


def _lines(findings: Iterable[Finding]) -> list[str]:
    """Write findings as lines, at most 20 examples of a kind and then the total.

    Parameters
    ----------
    findings : iterable of Finding
        In the order in which they are to be read.

    Returns
    -------
    list of str
        One line per finding shown, one more per kind that was cut.

    Examples
    --------
    >>> len(_lines(Finding("V07", "zero price", line=n) for n in range(1, 31)))
    21
    """
    shown: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for finding in findings:
        kind = (finding.code, finding.what)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= EXAMPLES_PER_KIND:
            shown.append(str(finding))
    cut = {kind: count for kind, count in seen.items() if count > EXAMPLES_PER_KIND}
    return shown + [f"SEG-{code} {what} - {count} in total" for (code, what), count in cut.items()]


def plan_finding(what: str, place: str, do: str, found: object = "") -> Finding:
    """Say what cannot be meant in a plan, where in it, and what to write instead.

    Examples
    --------
    >>> print(plan_finding("no such time zone", "timezone", "write a name like Europe/Amsterdam", "Berlin"))
    SEG-P05 no such time zone - plan.yml, timezone - found: Berlin - do: write a name like Europe/Amsterdam
    """
    return Finding("P05", what, f"plan.yml, {place}", found=str(found)[:40], do=do)


def nearest(name: str, known: Iterable[str]) -> str:
    """Name the most similar known name, as a remedy.

    Parameters
    ----------
    name : str
        What came.
    known : iterable of str
        What is allowed.

    Returns
    -------
    str
        ``"did you mean 'x'?"``, or the list of allowed names when nothing is near.

    Examples
    --------
    >>> nearest("quater", ["study", "quarter", "seed"])
    "did you mean 'quarter'?"
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else "known are: " + ", ".join(names)
