"""Attributes that a table from elsewhere tells by a key, such as income by postcode, joined to the customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from seglib.core.engine import Table
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake.findings import Note
from seglib.core.intake.values import Texts
from seglib.core.lookups import contract_of, old
from seglib.core.privacy import private_folder
from seglib.core.sources.apart import stage_apart

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk


def with_lookups(desk: Desk, customers: Table) -> Table:
    """Join the attributes of all lookups of the plan to the customers.

    Parameters
    ----------
    desk : Desk
        Remembers what is refused, and counts the customers of whom a lookup says nothing.
    customers : Table
        Typed, with the key of each lookup.

    Returns
    -------
    Table
        With the attributes; null where the lookup has no row of the customer's key.
    """
    lookups = desk.run.plan.lookups
    desk.notes.extend(Note("V20", said, "notice", "customers", 0) for said in old(lookups, desk.as_of.date()))
    for name, lookup in lookups.items():
        told = _read(desk, name)
        if told is None:
            customers = customers.mutate(**{each: ibis.null(_kind(desk, each)) for each in lookup.gives})
            continue
        plain = customers[lookup.key].strip().upper()
        joined = customers.mutate(lookup_key=plain).left_join(told, "lookup_key")
        customers = desk.kept(joined.drop("lookup_key", "lookup_key_right"), f"customers-{name}")
        known = customers.agg(met=customers.lookup_line.count(), all=customers.count())
        met, rows = (int(number) for number in desk.engine.frame(known).iloc[0][["met", "all"]])
        customers = customers.drop("lookup_line")
        for count, word in ((met, "with"), (rows - met, "without")):
            what = f"customers {word} a row in the lookup '{name}' ({lookup.said}; {lookup.licence})"
            desk.notes.extend([Note("F28", what, "notice", "customers", count)] if count else [])
    return customers


def _kind(desk: Desk, attribute: str) -> str:
    return "float64" if desk.run.plan.criteria.attributes[attribute].kind == "number" else "string"


def _read(desk: Desk, name: str) -> Table | None:
    """Read a lookup: lookup_key, its attributes and the line; None where it is refused."""
    plan, lookup = desk.run.plan, desk.run.plan.lookups[name]
    contract = contract_of(plan, name)
    try:
        target = desk.work / f"lookup-{name}.parquet"
        staged = stage_apart(contract.name, lookup.source, contract, desk.run.data / "sources", target)
        raw = Texts(contract, desk.engine.table(staged.path), staged.columns, lookup.source, plan)
        texts = raw.localised(desk.engine, private_folder(desk.work / f"lookup-{name}"))
        wrong = texts.check(desk.engine)
    except InputRefused as error:
        desk.refused.extend(error.findings)
        return None
    desk.refused.extend(wrong)
    if wrong:
        return None
    values = texts.values()
    numbers = {each: values[each].cast("float64") for each in lookup.gives if _kind(desk, each) == "float64"}
    key = values[lookup.key].strip().upper()
    told = texts.table.select(
        **{each: values[each] for each in lookup.gives} | numbers, lookup_key=key, lookup_line=texts.table.source_line
    )
    told = desk.kept(told.filter(told.lookup_key.notnull() & (told.lookup_key != "")), f"lookup-{name}-told")
    twice = told.group_by("lookup_key").agg(rows=told.count(), lookup_line=told.lookup_line.max())
    twice = twice.filter(twice.rows > 1)
    found = desk.engine.frame(twice.agg(n=twice.count(), line=twice.lookup_line.min())).iloc[0]
    if found["n"]:
        what, do = "a key stands in the lookup twice", "leave one row of each key"
        rows = f"{int(found['n']):,} keys"
        desk.refused.append(Finding("V01", what, lookup.file, int(found["line"]), lookup.key, rows, do))
        return None
    return told
