"""Notebook 05: who each segment is, every line with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.clustering.purses import untold, why
from seglib.core.intake.ends import covered_until
from seglib.core.plan import Plan
from seglib.criteria.names import plain
from seglib.methods.gates import left_out, sentence
from seglib.methods.present import Head, percent, present, whole, whole_percent
from seglib.methods.present import amount as written
from seglib.methods.present import shown as kept_back
from seglib.personas.evidence import amount, compare, days, draw, fit, homogeneous, in_words, matching, strongest
from seglib.personas.facts import facts
from seglib.personas.needs import ENDING, KINDS, answers, catalogue, told
from seglib.personas.quotes import QUOTES, quotes
from seglib.personas.words import refuse

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.criteria.features import Features

NOTHING = "Nothing distinctive"
NO_CARD = "No persona"
BANNER = (
    "A persona is a summary of many customers. It is no real person, and no single customer has to look like it: "
    "read the share of members who match the card before you write to anybody as if they did."
)
NEEDS = [kind.name for kind in KINDS]


@dataclass(frozen=True)
class Personas:
    """One card per segment, and the evidence line by line.

    Parameters
    ----------
    cards : DataFrame
        One row per segment: segment, name, identity, customers, share, revenue_share, basket_minor and
        last_order_days (medians), country, country_said, channel, channel_said, match_share, others_match_share, match,
        others_match (both in words), motivations, goals, challenges, summary. A segment that `methods.gates` leaves out
        has no facts and no lines.
    lines : DataFrame
        One row per line of a card, strongest first: the sentence (`line`), the same without evidence (`claim`) and in
        pieces (subject, here, there, evidence), criterion, level (of a category), family, value, others (whom the
        effect compares), everyone, effect with low and high, n, members, tested, passes.
    banner : str
        What a reader must know about every persona.
    notes : tuple of str
        What could not be computed, and which file would allow it.
    flags : DataFrame
        segment, name, criterion: personal attributes in which nearly all known members are alike, so that knowing a
        member would tell the attribute; no line names its level.
    left_out : str
        Which segments get no persona, why, and how many customers that concerns.
    quotes : DataFrame
        segment, name, quote, customers: texts that at least so many members wrote as the plan's floor asks for.
    withheld : tuple of int
        The segments that get no persona: their summary says why.
    """

    STEP: ClassVar[str] = "05_personas"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {}

    cards: pd.DataFrame
    lines: pd.DataFrame
    banner: str
    notes: tuple[str, ...]
    flags: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["segment", "name", "criterion"]))
    left_out: str = ""
    quotes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=QUOTES))
    withheld: tuple[int, ...] = ()

    def facts(self, plan: Plan) -> pd.DataFrame:
        """Show the facts of every card: sizes, medians of basket and days since the last order, main country."""
        shown = self.cards.assign(
            basket=self.cards["basket_minor"] / 10**plan.money_decimals,
            money=kept_back(self.cards["revenue_share"], percent),
            home=_with_share(self.cards, "country"),
            way=_with_share(self.cards, "channel"),
        )
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "share": ("share of customers", percent),
            "money": "share of revenue",
            "basket": (f"typical basket ({plan.currency})", written),
            "last_order_days": ("days since last order", days),
            "home": "main country",
            "way": "channel that most have used",
        }
        return present(shown, heads)

    def answers(self) -> pd.DataFrame:
        """Show motivations, goals and challenges as the members answered them, or the question that would tell."""
        rows = self.cards.melt(["segment", "name"], NEEDS, var_name="kind", value_name="answer")
        same = rows.groupby("kind")["answer"].transform("nunique") == 1
        rows = rows.assign(name=rows["name"].mask(same, "all segments")).drop_duplicates(["kind", "name"])
        return present(rows, {"kind": "what", "name": "segment", "answer": "what members answered"})

    def quoted(self) -> pd.DataFrame:
        """Show what may be quoted, and how many members wrote it."""
        rows = self.quotes.assign(quote=[f"“{text}”" for text in self.quotes["quote"]])
        return present(rows, {"name": "segment", "quote": "what members wrote", "customers": ("written by", whole)})

    def evidence(self) -> pd.DataFrame:
        """Show the lines of all cards in pieces, strongest first within a segment."""
        columns = {"name": "segment", "subject": "what", "here": "typical member", "there": "others"}
        return self.lines[[*columns, "evidence", "family"]].rename(columns=columns)

    def match(self) -> pd.DataFrame:
        """Show how many members look like their card."""
        counts = self.lines.groupby("segment").size()
        shown = self.cards.assign(line_count=self.cards["segment"].map(counts).fillna(0).astype(int))
        heads: dict[str, Head] = {
            "name": "segment",
            "line_count": "lines on the card",
            "match": "members who match most lines",
            "others_match": "others who match them too",
        }
        return present(shown, heads)

    def alike(self) -> pd.DataFrame | str:
        """Show the personal attributes in which nearly all members of a segment are alike."""
        if not len(self.flags):
            return "No segment gives a personal attribute of its members away."
        rows = self.flags.assign(criterion=self.flags["criterion"].map(plain))
        return present(rows, {"name": "segment", "criterion": "nearly all members are alike in"})

    def check(self) -> str:
        """Say in one sentence how many cards say something and how well their members match them."""
        drawn = self.cards[~self.cards["segment"].isin(self.withheld)]
        silent = drawn.loc[~drawn["segment"].isin(self.lines["segment"]), "name"].tolist()
        matched = self.cards.dropna(subset="match_share").sort_values("match_share", kind="stable")
        least = f"; at worst, {matched['match'].iloc[0]} of the members match most lines" if len(matched) else ""
        words = f"{len(drawn) - len(silent)} of {len(drawn)} personas have something distinctive"
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
        Orders, customers, feedback and comments.
    plan : Plan
        Currency, the smallest group that may be shown, and the window of the criteria.
    as_of : datetime
        Everything is computed as of this instant.
    seed : int
        Chooses the sample of at most 20,000 customers on which the lines are computed.

    Returns
    -------
    Personas
    """
    floor, segments = plan.privacy.floor, segmentation.segments
    refuse(segments["name"].tolist())
    sample = draw(segmentation.labels, features.values, seed)
    speakable = features.catalogue[features.catalogue["sensitivity"] != "special"]
    asked = answers(sample, speakable)
    items = [f"{item}{ENDING}" for item in asked.columns]
    others = speakable[~speakable["name"].isin(items)]
    described = pd.concat([others, catalogue(list(asked.columns))], ignore_index=True)
    found = compare(sample.drop(columns=items).join(asked), described, floor)
    out = left_out(segments, floor, plan.clustering.use_unstable).set_index("segment")["why"]
    found = found[~found["segment"].isin(out.index)] if len(found) else found
    alike = homogeneous(sample, described, floor)
    lines, silenced = fit(strongest(found, plan, alike))
    lines["name"] = lines["segment"].map(segments.set_index("segment")["name"])
    end, days = covered_until(collection, as_of), plan.criteria.window_days
    known = facts(segmentation.labels, collection, end, floor, days)
    cards = segments[["segment", "name", "identity", "customers", "share", "revenue_share"]]
    cards = cards.merge(known[~known["segment"].isin(out.index)], "left")
    matched = in_words(matching(sample, lines), sample["segment"].value_counts(), floor)
    cards = cards.merge(matched, "left").merge(told(found, asked, sample["segment"], floor), "left")
    cards = cards.assign(summary=[_summary(row, plan) for row in cards.to_dict("records")])
    for segment, reason in out.items():
        cards.loc[cards["segment"] == segment, ["summary", *NEEDS]] = f"{NO_CARD}: {reason}"
    flags = alike.assign(name=alike["segment"].map(segments.set_index("segment")["name"]))
    drawn = segments[~segments["segment"].isin(out.index)]
    quoted, why_not = quotes(drawn, segmentation.labels, collection, plan, as_of)
    notes = _notes(features.catalogue, len(sample), int(segments["customers"].sum()), not len(asked.columns), silenced)
    said = sentence(segments, floor, plan.clustering.use_unstable, "no persona")
    notes = (*notes, *why_not, *why(untold(segments)))
    withheld = tuple(int(segment) for segment in out.index)
    return Personas(cards, lines, BANNER, notes, flags[["segment", "name", "criterion"]], said, quoted, withheld)


