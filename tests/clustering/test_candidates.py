"""The methods of the plan on whole features: chosen, measured, frozen, and labelled by the engine."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import closeness, compare, why_named
from seglib.clustering.candidates import Candidates
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.sections import Clustering
from seglib.criteria import Features

USE = ("recency_days", "order_count", "order_value_minor")
MEANS = {"big": (10, 8, 90_000), "often": (10, 60, 2_000), "gone": (300, 2, 3_000)}
KINDS = list(MEANS)
LANDS = {"big": "DE", "often": "FR", "gone": "FR"}


def shop() -> tuple[pd.DataFrame, np.ndarray]:
    """Draw 270 customers of three planted kinds, with their country and nine answers."""
    rng = np.random.default_rng(0)
    kinds = np.repeat(KINDS, (60, 90, 120))
    values = np.round(np.array([MEANS[kind] for kind in kinds]) * np.exp(rng.normal(0, 0.12, (270, 3)))).clip(min=1)
    frame = pd.DataFrame(values.astype("int64"), columns=list(USE)).assign(
        customer=[f"c{n:04d}" for n in range(270)],
        monetary_minor=(values[:, 1] * values[:, 2]).astype("int64"),
        country=[LANDS[kind] for kind in kinds],
        **{f"likes_{n}": (rng.random(270) < np.where(kinds == KINDS[n % 3], 0.9, 0.1)).astype(int) for n in range(9)},
    )
    return frame, kinds


def features(frame: pd.DataFrame, use: tuple[str, ...] = USE) -> Features:
    """Wrap a frame as notebook 03 would hand it on."""
    names = [name for name in frame.columns if name != "customer"]
    words = [name == "country" for name in names]
    catalogue = pd.DataFrame(
        {
            "name": names,
            "unit": ["money" if name.endswith("_minor") else "number" for name in names],
            "kind": np.where(words, "category", "number"),
            "role": np.where(words, "descriptor", "segmentation"),
            "missing_share": 0.0,
            "median": [0.0 if word else frame[name].median() for name, word in zip(names, words, strict=True)],
        }
    )
    return Features(Engine.open().memory(frame), catalogue, use, len(frame), "EUR", 100, ())


def candidates(use: tuple[str, ...] = USE, **settings: object) -> Candidates:
    """Compare two to four segments by the given settings."""
    plan = Clustering.model_validate({"bootstrap_pairs": 5, "largest_count": 4, **settings})
    return compare(features(shop()[0], use), plan, seed=0)


@pytest.mark.parametrize("method", ["gaussian_mixture", "ward", "hdbscan"])
def test_the_method_of_the_plan_is_used_and_its_agreement_said(method: str) -> None:
    """Three kinds are found by each, and the note says how far the frozen rule agrees."""
    segmentation = candidates(method=method).pick(3)
    labels = segmentation.labels.to_pandas().sort_values("customer")["segment"]

    assert adjusted_rand_score(shop()[1], labels) > 0.98
    assert not segmentation.method.startswith("k-means")
    assert any("the frozen rule (nearest centre) agree for 100.0%" in note for note in segmentation.notes)


def test_a_category_makes_segments_and_the_engine_repeats_it() -> None:
    """Numbers and country together: the engine's labels are those of Python, customer by customer."""
    found = candidates(method="mixed", categories=["country"])
    segmentation = found.pick(3)
    by_engine = segmentation.labels.to_pandas().sort_values("customer")["segment"].tolist()

    assert by_engine == segmentation.scorer.label(shop()[0]).tolist()
    assert adjusted_rand_score(shop()[1], by_engine) > 0.98
    assert "country makes segments too: DE, FR; rarer words count as none of these." in segmentation.notes


def test_answers_make_segments() -> None:
    """Nine questions of which each kind likes three; the frozen rule stays close to the mixture."""
    segmentation = candidates(tuple(f"likes_{n}" for n in range(9)), method="bernoulli_mixture", largest_count=3).pick(
        3
    )
    labels = segmentation.labels.to_pandas().sort_values("customer")["segment"]

    assert adjusted_rand_score(shop()[1], labels) > 0.75


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "mixed"}, "SEG-P05 mixed needs at least one category - plan.yml, clustering.categories"),
        ({"categories": ["country"]}, "SEG-P05 kmeans cannot use categories - plan.yml, clustering.categories"),
        ({"method": "mixed", "categories": ["contry"]}, "do: did you mean 'country'?"),
        ({"method": "mixed", "categories": ["order_count"]}, "'order_count' is not a category that may make segments"),
        ({"transforms": {"ordercount": "identity"}}, "do: did you mean 'order_count'?"),
        ({"method": "bernoulli_mixture"}, "SEG-P05 'recency_days' is not a yes-or-no answer"),
    ],
)
def test_a_method_that_cannot_do_it_is_refused(settings: dict[str, object], sentence: str) -> None:
    """Each sentence names the place in the plan and the remedy."""
    with pytest.raises(InputRefused) as no:
        candidates(**settings)

    assert sentence in str(no.value)


