"""Notebook 07: who gets which offer or an explicit none, what to show next, and where the money goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.clustering.purses import untold, why
from seglib.content import messages, money, next_best, products, response, stakes
from seglib.content.playbook import NO_ITEMS, NONE, budget, choose, discreet, marked, notes_of, stated
from seglib.core.engine import Table
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.journeys.lifecycle import STAGES
from seglib.journeys.tables import WORDS
from seglib.methods.gates import left_out, sentence
from seglib.methods.present import Head, amount, or_say, percent, points, present, spans, whole
from seglib.methods.shares import bounded

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.journeys.journeys import Journeys

ITEMS = {"category": "category", "product_name": "product", "product_id": "product"}


NO_CHANNEL = "No channel has been compared with a control group yet."
NO_LIST = "No list of products could be tried: nobody known before bought something new in the quarter."
NO_MESSAGE = "No message can be shown: the plan has no texts for these offers."


@dataclass(frozen=True)
class ContentPlan:
    """What each segment gets in each stage, with cost and hypothesis, and what its members tend to buy next.

    Parameters
    ----------
    actions : DataFrame
        Exactly one row per segment and stage: segment, name, identity, stage, customers (blank where notebook 06 hides
        them), spent_minor (what these very customers spent in the window; blank where it may not be shown), offer
        ("none" where none fits), example (nobody decided on it), message, tone, timing, channel, purpose (consent that
        the channel needs), cost_minor, cap_per_quarter, hypothesis, test, why (reason of a none).
    next_best : DataFrame
        segment, name, identity, rank, category, share (of next orders), n.
    by_last : DataFrame
        segment, name, last, next, share, n: the best guess after each last category, where n reaches the floor.
    recommendation : DataFrame
        model, hit_rate, low, high, n: first three guesses, on orders of this quarter that no guess has seen.
    budget : DataFrame
        segment (0 = all), name, low, high (customers with an offer), cost_low, cost_high (minor units): the same where
        the number is stated, else the range that follows from what is.
    item : str
        What a next-best "category" is: category, product, or "" when there is none.
    verdict : str
        Whether knowing segment and last category beats popularity.
    notes : tuple of str
        What could not be computed, and which file or decision would allow it.
    response : DataFrame
        What contacts changed so far, as `response.measure` gives it.
    division : DataFrame
        The budget divided by what surely pays, as `money.divide` and `money.discreet` give it.
    lists : Table or None
        customer, rank, item: what to show each customer next; None without products.
    tried : DataFrame
        How the ways of making such lists fared on later orders, as `methods.products.trial` gives it; said: the share
        hit, or its bound where that would tell of few customers.
    previews : DataFrame
        How the message of each segment's largest group reads.
    ages : tuple of str
        Whether age decides which channel works, tested.
    left_out : str
        Which segments get no content, why, and how many customers that concerns.
    """

    STEP: ClassVar[str] = "07_personalised_content"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"lists": ("customer", "rank")}

    actions: pd.DataFrame
    next_best: pd.DataFrame
    by_last: pd.DataFrame
    recommendation: pd.DataFrame
    budget: pd.DataFrame
    item: str
    verdict: str
    notes: tuple[str, ...]
    response: pd.DataFrame
    division: pd.DataFrame
    lists: Table | None
    tried: pd.DataFrame
    previews: pd.DataFrame
    ages: tuple[str, ...]
    left_out: str

    def playbook(self) -> pd.DataFrame:
        """Show which offer each segment gets in each stage."""
        said = self.actions.assign(offer=marked(self.actions))
        wide = said.pivot(index=["segment", "name"], columns="stage", values="offer")[list(STAGES)]
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
            "share": ("share, estimated", percent),
            "n": ("next purchases", whole),
        }
        return present(self.by_last.groupby("name", sort=False).head(3), heads)

    def trial(self) -> pd.DataFrame:
        """Show how often the guesses were right, on purchases that they had never seen."""
        interval = spans(self.recommendation, percent)
        heads: dict[str, Head] = {"model": "guess from", "hit_rate": ("right", percent), "interval": "95% interval"}
        return present(self.recommendation.assign(interval=interval), heads | {"n": ("later purchases", whole)})

    def largest(self, plan: Plan, rows: int = 6) -> pd.DataFrame:
        """Show the groups with most customers and those about to be lost: what they are offered, and where."""
        heads: dict[str, Head] = {
            "name": "segment",
            "stage": "stage",
            "customers": ("customers", whole),
            "offer": "offer",
            "channel": "channel",
            "test": "name of the test",
            "spent": (f"spent in the window ({plan.currency})", amount),
        }
        found = stakes.foremost(self.actions, rows)
        said = {"stage": found["stage"].map(WORDS), "spent": found["spent_minor"] / 10**plan.money_decimals}
        return present(found.assign(**said, offer=marked(found)), heads)

    def hypotheses(self, rows: int = 3) -> tuple[str, ...]:
        """Say what is expected of the offers to the largest groups."""
        found = self.actions[self.actions["offer"] != NONE].nlargest(rows, "customers")
        pairs = zip(marked(found), found["hypothesis"], strict=True)
        return tuple(dict.fromkeys(f"{offer}: {hypothesis}" for offer, hypothesis in pairs))

    def costs(self, plan: Plan) -> pd.DataFrame:
        """Show the most that each segment can cost, in the currency's main unit."""
        return money.ceiling(self.budget, plan)

    def ways(self) -> pd.DataFrame | str:
        """Show how often each way of making a list of three products was right, and how much of the range it shows."""
        exact = self.tried["said"] == self.tried["hit_share"].map(percent)  # else only the bound is said
        shown = self.tried.assign(interval=pd.Series(spans(self.tried, percent), self.tried.index).where(exact, ""))
        shown["gain"] = spans(self.tried, points, "difference_low", "difference_high")
        shown.loc[shown["model"] == shown["model"].head(1).squeeze() if len(shown) else [], "gain"] = ""
        heads: dict[str, Head] = {
            "model": "list of",
            "said": "customers hit",
            "interval": "95% interval",
        }
        heads |= {"gain": "gain over what sells best", "coverage_share": ("share of the range shown", percent)}
        return or_say(present(shown[shown["n"] > 0], heads | {"n": ("customers", whole)}), NO_LIST)

    def channels(self) -> pd.DataFrame | str:
        """Show what contacts changed so far: all customers, per channel and campaign."""
        rows = self.response[(self.response["segment"] == 0) & (self.response["age"] == "")]
        heads: dict[str, Head] = {
            "channel": "channel",
            "campaign": "campaign",
            "n": ("contacted", whole),
            "n_control": ("held back", whole),
            "effect": ("change of the share who order", points),
            "interval": "95% interval",
        }
        return or_say(present(rows.assign(interval=spans(rows, points)), heads), NO_CHANNEL)

    def messages(self) -> pd.DataFrame | str:
        """Show how the messages read, one segment after the other."""
        parts = self.previews.melt(["segment", "name", "offer"], list(messages.PARTS), "part", "text")
        parts["place"] = parts["part"].map({part: at for at, part in enumerate(messages.PARTS)})
        rows = parts[parts["text"] != ""].sort_values(["segment", "place"])
        heads: dict[str, Head] = {"name": "segment", "offer": "offer", "part": "part", "text": "how it reads"}
        return or_say(present(rows.assign(part=rows["part"].map(messages.PARTS)), heads), NO_MESSAGE)

    def shares_of_money(self, plan: Plan) -> pd.DataFrame | str:
        """Show who gets how much of the budget, why, and what it brings at least and most likely."""
        rows, unit = self.division, 10**plan.money_decimals
        rows = rows.assign(**{name: rows[name] / unit for name in ("cost", "low", "expected", "spent")})
        rows = rows.assign(interval=spans(rows, points, "low_effect", "high_effect"))
        rows["customers"] = [
            money.span(*ends, whole) for ends in zip(rows["low_count"], rows["high_count"], strict=True)
        ]
        heads: dict[str, Head] = {
            "name": "segment",
            "offer": "offer",
            "customers": "customers",
            "evidence": "measured on",
            "interval": "change of the share who order",
            "cost": (f"cost of a contact ({plan.currency})", amount),
            "low": ("adds at least", amount),
            "expected": ("adds most likely", amount),
            "spent": ("money for the group", amount),
            "why": "why",
        }
        return or_say(present(rows, heads), "No group has a share.")

    def against_equal(self, plan: Plan) -> str:
        """Say what the division brings at least, against the same money split evenly."""
        return money.against_equal(self.division, plan)

    def check(self, plan: Plan) -> str:
        """Say in one sentence how many customers have an offer, at what cost, and whether the budget allows it."""
        total = self.budget[self.budget["segment"] == 0].iloc[0]
        offered = int(self.actions["offer"].ne(NONE).sum())
        words = f"{offered} of {len(self.actions)} pairs of segment and stage have an offer"
        words += f", {money.span(total['low'], total['high'], whole)} customers"
        if plan.content.budget is None:
            return f"{words}; the plan names no budget."
        share = total["cost_high"] / 10**plan.money_decimals / plan.content.budget
        fits = "within" if share <= 1 else "over"
        return f"{words}; if everybody is reached up to the cap it costs {share:.0%} of the budget: {fits} it."


