"""Notebook 05: who each segment is, every line with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from seglib.core.plan import Plan
from seglib.methods.lift import distinguish

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.core.engine import Table
    from seglib.criteria import Features

SAMPLE_ROWS = 20_000
LINES_PER_CARD = 6
NEEDS_PER_CARD = 3
SCORES = ("nps", "csat")  # satisfaction, not needs
NOTHING = "Nothing distinctive"
BANNER = (
    "A persona is a summary of many customers. It is no real person, and no single customer has to look like it: "
    "read the share of members who match the card before you write to anybody as if they did."
)
NO_NEEDS = "not measured: a survey item such as motive_price in feedback.csv would measure it"
EVIDENCE = ["segment", "name", "line", "claim", "criterion", "level", "family", "value", "everyone", "effect"]
EVIDENCE += ["low", "high", "n", "tested", "passes"]


@dataclass(frozen=True)
class Personas:
    """One card per segment, and the evidence line by line.

    Parameters
    ----------
    cards : DataFrame
        One row per segment: segment, name, identity, customers, share, revenue_share, basket_minor and
        last_order_days (medians), country, country_share, summary, match_share, needs.
    lines : DataFrame
        One row per line of a card, strongest first: the sentence (`line`), the same without evidence (`claim`),
        criterion, level (of a category), family, value, everyone, effect with low and high, n, tested, passes.
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

    def match(self) -> pd.DataFrame:
        """Show how many members look like their card."""
        counts = self.lines.groupby("segment").size()
        return self.cards[["segment", "name", "match_share"]].assign(
            line_count=self.cards["segment"].map(counts).fillna(0).astype(int),
            match_share=self.cards["match_share"].round(2),
        )

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
    lines = strongest(found.assign(name=found["segment"].map(names)), features.catalogue, plan)
    facts = _facts(segmentation.labels, collection, as_of, floor)
    needs, note = _needs(segmentation.labels, collection, floor)
    cards = segments[["segment", "name", "identity", "customers", "share", "revenue_share"]].merge(facts, "left")
    cards = cards.merge(matching(sample, lines), "left")
    cards = cards.assign(
        summary=[_summary(row, plan) for row in cards.to_dict("records")],
        needs=cards["segment"].map(needs).fillna(note),
    )
    return Personas(
        cards, lines, BANNER, _notes(features.catalogue, len(sample), int(segments["customers"].sum()), note)
    )


def draw(labels: Table, values: Table, seed: int) -> pd.DataFrame:
    """Draw at most 20,000 customers with segment and criteria, in an order that only the seed decides."""
    joined = labels.filter(labels.segment.notnull()).select("customer", "segment").inner_join(values, "customer")
    mixed = joined.mutate(mixed=(joined.customer + f"|{seed}").hexdigest("sha256"))
    rows: pd.DataFrame = mixed.order_by("mixed", "customer").limit(SAMPLE_ROWS).drop("mixed").to_pandas()
    return rows


