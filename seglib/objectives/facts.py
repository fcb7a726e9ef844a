"""What each customer did in a quarter, counted in the engine, and the metrics that follow from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.core.visits import visits_only
from seglib.methods.estimates import estimate
from seglib.methods.kpis import METRICS, MOMENTS, of_people
from seglib.methods.shares import of_few

if TYPE_CHECKING:
    from seglib.core.engine import Engine, Table
    from seglib.core.plan import Plan
    from seglib.core.quarters import Quarter

COUNTS = (
    *("order_count", "revenue_minor", "gross_minor", "charged_minor", "discount_minor", "cost_minor"),
    *("before_count", "paid_count", "returned_minor"),
    *("event_count", "email_count", "response_count", "nps_sum", "nps_count", "csat_sum", "csat_count"),
)
NEW = "new_buyers"  # missing where nobody can tell who is new
NPS_GOOD, NPS_BAD, CSAT_GOOD = 9, 6, 4


def facts_of(plan: Plan, tables: Any, quarter: Quarter) -> Table:
    """Count with the plan's days and control arm, see `facts`."""
    evaluation, journeys = plan.evaluation, plan.journeys
    return facts(tables, quarter, evaluation.outcome_days, journeys.at_risk_days, evaluation.control_arm)


def facts(
    tables: Any, quarter: Quarter, outcome_days: int = 60, past_days: int = 0, control_arm: str = "control"
) -> Table:
    """Count, for each customer, everything that a metric of the quarter is made of.

    Parameters
    ----------
    tables : Intake or Collection
        With `people`, customers who may not be profiled are left out.
    quarter : Quarter
        Rows from the start of the quarter before to the quarter's end are read; nothing later.
    outcome_days : int
        Days after an e-mail in which an order counts as an answer to it.
    past_days : int
        Days before the quarter to which the orders must reach back: else nobody can tell who is new.
    control_arm : str
        Arm of a campaign that is held back: its customers received nothing that they could answer.

    Returns
    -------
    Table
        customer, is_new (first order in this quarter; null for buyers where nobody can tell), and the whole numbers
        named in `COUNTS`, 0 where there is nothing. `paid_count` counts order lines that pay for a time beyond the
        quarter; `gross_minor` is what was charged for the orders, `charged_minor`
        also for those of which nothing was kept.
    """
    parts = [_ordered(tables.orders, quarter, past_days), _returned(tables.returns, quarter)]
    if tables.events is not None:
        parts.append(_count(visits_only(tables.events), "event_at", quarter, "event_count"))
    if tables.contacts is not None:
        sent = tables.contacts.filter(tables.contacts.arm != control_arm)
        parts.append(_mailed(sent, tables.orders, quarter, outcome_days))
    if tables.feedback is not None:
        parts.append(_answered(tables.feedback, quarter))
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.outer_join(part, "customer")
        joined = joined.mutate(customer=ibis.coalesce(joined.customer, joined.customer_right)).drop("customer_right")
    people = getattr(tables, "people", None)
    if people is not None:
        joined = joined.semi_join(people.filter(people.may_profile), "customer")
    joined = joined.mutate(charged_minor=joined.own_minor.fill_null(0) + joined.undone_minor.fill_null(0))
    filled = {c: joined[c].fill_null(0).cast("int64") if c in joined.columns else ibis.literal(0) for c in COUNTS}
    return joined.select("customer", is_new=joined.order_count.isnull().ifelse(False, joined.is_new), **filled)


