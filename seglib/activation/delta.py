"""What changed between two deliveries, by the keys by which a destination knows a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Record = dict[str, str]


def name_of(row: Mapping[Any, Any], keys: Sequence[str]) -> str:
    """Give the key by which a destination knows a row, an address in small letters; "" where every key is blank.

    Examples
    --------
    >>> name_of({"Email": "", "Phone": "+4412"}, ["Email", "Phone"]), name_of({"Email": "Ann@x.de"}, ["Email"])
    ('+4412', 'ann@x.de')
    """
    found = next((str(row[key]) for key in keys if row.get(key)), "")
    return found.lower() if "@" in found else found


def changes_of(now: Sequence[Record], before: Sequence[Record], keys: Sequence[str]) -> list[dict[str, Any]]:
    """List what turns the previous full file into the new one.

    Parameters
    ----------
    now, before : sequence of dict
        Rows of the machine files, header to value.
    keys : sequence of str
        Headers of the columns by which the destination knows a person; an address in other letter case is the same.

    Returns
    -------
    list of dict
        change (entered, changed or left) and row; of those who left only the key is handed on.

    Examples
    --------
    >>> changes_of([{"id": "a", "x": "2"}], [{"id": "a", "x": "1"}, {"id": "b", "x": "1"}], ["id"])
    [{'change': 'changed', 'row': {'id': 'a', 'x': '2'}}, {'change': 'left', 'row': {'id': 'b'}}]
    """
    old, new = ({name_of(row, keys): row for row in rows} for rows in (before, now))
    entered = [{"change": "entered", "row": row} for name, row in new.items() if name not in old]
    changed = [{"change": "changed", "row": row} for name, row in new.items() if name in old and old[name] != row]
    gone = [row for name, row in old.items() if name not in new]
    left = [{next(key for key in keys if row.get(key)): name_of(row, keys)} for row in gone]
    return [*entered, *changed, *({"change": "left", "row": row} for row in left)]
