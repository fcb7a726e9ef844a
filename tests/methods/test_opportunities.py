"""BG/BB on the published donations."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from seglib.methods.opportunities import BetaBinomial, bgbb_expected, fit_bgbb

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


def test_the_likelihoods_of_all_histories_add_up_to_one() -> None:
    """Five opportunities have 32 histories; each has one likelihood, which the published formulas give."""
    n = 5
    histories = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    x, t_x = histories.sum(axis=1), (histories * np.arange(1, n + 1)).max(axis=1)
    model = DONATIONS

    def stopped(after: np.ndarray) -> np.ndarray:
        """Of a history that ended after so many opportunities: took x of them, and then stopped."""
        took = special.beta(model.alpha + x, model.beta + after - x) / special.beta(model.alpha, model.beta)
        return took * special.beta(model.gamma + 1, model.delta + after) / special.beta(model.gamma, model.delta)

    took_all = special.beta(model.alpha + x, model.beta + n - x) / special.beta(model.alpha, model.beta)
    active = took_all * special.beta(model.gamma, model.delta + n) / special.beta(model.gamma, model.delta)
    likelihood = active + sum(np.where(t_x <= end, stopped(np.maximum(end, t_x)), 0.0) for end in range(n))

    assert likelihood.sum() == pytest.approx(1, rel=1e-12)
    assert (likelihood * x).sum() == pytest.approx(bgbb_expected(model, taken([0], [0], [0]), n).iloc[0], rel=1e-12)


def test_impossible_histories_are_refused() -> None:
    """More opportunities taken than the number of the last one."""
    with pytest.raises(ValueError, match="taken_count <= last_taken"):
        bgbb_expected(DONATIONS, taken([3], [2], [6]), 1)
