"""The first page: amounts for people, cards, what to do and what to be careful about, on small frames."""

from dataclasses import replace
from operator import itemgetter
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from first_page import EFFECT, FRESH, GOALS, PLAN, SEGMENTS, goals, leaving, study, typical

from seglib.core.plan import Plan
from seglib.evaluation import Scorecard
from seglib.report.advice import TOO_FEW, UNTRIED, actions
from seglib.report.cautions import BY_CHANCE, careful, lacking
from seglib.report.front import list_of_reports
from seglib.report.glance import cards, money, spell, standing, window
from seglib.report.pages import css, environment, sentences, table_html


@pytest.mark.parametrize(
    ("minor", "said"),
    [(0, "GBP 0"), (9_950, "GBP 100"), (1_200_000, "GBP 12 k"), (123_456_700, "GBP 1.23 m"), (-1_500_000, "GBP -15 k")],
)
def test_money_is_short(minor, said):
    """Thousands and millions are written as such."""
    assert money(PLAN, minor) == said


def test_money_follows_the_currency():
    """A currency without small units is not divided by a hundred."""
    yen = Plan.parse("study: a\ncurrency: JPY\nmoney_decimals: 0\nsources: {orders: {file: o.csv}}")

    assert money(yen, 9_950) == "JPY 9,950"


def test_a_card_says_size_money_change_and_verdict():
    """Ten regulars more than last quarter; shares are whole percents."""
    first, second = cards(study())

    assert (first["customers"], first["share"], first["revenue"], first["revenue_share"]) == (
        "100", "25%", "GBP 90 k", "90% of all",
    )  # fmt: skip
    assert (first["change"], second["change"], second["since"]) == ("+10", "none", "in a quarter")
    assert (first["verdict"], first["why"]) == ("keep", "still the same segment")
    refit = SimpleNamespace(**{**vars(study().refinement), "kept": False})
    assert cards(study(refinement=refit))[0]["since"] == "in a quarter, with new rules"
    assert first["claims"] == ["Orders: 9", "Age: 50", "Price: 4.4 (12 of 100 answered)"]
    assert second["claims"] == []


def test_a_card_without_a_past_says_first_or_new():
    """Without last quarter's run it is the first; with one, an unknown name is new."""
    renamed = SimpleNamespace(segments=SEGMENTS.assign(name=["Others", "Bargain hunters"]))

    assert itemgetter("change", "since")(cards(study(previous=None))[0]) == ("first", "quarter reported")
    assert itemgetter("change", "since")(cards(study(previous=renamed))[0]) == ("new", "this quarter")


def test_what_a_test_has_shown_comes_first_with_its_evidence():
    """An arm beyond chance in a segment is the first thing to do."""
    best = actions(study([EFFECT]))[0]

    assert best.what == "Go on with “offer a” of “spring” for Bargain hunters."
    assert best.why == (
        "15.0 percentage points more ordered than in the control group (95% interval 6.0 to 24.0; "
        "200 against 210 customers), which is beyond chance. Each customer brought GBP 3.50 more (95% interval "
        "1.00 to 6.00)."
    )
    assert best.brings == "+6 to +24 buyers among 100 customers, if they answer as before; the segment has 300 today"


def test_a_segment_is_known_by_its_name_not_by_last_quarters_number():
    """The campaign counted Bargain hunters as segment 1; today they are segment 2, with 300 customers."""
    assert actions(study([{**EFFECT, "segment": 1}]))[0].brings.endswith("; the segment has 300 today")


def test_a_promising_effect_is_to_be_tested_again():
    """An effect that may be chance is not called proven; it is tested where 304 customers can be had, not among 50."""
    many = pd.DataFrame({"segment": [2, 2], "stage": "active", "arm": ["contact", "holdout"], "customers": [280, 24]})
    maybe = [{**EFFECT, "p_adjusted": 0.2}]
    done = actions(study(maybe, reach=pd.concat([study().reach, many])))
    few = actions(study(maybe, reach=pd.concat([study().reach, many.assign(customers=[280, 23])])))

    assert [action.what for action in done] == [
        "Test “offer a” of “spring” in Bargain hunters once more.",
        "Send “Come back” to those in Regulars who are at risk.",
    ]
    assert "about 152 customers in each group settle it." in done[0].why
    assert [action.what for action in few] == ["Send “Come back” to those in Regulars who are at risk."]


