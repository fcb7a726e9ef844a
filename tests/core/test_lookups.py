"""Figures by a key, and facts with a history: what held at the quarter's end, and whose it is."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from seglib.collection import collect
from seglib.core.errors import InputRefused
from seglib.core.intake import Intake, take_in
from seglib.core.lookups import dated, old
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.criteria import compute

LOOKUP = """lookups:
  income:
    file: income.csv
    key: postcode
    columns: {postcode: PLZ, income: Median}
    gives: [income]
    origin: A bureau
    vintage: 2022-12-31
    licence: CC BY 4.0
    max_age_days: 1000
    csv: {delimiter: ';', decimal: ','}
criteria:
  attributes:
    income: {kind: number, meaning: Median income of the postcode.}
"""
INCOME = "PLZ;Median\n01067;24000,50\nAB1 2C;31000\n"
Take = Callable[..., Run]


@pytest.fixture
def take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Return a function that takes in thirty customers, with the given rows of customers and the rest of a plan."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    orders = "".join(f"K{n},o{n},2026-{7 + n % 3:02d}-{1 + n % 28:02d},{n * 37 % 53 + 5}\n" for n in range(30))
    (folder / "sources" / "orders.csv").write_text("customer_id,order_id,ordered_at,amount\n" + orders)

    def taken(customers: str, more: str = "", files: dict[str, str] | None = None) -> Run:
        (folder / "sources" / "customers.csv").write_text(customers)
        for name, text in (files or {}).items():
            (folder / "sources" / name).write_text(text)
        sources = "{orders: {file: orders.csv}, customers: {file: customers.csv}}"
        (folder / "plan.yml").write_text(f"study: acme\nconsent: {{basis: contract}}\nsources: {sources}\n{more}")
        run = Run.open("acme", "2026Q3")
        take_in(run)
        return run

    return taken


def by_postcode(codes: dict[int, str]) -> str:
    """Customers with a postcode each, 01067 where nothing is said."""
    return "customer_id,postcode\n" + "".join(f"K{n},{codes.get(n, '01067')}\n" for n in range(30))


def test_a_lookup_tells_an_attribute_by_its_key_with_whose_figures_and_of_which_day(take: Take) -> None:
    """Three of thirty live elsewhere, one in a postcode that the table lacks; case and blanks do not matter."""
    run = take(by_postcode({0: "ab1 2c", 1: " AB1 2C", 2: "99999"}), LOOKUP, {"income.csv": INCOME})
    collected = collect(run)
    customers = run.engine.frame(collected.customers)
    features = compute(collected, run)
    row = features.catalogue.set_index("name").loc["income"]

    assert customers["income"].value_counts().to_dict() == {24000.5: 27, 31000.0: 2}
    assert "postcode" not in customers.columns
    assert row["role"] == "descriptor"
    assert row["meaning"] == "Median income of the postcode (A bureau, as of 31 December 2022)."


def test_what_a_lookup_knows_and_that_it_is_old_stand_among_the_findings(take: Take) -> None:
    """The figures are 1,370 days old at the quarter's end, and 1,000 are allowed: said, not refused."""
    run = take(by_postcode({2: "99999"}), LOOKUP, {"income.csv": INCOME})
    found = run.read(Intake).findings.set_index("what")["count"]
    about = "the lookup 'income' (A bureau, as of 31 December 2022; CC BY 4.0)"

    assert found[f"customers with a row in {about}"] == 29
    assert found[f"customers without a row in {about}"] == 1
    assert any("is 1,370 days old; the plan allows 1,000. Look for newer figures." in what for what in found.index)


def test_a_changed_lookup_makes_intake_again(take: Take) -> None:
    """Its file is one of the sources, hashed like the others."""
    run = take(by_postcode({}), LOOKUP, {"income.csv": INCOME})
    assert run.is_current("00_intake")
    (run.data / "sources" / "income.csv").write_text(INCOME.replace("24000,50", "25000"))

    assert not Run.open("acme", "2026Q3").is_current("00_intake")


