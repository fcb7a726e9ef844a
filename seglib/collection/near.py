"""Which numbers of customers are so near to others that stand on the same page that few would follow."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.core.intake.rules import KEPT


def near(counts: pd.Series[int], told: Sequence[int], floor: int) -> pd.Series[bool]:
    """Say of each number of customers whether it differs by few from one of those that stand there in any case.

    Parameters
    ----------
    counts : Series of int
        Missing where nothing is shown.
    told : sequence of int
    floor : int
        Smallest number of customers that may be told.

    Examples
    --------
    >>> near(pd.Series([150, 146, 60]), [146], 10).tolist()
    [True, False, False]
    """
    known = counts.astype("Int64").fillna(0)
    return pd.concat([(known - other).abs().between(1, floor - 1) for other in told], axis=1).any(axis=1)


def standing(consents: pd.DataFrame, waterfall: pd.DataFrame) -> list[int]:
    """Give the numbers that page 02 tells in any case: how many customers there are, and how many of them bought."""
    people = int(consents.groupby("purpose")["customers"].sum().max()) if len(consents) else 0
    return [people, int(waterfall.set_index("rule")["customers"][KEPT])]
