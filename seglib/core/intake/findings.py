"""Finding faults in the engine: one pass counts them per column, a second one fetches a few lines as examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import ibis
import pandas as pd

from seglib.core.engine import Engine, Table
from seglib.core.errors import EXAMPLES_PER_KIND, Finding, speakable


@dataclass(frozen=True)
class Fault:
    """A kind of fault: its code, what it is, and the remedy."""

    code: str
    what: str
    do: str


@dataclass(frozen=True)
class Note:
    """Something accepted or set aside that is worth knowing; a row of the findings in notebook 02.

    Parameters
    ----------
    code, what : str
        Number of the fault case, and what was found.
    severity : {"notice", "set aside"}
        Whether rows left.
    file : str
        Table of the contract.
    count : int
        Rows, values or customers concerned.
    example_line : int
        First line concerned; 0 when there is none.
    do : str
        The remedy, or what the workbench did.
    """

    code: str
    what: str
    severity: str
    file: str
    count: int
    example_line: int = 0
    do: str = ""


def as_frame(notes: Iterable[Note]) -> pd.DataFrame:
    """Turn notes into one sorted frame, the same kind in the same file counted together.

    Examples
    --------
    >>> as_frame([Note("F11", "unnamed column dropped", "notice", "orders.csv", 1)])["count"].tolist()
    [1]
    """
    names = [field.name for field in fields(Note)]
    frame = pd.DataFrame([[getattr(note, name) for name in names] for note in notes], columns=names)
    frame = frame.astype({name: "int64" if name in ("count", "example_line") else "str" for name in names})
    keys = ["code", "what", "severity", "file", "do"]
    merged = frame.groupby(keys, as_index=False).agg(count=("count", "sum"), example_line=("example_line", "min"))
    return merged[names].sort_values(names, ignore_index=True, kind="stable")


def notes_of(findings: Iterable[Finding], table: str) -> list[Note]:
    """Turn notices of the readers into notes; reports name the table, since a file may be named after a person."""
    return [Note(f.code, f.what, "notice", table, 1, f.line, speakable(f.do or f.found)) for f in findings]


def located(engine: Engine, table: Table, fault: Any, kinds: Mapping[str, Fault], column: str) -> list[Finding]:
    """Fetch examples of faulty rows, at most twenty of a kind, and then the total.

    Parameters
    ----------
    table : Table
        Has `source_file` and `source_line`.
    fault : ibis string
        Key of `kinds` where the row is faulty, null where it is sound.
    column : str
        Column to be named, or ``""``.
    """
    bad = table.select(fault=fault, file="source_file", line="source_line").filter(ibis._.fault.notnull())
    order = ibis.window(group_by="fault", order_by=["file", "line"])
    counted = bad.mutate(place=ibis.row_number().over(order), total=bad.fault.count().over(group_by="fault"))
    rows = engine.frame(counted.filter(counted.place < EXAMPLES_PER_KIND).order_by("fault", "file", "line"))
    findings = []
    for key, some in rows.groupby("fault"):
        kind = kinds[str(key)]
        places = zip(some["file"], some["line"], strict=True)
        findings += [Finding(kind.code, kind.what, file, int(line), column, do=kind.do) for file, line in places]
        if int(some["total"].iloc[0]) > EXAMPLES_PER_KIND:
            found = f"{int(some['total'].iloc[0]):,} rows"
            findings.append(Finding(kind.code, f"{kind.what}, in total", str(some["file"].iloc[0]), 0, column, found))
    return findings


def check(engine: Engine, table: Table, faults: Mapping[str, Any], kinds: Mapping[str, Fault]) -> list[Finding]:
    """Check many columns in one pass, and fetch examples only where something is wrong."""
    if not faults:
        return []
    counts = engine.frame(table.aggregate(**{name: fault.count() for name, fault in faults.items()})).iloc[0]
    wrong = [name for name in faults if counts[name]]
    return [finding for name in wrong for finding in located(engine, table, faults[name], kinds, name)]
