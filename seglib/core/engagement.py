"""Engagement that a channel has added up for each customer: which attribute tells of which channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seglib.core.contract import ENGAGEMENT
from seglib.core.errors import Finding, plan_finding

if TYPE_CHECKING:
    from seglib.core.plan import Plan

NAME = ENGAGEMENT.name


def faults(plan: Plan) -> Iterator[Finding]:
    """List what cannot hold together between the table of engagement and the attributes that it tells."""
    has_table = NAME in plan.sources
    if has_table and not plan.engagement:
        do = "say which attribute tells of which channel, such as engagement: {instagram_interactions: instagram}"
        yield plan_finding("a table of engagement that tells nothing", f"sources.{NAME}", do)
    if plan.engagement and not has_table:
        yield plan_finding("no table of engagement", NAME, f"name its file under sources.{NAME}, or leave this out")
    if has_table and "customers" not in plan.sources:
        do = "add sources.customers.file: what is told of a customer stands beside the other facts"
        yield plan_finding("engagement, but no source for customers", f"sources.{NAME}", do)
    told = {attribute for lookup in plan.lookups.values() for attribute in lookup.gives}
    for attribute in plan.engagement:
        own = plan.criteria.attributes.get(attribute)
        if own is None or own.kind != "number":
            do = f"write criteria.attributes.{attribute}: {{kind: number, family: behavioural}}"
            yield plan_finding("no such attribute of numbers", f"{NAME}.{attribute}", do)
        if attribute in told:
            do = "leave it to one of them"
            yield plan_finding("a lookup tells this attribute, too", f"{NAME}.{attribute}", do)
