"""Next categories on few orders and on planted habits."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.recommend import hit_rate, next_category


def pairs(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    """Make a frame of pairs of categories."""
    return pd.DataFrame(rows, columns=["segment", "last", "next", "count"])


def habits(seed: int, habit_share: float) -> pd.DataFrame:
    """Make 3,000 pairs; a share of them follows a habit of the segment, the others follow popularity."""
    rng = np.random.default_rng(seed)
    names = np.array(list("abcdef"))
    segment, last = rng.integers(0, 2, 3000), rng.integers(0, 6, 3000)
    popular = rng.choice(6, 3000, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05])
    following = np.where(rng.random(3000) < habit_share, (last + 1 + segment) % 6, popular)
    table = pd.DataFrame({"segment": np.array(["s", "t"])[segment], "last": names[last], "next": names[following]})
    return table.groupby(["segment", "last", "next"]).size().rename("count").reset_index()


def test_shares_are_the_hand_computed_ones() -> None:
    """10 observations of the segment, drawn towards both tables that are worth 10 each."""
    seen = pairs([("s", "tea", "cup", 10), ("t", "tea", "tea", 10)])

    best = next_category(seen, k=1, prior_count=10).set_index("segment")

    wider = (10 + 10 * 0.5) / (20 + 10)
    assert best["next"].to_dict() == {"s": "cup", "t": "tea"}
    assert best["share"].tolist() == pytest.approx([(10 + 10 * wider) / 20] * 2)
    assert best[["count", "n"]].to_numpy().tolist() == [[10, 10], [10, 10]]


def test_a_segment_without_observations_takes_the_wider_table() -> None:
    """Segment t never had tea last: what s did after tea decides, not what is popular."""
    seen = pairs([("s", "tea", "cup", 50), ("t", "cup", "tea", 500)])

    row = next_category(seen, k=1).query("segment == 't' and last == 'tea'").iloc[0]

    assert [row["next"], row["count"], row["n"], row["popular_next"]] == ["cup", 0, 0, "tea"]


def test_shares_of_all_categories_add_to_one() -> None:
    """Smoothing keeps a distribution."""
    table = next_category(habits(0, 0.3), k=6)

    assert np.allclose(table.groupby(["segment", "last"])["share"].sum(), 1)


def test_ties_go_to_the_first_name() -> None:
    """The same input in another order gives the same ranks."""
    seen = pairs([("s", "tea", "cup", 5), ("s", "tea", "pot", 5)])

    first, second = next_category(seen), next_category(seen.iloc[::-1])

    assert first["next"].tolist() == ["cup", "pot"]
    pd.testing.assert_frame_equal(first, second)


def test_a_planted_habit_beats_popularity_later() -> None:
    """Half of the orders follow a habit: the model wins on orders that it has not seen."""
    score = hit_rate(next_category(habits(1, 0.5)), habits(2, 0.5), k=2).iloc[0]

    assert score["winner"] == "segment and last category"
    assert score["difference"] == pytest.approx(score["hit_share"] - score["popular_share"])
    assert score["difference_low"] < score["difference"] < score["difference_high"]


def test_without_a_habit_the_model_rarely_wins() -> None:
    """Popularity made the orders: of 20 pairs of quarters the model is said to win in at most one."""
    winners = [
        hit_rate(next_category(habits(seed, 0.0)), habits(seed + 500, 0.0), k=2)["winner"].iloc[0] for seed in range(20)
    ]

    assert winners.count("segment and last category") <= 1


def test_unknown_last_categories_are_guessed_by_popularity_on_both_sides() -> None:
    """A category that was never seen before makes no difference between the two."""
    predictions = next_category(pairs([("s", "tea", "cup", 50), ("s", "cup", "tea", 20)]))

    score = hit_rate(predictions, pairs([("s", "pot", "cup", 4), ("s", "pot", "spoon", 6)]), k=1).iloc[0]

    assert [score["n"], score["hit_share"], score["popular_share"], score["difference"]] == [10, 0.4, 0.4, 0]
    assert score["winner"] == "cannot tell"


def test_no_later_orders_give_no_verdict() -> None:
    """Nothing to compare: no division warning, no winner."""
    score = hit_rate(next_category(habits(0, 0.5)), habits(0, 0.5).head(0), k=1).iloc[0]

    assert score["n"] == 0
    assert np.isnan(score["hit_share"])
    assert score["winner"] == "cannot tell"


def test_more_guesses_than_predicted_are_refused() -> None:
    """Three ranks cannot answer a hit rate at five."""
    with pytest.raises(ValueError, match="k must be at most 3"):
        hit_rate(next_category(habits(0, 0.5), k=3), habits(1, 0.5), k=5)
