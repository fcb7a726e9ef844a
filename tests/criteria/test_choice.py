"""What may make segments: guard, gaps, scorecard and proposal."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import criteria
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.criteria.appraisal import RELEVANCE
from seglib.criteria.catalogue import ALL, chosen
from seglib.criteria.criterion import Clock, Criterion
from seglib.criteria.gaps import flags, usable
from seglib.criteria.guard import divide, refuse_proxies, special
from seglib.criteria.proposal import propose
from seglib.methods.association import tells


def criterion(name: str, **more) -> Criterion:
    return Criterion(name, "psychographic", "1 to 5", "An answer.", "answers", lambda t, _: t.answer, **more)


NPS = criterion("nps_answer", role="outcome")
FAITH = criterion("religion_answer", sensitivity="special", level="religion")
GENDER = criterion("gender", kind="category", role="descriptor", sensitivity="protected")


def people(n: int = 200) -> pd.DataFrame:
    """Customers with an outcome, a faith, a gender, and a criterion that has to do with none of them."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"nps_answer": rng.integers(0, 11, n), "religion_answer": rng.integers(1, 3, n)})
    return frame.assign(gender=rng.choice(["female", "male", "unknown"], n), orders=rng.poisson(4, n))


def test_D9_an_outcome_must_not_make_segments():
    """The plan asks for a column of role outcome."""
    with pytest.raises(InputRefused, match="SEG-P05 'nps_answer' must not make segments.*found: a outcome"):
        chosen([*ALL, NPS], ["nps_answer"])


def test_S08_a_criterion_that_is_nearly_an_outcome_is_refused():
    """The same answer under another name, one in fifty changed."""
    frame = people().assign(would_recommend=lambda t: t["nps_answer"] * 2.0)
    frame.loc[::50, "would_recommend"] = 5.0

    with pytest.raises(InputRefused, match="SEG-S08 'would_recommend' is nearly the outcome nps_answer itself"):
        refuse_proxies(frame, ["orders", "would_recommend"], [NPS])


@pytest.mark.parametrize(("target", "values"), [(FAITH, {1: 7.0, 2: 1.0}), (GENDER, {"female": 3.0, "male": 2.0})])
def test_R22_what_gives_away_a_person_is_refused(target: Criterion, values: dict[object, float]):
    """A column made of religion, and one made of gender where it is known."""
    frame = people()
    frame["club"] = frame[target.name].map(values)

    with pytest.raises(PrivacyRefused, match=f"SEG-R22 'club' gives away {target.name}"):
        refuse_proxies(frame, ["orders", "club"], [NPS, target])


def test_honest_criteria_pass_the_guard():
    """Orders have to do with no outcome, faith or gender; a moderate association is none of the guard's business."""
    frame = people().assign(liking=lambda t: t["nps_answer"] + np.random.default_rng(2).normal(0, 3, len(t)))

    refuse_proxies(frame, ["orders", "liking"], [NPS, FAITH, GENDER])


def test_R22_a_special_category_in_the_plan_is_refused():
    """By its name, and by the plan's own mark."""
    marked = criterion("q7_answer", sensitivity="special", level="q7")

    with pytest.raises(PrivacyRefused, match="SEG-R22 'religion_answer' is a special category"):
        divide([NPS, FAITH], ["religion_answer"])
    with pytest.raises(PrivacyRefused, match="SEG-R22 'q7_answer'"):
        divide([marked], ["q7_answer"])
    assert divide([NPS, marked], [])[0] == (NPS,)


@pytest.mark.parametrize(
    ("name", "barred"),
    [
        ("religion", True), ("Religious affiliation", True), ("political_view", True), ("Health & Beauty", True),
        ("trade union member", True), ("sexual_orientation", True), ("spent_on_pharmacy_share", True),
        ("ethnic_group", True), ("Schwangerschaft", True), ("motive_price", False), ("Bath", False),
        ("polite_service", False), ("embrace", False), ("union_jack_mug", False), ("healthy_margin", False),
    ],
)  # fmt: skip
def test_R22_names_of_special_categories(name: str, barred: bool):
    """Words of articles 9 and 10 of the GDPR, and words that only look like them."""
    assert special(name) is barred


def facts(**known: tuple[int, float, float]) -> pd.Series:
    """What the engine counted of 100 customers: known, least, most."""
    values: dict[str, float] = {"customers": 100}
    for name, (n, least, most) in known.items():
        values |= {name: n, f"{name} least": least, f"{name} most": most}
    return pd.Series(values, dtype=object)


GAPS = facts(full=(100, 0, 9), some=(80, 0, 9), many=(60, 0, 9), none=(0, np.nan, np.nan), same=(100, 3, 3))
NAMES = ("full", "some", "many", "none", "same")


