"""The lines of the cards: what sets a segment apart, chosen and written with its evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.core.plan import Plan
from seglib.core.steady import steady, steady_number
from seglib.criteria.guard import circular
from seglib.methods.lift import distinguish
from seglib.methods.shares import bounded
from seglib.personas.words import sensitive

if TYPE_CHECKING:
    from seglib.core.engine import Table

SAMPLE_ROWS = 20_000
LINES_PER_CARD = 6
KNOWN_SHARE_MIN = 0.5  # of the members and of the others; a line about a typical one rests on most of them
ALIKE_SHARE = 0.95
SURVEY, ORDERS = "psychographic", "order_count"
FLAG, YES, UNKNOWN = "1 is yes", "yes", "unknown"
EVIDENCE = ["segment", "name", "line", "claim", "subject", "here", "there", "evidence", "criterion", "level"]
EVIDENCE += ["family", "value", "others", "everyone", "effect", "low", "high", "n", "members", "tested", "passes"]


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
        name, family, unit, kind, meaning of each criterion, whether it made the segments (`clusters`) and whether it
        follows from orders (`follows`).
    floor : int
        Lines that rest on fewer customers, of the segment or of the others, are left out; so are those, but for survey
        answers, that are known of less than half of the members, and numbers that are known of less than half of the
        others.

    Returns
    -------
    DataFrame
        The rows of `distinguish` that pass, with what the catalogue says, `members` (of the segment in the sample) and
        `tested` (False for what made the segments or follows from it: they differ by construction).
    """
    if sample["segment"].nunique() < 2:
        return pd.DataFrame()
    made = circular(catalogue, sample)
    parts = []
    for tested, rows in ((False, catalogue[made]), (True, catalogue[~made])):
        yes = rows["unit"] == FLAG
        part = rows["unit"].eq("share") & rows["kind"].eq("number")
        numbers = sample[rows.loc[rows["kind"].eq("number") & ~yes & ~part, "name"]].astype("float64")
        shares = sample[rows.loc[part, "name"]].astype("float64")
        flags = sample[rows.loc[yes, "name"]].astype("Int64").astype("object").replace({1: YES, 0: "no"})
        words = pd.concat([sample[rows.loc[rows["kind"] == "category", "name"]], flags], axis=1)
        known = words.where(words != UNKNOWN)
        compared = distinguish(numbers, known, sample["segment"], shares=shares, trials=_orders(sample))
        parts.append(compared.assign(tested=tested))
    found = pd.concat([part for part in parts if len(part)], ignore_index=True)
    found = found.join(catalogue.set_index("name")[["family", "meaning", "unit", "clusters"]], on="column")
    found = _means(found, sample).assign(members=found["segment"].map(sample["segment"].value_counts()))
    share = found["n"].where(found["level"].isna(), (found["value_segment"] * found["n"]).round())
    most = (found["n"] >= KNOWN_SHARE_MIN * found["members"]) | (found["family"] == SURVEY)
    found = found[found["passes"] & most & (found["n"] >= floor) & (share >= floor)]
    known = sample[list(dict.fromkeys(found["column"]))].replace(UNKNOWN, None).notna()
    pairs = zip(found["segment"], found["column"], strict=True)
    found = found.assign(apart=[int(known.loc[sample["segment"] != number, name].sum()) for number, name in pairs])
    typical = found["level"].isna() & (found["family"] != SURVEY)
    asked = KNOWN_SHARE_MIN * (len(sample) - found["members"]).where(typical, 0)
    known_apart = (found["apart"] >= floor) & (found["apart"] >= asked)
    return found[((found["unit"] != FLAG) | (found["level"] == YES)) & known_apart]


def _orders(sample: pd.DataFrame) -> pd.Series:
    """Give the orders of each customer, by which shares of what customers do are pooled; 1 where they are not known."""
    if ORDERS not in sample:
        return pd.Series(1.0, sample.index)
    return sample[ORDERS].astype("float64").fillna(1.0).clip(lower=1.0)


