"""Compares every number of a report's first page with that of the page which it comes from."""

import html
import re
from pathlib import Path

import pandas as pd
from bs4 import BeautifulSoup, Tag

NUMBER = re.compile(r"(?<![\w.])[+−-]?\d[\d,]*(?:\.\d+)?")
UNITS = {"k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}
MONEY = re.compile(r"[A-Z]{3} (-?[\d,]+(?:\.\d+)?)(?: (k|m|bn|tn)\b)?")
HERE_ONLY = re.compile(  # the window of the plan; who of a stage may be contacted, which notebook 08 tells by segment
    r"in the last [\d,]+ days|since \d+ \w+ \d{4}|(Some|[\d,]+) of them may be contacted|([\d,]+|a few) are held out"
)
COMPUTER_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
PAGES = (
    "01_objectives", "02_data_collection", "04_clustering", "05_personas", "06_journeys",
    "07_personalised_content", "08_activation", "09_kpi_evaluation", "10_quarterly_refinement",
)  # fmt: skip


def disagreements(folder: Path) -> list[str]:
    """Name what the first page says otherwise than its page, or what stands on no page.

    Parameters
    ----------
    folder : Path
        index.html and the ten pages of one report.
    """
    first = _soup(folder / "index.html")
    pages = {name: _soup(folder / f"{name}.html") for name in PAGES}
    said = [*_cards(first, pages), *_lead(first, pages), *_goals(first, pages)]
    return [*said, *_sentences(first, pages), *_days(first)]


def _days(first: BeautifulSoup) -> list[str]:
    """Days are written in one way on the page for people: 1 July 2026."""
    return [f"{found} is no day for people" for found in COMPUTER_DAY.findall(_text(first))]


def _soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _text(part: Tag) -> str:
    return " ".join(html.unescape(part.get_text(" ")).split())


def _table(page: BeautifulSoup, *heads: str) -> pd.DataFrame:
    """Give the first table of a page whose heads begin like this."""
    for table in page.find_all("table"):
        rows = [[_text(cell) for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
        names = [name for name in rows[0] if name] if rows else []
        if all(any(name.startswith(head) for name in names) for head in heads):
            return pd.DataFrame([row[-len(names) :] for row in rows[1:]], columns=names)
    raise AssertionError(f"no table with {heads}")


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-").rstrip("%"))


def _same(short: str, exact: float) -> bool:
    """Whether a number as written is the exact one, rounded, or its bound."""
    if short.startswith(("under ", "over ")):
        word, bound = short.split(" ")
        return exact < _number(bound) if word == "under" else exact > _number(bound)
    found = MONEY.fullmatch(short)
    value, scale = (found[1], UNITS.get(found[2] or "", 1.0)) if found else (short.rstrip("%"), 1.0)
    digits = len(value.partition(".")[2])
    return abs(_number(value) * scale - exact) <= (0.5 * 10.0**-digits + 0.051) * scale + 0.5 * (scale == 1)


def _cards(first: BeautifulSoup, pages: dict[str, BeautifulSoup]) -> list[str]:
    """Sizes and money against page 05, lines against its evidence, change against page 10, verdicts against page 10."""
    sizes = _table(pages["05_personas"], "segment", "customers", "share of customers", "revenue (").set_index("segment")
    money = next(name for name in sizes if name.startswith("revenue ("))
    lines = _text(pages["05_personas"])
    moved = _text(pages["10_quarterly_refinement"])
    wrong = []
    for card in first.select("li.card"):
        name = _text(card.h3).partition(". ")[2]
        row, figures = sizes.loc[name], [_text(part) for part in card.select("dl.figures dd")]
        customers, _, share = figures[0].removesuffix(" of all").partition(" ")
        paid, part = re.fullmatch(r"(.*?) ?((?:under |over )?[\d.]+%)?", figures[1].removesuffix(" of all")).groups("")
        if customers != row["customers"] or not _same(share, _number(row["share of customers"])):
            wrong.append(f"{name}: {figures[0]}, page 05 says {row['customers']}")
        if "not shown" not in figures[1] and not (
            _same(paid, _number(row[money])) and _same(part, _number(row["share of revenue"]))
        ):
            wrong.append(f"{name}: {figures[1]}, page 05 says {row[money]}, {row['share of revenue']}")
        for claim in card.select("ul.claims li"):
            subject, _, values = _text(claim).rpartition(": ")
            subject, _, here = subject.rpartition(": ")
            words = [subject, here.removesuffix("; others"), re.sub(r" \([^()]* answered\)$", "", values)]
            if not all(word in lines for word in words):
                wrong.append(f"{name}: {_text(claim)} is not on page 05")
        verdict = card.select_one("span.verdict")
        if verdict is not None and _text(verdict).rstrip(":").lower() not in moved:
            wrong.append(f"{name}: {_text(verdict)} is not on page 10")
        change = figures[2].split(" ")[0]
        if NUMBER.fullmatch(change):
            sums = _table(pages["10_quarterly_refinement"], "segment", "before", "= now").set_index("segment").loc[name]
            if _number(sums["= now"]) - _number(sums["before"]) != _number(change):
                wrong.append(f"{name}: {change}, page 10 says {sums['before']} and {sums['= now']}")
    return wrong


def _lead(first: BeautifulSoup, pages: dict[str, BeautifulSoup]) -> list[str]:
    """All customers and all money against the sums of page 05, the goals against page 09."""
    sizes = _table(pages["05_personas"], "segment", "customers", "share of customers", "revenue (")
    lead = _text(first.select_one("p.lead"))
    total = int(sizes["customers"].map(_number).sum())
    wrong = [] if lead.startswith(f"{total:,} customers in {len(sizes)} segments") else [f"lead: {lead}"]
    money = sizes[next(name for name in sizes if name.startswith("revenue ("))]
    paid = MONEY.search(lead)
    if paid and money.map(lambda said: bool(NUMBER.fullmatch(said))).all():
        wrong += [] if _same(paid[0], money.map(_number).sum()) else [f"lead: {paid[0]}, page 05 adds up otherwise"]
    goals = re.search(r"Of \d+ goals?: .*", lead)
    return wrong + ([] if goals and goals[0] in _text(pages["09_kpi_evaluation"]) else [f"lead: {lead}"])


def _goals(first: BeautifulSoup, pages: dict[str, BeautifulSoup]) -> list[str]:
    """Each goal's verdict, value, interval, target and value before against the row of page 09."""
    there = _table(pages["09_kpi_evaluation"], "goal", "verdict", "what is measured", "quarter before", "target")
    rows = there.set_index("goal")
    wrong = []
    for row in first.select_one("h2#goals").find_next("tbody").find_all("tr"):
        name, verdict, now, target, before = ([*cell.stripped_strings] for cell in row.find_all(["th", "td"]))
        told = rows.loc[name[0]]
        here = [verdict[0], *now, *target, *before]
        page = [told[key] for key in ("verdict", "result", "95% interval", "target", "quarter before")]
        if [word for word in here if word != "–"] != [word for word in page if word]:
            wrong.append(f"{name[0]}: {here}, page 09 says {page}")
    return wrong


def _sentences(first: BeautifulSoup, pages: dict[str, BeautifulSoup]) -> list[str]:
    """Every number of an action, of an answer and of what the report rests on stands on a page, rounded at most."""
    images = {name: [str(image["alt"]) for image in page.find_all("img")] for name, page in pages.items()}
    texts = {name: " ".join([_text(page), *images[name]]) for name, page in pages.items()}
    wrong = []
    for action in first.select("ol.actions > li"):
        page = texts[str(action.select_one("a.proof")["href"]).removesuffix(".html")]
        sentence = _text(action).partition(" What it may bring")[0]
        wrong += [f"{number} of “{sentence}” is not on its page" for number in _lacking(sentence, page)]
    everything = " ".join(texts.values())
    for part in [*first.select("h2#segments ~ p"), *first.select("h2#basis ~ p"), *first.select("ul.careful li")]:
        wrong += [f"{number} of “{_text(part)}” is on no page" for number in _lacking(_text(part), everything)]
    return wrong


def _lacking(sentence: str, page: str) -> list[str]:
    """Give the numbers of a sentence that a page does not hold."""
    known = {_number(found) for found in NUMBER.findall(page)}
    amounts = {found.start(1): found for found in MONEY.finditer(sentence)}
    lacking, sentence = [], HERE_ONLY.sub(lambda part: " " * len(part[0]), sentence)
    for found in NUMBER.finditer(sentence):
        money = amounts.get(found.start())
        short = money[0] if money else found[0]
        if short not in page and not any(_same(short, value) for value in known):
            lacking.append(short)
    return lacking
