"""What to be careful about, and what this study does not have."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from seglib.activation.shown import said_of_strayed
from seglib.activation.variants import unanswerable
from seglib.clustering.naming import untrue
from seglib.clustering.purses import untold, why
from seglib.collection.absent import NEEDED_FOR
from seglib.core.contract import TABLES
from seglib.core.intake.ends import early_end, short_past
from seglib.core.lookups import old
from seglib.core.quarters import written_day
from seglib.evaluation.health import together
from seglib.methods.gates import USED, sentence
from seglib.report.glance import Everything, days_late, first_order

STALE_DAYS = 45  # half a quarter
OF_TABLES = {"events": "visits", "contacts": "campaigns and their answers", "feedback": "what customers answer"}
BY_CHANCE = "No campaign was compared with a control group, so nothing here proves that an offer works."


def careful(all_: Everything) -> list[str]:
    """List what a reader must know before acting.

    Parameters
    ----------
    all_ : Everything

    Returns
    -------
    list of str
        What the plan says of the data, basis of profiling, a window that is not full, structure, weak and vanished
        segments, names that the numbers contradict, money that one customer dominates, missing or broken control
        groups, lifetime values that did not hold or cannot be told, hold-outs that stray.
    """
    segments, verdicts = all_.segmentation.segments, all_.refinement.verdicts
    use = sentence(
        segments, all_.plan.privacy.floor, all_.plan.clustering.use_unstable, "no persona, no offer and no export"
    )
    gone = verdicts.loc[verdicts["segment"] == 0, "name"]
    said = [
        all_.plan.data_note,
        _consent(all_),
        *all_.collection.new_words,
        *_reach(all_),
        *_stale(all_),
        *old(all_.plan.lookups, _end(all_)),
        _window(all_),
        "" if all_.segmentation.structure == "natural" else all_.segmentation.verdict,
        "" if use == USED else use,
        f"Last quarter's {', '.join(gone)}: no segment continues it, so do not use its audience again."
        if len(gone)
        else "",
        "This is the first quarter: nothing can be compared with an earlier one yet." if all_.previous is None else "",
        *(
            f"The name {name} says {what}. Give it a new one (clustering.names)."
            for name, what in untrue(all_.segmentation).items()
        ),
        _dominated(all_),
        *_control(all_),
        *(f"Lifetime values: {note}" for note in all_.scorecard.value_doubts),
        *said_of_strayed(all_.audience.counts, float(all_.audience.manifest["holdout_share"])),
        *unanswerable(all_.audience.trials),
        *all_.objectives.notes,
    ]
    return [sentence for sentence in said if sentence]


def _reach(all_: Everything) -> list[str]:
    """Warn where the data end before the quarter does, and where they begin too late to tell who is new."""
    orders = all_.collection.freshness.set_index("table").to_dict("index")["orders"]
    as_of = (orders["last"] + timedelta(days=float(orders["days_before_as_of"]))).round("D").to_pydatetime()
    days, rules = getattr(all_.collection, "uncovered_days", 0), all_.plan.journeys
    since = as_of - timedelta(days=days + rules.new_days)
    early, short = early_end(days, as_of), short_past(orders["first"], since, rules.at_risk_days)
    said = [
        f"The quarter is not over: {early}. Goals, growth and forecasts that need a whole quarter say that they cannot "
        "tell; recency and stages are as of the last day that there is." if early else "",
        f"{short[:1].upper()}{short[1:]}: they are not called new, and get no offer for new customers."
        if short else "",
    ]  # fmt: skip
    return [sentence for sentence in said if sentence]


def _end(all_: Everything) -> date:
    """Give the first day after the quarter."""
    row = all_.collection.freshness.iloc[0]
    end: date = (row["last"] + timedelta(days=float(row["days_before_as_of"]))).round("D").date()
    return end


def _stale(all_: Everything) -> list[str]:
    """Name the tables that nobody has renewed for half a quarter: what rests on them is of then, not of now."""
    rows = all_.collection.freshness.set_index("table")
    end = (rows["last"] + pd.to_timedelta(rows["days_before_as_of"], unit="D")).dt.round("D")
    days = (end - rows["last"].dt.normalize()).dt.days  # as page 02 counts them
    return [
        f"The newest row of {name} is {int(days[name]):,} days older than the end of the quarter: what this report "
        f"says of {what} is as of {written_day(rows['last'][name])}."
        for name, what in OF_TABLES.items()
        if name in days and days[name] > STALE_DAYS
    ]


def _dominated(all_: Everything) -> str:
    """Warn where one customer brings nearly all the money: of a segment, or of the whole study."""
    segments = all_.segmentation.segments
    names = untold(segments)
    if names and len(names) == len(segments):
        return (
            "One or two customers bring nearly all the revenue. The money of single segments is not shown, but totals "
            "and means of everybody nearly tell what these customers paid: keep this report inside the house. Are they "
            "no single customers, but the till or a marketplace? Then name them in rules.not_customers in plan.yml."
        )
    return " ".join(why(names))


def _window(all_: Everything) -> str:
    """Warn where the orders begin after the window does: then sizes grow by themselves."""
    late = days_late(all_)
    if not late:
        return ""
    window_days = all_.plan.criteria.window_days
    return (
        f"The orders begin on {first_order(all_)}, {late:,} days after the window of {window_days:,} days does. "
        "Customers, orders and revenue therefore grow from quarter to quarter until it is full: do not take that for "
        "growth."
    )


def _control(all_: Everything) -> list[str]:
    experiments = all_.scorecard.experiments
    broken = together(experiments[~experiments["usable"].eq(True)])
    return [*broken] if len(experiments) else [BY_CHANCE]


def _consent(all_: Everything) -> str:
    if all_.collection.consent is not None:
        return ""
    basis = (all_.plan.consent.basis or "none").replace("_", " ")
    note = f" ({all_.plan.consent.note})" if all_.plan.consent.note else ""
    return (
        f"No consent data were delivered. Customers are profiled on the basis that plan.yml declares: {basis}{note}. "
        "Nobody can be exported to a channel."
    )


def lacking(all_: Everything) -> list[tuple[str, str]]:
    """List the tables and columns that this study does not have, and what each would allow.

    Parameters
    ----------
    all_ : Everything
    """
    present = all_.collection.present
    tables = [(f"{name}.csv", table.allows) for name, table in TABLES.items() if name not in present]
    columns = [
        (f"orders: {name}", what)
        for name, what in NEEDED_FOR.items()
        if name not in present.get("orders", ()) and name not in present.get("customers", ())
    ]
    return tables + columns
