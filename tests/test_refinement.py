"""Two quarters of a few customers: who moved, what changed, what to do about it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.activation.shown import changed_tier
from seglib.charts import refinement as charts
from seglib.clustering import Segmentation
from seglib.clustering.scorer import Scorer
from seglib.core.engine import Engine
from seglib.core.errors import Bug
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.sections import Selection
from seglib.criteria import Features
from seglib.methods.rfm import Rfm
from seglib.methods.scaling import ColumnScale, Scaling
from seglib.refinement import Refinement, frozen, refine
from seglib.refinement.change import data_changes, season
from seglib.refinement.draft import proposals, with_refit
from seglib.refinement.outlook import came_true, said_of_strain, strain, widened
from seglib.refinement.rules import _judge_one, fitness, judge, overall
from seglib.refinement.tables import Tables

ENGINE = Engine.open()
PLAN = "study: acme\ncurrency: EUR\nprivacy: {floor: 2}\nsources: {orders: {file: orders.csv}}\n"
RULES = Plan.parse(PLAN).refinement
SPREAD = 30.0
SCALING = Scaling((ColumnScale("order_count", "identity", 0.0, 0.0, SPREAD),))

CHECKS = ("size", "stability", "distinctness", "value", "action", "reachability")


def centre_frame(centres, names):
    """Give each segment the median and the deviation of its centre."""
    rows = [(n + 1, "order_count", "orders", centre, centre / 4) for n, centre in enumerate(centres[: len(names)])]
    return pd.DataFrame(rows, columns=["segment", "criterion", "unit", "median", "deviation"])


def quarter(orders, centres, names):
    """Make features and a segmentation: one criterion, nearest centre; customers are the keys of `orders`."""
    frame = pd.DataFrame({"customer": list(orders), "order_count": list(orders.values())})
    frame = frame.assign(monetary_minor=frame["order_count"] * 100)
    scorer = Scorer(SCALING, tuple((centre / SPREAD,) for centre in centres))
    label = scorer.label(frame)
    totals = frame.groupby(label)["monetary_minor"].agg(["size", "sum"]).reindex(range(1, len(names) + 1), fill_value=0)
    segments = pd.DataFrame(
        {
            "segment": totals.index,
            "name": list(names),
            "identity": list(names.values()),
            "customers": totals["size"].to_numpy(),
            "revenue_minor": totals["sum"].to_numpy(),
            "revenue_share": totals["sum"].to_numpy() / totals["sum"].sum(),
            "jaccard": 0.9,
            "usable": True,
            "why": "large and stable enough",
        }
    ).reset_index(drop=True)
    empty = pd.DataFrame()
    catalogue = pd.DataFrame({"name": ["order_count"], "unit": ["orders"], "missing_share": [0.0], "median": [1.0]})
    features = Features(ENGINE.memory(frame), catalogue, ("order_count",), len(frame), "EUR", 100, ())
    segmentation = Segmentation(
        labels=ENGINE.memory(frame.assign(segment=label, rfm_segment="Others")[["customer", "segment", "rfm_segment"]]),
        segments=segments,
        scorer=scorer,
        k=len(names),
        method="k-means",
        structure="natural",
        verdict="",
        quality=empty,
        centres=centre_frame(centres, names),
        rfm=Rfm(2, "quantile", (1.0,), (1.0,), (1.0,)),
        rfm_table=empty,
        identities=dict(names),
        own_names={},
        size_floor_share=0.03,
        stability_floor=0.6,
        currency="EUR",
        minor_per_major=100,
        notes=(),
    )
    return segmentation, features


@pytest.fixture
def run(tmp_path):
    """A run with a plan on disk."""
    (tmp_path / "plan.yml").write_text(PLAN + "# a comment of mine\n", encoding="utf-8")
    facts = {"plan": Plan.parse(PLAN), "data": tmp_path, "quarter": Quarter("2026Q3"), "study": "acme", "seed": 0}
    return SimpleNamespace(**facts, previous=lambda cls, quarters=1: None)


HIGH_LOW = {"Many": 1, "Few": 2}
BEFORE = {f"c{n}": 20 if n < 10 else 2 for n in range(30)}


def two(run, orders, centres=(20, 2), names=HIGH_LOW) -> Refinement:
    """Refine a second quarter against the standard first one."""
    old, old_features = quarter(BEFORE, (20, 2), HIGH_LOW)
    now, features = quarter(orders, centres, names)
    return refine(run, now, old, features, old_features)


def test_R16_who_stayed_is_a_bound_where_few_did_not():
    """Of 153 who are still here seven are elsewhere: the share with its interval would tell how many."""
    rows = pd.DataFrame({"stayed": [146, 193], "person": [2, 45], "label": [5, 80]}, index=["Large orders", "Regulars"])

    assert frozen.shares(rows, 10)["stayed"].tolist()[:2] == ["over 93%", "61% (55% to 66%)"]


def test_nothing_moved_keeps_everything(run):
    """The same customers, the same orders: every segment survives and is kept."""
    same = two(run, BEFORE)

    assert same.identity["event"].tolist() == ["survive", "survive"]
    assert same.verdicts["verdict"].tolist() == ["keep", "keep"]
    assert same.verdict == "Keep: 100% of today's customers are in segments that are to be kept (asked: half)."


MOVED = {**{k: v for k, v in BEFORE.items() if k not in ("c0", "c1")}, "c29": 20, "n1": 20, "n2": 3, "n3": 2}


def test_migration_adds_up_in_customers_and_money(run):
    """Two left, three came, one moved up; every euro is accounted for."""
    sentence = replace(two(run, MOVED), moves_told=True).adds_up()

    assert sentence.startswith("30 customers before + 3 new - 2 left = 31 now; ")
    assert sentence.endswith(
        "EUR 240 before + EUR 25 from new customers - EUR 40 of those who left "
        "+ EUR 18 from those who stayed = EUR 243."
    )


def test_V27_the_money_of_two_who_moved_is_not_shown(run):
    """Each of two knows what the other spent: no money stands beside any move; that of the segments does."""
    moved = two(run, MOVED)
    money = moved.moves().filter(like="revenue").to_numpy().ravel()

    assert not moved.moves_told and moved.told
    assert set(money) == set(moved.by_both_rules().filter(like="EUR").to_numpy().ravel()) == {"not shown"}
    assert moved.balance()["EUR now"].tolist() == ["200.00", "43.00"]
    assert moved.adds_up().startswith("30 customers before and 31 now, EUR 240 and EUR 243: it adds up. What moved")


def test_V27_segments_whose_money_is_not_shown_have_no_way_of_money(run):
    """What notebook 04 keeps back is kept back here for both quarters and all segments, with the reason."""
    old, features = quarter(BEFORE, (20, 2), HIGH_LOW)
    now = replace(old, segments=old.segments.assign(revenue_share=float("nan")))
    moved = refine(run, now, old, features, features)

    assert not moved.told
    assert set(moved.balance()[["EUR before", "EUR now"]].to_numpy().ravel()) == {"not shown"}
    assert any("money is not shown" in note for note in moved.notes)
    first = refine(run, now, None, features, None)
    for shown in (moved, first):
        assert set(shown.fit().filter(regex="^value").to_numpy().ravel()) == {"not shown"}
    assert set(moved.by_both_rules().filter(like="EUR").to_numpy().ravel()) == {"not shown"}
    assert first.by_both_rules() == "First quarter: there is no earlier one to compare with."


def test_each_segment_adds_up_by_people_and_by_labels(run):
    """Last quarter's customers, the people's part by the frozen rules and the labels' part give today's, exactly."""
    rows = two(run, MOVED, centres=(8, 2)).sizes
    way = rows["previous_customers"] + rows["new"] + rows["moved_in"] - rows["moved_out"] - rows["left"]

    assert way.tolist() == rows["customers"].tolist() == [10, 21]
    assert rows["rules_customers"].tolist() == [10, 21]
    assert rows["rules_revenue_minor"].sum() == rows["revenue_minor"].sum() == 24300


def test_R19_a_share_that_tells_of_fewer_than_the_floor_is_a_word():
    """Of 200 customers all but two have an offer, and all but three of these may be contacted: nearly all."""
    rows = [(1, "action", 0.99), (1, "reachability", 195 / 198), (2, "action", 0.01), (2, "reachability", 1.0)]
    shown = Tables()
    shown.fitness = pd.DataFrame(rows, columns=["segment", "check", "value"]).assign(name="A", floor=0.5, passed=True)
    shown.sizes = pd.DataFrame({"segment": [1, 2], "customers": [200, 300]})
    shown.verdicts = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "use": "act"})
    shown.floor, shown.told = 10, True

    assert shown.fit().filter(regex="^(action|reachability)").to_numpy().tolist() == [["nearly all"] * 2, ["few"] * 2]


def test_R16_few_who_left_are_not_shown_and_cannot_be_computed(run):
    """One customer left: neither the number nor the sum that would give it appears anywhere."""
    orders = {k: v for k, v in BEFORE.items() if k != "c0"} | {"n1": 20, "n2": 3}
    result = two(run, orders)

    assert "is not shown: one of them is fewer than 2" in result.adds_up()
    assert result.open_sums() == (["new"], ["left"])
    assert result.balance()["- left"].tolist()[0] == ""
    assert result.balance()["+ new"].tolist()[0] == ""


def test_a_table_that_does_not_add_up_is_a_bug(run):
    """A lost customer is noticed."""
    result = two(run, BEFORE)
    moves = result.migration.assign(customers=result.migration["customers"] - 1)

    with pytest.raises(Bug, match="does not add up"):
        replace(result, migration=moves).adds_up()


def test_S05_permuted_numbers_change_nothing(run):
    """S05: the new quarter numbers its segments the other way round; names and identities follow the customers."""
    swapped = two(run, BEFORE, centres=(2, 20), names={"Few": 2, "Many": 1})

    assert swapped.identity[["name", "previous"]].to_numpy().tolist() == [["Few", "Few"], ["Many", "Many"]]
    assert swapped.migration["from_name"].tolist() == swapped.migration["to_name"].tolist()


def test_a_planted_split_is_called_a_split(run):
    """Half of the low ones now order five times and form a segment of their own."""
    orders = {name: 6 if count == 2 and int(name[1:]) % 2 else count for name, count in BEFORE.items()}
    result = two(run, orders, centres=(20, 6, 2), names={"Many": 1, "Some": 3, "Few": 2})

    assert result.identity.set_index("name")["event"].to_dict() == {"Many": "survive", "Some": "split", "Few": "split"}
    assert result.verdicts.set_index("name").loc["Some", "why"].endswith("most of its customers come from Few")


def test_a_segment_without_successor_is_retired(run):
    """One segment is left; the other one's name is told among the gone."""
    result = two(run, dict.fromkeys(BEFORE, 2), centres=(2,), names={"Few": 2})
    gone = result.verdicts[result.verdicts["segment"] == 0]

    assert gone[["name", "verdict"]].to_numpy().tolist() == [["Many", "retire"]]
    assert result.verdict.endswith("Gone since last quarter: Many.")
    assert "segment 'Many': retire" in result.draft_plan


