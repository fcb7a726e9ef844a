"""What several tables of the same people say together: an attacker who reads all of them pins nobody down."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from seglib.activation.shown import COUNTED, unsaid
from seglib.content.playbook import NONE, stated, sums
from seglib.disclosure.differences import follows, hold_back
from seglib.disclosure.small_cells import in_rows
from seglib.journeys.lifecycle import STAGES

FLOOR = 10
SEGMENTS = (1, 2)


def quarter(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a quarter: its actions with their customers, and one row per customer with stage, offer and arm."""
    rng = np.random.default_rng(seed)
    actions = pd.MultiIndex.from_product([SEGMENTS, STAGES], names=["segment", "stage"]).to_frame(index=False)
    actions["customers"] = rng.poisson(rng.gamma(0.5, 40, len(actions)))
    while actions.groupby("segment")["customers"].sum().min() < FLOOR:  # the size of a segment is no secret
        actions["customers"] = rng.poisson(rng.gamma(0.5, 40, len(actions)))
    actions["offer"] = rng.choice(["tea", "cups", NONE], len(actions))
    actions = actions.assign(cost_minor=rng.integers(5, 90, len(actions)), cap_per_quarter=1)
    members = actions.loc[actions.index.repeat(actions["customers"]), ["segment", "stage", "offer"]]
    members["offer"] = members["offer"].where(members["offer"] != NONE)
    arms = rng.choice(["contact", "holdout", "none"], len(members), p=[0.7, 0.1, 0.2])
    members["arm"] = np.where(members["offer"].isna(), "none", arms)
    why = np.where(members["offer"].isna(), "no offer", rng.choice(["no word", "withdrawn"], len(members)))
    return actions, members.assign(reason=np.where(members["arm"] == "none", why, ""))


class Attacker:
    """Somebody who writes down every number of two quarters' reports as an equation, and solves them."""

    def __init__(self, actions: pd.DataFrame, members: pd.DataFrame) -> None:
        part = members["arm"].map({"contact": "contact", "holdout": "held_out"}).fillna("not_allowed")
        people = members.assign(part=part.where(members["offer"].notna(), "no_offer")).fillna({"offer": NONE})
        by = ["segment", "stage", "offer", "part", "reason"]
        self.cells = people.groupby(by).size().rename("customers").reset_index()
        self.rows: list[np.ndarray] = []
        self.few: list[np.ndarray] = []
        for segment in SEGMENTS:
            self.reads(segment=segment)
        self.stages(actions)
        self.stages(actions.sort_values("stage"))  # the same table once more: on the first day of the next quarter
        self.budget(actions)
        self.audience(unsaid(members, actions, FLOOR))

    def which(self, **group: object) -> np.ndarray:
        return np.all([self.cells[name] == value for name, value in group.items()], axis=0).astype(float)

    def reads(self, **group: object) -> None:
        self.rows.append(self.which(**group))

    def stages(self, actions: pd.DataFrame) -> None:
        for row in actions[~in_rows(actions, ["segment"], FLOOR)].to_dict("records"):
            self.reads(segment=row["segment"], stage=row["stage"])
        for row in actions.to_dict("records"):  # "over 96%": fewer than the floor are in the other stages
            size = actions.loc[actions["segment"] == row["segment"], "customers"].sum()
            if size >= 2 * FLOOR and 0 < size - row["customers"] < FLOOR:
                others = self.which(segment=row["segment"]) - self.which(segment=row["segment"], stage=row["stage"])
                self.few.append(others)

    def budget(self, actions: pd.DataFrame) -> None:
        """Notebook 07: customers with an offer, each offer, and what they cost, by segment and in all."""
        price = self.cells.merge(actions, on=["segment", "stage"])["cost_minor"].to_numpy(dtype=float)
        offered = (self.cells["offer"] != NONE).to_numpy(dtype=float)
        shown = {what: rows["shown"] for what, rows in stated(actions, FLOOR).items()}
        for what, weight in (("offered", offered), ("cost", offered * price)):
            for segment in shown[what].index[shown[what]]:
                self.rows.append(weight * (self.which(segment=segment) if segment else 1))
        for name in shown["offer"].index[shown["offer"]]:
            segment, offer = name.split()
            self.reads(segment=int(segment), offer=offer)

    def audience(self, hidden: tuple[str, ...]) -> None:
        """Notebook 08: who is contacted or not in each segment and in all, and why not."""
        for word in COUNTED:
            for segment in SEGMENTS:
                if f"{segment} {word}" not in hidden:
                    self.reads(segment=segment, part=word)
                for stage in STAGES if word in ("contact", "held_out") else ():
                    if f"{segment} {stage} {word}" not in hidden:  # the first page
                        self.reads(segment=segment, stage=stage, part=word)
            if f"all {word}" not in hidden:
                self.reads(part=word)
        for reason in {*self.cells["reason"]} - {"", *hidden}:
            self.reads(reason=reason)

    def small(self) -> list[np.ndarray]:
        """Every group below the floor: of a segment its parts, stages, offers, pairs of these, those with an offer."""
        kinds = (["part"], ["stage"], ["offer"], ["stage", "part"], ["offer", "part"])
        groups = [self.cells[["segment", *by]].drop_duplicates().to_dict("records") for by in kinds]
        found = [self.which(**group) for rows in groups for group in rows]
        found += [self.which(segment=segment) - self.which(segment=segment, offer=NONE) for segment in SEGMENTS]
        return [group for group in found if 0 < group @ self.cells["customers"] < FLOOR]

    def widths(self) -> list[float]:
        """The width of what linear programming leaves possible for each small group."""
        known, counts = np.array(self.rows), self.cells["customers"].to_numpy(dtype=float)
        limits = {"A_ub": self.few or None, "b_ub": [FLOOR - 1] * len(self.few) or None}
        ends = [[linprog(s * g, A_eq=known, b_eq=known @ counts, **limits).fun for s in (1, -1)] for g in self.small()]
        return [-most - least for least, most in ends]


