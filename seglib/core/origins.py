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


STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
Words = Annotated[tuple[str, ...], BeforeValidator(or_empty)]
Text = Annotated[str | None, BeforeValidator(or_none)]
Whole = Annotated[int | None, BeforeValidator(or_none)]
Names = str | Annotated[tuple[str, ...], Field(min_length=1)]


class Origin(BaseModel):
    """A part of the plan that says where something comes from: unknown keys are refused, values do not change."""

    model_config = STRICT


class Csv(Origin):
    """How a text file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Text = None
    signs: Words = ()
    negative: Literal["before", "brackets", "after"] = "before"


class Connection(Origin):
    """A database: its kind, and the environment variable that holds its address; the address itself stands nowhere."""

    driver: Literal["postgresql"] = "postgresql"
    uri_env: str


class Source(Origin):
    """Where a table of the contract comes from: files, or a query against a database or the study's own files."""

    connection: Text = None
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 600
    file: Text = None
    inside: Text = None
    unpacked_max_mb: Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(or_none)] = None
    database: Text = None
    query: Text = None
    sheet: Text = None
    header: Annotated[Annotated[int, Field(ge=1, le=10_000)] | None, BeforeValidator(or_none)] = None
    csv: Csv = Csv()
    date_format: Text = None
    fill_down: Words = ()
    max_age_days: Whole = None
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