def test_what_nobody_asked_is_never_proven():
    """The plan asked about one campaign: an effect of another one, found by the way, is a reason to test it."""
    asked = {**EFFECT, "campaign": "june", "asked": True, "p_adjusted": 0.04, "effect": 0.1}
    both = (("spring", True, ""), ("june", True, ""))
    first = actions(study([EFFECT, asked], experiments=both))[0]
    open_ = actions(study([EFFECT, {**asked, "p_adjusted": 0.4}], experiments=both))

    assert first.what == "Go on with “offer a” of “june” for Bargain hunters."
    assert not any(action.what.startswith("Go on") for action in open_)


def test_an_arm_that_harms_a_segment_is_not_for_everybody():
    """It works in all customers together and does harm among the regulars: they are named as left out."""
    whole = {**EFFECT, "segment": 0, "name": "everybody"}
    harm = {**EFFECT, "segment": 1, "name": "Regulars", "effect": -0.2, "effect_low": -0.3, "effect_high": -0.1}

    assert actions(study([whole, harm]))[0].what == "Go on with “offer a” of “spring” for everybody but Regulars."
    assert actions(study([whole]))[0].what == "Go on with “offer a” of “spring” for everybody."


def test_less_money_is_not_called_more():
    """More ordered, and each spent less."""
    less = {**EFFECT, "revenue_effect": -3.5, "revenue_effect_low": -6.0, "revenue_effect_high": -1.0}

    assert "Each customer brought GBP 3.50 less (95% interval 6.00 less to 1.00 less)." in actions(study([less]))[0].why


@pytest.mark.parametrize(("money", "said"), [(3.5, "GBP 3.50 more"), (-3.5, "GBP 3.50 less")])
def test_money_that_may_be_chance_is_called_unsettled(money, said):
    """The interval holds zero: no sentence claims that customers brought more or less."""
    maybe = {**EFFECT, "revenue_effect": money, "revenue_effect_low": money - 9, "revenue_effect_high": money + 9}
    why = actions(study([maybe]))[0].why

    ends = "5.50 less to 12.50 more" if money > 0 else "12.50 less to 5.50 more"
    assert f"Whether each customer brought more money is not settled: {said} (95% interval {ends})" in why
    assert "Each customer brought" not in why


def test_money_without_an_interval_is_not_called_sure():
    """Too few orders for an interval: the sentence says so."""
    bare = {**EFFECT, "revenue_effect_low": float("nan"), "revenue_effect_high": float("nan")}

    assert "Each customer brought GBP 3.50 more; how sure that is cannot be told." in actions(study([bare]))[0].why


def test_an_experiment_with_a_broken_split_proves_nothing():
    """Effects of a campaign that is not usable lead to no action, and its sentence is a caution."""
    broken = study([EFFECT], experiments=[("spring", False, "spring: the groups have not the planned sizes.")])

    assert not [action for action in actions(broken) if "spring" in action.what]
    assert careful(broken) == ["spring: the groups have not the planned sizes."]


def test_money_at_stake_names_the_offer_and_who_can_be_reached():
    """Sixty regulars at risk spent 20,000 themselves, where their segment's mean would say 54,000."""
    assert actions(study())[0].why == (
        "60 customers; they spent GBP 20 k in the last 365 days. 40 of them may be contacted; 10 are held out."
    )


def test_what_customers_spent_themselves_ranks_the_groups():
    """The smaller group spent more; a group whose money must not be shown says no sum."""
    planned = pd.DataFrame(
        {"segment": [1, 2], "name": SEGMENTS["name"], "stage": ["at_risk", "lapsed"], "customers": [60, 30],
         "offer": ["none", "none"], "spent_minor": [2_000_000.0, 3_000_000.0]}
    )  # fmt: skip
    content = SimpleNamespace(actions=planned, division=pd.DataFrame())
    hushed = SimpleNamespace(actions=planned.assign(spent_minor=float("nan")), division=pd.DataFrame())

    assert actions(study(content=content))[0].why.startswith("30 customers; they spent GBP 30 k in the last 365 days.")
    assert not any("they spent" in action.why for action in actions(study(content=hushed)))


