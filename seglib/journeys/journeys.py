"""Notebook 06: how each segment moves through lifecycle stages and from one touchpoint to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

import pandas as pd

from seglib.clustering.purses import untold, why
from seglib.core.engine import Table
from seglib.core.intake.ends import covered_until, early_end, short_past
from seglib.core.plan import Plan
from seglib.journeys.build import Members, over_time, steps_taken
from seglib.journeys.incidents import INCIDENTS, PERIODS, incidents, periods, watched
from seglib.journeys.lifecycle import stage_rules, stage_shares, stages_of
from seglib.journeys.tables import Tables

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection

FROM_EVENTS = "Transitions count web and app events within a session; exit is the end of the session."
FROM_ORDERS = (
    "There are no events of visits: transitions go from one day with orders to the next and look back over all "
    "orders. Web or app touchpoints in events.csv would show the journey before the order."
)
PAID = "What is paid for until a later day (valid_until) is no silence: a customer is active until then."
FIXED = (
    "Segments are last quarter's, fixed before the quarter began; steps, moves, waits and losses are those of the "
    "quarter. What happened in the quarter did not help to decide who is in which segment."
)
LOOKING_BACK = (
    "There is no segmentation of last quarter, so segments are those of the end of this one: everything here describes "
    "how members got where they are, and proves nothing. Losses are compared from the next quarter on."
)


@dataclass(frozen=True)
class Journeys(Tables):
    """Stages, steps and waits per segment.

    Parameters
    ----------
    stages : DataFrame
        One row per segment of today and stage: segment, name, identity, stage, customers, n (of the segment), share,
        low, high, blank where a few would follow; least: what the share exceeds where nearly all are in the stage.
    stage_of : Table
        customer, stage, since_on: everybody with an order, exactly once.
    rules : DataFrame
        stage, rule: the first rule that holds decides.
    transitions : DataFrame
        segment, name, identity, from_state, to_state, count, n, share, low, high.
    states : tuple of str
        All states in the order of the way.
    moments : DataFrame
        segment, name, identity, and the days by which a quarter, half and three quarters have come back (p25, median,
        p75: _days, _low, _high), seen_days.
    source : {"events", "orders"}
        What the transitions are made of.
    notes : tuple of str
        Which segments were followed, what was left out, and which file would allow more.
    fixed : bool
        Whether the segments followed were fixed before the quarter.
    floor : int
        Smallest number of customers that is told.
    moves : DataFrame
        segment, name, identity, from_stage, to_stage, customers, n, share, low, high: first to last day of the quarter.
    curve : DataFrame
        segment, name, identity, days, share (come back by then), low, high, waiting.
    cohorts : DataFrame
        cohort, month, customers, n, share, low, high.
    funnel : DataFrame
        segment, name, identity, place, step, next_step, reached, reached_share, lost, share (lost), low, high.
    steps : DataFrame
        segment, name, identity, step, state, count, n, share.
    channels : DataFrame
        segment, name, identity, channel, sessions, of_sessions, orders, share (with an order), low, high.
    losses : DataFrame
        What a segment loses beyond all others, most money first: segment, name, identity, what, share, low, high, rest,
        difference with interval, n, customers, lost_minor (missing where a segment's money is not shown), p,
        p_adjusted, passes.
    answers : DataFrame
        Of those sent a campaign of the quarter: segment, name, identity, event (kind of answer), step (answered,
        answered and bought, bought), customers, n, share, low, high, said.
    answer_notes : tuple of str
        What to know about the answers, or why there are none.
    periods : DataFrame
        Sessions of everybody and by channel beside the time before, see `incidents.periods`.
    incidents : DataFrame
        The worst run of weeks of everybody and each channel at each step, see `incidents.incidents`.
    """

    STEP: ClassVar[str] = "06_journeys"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"stage_of": ("customer",)}

    stages: pd.DataFrame
    stage_of: Table
    rules: pd.DataFrame
    transitions: pd.DataFrame
    states: tuple[str, ...]
    moments: pd.DataFrame
    source: Literal["events", "orders"]
    notes: tuple[str, ...]
    fixed: bool = False
    moves: pd.DataFrame = field(default_factory=pd.DataFrame)
    curve: pd.DataFrame = field(default_factory=pd.DataFrame)
    cohorts: pd.DataFrame = field(default_factory=pd.DataFrame)
    funnel: pd.DataFrame = field(default_factory=pd.DataFrame)
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    channels: pd.DataFrame = field(default_factory=pd.DataFrame)
    losses: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    answer_notes: tuple[str, ...] = ()
    floor: int = 10
    periods: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PERIODS))
    incidents: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=INCIDENTS))


def trace(
    collection: Collection,
    segmentation: Segmentation,
    plan: Plan,
    as_of: datetime,
    before: Segmentation | None = None,
    seed: int = 0,
) -> Journeys:
    """Follow each segment through stages and touchpoints during the quarter that ends at `as_of`.

    Parameters
    ----------
    collection : Collection
        Orders, and events where the study has them.
    segmentation : Segmentation
        Today's labels and segments: their stages are counted.
    plan : Plan
        Days of the stages, session timeout, smallest group that may be shown.
    as_of : datetime
        First instant after the quarter; nothing at or after it is used.
    before : Segmentation or None
        Last quarter's: its segments were fixed before the quarter began and are followed through it. Without one
        today's are followed, which describes and proves nothing.
    seed : int
        Chooses the sample of waits and the bootstrap.

    Returns
    -------
    Journeys
    """
    start = plan.quarter("2000Q1").around(as_of - timedelta(days=1)).start
    members, floor = Members.of(segmentation, before, start, as_of), plan.privacy.floor
    today = Members.of(segmentation, None, start, as_of)
    end, orders = covered_until(collection, as_of), collection.orders
    stage_of = stages_of(orders.filter(orders.ordered_at < as_of), plan.journeys, end)
    stages = stage_shares(stage_of.inner_join(today.table, "customer"), today.named["segment"].tolist(), floor)
    taken = steps_taken(collection, members, plan.journeys, floor)
    later = over_time(collection, members, plan, seed, taken)
    tables = {name: members.named.merge(frame) for name, frame in (taken | later).items() if name in PER_SEGMENT}
    blank = int(stages["share"].isna().sum() + tables["transitions"]["share"].isna().sum())
    notes = [FROM_ORDERS if taken["source"] == "orders" else FROM_EVENTS, FIXED if members.fixed else LOOKING_BACK]
    if taken["dropped"] or blank:
        notes.append(f"Fewer than {floor}: starting points left out {taken['dropped']}, cells left blank {blank}.")
    if len(later["answers"]):
        notes += later["answer_notes"]
    watch = watched(collection, members, plan.journeys, end, floor)
    whole = {"periods": periods(watch, floor), "incidents": incidents(watch, floor)} if watch else {}
    notes += [*([watch.note] if watch else []), *_reach(collection, as_of, plan)]
    closed = untold(segmentation.segments)
    unsaid = [*closed, *(untold(before.segments) if before else ())]
    lost = members.named.merge(later["losses"]).sort_values("lost_minor", ascending=False, kind="stable")
    notes += why(closed)
    return Journeys(
        stages=today.named.merge(stages),
        stage_of=stage_of,
        rules=stage_rules(plan.journeys),
        states=taken["states"],
        source=taken["source"],
        answer_notes=later["answer_notes"],
        notes=tuple(notes),
        fixed=members.fixed,
        floor=floor,
        cohorts=later["cohorts"],
        **tables,
        **whole,
        losses=lost.assign(lost_minor=lost["lost_minor"].mask(lost["name"].isin(unsaid))),
    )


def _reach(collection: Collection, as_of: datetime, plan: Plan) -> list[str]:
    """Say as of when stages are, and whether anybody can be new."""
    days, rules = getattr(collection, "uncovered_days", 0), plan.journeys
    since = as_of - timedelta(days=days + rules.new_days)
    first = collection.orders.ordered_at.min().to_pandas()
    early, short = early_end(days, as_of), short_past(first, since, rules.at_risk_days)
    said = (
        collection.has("orders", "valid_until") and PAID,
        early and f"Stages are as of the last day that the data cover: {early}.",
        short and f"{short[:1].upper()}{short[1:]} and is not in the stage new.",
    )
    return [sentence for sentence in said if sentence]


PER_SEGMENT = ("transitions", "moves", "curve", "moments", "funnel", "steps", "channels", "answers")
