"""Effects of campaigns on few visible customers and on planted ones."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.experiments import benjamini_hochberg, effects, heterogeneity, sample_ratio

PUBLISHED_P = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
]


def planted(rates: dict[tuple[str, str], float], n: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Make `n` customers for each segment and arm with the given conversion rates."""
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"segment": segment, "arm": arm, "converted": rng.random(n) < rate})
        for (segment, arm), rate in rates.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(revenue=lambda table: table["converted"] * 20.0)


def test_benjamini_hochberg_rejects_four_of_the_published_fifteen() -> None:
    """Benjamini and Hochberg 1995, section 3.2."""
    assert (benjamini_hochberg(PUBLISHED_P) <= 0.05).sum() == 4


def test_benjamini_hochberg_leaves_missing_tests_alone() -> None:
    """NaN is not a test and does not make the family larger."""
    assert benjamini_hochberg([0.02, np.nan, 0.04])[[0, 2]].tolist() == [0.04, 0.04]


def test_S10_sample_ratio_51_to_49_is_not_chance() -> None:
    """Of 50,000 customers planned half and half, 51.0/49.0 has p below 0.001, 50.1/49.9 does not."""
    half = {"mail": 1.0, "none": 1.0}

    assert sample_ratio({"mail": 25_500, "none": 24_500}, half) == pytest.approx(7.7e-6, rel=0.01)
    assert sample_ratio({"mail": 25_050, "none": 24_950}, half) > 0.5


def test_sample_ratio_refuses_an_unplanned_arm() -> None:
    """An arm that nobody planned is a mistake, not a small deviation."""
    with pytest.raises(ValueError, match="each of the arms"):
        sample_ratio({"mail": 5, "call": 5}, {"mail": 1.0, "none": 1.0})


def test_effects_are_the_hand_computed_ones() -> None:
    """Four mailed and four left alone in one segment: 3/4 - 1/4 and 18/4 - 4/4."""
    table = pd.DataFrame(
        {
            "segment": ["s"] * 8,
            "arm": ["mail"] * 4 + ["none"] * 4,
            "converted": [1, 1, 1, 0, 0, 0, 1, 0],
            "revenue": [5.0, 6.0, 7.0, 0.0, 0.0, 0.0, 4.0, 0.0],
        }
    )

    row = effects(table, control="none").iloc[0]

    assert [row["n"], row["n_control"], row["rate"], row["rate_control"], row["effect"]] == [4, 4, 0.75, 0.25, 0.5]
    assert row["revenue_effect"] == 3.5
    assert row["effect_low"] < 0 < row["effect"] < row["effect_high"]


def test_effects_find_the_planted_segment_and_call_it_heterogeneous() -> None:
    """Ten points in one segment only: its adjusted p is small and Cochran's Q says that segments differ."""
    rates = {("a", "mail"): 0.20, ("a", "none"): 0.10, ("b", "mail"): 0.10, ("b", "none"): 0.10}

    table = effects(planted(rates), control="none")
    by_segment = table[table["segment"] != "all"]

    assert (by_segment["p_adjusted"] < 0.05).tolist() == [True, False]
    assert heterogeneity(by_segment["effect"], by_segment["standard_error"])[2] < 0.001


def test_equal_effects_are_rarely_called_heterogeneous() -> None:
    """The same five points in three segments: at most 4 of 30 data sets are called different."""
    rates = {(segment, arm): 0.15 if arm == "mail" else 0.10 for segment in "abc" for arm in ("mail", "none")}
    called = 0
    for seed in range(30):
        table = effects(planted(rates, n=1000, seed=seed), control="none").query("segment != 'all'")
        called += heterogeneity(table["effect"], table["standard_error"])[2] < 0.05

    assert called <= 4


def test_S14_same_treatment_in_both_arms_is_rarely_an_effect() -> None:
    """A/A: with eight segments at most 4 of 30 data sets have any adjusted p below 5 %."""
    rates = {(segment, arm): 0.08 for segment in "abcdefgh" for arm in ("mail", "none")}
    found = 0
    for seed in range(30):
        table = effects(planted(rates, n=300, seed=seed), control="none").query("segment != 'all'")
        found += bool((table["p_adjusted"] < 0.05).any())

    assert found <= 4


def test_S16_zero_conversions_give_an_interval_and_no_warning() -> None:
    """Nobody ordered: the effect is 0 with an honest interval, p is 1 and revenue cannot be judged."""
    table = planted({("a", "mail"): 0.0, ("a", "none"): 0.0}, n=20)

    row = effects(table, control="none").iloc[0]

    assert [row["effect"], row["p_value"]] == [0, 1]
    assert [row["effect_low"], row["effect_high"]] == pytest.approx([-0.1611, 0.1611], abs=1e-4)
    assert np.isnan(row["revenue_p_value"])
    assert row["standard_error"] > 0


def test_a_segment_without_control_has_no_effect() -> None:
    """Nothing to subtract: the rate is given, the effect is missing and its interval is everything."""
    table = pd.concat([planted({("a", "mail"): 0.5, ("a", "none"): 0.5}, n=20), planted({("b", "mail"): 0.5}, n=20)])

    row = effects(table, control="none").set_index("segment").loc["b"]

    assert row["n_control"] == 0
    assert np.isnan(row[["effect", "p_value", "p_adjusted", "rate_control"]].astype(float)).all()
    assert (row["effect_low"], row["effect_high"]) == (-1, 1)


def test_S12_effects_refuse_without_a_control_arm() -> None:
    """Without a control group there is no effect to compute."""
    with pytest.raises(ValueError, match="control arm 'none' must occur"):
        effects(planted({("a", "mail"): 0.5}, n=5), control="none")
