"""Discounts that are written as per cent of a price, where no other column says them in money."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from seglib.init.figures import is_of, level, line_money, order_key, percent
from seglib.init.guess import Guess
from seglib.init.names import in_full, words
from seglib.init.sums import CENT, LEAST_TELLING, MOST_EXTRAS, NEARLY_ALL, names_of, once_each

SPOKEN = ("percent", "pct", "prozent", "porcentaje", "pourcentage", "percentuale", "procent")


def percent_off(made: Guess, frame: pd.DataFrame) -> Guess:
    """Take a discount in per cent, where the lines less it, with tax, are a total; else say how much it may be.

    Parameters
    ----------
    made : Guess
        Price, quantity and the discount in money are decided.
    frame : DataFrame
        The number columns.
    """
    if "discount" in made.columns or not {"unit_price", "amount"} & {*made.columns}:
        return made
    used = {part for name in made.columns.values() for part in made.lists.get(name, (name,))}
    for name in (one for one in names_of(frame) if one not in used and is_percent(one)):
        share = frame[name].fillna(0)
        if not share.between(0, 100).all() or not (share > CENT).any() or share.max() <= 1:
            continue
        return _met(made, frame, name, used) or _not_proven(made, frame, name)
    return made


def is_percent(name: str) -> bool:
    """Whether a name says a discount and per cent.

    Examples
    --------
    >>> is_percent("Rabatt in %"), is_percent("Discount Amount"), is_percent("Tax %")
    (True, False, False)
    """
    spoken = in_full(name)
    is_discount = any(word in spoken for word in words()["coupon_words"])
    return is_discount and ("%" in name or any(word in spoken for word in SPOKEN))


def _met(made: Guess, frame: pd.DataFrame, name: str, used: set[str]) -> Guess | None:
    """The discount, where nearly every line less it meets a total, with columns of tax and the like."""
    share = frame[name].fillna(0)
    left = line_money(made) * (1 - share / 100)
    extras = [one for one in names_of(frame) if is_of(one, "extras") and frame[one].abs().max() > 0]
    order = order_key(made)
    for total in (one for one in names_of(frame) if one not in {name, *used, *extras}):
        for size in range(min(len(extras), MOST_EXTRAS) + 1):
            for added in combinations(extras, size):
                met = (left + frame[list(added)].fillna(0).sum(axis=1) - frame[total]).abs() <= CENT
                rows = left.notna() & frame[total].notna()
                told = rows & (share > CENT)
                if level(frame[total], order) == "order_repeated":
                    met, rows, told = _by_order(left, frame, total, added, share, order)
                if told.sum() >= LEAST_TELLING and min(met[told].mean(), met[rows].mean()) >= NEARLY_ALL:
                    more = "".join(f" and '{one}'" for one in added)
                    said = f"the lines less '{name}' per cent{more} are '{total}' on {percent(float(met[rows].mean()))}"
                    said = f"'{name}' is a share of the line's money and comes off: {said} of {int(rows.sum()):,}"
                    return made.with_columns({"discount": name}).ruled("discount", "share", said)
    return None


def _by_order(
    left: pd.Series[float],
    frame: pd.DataFrame,
    total: str,
    added: tuple[str, ...],
    share: pd.Series[float],
    order: pd.Series[str],
) -> tuple[pd.Series[bool], pd.Series[bool], pd.Series[bool]]:
    """Which orders meet a total that their lines repeat, which can be tested, and which of these tell."""
    once = once_each(frame[[*dict.fromkeys([total, *added])]], order, added)
    lines, off = left.fillna(0).groupby(order), share.groupby(order).max()
    gap = lines.sum() + once[list(added)].fillna(0).sum(axis=1) - once[total]
    rows = once[total].notna()
    return gap.abs() <= CENT * lines.size(), rows, rows & (off > CENT)


def _not_proven(made: Guess, frame: pd.DataFrame, name: str) -> Guess:
    """Take it off a price, which is mostly before it, and off no total; say how much money it is about."""
    share = frame[name].fillna(0)
    money = (line_money(made).fillna(0).abs() * share / 100).sum()
    said = f"'{name}' is up to {share.max():g} per cent on {int((share > CENT).sum()):,} rows, {money:,.2f} in all"
    if "unit_price" in made.columns:
        doubt = f"{said}, and comes off '{made.columns['unit_price']}'; no total of the file proves it"
        return made.with_columns({"discount": name}, unsure=doubt).ruled("discount", "share")
    do = f'if the money is before it, --column discount="{name}" takes it off'
    return made.with_columns({}, unsure=f"{said}, and is not read: {do}")
