"""Notebook 07: for every segment and stage an offer or an explicit none, and what to offer next."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.content import next_best
from seglib.core import sections as plans
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.journeys import STAGES, WORDS
from seglib.methods.present import Head, amount, percent, present, spans, whole

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.journeys import Journeys

NONE = "none"
PURPOSES = {"social": "ads", "search": "ads", "display": "ads", "letter": "post", "catalogue": "post"}
ITEMS = {"category": "category", "product_name": "product", "product_id": "product"}
NO_ITEMS = (
    "Next-best products are not computed: orders.csv has neither category, product_name nor product_id. "
    "A category column would allow it."
)


@dataclass(frozen=True)
class ContentPlan:
    """What each segment gets in each stage, with cost and hypothesis, and what its members tend to buy next.

    Parameters
    ----------
    actions : DataFrame
        Exactly one row per segment and stage: segment, name, identity, stage, customers (blank below the floor),
        offer ("none" where no offer fits), message, channel, purpose (consent that the channel needs), cost_minor,
        cap_per_quarter, hypothesis, test, why (reason of a none).
    next_best : DataFrame
        segment, name, identity, rank, category, share (of next orders), n.
    by_last : DataFrame
        segment, name, last, next, share, n: the best guess after each last category, where n reaches the floor.
    recommendation : DataFrame
        model, hit_rate, low, high, n: first three guesses, on orders of this quarter that no guess has seen.
    budget : DataFrame
        segment (0 = all), name, customers, cost_minor, share (of the plan's budget).
    item : str
        What a next-best "category" is: category, product, or "" when there is none.
    verdict : str
        Whether knowing segment and last category beats popularity.
    notes : tuple of str
        What could not be computed, and which file or decision would allow it.
    """

    STEP: ClassVar[str] = "07_personalised_content"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {}

    actions: pd.DataFrame
    next_best: pd.DataFrame
    by_last: pd.DataFrame
    recommendation: pd.DataFrame
    budget: pd.DataFrame
    item: str
    verdict: str
    notes: tuple[str, ...]

    def playbook(self) -> pd.DataFrame:
        """Show which offer each segment gets in each stage."""
        wide = self.actions.pivot(index=["segment", "name"], columns="stage", values="offer")[list(STAGES)]
        return present(wide.reset_index(), {"name": "segment", **WORDS})

    def silent(self) -> pd.DataFrame:
        """Show who hears nothing from us, and why."""
        rows = self.actions[self.actions["offer"] == NONE].assign(stage=lambda frame: frame["stage"].map(WORDS))
        heads: dict[str, Head] = {"customers": ("customers", whole), "why": "why"}
        return present(rows, {"name": "segment", "stage": "stage", **heads})

    def guesses(self) -> pd.DataFrame:
        """Show the best guess after each of the three most frequent last purchases of a segment."""
        heads: dict[str, Head] = {
            "name": "segment",
            "last": "after buying",
            "next": "the next is most often",
            "share": ("share", percent),
            "n": ("next purchases", whole),
        }
        return present(self.by_last.groupby("name", sort=False).head(3), heads)

    def trial(self) -> pd.DataFrame:
        """Show how often the guesses were right, on purchases that they had never seen."""
        interval = spans(self.recommendation, percent)
        heads: dict[str, Head] = {"model": "guess from", "hit_rate": ("right", percent), "interval": "95% interval"}
        return present(self.recommendation.assign(interval=interval), heads | {"n": ("later purchases", whole)})

    def largest(self, rows: int = 6) -> pd.DataFrame:
        """Show the groups with most customers: what they are offered, and where."""
        heads: dict[str, Head] = {
            "name": "segment",
            "stage": "stage",
            "customers": ("customers", whole),
            "offer": "offer",
            "channel": "channel",
            "test": "name of the test",
        }
        found = self.actions.nlargest(rows, "customers")
        return present(found.assign(stage=found["stage"].map(WORDS)), heads)

    def hypotheses(self, rows: int = 3) -> tuple[str, ...]:
        """Say what is expected of the offers to the largest groups."""
        found = self.actions[self.actions["offer"] != NONE].nlargest(rows, "customers")
        return tuple(dict.fromkeys(f"{row.offer}: {row.hypothesis}" for row in found.itertuples()))

    def costs(self, plan: Plan) -> pd.DataFrame:
        """Show the most that each segment can cost, in the currency's main unit."""
        shown = self.budget.assign(cost=self.budget["cost_minor"] / 10**plan.money_decimals)
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "cost": (f"cost at most ({plan.currency})", amount),
            "share": ("share of the budget", percent),
        }
        return present(shown, heads)

    def check(self) -> str:
        """Say in one sentence how many customers have an offer, at what cost, and whether the budget allows it."""
        total = self.budget[self.budget["segment"] == 0].iloc[0]
        offered = int(self.actions["offer"].ne(NONE).sum())
        words = f"{offered} of {len(self.actions)} pairs of segment and stage have an offer"
        words += f", {total['customers']:,} customers"
        if pd.isna(total["share"]):
            return f"{words}; the plan names no budget."
        fits = "within" if total["share"] <= 1 else "over"
        return f"{words}; if everybody is reached up to the cap it costs {total['share']:.0%} of the budget: {fits} it."


