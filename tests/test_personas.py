"""Personas: what is said about a segment, with which evidence, and what is not said."""

from datetime import datetime
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import personas
from seglib.clustering.naming import WORDS
from seglib.core.errors import PrivacyRefused
from seglib.core.plan import Plan
from seglib.criteria.catalogue import ALL
from seglib.personas.evidence import _proof, amount, compare, fit, homogeneous, matching, strongest
from seglib.personas.personas import NEEDS
from seglib.personas.words import TOPICS, refuse, sensitive

AS_OF = datetime(2026, 10, 1)
PLAN = Plan.parse("study: tea\ncurrency: GBP\nsources: {orders: {file: orders.csv}}")
UNSTABLE = Plan.parse(
    "study: tea\ncurrency: GBP\nsources: {orders: {file: orders.csv}}\nclustering: {use_unstable: true}"
)
CATALOGUE = pd.DataFrame(
    [
        ("order_count", "rfm", "orders", "number", "Orders in the window.", True),
        (
            "gap_days",
            "behavioural",
            "days",
            "number",
            "Mean days between orders of the window; not for one order.",
            False,
        ),
        ("company_flag", "firmographic", "1 is yes", "number", "Buys for a company account.", False),
        ("country", "geographic", "word", "category", "Country of residence.", False),
    ],
    columns=["name", "family", "unit", "kind", "meaning", "clusters"],
).assign(follows=[True, True, False, False], role="segmentation", sensitivity="personal")


def sample(planted: bool = True) -> pd.DataFrame:
    """Make 400 customers: segment 1 orders often, for companies, from Germany; or no difference at all."""
    rng, segment = np.random.default_rng(3), np.repeat([1, 2], 200)
    often = (segment == 1) & planted
    return pd.DataFrame(
        {
            "customer": [f"{number:024x}" for number in range(400)],
            "segment": segment,
            "order_count": rng.poisson(5, 400) + 6 * often,
            "gap_days": rng.gamma(4, 15, 400) - 20 * often,
            "company_flag": (rng.random(400) < 0.1 + 0.6 * often).astype(int),
            "country": np.where(rng.random(400) < 0.2 + 0.5 * often, "Germany", "unknown"),
        }
    ).assign(country=lambda t: t["country"].where(rng.random(400) < 0.7, "France"))


def answered(*names: str, role: str = "segmentation") -> pd.DataFrame:
    """Describe survey answers as the catalogue of criteria does."""
    return pd.DataFrame(
        [(f"{name}_answer", "psychographic", "points", "number", f"Last answer to '{name}'.", False, False, role,
          "personal") for name in names], columns=CATALOGUE.columns,
    )  # fmt: skip


def study(frame: pd.DataFrame, asked: pd.DataFrame | None = None) -> tuple[SimpleNamespace, ...]:
    """Wrap a frame as segmentation, features and collection: all ordered for 12.50 ten days ago, and dearer once."""
    orders = frame[["customer"]].assign(order_id=frame["customer"], amount_minor=1250)
    orders = orders.assign(ordered_at=datetime(2026, 9, 21, 9), ordered_on=datetime(2026, 9, 21).date())
    before = {"amount_minor": 9000, "ordered_at": datetime(2025, 6, 1), "ordered_on": datetime(2025, 6, 1).date()}
    orders = pd.concat([orders, *(orders.assign(order_id=orders["order_id"] + old, **before) for old in "xy")])
    segments = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "identity": [1, 2], "customers": [200, 200]})
    segments = segments.assign(usable=True, why="large and stable enough", share=0.5, revenue_share=0.5)
    collection = SimpleNamespace(
        orders=ibis.memtable(orders),
        customers=ibis.memtable(frame[["customer", "country"]]),
        has=lambda table, column: (table, column) == ("customers", "country"),
        present={"customers": ("country",)},
        comments=None,
    )
    return (
        SimpleNamespace(labels=ibis.memtable(frame[["customer", "segment"]]), segments=segments),
        SimpleNamespace(values=ibis.memtable(frame.drop(columns="segment")), catalogue=pd.concat([CATALOGUE, asked])),
        collection,
    )


