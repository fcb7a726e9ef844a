"""From a table to segments in one call."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.core.errors import InputRefused
from seglib.methods.segmenting import Segments, segment


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray]:
    """Ninety rows in three groups far apart, the last one highest, and the group of each."""
    group = np.repeat([0, 1, 2], 30)
    return np.array([[0.0, 0], [9, 9], [18, 0]])[group] + np.random.default_rng(0).normal(size=(90, 2)), group


@pytest.fixture(scope="module")
def found(planted: tuple[np.ndarray, np.ndarray]) -> Segments:
    """The array as it is; few pairs of samples."""
    return segment(planted[0], ks=[2, 3, 4], pairs=3)


def test_an_array_becomes_named_numbered_segments(found: Segments, planted: tuple[np.ndarray, np.ndarray]) -> None:
    """The planted number and groups; segment 1 is the one with the highest first column."""
    assert (found.k, found.structure.word) == (3, "natural")
    assert adjusted_rand_score(planted[1], found.labels) == 1.0
    assert (found.labels[planted[1] == 2] == 1).all()
    assert min(found.stability.jaccard) == 1.0


def test_the_frozen_rule_gives_the_labels_back_and_keeps_the_index(
    found: Segments, planted: tuple[np.ndarray, np.ndarray]
) -> None:
    """The same rows under other names."""
    again = pd.DataFrame(planted[0], columns=found.scaling.names, index=[f"r{n}" for n in range(90)])

    assert found.assign(again).tolist() == found.labels.tolist()
    assert found.assign(again).index[0] == "r0"


def test_a_number_that_was_asked_for_is_taken_and_one_that_was_not_compared_is_refused(
    planted: tuple[np.ndarray, np.ndarray],
) -> None:
    """Two instead of three, with the rule's own word beside it; nine is not among the numbers."""
    two = segment(planted[0], ks=[2, 3], k=2, pairs=2)

    assert (two.k, two.reason) == (2, "2 segments, as asked; the rule would take 3.")
    with pytest.raises(InputRefused, match="V26 the number of segments must be one of 2, 3 - found: 9"):
        segment(planted[0], ks=[2, 3], k=9, pairs=1)
