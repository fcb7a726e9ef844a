"""Which column of a file is which column of the contract, and what is wrong with a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seglib.core.contract import TableContract
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sections import Source
from seglib.core.sources.csvfile import DELIMITERS, CsvFile
from seglib.core.sources.readers import Reader, Sheet
from seglib.core.sources.repeated import NUMBERED, places

ONE_OF = {"orders": ("amount", "unit_price")}
JOINED = " + "
DATA_LIKE = re.compile(r"[-+]?[\d.,]*\d|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|[^@\s]+@[^@\s]+")
NAMES_SHOWN_CHARACTERS = 300
NAMES_MET = 2  # so many names of the contract on one line are no accident


@dataclass(frozen=True)
class Match:
    """How one file answers the contract.

    Parameters
    ----------
    positions : dict
        Column of the contract to its positions in the file; several where the first that is filled counts.
    joined : dict
        Column of the contract to the columns that identify it together, for exports without order numbers.
    refused, notices : tuple of Finding
        What forbids reading, and what is worth knowing.
    """

    positions: dict[str, tuple[int, ...]]
    joined: dict[str, tuple[str, ...]]
    refused: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()


def match_header(table: str, source: Source, contract: TableContract, reader: Reader) -> Match:
    """Find the contract's columns in a file's header.

    Parameters
    ----------
    table : str
        Name of the table.
    source : Source
        The plan's entry; its `columns` maps names of the contract to a name of the file, or to several. ``customer_id
        + ordered_at`` in place of a name numbers the distinct combinations of the two, for exports without order
        numbers; an empty name leaves out a column of the file that is called so and means something else.
    contract : TableContract
        Columns of the table.
    reader : Reader
        The opened file.

    Raises
    ------
    InputRefused
        When the file uses another delimiter, or its names stand on another line, since then no other sentence would
        help.
    """
    header = reader.header
    joined = {c: parts for c in contract.names if (parts := _parts(source, c, header, contract))}
    named = {c: source.names(c) for c in contract.names if c not in joined}
    found = {c: tuple(header.index(n) for n in names if n and n in header) for c, names in named.items()}
    positions = {c: places for c, places in found.items() if places}
    meant = {name: places(name, header) for names in named.values() for name in names if name not in header}
    missing = _missing(table, source, contract, {*positions, *joined})
    if missing:
        _refuse_delimiter(source, contract, reader)
    if missing and not any(meant.values()):
        _refuse_line(table, source, contract, reader)
    refused = [_unknown_key(table, key, contract) for key in source.columns if key not in contract.names]
    refused += [*twice(reader), *(_numbered(reader, name, at) for name, at in meant.items() if at)]
    missing = [column for column in missing if not meant.get(in_file(source, column))]
    if missing and not positions and _looks_like_data(header):
        expected = ",".join(in_file(source, column) for column in missing)
        remedy = f"put a header line first; expected {expected}"
        refused.append(Finding("F04", "no header: the first line looks like data", reader.label, 1, do=remedy))
    else:
        refused += [_absent(table, column, source, reader) for column in missing]
    known = {place for places in positions.values() for place in places}
    unknown = [n for i, n in enumerate(header) if n and i not in known]
    notices = [_ignored(reader.label, unknown)] if unknown else []
    return Match(positions, joined, tuple(refused), tuple(notices))


def unmet(table: str, source: Source, readers: Sequence[Reader]) -> list[Finding]:
    """Name the columns of lists in the plan that no file has; a list is met by any one of them."""
    headers = {name for reader in readers for name in reader.header}
    named = [(c, n.strip()) for c, names in source.columns.items() if not isinstance(names, str) for n in names]
    do = "correct the name, or take it out of the list"
    return [
        Finding("F07", f"column '{n}' stands in no file", f"plan.yml, sources.{table}.columns.{c}", do=do)
        for c, n in named
        if n not in headers
    ]


def in_file(source: Source, column: str) -> str:
    """Name of a contract's column inside the file, the first of several."""
    return source.names(column)[0]


def _parts(source: Source, column: str, header: Sequence[str], contract: TableContract) -> tuple[str, ...]:
    name = in_file(source, column)
    parts = tuple(part.strip() for part in name.split(JOINED))
    is_joined = len(parts) > 1 and name not in header and all({*source.names(part)} & {*header} for part in parts)
    return parts if is_joined and set(parts) <= set(contract.names) - {column} else ()