def test_a_card_says_what_was_planted():
    """Segment 1 is told by its orders, its gap, its company accounts and its country, one line each."""
    made = personas.describe(*study(sample()), PLAN, AS_OF)
    lines = made.lines[made.lines["segment"] == 1].set_index("criterion")

    assert sorted(lines.index) == ["company_flag", "country", "gap_days", "order_count"]
    assert lines.loc["gap_days", "effect"] < 0
    assert lines.loc["company_flag", "line"].startswith("Buys for a company account: 7")
    assert lines.loc["country", "level"] == "Germany"


def test_a_random_split_has_nothing_distinctive():
    """Two halves without a difference get no line, and the sentence names them."""
    made = personas.describe(*study(sample(planted=False)), PLAN, AS_OF)

    assert len(made.lines) == 0
    assert made.check() == "0 of 2 personas have something distinctive. Nothing distinctive: A, B."


def test_S20_no_test_on_the_criteria_that_made_the_segments():
    """A line about a criterion of the clustering carries no effect and no interval, only that it made the segments."""
    made = personas.describe(*study(sample()), PLAN, AS_OF)
    line = made.lines.query("criterion == 'order_count' and segment == 1").iloc[0]

    assert line["evidence"] == "helped to make segments; n = 200"
    assert not line["tested"]
    assert "points" in made.lines.query("criterion == 'company_flag'")["evidence"].iloc[0]


def test_what_follows_from_the_orders_that_made_the_segments_is_no_evidence():
    """Gaps between orders follow from their number; where answers made the segments, both are evidence."""
    attitudes = sample().assign(price_answer=lambda t: 5.0 - t["segment"] - t.index % 2)
    own = answered("price").assign(clusters=True, unit="points")
    by_orders, by_answers = (
        compare(attitudes, rows, floor=10).drop_duplicates("column").set_index("column")["tested"]
        for rows in (CATALOGUE, pd.concat([CATALOGUE.assign(clusters=False), own]))
    )

    assert by_orders.to_dict() == {"order_count": False, "gap_days": False, "company_flag": True, "country": True}
    assert by_answers[["order_count", "gap_days"]].all()


def test_no_line_is_evidence_where_segments_are_made_from_shuffled_orders():
    """Whoever gets whose orders by lot: all that still differs was computed from what made the segments."""
    rng, n = np.random.default_rng(8), 400
    spent = rng.gamma(2, 5_000, n)
    known = {
        "account_paid_minor": spent,
        "bonus": spent * 1.1,
        "units_per_order": spent / 100 * rng.uniform(0.3, 1.7, n),
    }
    others = {"company_size": rng.gamma(2, 50, n), "country": rng.choice(["DE", "FR"], n)}
    shuffled = pd.DataFrame({"segment": 1 + (spent > np.median(spent)), "monetary_minor": spent, **known, **others})
    rows = [(name, "firmographic", "orders", "number", f"{name}.", name == "monetary_minor") for name in shuffled]
    told = pd.DataFrame(rows[1:], columns=CATALOGUE.columns[:6])
    told.loc[told["name"] == "country", "kind"] = "category"
    real = {criterion.name: criterion.follows for criterion in ALL}
    found = compare(shuffled, told.assign(follows=told["name"].map(real).eq(True)), floor=10)

    assert set(found["column"]) == {"monetary_minor", *known}
    assert not found["tested"].any()


def test_a_line_rests_on_half_of_the_members():
    """Sixteen of two hundred members have a gap between orders: no line about it, however large the effect."""
    frame = sample()
    frame.loc[frame.index[16:200], "gap_days"] = np.nan
    found = compare(frame, CATALOGUE, floor=10)

    assert 1 not in set(found.loc[found["column"] == "gap_days", "segment"])
    assert found.loc[found["column"] == "order_count", "members"].tolist() == [200, 200]


def test_R23_a_line_does_not_speak_of_few_others():
    """Eight of twelve others have a gap between orders: their median would be told beside that of two hundred."""
    frame = sample().iloc[:212]
    frame.loc[frame.index[200:], "gap_days"] = [1000.0] * 8 + [np.nan] * 4
    few = compare(frame, CATALOGUE, floor=10)

    assert "gap_days" not in set(few["column"])
    assert "gap_days" in set(compare(frame, CATALOGUE, floor=8)["column"])


@pytest.mark.parametrize(("known", "told"), [(99, False), (100, True)])
def test_a_line_rests_on_half_of_the_others(known, told):
    """Buyers who order often looked slow beside the few others who ordered twice at all: 54 days, others 32."""
    frame = sample()
    frame.loc[frame.index[200 + known :], "gap_days"] = np.nan
    frame.loc[frame.index[200 : 200 + known], "gap_days"] = 2.0
    found = compare(frame, CATALOGUE, floor=10).set_index("column")["segment"]

    assert (1 in set(found.get(["gap_days"], pd.Series(dtype=int)))) is told


