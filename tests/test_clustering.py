"""Segments on planted customers: the right number, the same labels everywhere, names that last."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import compare
from seglib.clustering.build import segments
from seglib.clustering.naming import WORDS, default_names, identify, untrue
from seglib.clustering.scorer import Scorer, assign, assign_rfm
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.sections import Clustering
from seglib.criteria import Features
from seglib.methods import rfm
from seglib.methods.scaling import Scaling

USE = ("recency_days", "order_count", "order_value_minor")
QUICK = Clustering(bootstrap_pairs=5, largest_count=5)
MEANS = {"big": (10, 8, 90_000), "often": (10, 60, 2_000), "gone": (300, 2, 3_000)}


def shop(seed=0, sizes=(60, 90, 120)):
    """Draw customers of three planted kinds."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(list(MEANS), sizes)
    centre = np.array([MEANS[kind] for kind in kinds])
    values = np.maximum(np.round(centre * np.exp(rng.normal(0, 0.12, centre.shape))), 1)
    frame = pd.DataFrame(values, columns=list(USE)).assign(
        customer=[f"c{n:04d}" for n in range(len(kinds))],
        recency_days=values[:, 0].astype("int64"),
        order_count=values[:, 1].astype("int64"),
        monetary_minor=(values[:, 1] * values[:, 2]).astype("int64"),
    )
    return frame, pd.Series(kinds, index=frame["customer"])


def features(frame, use=USE):
    """Wrap a frame as notebook 03 would hand it on."""
    names = [name for name in frame.columns if name != "customer"]
    catalogue = pd.DataFrame(
        {
            "name": names,
            "unit": ["money" if name.endswith("_minor") else "days" for name in names],
            "missing_share": frame[names].isna().mean().to_numpy(),
            "median": frame[names].median().to_numpy(),
        }
    )
    return Features(Engine.open().memory(frame), catalogue, tuple(use), len(frame), "EUR", 100, ())


def labels(segmentation):
    """Bring the labels into memory."""
    return segmentation.labels.to_pandas().set_index("customer")["segment"].sort_index()


@pytest.fixture(scope="module")
def planted():
    """Three separated kinds of customers, their candidates and the automatic choice."""
    frame, kinds = shop()
    candidates = compare(features(frame), QUICK, seed=0)
    return frame, kinds, candidates, candidates.pick("auto")


def test_the_planted_number_is_chosen_and_found(planted):
    """Three separated kinds give three segments, said to be natural."""
    _, kinds, _, segmentation = planted

    assert segmentation.k == 3
    assert adjusted_rand_score(kinds, labels(segmentation)) > 0.98
    assert segmentation.structure == "natural"


def test_S02_a_cloud_is_called_constructed():
    """Independent log-normal columns have a tail but no groups."""
    rng = np.random.default_rng(3)
    frame, _ = shop(sizes=(100, 100, 100))
    cloud = frame.assign(**{name: np.round(rng.lognormal(4, 0.8, 300)) for name in USE})

    assert compare(features(cloud), QUICK, seed=0).pick().structure == "constructed"


def test_segment_1_is_the_most_valuable(planted):
    """The kind with the highest revenue per customer comes first."""
    rows = planted[3].segments
    worth = rows["revenue_minor"] / rows["customers"]

    assert all(high >= low for high, low in pairwise(worth))
    assert rows["customers"].sum() == 270
    assert rows["revenue_share"].sum() == pytest.approx(1)


