"""Attack two reports together: who came, went and moved between two quarters, by integer programming and brute force.

All that both tell is put into one program: sizes before and now, flows that are told, bounds of those that are not, and
shares of those who are in both. Each flow then has a least and a most; one of few people must not be known too well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import leaks
import numpy as np
from disclosure_audit import SHARE, Report, bounds, counts_that_print, gives_away, too_narrow
from scipy.optimize import Bounds, LinearConstraint, milp

NEW, LEFT = "new", "left"
WATERFALL = {"+ new": (NEW, None), "- left": (None, LEFT)}
ADDED = re.compile(r"([\d,]+) customers before \+ ([\d,]+) new - ([\d,]+) left = ([\d,]+) now")
TODAY = ("of today's customers", "where they are now")
SENTENCE = re.compile(r"[^.;'\"]*(?:\.\d[^.;'\"]*)*")


@dataclass
class Program:
    """Unknown flows from each segment before, or new, to each now, or left, and all that is known of their sums."""

    before: dict[str, int]
    now: dict[str, int]
    rows: list[np.ndarray] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    @property
    def cells(self) -> list[tuple[str, str]]:
        """All flows; nobody is new and gone."""
        ends = [*self.now, LEFT]
        return [(a, b) for a in (*self.before, NEW) for b in ends if (a, b) != (NEW, LEFT)]

    def part(self, start: str | None, end: str | None) -> np.ndarray:
        """Which flows begin and end so; None is any."""
        return np.array([float(start in (None, a) and end in (None, b)) for a, b in self.cells])

    def moved(self) -> np.ndarray:
        """Which flows lead from one segment to another."""
        return np.array([float(NEW != a != b != LEFT) for a, b in self.cells])

    def know(self, part: np.ndarray, low: float, high: float) -> None:
        """Take in what is told of a sum of flows."""
        self.rows.append(part)
        self.low.append(low)
        self.high.append(high)

    def ends(self, part: np.ndarray) -> tuple[float, float] | None:
        """Least and most of a sum of flows, in whole people; None where what is told does not fit together."""
        told = LinearConstraint(np.array(self.rows), np.array(self.low), np.array(self.high))
        whole = {"integrality": np.ones(len(part)), "bounds": Bounds(0, np.inf), "constraints": told}
        found = [milp(sign * part, **whole) for sign in (1, -1)]
        return None if any(each.x is None for each in found) else (round(found[0].fun), round(-found[1].fun))


def program(report: Report, sentences: list[str], floor: int) -> Program | None:
    """Take in what both reports tell; None where there is no earlier one."""
    if report.before is None:
        return None
    made = Program(report.before.sizes, report.sizes)
    for name, count in made.before.items():
        made.know(made.part(name, None), count, count)
    for name, count in made.now.items():
        made.know(made.part(None, name), count, count)
    for text in sentences:
        for match in ADDED.finditer(text):
            came, left = (float(match[place].replace(",", "")) for place in (2, 3))
            made.know(made.part(NEW, None), came, came)
            made.know(made.part(None, LEFT), left, left)
    for _, heads, row in report.rows():
        _read(made, dict(zip(heads, row, strict=True)), floor)
    return made


def _read(made: Program, cells: dict[str, str], floor: int) -> None:
    """Take in one row of a table of moves, or of the one that adds up."""
    if {"from", "to", "customers"} <= set(cells):
        told = _span(cells["customers"], floor)
        if told and cells["from"] in (*made.before, NEW) and cells["to"] in (*made.now, LEFT):
            made.know(made.part(cells["from"], cells["to"]), *told)
    if (name := cells.get("segment of last quarter", "")) in made.before and (match := SHARE.match(cells["stayed"])):
        _stayed(made, name, match[1])
    if "= now" in cells and (name := cells.get("segment", "")):
        for head, (start, end) in WATERFALL.items():
            if told := _span(cells.get(head, ""), floor):
                made.know(made.part(start or name, end or name), *told)
        own, stay = made.part(name, name), made.part(name, LEFT)
        for head, part in (("+ moved in", made.part(None, name) - made.part(NEW, name)),
                           ("- moved out", made.part(name, None) - stay)):  # fmt: skip
            if told := _span(cells.get(head, ""), floor):
                made.know(part - own, *told)


def _stayed(made: Program, name: str, share: str) -> None:
    """Take in which share of those of a segment who are still here stayed in it: the whole is itself unknown."""
    half = 0.5 / 10 ** len(share.partition(".")[2])
    here, same = made.part(name, None) - made.part(name, LEFT), made.part(name, name)
    for sign in (1, -1):
        made.know(sign * (same - (float(share) + sign * half) / 100 * here), -np.inf, 1e-6)


def _span(cell: str, floor: int) -> tuple[float, float] | None:
    if not cell:
        return None
    return (float(floor), np.inf) if cell == f"{floor} or more" else bounds(cell, floor)


def flows(made: Program, floor: int) -> Iterator[str]:
    """Integer programming: each flow, and all moves into and out of each segment."""
    asked = {f"{a!r} to {b!r}": made.part(a, b) for a, b in made.cells}
    asked["all moves"] = made.moved()
    for name in {*made.before} & {*made.now}:
        asked[f"moves into {name!r}"] = made.part(None, name) - made.part(NEW, name) - made.part(name, name)
        asked[f"moves out of {name!r}"] = made.part(name, None) - made.part(name, LEFT) - made.part(name, name)
    for what, part in asked.items():
        if (found := made.ends(part)) and too_narrow(*found, floor):
            yield f"flow: {what} is {found[0]:.0f} to {found[1]:.0f}"


def in_both(report: Report, sentences: list[str], made: Program, floor: int) -> Iterator[str]:
    """Brute force over sentences about those who are in both quarters, or here today: which counts print so."""
    staying = made.ends(1 - np.clip(made.part(NEW, None) + made.part(None, LEFT), 0, 1))
    both = {staying[0]} if staying and staying[0] == staying[1] else set()
    for text in sentences:
        for sentence in SENTENCE.findall(text):
            wholes = both if "known in both quarters" in sentence else set()
            wholes |= {report.whole} if any(word in sentence for word in TODAY) else set()
            for match in SHARE.finditer(sentence):
                for whole in wholes:
                    if gives_away(found := counts_that_print(match[1], int(whole)), int(whole), floor):
                        yield f"both: {sentence.strip()[:70]!r}: {[*found]} of {whole:.0f}"


def of_two_reports(folder: Path, floor: int = 10) -> list[str]:
    """All that a report and the one before it, in the folder beside it, give away together."""
    report = Report.read(folder)
    sentences = [text for page in sorted(folder.glob("*.html")) for text in leaks.texts(page)]
    made = program(report, sentences, floor)
    assert made is not None and made.ends(made.moved()) is not None, "there is no earlier report, or they do not fit"
    found = [*flows(made, floor), *in_both(report, sentences, made, floor)]
    return [*dict.fromkeys(found)]
