"""Where the money goes: to the groups for which the measured effect surely pays, against an equal split."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.content.playbook import NONE
from seglib.content.response import ANY
from seglib.methods.budget import allocate
from seglib.methods.kpis import BASES
from seglib.methods.present import Head, Write, amount, percent, present, whole

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.plan import Plan
    from seglib.core.quarters import Quarter

COLUMNS = [
    *("segment", "name", "identity", "offer", "customers", "cost", "effect", "low_effect", "high_effect", "evidence"),
    *("low", "expected", "is_test", "reached", "spent", "sure", "expected_gain", "equal_spent", "equal_sure"),
    *("equal_expected", "why"),
]
MAY_NOT_PAY = "it may not pay"
BRINGS = ["low", "expected", "sure", "expected_gain", "equal_sure", "equal_expected"]
NO_MARGIN = "evaluation.margin_share in plan.yml says what an order is worth; without it no budget can be divided."


def order_values(orders: Table, member: Table, quarter: Quarter) -> pd.Series[float]:
    """Give the mean value of an order of each segment's members, in minor units."""
    known = orders.filter(orders.ordered_at < quarter.as_of).inner_join(member, "customer")
    each = known.group_by("segment", "order_id").agg(amount=known.amount_minor.sum())
    frame = each.group_by("segment").agg(value=each.amount.mean()).order_by("segment").to_pandas()
    return pd.Series(frame["value"].to_numpy(dtype=float), index=frame["segment"])


def divide(actions: pd.DataFrame, response: pd.DataFrame, values: pd.Series[float], plan: Plan) -> pd.DataFrame:
    """Divide the plan's budget among segments and offers.

    Parameters
    ----------
    actions : DataFrame
        segment, name, identity, offer, customers, channel, cost_minor, cap_per_quarter.
    response : DataFrame
        As `response.measure` gives it.
    values : Series
        Mean order value of each segment, minor units.
    plan : Plan
        Budget, least and most per group, margin, and which campaigns tested an offer.

    Returns
    -------
    DataFrame
        One row per segment and offer: the effect and where it was measured, money in minor units, and why a group gets
        nothing. Empty without a budget or a margin.
    """
    margin, budget = plan.evaluation.margin_share, plan.content.budget
    offered = actions[(actions["offer"] != NONE) & (actions["customers"] > 0)]
    if margin is None or budget is None or not len(offered):
        return pd.DataFrame(columns=COLUMNS)
    keys = ["segment", "name", "identity", "offer", "channel", "cost_minor", "cap_per_quarter"]
    groups = offered.groupby(keys, sort=True, as_index=False)["customers"].sum()
    settings = {offer.name: offer for offer in plan.content.offers}
    found = pd.DataFrame(
        [_effect(row, response, settings[row["offer"]].tested_by) for row in pd.DataFrame(groups).to_dict("records")]
    )
    worth = groups["segment"].map(values).fillna(0.0) * margin
    rows = pd.concat([groups, found], axis=1).assign(
        cost=groups["cost_minor"].astype(float),  # of one contact, as the effect is that of one campaign
        low=found["low_effect"] * worth,
        expected=found["effect"] * worth,
        is_test=[settings[name].is_test for name in groups["offer"]],
    )
    money = float(Decimal(str(budget)) * 10**plan.money_decimals)
    given = allocate(rows, money, plan.content.segment_share_min, plan.content.segment_share_max)
    given = given.rename(columns={"customers": "reached", "expected": "gain"}).assign(
        customers=rows["customers"], expected=rows["expected"]
    )
    given["expected_gain"] = given["spent"] / rows["cost"].where(rows["cost"] > 0) * rows["expected"] - given["spent"]
    return given.assign(why=[_why(row) for row in given.to_dict("records")])[COLUMNS]