def _with_share(cards: pd.DataFrame, column: str) -> list[str]:
    """Write a value with its share of the members, "" where it is not known."""
    pairs = zip(cards[column], cards[f"{column}_said"], strict=True)
    return [f"{value} ({share})" if isinstance(value, str) else "" for value, share in pairs]


def _summary(card: dict[Any, Any], plan: Plan) -> str:
    revenue = f", {whole_percent(card['revenue_share'])} of revenue" if pd.notna(card["revenue_share"]) else ""
    parts = [f"{card['customers']:,} customers ({whole_percent(card['share'])}){revenue}."]
    parts.append(f"Typical basket {amount(card['basket_minor'], 'money', plan)};")
    parts.append(f"typically {days(card['last_order_days'])} days since the last order (medians).")
    if isinstance(card["country"], str):
        parts.append(f"Main country {card['country']} ({card['country_said']}).")
    if isinstance(card["channel"], str):
        parts.append(f"The channel {card['channel']} has been used by {card['channel_said']}.")
    return " ".join(parts)


def _notes(catalogue: pd.DataFrame, sampled: int, customers: int, unasked: bool, silenced: int) -> tuple[str, ...]:
    made = ", ".join(catalogue.loc[catalogue["clusters"].astype(bool), "name"].map(plain))
    notes = [
        f"Segments were made from {made}: lines about these, and about what follows from them, describe and prove "
        "nothing.",
        "Counts, money and shares in the lines are those of the window that the plan sets for criteria.",
    ]
    if sampled < customers:
        notes.append(f"Lines are computed on a random sample of {sampled:,} of {customers:,} customers.")
    if unasked:
        notes.append("Motivations, goals and challenges are not measured: there are no survey items in feedback.csv.")
    if silenced:
        notes.append(f"Lines left out because they touch special categories of personal data: {silenced}.")
    return tuple(notes)
