"""Everything that notebook 06 computes, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.core import sections as plans
from seglib.core.engine import Table
from seglib.core.intake.ends import covered_until
from seglib.core.plan import Plan
from seglib.core.visits import WAY, visits_only
from seglib.disclosure.small_cells import in_rows
from seglib.journeys.answers import ways
from seglib.journeys.findings import COLUMNS, funnel_losses, ranked, stage_losses
from seglib.journeys.lifecycle import cohorts, moves, stages_of
from seglib.journeys.pairs import END, FIRST, OTHER, event_pairs, gap_states, never, order_pairs, says_enough
from seglib.journeys.sums import channel_sums, funnel_sums, sessions, step_shares, transition_sums, worth
from seglib.journeys.waits import curves, moments, waits
from seglib.methods.clustered import clustered_share

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection

ENDS = ["low", "high"]


@dataclass(frozen=True)
class Members:
    """Who is followed: segments that were fixed before the quarter, or today's where there are none.

    Parameters
    ----------
    table : Table
        customer, segment.
    named : DataFrame
        segment, name, identity.
    fixed : bool
        Whether the segments were fixed before the quarter.
    start, as_of : datetime
        First instant of the quarter, and first instant after it.
    """

    table: Table
    named: pd.DataFrame
    fixed: bool
    start: datetime
    as_of: datetime

    @classmethod
    def of(cls, now: Segmentation, before: Segmentation | None, start: datetime, as_of: datetime) -> Members:
        """Take last quarter's segments where there are some."""
        used = before or now
        table = used.labels.filter(used.labels.segment.notnull()).select("customer", "segment")
        return cls(table, used.segments[["segment", "name", "identity"]], before is not None, start, as_of)


def steps_taken(collection: Collection, members: Members, rules: plans.Journeys, floor: int) -> dict[str, Any]:
    """Compute transitions, funnel, steps and channels from the events; transitions alone from orders without them."""
    events = _of_visits(collection, members)
    if events is None:
        orders = collection.orders.filter(collection.orders.ordered_at < members.as_of)
        item = "category" if collection.has("orders", "category") and says_enough(orders, "category") else None
        pairs = order_pairs(orders, members.table, rules, members.as_of, item)
        counted = transition_sums(pairs)
        table, dropped = shown_transitions(counted, floor)
        known = states(counted, rules, False)
        return {"transitions": table, "states": known, "dropped": dropped, "source": "orders"}
    pairs = event_pairs(events, members.table, rules.session_minutes).cache()
    counted = transition_sums(pairs)
    table, dropped = shown_transitions(counted, floor)
    known = states(counted, rules, True)
    taken = {"transitions": table, "states": known, "dropped": dropped, "source": "events"}
    taken["steps"] = shown_steps(pairs, floor)
    way = [state for state in WAY if state in known]
    if len(way) < 2:
        return taken
    visits = sessions(pairs, way).cache()
    sums = funnel_sums(visits, way)
    taken |= {"funnel_sums": sums, "funnel": funnel(sums, floor)}
    if "channel" in visits.columns:
        taken["channels"] = channels(channel_sums(visits, len(way) - 1), floor)
    return taken


def _of_visits(collection: Collection, members: Members) -> Table | None:
    """Take the events of visits up to the quarter's end, of the quarter alone where the segments were fixed before."""
    if collection.events is None:
        return None
    events = collection.events.filter(collection.events.event_at < members.as_of)
    if members.fixed:
        events = events.filter(events.event_at >= members.start)
    if not collection.has("events", "channel") and "channel" in events.columns:
        events = events.drop("channel")
    if not collection.has("events", "campaign"):
        return events
    events = visits_only(events)
    return events if bool((events.count() > 0).execute()) else None


def shown_transitions(counted: pd.DataFrame, floor: int) -> tuple[pd.DataFrame, int]:
    """Give shares with intervals; starting points of fewer than `floor` customers leave, small cells are blank."""
    shares = clustered_share(counted)
    table = pd.concat([counted, shares], axis=1).rename(columns={"x": "count"})
    starts = table.drop_duplicates(["segment", "from_state"])
    dropped = int((starts["customers"] < floor).sum())
    table = table[table["customers"] >= floor].drop(columns="customers").rename(columns={"cell": "customers"})
    blank = in_rows(table, ["segment", "from_state"], floor)
    kept = ["segment", "from_state", "to_state", "count", "n", "share", *ENDS]
    table = table[kept].astype({"count": "Int64"})
    table.loc[blank, ["count", "share", *ENDS]] = None
    return table.reset_index(drop=True), dropped