def test_V22_each_gap_has_a_rule_and_a_sentence():
    """Of the default criteria: the median for 20 %, left out with 40 %, nobody known, all alike."""
    use, said = usable(NAMES, GAPS, {}, ())

    assert use == ("full", "some")
    assert said == (
        "some is not known for 20.0% of customers: the median stands in.",
        "many is not known for 40.0% of customers: left out of the segments.",
        "none is not known for anybody, so it is left out of the segments.",
        "All customers look alike in same, so it is left out of the segments.",
    )


def test_V22_the_plan_decides_about_gaps():
    """A rule per criterion overrides the default."""
    use, said = usable(NAMES, GAPS, {"many": "median", "some": "leave_out"}, ("many",))

    assert use == ("full", "many")
    assert "some is not known for 20.0% of customers: left out of the segments." in said


def test_V22_a_wished_criterion_with_many_gaps_needs_a_rule():
    """The refusal names the key and the three answers."""
    with pytest.raises(InputRefused, match=r"SEG-V22 'many' is not known for 40.0%.*criteria.gaps: \{many: median, fl"):
        usable(NAMES, GAPS, {}, ("many",))


def test_V21_a_wished_criterion_that_nobody_has_is_refused():
    """All blank."""
    with pytest.raises(InputRefused, match="SEG-V21 'none' is not known for anybody"):
        usable(NAMES, GAPS, {}, ("none",))


def test_V24_nothing_left_is_refused():
    """One constant and one blank criterion."""
    with pytest.raises(InputRefused, match="SEG-V24 all customers look alike in none, same"):
        usable(("none", "same"), GAPS, {}, ())


def test_V22_a_flag_is_a_criterion_of_its_own():
    """The plan flags the gaps of one criterion; a misspelt name is refused with the nearest one."""
    made = flags(ALL, {"gap_days": "flag", "tenure_days": "median"})

    assert [c.name for c in made] == ["gap_days_known_flag"]
    with pytest.raises(InputRefused, match="no criterion called 'gap_day'.*did you mean 'gap_days'"):
        flags(ALL, {"gap_day": "flag"})


def scores(**known: float) -> pd.DataFrame:
    """Criteria that are varied and steady, known for a share of customers."""
    rows = pd.DataFrame({"name": list(known), "known_share": list(known.values()), "commonest_share": 0.1})
    return rows.assign(steady=0.9, like=[[] for _ in known])


