"""Fairness: who is treated how, by group, and nothing where nothing is known."""

from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd

from seglib.activation.fairness import NOTHING, Fairness, treatment
from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

RUN = SimpleNamespace(
    plan=Plan.parse("study: a\nsources: {orders: {file: o.csv}}"), quarter=Quarter("2026Q3"), engine=Engine.open()
)


def treated(has: tuple[str, ...] = ("birth_date", "gender")) -> Fairness:
    """200 women of 30 with an offer, 200 men of 40 of whom half have one, 15 unknown; a quarter agreed."""
    gender = ["female"] * 200 + ["male"] * 200 + [None] * 15
    facts = pd.DataFrame({"customer": [f"c{n:03d}" for n in range(415)], "gender": gender})
    facts["age_years"] = pd.array([30] * 200 + [40] * 200 + [None] * 15, dtype="Int64")
    offered = [True] * 200 + [n % 2 == 0 for n in range(200)] + [True] * 15
    reached = np.array(offered) & (np.arange(415) % 4 == 0)
    members = facts[["customer"]].assign(offer=["tea" if o else None for o in offered])
    members["arm"] = np.where(reached, "contact", "none")
    customers = ibis.memtable(facts.astype({"gender": "string"}))
    collection = SimpleNamespace(customers=customers, has=lambda table, column: column in has)
    return treatment(RUN, SimpleNamespace(members=ibis.memtable(members.astype("string"))), collection)


def test_C1_each_group_has_its_shares_with_intervals_and_unknown_is_a_group():
    """Half of 200 men are 43.1 to 56.9 % (Wilson); nobody of unknown gender or age joins a known group."""
    table = treated().table()
    men = table[table["group"] == "male"].iloc[0]

    assert table["group"].tolist() == ["25-34", "35-44", "unknown", "female", "male", "unknown"]
    assert table["customers"].tolist() == ["200", "200", "15"] * 2
    assert men.tolist()[2:5] == ["200", "50.0%", "43.1% to 56.9%"]


def test_C1_a_planted_difference_is_named_and_chance_is_not():
    """Men get fewer offers beyond chance; two points among 200 are chance."""
    said = treated().sentence()
    alike = pd.DataFrame({"by": "gender", "group": ["female", "male"], "customers": 200, "offered": [150, 152]})

    assert "who gets an offer differs by gender (50.0% of male to 100.0% of female)" in said
    assert "unknown" not in said
    assert Fairness(alike.assign(reached=50), 10).sentence().startswith("No group by gender is treated differently")


def test_C1_groups_below_the_floor_are_blank_and_cannot_be_computed():
    """Nine diverse customers would follow from the total of the others, so the next smallest group is blank too."""
    rows = pd.DataFrame({"by": "gender", "group": ["diverse", "female", "male"], "customers": [9, 300, 200]})
    table = Fairness(rows.assign(offered=[5, 150, 100], reached=5), 10).table()

    assert table["customers"].tolist() == ["", "300", ""]
    assert table["gets an offer"].tolist() == ["", "50.0%", ""]


def test_C1_without_demographics_there_is_a_sentence():
    """A study that knows nothing of its customers shows no empty table."""
    nothing = treated(has=())

    assert nothing.table() == nothing.sentence() == NOTHING


def test_R16_two_small_groups_are_hidden_with_the_next_one():
    """Three and four customers: seven would follow from the number of all, so the group of 30 is blank too."""
    rows = pd.DataFrame({"by": "gender", "group": [*"abcd"], "customers": [3, 4, 30, 90]})
    table = Fairness(rows.assign(offered=[3, 4, 30, 45], reached=[1, 2, 15, 45]), 10).table()

    assert table["customers"].tolist() == ["", "", "", "90"]
    assert table["gets an offer"].tolist()[:3] == ["", "", ""]
