"""The shop's own rhythm: how long customers stay away between two orders, and which days of the plan follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.sections import Criteria, Journeys, Rules
from seglib.core.steady import steady
from seglib.init.guess import Guess
from seglib.init.names import counted
from seglib.methods.comeback import share_back

FEWEST_CUSTOMERS = 50  # who came back, from which on their gaps say anything
PARTS = {"new_days": 0.5, "active_days": 0.75, "at_risk_days": 0.9}  # of all who come back, so many have by then
LEAST = {"new_days": 7, "active_days": 14, "at_risk_days": 28}  # a holiday makes nobody lapse
STEPS = ((30, 1), (100, 5), (1000, 10), (10_000, 50))  # below so many days they are rounded up to so many
SEEN_SHARE = 0.8  # of the longest gap that is looked at: beyond it the end of the data decides, not the customers
YEAR_DAYS = 365


@dataclass(frozen=True)
class Rhythm:
    """Days that a plan starts with.

    Parameters
    ----------
    new_days, active_days, at_risk_days : int
        Of the section journeys.
    window_days : int
        Of the section criteria.
    why : str
        What stands behind them, for the plan.
    understood, unsure : tuple of str
        Sentences for the analyst; one of the two is empty.
    """

    new_days: int = Journeys().new_days
    active_days: int = Journeys().active_days
    at_risk_days: int = Journeys().at_risk_days
    window_days: int = Criteria().window_days or YEAR_DAYS
    why: str = "usual days: nothing is known of the shop's own rhythm"
    understood: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


USUAL = Rhythm()
KEPT = f"the days of the stages stay {USUAL.new_days}, {USUAL.active_days} and {USUAL.at_risk_days} (journeys)"


def returned(
    gap_days: npt.ArrayLike, came_back: npt.ArrayLike, weights: npt.ArrayLike, longest: int
) -> npt.NDArray[np.float64]:
    """Give the share of customers who have come back by each day, among those who do within the longest gap.

    Whoever has not come back when the data end may still do so: such a gap counts as long as it has been seen (the
    estimate of Kaplan and Meier, 1958).

    Parameters
    ----------
    gap_days : array of int
        Days from an order to the next one, or to the end of the data.
    came_back : array of bool
        Whether there was a next one.
    weights : array of float
        What each gap counts; above 0.
    longest : int
        Longest gap that is looked at, in days, at least 1.

    Returns
    -------
    ndarray of float
        By day, from 0 to `longest`; the last is 1. All are NaN where nobody came back.

    Examples
    --------
    >>> returned([10, 20, 15, 40], [True, True, False, True], [1, 1, 1, 1], 40)[[9, 10, 20, 40]].tolist()
    [0.0, 0.25, 0.625, 1.0]
    """
    days, beyond = np.asarray(gap_days, dtype=np.int64), longest + 1
    back, counts = np.asarray(came_back, dtype=bool) & (days <= longest), np.asarray(weights, dtype=float)
    share = share_back(np.zeros_like(days), np.minimum(days, beyond), back, counts, beyond)[:beyond]
    with np.errstate(invalid="ignore"):
        return steady(share / share[-1])


def rhythm(visits: pd.DataFrame) -> Rhythm:
    """Propose the days of the stages and the window from the days on which customers ordered.

    Parameters
    ----------
    visits : DataFrame
        customer, day (datetime): one row per customer and day with an order, in any order, repetition allowed.

    Returns
    -------
    Rhythm
        The usual days where fewer than 50 customers came back, or where the data end before most who come back have.
    """
    each = visits.drop_duplicates().sort_values(["customer", "day"], kind="stable")
    if each.empty:
        return Rhythm(unsure=(f"no order has a customer and a day, so {KEPT}",))
    next_day = each.groupby("customer", sort=False)["day"].shift(-1)
    back = next_day.notna()
    people = int(each.loc[back, "customer"].nunique())
    if people < FEWEST_CUSTOMERS:
        who = f"{counted(people, 'customer')} came back for another order"
        return Rhythm(unsure=(f"{who}; the shop's rhythm is read from {FEWEST_CUSTOMERS} on: {KEPT}",))
    end, covered = each["day"].max(), (each["day"].max() - each["day"].min()).days
    gaps = (next_day.fillna(end) - each["day"]).dt.days
    weights = 1 / each.groupby("customer", sort=False)["day"].transform("size")
    by_day = returned(gaps, back, weights, max(1, covered // 2))
    found = {name: int(np.argmax(by_day >= part)) for name, part in PARTS.items()}
    behind = f"{counted(int(back.sum()), 'gap')} between orders of {counted(people, 'customer')}"
    if np.isnan(by_day[-1]) or found["at_risk_days"] > SEEN_SHARE * (covered // 2):
        short = f"{behind} in {covered} days do not show when customers stay away for good: {KEPT}"
        return Rhythm(unsure=(short,))
    return _proposed(found, behind, covered)


def _proposed(found: dict[str, int], behind: str, covered: int) -> Rhythm:
    """Round the days up, hold them apart, and take the window in whole years, so that seasons weigh the same."""
    new, active, lapsed = (max(_rounded(found[name]), LEAST[name]) for name in PARTS)
    lapsed = max(lapsed, active + 1)
    years = max(1, min(math.ceil(2 * lapsed / YEAR_DAYS), covered // YEAR_DAYS))
    half, most, nearly = found.values()
    parts = f"half take up to {half} days, three in four {most}, nine in ten {nearly}"
    why = f"of {behind}, each customer counted once, {parts}"
    usual = f"{USUAL.new_days}, {USUAL.active_days}, {USUAL.at_risk_days} and {USUAL.window_days}"
    said = f"{why}: stages of {new}, {active} and {lapsed} days (journeys) and a window of {years * YEAR_DAYS}"
    return Rhythm(new, active, lapsed, years * YEAR_DAYS, why, understood=(f"{said}, in place of {usual}",))


def _rounded(days: int) -> int:
    """Round up to a number that is easily said.

    Examples
    --------
    >>> [_rounded(days) for days in (9, 33, 141, 1234)]
    [9, 35, 150, 1250]
    """
    step = next((step for below, step in STEPS if days < below), 100)
    return -(-days // step) * step


def rhythm_of(guessed: Guess, rules: Rules, is_whole: bool) -> Rhythm:
    """Propose days from the columns of a file, without returns, cancelled orders, tests and who is no customer.

    Parameters
    ----------
    guessed : Guess
        Which column is which.
    rules : Rules
        Which rows are no purchases, and who is no customer.
    is_whole : bool
        Whether all rows were looked at: of a part of them nobody knows whether a gap is one.
    """
    customer, when = guessed.look("customer_id"), guessed.look("ordered_at")
    if not is_whole:
        return Rhythm(unsure=(f"of a part of the rows the shop's rhythm cannot be read: {KEPT}",))
    if customer is None or when is None:
        return USUAL
    visits = pd.DataFrame({"customer": customer.values.str.strip(), "day": when.times().dt.normalize()})
    bought = ~visits["customer"].isin(rules.not_customers)
    for field in ("quantity", "amount"):
        look = guessed.look(field)
        bought &= ~(look.numbers < 0) if look is not None else True
    order, status = guessed.look("order_id"), guessed.look("status")
    if order is not None and rules.cancelled_prefix:
        bought &= ~order.values.str.strip().str.startswith(rules.cancelled_prefix).fillna(False)
    if status is not None:
        bought &= ~status.values.str.strip().str.lower().isin({*rules.cancelled_status, *rules.test_status})
    return rhythm(visits[bought].dropna())