def test_the_transform_of_the_plan_is_used_and_shown() -> None:
    """Money by its square root instead of its logarithm; the table says what was done to each criterion, and why."""
    made = candidates(transforms={"order_value_minor": "square_root"})
    shown = made.scale_table()

    assert shown["transform"].tolist()[2] == "square root"
    assert shown.columns.tolist()[:4] == ["criterion", "transform", "why", "median, becomes 0"]
    assert shown["why"].tolist()[2] == "the plan asks for it"
    assert shown["one step"].tolist()[2] == f"{made.scales['step'][2] / 10:,.2f}"  # of the root of 100 minor units
    assert all("(skewness " in why for why in shown["why"].tolist()[:2])


def test_the_method_is_named_with_the_reason_and_how_well_its_frozen_rule_repeats_it() -> None:
    """k-means is its own frozen rule; another method stands in the plan, and its rule may differ."""
    assert candidates().method().startswith("k-means on scaled criteria of 270 customers: it divides a continuum too")
    assert "because the plan asks for it (clustering.method)" in candidates(method="ward").method()
    assert "of them the method's own segment" in candidates(method="ward").method()


def test_names_stand_beside_what_their_segments_stand_out_in() -> None:
    """Without a past every name comes from what the segment stands out in; with one of the same names, from there."""
    segmentation = candidates().pick()
    told, kept = (why_named(segmentation, before) for before in (None, segmentation))

    assert told["name comes from"].unique().tolist() == ["what it stands out in"]
    assert kept["name comes from"].unique().tolist() == ["last quarter"]
    assert told["segment"].tolist() == segmentation.segments["name"].tolist()
    assert told.iloc[:, 2].str.contains(r"[+-]\d\.\d").all()


def test_every_number_compared_says_why_it_passes_or_not() -> None:
    """With a floor of 30 % the smallest kind (60 of 270) is too small at every number but two."""
    why = candidates(size_floor_share=0.3).reasons().set_index("segments")["why"]

    assert "smallest segment 22.2%, below 30.0%" in why.loc[3]


def test_a_measure_is_rounded_once() -> None:
    """0.8049 is 0.80 wherever it stands: rounded to 0.805 before, it was 0.81 in one table and 0.80 in the next."""
    made = candidates()
    told = replace(made, quality=made.quality.assign(weakest=0.804906)).summary()

    assert set(told["weakest segment"]) == {"0.80"}


def test_flows_follow_the_segments_from_one_number_to_the_next() -> None:
    """Three kinds: the three segments come from two whole ones, and nobody is lost on the way."""
    across = candidates().across()

    assert across.groupby("k")["customers_count"].sum().tolist() == [270, 270]
    assert across.query("k == 3")["level_stability"].tolist() == pytest.approx([1, 1, 1])


def test_S04_only_tiny_segments_are_refused_unless_the_plan_insists() -> None:
    """57 customers in a row and three far away: two segments would be these three and all others."""
    frame = shop()[0].head(60).assign(recency_days=[*range(57), 4_000, 4_000, 4_000])
    plan = Clustering(bootstrap_pairs=5, largest_count=2, transforms={"recency_days": "identity"})

    with pytest.raises(InputRefused, match=r"^SEG-S04 .* found: at most 3 in the smallest one - do: choose other"):
        compare(features(frame, ("recency_days",)), plan, seed=0)
    insisting = compare(features(frame, ("recency_days",)), plan.model_copy(update={"choice": 2}), seed=0).pick(2)
    assert insisting.segments.set_index("customers")["why"].to_dict()[3] == "too small"


def test_a_second_order_of_a_few_is_no_segment_of_its_own() -> None:
    """Of 130 buyers seven ordered twice: orders make no segments, and the others do; S04 refused them before."""
    rng = np.random.default_rng(4)
    frame = (
        shop()[0]
        .head(130)
        .assign(
            recency_days=rng.integers(1, 300, 130),
            order_count=[*[2] * 7, *[1] * 123],
            order_value_minor=np.round(3_000 * np.exp(rng.normal(0, 0.5, 130))).astype("int64"),
        )
    )
    made = compare(features(frame), Clustering(bootstrap_pairs=5, largest_count=3), seed=0).pick()

    assert made.segments["customers"].min() >= 10
    assert [column.name for column in made.scorer.scaling.columns] == ["recency_days", "order_value_minor"]
    assert "Left out, because all customers, or all but fewer than 10, look alike in it: orders." in made.notes