def test_an_action_says_what_it_may_bring_and_how_we_will_know():
    """Without a measured effect nothing is promised; with one, its interval is said in buyers among a hundred."""
    measured = pd.DataFrame(
        [
            {
                "segment": 1,
                "offer": "Come back",
                "effect": 0.1,
                "low_effect": -0.02,
                "high_effect": 0.22,
                "evidence": "may",
            }
        ]
    )
    planned = SimpleNamespace(actions=study().content.actions, division=measured)

    assert actions(study())[0].brings == UNTRIED
    assert actions(study(content=planned))[0].brings == (
        "not settled: -2 to +22 buyers among 100 customers (measured: may)"
    )
    assert actions(study())[0].known == (
        "the next report compares them with those held out: a difference of 47 points or more would show"
    )


def test_what_the_budget_gives_nothing_is_tested_or_left():
    """Halves of 1,000 show 8 points, and 22 are possible: a test; halves of 50 show 36: nothing is advised."""
    row = {"segment": 1, "offer": "Come back", "effect": 0.1, "low_effect": -0.02, "high_effect": 0.22}
    measured = pd.DataFrame([row]).assign(evidence="may", why="it may not pay")
    planned = SimpleNamespace(actions=study().content.actions, division=measured)
    many = actions(study(content=planned, reach=study().reach.assign(customers=[900, 100])))

    assert [action.what for action in many] == [
        "Test “Come back” on those in Regulars who are at risk: hold out half of them by lot."
    ]
    assert many[0].brings == (
        "not settled: -2 to +22 buyers among 100 customers (measured: may); the budget of notebook 07 gives it nothing "
        "until a test shows that it pays"
    )
    assert many[0].known == "the next report compares both halves: a difference of 8 points or more would show"
    assert actions(study(content=planned)) == []


def test_groups_that_can_show_nothing_are_not_promised_to_tell():
    """Two customers held out prove nothing, and their number stays unsaid."""
    few = study().reach.assign(customers=[40, 2])

    assert actions(study(reach=few))[0].known == TOO_FEW
    assert "a few are held out" in actions(study(reach=few))[0].why


def test_a_missed_goal_is_looked_into_and_named_once():
    """Keep fell from 1% to 0%: the sentence of notebook 09 follows without its name."""
    scorecard = SimpleNamespace(**{**vars(study().scorecard), "goals": GOALS})
    goal = actions(study(scorecard=scorecard))[0]

    assert (goal.what, goal.why) == ("Look into the goal “Keep”.", "From 1% to 0%.")


def test_R17_a_number_that_notebook_08_holds_back_is_not_on_the_first_page():
    """Forty of sixty regulars at risk may be contacted; where that gives somebody away it is not said."""
    told = vars(study().audience)
    shy = SimpleNamespace(**{**told, "unsaid": ("1 at_risk contact", "1 at_risk held_out")})

    assert "Some of them may be contacted; a few are held out" in actions(study(audience=shy))[0].why


def test_whoever_is_asked_to_send_is_told_that_there_are_no_addresses():
    """Consent alone fills no file: the action names what is missing, and where it belongs."""
    bare = SimpleNamespace(**{**vars(study().audience), "manifest": {"holdout_share": 0.1, "addresses": False}})
    found = actions(study(audience=bare))[0]

    assert found.what.startswith("Send “Come back” to")
    assert found.why.endswith(
        "First add their e-mail addresses (sources.customers): the study has none, so notebook 08 writes no rows."
    )


def test_who_spent_something_has_not_zero_per_cent_of_the_money():
    """688 of 172,597 are 0.4%: the card says under 1%, and of the others over 99%."""
    made = study()
    segments = made.segmentation.segments.assign(revenue_share=[0.996, 0.004])
    parts = SimpleNamespace(**{**vars(made.segmentation), "segments": segments})
    told = cards(study(segmentation=parts))

    assert [card["revenue_share"] for card in told] == ["over 99% of all", "under 1% of all"]


