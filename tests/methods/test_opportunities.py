"""BG/BB on the published donations."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from seglib.methods.opportunities import BetaBinomial, bgbb_expected, bgbb_probability_alive, fit_bgbb

DONATIONS = BetaBinomial(1.2035, 0.7497, 0.6567, 2.7834)


def taken(x: list[int], t_x: list[int], n: list[int]) -> pd.DataFrame:
    """Make a frame of opportunities."""
    return pd.DataFrame({"taken_count": x, "last_taken": t_x, "opportunity_count": n})


def test_bgbb_fit_of_the_donations_is_the_published_one(shared_data: Callable[[str], Path]) -> None:
    """Fader, Hardie and Shang 2010: 1.204 .750 .657 2.783 (recomputed 1.2035 .7497 .6567 2.7834), LL -33225.58."""
    names = {
        "frequency": "taken_count",
        "recency": "last_taken",
        "periods": "opportunity_count",
        "weights": "customer_count",
    }
    model = fit_bgbb(pd.read_csv(shared_data("cdnow/donations.csv")).rename(columns=names))

    assert model.log_likelihood == pytest.approx(-33225.58, abs=5e-3)
    assert [model.alpha, model.beta, model.gamma, model.delta] == pytest.approx(
        [1.2035, 0.7497, 0.6567, 2.7834], abs=6e-5
    )


def test_donors_have_the_published_future() -> None:
    """BTYD vignette: 10 opportunities of a new donor, and after 6 of those who took none and four of them."""
    expected = bgbb_expected(DONATIONS, taken([0, 0, 4], [0, 0, 5], [0, 6, 6]), 10)

    assert expected.tolist() == pytest.approx([3.179805, 0.1302169, 3.627858], rel=1e-4)


def test_donors_have_the_published_chance_to_be_active() -> None:
    """Fader, Hardie and Shang 2010, P(active): of 6 none, two until the 4th, all."""
    chances = bgbb_probability_alive(DONATIONS, taken([0, 2, 6], [0, 4, 6], [6, 6, 6]))

    assert chances.round(2).tolist() == [0.11, 0.59, 0.93]


def test_the_likelihoods_of_all_histories_add_up_to_one() -> None:
    """Five opportunities have 32 histories; each has one likelihood, which the published formulas give."""
    n = 5
    histories = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    x, t_x = histories.sum(axis=1), (histories * np.arange(1, n + 1)).max(axis=1)
    model = DONATIONS
    active = np.exp(
        special.betaln(model.alpha + x, model.beta + n - x) - special.betaln(model.alpha, model.beta)
        + special.betaln(model.gamma, model.delta + n + 1) - special.betaln(model.gamma, model.delta)
    )  # fmt: skip
    likelihood = active / bgbb_probability_alive(model, taken(x.tolist(), t_x.tolist(), [n] * 2**n)).to_numpy()

    assert likelihood.sum() == pytest.approx(1, rel=1e-12)
    assert (likelihood * x).sum() == pytest.approx(bgbb_expected(model, taken([0], [0], [0]), n).iloc[0], rel=1e-12)


def test_impossible_histories_are_refused() -> None:
    """More opportunities taken than the number of the last one."""
    with pytest.raises(ValueError, match="taken_count <= last_taken"):
        bgbb_expected(DONATIONS, taken([3], [2], [6]), 1)
