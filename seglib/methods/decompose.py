"""A change of a product, shared out exactly among its factors."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from math import factorial


def shares_of_change(before: Sequence[Fraction], now: Sequence[Fraction]) -> list[Fraction]:
    """Share out the change of a product among its factors, without a remainder.

    Parameters
    ----------
    before, now : sequence of Fraction
        Value of each factor, in the same order.

    Returns
    -------
    list of Fraction
        One part per factor, in the unit of the product; they add up to the change exactly.

    Notes
    -----
    The mean over all orders in which the factors can change one after the other: Shapley (1953), A value for n-person
    games; for products Sun (1998), Ecological Economics 25, 141-151, "jointly created and equally distributed".

    Examples
    --------
    >>> parts = shares_of_change([Fraction(10), Fraction(2)], [Fraction(12), Fraction(3)])
    >>> [float(part) for part in parts], float(sum(parts)) == 12 * 3 - 10 * 2
    ([5.0, 11.0], True)
    """
    parts = [Fraction(0)] * len(before)
    for order in permutations(range(len(before))):
        values = list(before)
        for place in order:
            at_first = _product(values)
            values[place] = now[place]
            parts[place] += _product(values) - at_first
    return [part / factorial(len(before)) for part in parts]


def _product(values: Sequence[Fraction]) -> Fraction:
    total = Fraction(1)
    for value in values:
        total *= value
    return total
