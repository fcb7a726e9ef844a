"""Effects as they are shown: names, money in main units, return on cost, and a sentence for each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.methods.experiments import ALL
from seglib.methods.power import smallest_effect
from seglib.methods.present import points
from seglib.methods.winners import winner
from seglib.methods.wording import supported

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.run import Run

SIGNIFICANT = 0.05
EFFECTS = [
    *("campaign", "segment", "name", "identity", "arm", "n", "n_control", "rate", "rate_control", "effect"),
    *("effect_low", "effect_high", "relative", "relative_low", "relative_high", "visible", "p_value", "p_adjusted"),
    "asked",
    *("provisional", "revenue_effect", "revenue_effect_low", "revenue_effect_high", "revenue_p_adjusted", "cost"),
    *("roi", "roi_low", "roi_high", "sentence"),
]
FEW = 100  # customers in an arm; below, single large orders decide what money differs by
FEW_IN_AN_ARM = (
    f"Effects on revenue beside fewer than {FEW} customers in an arm rest on single large orders. Where the arms are "
    "of unequal size, the interval is widened, so that with long-tailed amounts it holds the true effect in at least "
    "93 of 100 cases. Read the share of buyers first."
)
MONEY = ["revenue_effect", "revenue_effect_low", "revenue_effect_high", "cost"]


def dressed(found: pd.DataFrame, fixed: Segmentation, run: Run) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Add names, money in main units, return on cost and sentences; leave out groups below the floor.

    Parameters
    ----------
    found : DataFrame
        Rows of `methods.experiments.effects` with campaign, cost (minor units) and provisional; asked, where the plan
        asks.
    fixed : Segmentation
        Names and identities of the segments.
    run : Run
        Its plan gives the floor, the decimals of the money and the margin.

    Returns
    -------
    tuple of DataFrame and notes
        Columns `EFFECTS`; segment 0 is everybody.
    """
    floor, scale = run.plan.privacy.floor, 10.0**run.plan.money_decimals
    number = found["segment"].where(found["segment"] != ALL, 0).astype("int64")
    who = fixed.segments.set_index("segment")
    table = found.assign(
        segment=number,
        asked=found.get("asked", False),
        name=number.map(who["name"]).fillna("everybody"),
        identity=number.map(who["identity"]).fillna(0).astype("int64"),
        **{column: found[column].astype(float) / scale for column in MONEY},
    )
    enough = (table["n"] >= floor) & (table["n_control"] >= floor)
    note = (f"Comparisons with fewer than {floor} customers in an arm are left out.",) if not enough.all() else ()
    table = table[enough]
    if (table[["n", "n_control"]].min(axis=1) < FEW).any():
        note = (*note, FEW_IN_AN_ARM)
    table = table.assign(**_return_on_cost(table, run.plan.evaluation.margin_share))
    table = table.assign(visible=[_visible(row) for row in table.to_dict("records")])
    table = table.assign(sentence=[_sentence(row) for row in table.to_dict("records")])
    return table.sort_values(["campaign", "segment", "arm"], ignore_index=True)[EFFECTS], note


def experiment_sentence(said: dict[str, Any], found: pd.DataFrame, names: dict[int, str]) -> str:
    """Say what an experiment showed, and everything that a reader must know before believing it.

    Parameters
    ----------
    said : dict
        From `health.check`, with heterogeneity_p and reversed.
    found : DataFrame
        From `methods.experiments.effects`.
    names : dict from segment to name
    """
    lead = ""
    if said["complete_share"] < 1:
        lead += f"provisional, {said['complete_share']:.0%} of the customers have a complete window; no winner yet. "
    if said["broken"]:
        broken = ", ".join(names.get(segment, str(segment)) for segment in said["broken"])
        lead += f"Blocked in {broken}: the groups there do not have the planned sizes, find the cause first. "
    whole = found[found["segment"] == ALL]
    parts = [f"{r['arm']} {_span(r['effect'], r['effect_low'], r['effect_high'])}" for r in whole.to_dict("records")]
    versus = "Against" if lead else "against"
    text = f"{lead}{versus} the control group, the share of buyers differs by {'; '.join(parts)}." if parts else lead
    if said["reversed"]:
        text += " Every segment shows the opposite of all customers together: read the segments (Simpson's paradox)."
    text += _best_of(whole) if said["complete_share"] >= 1 else ""
    if (found["segment"] == ALL).all():
        text += " No segments stood before it was sent, so it is read for everybody only."
    elif said["heterogeneity_p"] < SIGNIFICANT:
        text += f" The effect differs between segments (p = {said['heterogeneity_p']:.2g})."
    else:
        text += " Nothing shows that it works better for one segment than for another."
    return f"{said['campaign']}: {supported(text, test=said['campaign'])}"


