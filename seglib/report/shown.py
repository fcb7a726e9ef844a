"""What campaigns have shown, and what is worth testing once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.methods.gates import left_out
from seglib.methods.power import n_per_arm
from seglib.methods.present import amount
from seglib.report.glance import Everything

MONEY = ("revenue_effect", "revenue_effect_low", "revenue_effect_high")
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Action:
    """One thing to do: what, why (money or evidence), the page that shows it, what it may bring, how we will know."""

    what: str
    why: str
    page: str
    brings: str
    known: str


def barred(all_: Everything) -> set[str]:
    """Name the segments that no campaign may be built on: left out, or judged to be refitted or retired."""
    rows = all_.refinement.verdicts
    weak = set(rows.loc[rows["verdict"].isin(["refit", "retire"]), "name"]) if len(rows) else set()
    out = left_out(all_.segmentation.segments, all_.plan.privacy.floor, all_.plan.clustering.use_unstable)
    names = all_.segmentation.segments.set_index("segment")["name"]
    return {*weak, *out["segment"].map(names)}


def proven(all_: Everything) -> Iterator[Action]:
    """The arm that was shown to work best in a segment, or else in everybody."""
    tested = _tested(all_)
    asked = tested["asked"].astype(bool)
    tested = tested[asked] if asked.any() else tested
    shown = tested[(tested["p_adjusted"] < SIGNIFICANT) & (tested["effect_low"] > 0)]
    single = shown[shown["segment"] != 0]
    for row in (single if len(single) else shown).nlargest(1, "effect").to_dict("records"):
        yield Action(
            f"Go on with {_arm(row)} for {row['name']}{_but(tested, row)}.",
            f"{_effect(row)}, which is beyond chance.{_money(row, all_.plan.currency)}",
            "09_kpi_evaluation.html",
            f"{points(row, 'effect_low', 'effect_high')}, if they answer as before{_size(all_, row['name'])}",
            "keep a control group again; the next report compares both",
        )


def _money(row: dict[Any, Any], currency: str) -> str:
    """Say whether each customer brought more money as well, less, or that the test does not settle it."""
    if pd.isna(row["revenue_effect"]):
        return ""
    low, high = row["revenue_effect_low"], row["revenue_effect_high"]
    each = f"{currency} {amount(abs(row['revenue_effect']))} {'more' if row['revenue_effect'] >= 0 else 'less'}"
    if pd.isna(low) or pd.isna(high):
        return f" Each customer brought {each}; how sure that is cannot be told."
    between = (
        f"95% interval {_side(low)} to {_side(high)}" if low < 0 else f"95% interval {amount(low)} to {amount(high)}"
    )
    if low <= 0 <= high:
        return f" Whether each customer brought more money is not settled: {each} ({between})."
    return f" Each customer brought {each} ({between})."


def _side(difference: float) -> str:
    """Write one end of an interval of more or less, as the number before it is written."""
    return f"{amount(abs(difference))} {'more' if difference >= 0 else 'less'}"


def _but(tested: pd.DataFrame, row: dict[Any, Any]) -> str:
    """Take the segments out of everybody in which the same arm was shown to do harm."""
    same = tested[(tested["campaign"] == row["campaign"]) & (tested["arm"] == row["arm"]) & (tested["segment"] != 0)]
    worse = same.loc[(same["p_adjusted"] < SIGNIFICANT) & (same["effect_high"] < 0), "name"]
    return f" but {', '.join(worse)}" if row["segment"] == 0 and len(worse) else ""


def again(all_: Everything) -> Iterator[Action]:
    """The most promising arm that is not proven yet, where a segment has customers enough to settle it."""
    tested = _tested(all_)
    open_ = tested[(tested["effect_low"] > 0) & (tested["segment"] != 0) & (tested["rate"] > tested["rate_control"])]
    if tested["asked"].any():
        open_ = open_[(open_["p_adjusted"] >= SIGNIFICANT) | ~open_["asked"].astype(bool)]
    else:
        open_ = open_[open_["p_adjusted"] >= SIGNIFICANT]
    for row in open_.sort_values("p_adjusted", kind="stable").to_dict("records"):
        size = n_per_arm(max(row["rate_control"], 1 / row["n_control"]), row["rate"])
        if 2 * size > _within_reach(all_, row["name"]):
            continue
        among = "Among all that was compared t" if len(tested) > 1 else "T"
        yield Action(
            f"Test {_arm(row)} in {row['name']} once more.",
            f"{_effect(row)}. {among}his can still be chance. Asked as the only question, about {size:,} customers in "
            "each group settle it.",
            "09_kpi_evaluation.html",
            f"not settled: {points(row, 'effect_low', 'effect_high')}",
            "draw both groups by lot, as large as said; the next report compares them",
        )
        return


def _within_reach(all_: Everything, name: str) -> int:
    """Count the customers of a segment whom a test can have: those who may be contacted or are held out."""
    segments = all_.segmentation.segments
    number = segments.loc[segments["name"] == name, "segment"]
    rows = all_.reach[all_.reach["arm"].isin(["contact", "holdout"]) & all_.reach["segment"].isin(number)]
    return int(rows["customers"].sum())


def _tested(all_: Everything) -> pd.DataFrame:
    """Effects of the campaigns whose groups have the planned sizes, in everybody and in segments of today."""
    effects, experiments = all_.scorecard.effects, all_.scorecard.experiments
    sound = experiments.loc[experiments["usable"].eq(True), "campaign"]
    today = set(all_.segmentation.segments["name"]) - barred(all_)
    known = effects["campaign"].isin(sound) & (effects["segment"].eq(0) | effects["name"].isin(today))
    numbers = ["p_adjusted", "effect", "effect_low", "effect_high", "rate", "rate_control", *MONEY]
    return effects[known].astype(dict.fromkeys(numbers, "float64"))


def _effect(row: dict[Any, Any]) -> str:
    low, high = 100 * row["effect_low"], 100 * row["effect_high"]
    return (
        f"{100 * row['effect']:.1f} percentage points more ordered than in the control group "
        f"(95% interval {low:.1f} to {high:.1f}; {int(row['n']):,} against {int(row['n_control']):,} customers)"
    )


def _arm(row: dict[Any, Any]) -> str:
    """Name an arm and its campaign as people would."""
    arm, campaign = (str(row[name]).replace("_", " ") for name in ("arm", "campaign"))
    return f"“{arm}” of “{campaign}”"


def _size(all_: Everything, name: str) -> str:
    """Say how many customers a segment has today; nothing for everybody. Its number may have been another one."""
    rows = all_.segmentation.segments
    found = rows.loc[rows["name"] == name, "customers"]
    return f"; the segment has {int(found.iloc[0]):,} today" if len(found) else ""


def points(row: dict[Any, Any], low: str, high: str) -> str:
    """Write an interval as buyers among a hundred customers."""
    return f"{100 * row[low]:+.0f} to {100 * row[high]:+.0f} buyers among 100 customers"
