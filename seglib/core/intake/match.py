"""Which purchase a refund undoes: by reference, else the latest earlier one of that amount, or with so much left."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

KEY = ["source_file", "source_line"]


@dataclass(frozen=True)
class Matched:
    """How refunds found their purchases.

    Parameters
    ----------
    pieces : DataFrame
        source_file, source_line (of the purchase), money_minor (what came back of it, more than 0), ordered_at (of the
        refund): several rows for a purchase that came back in parts.
    alone : DataFrame
        source_file, source_line (of the refund), rest_minor: refunds, or what is left of them, without a purchase.
    above_minor, above_count : int
        Money and number of refunds of a known order above what it brought: shipping, tax.
    """

    pieces: pd.DataFrame
    alone: pd.DataFrame
    above_minor: int
    above_count: int


@dataclass
class _Line:
    """A purchase line and how much of it is left."""

    key: tuple[str, int]
    order: tuple[str, str]
    at: pd.Timestamp
    product: str
    left: int
    price: int | None
    is_undone: bool
    is_kept: bool


class _Purchases:
    """Purchase lines by order, by customer and article, and by exact amount; the latest last."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.of_order: dict[tuple[str, str], list[_Line]] = defaultdict(list)
        self.of_customer: dict[str, list[_Line]] = defaultdict(list)
        self.of_article: dict[tuple[str, str], list[_Line]] = defaultdict(list)
        self.same_amount: dict[tuple[str, str, int], list[_Line]] = defaultdict(list)
        self.same_total: dict[tuple[str, int], list[list[_Line]]] = defaultdict(list)
        rows: Any = frame.sort_values(["ordered_at", "order_id", "product", "money_minor", *KEY]).itertuples(
            index=False
        )
        for row in rows:
            order, key = (row.customer, row.order_id), (row.source_file, row.source_line)
            facts = (row.ordered_at, row.product, row.money_minor, _price(row))
            line = _Line(key, order, *facts, row.is_undone, row.is_kept)
            self.of_order[order].append(line)
            self.of_customer[row.customer].append(line)
            self.of_article[row.customer, row.product].append(line)
            for product in {row.product, ""}:
                self.same_amount[row.customer, product, row.money_minor].append(line)
        for (customer, _), lines in self.of_order.items():
            self.same_total[customer, sum(line.left for line in lines)].append(lines)
        self.articles = {product for _, product in self.of_article if product}

    def in_order(self, order: tuple[str, str], product: str, money: int) -> list[_Line]:
        """Lines of one order: those of the article first, then those of the same amount."""
        return sorted(self.of_order.get(order, []), key=lambda one: (one.product != product, one.left != money))

    def earlier(self, row: Any) -> list[_Line]:
        """Lines of earlier orders of the customer, those to be tried first at the beginning."""
        same = self.same_amount.get((row.customer, row.product, row.money_minor), [])
        for lines in ([line for line in same if line.is_undone], same if row.product in self.articles else []):
            for line in _latest_first(lines, row.ordered_at):
                if line.left == row.money_minor:
                    return [line]
        if row.product in self.articles:
            return self._of_the_article(row)
        return self._of_the_amount(row)

    def _of_the_article(self, row: Any) -> list[_Line]:
        lines = self.of_article.get((row.customer, row.product), [])
        enough = row.money_minor - _rounding(row.units)
        price = _price(row)
        for alike in ([line for line in lines if price is not None and line.price == price], lines):
            for line in _latest_first(alike, row.ordered_at):
                if line.left and line.left >= enough:
                    return [line]
        return [line for line in _latest_first(lines, row.ordered_at) if line.left]

    def _of_the_amount(self, row: Any) -> list[_Line]:
        whole = self.same_total.get((row.customer, row.money_minor), [])
        same = self.same_amount.get((row.customer, "", row.money_minor), [])
        for place in range(bisect_right(whole, row.ordered_at, key=lambda lines: lines[0].at) - 1, -1, -1):
            if sum(line.left for line in whole[place]) == row.money_minor:
                return whole[place]
        for line in _latest_first(same, row.ordered_at):
            if line.left == row.money_minor:
                return [line]
        lines, seen = self.of_customer.get(row.customer, []), set[tuple[str, str]]()
        for line in _latest_first(lines, row.ordered_at):
            order = [] if line.order in seen else self.of_order[line.order]
            seen.add(line.order)
            if sum(one.left for one in order) >= row.money_minor:
                return sorted(order, key=lambda one: -one.left)
        return []


