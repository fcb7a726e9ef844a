"""What is said of the files of notebook 08: no few people are left of those who are contacted."""

from itertools import product

import pytest

from seglib.activation.handed_on import said, spread


@pytest.mark.parametrize(
    ("parts", "contacts", "vague"),
    [
        ([("email", (632, 17)), ("post", (49, 0)), ("email", (632, 17))], 705, {(0, 1), (2, 1)}),  # seven told nothing
        ([("email", (632, 17)), ("post", (49, 0))], 698, set()),  # nobody is left
        ([("email", (632, 17)), ("post", (49, 0))], 708, set()),  # ten are left
        ([("email", (632, 4)), ("post", (49, 0))], 685, {(1, 0)}),  # four are set aside
        ([("email", (632, 0)), ("post", (6, 0))], 638, {(0, 0)}),  # six get a letter
        ([("email", (632, 0)), ("email", (625, 0))], 632, {(1, 0)}),  # seven are in one of two files
        ([("email", (9, 0))], 9, set()),  # nothing is told at all
        ([], 5, set()),
    ],
)
def test_R19_a_number_is_vague_where_few_would_be_left(parts, contacts, vague):
    """The smallest number that is told, of each choice of one file for each purpose."""
    assert spread(parts, contacts, 10) == vague


@pytest.mark.parametrize("floor", [2, 5, 10])
def test_R19_a_range_holds_the_number_and_leaves_half_the_floor_open(floor):
    """From the floor on, for any number: at least half the floor between its ends, and the number within."""
    for count in range(floor, 300):
        low, high = map(int, said(count, floor, is_vague=True).split(" to "))

        assert floor <= low <= count <= high
        assert high - low >= (floor + 1) // 2


def test_R19_every_choice_of_files_leaves_nobody_many_or_a_range():
    """All numbers of two destinations and all totals: what is told exactly never leaves 1 to 4 where 5 is the floor."""
    for rows, aside, letters, more in product(range(0, 12, 3), (0, 2, 6), (0, 4, 7), range(6)):
        contacts = rows + aside + letters + more
        vague = spread([("email", (rows, aside)), ("post", (letters,))], contacts, 5)
        told = {place: n for place, n in (((0, 0), rows), ((0, 1), aside), ((1, 0), letters)) if n >= 5}

        assert vague <= told.keys()
        assert vague or not told or not 0 < contacts - sum(told.values()) < 5