def test_every_table_and_figure_is_made_when_several_segments_are_gone(run):
    """Four segments, then two: both lost ones are named, and nothing ends in an error (`InvalidIndexError` before)."""
    names = {"Many": 1, "Some": 3, "Several": 4, "Few": 2}
    orders = {f"c{n}": (20, 9, 5, 2)[n % 4] for n in range(40)}
    old, old_features = quarter(orders, (20, 9, 5, 2), names)
    now, features = quarter(orders, (12, 2), HIGH_LOW)
    result = refine(run, now, old, features, old_features)
    tables = (result.fates, result.who_moved, result.by_both_rules, result.balance, result.moves, result.changes)
    made = [make() for make in (*tables, result.next_quarter, result.fit, result.judged, result.adds_up)]
    drawn = [draw(result) for draw in (charts.migration, charts.drift, charts.outlook)]

    assert result.verdicts.loc[result.verdicts["segment"] == 0, "name"].tolist() == ["Some", "Several"]
    assert len(made) == 10 and len(drawn) == 3
    assert result.fit()["segment"].tolist() == ["Many", "Few"]


def test_a_renamed_segment_is_the_same_segment(run):
    """The plan calls it otherwise, the identity is the old one."""
    result = two(run, BEFORE, names={"Fans": 1, "Few": 2})

    assert result.identity["event"].tolist() == ["survive", "survive"]
    assert result.migration["from_name"].tolist() == ["Fans", "Few"]


