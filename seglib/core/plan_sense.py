"""What a plan says that undoes itself: two things of one name, one thing in two roles, a sign that changes amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from seglib.core.errors import Finding, plan_finding
from seglib.core.purposes import PROFILING, SALE

if TYPE_CHECKING:
    from seglib.core.plan import Plan
    from seglib.core.sections import Source

PLAIN = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet")  # files without sheets
ONE_ROLE = (  # columns of a table that one column of a file cannot be at once
    ("orders", "order_id", "ordered_at"),
    ("orders", "customer_id", "ordered_at"),
    ("orders", "unit_price", "amount"),
    ("orders", "quantity", "amount"),
    ("orders", "quantity", "unit_price"),
    ("orders", "discount", "amount"),
    ("orders", "refunded", "amount"),
    ("customers", "email", "phone"),
    ("customers", "first_name", "last_name"),
    ("customers", "customer_id", "birth_date"),
    ("consent", "purpose", "status"),
    ("consent", "status", "recorded_at"),
    ("consent", "customer_id", "purpose"),
    ("contacts", "campaign", "arm"),
    ("events", "event", "event_at"),
    ("feedback", "item", "answer"),
)


def nonsense(plan: Plan) -> Iterator[Finding]:
    """List what a plan says that undoes itself, each with its place and its remedy.

    Examples
    --------
    >>> from seglib.core.plan import Plan
    >>> Plan.parse("study: a\\nsources: {orders: {file: o.csv, csv: {signs: ['-']}}}")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 taking it off would change amounts - plan.yml, ...
    """
    for name, source in plan.sources.items():
        yield from _source(source, f"sources.{name}")
    for table, one, other in ONE_ROLE:
        if table in plan.sources:
            yield from _roles(plan.sources[table], table, one, other)
    yield from _twice((offer.name for offer in plan.content.offers), "content.offers", "two offers with one name")
    yield from _twice((goal.name for goal in plan.objectives), "objectives", "two goals with one name")
    yield from _twice(plan.criteria.use, "criteria.use", "a criterion twice")
    yield from [*_goals(plan), *_lines(plan), *_sizes(plan), *_consent(plan), *_sending(plan), *_years(plan)]


def _source(source: Source, place: str) -> Iterator[Finding]:
    marks = {*"-()0123456789", source.csv.decimal, source.csv.thousands or source.csv.decimal}
    for sign in source.csv.signs:
        if marks & {*sign}:
            do = "name signs and codes of a currency only; csv.negative says how amounts below zero are written"
            yield plan_finding("taking it off would change amounts", f"{place}.csv.signs", do, sign)
    if source.sheet not in {None, "", "*"} and source.file and PurePosixPath(source.file).suffix.lower() in PLAIN:
        yield plan_finding(
            "only a workbook has sheets", f"{place}.sheet", "leave it out, or name the workbook", source.sheet
        )


def _roles(source: Source, table: str, one: str, other: str) -> Iterator[Finding]:
    first = source.names(one)[0]
    if first != "" and first == source.names(other)[0] and (one in source.columns or other in source.columns):
        do = f"name the column of each; leave {other} out where there is none"
        yield plan_finding(f"one column is {one} and {other}", f"sources.{table}.columns.{one}", do, first)


def _twice(names: Iterable[str], place: str, what: str) -> Iterator[Finding]:
    known = [*names]
    for name in sorted({name for name in known if known.count(name) > 1}):
        yield plan_finding(what, place, "give each its own name, or leave one out", name)


def _goals(plan: Plan) -> Iterator[Finding]:
    for place, goal in enumerate(plan.objectives):
        if goal.change_share == 0 or goal.change_share < -1:
            do = "write 0.05 for 5 % more and -0.05 for 5 % less"
            yield plan_finding(
                "no change, or more than all", f"objectives[{place}].change_share", do, goal.change_share
            )


def _lines(plan: Plan) -> Iterator[Finding]:
    """A line, or a state of an order, is set aside for one reason."""
    rules = plan.rules
    pairs = (
        ("rules.test_status", rules.test_status, "rules.cancelled_status", rules.cancelled_status),
        ("rules.discount_lines", rules.discount_lines, "rules.not_products", rules.not_products),
    )
    for place, one, other, two in pairs:
        for word in sorted({each.strip().lower() for each in one} & {each.strip().lower() for each in two}):
            yield plan_finding(f"stands in {other} too", place, "leave it in one of the two", word)


def _sizes(plan: Plan) -> Iterator[Finding]:
    settings = plan.clustering
    least = settings.choice if isinstance(settings.choice, int) else settings.smallest_count
    if settings.size_floor_share * least > 1:
        what, do = f"{least} segments cannot all be so large", "write a smaller share, or fewer segments"
        yield plan_finding(what, "clustering.size_floor_share", do, settings.size_floor_share)
    if plan.content.budget is not None:
        for at, offer in enumerate(plan.content.offers):
            variants = offer.trial.variants if offer.trial is not None else ()
            costs = {f"trial.variants[{place}].cost": variant.cost for place, variant in enumerate(variants)}
            for key, cost in {"cost": offer.cost, **costs}.items():
                if cost is not None and cost > plan.content.budget:
                    do = "write the cost of one message, in main units of money, or a larger content.budget"
                    place = f"content.offers[{at}].{key}"
                    yield plan_finding("one message costs more than the budget", place, do, cost)


def _consent(plan: Plan) -> Iterator[Finding]:
    meant: dict[str, tuple[str, ...]] = {}
    for word, purposes in plan.consent.purposes.items():
        if meant.setdefault(word.strip().lower(), purposes) != purposes:
            do = "write each word once: capitals and spaces make no other word"
            yield plan_finding("one word means two things", f"consent.purposes.{word[:40]}", do)
    if plan.activation.sales_purpose in (PROFILING, SALE):
        do = "write the consent by which sales may call or write: email, sms or post"
        yield plan_finding(
            "nobody is contacted by this consent", "activation.sales_purpose", do, plan.activation.sales_purpose
        )


def _sending(plan: Plan) -> Iterator[Finding]:
    settings, place = plan.activation, "activation.suppressed"
    if settings.holdout_share == 1:
        do = "write the share that gets nothing, such as 0.1"
        yield plan_finding("nobody is left to be contacted", "activation.holdout_share", do, settings.holdout_share)
    if settings.suppressed is None:
        return
    path = PurePosixPath(settings.suppressed.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in settings.suppressed:
        do = "put the file into sources/ and write its name only"
        yield Finding("F24", "not inside the sources folder", f"plan.yml, {place}", do=do)
    for name, source in plan.sources.items():
        if source.file == settings.suppressed:
            do = "name the file of those to whom nothing is sent any more: everybody in it gets nothing, for good"
            yield plan_finding(f"this is the file of {name}", place, do, settings.suppressed)


def _years(plan: Plan) -> Iterator[Finding]:
    for year, first in plan.year_starts.items():
        if abs(first.year - year) > 1:
            do = f"write the first day of the year, such as {year}: {year}-02-01"
            yield plan_finding("not in that year", f"year_starts.{year}", do, first)
