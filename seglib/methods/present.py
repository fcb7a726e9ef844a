"""Frames for people: readable heads, shares in percent, an interval in one column, nothing where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from seglib.core.steady import steady_number
from seglib.methods.kpis import written

Write = Callable[[float], str]
Head = str | tuple[str, Write]


def percent(share: float) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(0.8921), percent(1.0)
    ('89.2%', '100.0%')
    """
    return f"{steady_number(share):.1%}"


def whole_percent(share: float) -> str:
    """Write a share without digits after the point; what is something is never called nothing, nor nearly all all.

    Examples
    --------
    >>> whole_percent(0.004), whole_percent(0.0), whole_percent(0.384), whole_percent(0.998)
    ('under 1%', '0%', '38%', 'over 99%')
    """
    said = f"{steady_number(share):.0%}"
    return "under 1%" if said == "0%" and share > 0 else "over 99%" if said == "100%" and share < 1 else said


def after_name(name: str, sentence: str) -> str:
    """Leave out the name that a sentence begins with, its colon and the blank: what is said of it.

    Parameters
    ----------
    name : str
        The name itself may hold colons, so that the sentence alone does not tell where it ends.
    sentence : str

    Examples
    --------
    >>> after_name("VIP: gold", "VIP: gold: no control.")
    'no control.'
    """
    return sentence[len(name) + len(": ") :]


def points(share: float) -> str:
    """Write a difference of two shares in percentage points.

    Examples
    --------
    >>> points(0.123)
    '+12.3 points'
    """
    return f"{steady_number(100 * share):+.1f} points"


def whole(count: float) -> str:
    """Write a count.

    Examples
    --------
    >>> whole(1803.0)
    '1,803'
    """
    return f"{steady_number(count):,.0f}"


def amount(money: float) -> str:
    """Write an amount in main units; from a thousand on without the small change.

    Examples
    --------
    >>> amount(24.449), amount(12345.6), amount(-0.001)
    ('24.45', '12,346', '0.00')
    """
    money = steady_number(money)
    written = f"{money:,.0f}" if abs(money) >= 1000 else f"{money:,.2f}"
    return written.lstrip("-") if not float(written.replace(",", "")) else written


def plain_number(value: float) -> str:
    """Write a number with as many digits as a reader needs.

    Examples
    --------
    >>> plain_number(1230.0), plain_number(3.0), plain_number(2.6789), plain_number(0.0423)
    ('1,230', '3', '2.68', '0.04')
    """
    value = steady_number(value)
    return f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.2f}"


def chance(p_value: float) -> str:
    """Write a p value.

    Examples
    --------
    >>> chance(0.0421), chance(1e-9)
    ('0.042', '< 0.001')
    """
    p_value = steady_number(p_value)
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def yes(flag: float) -> str:
    """Write a yes or no.

    Examples
    --------
    >>> yes(True), yes(False)
    ('yes', 'no')
    """
    return "yes" if flag else "no"


def spans(frame: pd.DataFrame, write: Write, low: str = "low", high: str = "high") -> list[str]:
    """Write the two ends of an interval in one text, "" where one is unknown.

    Examples
    --------
    >>> spans(pd.DataFrame({"low": [0.1, None], "high": [0.2, None]}), percent)
    ['10.0% to 20.0%', '']
    """
    ends = zip(frame[low], frame[high], strict=True)
    return ["" if pd.isna(a) or pd.isna(b) else f"{write(a)} to {write(b)}" for a, b in ends]


def shown(values: Iterable[float], write: Write) -> list[str]:
    """Write values, and "not shown" for those that are kept back.

    Examples
    --------
    >>> shown([1234.0, math.nan], whole)
    ['1,234', 'not shown']
    """
    return ["not shown" if pd.isna(value) else write(value) for value in values]


def present(frame: pd.DataFrame, heads: Mapping[str, Head]) -> pd.DataFrame:
    """Choose columns, give them readable heads, and write their values as a reader expects them.

    Parameters
    ----------
    frame : DataFrame
    heads : mapping from column to its head, or to a pair of its head and the function that writes a value
        In the order in which they are to be shown.

    Returns
    -------
    DataFrame
        Same rows, counted from 0; written columns are text, "" where a value is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["A", "B"], "share": [0.25, None], "n": [3, 4]})
    >>> present(rows, {"name": "segment", "share": ("share of customers", percent)}).to_dict("list")
    {'segment': ['A', 'B'], 'share of customers': ['25.0%', '']}
    """
    shown = {}
    for column, head in heads.items():
        if isinstance(head, str):
            shown[head] = frame[column].to_list()
        else:
            shown[head[0]] = ["" if pd.isna(value) else head[1](value) for value in frame[column]]
    return pd.DataFrame(shown)


def or_say(frame: pd.DataFrame, sentence: str) -> pd.DataFrame | str:
    """Give a frame, or the sentence where it has no rows.

    Examples
    --------
    >>> or_say(pd.DataFrame({"channel": []}), "No channel was tried.")
    'No channel was tried.'
    """
    return frame if len(frame) else sentence


def spoken(values: Iterable[float], units: Iterable[str], currency: str = "") -> list[str]:
    """Write values for a table, each with its own unit; "" where a value is missing.

    Examples
    --------
    >>> spoken([0.5, 12.0, math.nan], ["share", "money", "share"], "GBP")
    ['50.0%', '12.00 GBP', '']
    """
    pairs = zip(values, units, strict=True)
    return ["" if math.isnan(value) else written(value, unit, currency).strip() for value, unit in pairs]


def spoken_spans(frame: pd.DataFrame, currency: str = "") -> list[str]:
    """Write the intervals of a frame with low, high and unit; "" where there is none.

    Examples
    --------
    >>> spoken_spans(pd.DataFrame({"low": [0.5, math.nan], "high": [0.6, math.nan], "unit": "share"}))
    ['50.0% to 60.0%', '']
    """
    low, high = (spoken(frame[end], frame["unit"], currency) for end in ("low", "high"))
    return [f"{a} to {b}" if a and b else "" for a, b in zip(low, high, strict=True)]
