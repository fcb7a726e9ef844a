"""A row that is the total of a file, with an id and a date like any other: it would double all revenue."""

from __future__ import annotations

from typing import Any

from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding
from seglib.core.intake.findings import Note
from seglib.core.intake.rules import KEPT

LEAST_LINES, MOST = 20, 0.5
DO = "delete the row from the export"


def totals(engine: Engine, lines: Table) -> tuple[list[Finding], list[Note]]:
    """Find in each file a line that is the sum of all others, and one that holds most of the money.

    Parameters
    ----------
    lines : Table
        Judged lines with `said_minor`, source_file and source_line.

    Returns
    -------
    list of Finding and list of Note
        Refused where a line of a file with at least twenty others is their sum to the unit, of all or of those that are
        kept; noted where it is not, but holds more than half.
    """
    said = lines.said_minor.fill_null(0).cast("decimal(38, 0)")
    kept = lines.rule == KEPT
    measures: dict[str, Any] = {
        "lines": kept.cast("int64").sum(),
        "all": said.sum().cast("int64"),
        "kept": kept.ifelse(said, 0).sum().cast("int64"),
        "most": kept.ifelse(said, 0).max().cast("int64"),
        "line": lines.source_line.argmax(kept.ifelse(said, 0)),
    }
    found: list[Finding] = []
    noted: list[Note] = []
    for row in engine.frame(lines.group_by("source_file").agg(**measures).order_by("source_file")).to_dict("records"):
        most, line, is_total = int(row["most"]), int(row["line"]), int(row["most"]) in _halves(row)
        if row["lines"] <= LEAST_LINES or not (is_total or most > MOST * row["kept"]):
            continue
        if is_total:
            what = "a row is the total of all others"
            found.append(Finding("V27", what, row["source_file"], line, do=f"{DO}, which would count twice"))
        else:
            what = f"one line holds {most / row['kept']:.0%} of the money of its file"
            noted.append(Note("V27", what, "notice", "orders", 1, line, f"if it is a total, {DO}"))
    return found, noted


def _halves(row: Any) -> set[int]:
    """Half of all money and half of what is kept, where they are whole: a total is as much as all the rest."""
    return {int(row[name]) // 2 for name in ("all", "kept") if row[name] > 0 and row[name] % 2 == 0}
