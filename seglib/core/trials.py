"""Variants of an offer that are drawn by chance until a day, and what a plan cannot say of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from seglib.core.delivered import Campaign, Word
from seglib.core.errors import Finding, nearest, plan_finding
from seglib.core.origins import Section, Text, or_none

if TYPE_CHECKING:
    from seglib.core.plan import Plan

ROUNDING = 0.001  # by which shares may miss 1, so that thirds can be written as 0.333


class Variant(Section):
    """One way of making an offer: with another message, through another channel, or both."""

    name: Campaign  # What it is called, and its arm in contacts; example: question
    share: Annotated[float, Field(gt=0, lt=1)]  # Share of the trial's customers who get it; example: 0.5
    message: Text = None  # Which of content.messages carries it; nothing: the offer's; example: favourites_question
    channel: Annotated[Word | None, BeforeValidator(or_none)] = None  # Channel; nothing: the offer's; example: post
    # Cost of one message, in main units of money; nothing: the offer's; example: 0.05
    cost: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(or_none)] = None


class Trial(Section):
    """Two or more variants of an offer, drawn by chance, sent until a day, and compared by notebook 09."""

    campaign: Campaign  # What its campaign is called in contacts; example: reminder_subject
    variants: tuple[Variant, ...]  # The variants; the first is the one that the others are compared with
    until: date  # Planned end: the last day on which a variant is sent; example: 2026-12-31
    # Smallest difference in the share who order that would decide between two variants; example: 0.03
    worth_share: Annotated[float, Field(gt=0, lt=1)]


def faults(plan: Plan, channels: list[str]) -> Iterator[Finding]:
    """List what cannot hold together in the trials of a plan; `channels` are all that an offer may have."""
    seen: set[str] = set()
    taken = {plan.evaluation.control_arm, plan.rules.holdout_arm}
    for at, offer in enumerate(plan.content.offers):
        trial, place = offer.trial, f"content.offers[{at}].trial"
        if trial is None:
            continue
        names = [variant.name for variant in trial.variants]
        if len(names) < 2:
            yield plan_finding(
                "a trial of fewer than two variants", f"{place}.variants", "add a variant, or take trial out"
            )
        total = sum(variant.share for variant in trial.variants)
        if abs(total - 1) > ROUNDING:
            yield plan_finding(
                "the shares do not add up to 1", place, "let the shares of all variants add up to 1", f"{total:g}"
            )
        if len({*names}) < len(names) or taken.intersection(names):
            do = "give each variant a name of its own, and none the name of the control or hold-out arm"
            yield plan_finding("two arms with one name", f"{place}.variants", do, ", ".join(names))
        ways = [(v.message or offer.message, v.channel or offer.channel) for v in trial.variants]
        if len({*ways}) < len(ways):
            do = "give one of them another message or channel: there is nothing to compare"
            yield plan_finding("two variants that are the same", f"{place}.variants", do)
        for message, channel in ways:
            if channel not in channels:
                yield plan_finding("no such channel", f"{place}.variants", nearest(channel, channels), channel)
            if plan.content.messages and message not in plan.content.messages:
                yield plan_finding(
                    "no such message", f"{place}.variants", nearest(message, plan.content.messages), message
                )
        if trial.campaign in seen:
            yield plan_finding("two trials of one campaign", f"{place}.campaign", "give each its own", trial.campaign)
        seen.add(trial.campaign)


def weights(plan: Plan, campaign: str, controls_share: float) -> dict[str, float]:
    """Give the planned weight of each arm of a trial; empty for other campaigns.

    Parameters
    ----------
    plan : Plan
    campaign : str
    controls_share : float
        Share of its customers in the control group, 0 to below 1: who was held out of the audience was drawn before the
        variants were, so only how the others were divided is a matter of the trial.
    """
    trial = next((o.trial for o in plan.content.offers if o.trial is not None and o.trial.campaign == campaign), None)
    if trial is None or not 0 <= controls_share < 1:
        return {}
    total = sum(variant.share for variant in trial.variants)
    arms = {variant.name: variant.share / total * (1 - controls_share) for variant in trial.variants}
    return arms | ({plan.evaluation.control_arm: controls_share} if controls_share > 0 else {})
