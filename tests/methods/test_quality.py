"""Internal quality against published values."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from seglib.methods.clusterers import Fit, kmeans
from seglib.methods.quality import quality, sample


def test_iris_gives_the_published_numbers() -> None:
    """k-means, k = 3, unscaled (scikit-learn documentation)."""
    x, species = load_iris(return_X_y=True)
    fit = kmeans(x, 3, seed=0)
    found = quality(x, fit, seed=0)

    assert round(fit.inertia, 4) == 78.8514
    assert round(found.silhouette, 4) == 0.5528
    assert round(found.calinski_harabasz, 2) == 561.63
    assert round(found.davies_bouldin, 4) == 0.6620
    assert round(adjusted_rand_score(species, fit.labels), 4) == 0.7302
    assert sorted(found.sizes) == [38, 50, 62]


def test_the_smallest_share_is_that_of_the_smallest_segment() -> None:
    """One customer of four."""
    fit = Fit(np.array([0, 0, 0, 1]), np.array([[0.1], [5.0]]), 0.0)

    assert quality(np.array([[0.0], [0.1], [0.2], [5.0]]), fit, seed=0).smallest_share == 0.25


def test_the_silhouette_of_a_sample_depends_on_the_seed_only() -> None:
    """Same seed, same rows; and a sample of half the rows is near the whole."""
    x = np.random.default_rng(0).normal(size=(600, 2)) + np.repeat([[0, 0], [6, 6]], 300, axis=0)
    fit = kmeans(x, 2, seed=0)
    first, again, whole = (quality(x, fit, seed=4, sample_rows=n).silhouette for n in (300, 300, 600))

    assert first == again
    assert first == pytest.approx(whole, abs=0.02)


def test_a_sample_has_no_row_twice() -> None:
    """Ascending row numbers without repetition."""
    rows = sample(1_000, 100, seed=0)

    assert len(rows) == len(set(rows.tolist())) == 100
    assert (np.diff(rows) > 0).all()