def test_the_pair_beside_an_effect_is_of_those_whom_it_compares():
    """Members order 9 times, all others 2 times: everyone's median, which holds the members, is not the other side."""
    frame = sample().assign(order_count=lambda t: np.where(t["segment"] == 1, 8, 1) + t.index % 3)
    line = strongest(compare(frame, CATALOGUE, floor=10), PLAN).query("criterion == 'order_count' and segment == 1")

    assert line["claim"].tolist() == ["Orders: 9; others: 2"]
    assert line["everyone"].tolist() == [5.5]


def test_R23_a_line_does_not_tell_the_few_members_of_whom_it_does_not_speak():
    """Three of 148 members have no account: that the line rests on 145 would count them."""
    rows = [{"n": n, "members": 148, "tested": False, "clusters": False} for n in (44, 145, 148)]

    assert [_proof(row, 10).rpartition("; ")[2] for row in rows] == ["n = 44 of 148", "n = over 138 of 148", "n = 148"]


def test_days_since_the_first_order_speak_of_the_data_only():
    """Nobody knows what was ordered before the data begin, so no card says ever."""
    meaning = {criterion.name: criterion.meaning for criterion in ALL}["tenure_days"]

    assert meaning == "Days since the first order in the data, also before the window."


def test_one_fact_is_one_line():
    """A country with one region, and the flag of living there, tell of the same customers."""
    frame = sample().assign(region=lambda t: t["country"], home_flag=lambda t: (t["country"] == "Germany").astype(int))
    more = CATALOGUE[CATALOGUE["name"] == "country"].assign(name="region", meaning="Region of residence.")
    flag = CATALOGUE[CATALOGUE["name"] == "company_flag"].assign(name="home_flag", family="geographic")
    found = compare(frame.assign(home_flag=frame["home_flag"].where(frame["country"] != "unknown")),
                    pd.concat([CATALOGUE, more, flag]), floor=10)  # fmt: skip
    lines = strongest(found, PLAN).query("segment == 1")

    assert {"country", "region", "home_flag"} <= set(found["column"])
    assert lines["family"].value_counts()["geographic"] == 1


def test_what_follows_from_the_number_of_orders_is_no_evidence():
    """The mean gap between orders differs wherever their number does: shown, and no test is quoted."""
    made = personas.describe(*study(sample()), PLAN, AS_OF)
    line = made.lines.query("criterion == 'gap_days'").iloc[0]

    assert (line["evidence"].split(";")[0], line["tested"]) == ("follows from what made segments", False)


def test_unknown_is_no_level():
    """Customers whose country is unknown make no line and count in no share."""
    found = compare(sample(), CATALOGUE, floor=10)

    assert "unknown" not in set(found["level"].dropna())
    assert found.query("column == 'country' and segment == 1")["n"].max() < 200


def test_a_level_of_few_members_is_not_shown():
    """A level that fewer members than the floor have makes no line, however strong it is."""
    frame = sample(planted=False)
    frame["country"] = ["Malta"] * 9 + ["France"] * 391

    assert "Malta" in set(compare(frame, CATALOGUE, floor=5)["level"])
    assert "Malta" not in set(compare(frame, CATALOGUE, floor=10)["level"])


def test_the_match_share_is_counted_on_the_lines():
    """Of four members three lie on the card's side of everyone's median, and so does one of the two others."""
    members = pd.DataFrame({"segment": [1, 1, 1, 1, 2, 2], "gap_days": [5.0, 8.0, 9.0, 40.0, 90.0, 19.0]})
    line = {"segment": 1, "criterion": "gap_days", "level": None, "effect": -0.8, "everyone": 20.0, "family": "rfm"}
    lines = pd.DataFrame([line])

    assert matching(members, lines)[["match_share", "others_match_share"]].to_numpy().tolist() == [[0.75, 0.5]]