def test_segments_that_are_not_to_be_built_on_take_one_action():
    """Both are refitted: one action names both with their reasons, and leaves room for others."""
    rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "verdict": ["refit", "retire"], "why": ["x", "y"]})
    made = study(refinement=SimpleNamespace(**{**vars(study().refinement), "verdicts": rows}))
    found = [action for action in actions(made) if action.what.startswith("Build no campaign")]

    assert [(action.what, action.why) for action in found] == [("Build no campaign on A or B yet.", "A: x; B: y.")]


def test_one_goal_is_one_goal():
    """The number and its noun agree."""
    one, two = (SimpleNamespace(goals=pd.DataFrame({"verdict": ["cannot tell"] * n})) for n in (1, 2))

    assert Scorecard.check(one) == "Of 1 goal: 1 cannot tell."
    assert Scorecard.check(two) == "Of 2 goals: 2 cannot tell."


def test_keep_on_a_card_and_refit_of_the_whole_answer_two_questions():
    """Both segments are still the same, and the next quarter needs new ones; in a first quarter nobody asks."""
    rows = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "verdict": ["keep", "keep"]})
    both = SimpleNamespace(verdicts=rows, refit=True, because="they are not found again.", first=False)
    changed = rows.assign(verdict=["keep", "refit"])
    one = SimpleNamespace(verdicts=changed, refit=False, because="90% stay.", first=False)

    assert standing(study(refinement=both)) == [
        ("Still the same segments as last quarter?", "Yes, each of them."),
        ("Make new ones for the next quarter?", "Yes: they are not found again. Until then use these."),
    ]
    assert [answer for _, answer in standing(study(refinement=one))] == ["1 of 2: see the cards.", "No: 90% stay."]
    three = pd.concat([SEGMENTS, SEGMENTS.tail(1).assign(name="C"), SEGMENTS.tail(1).assign(name="D", usable=False)])
    made = study(refinement=both, segmentation=SimpleNamespace(segments=three))
    assert standing(made)[1][1].endswith("Until then use Regulars, Bargain hunters and C only.")
    for usable, said in (([True, False], "use Regulars only."), ([False, False], "act on none of these.")):
        made = study(refinement=both, segmentation=SimpleNamespace(segments=SEGMENTS.assign(usable=usable)))
        assert standing(made)[1][1].endswith(f"Until then {said}")
    assert standing(study()) == []


def test_nobody_is_told_to_send_what_may_not_be_sent():
    """Without consent the action is to collect it, once."""
    found = actions(study(reach=study().reach.iloc[:0]))

    assert [action.what for action in found] == [
        "Collect consent, so that those in Regulars who are at risk can be written to."
    ]


def test_a_late_leak_is_told_with_the_numbers_of_notebook_06():
    """Share, sessions and all others stand there as they stand in the table of what is lost."""
    found = actions(study(journeys=leaving()))[0]

    assert found.what == "Find out why so many in Bargain hunters leave at the cart."
    assert found.why == (
        "50.0% of 100 sessions that came so far got no further; of all others 20.0% (95% interval of the difference: "
        "17.0 to 43.0 points)."
    )
    assert found.brings == "about 30 of these sessions would go on if it were as with all others"


def test_what_broke_in_the_quarter_comes_first():
    """An incident on mobile stands before all else, with its week, its share and that of the weeks before."""
    row = {"channel": "mobile", "step": "checkout", "began_on": pd.Timestamp("2026-07-16"), "lasts": True,
           "last_on": pd.Timestamp("2026-09-30"), "sessions": 400, "share": 0.63, "before": 0.24, "difference": 0.39,
           "difference_low": 0.33, "difference_high": 0.45, "lost": 156.0, "passes": True}  # fmt: skip
    found = actions(study([EFFECT], journeys=leaving(incidents=pd.DataFrame([row]))))[0]

    assert found.what == "Find out what happened after checkout in the week of 16 July 2026."
    assert found.why == (
        "From then on 63.0% of 400 sessions through mobile that came so far got no further, 24.0% in all "
        "weeks before (95% interval of the difference: 33.0 to 45.0 points). It is still so."
    )
    assert found.brings == "about 156 of these sessions would have gone on as before"


