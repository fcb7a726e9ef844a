"""What was set aside is given back: every such line with its reason, for whoever can mend the export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow.csv
import pyarrow.parquet as pq

from seglib.core.engine import Table
from seglib.core.intake import rules
from seglib.core.privacy import private_file, private_folder

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk

FOLDER = "set_aside"
ORDER = ("table", "file", "line")
NO_FAULTS = ("after_quarter", rules.SUPERSEDED)  # nothing to mend: the next quarter reads them, or a later row stands


def of_orders(lines: Table) -> Table:
    """Name the order lines that left, each with the rule at which it did; not those of a later time or version.

    Parameters
    ----------
    lines : Table
        With `rule`, `source_file` and `source_line`.
    """
    mended = [rule for rule in (*rules.RULES, *rules.LATER) if rule.name not in NO_FAULTS]
    known = {rule.name: (rule.code, rule.meaning) for rule in mended}
    left = lines.filter(lines.rule.isin(list(known)))
    return _named(left, "orders", lambda part: [(left.rule == name, said[part]) for name, said in known.items()])


def of_rows(marked: Table, name: str, kinds: dict[str, tuple[str, str]]) -> Table:
    """Name the rows of another table that left.

    Parameters
    ----------
    marked : Table
        With one column of yes or no for each kind, of which the first that holds counts.
    name : str
        The table.
    kinds : dict of str to (str, str)
        Column to code and reason.
    """
    left = marked.filter(ibis.or_(*(marked[kind] for kind in kinds)))
    return _named(left, name, lambda part: [(left[kind], said[part]) for kind, said in kinds.items()])


def _named(left: Table, name: str, cases: Callable[[int], list[tuple[Any, str]]]) -> Table:
    at = {"table": ibis.literal(name), "file": left.source_file, "line": left.source_line.cast("int64")}
    return left.select(**at, code=ibis.cases(*cases(0)), reason=ibis.cases(*cases(1)))


def give_back(desk: Desk) -> Path | None:
    """Write the lines that were set aside into the study's private folder: table, file, line, code, reason.

    Returns
    -------
    Path or None
        ``private/set_aside/2026Q3.csv``, in the order of files and lines; None, and no file, where nothing left.
    """
    folder = desk.run.data / "private" / FOLDER
    path, half = folder / f"{desk.run.quarter.text}.csv", desk.work / "aside.parquet"
    rows = ibis.union(*desk.aside) if len(desk.aside) > 1 else desk.aside[0]
    if not desk.engine.write(rows, half, ORDER):
        path.unlink(missing_ok=True)
        return None
    new = private_folder(folder).parent / f".{FOLDER}-{path.name}"
    new.touch(mode=0o600)
    with pq.ParquetFile(half) as file, pyarrow.csv.CSVWriter(private_file(new), file.schema_arrow) as out:
        for batch in file.iter_batches():
            out.write_batch(batch)
    new.replace(path)
    return path
