"""What may be told of the words of states and kinds: of those that few customers have, only that they are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.core.intake.meanings import UNKNOWN

RARE = "(other words)"
SUMS = ["lines", "money_minor"]


def shown(row: Mapping[Any, Any], floor: int) -> str:
    """Write a word; one that nobody knows may be a name, so enough customers must have it."""
    if row["by"] == UNKNOWN and row["customers"] < floor:
        return RARE
    return str(row["word"]) or "(blank)"


def told_words(words: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Tell lines, money and customers of each word, so that those of a few customers follow from no difference.

    Parameters
    ----------
    words : DataFrame
        column, word, taken_for, by, lines, money_minor, customers.
    floor : int
        Smallest number of customers that may be told.

    Returns
    -------
    DataFrame
        column, shown, taken_for, by, and the numbers: missing for a word of fewer customers. Its lines and money are
        counted with the word of most customers among those of its meaning, else of its column.

    Examples
    --------
    >>> one = {"column": "status", "taken_for": "done", "by": "vocabulary"}
    >>> words = [one | {"word": "paid", "lines": 90, "money_minor": 900, "customers": 40}]
    >>> words += [one | {"word": "shipped", "lines": 4, "money_minor": 40, "customers": 3}]
    >>> told_words(pd.DataFrame(words), 10)[["shown", "lines"]].fillna(0).to_numpy().tolist()
    [['paid', 94], ['shipped', 0]]
    """
    keys = ["column", "shown", "taken_for", "by"]
    named = words.assign(shown=[shown(row, floor) for row in words.to_dict("records")])
    table = named.groupby(keys, sort=False, as_index=False).agg(
        lines=("lines", "sum"), money_minor=("money_minor", "sum"), customers=("customers", "max")
    )
    few = table["customers"].between(1, floor - 1) | (table["lines"] == 0)
    for place in table.index[few]:
        near = table[~few & (table["column"] == table.at[place, "column"]) & (table["customers"] > 0)]
        alike = near[near["taken_for"] == table.at[place, "taken_for"]]
        for other in (alike if len(alike) else near).sort_values("customers", kind="stable").index[-1:]:
            table.loc[other, SUMS] += table.loc[place, SUMS]
    numbers = [*SUMS, "customers"]
    return table.astype(dict.fromkeys(numbers, "Int64")).assign(
        **{name: table[name].astype("Int64").mask(few) for name in numbers}
    )


def new_word(row: Mapping[Any, Any], floor: int, money: str) -> str:
    """Say that a word is new since last quarter, how many lines have it, and what it was taken for.

    Examples
    --------
    >>> row = {"column": "kind", "word": "gift", "taken_for": "sale", "by": "not known", "lines": 8, "customers": 3}
    >>> new_word(row, 10, "80.00 EUR")[:79]
    "'(other words)' in kind is new since last quarter: lines of fewer than 10 custo"
    """
    much = (
        f"{row['lines']:,} lines over {money}"
        if row["customers"] >= floor
        else f"lines of fewer than {floor} customers"
    )
    what = f"'{shown(row, floor)}' in {row['column']} is new since last quarter"
    return f"{what}: {much} were taken for {row['taken_for']} ({row['by']})"
