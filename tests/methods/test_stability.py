"""Stability under resampling: planted groups are found again, noise is not."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.methods.clusterers import Fit, kmeans, ordered
from seglib.methods.flows import flows
from seglib.methods.stability import adjusted_rand, crossed, jaccard, stability


def blobs(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return 600 points in four well separated groups, and the group of each."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, 600)
    centres = np.array([[0, 0, 0], [8, 0, 0], [0, 8, 0], [0, 0, 8]])
    return centres[group] + rng.normal(size=(600, 3)), group


def test_planted_groups_are_stable_at_the_planted_k() -> None:
    """Every pair of samples gives the same four groups."""
    x, _ = blobs()
    found = stability(x, kmeans(x, 4, seed=0), seed=0, pairs=10)

    assert found.median >= 0.99
    assert min(found.jaccard) >= 0.99


def test_the_mean_notices_what_the_median_hides() -> None:
    """Three segments for two pairs of groups, one a little nearer: most samples join that one, the others do not."""
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [8.15, 0.0], [0.0, 30.0], [8.0, 30.0]])
    x = centres[rng.integers(0, 4, 600)] + rng.normal(size=(600, 2))
    found = stability(x, kmeans(x, 3, seed=0), seed=0, pairs=10)

    assert found.median > 0.95
    assert found.mean < 0.85


@pytest.mark.parametrize("k", [3, 6])
def test_planted_groups_are_less_stable_at_another_k(k: int) -> None:
    """Too few segments join groups at random, too many cut them at random."""
    x, _ = blobs()

    assert stability(x, kmeans(x, k, seed=0), seed=0, pairs=10).mean < 0.85


def test_noise_is_not_stable() -> None:
    """A ball has no preferred cut."""
    x = np.random.default_rng(0).normal(size=(600, 6))

    assert stability(x, kmeans(x, 4, seed=0), seed=0, pairs=10).median < 0.5


def test_S01_the_halves_of_one_round_group_are_not_stable() -> None:
    """Two groups lie apart, a third in eight dimensions is cut in two: nothing says where to cut it."""
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], [150, 150, 400])
    centres = np.zeros((3, 8))
    centres[0, 0] = centres[1, 1] = 30
    x = centres[group] + rng.normal(size=(700, 8))
    fit = ordered(kmeans(x, 4, seed=0), group)
    halves, whole = stability(x, fit, seed=0, pairs=15).jaccard[:2], stability(x, fit, seed=0, pairs=15).jaccard[2:]

    assert max(halves) < 0.6  # Hennig (2008): doubtful up to there
    assert min(whole) >= 0.75  # valid and stable from there


def test_the_same_seed_gives_the_same_values() -> None:
    """Nothing else is random, and another seed differs."""
    x = np.random.default_rng(0).normal(size=(300, 3))
    fit = kmeans(x, 3, seed=0)

    assert stability(x, fit, seed=5, pairs=3) == stability(x, fit, seed=5, pairs=3)
    assert stability(x, fit, seed=5, pairs=3) != stability(x, fit, seed=6, pairs=3)


def test_jaccard_counts_both_over_either() -> None:
    """Segment 0 shares one of three customers with segment 0, one of two with segment 1."""
    overlap = jaccard(np.array([0, 0, 1]), np.array([0, 1, 0]), 2)

    assert overlap.round(3).tolist() == [[0.333, 0.5], [0.5, 0.0]]


@pytest.mark.parametrize("seed", range(3))
def test_the_rand_index_is_that_of_scikit_learn(seed: int) -> None:
    """The same number from counts alone, also where segments are empty."""
    first, second = np.random.default_rng(seed).integers(0, 4 - seed, (2, 50))

    assert adjusted_rand(crossed(first, second, 5, 6)) == pytest.approx(adjusted_rand_score(first, second))


def test_flows_say_where_a_segment_comes_from() -> None:
    """Segment 2 of three is made of both halves, segments 1 and 3 of one each."""
    two, three = np.repeat([0, 1], 4), np.array([0, 0, 1, 1, 1, 1, 2, 2])
    found = flows({2: Fit(two, np.zeros((2, 1)), 0.0), 3: Fit(three, np.zeros((3, 1)), 0.0)})
    rows = found[["segment", "from_segment", "customers_count", "share"]].to_numpy().tolist()

    assert rows == [[1, 1, 2, 1.0], [2, 1, 2, 0.5], [2, 2, 2, 0.5], [3, 2, 2, 1.0]]
    assert found["level_stability"].round(6).tolist() == [1.0, 0.0, 0.0, 1.0]
