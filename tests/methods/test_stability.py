"""Stability under resampling: planted groups are found again, noise is not."""

import numpy as np
import pytest

from seglib.methods.clusterers import kmeans, ordered
from seglib.methods.stability import NOT_STABLE_BELOW, STABLE_FROM, jaccard, stability


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


@pytest.mark.parametrize("k", [3, 6])
def test_planted_groups_are_less_stable_at_another_k(k: int) -> None:
    """Too few segments join groups at random, too many cut them at random."""
    x, _ = blobs()

    assert stability(x, kmeans(x, k, seed=0), seed=0, pairs=10).median < 0.95


def test_noise_is_not_stable() -> None:
    """A ball has no preferred cut."""
    x = np.random.default_rng(0).normal(size=(600, 6))

    assert stability(x, kmeans(x, 4, seed=0), seed=0, pairs=10).median < 0.5


def test_S01_the_segments_of_an_overlapping_pair_are_the_unstable_ones() -> None:
    """Two groups lie apart, a round third is cut in two: the two halves fall below the limit."""
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], [150, 150, 400])
    x = np.array([[0, 30, 0], [30, 0, 0], [0, 0, 0]])[group] + rng.normal(size=(700, 3)) * [1, 1, 1]
    fit = ordered(kmeans(x, 4, seed=0), 2 - group)
    found = stability(x, fit, seed=0, pairs=15).jaccard
    halves = {int(label) for label in fit.labels[group == 2]}

    assert [value >= STABLE_FROM for label, value in enumerate(found) if label not in halves] == [True, True]
    assert all(value < NOT_STABLE_BELOW for label, value in enumerate(found) if label in halves)


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
