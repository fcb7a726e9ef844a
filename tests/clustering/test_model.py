"""Last quarter's frozen segments, kept or not: labels, names, evidence, and the sentence why."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import compare
from seglib.clustering.model import basis, keep_or_refit, obstacle
from seglib.core import store
from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.steady import STORED_DIGITS, steady_frame
from seglib.criteria import Features

USE = ("recency_days", "order_count", "order_value_minor")
MEANS = {"big": (10, 8, 90_000), "often": (10, 60, 2_000), "gone": (300, 2, 3_000), "bulk": (60, 25, 20_000)}
PLAN = Plan.parse("study: acme\nsources: {orders: {file: o.csv}}\nclustering: {bootstrap_pairs: 5, largest_count: 5}\n")


def plan(**clustering):
    """The same plan with other decisions about the clustering."""
    return PLAN.model_copy(update={"clustering": PLAN.clustering.model_copy(update=clustering)})


def shop(seed, sizes):
    """Draw customers of up to four planted kinds."""
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.array(list(MEANS.values())[: len(sizes)], dtype=float), sizes, axis=0)
    values = np.maximum(np.round(centre * np.exp(rng.normal(0, 0.12, centre.shape))), 1).astype("int64")
    frame = pd.DataFrame(values, columns=list(USE))
    return frame.assign(customer=[f"c{n:04d}" for n in range(len(frame))], monetary_minor=values[:, 1] * values[:, 2])


def features(frame, use=USE):
    """Wrap a frame as notebook 03 would hand it on."""
    names = [name for name in frame.columns if name != "customer"]
    catalogue = pd.DataFrame({"name": names, "unit": "number", "missing_share": 0.0, "median": frame[names].median()})
    return Features(Engine.open().memory(frame), catalogue.reset_index(drop=True), use, len(frame), "EUR", 100, ())


def frame_of(labels):
    """Bring labels into memory, in the order of the customers."""
    return labels.to_pandas().sort_values("customer", ignore_index=True)


@pytest.fixture(scope="module")
def first():
    """The first quarter: three planted kinds."""
    return keep_or_refit(compare(features(shop(0, (60, 90, 120))), PLAN.clustering, 0), None, PLAN, 0)


@pytest.fixture(scope="module")
def split():
    """The second quarter: other customers, more of them, and a fourth kind that the frozen model does not know."""
    frame = shop(9, (80, 70, 90, 60))
    return frame, compare(features(frame), PLAN.clustering, 0)


@pytest.fixture(scope="module")
def kept(first, split):
    """The second quarter, scored with the first one's model."""
    return keep_or_refit(split[1], first.segmentation, PLAN, 0)


def test_the_first_quarter_is_fitted_and_says_why(first):
    """No past, so no frozen model; nothing stands beside the refit."""
    assert first.why == "Fitted anew: there is no quarter before whose segments could be kept."
    assert first.segmentation.age_quarters == 0
    assert first.segmentation.shadow_segments is None
    assert first.table()["handed on"].tolist() == ["yes"]
    assert first.agreement().startswith("There is no frozen model to compare with. All that")


def test_R1_kept_labels_are_those_of_the_frozen_scorer(first, split, kept):
    """Every customer, new ones too, gets the segment that last quarter's scorer gives; nothing else is renamed."""
    before, now = first.segmentation, kept.segmentation
    columns = ["segment", "name", "identity"]

    assert kept.why.startswith("Kept: last quarter's 3 segments by their frozen rules, fitted one quarter ago")
    assert frame_of(now.labels)["segment"].tolist() == before.scorer.label(split[0]).tolist()
    assert len(frame_of(now.labels)) == 300
    assert now.segments[columns].equals(before.segments[columns])
    assert (now.scorer, now.rfm, now.age_quarters) == (before.scorer, before.rfm, 1)
    assert now.segments["customers"].sum() == 300


