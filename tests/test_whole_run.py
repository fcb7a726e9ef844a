"""The finished demo: what was planted is found, names stay, customers and money add up."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib import __main__ as cli
from seglib.activation import Audience
from seglib.clustering import Segmentation
from seglib.collection import Collection
from seglib.core.privacy import pseudonyms
from seglib.core.run import Run
from seglib.criteria import Features
from seglib.evaluation import Scorecard
from seglib.personas import Personas
from seglib.refinement import Refinement


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Run, Run]:
    """Both quarters of the demo shop, as the notebooks made them."""
    monkeypatch.setenv("SEGLIB_HOME", str(demo_home))
    return Run.open("demo", "2026Q2"), Run.open("demo", "2026Q3")


@pytest.mark.parametrize("index", [0, 1])
def test_planted_segments_are_found(demo: tuple[Run, Run], index: int) -> None:
    """The segments of each quarter agree with the planted ones: adjusted Rand index of at least 0.8."""
    run = demo[index]
    truth = pd.read_csv(run.folder.parents[1] / "truth" / "segments.csv", dtype="str")
    truth["customer"] = pseudonyms(truth["customer_id"], run.key)
    labels = run.engine.frame(run.read(Segmentation).labels).dropna(subset="segment").merge(truth, "inner")

    assert len(labels) > 1_000
    assert adjusted_rand_score(labels[f"segment_{run.quarter.text}"], labels["segment"]) >= 0.8


def test_names_carry_over(demo: tuple[Run, Run]) -> None:
    """Every segment of the first quarter is found again under its name, with its identity."""
    first, second = (run.read(Segmentation).segments.set_index("name")["identity"].to_dict() for run in demo)
    events = demo[1].read(Refinement).identity.set_index("name")["event"].to_dict()

    assert {name: second.get(name) for name in first} == first
    assert sorted({events[name] for name in first}) == ["split", "survive"]  # one was planted to split


def test_the_migration_table_adds_up(demo: tuple[Run, Run]) -> None:
    """Customers and money that leave one quarter's segments arrive in the other's, to the unit."""
    moved = demo[1].read(Refinement).migration
    before, now = (run.read(Segmentation).segments.set_index("name").sort_index() for run in demo)
    left = moved.groupby("from_name")[["customers", "value_previous_minor"]].sum()
    arrived = moved.groupby("to_name")[["customers", "value_current_minor"]].sum()

    assert left.loc[before.index].to_numpy().tolist() == before[["customers", "revenue_minor"]].to_numpy().tolist()
    assert arrived.loc[now.index].to_numpy().tolist() == now[["customers", "revenue_minor"]].to_numpy().tolist()


def planted(run: Run, name: str) -> pd.DataFrame:
    """Read a table of the planted truth."""
    return pd.read_csv(run.data / "truth" / f"{name}.csv")


def test_the_planted_worth_of_contact_lies_in_the_interval(demo: tuple[Run, Run]) -> None:
    """For everybody, in money and in who ordered; the company's own hold-out answers, and nothing blocks it."""
    whole = demo[1].read(Scorecard).worth.set_index("name").loc["everybody"]
    truth = planted(demo[1], "worth").set_index("segment").loc["everybody"]

    assert whole["n_control"] > 65
    assert whole["revenue_effect_low"] < truth["added_gbp_per_customer"] < whole["revenue_effect_high"]
    assert whole["effect_low"] < truth["added_buyer_share"] < whole["effect_high"]


def test_customer_values_can_be_budgeted_on(demo: tuple[Run, Run]) -> None:
    """All customers come from one process: the order days of both quarters came within 7 % of what was expected."""
    card = demo[1].read(Scorecard)
    quarters = card.clv_checks[card.clv_checks["view"] == "quarter"].set_index("label")

    assert list(quarters.index) == ["2026Q2", "2026Q3"]
    assert (quarters["expected"] / quarters["came"]).to_dict() == pytest.approx({"2026Q2": 1, "2026Q3": 1}, abs=0.07)
    assert card.clv["check_ratio"].dropna().between(0.8, 1.25).all()
    assert card.clv["check_ratio"].notna().sum() == 5
    assert not any("do not budget" in note or "the data cannot tell" in note for note in card.notes)


def test_a_campaign_late_in_a_quarter_is_evaluated_once(demo: tuple[Run, Run]) -> None:
    """The 30 days of june_offer end in the next quarter, which is where its effect stands."""
    seen = [set(run.read(Scorecard).effects["campaign"]) for run in demo]

    assert seen == [{"spring_offer", "spring_news"}, {"june_offer", "summer_offer", "summer_news"}]


@pytest.mark.parametrize("index", [0, 1])
def test_exactly_the_own_holdout_is_held_out(demo: tuple[Run, Run], index: int) -> None:
    """Among customers with an offer and consent, held out and in the company's hold-out are the same."""
    run = demo[index]
    members = run.engine.frame(run.read(Audience).members).set_index("customer")["arm"]
    held = set(run.engine.frame(run.read(Collection).held_out)["customer"])

    assert set(members.index[members == "holdout"]) == held & set(members.index[members != "none"])
    assert (members == "holdout").sum() > 65


def test_cards_quote_what_was_planted_and_nothing_else(demo: tuple[Run, Run]) -> None:
    """Every quote is a text that many wrote; the one of enough customers that must not be quoted is counted only."""
    cards = demo[1].read(Personas)
    shared = planted(demo[1], "comments").groupby("text").sum(numeric_only=True).sum(axis=1)

    assert set(cards.quotes["quote"].str.rstrip(".")) <= set(shared.index) - {"Cheap and good", "I was ill for a while"}
    assert cards.quotes["segment"].nunique() >= 4
    assert any(note.endswith("are not quoted: 1.") for note in cards.notes)


def test_themes_are_found_as_planted(demo: tuple[Run, Run]) -> None:
    """Shares of those who wrote in the quarter; who does not consent to profiling is not counted, hence 4 points.

    A theme of fewer than ten writers is blank.
    """
    found = demo[1].read(Scorecard).themes.query("segment == 0").set_index("theme")["share"]
    wrote = planted(demo[1], "comments")
    counts = wrote["themes"].str.get_dummies(sep=" ").mul(wrote["customers_2026Q3"], axis=0).sum()
    share = counts / wrote["customers_2026Q3"].sum()

    assert found[counts >= 10].to_dict() == pytest.approx(share[counts >= 10].to_dict(), abs=0.04)
    assert found.index[found.isna()].tolist() == counts.index[counts < 10].tolist() == ["service"]
    assert sorted(found.index) == ["delivery", "price", "range", "service"]


def test_M6_a_file_of_customers_gets_the_segments_of_the_run(
    demo: tuple[Run, Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verb assign, fed with the run's own criteria as a file, gives every customer the run's own segment."""
    run = demo[1]
    run.engine.frame(run.read(Features).values).to_csv(tmp_path / "crm.csv", index=False)
    code = cli.main(["assign", str(tmp_path / "crm.csv"), "--study", "demo", "--quarter", "2026Q3"])
    given = pd.read_csv(tmp_path / "crm_segments.csv").set_index("customer")["segment"]
    labels = run.engine.frame(run.read(Segmentation).labels).set_index("customer")["segment"]

    assert code == 0
    assert f"{len(labels):,} customers got a segment" in capsys.readouterr().out
    assert given.equals(labels.loc[given.index].astype(given.dtype))
