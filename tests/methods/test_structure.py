"""The question before all others: are there groups, or does the method make them?"""

import numpy as np
import pytest

from seglib.methods.structure import Structure, best_silhouette, structure, unimodal_margin

SETS = range(3)  # the long test below takes 24


def correlated(rng: np.random.Generator, p: int) -> np.ndarray:
    """Return normal columns that correlate at 0.5."""
    return rng.multivariate_normal(np.zeros(p), np.full((p, p), 0.5) + 0.5 * np.eye(p), 800)


def verdict(x: np.ndarray, seed: int) -> str:
    """Judge without any stability, so that only natural groups can pass."""
    return structure(x, seed=seed).verdict(global_stability=0.0)


@pytest.mark.parametrize("seed", SETS)
def test_planted_groups_are_natural(seed: int) -> None:
    """Three to five round groups, centres 4 standard deviations from the middle."""
    rng = np.random.default_rng(seed)
    k, p = 3 + seed % 3, 3 + seed % 4
    centres = rng.normal(size=(k, p))
    centres *= 4 / np.linalg.norm(centres, axis=1)[:, None]

    assert verdict(centres[rng.integers(0, k, 800)] + rng.normal(size=(800, p)), seed) == "natural"


@pytest.mark.parametrize("seed", SETS)
def test_S02_correlated_normal_data_have_no_natural_groups(seed: int) -> None:
    """One cloud, however long."""
    assert verdict(correlated(np.random.default_rng(seed), 2 + seed % 4), seed) == "constructed"


@pytest.mark.parametrize("seed", SETS)
def test_S02_log_normal_data_have_no_natural_groups(seed: int) -> None:
    """A long tail is not a group, though it is cut at the same place every time."""
    assert verdict(np.exp(0.8 * correlated(np.random.default_rng(seed), 2 + seed % 4)), seed) == "constructed"


@pytest.mark.parametrize("seed", SETS)
def test_S02_uniform_data_have_no_natural_groups(seed: int) -> None:
    """A full box has no gaps."""
    assert verdict(np.random.default_rng(seed).uniform(size=(800, 2 + seed % 4)), seed) == "constructed"


@pytest.mark.parametrize("seed", SETS)
def test_S02_counts_have_no_natural_groups(seed: int) -> None:
    """The gaps between 0, 1 and 2 are those of counting, not of customers."""
    rng = np.random.default_rng(seed)

    assert verdict(np.log1p(rng.poisson(rng.gamma(1.0, 2.0, (800, 2)))), seed) == "constructed"


def test_the_verdict_without_natural_groups_depends_on_the_stability() -> None:
    """A continuum that is cut in the same way every time can be used, and is called what it is."""
    evidence = Structure(0.30, 4, unimodal=(0.31,) * 19, box=(0.20,) * 19)

    assert evidence.verdict(0.80) == "reproducible"
    assert evidence.verdict(0.79) == "constructed"


def test_both_families_must_be_beaten() -> None:
    """18 of 19 are 94.7 %, which is not enough, and neither is a lead below 0.02."""
    below = (0.20,) * 19

    assert Structure(0.30, 4, below, below).verdict(0.0) == "natural"
    assert Structure(0.30, 4, below, (*below[:18], 0.31)).verdict(0.0) == "constructed"
    assert Structure(0.30, 4, (*below[:18], 0.29), below).verdict(0.0) == "constructed"


def test_the_same_seed_gives_the_same_evidence() -> None:
    """Sampling, twins and starts all follow the seed."""
    x = np.random.default_rng(0).normal(size=(200, 2))

    assert structure(x, seed=3, rows=80, twins=2) == structure(x, seed=3, rows=80, twins=2)


def test_a_single_outlier_is_not_a_group() -> None:
    """The size floor keeps the cut between one customer and all others from winning."""
    x = np.append(np.random.default_rng(0).normal(size=99), 1_000.0)[:, None]
    rng = np.random.default_rng(0)

    assert best_silhouette(x, [2], 0.05, rng) == (-1.0, 2)
    assert best_silhouette(x, [2], 0.0, rng)[0] == -1.0


def test_the_silhouette_is_that_of_scikit_learn() -> None:
    """The faster form from known distances gives the same number."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    x = np.random.default_rng(0).normal(size=(120, 3))
    start = int(np.random.default_rng(9).integers(2**31))
    labels = KMeans(4, n_init=3, random_state=start).fit_predict(x)

    assert best_silhouette(x, [4], 0.0, np.random.default_rng(9))[0] == pytest.approx(silhouette_score(x, labels))


def test_the_margin_of_two_heaps_is_filled_in_between() -> None:
    """The nearest distribution with one mode puts its middle between the heaps."""
    heaps = np.concatenate([np.linspace(0, 1, 50), np.linspace(9, 10, 50)])
    quartiles = unimodal_margin(heaps)(np.array([0.25, 0.5, 0.75]))

    assert 1.5 < quartiles[0] < quartiles[1] < quartiles[2] < 8.5


def test_the_margin_keeps_a_heap_at_zero() -> None:
    """Half of the customers never used a coupon; half of each twin did not either."""
    column = np.concatenate([np.zeros(50), np.linspace(0.2, 1, 50)])

    assert unimodal_margin(column)(np.array([0.1, 0.45, 0.9])).round(2).tolist()[:2] == [0.0, 0.0]


@pytest.mark.long
def test_S02_structureless_data_are_called_natural_in_fewer_than_one_set_of_twenty() -> None:
    """24 normal and 24 log-normal sets; at most one of each is the nominal rate."""
    normal = [correlated(np.random.default_rng(seed), 2 + seed % 4) for seed in range(100, 124)]

    assert sum(verdict(x, seed) == "natural" for seed, x in enumerate(normal)) <= 1
    assert sum(verdict(np.exp(0.8 * x), seed) == "natural" for seed, x in enumerate(normal)) <= 1
