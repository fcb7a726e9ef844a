"""Of the plan: what the columns and words of the sources mean, and on what basis they are read."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from seglib.core.errors import speakable
from seglib.core.origins import Section, Text, Words, or_none

AMOUNT_DIGITS = 15  # of the largest amount of a line: thousands of them can still be added in 64 bits
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float | None, BeforeValidator(or_none)]
Word = Annotated[str, AfterValidator(lambda text: text.strip().lower())]  # as intake writes the words of a column
Called = Annotated[str, AfterValidator(speakable)]  # a name that reports show: no address of anybody
Campaign = Annotated[Word, AfterValidator(speakable)]  # a word of contacts that reports show
State = Literal["done", "unpaid", "failed", "cancelled", "refunded", "draft", "test"]
Sort = Literal["sale", "refund", "ignore"]

# What a column of tax is called
TAX = re.compile(r"(?i)tax|vat\b|gst\b|mwst|steuer|\bust\b|tva|\biva\b|impuesto|imposto|btw|moms|podatek|ндс|税|세금")


class Rules(Section):
    """What order lines and their columns mean, and what happens to lines that are not plain purchases."""

    # Unit of amounts: the main one (12.50) or the smallest (1250); example: minor
    amounts: Literal["main", "minor"] = "main"
    # What the column discount holds (docs/money.md has a table of it); example: order
    discount: Literal["line", "order", "order_repeated", "share", "included"] = "line"
    cost: Literal["line", "piece"] = "line"  # Whether cost is that of the line or of one piece; example: piece
    # Whether refunded is of the line, of the order on one of its lines, or repeated on each; example: order
    refunded: Literal["line", "order", "order_repeated"] = "line"
    kinds: dict[str, Sort] = Field(
        default_factory=dict
    )  # What words of the column kind mean; the others are looked up; example: {Gift: ignore}
    # What words of the column status mean; the others are looked up; example: {on hold: unpaid}
    states: dict[str, State] = Field(default_factory=dict)
    # Lines below zero: returns, set aside and taken off what they undo, or a reason to stop
    returns: Literal["set_aside", "refuse"] = "set_aside"
    cancelled_prefix: Text = None  # What ids of cancelled orders begin with
    # Words of status that mean cancelled (or refunded, where the word says so); example: [storno]
    cancelled_status: Words = ()
    test_status: Words = ()  # Words of status of test orders, which are set aside; example: [sandbox]
    # Article numbers or names of lines that are no goods, such as postage; example: [POST, Gift card]
    not_products: Words = ()
    discount_lines: Words = ()  # Article numbers or names of lines that are discounts of their order; example: [COUPON]
    # Customer ids that are no single customer, such as the till, which are set aside; example: [GUEST]
    not_customers: Words = ()
    # Lines that are equal in everything: two purchases, or one that is written twice
    duplicates: Literal["keep", "remove"] = "keep"
    # Lines without a customer: set aside, or a reason to stop
    missing_customer: Literal["set_aside", "refuse"] = "set_aside"
    missing_customer_max_share: Share = 0.5  # Share of lines without a customer above which the run stops
    # Lines without a price or a quantity: set aside, or a reason to stop
    free_lines: Literal["set_aside", "refuse"] = "set_aside"
    # Largest amount of a line in the smallest unit of money; above, it is refused as an error; example: 5000000
    amount_max_minor: Annotated[int, Field(ge=1, le=10**AMOUNT_DIGITS)] = 1_000_000_000
    # Days before the quarter's end that count; older lines are set aside; nothing: all of them
    history_days: Annotated[Annotated[int, Field(ge=365)] | None, BeforeValidator(or_none)] = 3_653
    old_max_share: Share = 0.5  # Share of lines older than that above which the run stops
    empty_weeks_max_share: Share = 0.25  # Share of the quarter's weeks without an order above which the run stops
    # Arm of contacts that lists customers whom no campaign ever reaches
    holdout_arm: Annotated[Word | None, BeforeValidator(or_none)] = None
    # Words of the column agent by which machines give themselves away: their events are set aside; example: [bot]
    bot_words: Words = ("bot", "crawl", "spider", "slurp", "headless", "preview", "curl/", "python-requests")
    # Events of one person on one day above which a machine made them; nothing: no limit; example: 500
    bot_events_per_day: Annotated[Annotated[int, Field(ge=10)] | None, BeforeValidator(or_none)] = 1_000
    # Days within which events that name nobody are those of the one customer seen with the same visitor_id; 0: never;
    # example: 30
    visitor_days: Annotated[int, Field(ge=0, le=365)] = 0


class Consent(Section):
    """On what basis customers are profiled where no consent table says so, and what its words for purposes mean."""

    # Basis on which customers are profiled where no consent table says so
    basis: Annotated[
        Literal["consent", "contract", "legitimate_interest", "public_data"] | None, BeforeValidator(or_none)
    ] = None
    note: str = ""  # Why this basis holds; the first page of the report states it
    purposes: dict[str, Words] = Field(
        default_factory=dict
    )  # What other words for a purpose mean; example: {club: [email, post]}