def discreet(division: pd.DataFrame, said: pd.DataFrame, untold: list[str]) -> pd.DataFrame:
    """Put what is `playbook.stated` in the place of the customers: low, high, and money as for the middle of both.

    What a contact or a budget brings is missing for the segments whose money must not be shown.
    """
    group = division["segment"].astype(str) + " " + division["offer"]
    low, high = (group.map(said[end]).astype(float) for end in ("low", "high"))
    part = ((low + high) / 2 / division["customers"].astype(float)).where(low < high, 1.0)
    money = division[["spent", "sure", "equal_spent", "equal_sure"]].astype(float).mul(part, axis=0)
    known = division.drop(columns="customers").assign(low_count=low, high_count=high, **money)
    return known.assign(**known[BRINGS].mask(known["name"].isin(untold)))


def span(low: float, high: float, write: Write) -> str:
    """Write one number where it is known, else its range.

    Examples
    --------
    >>> from seglib.methods.present import whole
    >>> span(150, 150, whole), span(457, 472, whole), span(0.71, 0.74, "{:.1f}".format)
    ('150', '457 to 472', '0.7')
    """
    least, most = write(low), write(high)
    return least if least == most else f"{least} to {most}"


def ceiling(budget: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Show the most that each segment can cost, in the currency's main unit."""
    unit, limit = 10**plan.money_decimals, plan.content.budget
    told = [
        {
            "name": row["name"],
            "customers": span(row["low"], row["high"], whole),
            "cost": span(row["cost_low"] / unit, row["cost_high"] / unit, amount),
            "share": span(row["cost_low"] / unit / limit, row["cost_high"] / unit / limit, percent) if limit else "",
        }
        for row in budget.to_dict("records")
    ]
    heads: dict[str, Head] = {
        "name": "segment",
        "customers": "customers",
        "cost": f"cost at most ({plan.currency})",
        "share": "share of the budget",
    }
    return present(pd.DataFrame(told), heads)


def against_equal(rows: pd.DataFrame, plan: Plan) -> str:
    """Say what a division of the budget brings at least, against the same money split evenly."""
    if not len(rows):
        return f"The budget is not divided: it takes content.budget, and {NO_MARGIN}"
    unit = 10**plan.money_decimals
    if (rows["effect"].notna() & rows["expected"].isna()).any():
        return "What the budget brings is not said, as the money of a segment is not shown (see the notes)."
    spent, sure, even, even_sure = (float(rows[c].sum()) / unit for c in ("spent", "sure", "equal_spent", "equal_sure"))
    about = "" if (rows["low_count"] == rows["high_count"]).all() else "about "
    return (
        f"Divided by what is proven, {about}{spent:,.0f} {plan.currency} are spent and bring at least {sure:+,.0f} "
        f"after their cost; split evenly, {about}{even:,.0f} would be spent and bring {even_sure:+,.0f} in the "
        f"same bad case. What an order brings is its margin, {BASES[plan.money]}."
    )


def _effect(row: dict[Any, Any], response: pd.DataFrame, campaigns: tuple[str, ...]) -> dict[str, object]:
    """Find the measured effect that is nearest to this offer: its own campaigns first, then its channel."""
    everyone = response[response["age"] == ""] if len(response) else response
    for names in (list(reversed(campaigns)), [ANY]):
        for segment in (row["segment"], 0):
            for name in names:
                same = everyone[(everyone["campaign"] == name) & (everyone["channel"] == row["channel"])]
                same = same[same["segment"] == segment]
                if len(same):
                    where = f"{'all contacts by ' + str(row['channel']) if name == ANY else name}"
                    where += ", this segment" if segment else ", everybody"
                    one = same.iloc[0]
                    return {
                        "effect": one["effect"],
                        "low_effect": one["low"],
                        "high_effect": one["high"],
                        "evidence": where,
                    }
    return {"effect": float("nan"), "low_effect": float("nan"), "high_effect": float("nan"), "evidence": "not measured"}


def _why(row: dict[Any, Any]) -> str:
    """Say why a group gets what it gets."""
    if row["is_test"] and not row["low"] > row["cost"]:
        return "a test"
    if row["evidence"] == "not measured":
        return "nothing measured"
    return "even the lower end pays" if row["low"] > row["cost"] else MAY_NOT_PAY
