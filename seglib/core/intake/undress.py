"""Numbers written for people become plain numbers, where the plan says which signs and separators to take off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from seglib.core.engine import Table, trimmed
from seglib.core.sections import Csv

SPACES = " \u00a0\u202f"


def undressed(table: Table, names: Sequence[str], csv: Csv) -> Table:
    """Take declared currency signs, thousands separators and the marks of negative amounts off numbers.

    What does not look exactly like such a number stays as it is, so that the checks that follow refuse it.

    Parameters
    ----------
    table : Table
        Text columns.
    names : sequence of str
        Columns that hold numbers.
    csv : Csv
        The plan's decimal mark, thousands separator, signs, and how amounts below zero are written.
    """
    if not (csv.signs or csv.thousands or csv.negative != "before"):
        return table
    return table.mutate(**{name: _plain(table[name], csv) for name in names})


def _plain(text: Any, csv: Csv) -> Any:
    sign = "(" + "|".join(re.escape(sign) for sign in csv.signs) + ")?" if csv.signs else ""
    mark, between = re.escape(csv.decimal), re.escape(csv.thousands or "")
    whole = rf"(\d+|\d{{1,3}}({between}\d{{3}})+)" if csv.thousands else r"\d+"
    number = rf"[+-]?{sign}[{SPACES}]*[+-]?{whole}({mark}\d*)?[{SPACES}]*{sign}"
    bare = trimmed(text)
    if csv.negative == "after":
        bare = bare.re_replace(rf"^([^-]*[0-9][^-]*?)[{SPACES}]*-$", r"-\1")
    inside = bare.re_replace(r"^\((.*)\)$", r"-\1")
    digits = inside
    for taken in (*csv.signs, csv.thousands or "", *SPACES):
        digits = digits.replace(taken, "") if taken else digits
    return (bare.re_search(rf"^({number}|\({number}\))$")).ifelse(digits, text)