@pytest.mark.parametrize(
    ("income", "said"),
    [
        (INCOME + "01067;1\n", "V01 a key stands in the lookup twice - income.csv"),
        (INCOME.replace("31000", "a lot"), "F15 not a number - income.csv, line 3"),
        (INCOME.replace("Median", "Mean"), "in plan.yml: lookups.income.columns.income"),
    ],
)
def test_a_lookup_that_cannot_be_read_is_refused_with_its_place(take: Take, income: str, said: str) -> None:
    """A key twice, a word for a number, and another name of a column."""
    with pytest.raises(InputRefused) as refused:
        take(by_postcode({}), LOOKUP, {"income.csv": income})

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("gives: [income]", "gives: [wealth]"), "no such attribute"),
        (("key: postcode", "key: email"), "not a key for figures of areas"),
        (("file: income.csv", "file: ../income.csv"), "not inside the sources folder"),
    ],
)
def test_a_lookup_that_cannot_hold_is_refused_before_data_are_read(change: tuple[str, str], said: str) -> None:
    """What is wrong in the plan is told by the plan."""
    sources = "sources: {orders: {file: o.csv}, customers: {file: c.csv}}"
    with pytest.raises(InputRefused, match=said):
        Plan.parse(f"study: a\n{sources}\n{LOOKUP.replace(*change)}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("key: postcode", "key: household_size"), "not a key for figures of areas"),
        (("key: postcode", "key: birth_date"), "not a key for figures of areas"),
        (("key: postcode", "key: valid_from"), "not a key for figures of areas"),
        (("gives: [income]", "gives: []"), "a lookup that tells nothing"),
    ],
)
def test_a_lookup_by_a_number_or_a_day_or_of_nothing_is_refused(change: tuple[str, str], said: str) -> None:
    """Only words are compared whatever their case; a day of birth is no area."""
    text = LOOKUP.replace("    columns: {postcode: PLZ, income: Median}\n", "").replace(*change)
    with pytest.raises(InputRefused, match=said):
        Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}, customers: {{file: c.csv}}}}\n{text}")


def test_a_lookup_within_its_limit_is_not_called_old() -> None:
    """On the last day that is allowed, and on the day after."""
    plan = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}, customers: {{file: c.csv}}}}\n{LOOKUP}")

    assert old(plan.lookups, date(2025, 9, 26)) == ()
    assert len(old(plan.lookups, date(2025, 9, 27))) == 1
    assert dated(plan).attributes["income"].meaning.endswith("(A bureau, as of 31 December 2022).")


HISTORY = """criteria:
  attributes:
    tier: {meaning: Tier of loyalty.}
"""


def tiers(rows: list[tuple[str, str, str, str]]) -> str:
    """Thirty customers in gold since ever, and further rows: id, tier, e-mail, valid_from."""
    every = [(f"K{n}", "gold", f"k{n}@example.com", "") for n in range(30)]
    return "customer_id,tier,email,valid_from\n" + "".join(",".join(row) + "\n" for row in [*every, *rows])


def test_of_several_rows_the_one_counts_that_held_at_the_quarters_end(take: Take) -> None:
    """K1 became silver in September, K2 becomes silver on the first day after the quarter, K3 changed twice."""
    rows = [("K1", "silver", "new@example.com", "2026-09-30"), ("K2", "silver", "later@example.com", "2026-10-01")]
    rows += [("K3", "bronze", "b@example.com", "2026-08-01"), ("K3", "silver", "a@example.com", "2025-01-01")]
    run = take(tiers(rows), HISTORY)
    intake, contacts = run.read(Intake), pd.read_parquet(run.data / "private" / "contacts.parquet")
    told = run.engine.frame(intake.customers).merge(contacts, on="customer").set_index("customer_id")
    found = intake.findings.set_index("what")["count"]

    assert len(told) == 30
    assert told["tier"][["K0", "K1", "K2", "K3"]].tolist() == ["gold", "silver", "gold", "bronze"]
    assert told["email"][["K1", "K2", "K3"]].tolist() == ["new@example.com", "later@example.com", "b@example.com"]
    assert found["earlier rows of customers, which a later one replaces"] == 3
    assert found["rows of customers that hold only after the quarter's end"] == 1


def test_V01_two_rows_that_hold_from_the_same_moment_are_refused(take: Take) -> None:
    """Nobody can say which of them is right."""
    with pytest.raises(InputRefused, match="V01 two rows of one customer hold from the same moment"):
        take(tiers([("K1", "silver", "", "2026-08-01"), ("K1", "bronze", "", "2026-08-01")]), HISTORY)