def test_visits_without_a_late_step_are_no_leak():
    """A site that is left after the view has nothing to be leaked late; without fixed segments nothing is proven."""
    for journeys in (leaving("left after view"), leaving(fixed=False), leaving(source="orders")):
        assert not any("leave at the" in action.what for action in actions(study(journeys=journeys)))


def test_an_open_goal_that_takes_years_to_settle_is_named():
    """Ninety weeks of traffic are longer than a quarter; thousands of weeks are not counted."""
    found = actions(study(**goals("cannot tell")))
    later = actions(study(**goals("cannot tell", 61_072.0)))

    assert "Give “Keep” a target that can be settled." in [action.what for action in found]
    assert any("takes 800 customers in each group, about 91 weeks of traffic" in action.why for action in found)
    assert any("in each group, more than ten years of traffic" in action.why for action in later)


def test_a_settled_goal_gets_no_other_target_to_settle_it():
    """Reached and not reached are verdicts: nothing is left to be settled."""
    for verdict in ("reached", "not reached"):
        assert not any("can be settled" in action.what for action in actions(study(**goals(verdict))))


def test_nobody_keeps_out_a_group_that_does_not_exist():
    """Without contacts.csv: the hold-out is kept out where there is one, drawn where there is none."""
    bare = SimpleNamespace(**{**vars(study().collection), "contacts": None})
    all_contacted = study().reach.assign(arm="contact")
    said = [
        [action.what for action in actions(study(collection=bare, reach=reach)) if "record each send" in action.what]
        for reach in (study().reach, all_contacted, study().reach.iloc[:0])
    ]

    assert said == [
        ["Keep the hold-out group out of every campaign, and record each send."],
        ["Hold out some of those whom you may contact, and record each send."],
        [],
    ]
    sent = next(action for action in actions(study(collection=bare, reach=all_contacted)) if "Send" in action.what)
    assert "nobody is held out" in sent.why and sent.known.endswith("it cannot say whether the message did it")


def test_an_example_of_init_is_no_offer():
    """“We miss you” that nobody decided on is not to be sent to a wholesaler's customers, nor is what did harm."""
    plan = Plan.parse(
        "study: a\ncurrency: GBP\nsources: {orders: {file: o.csv}}\n"
        "content: {offers: [{name: Come back, message: m, example: true}]}"
    )
    harm = {"segment": 1, "offer": "Come back", "effect": -0.1, "low_effect": -0.2, "high_effect": -0.01}
    tried = SimpleNamespace(actions=study().content.actions, division=pd.DataFrame([{**harm, "evidence": "may"}]))
    example, harmful = actions(study(plan=plan))[0], actions(study(content=tried))[0]

    assert example.what == harmful.what == "Decide on an offer for those in Regulars who are at risk."
    assert "“Come back” stands in the plan as an example only" in example.why
    assert "“Come back” brought fewer orders than no message (may): take another one." in harmful.why


def test_a_name_that_the_numbers_contradict_is_said():
    """A name that was kept from an earlier quarter: new buyers whose first order is 754 days ago."""
    named = SimpleNamespace(
        segments=SEGMENTS.assign(name=["Regulars", "New buyers"]),
        structure="natural",
        centres=typical(tenure_days=754.0),
        own_names={},
    )

    assert careful(study(segmentation=named)) == [
        "The name New buyers says “new”, but days since first order of a typical member: 754. Give it a new one "
        "(clustering.names)."
    ]


