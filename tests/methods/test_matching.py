"""Identity of segments between two quarters."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.clusterers import kmeans
from seglib.methods.matching import closeness, events, match


def series(*groups: tuple[object, int]) -> pd.Series:
    """Return one customer after the other: (segment, number of customers), ..."""
    values = [name for name, count in groups for _ in range(count)]
    return pd.Series(values, index=[f"c{n}" for n in range(len(values))])


LAST = series(("Gold", 10), ("Silver", 20), ("Bronze", 30))


def told(current: pd.Series, previous: pd.Series = LAST) -> list[tuple[object, object, object]]:
    """Return the events as plain tuples."""
    frame = events(match(previous, current))[["event", "previous", "current"]].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def test_S05_permuted_labels_give_the_identity() -> None:
    """Only the numbers changed, so every name is carried over."""
    now = series((2, 10), (0, 20), (1, 30))

    assert match(LAST, now).names == {0: "Silver", 1: "Bronze", 2: "Gold"}
    assert told(now) == [("survive", "Bronze", 1), ("survive", "Gold", 2), ("survive", "Silver", 0)]


def test_row_order_changes_nothing() -> None:
    """Customers are found by their id."""
    now = series((2, 10), (0, 22), (1, 28))
    shuffled = now.sample(frac=1, random_state=1)
    one, two = match(LAST, now), match(LAST, shuffled)

    assert one.names == two.names
    pd.testing.assert_frame_equal(one.overlaps, two.overlaps)


def test_an_exact_tie_is_decided_by_order() -> None:
    """Both labels share half of both segments: the first name goes to the first label."""
    names = match(series(("A", 2), ("B", 2)), pd.Series([0, 1, 0, 1], index=["c0", "c1", "c2", "c3"])).names

    assert names == {0: "A", 1: "B"}


def test_shares_are_of_each_side() -> None:
    """Six of the ten Gold customers are six of the eight customers of label 0."""
    now = series((0, 6), (1, 4), (0, 2), (1, 48))
    row = match(LAST, now).overlaps.query("previous == 'Gold' and current == 0").iloc[0]

    assert (row.customers_count, row.jaccard, row.previous_share, row.current_share) == (6, 0.5, 0.6, 0.75)


def test_only_customers_of_both_quarters_count() -> None:
    """Lost and new customers do not lower the overlap."""
    now = pd.concat([LAST.drop(["c0", "c10"]).map({"Gold": 0, "Silver": 1, "Bronze": 2}), pd.Series([0] * 50)])

    assert match(LAST, now).overlaps.query("jaccard > 0").jaccard.tolist() == [1.0, 1.0, 1.0]


def test_a_small_overlap_carries_no_name() -> None:
    """Label 3 holds a tenth of Bronze and nothing else: it is nobody's heir."""
    now = series((0, 10), (1, 20), (2, 27), (3, 3))

    assert match(LAST, now).names[3] is None


def test_nobody_in_common_gives_no_name() -> None:
    """All previous segments are dissolved, all current ones are new."""
    now = pd.Series([0, 1], index=["x", "y"])

    assert match(LAST, now).names == {0: None, 1: None}
    assert [event for event, _, _ in told(now)] == ["dissolved", "dissolved", "dissolved", "new", "new"]


def test_a_planted_split_is_called_a_split() -> None:
    """Bronze falls into 18 and 12; the others stay."""
    now = series((0, 10), (1, 20), (2, 18), (3, 12))

    assert match(LAST, now).names == {0: "Gold", 1: "Silver", 2: "Bronze", 3: None}
    assert told(now) == [
        ("split", "Bronze", 2),
        ("split", "Bronze", 3),
        ("survive", "Gold", 0),
        ("survive", "Silver", 1),
    ]


def test_a_planted_merge_is_called_a_merge() -> None:
    """Gold and Silver become one segment."""
    now = series((0, 30), (1, 30))

    assert told(now) == [("merge", "Gold", 0), ("merge", "Silver", 0), ("survive", "Bronze", 1)]


def test_a_segment_of_entrants_is_new_and_a_scattered_one_dissolved() -> None:
    """Gold spreads over the two others; label 2 holds customers who were not there."""
    now = pd.concat([series((0, 5), (1, 5), (0, 20), (1, 30)), pd.Series([2] * 8, index=[f"n{n}" for n in range(8)])])

    assert told(now) == [
        ("survive", "Bronze", 1),
        ("survive", "Silver", 0),
        ("dissolved", "Gold", None),
        ("new", None, 2),
    ]


