"""What the quarter's campaigns changed, against their control groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.core.intake.ends import covered_until
from seglib.core.trials import weights
from seglib.evaluation.effects import EFFECTS, dressed, experiment_sentence
from seglib.evaluation.health import NO_CONTROL, OPEN, SHORT, TWICE, check, only_variants
from seglib.evaluation.standing import UNPLACED, placed
from seglib.methods.experiments import ALL, adjusted, effects, heterogeneity, pooling_reverses
from seglib.methods.looks import always_valid
from seglib.methods.money import cut_share
from seglib.methods.policy import policies

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.quarters import Quarter
    from seglib.core.run import Run
    from seglib.core.sections import Offer

EXPERIMENTS = [
    *("campaign", "customers", "arms", "srm_p", "segment_srm_p", "heterogeneity_p", "complete_share", "reversed"),
    *("usable", "sentence"),
]
POLICIES = ["campaign", "unit", "policy", "value", "low", "high"]


@dataclass(frozen=True)
class Tested:
    """Effects, experiments, what rules are worth, and what to know about them."""

    effects: pd.DataFrame
    experiments: pd.DataFrame
    policies: pd.DataFrame
    notes: tuple[str, ...]


def measure(
    run: Run,
    collection: Collection,
    fixed: Segmentation,
    earlier: Segmentation | None = None,
    made_now: bool = False,
) -> Tested:
    """Compare each arm with the control arm, per campaign and segment.

    Parameters
    ----------
    run : Run
    collection : Collection
        Its contacts whose outcome window ended in the quarter are used, whenever they were sent: each contact counts
        in exactly one quarter.
    fixed : Segmentation
        Segments by which effects are read, where they stood before the message.
    earlier : Segmentation, optional
        Segments of two quarters ago, for messages that were sent in the quarter before.
    made_now : bool
        Whether `fixed` was made at the quarter's end, and not at its start.

    Returns
    -------
    Tested
        Empty frames with a note where there are no contacts.
    """
    no_effects, none, no_rules = (pd.DataFrame(columns=columns) for columns in (EFFECTS, EXPERIMENTS, POLICIES))
    if collection.contacts is None:
        remedy = "A file under sources.contacts with campaign, arm and sent_at would allow a test."
        return Tested(no_effects, none, no_rules, (f"Campaigns: {NO_CONTROL}. {remedy}",))
    days = run.plan.evaluation.outcome_days
    covered = covered_until(collection, run.quarter.as_of)
    people, left_out = outcomes(collection.contacts, collection.orders, run.quarter, days, covered)
    since = run.quarter.as_of if made_now else run.quarter.start
    labelled = placed(people, run.quarter, fixed, since, earlier).drop("customer", "sent_at")
    order = ("campaign", "segment", "arm", "converted", "revenue_minor", "before_minor", "cost_minor")
    rows, left = run.engine.frame(labelled.order_by(*order)), run.engine.frame(left_out)
    small = rows["campaign"].map(rows["campaign"].value_counts()) < run.plan.privacy.floor
    notes = (*_left_out(left, days), *_too_small(rows.loc[small, "campaign"].nunique(), run.plan.privacy.floor))
    rows = rows[~(small | only_variants(rows, run))]
    if rows.empty:
        return Tested(
            no_effects,
            none,
            no_rules,
            (*notes, f"Campaigns: {NO_CONTROL}. No contact has a window that ended in the quarter."),
        )
    gone = {name: part.set_index("why")["customers"].to_dict() for name, part in left.groupby("campaign")}
    names = {int(s): str(name) for s, name in zip(fixed.segments["segment"], fixed.segments["name"], strict=True)}
    parts = [
        _campaign(str(name), part, gone.get(name, {}), run, names) for name, part in rows.groupby("campaign", sort=True)
    ]
    experiments = pd.DataFrame([said for _, said, _ in parts], columns=EXPERIMENTS)
    compared = [found for found, _, _ in parts if not found.empty]
    if not compared:
        return Tested(no_effects, experiments, no_rules, notes)
    together = pd.concat(compared, ignore_index=True)
    together = together.assign(asked=asked(together, run.plan.content.offers, names))
    found, few = dressed(adjusted(together), fixed, run)
    few = (*few, *_families(found))
    ruled = [rule for _, _, rule in parts if not rule.empty]
    worth = pd.concat(ruled, ignore_index=True) if ruled else no_rules
    return Tested(found, experiments, worth[POLICIES], (*notes, *few, *_cut(rows)))


def asked(found: pd.DataFrame, offers: Sequence[Offer], names: Mapping[int, str]) -> pd.Series[bool]:
    """Mark the comparisons that answer a question of the plan: whether an offer works for those it is meant for.

    Parameters
    ----------
    found : DataFrame
        campaign, segment ("all" for everybody).
    offers : sequence of Offer
        `tested_by` names the campaigns that try an offer, `segments` those it is meant for; none means everybody.
    names : mapping from segment to name

    Returns
    -------
    Series of bool
    """
    who = found["segment"].map(lambda segment: names.get(segment, segment))
    questions = {
        (campaign, segment)
        for offer in offers
        for campaign in offer.tested_by
        for segment in (offer.segments or (ALL,))
    }
    pairs = [pair in questions for pair in zip(found["campaign"], who, strict=True)]
    return pd.Series(pairs, index=found.index, dtype=bool)


def _families(found: pd.DataFrame) -> tuple[str, ...]:
    """Say which comparisons were adjusted with which, where the plan asked questions."""
    n = int(found["asked"].sum())
    if not n:
        return ()
    return (
        f"{n:,} of {len(found):,} comparisons of who ordered answer a question of the plan (tested_by and segments of "
        "an offer), and their p values are adjusted among themselves. All others, and those of money, were looked at "
        "by the way and are adjusted together: such a find is a reason to test, and no result.",
    )


def outcomes(
    contacts: Table, orders: Table, quarter: Quarter, outcome_days: int, covered: datetime | None = None
) -> tuple[Table, Table]:
    """Say of each customer of each campaign whether and for how much they ordered in the window after it was sent.

    Parameters
    ----------
    contacts, orders : Table
    quarter : Quarter
        Contacts whose window ends in it are looked at, and those whose window is still open are counted; orders
        strictly before as_of.
    outcome_days : int
        Length of the window.
    covered : datetime, optional
        First instant that the orders do not cover, where they end before the quarter does: of a window that reaches
        beyond it nobody knows how it ended, so it is left out until the rest is delivered.

    Returns
    -------
    tuple of Table and Table
        customer, campaign, arm, sent_at, cost_minor, converted (0 or 1), revenue_minor, before_minor (of a window of
        the same length before it was sent); and who is left out: campaign, why, customers.
    """
    window = ibis.interval(days=outcome_days)
    known = contacts.filter(contacts.sent_at < quarter.as_of)
    known = known.mutate(open_window=known.sent_at + window > quarter.as_of)
    sent = known.filter(known.open_window | quarter.ends(known.sent_at + window))
    each = sent.group_by("customer", "campaign", "open_window").agg(
        arm=sent.arm.min(), arms=sent.arm.nunique(), sent_at=sent.sent_at.min(), cost_minor=sent.cost_minor.sum()
    )
    each = each.mutate(mixed=each.arms > 1, short=each.sent_at + window > (covered or quarter.as_of))
    left = each.filter(each.open_window | each.mixed | each.short)
    why = ibis.cases((left.open_window, OPEN), (left.mixed, TWICE), else_=SHORT)
    left_out = left.group_by("campaign", why=why).agg(customers=ibis._.count())
    whole = each.filter(~each.open_window & ~each.mixed & ~each.short).drop("arms", "open_window", "mixed", "short")
    near = whole.inner_join(orders.select("customer", "ordered_at", "amount_minor"), "customer").filter(
        lambda t: (t.ordered_at >= t.sent_at - window) & (t.ordered_at < t.sent_at + window)
    )
    near = near.filter(near.ordered_at < quarter.as_of)
    after = near.ordered_at >= near.sent_at
    sums = near.group_by("customer", "campaign").agg(
        bought=after.cast("int64").max(),
        revenue_minor=near.amount_minor.sum(where=after),
        before_minor=near.amount_minor.sum(where=~after),
    )
    joined = whole.left_join(sums, ["customer", "campaign"])
    amounts = {
        name: joined[name].fill_null(0).cast("int64") for name in ("cost_minor", "revenue_minor", "before_minor")
    }
    return joined.select(
        "customer", "campaign", "arm", "sent_at", converted=joined.bought.fill_null(0).cast("int64"), **amounts
    ), left_out.order_by("campaign", "why")  # fmt: skip


def _cut(rows: pd.DataFrame) -> tuple[str, ...]:
    """Say how much of the money is cut off before revenue is compared."""
    off = f"{cut_share(rows['revenue_minor'], rows['campaign'] + ' ' + rows['segment'].astype(str)):.0%}"
    why = f"cut to it, so that a few customers do not decide: {off} of the money is cut off"
    text = f"Extra revenue is compared after amounts above the highest hundredth of each segment are {why}"
    return (f"{text}, and the effects on revenue are too small by about as much.",) if off != "0%" else ()


def _left_out(left: pd.DataFrame, outcome_days: int) -> tuple[str, ...]:
    """Say how many contacts are not compared, and why; who still has time is compared in the quarter that ends it."""
    words = {
        TWICE: TWICE,
        OPEN: f"their {outcome_days} days are not over yet; a later quarter compares them",
        SHORT: f"the orders end before their {outcome_days} days do; deliver the rest and make this report again",
    }
    counts = left.groupby("why")["customers"].sum()
    return tuple(f"{n:,} contacts are left out: {words[str(why)]}." for why, n in counts.items())


def _too_small(campaigns: int, floor: int) -> tuple[str, ...]:
    """Say how many campaigns are neither named nor counted: a single message may be named after whom it was for."""
    return (f"Campaigns with fewer than {floor} customers are left out: {campaigns:,} in all.",) if campaigns else ()


def _campaign(
    name: str, rows: pd.DataFrame, left_out: dict[str, int], run: Run, names: dict[int, str]
) -> tuple[pd.DataFrame, dict[str, Any], pd.DataFrame]:
    """Check one campaign, compare its arms, and value the rules that choose among them."""
    settings = run.plan.evaluation
    arms = weights(run.plan, name, float((rows["arm"] == settings.control_arm).mean())) or settings.arms
    settings = settings.model_copy(update={"arms": arms})
    said = check(name, rows, left_out, settings) | {"heterogeneity_p": math.nan, "reversed": False}
    sound = rows[~rows["segment"].isin(said["broken"])]
    if not said["usable"] or sound.empty:
        return pd.DataFrame(), said, pd.DataFrame()
    named = sound.rename(columns={"revenue_minor": "revenue", "before_minor": "before"})
    found = effects(named, settings.control_arm)
    found = provisional(found[found["segment"] != UNPLACED], said["complete_share"])
    if said["broken"]:
        found = found[found["segment"] != ALL]
    single = found[found["segment"] != ALL]
    said["heterogeneity_p"] = _least([_heterogeneity(part) for _, part in single.groupby("arm")])
    said["reversed"] = any(pooling_reverses(part) for _, part in found.groupby("arm"))
    said["sentence"] = experiment_sentence(said, found, names)
    return _priced(found, sound).assign(campaign=name), said, _rules(name, sound, run)


def provisional(found: pd.DataFrame, complete_share: float) -> pd.DataFrame:
    """Before the planned end give intervals and p values that hold at every look."""
    if complete_share >= 1:
        return found.assign(provisional=False)
    low, high, p = always_valid(found["effect"], found["standard_error"], complete_share)
    money_error = (found["revenue_effect_high"] - found["revenue_effect_low"]) / (2 * 1.96)
    money_low, money_high, money_p = always_valid(found["revenue_effect"], money_error, complete_share)
    return found.assign(
        effect_low=np.clip(low, -1, 1), effect_high=np.clip(high, -1, 1), p_value=p, relative_low=np.nan,
        relative_high=np.nan, revenue_effect_low=money_low, revenue_effect_high=money_high, revenue_p_value=money_p,
        provisional=True,
    )  # fmt: skip


def _priced(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add what the contacts cost; unknown where no cost was recorded."""
    both = pd.concat([rows, rows.assign(segment=ALL)])
    cost = both.groupby(["segment", "arm"])["cost_minor"].sum().rename("cost").reset_index()
    priced = found.merge(cost, on=["segment", "arm"], how="left")
    return priced if rows["cost_minor"].sum() > 0 else priced.assign(cost=math.nan)


def _rules(name: str, rows: pd.DataFrame, run: Run) -> pd.DataFrame:
    """Value rules in profit per customer where margin and cost are known, else in buyers."""
    settings = run.plan.evaluation
    in_money = settings.margin_share is not None and rows["cost_minor"].sum() > 0
    if in_money:
        scale = 10.0**run.plan.money_decimals
        value = (rows["revenue_minor"] * float(settings.margin_share or 0) - rows["cost_minor"]) / scale
    else:
        value = rows["converted"].astype(float)
    stood = rows["segment"] != UNPLACED
    if not stood.any():
        return pd.DataFrame(columns=POLICIES)
    found = policies(rows.loc[stood, ["segment", "arm"]].assign(value=value[stood]), settings.control_arm, run.seed)
    return found.assign(campaign=name, unit="money" if in_money else "share")


def _heterogeneity(part: pd.DataFrame) -> float:
    return heterogeneity(part["effect"], part["standard_error"])[2]


def _least(values: list[float]) -> float:
    """Smallest of several p values after Bonferroni, NaN without any."""
    known = [value for value in values if not math.isnan(value)]
    return min(1.0, min(known) * len(known)) if known else math.nan
