"""The account of notebook 02, so that nothing in it tells what a few people who may not be profiled bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.core.consent import counts
from seglib.core.intake.desk import freshness
from seglib.core.intake.rules import INPUT, KEPT

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.intake import Intake
    from seglib.core.run import Run

NOT_PROFILED = "not_profiled"
LINES = ("orders", "returns")  # counted with those of everybody, as the waterfall counts them
NO_CONSENT = "The customer has not agreed to profiling, or is a minor."


def account(run: Run, intake: Intake, who: Table, tables: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Count rows, consents and the age of data; of people who may not be profiled only where they are not few.

    What few people bought could be worked out from two sums: then they are counted as nobody, and their lines with
    those that are kept. Lines that a rule takes from few are counted nowhere, in no sum either.
    """
    told, floor = _without_few(intake.waterfall, run.plan.privacy.floor), run.plan.privacy.floor
    said = {"findings": _without_numbers(intake.findings, intake.waterfall, floor)}
    out = intake.orders.anti_join(who, "customer")
    money = out.amount_minor.sum().fill_null(0).cast("int64")
    found = run.engine.frame(out.aggregate(rows=out.count(), money_minor=money, customers=out.customer.nunique()))
    closed = int(run.engine.scalar((~intake.people.may_profile).sum().fill_null(0)))
    few = [0 < number < floor for number in (int(found["customers"].iloc[0]), closed)]
    waterfall = told if few[0] else _with_gate(told, found)
    if not any(few):
        return said | {"waterfall": waterfall, "consents": intake.consents, "freshness": intake.freshness}
    kept = waterfall["rule"] == KEPT
    profiled = int(run.engine.scalar(tables["orders"].customer.nunique()))
    waterfall = waterfall.assign(customers=waterfall["customers"].mask(kept, profiled).astype("int64"))
    people = intake.people.filter(intake.people.may_profile)
    there = {name: table for name, table in tables.items() if table is not None}
    ages, lines = freshness(run.engine, run.quarter.as_of, there), intake.freshness.set_index("table")["rows"]
    return said | {
        "waterfall": waterfall,
        "consents": counts(run.engine, people, intake.consent),
        "freshness": ages.assign(rows=ages["rows"].mask(ages["table"].isin(LINES), ages["table"].map(lines))),
    }


def of_few(table: pd.DataFrame, floor: int) -> list[str]:
    """Name the rules at which lines of fewer customers left than may be told."""
    few = table["customers"].between(1, floor - 1) & ~table["rule"].isin([INPUT, KEPT])
    return table.loc[few, "rule"].tolist()


def _without_few(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Count the lines of rules that only few customers meet nowhere: neither at their rule nor in what came in.

    Examples
    --------
    >>> told = pd.DataFrame({"rule": ["input", "test_orders", "kept"], "rows": [90, 8, 82], "money_minor": [90, 8, 82]})
    >>> _without_few(told.assign(customers=[40, 3, 38]), 10).to_numpy().tolist()
    [['input', 82, 82, 40], ['test_orders', 0, 0, 3], ['kept', 82, 82, 38]]
    """
    few, numbers = table["rule"].isin(of_few(table, floor)), ["rows", "money_minor"]
    told = table.copy()
    told.loc[table["rule"] == INPUT, numbers] -= table.loc[few, numbers].sum().to_numpy()
    told.loc[few, numbers] = 0
    return told


def _without_numbers(findings: pd.DataFrame, table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Leave the findings of rules that only few customers meet without a number of lines."""
    meanings = table.loc[table["rule"].isin(of_few(table, floor)), "meaning"].str.rstrip(".")
    few = findings["what"].isin(meanings) & (findings["severity"] == "set aside")
    return findings.assign(count=findings["count"].mask(few, 0))


def _with_gate(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Move the lines of people who may not be profiled from kept to a row of their own."""
    if not found["rows"].iloc[0]:
        return table
    row = pd.DataFrame([{"rule": NOT_PROFILED, "meaning": NO_CONSENT, **found.iloc[0].astype("int64")}])
    numbers = ["rows", "money_minor", "customers"]
    kept = table[table["rule"] == KEPT].copy()
    kept[numbers] = kept[numbers].to_numpy() - row[numbers].to_numpy()
    joined = pd.concat([table[table["rule"] != KEPT], row, kept], ignore_index=True)
    return joined.astype({"rule": "str", "meaning": "str"})
