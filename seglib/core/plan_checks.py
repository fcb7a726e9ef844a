"""What a plan says in two places must agree: everything that is wrong without looking at any data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from seglib.core.address import address_finding, is_address
from seglib.core.contract import TABLES
from seglib.core.delivered import TAX
from seglib.core.engagement import faults as engagement_faults
from seglib.core.errors import Finding, nearest, plan_finding
from seglib.core.lookups import PREFIX
from seglib.core.lookups import faults as lookup_faults
from seglib.core.plan_connections import asked_of_databases, connections
from seglib.core.plan_sense import nonsense
from seglib.core.purposes import CHANNELS, PROFILING, PURPOSES, SALE
from seglib.core.quarters import PATTERN
from seglib.core.trials import faults as trial_faults

if TYPE_CHECKING:
    from seglib.core.plan import Plan
    from seglib.core.sections import Csv, Source

ENCODINGS = "write utf-8, cp1252, latin-1 or utf-16"
NO_FILES = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
COUNTED = ("unix seconds", "unix milliseconds", "unix microseconds", "excel days")
OF_INTAKE = ("customer", "age_years", "annual_revenue_minor", "registered_on", "source_file", "source_line")
YEAR = re.compile("%[YyGcxs]")  # Python 3.13 warns of a day without a year, and a later one will not read it
IDS = ("customer_id", "order_id", "product_id", "refund_of")


class Pair(NamedTuple):
    """Two decisions of which the first may not be more than the second."""

    place: str
    first: Callable[[Plan], float]
    other: str
    second: Callable[[Plan], float]
    do: str


PAIRS = (
    Pair(
        "journeys.active_days",
        lambda plan: plan.journeys.active_days + 1,
        "journeys.at_risk_days",
        lambda plan: plan.journeys.at_risk_days,
        "who is active comes before who is at risk: write fewer days here, or more there",
    ),
    Pair(
        "journeys.new_days",
        lambda plan: plan.journeys.new_days,
        "journeys.at_risk_days",
        lambda plan: plan.journeys.at_risk_days,
        "who has lapsed is not new any more: write fewer days here, or more there",
    ),
    Pair(
        "clustering.smallest_count",
        lambda plan: plan.clustering.smallest_count,
        "clustering.largest_count",
        lambda plan: plan.clustering.largest_count,
        "swap the two numbers",
    ),
    Pair(
        "clustering.smallest_count",
        lambda plan: plan.clustering.smallest_count,
        "clustering.choice",
        lambda plan: plan.clustering.choice if isinstance(plan.clustering.choice, int) else 10**9,
        "only what was compared can be chosen: write a smaller number here, or choice: auto",
    ),
    Pair(
        "clustering.choice",
        lambda plan: plan.clustering.choice if isinstance(plan.clustering.choice, int) else 0,
        "clustering.largest_count",
        lambda plan: plan.clustering.largest_count,
        "only what was compared can be chosen: write a smaller number here, a larger one there, or choice: auto",
    ),
    Pair(
        "content.segment_share_min",
        lambda plan: plan.content.segment_share_min,
        "content.segment_share_max",
        lambda plan: plan.content.segment_share_max,
        "swap the two shares",
    ),
    Pair(
        "activation.premium_share",
        lambda plan: plan.activation.premium_share,
        "what activation.self_service_share leaves of all customers",
        lambda plan: 1 - plan.activation.self_service_share,
        "nobody gets two services: make one of the two shares smaller",
    ),
    Pair(
        "criteria.window_days",
        lambda plan: plan.criteria.window_days or 0,
        "rules.history_days",
        lambda plan: plan.rules.history_days or 10**9,
        "older orders are set aside before they are looked at: make the window shorter or the history longer",
    ),
)


def contradictions(plan: Plan) -> list[Finding]:
    """List everything in a plan that cannot hold together, each with its place and its remedy.

    Examples
    --------
    >>> from seglib.core.plan import Plan
    >>> two = "study: a\\nsources: {orders: {file: o.csv}}\\nclustering: {smallest_count: 6, largest_count: 4}"
    >>> Plan.parse(two)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 more than clustering.largest_count allows - plan.yml, ... - do: ...
    """
    found = [
        plan_finding(f"more than {p.other} allows", p.place, p.do) for p in PAIRS if p.first(plan) > p.second(plan)
    ]
    found += [*_zone(plan), *_sources(plan), *_objectives(plan), *_criteria(plan), *_clustering(plan)]
    return [*found, *_arms(plan), *_offers(plan), *_quarters(plan), *_taxed(plan), *nonsense(plan)]


def _taxed(plan: Plan) -> Iterator[Finding]:
    """Amounts that tax comes off are not with it."""
    named = plan.sources["orders"].columns.get("amount_extras", ())
    names = (named,) if isinstance(named, str) else tuple(named)
    off = next((name for name in names if TAX.search(name)), None)
    if plan.tax == "with" and off is not None:
        do = "write tax: without, or take it out of sources.orders.columns.amount_extras"
        yield plan_finding("tax comes off the amounts, so they are without it", "tax", do, off)


def _zone(plan: Plan) -> Iterator[Finding]:
    try:
        ZoneInfo(plan.timezone)
    except (KeyError, ValueError, OSError):
        yield plan_finding("no such time zone", "timezone", "write a name like Europe/Amsterdam", plan.timezone)


def _sources(plan: Plan) -> Iterator[Finding]:
    yield from connections(plan.connections)
    rates = {"rates": plan.rates.source} if plan.rates is not None else {}
    elsewhere = {f"{PREFIX}{name}": lookup.source for name, lookup in plan.lookups.items()}
    yield from lookup_faults(plan)
    yield from engagement_faults(plan)
    if plan.rates is not None and plan.rules.amounts == "minor":
        do = "deliver amounts as 12.50, not as 1250: the smallest unit differs from currency to currency"
        yield plan_finding("rates need amounts in main units", "rules.amounts", do, "minor")
    if plan.rates is not None and not plan.rates.file:
        yield plan_finding("is required", "rates.file", "name a file of sources/ with currency, day and rate")
    for name, source in (plan.sources | rates | elsewhere).items():
        place = f"sources.{name}" if name in plan.sources else name
        for key in ("file", "database"):
            if is_address(getattr(source, key) or ""):
                yield address_finding(str(getattr(source, key)), f"plan.yml, {place}.{key}")
            elif not _inside(getattr(source, key)):
                do = "put the file into sources/ and write its name only"
                yield Finding("F24", "not inside the sources folder", f"plan.yml, {place}.{key}", do=do)
        yield from asked_of_databases(name, source, plan.connections)
        known = plan.contract(name).names
        for key, columns in (("columns", source.columns), ("fill_down", source.fill_down)):
            for column in sorted({*columns} - {*known}):
                do = nearest(column, known)
                do += "; one of your own goes under criteria.attributes" if name == "customers" else ""
                yield plan_finding(f"{name} has no column called '{column[:40]}'", f"{place}.{key}", do)
        yield from _csv(source.csv, f"{place}.csv")
        if not _is_format(source.date_format):
            do = "write it in the letters of strptime, such as '%d/%m/%Y %H:%M', or one of: " + ", ".join(COUNTED)
            yield plan_finding("not a way to write a date", f"{place}.date_format", do, source.date_format)
    yield from _one_thing_twice(plan.sources["orders"])


def _inside(name: str | None) -> bool:
    if name is None:
        return True
    paths = PurePosixPath(name), PureWindowsPath(name)
    outside = any(path.anchor or ".." in path.parts for path in paths)
    return not outside and name.strip(" .") != "" and "\0" not in name and "**" not in name


def _csv(csv: Csv, place: str) -> Iterator[Finding]:
    try:
        known = "a".encode(csv.encoding) is not None and csv.encoding.lower().replace("-", "_") not in NO_FILES
    except (LookupError, ValueError):
        known = False
    if not known:
        yield plan_finding("unknown csv.encoding", f"{place}.encoding", ENCODINGS, csv.encoding)
    delimiter = {"\\t": "\t"}.get(csv.delimiter, csv.delimiter)
    if delimiter not in ("tab", "semicolon", "comma", "pipe") and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        do = "write ',' or ';' or tab"
        yield plan_finding("csv.delimiter must be one character", f"{place}.delimiter", do, csv.delimiter)
    if csv.thousands == csv.decimal:
        do = "leave csv.thousands out, or write the other mark in csv.decimal"
        yield plan_finding("one mark for thousands and decimals", f"{place}.thousands", do, csv.thousands)


def _is_format(written: str | None) -> bool:
    """Whether a day that is written in this format can be read again by it."""
    if written is None or written in COUNTED:
        return True
    try:
        text = datetime.fromisoformat("2026-11-23T14:05:09+00:00").strftime(written)
        return bool(YEAR.search(written)) and datetime.strptime(text, written).year == 2026
    except (ValueError, UnicodeError, re.error):
        return False


def _one_thing_twice(orders: Source) -> Iterator[Finding]:
    """One column of the file cannot be two ids; a later one of several names may stand in where the first is blank."""
    first = {column: orders.names(column)[0] for column in IDS}
    for place, column in enumerate(IDS):
        for other in IDS[place + 1 :]:
            if first[column] == first[other] != "" and (column in orders.columns or other in orders.columns):
                do = f"name the column of each; leave {other} out where there is none"
                what = f"one column is {column} and {other}"
                yield plan_finding(what, f"sources.orders.columns.{column}", do, first[column])


def _objectives(plan: Plan) -> Iterator[Finding]:
    for place, goal in enumerate(plan.objectives):
        here = f"objectives[{place}]"
        if goal.by is not None and not PATTERN.fullmatch(goal.by):
            yield plan_finding("not a quarter", f"{here}.by", "write it as 2026Q4", goal.by)
        if goal.guardrail == goal.metric:
            do = "name another metric that must not become worse, or leave it out"
            yield plan_finding("a goal cannot guard itself", f"{here}.guardrail", do, goal.guardrail)


def _criteria(plan: Plan) -> Iterator[Finding]:
    bands = plan.criteria.age_bands
    if any(one >= other for one, other in zip((0, *bands), bands, strict=False)):
        yield plan_finding("ages must rise", "criteria.age_bands", "write them like [25, 35, 45]", list(bands))
    for name, item in plan.criteria.items.items():
        if item.low is not None and item.high is not None and item.low >= item.high:
            do = "low is the least answer and high the greatest; reverse: true turns a scale"
            yield plan_finding("low is not below high", f"criteria.items.{name}", do, f"{item.low:g} and {item.high:g}")
    yield from _attributes(plan)
    if not sum(plan.selection.weights.values()) > 0:
        yield plan_finding("all weights are 0", "selection.weights", "give at least one of them a weight")


def _attributes(plan: Plan) -> Iterator[Finding]:
    """A study's own columns have names of their own, and stand in the customers table."""
    own = plan.criteria.attributes
    taken = {*TABLES["customers"].names, *OF_INTAKE}
    for name in sorted(taken.intersection(own)):
        do = "leave it out here: sources.customers.columns says which column of the file it is"
        yield plan_finding(f"'{name}' is a column that every study may have", f"criteria.attributes.{name}", do)
    if own and "customers" not in plan.sources:
        do = "add sources.customers.file, or leave the attributes out"
        yield plan_finding("attributes, but no source for customers", "criteria.attributes", do)