def test_S06_labels_that_moved_are_told_from_people_who_moved(run):
    """Nobody changed, but the new border puts the ten high ones with the low ones."""
    result = two(run, BEFORE, centres=(90, 2))

    assert "frozen rules give 67% of today's customers" in result.notes[0]
    assert "33% have another segment now; by the frozen rules 0% would have" in result.notes[1]
    assert result.churn[["stayed", "person", "label"]].to_numpy().tolist() == [[20, 0, 0], [0, 0, 10]]


def test_drift_is_found_inside_the_segment_where_it_is(run):
    """The high segment orders twice as often, the low one as before."""
    rng = np.random.default_rng(0)
    before = {f"c{n}": int(rng.poisson(30) if n < 200 else rng.poisson(3)) for n in range(400)}
    after = {f"d{n}": int(rng.poisson(60) if n < 200 else rng.poisson(3)) for n in range(400)}
    old, new = quarter(before, (30, 3), HIGH_LOW), quarter(after, (60, 3), HIGH_LOW)
    drift = refine(run, new[0], old[0], new[1], old[1]).drift
    found = drift[(drift["verdict"] == "drift") & (drift["segment"] > 0)]

    assert set(found["name"]) == {"Many"}


def test_the_first_quarter_says_so(run):
    """No earlier run: empty but well-formed tables, and a draft all the same."""
    now, features = quarter(BEFORE, (20, 2), HIGH_LOW)
    first = refine(run, now, None, features, None)

    assert first.verdict.startswith("First quarter")
    assert first.migration.empty
    assert "python -m seglib history --study acme --from 2026Q2 --to 2026Q3" in first.verdict
    told = {first.moves(), first.balance(), first.mixed(), first.who_moved(), first.next_quarter(), first.changes()}
    assert told == {first.data_changed()} == {"First quarter: there is no earlier one to compare with."}
    assert first.judged()["verdict"].tolist() == first.fates()["what became of it"].tolist() == ["new", "new"]
    assert len(first.fit()) == 2 and first.by_both_rules() in told
    assert first.adds_up() == "First quarter: nothing to add up yet."


