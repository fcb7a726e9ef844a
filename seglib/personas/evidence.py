"""The lines of the cards: what sets a segment apart, chosen and written with its evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.core.plan import Plan
from seglib.methods.lift import distinguish

if TYPE_CHECKING:
    from seglib.core.engine import Table

SAMPLE_ROWS = 20_000
LINES_PER_CARD = 6
FLAG, YES, UNKNOWN = "1 is yes", "yes", "unknown"
EVIDENCE = ["segment", "name", "line", "claim", "subject", "here", "there", "evidence", "criterion", "level"]
EVIDENCE += ["family", "value", "everyone", "effect", "low", "high", "n", "tested", "passes"]


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
        name, family, unit, kind, meaning of each criterion, and whether it made the segments (`clusters`).
    floor : int
        Lines that rest on fewer customers are left out.

    Returns
    -------
    DataFrame
        The rows of `distinguish` that pass, with what the catalogue says and `tested` (False for RFM and for criteria
        that made the segments: they differ by construction).
    """
    if sample["segment"].nunique() < 2:
        return pd.DataFrame()
    made = catalogue["clusters"].astype(bool) | catalogue["family"].eq("rfm")
    parts = []
    for tested, rows in ((False, catalogue[made]), (True, catalogue[~made])):
        yes = rows["unit"] == FLAG
        numbers = sample[rows.loc[rows["kind"].eq("number") & ~yes, "name"]].astype("float64")
        flags = sample[rows.loc[yes, "name"]].astype("Int64").astype("object").replace({1: YES, 0: "no"})
        words = pd.concat([sample[rows.loc[rows["kind"] == "category", "name"]], flags], axis=1)
        known = words.where(words != UNKNOWN)
        parts.append(distinguish(numbers, known, sample["segment"]).assign(tested=tested))
    found = pd.concat([part for part in parts if len(part)], ignore_index=True)
    found = found.join(catalogue.set_index("name")[["family", "meaning", "unit", "clusters"]], on="column")
    members = found["n"].where(found["level"].isna(), (found["value_segment"] * found["n"]).round())
    found = found[found["passes"] & (found["n"] >= floor) & (members >= floor)]
    return found[(found["unit"] != FLAG) | (found["level"] == YES)]


def strongest(found: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Choose the lines of each card: the best of every family first, one line per criterion, six at most.

    Returns
    -------
    DataFrame
        The evidence columns of `Personas.lines`, strongest first within each segment.
    """
    if not len(found):
        return pd.DataFrame(columns=EVIDENCE)
    rows = found.assign(size=found["effect"].abs(), unit=found["unit"].where(found["level"].isna(), "share"))
    rows["here"] = [amount(v, u, plan) for v, u in zip(rows["value_segment"], rows["unit"], strict=True)]
    rows["there"] = [amount(v, u, plan) for v, u in zip(rows["value_everyone"], rows["unit"], strict=True)]
    rows = rows[rows["here"] != rows["there"]].sort_values(["segment", "size", "column"], ascending=[True, False, True])
    rare = rows["level"].notna() & (rows["effect"] < 0)  # said only where no level is frequent
    rows = pd.concat([rows[~rare], rows[rare]]).drop_duplicates(["segment", "column"])
    rows = rows.sort_values(["segment", "size", "column"], ascending=[True, False, True])
    rows["turn"] = rows.groupby(["segment", "family"]).cumcount()
    rows = rows.sort_values(["segment", "turn", "size"], ascending=[True, True, False], kind="stable")
    rows = rows.groupby("segment").head(LINES_PER_CARD).sort_values(["segment", "size"], ascending=[True, False])
    rows["subject"] = [_subject(row) for row in rows.to_dict("records")]
    rows["evidence"] = [_proof(row) for row in rows.to_dict("records")]
    rows["claim"] = rows["subject"] + ": " + rows["here"] + "; everyone: " + rows["there"]
    rows["line"] = rows["claim"] + " (" + rows["evidence"] + ")"
    shown = {"column": "criterion", "value_segment": "value", "value_everyone": "everyone"}
    shown |= {"effect_low": "low", "effect_high": "high"}
    return rows.rename(columns=shown).reindex(columns=EVIDENCE).reset_index(drop=True)


def matching(sample: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Compute the share of members who match more than half of the lines of their card.

    A member matches a number's line on the card's side of everyone's median, and a category's line when it has the
    named level (or has not, where the card says that the level is rare).
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
    values, sign = members[line["criterion"]], np.sign(line["effect"])
    if pd.notna(line["level"]):
        level = 1 if line["level"] == YES and pd.api.types.is_numeric_dtype(values) else line["level"]
        return np.asarray((values == level).fillna(False) == (sign > 0), dtype=bool)
    return np.asarray(sign * values.astype("float64") >= sign * line["everyone"], dtype=bool)


def amount(value: float, unit: str, plan: Plan) -> str:
    """Write a value for people, with its unit where the number alone would not tell."""
    if unit == "share":
        return f"{value:.0%}" if value == 0 or abs(value) >= 0.01 else f"{value:.1%}"
    if unit == "money":
        major = plan.major(value)
        return f"{major:,.2f} {plan.currency}" if abs(major) < 100 else f"{major:,.0f} {plan.currency}"
    return f"{value:,.0f}" if unit == "days" or float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def _subject(row: dict[Any, Any]) -> str:
    """Name what a line is about: the first part of its meaning; window and conditions are left to the catalogue."""
    meaning = re.sub(" (in|of) the window", "", re.split("[,;:.]", row["meaning"])[0])
    return f"{meaning}, {row['level']}" if pd.notna(row["level"]) and row["level"] != YES else meaning


def _proof(row: dict[Any, Any]) -> str:
    """Write the evidence; no test is quoted for what made the segments or follows from it."""
    n = f"n = {row['n']:,}"
    if not row["tested"]:
        return f"{'helped to make' if row['clusters'] else 'follows from what made'} segments; {n}"
    if pd.notna(row["level"]):
        points = [f"{100 * row[key]:+.0f}" for key in ("share_difference", "share_low", "share_high")]
        return f"{points[0]} points, {points[1]} to {points[2]}; {n}"
    return f"effect {row['effect']:+.1f}, {row['effect_low']:+.1f} to {row['effect_high']:+.1f}; {n}"