def told(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """How surely a criterion tells a goal."""
    full = [(goal, name, "AUC", 100, 0.5 + sure, 0.5, 1.0, sure * 2, sure, 1.0) for goal, name, sure in rows]
    return pd.DataFrame(full, columns=RELEVANCE).assign(surely=lambda t: t["strength_low"], better=1)


def test_the_goals_take_turns():
    """b and c tell the first goal better than a tells the second one, and yet a comes second."""
    frame = pd.DataFrame(np.random.default_rng(3).normal(size=(100, 3)), columns=list("abc"))
    rows = told(("Keep", "b", 0.4), ("Keep", "c", 0.3), ("Keep", "a", 0.0), ("Sell", "a", 0.2))
    found = propose(scores(a=1.0, b=1.0, c=1.0), rows, frame)

    assert found["name"].tolist() == ["b", "a", "c"]
    assert found["why"][0] == "Keep: of two customers it names the right one in 90.0% of cases (the more the better)."


def test_each_reason_against_a_criterion_is_said():
    """Too few known, all alike, unsteady, telling nothing, said by another one, and said by two others together."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(300, 7)), columns=list("abcdefg")).assign(g=lambda t: t["a"] + t["b"])
    rows = scores(a=1.0, b=1.0, c=0.5, d=1.0, e=1.0, f=1.0, g=1.0)
    rows["commonest_share"] = [0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1]
    rows["steady"] = [0.9, 0.9, 0.9, 0.9, 0.1, 0.9, 0.9]
    sure = told(*[("Keep", name, 0.4 - place / 20) for place, name in enumerate("abcdeg")], ("Keep", "f", 0.0))
    why = propose(rows, sure, frame).set_index("name")["why"]

    assert why["c"] == "Known for 50.0% of customers only."
    assert why["d"] == "95.0% of customers have the same value."
    assert why["e"] == "Customers change places from quarter to quarter (rank correlation 0.10)."
    assert why["f"].startswith("Tells no goal clearly better than a coin (sure of 0.")
    assert why["g"].startswith("Those taken already say 9")


def by_chance(repetitions: int) -> float:
    """Share of proposals among twenty criteria that have nothing to do with a goal, of 300 customers."""
    rng, hits = np.random.default_rng(5), 0
    for _ in range(repetitions):
        frame = pd.DataFrame(rng.normal(size=(300, 20)), columns=[f"n{i}" for i in range(20)])
        goal = pd.Series((rng.random(300) < 0.3).astype(float))
        found = {name: tells(frame[name], goal) for name in frame}
        rows = [("Keep", n, t.measure, t.n, t.value, t.low, t.high, *t.strength) for n, t in found.items()]
        sure = pd.DataFrame(rows, columns=RELEVANCE)
        nearer = sure["strength_low"].where(sure["strength"] > 0, -sure["strength_high"]).clip(lower=0)
        proposed = propose(scores(**dict.fromkeys(frame, 1.0)), sure.assign(surely=nearer, better=1), frame)["proposed"]
        hits += int(proposed.sum())
    return hits / (20 * repetitions)


def test_noise_is_hardly_ever_proposed():
    """At most 1 % of 100 criteria without any meaning."""
    assert by_chance(5) <= 0.01


@pytest.mark.long
def test_noise_is_hardly_ever_proposed_long():
    """At most 0.5 % of 4,000."""
    assert by_chance(200) <= 0.005


def shop(seed: int = 6) -> dict[str, pd.DataFrame]:
    """Four hundred customers; who spends on tea comes back in the quarter, and `tipped` knows it beforehand."""
    rng = np.random.default_rng(seed)
    name = [f"c{n:03}" for n in range(400)]
    taste = rng.random(400) < 0.5
    back = rng.random(400) < np.where(taste, 0.85, 0.15)
    who = np.repeat(np.arange(400), 5)
    days = np.r_["1,2,0", rng.integers(1, 90, 400), rng.integers(1, 360, (4, 400)).T].ravel()
    at = (
        pd.Timestamp("2026-07-01")
        - pd.to_timedelta(days, unit="D")
        + pd.to_timedelta(rng.integers(0, 86_400, 2000), unit="s")
    )
    tea = rng.random(2000) < np.where(taste[who], 0.9, 0.1)
    before = pd.DataFrame({"customer": np.array(name)[who], "ordered_at": at, "category": np.where(tea, "tea", "jam")})
    after = pd.DataFrame(
        {"customer": np.array(name)[back], "ordered_at": pd.Timestamp("2026-08-01"), "category": "jam"}
    )
    orders = pd.concat([before, after.assign(category="jam")], ignore_index=True).assign(
        order_id=lambda t: t.index.astype(str)
    )
    asked = pd.DataFrame({"customer": name, "answered_at": pd.Timestamp("2026-06-01"), "item": "tipped"})
    return {"orders": orders, "feedback": asked.assign(answer=back.astype(float))}


GOALS = SimpleNamespace(
    goals=pd.DataFrame(
        {"name": ["Keep customers"], "metric": ["retention_share"], "population": ["all"], "direction": ["up"]}
    )
)


def test_the_scorecard_finds_what_was_planted(study):
    """Tea tells who comes back (AUC as by hand); jam says the same; the hour of the day tells nothing."""
    tables = shop()
    collection, run = study("", **tables)
    found = criteria.appraise(criteria.compute(collection, run), collection, GOALS, run)
    rows = found.scores.set_index("name")
    orders = tables["orders"][tables["orders"]["ordered_at"] < "2026-07-01"]
    tea = (orders["category"] == "tea").groupby(orders["customer"]).mean()
    back = pd.Series(tables["feedback"]["answer"].to_numpy(), tables["feedback"]["customer"])
    auc = found.relevance.query("name == 'spent_on_tea_share'")["value"].iloc[0]

    assert auc == pytest.approx(tells(tea, back[tea.index]).value, abs=1e-12)
    assert rows["proposed"][["spent_on_tea_share", "spent_on_jam_share"]].sum() == 1
    assert rows["like"]["spent_on_tea_share"] == ["spent_on_jam_share"]
    assert "Tells no goal" in rows["why"]["weekend_share"]
    assert "it would add" in found.check()


def test_S08_a_criterion_that_was_known_only_afterwards_is_refused(study):
    """The answer agrees with what happened in the quarter in every case."""
    collection, run = study("criteria: {use: [order_count, tipped_answer]}", **shop())
    features = criteria.compute(collection, run)

    with pytest.raises(InputRefused, match="SEG-S08 'tipped_answer' tells 'Keep customers' nearly perfectly"):
        criteria.appraise(features, collection, GOALS, run)


def test_a_study_of_orders_only_gets_every_answer(study):
    """No survey, no company, no place: instead of tables sentences that name the file."""
    collection, run = study("", orders=shop()["orders"])
    collection = replace(collection, present={"orders": ()})
    features = criteria.compute(collection, run)
    survey, companies = (make(features, collection, run) for make in (criteria.survey, criteria.accounts))

    assert survey.table().endswith("A file feedback.csv would tell.")
    assert survey.response() == "Nobody answered, so nobody can be compared."
    assert survey.check() == "Without answers there are no straight lines."
    assert features.levels("place", 5).startswith("No file of this study tells the place of customers")
    assert companies.table().endswith("customers.csv would tell.")
    assert companies.check() == "Without accounts there is nothing to add up."
    assert set(features.catalogue["family"]) == {"rfm", "behavioural"}
    assert Clock(run.quarter.as_of).control_arm == "control"
