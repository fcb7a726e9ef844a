"""k-means behind one interface: reproducible labels, ordered segments, refusals."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from seglib.core.errors import InputRefused
from seglib.methods.clusterers import Fit, assign, kmeans, largest_k, ordered

THREE = np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.1, 5.0], [9.0, 0.0], [9.1, 0.0]])


def noise(rows: int = 500, columns: int = 4) -> np.ndarray:
    """Return points without groups, where restarts and threads matter most."""
    return np.random.default_rng(3).normal(size=(rows, columns))


def test_planted_groups_are_found() -> None:
    """Three pairs of neighbours, three segments."""
    labels = kmeans(THREE, 3, seed=0).labels

    assert (labels[::2] == labels[1::2]).all()
    assert len(set(labels.tolist())) == 3


def test_the_centres_alone_give_the_labels_back() -> None:
    """Centres are rounded first, labels come after."""
    x = noise()
    fit = kmeans(x, 5, seed=1)

    assert (assign(x, fit.centres) == fit.labels).all()
    assert (np.round(fit.centres, 6) == fit.centres).all()


def test_batch_and_row_by_row_assignment_are_identical() -> None:
    """A new customer gets the segment that a full run would give."""
    x = noise(200)
    centres = kmeans(x, 4, seed=1).centres

    assert [int(assign(row[None, :], centres)[0]) for row in x] == assign(x, centres).tolist()


def test_a_tie_goes_to_the_lowest_label() -> None:
    """The point half way belongs to label 0."""
    assert assign(np.array([[1.0]]), np.array([[2.0], [0.0]])).tolist() == [0]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_segments_on_any_number_of_threads(threads: int) -> None:
    """The fit limits itself to one thread."""
    with threadpool_limits(threads):
        fit = kmeans(noise(), 4, seed=7)

    assert (fit.labels == kmeans(noise(), 4, seed=7).labels).all()


def test_inertia_is_the_squared_distance_to_the_own_centre() -> None:
    """Six points, each 0.05 from its centre."""
    assert kmeans(THREE, 3, seed=0).inertia == pytest.approx(6 * 0.05**2)


def test_segment_one_is_the_most_valuable() -> None:
    """Labels follow the mean value, centres and sizes follow the labels."""
    fit = ordered(Fit(np.array([0, 1, 1, 2]), np.array([[0.0], [1.0], [2.0]]), 0.5), [5, 90, 110, 20])

    assert fit.labels.tolist() == [2, 0, 0, 1]
    assert fit.centres.ravel().tolist() == [1.0, 2.0, 0.0]
    assert fit.sizes.tolist() == [2, 1, 1]


def test_equal_values_are_ordered_by_centre_whatever_the_old_numbers() -> None:
    """Two numberings of the same division end the same."""
    one = ordered(Fit(np.array([0, 1]), np.array([[3.0, 1.0], [3.0, 0.0]]), 0.0), [1, 1])
    two = ordered(Fit(np.array([1, 0]), np.array([[3.0, 0.0], [3.0, 1.0]]), 0.0), [1, 1])

    assert one.labels.tolist() == two.labels.tolist() == [1, 0]


def test_V25_one_customer_is_too_few() -> None:
    """The sentence names what came and what is needed."""
    with pytest.raises(InputRefused, match=r"^SEG-V25 1 customer; at least 50 needed \(10 per segment × 5\)"):
        largest_k(np.zeros((1, 2)), wanted=8)


def test_V26_more_segments_than_different_customers_is_refused() -> None:
    """scikit-learn only warns and leaves segments empty."""
    x = np.repeat([[0.0], [1.0], [2.0]], 30, axis=0)

    with pytest.raises(InputRefused, match=r"^SEG-V26 4 segments need at least 4 different customers - found: 3 diff"):
        kmeans(x, 4, seed=0)


def test_V26_customers_that_differ_only_beyond_the_rounding_count_as_equal() -> None:
    """Centres that round to the same point would leave a segment empty."""
    with pytest.raises(InputRefused, match=r"^SEG-V26 2 segments"):
        kmeans(np.array([[1.0], [1.0 + 1e-9]]), 2, seed=0)


def test_S19_a_value_that_overflows_names_the_column() -> None:
    """1e308 would put everybody else into one segment, with a warning at most."""
    x = np.column_stack([np.arange(60.0), np.append(np.arange(59.0), 1e308)])

    with pytest.raises(InputRefused, match=r"^SEG-S19 too large to compute with - column 'monetary'"):
        kmeans(x, 2, seed=0, names=["order_count", "monetary"])


def test_S19_a_solver_that_does_not_settle_names_the_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-learn stops at the last step without a word."""
    monkeypatch.setattr("seglib.methods.clusterers.STEPS_MAX", 2)
    x = noise() * [1.0, 50.0, 1.0, 1.0]

    with pytest.raises(InputRefused, match=r"^SEG-S19 k-means with 5 segments did not settle - column 'monetary'"):
        kmeans(x, 5, seed=0, names=["recency_days", "monetary", "order_count", "breadth_count"])


def test_V26_at_least_ten_different_customers_per_segment() -> None:
    """35 different customers allow three segments, however often they are repeated."""
    assert largest_k(np.repeat(np.arange(35.0), 4)[:, None], wanted=8) == 3
    assert largest_k(np.arange(500.0)[:, None], wanted=8) == 8
