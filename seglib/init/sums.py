"""Arithmetic over the number columns of an export: price, quantity, discount and total, whatever their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pandas as pd

CENT = 0.011
NEARLY_ALL = 0.95
LEAST_TELLING = 2  # rows on which the equation is no matter of course
MOST_COLUMNS = 24
MOST_EXTRAS = 3  # of shipping, tax and the like in one total
PROBE_ROWS = 20_000
SURELY_MORE = 1e-9  # a discount must explain rows that price times quantity does not
SPARSE_SHARE = 0.2  # of the rows on which a discount of unknown name must be nothing
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equation:
    """Price times quantity, less a discount, is the total of the line.

    Parameters
    ----------
    price, quantity, total : str
        Columns of the file.
    discount : str
        Column that comes off; empty where none does.
    how : str
        What the discount is: ``line`` (money of the line), ``piece`` (money of each piece), ``share`` or ``percent``.
    share : float
        Share of the rows that meet, 0 to 1.
    rows : int
        Rows on which it could be tested.

    Examples
    --------
    >>> frame = pd.DataFrame({"p": [10.0, 20, 5], "n": [5.0, 2, 3], "sum": [50.0, 40, 15]})
    >>> [(e.price, e.quantity, e.total, e.share) for e in equations(frame)]
    [('p', 'n', 'sum', 1.0)]
    """

    price: str
    quantity: str
    total: str
    discount: str = ""
    how: str = ""
    share: float = 1.0
    rows: int = 0

    def text(self) -> str:
        """Write the equation as a sentence with its evidence."""
        less = {
            "": "",
            "line": f" less '{self.discount}'",
            "piece": f" less '{self.discount}' for each piece",
            "share": f" less the share '{self.discount}'",
            "percent": f" less '{self.discount}' per cent",
        }[self.how]
        met = "all" if self.share == 1 else f"{self.share:.1%}"
        return f"'{self.price}' times '{self.quantity}'{less} is '{self.total}' on {met} of {self.rows:,} rows"


def equations(frame: pd.DataFrame, discounts: Collection[str] = (), never: Collection[str] = ()) -> list[Equation]:
    """Find the equations that nearly every row meets, over all number columns.

    Parameters
    ----------
    frame : DataFrame
        One column per number column, missing where a cell is blank.
    discounts : collection of str
        Columns whose names say that they are discounts.
    never : collection of str
        Columns whose names say that they are taxes, fees, costs or profits: no discounts.
    """
    frame = frame.iloc[:PROBE_ROWS, :MOST_COLUMNS]
    names = [name for name in names_of(frame) if frame[name].abs().max() > 0]
    values = {name: frame[name].to_numpy(float) for name in names}
    found: list[Equation] = []
    for one, two in combinations(names, 2):
        money = values[one] * values[two]
        telling = ~np.isnan(money) & (np.abs(money) > CENT) & _no_matter(values[one]) & _no_matter(values[two])
        if telling.sum() < LEAST_TELLING:
            continue
        price, quantity = _which(one, two, values)
        for total in names:
            if total not in (one, two):
                found += _line(price, quantity, total, values, money, telling, discounts, never)
    return sorted(found, key=lambda e: (e.how == "", -e.share))


def names_of(frame: pd.DataFrame) -> list[str]:
    """List the columns of a frame, whose names are texts."""
    return [str(name) for name in frame]


def _no_matter(factor: Numbers) -> npt.NDArray[np.bool_]:
    """Rows on which a factor changes the product."""
    return ~np.isin(factor, (0.0, 1.0, -1.0))


def _which(one: str, two: str, values: Mapping[str, Numbers]) -> tuple[str, str]:
    """Price and quantity of two factors: pieces are whole numbers, and the smaller ones where both are whole."""
    whole = {name: bool(np.all(np.mod(values[name][~np.isnan(values[name])], 1) == 0)) for name in (one, two)}
    if whole[one] != whole[two]:
        return (two, one) if whole[one] else (one, two)
    smaller = np.nanmedian(np.abs(values[one])) < np.nanmedian(np.abs(values[two]))
    return (two, one) if smaller else (one, two)


def _line(
    price: str,
    quantity: str,
    total: str,
    values: Mapping[str, Numbers],
    money: Numbers,
    telling: npt.NDArray[np.bool_],
    discounts: Collection[str],
    never: Collection[str],
) -> list[Equation]:
    """The equation of one product and one total, plain or with a discount."""
    wanted = values[total]
    plain, rows = _met(money, wanted, telling)
    found = [Equation(price, quantity, total, share=plain, rows=rows)] if plain >= NEARLY_ALL else []
    if plain == 1:
        return found
    for name, off in values.items():
        if name in (price, quantity, total) or name in never:
            continue
        known = name in discounts
        off = np.abs(np.nan_to_num(off))
        if not known and (off == 0).mean() < SPARSE_SHARE:
            continue
        forms = {"line": off, "piece": off * values[quantity], "share": money * off, "percent": money * off / 100}
        for how, less in forms.items():
            is_share = how in ("share", "percent")
            if is_share and (off.max() > (1 if how == "share" else 100) or (not known and how == "percent")):
                continue
            some = telling & (np.abs(money - less) > CENT)  # where all comes off, nothing is told
            share, rows = _met(money - less, wanted, some & (off > 0))
            every, all_rows = _met(money - less, wanted, some)
            if rows >= LEAST_TELLING and share >= NEARLY_ALL and every >= max(NEARLY_ALL, plain + SURELY_MORE):
                found.append(Equation(price, quantity, total, name, how, every, all_rows))
                break
    return found


def _met(made: Numbers, wanted: Numbers, telling: npt.NDArray[np.bool_]) -> tuple[float, int]:
    rows = telling & ~np.isnan(made) & ~np.isnan(wanted)
    count = int(rows.sum())
    if count < LEAST_TELLING:
        return 0.0, count
    return float((np.abs(made[rows] - wanted[rows]) <= CENT).mean()), count


@dataclass(frozen=True)
class OrderSum:
    """How the lines of an order make a total that stands once per order.

    Parameters
    ----------
    total : str
        Column of the total.
    discount : str
        How the discount enters: ``line`` (the lines' discounts are added), ``order_repeated`` (it stands on each line
        and counts once), ``share``, or ``included`` (the lines meet the total without it).
    extras : tuple of str
        Columns that are in the total and are no goods: shipping, tax.
    share : float
        Share of the orders with a discount that meet.
    orders : int
        Orders on which it could be tested.
    """

    total: str
    discount: str
    extras: tuple[str, ...]
    share: float
    orders: int


def order_sum(
    frame: pd.DataFrame,
    order: pd.Series[str],
    line: str,
    discount: str,
    totals: Collection[str],
    extras: Collection[str],
) -> OrderSum | None:
    """Find out how lines and a discount make the total of an order.

    Parameters
    ----------
    frame : DataFrame
        Number columns.
    order : Series of str
        Order number of each row.
    line : str
        Column with the list money of each line.
    discount : str
        Column of the discount; empty where there is none.
    totals, extras : collection of str
        Columns that stand once per order: its totals, and what is no goods.

    Returns
    -------
    OrderSum or None
        None where no total is met by nearly all orders, and by nearly all of those with a discount.
    """
    ways, telling = _ways(frame, order, line, discount)
    once = once_each(frame[[*dict.fromkeys([*totals, *extras])]], order, extras)  # a name may say both: Montant TVA
    found = []
    for total, size in product(totals, range(min(len(extras), MOST_EXTRAS) + 1)):
        for added in combinations(extras, size):
            rest = once[total] - once[list(added)].fillna(0).sum(axis=1)
            known, tested = rest.notna(), telling & rest.notna()
            if (
                not tested.any()
                or total in added
                or known.sum() < LEAST_TELLING
                or (added and not (once[list(added)] != 0).any(axis=None))
            ):
                continue
            for how, made in ways.items():
                met = (made - rest).abs() <= CENT
                if met[known].mean() >= NEARLY_ALL:
                    found.append(OrderSum(total, how, added, float(met[tested].mean()), int(tested.sum())))
    sound = [one for one in found if one.share >= NEARLY_ALL]  # a subtotal before discounts is met without them as well
    return max(sound, key=lambda s: (s.discount != "included", s.share, -len(s.extras)), default=None)


def once_each(frame: pd.DataFrame, order: pd.Series[str], extras: Collection[str]) -> pd.DataFrame:
    """One row for each order: what stands once or is repeated, and the sum of extras that are told line by line."""
    each = frame.groupby(order)
    once, kinds = each.first(), each.nunique()
    told = [name for name in extras if (kinds[name] > 1).any()]
    return once.assign(**{name: each[name].sum() for name in told})


def _ways(
    frame: pd.DataFrame, order: pd.Series[str], line: str, discount: str
) -> tuple[dict[str, pd.Series[float]], pd.Series[bool]]:
    """What an order would come to under each reading of its discount, and the orders that tell them apart."""
    parts = pd.DataFrame({"list": frame[line].fillna(0)})
    parts["off"] = frame[discount].abs().fillna(0) if discount else 0.0
    parts["shared"] = parts["list"] * parts["off"]
    summed, most = parts.groupby(order).sum(), parts["off"].groupby(order).max()
    if not discount:
        return {"included": summed["list"]}, summed["list"].abs() > CENT
    ways = {"line": summed["list"] - summed["off"], "order_repeated": summed["list"] - most, "included": summed["list"]}
    if most.max() <= 1:
        ways["share"] = summed["list"] - summed["shared"]
    return ways, most > 0


def steadier(cost: pd.Series[float], price: pd.Series[float], quantity: pd.Series[float]) -> str | None:
    """Whether a cost goes with the price of a piece or with the money of a line; None where nothing decides.

    Examples
    --------
    >>> steadier(pd.Series([6.0, 12.0, 6.0]), pd.Series([10.0, 20.0, 10.0]), pd.Series([5.0, 2.0, 3.0]))
    'piece'
    """
    rows = (cost > 0) & (price > 0) & (quantity > 0)
    if (rows & (quantity != 1)).sum() < LEAST_TELLING:
        return None
    piece = np.log(cost[rows] / price[rows]).std()
    line = np.log(cost[rows] / (price[rows] * quantity[rows])).std()
    if abs(piece - line) < 0.05 * max(piece, line, 1e-9):
        return None
    return "piece" if piece < line else "line"
