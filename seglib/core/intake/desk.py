"""The work of intake: stage, check, type, replace ids, judge; all that is wrong is collected before anything stops."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import ibis
import pandas as pd

from seglib.core import consent
from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake import rules, unmet
from seglib.core.intake.carry import carried, refunds_named
from seglib.core.intake.findings import Note, notes_of
from seglib.core.intake.further import further_tables
from seglib.core.intake.history import as_of_quarter
from seglib.core.intake.identities import (
    known_ids,
    lookalikes,
    nameless,
    repeated,
    write_contacts,
    write_pseudonyms,
)
from seglib.core.intake.ledger import ledger
from seglib.core.intake.settle import settle
from seglib.core.intake.shapes import AGED_BY, TIMES, published_orders
from seglib.core.intake.undress import undressed
from seglib.core.intake.values import Texts
from seglib.core.privacy import private_file, private_folder
from seglib.core.run import Run
from seglib.core.sources import Progress, answers
from seglib.core.sources.apart import stage_apart

if TYPE_CHECKING:
    from seglib.core.intake.judge import Lines

NUMBERS = ("number", "money")


@dataclass(frozen=True)
class Desk:
    """What every part of intake needs: the run, its private folder, what is refused and what is worth knowing."""

    run: Run
    work: Path
    refused: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    aside: list[Table] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """The run's engine."""
        return cast(Engine, self.run.engine)

    @property
    def as_of(self) -> datetime:
        """First instant after the quarter."""
        return self.run.quarter.as_of

    @property
    def answered_in(self) -> Path:
        """Folder with `private/answers`, and with `sources` where a table comes from no database."""
        return self.run.data

    def kept(self, table: Table, name: str) -> Table:
        """Compute a table once, into the private folder."""
        path = self.work / f"{name}.parquet"
        self.engine.write(table, path, ())
        return self.engine.table(private_file(path))

    def stop_if_refused(self) -> None:
        """Raise everything that was found so far, of all files together."""
        if self.refused:
            raise InputRefused(self.refused)


def read_texts(desk: Desk, progress: Progress | None) -> dict[str, Texts]:
    """Stage every source and check every value; what is faulty is remembered and left out."""
    plan = desk.run.plan
    sound: dict[str, Texts] = {}
    delivered: list[Table] = []
    for name, source in plan.sources.items():
        try:
            contract, target = plan.contract(name), desk.work / f"{name}-text.parquet"
            laid, folder = answers.laid(desk.answered_in, plan, name)
            staged = stage_apart(name, laid, contract, folder, target, progress)
            desk.notes.extend(notes_of(staged.findings, name))
            delivered.append(desk.engine.table(staged.path))
            table = nameless(delivered[-1], plan.rules.not_customers)
            if name == "customers" and plan.rules.not_customers:
                table = table.filter(table.customer_id.notnull())
            if name == "orders":
                table, notes = carried(desk.engine, table, staged.columns, desk.kept)
                desk.notes.extend(notes)
                table, notes = refunds_named(desk.engine, table, staged.columns, plan.rules, desk.kept)
                desk.notes.extend(notes)
            table = undressed(table, [n for n in staged.columns if contract.column(n).kind in NUMBERS], source.csv)
            raw = Texts(contract, table, staged.columns, source, plan)
            texts = raw.localised(desk.engine, private_folder(desk.work / name))
            found = texts.check(desk.engine)
            if name == "customers" and not found:
                texts, found = as_of_quarter(desk, texts)
            found += repeated(desk.engine, texts.table) if name == "customers" else []
            desk.refused.extend(found)
            sound |= {} if found else {name: texts}
        except InputRefused as error:
            desk.refused.extend(error.findings)
    desk.notes.extend(unmet.nobody(desk.engine, delivered, plan.rules.not_customers))
    return sound


def replace_ids(desk: Desk, texts: dict[str, Texts]) -> Table:
    """Give every id its pseudonym, and look for ids that look alike."""
    if not texts:
        desk.stop_if_refused()
    every = known_ids(text.table for text in texts.values())
    ids = write_pseudonyms(desk.engine, every, desk.run.key, desk.work / "ids.parquet")
    if "customers" in texts:
        desk.refused.extend(lookalikes(desk.engine, texts["customers"].table, ids))
    named = {name: text.table.filter(text.table.customer_id.notnull()) for name, text in texts.items()}
    one, notes = settle(desk.engine, ids, named)
    desk.notes.extend(notes)
    return desk.kept(one, "ids-settled")


def all_tables(desk: Desk, texts: dict[str, Texts], ids: Table, lines: Lines) -> dict[str, Table]:
    """Make every table as it leaves intake, but `people`; stops when something was refused."""
    kept = published_orders(lines.table.filter(lines.table.rule == rules.KEPT))
    tables = {"orders": desk.kept(kept, "orders-kept"), "returns": lines.returns}
    tables |= further_tables(desk, texts, ids)
    state = ledger(desk, texts, ids, ids.filter(ids.is_kept))
    tables |= {} if state is None else {"consent": state}
    strangers(desk, tables)
    desk.refused.extend(_too_old(desk, tables))
    desk.stop_if_refused()
    return tables


