"""Association: against brute force, scikit-learn and scipy; intervals that cover; groups that say the same."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from seglib.methods.association import association, explained, same_story, tells


def yes_and_no(rng: np.random.Generator, n: int, shift: float) -> tuple[pd.Series, pd.Series]:
    """Draw rounded numbers, so that some are tied, and an outcome that goes with them."""
    outcome = pd.Series((rng.random(n) < 0.4).astype(float))
    return (pd.Series(rng.normal(size=n)) + shift * outcome).round(1), outcome


def test_auc_is_that_of_scikit_learn():
    """Ties count half."""
    x, y = yes_and_no(np.random.default_rng(1), 200, 0.5)

    assert tells(x, y).value == pytest.approx(roc_auc_score(y, x), abs=1e-12)


def test_auc_interval_has_the_variance_of_delong():
    """The variance by midranks equals that of the pairs, counted one by one."""
    x, y = yes_and_no(np.random.default_rng(2), 60, 0.5)
    yes, no = x[y == 1].to_numpy(), x[y == 0].to_numpy()
    wins = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
    error = np.sqrt(wins.mean(axis=1).var(ddof=1) / len(yes) + wins.mean(axis=0).var(ddof=1) / len(no))
    found = tells(x, y)
    logit = np.log([end / (1 - end) for end in (found.low, found.value, found.high)])

    assert np.diff(logit) == pytest.approx([1.959964 * error / (found.value * (1 - found.value))] * 2, rel=1e-6)


def test_rank_correlation_is_that_of_scipy():
    """Spearman with ties and a missing value."""
    rng = np.random.default_rng(3)
    x, y = pd.Series(rng.poisson(3, 80), dtype=float), pd.Series(rng.normal(size=80))
    x[0] = np.nan

    assert tells(x, y).value == pytest.approx(stats.spearmanr(x[1:], y[1:]).statistic, abs=1e-12)
    assert tells(x, y).n == 79


def test_few_rows_tell_nothing():
    """29 rows, a constant column, and nine of one kind."""
    x = pd.Series(range(60), dtype=float)

    assert np.isnan(tells(x[:29], x[:29]).value)
    assert np.isnan(tells(x * 0, x).value)
    assert np.isnan(tells(x, (x < 9).astype(float)).value)


def coverage(repetitions: int, seed: int) -> tuple[float, float]:
    """Share of intervals that hold the truth: AUC of two normals, and a rank correlation."""
    rng, inside = np.random.default_rng(seed), np.zeros((repetitions, 2))
    truth = stats.norm.cdf(0.8 / np.sqrt(2)), 6 / np.pi * np.arcsin(0.5 / 2)
    for row in inside:
        y = pd.Series(np.repeat([0.0, 1.0], [90, 60]))
        auc = tells(pd.Series(rng.normal(size=150)) + 0.8 * y, y)
        pair = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 150)
        rho = tells(pd.Series(pair[:, 0]), pd.Series(pair[:, 1]))
        row[:] = auc.low < truth[0] < auc.high, rho.low < truth[1] < rho.high
    return tuple(inside.mean(axis=0))


def test_intervals_cover_the_truth():
    """Of 95 % intervals, about 95 % hold the truth (60 draws: at least 87 %)."""
    assert min(coverage(60, 1)) >= 0.87


@pytest.mark.long
def test_intervals_cover_the_truth_long():
    """2,000 draws: 93.5 to 96.5 %."""
    found = coverage(2000, 2)

    assert min(found) >= 0.935
    assert max(found) <= 0.965


def test_a_word_gives_a_number_away_and_the_other_way_round():
    """A yes-or-no column that splits a number, and one that does not."""
    x = pd.Series(range(80), dtype=float)

    assert association((x >= 40).astype(float), x) == 1.0
    assert association(x, pd.Series(["a", "b"] * 40)) < 0.1


def test_half_alike_columns_form_no_chain():
    """a is like b, b is like c, a is not like c: no group of three."""
    rng = np.random.default_rng(4)
    a, c = rng.normal(size=(2, 500))
    groups = same_story(pd.DataFrame({"a": a, "b": a + c, "c": c}), limit=0.6)

    assert max(len(group) for group in groups.values()) == 2


def test_a_sum_is_explained_by_its_parts_only_together():
    """The squared multiple correlation is that of a regression on ranks."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"]).assign(c=lambda t: t["a"] + t["b"])
    ranks = frame.rank()
    design = np.column_stack([np.ones(300), ranks["a"], ranks["b"]])
    rest = ranks["c"] - design @ np.linalg.solve(design.T @ design, design.T @ ranks["c"])

    assert explained(frame, "c", ["a", "b"]) == pytest.approx(1 - rest.var() / ranks["c"].var(), abs=1e-9)
    assert explained(frame, "c", ["a"]) < 0.6
