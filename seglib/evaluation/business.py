"""Measures of the whole business: growth, new customers and their cost, share of the market, return on campaigns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from seglib.methods.kpis import BASES
from seglib.objectives.facts import NEW, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.core.sections import Evaluation

BUSINESS = ["measure", "formula", "unit", "value", "low", "high", "lacks"]


def of_quarter(
    run: Run, now: Table, revenue_minor: Sequence[int], effects: pd.DataFrame, clv: pd.DataFrame, early: str
) -> pd.DataFrame:
    """Compute the measures of a run's quarter.

    Parameters
    ----------
    run : Run
    now : Table
        Facts of the quarter.
    revenue_minor : sequence of int
        Of the quarter before and of this one, in minor units.
    effects, clv : DataFrame
        As for `measures`.
    early : str
        That the data end before the quarter does, or "".
    """
    plan, news = run.plan, float(measure(run.engine, now, [NEW], 0)["value"].iloc[0])
    before, last = (plan.major(minor) for minor in revenue_minor)
    return measures(run.quarter.text, (before, last), news, effects, clv, plan.evaluation, plan.money, early)


def measures(
    quarter: str,
    revenue: tuple[float, float],
    new_buyers: float,
    campaigns: pd.DataFrame,
    clv: pd.DataFrame,
    settings: Evaluation,
    money: str = "net",
    early: str = "",
) -> pd.DataFrame:
    """Compute what no single customer has a value of.

    Parameters
    ----------
    quarter : str
        Its key in the plan's lookups.
    revenue : tuple of float
        Of the quarter before and of this one, in main units of money.
    new_buyers : float
        Customers whose first order lies in the quarter; NaN where nobody can tell who is new.
    campaigns : DataFrame
        Effects; the rows of everybody (segment 0) give the return.
    clv : DataFrame
        customers, clv_minor per segment; empty where there is none.
    settings : Evaluation
        With market_revenue and acquisition_spend, each by quarter, in main units of money.
    money : {"net", "gross"}
        What revenue counts.
    early : str
        That the data end before the quarter does: then what counts over the whole of it is unknown.

    Returns
    -------
    DataFrame
        measure, formula, unit, value, low, high (NaN where unknown or exact), lacks ("" where it is known).

    Examples
    --------
    >>> from seglib.core.sections import Evaluation
    >>> plan = Evaluation(market_revenue={"2026Q3": 5000}, acquisition_spend={"2026Q3": 300})
    >>> found = measures("2026Q3", (100.0, 125.0), 20, pd.DataFrame(), pd.DataFrame(), plan)
    >>> found.set_index("measure")["value"].dropna().to_dict()
    {'revenue growth': 0.25, 'cost per new customer': 15.0, 'market share': 0.025}
    """
    before, now = revenue
    spend, market = settings.acquisition_spend.get(quarter), settings.market_revenue.get(quarter)
    now = math.nan if early else now
    growth = now / before - 1 if before > 0 else math.nan
    cost = spend / new_buyers if spend is not None and new_buyers and not early else math.nan
    lacks = (
        "orders from further back, to tell who is new" if math.isnan(new_buyers) else _key("acquisition_spend", quarter)
    )
    rows = [
        _row(
            "revenue growth", f"revenue ({money}) / revenue of the quarter before - 1", "share", growth,
            early or "an earlier quarter",
        ),
        _row(
            "cost per new customer", "acquisition spend / new buyers", "money", cost, early or lacks,
        ),
        _row(
            "market share", f"revenue ({money}) / revenue of the market", "share", now / market if market else math.nan,
            early or _key("market_revenue", quarter),
        ),
        _clv(clv, "revenue" if settings.margin_share is None else "margin on revenue", money),
        _return(campaigns, settings.margin_share),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=BUSINESS)


def _key(name: str, quarter: str) -> str:
    return f"plan.yml, evaluation.{name}.{quarter}"


def _row(
    measure: str, formula: str, unit: str, value: float, lacks: str, low: float = math.nan, high: float = math.nan
) -> dict[str, object]:
    return {
        "measure": measure, "formula": formula, "unit": unit, "value": value, "low": low, "high": high,
        "lacks": lacks if math.isnan(value) else "",
    }  # fmt: skip


def _clv(clv: pd.DataFrame, what: str, money: str) -> dict[str, object]:
    known = clv[clv["clv_minor"].notna()] if len(clv) else clv
    value = math.nan
    if len(known) and known["customers"].sum():
        value = float((known["clv_minor"] * known["customers"]).sum() / known["customers"].sum())
    text = f"expected {what} of the horizon, {BASES[money]}, mean per customer"
    return _row("customer lifetime value", text, "minor", value, "customers who ordered twice")


def _return(campaigns: pd.DataFrame, margin_share: float | None) -> dict[str, object]:
    """Return of all campaigns together: extra margin less cost, per cost; as they share customers, errors add up."""
    formula, tested = "(extra revenue x margin - cost) / cost", len(campaigns) and (campaigns["segment"] == 0).any()
    parts = {
        "an effect measured against a control group": not tested,
        "costs of contacts": tested and not (campaigns.loc[campaigns["segment"] == 0, "cost"] > 0).any(),
        "evaluation.margin_share in plan.yml": margin_share is None,
    }
    lacks = " and ".join(part for part, missing in parts.items() if missing)
    whole = campaigns[(campaigns["segment"] == 0) & campaigns["roi"].notna()] if len(campaigns) else campaigns
    if not len(whole):
        return _row("return on campaigns", formula, "ratio", math.nan, lacks)
    weight = whole["cost"] / whole["cost"].sum()
    value = float((weight * whole["roi"]).sum())
    margin = float((weight * (whole["roi_high"] - whole["roi_low"]) / 2).sum())
    return _row("return on campaigns", formula, "ratio", value, lacks, value - margin, value + margin)
