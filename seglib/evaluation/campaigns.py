"""What the quarter's campaigns changed, against their control groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.methods.experiments import ALL, benjamini_hochberg, effects, heterogeneity, sample_ratio

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.quarters import Quarter
    from seglib.core.run import Run

SRM_LIMIT, SIGNIFICANT = 0.001, 0.05
EFFECTS = [
    *("campaign", "segment", "name", "identity", "arm", "n", "n_control", "rate", "rate_control", "effect"),
    *("effect_low", "effect_high", "p_value", "p_adjusted", "revenue_effect", "revenue_effect_low"),
    *("revenue_effect_high", "cost", "roi", "roi_low", "roi_high", "sentence"),
]
EXPERIMENTS = ["campaign", "customers", "arms", "srm_p", "heterogeneity_p", "usable", "sentence"]
NO_CONTROL = "no control - description only"


@dataclass(frozen=True)
class Tested:
    """Effects, experiments and what to know about them."""

    effects: pd.DataFrame
    experiments: pd.DataFrame
    notes: tuple[str, ...]


def measure(run: Run, collection: Collection, fixed: Segmentation) -> Tested:
    """Compare each arm with the control arm, per campaign and segment.

    Parameters
    ----------
    run : Run
    collection : Collection
        Its contacts with sent_at in the quarter and a complete outcome window are used.
    fixed : Segmentation
        Segments fixed before the contacts where possible.

    Returns
    -------
    Tested
        Empty frames with a note where there are no contacts.
    """
    empty = pd.DataFrame(columns=EFFECTS), pd.DataFrame(columns=EXPERIMENTS)
    if collection.contacts is None:
        note = (
            f"Campaigns: {NO_CONTROL}. A file under sources.contacts with campaign, arm and sent_at would allow a test."
        )
        return Tested(*empty, (note,))
    days = run.plan.evaluation.outcome_days
    people, left_out = outcomes(collection.contacts, collection.orders, run.quarter, days)
    labelled = people.inner_join(fixed.labels.select("customer", "segment"), "customer")
    rows = run.engine.frame(labelled.drop("customer").order_by("campaign", "segment", "arm", "revenue_minor"))
    counts = run.engine.frame(left_out)
    notes = [f"{row.customers:,} contacts are left out: {row.why}." for row in counts.itertuples() if row.customers]
    if rows.empty:
        return Tested(*empty, (*notes, f"Campaigns: {NO_CONTROL}. No contact of the quarter has a complete window."))
    parts = [_campaign(str(name), part, run) for name, part in rows.groupby("campaign", sort=True)]
    found = pd.concat([part for part, _ in parts], ignore_index=True) if parts else empty[0]
    experiments = pd.DataFrame([experiment for _, experiment in parts], columns=EXPERIMENTS)
    if found.empty:
        return Tested(empty[0], experiments, tuple(notes))
    named, few = _named(_adjusted(found), fixed, run)
    return Tested(named, experiments, (*notes, *few))


def outcomes(contacts: Table, orders: Table, quarter: Quarter, outcome_days: int) -> tuple[Table, Table]:
    """Say of each customer of each campaign whether and for how much they ordered in the window after it was sent.

    Parameters
    ----------
    contacts, orders : Table
    quarter : Quarter
        Contacts sent in [start, as_of) are looked at; orders strictly before as_of.
    outcome_days : int
        Length of the window.

    Returns
    -------
    tuple of Table and Table
        customer, campaign, arm, cost_minor, converted (0 or 1), revenue_minor; and who is left out: why, customers.
    """
    window = ibis.interval(days=outcome_days)
    sent = contacts.filter((contacts.sent_at >= quarter.start) & (contacts.sent_at < quarter.as_of))
    each = sent.group_by("customer", "campaign").agg(
        arm=sent.arm.min(), arms=sent.arm.nunique(), sent_at=sent.sent_at.min(), cost_minor=sent.cost_minor.sum()
    )
    each = each.mutate(open_window=each.sent_at + window > quarter.as_of, mixed=each.arms > 1)
    left = each.filter(each.open_window | each.mixed)
    why = left.mixed.ifelse("the same customer was in two arms", f"their {outcome_days} days are not over yet")
    left_out = left.group_by(why=why).agg(customers=ibis._.count()).order_by("why")
    whole = each.filter(~each.open_window & ~each.mixed).drop("arms", "open_window", "mixed")
    bought = whole.inner_join(orders.select("customer", "ordered_at", "amount_minor"), "customer").filter(
        lambda t: (t.ordered_at >= t.sent_at) & (t.ordered_at < t.sent_at + window) & (t.ordered_at < quarter.as_of)
    )
    sums = bought.group_by("customer", "campaign").agg(revenue_minor=bought.amount_minor.sum())
    joined = whole.left_join(sums, ["customer", "campaign"])
    return joined.select(
        "customer", "campaign", "arm",
        cost_minor=joined.cost_minor.fill_null(0).cast("int64"),
        converted=joined.revenue_minor.notnull().cast("int64"),
        revenue_minor=joined.revenue_minor.fill_null(0).cast("int64"),
    ), left_out  # fmt: skip


def _campaign(name: str, rows: pd.DataFrame, run: Run) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Check one campaign and compare its arms."""
    control = run.plan.evaluation.control_arm
    counts = {str(arm): int(n) for arm, n in rows["arm"].value_counts().sort_index().items()}
    said: dict[str, Any] = {"campaign": name, "customers": len(rows), "usable": False, "heterogeneity_p": math.nan}
    said |= {"arms": ", ".join(f"{arm} {n:,}" for arm, n in counts.items()), "srm_p": math.nan}
    nothing = pd.DataFrame(columns=EFFECTS)
    if control not in counts or len(counts) < 2:
        sentence = f"{name}: {NO_CONTROL}. An arm called {control} beside another one would allow a test."
        return nothing, said | {"sentence": sentence}
    said["srm_p"] = sample_ratio(counts, dict.fromkeys(counts, 1.0))
    if said["srm_p"] < SRM_LIMIT:
        seen = "/".join(f"{n / len(rows):.1%}" for n in counts.values())
        planned = "/".join([f"{1 / len(counts):.1%}"] * len(counts))
        sentence = f"{name}: blocked. {planned} planned, {seen} seen, p = {said['srm_p']:.1g}: find the cause first."
        return nothing, said | {"sentence": sentence}
    found = effects(rows.rename(columns={"revenue_minor": "revenue"}), control)
    single = found[found["segment"] != ALL]
    said["heterogeneity_p"] = _least([_heterogeneity(part) for _, part in single.groupby("arm")])
    cost = pd.concat([rows, rows.assign(segment=ALL)]).groupby(["segment", "arm"])["cost_minor"].agg(["sum", "count"])
    priced = found.merge(cost.reset_index(), on=["segment", "arm"], how="left").rename(columns={"sum": "cost"})
    has_cost = rows["cost_minor"].sum() > 0
    priced = priced.assign(campaign=name, cost=priced["cost"] if has_cost else math.nan)
    return priced, said | {"usable": True, "sentence": _experiment(name, said, found)}


