"""Verbs about what is kept of people and handed on: forgetting, purging, the record of it, and writing back."""

from __future__ import annotations

import argparse

from seglib.core.ending import say
from seglib.core.errors import Finding, InputRefused
from seglib.core.home import home, shown
from seglib.core.run import Run


def do_forget(options: argparse.Namespace) -> None:
    """Forget a person, when it is really meant."""
    from datetime import date

    from seglib.activation.forget import forget

    run = Run.open(options.study, "2000Q1")
    if not options.yes:
        what = "forgetting cannot be undone, and nothing was done yet"
        raise InputRefused(Finding("P03", what, do="say so with --yes"))
    say(forget(run.data, options.customer, date.today().isoformat()).text())


def do_purge(options: argparse.Namespace) -> None:
    """Remove what is older than the plan keeps it."""
    from datetime import date

    from seglib.report.purge import purge

    run = Run.open(options.study, "2000Q1")
    purge(run.data, run.plan, date.today(), say, options.dry_run)


def do_record(options: argparse.Namespace) -> None:
    """Draft from the plan what is written down and told about the processing of customers' data."""
    from seglib.report.record import FILL, write_drafts

    run = Run.open(options.study, "2000Q1")
    paths = write_drafts(run.plan, run.data, home() / "reports" / options.study)
    for path in paths:
        left = path.read_text(encoding="utf-8").count(FILL)
        say(f"{shown(path)}: {left} places to fill in; copy it under another name before you edit it")


def do_write_back(options: argparse.Namespace) -> None:
    """Put segment and service tier into a table of the house's database."""
    from seglib.core.intake.coverage import latest_quarter
    from seglib.report.writeback import write_back

    options.quarter = options.quarter or latest_quarter(Run.open(options.study, "2000Q1")).text
    say(write_back(Run.open(options.study, options.quarter, options.seed), options.connection, options.table))
