"""Exports in which only the first row of an order says which order it is: the rows below leave that blank."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.init.looks import Look
from seglib.init.names import rank
from seglib.init.sniff import Sniffed
from seglib.init.systems import Known

TOTAL_OF = re.compile(
    r"(?i)^(?:sub)?(?:total|summe|gesamt|totaal|totale|suma|somme)(?: for| of| für| de| pour| di| van)? ?:? ?"
)
LEAST_GROUPS, MOSTLY = 3, 0.8
OF_THE_ORDER = ("order_id", "customer_id", "ordered_at", "status", "currency", "channel", "country", "region", "city")


def refuse_groups(sniffed: Sniffed, label: str) -> None:
    """Refuse a report in groups: a name on a line of its own, its rows below, and a line with their sum.

    Raises
    ------
    InputRefused
        Saying how to export the same rows, each with its customer.
    """
    cells = pd.DataFrame({name: ~_blank(look.values) for name, look in sniffed.looks.items()})
    filled = cells.sum(axis=1)
    for name, look in sniffed.looks.items():
        heads = cells[name]
        names = look.values[heads].str.strip()
        totals = names.str.contains(TOTAL_OF).astype(bool)
        if totals.sum() < LEAST_GROUPS or heads.all() or filled[~heads].median() <= 2 * filled[heads].median():
            continue
        groups = {*names[~totals]}
        if (names[totals].str.replace(TOTAL_OF, "", regex=True).isin(groups)).mean() < MOSTLY:
            continue
        what = f"a report in groups: '{name}' stands on a line of its own above its rows, and a line of totals below"
        do = f"export it as a list, with '{name}' on each row: in QuickBooks customize the report, add the column "
        do += "Customer, group by none, and leave out totals"
        raise InputRefused(Finding("F07", what, label, 1, found=", ".join(sniffed.looks)[:300], do=do))


def filled_down(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Fill what belongs to an order on the rows below its first one.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file, its rows in their order.
    known : Known or None
        The system whose export it is.

    Returns
    -------
    Sniffed
        The same where no column numbers orders so; else with `grouped`: columns that are filled, the number first.
    """
    looks = sniffed.looks
    for name in [n for n, look in looks.items() if _is(n, "order_id", known) and _heads(look)]:
        below = _blank(looks[name].values)
        said_once = [
            n for n, look in looks.items() if not look.values[~below].isna().all() and _blank(look.values[below]).all()
        ]
        fields = {field: [n for n in said_once if _is(n, field, known)] for field in OF_THE_ORDER}
        is_timed = any(looks[n].dates for n in fields["ordered_at"])
        if not fields["customer_id"] or not is_timed or len(said_once) == len(looks):
            continue
        names = dict.fromkeys([name, *(n for field in OF_THE_ORDER for n in fields[field])])
        filled = {n: Look(n, _down(looks[n].values, ~below), looks[n].mark) for n in names}
        said = (
            f"'{name}' stands on the first row of each order; {int(below.sum()):,} rows below belong to the order above"
        )
        said += " and take its customer and time (fill_down)"
        more = (*sniffed.understood, said)
        return replace(sniffed, looks={**looks, **filled}, grouped=tuple(names), understood=more)
    return _timed_once(sniffed, known)


def _timed_once(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Fill the time, and what else only the first row of an order tells, where each row says its order's number."""
    looks = sniffed.looks
    numbers = [n for n, look in looks.items() if _is(n, "order_id", known) and not _blank(look.values).any()]
    for name in [n for n, look in looks.items() if _is(n, "ordered_at", known) and look.dates is not None]:
        below = _blank(looks[name].values)
        if not below.any() or below.iloc[0] or not numbers:
            continue
        order = looks[numbers[0]].values
        if (below & (order != order.shift())).any() or (~below & (order == order.shift())).any():
            continue  # a blank time belongs to the row above only where that is of the same order
        fields = [f for f in OF_THE_ORDER[1:] if f != "ordered_at"]
        more = [n for f in fields for n, look in looks.items() if _is(n, f, known) and _once(look, below)]
        names = dict.fromkeys([name, *more])
        filled = {n: Look(n, _down(looks[n].values, ~below), looks[n].mark) for n in names}
        said = f"'{name}' stands on the first row of each order; {int(below.sum()):,} rows below take it from there"
        understood = (*sniffed.understood, f"{said} (fill_down)")
        return replace(sniffed, looks={**looks, **filled}, grouped=tuple(names), understood=understood)
    return sniffed


def _once(look: Look, below: pd.Series[bool]) -> bool:
    """Whether a column is blank on all rows below the first of their order, and not above."""
    return bool(_blank(look.values[below]).all() and not look.values[~below].isna().all())


def _is(name: str, field: str, known: Known | None) -> bool:
    return rank(name, field) is not None or (known is not None and name in known.names(field))


def _blank(values: pd.Series[str]) -> pd.Series[bool]:
    return values.isna() | (values.str.strip() == "").fillna(False)


def _heads(look: Look) -> bool:
    """Whether a column numbers the first rows of orders: filled at the top, blank below, no number twice."""
    below = _blank(look.values)
    return bool(below.any() and not below.iloc[0] and len(look.filled) > 1 and not look.filled.duplicated().any())


def _down(values: pd.Series[str], heads: pd.Series[bool]) -> pd.Series[str]:
    """Values of the row above that is the first of its order; a first row keeps what it has."""
    above = values.where(heads).groupby(heads.cumsum()).transform("first")
    return values.where(heads | ~_blank(values), above).astype("str")
