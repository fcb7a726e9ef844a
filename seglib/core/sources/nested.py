"""JSON and nested Parquet as flat rows: an object in another is outer.inner, a list gives a row for each element.

Of lists inside lists, and of those beside the one that gives the rows, what refunds, credits and discounts come to can
be read as well, added up: ``refunds.total (sum)``; and of their states the last: ``payments.status (last)``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.csvfile import COLUMNS_COUNT, Batch
from seglib.core.sources.told import flat, is_told, told
from seglib.core.sources.typed import cell_text

ENDINGS = (".json", ".jsonl", ".ndjson")
WHOLE_BYTES = 300_000_000  # of a file that is one array; lines may be as many as there are
BATCH_RECORDS = 20_000
Record = tuple[int, Mapping[str, Any]]
Row = tuple[int, list[str | None]]


def lists(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the lists of objects in a record by their dotted names; lists inside them are left out.

    Examples
    --------
    >>> [name for name, _ in lists({"id": "1", "order": {"lines": [{"sku": "M"}]}, "tags": ["a"]})]
    ['order.lines']
    """
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from lists(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            yield f"{prefix}{name}", value


def rows(
    records: Iterable[Record], names: Sequence[str], of_list: str | None
) -> Iterator[tuple[int, list[str | None]]]:
    """Write records as rows of text.

    Parameters
    ----------
    records : iterable of (int, mapping)
        Line, and the record.
    names : sequence of str
        Dotted names.
    of_list : str or None
        The list whose elements become rows, counted one by one so that each has a number of its own; a record without
        it is one row. Without a list the number is the record's line.
    """
    adds, row = any(is_told(name) for name in names), 0
    for line, record in records:
        row = row if of_list and row else line
        added = told(record) if adds else {}
        outer = {n: v for n, v in added.items() if not of_list or not n.startswith(f"{of_list}.")} | dict(flat(record))
        inside = dict(lists(record)).get(of_list, [{}]) if of_list else [{}]
        for element in inside:
            more = told(element, f"{of_list}.") if adds and of_list else {}
            whole = {**outer, **more, **dict(flat(element, f"{of_list}."))}
            yield row, [_text(whole.get(name)) for name in names]
            row += 1


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return cell_text(value)


def list_of(names: Iterable[str], found: Mapping[str, str], label: str) -> str | None:
    """Say which list some columns lie in; InputRefused where they lie in two, whose elements do not belong together."""
    used = sorted({found[name] for name in names if name in found})
    if len(used) > 1:
        remedy = "take the columns of one of them, or join the other by a query of your own"
        raise InputRefused(Finding("F23", "columns of two lists", label, found=" and ".join(used)[:200], do=remedy))
    return used[0] if used else None


def batched(found: Iterator[Row]) -> Iterator[Batch]:
    """Put rows into batches of columns."""
    while part := list(islice(found, BATCH_RECORDS)):
        columns = zip(*(row for _, row in part), strict=True)
        yield [pa.array(column, pa.string()) for column in columns], pa.array([line for line, _ in part], pa.int64())


@dataclass(frozen=True)
class JsonFile:
    """A file of JSON: one object a line, an array of objects, or an object that holds such an array.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        Its relative name, for messages.
    header : tuple of str
        Dotted names of all single values, in the order in which they first appear.
    notices : tuple of Finding
        Always empty.
    in_list : dict
        Column to the list in which it lies.
    """

    path: Path
    label: str
    header: tuple[str, ...]
    notices: tuple[Finding, ...] = ()
    in_list: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, label: str) -> JsonFile:
        """Read all names; InputRefused when the file is no JSON of records."""
        names: dict[str, None] = {}
        in_list: dict[str, str] = {}
        added: dict[str, bool] = {}
        count = 0
        for _, record in _records_of(path, label):
            count += 1
            names.update(dict.fromkeys(name for name, _ in flat(record)))
            for outer, elements in lists(record):
                inner = [name for element in elements for name, _ in flat(element, f"{outer}.")]
                names.update(dict.fromkeys(inner))
                in_list.update(dict.fromkeys(inner, outer))
            for name, total in told(record).items():
                added[name] = added.get(name, True) and total is not None
            if len(names) > COLUMNS_COUNT:
                raise InputRefused(Finding("F21", "too many columns", label, found=f"more than {COLUMNS_COUNT}"))
        if not count:
            raise InputRefused(Finding("F02", "file is empty", label, found="no record", do="export again"))
        names.update(dict.fromkeys(name for name, is_number in added.items() if is_number))
        return cls(path, label, tuple(names), in_list=in_list)

    def batches(self, wanted: Sequence[int], faults: Faults) -> Iterator[Batch]:  # noqa: ARG002  # read once already
        """Read the wanted columns as text, with the line or number of each record."""
        names = [self.header[position] for position in wanted]
        yield from batched(rows(_records_of(self.path, self.label), names, list_of(names, self.in_list, self.label)))


def _records_of(path: Path, label: str) -> Iterator[Record]:
    """Yield line or number, from 1, and content of each record; InputRefused at the first that cannot be read."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            filled = (line for line in file if line.strip())
            first, second = next(filled, ""), next(filled, "")
            if second and not first.lstrip().startswith("[") and _loaded(first) is not None:
                file.seek(0)
                yield from _of_lines(file, label)
                return
        yield from _of_whole(path, label)
    except UnicodeDecodeError:
        raise InputRefused(Finding("F17", "not UTF-8", label, do="export it as UTF-8")) from None


def _loaded(text: str) -> Any:
    """Read JSON with numbers as they are written; None where it is none."""
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError):
        return None


def _of_lines(file: Iterable[str], label: str) -> Iterator[Record]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        record = _loaded(line)
        if not isinstance(record, dict):
            raise InputRefused(Finding("F23", "not an object of JSON", label, number, do="write one object a line"))
        yield number, record


def _of_whole(path: Path, label: str) -> Iterator[Record]:
    if path.stat().st_size > WHOLE_BYTES:
        size = f"{path.stat().st_size / 1e6:,.0f} MB in one piece"
        raise InputRefused(Finding("F21", "JSON too large", label, found=size, do="write one object a line (.jsonl)"))
    whole = _loaded(path.read_text(encoding="utf-8-sig"))
    found = whole if isinstance(whole, list) else _inside(whole) if isinstance(whole, dict) else None
    if not found or not all(isinstance(each, dict) for each in found):
        remedy = "write an array of objects, or one object a line"
        raise InputRefused(Finding("F23", "no JSON of records", label, do=remedy))
    yield from enumerate(found, 1)


def _inside(whole: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Records of a single object: its longest list where that says more than what stands around it, else itself.

    Examples
    --------
    >>> len(_inside({"page": 1, "orders": [{"id": 1, "day": "2026-01-05"}, {"id": 2, "day": "2026-01-06"}]}))
    2
    >>> len(_inside({"id": 1, "day": "2026-01-05", "lines": [{"sku": "M"}, {"sku": "C"}]}))
    1
    """
    longest = max((value for _, value in lists(whole)), key=len, default=[])
    around, inside = len([*flat(whole)]), max((len([*flat(each)]) for each in longest), default=0)
    return longest if inside > around else [whole]


def in_utc(record: Mapping[str, Any], instants: frozenset[str]) -> Mapping[str, Any]:
    """Say of times that are known to be UTC that they are."""
    changed = {
        name: value.replace(tzinfo=UTC)
        for name, value in record.items()
        if name in instants and isinstance(value, datetime)
    }
    return {**record, **changed}
