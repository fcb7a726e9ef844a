"""Small cells are hidden, and nobody can compute them from what is shown."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from seglib.disclosure.small_cells import determined, in_rows, ranges, suppress

FLOOR = 10


def moves(seed: int, small_exit: bool) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Draw a migration table of five segments with entry and exit, and the sums that are not published."""
    rng = np.random.default_rng(seed)
    cells = rng.poisson(rng.gamma(0.4, 20, size=(6, 6))).astype(float) + np.diag([*rng.integers(50, 400, 5), 0])
    if small_exit:
        cells[:5, 5] = rng.integers(0, 2, 5)
    cells[5, 5] = np.nan
    names = [*"ABCDE"]
    table = pd.DataFrame(cells, [*names, "new"], [*names, "left"])
    few = any(0 < total < FLOOR for total in (table.loc["new"].sum(), table["left"].sum()))
    return table, ["new"] if few else [], ["left"] if few else []


def widths(
    table: pd.DataFrame, hidden: pd.DataFrame, rows: list[str], columns: list[str], floor: int = FLOOR
) -> list[float]:
    """Attack: the width of what linear programming leaves possible for each small cell, given all that is shown."""
    cells, blank = table.to_numpy(), hidden.to_numpy()
    where = np.argwhere(blank)
    low, high = (side.to_numpy()[blank] for side in ranges(table, hidden, floor))
    sums, totals = [], []
    for axis, labels, unpublished in ((0, table.index, rows), (1, table.columns, columns)):
        for place, label in enumerate(labels):
            if label not in unpublished:
                sums.append((where[:, axis] == place).astype(float))
                totals.append(cells[blank & (np.indices(cells.shape)[axis] == place)].sum())
    found = []
    for number in np.flatnonzero((cells[blank] > 0) & (cells[blank] < floor)):
        aim = np.eye(len(where))[number]
        ends = [linprog(s * aim, A_eq=sums, b_eq=totals, bounds=list(zip(low, high, strict=True))).fun for s in (1, -1)]
        found.append(-ends[1] - ends[0])
    return found


def attack(seeds: range) -> tuple[list[float], list[float]]:
    """Give the widths over many tables, half of them with very few who left; apart, those of tables all hidden."""
    found: tuple[list[float], list[float]] = ([], [])
    for seed in seeds:
        table, rows, columns = moves(seed, small_exit=seed % 2 == 0)
        hidden = suppress(table, FLOOR, rows, columns)
        found[bool((hidden | table.isna()).all(axis=None))].extend(widths(table, hidden, rows, columns))
    return found


def test_R16_no_small_cell_can_be_computed_back() -> None:
    """In ten tables with all their sums, each small cell stays unknown by at least half the floor."""
    found, _ = attack(range(10))

    assert len(found) > 50
    assert min(found) >= FLOOR / 2 - 1e-6


@pytest.mark.forms(3)
@pytest.mark.parametrize("floor", [3, 5, 7, 9, 10])
def test_R16_no_small_cell_of_a_little_table_can_be_computed_back(floor: int) -> None:
    """Half the floor stays unknown at odd floors too, where the middle of what is small has less on either side."""
    rng, found = np.random.default_rng(floor), []
    for _ in range(60):
        small = rng.random((3, 3)) < 0.5
        table = pd.DataFrame(np.where(small, rng.integers(0, floor, (3, 3)), rng.integers(0, 60, (3, 3))).astype(float))
        hidden = suppress(table, floor)
        if not hidden.all(axis=None):
            found += widths(table, hidden, [], [], floor)

    assert len(found) > 30
    assert min(found) >= (floor + 1) // 2 - 1e-6


def test_an_odd_floor_does_not_hide_a_whole_table() -> None:
    """At floor 7 a cell of 3 moves two to either side, so that four cells protect it and not all six."""
    hidden = suppress(pd.DataFrame({"A": [3, 4], "B": [90, 70], "C": [80, 60]}), 7)

    assert hidden.to_numpy().tolist() == [[True, False, True], [True, False, True]]


@pytest.mark.long
def test_R16_no_small_cell_can_be_computed_back_in_200_tables() -> None:
    """The same attack on 200 tables; where all cells are hidden, the sums alone may tell more, but no exact count."""
    found, all_hidden = attack(range(200))

    assert min(found) >= FLOOR / 2 - 1e-6
    assert min(all_hidden) > 1
    assert len(all_hidden) < 0.15 * len(found)


def test_the_attack_succeeds_without_complementary_suppression() -> None:
    """Hiding only the small cell of a table hides nothing: its row gives it away."""
    table = pd.DataFrame({"A": [90.0, 3], "B": [30.0, 50]}, index=["A", "B"])

    assert widths(table, table < FLOOR, [], []) == [0.0]
    assert widths(table, suppress(table, FLOOR), [], [])[0] >= 5


def test_a_table_without_small_cells_is_shown_whole() -> None:
    """Zeros and large cells are no secret."""
    table = pd.DataFrame({"A": [90, 0], "B": [30, 50]})

    assert not suppress(table, FLOOR).any(axis=None)


def test_a_sum_is_told_only_if_it_follows_from_the_shown_ones() -> None:
    """The moves out of A follow from its row; those out of A and into B alone do not."""
    hidden = pd.DataFrame({"A": [False, True, True], "B": [True, True, False], "C": [True, False, True]})
    row, cell = (pd.DataFrame(False, hidden.index, hidden.columns) for _ in range(2))
    row.loc[0, ["B", "C"]] = True
    cell.loc[0, "B"] = True

    assert determined(hidden, row)
    assert not determined(hidden, cell)
    assert not determined(hidden, row, open_rows=[0], open_columns=["A"])


def test_ranges_hold_the_count_with_room_on_both_sides() -> None:
    """At least half the floor to either side of a large cell; it is known to reach the floor."""
    counts = pd.DataFrame([np.arange(10, 60)])
    low, high = ranges(counts, counts > 30, FLOOR)

    assert (counts - low).iloc[0, 5:].min() >= 5
    assert low.min(axis=None) == FLOOR
    assert (high - counts >= 5).all(axis=None)


def test_a_table_that_cannot_protect_a_cell_shows_no_range() -> None:
    """One small cell, nothing to hide it behind: all cells are hidden, and large ones only reach the floor."""
    table = pd.DataFrame({"A": [3.0, 12]})
    hidden = suppress(table, FLOOR)

    assert hidden.all(axis=None)
    assert ranges(table, hidden, FLOOR)[1].to_numpy().tolist() == [[9.0], [np.inf]]


def test_R16_in_500_rows_whose_sum_is_told_no_small_cell_is_shown_or_follows():
    """Told cells reach the floor; the hidden ones hold the floor together, or are all that the row has."""
    rng = np.random.default_rng(16)
    for _ in range(500):
        row = pd.DataFrame({"row": 1, "customers": rng.choice([0, 1, 3, 7, 9, 10, 12, 40, 300], rng.integers(2, 7))})
        hidden = in_rows(row, ["row"], 10)
        kept, gone = row.loc[~hidden, "customers"], row.loc[hidden, "customers"]

        assert ((kept == 0) | (kept >= 10)).all()
        assert gone.empty or gone.sum() >= 10 or not kept.any()
