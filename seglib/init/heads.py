"""Where the names of an unknown text file stand, and by which mark its columns are separated."""

from __future__ import annotations

import csv
import io
from itertools import islice

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.csvfile import DELIMITERS
from seglib.init.names import known_count
from seglib.init.systems import recognise

PROBE_LINES = 30
PROBE_CHARACTERS = 400_000
LEAST_KNOWN = 3  # names that make a line a header, where other lines stand above


def header_row(rows: list[list[str]]) -> int | None:
    """Position of the row that holds the names where a title stands above it; None for the first that is not empty.

    Examples
    --------
    >>> header_row([["Sales of June"], [], ["Customer ID", "Order Date", "Amount"], ["7", "2026-06-01", "5"]])
    2
    """
    known = [max(known_count(row), found.found if (found := recognise(row)) else 0) for row in rows]
    first = next((position for position, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
    best = max(range(len(rows)), key=known.__getitem__, default=0)
    return best if best > first and known[best] >= max(LEAST_KNOWN, 2 * known[first]) else None


def _first_records(head: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Split the beginning of a text into records, each with the line on which it starts; quoted line ends are text.

    Examples
    --------
    >>> _first_records('id,note\\n1,"two\\nlines"\\n2,x\\n', ",")
    [(1, ['id', 'note']), (2, ['1', 'two\\nlines']), (4, ['2', 'x'])]
    """
    reader, records, line = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [], 1
    for row in islice(reader, PROBE_LINES):
        records.append((line, row))
        line = reader.line_num + 1
    is_cut = len(head) == PROBE_CHARACTERS and len(records) < PROBE_LINES
    return records[:-1] if is_cut and len(records) > 1 else records


def delimiter_and_header(head: str, label: str) -> tuple[str, int | None]:
    """The delimiter that gives most columns on most records; and the line of the header, if not the first."""
    best, width, header = ",", 0, None
    for delimiter in DELIMITERS:
        records = _first_records(head, delimiter)
        named = header_row([row for _, row in records])
        if named is None and records and not any(records[0][1]):  # a line of delimiters only
            named = next((place for place, (_, row) in enumerate(records) if any(row)), None)
        widths = [len(row) for _, row in records[named or 0 :] if any(cell.strip() for cell in row)]
        steady = min(max(set(widths), key=widths.count), widths[0]) if widths else 0
        if steady > width:
            best, width, header = delimiter, steady, None if named is None else records[named][0]
    if width < 2:
        spaced = any(len(line.split()) > 2 for line in head.splitlines()[:1])
        what = "columns are separated by spaces" if spaced else "no columns found"
        remedy = "save it as CSV with a header line that names customer, order, date and amount"
        raise InputRefused(Finding("F14", what, label, 1, found="none of , ; tab |", do=remedy))
    return best, header