def test_engine_and_python_give_the_same_labels():
    """Fill, logarithm, clip and nearest centre: 5,000 customers, some values missing, no label differs."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.lognormal(3, 1.5, (5_000, 3)), columns=list(USE)).assign(customer=range(5_000))
    frame.loc[rng.random(5_000) < 0.1, "order_count"] = np.nan
    scaling = Scaling.fit(frame[list(USE)])
    scorer = Scorer(scaling, tuple(tuple(row) for row in rng.normal(size=(6, 3)).tolist()))
    engine = Engine.open()
    by_engine = engine.frame(assign(engine.memory(frame), scorer)).sort_values("customer")["segment"]

    assert {scale.transform for scale in scaling.columns} == {"signed_log"}
    assert by_engine.to_numpy().tolist() == scorer.label(frame).tolist()


def test_engine_and_python_give_the_same_rfm_cells():
    """Every named score cell, ties included."""
    rng = np.random.default_rng(2)
    columns = ("recency_days", "order_count", "monetary_minor")
    frame = pd.DataFrame({name: rng.integers(0, 40, 2_000) for name in columns})
    scored = frame.rename(columns={"monetary_minor": "monetary"})
    scorer = rfm.Rfm.fit(scored)
    engine = Engine.open()
    by_engine = engine.frame(assign_rfm(engine.memory(frame.assign(customer=range(2_000))), scorer))

    assert by_engine.sort_values("customer")["rfm_segment"].tolist() == scorer.name(scored).tolist()


def test_equal_seed_and_shuffled_rows_give_equal_segments(planted):
    """The order of the input rows changes nothing."""
    frame, _, _, segmentation = planted
    again = compare(features(frame.sample(frac=1, random_state=1)), QUICK, seed=0).pick()

    assert again.scorer == segmentation.scorer
    assert labels(again).equals(labels(segmentation))


def test_names_and_colours_survive_the_quarter(planted):
    """Other customers, other sizes: the same behaviour keeps its name and identity."""
    before = planted[3]
    frame, _ = shop(seed=9, sizes=(150, 40, 60))
    now = compare(features(frame), QUICK, seed=4).pick().named_like(before, features(frame))

    assert dict(zip(now.segments["name"], now.segments["identity"], strict=True)) == dict(
        zip(before.segments["name"], before.segments["identity"], strict=True)
    )


def test_a_plan_name_keeps_the_identity(planted):
    """Who is renamed stays the same segment in the same colour."""
    frame, before = planted[0], planted[3]
    first = before.segments["name"][0]
    renamed = replace(before, own_names={first: "Our best"}).named_like(before, features(frame))

    assert renamed.segments["name"][0] == "Our best"
    assert renamed.segments["identity"].tolist() == before.segments["identity"].tolist()


def test_names_are_unique():
    """Segments that stand out alike still get different names."""
    apart = pd.DataFrame({"order_count": [2.0, 1.9, 1.8], "recency_days": [-1.0, -1.0, -1.0]})
    names = default_names(apart)

    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("criterion", "away", "typical", "name"),
    [
        ("tenure_days", -1.0, 40, "New buyers"),
        ("tenure_days", -1.0, 754, "Later-seen buyers"),
        ("tenure_days", 1.0, 112, "Earlier-seen buyers"),
        ("tenure_days", 1.0, 900, "Long-standing buyers"),
        ("recency_days", -1.0, 102, "Less quiet buyers"),
        ("order_count", 1.0, 2, "More frequent buyers"),
        ("order_count", -1.0, 11, "Less frequent buyers"),
        ("return_share", 1.0, 0.4, "Often sending back buyers"),
        ("discount_share", 1.0, 0.2, "More-discount buyers"),
    ],
)
def test_a_word_that_the_numbers_contradict_is_not_used(criterion, away, typical, name):
    """First ordered 754 days ago is not new, and 112 days is not long-standing, however far from all others."""
    apart = pd.DataFrame({criterion: [away]})

    assert default_names(apart, pd.DataFrame({criterion: [float(typical)]})) == [name]


@pytest.mark.parametrize(
    ("criterion", "away", "typical", "beside", "name"),
    [
        ("tenure_days", 0.4, 165, -1, "Typical buyers"),
        ("tenure_days", 0.4, 170, 4, "Earlier-seen buyers"),
        ("breadth_count", 0.5, 2, 0, "Typical buyers"),
        ("order_count", -1.0, 1, 0, "Occasional buyers"),
    ],
)
def test_a_word_that_compares_holds_for_the_typical_member_beside_everyone(criterion, away, typical, beside, name):
    """The centre lies after everyone's mean, but half of all were seen before the typical member: not earlier-seen."""
    apart, value = pd.DataFrame({criterion: [away]}), pd.DataFrame({criterion: [float(typical)]})

    assert default_names(apart, value, pd.DataFrame({criterion: [float(beside)]})) == [name]