def _missing(table: str, source: Source, contract: TableContract, found: set[str]) -> list[str]:
    wanted = [c for c in contract.names if c in contract.required or source.columns.get(c)]
    missing = [c for c in wanted if c not in found]
    either = ONE_OF.get(table, ())
    return missing + ([either[0]] if either and not {*either} & {*found, *missing} else [])


def _absent(table: str, column: str, source: Source, reader: Reader) -> Finding:
    name = in_file(source, column)
    either = ONE_OF.get(table, ())
    what = f"required column missing: {' or '.join(either) if column in either else name}"
    known = ", ".join(n for n in reader.header if n)[:NAMES_SHOWN_CHARACTERS]
    hint = nearest(name, [n for n in reader.header if n])
    hint = hint if hint.startswith("did you mean") else "name it"
    remedy = f"{hint} in plan.yml: {_place(table)}.columns.{column}"
    return Finding("F07", what, reader.label, 1, found=known, do=remedy)


def _unknown_key(table: str, key: str, contract: TableContract) -> Finding:
    place = f"plan.yml, {_place(table)}.columns.{key}"
    return Finding("P05", f"{table} has no column '{key}'", place, do=nearest(key, contract.names))


def twice(reader: Reader) -> list[Finding]:
    """List the names that stand twice in a header, with their positions."""
    places: dict[str, list[int]] = {}
    for position, name in enumerate(reader.header, 1):
        places.setdefault(name, []).append(position)
    return [
        Finding("F05", "column name twice", reader.label, 1, name, f"columns {_listed(at)}", "rename one of them")
        for name, at in places.items()
        if name and len(at) > 1
    ]


def _numbered(reader: Reader, name: str, at: Sequence[int]) -> Finding:
    """Refuse a name that the plan means and several columns have; each of them has a name of its own."""
    do = f"write '{NUMBERED.format(name, 1)}' or '{NUMBERED.format(name, 2)}' for the one that is meant"
    return Finding("F05", "column name twice", reader.label, 1, name, f"columns {_listed(at)}", do)


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(str(number) for number in numbers)


def _ignored(label: str, names: Sequence[str]) -> Finding:
    found = ", ".join(names)[:NAMES_SHOWN_CHARACTERS]
    return Finding("F06", "columns not in the contract, ignored", label, 1, found=found)


def _looks_like_data(header: Sequence[str]) -> bool:
    return any(DATA_LIKE.fullmatch(name) for name in header)


def _refuse_delimiter(source: Source, contract: TableContract, reader: Reader) -> None:
    """Say which delimiter the file uses, when another one finds more of the columns."""
    if not isinstance(reader, CsvFile):
        return
    names = {in_file(source, column) for column in contract.names}
    score = {d: (len(names & {*split}), len(split)) for d, split in reader.headers_by().items()}
    best = max(score, key=lambda d: score[d], default="")
    here = (len(names & {*reader.header}), len(reader.header))
    if best and (score[best][0] > here[0] or (here == (0, 1) and score[best][1] > 1)):
        spelled = '"\\t"' if best == "\t" else f'"{best}"'
        what = f"file uses {DELIMITERS[best]}, not {DELIMITERS.get(reader.delimiter, 'this delimiter')}"
        raise InputRefused(Finding("F14", what, reader.label, 1, do=f"set csv.delimiter: {spelled}"))


def _refuse_line(table: str, source: Source, contract: TableContract, reader: Reader) -> None:
    """Say on which line the names stand, when a title or a remark stands above them."""
    if not isinstance(reader, CsvFile | Sheet):
        return
    names = {in_file(source, column) for column in contract.names}
    met = {line: len(names & {cell.strip() for cell in cells}) for line, cells in reader.first_rows()}
    best = max(met, key=lambda line: met[line], default=0)
    if best and met[best] >= NAMES_MET and met[best] > len(names & {*reader.header}):
        do = f"set sources.{table}.header: {best} in plan.yml"
        raise InputRefused(Finding("F04", "the names of the columns stand on another line", reader.label, best, do=do))


def _place(table: str) -> str:
    """Where the plan names the file of a table: rates and lookups have sections of their own."""
    return table if table == "rates" or table.startswith("lookups.") else f"sources.{table}"