def test_needs_are_survey_answers():
    """A motive with enough answers becomes a sentence and one line; NPS is an outcome and no motive."""
    frame = sample()
    price = np.where(frame["segment"] == 1, 5.0, 3.0) + np.tile([0.0, 0.4], 200)
    asked = pd.concat([answered("motive_price"), answered("motive_nps", role="outcome")])
    made = personas.describe(*study(frame.assign(motive_price_answer=price, motive_nps_answer=9.0), asked), PLAN, AS_OF)

    assert made.cards["motivations"].iloc[0].startswith("price 5.2 on average; others: 3.2 (effect +")
    assert made.cards["goals"].iloc[0].startswith("not measured: ask '")
    assert made.lines.query("family == 'psychographic'")["criterion"].unique().tolist() == ["motive_price"]


def test_R22_a_special_answer_is_on_no_card():
    """An answer that belongs to a special category sets the segments apart and is told nowhere."""
    frame = sample()
    asked = answered("motive_faith").assign(sensitivity="special")
    made = personas.describe(*study(frame.assign(motive_faith_answer=5.0 * frame["segment"]), asked), PLAN, AS_OF)

    assert not made.lines["line"].str.contains("faith").any()
    assert not made.cards[NEEDS].apply(lambda column: column.str.contains("faith")).any(axis=None)


def test_without_feedback_needs_are_not_measured():
    """No survey, no motives: the card says so and names the file."""
    made = personas.describe(*study(sample()), PLAN, AS_OF)

    assert made.cards[NEEDS].map(lambda text: text.startswith("not measured: ask '")).all(axis=None)
    assert any("feedback.csv" in note for note in made.notes)


def test_facts_are_medians_of_the_members():
    """Size, revenue, and of the window: basket and days since the last order, counted as notebook 03 does."""
    made = personas.describe(*study(sample()), PLAN, AS_OF)

    assert made.cards["basket_minor"].tolist() == [1250.0, 1250.0]
    assert made.cards["last_order_days"].tolist() == [9.0, 9.0]
    assert made.cards["summary"].iloc[1].startswith("200 customers (50%), 50% of revenue. Typical basket 12.50 GBP;")


def test_the_seed_decides_the_sample_and_nothing_else_does():
    """Shuffled rows give the same lines."""
    frame = sample()
    one = personas.describe(*study(frame), PLAN, AS_OF, seed=1)
    two = personas.describe(*study(frame.sample(frac=1, random_state=5)), PLAN, AS_OF, seed=1)

    pd.testing.assert_frame_equal(one.lines, two.lines)
    pd.testing.assert_frame_equal(one.cards, two.cards)


def test_at_most_six_lines_and_one_per_criterion():
    """Eight strong criteria of one family leave six lines on a card."""
    rows = [
        {"segment": 1, "column": f"c{i}", "effect": 1.0 + i, "value_segment": 9.0, "value_others": 1.0}
        for i in range(8)
    ]
    found = pd.DataFrame(rows).assign(
        level=None, family="rfm", unit="orders", meaning="Orders.", clusters=True, tested=False, n=50, members=50
    )
    found = found.assign(effect_low=0.5, effect_high=2.0, passes=True)

    assert strongest(found, PLAN)["criterion"].tolist() == ["c7", "c6", "c5", "c4", "c3", "c2"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1250, "money", "12.50 GBP"),
        (125_000, "money", "1,250 GBP"),
        (0.356, "share", "36%"),
        (0.004, "share", "0.4%"),
        (20.6, "days", "21"),
        (2.54, "orders", "2.5"),
        (3.0, "orders", "3"),
    ],
)
def test_values_are_written_in_their_unit(value, unit, text):
    """Money in main units, shares in per cent, days whole."""
    assert amount(value, unit, PLAN) == text


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Young mothers", "family and life events"),
        ("Diabetics", "health"),
        ("Muslim households", "religion or belief"),
        ("Immigrants in cities", "origin"),
        ("Trade-unionists", "politics or union"),
        ("Gay travellers", "sexual life"),
        ("Cheapskates", "words that look down on people"),
    ],
)
def test_R23_names_of_special_categories_are_refused(name, topic):
    """The refusal names the topic and the place of the name, not the name."""
    with pytest.raises(PrivacyRefused, match=f"segment 2 has a name about {topic}") as refused:
        refuse(["Regulars", name])

    assert topic in TOPICS
    assert name not in str(refused.value)


