"""What stands beside the goods: shipping and tax in a total, and the tax in what was given back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product

import pandas as pd

from seglib.core.delivered import TAX
from seglib.init.figures import discounts_of, is_of, level, line_money, named, order_key, percent
from seglib.init.guess import Guess
from seglib.init.looks import Look
from seglib.init.names import BRACKETS, counted
from seglib.init.sums import CENT, LEAST_TELLING, MOST_EXTRAS, NEARLY_ALL, names_of

MOSTLY = 0.5  # of the orders that no unseen discount touches
ALIKE = 0.02  # shares of orders that are taken as equal
THE_LINES = " lines of the order"
TOGETHER = " and "


@dataclass(frozen=True)
class Charged:
    """A total that holds extras: less these it is the goods, on most orders what another column says.

    Parameters
    ----------
    total, goods : str
        Columns of the file.
    extras : tuple of str
        Columns that the total holds beside the goods.
    share : float
        Share of the orders on which the total less the extras is `goods`; on the others it is less.
    gap : float
        Money by which it is less, in all.
    """

    total: str
    goods: str
    extras: tuple[str, ...]
    share: float
    gap: float


def charged(
    frame: pd.DataFrame, amounts: Collection[str], extras: Collection[str], which: str = "", least: int = 1
) -> Charged | None:
    """Find a total that is goods and extras on most orders and less on the others: a discount that no column says.

    Parameters
    ----------
    frame : DataFrame
        Number columns, one row for each order.
    amounts, extras : collection of str
        Totals, and columns that are no goods.
    which : str
        The only total that is looked at; empty for all.
    least : int
        Number of extras that a total must hold; with 0 it may be the goods alone.

    Returns
    -------
    Charged or None
        Of equal findings the one whose goods are least, since tax is never goods.

    Examples
    --------
    >>> frame = pd.DataFrame({"sub": [20.0, 30, 50, 10], "post": [4.9, 0, 4.9, 4.9], "total": [24.9, 27, 54.9, 14.9]})
    >>> found = charged(frame, ["sub", "total"], ["post"])
    >>> found.total, found.extras, found.share, found.gap
    ('total', ('post',), 0.75, 3.0)
    """
    found: list[tuple[float, Charged]] = []
    for goods, total in [pair for pair in permutations(amounts, 2) if which in ("", pair[1])]:
        for size in range(least, min(len(extras), MOST_EXTRAS) + 1):
            for added in combinations(extras, size):
                rest = frame[total] - frame[list(added)].fillna(0).sum(axis=1)
                gap = (frame[goods] - rest)[frame[goods].notna() & rest.notna()]
                used = all((frame[name].fillna(0) != 0).any() for name in added)
                if len(gap) < LEAST_TELLING or not used or ((gap < -CENT) | (rest < -CENT)).mean() > 1 - NEARLY_ALL:
                    continue
                share = float((gap.abs() <= CENT).mean())
                if share >= MOSTLY and (gap > CENT).any():
                    told = Charged(total, goods, added, share, round(float(gap.clip(lower=0).sum()), 2))
                    found.append((float(rest.sum()), told))
    best = max((one.share for _, one in found), default=0.0)
    alike = [(money, len(one.extras), one) for money, one in found if one.share >= best - ALIKE]
    return min(alike, key=lambda each: each[:2])[2] if alike else None


def less_extras(
    made: Guess, single: pd.DataFrame, amounts: Sequence[str], extras: Sequence[str], total: str = ""
) -> Guess | None:
    """Take a total less what it holds beside the goods, where an unseen discount keeps the subtotal from being it."""
    found = charged(single, amounts, [name for name in extras if name not in amounts], total)
    if found is None:
        return None
    less = TOGETHER.join(f"'{name}'" for name in found.extras)
    said = f"'{found.total}' less {less} is '{found.goods}' on {percent(found.share)} of {len(single):,} orders"
    doubt = f"{said} and less on the others, by {found.gap:,.2f} together: a discount that no column says. So"
    made = made.with_columns({"amount": found.total}, unsure=f"{doubt} '{found.total}' less {less} counts as goods")
    return several(made, "amount_extras", found.extras)


def several(made: Guess, field: str, names: Sequence[str]) -> Guess:
    """Let columns of the file add up to one of the contract."""
    if len(names) == 1:
        return made.with_columns({field: names[0]})
    joined = TOGETHER.join(names)
    total = sum((made.looks[name].numbers.fillna(0) for name in names[1:]), made.looks[names[0]].numbers.fillna(0))
    looks = {**made.looks, joined: Look(joined, total.astype("str"))}
    return replace(made, looks=looks, lists={**made.lists, joined: tuple(names)}).with_columns({field: joined})


def tax_in_refunds(made: Guess, frame: pd.DataFrame, given: Mapping[str, str]) -> Guess:
    """Find tax that was charged beside the goods and given back with them: a refund is brought to its goods.

    Parameters
    ----------
    made : Guess
        With a column of refunded amounts, or without: then nothing changes.
    frame : DataFrame
        The number columns.
    given : mapping of str to str
        Columns that the user named.
    """
    name = made.columns.get("refunded")
    if name is None or "refunded_tax" in given:
        return made
    frame = frame if name in frame else frame.assign(**{name: made.looks[name].numbers})
    order = order_key(made)
    once = frame.groupby(order).first()
    once[THE_LINES] = _goods_of(made, order)
    taxes = [n for n in names_of(frame) if is_of(n, "extras") and TAX.search(BRACKETS.sub("", n)) and n != name]
    beside = [found for tax in taxes if (found := _beside(once, frame, tax, name))]
    if not beside:
        return made
    tax, total, goods = max(beside, key=lambda each: float(once[each[0]].sum()))
    if made.rules.get("refunded", "line") != "line" and level(frame[tax], order) != level(frame[name], order):
        return made
    back = once[name].abs().fillna(0)
    telling = (back > 0) & (once[tax] > CENT)
    whole = int(((back - once[total]).abs() <= CENT)[telling].sum())
    bare = int(((back - goods).abs() <= CENT)[telling].sum())
    told = made.known is not None and tax in made.known.names("refunded_tax")
    if not telling.any() or (bare and not whole):
        return made
    part = (back * once[tax] / once[total])[telling].sum()
    if not (whole or told):
        doubt = f"whether '{name}' holds tax is not to be seen: if it does, {part:,.2f} of it are no goods"
        return made.with_columns({}, unsure=f"{doubt} (name '{tax}' as refunded_tax)")
    why = f"on {counted(whole, 'order')} it is the whole '{total}'" if whole else "the documentation says so"
    said = f"'{name}' holds tax ({why}): the part of '{tax}', {part / back.sum():.1%} of what was given back, comes off"
    taxed = total if _on_all(once, tax, total, goods) else None
    return made.with_columns({"refunded_tax": tax, "refunded_taxed": taxed}, said)


def _goods_of(made: Guess, order: pd.Series[str]) -> pd.Series[float]:
    """What each order charged for its lines, after discounts and without what the amount holds beside the goods."""
    lines = line_money(made).fillna(0)
    if made.once_per_order:
        lines = lines.where(~order.duplicated(), 0.0)
    extras = made.look("amount_extras")
    if extras is not None:
        lines = lines - extras.numbers.fillna(0).where(lines != 0, 0.0)
    off, way = made.look("discount"), made.rules.get("discount", "line")
    sums = lines.groupby(order).sum()
    if off is None or way in ("included", "share"):
        return sums
    each = off.numbers.abs().fillna(0).groupby(order)
    return sums - (each.max() if way == "order_repeated" else each.sum())


def unseen_discount(made: Guess, frame: pd.DataFrame) -> Guess:
    """Say where the totals of orders are less than their lines, with shipping and tax: a discount that no column says.

    Parameters
    ----------
    made : Guess
        The columns of money are decided.
    frame : DataFrame
        The number columns.
    """
    order = order_key(made)
    if made.once_per_order or "unit_price" not in made.columns or not order.duplicated().any():
        return made
    extras = [name for name in names_of(frame) if is_of(name, "extras")]
    once = frame.groupby(order).first().assign(**{THE_LINES: _goods_of(made, order)})
    totals = [name for name in named(names_of(frame), "amount") if name not in made.columns.values()]
    for total in (name for name in totals if level(frame[name], order) != "line"):
        found = charged(once, [THE_LINES, total], extras, total, least=0)
        if found is not None:
            less = TOGETHER.join(f"'{name}'" for name in found.extras)
            met = f"is what the lines come to on {percent(found.share)} of {len(once):,} orders"
            said = f"'{total}' less {less} {met}" if less else f"'{total}' {met}"
            doubt = f"{said} and less on the others, by {found.gap:,.2f} together: a discount that no column says. "
            return made.with_columns({}, unsure=f"{doubt}Take it off in the export, or give the lines after it")
    return made


def _beside(
    once: pd.DataFrame, frame: pd.DataFrame, tax: str, refunded: str
) -> tuple[str, str, pd.Series[float]] | None:
    """The total to which goods, shipping and a tax lead, on the orders that have it, and the goods."""
    rows = once[tax].fillna(0) > CENT
    names = names_of(frame)
    amounts = [n for n in named(names, "amount") if n not in (tax, refunded)]
    offs = [n for n in discounts_of(names) if n not in (tax, refunded)]
    extras = [n for n in names if is_of(n, "extras") and n not in (tax, refunded) and once[n].abs().max() > 0]
    if rows.sum() < LEAST_TELLING:
        return None
    best: tuple[float, str, pd.Series[float]] | None = None
    pairs = [*(((THE_LINES, total), "") for total in amounts), *product(permutations(amounts, 2), ["", *offs])]
    for (goods, total), off in pairs:
        less = once[off].abs().fillna(0) if off else 0.0
        for size in range(min(len(extras), 2) + 1):
            for added in combinations(extras, size):
                sold = once[goods] - less
                made_of = sold + once[list(added)].fillna(0).sum(axis=1) + once[tax].fillna(0)
                share = float(((made_of - once[total]).abs() <= CENT)[rows].mean())
                if share >= 1 - 2 * (1 - NEARLY_ALL) and (best is None or share > best[0] + CENT):
                    best = share, total, sold
    return None if best is None else (tax, best[1], best[2])


def _on_all(once: pd.DataFrame, tax: str, total: str, goods: pd.Series[float]) -> bool:
    """Whether a tax is on shipping as well: then one rate of the whole total explains it on more orders."""
    rows = (once[tax].fillna(0) > CENT) & (goods > CENT) & (once[total] > once[tax])
    charged_tax, whole, alone = once[tax][rows], (once[total] - once[tax])[rows], goods[rows]
    met = [int(((base * (charged_tax / base).median() - charged_tax).abs() <= CENT).sum()) for base in (whole, alone)]
    if met[0] != met[1]:  # one rate for nearly all orders: the base to which it belongs
        return met[0] > met[1]
    return float((charged_tax / whole).std()) < float((charged_tax / alone).std())
