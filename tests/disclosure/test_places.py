"""Places: every name stands for enough people, and nobody vanishes."""

import numpy as np
import pandas as pd
import pytest

from seglib.disclosure.places import ELSEWHERE, UNKNOWN, back_off


def places(*rows):
    return pd.DataFrame(rows, columns=["country", "region", "city", "customers"])


def test_a_small_town_goes_to_its_region_then_to_its_country():
    """Ulm is too small alone, its region has enough with Aalen; Kiel's region has not."""
    rows = places(
        ("Germany", "South", "Bonn", 20), ("Germany", "South", "Ulm", 4), ("Germany", "South", "Aalen", 7),
        ("Germany", "North", "Kiel", 9), ("Germany", None, None, 3),
    )  # fmt: skip

    assert back_off(rows, 10).tolist() == [
        "Bonn, South, Germany", "rest of South, Germany", "rest of South, Germany",
        "rest of Germany", "rest of Germany",
    ]  # fmt: skip


def test_cities_of_one_name_stay_apart():
    """London in two countries."""
    rows = places(("Canada", "Ontario", "London", 12), ("UK", "England", "London", 30))

    assert back_off(rows, 10).nunique() == 2


def test_who_has_no_place_stays_unknown():
    """Unknown joins no place, and no known place becomes unknown."""
    rows = places(("Peru", "Lima", "Lima", 12), (None, None, None, 50), ("Chile", None, None, 2))

    assert back_off(rows, 10).tolist() == [ELSEWHERE, UNKNOWN, ELSEWHERE]


def test_too_few_in_all_places_together_are_unknown():
    """Five people in two places."""
    assert set(back_off(places(("Peru", "Lima", "Lima", 3), ("Chile", None, None, 2)), 10)) == {UNKNOWN}


def test_at_most_so_many_cities_are_named():
    """The two largest of four; the rest are in the region."""
    rows = places(*[("Peru", "North", city, n) for city, n in zip("abcd", (40, 30, 20, 11), strict=True)])

    assert sorted(set(back_off(rows, 10, most=2))) == ["a, North, Peru", "b, North, Peru", "rest of North, Peru"]


@pytest.mark.parametrize("seed", range(25))
def test_C2_no_name_stands_for_fewer_than_the_floor(seed: int):
    """Random maps: each name but unknown has at least ten customers."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 60))
    word = lambda letters: np.where(rng.random(n) < 0.15, None, rng.choice(list(letters), n))  # noqa: E731  # one line per column reads better
    frame = pd.DataFrame({"country": word("AB"), "region": word("cdef"), "city": word("uvwxyz")}).drop_duplicates()
    frame = frame.assign(customers=rng.geometric(0.12, len(frame)))
    size = frame["customers"].groupby(back_off(frame, 10)).sum()
    placed = frame[frame[["country", "region", "city"]].notna().any(axis=1)]["customers"].sum()

    assert size.drop(UNKNOWN, errors="ignore").min() >= 10 or placed < 10
    assert size.sum() == frame["customers"].sum()
    assert placed < 10 or size.drop(UNKNOWN, errors="ignore").sum() == placed