def test_the_draft_is_the_same_plan_with_proposals_on_top(run):
    """Only comments are added, and the reader's own comments stay."""
    draft = two(run, BEFORE).draft_plan

    assert draft.startswith("# Draft for 2026Q4.")
    assert "# - clustering.choice: 2, so that the segments stay comparable." in draft
    assert "# - segment 'Many': it goes on, and fails: action, reachability." in draft
    assert "# a comment of mine" in draft
    assert Plan.parse(draft) == run.plan


def test_the_first_draft_calls_no_segment_kept_that_was_never_there_before(run):
    """All segments are new; what they fail is said, and nobody was kept."""
    now, features = quarter(BEFORE, (20, 2), HIGH_LOW)
    draft = refine(run, now, None, features, None).draft_plan

    assert "segment 'Many': it goes on, and fails: action, reachability." in draft
    assert "kept" not in draft.replace("clustering.model", "")


def test_the_draft_does_not_hold_on_to_a_target_that_the_first_page_wants_changed():
    """A goal that takes years to settle: to leave its target as it is would contradict the advice to change it."""
    goals = pd.DataFrame({"sentence": ["Larger orders: cannot tell."], "verdict": ["cannot tell"]})
    said = proposals(2, ["Many"], pd.DataFrame(columns=["segment", "verdict", "failing"]), goals)

    assert said[-1].endswith("leave the target, unless notebook 01 says that it takes too long to settle.")