def test_R17_no_small_group_follows_from_the_difference_of_two_tables_or_two_quarters() -> None:
    """Stages, offers, costs and audiences of six random quarters, read together."""
    widths = [width for seed in range(6) for width in Attacker(*quarter(seed)).widths()]

    assert len(widths) > 100
    assert min(widths) >= FLOOR / 2 - 1e-6


@pytest.mark.long
def test_R17_no_small_group_follows_in_1000_random_reports() -> None:
    """The same attack on 1,000 random quarters."""
    widths = [width for seed in range(1000) for width in Attacker(*quarter(seed)).widths()]

    assert min(widths) >= FLOOR / 2 - 1e-6


@pytest.mark.wide
def test_the_attack_on_two_tables_succeeds_where_each_hides_only_its_own_small_cells() -> None:
    """Twelve random quarters with primary suppression only: more than a few groups are known to the person."""
    exact = 0
    for seed in range(12):
        attacker = Attacker(*quarter(seed))
        attacker.rows = [np.ones(len(attacker.cells)), *(attacker.which(segment=s) for s in SEGMENTS)]
        for by in (["segment", "stage"], ["segment", "part"], ["segment", "offer"]):
            sizes = attacker.cells.groupby(by)["customers"].sum()
            attacker.rows += [attacker.which(**dict(zip(by, at, strict=True))) for at in sizes.index[sizes >= FLOOR]]
        exact += sum(width < 1e-6 for width in attacker.widths())

    assert exact > 10


def test_what_earlier_tables_say_decides_what_a_later_one_may_say() -> None:
    """Forty and four: the forty may be told as long as the whole is not known from elsewhere."""
    customers, whole = pd.Series([40, 4]), pd.DataFrame([[1, 1]])

    assert hold_back(customers, whole, pd.DataFrame([[1, 0]]), FLOOR).tolist() == [True]
    assert hold_back(customers, whole[:0], pd.DataFrame([[1, 0]]), FLOOR).tolist() == [False]


def test_a_stated_range_is_what_anybody_can_work_out() -> None:
    """Of 190 in a segment 150 are told; of the others between none and forty have the second offer."""
    customers = pd.Series([150, 36, 4])
    said, asked = pd.DataFrame([[1, 1, 1], [1, 0, 0]]), pd.DataFrame([[0, 1, 0], [1, 1, 0]])

    assert follows(customers, said, asked, FLOOR, said[:0]).to_numpy().tolist() == [[0, 40], [150, 190]]


def test_money_gives_customers_away_too() -> None:
    """At 50 a head the cost of those with an offer is their number; with the offers' costs mixed it is not."""
    customers, whole = pd.Series([40, 60, 4]), pd.DataFrame([[1, 1, 1]])
    cost = pd.DataFrame([[50, 50, 0]])

    assert hold_back(customers, whole, cost, FLOOR).tolist() == [True]
    assert hold_back(customers, whole, pd.DataFrame([[50, 20, 0]]), FLOOR).tolist() == [False]


def test_the_smallest_number_that_helps_is_held_back() -> None:
    """A small group beside a larger and a large one: the larger is held back, the large one told."""
    customers, whole, each = pd.Series([3, 30, 300]), pd.DataFrame([[1, 1, 1]]), pd.DataFrame(np.eye(3))

    assert hold_back(customers, whole, each, FLOOR).tolist() == [True, True, False]


def test_every_row_of_sums_adds_up() -> None:
    """Sizes, stages and those with an offer of a random quarter, against plain sums."""
    actions, _ = quarter(3)
    offered = actions[actions["offer"] != NONE]
    counted = sums(actions) @ actions["customers"]

    assert counted["size"].tolist() == actions.groupby("segment")["customers"].sum().tolist()
    assert counted["stage"].tolist() == actions["customers"].tolist()
    assert counted["offered", 0] == offered["customers"].sum()
    assert counted["cost", 0] == (offered["customers"] * offered["cost_minor"]).sum()
