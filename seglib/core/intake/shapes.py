"""The shape in which each table leaves intake: which columns, in which units, from which of the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import ibis

from seglib.core.engine import Table
from seglib.core.errors import ADDRESS, speakable

TIMES = {
    "orders": "ordered_at",
    "customers": "registered_at",
    "events": "event_at",
    "contacts": "sent_at",
    "feedback": "answered_at",
    "consent": "recorded_at",
    "engagement": "counted_at",
}
AGED_BY = {**TIMES, "returns": "ordered_at", "customers": "registered_on", "consent": "since"}
AGED_BY |= {"comments": "answered_at", "held_out": "since"}
ORDERS = (
    "customer",
    "ordered_at",
    "order_id",
    "product_id",
    "quantity",
    "amount_minor",
    "list_minor",
    "discount_minor",
    "gross_minor",
    "returned_minor",
    "cost_minor",
    "product_name",
    "category",
    "channel",
    "country",
    "region",
    "city",
    "ordered_on",
    "valid_until",
)
RETURNED = (*ORDERS, "is_matched", "bought_at")
CUSTOMERS = (
    "customer",
    "age_years",
    "age_band",
    "gender",
    "household_size",
    "income_band",
    "country",
    "region",
    "city",
    "climate",
    "account_id",
    "industry",
    "company_size",
    "annual_revenue_minor",
    "registered_on",
)
SHAPES = {
    "orders": ORDERS,
    "returns": RETURNED,
    "customers": CUSTOMERS,
    "events": ("customer", "event_at", "event", "channel", "session_id", "campaign"),
    "contacts": ("customer", "sent_at", "ends_at", "campaign", "arm", "channel", "cost_minor"),
    "feedback": ("customer", "answered_at", "item", "answer"),
    "comments": ("customer", "answered_at", "comment"),
    "held_out": ("customer", "since"),
    "consent": ("customer", "purpose", "granted", "since", "reason"),
    "people": ("customer", "may_profile", "reason", "order_count", "spent_minor", "back_minor"),
}
MADE_FROM = {
    "customer_id": "customer",
    "ordered_at": "ordered_on",
    "unit_price": "amount_minor",
    "amount": "amount_minor",
    "amount_extras": "amount_minor",
    "discount": "discount_minor",
    "refunded": "returned_minor",
    "refunded_tax": "returned_minor",
    "refunded_taxed": "returned_minor",
    "cost": "cost_minor",
    "birth_date": "age_years",
    "annual_revenue": "annual_revenue_minor",
    "registered_at": "registered_on",
}
MOST_YEARS = 120
TIME_OF_DAY = "time of day"  # what the orders of an export with dates only do not have
VISITS = "visits"  # what events do not have that only answer campaigns


def present(filled: tuple[str, ...]) -> tuple[str, ...]:
    """Name the columns that a source really has, under the contract's names and under those after intake.

    Examples
    --------
    >>> present(("order_id", "cost"))
    ('order_id', 'cost', 'cost_minor')
    """
    return tuple(dict.fromkeys([*filled, *(MADE_FROM[name] for name in filled if name in MADE_FROM)]))


def published_orders(lines: Table) -> Table:
    """Keep the columns that leave intake."""
    return lines.select(*ORDERS)


def customers(typed: Table, as_of: datetime, own: Sequence[str]) -> Table:
    """Facts about customers without what identifies them: the age at as_of instead of the date of birth."""
    born = typed.birth_date
    had_birthday = born.month() * 100 + born.day() <= as_of.month * 100 + as_of.day
    years = (ibis.literal(as_of.year) - born.year() - had_birthday.ifelse(0, 1)).cast("int64")
    facts = typed.mutate(
        age_years=years.between(0, MOST_YEARS).ifelse(years, ibis.null("int64")),
        household_size=typed.household_size.cast("float64"),
        company_size=typed.company_size.cast("float64"),
        annual_revenue_minor=typed.annual_revenue,
        registered_on=typed.registered_at.date(),
    )
    numbers = {name: facts[name].cast("float64") for name in own if facts[name].type().is_numeric()}
    return facts.mutate(**numbers).select(*CUSTOMERS, *own)


def events(typed: Table, *_: object) -> Table:
    """Touchpoints."""
    return _spoken(typed).select(*SHAPES["events"])


def contacts(typed: Table, *_: object) -> Table:
    """Campaign sends."""
    return _spoken(typed).rename(cost_minor="cost").select(*SHAPES["contacts"])


def _spoken(typed: Table) -> Table:
    """Put words in the place of e-mail addresses in names of campaigns, which reports show."""
    return typed.mutate(campaign=typed.campaign.re_replace(ADDRESS.pattern, speakable("a@b")))


def feedback(typed: Table, *_: object) -> Table:
    """Survey answers; a comment without one is no answer."""
    told = typed.filter(typed.answer.notnull() & typed.item.notnull())
    return told.mutate(answer=told.answer.cast("float64")).select(*SHAPES["feedback"])


def held_out(typed: Table, arm: str, as_of: datetime) -> Table:
    """Customers whom the company contacts with no campaign, by the arm that says so, and since when."""
    theirs = typed.filter((typed.arm == arm) & (typed.ends_at.isnull() | (typed.ends_at > as_of)))
    return theirs.group_by("customer").agg(since=theirs.sent_at.min())


PUBLISHED: dict[str, Callable[..., Table]] = {
    "customers": customers,
    "events": events,
    "contacts": contacts,
    "feedback": feedback,
}
