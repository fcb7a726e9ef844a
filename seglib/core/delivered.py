"""Of the plan: where a study's files come from, what their columns and words mean, and on what basis they are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from seglib.core.errors import speakable


def or_none(value: Any) -> Any:
    """Read a key without a value as none."""
    return None if value in ("", "null", "~") else value


def or_empty(value: Any) -> Any:
    """Read a key without a value as an empty list."""
    return () if value in ("", "null", "~", None) else value


AMOUNT_DIGITS = 15  # of the largest amount of a line: thousands of them can still be added in 64 bits
Share = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[tuple[str, ...], BeforeValidator(or_empty)]
Text = Annotated[str | None, BeforeValidator(or_none)]
Whole = Annotated[int | None, BeforeValidator(or_none)]
Number = Annotated[float | None, BeforeValidator(or_none)]
Word = Annotated[str, AfterValidator(lambda text: text.strip().lower())]  # as intake writes the words of a column
Called = Annotated[str, AfterValidator(speakable)]  # a name that reports show: no address of anybody
Names = str | Annotated[tuple[str, ...], Field(min_length=1)]
State = Literal["done", "unpaid", "failed", "cancelled", "refunded", "draft", "test"]
Sort = Literal["sale", "refund", "ignore"]


class Section(BaseModel):
    """A part of the plan: unknown keys are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Csv(Section):
    """How a text file is written."""

    delimiter: str = ","  # Mark between fields: one character, or tab, semicolon, comma, pipe; example: ';'
    encoding: str = "utf-8"  # Encoding of the file, by a name that Python knows; example: cp1252
    decimal: Literal[".", ","] = "."  # Mark before the fraction of a number; example: ','
    thousands: Text = None  # Mark between groups of three digits, which is taken off; example: '.'
    signs: Words = ()  # Signs and codes of the currency beside amounts, which are taken off; example: ['€']
    # How amounts below zero are written: -5.00, (5.00) or 5.00-; example: after
    negative: Literal["before", "brackets", "after"] = "before"


class Source(Section):
    """Where a table of the contract comes from: files, or a query against a database file or the study's own files."""

    file: Text = None  # A file of sources/, or a pattern such as orders-*.csv: files that are read as one
    database: Text = None  # File of DuckDB or SQLite in sources/ that the query asks; example: shop.sqlite
    # One SELECT, against the database, else against the files of sources/ as tables named without their endings;
    # example: SELECT * FROM orders
    query: Text = None
    sheet: Text = None  # Sheet of a workbook; '*' for all of them
    # Line with the names of the columns, counted from 1; what stands above is not read; example: 4
    header: Annotated[Annotated[int, Field(ge=1, le=10_000)] | None, BeforeValidator(or_none)] = None
    csv: Csv = Csv()  # How a text file is written
    # How times are written: letters of strptime, unix seconds, unix milliseconds, unix microseconds or excel days;
    # without it only ISO 8601; example: '%d/%m/%Y %H:%M'
    date_format: Text = None
    # Columns that a row without an order's number takes from the first row of its order, the number first; example:
    # [order_id, customer_id]
    fill_down: Words = ()
    # Days that the last row may lie before the quarter's end; an older delivery is refused; example: 30
    max_age_days: Whole = None
    # Name in the file of each column of the contract; of a list the first that is filled counts; example:
    # {customer_id: Customer ID}
    columns: dict[str, Names] = {}

    def names(self, column: str) -> tuple[str, ...]:
        """Names in the file of a column of the contract: several where the first that is filled counts.

        Examples
        --------
        >>> Source(columns={"customer_id": ["Number", "E-mail"]}).names("customer_id"), Source().names("status")
        (('Number', 'E-mail'), ('status',))
        """
        given = self.columns.get(column, column)
        return tuple(name.strip() for name in ((given,) if isinstance(given, str) else given))


class Rules(Section):
    """What order lines and their columns mean, and what happens to lines that are not plain purchases."""

    # Unit of amounts: the main one (12.50) or the smallest (1250); example: minor
    amounts: Literal["main", "minor"] = "main"
    # What the column discount holds (docs/money.md has a table of it); example: order
    discount: Literal["line", "order", "order_repeated", "share", "included"] = "line"
    cost: Literal["line", "piece"] = "line"  # Whether cost is that of the line or of one piece; example: piece
    # Whether refunded is of the line, of the order on one of its lines, or repeated on each; example: order
    refunded: Literal["line", "order", "order_repeated"] = "line"
    kinds: dict[str, Sort] = {}  # What words of the column kind mean; the others are looked up; example: {Gift: ignore}
    # What words of the column status mean; the others are looked up; example: {on hold: unpaid}
    states: dict[str, State] = {}
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


class Consent(Section):
    """On what basis customers are profiled where no consent table says so, and what its words for purposes mean."""

    # Basis on which customers are profiled where no consent table says so
    basis: Annotated[
        Literal["consent", "contract", "legitimate_interest", "public_data"] | None, BeforeValidator(or_none)
    ] = None
    note: str = ""  # Why this basis holds; the first page of the report states it
    purposes: dict[str, Words] = {}  # What other words for a purpose mean; example: {club: [email, post]}
