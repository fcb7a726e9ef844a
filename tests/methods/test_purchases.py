"""BG/NBD and MBG/NBD against the published numbers of CDNOW."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pace import within
from scipy import special

from seglib.core.errors import InputRefused
from seglib.methods.purchases import (
    BetaGeometric,
    expected_orders,
    fit_bgnbd,
    fit_mbgnbd,
    probability_alive,
)

CDNOW = BetaGeometric(0.2425945, 4.4136019, 0.7929199, 2.4258881, may_stop_at_first=False)
HARDIE = BetaGeometric(0.243, 4.414, 0.793, 2.426, may_stop_at_first=False)


def frame(x: list[float], t_x: list[float], age: list[float]) -> pd.DataFrame:
    """Make a frame of purchases."""
    return pd.DataFrame({"repeat_count": x, "last_purchase_weeks": t_x, "age_weeks": age})


def simulated(n: int, seed: int) -> pd.DataFrame:
    """Let customers order and stop as MBG/NBD says: r=0.6, alpha=6 weeks, a=0.9, b=1.8, observed for 20 to 60 weeks."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(20, 60, n)
    rate, stop = rng.gamma(0.6, 1 / 6, n), rng.beta(0.9, 1.8, n)
    count, last = np.zeros(n), np.zeros(n)
    active = rng.random(n) > stop
    while active.any():
        moment = last + rng.exponential(1 / np.maximum(rate, 1e-12))
        ordered = active & (moment <= age)
        count, last = count + ordered, np.where(ordered, moment, last)
        active = ordered & (rng.random(n) > stop)
    return frame(count.tolist(), last.tolist(), age.tolist())


def test_new_customers_order_as_often_as_published() -> None:
    """BTYD vignette E[X(52)] and Hardie's sheet E[X(t)]; the last one was computed with rounded parameters."""
    weeks = [52, 0.1429, 1, 3, 31.8571, 32, 78]
    new = frame([0.0] * 7, [0.0] * 7, [0.0] * 7)

    expected = expected_orders(CDNOW, new, weeks)

    assert expected.iloc[:1].tolist() == pytest.approx([1.444004], rel=1e-4)
    assert expected.iloc[1:6].round(4).tolist() == [0.0078, 0.0532, 0.1506, 1.0405, 1.0437]
    assert expected.iloc[6] == pytest.approx(1.8576, abs=1e-3)


def test_a_frequent_customer_has_the_published_future() -> None:
    """BTYD vignette: 26 repeat orders until week 30.857 of 31."""
    customer = frame([26], [30.857], [31])

    assert expected_orders(CDNOW, customer, 52).iloc[0] == pytest.approx(25.75659, rel=1e-4)
    assert probability_alive(CDNOW, customer).iloc[0] == pytest.approx(0.9688523, rel=1e-4)


def test_the_increasing_frequency_paradox_has_the_published_size() -> None:
    """BTYD vignette: x=10, 15, 20, 25 until week 20 of 39, next 52 weeks."""
    customers = frame([10, 15, 20, 25], [20] * 4, [39] * 4)
    published = [0.3474606, 0.04283391, 0.004158973, 0.0003583685]

    assert expected_orders(CDNOW, customers, 52).tolist() == pytest.approx(published, rel=1e-4)


def test_the_first_cdnow_customer_has_the_published_future() -> None:
    """Hardie's sheet: x=2, t_x=30.43, T=38.86, next 39 weeks."""
    assert expected_orders(CDNOW, frame([2], [30.43], [38.86]), 39).iloc[0] == pytest.approx(1.226, abs=5e-4)


def test_one_time_buyers_are_alive_for_sure_in_bgnbd_only() -> None:
    """Under BG/NBD nobody stops before a repeat order; MBG/NBD at its CDNOW parameters says .39 to .43."""
    once = frame([0, 0], [0, 0], [27, 39])
    chances = probability_alive(BetaGeometric(0.5248, 6.183, 0.8914, 1.614), once)

    assert probability_alive(CDNOW, once).tolist() == [1, 1]
    assert chances.round(2).tolist() == [0.43, 0.39]


def test_many_orders_do_not_overflow() -> None:
    """2,000 orders: active equals the series of the published formula summed on log scale, long gone is 0."""
    r, alpha, a, b, x, age, weeks = CDNOW.r, CDNOW.alpha_weeks, CDNOW.a, CDNOW.b, 2000, 200, 10
    n, c, z = np.arange(20_000), a + b + x - 1, weeks / (alpha + age + weeks)
    terms = special.gammaln(r + x + n) + special.gammaln(b + x + n) - special.gammaln(c + n) - special.gammaln(n + 1)
    start = special.gammaln(r + x) + special.gammaln(b + x) - special.gammaln(c)
    stays = np.exp((r + x) * np.log1p(-z) + special.logsumexp(terms + n * np.log(z)) - start)
    customers = frame([x, x], [age, 50], [age, age])

    expected = expected_orders(CDNOW, customers, weeks)

    active = probability_alive(CDNOW, customers).iloc[0]
    assert expected.iloc[0] == pytest.approx(active * c / (a - 1) * (1 - stays), rel=1e-6)
    assert expected.iloc[1] == 0


