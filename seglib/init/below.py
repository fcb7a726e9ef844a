"""A total that is too small for a discount to be in the goods already, whatever else it holds."""

from __future__ import annotations

import pandas as pd

from seglib.init.figures import is_of, named
from seglib.init.sums import names_of

SURE, OFTEN = 0.95, 0.5  # shares of the rows with a discount
MOST_BESIDE, CENT = 0.3, 0.011  # what a total may hold beside goods and shipping, as a share of them
FEWEST = 3


def total_below(frame: pd.DataFrame, goods: str, off: str) -> str | None:
    """Find a total that only goods less their discount can lead to.

    Marketplaces collect tax that no column says, so that nothing adds up to the cent. Goods that the discount had left
    already would make the total, with shipping, at least as large as they are.

    Parameters
    ----------
    frame : DataFrame
        The number columns.
    goods, off : str
        Column of the goods and of the discount.

    Returns
    -------
    str or None
        Column of the total; None where none decides.

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [20.0, 40, 10], "discount": [5.0, 10, 2], "shipping": [4.0, 0, 3]})
    >>> total_below(rows.assign(total=[20.5, 31, 11.4]), "value", "discount")
    'total'
    >>> total_below(rows.assign(total=[24.0, 40, 13]), "value", "discount") is None
    True
    """
    rows = frame[frame[off].abs() > 0]
    if len(rows) < FEWEST:
        return None
    extras = [name for name in names_of(frame) if is_of(name, "extras")]
    shipping = sum((rows[n].abs().fillna(0) for n in extras if "ship" in n.lower()), pd.Series(0.0, rows.index))
    for total in (name for name in named(names_of(frame), "amount") if name not in (goods, off, *extras)):
        least = rows[goods] - rows[off].abs() + shipping
        fits = (rows[total] >= least - CENT) & (rows[total] <= least * (1 + MOST_BESIDE) + CENT)
        too_small = rows[total] < rows[goods] + shipping - CENT
        if fits.mean() >= SURE and too_small.mean() >= OFTEN:
            return total
    return None
