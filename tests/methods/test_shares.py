"""Shares of people tell of nobody alone, nor that all but a few are meant."""

import pandas as pd

from seglib.criteria.bins import blank
from seglib.methods.estimates import suppress
from seglib.methods.shares import bounded, in_parts, of_few


def test_R19_a_share_of_few_or_of_all_but_a_few_is_a_bound() -> None:
    """Of 155 members: none, 1, 3 of them missing, half, all."""
    assert bounded([0, 1 / 155, 152 / 155, 0.5, 1], 155, 10) == ["0.0%", "under 6.5%", "over 93.5%", "50.0%", "100.0%"]
    assert of_few([9 / 40, 10 / 40, 30 / 40, 31 / 40], 40, 10).tolist() == [True, False, False, True]


def test_R16_what_gives_a_bound_away_beside_the_share_of_all_is_blank() -> None:
    """Three of the first 60 have it; with the share of all, those of the second would tell how many."""
    share, of = pd.Series([3 / 60, 20 / 40, 50 / 100]), pd.Series([60, 40, 100])

    assert in_parts(share, of, 10) == ["under 16.7%", "", "50.0%"]


def test_R16_two_small_levels_together_are_not_told_either() -> None:
    """Four and three of 100: seven would follow from the total, so that the next smallest is blank as well."""
    assert blank(pd.Series([80, 13, 4, 3]), 10).isna().tolist() == [False, True, True, True]


def test_R19_a_metric_that_tells_of_few_has_a_bound_and_no_interval() -> None:
    """Of 40 in segment 1 all but two came again; the other segment would give them away."""
    rows = pd.DataFrame({"metric": "retention_share", "unit": "share", "segment": [0, 1, 2], "n": [100, 40, 60]})
    shown = suppress(rows.assign(value=[0.68, 0.95, 0.5], low=0.1, high=0.99), 10)

    assert shown["bound"].tolist() == ["", "over 75.0%", ""]
    assert shown["value"].isna().tolist() == [False, True, True]
    assert shown["low"].isna().tolist() == [False, True, True]