@pytest.mark.parametrize(
    "model",
    [BetaGeometric(35_233, 162_754, 0.216, 0.540), BetaGeometric(5, 50, 1e4, 1e5), BetaGeometric(0.6, 6, 0.9, 1.8)],
)
def test_customers_who_are_nearly_alike_have_a_finite_future(model: BetaGeometric) -> None:
    """Where all have one rate or one chance to stop, the series of the formula overflows; a million draws agree."""
    rng, n = np.random.default_rng(0), 1_000_000
    rate, stop = rng.gamma(model.r + 10, 1 / (model.alpha_weeks + 50), n), rng.beta(model.a, model.b + 11, n)
    drawn = np.minimum(rng.poisson(52 * rate), rng.geometric(np.maximum(stop, 1e-9))).mean()
    customer = frame([10], [50], [50])

    expected = expected_orders(model, customer, 52) / probability_alive(model, customer)

    assert expected.iloc[0] == pytest.approx(drawn, rel=5e-3)


def test_cdnow_summary_has_the_published_counts(cdnow_weeks: pd.DataFrame, shared_data: Callable[[str], Path]) -> None:
    """946 repeaters, 2,457 repeat orders in calibration, 1,882 orders in the holdout; times as in the summary file."""
    built = cdnow_weeks
    published = pd.read_csv(shared_data("cdnow/cdnow_customers_summary.csv"))

    assert [(built["repeat_count"] > 0).sum(), built["repeat_count"].sum(), built["later_count"].sum()] == [
        946,
        2457,
        1882,
    ]
    assert (built["repeat_count"].to_numpy() == published["frequency"].to_numpy()).all()
    assert np.abs(built["last_purchase_weeks"].to_numpy() - published["recency"].to_numpy()).max() < 0.0051


def test_bgnbd_fit_of_cdnow_is_the_published_one(cdnow_weeks: pd.DataFrame) -> None:
    """Fader, Hardie and Lee 2005 as recomputed by BTYD and lifetimes: LL -9582.429."""
    model = fit_bgnbd(cdnow_weeks)

    assert model.log_likelihood == pytest.approx(-9582.429, abs=5e-4)
    assert [model.r, model.alpha_weeks, model.a, model.b] == pytest.approx(
        [0.242595, 4.413602, 0.792922, 2.425907], rel=1e-4
    )


def test_mbgnbd_fit_of_cdnow_is_the_published_one(shared_data: Callable[[str], Path]) -> None:
    """BTYDplus on the summary file, whose weeks are rounded: .5248 6.183 .8914 1.614, LL -9582.133."""
    summary = pd.read_csv(shared_data("cdnow/cdnow_customers_summary.csv"))
    model = fit_mbgnbd(frame(*(summary[name].tolist() for name in ("frequency", "recency", "T"))))

    assert model.log_likelihood == pytest.approx(-9582.133, abs=5e-4)
    assert [round(model.r, 4), round(model.alpha_weeks, 3), round(model.a, 4)] == [0.5248, 6.183, 0.8914]
    assert round(model.b, 3) == 1.614


def test_holdout_orders_by_frequency_are_the_published_ones(cdnow_weeks: pd.DataFrame) -> None:
    """BTYD vignette: customers, actual and BG/NBD expected orders of 39 weeks, by calibration frequency 0 to 6, 7+."""
    seen = cdnow_weeks
    table = seen.assign(expected=expected_orders(CDNOW, seen, 39), group=seen["repeat_count"].clip(upper=7))

    means = table.groupby("group")[["later_count", "expected"]].mean()

    assert table.groupby("group").size().tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert means["later_count"].round(3).tolist() == [0.237, 0.697, 1.393, 1.56, 2.532, 2.947, 3.862, 6.359]
    assert means["expected"].round(3).tolist() == [0.225, 0.523, 1.044, 1.520, 2.164, 2.654, 3.504, 6.157]


@pytest.fixture(scope="module")
def large() -> tuple[pd.DataFrame, BetaGeometric]:
    """Return 200,000 simulated customers and the model fitted to them, in five seconds."""
    seen = simulated(200_000, seed=1)
    with within(5):
        return seen, fit_mbgnbd(seen)


def test_mbgnbd_recovers_planted_parameters(large: tuple[pd.DataFrame, BetaGeometric]) -> None:
    """Every parameter within a tenth of the truth, the total of orders within 1 %."""
    seen, model = large
    none = [0.0] * len(seen)

    assert [model.r, model.alpha_weeks, model.a, model.b] == pytest.approx([0.6, 6, 0.9, 1.8], rel=0.1)
    assert expected_orders(model, frame(none, none, none), seen["age_weeks"]).sum() == pytest.approx(
        seen["repeat_count"].sum(), rel=0.01
    )


def test_five_thousand_customers_are_fitted_in_a_second(large: tuple[pd.DataFrame, BetaGeometric]) -> None:
    """And all two hundred thousand in five: see the fixture."""
    with within(1):
        fit_mbgnbd(large[0].head(5_000))


def test_S19_nobody_ordered_twice_is_refused() -> None:
    """Without a repeat order there is nothing to fit, and the sentence says what to do."""
    with pytest.raises(InputRefused, match="no customer ordered twice - do: leave out the lifetime value"):
        fit_mbgnbd(frame([0, 0], [0, 0], [10, 20]))


def test_impossible_weeks_are_refused() -> None:
    """A last order after the end of observation is a mistake in the units or the dates."""
    with pytest.raises(ValueError, match="last_purchase_weeks <= age_weeks"):
        fit_bgnbd(frame([1], [40], [39]))
