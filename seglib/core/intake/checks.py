"""The second net behind the contract: pandera's lazy checks on every typed table, in the engine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import ibis.expr.datatypes as dt

os.environ.setdefault("DISABLE_PANDERA_IMPORT_WARNING", "True")

import pandera.ibis as pa
from pandera.errors import SchemaErrors

from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding

PSEUDONYM = "^[0-9a-f]{24}$"
NEVER_NULL = {
    "orders": ("ordered_at",),
    "events": ("event_at",),
    "contacts": ("sent_at", "arm"),
    "feedback": ("answer",),
    "consent": ("granted",),
    "people": ("may_profile",),
}
RANGES: dict[str, dict[str, tuple[int | None, int | None]]] = {
    "orders": {"amount_minor": (1, None)},
    "returns": {"amount_minor": (None, 0)},
    "customers": {"age_years": (0, 120)},
}
UNIQUE = {"customers": ["customer"], "people": ["customer"], "consent": ["customer", "purpose"]}


def schema(name: str, table: Table) -> Any:
    """Make pandera's schema of one table as it leaves intake.

    Parameters
    ----------
    name : str
        Table of the contract, ``"returns"`` or ``"people"``.
    table : Table
        Its columns and types.
    """
    columns = {"customer": pa.Column(dt.string, pa.Check.str_matches(PSEUDONYM), nullable=False)}
    for column in NEVER_NULL.get(name, ()):
        columns[column] = pa.Column(table[column].type(), nullable=False)
    for column, (low, high) in RANGES.get(name, {}).items():
        checks = [pa.Check.ge(low)] if low is not None else []
        checks += [pa.Check.le(high)] if high is not None else []
        columns[column] = pa.Column(table[column].type(), checks, nullable=column == "age_years")
    return pa.DataFrameSchema(columns, unique=UNIQUE.get(name), strict=False)


def second_net(engine: Engine, tables: Mapping[str, Table]) -> list[Finding]:
    """Validate the tables lazily; every failed check is one finding, without any value.

    Parameters
    ----------
    tables : mapping
        By name, those that the study has.

    Returns
    -------
    list of Finding
        Empty when all is well.
    """
    found: list[Finding] = []
    for name, table in tables.items():
        if engine.scalar(table.count()) == 0:  # pandera takes the checks of an empty table as failed
            continue
        try:
            schema(name, table).validate(table, lazy=True)
        except SchemaErrors as errors:
            do = "this passed the first checks: report it, with the plan and without the data"
            found += [
                Finding("V99", "contract broken after typing", name, 0, str(e.schema.name or ""), str(e.check), do)
                for e in errors.schema_errors
            ]
    return found