def test_R1_the_refit_stands_in_the_shadow(split, kept):
    """The shadow is what today's data choose, named like last quarter; the two models are compared on everybody."""
    now, both = kept.segmentation, frame_of(kept.segmentation.labels)
    chosen = frame_of(split[1].pick("auto").labels)["segment"]

    assert both["shadow"].tolist() == chosen.tolist()
    assert now.shadow_segments["name"].isin(now.segments["name"]).sum() == 3
    assert len(now.shadow_segments) == len(now.models.query("model == 'refit'")["k"]) + 3 == 4
    assert now.models["rand"].tolist() == pytest.approx([adjusted_rand_score(both["segment"], chosen)] * 2)
    assert kept.table()["handed on"].tolist() == ["yes", "no"]


def test_the_evidence_is_about_the_segments_that_are_handed_on(first, split):
    """A frozen model that cuts one of today's groups in three is not found again, and is not called natural."""
    scorer = first.segmentation.scorer
    least, steps = np.array(scorer.centres[2]), np.array([[-0.1, 0, 0], [0, 0, 0], [0.1, 0, 0]])
    crossing = replace(scorer, centres=tuple(map(tuple, (least + steps).tolist())))
    decision = keep_or_refit(split[1], replace(first.segmentation, scorer=crossing), PLAN, 0)
    found = decision.segmentation
    rows = found.models.set_index("model")

    assert rows.loc["kept", "found_again"] < 0.6 < rows.loc["refit", "found_again"]
    assert rows.loc["kept", "silhouette"] < rows.loc["refit", "silhouette"]
    assert (found.structure, rows.loc["refit", "structure"]) == ("constructed", "natural")
    assert found.verdict.startswith("Constructed: today's customers form natural groups, but the kept segments do not")
    assert not found.segments.loc[found.segments["jaccard"] < 0.6, "usable"].any()
    assert decision.why.endswith(
        "They go on all the same, because the plan says keep; notebook 10 proposes a refit for the next quarter."
    )
    assert found.models["weakest"].iloc[0] == min(found.segments["jaccard"]) < 0.6


def test_S05_a_frozen_model_numbered_otherwise_gives_the_same_names(first, split, kept):
    """Last quarter counted its segments in another order: each customer's name and identity are the same."""
    before, order = first.segmentation, [3, 1, 2]
    rows = before.segments.set_index("segment").loc[order].reset_index(drop=True).assign(segment=[1, 2, 3])
    swapped = replace(before, scorer=before.scorer.ordered(order), segments=rows[before.segments.columns])
    other = keep_or_refit(split[1], swapped, PLAN, 0).segmentation
    named = [
        frame_of(one.labels)["segment"].map(one.segments.set_index("segment")["name"])
        for one in (kept.segmentation, other)
    ]

    assert named[0].equals(named[1])
    assert (
        other.segments.set_index("name")["identity"].to_dict()
        == before.segments.set_index("name")["identity"].to_dict()
    )
    assert other.shadow_segments["name"].tolist() == kept.segmentation.shadow_segments["name"].tolist()


def test_the_plan_may_ask_for_a_refit(first, split):
    """Then the refit is handed on without a shadow, and the frozen model stands beside it in the table."""
    wished = replace(split[1], settings=plan(model="refit").clustering)
    refit = keep_or_refit(wished, first.segmentation, plan(model="refit"), 0)

    again = refit.models.set_index("model")["found_again"]

    assert refit.why == (
        "Fitted anew, because the plan says so (clustering.model: refit). On samples of today's customers the frozen "
        f"segments would be found again with {again['kept']:.2f}, those of a refit with {again['refit']:.2f} "
        "(1: exactly alike); at least 0.60 is asked."
    )
    assert refit.segmentation.k == 4
    assert refit.segmentation.shadow_segments is None
    assert refit.table()["handed on"].tolist() == ["no", "yes"]


def test_a_name_of_the_plan_stays_with_its_segment(first, split):
    """Who is renamed keeps number and identity."""
    name = first.segmentation.segments["name"][0]
    candidates = replace(split[1], settings=plan(names={name: "Our best"}).clustering)
    rows = keep_or_refit(candidates, first.segmentation, plan(names={name: "Our best"}), 0).segmentation.segments

    assert rows["name"][0] == "Our best"
    assert rows["identity"].tolist() == first.segmentation.segments["identity"].tolist()


