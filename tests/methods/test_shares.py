"""Shares of people tell of nobody alone, nor that all but a few are meant."""

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from seglib.criteria.bins import blank
from seglib.methods.estimates import suppress
from seglib.methods.shares import bounded, in_parts, of_few


def test_R19_a_share_of_few_or_of_all_but_a_few_is_a_bound() -> None:
    """Of 155 members: none, 1, 3 of them missing, half, all."""
    assert bounded([0, 1 / 155, 152 / 155, 0.5, 1], 155, 10) == ["0.0%", "under 6.5%", "over 93.5%", "50.0%", "100.0%"]
    assert of_few([9 / 40, 10 / 40, 30 / 40, 31 / 40], 40, 10).tolist() == [True, False, False, True]


def test_R16_what_gives_a_bound_away_beside_the_share_of_all_is_a_range() -> None:
    """Three of the first 60 have it; with the share of all, those of the second would tell how many."""
    share, of = pd.Series([3 / 60, 20 / 40, 50 / 100]), pd.Series([60, 40, 100])

    assert in_parts(share, of, 10).tolist() == ["under 16.7%", "37.5% to 62.5%", "50.0%"]


def test_R16_of_a_part_too_small_for_a_bound_nothing_is_said_and_the_others_keep_their_shares() -> None:
    """Eight of thirteen came again: a bound would tell nearly all; one range beside it is enough."""
    share, of = pd.Series([139 / 152, 297 / 310, 220 / 231, 8 / 13]), pd.Series([152, 310, 231, 13])

    assert in_parts(share, of, 10).tolist() == ["85.5% to 95.4%", "95.8%", "95.2%", ""]


def test_R16_a_share_and_what_it_leaves_are_hidden_alike() -> None:
    """Who came back and who did not: where one of both is a range, the other would tell it."""
    of = pd.Series([152, 310, 231, 13, 120])
    share = pd.Series([139, 297, 220, 8, 84]) / of
    hidden, left = ([" to " in text or not text for text in in_parts(s, of, 10)] for s in (share, 1 - share))

    assert hidden == left
    assert sum(hidden) == 2 and hidden[3]


def test_R16_a_part_of_which_nothing_is_said_stays_unknown_by_half_the_floor() -> None:
    """Linear programming on all that is shown of 40 tables: shares, bounds, ranges and the sums."""
    widths = [width for seed in range(40) for width in left_open(seed)]

    assert len(widths) > 40
    assert min(widths) >= 5 - 1e-6


def left_open(seed: int) -> list[float]:
    """How wide each small count of parts can still be, for whoever knows how many people each part has."""
    rng = np.random.default_rng(seed)
    of = np.append(rng.integers(60, 400, 5), rng.integers(11, 20))
    have = rng.binomial(of, rng.uniform(0.5, 0.97))
    said = in_parts(pd.Series(have / of), pd.Series(of), 10, "{:.6f}".format)
    low, high = zip(*(limits(text, int(n)) for text, n in zip(said, of, strict=True)), strict=True)
    ends = list(zip(low, high, strict=True))
    small = [i for i, (n, k) in enumerate(zip(of, have, strict=True)) if 0 < k < 10 or 0 < n - k < 10]
    total = {"A_eq": np.ones((1, len(of))), "b_eq": [have.sum()]}
    return [
        linprog(-one, **total, bounds=ends).fun * -1 - linprog(one, **total, bounds=ends).fun
        for one in np.eye(6)[small]
    ]


def limits(text: str, whole: int) -> tuple[float, float]:
    """How many people a written share leaves possible."""
    numbers = [float(word) * whole for word in text.split() if word[0].isdigit()]
    if not numbers:
        return 0, whole
    if text.startswith("under"):
        return 0, numbers[0] - 1
    return (numbers[0] + 1, whole) if text.startswith("over") else (round(numbers[0]), round(numbers[-1]))


def test_R16_two_small_levels_together_are_not_told_either() -> None:
    """Four and three of 100: seven would follow from the total, so that the next smallest is blank as well."""
    assert blank(pd.Series([80, 13, 4, 3]), 10).isna().tolist() == [False, True, True, True]


def test_R19_a_metric_that_tells_of_few_has_a_bound_and_no_interval() -> None:
    """Of 40 in segment 1 all but two came again; the other segment would give them away."""
    rows = pd.DataFrame({"metric": "retention_share", "unit": "share", "segment": [0, 1, 2], "n": [100, 40, 60]})
    shown = suppress(rows.assign(value=[0.68, 0.95, 0.5], low=0.1, high=0.99), 10)

    assert shown["bound"].tolist() == ["", "over 75.0%", "41.7% to 58.3%"]
    assert shown["value"].isna().tolist() == [False, True, True]
    assert shown["low"].isna().tolist() == [False, True, True]
