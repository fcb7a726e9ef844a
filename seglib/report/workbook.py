"""The tables of a report's pages as one Excel file: a sheet per page, numbers as numbers, never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup

from seglib.core.errors import EnvironmentTrouble, Finding

NAME, LIBRARY = "tables.xlsx", "openpyxl"
NUMBER = re.compile(r"([-+−]?)([£€$]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s?(%|k|m|bn|pp|points|[A-Z]{3})?")
TIMES = {"k": 1e3, "m": 1e6, "bn": 1e9}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
HEADINGS = ("h1", "h2", "h3")
LONGEST_NAME, WIDEST = 31, 60  # of a sheet's name in Excel; of a column, in characters
NO_ROWS = "No tables on this page."


def number(text: str) -> tuple[float, str] | None:
    """Read a number as a report writes it, with the format in which Excel shows it so again.

    Parameters
    ----------
    text : str
        Of a cell.

    Returns
    -------
    tuple of float and str, or None
        Percentages are shares, thousands and millions are written out; None for what is no single number.

    Examples
    --------
    >>> number("1,234"), number("−5.5%"), number("1.25 m")
    ((1234.0, '#,##0'), (-0.055, '0.0%'), (1250000.0, '#,##0'))
    >>> number("12.50 EUR"), number("3 to 5"), number("=1+1")
    ((12.5, '#,##0.00 "EUR"'), None, None)
    """
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign, symbol, digits, rest, unit = found.groups("")
    value = float(digits.replace(",", "") + rest) * (-1 if sign in ("-", "−") else 1)
    places = "0" * max(0, len(rest) - 1)
    form = f"0.{places}" if places else "0"
    if unit == "%":
        return float(f"{value / 100:.{len(places) + 2}f}"), f"{form}%"
    if unit in TIMES:
        return float(f"{value * TIMES[unit]:.0f}"), "#,##0"
    form = f"#,##{form}" if abs(value) >= 1000 or unit or symbol else form
    named = f'"{symbol}"{form}' if symbol else f'{form} "{unit}"' if unit else form
    return value, named


def workbook(pages: Mapping[str, str], made_on: datetime) -> bytes:
    """Put the tables of all pages into one Excel file.

    Parameters
    ----------
    pages : mapping of str to str
        Title to the page as HTML; one sheet each, in this order.
    made_on : datetime
        What the file says of its making.

    Returns
    -------
    bytes
        The file. A number of a column of numbers is one; everything else is text, whatever it begins with.

    Raises
    ------
    EnvironmentTrouble
        X22, where openpyxl is not installed.
    """
    openpyxl = installed()
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.created = "seglib", made_on
    for title, html in pages.items():
        _fill(book.create_sheet(title[:LONGEST_NAME]), html)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def installed() -> Any:
    """Give openpyxl; EnvironmentTrouble with the command that installs it where it is missing."""
    try:
        import openpyxl
    except ImportError:
        do = f"install it with: python -m pip install {LIBRARY}, or write digest: false into the plan"
        found = f"{LIBRARY} is not installed"
        raise EnvironmentTrouble(Finding("X22", "a digest needs one library more", found=found, do=do)) from None
    return openpyxl


def _fill(sheet: Any, html: str) -> None:
    """Write the tables of a page one below the other, each under its heading and what the page says before it."""
    from openpyxl.styles import Font

    row, widths = 1, dict[int, int]()
    for heading, about, heads, lines in tables(html):
        for text, look in ((heading, Font(bold=True, size=13)), (about, Font(italic=True))):
            if text:
                _put(sheet.cell(row, 1), text, False)
                sheet.cell(row, 1).font, row = look, row + 1
        for line in [[(head, False) for head in heads], *lines]:
            for at, (text, is_number) in enumerate(line, 1):
                _put(sheet.cell(row, at), text, is_number)
                widths[at] = min(WIDEST, max(widths.get(at, 0), len(text)))
            row += 1
        for at in range(1, len(heads) + 1):
            sheet.cell(row - len(lines) - 1, at).font = Font(bold=True)
        row += 1
    if row == 1:
        _put(sheet.cell(1, 1), NO_ROWS, False)
    for at, width in widths.items():
        sheet.column_dimensions[sheet.cell(1, at).column_letter].width = width + 2


def _put(cell: Any, text: str, is_number: bool) -> None:
    read = number(text) if is_number else None
    if read is not None:
        cell.value, cell.number_format = read
    elif text not in ("", "–"):
        cell.value = CONTROL.sub("", text)
        cell.data_type = "s"  # a text that begins with = is one


def tables(html: str) -> Iterator[tuple[str, str, list[str], list[list[tuple[str, bool]]]]]:
    """Give each table of a page: heading, paragraph before it, heads, and cells with whether their column has numbers.

    Examples
    --------
    >>> rows = "<tr><th>Gold</th><td class='number'>1,200</td></tr>"
    >>> page = f"<h2>Sizes</h2><table><thead><tr><th></th><th>people</th></tr></thead><tbody>{rows}</tbody></table>"
    >>> next(tables(page))
    ('Sizes', '', ['', 'people'], [[('Gold', False), ('1,200', True)]])
    """
    found: list[Any] = BeautifulSoup(html, "html.parser").find_all("table")
    for table in found:
        before = table.find_previous("p")
        about = text_of(before) if before is not None and "prose" in (before.parent.get("class") or ()) else ""
        heads = _spread(table.select("thead tr"))
        lines = [[(text, "number" in kind) for text, kind in line] for line in _spread(table.select("tbody tr"))]
        yield text_of(table.find_previous(HEADINGS)), about, [text for text, _ in heads[-1]] if heads else [], lines


def _spread(rows: Iterable[Any]) -> list[list[tuple[str, tuple[str, ...]]]]:
    """Write a cell that reaches over several rows or columns into each of them."""
    grid: list[list[tuple[str, tuple[str, ...]]]] = []
    below: dict[int, tuple[int, tuple[str, tuple[str, ...]]]] = {}  # by column: for how many rows more, and what
    for row in rows:
        line: list[tuple[str, tuple[str, ...]]] = []
        for cell in [*row.find_all(["th", "td"]), None]:
            while (at := len(line)) in below:
                left, shown = below.pop(at)
                line.append(shown)
                below |= {at: (left - 1, shown)} if left > 1 else {}
            if cell is not None:
                shown, down = (text_of(cell), tuple(cell.get("class") or ())), int(cell.get("rowspan", 1))
                places = range(len(line), len(line) + int(cell.get("colspan", 1)))
                below |= {place: (down - 1, shown) for place in places if down > 1}
                line += [shown] * len(places)
        grid.append(line)
    return grid


def text_of(tag: Any) -> str:
    """Give what a tag says on one line; nothing where there is none."""
    if tag is None:
        return ""
    for line in tag.find_all("br"):
        line.replace_with(" ")
    return " ".join(tag.get_text().split())
