"""Drift: found where it was planted, silent where nothing changed."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seglib.methods.drift import drift_table, ks, mix_and_within, psi


def quarter(n: int, seed: int) -> pd.DataFrame:
    """Make customers with money, counts with many zeros, missing values and an uneven category."""
    rng = np.random.default_rng(seed)
    levels = [f"city {number}" for number in range(15)]
    weights = 0.7 ** np.arange(15)
    return pd.DataFrame(
        {
            "spend": rng.lognormal(4, 1, n),
            "orders": rng.poisson(0.7, n),
            "score": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "city": rng.choice(levels, n, p=weights / weights.sum()),
        }
    )


def test_psi_is_the_hand_computed_one() -> None:
    """Two levels, 3:1 against 1:3 with half a customer added: (3.5 - 1.5)/5 x ln(3.5/1.5), twice."""
    value = psi(pd.Series(list("aaab")), pd.Series(list("abbb")))

    assert value == pytest.approx(2 * 0.4 * np.log(3.5 / 1.5))


def test_psi_uses_quantiles_of_the_expected_numbers() -> None:
    """A shift by one standard deviation has a psi near 1, the theoretical value for normal numbers."""
    rng = np.random.default_rng(0)
    before, now = pd.Series(rng.normal(size=20_000)), pd.Series(rng.normal(1, 1, 20_000))

    assert psi(before, now, bins=50) == pytest.approx(1.0, abs=0.05)


def test_psi_counts_missing_values_as_a_bin() -> None:
    """Half of the values are lost at random: the rest has the same distribution, but psi is large."""
    before = pd.Series(np.arange(1000.0))
    now = before.where(np.arange(1000) % 2 == 0)

    assert psi(before, now) > 1
    assert ks(before, now)[0] < 0.01


def test_ks_is_that_of_scipy() -> None:
    """Distance and asymptotic p value."""
    one, two = pd.Series([1.0, 2.0, 3.0, np.nan]), pd.Series([2.5, 4.0, 5.0, 6.0])
    known = stats.ks_2samp([1, 2, 3], [2.5, 4, 5, 6], method="asymp")

    assert ks(one, two) == (known.statistic, known.pvalue)


def alarms(pairs: int, n: int) -> tuple[int, float]:
    """Count the pairs of unchanged quarters that have a verdict at all, and the share of raw p below 5 %."""
    tables = [drift_table(quarter(n, seed), quarter(n + 50, seed + 10_000)) for seed in range(pairs)]
    return sum((table["verdict"] != "none").any() for table in tables), float((pd.concat(tables)["p"] < 0.05).mean())


def test_quarters_without_change_speak_as_rarely_as_promised() -> None:
    """Of 100 pairs of small quarters at most one has a verdict at all, and about 5 % of the raw p are below 5 %."""
    count, raw = alarms(100, 100)

    assert count <= 1
    assert 0.02 <= raw <= 0.08


@pytest.mark.long
@pytest.mark.parametrize("n", [100, 400])
def test_one_in_a_hundred_quarters_without_change_speaks(n: int) -> None:
    """At most 18 of 1,000: a rate of 1 % gives more in one of a hundred cases only."""
    assert alarms(1_000, n)[0] <= 18


def test_psi_noise_is_what_psi_shows_without_change() -> None:
    """The mean psi of 100 pairs of small quarters equals the predicted noise of 9 (1/150 + 1/300) within a tenth."""
    rng = np.random.default_rng(0)
    values = [psi(pd.Series(rng.lognormal(size=150)), pd.Series(rng.lognormal(size=300))) for _ in range(100)]

    assert np.mean(values) == pytest.approx(9 * (1 / 150 + 1 / 300), rel=0.1)


def flagged(seed: int) -> list[list[str]]:
    """Triple the spend of segment b, and list where something is flagged inside a segment."""
    before, now = quarter(1000, 2 * seed + 1), quarter(1000, 2 * seed + 2)
    segment = pd.Series(["a"] * 800 + ["b"] * 200)
    now.loc[segment == "b", "spend"] *= 3
    table = drift_table(before, now, segment, segment)
    rows: list[list[str]] = (
        table.query("verdict != 'none' and segment != 'all'")[["column", "segment"]].to_numpy().tolist()
    )
    return rows


def test_planted_drift_is_flagged_in_its_segment_only() -> None:
    """Spend of segment b is tripled: in 10 of 10 pairs b says so, and a and the other columns do not."""
    assert [flagged(seed) for seed in range(10)] == [[["spend", "b"]]] * 10


@pytest.mark.long
def test_planted_drift_is_flagged_in_its_segment_only_in_300_pairs() -> None:
    """At least 99 %."""
    assert np.mean([flagged(seed) == [["spend", "b"]] for seed in range(300)]) >= 0.99


def test_mix_and_within_add_up_to_the_change() -> None:
    """Kitagawa's parts of the two rates 0.1 and 0.3 in groups of 80:20 and 50:50, computed by hand, and random ones."""
    before = pd.DataFrame({"bought": [1.0] * 8 + [0.0] * 72 + [1.0] * 6 + [0.0] * 14})
    now = pd.DataFrame({"bought": [1.0] * 10 + [0.0] * 40 + [1.0] * 15 + [0.0] * 35})
    mix, later = (pd.Series(["a"] * n + ["b"] * (100 - n)) for n in (80, 50))
    total = mix_and_within(before, now, mix, later)[["mix", "within"]].sum()

    assert total.tolist() == pytest.approx([0.3 * (0.3 - 0.15), 0.65 * 0.1 + 0.35 * 0.0])
    assert total.sum() == pytest.approx(0.25 - 0.14)


