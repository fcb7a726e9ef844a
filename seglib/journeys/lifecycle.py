"""Lifecycle stages: who is in which since when, who moved during the quarter, and who of a cohort still orders."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import pandas as pd

from seglib.core import sections as plans
from seglib.core.engine import Table
from seglib.disclosure.small_cells import in_rows, nearly_all
from seglib.journeys.pairs import with_gaps
from seglib.methods.rates import wilson

STAGES = ("new", "active", "reactivated", "at_risk", "lapsed")
WELL = ("new", "active", "reactivated")
COHORTS_MAX = 12


def stage_rules(rules: plans.Journeys) -> pd.DataFrame:
    """Write the rules of the stages as a table; the first that holds decides.

    Examples
    --------
    >>> stage_rules(plans.Journeys())["stage"].tolist()
    ['lapsed', 'at_risk', 'new', 'reactivated', 'active']
    """
    words = {
        "lapsed": f"last order more than {rules.at_risk_days} days ago",
        "at_risk": f"last order {rules.active_days + 1} to {rules.at_risk_days} days ago",
        "new": f"first order at most {rules.new_days} days ago, {rules.at_risk_days} or more after the data begin",
        "reactivated": f"back within {rules.active_days} days, after a gap over {rules.at_risk_days} days",
        "active": f"everybody else: last order at most {rules.active_days} days ago",
    }
    return pd.DataFrame({"stage": list(words), "rule": list(words.values())})


def stages_of(orders: Table, rules: plans.Journeys, as_of: datetime) -> Table:
    """Put every customer who ordered before `as_of` into exactly one stage, and say since when.

    Parameters
    ----------
    orders : Table
        customer, ordered_on, and valid_until where something was paid for until later: that time is no silence.
    rules : Journeys
        The plan's days.
    as_of : datetime
        Orders on or after its day are not used; days are counted to the day before, as those of the criteria are.

    Returns
    -------
    Table
        customer, stage, since_on (the first day on which the stage held). Nobody is new whose first order lies
        less than `at_risk_days` after the first of all: it may be a customer of long ago.
    """
    past = orders.filter(orders.ordered_on < as_of.date())
    today = ibis.literal((as_of - timedelta(days=1)).date())
    days = _with_paid_time(past) if "valid_until" in past.columns else _without(past)
    one = (
        days.group_by("customer")
        .agg(
            first_on=days.ordered_on.min(),
            last_on=ibis.least(days.paid_on.max(), today),
            back_on=days.ordered_on.max(where=days.gap_days > rules.at_risk_days),
            again_on=days.ordered_on.max(where=days.gap_days > rules.active_days + 1),  # between them lay a day at risk
        )
        .cross_join(past.aggregate(begin_on=past.ordered_on.min()))
    )
    first = one.first_on >= (one.begin_on + ibis.interval(days=rules.at_risk_days)).cast("date")
    silent, known, back_days = (today.delta(on, unit="day") for on in (one.last_on, one.first_on, one.back_on))
    grown = first.ifelse(_later(one.first_on, rules.new_days), one.first_on)
    begun = ibis.greatest(grown, one.again_on.fill_null(grown), _later(one.back_on, rules.active_days).fill_null(grown))
    cases = (
        (silent > rules.at_risk_days, "lapsed", _later(one.last_on, rules.at_risk_days)),
        (silent > rules.active_days, "at_risk", _later(one.last_on, rules.active_days)),
        ((known <= rules.new_days) & first, "new", one.again_on.fill_null(one.first_on)),
        (back_days <= rules.active_days, "reactivated", ibis.greatest(one.back_on, grown)),
    )
    stage = ibis.cases(*((when, name) for when, name, _ in cases), else_="active")
    since = ibis.cases(*((when, on) for when, _, on in cases), else_=begun)
    return one.select("customer", stage=stage, since_on=since.cast("date"))


def _without(orders: Table) -> Table:
    """Give each customer's days with orders, and the days since the one before as gap_days."""
    days = with_gaps(orders.select("customer", "ordered_on").distinct())
    return days.mutate(paid_on=days.ordered_on)


def _with_paid_time(orders: Table) -> Table:
    """The same where an order may pay for a time, such as a year: paid_on is its end, and a gap begins there."""
    until = orders.valid_until.cast("timestamp").date().max()
    days = orders.group_by("customer", "ordered_on").agg(until_on=until)
    days = days.mutate(paid_on=ibis.greatest(days.ordered_on, days.until_on.fill_null(days.ordered_on)))
    order = {"group_by": days.customer, "order_by": days.ordered_on}
    covered = days.mutate(covered_on=days.paid_on.max().over(**order, rows=(None, 0)))
    ended = covered.covered_on.lag().over(group_by=covered.customer, order_by=covered.ordered_on)
    return covered.mutate(gap_days=ibis.greatest(covered.ordered_on.delta(ended, unit="day"), 0))


