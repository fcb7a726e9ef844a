"""Every way to divide, behind one interface: it finds what was planted, and its centres say the same."""

import os
import subprocess
import sys
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp
from sklearn.metrics import adjusted_rand_score

from seglib.core.errors import InputRefused
from seglib.methods.bernoulli import bernoulli_mixture
from seglib.methods.clusterers import assign
from seglib.methods.mixed import with_categories
from seglib.methods.models import METHODS
from seglib.methods.scaling import Scaling

NUMBERS = ["kmeans", "gaussian_mixture", "ward", "hdbscan"]


def heaps(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw 300 points in three groups of different width, and the group of each."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], [150, 100, 50])
    return np.array([[0, 0], [9, 0], [0, 9]])[group] + rng.normal(size=(300, 2)) * [[1.0, 0.7]], group


def answers(rows: int = 900, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw answers to twelve questions from three planted groups: answers, group, probabilities of a yes."""
    rng = np.random.default_rng(seed)
    yes = np.full((3, 12), 0.15)
    for group in range(3):
        yes[group, 4 * group : 4 * group + 4] = 0.8
    group = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    return (rng.random((rows, 12)) < yes[group]).astype(float), group, yes


@pytest.mark.parametrize("name", NUMBERS)
def test_every_method_for_numbers_finds_planted_groups(name: str) -> None:
    """Three separated groups; the labels of the nearest centre are those that were planted."""
    x, group = heaps()
    fit = METHODS[name].fits(x, [2, 3, 4], seed=0)[3]

    assert adjusted_rand_score(group, fit.labels) > 0.97
    assert fit.agreement > 0.98


@pytest.mark.parametrize("name", NUMBERS)
def test_labels_are_those_of_the_nearest_centre(name: str) -> None:
    """Whatever the method, arithmetic on the rounded centres gives the labels back."""
    x = np.random.default_rng(3).normal(size=(400, 3)) + np.repeat([[0, 0, 0], [4, 4, 0]], 200, axis=0)

    for fit in METHODS[name].fits(x, [2, 3], seed=1).values():
        assert (assign(x, fit.centres) == fit.labels).all()


def test_agreement_counts_where_the_method_and_the_centres_differ() -> None:
    """A wide cloud around a narrow one: the mixture follows the widths, the nearest centre cannot."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(300, 2)) * 0.3, rng.normal(size=(300, 2)) * 3 + [3, 0]])

    assert 0.5 < METHODS["gaussian_mixture"].fits(x, [2], seed=0)[2].agreement < 0.95


def test_hdbscan_says_how_many_it_leaves_out() -> None:
    """Two dense groups in thin noise."""
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(300, 2)) * 0.3 + np.repeat([[0, 0], [6, 6]], 150, axis=0)
    fit = METHODS["hdbscan"].fits(np.concatenate([dense, rng.uniform(-3, 9, (60, 2))]), [2], seed=0)[2]

    assert 0.05 < fit.left_out_share < 0.3
    assert fit.agreement > 0.99


@pytest.mark.wide
def test_hdbscan_gives_the_same_groups_on_another_processor() -> None:
    """Many distances of its tree are equal, and numpy orders equals differently without newer loops."""
    work = (
        "import numpy as np; from seglib.methods.models import METHODS; rng = np.random.default_rng(0)\n"
        "dense = rng.normal(size=(300, 2)) * 0.3 + np.repeat([[0, 0], [6, 6]], 150, axis=0)\n"
        "x = np.concatenate([dense, rng.uniform(-3, 9, (60, 2))])\n"
        "print(METHODS['hdbscan'].fits(x, [2], seed=0)[2].agreement)"
    )
    said = []
    for without in ("", "X86_V4"):
        surroundings = os.environ | {"NPY_DISABLE_CPU_FEATURES": without}
        command = [sys.executable, "-W", "ignore", "-c", work]
        said.append(subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout)

    assert said[0] == said[1]


def test_S02_a_cloud_has_no_dense_groups() -> None:
    """HDBSCAN finds none, and the sentence names the way out."""
    with pytest.raises(InputRefused, match=r"^SEG-S02 HDBSCAN .* finds no division into 5 to 8 groups.*write kmeans"):
        METHODS["hdbscan"].fits(np.random.default_rng(0).normal(size=(300, 2)), [5, 6, 7, 8], seed=0)


@pytest.mark.parametrize("name", ["gaussian_mixture", "ward", "hdbscan"])
def test_planted_groups_are_stable_by_every_method(name: str) -> None:
    """Halves of the rows give the three groups again, and not four."""
    x, _ = heaps()
    fits = METHODS[name].fits(x, [3], seed=0)

    assert METHODS[name].stabilities(x, fits, seed=0, pairs=4)[3].mean > 0.95


def test_the_bernoulli_mixture_finds_planted_probabilities() -> None:
    """Twelve questions, three groups of 50, 30 and 20 %."""
    x, group, yes = answers()
    found = bernoulli_mixture(x, 3, seed=0)
    near = min(float(np.abs(found.yes[list(order)] - yes).max()) for order in permutations(range(3)))

    assert near < 0.1
    assert sorted(found.shares) == pytest.approx([0.2, 0.3, 0.5], abs=0.05)
    assert adjusted_rand_score(group, found.label(x)) > 0.75


def test_the_log_likelihood_of_the_bernoulli_mixture_is_that_of_its_definition() -> None:
    """Sum over customers of the log of a sum over groups of share times product of answers."""
    x, _, _ = answers(rows=60)
    found = bernoulli_mixture(x, 2, seed=0)
    each = [
        [np.log(s) + np.log(np.where(row == 1, p, 1 - p)).sum() for s, p in zip(found.shares, found.yes, strict=True)]
        for row in x
    ]

    assert found.log_likelihood == pytest.approx(float(logsumexp(each, axis=1).sum()))


def test_S19_a_mixture_that_does_not_settle_names_a_question() -> None:
    """Two steps are not enough."""
    x, _, _ = answers()

    with pytest.raises(
        InputRefused, match=r"^SEG-S19 the Bernoulli mixture with 3 segments did not settle - column 'q"
    ):
        bernoulli_mixture(x, 3, seed=0, steps=2, names=[f"q{n}" for n in range(12)])


def mixed_customers(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw three groups: two differ in money only, two in country only."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], 150)
    value = np.where(group == 2, 40.0, 10.0) + rng.normal(size=450)
    land = np.where(group == 0, "DE", "FR")
    swapped = rng.random(450) < 0.05
    land = np.where(swapped, np.where(land == "DE", "FR", "DE"), land)
    return pd.DataFrame({"value": value, "country": land}), group


def test_numbers_and_categories_together_find_what_neither_finds_alone() -> None:
    """Money tells two groups apart, country two others."""
    frame, group = mixed_customers()
    numbers = Scaling.fit(frame[["value"]], {"value": "identity"})
    both = with_categories(numbers, frame[["country"]])
    found, alone = (METHODS["mixed"].fits(s.apply(frame), [3], seed=0)[3].labels for s in (both, numbers))

    assert adjusted_rand_score(group, found) > 0.85
    assert adjusted_rand_score(group, alone) < 0.6


def test_distances_are_those_of_multiple_correspondence_analysis() -> None:
    """All coordinates, by the singular values of the indicator table, give the same distances."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"country": rng.choice(list("abc"), 80)})
    x = with_categories(Scaling(()), frame).apply(frame)
    table = pd.get_dummies(frame["country"]).to_numpy(dtype=float)
    share = table.mean(axis=0)
    left, values, _ = np.linalg.svd((table - share) / np.sqrt(share), full_matrices=False)
    coordinates = left * values / np.sqrt(2)  # three words: total variance 2

    assert np.linalg.norm(x - x[0], axis=1) == pytest.approx(np.linalg.norm(coordinates - coordinates[0], axis=1))


def test_a_category_weighs_as_much_as_a_number() -> None:
    """Total variance 1, with two words or with four."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.choice(list("xy"), 500), "b": rng.choice(list("wxyz"), 500)})
    x = with_categories(Scaling(()), frame).apply(frame)

    assert [x[:, :2].var(axis=0).sum(), x[:, 2:].var(axis=0).sum()] == pytest.approx([1, 1])


def test_a_rare_word_has_no_column_and_one_word_no_category() -> None:
    """Two of a hundred are too few for a segment; a constant word tells nobody apart."""
    frame = pd.DataFrame({"country": ["DE"] * 60 + ["FR"] * 38 + ["LI"] * 2, "shop": "one"})
    scaling = with_categories(Scaling(()), frame)

    assert [column.level for column in scaling.columns] == ["DE", "FR"]
    assert scaling.constant == ("shop",)