def _means(found: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """Show means of survey answers, as the median of five steps is too coarse; effect and test stay those of ranks."""
    asked = found["family"] == SURVEY
    items = found.loc[asked, "column"].unique().tolist()
    here, all_ = sample.groupby("segment")[items].mean(), sample[items].mean()
    there = {segment: sample.loc[sample["segment"] != segment, items].mean() for segment in here.index}
    pairs = list(zip(found.loc[asked, "segment"], found.loc[asked, "column"], strict=True))
    means = found.astype(dict.fromkeys(("value_segment", "value_others", "value_everyone"), "float64"))
    means.loc[asked, "value_segment"] = [here[item][segment] for segment, item in pairs]
    means.loc[asked, "value_others"] = [there[segment][item] for segment, item in pairs]
    means.loc[asked, "value_everyone"] = [all_[item] for _, item in pairs]
    return means


def homogeneous(sample: pd.DataFrame, catalogue: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Find personal attributes in which nearly all known members of a segment are alike, and everybody is not.

    Parameters
    ----------
    sample : DataFrame
        segment and one column per criterion.
    catalogue : DataFrame
        name, family, kind; demographic categories are looked at.
    floor : int
        Fewer known members tell nothing.

    Returns
    -------
    DataFrame
        segment, criterion.

    Notes
    -----
    The idea of l-diversity (Machanavajjhala et al. 2007, ACM TKDD 1): who knows that somebody is in a group must not
    learn a personal attribute from it.
    """
    personal = catalogue.loc[catalogue["family"].eq("demographic") & catalogue["kind"].eq("category"), "name"]
    rows = []
    for name in personal:
        known = sample[["segment", name]].replace(UNKNOWN, None).dropna()
        usual = known[name].value_counts(normalize=True).max()
        for segment, values in known.groupby("segment")[name]:
            top = values.value_counts(normalize=True).max()
            if len(values) >= floor and top >= ALIKE_SHARE and usual < ALIKE_SHARE:
                rows.append({"segment": segment, "criterion": name})
    return pd.DataFrame(rows, columns=["segment", "criterion"])


def fit(lines: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Drop lines that touch special categories of personal data or look down on people; say how many."""
    wrong = lines["claim"].map(lambda claim: bool(sensitive(claim))).astype(bool)
    return lines[~wrong].reset_index(drop=True), int(wrong.sum())


def strongest(found: pd.DataFrame, plan: Plan, hidden: pd.DataFrame | None = None) -> pd.DataFrame:
    """Choose the lines of each card: the best of every family first, one line per criterion and fact, six at most.

    Parameters
    ----------
    found : DataFrame
        From `compare`.
    plan : Plan
        Currency.
    hidden : DataFrame, optional
        segment, criterion: pairs that get no line.

    Returns
    -------
    DataFrame
        The evidence columns of `Personas.lines`, strongest first within each segment.
    """
    if not len(found):
        return pd.DataFrame(columns=EVIDENCE)
    if hidden is not None:
        pairs = set(zip(hidden["segment"], hidden["criterion"], strict=True))
        found = found[[pair not in pairs for pair in zip(found["segment"], found["column"], strict=True)]]
    rows = found.assign(size=steady(found["effect"].abs()), unit=found["unit"].where(found["level"].isna(), "share"))
    rows["here"] = [_typical(row, "value_segment", "n", plan) for row in rows.to_dict("records")]
    rows["there"] = [_typical(row, "value_others", "apart", plan) for row in rows.to_dict("records")]
    rows = rows[rows["here"] != rows["there"]].sort_values(["segment", "size", "column"], ascending=[True, False, True])
    rare = rows["level"].notna() & (rows["effect"] < 0)  # said only where no level is frequent
    rows = pd.concat([rows[~rare], rows[rare]]).drop_duplicates(["segment", "column"])
    rows = _one_each(rows.sort_values(["segment", "size", "column"], ascending=[True, False, True]))
    rows["turn"] = rows.groupby(["segment", "family"]).cumcount()
    rows = rows.sort_values(["segment", "turn", "size"], ascending=[True, True, False], kind="stable")
    rows = rows.groupby("segment").head(LINES_PER_CARD).sort_values(["segment", "size"], ascending=[True, False])
    rows["subject"] = [_subject(row) for row in rows.to_dict("records")]
    rows["evidence"] = [_proof(row, plan.privacy.floor) for row in rows.to_dict("records")]
    rows["claim"] = rows["subject"] + ": " + rows["here"] + "; others: " + rows["there"]
    rows["line"] = rows["claim"] + " (" + rows["evidence"] + ")"
    shown = {"column": "criterion", "value_segment": "value", "value_others": "others", "value_everyone": "everyone"}
    shown |= {"effect_low": "low", "effect_high": "high"}
    return rows.rename(columns=shown).reindex(columns=EVIDENCE).reset_index(drop=True)


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the first of several lines that tell one fact: a country and its only region are the same customers."""
    who = rows[["segment", "family"]]
    named = rows["level"].ne(YES) & who.assign(word=rows["level"]).duplicated()
    numbers = {name: steady(rows[name].astype("float64")) for name in ("value_segment", "value_others", "n")}
    return rows[rows["level"].isna() | ~(named | who.assign(**numbers).duplicated())]


def matching(sample: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Compute the share of members, and of all others, who match more than half of the lines of a card.

    A customer matches a number's line on the card's side of everyone's median, and a category's line when it has the
    named level (or has not, where the card says that the level is rare). Survey answers are known of few and left out.
    """
    rows = []
    for segment, card in lines[lines["family"] != SURVEY].groupby("segment"):
        hits = np.array([_hits(sample, line) for line in card.to_dict("records")])
        match, member = hits.sum(axis=0) > len(card) / 2, (sample["segment"] == segment).to_numpy()
        others = float(match[~member].mean()) if (~member).any() else float("nan")
        rows.append((segment, float(match[member].mean()), others))
    found = pd.DataFrame(rows, columns=["segment", "match_share", "others_match_share"])
    return found.astype({"segment": "int64", "match_share": "float64", "others_match_share": "float64"})


def in_words(matched: pd.DataFrame, members: pd.Series[int], floor: int) -> pd.DataFrame:
    """Add the shares of `matching` in words that tell of nobody alone: match, others_match."""
    here, all_ = matched["segment"].map(members), int(members.sum())
    write = "{:.0%}".format
    return matched.assign(
        match=bounded(matched["match_share"], here, floor, write),
        others_match=bounded(matched["others_match_share"], all_ - here, floor, write),
    )


def _hits(customers: pd.DataFrame, line: dict[Any, Any]) -> np.ndarray:
    """Say of each customer whether it matches one line."""
    values, sign = customers[line["criterion"]], np.sign(line["effect"])
    if pd.notna(line["level"]):
        level = 1 if line["level"] == YES and pd.api.types.is_numeric_dtype(values) else line["level"]
        return np.asarray((values == level).fillna(False) == (sign > 0), dtype=bool)
    return np.asarray(sign * values.astype("float64") >= sign * line["everyone"], dtype=bool)


def _typical(row: dict[Any, Any], value: str, of: str, plan: Plan) -> str:
    """Write a typical value; of a share of people who are few, or all but a few, only the bound."""
    if pd.isna(row["level"]):
        return amount(row[value], row["unit"], plan)
    return bounded([row[value]], row[of], plan.privacy.floor, lambda share: amount(share, "share", plan))[0]


def amount(value: float, unit: str, plan: Plan) -> str:
    """Write a value for people, with its unit where the number alone would not tell."""
    if unit == "share":
        return f"{value:.0%}" if value == 0 or abs(value) >= 0.01 else f"{value:.1%}"
    if unit == "money":
        major = plan.major(value)
        return f"{major:,.2f} {plan.currency}" if abs(major) < 100 else f"{major:,.0f} {plan.currency}"
    if unit == "points":
        return f"{value:.1f}"
    if unit == "days":
        return days(value)
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def days(value: float) -> str:
    """Write days: whole ones, and the half on which a median may fall as it stands on every other page.

    Examples
    --------
    >>> days(198.0), days(19.5), days(20.5), days(16.27)
    ('198', '19.5', '20.5', '16')
    """
    return f"{value:,.1f}" if steady_number(2 * value) % 2 == 1 else f"{value:,.0f}"


def _subject(row: dict[Any, Any]) -> str:
    """Name what a line is about: the first part of its meaning; window and conditions are left to the catalogue."""
    meaning = re.sub(" (in|of) the window", "", re.split("[,;:.]", row["meaning"])[0])
    return f"{meaning}, {row['level']}" if pd.notna(row["level"]) and row["level"] != YES else meaning


def known_of(row: Mapping[Any, Any], floor: int) -> str:
    """Write of how many members a line speaks; of all but a few only the bound, as the number would tell of those.

    Examples
    --------
    >>> [known_of({"n": n, "members": 148}, 10) for n in (44, 145, 148)]
    ['44 of 148', 'over 138 of 148', '148']
    """
    known, members = int(row["n"]), int(row["members"])
    if known == members:
        return f"{known:,}"
    return f"over {members - floor:,} of {members:,}" if members - known < floor else f"{known:,} of {members:,}"


def _proof(row: dict[Any, Any], floor: int) -> str:
    """Write the evidence; no test is quoted for what made the segments or follows from it."""
    n = f"n = {known_of(row, floor)}"
    if not row["tested"]:
        return f"{'helped to make' if row['clusters'] else 'follows from what made'} segments; {n}"
    if pd.notna(row["level"]) and {row["here"].split(" ")[0], row["there"].split(" ")[0]} & {"under", "over", ""}:
        return f"beyond chance; {n}"  # the difference would tell the share that is not said
    if pd.notna(row["share_difference"]):
        points = [f"{100 * row[key]:+.0f}" for key in ("share_difference", "share_low", "share_high")]
        return f"{points[0]} points, {points[1]} to {points[2]}; {n}"
    return f"effect {row['effect']:+.1f}, {row['effect_low']:+.1f} to {row['effect_high']:+.1f}; {n}"