def shown_steps(pairs: Table, floor: int) -> pd.DataFrame:
    """Give the step matrix; cells of fewer than `floor` customers are blank."""
    steps = step_shares(pairs, END)
    blank = in_rows(steps, ["segment", "step"], floor)
    steps = steps.astype({"count": "Int64"}).drop(columns="customers")
    steps.loc[blank, ["count", "share"]] = None
    return steps[steps["n"] >= floor].reset_index(drop=True)


def funnel(sums: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Give, per segment and step, the sessions that came so far and the share that got no further, with interval."""
    rows = pd.concat([sums, clustered_share(sums)], axis=1)
    first = rows.groupby("segment")["n"].transform("max")
    rows = rows.assign(reached_share=rows["n"] / first).rename(columns={"n": "reached", "x": "lost"})
    few = (rows["customers"] < floor) | rows["lost"].between(1, floor - 1)
    rows = rows.astype({"lost": "Int64"})
    rows.loc[few, ["lost", "share", *ENDS]] = None
    kept = ["segment", "place", "step", "next_step", "reached", "reached_share", "lost", "share", *ENDS]
    return rows.loc[rows["customers"] >= floor, kept].reset_index(drop=True)


def channels(sums: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Give, per segment and channel, its share of the sessions and the share of those that ended in an order."""
    rows = pd.concat([sums, clustered_share(sums)], axis=1)
    rows["of_sessions"] = rows["n"] / rows.groupby("segment")["n"].transform("sum")
    rows = rows[rows["customers"] >= floor].rename(columns={"n": "sessions", "x": "orders"})
    few = rows["orders"].between(1, floor - 1)
    rows = rows.astype({"orders": "Int64"})
    rows.loc[few, ["orders", "share", *ENDS]] = None
    rows = rows.sort_values(["segment", "sessions", "channel"], ascending=[True, False, True])
    return rows[["segment", "channel", "sessions", "of_sessions", "orders", "share", *ENDS]].reset_index(drop=True)


def over_time(collection: Collection, members: Members, plan: Plan, seed: int, taken: dict[str, Any]) -> dict[str, Any]:
    """Compute moves between stages, waits, cohorts, the ranked differences and the answers to campaigns."""
    floor, rules = plan.privacy.floor, plan.journeys
    orders = collection.orders.filter(collection.orders.ordered_at < members.as_of)
    end = covered_until(collection, members.as_of)
    began, ended = (stages_of(orders, rules, moment) for moment in (members.start, end))
    curve = curves(
        waits(orders, members.table, members.start, members.as_of), members.named["segment"].tolist(), floor, seed
    )
    losses = pd.DataFrame(columns=COLUMNS)
    if members.fixed:
        spent, values = worth(orders.filter(orders.ordered_at >= members.start), members.table)
        parts = [stage_losses(began, ended, members.table, spent)]
        if "funnel_sums" in taken:
            parts.append(funnel_losses(taken["funnel_sums"], values))
        losses = ranked(pd.concat(parts, ignore_index=True), floor)
    return {
        "moves": moves(began, ended, members.table, floor),
        "curve": curve,
        "moments": moments(curve),
        "cohorts": cohorts(orders, end, floor),
        "losses": losses,
        **dict(zip(("answers", "answer_notes"), ways(collection, members, plan.evaluation, floor), strict=True)),
    }


def states(counted: pd.DataFrame, rules: plans.Journeys, from_events: bool) -> tuple[str, ...]:
    """Put all states that occur into the order in which they are read."""
    last = END if from_events else never(rules)
    usual = WAY if from_events else (FIRST, *gap_states(rules))
    seen = counted.groupby("from_state")["x"].sum().sort_values(ascending=False, kind="stable")
    found = set(counted["from_state"]) | set(counted["to_state"])
    known = [state for state in usual if state in found and state != last]
    rest = sorted(found - {*known, last, OTHER}, key=lambda state: (-seen.get(state, 0), state))
    return (*known, *rest, *([OTHER] if OTHER in found else []), last)