@pytest.mark.parametrize(
    ("clustering", "criteria", "sentence"),
    [
        ({"method": "ward"}, {}, "clustering.method changed since last quarter, from kmeans to ward"),
        (
            {"transforms": {"order_count": "identity"}},
            {},
            "clustering.transforms changed since last quarter, from nothing",
        ),
        ({}, {"window_days": 180}, "criteria.window_days changed since last quarter, from 365 to 180"),
        ({}, {"gaps": {"order_count": "flag"}}, "criteria.gaps changed since last quarter"),
        ({"choice": 2}, {}, "the plan asks for 2 segments (clustering.choice), and the frozen model has 3"),
        ({"smallest_count": 4}, {}, "the plan allows 4 to 5 segments, the frozen model has 3"),
        ({}, {}, ""),
    ],
)
def test_a_changed_decision_makes_a_refit_with_a_sentence(first, split, clustering, criteria, sentence):
    """Each decision that the frozen model rests on, changed alone."""
    decided = plan(**clustering).model_copy(update={"criteria": PLAN.criteria.model_copy(update=criteria)})
    candidates = replace(split[1], settings=decided.clustering)
    found = obstacle(first.segmentation, candidates, basis(candidates.features, decided))

    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


def test_a_criterion_that_is_gone_makes_a_refit_with_a_sentence(first, split):
    """Two of the three criteria are left: the sentence names the third, and the segments are today's."""
    left = features(split[0].drop(columns="order_count").assign(order_count=split[0]["order_count"]), USE[:1] + USE[2:])
    found = keep_or_refit(compare(left, PLAN.clustering, 0), first.segmentation, PLAN, 0)

    assert found.why == (
        "Fitted anew: the criteria that make the segments changed since last quarter (gone: orders; new: none)."
    )
    assert found.segmentation.age_quarters == 0


def test_an_empty_segment_or_another_currency_makes_a_refit(first, split):
    """Nobody is left in one segment; money is counted in another currency."""
    nobody = replace(split[1], features=features(split[0].query("recency_days < 200")))
    pounds = replace(split[1], features=replace(split[1].features, currency="GBP"))
    empty = obstacle(first.segmentation, nobody, basis(nobody.features, PLAN))
    other = obstacle(first.segmentation, pounds, basis(pounds.features, PLAN))

    assert empty.startswith("by the frozen rules hardly anybody is left in ")
    assert other == "currency changed since last quarter, from EUR, 100 minor units to GBP, 100 minor units"


@pytest.mark.wide
def test_the_same_quarter_again_gives_the_same_bytes(first, split, kept, tmp_path):
    """Rows in another order: labels, shadow, evidence and facts are written byte for byte as before."""
    shuffled = compare(features(split[0].sample(frac=1, random_state=1)), PLAN.clustering, 0)
    written = []
    for name, one in (("a", kept), ("b", keep_or_refit(shuffled, first.segmentation, PLAN, 0))):
        (tmp_path / name).mkdir()
        store.save(one.segmentation, tmp_path / name, Engine.open(), one.segmentation.KEYS)
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})

    assert written[0] == written[1]
    assert {"labels.parquet", "shadow_segments.parquet", "models.parquet", "facts.json"} <= set(written[0])


def test_what_was_written_is_read_back(kept, tmp_path):
    """The next quarter finds age, shadow and evidence as they were."""
    store.save(kept.segmentation, tmp_path, Engine.open(), kept.segmentation.KEYS)
    again = store.load(type(kept.segmentation), tmp_path, Engine.open())

    assert (again.age_quarters, again.basis) == (1, kept.segmentation.basis)
    assert again.shadow_segments.equals(steady_frame(kept.segmentation.shadow_segments, STORED_DIGITS))
    assert again.models.equals(steady_frame(kept.segmentation.models.reset_index(drop=True), STORED_DIGITS))
