"""Rows that are the sum of other rows: a sale, its lines and its payments in one table, told apart by a column."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pandas as pd

from seglib.core.start.figures import line_money, order_key, percent
from seglib.core.start.guess import Guess
from seglib.core.start.looks import Look
from seglib.core.start.sums import CENT, NEARLY_ALL

MOST_KINDS, LEAST_ORDERS = 8, 3


def sums_of_others(made: Guess) -> Guess:
    """Leave out the kind of rows whose money is, order by order, that of the rows of another kind.

    Parameters
    ----------
    made : Guess
        Order and money are known.

    Returns
    -------
    Guess
        With the column `kind` and the rule `kinds`, where an order is written as a sum and as its lines; else the same.
    """
    taken = made.columns.get("kind")
    if made.look("order_id") is None or made.once_per_order or not {"amount", "unit_price"} & {*made.columns}:
        return made
    money, order = line_money(made).round(4), order_key(made)
    for name in [taken] if taken else [name for name, look in made.looks.items() if _tells(look, made)]:
        kinds = made.looks[name].values
        given: Any = made.rules.get("kinds") or {}
        known: dict[str, str] = {**given} if taken else {}
        counting = ~kinds.isin([kind for kind, meaning in known.items() if meaning == "ignore"])
        found = _sum_and_lines(money[counting], order[counting], kinds[counting])
        if found is None:
            continue
        total, lines, share, orders = found
        said = f"by '{name}' the rows '{total}' are the sums of the rows '{lines}' in {percent(share)} of {orders:,} "
        columns = {key: None for key, one in made.columns.items() if one == name and key != "kind"}
        made = made.with_columns({**columns, "kind": name}, f"{said}orders, so they are left out (rules.kinds)")
        return replace(made, rules={**made.rules, "kinds": {**known, total: "ignore", lines: "sale"}})
    return made


def _tells(look: Look, made: Guess) -> bool:
    """Whether a column has a few words that may be kinds of rows."""
    is_other = look.name in [made.name(field) for field in ("order_id", "customer_id", "ordered_at")]
    return 2 <= len(look.unique) <= MOST_KINDS and not is_other and not look.is_number and look.dates is None


def _sum_and_lines(
    money: pd.Series[float], order: pd.Series[str], kinds: pd.Series[str]
) -> tuple[str, str, float, int] | None:
    """Two kinds of which one is, in nearly all orders that have both, the sum of the several rows of the other."""
    filled = money.notna() & (money != 0) & kinds.notna()
    each = money[filled].groupby([order[filled], kinds[filled]]).agg(["sum", "size"]).unstack()
    for total, lines in permutations(kinds[filled].unique(), 2):
        both = each[("size", total)].notna() & each[("size", lines)].notna()
        rows = each.loc[both]
        several = rows[("size", lines)] > 1
        if several.sum() < LEAST_ORDERS or (rows[("size", total)] > 1).mean() > 1 - NEARLY_ALL:
            continue
        met = (rows[("sum", total)] - rows[("sum", lines)]).abs() <= CENT * rows[("size", lines)]
        if met.mean() >= NEARLY_ALL and both.sum() >= NEARLY_ALL * each[("size", lines)].notna().sum():
            return str(total), str(lines), float(met.mean()), int(both.sum())
    return None