def _clustering(plan: Plan) -> Iterator[Finding]:
    given = list(plan.clustering.names.values())
    for name in sorted({name for name in given if given.count(name) > 1}):
        do = "give each its own name"
        yield plan_finding("two segments with one name", "clustering.names", do, name)


def _arms(plan: Plan) -> Iterator[Finding]:
    settings = plan.evaluation
    if plan.rules.holdout_arm and plan.rules.holdout_arm == settings.control_arm:
        what = "the own hold-out and the control group are one arm"
        do = "the hold-out is taken out of all campaigns: name the arm that got nothing in one campaign"
        yield plan_finding(what, "evaluation.control_arm", do, settings.control_arm)
    if settings.arms and "control_arm" in settings.model_fields_set and settings.control_arm not in settings.arms:
        do = "add its planned weight, such as 1, or name the arm that is the control"
        yield plan_finding("arms, but not the control arm", "evaluation.arms", do, settings.control_arm)
    if plan.rules.holdout_arm and "contacts" not in plan.sources:
        do = "add sources.contacts.file, or leave the arm out"
        yield plan_finding("a hold-out arm, but no source for contacts", "rules.holdout_arm", do)


def _offers(plan: Plan) -> Iterator[Finding]:
    known = [name for name in (*PURPOSES, *CHANNELS) if name not in (PROFILING, SALE)]
    for place, offer in enumerate(plan.content.offers):
        if offer.channel not in known:
            where, do = f"content.offers[{place}].channel", nearest(offer.channel, known)
            yield plan_finding("no such channel", where, do, offer.channel)
    yield from trial_faults(plan, known)
    for word, purposes in plan.consent.purposes.items():
        for name in purposes:
            if name not in PURPOSES:
                yield plan_finding("no such purpose", f"consent.purposes.{word[:40]}", nearest(name, PURPOSES), name)
    wanted = plan.activation.sales_purpose
    if wanted not in PURPOSES:
        yield plan_finding("no such purpose", "activation.sales_purpose", nearest(wanted, PURPOSES), wanted)
    general = plan.activation.general_message
    if general and plan.content.messages and general not in plan.content.messages:
        do = nearest(general, plan.content.messages)
        yield plan_finding("no such message", "activation.general_message", do, general)


def _quarters(plan: Plan) -> Iterator[Finding]:
    for key in ("market_revenue", "acquisition_spend"):
        wrong = [name for name in getattr(plan.evaluation, key) if not PATTERN.fullmatch(name)]
        yield from (plan_finding("not a quarter", f"evaluation.{key}", "write it as 2026Q3", name) for name in wrong)