CASES = [
    ({"segment": 0}, {}, "retire"),
    ({}, {"usable": False}, "retire"),
    ({"previous": ""}, {}, "new"),
    ({}, {"failing": "distinctness"}, "refit"),
    ({}, {"shared": 0.29}, "refit"),
    ({}, {"followed": 0.49}, "refit"),
    ({}, {}, "keep"),
]


def judged(row, facts):
    """Judge one segment: what is said of it, and what is found."""
    identity = pd.DataFrame([{"segment": 1, "name": "A", "previous": "A", "came_from": "", **row}])
    values = {"usable": True, "why": "too small", "shared": 0.9, "followed": 0.9, "failing": "", **facts}
    sizes = pd.DataFrame([{"name": "A", "usable": values["usable"], "why": values["why"]}])
    frozen = pd.DataFrame({"shared": [values["shared"]], "followed": [values["followed"]]}, index=["A"])
    drift = pd.DataFrame({"criterion": [], "name": [], "psi": [], "psi_noise": [], "p_adjusted": []})
    checks = pd.DataFrame({"segment": 1, "check": CHECKS, "passed": [name != values["failing"] for name in CHECKS]})
    checks = checks.assign(value=0.02, floor=0.03)
    return judge(identity, sizes, drift, frozen, checks, RULES).iloc[0]


@pytest.mark.parametrize(("row", "facts", "verdict"), CASES)
def test_every_rule_of_the_verdict_is_reached(row, facts, verdict):
    """One case for each line of the written rule."""
    assert judged(row, facts)["verdict"] == verdict


@pytest.mark.parametrize(
    ("row", "facts", "why"),
    [
        ({}, {"usable": False}, "too small (size 2%, at least 3% asked)"),
        ({}, {"failing": "distinctness"}, "hardly differs from the segment most like it (distinctness 0.02, at least"),
        ({}, {"shared": 0.29}, "old and new rules share 29% of it; the plan asks for 30%"),
        (
            {},
            {"followed": 0.49},
            "last quarter's rules would put only 49% of its customers here; the plan asks for 50%",
        ),
        (
            {},
            {},
            "still the same segment (old and new rules share about 90% of it, at least 30% asked), and its members",
        ),
    ],
)
def test_every_reason_holds_the_number_it_rests_on(row, facts, why):
    """What was found stands beside what the plan asks."""
    assert judged(row, facts)["why"].startswith(why)


@pytest.mark.parametrize("check", CHECKS)
def test_a_segment_that_fails_one_check_is_not_acted_on(check):
    """Each of the six checks alone keeps a segment from being used, and is named."""
    row = judged({}, {"failing": check})

    assert row["use"] == "watch"
    assert row["failing"] == check
    assert judged({}, {})["use"] == "act"


def test_fitness_is_the_counted_one(run):
    """Ten of thirty customers with most of the money; eight have an offer, six of them may be reached."""
    now, _ = quarter(BEFORE, (20, 2), HIGH_LOW)
    counts = pd.DataFrame({"segment": [1, 2], "customers": [10, 20], "with_offer": [8, 0], "reachable": [6, 0]})
    found = fitness(now, counts, Selection()).set_index(["segment", "check"])
    value = found["value"].loc[1]

    assert value.to_dict() == pytest.approx(
        {"size": 1 / 3, "stability": 0.9, "distinctness": 4.5, "value": 200 / 240, "action": 0.8, "reachability": 0.75}
    )
    assert not found.loc[(2, "action"), "passed"]
    assert pd.isna(found.loc[(2, "reachability"), "passed"])


