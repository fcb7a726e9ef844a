"""Blank cells stay unknown, whatever else is shown."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from seglib.methods.disclosure import blanked, follows


def random_table(seed: int) -> pd.DataFrame:
    """Draw a table with some small cells."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 7)), int(rng.integers(2, 5)))
    return pd.DataFrame(rng.choice([0, 2, 7, 15, 40, 90], size=shape, p=[0.1, 0.1, 0.1, 0.2, 0.3, 0.2]))


def ranges(counts: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Width of what a linear programme can say of each blank cell from the totals, when cells may be any number."""
    rows, columns = np.nonzero(hidden)
    sums = np.vstack([rows == r for r in range(counts.shape[0])] + [columns == c for c in range(counts.shape[1])])
    totals = sums @ counts[rows, columns]
    width = []
    for cell in range(len(rows)):
        ends = [
            linprog(sign * np.eye(len(rows))[cell], A_eq=sums, b_eq=totals, bounds=(-1e6, 1e6)).fun for sign in (1, -1)
        ]
        width.append(-ends[1] - ends[0])
    return np.array(width)


def check(seed: int) -> None:
    counts = random_table(seed)
    shown = blanked(counts, 10)
    hidden = shown.isna().to_numpy()

    assert hidden[(counts.to_numpy() > 0) & (counts.to_numpy() < 10)].all()
    assert not hidden.any() or (ranges(counts.to_numpy(), hidden) > 1).all()


def test_R17_no_blank_cell_follows_from_the_totals() -> None:
    """25 random tables against a linear programme: each blank cell could be another number."""
    for seed in range(25):
        check(seed)


@pytest.mark.long
def test_R17_over_a_thousand_tables() -> None:
    """The same over 1,000 tables."""
    for seed in range(1000):
        check(seed)


def test_tables_without_small_counts_stay_as_they_are() -> None:
    """Zeros and large counts are shown."""
    counts = pd.DataFrame({"a": [0, 20], "b": [30, 40]})

    assert blanked(counts, 10).equals(counts.astype("Int64"))


def test_a_single_blank_cell_is_exposed_and_four_are_not() -> None:
    """One unknown in a row is the total minus the rest; a square of unknowns is open."""
    one, square = np.zeros((3, 3), dtype=bool), np.zeros((3, 3), dtype=bool)
    one[0, 0] = square[:2, :2] = True

    assert follows(one)[0, 0]
    assert not follows(square).any()
