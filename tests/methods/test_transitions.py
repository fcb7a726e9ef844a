"""Migration between quarters on a handful of customers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.transitions import balance, check_adds_up, migration

PREVIOUS = pd.Series({"anna": "A", "ben": "A", "cleo": "B", "dora": "B"})
CURRENT = pd.Series({"ben": "A", "cleo": "A", "dora": "B", "emil": "B"})
VALUE_PREVIOUS = pd.Series({"anna": 100, "ben": 200, "cleo": 300, "dora": 400})
VALUE_CURRENT = pd.Series({"ben": 250, "cleo": 350, "emil": 50})
QUARTERS = (PREVIOUS, CURRENT, VALUE_PREVIOUS, VALUE_CURRENT)


def test_migration_counts_customers_and_money_of_every_move() -> None:
    """Anna left, Ben and Dora stayed, Cleo moved up, Emil is new."""
    table = migration(*QUARTERS)

    moves = table["from_segment"] + " to " + table["to_segment"]
    assert moves.tolist() == ["A to A", "A to left", "B to A", "B to B", "new to B"]
    assert table["customers_count"].tolist() == [1, 1, 1, 1, 1]
    assert table["value_previous_minor"].tolist() == [200, 100, 300, 400, 0]
    assert table["value_current_minor"].tolist() == [250, 0, 350, 0, 50]


def test_balance_leads_from_last_quarter_to_this_one() -> None:
    """Previous + new + moved in - moved out - left = now, and money likewise."""
    rows = balance(migration(*QUARTERS))

    assert rows.to_numpy()[0].tolist() == [2, 0, 1, 0, 1, 2, 300, 300, 600]
    assert rows.to_numpy()[1].tolist() == [2, 1, 0, 1, 0, 2, 700, -650, 50]


def test_random_quarters_add_up_exactly() -> None:
    """300 customers, four segments, money in cents: the check finds nothing and the totals are equal."""
    rng = np.random.default_rng(0)
    previous = pd.Series(rng.choice(list("ABCD"), 300), index=np.arange(300))
    current = pd.Series(rng.choice(list("ABCE"), 300), index=np.arange(100, 400))
    money = [pd.Series(rng.integers(-(10**6), 10**9, 300), index=side.index) for side in (previous, current)]
    table = migration(previous, current, *money)

    check_adds_up(table, previous, current, *money)

    assert table["value_previous_minor"].sum() == money[0].sum()
    assert table["value_current_minor"].sum() == money[1].sum()


@pytest.mark.parametrize("column", ["customers_count", "value_previous_minor", "value_current_minor"])
def test_one_cent_or_one_customer_too_many_is_found(column: str) -> None:
    """A table that was changed by 1 in its first row does not add up in A."""
    table = migration(*QUARTERS)
    wrong = table.assign(**{column: table[column] + (table.index == 0)})

    with pytest.raises(ValueError, match=r"does not add up in A$"):
        check_adds_up(wrong, *QUARTERS)


def test_a_forgotten_segment_is_found() -> None:
    """A table without the rows of B does not add up in B."""
    table = migration(*QUARTERS).query("from_segment != 'B' and to_segment != 'B'")

    with pytest.raises(ValueError, match=r"does not add up in .*B"):
        check_adds_up(table, *QUARTERS)


def test_V01_customer_twice_is_refused() -> None:
    """Nobody is in two segments, and the sentence does not show the customer."""
    twice: pd.Series[Any] = pd.concat([PREVIOUS, pd.Series({"anna": "B"})])

    with pytest.raises(InputRefused, match="SEG-V01 customer occurs twice") as refusal:
        migration(twice, *QUARTERS[1:])

    assert "anna" not in str(refusal.value)


def test_money_must_be_whole_minor_units() -> None:
    """Floats do not add up exactly."""
    with pytest.raises(ValueError, match="integers in minor units"):
        migration(PREVIOUS, CURRENT, VALUE_PREVIOUS / 2, VALUE_CURRENT)


def test_no_segment_may_be_called_new() -> None:
    """It could not be told from the customers who are new."""
    with pytest.raises(ValueError, match="none may be called 'new' or 'left'"):
        migration(PREVIOUS.replace("A", "new"), *QUARTERS[1:])
