"""Attack whole reports: what tables, sentences and pictures tell together of fewer people than may be told.

Beyond what a reader sees at once (`leaks`): brute force over printed shares and intervals, which counts of people print
so; linear programming over the cells that tables leave blank, with all sums that any page tells; and money beside them.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import disclosure_files
import leaks
import numpy as np
import pandas as pd
from leaks import number
from scipy.optimize import linprog

Span = tuple[float, float]

EVERYBODY = re.compile(r"^(?:everyone|everybody|all(?: customers)?|total)$", re.I)
SHARE = re.compile(r"(?<!over )(?<!under )(?<!% to )(?<![\w.+-])(\d+(?:\.\d+)?)%(?! to|\))")
INTERVAL = re.compile(r"(\d+(?:\.\d+)?)% \((\d+(?:\.\d+)?)% to (\d+(?:\.\d+)?)%\)")
RANGE = re.compile(r"^(\d[\d,]*) to (\d[\d,]*)$|^(\d[\d,]*) or more$")
PARTS = "now|n|answers to the commonest question|on the sales list|premium|standard|self-service|not allowed|no offer"
PEOPLE = re.compile(f"{leaks.HEAD.pattern[:-2]}|{PARTS})$")
OTHER_SHARES = re.compile(  # of lines, money, orders, visits, samples and models; and what a plan asks for
    r"share of (?:lines|revenue|the budget|visits|all)$|got no further|before|all others|stability|margin|of the range"
    r"|, at least|95% interval|relative|windows over|from, to|more than|discount|cost at most|change|target|money"
    r"|would show|^rule$|what it says|expected|foreseen|why|members found"
    r"|right when said|Share of|gap|quarter|median|steps"
)
HIDDEN = {"", "–", "not shown"}
NORMAL = 1.959963984540054


@dataclass(frozen=True)
class Report:
    """What all pages of one report say: tables with their page, and how many people are in each segment.

    Page 09, and tables of segments of last quarter, are about those of the report before, where there is one.
    """

    tables: list[tuple[str, pd.DataFrame]]
    sizes: dict[str, int]
    whole: int
    before: "Report | None" = None

    @classmethod
    def read(cls, folder: Path) -> "Report":
        """Read all pages of a folder."""
        tables = [(page.stem[:2], table) for page in sorted(folder.glob("*.html")) for table in leaks.tables(page)]
        sizes: dict[str, int] = {}
        for _, table in tables:
            if list(table.columns[:2]) == ["segment", "customers"]:
                told = zip(table["segment"], table["customers"].map(number), strict=True)
                sizes = {str(name): int(count) for name, count in told if count is not None} | sizes
        people = {name: count for name, count in sizes.items() if not EVERYBODY.match(name)}
        earlier = [each for each in sorted(folder.parent.iterdir()) if each.name < folder.name and each.is_dir()]
        whole = next((sizes[n] for n in sizes if n not in people), sum(people.values()))
        return cls(tables, people, whole, cls.read(earlier[-1]) if earlier else None)

    def behind(self, page: str, head: str) -> "Report":
        """The report whose segments a table is about."""
        return self.before if self.before and (page == "09" or head == "segment of last quarter") else self

    def buyers(self, heads: list[str], row: list[str]) -> dict[str, int]:
        """Of the table of metrics by segment, the customers who bought: most of its shares are of these."""
        found = (r for page, h, r in self.rows() if page == "09" and h == heads and r[0] == "buyers")
        told = dict(zip(heads, next(found, []), strict=False)) if heads[0] == "metric" and row[0] != "buyers" else {}
        return {head: int(count) for head, cell in told.items() if (count := number(cell))}

    def of(self, name: object) -> int | None:
        """People of a segment, or all."""
        return self.whole if EVERYBODY.match(str(name)) else self.sizes.get(str(name))

    def rows(self) -> Iterator[tuple[str, list[str], list[str]]]:
        """Give page, heads and cells of each row of each table."""
        for page, table in self.tables:
            heads = [str(head) for head in table.columns]
            yield from ((page, heads, row) for row in table.to_numpy().tolist())


def counts_that_print(text: str, whole: int) -> range:
    """Counts of so many people whose share is printed so."""
    half = 0.5 / 10 ** len(text.partition(".")[2])
    low, high = ((float(text) + side * half) * whole / 100 for side in (-1, 1))
    return range(max(0, math.ceil(low - 1e-9)), min(whole, math.floor(high + 1e-9)) + 1)


def too_narrow(least: float, most: float, floor: int) -> bool:
    """Whether a range tells of few people, and to less than half the floor; none at all may be told."""
    return most >= 1 and most < floor and least > 0 and most - least < (floor + 1) // 2


def gives_away(found: range, whole: int, floor: int) -> bool:
    """Whether the counts that print so are few people, or all but a few."""
    if not len(found) or whole < floor:
        return False
    return too_narrow(found[0], found[-1], floor) or too_narrow(whole - found[-1], whole - found[0], floor)


def shares(report: Report, floor: int) -> Iterator[str]:
    """Brute force: each share of people with each number of people that it can be a share of."""
    for page, heads, row in report.rows():
        counts = [number(cell) for head, cell in zip(heads, row, strict=True) if PEOPLE.match(head)]
        beside, then = {int(count) for count in counts if count}, report.behind(page, heads[0])
        buyers = report.buyers(heads, row)
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if any(OTHER_SHARES.search(word) for word in (head, *row[:2])):
                continue
            sized = {size for name in (row[0], head) if (size := buyers.get(head) or then.of(name))}
            if head.startswith("others"):
                sized = {then.whole - size for size in sized}
            told = head.startswith("share of customers") and beside  # of everybody, where its count stands beside it
            wholes = sized if head.startswith("share of customers") else beside | sized or {then.whole}
            for match in SHARE.finditer(cell):
                if told and told & {*counts_that_print(match[1], then.whole)}:
                    continue
                for whole in sorted(wholes):
                    if gives_away(found := counts_that_print(match[1], whole), whole, floor):
                        yield f"{page} share: {cell[:60]!r} below {head!r} in {row[:2]} is {[*found]} of {whole}"


def intervals(report: Report, floor: int) -> Iterator[str]:
    """Brute force: a share with its interval gives both the count and the whole away."""
    for page, heads, row in report.rows():
        for head, cell in zip(heads, row, strict=True):
            if match := INTERVAL.search(cell):
                then = report.behind(page, heads[0])
                pairs = [*_pairs(match.groups(), then.of(head) or then.of(row[0]) or then.whole)]
                few = [min(count, whole - count) for count, whole in pairs] or [0]
                if too_narrow(min(few), max(few), floor):
                    yield f"{page} interval: {cell!r} below {head!r} of {row[0]!r} is one of {pairs[:4]}"


def _pairs(printed: tuple[str, ...], most: int) -> Iterator[tuple[int, int]]:
    """Counts and wholes whose share and Wilson interval are printed so."""
    for whole in range(1, most + 1):
        for count in counts_that_print(printed[0], whole):
            share, spread = count / whole, NORMAL**2 / whole
            middle = share + spread / 2
            wide = NORMAL * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
            ends = ((middle + side * wide) / (1 + spread) for side in (-1, 1))
            if all(abs(100 * end - float(said)) <= 0.0501 for end, said in zip(ends, printed[1:], strict=True)):
                yield count, whole


def bounds(cell: str, floor: int) -> Span | None:
    """What a cell says of its count; None where it is no count."""
    if (count := number(cell.partition(" (")[0])) is not None:
        return count, count
    if cell in HIDDEN:
        return 0.0, math.inf
    if match := RANGE.match(cell):
        ends = [float(each.replace(",", "")) for each in match.groups() if each]
        return ends[0], ends[1] if len(ends) > 1 else math.inf
    return (0.0, floor - 1.0) if cell == f"fewer than {floor}" else None


def remainders(report: Report, floor: int) -> Iterator[str]:
    """What is left of a segment, or of everybody, when all that is told is taken away: in each table, by each key."""
    for page, table in report.tables:
        heads = [str(head) for head in table.columns]
        for head in filter(PEOPLE.match, heads):
            cells = table[head].map(lambda cell: bounds(cell, floor)) if heads.count(head) == 1 else pd.Series([None])
            if cells.isna().any():
                continue
            keys = [key for key in heads[: heads.index(head)] if table[key].map(number).isna().all()]
            groups = [part for key in keys for part in table.groupby(key, sort=False).groups.items()]
            for name, places in [*groups, ("everybody", table.index)]:
                yield from _left(report, f"{page} remainder: {head!r}", table.loc[places], cells[places], name, floor)


def _left(
    report: Report, where: str, rows: pd.DataFrame, cells: "pd.Series[object]", name: object, floor: int
) -> Iterator[str]:
    whole = rows.iloc[:, 0].map(lambda word: bool(EVERYBODY.match(str(word))))
    inner, totals = [*cells[~whole]], {low for low, high in cells[whole] if low == high}
    known = sum(low for low, high in inner if low == high)
    if len(inner) > 1 and any(low != high for low, high in inner):
        for total in totals | ({size} if (size := report.of(name)) else set()):
            if 1 <= total - known < floor:
                yield f"{where}: what is blank of {name!r} holds {total - known:.0f} of {total:.0f}"


def programmed(
    rows: list[list[float]], sums: list[float], limits: list[Span], floor: int
) -> Iterator[tuple[int, Span]]:
    """Give the blank cells that linear programming tells to less than half the floor; none where nothing fits."""
    for place, (low, high) in enumerate(limits):
        aim = np.eye(len(limits))[place]
        if low == high:
            continue
        ends = [linprog(sign * aim, A_eq=rows, b_eq=sums, bounds=limits) for sign in (1, -1)]
        if any(end.status for end in ends):
            return
        least, most = ends[0].fun, -ends[1].fun
        if most >= 1 and least < floor and most - least < (floor + 1) // 2 and most < 2 * floor:
            yield place, (least, most)


def crosses(report: Report, floor: int) -> Iterator[str]:
    """Linear programming over tables of segments by groups: each row sums to its segment."""
    for page, table in report.tables:
        inner = table[~table.iloc[:, 0].map(lambda name: bool(EVERYBODY.match(str(name))))]
        sizes = [report.of(name) for name in inner.iloc[:, 0]]
        body = inner.iloc[:, 1:].drop(columns=["customers", "lines on the card"], errors="ignore")
        cells = body.map(lambda cell: bounds(cell, floor))
        cells = cells.loc[:, cells.notna().all()]
        if None in sizes or cells.shape[1] < 2:
            continue
        limits = [
            (low, min(high, size)) for row, size in zip(cells.to_numpy(), sizes, strict=True) for low, high in row
        ]
        rows = np.kron(np.eye(len(sizes)), np.ones(cells.shape[1])).tolist()
        for place, (least, most) in programmed(rows, sizes, limits, floor):
            row, column = divmod(place, cells.shape[1])
            yield f"{page} cross: {cells.columns[column]!r} of {inner.iloc[row, 0]!r} is {least:.0f} to {most:.0f}"


def merged(report: Report, floor: int) -> Iterator[str]:
    """Linear programming over value tiers, with the groups into which small ones were merged."""
    words = ["low", "middle", "high"]
    tiers = [table for _, table in report.tables if list(table.columns[1:]) == [f"{word} value" for word in words]]
    groups = [table for _, table in report.tables if list(table.columns[:2]) == ["group", "customers"]]
    if not tiers or not groups:
        return
    places = [(str(name), word) for name in tiers[0]["segment"] for word in words]
    limits = [bounds(cell, floor) or (0.0, math.inf) for cell in tiers[0].iloc[:, 1:].to_numpy().ravel()]
    rows = [[float(name == one) for name, _ in places] for one in tiers[0]["segment"]]
    sums = [float(report.of(one) or 0) for one in tiers[0]["segment"]]
    for text, told in zip(groups[0]["group"], groups[0]["customers"].map(number), strict=True):
        who, _, span = str(text).rpartition(": ")
        ends = words if span == "all values" else span.split(" to ")
        if pd.notna(told) and {*ends} <= {*words}:
            inside = words[words.index(ends[0]) : words.index(ends[-1]) + 1]
            rows.append([float(name in who and word in inside) for name, word in places])
            sums.append(float(told))
    for place, (least, most) in programmed(rows, sums, limits, floor):
        yield f"04 merged: {places[place]} is {least:.0f} to {most:.0f}"


def all_but(report: Report, floor: int) -> Iterator[str]:
    """For how many a criterion is known, and words of page 02 beside how many may be profiled."""
    consents = [table for page, table in report.tables if page == "02" and "purpose" in table.columns]
    counts = [part["customers"].map(number) for table in consents for _, part in table.groupby("purpose")]
    told = {int(each.sum()) for each in counts if each.notna().all()}
    for page, heads, row in report.rows():
        cells = dict(zip(heads, row, strict=True))
        known, having = number(cells.get("known for", "")), number(cells.get("customers", ""))
        if known is not None and 1 <= report.whole - known < floor:
            yield f"{page} all but: {cells['criterion']!r} is known for {known:.0f} of {report.whole}"
        for other in told if page == "02" and "word" in cells and having is not None else ():
            if 1 <= having - other < floor:
                yield f"02 all but: {cells['word']!r} has {having:.0f} customers, {other} may be profiled"


def told_elsewhere(report: Report, floor: int) -> Iterator[str]:  # attacks are called alike
    """A count that one table leaves blank and another one tells."""
    said: dict[tuple[bool, str, str, str], str] = {}
    cells = [
        (page, (report.behind(page, heads[0]) is report, heads[0], row[0], head), cell)
        for page, heads, row in report.rows()
        for head, cell in zip(heads[1:], row[1:], strict=True)
        if PEOPLE.match(head) and report.of(row[0]) and head != "customers"  # which may be those with an offer only
    ]
    for _, key, cell in cells:
        if number(cell) is not None:
            said[key] = cell
    for page, key, cell in cells:
        if cell in HIDDEN and key in said:
            yield f"{page} elsewhere: {key} is blank here, and {said[key]} elsewhere"


def money(report: Report, floor: int) -> Iterator[str]:  # attacks are called alike
    """Money beside a number of people that is blank, where these are few; sums over all lines are no group's."""
    for page, heads, row in report.rows():
        cells = dict(zip(heads, row, strict=True))
        blank = [cells[name] in HIDDEN for name in ("customers", "contacts", "accounts") if name in cells]
        if any(blank) and row[0] not in ("came in", "status", "kind"):
            told = [head for head in heads if re.search(r"money|revenue|paid", head) and "per customer" not in head]
            yield from (f"{page} money: {head!r} is {cells[head]} in {row[:2]}" for head in told if _some(cells[head]))


def _some(cell: str) -> bool:
    return bool(re.search(r"[1-9]", cell)) and not cell.startswith(("under", "over"))


ATTACKS = (shares, intervals, remainders, crosses, merged, all_but, told_elsewhere, money)


def of_report(folder: Path, floor: int = 10) -> list[str]:
    """All that one report gives away."""
    report = Report.read(folder)
    plain = [f"{page} read: {hit}" for page, hits in leaks.of_report(folder, floor).items() for hit in hits]
    found: Iterable[str] = (hit for attack in ATTACKS for hit in dict.fromkeys(attack(report, floor)))
    return [*plain, *found, *disclosure_files.of_page(folder / "08_activation.html", floor)]
