"""Notebook 05: who each segment is, every line with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.core.plan import Plan
from seglib.criteria import plain
from seglib.methods.lift import distinguish
from seglib.methods.present import Head, percent, present, whole
from seglib.methods.present import amount as written
from seglib.personas.evidence import SAMPLE_ROWS, amount, compare, draw, matching, strongest

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.criteria import Features

NEEDS_PER_CARD = 3
SCORES = ("nps", "csat")  # satisfaction, not needs
NOTHING = "Nothing distinctive"
BANNER = (
    "A persona is a summary of many customers. It is no real person, and no single customer has to look like it: "
    "read the share of members who match the card before you write to anybody as if they did."
)
NO_NEEDS = "not measured: a survey item such as motive_price in feedback.csv would measure it"


@dataclass(frozen=True)
class Personas:
    """One card per segment, and the evidence line by line.

    Parameters
    ----------
    cards : DataFrame
        One row per segment: segment, name, identity, customers, share, revenue_share, basket_minor and
        last_order_days (medians), country, country_share, summary, match_share, needs.
    lines : DataFrame
        One row per line of a card, strongest first: the sentence (`line`), the same without evidence (`claim`) and in
        pieces (subject, here, there, evidence), criterion, level (of a category), family, value, everyone, effect with
        low and high, n, tested, passes.
    banner : str
        What a reader must know about every persona.
    notes : tuple of str
        What could not be computed, and which file would allow it.
    """

    STEP: ClassVar[str] = "05_personas"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {}

    cards: pd.DataFrame
    lines: pd.DataFrame
    banner: str
    notes: tuple[str, ...]

    def facts(self, plan: Plan) -> pd.DataFrame:
        """Show the facts of every card: sizes, medians of basket and days since the last order, main country."""
        places = zip(self.cards["country"], self.cards["country_share"], strict=True)
        shown = self.cards.assign(
            basket=self.cards["basket_minor"] / 10**plan.money_decimals,
            home=[f"{country} ({share:.0%})" if isinstance(country, str) else "" for country, share in places],
        )
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "share": ("share of customers", percent),
            "revenue_share": ("share of revenue", percent),
            "basket": (f"typical basket ({plan.currency})", written),
            "last_order_days": ("days since last order", whole),
            "home": "main country",
        }
        return present(shown, heads)

    def answers(self) -> pd.DataFrame:
        """Show what the members answered in surveys, as far as somebody asked."""
        return present(self.cards, {"name": "segment", "needs": "what members answered"})

    def evidence(self) -> pd.DataFrame:
        """Show the lines of all cards in pieces, strongest first within a segment."""
        columns = {"name": "segment", "subject": "what", "here": "typical member", "there": "everyone"}
        return self.lines[[*columns, "evidence", "family"]].rename(columns=columns)

    def match(self) -> pd.DataFrame:
        """Show how many members look like their card."""
        counts = self.lines.groupby("segment").size()
        told = self.cards.assign(line_count=self.cards["segment"].map(counts).fillna(0).astype(int))
        share: Head = ("members who match most lines", percent)
        return present(told, {"name": "segment", "line_count": "lines on the card", "match_share": share})

    def check(self) -> str:
        """Say in one sentence how many cards say something and how well their members match them."""
        silent = self.cards.loc[~self.cards["segment"].isin(self.lines["segment"]), "name"].tolist()
        shares = self.cards["match_share"].dropna()
        least = (
            f"; members match most lines of their card in {shares.min():.0%} or more of cases" if len(shares) else ""
        )
        words = f"{len(self.cards) - len(silent)} of {len(self.cards)} segments have something distinctive"
        return f"{words}{least}." + (f" {NOTHING}: {', '.join(silent)}." if silent else "")


def describe(
    segmentation: Segmentation, features: Features, collection: Collection, plan: Plan, as_of: datetime, seed: int = 0
) -> Personas:
    """Write a persona for every segment, from its members' criteria, orders and answers.

    Parameters
    ----------
    segmentation : Segmentation
        Labels and segments.
    features : Features
        Criteria and their catalogue.
    collection : Collection
        Orders, customers and feedback.
    plan : Plan
        Currency and the smallest group that may be shown.
    as_of : datetime
        Everything is computed as of this instant.
    seed : int
        Chooses the sample of at most 20,000 customers on which the lines are computed.

    Returns
    -------
    Personas
    """
    floor, segments = plan.privacy.floor, segmentation.segments
    sample = draw(segmentation.labels, features.values, seed)
    found = compare(sample, features.catalogue, floor)
    names = segments.set_index("segment")["name"]
    lines = strongest(found, plan)
    lines["name"] = lines["segment"].map(names)
    facts = _facts(segmentation.labels, collection, as_of, floor)
    needs, note = _needs(segmentation.labels, collection, as_of, floor)
    cards = segments[["segment", "name", "identity", "customers", "share", "revenue_share"]].merge(facts, "left")
    cards = cards.merge(matching(sample, lines), "left")
    cards = cards.assign(
        summary=[_summary(row, plan) for row in cards.to_dict("records")],
        needs=[needs.get(segment, note) for segment in cards["segment"]],
    )
    return Personas(
        cards, lines, BANNER, _notes(features.catalogue, len(sample), int(segments["customers"].sum()), note)
    )


def _facts(labels: Table, collection: Collection, as_of: datetime, floor: int) -> pd.DataFrame:
    """Compute the typical basket, the days since the last order and the main country of each segment."""
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    orders = collection.orders.filter(collection.orders.ordered_at < as_of).inner_join(member, "customer")
    baskets = orders.group_by("segment", "customer", "order_id").agg(basket_minor=orders.amount_minor.sum())
    typical: pd.DataFrame = baskets.group_by("segment").agg(basket_minor=baskets.basket_minor.median()).to_pandas()
    last = orders.group_by("segment", "customer").agg(last_on=orders.ordered_on.max())
    last = last.mutate(day_count=last.last_on.epoch_days()).group_by("segment").agg(day=lambda t: t.day_count.median())
    facts: pd.DataFrame = typical.merge(last.to_pandas())
    today = (as_of.date() - date(1970, 1, 1)).days
    facts = facts.assign(
        last_order_days=today - facts["day"].astype(float), basket_minor=facts["basket_minor"].astype(float)
    )
    return facts.drop(columns="day").merge(_home(member, collection, floor), "left")


def _home(member: Table, collection: Collection, floor: int) -> pd.DataFrame:
    """Find the most frequent country of each segment's members, when at least `floor` members live there."""
    places = collection.customers if collection.has("customers", "country") else None
    if places is None and collection.has("orders", "country"):
        places = collection.orders
    if places is None:
        nothing = pd.DataFrame(columns=["segment", "country", "country_share"])
        return nothing.astype({"segment": "int64", "country": "str", "country_share": "float64"})
    pairs = places.filter(places.country.notnull()).select("customer", "country").distinct()
    lived = pairs.inner_join(member, "customer").group_by("segment", "country")
    counts: pd.DataFrame = lived.agg(n=lambda t: t.count()).to_pandas()
    counts["country_share"] = counts["n"] / counts.groupby("segment")["n"].transform("sum")
    top: pd.DataFrame = counts.sort_values(["n", "country"], ascending=[False, True]).drop_duplicates("segment")
    return top.loc[top["n"] >= floor, ["segment", "country", "country_share"]]