def _later(on: ibis.expr.types.Value, days: int) -> ibis.expr.types.Value:
    """Give the first day that lies more than `days` days later."""
    return (on + ibis.interval(days=days + 1)).cast("date")


def stage_shares(stage_of: Table, segments: list[int], floor: int) -> pd.DataFrame:
    """Count the customers of each segment in every stage; small cells are blank, and so is one that gives them away.

    Where all but a few of a segment are in one stage, `least` is what its share exceeds.
    """
    counted = stage_of.group_by("segment", "stage").agg(customers=stage_of.count()).to_pandas()
    grid = pd.MultiIndex.from_product([segments, STAGES], names=["segment", "stage"])
    rows = counted.set_index(["segment", "stage"])["customers"].reindex(grid, fill_value=0).reset_index()
    rows["n"] = rows.groupby("segment")["customers"].transform("sum")
    low, high = wilson(rows["customers"], rows["n"])
    rows = rows.assign(share=rows["customers"] / rows["n"].where(rows["n"] > 0), low=low, high=high)
    least = (1 - floor / rows["n"]).where(nearly_all(rows, ["segment"], floor))
    shown: pd.DataFrame = rows.assign(least=least).astype({"customers": "Int64"})
    shown.loc[in_rows(rows, ["segment"], floor), ["customers", "share", "low", "high"]] = None
    return shown


def moves(before: Table, after: Table, member: Table, floor: int) -> pd.DataFrame:
    """Count who went from which stage on the first day to which on the last, per segment.

    Returns
    -------
    DataFrame
        segment, from_stage, to_stage, customers, n (of the segment in from_stage), share, low, high; blank where fewer
        customers than `floor`. Stages that last quarter's report had to hide are left out: this one shows them no more.
    """
    both = before.select("customer", from_stage=before.stage).inner_join(
        after.select("customer", to_stage=after.stage), "customer"
    )
    counted: pd.DataFrame = (
        both.inner_join(member, "customer")
        .group_by("segment", "from_stage", "to_stage")
        .agg(customers=lambda t: t.count())
        .order_by("segment", "from_stage", "to_stage")
        .to_pandas()
    )
    counted["n"] = counted.groupby(["segment", "from_stage"])["customers"].transform("sum")
    low, high = wilson(counted["customers"], counted["n"])
    rows = counted.assign(share=counted["customers"] / counted["n"], low=low, high=high).astype({"customers": "Int64"})
    rows.loc[in_rows(counted, ["segment", "from_stage"], floor), ["customers", "share", "low", "high"]] = None
    began = counted.groupby(["segment", "from_stage"])["customers"].sum().reset_index()
    then = began[~in_rows(began, ["segment"], floor)]  # the stages of last quarter's report, hidden by the same rule
    return rows.merge(then[["segment", "from_stage"]]).reset_index(drop=True)


def cohorts(orders: Table, as_of: datetime, floor: int) -> pd.DataFrame:
    """Follow who ordered for the first time in the same month: which share orders in each later month.

    Parameters
    ----------
    orders : Table
        customer, ordered_on; the first order in the data counts as the first.
    as_of : datetime
        Only months that had ended by then count.
    floor : int
        Smaller cohorts and cells are left out.

    Returns
    -------
    DataFrame
        cohort (month), month (0, 1, ...), customers, n (of the cohort), share, low, high; the last twelve cohorts.
    """
    ends = as_of.year * 12 + as_of.month - 1
    numbered = orders.select(
        "customer", number=(orders.ordered_on.year() * 12 + orders.ordered_on.month() - 1).cast("int64")
    ).distinct()
    numbered = numbered.filter(numbered.number < ends)
    first = numbered.group_by("customer").agg(cohort=numbered.number.min())
    first = first.filter(first.cohort >= ends - COHORTS_MAX)
    ordered = numbered.inner_join(first, "customer").group_by("cohort", month=lambda t: t.number - t.cohort)
    counted = ordered.agg(customers=lambda t: t.count()).to_pandas().set_index(["cohort", "month"])["customers"]
    grid = [(c, m) for c in range(ends - COHORTS_MAX, ends) for m in range(ends - c)]
    rows = counted.reindex(pd.MultiIndex.from_tuples(grid, names=["cohort", "month"]), fill_value=0).reset_index()
    rows["n"] = rows["cohort"].map(rows[rows["month"] == 0].set_index("cohort")["customers"])
    rows = rows[rows["n"] >= floor].reset_index(drop=True)
    low, high = wilson(rows["customers"], rows["n"])
    rows = rows.assign(share=rows["customers"] / rows["n"], low=low, high=high).astype({"customers": "Int64"})
    rows.loc[rows["customers"].between(1, floor - 1), ["customers", "share", "low", "high"]] = None
    named: pd.DataFrame = rows.assign(cohort=[f"{number // 12}-{number % 12 + 1:02d}" for number in rows["cohort"]])
    return named