def test_a_kept_name_that_compares_is_said_to_be_wrong_where_it_no_longer_holds(planted):
    """Last quarter's earlier-seen buyers, of whom half were first seen after half of everyone."""
    made = planted[3]
    rows = pd.DataFrame({"segment": [0, 1, 2], "criterion": "tenure_days", "unit": "days", "typical": [256, 238, 264]})
    names = ["Quieter earlier-seen buyers", "Frequent earlier-seen buyers"]
    segments = made.segments.head(2).assign(segment=[1, 2], name=names)
    wrong = untrue(replace(made, segments=segments, centres=rows, own_names={}))

    assert wrong == {names[0]: "“earlier-seen”, but days since first order of a typical member: 238, of everyone: 256"}


def test_a_new_identity_has_a_free_colour():
    """After eight identities the colours repeat, but not within a quarter."""
    known = {f"old {n}": n for n in range(1, 9)}
    identity = identify(["old 1", "new"], known)["new"]

    assert (identity - 1) % 8 != 0


def test_words_for_names_are_listed_once():
    """Each criterion has one pair of words."""
    criteria = [word.criterion for word in WORDS]

    assert len(criteria) == len(set(criteria))


def test_S04_a_small_segment_is_not_usable(planted):
    """With a floor of 30 % the smallest kind (60 of 270) is refused, with its reason."""
    frame = planted[0]
    strict = Clustering(bootstrap_pairs=5, largest_count=4, size_floor_share=0.3)
    rows = compare(features(frame), strict, seed=0).pick(3).segments

    assert rows.loc[rows["share"] < 0.3, "usable"].tolist() == [False]
    assert rows.loc[rows["share"] < 0.3, "why"].tolist() == ["too small"]


def test_S01_an_unstable_segment_is_not_usable():
    """Found again in less than 60 % of the samples: marked, with the reason."""
    money = {"revenue_minor": [900, 100], "first": [30, 9], "second": [20, 8]}
    sums = pd.DataFrame({"customers": [50, 50], **money}, index=[1, 2])
    rows = segments(sums, ["A", "B"], {"A": 1, "B": 2}, [0.9, 0.59], Clustering())

    assert rows["usable"].tolist() == [True, False]
    assert rows["why"].tolist() == ["large and stable enough", "not stable: another sample would mix it"]


def test_V24_all_customers_alike_are_refused():
    """No criterion varies."""
    frame, _ = shop()

    with pytest.raises(InputRefused, match="SEG-V24 all customers look alike in recency_days, order_count"):
        compare(features(frame.assign(**dict.fromkeys(USE, 5))), QUICK, seed=0)


def test_V24_one_constant_criterion_is_left_out_with_a_note():
    """The others still make segments."""
    frame, _ = shop()
    segmentation = compare(features(frame.assign(recency_days=5)), QUICK, seed=0).pick()

    assert any("all but fewer than 10, look alike in it: days since last order" in note for note in segmentation.notes)


@pytest.mark.forms(1)
@pytest.mark.parametrize(("column", "others"), [("order_count", 3), ("order_count", 1), ("recency_days", 2)])
def test_e09_a_criterion_in_which_hardly_anybody_differs_ends_in_no_error(column, others):
    """Three of many ordered twice: in the samples that the stability rests on all are alike."""
    frame, _ = shop()
    frame[column] = [2] * others + [1] * (len(frame) - others)
    segmentation = compare(features(frame), QUICK, seed=0).pick()

    assert segmentation.k >= 2
    assert segmentation.segments["customers"].sum() == len(frame)


def test_V25_too_few_customers_are_refused():
    """Nine customers cannot make two segments."""
    frame, _ = shop(sizes=(3, 3, 3))

    with pytest.raises(InputRefused, match="SEG-V25 9 customers; at least 50 needed"):
        compare(features(frame), QUICK, seed=0)


def test_V26_a_number_that_was_not_compared_is_refused(planted):
    """The plan asks for more segments than were tried."""
    with pytest.raises(InputRefused, match=r"SEG-V26 the number of segments must be between 2 and 5.*found: 12"):
        planted[2].pick(12)


def test_V22_missing_values_are_filled_and_said(planted):
    """Where a criterion is not known the median stands in, and the note names it."""
    frame = planted[0].copy()
    frame["order_value_minor"] = frame["order_value_minor"].where(frame.index % 3 > 0)
    segmentation = compare(features(frame), QUICK, seed=0).pick()

    assert any("the median stands in: order value" in note for note in segmentation.notes)
    assert len(labels(segmentation)) == 270