def test_without_an_audience_nobody_is_acted_on(run):
    """Action and reach are not known, so the segments are to be watched, and the reason stands there."""
    result = two(run, BEFORE)

    assert result.verdicts[["use", "failing"]].to_numpy().tolist() == [["watch", "action, reachability"]] * 2
    assert result.fit()["reachability, at least 10%"].tolist() == ["not known", "not known"]


def test_last_quarters_outlook_is_held_against_today(run):
    """The outlook said 5 to 8 and 15 to 25; today there are 10 and 20 by the rules it was made with."""
    said = pd.DataFrame({"segment": [1, 2], "name": ["Many", "Few"], "identity": [1, 2]})
    earlier = SimpleNamespace(outlook=said.assign(low=[5, 15], high=[8, 25]))

    assert came_true(earlier, two(run, BEFORE).sizes) == (
        "Last quarter's outlook held for 1 of 2 segments, by the rules it was made with; not for Many."
    )


def test_an_outlook_that_missed_makes_the_next_one_wider(run):
    """Ten came where 5 to 8 were said, 6 most likely: twice the reach to that side would have held them."""
    said = pd.DataFrame({"segment": [1, 2], "name": ["Many", "Few"], "identity": [1, 2]})
    earlier = SimpleNamespace(outlook=said.assign(expected=[6.0, 20.0], low=[5.0, 15.0], high=[8.0, 25.0]))
    times = strain(earlier, two(run, BEFORE).sizes)
    table = widened(pd.DataFrame({"expected": [100.0], "low": [90.0], "high": [110.0]}), times)

    assert times == 2
    assert table[["low", "high"]].iloc[0].tolist() == [80, 120]
    assert said_of_strain(times)[0].startswith("The intervals of the outlook are 2.0 times as wide")
    assert (strain(None, table), said_of_strain(1.0)) == (1.0, ())


def test_the_outlook_of_unchanged_customers_is_what_they_are(run):
    """Nobody moved, came or left: about as many as now."""
    rows = two(run, BEFORE).outlook

    assert rows["name"].tolist() == ["Many", "Few", "Everyone"]
    assert rows["expected"].tolist() == pytest.approx([10, 20, 30], abs=1)


def test_what_came_back_from_a_year_ago_may_be_the_season():
    """Orders changed since last quarter and are as a year ago; revenue is not; without a year nothing can be said."""
    drift = pd.DataFrame({"criterion": ["order_count", "monetary_minor"], "segment": 0, "verdict": "drift"})

    assert season(drift.assign(psi_year=[0.02, 0.5]), "2025Q3", "make it").endswith("perhaps the season: orders.")
    assert season(drift.assign(psi_year=np.nan), "2025Q3", "make it").startswith("There is no run of 2025Q3")


def test_V32_changed_units_and_ids_are_told_before_drift():
    """Money in cents instead of euros, another currency, and no id in common: the quarters cannot be compared."""
    _, old = quarter(BEFORE, (20, 2), HIGH_LOW)
    catalogue = old.catalogue.assign(median=100.0)
    now = replace(old, catalogue=catalogue, currency="GBP", customers=60)
    found = data_changes(old, now, in_both_count=0)

    assert found.loc[found["serious"], "what"].tolist() == [
        "currency",
        "customer ids: none is in both quarters",
        "size of the numbers (median)",
    ]
    assert "number of customers" in set(found["what"])
    assert data_changes(old, old, in_both_count=30).empty


def test_the_whole_is_refitted_when_most_customers_are_in_changed_segments():
    """Ninety of a hundred customers are in a segment that is to be refitted."""
    verdicts = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "verdict": ["refit", "keep"]})
    whole = overall(verdicts, pd.DataFrame({"name": ["A", "B"], "customers": [90, 10]}), 0.4)

    assert whole.refit
    assert whole.sentence.startswith("Refit: only 10%")
    assert whole.why.endswith("Last quarter's rules would put 40% where they are now.")


SPLIT = {name: 6 if count == 2 and int(name[1:]) % 2 else count for name, count in BEFORE.items()}


