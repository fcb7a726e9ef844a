"""Rows that are the sum of other rows: a sale, its lines and its payments in one table, told apart by a column."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pandas as pd

from seglib.init.figures import line_money, order_key, percent
from seglib.init.guess import Guess
from seglib.init.kinds import decided
from seglib.init.looks import Look
from seglib.init.sums import CENT, NEARLY_ALL

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
        known = decided(made) if taken else {}
        counting = ~kinds.isin([kind for kind, meaning in known.items() if meaning == "ignore"])
        found = _sum_and_lines(money[counting], order[counting], kinds[counting])
        if found is None:
            continue
        total, lines, share, orders = found
        said = f"by '{name}' the rows '{total}' are the sums of the rows '{lines}' in {percent(share)} of {orders:,} "
        columns = {key: None for key, one in made.columns.items() if one == name and key != "kind"}
        made = made.with_columns({**columns, "kind": name}, f"{said}orders, so they are left out (rules.kinds)")
        again = _repeating(money[counting], order[counting], kinds[counting], total, lines)
        if again:
            told = ", ".join(f"'{kind}'" for kind in again)
            made = made.with_columns({}, f"rows of the kind {told} repeat the money of their order: left out as well")
        ignored = dict.fromkeys([total, *again], "ignore")
        return made.ruled("kinds", {**known, **ignored, lines: "sale"})
    return made


def without_sums(made: Guess) -> tuple[Guess, Guess]:
    """Take the rows that are sums or payments of others away before money is looked at, since they hide what it is.

    Returns
    -------
    Guess and Guess
        The guess on the rows that are left, and that which says what was left out; both the same where nothing was.
    """
    if made.known is not None and made.known.names("kind"):
        return made, made
    told = sums_of_others(made)
    if told is made:
        return made, made
    ignored = [kind for kind, meaning in decided(told).items() if meaning == "ignore"]
    rows = ~told.looks[told.columns["kind"]].values.isin(ignored)
    looks = {name: Look(name, look.values[rows], look.mark) for name, look in made.looks.items()}
    columns = {field: name for field, name in made.columns.items() if name != told.columns["kind"]}
    return replace(made, looks=looks, columns=columns), told


def with_sums(made: Guess, told: Guess) -> Guess:
    """Put what was left out by `without_sums` into the rules."""
    name = told.columns.get("kind")
    if name is None or made.columns.get("kind", name) != name or not decided(told):
        return made
    said = tuple(sentence for sentence in told.understood if sentence not in made.understood)
    both = replace(made.with_columns({"kind": name}), understood=(*made.understood, *said))
    return both.ruled("kinds", {**decided(told), **decided(made)})


def _repeating(
    money: pd.Series[float], order: pd.Series[str], kinds: pd.Series[str], total: str, lines: str
) -> list[str]:
    """Further kinds whose rows come, order by order, to the same money as its lines: payments of it."""
    each = money.groupby([order, kinds]).sum().unstack()
    others = [str(kind) for kind in each if kind not in (total, lines)]
    met = {
        kind: ((each[kind] - each[lines]).abs() <= CENT)[each[kind].notna() & each[lines].notna()] for kind in others
    }
    return [kind for kind in others if len(met[kind]) >= LEAST_ORDERS and met[kind].mean() >= NEARLY_ALL]


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
