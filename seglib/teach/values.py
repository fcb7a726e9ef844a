"""Answers as plain values, and how far one is from the right one, in words that do not tell it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.core.errors import Finding, InputRefused

KINDS = "a number, a word, a list, a dict, a Series or a DataFrame"
NEAR = (
    (0.02, "by less than 2 %"),
    (0.1, "by less than a tenth"),
    (0.5, "by less than half"),
    (1.0, "by up to all of it"),
)
PER_CENT_NEAR = 0.01
NAMED = 3  # so many wrong entries are named; of more, the first


@dataclass(frozen=True)
class Gap:
    """How far an answer is from the right one.

    Parameters
    ----------
    same : bool
    words : str
        Never holds the right value.
    """

    same: bool
    words: str = ""


def plain(value: Any) -> Any:
    """Write an answer as JSON can hold it; tables become one entry per cell, sets become sorted lists.

    Parameters
    ----------
    value : number, word, list, set, dict, Series, DataFrame or array

    Raises
    ------
    InputRefused
        P03, for anything else.

    Examples
    --------
    >>> plain(pd.Series({"C1": 3.0, "C2": float("nan")}))
    {'C1': 3.0, 'C2': None}
    >>> plain(pd.DataFrame({"low": [0.1]}, index=["A"]))
    {'A | low': 0.1}
    >>> plain(print)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P03 an answer must be a number, a word, a list, a dict, a Series or ...
    """
    if isinstance(value, pd.DataFrame):
        cells = value.to_dict(orient="index")
        return {
            f"{_key(row)} | {_key(name)}": plain(cell) for row, each in cells.items() for name, cell in each.items()
        }
    if isinstance(value, pd.Series):
        return {_key(name): plain(cell) for name, cell in value.items()}
    if isinstance(value, Mapping):
        return {_key(name): plain(cell) for name, cell in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, list | tuple | pd.Index | np.ndarray):
        return [plain(each) for each in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    found = type(value).__name__
    raise InputRefused(Finding("P03", f"an answer must be {KINDS}", found=found, do="assign the value itself"))


def _key(value: Any) -> str:
    if isinstance(value, tuple):
        return " | ".join(_key(each) for each in value)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def gap(given: Any, right: Any, within: float = 1e-6, about: float = 0.0) -> Gap:
    """Compare two plain values.

    Parameters
    ----------
    given, right : plain values
        As `plain` writes them.
    within : float
        Relative distance of numbers that still counts as equal.
    about : float
        Absolute distance that still counts as equal.

    Examples
    --------
    >>> gap(0.52, 0.5, within=0.01)
    Gap(same=False, words='too high, by less than a tenth')
    >>> gap(52.0, 0.52).words
    'about 100 times too high: per cent in the place of a share?'
    >>> gap({"C1": 3, "C2": 4}, {"C1": 3, "C2": 5}).words
    '1 of 2 entries are right, C2 is not'
    >>> gap(["a", "b"], ["a", "c"]).words
    '1 of 2 are found, 1 too many'
    """
    if isinstance(right, dict):
        return _tables(given, right, within, about)
    if isinstance(right, list):
        return _lists(given, right)
    if isinstance(right, bool | str) or right is None:
        same = given == right and isinstance(given, bool) == isinstance(right, bool)
        return Gap(same, "" if same else "not this one")
    return _numbers(given, right, within, about)


def _numbers(given: Any, right: float, within: float, about: float) -> Gap:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return Gap(False, f"a number is wanted (got {_kind(given)})")
    off = abs(given - right)
    if off <= max(within * abs(right), about, 1e-9):
        return Gap(True)
    if given * right < 0:
        return Gap(False, "the sign is wrong")
    if abs(right) <= 1 and math.isclose(given, 100 * right, rel_tol=PER_CENT_NEAR):
        return Gap(False, "about 100 times too high: per cent in the place of a share?")
    side = "too high" if given > right else "too low"
    share = off / abs(right) if right else math.inf
    return Gap(False, f"{side}, {next((words for limit, words in NEAR if share < limit), 'by a multiple')}")


def _tables(given: Any, right: dict[str, Any], within: float, about: float) -> Gap:
    if not isinstance(given, dict):
        return Gap(False, f"a Series, a DataFrame or a dict is wanted (got {_kind(given)})")
    wrong = [name for name, value in right.items() if name in given and not gap(given[name], value, within, about).same]
    good = len(right.keys() & given.keys()) - len(wrong)
    missing, extra = len(right.keys() - given.keys()), len(given.keys() - right.keys())
    if good == len(right) and not extra:
        return Gap(True)
    words = [f"{good} of {len(right)} entries are right"]
    words += [f"{missing} are missing"] if missing else []
    words += [f"{extra} too many"] if extra else []
    words += [_first_wrong(wrong)] if wrong and not (missing or extra) else []
    return Gap(False, ", ".join(filter(None, words)))


def _first_wrong(names: list[str]) -> str:
    """Say where to look first; of a choice by number, which a name would tell by leaving out, nothing."""
    if all(name.isdigit() for name in names):
        return ""
    if len(names) > NAMED:
        return f"the first that is not: {names[0]}"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not"


def _lists(given: Any, right: list[Any]) -> Gap:
    if not isinstance(given, list):
        return Gap(False, f"a list or a set is wanted (got {_kind(given)})")
    there, wanted = {str(each) for each in given}, {str(each) for each in right}
    if there == wanted:
        return Gap(True)
    extra = len(there - wanted)
    return Gap(False, f"{len(there & wanted)} of {len(wanted)} are found" + (f", {extra} too many" if extra else ""))


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {"dict": "a table", "list": "a list", "str": "a word", "bool": "True or False"}.get(
        type(value).__name__, "a number"
    )
