"""Read the pages of a report as somebody would who looks for a single customer: every count that is below the floor."""

import html
import re
from pathlib import Path

import pandas as pd

PEOPLE = r"(?:customers?|people|members|buyers|persons?|contacts)"
COUNT = re.compile(rf"(?<![\w.,%–+-])(\d{{1,3}}(?:,\d{{3}})*|\d+) (?:\w+ ){{0,2}}?{PEOPLE}\b")
SHARE_OF = re.compile(rf"(\d+(?:\.\d+)?)% of (?:the |all )?(\d{{1,3}}(?:,\d{{3}})*|\d+) (?:\w+ )?{PEOPLE}?")
HEAD = re.compile(
    rf"^(?:{PEOPLE}|customers counted|customers who answered|contacted|held back|held out|came so far|written by|of)$"
)


def texts(page: Path) -> list[str]:
    """Sentences of a page: what is written outside tables and code, and the alternative texts of pictures."""
    source = page.read_text(encoding="utf-8")
    alts = re.findall(r'alt="([^"]*)"', source)
    source = re.sub(r"<(style|script|table|pre|svg)\b.*?</\1>", " ", source, flags=re.S)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", source))
    return [re.sub(r"\s+", " ", plain), *(html.unescape(alt) for alt in alts)]


def tables(page: Path) -> list[pd.DataFrame]:
    """Tables of a page, as text."""
    source = page.read_text(encoding="utf-8")
    found = []
    for body in re.findall(r"<table\b.*?</table>", source, flags=re.S):
        rows = [
            [
                html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()
                for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.S)
            ]
            for row in re.findall(r"<tr\b.*?</tr>", body, flags=re.S)
        ]
        width = max((len(row) for row in rows), default=0)
        whole = [row for row in rows if len(row) == width and width > 1]
        if len(whole) > 1:
            found.append(pd.DataFrame(whole[1:], columns=range(width)).set_axis(whole[0], axis=1))
    return found


def small(count: float, floor: int) -> bool:
    return 0.5 <= count < floor - 0.5


def in_text(text: str, floor: int) -> list[str]:
    """Counts of people below the floor in a text, and shares of a whole from which one follows."""
    found = []
    for match in COUNT.finditer(text):
        told = text[max(0, match.start() - 60) : match.end() + 20]
        before = text[: match.start()].rstrip()
        bound = re.search(r"(?:fewer than|at least|under|over|below|least|most|to|than|from|Top|top)$", before)
        if small(float(match[1].replace(",", "")), floor) and not bound:
            found.append(told)
    for match in SHARE_OF.finditer(text):
        share, whole = float(match[1]) / 100, float(match[2].replace(",", ""))
        if whole >= floor and any(small(count, floor) for count in (share * whole, (1 - share) * whole)):
            found.append(text[max(0, match.start() - 60) : match.end() + 30])
    return found


def in_table(table: pd.DataFrame, floor: int) -> list[str]:
    """Cells below a head of people that hold a count below the floor, and shares beside a whole that give one."""
    found = []
    heads = [str(head) for head in table.columns]
    for place, head in enumerate(heads):
        if not HEAD.match(head):
            continue
        for row in table.to_numpy().tolist():
            count = number(row[place])
            if count is not None and small(count, floor):
                found.append(f"{head}: {row}")
    if {"of", "share"} <= set(heads):
        for row in table.to_numpy().tolist():
            whole, share = number(row[heads.index("of")]), percent(row[heads.index("share")])
            if whole and share is not None and any(small(c, floor) for c in (share * whole, (1 - share) * whole)):
                found.append(f"share of: {row}")
    return found


def number(cell: str) -> float | None:
    """Read a whole number; anything else is none."""
    return float(cell.replace(",", "")) if re.fullmatch(r"\d{1,3}(?:,\d{3})*|\d+", cell) else None


def percent(cell: str) -> float | None:
    """Read a share; anything else is none."""
    return float(cell[:-1]) / 100 if re.fullmatch(r"\d+(?:\.\d+)?%", cell) else None


def of_report(folder: Path, floor: int = 10) -> dict[str, list[str]]:
    """All leaks of the pages of a report, by page."""
    found = {}
    for page in sorted(folder.glob("*.html")):
        here = [hit for text in texts(page) for hit in in_text(text, floor)]
        here += [hit for table in tables(page) for hit in in_table(table, floor)]
        if here:
            found[page.name] = here
    return found