def _best_of(whole: pd.DataFrame) -> str:
    """Tell the best of several arms with an interval that knows it was picked for being the best; "" for one arm.

    Parameters
    ----------
    whole : DataFrame
        One row per arm, all customers: arm, effect, standard_error, rate_control, n_control.

    Examples
    --------
    >>> arms = {"arm": ["a", "b"], "effect": [0.05, 0.03], "standard_error": 0.01}
    >>> _best_of(pd.DataFrame(arms | {"rate_control": 0.1, "n_control": 2000}))
    ' a did best of 2; the best of several owes part of its lead to luck, and the interval that takes that off goes ...'
    """
    if len(whole) < 2:
        return ""
    orders, n = whole["rate_control"] * whole["n_control"], whole["n_control"]
    shrunk = (orders + 1) / (n + 2)
    shared = float((shrunk * (1 - shrunk) / (n + 2)).iloc[0])  # the control group is one and the same for all
    own = whole["standard_error"].to_numpy(dtype=float) ** 2 - shared
    best = winner(whole["effect"], shared + np.diag(own))
    if best.is_tied:
        return f" Several of {len(whole)} did equally well, so none is the best."
    return (
        f" {whole['arm'].iloc[best.place]} did best of {len(whole)}; the best of several owes part of its lead to "
        f"luck, and the interval that takes that off goes from {100 * best.low:+.1f} to {100 * best.high:+.1f} points."
    )


def _span(effect: float, low: float, high: float) -> str:
    return f"{points(effect)} ({100 * low:+.1f} to {100 * high:+.1f})"


def _return_on_cost(table: pd.DataFrame, margin_share: float | None) -> dict[str, Any]:
    """Return per unit of cost: (extra revenue x margin - cost) / cost; NaN without a margin or a cost."""
    if margin_share is None:
        return dict.fromkeys(("roi", "roi_low", "roi_high"), np.nan)
    cost = table["cost"].where(table["cost"] > 0)
    ends = {"roi": "revenue_effect", "roi_low": "revenue_effect_low", "roi_high": "revenue_effect_high"}
    return {name: table[column] * table["n"] * margin_share / cost - 1 for name, column in ends.items()}


def _visible(row: dict[Any, Any]) -> float:
    """Give the smallest rise of the share of buyers that groups of these sizes show with a chance of 80 %."""
    n = 2 / (1 / row["n"] + 1 / row["n_control"])
    base = min(max(row["rate_control"], 0.5 / n), 1 - 0.5 / n)
    return smallest_effect(base, int(n))


def _sentence(row: dict[Any, Any]) -> str:
    lead = f"{row['campaign']}, {row['name']}, {row['arm']} against control: "
    lead += f"the share of buyers differs by {_span(row['effect'], row['effect_low'], row['effect_high'])}"
    lead += f", n = {row['n']:,} and {row['n_control']:,}"
    if row["provisional"]:
        return f"{lead}; provisional, and the interval holds at any look."
    if row["p_adjusted"] < SIGNIFICANT:
        return f"{lead}; beyond chance after adjustment (p = {row['p_adjusted']:.2g})."
    if math.isinf(row["visible"]):
        return f"{lead}; cannot tell: groups of this size show no effect at all."
    return f"{lead}; cannot tell: the smallest visible rise is about {100 * row['visible']:.0f} points."