def _price(row: Any) -> int | None:
    """The price of one piece in whole minor units; None where the number of pieces is not known."""
    units = 0.0 if row.units is None or pd.isna(row.units) else float(row.units)
    return round(row.money_minor / units) if units else None


def _latest_first(lines: list[_Line], until: pd.Timestamp) -> Iterator[_Line]:
    """Go back from the last line that is not later."""
    for place in range(bisect_right(lines, until, key=lambda one: one.at) - 1, -1, -1):
        yield lines[place]


def matched(refunds: pd.DataFrame, purchases: pd.DataFrame) -> Matched:
    """Find the purchase lines that refunds undo.

    Parameters
    ----------
    refunds : DataFrame
        customer, order_id, ordered_at, product (``""`` where none is named), money_minor (more than 0), reference (an
        order, or missing), units, source_file, source_line.
    purchases : DataFrame
        The same but for reference; and is_undone (its order is marked as refunded), is_kept.

    Returns
    -------
    Matched
        A refund belongs to the order that it names, else to the lines of its own order, else to the latest earlier
        purchase of the same customer and article of which so much is left. Of these, the latest that brought exactly as
        much comes first (before all, one whose order is marked as refunded), then the latest at the same price. A
        refund without an article that is ever sold belongs to the latest earlier order, or line, of the customer that
        brought exactly as much, else to the latest of which so much is left.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-05-01", "2026-05-02", "2026-05-09"])
    >>> rows = pd.DataFrame({"customer": "ann", "order_id": ["A", "B", "C"], "ordered_at": day, "product": "tea"})
    >>> rows = rows.assign(source_file="o.csv", source_line=[2, 3, 4], money_minor=[500, 200, 300])
    >>> bought = rows[:2].assign(is_undone=False, is_kept=True, units=1)
    >>> matched(rows[2:].assign(reference=None, units=1), bought).pieces[["source_line", "money_minor"]].values.tolist()
    [[2, 300]]
    """
    known = _Purchases(purchases)
    pieces: list[tuple[str, int, int, pd.Timestamp]] = []
    alone: list[tuple[str, int, int]] = []
    above: list[int] = []
    rows: Any = refunds.sort_values(["ordered_at", "order_id", "product", "money_minor", *KEY]).itertuples(index=False)
    for row in rows:
        named = isinstance(row.reference, str) and bool(row.reference)
        order = known.in_order((row.customer, row.reference if named else row.order_id), row.product, row.money_minor)
        rest = row.money_minor
        for line in order if order or named else known.earlier(row):
            part = min(rest, line.left)
            line.left, rest = line.left - part, rest - part
            pieces += [(*line.key, part, row.ordered_at)] if part and line.is_kept else []
        if rest and order:
            above.append(rest)
        elif rest == row.money_minor or rest > _rounding(row.units):
            alone += [(row.source_file, row.source_line, rest)] if rest else []
    whole = {"source_file": "str", "source_line": "int64"}
    return Matched(
        pd.DataFrame(pieces, columns=[*KEY, "money_minor", "ordered_at"]).astype({**whole, "money_minor": "int64"}),
        pd.DataFrame(alone, columns=[*KEY, "rest_minor"]).astype({**whole, "rest_minor": "int64"}),
        sum(above),
        len(above),
    )


def _rounding(units: Any) -> int:
    """What rounding the price of one piece may add up to, in the smallest unit of money.

    Examples
    --------
    >>> _rounding(52), _rounding(None)
    (27, 1)
    """
    return 1 if units is None or pd.isna(units) else int(float(units) / 2) + 1