def _heterogeneity(part: pd.DataFrame) -> float:
    return heterogeneity(part["effect"], part["standard_error"])[2]


def _least(values: list[float]) -> float:
    """Smallest of several p values after Bonferroni, NaN without any."""
    known = [value for value in values if not math.isnan(value)]
    return min(1.0, min(known) * len(known)) if known else math.nan


def _experiment(name: str, said: dict[str, Any], found: pd.DataFrame) -> str:
    whole = found[found["segment"] == ALL]
    parts = [f"{r.arm} {r.effect:+.1%} ({r.effect_low:+.1%} to {r.effect_high:+.1%})" for r in whole.itertuples()]
    text = f"{name}: against the control group, the share of buyers changed by {'; '.join(parts)}."
    if said["heterogeneity_p"] < SIGNIFICANT:
        return f"{text} The effect differs between segments (p = {said['heterogeneity_p']:.2g})."
    return f"{text} Nothing shows that it works better for one segment than for another."


def _adjusted(found: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p values over all campaigns: once over the segments, once over the totals."""
    family = found["segment"] == ALL
    return found.assign(p_adjusted=found.groupby(family)["p_value"].transform(benjamini_hochberg))


def _named(found: pd.DataFrame, fixed: Segmentation, run: Run) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Add names, money in main units and return on cost; leave out groups below the floor."""
    floor, scale = run.plan.privacy.floor, 10.0**run.plan.money_decimals
    number = found["segment"].where(found["segment"] != ALL, 0).astype("int64")
    who = fixed.segments.set_index("segment")
    money = ["revenue_effect", "revenue_effect_low", "revenue_effect_high", "cost"]
    table = found.assign(
        segment=number,
        name=number.map(who["name"]).fillna("everybody"),
        identity=number.map(who["identity"]).fillna(0).astype("int64"),
        **{column: found[column].astype(float) / scale for column in money},
    )
    table = table.assign(**_return_on_cost(table, run.plan.evaluation.margin_share))
    table = table.assign(sentence=[_sentence(row) for row in table.to_dict("records")])
    enough = (table["n"] >= floor) & (table["n_control"] >= floor)
    note = (f"Comparisons with fewer than {floor} customers in an arm are left out.",) if not enough.all() else ()
    ordered = table[enough].sort_values(["campaign", "segment", "arm"], ignore_index=True)
    return ordered[EFFECTS], note


def _return_on_cost(table: pd.DataFrame, margin_share: float | None) -> dict[str, Any]:
    """Return per unit of cost: (extra revenue x margin - cost) / cost; NaN without a margin or a cost."""
    if margin_share is None:
        return dict.fromkeys(("roi", "roi_low", "roi_high"), np.nan)
    cost = table["cost"].where(table["cost"] > 0)
    ends = {"roi": "revenue_effect", "roi_low": "revenue_effect_low", "roi_high": "revenue_effect_high"}
    return {name: table[column] * table["n"] * margin_share / cost - 1 for name, column in ends.items()}


def _sentence(row: dict[Any, Any]) -> str:
    lead = f"{row['campaign']}, {row['name']}, {row['arm']} against control: {row['effect']:+.1%} buyers"
    lead += f" ({row['effect_low']:+.1%} to {row['effect_high']:+.1%}, n = {row['n']:,} and {row['n_control']:,})"
    if row["p_adjusted"] < SIGNIFICANT:
        return f"{lead}; beyond chance after adjustment (p = {row['p_adjusted']:.2g})."
    reach = (row["effect_high"] - row["effect_low"]) / 2
    return f"{lead}; cannot tell: effects within about {reach:.1%} of none would not show here."