def test_every_segment_has_an_event() -> None:
    """Random migrations leave nobody untold."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        now = pd.Series(rng.choice([0, 1, 2, 3], 60, p=rng.dirichlet([1] * 4)), index=LAST.index)
        rows = told(now)

        assert {before for _, before, _ in rows} - {None} == {"Gold", "Silver", "Bronze"}
        assert {after for _, _, after in rows} - {None} == set(now)


def test_newcomers_are_the_same_segment_although_all_are_others() -> None:
    """Nobody is a newcomer twice: the centre at its old place carries the name where no member does."""
    last = series(("Newcomers", 20), ("Regulars", 30))
    now = pd.concat([series((1, 50)), pd.Series([0] * 25, index=[f"n{n}" for n in range(25)])])
    places = pd.DataFrame({"orders": [1.0, 9.0]}, index=["Newcomers", "Regulars"])
    near = closeness(places, pd.DataFrame({"orders": [1.5, 8.0]}, index=[0, 1]))

    assert match(last, now).names == {0: None, 1: "Regulars"}
    assert match(last, now, closeness=near).names == {0: "Newcomers", 1: "Regulars"}
    assert told_of(events(match(last, now, closeness=near))) == {("survive", "Newcomers"), ("survive", "Regulars")}


def test_newcomers_who_settle_have_not_merged() -> None:
    """Most newcomers became regulars; both segments go on, so nothing merged and nothing split."""
    last = series(("Newcomers", 20), ("Regulars", 30))
    now = pd.concat([series((0, 6), (1, 44)), pd.Series([0] * 3, index=["n0", "n1", "n2"])])

    assert told_of(events(match(last, now))) == {("survive", "Newcomers"), ("survive", "Regulars")}


def test_closeness_is_one_at_the_old_place_and_needs_a_common_criterion() -> None:
    """Half the way to the neighbour is one half; without a shared column nothing is known."""
    old = pd.DataFrame({"orders": [0.0, 3.0], "money": [0.0, 4.0]}, index=["A", "B"])
    half = pd.DataFrame({"orders": [1.5, 0.0], "money": [2.0, 0.0]}, index=["x", "y"])

    assert closeness(old, half).to_numpy().tolist() == [[0.5, 1.0], [0.5, 0.0]]
    assert closeness(old, half.rename(columns=str.upper)).isna().all(axis=None)


def told_of(frame: pd.DataFrame) -> set[tuple[str, str]]:
    """Return each event with the previous segment."""
    return set(zip(frame["event"], frame["previous"], strict=True))


def planted(seed: int, kind: str) -> tuple[dict[str, str], dict[object, object]]:
    """Refit planted groups after a quarter; return the event of each old group, and the name of each new one.

    Four to six groups in the plane; a tenth of the customers leaves, a tenth is new, a tenth goes to another group.
    In group 0 of a split a share of the customers walks to a new place; in a merge group 1 joins group 0.
    """
    rng = np.random.default_rng(seed)
    k = int(rng.integers(4, 7))
    centres = 8.0 * np.array([[n % 3, n // 3] for n in range(k)])
    group = rng.integers(0, k, 900)
    names = np.array([f"G{n}" for n in range(k)])[group]
    later = np.where(rng.random(900) < 0.1, rng.integers(0, k, 900), group)
    place = centres[later]
    if kind == "split":
        place = np.where(((later == 0) & (rng.random(900) < rng.uniform(0.35, 0.5)))[:, None], [[-6.0, 6.0]], place)
    elif kind == "merge":
        place = np.where((later == 1)[:, None], centres[0], place)
    stays = rng.random(900) >= 0.1
    ids = np.where(stays, np.arange(900), np.arange(900) + 900)
    fit = kmeans(place + rng.normal(size=place.shape), k + (kind == "split") - (kind == "merge"), seed)
    now = pd.Series(rng.permutation(len(fit.centres))[fit.labels], index=ids)
    found = match(pd.Series(names, index=range(900)), now)
    frame = events(found).dropna(subset=["previous"])
    return dict(zip(frame["previous"], frame["event"], strict=True)), dict(found.names)


EXPECTED = {
    "none": lambda name: "survive",
    "split": lambda name: "split" if name == "G0" else "survive",
    "merge": lambda name: "merge" if name in ("G0", "G1") else "survive",
}


def rate(kind: str, seeds: range) -> float:
    """Give the share of seeds in which every group's event is the planted one."""
    right = [all(event == EXPECTED[kind](name) for name, event in planted(seed, kind)[0].items()) for seed in seeds]
    return float(np.mean(right))


@pytest.mark.parametrize("kind", EXPECTED)
def test_S05_planted_events_are_told_over_seeds(kind: str) -> None:
    """After a real refit with people moving, leaving and coming, each planted event has its name in 10 of 10."""
    assert rate(kind, range(10)) == 1.0


@pytest.mark.long
@pytest.mark.parametrize("kind", EXPECTED)
def test_S05_planted_events_are_told_in_200_refits(kind: str) -> None:
    """The same, 200 times each: at least 99 % are told exactly."""
    assert rate(kind, range(200)) >= 0.99
