"""From source files to checked, typed, pseudonymous tables: the one way in."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.core import store
from seglib.core.errors import InputRefused
from seglib.core.intake.meanings import no_words
from seglib.core.intake.shapes import SHAPES, TIME_OF_DAY, VISITS, present
from seglib.core.lookups import given_by
from seglib.core.visits import visits_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from seglib.core.engine import Engine, Table
    from seglib.core.intake.desk import Desk
    from seglib.core.intake.judge import Lines
    from seglib.core.intake.values import Texts
    from seglib.core.run import Run

OPTIONAL = ("customers", "events", "contacts", "feedback", "comments", "held_out", "consent")


@dataclass(frozen=True)
class SixTables:
    """The six tables of the contract, and the account of what left on the way to them.

    Parameters
    ----------
    orders : Table
        Purchases: known customer, before as_of. `amount_minor` is the money that counts, net or gross as the plan says,
        beside `list_minor`, `discount_minor`, `gross_minor` and `returned_minor`; with net, lines of which nothing was
        kept are not here.
    returns : Table
        What came back, in whatever shape the export says it: one row for each refund of a line, under the number of the
        order that it undoes, with negative amounts, at the time of the refund (of the order where that is not known).
        Rows with `is_matched` false found no purchase: with `money: net` only they are not in `orders` already.
    customers, events, contacts, feedback, consent : Table or None
        The optional tables; None when the study has none.
    comments : Table or None
        What people wrote, cut out of the feedback table so that nothing else carries free text.
    held_out : Table or None
        The company's own hold-out, cut out of the contacts where `rules.holdout_arm` names its arm.
    uncovered_days : int
        Days at the quarter's end that the orders do not cover; 0 where the quarter is over.
    present : dict
        Per table, the columns that the source really has.
    findings, waterfall, consents, freshness, words : DataFrame
        Quality, rows and money, consent, age of the data, and what states and kinds were taken for: what notebook 02
        shows.
    """

    orders: Table
    returns: Table
    customers: Table | None
    events: Table | None
    contacts: Table | None
    feedback: Table | None
    consent: Table | None
    present: dict[str, tuple[str, ...]]
    findings: pd.DataFrame
    waterfall: pd.DataFrame
    consents: pd.DataFrame
    freshness: pd.DataFrame
    words: pd.DataFrame = field(default_factory=no_words, kw_only=True)
    comments: Table | None = field(default=None, kw_only=True)
    held_out: Table | None = field(default=None, kw_only=True)
    uncovered_days: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class Intake(SixTables):
    """The tables after every check and rule, before the profiling gate.

    Parameters
    ----------
    people : Table
        Every customer of any table: `may_profile` and the reason; `order_count`, `spent_minor` and `back_minor` say
        what they kept and what came back: who sent everything back is here with no order and 0.
    """

    STEP: ClassVar[str] = "00_intake"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = SHAPES

    people: Table


def take_in(run: Run, progress: Callable[[int], object] | None = None) -> None:
    """Read, check, type, pseudonymise and judge every source of the plan, and publish the result as `Intake`.

    Parameters
    ----------
    run : Run
        The quarter; its plan names the sources and the rules.
    progress : callable, optional
        Called with the number of rows of each batch read.

    Raises
    ------
    InputRefused
        With everything that forbids using the sources, of all files together.
    PrivacyRefused
        When nothing says why customers may be profiled.
    """
    from seglib.core import consent
    from seglib.core.intake import desk as work
    from seglib.core.intake.erased import leave_out
    from seglib.core.intake.judge import judge_lines, required
    from seglib.core.intake.setaside import give_back

    consent.require_basis(run.plan)
    folder = store.work_folder(run.work, "00_sources")
    try:
        desk = work.Desk(run, folder)
        texts = work.read_texts(desk, progress)
        for text in texts.values():
            desk.notes.extend(text.at_clock_changes(desk.engine, desk.as_of.year))
        texts, ids = leave_out(desk, texts, work.replace_ids(desk, texts))
        lines = required(desk, judge_lines(desk, texts.get("orders"), ids))
        tables = work.all_tables(desk, texts, ids, lines)
        run.write(_intake(desk, texts, lines, tables))
        work.keep_contacts(desk, texts, ids)
        give_back(desk)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _intake(desk: Desk, texts: dict[str, Texts], lines: Lines, tables: dict[str, Table]) -> Intake:
    """Put the parts together, after the second net has seen every table."""
    from seglib.core import consent
    from seglib.core.intake import desk as work
    from seglib.core.intake import findings
    from seglib.core.intake.checks import second_net

    people = work.people(desk, tables)
    broken = second_net(desk.engine, {**tables, "people": people})
    if broken:
        raise InputRefused(broken)
    columns: dict[str, tuple[str, ...]] = {}
    for name, text in texts.items():
        filled, notes = text.filled(desk.engine)
        desk.notes.extend(notes)
        columns[name] = present(filled)
    if "customers" in columns:
        columns["customers"] += (*given_by(desk.run.plan.lookups), *desk.run.plan.engagement)
    if _has_times(desk.engine, tables["orders"]):
        columns["orders"] += (TIME_OF_DAY,)
    if "events" in tables and _has_visits(desk.engine, tables["events"]):
        columns["events"] += (VISITS,)
    return Intake(
        **{name: tables.get(name) for name in OPTIONAL},
        orders=tables["orders"],
        returns=tables["returns"],
        people=people,
        present=columns,
        findings=findings.as_frame(desk.notes),
        waterfall=lines.waterfall,
        consents=consent.counts(desk.engine, people, tables.get("consent")),
        freshness=work.freshness(desk.engine, desk.as_of, tables),
        words=lines.words,
        uncovered_days=lines.uncovered_days,
    )


def _has_visits(engine: Engine, events: Table) -> bool:
    """Whether any event is a step of a visit; coupons redeemed at a till are none."""
    return bool(engine.scalar(visits_only(events).count() > 0))


def _has_times(engine: Engine, orders: Table) -> bool:
    """Whether any order has a time of day; an export with dates only has midnight everywhere."""
    return bool(engine.scalar((orders.ordered_at != orders.ordered_on.cast("timestamp")).any()))
