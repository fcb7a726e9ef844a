"""What sets a segment apart, on planted customers and on random groups."""

import numpy as np
import pandas as pd
import pytest
from pace import within

from seglib.methods.lift import distinguish


def shop(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make heavy-tailed numbers and categories that know nothing of segments."""
    rng = np.random.default_rng(seed)
    numbers = pd.DataFrame({f"money_{i}": rng.lognormal(3, 1.5, n) for i in range(8)}).assign(
        orders=rng.poisson(0.5, n)
    )
    categories = pd.DataFrame({f"kind_{i}": rng.choice(list("abcd"), n, p=[0.7, 0.2, 0.07, 0.03]) for i in range(4)})
    return numbers, categories


def test_a_random_subset_has_nothing_distinctive() -> None:
    """Of 20 random splits with 100 lines each, at most one line passes in total."""
    passed = 0
    for seed in range(20):
        numbers, categories = shop(600, seed)
        segment = pd.Series(np.random.default_rng(seed + 1000).choice(list("wxyz"), 600))
        passed += int(distinguish(numbers, categories, segment)["passes"].sum())

    assert passed <= 1


def test_planted_differences_are_found_and_nothing_else() -> None:
    """Doubled money and a preferred kind in segment w pass there with the right sign."""
    numbers, categories = shop(2000, 1)
    segment = pd.Series(["w"] * 500 + ["x"] * 1500)
    numbers.loc[segment == "w", "money_0"] *= 2
    categories.loc[segment.index < 200, "kind_0"] = "d"

    found = distinguish(numbers, categories, segment).query("passes and segment == 'w'")

    assert found["column"].tolist() == ["money_0", "kind_0", "kind_0"]
    assert found["level"].iloc[1:].tolist() == ["a", "d"]
    assert (np.sign(found["effect"]) == [1, -1, 1]).all()


def test_one_giant_customer_makes_no_difference() -> None:
    """A single amount of a million does not set a segment apart, because ranks are compared."""
    money = pd.DataFrame({"money": [*np.arange(100.0), *np.arange(99.0), 1e6]})

    line = distinguish(money, None, pd.Series(["w"] * 100 + ["x"] * 100)).iloc[0]

    assert abs(line["effect"]) < 0.05
    assert not line["passes"]
    assert line["value_segment"] == 49.5


def test_share_lines_are_the_hand_computed_ones() -> None:
    """3 of 4 known in w and 1 of 4 in x are red; a missing value is left out of the denominator."""
    colour = pd.DataFrame({"colour": ["red", "red", "red", "blue", None, "red", "blue", "blue", "blue"]})

    line = (
        distinguish(None, colour, pd.Series(["w"] * 5 + ["x"] * 4)).query("segment == 'w' and level == 'red'").iloc[0]
    )

    assert [line["value_segment"], line["value_everyone"], line["n"]] == [0.75, 0.5, 4]
    assert line["share_difference"] == 0.5
    assert line["effect"] == pytest.approx(2 * np.arcsin(np.sqrt(0.75)) - 2 * np.arcsin(np.sqrt(0.25)))


def test_hedges_g_has_the_textbook_value_on_the_scores() -> None:
    """Six ranks in two groups: mean difference of Blom's scores over the pooled sd, times 1 - 3/15."""
    from scipy.stats import norm

    scores = norm.ppf((np.arange(1, 7) - 0.375) / 6.25)
    pooled = np.sqrt((scores[:3].var(ddof=1) + scores[3:].var(ddof=1)) / 2)

    lines = distinguish(pd.DataFrame({"money": [1.0, 2, 3, 40, 50, 600]}), None, pd.Series(list("aaabbb")))

    assert lines["effect"].iloc[1] == pytest.approx((1 - 3 / 15) * (scores[3:].mean() - scores[:3].mean()) / pooled)


def test_columns_without_information_give_no_line_that_passes() -> None:
    """A constant, an empty column and a segment of one customer are NaN, without a warning."""
    numbers = pd.DataFrame({"constant": [1.0] * 6, "empty": [np.nan] * 6, "money": [1.0, 2, 3, 4, 5, 6]})
    categories = pd.DataFrame({"blank": [None] * 6})

    lines = distinguish(numbers, categories, pd.Series(list("aabbbc")))

    assert lines.query("column != 'money' or segment == 'c'")["effect"].isna().all()
    assert not lines["passes"].any()


def test_customers_without_a_segment_are_left_out() -> None:
    """Their values count neither in the segment nor in everyone."""
    money = pd.DataFrame({"money": [1.0, 2, 3, 4, 1000, 1000]})

    lines = distinguish(money, None, pd.Series(["a", "a", "b", "b", None, None]))

    assert lines["value_everyone"].tolist() == [2.5, 2.5]


def test_frames_of_other_customers_are_refused() -> None:
    """Values must not be compared by position with somebody else's segment."""
    with pytest.raises(ValueError, match="index of segment"):
        distinguish(pd.DataFrame({"money": [1.0, 2.0]}, index=[2, 1]), None, pd.Series(["a", "b"], index=[1, 2]))


def test_five_thousand_customers_take_less_than_a_second() -> None:
    """30 columns and 8 segments."""
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.lognormal(0, 1, (5000, 20))).add_prefix("number_")
    categories = pd.DataFrame(rng.choice(list("abcdef"), (5000, 10))).add_prefix("kind_")
    segment = pd.Series(rng.integers(1, 9, 5000))

    with within(1):
        distinguish(numbers, categories, segment)


def orders_by_evening(seed: int, more: float = 0.25) -> pd.DataFrame:
    """Compare 200 customers with one order and 200 with eight; evenings by chance .25, for the second `more`."""
    rng, count = np.random.default_rng(seed), np.repeat([1, 8], 200)
    evening = pd.DataFrame({"evening_share": rng.binomial(count, np.repeat([0.25, more], 200)) / count})
    segment = pd.Series(np.repeat(["once", "often"], 200))
    return distinguish(None, None, segment, shares=evening, trials=pd.Series(count))


def test_whoever_orders_more_often_does_not_differ_in_what_each_order_is() -> None:
    """One order or eight, each in the evening by the same chance: the ranks of shares gave effects of .42 to .64."""
    found = pd.concat([orders_by_evening(seed) for seed in range(20)])

    assert found["effect"].abs().max() < 0.3
    assert found["passes"].sum() <= 2


def test_a_true_difference_of_pooled_shares_is_found() -> None:
    """A quarter of single orders, half of many: shares over orders, difference as by hand."""
    found = orders_by_evening(0, more=0.5).set_index("segment")

    assert found["passes"].all()
    assert found.loc["often", "value_segment"] == pytest.approx(0.5, abs=0.05)
    assert found.loc["often", "share_low"] < 0.25 < found.loc["often", "share_high"]


def test_with_one_order_each_a_pooled_share_is_a_share_of_customers() -> None:
    """30 of 100 against 20 of 100: the same share and difference as for a category, and nearly its interval."""
    evening = pd.DataFrame({"evening": np.r_[np.repeat([1.0, 0.0], [30, 70]), np.repeat([1.0, 0.0], [20, 80])]})
    segment = pd.Series(np.repeat(["a", "b"], 100))
    pooled = distinguish(None, None, segment, shares=evening, trials=pd.Series(1, segment.index)).iloc[0]
    word = distinguish(None, evening.astype(str), segment).query("level == '1.0'").iloc[0]

    told = ["value_segment", "value_others", "value_everyone", "effect"]
    assert pooled[told].tolist() == pytest.approx(word[told].tolist())
    assert pooled["share_low"] == pytest.approx(word["share_low"], abs=0.002)
