"""How many segments: the written rule on small tables, and on planted customers."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.core.sections import Clustering
from seglib.methods.choice import choose, compared, tiny, verdict
from seglib.methods.gates import USED
from seglib.methods.models import METHODS
from seglib.methods.structure import Structure, structure

LOW, HIGH = (0.1, 0.11, 0.12), (0.4, 0.41, 0.42)
CONTINUUM, NATURAL = (Structure(0.3, 2, twins, twins, twins, {}, {}) for twins in (HIGH, LOW))
KS = range(2, 9)


def table(**columns: list[float] | float | bool) -> pd.DataFrame:
    """Return a comparison of two to five segments in which everything passes, but for the given columns."""
    usual = {"silhouette": 0.4, "smallest_count": 50, "stability": 0.9, "stability_error": 0.01, "weakest": 0.9}
    return pd.DataFrame({"k": [2, 3, 4, 5], **usual, "smallest_share": 0.1, "eligible": True, **columns})


def test_a_continuum_is_cut_as_finely_as_it_is_reproducible() -> None:
    """Four segments are still stable, five are not."""
    k, why = choose(table(stability=[0.95, 0.9, 0.82, 0.7]), CONTINUUM)

    assert k == 4
    assert why == (
        "4 segments: the customers form no natural groups, so no number is the true one. This is the finest division "
        "that another sample of customers would give again (stability 0.82, at least 0.8 asked). With one more segment "
        "the stability would be 0.70."
    )


def test_a_continuum_that_no_sample_cuts_alike_is_not_said_to_be_found_again() -> None:
    """All stabilities are below 0.8: the most stable division is taken, and nothing is promised."""
    k, why = choose(table(stability=[0.75, 0.7, 0.65, 0.62]), CONTINUUM)

    assert k == 2
    assert "No division would be cut at the same places in another sample" in why
    assert "stability 0.75, 0.8 is called reproducible" in why


def test_natural_groups_are_taken_where_they_are_clearest() -> None:
    """The silhouette has one peak."""
    k, why = choose(table(silhouette=[0.3, 0.6, 0.4, 0.3]), NATURAL)

    assert k == 3
    assert "the groups are clearest (silhouette 0.60)" in why


def test_a_finer_division_wins_where_it_is_as_clear_and_highly_stable() -> None:
    """Two of four groups lie nearer to each other: joined they are a little clearer, apart no less real."""
    finer = {"silhouette": [0.4, 0.65, 0.62, 0.61]}

    assert choose(table(**finer, weakest=[0.9, 0.99, 0.98, 0.6]), NATURAL)[0] == 4
    assert choose(table(**finer, weakest=[0.9, 0.99, 0.8, 0.6]), NATURAL)[0] == 3


def test_S03_a_flat_curve_gives_the_smallest_adequate_number_and_says_so() -> None:
    """Two to five segments are told apart by nothing."""
    k, why = choose(table(stability=[0.90, 0.91, 0.90, 0.91]), CONTINUUM)

    assert k == 2
    assert "the curve is flat, 2 to 5 segments come out equally well" in why


def test_S03_a_curve_that_falls_beyond_its_error_is_not_flat() -> None:
    """0.95 and 0.85 differ by far more than two standard errors of 0.01."""
    assert choose(table(stability=[0.95, 0.92, 0.88, 0.85]), CONTINUUM)[0] == 5


def test_when_nothing_passes_the_most_stable_without_a_tiny_segment_is_taken() -> None:
    """Two segments are the most stable, but one of them has three customers."""
    k, why = choose(table(eligible=False, stability=[0.99, 0.3, 0.4, 0.2], smallest_count=[3, 40, 30, 20]), NATURAL)

    assert k == 4
    assert "4 is the most stable one (stability 0.40, smallest segment 10.0%)" in why


def test_S04_only_tiny_segments_are_refused_with_a_remedy() -> None:
    """Every number leaves a segment of fewer than ten customers."""
    finding = tiny(table(smallest_count=[1, 3, 2, 1]))

    assert str(finding).startswith("SEG-S04 every number of segments leaves one with fewer than 10 customers")
    assert tiny(table()) is None


def planted(seed: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw 1,000 customers in k round groups of unequal size, nearest centres six standard deviations apart."""
    rng = np.random.default_rng([seed, k])
    p = int(rng.integers(2, 9))
    side = 6 * max(2.0, 1.6 * k ** (1 / p))
    centres = rng.uniform(0, side, (k, p))
    while min(np.linalg.norm(centres[a] - centres[b]) for a in range(k) for b in range(a)) < 6:
        centres = rng.uniform(0, side, (k, p))
    group = rng.choice(k, 1_000, p=0.6 * rng.dirichlet(np.full(k, 5.0)) + 0.4 / k)
    x = centres[group] + rng.normal(size=(1_000, p))
    return (x - np.median(x, axis=0)) / x.std(axis=0), group


def divided(x: np.ndarray, seed: int, pairs: int) -> tuple[int, np.ndarray]:
    """Compare two to eight segments as notebook 04 does, and return the chosen number and its labels."""
    method, settings = METHODS["kmeans"], Clustering()
    fits = method.fits(x, list(KS), seed)
    evidence = structure(x, seed, ks=list(KS))
    quality = compared(
        x,
        fits,
        method.stabilities(x, fits, seed, pairs),
        evidence,
        seed,
        settings.size_floor_share,
        settings.stability_floor,
    )
    k = choose(quality, evidence)[0]
    return k, fits[k].labels


@pytest.mark.forms(2)
@pytest.mark.parametrize("k", [2, 5, 8])
def test_the_planted_number_is_found(k: int) -> None:
    """One set each; the long test below takes 200."""
    x, group = planted(0, k)
    found, labels = divided(x, seed=0, pairs=5)

    assert found == k
    assert adjusted_rand_score(group, labels) >= 0.95


@pytest.mark.long
def test_the_planted_number_is_found_in_95_of_100_sets() -> None:
    """200 sets of two to eight groups, with seeds on which nothing was tuned: number and adjusted Rand index."""
    right: Counter[str] = Counter()
    for seed in range(2_000, 2_200):
        k = 2 + seed % 7
        x, group = planted(seed, k)
        found, labels = divided(x, seed, pairs=10)
        right["number"] += found == k
        right["members"] += adjusted_rand_score(group, labels) >= 0.95

    assert right["number"] >= 190
    assert right["members"] >= 190


def test_a_silhouette_is_said_with_the_number_of_segments_that_has_it() -> None:
    """Two segments have 0.39, four are chosen: 0.39 must not pass for what the four have."""
    twins = (0.36, 0.37, 0.38)

    assert "silhouette 0.39 at most, with 2 segments" in verdict(Structure(0.39, 2, twins, twins, twins, {}, {}), 0.85)


def test_cuts_that_move_do_not_stand_beside_segments_that_are_called_stable() -> None:
    """The whole is found again with 0.53 while each segment passes its floor: two sentences that bear each other."""
    twins = (0.2, 0.3, 0.4)
    told = verdict(Structure(0.3, 2, twins, twins, twins, {}, {}), 0.53)

    assert "would be cut at other places (stability 0.53; from 0.8 on they are nearly the same)" in told
    assert USED == "Every segment passes the floors of size and stability in the plan, so each may be acted on."
