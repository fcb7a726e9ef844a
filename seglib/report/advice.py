"""What to do next, with the money and the evidence behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from seglib.content.money import MAY_NOT_PAY
from seglib.content.stakes import AT_STAKE
from seglib.core.quarters import written_day
from seglib.journeys.findings import left_after
from seglib.journeys.tables import WORDS
from seglib.methods.power import smallest_effect
from seglib.methods.present import after_name, percent
from seglib.objectives.objectives import WEEKS_OF_A_QUARTER
from seglib.report.glance import Everything, money, spell
from seglib.report.shown import Action, again, barred, points, proven

ACTIONS = 3
LEAST_STAKE_SHARE = 0.01  # of all revenue; below, an action is not worth the first page
LATE_STEPS = ("cart", "checkout")
UNTRIED = "not known: no offer for them was compared with a control group yet"
UNDECIDED = "not known before there is an offer"
ASKED = "it is what every message to them needs"
LONG_WEEKS = 520  # beyond ten years nobody counts weeks
NOBODY_HELD = "the next report counts who ordered; nobody is held out, so it cannot say whether the message did it"
USUAL_SHARE = 0.2  # of customers who order in a quarter without any letter, where a size is to be judged
NO_MONEY = "; the budget of notebook 07 gives it nothing until a test shows that it pays"
TOO_FEW = "too few are held out to prove a difference; the next report only counts who ordered"
ALLOWED = "the next report counts who may be contacted"
NO_ADDRESS = " First add their e-mail addresses (sources.customers): the study has none, so notebook 08 writes no rows."
HELD_OUT = "the next report compares them with those held out"


def actions(all_: Everything) -> list[Action]:
    """Name at most three things to do next, each of another kind.

    What broke in the quarter comes first, what a test has shown next, then the money that is about to be lost, then
    what to look into.

    Parameters
    ----------
    all_ : Everything
    """
    send = [*_retention(all_)]
    first = [*_incidents(all_), *proven(all_), *send[:1], *_leaks(all_), *again(all_), *_measure(all_), *_slipped(all_)]
    chosen = [*first, *_missed(all_), *_repairs(all_), *send[1:], *_unsettled(all_)][:ACTIONS]
    return sorted(chosen, key=lambda action: action.brings in (UNTRIED, UNDECIDED))  # what nobody knows comes last


def _retention(all_: Everything) -> Iterator[Action]:
    """Groups at risk or lapsed, by what they spent; only one while nobody can be reached."""
    segments, rows = all_.segmentation.segments.set_index("segment"), all_.content.actions
    mean = segments["revenue_minor"] / segments["customers"]  # ranks the groups whose own money is not shown
    at_stake = rows[rows["stage"].isin(AT_STAKE) & rows["customers"].notna() & ~rows["name"].isin(barred(all_))]
    stake = at_stake["spent_minor"].fillna(at_stake["customers"].astype(float) * at_stake["segment"].map(mean))
    worth = at_stake.assign(stake=stake)[stake >= LEAST_STAKE_SHARE * segments["revenue_minor"].sum()]
    reached = all_.reach[all_.reach["arm"].isin(["contact", "holdout"])]
    for row in worth.nlargest(2 if len(reached) else 1, "stake").to_dict("records"):
        if action := _send(all_, row, reached):
            yield action


def _send(all_: Everything, row: dict[Any, Any], reached: pd.DataFrame) -> Action | None:
    """Write to a group, or say what stands in the way; nothing where neither the budget nor a test is for it."""
    who = f"those in {row['name']} who {_standing(row['stage'])}"
    why = f"{int(row['customers']):,} customers"
    if pd.notna(row["spent_minor"]):
        why += f"; they spent {money(all_.plan, row['spent_minor'])} {spell(all_)}"
    why += "."
    page = "07_personalised_content.html"  # it holds these customers and what they spent
    here = reached[(reached["segment"] == row["segment"]) & (reached["stage"] == row["stage"])]
    count = here.groupby("arm")["customers"].sum()
    contact, held = int(count.get("contact", 0)), int(count.get("holdout", 0))
    if not len(reached):
        why += " Nobody may be contacted yet: that needs consent.csv."
        return Action(f"Collect consent, so that {who} can be written to.", why, page, ASKED, ALLOWED)
    if contact < all_.plan.privacy.floor:
        why += " Too few of them have agreed to be contacted."
        return Action(f"Ask {who} for consent.", why, page, ASKED, ALLOWED)
    if lacking := _no_offer(all_, row):
        return Action(f"Decide on an offer for {who}.", f"{why} {lacking}", page, UNDECIDED, "the plan has one")
    name, unsaid = f"{row['segment']} {row['stage']}", all_.audience.unsaid
    some = "Some" if f"{name} contact" in unsaid else f"{contact:,}"
    few = f"{name} held_out" in unsaid or held < all_.plan.privacy.floor
    somebody = bool((reached["arm"] == "holdout").any())
    out = f"{'a few are' if few else f'{held:,} are'} held out" if somebody else "nobody is held out"
    why += f" {some} of them may be contacted; {out}."
    why += "" if all_.audience.manifest["addresses"] else NO_ADDRESS
    known = (TOO_FEW if few else _shown(contact, held)) if somebody else NOBODY_HELD
    if _measured(all_, row).get("why") == MAY_NOT_PAY:
        return _trial(all_, row, who, why, contact + held)
    return Action(f"Send “{row['offer']}” to {who}.", why, page, _tried(all_, row), known)


def _trial(all_: Everything, row: dict[Any, Any], who: str, why: str, count: int) -> Action | None:
    """Test what the budget gives nothing, where halves of those within reach can show what is still possible."""
    least, found = smallest_effect(USUAL_SHARE, count // 2), _measured(all_, row)
    if not least <= found["high_effect"]:
        return None
    return Action(
        f"Test “{row['offer']}” on {who}: hold out half of them by lot.",
        why,
        "07_personalised_content.html",
        _tried(all_, row),
        f"the next report compares both halves: a difference of {100 * least:.0f} points or more would show",
    )


def _shown(contact: int, held: int) -> str:
    """Say which difference two groups of these sizes would show, where one in five orders anyway."""
    least = smallest_effect(USUAL_SHARE, round(2 * contact * held / (contact + held)))
    if not least < 1 - USUAL_SHARE:
        return TOO_FEW
    return f"{HELD_OUT}: a difference of {100 * least:.0f} points or more would show"


def _no_offer(all_: Everything, row: dict[Any, Any]) -> str:
    """Say why there is nothing to send to a group: no offer, an example of one, or one that was shown to do harm."""
    if row["offer"] == "none":
        return "The plan has none for them (content.offers)."
    if any(offer.example for offer in all_.plan.content.offers if offer.name == row["offer"]):
        return f"“{row['offer']}” stands in the plan as an example only (content.offers)."
    found = _measured(all_, row)
    if found and found["high_effect"] < 0:
        return f"“{row['offer']}” brought fewer orders than no message ({found['evidence']}): take another one."
    return ""


def _measured(all_: Everything, row: dict[Any, Any]) -> dict[Any, Any]:
    """Find what notebook 07 knows of an offer in a segment; empty where no campaign tried it."""
    rows = all_.content.division
    same = rows[(rows["segment"] == row["segment"]) & (rows["offer"] == row["offer"])] if len(rows) else rows
    found: list[dict[Any, Any]] = same[same["effect"].notna()].head(1).to_dict("records") if len(same) else []
    return found[0] if found else {}


def _tried(all_: Everything, row: dict[Any, Any]) -> str:
    """Say what earlier contacts changed, and whether that settles it."""
    found = _measured(all_, row)
    if not found:
        return UNTRIED
    open_ = "" if found["low_effect"] > 0 else "not settled: "
    unpaid = NO_MONEY if found.get("why") == MAY_NOT_PAY else ""
    return f"{open_}{points(found, 'low_effect', 'high_effect')} (measured: {found['evidence']}){unpaid}"


def _standing(stage: str) -> str:
    return "have lapsed" if stage == "lapsed" else f"are {WORDS[stage]}"


def _incidents(all_: Everything) -> Iterator[Action]:
    """The weeks that cost most sessions, where more got no further than ever before."""
    rows = all_.journeys.incidents
    for row in rows[rows["passes"].astype(bool)].head(1).to_dict("records"):
        whose = f" through {row['channel']}" if row["channel"] else ""
        until = "It is still so" if row["lasts"] else f"It lasted until {written_day(row['last_on'])}"
        yield Action(
            f"Find out what happened after {row['step']} in the week of {written_day(row['began_on'])}.",
            f"From then on {percent(row['share'])} of {int(row['sessions']):,} sessions{whose} that came so far got no "
            f"further, {percent(row['before'])} in all weeks before (95% interval of the difference: "
            f"{100 * row['difference_low']:.1f} to {100 * row['difference_high']:.1f} points). {until}.",
            "06_journeys.html",
            f"about {row['lost']:,.0f} of these sessions would have gone on as before",
            "the share of each week in the next report",
        )


def _leaks(all_: Everything) -> Iterator[Action]:
    """The late step of a visit at which a segment is lost clearly more often than all others, as notebook 06 tells."""
    rows = all_.journeys.losses
    if all_.journeys.source != "events" or not all_.journeys.fixed or not len(rows):
        return
    step_of = {left_after(step): step for step in LATE_STEPS}
    late = rows[rows["passes"].astype(bool) & rows["what"].isin(list(step_of))]
    late = late[late["name"].isin(all_.segmentation.segments["name"])]
    late = late.assign(visits=(late["difference"] * late["n"]).astype("float64"))
    for row in late.nlargest(1, "visits").to_dict("records"):
        yield Action(
            f"Find out why so many in {row['name']} leave at the {step_of[row['what']]}.",
            f"{percent(row['share'])} of {int(row['n']):,} sessions that came so far got no further; of all others "
            f"{percent(row['rest'])} (95% interval of the difference: {100 * row['difference_low']:.1f} to "
            f"{100 * row['difference_high']:.1f} points).",
            "06_journeys.html",
            f"about {row['visits']:,.0f} of these sessions would go on if it were as with all others",
            "the same share in the next report",
        )


def _measure(all_: Everything) -> Iterator[Action]:
    """What to record so that the next report can say more, as far as this study can do it."""
    if all_.collection.contacts is not None:
        return
    arms = set(all_.reach["arm"])
    page, proof = "08_activation.html", "no order by itself; it is what proves all other actions"
    if "holdout" in arms:
        yield Action(
            "Keep the hold-out group out of every campaign, and record each send.",
            "Without contacts.csv the next report cannot say whether any action worked.",
            page,
            proof,
            "the next report compares everybody contacted with everybody held out",
        )
    elif "contact" in arms:
        yield Action(
            "Hold out some of those whom you may contact, and record each send.",
            "Nobody is held out (activation.holdout_share), and there is no contacts.csv: the next report cannot say "
            "whether any action worked.",
            page,
            proof,
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
        told = after_name(row["name"], row["sentence"])
        why = f"{told[:1].upper()}{told[1:]}"
        yield Action(
            what, why, "09_kpi_evaluation.html", "a cause, or a target that can be met", "its verdict next time"
        )


def _unsettled(all_: Everything) -> Iterator[Action]:
    """The open goal that would take longest to settle, where that is longer than a quarter."""
    goals, verdicts = all_.objectives.goals, all_.scorecard.goals
    open_ = verdicts.loc[verdicts["verdict"] == "cannot tell", "name"]
    slow = goals[(goals["weeks"].astype("float64") > WEEKS_OF_A_QUARTER) & goals["name"].isin(open_)]
    for row in slow.sort_values("weeks", kind="stable").tail(1).to_dict("records"):
        weeks = f"about {math.ceil(row['weeks']):,} weeks" if row["weeks"] <= LONG_WEEKS else "more than ten years"
        yield Action(
            f"Give “{row['name']}” a target that can be settled.",
            f"To prove the change wished for takes {row['n_per_arm']:,.0f} customers in each group, {weeks} of "
            "traffic. A larger change, or a metric nearer to it, takes less.",
            "01_objectives.html",
            "no order; a verdict that comes in time to be used",
            "notebook 01 says how many weeks the new target takes",
        )


def _repairs(all_: Everything) -> Iterator[Action]:
    """Segments of this quarter that should not be built on as they are: one action, however many they are."""
    rows = all_.refinement.verdicts
    rows = rows[rows["verdict"].isin(["refit", "retire"]) & (rows["segment"] != 0)]
    if not len(rows):
        return
    why = "; ".join(f"{name}: {reason}" for name, reason in zip(rows["name"], rows["why"], strict=True))
    one = len(rows) == 1
    yield Action(
        f"Build no campaign on {' or '.join(rows['name'])} yet.",
        f"{why}.",
        "10_quarterly_refinement.html",
        f"no money spent on {'a group' if one else 'groups'} that may go",
        f"{'its verdict' if one else 'their verdicts'} in the next report",
    )