def test_R23_every_word_of_the_default_names_passes():
    """The vocabulary of names, and some harmless words that look alike, touch no topic."""
    words = [spoken for word in WORDS for spoken in (word.high, word.low)]
    harmless = [
        "Motherboards",
        "Illustrations",
        "United Arab Emirates",
        "Dominican Republic",
        "Islamabad",
        "Bargain hunters",
    ]

    assert [word for word in words + harmless if sensitive(word)] == []


def test_R23_a_line_that_touches_a_special_category_is_left_out_and_counted():
    """A favourite category of diabetic food makes no line."""
    lines = pd.DataFrame(
        {"claim": ["Favourite category, Tea: 40%; others: 9%", "Favourite category, Diabetic food: 40%"]}
    )
    kept, count = fit(lines)

    assert kept["claim"].tolist() == ["Favourite category, Tea: 40%; others: 9%"]
    assert count == 1


def test_R18_a_segment_of_one_gender_is_flagged_and_its_level_never_said():
    """All members of segment 1 are women: flagged, and no line says so although it would pass."""
    frame = sample().assign(gender=lambda t: np.where((t["segment"] == 1) | (t.index % 2 == 0), "female", "male"))
    gender = CATALOGUE[CATALOGUE["name"] == "country"].assign(name="gender", family="demographic", meaning="Gender.")
    catalogue = pd.concat([CATALOGUE, gender])
    alike = homogeneous(frame, catalogue, floor=10)
    found = compare(frame, catalogue, floor=10)

    assert alike.to_numpy().tolist() == [[1, "gender"]]
    assert "gender" in set(strongest(found, PLAN).query("segment == 1")["criterion"])
    assert "gender" not in set(strongest(found, PLAN, alike).query("segment == 1")["criterion"])


def test_S04_a_tiny_segment_gets_no_persona():
    """Three of 400 customers: no line, no facts, and the card says why."""
    frame = sample()
    frame.loc[:2, "segment"] = 3
    parts = study(frame)
    segments = pd.DataFrame({"segment": [1, 2, 3], "name": ["A", "B", "C"], "identity": [1, 2, 3]})
    segments = segments.assign(customers=[197, 200, 3], share=[0.4925, 0.5, 0.0075], revenue_share=0.3)
    parts[0].segments = segments.assign(usable=True, why="large and stable enough")
    made = personas.describe(*parts, UNSTABLE, AS_OF)

    assert made.cards["summary"].iloc[2] == "No persona: too few members"
    assert made.left_out == "C (too few members) gets no persona: fewer than 10 of 400 customers."
    assert made.cards.loc[2, ["basket_minor", "last_order_days", "match_share"]].isna().all()
    assert 3 not in set(made.lines["segment"])


def test_S01_an_unstable_segment_gets_no_persona_unless_the_plan_opts_in():
    """Half of the customers fall into another segment with each sample: no line and no fact, and a sentence says so."""
    parts = study(sample())
    parts[0].segments = parts[0].segments.assign(usable=[False, True], why=["not stable", "large and stable enough"])
    strict, opted = (personas.describe(*parts, plan, AS_OF) for plan in (PLAN, UNSTABLE))

    assert set(strict.lines["segment"]) == {2}
    assert strict.cards.loc[0, ["basket_minor", "match_share"]].isna().all()
    assert strict.cards.loc[0, ["summary", "goals"]].tolist() == ["No persona: not stable"] * 2
    assert strict.left_out.startswith("A (not stable) gets no persona: 200 of 400 customers.")
    assert strict.check().startswith("1 of 1 personas")
    assert set(opted.lines["segment"]) == {1, 2}
    assert opted.left_out == "The plan uses A (not stable) all the same (clustering.use_unstable): 200 customers."


def random_cards(seeds: range) -> float:
    """Share of random divisions of alike customers in which any card has a line."""
    found = []
    for seed in seeds:
        frame = sample(planted=False)
        frame["segment"] = np.random.default_rng(seed).permutation(frame["segment"].to_numpy())
        found.append(
            len(compare(frame, CATALOGUE.assign(clusters=False, follows=False, family="behavioural"), floor=10)) > 0
        )
    return float(np.mean(found))


def test_random_subsets_have_nothing_distinctive_whatever_the_seed():
    """In 8 random divisions no card has a line."""

    assert random_cards(range(8)) == 0


@pytest.mark.long
def test_random_subsets_have_nothing_distinctive_in_the_long_run():
    """Of 1,000 random divisions at most 5 % have a line on any card, give or take the noise of the simulation."""

    assert random_cards(range(1_000)) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1_000)