def test_of_two_segments_only_who_is_twice_as_close_to_the_own_centre_is_clearly_inside() -> None:
    """With two centres every member has at least half of the closeness, so half would say nothing."""
    made = candidates()
    two, three = (closeness(made.pick(k), made.features, floor=1) for k in (2, 3))

    assert two["clear_from"].unique().tolist() == pytest.approx([2 / 3])
    assert three["clear_from"].unique().tolist() == [0.5]


def auto(points: np.ndarray, **settings: object) -> Candidates:
    """Leave the method to the data, for customers at points of a plane."""
    frame = pd.DataFrame(np.round(1000 * (points + 30)).astype("int64"), columns=["length", "width"]).assign(
        customer=[f"c{n:04d}" for n in range(len(points))], recency_days=0, order_count=1, order_value_minor=1
    )
    plan = Clustering.model_validate({"method": "auto", "bootstrap_pairs": 5, "largest_count": 4, **settings})
    return compare(features(frame.assign(monetary_minor=frame["length"]), ("length", "width")), plan, seed=0)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("method", "middles", "together"),
    [("gaussian_mixture", ((0, 0), (4, 0), (0, 4)), 0.0), ("hdbscan", ((0, 0), (3, -3)), 0.95)],
)
def test_the_data_choose_the_method_and_the_number_where_the_plan_leaves_them(
    method: str, middles: tuple[tuple[float, float], ...], together: float
) -> None:
    """Three round clouds that touch, and two long ones with empty space between."""
    rng, k = np.random.default_rng(1), len(middles)
    made = auto(np.vstack([rng.multivariate_normal(middle, [[1, together], [together, 1]], 200) for middle in middles]))
    found = made.pick().labels.to_pandas().sort_values("customer")["segment"]

    assert (made.way.method, made.way.k, made.pick().k) == (method, k, k)
    assert made.pick().method == made.method().split(" of ")[0]
    assert f"because the plan leaves the method to the data (clustering.method: auto): {k} segments by" in made.method()
    assert made.pick().notes[0] == f"{k} segments, chosen by the data together with the method."
    assert adjusted_rand_score(np.repeat(np.arange(k), 200), found) > 0.8


@pytest.mark.wide
def test_a_division_that_the_nearest_centre_does_not_repeat_is_not_frozen() -> None:
    """Empty space separates two half moons, but the moon of a centre is not that of the customer: k-means, and why."""
    angle, rng = np.linspace(0, np.pi, 200), np.random.default_rng(0)
    moon = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.05, (200, 2))
    made = auto(np.vstack([moon, [1.0, 0.5] - moon]))

    assert (made.way.method, made.way.k) == ("kmeans", None)
    assert "But the nearest centre, which is what is frozen, repeats it for only" in made.method()


@pytest.mark.wide
def test_clouds_that_halves_of_the_customers_do_not_show_are_not_frozen() -> None:
    """With 200 customers each the same two long clouds are not found again by their centres: k-means, and why."""
    rng, middles = np.random.default_rng(1), ((0.0, 0.0), (0.7, -0.7))
    made = auto(np.vstack([rng.multivariate_normal(middle, [[1, 0.95], [0.95, 1]], 200) for middle in middles]))

    assert (made.way.method, made.way.k) == ("kmeans", None)
    assert "But by its nearest centres, which are what is frozen: stability 0." in made.method()
    assert "So k-means is used. It divides a continuum too" in made.method()


@pytest.mark.wide
def test_a_number_that_the_plan_asks_for_counts_before_that_of_the_data() -> None:
    """The method is chosen by the data; the number is the plan's."""
    rng = np.random.default_rng(1)
    made = auto(np.vstack([rng.normal(middle, 1, (200, 2)) for middle in ((0, 0), (4, 0), (0, 4))]), choice=2)

    assert (made.way.method, made.way.k, made.pick(2).k) == ("gaussian_mixture", None, 2)


def test_words_that_make_segments_leave_no_choice_of_the_method() -> None:
    """Categories are divided by one method only."""
    made = candidates(method="auto", categories=["country"])

    assert made.way.method == "mixed"
    assert "words make segments too" in made.method()
