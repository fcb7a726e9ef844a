"""The method is chosen by the data as well as the number: by the form of the groups, and by what lies between them."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.shapes import HELD, LEARNT, labelled, real
from benchmarks.unknown_number import of_scikit_learn
from sklearn.datasets import load_wine, make_moons
from sklearn.metrics import adjusted_rand_score

from seglib.methods.by_data import Key, apart, description
from seglib.methods.own_rules import Neighbour, own
from seglib.methods.segmenting import segment


@pytest.mark.wide
def test_two_moons_are_two_segments_and_new_rows_find_theirs() -> None:
    """No centre can tell them apart: k-means' own segments reach .3 of 1; the frozen rule is the nearest row."""
    x, moon = make_moons(300, noise=0.05, random_state=0)
    found = segment(x[:240], ks=[2, 3, 4], pairs=2)

    assert (found.k, found.method) == (2, "HDBSCAN on scaled criteria")
    assert adjusted_rand_score(moon[:240], found.labels) > 0.95
    assert adjusted_rand_score(moon[240:], found.assign(named(x[240:]))) > 0.9
    assert found.verdict.startswith("Natural: empty space separates the groups")


def named(x: np.ndarray) -> pd.DataFrame:
    """Name the columns of an array as `segment` does."""
    return pd.DataFrame(x, columns=[f"column_{n + 1}" for n in range(x.shape[1])])


@pytest.mark.wide
def test_long_clouds_are_clouds_and_not_pieces_of_them() -> None:
    """Two clouds eight times as long as wide, side by side: the mixture describes them most briefly."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)) * [4, 0.5] + np.repeat([[0, 0], [0, 4]], 150, axis=0)
    found = segment(x, ks=[2, 3, 4], pairs=2)

    assert found.k == 2
    assert adjusted_rand_score(np.repeat([0, 1], 150), found.labels) > 0.95
    assert found.labels.tolist() == found.assign(named(x)).tolist()


@pytest.mark.wide
def test_clouds_keep_to_the_axes_where_few_rows_tell_no_more() -> None:
    """The 178 wines of three growers, thirteen columns: three clouds, which turned axes do not find (.50)."""
    x, grower = load_wine(return_X_y=True)
    found = segment(x, pairs=1)

    assert found.k == 3
    assert adjusted_rand_score(grower, found.labels) > 0.8


def test_segment_one_has_the_highest_first_column_whatever_the_method() -> None:
    """Two moons, of which the second lies further to the right."""
    x, _ = make_moons(240, noise=0.05, random_state=0)
    found = segment(x, ks=[2, 3], pairs=2)

    assert x[found.labels == 1, 0].mean() > x[found.labels == 2, 0].mean()


def test_heaps_of_answers_are_no_groups() -> None:
    """Two random yes or no fall into four heaps with nothing between, and so do those of their twins."""
    x = np.random.default_rng(0).integers(0, 2, (200, 2)).astype(float)
    divisions = {Key("hdbscan", k): found for k, found in own("hdbscan", x, range(2, 9), 0).items()}

    assert any(found.left_out_share <= 0.05 for found in divisions.values())
    assert apart(x, divisions, 0.03, seed=0) is None


def test_a_description_is_shortest_for_the_clouds_that_made_the_rows() -> None:
    """Three clouds: three beat two halves of one, and one cloud for two."""
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 60)
    x = rng.normal(size=(180, 2)) + np.array([[0, 0], [7, 0], [0, 7]])[group]
    split = group + 3 * ((group == 0) & (x[:, 0] > 0))
    split = np.unique(split, return_inverse=True)[1]

    assert description(x, group) < min(description(x, split), description(x, np.minimum(group, 1)))


def test_the_rule_of_the_nearest_row_takes_the_first_of_equals() -> None:
    """Halfway between two rows that were learnt."""
    rule = Neighbour(np.array([[0.0], [2.0], [9.0]]), np.array([1, 0, 0]))

    assert rule(np.array([[1.0], [1.1], [8.0]])).tolist() == [1, 0, 0]


def few(x: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take at most 300 rows of a set."""
    kept = np.random.default_rng(0).permutation(len(x))[:300] if len(x) > 300 else np.arange(len(x))
    return x[kept], group[kept]


@pytest.mark.long
def test_labelled_sets_are_found_better_than_by_any_choice_of_scikit_learn() -> None:
    """Mean adjusted Rand index over 47 sets with unknown number and method, four of them scikit-learn's own."""
    sets = [few(*each) for each in (labelled(LEARNT, 0) | labelled(HELD, 0) | real()).values()]
    ours = np.mean([adjusted_rand_score(group, segment(x, pairs=1).labels) for x, group in sets])
    theirs = pd.DataFrame(
        {name: adjusted_rand_score(group, labels) for name, labels in of_scikit_learn(x).items()} for x, group in sets
    )

    assert ours >= theirs.mean().max()


@pytest.mark.long
@pytest.mark.parametrize("spread", [0.4, 1.0])
def test_of_forty_skewed_clouds_at_most_two_have_empty_space_in_them(spread: float) -> None:
    """Log-normal in three columns, seeds on which nothing was tuned: no groups, and none found by what lies between."""
    found = []
    for seed in range(40):
        x = np.log1p(np.exp(spread * np.random.default_rng([seed, 5]).normal(size=(400, 3))))
        divisions = {Key("hdbscan", k): one for k, one in own("hdbscan", x, range(2, 9), 0).items()}
        found.append(apart(x, divisions, 0.03, seed) is not None)

    assert sum(found) <= 2
