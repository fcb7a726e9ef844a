"""The best of several: its interval holds what is true of it as often as it says, which the plain one does not."""

import numpy as np
import pytest
from scipy import stats

from seglib.methods.winners import winner

RUNS = 1500


def simulated(means, covariance, seed=0):
    """Draw estimates again and again; give how often both intervals hold the truth, and how often too much is told."""
    truth, matrix = np.asarray(means, dtype=float), np.asarray(covariance, dtype=float)
    seen = np.random.default_rng(seed).multivariate_normal(truth, matrix, RUNS)
    found = [winner(row, matrix) for row in seen]
    true = truth[[one.place for one in found]]
    errors = np.sqrt(np.diag(matrix))[[one.place for one in found]]
    return {
        "covered": np.mean([one.low <= t <= one.high for one, t in zip(found, true, strict=True)]),
        "plain": np.mean(np.abs([one.seen for one in found] - true) <= 1.96 * errors),
        "above": np.mean([one.corrected for one in found] > true),
        "plain above": np.mean([one.seen for one in found] > true),
    }


SHARED = 1.0 + np.eye(4)  # four arms against one control group


@pytest.mark.forms(2)
@pytest.mark.parametrize(
    ("means", "covariance"),
    [
        ([0.0, 0.0], np.eye(2)),
        ([0.0] * 6, np.eye(6)),
        ([0.0, 0.0, 0.0, 2.0], np.eye(4)),
        ([0.0, 0.5, 1.0, 1.0], np.diag([1.0, 4.0, 0.25, 1.0])),
        ([0.0] * 4, SHARED),
        ([0.0, 0.0, 1.0, 3.0], SHARED),
    ],
)
def test_the_interval_holds_the_truth_and_the_estimate_is_not_too_high(means, covariance):
    """95 of 100 intervals hold what is true of the arm that was picked; half of the estimates lie above it."""
    found = simulated(means, covariance)

    assert found["covered"] > 0.95 - 3 * np.sqrt(0.95 * 0.05 / RUNS)
    assert abs(found["above"] - 0.5) < 0.01 + 3 * np.sqrt(0.25 / RUNS)


def test_without_the_correction_the_best_of_six_equal_arms_is_told_too_high():
    """That is the curse: the plain estimate of the best lies above the truth nearly always."""
    found = simulated([0.0] * 6, np.eye(6))

    assert found["plain above"] > 0.97
    assert found["plain"] < 0.90


def test_a_clear_winner_is_told_as_if_it_had_been_the_only_one():
    """Ten standard errors ahead of the next, there was nothing to pick."""
    found = winner([10.0, 0.0, 0.0], np.eye(3))

    assert found.corrected == pytest.approx(10.0, abs=1e-3)
    assert (found.low, found.high) == pytest.approx((10 - 1.96, 10 + 1.96), abs=0.1)


def test_one_arm_alone_has_the_plain_interval():
    """There was no choice."""
    found = winner([1.0], [[4.0]])
    plain = stats.norm.ppf(0.975) * 2

    assert (found.low, found.corrected, found.high) == pytest.approx((1 - plain, 1.0, 1 + plain), abs=1e-6)


def test_of_two_that_are_equal_none_was_picked_and_the_interval_holds_the_truth():
    """Shares of 100 customers are often the very same; of 40 such draws nearly all intervals hold 20 %."""
    counts = np.random.default_rng(2).binomial(100, 0.2, 40)
    found = [winner([n / 100] * 2, np.eye(2) * (n + 1) / 102 * (101 - n) / 102 / 102) for n in counts]

    assert all(one.is_tied and one.low < one.corrected == one.seen < one.high for one in found)
    assert np.mean([one.low <= 0.2 <= one.high for one in found]) >= 0.9
    assert not winner([0.2, 0.21], np.eye(2) * 1e-4).is_tied


def test_a_tie_is_continuous():
    """Whichever of two equal arms is named, a last bit moves neither end."""
    one, other = winner([0.05, 0.05], np.eye(2) * 1e-4), winner([0.05, 0.05 + 1e-13], np.eye(2) * 1e-4)

    assert one.place == other.place == 0
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-9)


@pytest.mark.parametrize(("estimates", "covariance"), [([], []), ([1.0, 2.0], [[1.0]]), ([1.0], [[0.0]])])
def test_what_does_not_fit_is_refused(estimates, covariance):
    """No estimate, another size, or a variance of nothing."""
    with pytest.raises(ValueError, match="at least one number, with a matrix of variances above 0"):
        winner(estimates, covariance)