def plan_content(
    collection: Collection, segmentation: Segmentation, journeys: Journeys, plan: Plan, quarter: Quarter
) -> ContentPlan:
    """Choose the offer of every segment and stage, and find what members tend to buy next.

    Parameters
    ----------
    collection : Collection
        Orders.
    segmentation : Segmentation
        Labels and segments.
    journeys : Journeys
        The stage of every customer.
    plan : Plan
        Offers, budget, currency and the smallest group that may be shown.
    quarter : Quarter
        Next-best guesses learn from before it starts and are tried on it.

    Returns
    -------
    ContentPlan

    Raises
    ------
    InputRefused
        P05, when an offer names a stage that does not exist.
    """
    floor, segments = plan.privacy.floor, segmentation.segments[["segment", "name", "identity"]]
    labels = segmentation.labels
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    placed = member.inner_join(journeys.stage_of, "customer").group_by("segment", "stage")
    counts = placed.agg(customers=lambda t: t.count()).to_pandas()
    actions = choose(segments, counts, plan, quarter.text)
    item = next((column for column in ITEMS if collection.has("orders", column)), "")
    pairs = next_best.count_pairs(collection.orders, member, item, quarter, floor) if item else pd.DataFrame()
    best, by_last = next_best.rank(pairs, segments, floor)
    tried, verdict = next_best.trial(pairs)
    return ContentPlan(
        actions=actions.assign(customers=_blank(actions["customers"], floor)),
        next_best=best,
        by_last=by_last,
        recommendation=tried,
        budget=budget(actions, plan),
        item=ITEMS.get(item, ""),
        verdict=verdict if item else NO_ITEMS,
        notes=_notes(plan.content, segments["name"].tolist(), item),
    )


def choose(segments: pd.DataFrame, counts: pd.DataFrame, plan: Plan, quarter: str) -> pd.DataFrame:
    """Give each segment and stage the first offer of the plan that names both, or an explicit none with its reason.

    Parameters
    ----------
    segments : DataFrame
        segment, name, identity.
    counts : DataFrame
        segment, stage, customers.
    plan : Plan
        Offers and currency.
    quarter : str
        Part of the test's name.

    Returns
    -------
    DataFrame
        The columns of `ContentPlan.actions`; every pair of segment and stage exactly once.
    """
    _check_stages(plan.content.offers)
    rows = segments.merge(pd.DataFrame({"stage": STAGES}), "cross").merge(counts, "left", on=["segment", "stage"])
    rows["customers"] = rows["customers"].fillna(0).astype(int)
    chosen = [_action(row, plan, quarter) for row in rows.to_dict("records")]
    return pd.concat([rows, pd.DataFrame(chosen)], axis=1)


