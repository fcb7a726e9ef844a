"""The classifier of the next order: no leak passes, no future is read, its chances are calibrated."""

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.next_order import (
    brier,
    fit_next_order,
    gain,
    log_loss,
    next_order_chance,
    order_features,
    refuse_leaks,
)

AS_OF = pd.Timestamp("2026-07-01")


def order_days(seed: int, start: str, days: int, count: int = 600) -> pd.DataFrame:
    """Random order days of eighty customers."""
    draw = np.random.default_rng(seed)
    when = pd.Timestamp(start) + pd.to_timedelta(draw.integers(0, days, count), unit="D")
    frame = pd.DataFrame({"customer": [f"c{n}" for n in draw.integers(0, 80, count)], "ordered_on": when})
    return frame.assign(amount_minor=draw.integers(100, 900, count)).drop_duplicates(["customer", "ordered_on"])


def test_S07_features_are_the_same_whatever_happens_later() -> None:
    """Twenty random futures leave no trace in the features."""
    past = order_days(0, "2025-07-01", 365)
    alone = order_features(past, AS_OF)

    for seed in range(20):
        later = order_days(seed, "2026-07-01", 90, 40)
        pd.testing.assert_frame_equal(order_features(pd.concat([later, past]), AS_OF), alone, check_exact=True)


def outcomes(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Quiet days, and an outcome whose chance falls with them."""
    draw = np.random.default_rng(seed)
    quiet = draw.uniform(0, 200, n)
    return pd.DataFrame({"quiet_days": quiet, "noise": draw.normal(size=n)}), draw.random(n) < np.exp(-quiet / 100)


def test_S08_a_feature_from_the_outcome_window_is_refused() -> None:
    """Orders of the quarter that is to be foreseen, under an innocent name; the message names the column."""
    features, happened = outcomes(400, 0)
    leaking = features.assign(used_coupon_q3=happened * 2.0 + np.random.default_rng(1).normal(0, 0.1, 400))

    with pytest.raises(InputRefused, match="SEG-S08 a feature knows the outcome - column 'used_coupon_q3'"):
        fit_next_order(leaking, happened, seed=0)


def test_S08_a_leak_that_is_not_linear_is_refused_too() -> None:
    """Days until the next order has heavy tails, so its correlation is low; its ranks give it away."""
    features, happened = outcomes(400, 0)
    days_until = np.where(happened, 1.0, np.exp(np.random.default_rng(1).normal(4, 2, 400)))

    assert abs(np.corrcoef(days_until, happened)[0, 1]) < 0.5
    with pytest.raises(InputRefused, match="days_until"):
        refuse_leaks(features.assign(days_until=days_until), happened)


def test_honest_features_pass() -> None:
    """A feature that foresees well is not a leak."""
    features, happened = outcomes(2_000, 0)

    refuse_leaks(features, happened)


def test_chances_are_calibrated_on_new_customers() -> None:
    """Planted chances exp(-quiet/100): the mean of each fifth is within 0.06 of what happens."""
    features, happened = outcomes(4_000, 0)
    fresh, came = outcomes(4_000, 1)
    chance = next_order_chance(fit_next_order(features, happened, seed=0), fresh)
    fifths = pd.qcut(chance, 5, labels=False)

    assert (chance.groupby(fifths).mean() - pd.Series(came).groupby(fifths).mean()).abs().max() < 0.06
    assert np.corrcoef(chance, np.exp(-fresh["quiet_days"] / 100))[0, 1] > 0.97


def test_the_same_seed_gives_the_same_chances() -> None:
    """Twice the same numbers."""
    features, happened = outcomes(300, 0)
    twice = [next_order_chance(fit_next_order(features, happened, seed=3), features).tolist() for _ in range(2)]

    assert twice[0] == twice[1]


def test_losses_by_hand() -> None:
    """Brier (1950) and minus the logarithm; a sure miss costs log 10,000 and not infinity."""
    assert brier([0.8, 0.8], [True, False]).round(2).tolist() == [0.04, 0.64]
    assert log_loss([0.0], [True]).tolist() == pytest.approx([np.log(10_000)])


def test_a_gain_counts_each_customer_once() -> None:
    """A customer seen at three dates weighs as much as one seen once."""
    losses = pd.DataFrame({"customer": ["a", "a", "a", "b"], "new": [0.0, 0.0, 0.0, 0.4], "old": [0.2, 0.2, 0.2, 0.2]})
    mean, low, high = gain(losses, "new", "old", seed=0)

    assert mean == pytest.approx(0.0)
    assert low < 0 < high
