"""The days of the stages and the window, as init reads them from the gaps between orders."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from seglib.core.plan import Plan
from seglib.core.sections import Rules
from seglib.init.guess import Guess
from seglib.init.looks import Look
from seglib.init.propose import Proposal, propose
from seglib.init.rhythm import USUAL, returned, rhythm, rhythm_of


def shop(typical_days: float, spread: float, people: int, years: float, stay: float = 0.9) -> pd.DataFrame:
    """Draw the days on which customers came: each gap is log-normal, and after each order some stay away for good."""
    rng, rows = np.random.default_rng(5), []
    for number in range(people):
        day = rng.uniform(0, 365 * years * 0.9)
        while day < 365 * years:
            rows.append((f"c{number}", pd.Timestamp("2016-01-01") + pd.Timedelta(days=int(day))))
            if rng.random() > stay:
                break
            day += 1 + typical_days * np.exp(rng.normal(0, spread))
    return pd.DataFrame(rows, columns=["customer", "day"])


def proposed(visits: pd.DataFrame, folder: Path) -> tuple[Proposal, Plan]:
    """Let init look at these orders."""
    orders = visits.sort_values("day").reset_index(drop=True)
    orders = orders.assign(order_id=[f"B{n}" for n in orders.index], amount="12.50")
    orders.rename(columns={"customer": "customer_id", "day": "order_date"}).to_csv(folder / "orders.csv", index=False)
    found = propose(folder / "orders.csv")
    return found, Plan.parse(found.plan_text("shop"))


def test_a_bakery_and_a_shop_for_wedding_rings_start_with_other_days(tmp_path: Path) -> None:
    """Half of the bakery's customers are back within five days, half of the other's in two years."""
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    _, bakery = proposed(shop(4, 0.8, 300, 1.5, stay=0.97), tmp_path / "a")
    _, rings = proposed(shop(700, 0.4, 1_500, 10, stay=0.3), tmp_path / "b")

    assert (bakery.journeys.new_days, bakery.journeys.active_days, bakery.journeys.at_risk_days) == (7, 14, 28)
    assert bakery.criteria.window_days == 365
    assert rings.journeys.new_days == pytest.approx(700, rel=0.15)
    assert rings.journeys.active_days == pytest.approx(700 * np.exp(0.4 * 0.674), rel=0.15)
    assert rings.journeys.at_risk_days == pytest.approx(700 * np.exp(0.4 * 1.282), rel=0.15)
    assert rings.criteria.window_days == 365 * 7


def test_the_figures_stand_beside_the_days_and_what_was_usual_is_told(tmp_path: Path) -> None:
    """How many gaps of how many customers, in the plan and on the screen."""
    visits = shop(30, 0.6, 400, 3)
    found, _ = proposed(visits, tmp_path)
    days = visits.drop_duplicates()
    gaps, people = len(days) - days["customer"].nunique(), int((days["customer"].value_counts() > 1).sum())
    said = next(line for line in found.understood if "gaps" in line)

    assert said.startswith(f"of {gaps:,} gaps between orders of {people} customers, each customer counted once, half")
    assert said.endswith("in place of 60, 90, 180 and 365")
    assert f"  # {said.partition(':')[0]}\n  new_days: {found.rhythm.new_days}" in found.plan_text("shop")


def test_where_too_few_came_back_the_usual_days_stay_and_it_is_said(tmp_path: Path) -> None:
    """Of 200 customers 20 came twice."""
    visits = pd.DataFrame({"customer": [f"c{n % 200}" for n in range(220)], "day": pd.Timestamp("2026-01-01")})
    visits["day"] += pd.to_timedelta(np.arange(220), unit="D")
    found, plan = proposed(visits, tmp_path)

    assert (
        "20 customers came back for another order; the shop's rhythm is read from 50 on: the days of the stages stay "
        "60, 90 and 180 (journeys)"
    ) in found.unsure
    assert (plan.journeys.new_days, plan.journeys.active_days, plan.journeys.at_risk_days) == (60, 90, 180)


def test_data_that_end_before_customers_come_back_keep_the_usual_days() -> None:
    """Gaps of about 200 days, in 300 days."""
    visits = pd.DataFrame({"customer": [f"c{n % 80}" for n in range(160)]})
    visits["day"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(160) + np.arange(160) // 80 * 60, unit="D")
    found = rhythm(visits)

    assert found.at_risk_days == USUAL.at_risk_days
    assert found.unsure[0].startswith("80 gaps between orders of 80 customers in 219 days do not show when customers")


def test_a_file_of_which_only_a_part_was_looked_at_keeps_the_usual_days() -> None:
    """In a part of the rows the orders between two others may be missing."""
    found = rhythm_of(Guess(looks={}, columns={}), Rules(), is_whole=False)

    assert found.active_days == 90
    assert found.unsure == (
        "of a part of the rows the shop's rhythm cannot be read: the days of the stages stay 60, 90 and 180 (journeys)",
    )


def test_what_is_no_purchase_makes_no_gap() -> None:
    """Returns, cancellations by number or state, and the till are left out: nothing is left to come back to."""
    people = [f"c{n}" for n in range(60)]
    day = ["2026-01-01"] * 60 + ["2026-02-01"] * 60
    order = [f"B{n}" for n in range(80)] + [f"X{n}" for n in range(40)]
    texts = {"who": people * 2, "when": day, "number": order}
    texts |= {"pieces": ["1"] * 60 + ["-1"] * 20 + ["1"] * 40}
    looks = {name: Look(name, pd.Series(values, dtype="str")) for name, values in texts.items()}
    columns = {"customer_id": "who", "ordered_at": "when", "order_id": "number", "quantity": "pieces"}
    guessed = Guess(looks=looks, columns=columns)

    assert rhythm_of(guessed, Rules(cancelled_prefix="X"), is_whole=True).unsure[0].startswith("0 customers came back")
    assert not rhythm_of(guessed, Rules(), is_whole=True).unsure[0].startswith("0 customers")


def test_whoever_has_not_come_back_when_the_data_end_is_no_gap_that_ended() -> None:
    """By hand: 1 of 4 by day 10; one is not seen beyond 15; of the two left one comes by 20, the other by 40."""
    found = returned([10, 20, 15, 40], [True, True, False, True], [1, 1, 1, 1], 40)

    assert found[[9, 10, 19, 20, 39, 40]].tolist() == [0, 0.25, 0.25, 0.625, 0.625, 1]


def test_the_share_that_is_back_is_the_estimate_of_kaplan_and_meier() -> None:
    """Against statsmodels, on 400 gaps of which a third had not ended; weights are whole numbers, as it wants them."""
    draw = np.random.default_rng(5)
    days, back, weights = draw.integers(1, 90, 400), draw.random(400) < 0.67, draw.integers(1, 4, 400)
    other = SurvfuncRight(days, back, freq_weights=weights)
    away = np.array([other.surv_prob[other.surv_times <= day][-1:].sum() or 1.0 for day in range(61)])

    assert returned(days, back, weights, 60) == pytest.approx((1 - away) / (1 - away[60]), abs=1e-9)