def kept(run, orders=SPLIT, structure="natural", again=0.9, centres=(20, 6, 2), **segments) -> Refinement:
    """Refine a quarter that was scored with the frozen model, beside a shadow that knows a third segment."""
    old, old_features = quarter(BEFORE, (20, 2), HIGH_LOW)
    now, features = quarter(orders, (20, 2), HIGH_LOW)
    names = {"Many": 1, "Some": 3, "Few": 2} if len(centres) == 3 else HIGH_LOW
    refit = quarter(orders, centres, names)[0]
    both = now.labels.to_pandas().assign(shadow=refit.labels.to_pandas()["segment"])
    row = {"structure": structure, "rand": 0.7, "found_again": again, "k": len(centres)}
    now = replace(
        now,
        labels=ENGINE.memory(both),
        segments=now.segments.assign(**segments),
        age_quarters=1,
        shadow_segments=refit.segments,
        shadow_centres=refit.centres,
        models=pd.DataFrame([{"model": "kept", **row}, {"model": "refit", **row}]),
    )
    return refine(run, now, old, features, old_features)


def test_R1_a_split_is_told_while_people_are_scored_by_the_frozen_model(run):
    """Half of the low ones order more: nobody changed segment by the frozen rules, and the shadow tells the split."""
    result = kept(run)
    told = result.identity.set_index("name")

    assert told["event"].to_dict() == {"Many": "survive", "Few": "split", "Some": "split"}
    assert told.loc["Some", ["segment", "previous", "came_from"]].tolist() == [0, "", "Few"]
    assert result.churn[["person", "label"]].sum().tolist() == [0, 0]
    assert result.notes[0].endswith("so no label moved.")
    assert (
        "make 3 segments (natural groups); it agrees with the 2 kept ones with an adjusted Rand index of 0.70"
        in (result.notes[2])
    )


def test_R1_a_split_into_natural_groups_ends_in_a_refit(run):
    """The split segment is to be refitted, the other kept; the whole is refitted, and the next plan says so."""
    result = kept(run)
    verdicts = result.verdicts.set_index("name")

    assert verdicts["verdict"].to_dict() == {"Many": "keep", "Few": "refit"}
    assert verdicts.loc["Few", "why"] == "a refit on today's customers takes Some out of it"
    assert result.verdict == "Refit: today's customers form a group that the kept model does not know: Some."
    assert Plan.parse(result.draft_plan).clustering.model == "refit"
    assert result.proposals()[0].startswith("clustering.model: refit, set below. Refit: today's customers form a group")


def test_in_a_continuum_a_split_is_only_another_cut(run):
    """Without natural groups the same split changes nothing: keep, and the plan stays as it is."""
    result = kept(run, structure="constructed")

    assert result.verdicts["verdict"].tolist() == ["keep", "keep"]
    assert result.verdict.startswith("Keep: 100%")
    assert Plan.parse(result.draft_plan) == run.plan
    assert result.proposals()[0].startswith("clustering.model: keep, so that the segments stay comparable")


def test_a_kept_model_that_is_not_found_again_is_refitted(run):
    """Below the plan's floor of stability the whole is out of date, whatever the structure."""
    result = kept(run, structure="constructed", again=0.55)

    assert result.verdict.startswith(
        "Refit: the kept segments are not where today's customers would be cut: found again"
    )
    assert result.verdict.endswith("with 0.55, and the plan asks for 0.60.")


@pytest.mark.parametrize(
    ("why", "verdict"), [("not stable: another sample would mix it", "refit"), ("too small", "retire")]
)
def test_a_kept_segment_below_a_floor_is_refitted_or_retired(run, why, verdict):
    """What is only not found again may come back in a refit; what is too small is given up."""
    result = kept(run, orders=BEFORE, centres=(20, 2), usable=[True, False], why=["", why])

    assert result.verdicts["verdict"].tolist() == ["keep", verdict]


