"""The rows of an unknown file as columns of text: which of them to look at, and how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pyarrow as pa

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.folders import TableFolder
from seglib.core.sources.nested import JsonFile
from seglib.core.sources.parquetfile import ParquetFile
from seglib.core.sources.readers import Reader
from seglib.core.sources.told import is_told
from seglib.init.looks import Look
from seglib.init.names import known_count, rank
from seglib.init.parts import PartsFile
from seglib.init.systems import recognise

Progress = Callable[[int], object]
CELLS_READ = 6_000_000
NUMBERS = ("unit_price", "quantity", "amount", "discount", "cost")
BLANK_WORDS = ("NULL", "\\N", "(null)", "<null>", "null", "None", "nan", "NaN", "--", "–", "—")  # for nothing


def _read_positions(reader: Reader, of_list: str | None = None) -> list[int]:
    """Positions of the columns to look at: of several lists in a nested file those of `_list_of_lines` only."""
    in_list = reader.in_list if isinstance(reader, JsonFile | ParquetFile | TableFolder) else {}
    chosen = _list_of_lines(reader.header, in_list) if of_list is None else of_list
    textless = reader.textless() if isinstance(reader, ParquetFile | TableFolder) else frozenset()
    named = [(place, name) for place, name in enumerate(reader.header) if name and name not in textless]
    named = [(place, name) for place, name in named if in_list.get(name, chosen) == chosen]
    rows = {name for name, outer in in_list.items() if outer == chosen}
    return [place for place, name in named if not (is_told(name) and name.rpartition(" ")[0] in rows)]


def _list_of_lines(header: Sequence[str], in_list: Mapping[str, str]) -> str:
    """Name the list whose elements are the lines; empty where each record is one row.

    That is the list in which a known system has its money, else the one that knows most names.
    """
    system = recognise(header) if in_list else None
    money = [*system.names("unit_price"), *system.names("amount")] if system else []
    if money:
        return in_list.get(money[0], "")
    known: dict[str, int] = {}
    for name, outer in in_list.items():
        known[outer] = known.get(outer, 0) + known_count([name])
    chosen = max(known, key=lambda outer: known[outer], default="")
    return chosen if known.get(chosen) else ""


def looks_of(
    readers: Sequence[Reader], progress: Progress | None = None, of_list: str | None = None
) -> tuple[dict[str, Look], int, bool, dict[str, tuple[str, ...]]]:
    """Read rows up to the limit, as text; also their number, whether these are all, and words that mean nothing."""
    header = readers[0].header
    wanted = _read_positions(readers[0], of_list)
    tables: list[pa.Table] = []
    rows, limit, is_whole = 0, CELLS_READ // max(1, len(wanted)), True
    for reader in readers:
        faults = Faults()
        for arrays, lines in reader.batches(wanted, faults):
            tables.append(pa.table(arrays, names=[header[position] for position in wanted]))
            rows += len(lines)
            if progress:
                progress(len(lines))
            if rows >= limit:
                is_whole = False
                break
        is_whole = is_whole and not isinstance(reader, PartsFile)
        if faults.shown:
            raise InputRefused(faults.findings())
    if not rows:
        raise InputRefused(Finding("F03", "no rows below the header", readers[0].label, do="export again"))
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    texts = {str(name): frame[name].astype("str") for name in frame}
    blanks = {name: _nothing(text) for name, text in texts.items()}
    looks = {name: Look(name, text.mask(text.isin(blanks[name]))) for name, text in texts.items()}
    return _one_mark(looks), rows, is_whole, {name: said for name, said in blanks.items() if said}


def _nothing(text: pd.Series[str]) -> tuple[str, ...]:
    """Words of databases for nothing that stand in a column beside other values."""
    found = tuple(word for word in BLANK_WORDS if (text == word).any())
    return found if found and (text.notna() & ~text.isin(found)).any() else ()


def _one_mark(looks: dict[str, Look]) -> dict[str, Look]:
    """Read 1.234 and 1,234 as the file's other numbers are written, where these leave no doubt.

    Examples
    --------
    >>> texts = {"Menge": ["1,000", "2,000"], "Preis": ["4,50", "1.234,00"]}
    >>> looks = _one_mark({name: Look(name, pd.Series(text, dtype="str")) for name, text in texts.items()})
    >>> looks["Menge"].numbers.tolist()
    [1.0, 2.0]
    """
    named = [look for name, look in looks.items() if any(rank(name, field) is not None for field in NUMBERS)]
    marks = {look.decimal for look in named if not look.may_be_thousands and look.decimals}
    if len(marks) != 1:
        return looks
    return {name: replace(look, mark=next(iter(marks))) for name, look in looks.items()}
