"""Shifted beta-geometric model against the published example."""

import numpy as np
import pytest

from seglib.methods.contracts import ShiftedBetaGeometric, fit_sbg, remaining_periods, survival_share


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [
        ([100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1], 0.704, 1.182, -1.680265),
        ([100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1], 0.668, 3.806, -1.611158),
    ],
    ids=["regular", "high-end"],
)
def test_both_cohorts_have_the_published_parameters(
    survivors: list[float], alpha: float, beta: float, log_likelihood: float
) -> None:
    """Fader and Hardie 2007, years 0 to 7 of two cohorts; log-likelihood per customer."""
    model = fit_sbg(survivors)

    assert [round(model.alpha, 3), round(model.beta, 3)] == [alpha, beta]
    assert model.log_likelihood / 100 == pytest.approx(log_likelihood, abs=5e-7)


def test_remaining_periods_are_the_discounted_sum() -> None:
    """The closed formula equals the sum of survival over 20,000 renewals, at 10 % a period."""
    model, ahead = ShiftedBetaGeometric(0.668, 3.806), np.arange(1, 20_001)
    by_hand = [
        (survival_share(model, renewed + ahead) / survival_share(model, renewed) * 1.1 ** -(ahead - 1.0)).sum()
        for renewed in (0, 4)
    ]

    assert remaining_periods(model, [0, 4], 0.1).tolist() == pytest.approx(by_hand, rel=1e-12)


def test_a_cohort_that_grows_is_refused() -> None:
    """Survivors cannot rise."""
    with pytest.raises(ValueError, match="never rise"):
        fit_sbg([100, 90, 95])