def test_mix_and_within_add_up_with_gaps_and_new_segments() -> None:
    """Missing values, a segment that only one quarter has, and a category, which has no mean."""
    before, now = quarter(300, 1), quarter(500, 2)
    old, new = pd.Series(["a", "b"] * 150), pd.Series(["a", "b", "c", "c", "b"] * 100)
    parts = mix_and_within(before, now, old, new).groupby("column")
    change = parts["now"].first() - parts["before"].first()

    assert set(change.index) == {"spend", "orders", "score"}
    assert (parts["mix"].sum() + parts["within"].sum()).tolist() == pytest.approx(change.tolist())
    assert change["spend"] == pytest.approx(now["spend"].mean() - before["spend"].mean())


def test_only_the_mix_moved() -> None:
    """The same customers of each kind, more of one: nothing is within."""
    before, now = (pd.DataFrame({"orders": [1.0] * n + [9.0] * (10 - n)}) for n in (8, 5))
    old, new = (pd.Series(["a"] * n + ["b"] * (10 - n)) for n in (8, 5))
    parts = mix_and_within(before, now, old, new)

    assert parts["within"].tolist() == [0, 0]
    assert parts["mix"].sum() == pytest.approx(2.4)


def test_a_change_of_the_mix_is_told_from_a_change_within() -> None:
    """More customers of b: the row of the segments drifts, no segment does within itself."""
    before, now = quarter(1000, 1), quarter(1000, 2)
    mix, later_mix = (pd.Series(["a"] * n + ["b"] * (1000 - n)) for n in (800, 400))

    table = drift_table(before, now, mix, later_mix)

    assert table.query("verdict != 'none'")[["column", "segment"]].to_numpy().tolist() == [["segment", "all"]]


def test_a_tiny_change_of_many_customers_is_no_drift() -> None:
    """With 200,000 customers 2 % more spend is significant, but psi stays below the limit."""
    row = drift_table(quarter(200_000, 1)[["spend"]], quarter(200_000, 2)[["spend"]] * 1.02).iloc[0]

    assert row["p_adjusted"] < 0.01
    assert row["verdict"] == "none"


def test_an_empty_quarter_and_a_constant_column_have_no_verdict() -> None:
    """Nothing to compare gives NaN and no warning; one value in both quarters gives a psi of 0."""
    constant = pd.DataFrame({"orders": [1, 1, 1]})

    empty = drift_table(constant, constant.head(0)).iloc[0]
    same = drift_table(constant, constant).iloc[0]

    assert np.isnan(empty[["psi", "ks", "p"]].astype(float)).all()
    assert [same["psi"], same["verdict"], empty["verdict"]] == [0, "none", "none"]


def test_nullable_integers_and_new_columns_are_no_trouble() -> None:
    """Only the columns of both quarters are compared."""
    before = pd.DataFrame({"orders": pd.array([1, 2, None] * 20, dtype="Int64")})
    now = pd.DataFrame({"orders": pd.array([1, 2, None] * 20, dtype="Int64"), "visits": 1})

    assert drift_table(before, now)[["column", "psi"]].to_numpy().tolist() == [["orders", 0.0]]