def budget(actions: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Give what it costs when every customer with an offer is reached as often as the cap allows.

    Returns
    -------
    DataFrame
        segment (0 = all, the last row), name, customers, cost_minor, share of the plan's budget.
    """
    offered = actions[actions["offer"] != NONE]
    offered = offered.assign(cost_minor=offered["customers"] * offered["cost_minor"] * offered["cap_per_quarter"])
    sums = offered.groupby("segment")[["customers", "cost_minor"]].sum().astype("int64")
    rows = (
        actions[["segment", "name"]]
        .drop_duplicates()
        .join(sums, on="segment")
        .fillna({"customers": 0, "cost_minor": 0})
    )
    total = {"segment": 0, "name": "all", **rows[["customers", "cost_minor"]].sum().to_dict()}
    rows = pd.concat([rows, pd.DataFrame([total])], ignore_index=True).astype({"customers": int, "cost_minor": int})
    limit = None if plan.content.budget is None else plan.content.budget * 10**plan.money_decimals
    rows["share"] = rows["cost_minor"] / limit if limit else float("nan")
    return rows.assign(customers=_blank(rows["customers"], plan.privacy.floor))


def _blank(customers: pd.Series[int], floor: int) -> pd.Series[Any]:
    """Blank counts below the floor."""
    return customers.astype("Int64").mask(customers.between(1, floor - 1))


def _action(row: dict[Any, Any], plan: Plan, quarter: str) -> dict[str, Any]:
    """Choose one segment's offer in one stage."""
    fits = [
        o for o in plan.content.offers if row["stage"] in o.stages and (not o.segments or row["name"] in o.segments)
    ]
    if not fits:
        why = "no offer of the plan names this stage and segment" if plan.content.offers else "the plan has no offers"
        blank = dict.fromkeys(("message", "channel", "purpose"), "") | {"cost_minor": 0, "cap_per_quarter": 0}
        return {"offer": NONE, **blank, "hypothesis": "", "test": "", "why": why}
    offer = fits[0]
    stage = row["stage"].replace("_", " ")
    return {
        "offer": offer.name,
        "message": offer.message,
        "channel": offer.channel,
        "purpose": PURPOSES.get(offer.channel, offer.channel),
        "cost_minor": int((Decimal(str(offer.cost)) * 10**plan.money_decimals).to_integral_value()),
        "cap_per_quarter": offer.cap_per_quarter,
        "hypothesis": offer.hypothesis
        or f"We expect more of the {stage} customers in '{row['name']}' to order with '{offer.name}' than without; "
        "measured by the share who order, against the hold-out.",
        "test": f"{quarter}-{row['segment']:02d}-{row['stage']}",
        "why": "",
    }


def _check_stages(offers: tuple[plans.Offer, ...]) -> None:
    findings = [
        Finding(
            "P05", f"no stage called '{stage}'", f"plan.yml, content.offers[{place}].stages", do=nearest(stage, STAGES)
        )
        for place, offer in enumerate(offers)
        for stage in offer.stages
        if stage not in STAGES
    ]
    if findings:
        raise InputRefused(findings)


def _notes(content: plans.Content, names: list[str], item: str) -> tuple[str, ...]:
    notes = [] if content.offers else ["The plan has no offers: add them under content.offers in plan.yml."]
    for offer in content.offers:
        unknown = [name for name in offer.segments if name not in names]
        notes += [f"Offer '{offer.name}': no segment is called '{u}'; {nearest(u, names)}." for u in unknown]
    if not item:
        notes.append(NO_ITEMS)
    elif item != "category":
        notes.append("orders.csv has no category: next-best shows the most common products instead.")
    return tuple(notes)
