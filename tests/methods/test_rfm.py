"""The RFM scorer and its rules against the R package rfm (rsquaredacademy/rfm)."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seglib.methods.rfm import MEASURES, RULES, SCORES, Rfm, domains
from seglib.methods.rules import label
from seglib.methods.rules import lint as lint_rules

TEST_NAMES = [
    "Champions", "Loyal Customers", "Potential Loyalist", "New Customers", "Promising", "Need Attention",
    "About To Sleep", "At Risk", "Can't Lose Them", "Lost",
]  # fmt: skip


def lint(rules: dict[str, str], bins: int = 5) -> pd.DataFrame:
    """Look for gaps and overlaps among the cells of scores from 1 to `bins`."""
    return lint_rules(rules, domains(bins))


def texts(boxes: dict[str, tuple[int, ...]]) -> dict[str, str]:
    """Write boxes of scores (both ends count) as rules; R repeats the frequency for the money."""
    return {
        name: " and ".join(
            f"{score} between {low} and {high}" for score, low, high in zip(SCORES, box[::2], box[1::2], strict=True)
        )
        for name, box in boxes.items()
    }


R_TEST_BOXES = [(4, 5, 4, 5), (2, 5, 3, 5), (3, 5, 1, 3), (4, 5, 1, 1), (3, 4, 1, 1), (2, 3, 2, 3), (2, 3, 1, 2),
                (1, 2, 2, 5), (1, 1, 4, 5), (1, 2, 1, 2)]  # fmt: skip
R_TEST_RULES = texts(  # tests/testthat/test-rfm-segment.R, also in the vignette
    {name: (*box, *box[2:]) for name, box in zip(TEST_NAMES, R_TEST_BOXES, strict=True)}
)
R_README_RULES = texts(  # README and the help page of rfm_segment
    {
        "Champions": (5, 5, 5, 5, 5, 5),
        "Potential Loyalist": (3, 5, 3, 5, 2, 5),
        "Loyal Customers": (2, 4, 2, 4, 2, 4),
        "Promising": (3, 4, 1, 3, 3, 5),
        "New Customers": (4, 5, 1, 3, 1, 5),
        "Can't Lose Them": (1, 2, 3, 4, 4, 5),
        "At Risk": (1, 2, 2, 5, 4, 5),
        "Need Attention": (1, 3, 3, 5, 3, 5),
        "About To Sleep": (2, 3, 1, 3, 1, 4),
        "Lost": (1, 1, 1, 5, 1, 5),
    }
)
CELLS = pd.DataFrame(list(product(range(1, 6), repeat=3)), columns=list(SCORES))


def frame(recency: list[float], orders: list[float], money: list[float]) -> pd.DataFrame:
    """Return the three measures under their names."""
    return pd.DataFrame(dict(zip(MEASURES, (recency, orders, money), strict=True)))


@pytest.fixture(scope="module")
def customers(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    """Return the three measures of the R package's customers at 2006-12-31."""
    orders = pd.read_csv(shared_data("rfm/rfm_data_orders.csv.gz"), parse_dates=["order_date"])
    by = orders.groupby("customer_id")
    days = (pd.Timestamp("2006-12-31") - by["order_date"].max()).dt.days
    return pd.DataFrame({"recency_days": days, "order_count": by.size(), "monetary": by["revenue"].sum()})


def test_five_is_best_on_all_three() -> None:
    """Fewer days, more orders and more money score higher."""
    five = frame([10, 20, 30, 40, 50], [1, 2, 3, 4, 5], [10, 20, 30, 40, 50])

    assert Rfm.fit(five).transform(five).to_numpy().T.tolist() == [[5, 4, 3, 2, 1], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]


@pytest.mark.parametrize("mode", ["quantile", "rfm_r"])
def test_ties_share_a_score(mode: str) -> None:
    """Six one-time buyers of ten all score 1, though they fill three of five quantiles."""
    ten = frame(list(range(10)), [1] * 6 + [2, 3, 4, 5], list(range(10)))
    scores = Rfm.fit(ten, mode=mode).transform(ten)["f_score"]

    assert scores[:6].nunique() == 1
    assert scores.is_monotonic_increasing


def one_time_buyers() -> pd.DataFrame:
    """Of a hundred customers 85 ordered once, nine twice, four three times, one five and one nine times."""
    orders = [1] * 85 + [2] * 9 + [3] * 4 + [5, 9]
    return frame(list(range(100)), orders, list(range(100)))