def without_few(rows: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Leave out the value of a metric that is of few customers, or a share that tells of few or of all but a few.

    Parameters
    ----------
    rows : DataFrame
        By metric: value, low, high, n, sd.
    floor : int
        Smallest number of customers that may be told.

    Returns
    -------
    DataFrame
        With `few`, which says where that is so.
    """
    people = np.array([of_people(str(name)) for name in rows.index], dtype=bool)
    few = pd.Series(people & of_few(rows["value"], rows["n"], floor), rows.index) | rows["n"].between(1, floor - 1)
    return rows.assign(**rows[["value", "low", "high", "sd"]].mask(few), n=rows["n"].mask(few, 0), few=few)


def measure(engine: Engine, table: Table, names: Sequence[str], decimals: int, by: str = "") -> pd.DataFrame:
    """Compute metrics from the table of facts, for everybody and for each group.

    Parameters
    ----------
    engine : Engine
        Sums whole numbers; only one row per group comes back.
    table : Table
        From `facts`, with the column `by` if there is one.
    names : sequence of str
        Metrics of the registry.
    decimals : int
        Decimal digits of the currency: money is given in main units.
    by : str
        Whole-number column that groups the customers; those without a group count in the total only.

    Returns
    -------
    DataFrame
        metric, unit, segment (0: everybody), value, low, high, n, sd.
    """
    wanted: dict[str, Any] = {"unknown": table.is_new.isnull().cast("int64").sum()}
    for name in names:
        x, y = (side(table).cast("decimal(38, 0)") for side in (METRICS[name].numerator, METRICS[name].denominator))
        units = (x != 0) | (y != 0)
        sums = {"n": units.cast("int64").sum(), "x": x.sum(), "y": y.sum()}
        sums |= {"xx": (x * x).sum(), "xy": (x * y).sum(), "yy": (y * y).sum()}
        wanted |= {f"{name}.{key}": value for key, value in sums.items()}
    grouped = table.group_by(by).agg(**wanted) if by else table.agg(**wanted)
    sums_of = engine.frame(grouped)
    groups = sums_of.pop(by).tolist() if by else []
    sums_of = sums_of.astype(float).fillna(0.0)
    parts: dict[int, dict[Any, Any]] = {0: sums_of.sum().to_dict()}
    parts |= (
        {int(g): row for g, row in zip(groups, sums_of.to_dict("records"), strict=True) if pd.notna(g)} if by else {}
    )
    rows = []
    for name in names:
        for segment, sums in sorted(parts.items()):
            found = estimate(METRICS[name], {key: sums[f"{name}.{key}"] for key in MOMENTS})
            found = dict.fromkeys(found, math.nan) | {"n": found["n"]} if name == NEW and sums["unknown"] else found
            rows.append(
                {"metric": name, "unit": METRICS[name].unit, "segment": segment, **_major(found, name, decimals)}
            )
    return pd.DataFrame(rows).astype({"n": "int64"})


def _ordered(orders: Table, quarter: Quarter, past_days: int) -> Table:
    seen = orders.filter(orders.ordered_at < quarter.as_of)
    now, before = seen.ordered_at >= quarter.start, seen.ordered_at.between(quarter.previous.start, quarter.start)
    before = before & (seen.ordered_at < quarter.start)
    paid = ibis.literal(False)
    if "valid_until" in seen.columns:
        paid = (seen.valid_until.cast("timestamp") >= ibis.literal(quarter.as_of)).fill_null(False)
    sums = seen.group_by("customer").agg(
        order_count=seen.order_id.nunique(where=now),
        revenue_minor=seen.amount_minor.sum(where=now),
        gross_minor=seen.gross_minor.sum(where=now),
        own_minor=(seen.gross_minor - seen.returned_minor).sum(where=now),
        discount_minor=seen.discount_minor.sum(where=now),
        cost_minor=seen.cost_minor.sum(where=now),
        before_count=seen.order_id.nunique(where=before),
        paid_count=seen.order_id.count(where=paid),
        first_at=seen.ordered_at.min(),
    )
    both = sums.cross_join(seen.aggregate(begin_at=seen.ordered_at.min()))
    tells = (
        both.begin_at <= ibis.literal(quarter.start - timedelta(days=past_days)) if past_days else ibis.literal(True)
    )
    return both.mutate(is_new=ibis.ifelse(tells, both.first_at >= quarter.start, ibis.null("boolean")))


def _returned(returns: Table, quarter: Quarter) -> Table:
    """What came back in the quarter, and what has come back of the orders of the quarter."""
    times = {"returned_minor": returns.ordered_at, "undone_minor": returns.bought_at}
    inside = {name: (at >= quarter.start) & (at < quarter.as_of) for name, at in times.items()}
    sums = {name: -returns.amount_minor.sum(where=now.fill_null(False)) for name, now in inside.items()}
    return returns.group_by("customer").agg(**sums)


def _count(table: Table, time: str, quarter: Quarter, name: str) -> Table:
    now = table.filter((table[time] >= quarter.start) & (table[time] < quarter.as_of))
    return now.group_by("customer").agg(**{name: now.count()})


def latest_answers(feedback: Table, quarter: Quarter) -> Table:
    """Take the answers of the quarter; of several answers of a customer to an item the latest counts."""
    now = feedback.filter((feedback.answered_at >= quarter.start) & (feedback.answered_at < quarter.as_of))
    last = ibis.window(group_by=["customer", "item"], order_by=[now.answered_at.desc(), now.answer])
    return now.mutate(place=ibis.row_number().over(last)).filter(ibis._.place == 0)


def _answered(feedback: Table, quarter: Quarter) -> Table:
    now = latest_answers(feedback, quarter)
    nps, csat = now.item == "nps", now.item == "csat"
    good, bad = nps & (now.answer >= NPS_GOOD), nps & (now.answer <= NPS_BAD)
    return now.group_by("customer").agg(
        nps_count=nps.cast("int64").sum(),
        nps_sum=good.cast("int64").sum() - bad.cast("int64").sum(),
        csat_count=csat.cast("int64").sum(),
        csat_sum=(csat & (now.answer >= CSAT_GOOD)).cast("int64").sum(),
    )


def _mailed(contacts: Table, orders: Table, quarter: Quarter, outcome_days: int) -> Table:
    """E-mails whose outcome window ended in the quarter, and those after which the customer ordered."""
    window = ibis.interval(days=outcome_days)
    over = quarter.ends(contacts.sent_at + window)
    mails = contacts.filter(over & (contacts.channel == "email")).select("customer", "campaign", "sent_at")
    times = orders.select("customer", "ordered_at")
    after = mails.join(times, "customer").filter(
        lambda t: (t.ordered_at >= t.sent_at) & (t.ordered_at < t.sent_at + window)
    )
    answered = after.distinct(on=["customer", "campaign", "sent_at"], keep="first").group_by("customer")
    responses = answered.agg(response_count=ibis._.count())
    sent = mails.group_by("customer").agg(email_count=mails.count())
    return sent.left_join(responses, "customer").drop("customer_right")


def _major(found: Mapping[str, float], name: str, decimals: int) -> dict[str, float]:
    """Give money in main units."""
    scale = 10.0**decimals if METRICS[name].unit == "money" else 1.0
    return {key: value if key == "n" else value / scale for key, value in found.items()}