def plan_content(
    collection: Collection,
    segmentation: Segmentation,
    journeys: Journeys,
    plan: Plan,
    quarter: Quarter,
    before: Segmentation | None = None,
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
    before : Segmentation, optional
        Last quarter's; effects per segment need segments that stood before the contacts.

    Returns
    -------
    ContentPlan

    Raises
    ------
    InputRefused
        P05, when an offer names a stage or a message that does not exist.
    """
    messages.check(plan.content)
    floor, segments = plan.privacy.floor, segmentation.segments[["segment", "name", "identity"]]
    member = segmentation.labels.filter(segmentation.labels.segment.notnull()).select("customer", "segment")
    placed = member.inner_join(journeys.stage_of, "customer")
    counts = placed.group_by("segment", "stage").agg(customers=placed.count()).to_pandas()
    use = (floor, plan.clustering.use_unstable)
    out = left_out(segmentation.segments, *use).set_index("segment")["why"]
    actions = choose(segments, counts, plan, quarter.text, out.to_dict())
    item = next((column for column in ITEMS if collection.has("orders", column)), "")
    pairs = next_best.count_pairs(collection.orders, member, item, quarter, floor) if item else pd.DataFrame()
    best, by_last = next_best.rank(pairs, segments[~segments["segment"].isin(out.index)], floor)
    recommendation, verdict = next_best.trial(pairs)
    effects = response.measure(collection, before, segments, plan, quarter)
    lists, tried = products.make(collection, member, quarter, floor)
    tried = tried.assign(said=pd.Series(bounded(tried["hit_share"], tried["n"], floor), tried.index, dtype="str"))
    said, closed = stated(actions, floor), untold(segmentation.segments)
    values, seen = money.order_values(collection.orders, member, quarter), said["stage"]["shown"]
    sums = stakes.spent(collection.orders, placed, quarter.as_of, plan.criteria.window_days)
    shown = actions["customers"].astype("Int64").where(seen)
    known = segments["name"].tolist(), item, {*actions["offer"]}, response.campaigns(collection)
    apart = response.barred(collection, plan, quarter)
    told = (*notes_of(plan.content, *known), *(() if len(effects) else response.unmeasured(collection, apart)))
    return ContentPlan(
        actions=actions.assign(customers=shown, spent_minor=stakes.told(actions, sums, seen, closed)),
        next_best=best,
        by_last=by_last,
        recommendation=recommendation,
        budget=discreet(budget(actions, plan), said),
        response=effects,
        division=money.discreet(money.divide(actions, effects, values, plan), said["offer"], closed),
        lists=lists,
        tried=tried,
        previews=messages.preview(actions, best, plan),
        ages=(response.by_age(effects), response.social_by_age(collection, quarter, floor)),
        item=ITEMS.get(item, ""),
        verdict=verdict if item else NO_ITEMS,
        notes=(*told, *apart, *why(closed)),
        left_out=sentence(segmentation.segments, *use, "no offer"),
    )
