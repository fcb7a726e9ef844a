"""Orders that lie in several files: which column of one meets which of another, and the query that joins them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.core.sections import Source
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.joined import JoinedFiles
from seglib.core.sources.packed import laid_open, stem_of
from seglib.init.lookrows import Progress
from seglib.init.looks import ALMOST_ALL_SHARE
from seglib.init.names import plain
from seglib.init.people import People, people
from seglib.init.propose import Proposal, propose
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed, packing_of, sniff

MEETS_MIN = 0.5  # of the rows; keys that meet less often are no keys
TABLE = "joined"


@dataclass(frozen=True)
class Join:
    """How one file is joined to those before it: its key, the column that meets it, and the share of rows that do."""

    file: Path
    key: str
    other: Path
    column: str
    share: float

    def text(self) -> str:
        """Say what meets what, and what becomes of the rows that meet nothing."""
        rest = "" if self.share == 1 else "; the others stay, without its columns"
        return (
            f"{self.file.name} is joined where its '{self.key}' is the '{self.column}' of {self.other.name}: "
            f"{_percent(self.share)} of the rows meet one{rest}"
        )


def propose_joined(
    files: Sequence[Path],
    given: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    packing: Source | None = None,
) -> Proposal:
    """Join several files by the keys that meet, and propose a plan for the result.

    Parameters
    ----------
    files : sequence of Path
        The one with most rows is taken for the orders; each other one holds one row per key.
    given, answers, progress, packing :
        As for `propose`.

    Raises
    ------
    InputRefused
        When two files have one name, are written differently or have the same columns, or when one of them meets the
        others nowhere.
    """
    opened = {file: sniff(file, progress, packing=packing) for file in files}
    _check(opened)
    base = max(opened, key=lambda file: opened[file].rows)
    joins = _joins(base, opened)
    query = _query(base, joins, opened)
    with tempfile.TemporaryDirectory(prefix="seglib-join-") as folder:
        whole = Path(folder) / f"{TABLE}.csv"
        with laid_open({file.name: file for file in opened}, packing or Source(), Path(folder)) as lying_open:
            _write(query, lying_open, opened[base].source, whole)
        found = propose(whole, given, answers)
        if (key := _key_of_people(found, base, joins, opened)) and "customer_id" not in (given or {}):
            found = propose(whole, {**(given or {}), "customer_id": key}, answers)
    written = opened[base].source.csv
    csv_ = found.source.csv.model_copy(update={"delimiter": written.delimiter, "encoding": written.encoding})
    asked = found.source.query or query
    joined = asked.replace(f"from {quoted(TABLE)}", f"from ({query}) as {quoted(TABLE)}")
    who = next((j for j in joins if j.other == base and j.column == found.source.columns.get("customer_id")), None)
    told = people(opened[who.file], who.key) if who else None
    return replace(
        found,
        people=told,
        file=base,
        files=tuple(opened),
        source=found.source.model_copy(update={"file": None, "query": joined, "csv": csv_, **packing_of(packing)}),
        understood=(*(join.text() for join in joins), *(told.text() if told else ()), *_said(found, told)),
    )


def _key_of_people(found: Proposal, base: Path, joins: Sequence[Join], opened: Mapping[Path, Sniffed]) -> str | None:
    """Name the column of the orders that meets the file whose addresses or names were taken for the customer's id.

    A file in which nearly every row has another such word holds one row per person, so that its key is a better id.
    """
    who, order = found.source.columns.get("customer_id"), found.source.columns.get("order_id")
    if not isinstance(who, str) or who in opened[base].looks:
        return None
    for join in joins:
        look = opened[join.file].looks.get(who)
        if (
            look
            and join.other == base
            and join.column != order
            and len(look.unique) >= ALMOST_ALL_SHARE * len(look.filled)
        ):
            return join.column
    return None


def _said(found: Proposal, told: People | None) -> list[str]:
    """What was understood of the orders, without the columns of which the file of customers is told already."""
    return [said for said in found.understood if told is None or said not in found.beside]


def _check(opened: Mapping[Path, Sniffed]) -> None:
    """Refuse files that one query cannot see as tables."""
    first, *others = opened
    for file in others:
        one, other = opened[first], opened[file]
        if list(one.looks) == list(other.looks):
            pattern = f"{first.stem[:4]}*{first.suffix}"
            what, do = "the files have the same columns", f'name them by one pattern in quotes, such as "{pattern}"'
        elif stem_of(file.name).casefold() == stem_of(first.name).casefold():
            what, do = f"two files are called '{stem_of(file.name)}'", "rename one of them"
        elif _written(one) != _written(other):
            what, do = "the files are written differently", "save both with the same delimiter and encoding"
        elif one.source.sheet or other.source.sheet or one.source.header or other.source.header:
            what, do = "sheets and lines above the header cannot be joined", "save each sheet as a CSV file of its own"
        else:
            continue
        raise InputRefused(Finding("F01", what, f"{first.name} and {file.name}", do=do))


def _written(opened: Sniffed) -> tuple[str, str]:
    return opened.source.csv.delimiter, opened.source.csv.encoding


def _joins(base: Path, opened: Mapping[Path, Sniffed]) -> list[Join]:
    """Join the files one after the other, each time the one whose key meets most."""
    joined, left, made = [base], [file for file in opened if file != base], list[Join]()
    while left:
        found = [join for file in left for join in _meetings(file, joined, opened)]
        if not found:
            names = ", ".join(file.name for file in left)
            what = f"no column of {names} meets one of {', '.join(file.name for file in joined)}"
            do = "give both a column with the same key, once in each row of the file that is joined"
            raise InputRefused(Finding("F07", what, do=do))
        best = max(found, key=lambda join: (plain(join.key) == plain(join.column), join.share))
        made.append(best)
        joined.append(best.file)
        left.remove(best.file)
    return made


def _meetings(file: Path, joined: Sequence[Path], opened: Mapping[Path, Sniffed]) -> list[Join]:
    """List the columns of a file that are keys of it and met by most rows of a file before it."""
    found = []
    for key, look in opened[file].looks.items():
        keys = look.filled.str.strip()
        if not len(keys) or keys.duplicated().any() or look.blank_share > 0:
            continue
        for other in joined:
            for column, met in opened[other].looks.items():
                values = met.values.fillna("").str.strip()
                share = float(values.isin(set(keys)).mean())
                if share >= MEETS_MIN and _are_kin(key, column, stem_of(file.name), values):
                    found.append(Join(file, key, other, column, share))
    return found


def _are_kin(key: str, column: str, table: str, values: pd.Series[str]) -> bool:
    """Whether two columns may hold the same key: by their names, or by values that are no mere numbers.

    Examples
    --------
    >>> numbers, codes = pd.Series(["1", "2"]), pd.Series(["A-1", "A-2"])
    >>> [_are_kin("id", column, "products", numbers) for column in ("id", "product_id", "quantity")]
    [True, True, False]
    >>> _are_kin("sku", "article", "products", codes)
    True
    """
    if plain(key) == plain(column) or plain(table).rstrip("s") in plain(column):
        return True
    return bool(values[values != ""].str.contains("[A-Za-z]").mean() > MEETS_MIN)


def _query(base: Path, joins: Sequence[Join], opened: Mapping[Path, Sniffed]) -> str:
    """Write the SELECT statement: every row of the orders, and the columns that the others add."""
    taken = set(opened[base].looks)
    columns, tables = [f"{quoted(stem_of(base.name))}.*"], [quoted(stem_of(base.name))]
    for join in joins:
        table = quoted(stem_of(join.file.name))
        for name in opened[join.file].looks:
            if name != join.key:
                shown = name if name not in taken else f"{stem_of(join.file.name)} {name}"
                columns.append(f"{table}.{quoted(name)}" + (f" as {quoted(shown)}" if shown != name else ""))
                taken.add(shown)
        left = f"{quoted(stem_of(join.other.name))}.{quoted(join.column)}"
        tables.append(f"left join {table} on {_key(left)} = {_key(f'{table}.{quoted(join.key)}')}")
    return f"select {', '.join(columns)} from {' '.join(tables)}"


def _key(name: str) -> str:
    """Compare keys as text without spaces around them, as they were counted."""
    return f"trim(cast({name} as varchar))"


def _write(query: str, files: Mapping[str, Path], source: Source, target: Path) -> None:
    """Run the query over the files and write its rows, so that they can be looked at as any other file."""
    reader = JoinedFiles.open(files, "orders", Source(query=query, csv=source.csv))
    with target.open("w", encoding="utf-8", newline="") as handle:
        out, faults = csv.writer(handle), Faults()
        out.writerow(reader.header)
        for columns, _ in reader.batches(range(len(reader.header)), faults):
            out.writerows(zip(*(column.to_pylist() for column in columns), strict=True))
    if faults.shown:
        raise InputRefused(faults.findings())


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.9995 or share == 1 else "nearly 100%"
