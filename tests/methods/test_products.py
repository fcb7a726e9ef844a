"""Lists of products: by hand on three customers, and on planted habits."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.products import AFTER, MODELS, POPULAR, TOGETHER, best, shop, trial, winner

ITEMS = [f"i{n:02d}" for n in range(20)]


def named(seen, model, k=1):
    return [[seen.items[code] if code >= 0 else "" for code in row] for row in best(seen, model, k)]


def visits(rows):
    return pd.DataFrame(rows, columns=["customer", "ordered_on", "item"])


def test_the_three_ways_by_hand() -> None:
    """Cat bought tea last: most buyers own a lid, tea buyers own cups, and after tea came a pot."""
    rows = [("ann", 1, "tea"), ("ann", 1, "cup"), ("ann", 2, "pot"), ("bob", 1, "tea"), ("bob", 1, "cup")]
    rows += [(name, 1, "lid") for name in "defg"] + [("cat", 1, "tea")]
    seen = shop(visits(rows), ["cup", "lid", "pot", "tea"])
    place = list(seen.customers).index("cat")

    assert [named(seen, model)[place] for model in MODELS] == [["lid"], ["cup"], ["pot"]]


def test_nobody_is_shown_what_they_have() -> None:
    """Who bought everything gets an empty list, not a repetition."""
    seen = shop(visits([("ann", 1, "tea"), ("ann", 2, "cup"), ("bob", 1, "tea")]), ["cup", "tea"])

    assert named(seen, POPULAR, 2) == [["", ""], ["cup", ""]]


def test_the_order_of_rows_does_not_matter() -> None:
    """The same purchases shuffled give the same lists."""
    rows = planted(0)[0]
    first, second = shop(rows, ITEMS), shop(rows.sample(frac=1, random_state=1), ITEMS)

    assert (best(first, TOGETHER) == best(second, TOGETHER)).all()
    assert (best(first, AFTER) == best(second, AFTER)).all()


def planted(seed: int, taste: float = 0.9) -> tuple[pd.DataFrame, pd.DataFrame]:
    """400 customers with a taste for one of four shelves of five items; a share of purchases follows it."""
    rng = np.random.default_rng(seed)
    popular = np.linspace(2, 1, 20) / np.linspace(2, 1, 20).sum()

    def buy(shelf: int) -> str:
        return ITEMS[5 * shelf + rng.integers(5)] if rng.random() < taste else ITEMS[rng.choice(20, p=popular)]

    rows = [(f"c{n:03d}", day, buy(n % 4)) for n in range(400) for day in range(5)]
    frame = visits(rows).drop_duplicates()
    return frame[frame["ordered_on"] < 3], frame[frame["ordered_on"] >= 3][["customer", "item"]]


def test_planted_tastes_are_found_and_the_range_is_shown() -> None:
    """Shelves: what goes together hits far more often, and shows more of the range."""
    before, later = planted(0)
    tried = trial(shop(before, ITEMS), later).set_index("model")

    assert winner(tried.reset_index()) == TOGETHER
    assert tried.loc[TOGETHER, "hit_share"] > tried.loc[POPULAR, "hit_share"] + 0.2
    assert tried.loc[TOGETHER, "coverage_share"] > tried.loc[POPULAR, "coverage_share"]


def test_without_a_taste_what_sells_best_rarely_loses() -> None:
    """Popularity made the purchases: in at most one of ten shops another way is said to win."""
    winners = [winner(trial(shop(before, ITEMS), later)) for before, later in (planted(s, 0.0) for s in range(10))]

    assert winners.count(POPULAR) >= 9


def test_hits_are_counted_on_new_items_only() -> None:
    """Bob bought tea again and a cup for the first time: only the cup can be hit, and Ann is not judged."""
    seen = shop(visits([("ann", 1, "tea"), ("bob", 1, "tea"), ("cat", 1, "cup")]), ["cup", "pot", "tea"])
    later = pd.DataFrame({"customer": ["ann", "bob", "bob"], "item": ["tea", "tea", "cup"]})
    tried = trial(seen, later, k=1)

    assert tried["n"].tolist() == [1, 1, 1]
    assert tried["hit_share"].tolist() == [1.0, 1.0, 1.0]


def test_a_list_of_all_that_is_left_is_not_judged() -> None:
    """Bob has one of three things and gets a list of two: whatever he buys, it is on the list."""
    seen = shop(visits([("bob", 1, "tea"), ("cat", 1, "cup"), ("ann", 1, "pot")]), ["cup", "pot", "tea"])
    later = pd.DataFrame({"customer": ["bob"], "item": ["cup"]})

    assert trial(seen, later, k=2)["n"].tolist() == [0, 0, 0]
    assert trial(seen, later, k=1)["n"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("items", [[], ["tea"]])
def test_a_shop_with_nothing_to_show_gives_no_winner(items: list[str]) -> None:
    """No items or no later purchases: what sells best, without a warning."""
    tried = trial(shop(visits([("ann", 1, "tea")]), items), pd.DataFrame({"customer": [], "item": []}, dtype="str"))

    assert winner(tried) == POPULAR