def test_an_unchanged_quarter_under_a_kept_model_keeps_everything(run):
    """The same customers and the same refit: every segment survives in the shadow, and the head says so."""
    result = kept(run, orders=BEFORE, centres=(20, 2))

    assert result.fates()["in a refit"].tolist() == ["continues", "continues"]
    assert result.verdicts["verdict"].tolist() == ["keep", "keep"]
    assert result.by_both_rules()["labels, about"].tolist() == ["0", "0"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "clustering:\n  # mine\n  choice: 4\n\njourneys:\n  new_days: 30\n",
            "clustering:\n  model: refit  # Because.\n  # mine",
        ),
        ("clustering:\n    choice: 4\n    model: keep  # so far\n", "    choice: 4\n    model: refit  # Because.\n"),
        ("", "\nclustering:\n  model: refit  # Because.\n"),
    ],
)
def test_the_draft_changes_only_the_line_of_the_model(text, line):
    """With the key, without it, and without the section: everything else of the plan stays."""
    changed = with_refit(PLAN + text, "Because.")

    assert line in changed
    assert Plan.parse(changed).clustering.model == "refit"


@pytest.mark.parametrize("text", ["clustering: {choice: 4}\n", "clustering:\n  model: refit\n"])
def test_a_plan_that_cannot_be_changed_safely_or_says_so_already_stays(text):
    """A section on one line is left to the reader; a plan that says refit needs no change."""
    assert with_refit(PLAN + text, "Because.") == PLAN + text


@pytest.mark.parametrize(
    ("moved", "told"),
    [(3, "under 10%"), (97, "over 90%"), (30, "30%"), (0, "0%")],
    ids=["few", "all but few", "many", "none"],
)
def test_R17_R19_of_few_who_changed_between_two_quarters_only_the_bound_is_told(moved, told):
    """Of a hundred customers in both quarters: the whole stands on the page, so a share would tell the count."""
    counts = pd.DataFrame(
        {
            "then": ["A", "A"],
            "frozen": ["A", "B"],
            "now": ["A", "B"],
            "customers": [100 - moved, moved],
            "revenue_minor": 0,
        }
    )
    kept = frozen.people_or_labels(counts, 1.0, kept=True)[1]
    (anew, both) = frozen.people_or_labels(counts, 1 - moved / 100)

    assert kept.startswith(f"Of the customers known in both quarters {told} have another segment now: ")
    assert kept.endswith("it is what is known of them that changed, their orders or only the days since.")
    assert f"both quarters {told} have another segment now; by the frozen rules {told} would have" in both
    assert "give 97%" not in anew
    assert (
        changed_tier(moved, 100, 10)
        .lower()
        .startswith(f"{told.replace('%', '.0%')} of the 100 customers known in both")
    )


def test_R17_too_few_customers_in_both_quarters_tell_nothing():
    """Seven of them: neither their number nor a share of it."""
    counts = pd.DataFrame([["A", "A", "A", 6, 0], ["A", "B", "B", 1, 0]], columns=frozen.COUNTS)
    told = (*frozen.people_or_labels(counts, 0.9), changed_tier(1, 7, 10))

    assert {text.partition(":")[0] for text in told} == {"Fewer than 10 customers are known in both quarters"}


@pytest.mark.parametrize(
    ("shared", "followed", "why"),
    [
        (0.8, 0.8, "still the same segment (old and new rules share about 75%"),
        (0.25, 0.8, "old and new rules share under 50%"),
        (0.5, 0.35, "last quarter's rules would put only under 50%"),
    ],
)
def test_R19_a_share_of_a_small_segment_tells_no_few_of_its_customers(shared, followed, why):
    """Of twenty customers: steps of half the floor where it goes on, and a bound where few are meant."""
    facts = {"segment": 1, "usable": True, "previous": "A", "failing": [], "remade": "", "kept": False, "found": {}}
    facts |= {"customers": 20, "floor": 10, "shared": shared, "followed": followed}

    assert _judge_one(facts, pd.DataFrame(), RULES)[1].startswith(why)
