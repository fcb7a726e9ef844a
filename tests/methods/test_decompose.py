"""A change shared out exactly."""

from fractions import Fraction

import numpy as np
import pandas as pd

from seglib.evaluation.revenue import decompose
from seglib.methods.decompose import shares_of_change


def test_K1_parts_of_a_change_add_up_exactly() -> None:
    """A hundred random products: no remainder, not even a tiny one."""
    draw = np.random.default_rng(0)
    for before, now in draw.integers(0, 1000, size=(100, 2, 3)):
        a, b = ([Fraction(int(v), 7) for v in side] for side in (before, now))

        assert sum(shares_of_change(a, b)) == b[0] * b[1] * b[2] - a[0] * a[1] * a[2]


def test_a_factor_that_does_not_change_has_no_part() -> None:
    """Only the second factor moved."""
    assert shares_of_change([Fraction(2), Fraction(3)], [Fraction(2), Fraction(5)]) == [0, 4]


def test_K1_revenue_is_the_product_and_its_change_the_sum() -> None:
    """Seven pence among three factors: whole pence that add up."""
    found = decompose({"a": (3, 7, 1000), "b": (5, 8, 1007)}, 100).set_index("part")

    assert found["a"].tolist() == [3.0, 7 / 3, 10 / 7, 10.0]
    assert found["change_minor"].iloc[:3].sum() == found["change_minor"].iloc[3] == 7


def test_a_quarter_without_orders_has_no_parts() -> None:
    """There is no order value to compare with."""
    found = decompose({"a": (0, 0, 0), "b": (5, 8, 1007)}, 100)["change_minor"]

    assert found.isna().tolist() == [True, True, True, False]
    assert pd.isna(found[0]) and found[3] == 1007