def people(desk: Desk, tables: dict[str, Table]) -> Table:
    """Decide who may be profiled; PrivacyRefused when nobody may."""
    state, customers = tables.get("consent"), tables.get("customers")
    decided = consent.gate(desk.engine, everybody(tables), state, customers, desk.run.plan.consent.basis)
    gated = desk.kept(with_spending(decided, tables["orders"], tables["returns"]), "people")
    consent.require_someone(desk.engine, gated)
    return gated


def with_spending(people: Table, orders: Table, returns: Table) -> Table:
    """Say of each customer how many orders count, what was spent on them, and what came back.

    Parameters
    ----------
    people : Table
        customer, each once.
    orders, returns : Table
        As they leave intake.

    Returns
    -------
    Table
        With order_count, spent_minor and back_minor (at least 0): 0 orders, 0 spent and something back is a customer
        who sent everything back.
    """
    bought = orders.group_by("customer").agg(
        order_count=orders.order_id.nunique(), spent_minor=orders.amount_minor.sum()
    )
    undone = returns.filter(returns.is_matched)
    back = undone.group_by("customer").agg(back_minor=-undone.amount_minor.sum())
    joined = people.left_join(bought, "customer").drop("customer_right").left_join(back, "customer")
    counts = {name: joined[name].fill_null(0).cast("int64") for name in ("order_count", "spent_minor", "back_minor")}
    return joined.select(*people.columns, **counts)


def keep_contacts(desk: Desk, texts: dict[str, Texts], ids: Table) -> None:
    """Write ids and contact details into the study's private folder."""
    typed = texts["customers"].typed() if "customers" in texts else None
    write_contacts(desk.engine, ids, typed, desk.run.data / "private")


def everybody(tables: dict[str, Table]) -> Table:
    """List every customer of every table once; a consent that lies in the future makes nobody known."""
    columns = [
        (table.filter(table.reason != "future-dated") if name == "consent" else table).select("customer")
        for name, table in tables.items()
    ]
    return ibis.union(columns[0], *columns[1:], distinct=True) if len(columns) > 1 else columns[0].distinct()


def strangers(desk: Desk, tables: dict[str, Table]) -> None:
    """Count customers without orders and buyers without a row in the customers table; too many of these are refused."""
    if "customers" not in tables:
        return
    buyers, known = tables["orders"].select("customer").distinct(), tables["customers"].select("customer")
    senders = tables["returns"].select("customer")
    count = {
        "buyers": int(desk.engine.scalar(buyers.count())),
        "strangers": int(desk.engine.scalar(buyers.anti_join(known, "customer").count())),
        "idle": int(desk.engine.scalar(known.anti_join(buyers.union(senders), "customer").count())),
    }
    share, limit = count["strangers"] / max(1, count["buyers"]), desk.run.plan.rules.missing_customer_max_share
    if share > limit:
        what = f"{share:.0%} of the buyers have no row in customers"
        do = "check that both tables write ids alike, or raise rules.missing_customer_max_share"
        desk.refused.append(Finding("F28", what, "customers", 0, "customer_id", f"at most {limit:.0%}", do))
    for key, what in (("strangers", "buyers without a row in customers"), ("idle", "customers without an order")):
        if count[key]:
            desk.notes.append(Note("F28", what, "notice", "customers", count[key]))


def _too_old(desk: Desk, tables: dict[str, Table]) -> list[Finding]:
    """Refuse a source whose last row is older at the quarter's end than the plan allows."""
    found = []
    limits = {name: source.max_age_days for name, source in desk.run.plan.sources.items() if name in tables}
    ages = freshness(desk.engine, desk.as_of, {name: tables[name] for name, most in limits.items() if most is not None})
    for name, age in zip(ages["table"], ages["days_before_as_of"], strict=True):
        if not age <= (limits[name] or 0):
            what, do = "older than the plan allows", f"deliver a newer export, or raise sources.{name}.max_age_days"
            last = "no row with a time" if pd.isna(age) else f"the last row is {age:,.0f} days before the quarter's end"
            do = f"deliver {TIMES[name]}, or leave sources.{name}.max_age_days out" if pd.isna(age) else do
            found.append(Finding("V20", what, name, 0, TIMES[name], f"{last}; at most {limits[name]} may be", do))
    return found


def freshness(engine: Engine, as_of: datetime, tables: dict[str, Table]) -> pd.DataFrame:
    """Say of each table how many rows it has, and how old its last one is at as_of.

    Returns
    -------
    DataFrame
        table, rows, customers, first, last, days_before_as_of.
    """
    rows = []
    for name, table in tables.items():
        at = table[AGED_BY[name]].cast("timestamp")
        measures = {"rows": table.count(), "customers": table.customer.nunique(), "first": at.min(), "last": at.max()}
        facts = engine.frame(table.aggregate(**measures)).iloc[0]
        age = (pd.Timestamp(as_of) - facts["last"]) / pd.Timedelta(days=1)
        rows.append({"table": name, **facts, "days_before_as_of": round(age, 1)})
    frame = pd.DataFrame(rows, columns=["table", "rows", "customers", "first", "last", "days_before_as_of"])
    times = {"first": "datetime64[us]", "last": "datetime64[us]"}
    return frame.astype(
        {"table": "str", "rows": "int64", "customers": "int64", "days_before_as_of": "float64", **times}
    )
