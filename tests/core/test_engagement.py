"""Engagement that a channel has added up: a table of its own, told by attributes of the customers."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from seglib.collection import collect
from seglib.core.errors import InputRefused
from seglib.core.intake import Intake, take_in
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.criteria import compute

SOURCES = "{orders: {file: orders.csv}, customers: {file: customers.csv}, engagement: {file: social.csv}}"
ATTRIBUTES = """criteria:
  attributes:
    insta: {kind: number, family: behavioural, sensitivity: ordinary, meaning: Likes and comments on Instagram.}
    tube: {kind: number, family: behavioural, sensitivity: ordinary}
"""
TOLD = "engagement: {insta: Instagram, tube: youtube}\n"
HEAD = "customer_id,channel,counted_at,interactions\n"
Take = Callable[..., Run]


@pytest.fixture
def take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Return a function that takes in thirty customers with rows of engagement."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    orders = "".join(f"K{n},o{n},2026-{7 + n % 3:02d}-{1 + n % 28:02d},{n * 37 % 53 + 5}\n" for n in range(30))
    (folder / "sources" / "orders.csv").write_text("customer_id,order_id,ordered_at,amount\n" + orders)
    customers = "customer_id,country\n" + "".join(f"K{n},NL\n" for n in range(30))
    (folder / "sources" / "customers.csv").write_text(customers)

    def taken(rows: str, sources: str = SOURCES) -> Run:
        (folder / "sources" / "social.csv").write_text(HEAD + rows)
        plan = f"study: acme\nconsent: {{basis: contract}}\nsources: {sources}\n{TOLD}{ATTRIBUTES}"
        (folder / "plan.yml").write_text(plan)
        run = Run.open("acme", "2026Q3")
        take_in(run)
        return run

    return taken


def counts(people: range, channel: str, day: str = "2026-09-30", times: int = 3) -> str:
    """One row for each customer: as many interactions as `times` his number."""
    return "".join(f"K{n},{channel},{day},{n * times}\n" for n in people)


def test_each_channel_is_an_attribute_and_the_latest_count_before_the_quarters_end_holds(take: Take) -> None:
    """Of twenty customers Instagram counted, of five YouTube as well; ten are known to neither."""
    rows = counts(range(20), "instagram", "2026-06-30", 1) + counts(range(20), "Instagram")
    rows += counts(range(5), "youtube") + counts(range(20), "instagram", "2026-10-01", 100)
    run = take(rows)
    customers = run.engine.frame(collect(run).customers)
    found = run.read(Intake).findings.set_index("what")["count"]

    assert sorted(customers["insta"].dropna()) == [3.0 * n for n in range(20)]
    assert sorted(customers["tube"].dropna()) == [0.0] * 16 + [3.0, 6.0, 9.0, 12.0]
    assert customers["insta"].isna().sum() == 10
    assert found["customers with a row in engagement"] == 20
    assert found["customers without a row in engagement"] == 10
    assert found["rows after the quarter's end"] == 20


def test_it_reaches_the_criteria_with_its_meaning(take: Take) -> None:
    """As any other attribute of the study's own."""
    run = take(counts(range(30), "instagram") + counts(range(30), "youtube", times=1))
    features = compute(collect(run), run)

    assert features.catalogue.set_index("name").loc["insta", "meaning"] == "Likes and comments on Instagram."
    assert run.engine.frame(features.values)["insta"].notna().all()


def test_a_count_that_is_too_old_stops_the_run_where_the_plan_says_so(take: Take) -> None:
    """Counted in March; sixty days are allowed."""
    aged = SOURCES.replace("{file: social.csv}", "{file: social.csv, max_age_days: 60}")
    with pytest.raises(InputRefused, match="V20 older than the plan allows - engagement.*183 days before.*at most 60"):
        take(counts(range(9), "instagram", "2026-04-01") + counts(range(9), "youtube", "2026-04-01"), aged)


@pytest.mark.forms(2)
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("K1,instagram,2026-09-30,3\nK1,instagram,2026-09-30,4\n", "V01 a customer has two counts of one channel"),
        ("K1,instagram,2026-09-30,-3\n", "V09 engagement below nothing - engagement, line 2"),
        ("K1,instagram,2026-09-30,many\n", "F15 not a number - social.csv, line 2"),
        ("K1,instagram,2026-09-30,3\n", "no row of engagement is of the channel that tube tells of"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused_with_their_place(take: Take, rows: str, said: str) -> None:
    """Two counts of one moment, less than nothing, a word, and a channel that nobody counted."""
    more = "" if "tube" in said else "K2,youtube,2026-09-30,1\n"
    with pytest.raises(InputRefused) as refused:
        take(rows + more)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((TOLD, ""), "a table of engagement that tells nothing"),
        ((", engagement: {file: social.csv}", ""), "no table of engagement"),
        ((" customers: {file: customers.csv},", ""), "engagement, but no source for customers"),
        (("insta: {kind: number", "insta: {kind: word"), "no such attribute of numbers"),
    ],
)
def test_a_plan_that_cannot_hold_together_is_refused(change: tuple[str, str], said: str) -> None:
    """Each with what to write."""
    plan = f"study: acme\nconsent: {{basis: contract}}\nsources: {SOURCES}\n{TOLD}{ATTRIBUTES}"
    with pytest.raises(InputRefused, match=said):
        Plan.parse(plan.replace(*change))


def test_a_lookup_in_a_parquet_file_is_read_in_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables beside the six are read there as well as these are."""
    from seglib.core.contract import Column, TableContract
    from seglib.core.sections import Source
    from seglib.core.sources.apart import stage_apart

    pd.DataFrame({"postcode": ["01067"], "income": ["24000"]}).to_parquet(tmp_path / "income.parquet")
    columns = (Column("postcode", "id", "", required=True), Column("income", "number", "", required=True))
    contract = TableContract("lookups.income", "", columns, "")
    source = Source(file="income.parquet")
    staged = stage_apart("lookups.income", source, contract, tmp_path, tmp_path / "text.parquet")

    assert staged.rows == 1
    assert {*staged.columns} == {"postcode", "income"}