def _needs(labels: Table, collection: Collection, as_of: datetime, floor: int) -> tuple[dict[int, str], str]:
    """Summarise the survey items that set a segment apart; a note where nothing was asked or too few answered."""
    if collection.feedback is None:
        return {}, NO_NEEDS
    asked = collection.feedback.filter(lambda t: t.answer.notnull() & t.item.notin(SCORES) & (t.answered_at < as_of))
    mean = (asked.answer * 1000).round().cast("int64").sum() / asked.count()
    answers = asked.group_by("customer", "item").agg(answer=mean / 1000.0)
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    rows = answers.inner_join(member, "customer").order_by("customer", "item").limit(SAMPLE_ROWS * 10).to_pandas()
    if not len(rows):
        return {}, NO_NEEDS
    wide = rows.pivot(index="customer", columns="item", values="answer")
    segment = rows.drop_duplicates("customer").set_index("customer")["segment"].reindex(wide.index)
    found = distinguish(wide, None, segment)
    everyone, here, needs = wide.mean(), wide.groupby(segment).mean(), {}
    for number, items in found[found["n"] >= floor].groupby("segment"):
        best = items[items["passes"]].sort_values("effect", key=abs, ascending=False).head(NEEDS_PER_CARD)
        words = [
            f"{str(row['column']).replace('_', ' ')} {here.at[number, row['column']]:.1f} on average; "
            f"everyone: {everyone[row['column']]:.1f} (n = {row['n']:,})"
            for row in best.to_dict("records")
        ]
        needs[int(str(number))] = "; ".join(words) or f"no answer sets them apart (n = {items['n'].max():,})"
    return needs, f"not measured: fewer than {floor} members answered a survey item"


def _summary(card: dict[Any, Any], plan: Plan) -> str:
    revenue = f", {card['revenue_share']:.0%} of revenue" if pd.notna(card["revenue_share"]) else ""
    parts = [f"{card['customers']:,} customers ({card['share']:.0%}){revenue}."]
    if pd.notna(card["basket_minor"]):
        parts.append(f"Typical basket {amount(card['basket_minor'], 'money', plan)};")
        parts.append(f"typically {card['last_order_days']:,.0f} days since the last order (medians).")
    if isinstance(card["country"], str):
        parts.append(f"Main country {card['country']} ({card['country_share']:.0%}).")
    return " ".join(parts)


def _notes(catalogue: pd.DataFrame, sampled: int, customers: int, needs: str) -> tuple[str, ...]:
    made = ", ".join(catalogue.loc[catalogue["clusters"].astype(bool), "name"].map(plain))
    notes = [
        f"Segments were made from {made}: lines about these, and about RFM, describe and prove nothing.",
        "Counts, money and shares in the lines are those of the window that the plan sets for criteria.",
    ]
    if sampled < customers:
        notes.append(f"Lines are computed on a random sample of {sampled:,} of {customers:,} customers.")
    if needs == NO_NEEDS:
        notes.append(f"Needs and motives are {NO_NEEDS}.")
    return tuple(notes)
