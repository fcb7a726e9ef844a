"""Which sheet of an unknown workbook holds the rows, and on which line its names stand."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from seglib.core.errors import Finding, InputRefused
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import kind_of
from seglib.core.sources.typed import cell_text
from seglib.init.heads import PROBE_LINES, header_row
from seglib.init.names import known_count

SHEET_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def sheet(label: str, file: Path) -> tuple[Source, tuple[str, ...]]:
    """Choose the sheet whose header knows most fields; all sheets when several have the same header."""
    try:
        book = CalamineWorkbook.from_path(str(file))
        filled = [sheet for name in book.sheet_names if (sheet := book.get_sheet_by_name(name)).height]
    except (CalamineError, PasswordError):
        raise InputRefused(
            Finding("F23", "not a readable Excel file", label, found=kind_of(file), do="save it again")
        ) from None
    headers = {sheet.name: _sheet_header(sheet) for sheet in filled}
    if len(headers) <= 1:
        return Source(file=label, header=next(iter(headers.values()), (None, ()))[0]), ()
    best = max(headers, key=lambda name: known_count(headers[name][1]))
    alike = [name for name in headers if headers[name] == headers[best]]
    if len(alike) == len(headers):
        said = f"all {len(headers)} sheets have the same columns and are read as one"
        return Source(file=label, sheet="*", header=headers[best][0]), (said,)
    said = f"of the sheets {', '.join(headers)} only '{best}' is read"
    return Source(file=label, sheet=best, header=headers[best][0]), (said,)


def _sheet_header(sheet: CalamineSheet) -> tuple[int | None, tuple[str, ...]]:
    """Row of the names, None for the first that is not empty, and the names."""
    rows = [[cell_text(cell) or "" for cell in row] for row in islice(sheet.iter_rows(), PROBE_LINES)]
    named = header_row(rows)
    first = next((row for row in rows[named or 0 :] if any(row)), [])
    return None if named is None else named + 1, tuple(first)