def test_never_more_than_three_actions_and_each_is_another():
    """A study with everything wrong still gets three distinct things to do."""
    scorecard = SimpleNamespace(**{**vars(study([EFFECT]).scorecard), "goals": GOALS})
    lost = pd.DataFrame(
        [("Regulars", "Bargain hunters", 20, 5_000_000, 1_000_000)],
        columns=["from_name", "to_name", "customers", "value_previous_minor", "value_current_minor"],
    )
    shown = pd.DataFrame({"Bargain hunters": [False]}, index=["Regulars"])
    again = study().refinement.verdicts.assign(verdict="refit")
    refinement = SimpleNamespace(verdicts=again, verdict="", migration=lost, first=False, hidden=lambda: shown)
    refinement.moves_told = True
    found = actions(study(scorecard=scorecard, refinement=refinement))
    refinement.hidden = lambda: ~shown
    kept_secret = actions(study(scorecard=scorecard, refinement=refinement))

    assert len(found) == 3
    assert len({action.what for action in found}) == 3
    slipped = next(action for action in found if "slipped" in action.what)
    assert slipped.why == "20 customers did; as of last quarter their revenue was GBP 50 k, now it is GBP 10 k."
    assert not any("slipped" in action.what for action in kept_secret)


def test_careful_names_basis_structure_weak_and_gone_segments_and_misfit():
    """Everything that limits what may be done is said once."""
    given = study(
        experiments=(),
        collection=SimpleNamespace(consent=None, contacts=None, present={"orders": ()}, freshness=FRESH, new_words=()),
        segmentation=SimpleNamespace(
            segments=SEGMENTS.assign(usable=[True, False]),
            structure="constructed",
            verdict="Constructed: a convention.",
            centres=typical(),
            own_names={},
        ),
        previous=None,
    )
    gone = pd.DataFrame({"segment": [0], "name": ["Sleepers"], "verdict": ["retire"], "why": ["gone"]})
    given = replace(given, plan=PLAN.model_copy(update={"data_note": "A sample: levels mean nothing."}))
    given.scorecard.value_doubts = ("Check on 2026Q3: (ratio 0.40: far off).",)
    given.refinement.verdicts = gone
    said = careful(given)

    assert said[0] == "A sample: levels mean nothing."
    assert said[1].startswith("No consent data were delivered. Customers are profiled on the basis")
    assert said[2:] == [
        "Constructed: a convention.",
        "Bargain hunters (too small) gets no persona, no offer and no export: 300 of 400 customers. "
        "To use it all the same, set clustering.use_unstable in the plan.",
        "Last quarter's Sleepers: no segment continues it, so do not use its audience again.",
        "This is the first quarter: nothing can be compared with an earlier one yet.",
        BY_CHANCE,
        "Lifetime values: Check on 2026Q3: (ratio 0.40: far off).",
    ]


@pytest.mark.parametrize(("days", "said"), [(45.0, 0), (80.2, 1)])
def test_D7_a_table_that_nobody_renews_is_named(days, said):
    """Half a quarter without a row: what is told of campaigns is of then."""
    old = {"table": "contacts", "last": pd.Timestamp("2026-07-12 09:00"), "days_before_as_of": days}
    fresh = pd.concat([FRESH, pd.DataFrame([FRESH.iloc[0].to_dict() | old])])
    given = study(collection=SimpleNamespace(**{**vars(study().collection), "freshness": fresh}))
    sentence = (
        "The newest row of contacts is 81 days older than the end of the quarter: what this report says of campaigns "
        "and their answers is as of 12 July 2026."
    )

    assert careful(given).count(sentence) == said


def test_D7_days_of_a_stale_table_are_whole_although_another_table_is_empty():
    """An empty table has no newest row: 81 days were written as 81.0, and the second of July as 02 July."""
    old = {"table": "contacts", "last": pd.Timestamp("2026-07-02 09:00"), "days_before_as_of": 90.6}
    none = {"table": "events", "first": pd.NaT, "last": pd.NaT, "days_before_as_of": float("nan")}
    fresh = pd.concat([FRESH, pd.DataFrame([FRESH.iloc[0].to_dict() | old, none])])
    said = careful(study(collection=SimpleNamespace(**{**vars(study().collection), "freshness": fresh})))

    assert any("of contacts is 91 days older" in line and line.endswith("as of 2 July 2026.") for line in said)


