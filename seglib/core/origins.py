"""Where data come from, as a plan says it: files and how they are written, databases, and which column is which."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def or_none(value: Any) -> Any:
    """Read what stands for nothing in a plan as None."""
    return None if value in ("", "null", "~") else value


def or_empty(value: Any) -> Any:
    """Read what stands for nothing in a plan as an empty list."""
    return () if value in ("", "null", "~", None) else value


Words = Annotated[tuple[str, ...], BeforeValidator(or_empty)]
Text = Annotated[str | None, BeforeValidator(or_none)]
Whole = Annotated[int | None, BeforeValidator(or_none)]
Names = str | Annotated[tuple[str, ...], Field(min_length=1)]


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


class Connection(Section):
    """A database: its kind, and the environment variable that holds its address; the address itself stands nowhere."""

    driver: Literal["postgresql"] = "postgresql"  # Kind of database; example: postgresql
    uri_env: str  # Name of the environment variable that holds the address, with user and password; example: SHOP_DB


class Source(Section):
    """Where a table of the contract comes from: files, or a query against a database or the study's own files."""

    connection: Text = None  # Which of connections the query asks; example: shop
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 600  # Time that a database has to answer; example: 60
    file: Text = None  # A file of sources/, or a pattern such as orders-*.csv: files that are read as one
    inside: Text = None  # Which file of a zip that holds several is read; example: orders.csv
    # Megabytes to which a packed file may unpack; nothing: the limit that data/README.md names; example: 20000
    unpacked_max_mb: Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(or_none)] = None
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


class Rates(Section):
    """A table of rates by which amounts in other currencies are brought into the plan's."""

    file: str = ""  # A file of sources/ with currency, day and rate; example: rates.csv
    inside: Text = None  # Which file of a zip that holds several is read; example: rates.csv
    sheet: Text = None  # Sheet of a workbook; example: Rates
    # Line with the names of the columns, counted from 1; example: 4
    header: Annotated[Annotated[int, Field(ge=1, le=10_000)] | None, BeforeValidator(or_none)] = None
    csv: Csv = Csv()  # How a text file is written
    date_format: Text = None  # How days are written; without it only ISO 8601; example: '%d/%m/%Y'
    # Name in the file of code, day and rate; example: {code: Currency, rate: Euro per unit}
    columns: dict[str, Names] = Field(default_factory=dict)
    origin: str = ""  # Who published the rates, which notebook 02 says; example: European Central Bank
    # Days after its own for which a rate holds, until the next one: banks publish none at weekends; example: 3
    holds_days: Annotated[int, Field(ge=0, le=366)] = 7

    @property
    def source(self) -> Source:
        """The file as a source."""
        return Source(**{name: value for name, value in self if name in Source.model_fields})