def compare(sample: pd.DataFrame, catalogue: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Compare each segment with everyone else; criteria that made the segments are compared apart, as description.

    Parameters
    ----------
    sample : DataFrame
        segment and one column per criterion.
    catalogue : DataFrame
        name, family, role, kind of each criterion.
    floor : int
        Lines that rest on fewer customers are left out.

    Returns
    -------
    DataFrame
        The rows of `distinguish` that pass, with family and `tested` (False for criteria that made the segments).
    """
    parts = []
    made = catalogue["role"].eq("segmentation")
    for tested, rows in ((False, catalogue[made]), (True, catalogue[~made])):
        numbers = sample[rows.loc[rows["kind"] == "number", "name"]].astype("float64")
        categories = sample[rows.loc[rows["kind"] == "category", "name"]]
        if len(rows) and sample["segment"].nunique() > 1:
            parts.append(distinguish(numbers, categories, sample["segment"]).assign(tested=tested))
    if not parts:
        return pd.DataFrame(columns=["segment", "column", "tested"])
    found = pd.concat(parts, ignore_index=True)
    members = found["n"].where(found["level"].isna(), (found["value_segment"] * found["n"]).round())
    found = found[found["passes"] & (found["n"] >= floor) & (members >= floor)]
    return found.assign(family=found["column"].map(catalogue.set_index("name")["family"]))


def strongest(found: pd.DataFrame, catalogue: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Choose the lines of each card: the best of every family first, one line per criterion, six at most.

    Returns
    -------
    DataFrame
        The evidence columns of `Personas.lines`, strongest first within each segment.
    """
    if not len(found):
        return pd.DataFrame(columns=EVIDENCE)
    rows = found.join(catalogue.set_index("name")[["meaning", "unit"]], on="column").assign(size=found["effect"].abs())
    rows["unit"] = rows["unit"].where(rows["level"].isna(), "share")
    rows["here"] = [_amount(v, u, plan) for v, u in zip(rows["value_segment"], rows["unit"], strict=True)]
    rows["there"] = [_amount(v, u, plan) for v, u in zip(rows["value_everyone"], rows["unit"], strict=True)]
    rows = rows[rows["here"] != rows["there"]].sort_values(["segment", "size", "column"], ascending=[True, False, True])
    rows = rows.drop_duplicates(["segment", "column"])
    rows["turn"] = rows.groupby(["segment", "family"]).cumcount()
    rows = rows.sort_values(["segment", "turn", "size"], ascending=[True, True, False], kind="stable")
    rows = rows.groupby("segment").head(LINES_PER_CARD).sort_values(["segment", "size"], ascending=[True, False])
    rows["claim"] = [_claim(row) for row in rows.to_dict("records")]
    rows["line"] = [f"{row['claim']} ({_proof(row)})" for row in rows.to_dict("records")]
    shown = {"column": "criterion", "value_segment": "value", "value_everyone": "everyone"}
    shown |= {"effect_low": "low", "effect_high": "high"}
    return rows.rename(columns=shown)[EVIDENCE].reset_index(drop=True)


def matching(sample: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Compute the share of members who match more than half of the lines of their card.

    A member matches a number's line when it lies on the card's side of everyone's median, and a category's line when
    it has the named level (or has not, where the card says that the level is rare).
    """
    shares = {}
    for segment, card in lines.groupby("segment"):
        members = sample[sample["segment"] == segment]
        hits = np.array([_hits(members, line) for line in card.to_dict("records")])
        shares[segment] = float((hits.sum(axis=0) > len(card) / 2).mean())
    return pd.DataFrame({"segment": list(shares), "match_share": list(shares.values())}).astype(
        {"segment": "int64", "match_share": "float64"}
    )


def _hits(members: pd.DataFrame, line: dict[Any, Any]) -> np.ndarray:
    """Say of each member whether it matches one line."""
    values = members[line["criterion"]]
    if pd.notna(line["level"]):
        return np.asarray((values == line["level"]).fillna(False) == (line["effect"] > 0), dtype=bool)
    sign = np.sign(line["effect"])
    return np.asarray(sign * values.astype("float64") >= sign * line["everyone"], dtype=bool)


def _amount(value: float, unit: str, plan: Plan) -> str:
    """Write a value for people, with its unit."""
    if unit == "share":
        return f"{value:.0%}" if value == 0 or abs(value) >= 0.01 else f"{value:.1%}"
    if unit in ("minor", "money"):
        major = plan.major(value)
        return f"{major:,.2f} {plan.currency}" if abs(major) < 1000 else f"{major:,.0f} {plan.currency}"
    number = f"{value:,.0f}" if unit == "days" or float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
    return f"{number} {unit}" if unit in ("days", "years", "months") else number


def _claim(row: dict[Any, Any]) -> str:
    subject = str(row["meaning"]).rstrip(".") + ("" if pd.isna(row["level"]) else f", {row['level']}")
    words = f"{subject}: {row['here']}; everyone: {row['there']}"
    return words.replace(" days", "") if subject.startswith("Days") else words


def _proof(row: dict[Any, Any]) -> str:
    """Write the evidence; no test is quoted for a criterion that made the segments (they differ by construction)."""
    if not row["tested"]:
        return f"helped to make the segments; n = {row['n']:,}"
    if pd.notna(row["level"]):
        points = [f"{100 * row[key]:+.0f}" for key in ("share_difference", "share_low", "share_high")]
        return f"difference to the others {points[0]} points, {points[1]} to {points[2]}; n = {row['n']:,}"
    return f"effect {row['effect']:+.1f}, {row['effect_low']:+.1f} to {row['effect_high']:+.1f}; n = {row['n']:,}"


def _facts(labels: Table, collection: Collection, as_of: datetime, floor: int) -> pd.DataFrame:
    """Compute the typical basket, the days since the last order and the main country of each segment."""
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    orders = collection.orders.inner_join(member, "customer")
    baskets = orders.group_by("segment", "customer", "order_id").agg(basket_minor=orders.amount_minor.sum())
    typical = baskets.group_by("segment").agg(basket_minor=baskets.basket_minor.median()).to_pandas()
    last = orders.group_by("segment", "customer").agg(last_on=orders.ordered_on.max())
    last = last.group_by("segment").agg(last_on=last.last_on.epoch_days().median()).to_pandas()
    today = pd.Timestamp(as_of.date()).to_pydatetime().toordinal() - 719163  # days since 1970-01-01
    last = last.assign(last_order_days=today - last["last_on"].astype("float64")).drop(columns="last_on")
    return typical.astype({"basket_minor": "float64"}).merge(last).merge(_home(member, collection, floor), "left")


def _home(member: Table, collection: Collection, floor: int) -> pd.DataFrame:
    """Find the most frequent country of each segment's members, when at least `floor` members live there."""
    places = collection.customers if collection.has("customers", "country") else None
    if places is None and collection.has("orders", "country"):
        places = collection.orders
    if places is None:
        return pd.DataFrame(
            {"segment": pd.Series(dtype="int64"), "country": pd.Series(dtype="str"), "country_share": []}
        )
    pairs = places.filter(places.country.notnull()).select("customer", "country").distinct()
    counts = pairs.inner_join(member, "customer").group_by("segment", "country").agg(n=lambda t: t.count()).to_pandas()
    counts["country_share"] = counts["n"] / counts.groupby("segment")["n"].transform("sum")
    top = counts.sort_values(["n", "country"], ascending=[False, True]).drop_duplicates("segment")
    return top.loc[top["n"] >= floor, ["segment", "country", "country_share"]]


def _needs(labels: Table, collection: Collection, floor: int) -> tuple[dict[int, str], str]:
    """Summarise the survey items that set a segment apart; a note where nothing was asked or too few answered."""
    if collection.feedback is None:
        return {}, NO_NEEDS
    asked = collection.feedback.filter(lambda t: t.answer.notnull() & t.item.notin(SCORES))
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
        parts.append(f"Typical basket {_amount(card['basket_minor'], 'minor', plan)};")
        parts.append(f"typically {card['last_order_days']:,.0f} days since the last order (medians).")
    if isinstance(card["country"], str):
        parts.append(f"Main country {card['country']} ({card['country_share']:.0%}).")
    return " ".join(parts)


def _notes(catalogue: pd.DataFrame, sampled: int, customers: int, needs: str) -> tuple[str, ...]:
    made = int(catalogue["role"].eq("segmentation").sum())
    notes = [f"{made} criteria helped to make the segments: their lines describe and prove nothing."]
    if sampled < customers:
        notes.append(f"Lines are computed on a random sample of {sampled:,} of {customers:,} customers.")
    if needs == NO_NEEDS:
        notes.append(f"Needs and motives are {NO_NEEDS}.")
    return tuple(notes)
