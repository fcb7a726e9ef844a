"""Notebook 06: how each segment moves through lifecycle stages and from one touchpoint to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

import ibis
import pandas as pd

from seglib.core import plan as plans
from seglib.core.engine import Table
from seglib.journeys.pairs import END, FIRST, OTHER, event_pairs, gap_states, never, order_pairs, with_gaps
from seglib.methods.present import Head, percent, present, spans, whole
from seglib.methods.rates import wilson
from seglib.methods.transitions import transition_table

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection

STAGES = ("new", "active", "reactivated", "at_risk", "lapsed")
WORDS = {stage: stage.replace("_", " ") for stage in STAGES}
WAY = ("visit", "search", "view", "cart", "checkout", "purchase")  # usual order of web events, for tables and charts
FROM_EVENTS = "Transitions count web and app events within a session; exit is the end of the session."
FROM_ORDERS = (
    "There is no events table: transitions go from one day with orders to the next. Web or app touchpoints in "
    "events.csv would show the journey before the order."
)
LOOKING_BACK = (
    "Segments are those of the end of the quarter and the journeys lie before it: they describe what members did, "
    "and do not predict. Where time between orders helped to make the segments, differences in it prove nothing."
)


@dataclass(frozen=True)
class Journeys:
    """Stages, transitions and time between orders, per segment.

    Parameters
    ----------
    stages : DataFrame
        One row per segment and stage: segment, name, identity, stage, customers, n (of the segment), share, low, high;
        blank where fewer customers than the plan's floor.
    stage_of : Table
        customer, stage: everybody with an order, exactly once.
    rules : DataFrame
        stage, rule: the first rule that holds decides.
    transitions : DataFrame
        segment, name, identity, from_state, to_state, count, n, share, low, high.
    states : tuple of str
        All states in the order of the way.
    gaps : DataFrame
        segment, name, n, p25_days, median_days, p75_days: time between two days with orders.
    source : {"events", "orders"}
        What the transitions are made of.
    notes : tuple of str
        What was left out, and which file would allow more.
    """

    STEP: ClassVar[str] = "06_journeys"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"stage_of": ("customer",)}

    stages: pd.DataFrame
    stage_of: Table
    rules: pd.DataFrame
    transitions: pd.DataFrame
    states: tuple[str, ...]
    gaps: pd.DataFrame
    source: Literal["events", "orders"]
    notes: tuple[str, ...]

    def shares(self) -> pd.DataFrame:
        """Show the share of each segment in every stage."""
        wide = self.stages.pivot(index=["segment", "name"], columns="stage", values="share")[list(STAGES)]
        heads: dict[str, Head] = {stage: (WORDS[stage], percent) for stage in STAGES}
        return present(wide.reset_index(), {"name": "segment", **heads})

    def stage_table(self) -> pd.DataFrame:
        """Show the rules of the stages, in the order in which they are tried."""
        return self.rules.assign(stage=self.rules["stage"].map(WORDS))

    def waiting(self) -> pd.DataFrame:
        """Show the days between two days with orders."""
        heads: dict[str, Head] = {
            "name": "segment",
            "n": ("times somebody came back", whole),
            "p25_days": ("a quarter came back within (days)", whole),
            "median_days": ("half within (days)", whole),
            "p75_days": ("three quarters within (days)", whole),
        }
        return present(self.gaps, heads)

    def drop_off(self) -> pd.DataFrame:
        """Show, per segment, the three states after which most goes on to nothing."""
        ends = self.transitions[(self.transitions["to_state"] == self.states[-1]) & self.transitions["share"].notna()]
        ends = ends[ends["from_state"] != "purchase"].sort_values(["segment", "share"], ascending=[True, False])
        worst = ends.groupby("segment").head(3)
        heads: dict[str, Head] = {
            "name": "segment",
            "from_state": "after",
            "to_state": "then",
            "n": ("times", whole),
            "share": ("share", percent),
            "interval": "95% interval",
        }
        return present(worst.assign(interval=spans(worst, percent)), heads)

    def check(self) -> str:
        """Say in one sentence where most customers stand, and how many are about to be lost."""
        totals = self.stage_of.group_by("stage").agg(n=self.stage_of.count()).to_pandas().set_index("stage")["n"]
        part = (totals / totals.sum()).reindex(STAGES, fill_value=0)
        risky = self.stages[self.stages["stage"] == "at_risk"].sort_values("share", ascending=False).head(1)
        words = f"{part['at_risk']:.0%} of {totals.sum():,} customers are at risk and {part['lapsed']:.0%} have lapsed."
        if risky["share"].notna().any():
            words += f" {risky['name'].iloc[0]} has the largest share at risk ({risky['share'].iloc[0]:.0%})."
        return words


def trace(collection: Collection, segmentation: Segmentation, plan: plans.Plan, as_of: datetime) -> Journeys:
    """Follow each segment through stages and touchpoints, up to `as_of`.

    Parameters
    ----------
    collection : Collection
        Orders, and events where the study has them.
    segmentation : Segmentation
        Labels and segments.
    plan : Plan
        Days of the stages, session timeout, smallest group that may be shown.
    as_of : datetime
        Nothing at or after this instant is used.

    Returns
    -------
    Journeys
    """
    floor, rules, labels = plan.privacy.floor, plan.journeys, segmentation.labels
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    orders = collection.orders.filter(collection.orders.ordered_at < as_of)
    named = segmentation.segments[["segment", "name", "identity"]]
    stage_of = stages_of(orders, rules, as_of)
    item = "category" if collection.has("orders", "category") else None
    events = collection.events
    if events is not None:
        pairs = event_pairs(events.filter(events.event_at < as_of), member, rules.session_minutes)
    else:
        pairs = order_pairs(orders, member, rules, as_of, item)
    counted = pairs.group_by("segment", "from_state", "to_state").agg(count=pairs.count()).to_pandas()
    behind = pairs.group_by("segment", "from_state").agg(customers=pairs.customer.nunique()).to_pandas()
    table, dropped = _transitions(counted, behind, floor)
    stages = stage_shares(stage_of.inner_join(member, "customer"), named["segment"].tolist(), floor)
    notes = [FROM_ORDERS if events is None else FROM_EVENTS, LOOKING_BACK]
    blank = int(stages["share"].isna().sum() + table["share"].isna().sum())
    if dropped or blank:
        notes.append(f"Fewer than {floor}: starting points left out {dropped}, cells left blank {blank}.")
    return Journeys(
        stages=named.merge(stages),
        stage_of=stage_of,
        rules=stage_rules(rules),
        transitions=named.merge(table),
        states=_states(counted, rules, events is not None),
        gaps=named.merge(gap_quantiles(orders, member, floor)),
        source="orders" if events is None else "events",
        notes=tuple(notes),
    )


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
        "new": f"first order at most {rules.new_days} days ago",
        "reactivated": f"back within {rules.active_days} days, after a gap over {rules.at_risk_days} days",
        "active": f"everybody else: last order at most {rules.active_days} days ago",
    }
    return pd.DataFrame({"stage": list(words), "rule": list(words.values())})


def stages_of(orders: Table, rules: plans.Journeys, as_of: datetime) -> Table:
    """Put every customer with an order into exactly one stage, as of `as_of`."""
    days = with_gaps(orders.select("customer", "ordered_on").distinct())
    back = days.ordered_on.max(where=days.gap_days > rules.at_risk_days)
    one = days.group_by("customer").agg(first_on=days.ordered_on.min(), last_on=days.ordered_on.max(), back_on=back)
    today = ibis.literal(as_of.date())
    silent, known, back_days = (today.delta(on, unit="day") for on in (one.last_on, one.first_on, one.back_on))
    stage = ibis.cases(
        (silent > rules.at_risk_days, "lapsed"),
        (silent > rules.active_days, "at_risk"),
        (known <= rules.new_days, "new"),
        (back_days <= rules.active_days, "reactivated"),
        else_="active",
    )
    return one.select("customer", stage=stage)


def stage_shares(stage_of: Table, segments: list[int], floor: int) -> pd.DataFrame:
    """Count the customers of each segment (1, 2, ...) in every stage; cells below the floor are blank."""
    counted = stage_of.group_by("segment", "stage").agg(customers=stage_of.count()).to_pandas()
    grid = pd.MultiIndex.from_product([segments, STAGES], names=["segment", "stage"])
    rows = counted.set_index(["segment", "stage"])["customers"].reindex(grid, fill_value=0).reset_index()
    rows["n"] = rows.groupby("segment")["customers"].transform("sum")
    low, high = wilson(rows["customers"], rows["n"])
    rows = rows.assign(share=rows["customers"] / rows["n"].where(rows["n"] > 0), low=low, high=high)
    small = rows["customers"].between(1, floor - 1)
    shown: pd.DataFrame = rows.astype({"customers": "Int64"})
    shown.loc[small, ["customers", "share", "low", "high"]] = None
    return shown


def gap_quantiles(orders: Table, member: Table, floor: int) -> pd.DataFrame:
    """Give quartiles of the days between two days with orders, for segments in which at least `floor` came back."""
    gaps = with_gaps(orders.select("customer", "ordered_on").distinct()).inner_join(member, "customer")
    gaps = gaps.filter(gaps.gap_days.notnull())
    rows = gaps.group_by("segment").agg(
        customers=gaps.customer.nunique(),
        n=gaps.count(),
        p25_days=gaps.gap_days.quantile(0.25),
        median_days=gaps.gap_days.quantile(0.5),
        p75_days=gaps.gap_days.quantile(0.75),
    )
    frame: pd.DataFrame = rows.order_by("segment").to_pandas()
    return frame[frame["customers"] >= floor].drop(columns="customers").round(1)


def _states(counted: pd.DataFrame, rules: plans.Journeys, from_events: bool) -> tuple[str, ...]:
    """Put all states that occur into the order in which they are read."""
    last = END if from_events else never(rules)
    usual = WAY if from_events else (FIRST, *gap_states(rules))
    seen = counted.groupby("from_state")["count"].sum().sort_values(ascending=False)
    found = set(counted["from_state"]) | set(counted["to_state"])
    known = [state for state in usual if state in found and state != last]
    rest = sorted(found - {*known, last, OTHER}, key=lambda state: (-seen.get(state, 0), state))
    return (*known, *rest, *([OTHER] if OTHER in found else []), last)


def _transitions(counted: pd.DataFrame, behind: pd.DataFrame, floor: int) -> tuple[pd.DataFrame, int]:
    """Give shares with intervals; starting points of fewer than `floor` customers leave, small cells are blank."""
    table = transition_table(counted).rename(columns={"share_low": "low", "share_high": "high"})
    table = table.merge(behind, on=["segment", "from_state"])
    dropped = int((behind["customers"] < floor).sum())
    table = table[table["customers"] >= floor].drop(columns="customers").astype({"count": "Int64"})
    table.loc[table["count"] < floor, ["count", "share", "low", "high"]] = None
    return table.reset_index(drop=True), dropped