def test_a_window_that_is_not_full_is_no_growth():
    """Orders that begin half a year into the window of a year make every size grow by itself."""
    late = SimpleNamespace(**{**vars(study().collection), "freshness": FRESH.assign(first=pd.Timestamp("2026-03-30"))})

    assert careful(study(collection=late))[0].startswith("The orders begin on 30 March 2026")
    assert careful(study(collection=late))[1:] == [
        "The orders begin on 30 March 2026, 180 days after the window of 365 days does. Customers, orders and revenue "
        "therefore grow from quarter to quarter until it is full: do not take that for growth."
    ]
    assert careful(study()) == []


def test_what_is_missing_is_listed_with_what_it_would_allow():
    """A country that the customers table has is not missing from orders."""
    some = SimpleNamespace(present={"orders": ("product_id", "category"), "customers": ("country",)})
    names = [name for name, _ in lacking(study(collection=some))]

    assert "feedback.csv" in names
    assert "customers.csv" not in names
    assert "orders: country" not in names
    assert "orders: cost" in names


def test_window_is_said_in_days_or_not_at_all():
    """Without a window all orders count."""
    assert window(PLAN) == "in the last 365 days"


def test_money_is_counted_since_the_first_order_where_the_window_is_not_full():
    """A sentence about 365 days would be untrue of half a year of orders."""
    late = SimpleNamespace(**{**vars(study().collection), "freshness": FRESH.assign(first=pd.Timestamp("2026-03-30"))})

    assert spell(study()) == "in the last 365 days"
    assert spell(study(collection=late)) == "since 30 March 2026"


def test_list_of_reports_is_newest_first_by_study(tmp_path):
    """Every quarter that has a first page is one link; a folder without one is not."""
    for place in ("acme/2026Q2", "acme/2026Q3", "zoo/2026Q1"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "index.html").write_text('<p class="lead">3 &amp; 4 customers</p>')
    (tmp_path / "empty/2026Q1").mkdir(parents=True)
    soup = BeautifulSoup(list_of_reports(tmp_path), "html.parser")

    assert [a["href"] for a in soup.find_all("a")] == [
        "acme/2026Q3/index.html", "acme/2026Q2/index.html", "zoo/2026Q1/index.html",
    ]  # fmt: skip
    assert next(li.get_text(" ", strip=True) for li in soup.find_all("li")) == "2026Q3 3 & 4 customers"
    assert "There is no report yet" in list_of_reports(tmp_path / "none")


def test_pages_fit_a_phone():
    """Every page states its width, tables and code scroll inside their own block, pictures shrink."""
    pages = [environment().get_template("list.html.j2").render(studies={}, css=css())]

    assert all('name="viewport" content="width=device-width' in page for page in pages)
    assert ".table { overflow-x: auto" in css()
    assert "figure { margin: 1rem 0; overflow-x: auto; }" in css()
    assert ".card img { max-width: 100%" in css()
    assert 'class="table"' in table_html(
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
    )


def test_an_empty_table_says_so():
    """A head without rows would look like a fault."""
    assert "No rows." in table_html("<table><thead><tr><th>a</th></tr></thead><tbody></tbody></table>")


def test_several_sentences_are_taken_apart():
    """A tuple, a list and a dict of sentences become bullets; a text that only looks like one stays as it is."""
    assert sentences("('One.',\n 'Two.')") == ["One.", "Two."]
    assert sentences("{'A': 'One.'}") == ["A: One."]
    assert sentences("(not a tuple") == ["(not a tuple"]


def test_a_head_stands_over_its_numbers_and_words_stay_whole():
    """Numbers and their head are on the right; a narrow column does not break words."""
    rows = "<tbody><tr><td>Regulars</td><td>12.0%</td></tr><tr><td>Others</td><td>+3.0 points</td></tr></tbody>"
    made = table_html(f"<table><thead><tr><th>segment</th><th>share</th></tr></thead>{rows}</table>")
    soup = BeautifulSoup(made, "html.parser")

    assert [head.get("class") for head in soup.select("thead th")] == [None, ["number"]]
    assert "overflow-wrap: break-word" in css()
