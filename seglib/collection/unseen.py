"""Words of states and kinds that last quarter's orders did not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.intake.findings import Note, as_frame
from seglib.core.intake.told import new_word

if TYPE_CHECKING:
    from seglib.collection.collection import Collection

NEW = "check it with whoever runs the shop; rules.states and rules.kinds in plan.yml say what a word means"


def compared(today: Collection, before: Collection | None, money: Callable[[int], str]) -> Collection:
    """Find the states and kinds that are new since last quarter: each is a finding, and a sentence.

    Parameters
    ----------
    today, before : Collection
        This quarter's, and last quarter's where there is one.
    money : callable
        Writes minor units of the currency.
    """
    known = set() if before is None else {*zip(before.words["column"], before.words["word"], strict=True)}
    columns = {column for column, _ in known}
    rows = [row for row in today.words.to_dict("records") if row["column"] in columns and row["word"]]
    new = [row for row in rows if (row["column"], row["word"]) not in known]
    said = [new_word(row, today.floor, money(row["money_minor"])) for row in new]
    counts = [int(row["lines"]) if row["customers"] >= today.floor else 0 for row in new]
    noted = [Note("V32", what, "notice", "orders", n, do=NEW) for what, n in zip(said, counts, strict=True)]
    found = pd.concat([today.findings, as_frame(noted)], ignore_index=True) if noted else today.findings
    return replace(today, findings=found, new_words=tuple(f"{what}. {NEW.capitalize()}." for what in said))