def test_two_orders_do_not_score_like_nine_where_most_order_once() -> None:
    """Four quantiles of five are 1; the edges are those of the customers above, and it is said."""
    scorer = Rfm.fit(one_time_buyers())
    scores = dict(zip(one_time_buyers()["order_count"], scorer.transform(one_time_buyers())["f_score"], strict=True))

    assert scores == {1: 1, 2: 2, 3: 3, 5: 4, 9: 5}
    assert scorer.tied == {"order_count": 5}
    assert scorer.ties()[0].startswith("By number of orders the customers cannot be divided into 5 equal parts")


def test_scores_that_cannot_be_had_do_not_occur_and_it_is_said() -> None:
    """Nobody ordered more than twice: two scores; whoever orders three times next quarter is between two and five."""
    two = frame(list(range(50)), [1] * 47 + [2] * 3, list(range(50)))
    scorer = Rfm.fit(two)
    later = scorer.transform(frame([1, 1, 1], [2, 3, 9], [1, 1, 1]))["f_score"]

    assert scorer.transform(two)["f_score"].tolist() == [1] * 47 + [2] * 3
    assert later.tolist() == [2, 3, 5]
    assert scorer.ties()[0].endswith("and 2 of the 5 scores occur.")


@pytest.mark.parametrize("seed", range(3))
def test_any_ties_keep_the_order_and_the_number_of_edges(seed: int) -> None:
    """Counts of any shape: four rising edges, equal numbers share a score, more never scores less."""
    orders = np.random.default_rng(seed).geometric((0.9, 0.6, 0.99)[seed], 300)
    scorer = Rfm.fit(frame(list(range(300)), orders.tolist(), [5] * 300))
    scores = scorer.transform(frame(list(range(300)), sorted(orders.tolist()), [5] * 300))["f_score"]

    assert sorted(set(scorer.order_count)) == list(scorer.order_count)
    assert scores.is_monotonic_increasing
    assert len(scorer.order_count) == len(scorer.monetary) == 4


def test_untied_customers_have_plain_quantiles() -> None:
    """Nothing changes where the quantiles differ, and nothing is said."""
    hundred = frame(list(range(100)), list(range(100)), list(range(100)))
    scorer = Rfm.fit(hundred)

    assert scorer.order_count == tuple(hundred["order_count"].quantile([0.2, 0.4, 0.6, 0.8]).round(9))
    assert scorer.ties() == ()


def test_the_edges_are_frozen() -> None:
    """Next quarter's customers are scored by last quarter's edges, beyond the range too."""
    scorer = Rfm.fit(frame([10, 20, 30, 40, 50], [1, 2, 3, 4, 5], [10, 20, 30, 40, 50]))

    assert scorer.transform(frame([999], [100], [-5])).to_numpy().tolist() == [[1, 5, 1]]


def test_the_scorer_survives_json() -> None:
    """What is written comes back equal."""
    scorer = Rfm.fit(frame([1, 2, 7], [1, 2, 2], [0.1, 0.2, 0.7]), bins=3, mode="rfm_r")

    assert Rfm.from_dict(json.loads(json.dumps(scorer.to_dict()))) == scorer


def test_a_missing_measure_has_no_score() -> None:
    """A customer without orders is not the best nor the worst."""
    scorer = Rfm.fit(frame([10, 20, 30], [1, 2, 3], [10, 20, 30]), bins=2)
    scores = scorer.transform(frame([float("nan")], [0], [0]))

    assert scores.isna().to_numpy().tolist() == [[True, False, False]]
    assert replace(scorer, rules={"All": "f_score >= 1"}).name(frame([float("nan")], [0], [0])).tolist() == ["Others"]


def test_the_rules_cover_every_cell_exactly_once() -> None:
    """The table is disjoint and exhaustive, so its order does not matter."""
    assert lint(RULES).empty
    assert (label(CELLS, RULES) == label(CELLS, dict(reversed(RULES.items())))).all()
    assert "Others" not in set(label(CELLS, RULES))


def test_the_linter_counts_the_cells_of_the_rules_in_r_tests() -> None:
    """36 cells fall through, 39 depend on the order, three rules can never apply."""
    found = lint(R_TEST_RULES)

    assert found["finding"].value_counts().to_dict() == {"overlapping": 39, "uncovered": 36, "unreachable": 3}
    assert 125 - found["cell"].ne("").sum() == 50
    assert found.query("finding == 'unreachable'")["rules"].tolist() == [
        "New Customers",
        "Promising",
        "Can't Lose Them",
    ]


def test_the_linter_counts_the_cells_of_the_rules_in_r_readme() -> None:
    """10 cells fall through, 58 depend on the order, every rule applies somewhere; Champions are one cell."""
    assert lint(R_README_RULES)["finding"].value_counts().to_dict() == {"overlapping": 58, "uncovered": 10}
    assert (label(CELLS, R_README_RULES) == "Champions").sum() == 1


