"""Tiers do not flip by chance."""

import numpy as np
import pandas as pd

from seglib.methods.tiers import spend_interval, tiers


def table(value: list[float], reach: float, tenure_days: int = 400) -> pd.DataFrame:
    """Customers a, b, c ... with the same reach of chance around what they spent."""
    spent = pd.Series(value, index=list("abcdefghij")[: len(value)])
    return pd.DataFrame({"value": spent, "low": spent - reach, "high": spent + reach, "tenure_days": tenure_days})


NO_PAST = pd.Series(dtype="str")


def test_A4_nobody_flips_inside_the_dead_band() -> None:
    """The cuts lie at 9.1 and 5.5; with a reach of 4, whoever was on one side of a cut stays there."""
    rows = table([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 4)
    before = pd.Series({"a": "standard", "b": "premium", "e": "self-service", "f": "standard"})
    found = tiers(rows, before, 0.1, 0.5, 90)

    assert found[["a", "b", "e", "f"]].tolist() == ["standard", "premium", "self-service", "standard"]


def test_A4_whoever_is_clearly_beyond_a_cut_moves() -> None:
    """With a reach of a half the same customers are where their spending puts them."""
    rows = table([10, 9, 8, 7, 6.5, 4, 4, 3, 2, 1], 0.4)
    before = pd.Series({"a": "standard", "c": "premium", "e": "self-service", "f": "standard"})

    assert tiers(rows, before, 0.1, 0.5, 90)[["a", "c", "e", "f"]].tolist() == [
        "premium", "standard", "standard", "self-service",
    ]  # fmt: skip


def test_newcomers_get_the_standard_service() -> None:
    """Known for 20 days: neither premium nor self-service yet."""
    assert set(tiers(table([10, 5, 1], 0, tenure_days=20), NO_PAST, 0.3, 0.3, 90)) == {"standard"}


def test_the_interval_holds_the_true_rate() -> None:
    """2,000 customers order 9 times a year on average, for 10 to 30: four in five intervals hold 180."""
    rng = np.random.default_rng(0)
    orders = [rng.uniform(10, 30, rng.poisson(9)) for _ in range(2000)]
    low, high = spend_interval(pd.Series([o.sum() for o in orders]), pd.Series([(o**2).sum() for o in orders]))
    held = ((low <= 180) & (high >= 180)).mean()

    assert 0.76 < held < 0.84


def test_A4_steady_customers_change_tiers_less_often_than_without_the_dead_band() -> None:
    """Nothing but chance between two years: the share that changes falls to less than a third."""
    rng = np.random.default_rng(1)
    rates = rng.gamma(2, 4, 3000)

    def year() -> pd.DataFrame:
        counts = rng.poisson(rates)
        total, squares = pd.Series(counts * 20.0), pd.Series(counts * 400.0)
        low, high = spend_interval(total, squares)
        return pd.DataFrame({"value": total, "low": low, "high": high, "tenure_days": 400})

    first, second = year(), year()
    before = tiers(first, NO_PAST, 0.1, 0.5, 90)
    calm = (tiers(second, before, 0.1, 0.5, 90) != before).mean()
    nervous = (tiers(second, NO_PAST, 0.1, 0.5, 90) != before).mean()

    assert calm < nervous / 3


def test_A4_the_same_spending_twice_changes_nothing() -> None:
    """Old and new customers with any reach of chance keep their tier."""
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({"value": rng.gamma(1, 100, 500), "tenure_days": rng.integers(1, 400, 500)})
    rows = rows.assign(low=rows["value"] * 0.5, high=rows["value"] * 1.5)
    once = tiers(rows, NO_PAST, 0.1, 0.5, 90)

    assert tiers(rows, once, 0.1, 0.5, 90).equals(once)
