"""What to do next, with the money and the evidence behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.journeys import WORDS
from seglib.methods.gates import left_out
from seglib.methods.power import n_per_arm, smallest_effect
from seglib.methods.present import amount, percent
from seglib.objectives import WEEKS_OF_A_QUARTER
from seglib.report.glance import Everything, money, spell

MONEY = ("revenue_effect", "revenue_effect_low", "revenue_effect_high")
ACTIONS, SIGNIFICANT = 3, 0.05
AT_STAKE = ("at_risk", "lapsed")
LEAST_STAKE_SHARE = 0.01  # of all revenue; below, an action is not worth the first page
LATE_STEPS = ("cart", "checkout")
UNTRIED = "not known: no offer for them was compared with a control group yet"
USUAL_SHARE = 0.2  # of customers who order in a quarter without any letter, where a size is to be judged
TOO_FEW = "too few are held out to prove a difference; the next report only counts who ordered"
HELD_OUT = "the next report compares them with those held out"


@dataclass(frozen=True)
class Action:
    """One thing to do: what, why (money or evidence), the page that shows it, what it may bring, how we will know."""

    what: str
    why: str
    page: str
    brings: str
    known: str


def actions(all_: Everything) -> list[Action]:
    """Name at most three things to do next, each of another kind.

    What a test has shown comes first, then the money that is about to be lost, then what to look into.

    Parameters
    ----------
    all_ : Everything
    """
    send, leaks, again = [*_retention(all_)], [*_leaks(all_)], [*_again(all_)]
    first = [*_proven(all_), *send[:1], *leaks[:1], *again[:1], *_measure(all_), *_slipped(all_)]
    return [*first, *_missed(all_), *_repairs(all_), *send[1:], *_unsettled(all_)][:ACTIONS]


def _proven(all_: Everything) -> Iterator[Action]:
    """The arm that was shown to work best in a segment, or else in everybody."""
    tested = _tested(all_)
    shown = tested[(tested["p_adjusted"] < SIGNIFICANT) & (tested["effect_low"] > 0)]
    single = shown[shown["segment"] != 0]
    for row in (single if len(single) else shown).nlargest(1, "effect").to_dict("records"):
        gain = ""
        if pd.notna(row["revenue_effect"]):
            low, high = row["revenue_effect_low"], row["revenue_effect_high"]
            between = f" (95% interval {amount(low)} to {amount(high)})" if pd.notna(low) and pd.notna(high) else ""
            gain = f" Each customer brought {all_.plan.currency} {amount(row['revenue_effect'])} more{between}."
        yield Action(
            f"Go on with {_arm(row)} for {row['name']}.",
            f"{_effect(row)}, which is beyond chance.{gain}",
            "09_kpi_evaluation.html",
            f"{_points(row, 'effect_low', 'effect_high')}, if they answer as before{_size(all_, row['name'])}",
            "keep a control group again; the next report compares both",
        )


def _again(all_: Everything) -> Iterator[Action]:
    """The most promising arm that is not proven yet, and how many customers would settle it."""
    tested = _tested(all_)
    open_ = tested[(tested["p_adjusted"] >= SIGNIFICANT) & (tested["effect_low"] > 0) & (tested["segment"] != 0)]
    for row in open_.nsmallest(1, "p_adjusted").to_dict("records"):
        base = max(row["rate_control"], 1 / row["n_control"])
        among = f"Among {len(tested)} comparisons t" if len(tested) > 1 else "T"
        size = n_per_arm(base, row["rate"]) if row["rate"] > base else 0
        enough = f" Asked as the only question, about {size:,} customers in each group settle it." if size else ""
        yield Action(
            f"Test {_arm(row)} in {row['name']} once more.",
            f"{_effect(row)}. {among}his can still be chance.{enough}",
            "09_kpi_evaluation.html",
            f"not settled: {_points(row, 'effect_low', 'effect_high')}",
            "draw both groups by lot, as large as said; the next report compares them",
        )


def _tested(all_: Everything) -> pd.DataFrame:
    """Effects of the campaigns whose groups have the planned sizes."""
    effects, experiments = all_.scorecard.effects, all_.scorecard.experiments
    sound = experiments.loc[experiments["usable"].eq(True), "campaign"]
    numbers = ["p_adjusted", "effect", "effect_low", "effect_high", "rate", "rate_control", *MONEY]
    return effects[effects["campaign"].isin(sound)].astype(dict.fromkeys(numbers, "float64"))


def _effect(row: dict[Any, Any]) -> str:
    low, high = 100 * row["effect_low"], 100 * row["effect_high"]
    return (
        f"{100 * row['effect']:.1f} percentage points more ordered than in the control group "
        f"(95% interval {low:.1f} to {high:.1f}; {int(row['n']):,} against {int(row['n_control']):,} customers)"
    )


def _arm(row: dict[Any, Any]) -> str:
    """Name an arm and its campaign as people would."""
    arm, campaign = (str(row[name]).replace("_", " ") for name in ("arm", "campaign"))
    return f"“{arm}” of “{campaign}”"


def _size(all_: Everything, name: str) -> str:
    """Say how many customers a segment has today; nothing for everybody. Its number may have been another one."""
    rows = all_.segmentation.segments
    found = rows.loc[rows["name"] == name, "customers"]
    return f"; the segment has {int(found.iloc[0]):,} today" if len(found) else ""


def _points(row: dict[Any, Any], low: str, high: str) -> str:
    """Write an interval as buyers among a hundred customers."""
    return f"{100 * row[low]:+.0f} to {100 * row[high]:+.0f} buyers among 100 customers"


def _retention(all_: Everything) -> Iterator[Action]:
    """Groups at risk or lapsed, by what they spent; only one while nobody can be reached."""
    segments, rows = all_.segmentation.segments.set_index("segment"), all_.content.actions
    mean = segments["revenue_minor"] / segments["customers"]  # ranks the groups whose own money is not shown
    out = left_out(all_.segmentation.segments, all_.plan.privacy.floor, all_.plan.clustering.use_unstable)["segment"]
    at_stake = rows[rows["stage"].isin(AT_STAKE) & rows["customers"].notna() & ~rows["segment"].isin(out)]
    stake = at_stake["spent_minor"].fillna(at_stake["customers"].astype(float) * at_stake["segment"].map(mean))
    worth = at_stake.assign(stake=stake)[stake >= LEAST_STAKE_SHARE * segments["revenue_minor"].sum()]
    reached = all_.reach[all_.reach["arm"].isin(["contact", "holdout"])]
    for row in worth.nlargest(2 if len(reached) else 1, "stake").to_dict("records"):
        yield _send(all_, row, reached)


def _send(all_: Everything, row: dict[Any, Any], reached: pd.DataFrame) -> Action:
    """Write to a group, or say what stands in the way."""
    who = f"those in {row['name']} who {_standing(row['stage'])}"
    why = f"{int(row['customers']):,} customers"
    if pd.notna(row["spent_minor"]):
        why += f"; they spent {money(all_.plan, row['spent_minor'])} {spell(all_)}"
    why += "."
    page = "07_personalised_content.html"
    if row["offer"] == "none":
        none = f"{why} The plan has none for them (content.offers)."
        return Action(f"Decide on an offer for {who}.", none, page, UNTRIED, HELD_OUT)
    here = reached[(reached["segment"] == row["segment"]) & (reached["stage"] == row["stage"])]
    count = here.groupby("arm")["customers"].sum()
    contact, held = int(count.get("contact", 0)), int(count.get("holdout", 0))
    if not len(reached):
        why += " Nobody may be contacted yet: that needs consent.csv."
        what = f"Collect consent, so that “{row['offer']}” can go to {who}."
        return Action(what, why, "08_activation.html", UNTRIED, "the next report counts who may be contacted")
    if contact < all_.plan.privacy.floor:
        why += " Too few of them have agreed to be contacted."
        return Action(f"Ask {who} for consent.", why, page, UNTRIED, "the next report counts who may be contacted")
    name, unsaid = f"{row['segment']} {row['stage']}", all_.audience.unsaid
    some = "Some" if f"{name} contact" in unsaid else f"{contact:,}"
    few = f"{name} held_out" in unsaid or held < all_.plan.privacy.floor
    why += f" {some} of them may be contacted; {'a few are' if few else f'{held:,} are'} held out."
    known = TOO_FEW if few else _shown(contact, held)
    return Action(f"Send “{row['offer']}” to {who}.", why, page, _tried(all_, row), known)


def _shown(contact: int, held: int) -> str:
    """Say which difference two groups of these sizes would show, where one in five orders anyway."""
    least = smallest_effect(USUAL_SHARE, round(2 * contact * held / (contact + held)))
    if not least < 1 - USUAL_SHARE:
        return TOO_FEW
    return f"{HELD_OUT}: a difference of {100 * least:.0f} points or more would show"


def _tried(all_: Everything, row: dict[Any, Any]) -> str:
    """Say what earlier contacts changed, where notebook 07 found it for this segment and offer."""
    rows = all_.content.division
    same = rows[(rows["segment"] == row["segment"]) & (rows["offer"] == row["offer"])] if len(rows) else rows
    for found in same[same["effect"].notna()].head(1).to_dict("records") if len(same) else []:
        return f"{_points(found, 'low_effect', 'high_effect')} (measured: {found['evidence']})"
    return UNTRIED


def _standing(stage: str) -> str:
    return "have lapsed" if stage == "lapsed" else f"are {WORDS[stage]}"


def _leaks(all_: Everything) -> Iterator[Action]:
    """The late step of a visit at which one segment loses clearly more than all segments together."""
    if all_.journeys.source != "events":
        return
    steps, last = all_.journeys.transitions, all_.journeys.states[-1]
    ends = steps[(steps["to_state"] == last) & steps["from_state"].isin(LATE_STEPS) & steps["share"].notna()]
    if ends.empty:
        return
    sums = ends.groupby("from_state")[["count", "n"]].sum().astype(float)
    usual = ends["from_state"].map(sums["count"] / sums["n"])
    worse = ends.assign(usual=usual, lost=((ends["share"] - usual) * ends["n"]).astype("float64"))[ends["low"] > usual]
    for row in worse.nlargest(1, "lost").to_dict("records"):
        yield Action(
            f"Find out why so many in {row['name']} leave at the {row['from_state']}.",
            f"{percent(row['share'])} of {int(row['n']):,} times the visit ended there (95% interval "
            f"{percent(row['low'])} to {percent(row['high'])}); in all segments together {percent(row['usual'])}.",
            "06_journeys.html",
            f"about {row['lost']:,.0f} of these visits would go on if it were as usual",
            "the same share in the next report",
        )


def _measure(all_: Everything) -> Iterator[Action]:
    """What to record so that the next report can say more."""
    if all_.collection.contacts is None:
        yield Action(
            "Keep the hold-out group out of every campaign, and record each send.",
            "Without contacts.csv the next report cannot say whether any action worked.",
            "08_activation.html",
            "no order by itself; it is what proves all other actions",
            "the next report compares everybody contacted with everybody held out",
        )


def _slipped(all_: Everything) -> Iterator[Action]:
    """The move between segments that cost most, of those that notebook 10 may show."""
    if all_.refinement.first or not all_.refinement.moves_told:
        return
    moves, hidden = all_.refinement.migration, all_.refinement.hidden()
    known = moves[
        (moves["from_name"] != "new") & (moves["to_name"] != "left") & (moves["from_name"] != moves["to_name"])
    ]
    known = known[[not hidden.loc[ends] for ends in zip(known["from_name"], known["to_name"], strict=True)]]
    lost = known.assign(lost=(known["value_previous_minor"] - known["value_current_minor"]).astype("float64"))
    for row in lost[lost["lost"] > 0].nlargest(1, "lost").to_dict("records"):
        before, now = (money(all_.plan, row[f"value_{when}_minor"]) for when in ("previous", "current"))
        yield Action(
            f"Ask why customers slipped from {row['from_name']} to {row['to_name']}.",
            f"{int(row['customers']):,} customers did; as of last quarter their revenue was {before}, now it is {now}.",
            "10_quarterly_refinement.html",
            "a reason, and so the offer that would hold the next ones",
            "fewer slip in the next report",
        )


def _missed(all_: Everything) -> Iterator[Action]:
    goals = all_.scorecard.goals
    for row in goals[goals["verdict"] == "not reached"].to_dict("records"):
        what = f"Look into the goal “{row['name']}”."
        told = str(row["sentence"]).removeprefix(f"{row['name']}: ")
        why = f"{told[:1].upper()}{told[1:]}"
        yield Action(
            what, why, "09_kpi_evaluation.html", "a cause, or a target that can be met", "its verdict next time"
        )


def _unsettled(all_: Everything) -> Iterator[Action]:
    """The goal that would take longest to settle, where that is longer than a quarter."""
    goals = all_.objectives.goals
    slow = goals[goals["weeks"].astype("float64") > WEEKS_OF_A_QUARTER]
    for row in slow.sort_values("weeks", kind="stable").tail(1).to_dict("records"):
        yield Action(
            f"Give “{row['name']}” a target that can be settled.",
            f"To prove the change wished for takes {row['n_per_arm']:,.0f} customers in each group, about "
            f"{math.ceil(row['weeks']):,} weeks of traffic. A larger change, or a metric nearer to it, takes less.",
            "01_objectives.html",
            "no order; a verdict in months instead of years",
            "notebook 01 says how many weeks the new target takes",
        )


def _repairs(all_: Everything) -> Iterator[Action]:
    """Segments of this quarter that should not be built on as they are."""
    rows = all_.refinement.verdicts
    for row in rows[rows["verdict"].isin(["refit", "retire"]) & (rows["segment"] != 0)].to_dict("records"):
        why = f"{row['why'][:1].upper()}{row['why'][1:]}."
        page, known = "10_quarterly_refinement.html", "its verdict in the next report"
        yield Action(
            f"Build no campaign on {row['name']} yet.", why, page, "no money spent on a group that may go", known
        )