def test_the_linter_names_cell_and_rules() -> None:
    """Recency 2, frequency 1, money 1 is claimed by two rules."""
    rules = {"Low": "m_score = 1", "High": "r_score = 2 and f_score = 1"}
    overlapping = lint(rules, bins=2).query("finding == 'overlapping'")

    assert overlapping[["cell", "rules"]].to_numpy().tolist() == [["2-1-1", "Low, High"]]


def test_the_first_rule_wins() -> None:
    """As in R, where a set of rules overlaps."""
    both = {"First": "r_score >= 1", "Second": "r_score >= 1"}

    assert set(label(CELLS, both)) == {"First"}


def test_edges_of_the_r_package(customers: pd.DataFrame) -> None:
    """Thresholds of rfm_table_order, quantile + 1."""
    scorer = Rfm.fit(customers, mode="rfm_r")

    assert scorer.recency_days == (115, 181, 297.4, 482)
    assert scorer.order_count == (4, 5, 6, 8)
    assert scorer.monetary == (255.8, 382, 506.4, 666)


def test_scores_of_the_r_package(customers: pd.DataFrame, shared_data: Callable[[str], Path]) -> None:
    """All 995 score triples; the oracle writes names with titles, so rows are compared by their measures."""
    oracle = pd.read_csv(shared_data("rfm/oracle_rfm_table_order_20061231.csv.gz"))
    scored = customers.join(Rfm.fit(customers, mode="rfm_r").transform(customers))
    columns = ["recency", "orders", "amount", "R", "F", "M"]
    theirs = sorted(oracle[columns].itertuples(index=False, name=None))

    assert sorted(scored[[*MEASURES, *SCORES]].itertuples(index=False, name=None)) == theirs
    assert len(theirs) == 995


def test_segments_of_the_r_package(customers: pd.DataFrame) -> None:
    """Customers, orders and revenue per segment (test-rfm-segment.R prints Champions 158, 1234, 120178)."""
    segment = label(Rfm.fit(customers, mode="rfm_r").transform(customers), R_TEST_RULES)
    by = customers.groupby(segment)
    found = pd.concat([by.size(), by["order_count"].sum(), by["monetary"].sum()], axis=1)

    assert found.to_numpy().tolist() == [
        [50, 127, 10914],
        [86, 438, 44178],
        [158, 1234, 120178],
        [111, 244, 20955],
        [278, 1708, 166712],
        [35, 144, 13287],
        [48, 210, 22061],
        [229, 801, 65873],
    ]
    assert found.index.tolist() == [
        "About To Sleep", "At Risk", "Champions", "Lost", "Loyal Customers", "Need Attention", "Others",
        "Potential Loyalist",
    ]  # fmt: skip


def test_segments_of_the_r_readme(customers: pd.DataFrame) -> None:
    """Customers per segment as printed in the README."""
    segment = label(Rfm.fit(customers, mode="rfm_r").transform(customers), R_README_RULES)

    assert segment.value_counts().to_dict() == {
        "Potential Loyalist": 342, "Loyal Customers": 170, "Lost": 148, "New Customers": 104, "About To Sleep": 102,
        "Can't Lose Them": 47, "Champions": 35, "At Risk": 28, "Need Attention": 10, "Promising": 9,
    }  # fmt: skip


def test_edges_of_the_r_package_in_pence(customers: pd.DataFrame) -> None:
    """With money in minor units the mode adds one main unit, so every score is the same."""
    pence = customers.assign(monetary=100 * customers["monetary"])
    scores = Rfm.fit(pence, mode="rfm_r", unit=100).transform(pence)

    assert scores.equals(Rfm.fit(customers, mode="rfm_r").transform(customers))


@pytest.mark.parametrize("bins", [2, 3, 4, 7, 10])
def test_any_number_of_bins(bins: int) -> None:
    """A hundred different customers fill every score with equally many of them."""
    hundred = frame([float(n) for n in range(420)], list(range(420)), list(range(420)))
    counts = Rfm.fit(hundred, bins=bins).transform(hundred)["m_score"].value_counts()

    assert sorted(counts.index) == list(range(1, bins + 1))
    assert set(counts) == {420 // bins}


def test_the_edges_continue_until_the_plan_changes() -> None:
    """Last quarter's edges stay; other bins, another mode or edges: renew take today's."""
    old, new = (Rfm.fit(frame([n, n + 9], [1, 2], [n, 2 * n]), bins=2) for n in (10, 40))

    assert new.continues(old).recency_days == old.recency_days
    assert replace(new, edges="renew").continues(old).recency_days == new.recency_days
    assert new.continues(replace(old, mode="rfm_r")).recency_days == new.recency_days
