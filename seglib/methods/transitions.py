"""Who moved from segment to segment between two quarters, in customers and in money."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.core.errors import Finding, InputRefused

NEW = "new"
LEFT = "left"


def migration(
    previous: pd.Series[Any],
    current: pd.Series[Any],
    value_previous_minor: pd.Series[Any],
    value_current_minor: pd.Series[Any],
) -> pd.DataFrame:
    """Count customers and money that moved between segments from one quarter to the next.

    Parameters
    ----------
    previous, current : Series of customer to segment
        Every customer of a quarter once.
    value_previous_minor, value_current_minor : Series of customer to int
        Value in minor units in either quarter; a customer without an entry has 0.

    Returns
    -------
    DataFrame
        One row per pair of segments that occurs: from_segment ("new" for customers who were not there), to_segment
        ("left" for customers who are gone), customers_count, value_previous_minor, value_current_minor.

    Raises
    ------
    InputRefused
        If a customer occurs twice.
    ValueError
        If a value is not an integer or belongs to nobody in its quarter, or a segment is called "new" or "left".

    Examples
    --------
    >>> before, now = pd.Series({"a": "A", "b": "A"}), pd.Series({"b": "B", "c": "B"})
    >>> table = migration(before, now, pd.Series({"a": 5, "b": 7}), pd.Series({"b": 8, "c": 9}))
    >>> table[["from_segment", "to_segment", "customers_count", "value_current_minor"]]
      from_segment to_segment  customers_count  value_current_minor
    0            A          B                1                    8
    1            A       left                1                    0
    2          new          B                1                    9
    """
    quarters = ((previous, value_previous_minor), (current, value_current_minor))
    for segment, value in quarters:
        _check(segment, value)
    customers = previous.index.union(current.index)
    moves = pd.DataFrame(
        {
            "from_segment": previous.astype("object").reindex(customers, fill_value=NEW),
            "to_segment": current.astype("object").reindex(customers, fill_value=LEFT),
            "value_previous_minor": value_previous_minor.reindex(customers, fill_value=0),
            "value_current_minor": value_current_minor.reindex(customers, fill_value=0),
        }
    )
    return moves.groupby(["from_segment", "to_segment"], as_index=False).agg(
        customers_count=("to_segment", "size"),
        value_previous_minor=("value_previous_minor", "sum"),
        value_current_minor=("value_current_minor", "sum"),
    )


def balance(table: pd.DataFrame) -> pd.DataFrame:
    """Give, per segment, the way from the previous quarter's customers and money to this quarter's.

    Parameters
    ----------
    table : DataFrame
        From `migration`.

    Returns
    -------
    DataFrame
        One row per segment: previous_count + new_count + moved_in_count - moved_out_count - left_count = now_count,
        and value_previous_minor + change_minor = value_current_minor, the values being those of the customers who
        were in the segment then and are in it now.

    Examples
    --------
    >>> before, now = pd.Series({"a": "A", "b": "A"}), pd.Series({"b": "B", "c": "B"})
    >>> balance(migration(before, now, pd.Series({"a": 5, "b": 7}), pd.Series({"b": 8, "c": 9}))).loc["B"].to_dict()
    {'previous_count': 0, 'new_count': 1, 'moved_in_count': 1, 'moved_out_count': 0, 'left_count': 0, 'now_count': 2, \
'value_previous_minor': 0, 'change_minor': 17, 'value_current_minor': 17}
    """
    names = sorted((set(table["from_segment"]) | set(table["to_segment"])) - {NEW, LEFT})
    new, left = table["from_segment"] == NEW, table["to_segment"] == LEFT
    stayed = table["from_segment"] == table["to_segment"]

    def total(rows: pd.DataFrame, side: str, column: str) -> pd.Series[Any]:
        return rows.groupby(side)[column].sum().reindex(names, fill_value=0)

    moved, count = table[~new & ~left & ~stayed], "customers_count"
    result = pd.DataFrame(
        {
            "previous_count": total(table[~new], "from_segment", count),
            "new_count": total(table[new], "to_segment", count),
            "moved_in_count": total(moved, "to_segment", count),
            "moved_out_count": total(moved, "from_segment", count),
            "left_count": total(table[left], "from_segment", count),
            "now_count": total(table[~left], "to_segment", count),
            "value_previous_minor": total(table, "from_segment", "value_previous_minor"),
            "value_current_minor": total(table, "to_segment", "value_current_minor"),
        }
    ).rename_axis("segment")
    result.insert(6, "change_minor", result["value_current_minor"] - result["value_previous_minor"])
    return result[[*result.columns[:6], "value_previous_minor", "change_minor", "value_current_minor"]]


def check_adds_up(
    table: pd.DataFrame,
    previous: pd.Series[Any],
    current: pd.Series[Any],
    value_previous_minor: pd.Series[Any],
    value_current_minor: pd.Series[Any],
) -> None:
    """Compare a migration table with the two quarters that it was made from, to the customer and to the minor unit.

    Parameters
    ----------
    table : DataFrame
        From `migration`, or read back from a file.
    previous, current, value_previous_minor, value_current_minor : Series
        As in `migration`.

    Raises
    ------
    ValueError
        Naming the segments that do not add up.

    Examples
    --------
    >>> before, now = pd.Series({"a": "A"}), pd.Series({"a": "A"})
    >>> table = migration(before, now, pd.Series({"a": 5}), pd.Series({"a": 7}))
    >>> check_adds_up(table.assign(customers_count=2), before, now, pd.Series({"a": 5}), pd.Series({"a": 7}))
    Traceback (most recent call last):
    ValueError: the migration table does not add up in A
    """
    rows = balance(table)
    seen = pd.DataFrame(
        {
            "previous_count": previous.value_counts(),
            "now_count": current.value_counts(),
            "value_previous_minor": value_previous_minor.groupby(previous.reindex(value_previous_minor.index)).sum(),
            "value_current_minor": value_current_minor.groupby(current.reindex(value_current_minor.index)).sum(),
        }
    )
    seen, rows = (side.reindex(seen.index.union(rows.index)).fillna(0).astype("int64") for side in (seen, rows))
    came, went = rows["new_count"] + rows["moved_in_count"], rows["moved_out_count"] + rows["left_count"]
    wrong = (seen != rows[seen.columns]).any(axis=1) | (rows["previous_count"] + came - went != rows["now_count"])
    if wrong.any():
        raise ValueError(f"the migration table does not add up in {', '.join(map(str, rows.index[wrong]))}")


def _check(segment: pd.Series[Any], value: pd.Series[Any]) -> None:
    """Check one quarter's customers and values."""
    if not (segment.index.is_unique and value.index.is_unique):
        raise InputRefused(Finding("V01", "customer occurs twice in one quarter", do="keep one row per customer"))
    if not pd.api.types.is_integer_dtype(value) or not value.index.isin(segment.index).all():
        raise ValueError("values must be integers in minor units, of customers of the same quarter")
    if segment.isin([NEW, LEFT]).any() or segment.isna().any():
        raise ValueError(f"every customer must have a segment, and none may be called {NEW!r} or {LEFT!r}")
