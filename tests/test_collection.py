"""Notebook 02: what came in, who may be looked at, and what is missing."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from seglib import charts
from seglib.collection import Collection, collect
from seglib.collection.absent import missing
from seglib.collection.collection import IDLE
from seglib.core.contract import TABLES
from seglib.core.intake.findings import Note, as_frame
from seglib.core.run import Run

ORDERS = "customer_id,order_id,ordered_at,amount,category\n" + "".join(
    f"{who},O{who}{n},2026-0{7 + n}-01,{10 + n}.00,tea\n" for who in "abcd" for n in range(3)
)
RETURN = "a,R1,2026-09-20,-10.00,tea\nb,R2,2026-09-20,-10.00,tea\n"
CONSENT = "customer_id,purpose,status,recorded_at\na,profiling,granted,2026-01-01\nb,profiling,granted,2026-01-01\n"


def study(home: Path, monkeypatch: pytest.MonkeyPatch, **tables: str) -> Run:
    """A study of some tables, and its run of 2026Q3."""
    folder = home / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    for name, text in tables.items():
        (folder / "sources" / f"{name}.csv").write_text(text, encoding="utf-8")
    sources = "".join(f"  {name}: {{file: {name}.csv}}\n" for name in tables)
    head = "study: acme\nsynthetic: true\ncurrency: EUR\nprivacy: {floor: 2}\nconsent: {basis: contract}\n"
    (folder / "plan.yml").write_text(f"{head}sources:\n{sources}", encoding="utf-8")
    monkeypatch.setenv("SEGLIB_HOME", str(home))
    monkeypatch.delenv("SEGLIB_WORK", raising=False)
    return Run.open("acme", "2026Q3")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Collection]:
    """Four customers, of whom two have not agreed to profiling, written and read back."""
    with pytest.MonkeyPatch.context() as patch:
        run = study(tmp_path_factory.mktemp("home"), patch, orders=ORDERS + RETURN, consent=CONSENT)
        run.write(collect(run))
        return run, run.read(Collection)


def test_only_customers_who_may_be_profiled(collected: tuple[Run, Collection]) -> None:
    """The orders of the other two customers stay outside."""
    run, collection = collected

    assert run.engine.scalar(collection.orders.count()) == 4
    assert run.engine.scalar(collection.orders.customer.nunique()) == 2


def test_the_waterfall_includes_the_gate(collected: tuple[Run, Collection]) -> None:
    """Lines that the gate holds back are a row of their own, and the money adds up."""
    _, collection = collected
    table = collection.waterfall_table()

    assert table["rule"].tolist() == ["came in", "refunds", "came back whole", "no profiling allowed", "kept"]
    assert table["lines"].tolist() == ["14", "2", "2", "6", "4"]
    assert table["money (EUR)"].tolist() == ["112.00", "-20.00", "20.00", "66.00", "46.00"]


def test_everything_is_accounted_for(collected: tuple[Run, Collection]) -> None:
    """One sentence gives the input, what was kept and what was set aside."""
    _, collection = collected

    assert collection.accounts_for() == (
        "14 lines over 112.00 EUR came in: 4 (28.6%) over 46.00 EUR are kept, "
        "10 over 66.00 EUR are set aside by 3 rules; the parts add up to the unit."
    )


def test_where_nothing_is_set_aside_no_rules_are_counted(collected: tuple[Run, Collection]) -> None:
    """All that came in is kept: the sentence names no rules, and adds up."""
    _, collection = collected
    came = collection.waterfall[collection.waterfall["rule"] == "input"]
    whole = pd.concat([came, came.assign(rule="kept")], ignore_index=True)
    said = Collection(**{**vars(collection), "waterfall": whole}).accounts_for()

    assert said.startswith("14 lines over 112.00 EUR came in: 14 (100.0%) over 112.00 EUR are kept, none is set aside;")


def test_a_loss_would_be_said(collected: tuple[Run, Collection]) -> None:
    """A waterfall that lost a cent says so in capitals."""
    _, collection = collected
    frame = collection.waterfall.copy()
    frame.loc[frame["rule"] == "kept", "money_minor"] -= 1
    broken = Collection(**{**vars(collection), "waterfall": frame})

    assert broken.accounts_for().endswith("THE PARTS DO NOT ADD UP.")


def test_V32_a_state_that_is_new_since_last_quarter_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders of two customers are on hold, one says "blue", which is rare and unknown; before there was only paid."""
    rows = [f"{who},{who}{n},2026-0{n}-01,10.00,paid" for who in "abc" for n in (5, 8)]
    rows += [
        f"{who},{who}9,2026-09-01,10.00,{state}" for who, state in (("a", "on hold"), ("b", "On hold"), ("c", "blue"))
    ]
    run = study(tmp_path, monkeypatch, orders="\n".join(["customer_id,order_id,ordered_at,amount,status", *rows, ""]))
    before = Run.open("acme", "2026Q2")
    before.write(collect(before))
    found = collect(run)

    assert [sentence.partition(" were taken for ")[0] for sentence in found.new_words] == [
        "'on hold' in status is new since last quarter: 2 lines over 20.00 EUR",
        "'(other words)' in status is new since last quarter: lines of fewer than 2 customers",
    ]
    assert (
        found.findings.query("code == 'V32' and severity == 'notice'")["count"].sum() == 2
    )  # of a single customer no number
    assert found.states_table()["word"].tolist() == ["paid", "on hold", "(other words)"]


def test_R16_counts_below_the_floor_are_blank(collected: tuple[Run, Collection]) -> None:
    """Two are blank, and so is what would give them away: everybody is in each purpose. Findings and ages as well."""
    _, collection = collected
    strict = replace(collection, floor=3)
    freshness = strict.freshness_table().set_index("table")

    assert collection.consent_table()["customers"].tolist() == ["2", "2"]
    assert strict.consent_table()["customers"].tolist() == ["", ""]
    assert freshness.loc["consent"].tolist() == [""] * 5
    assert not [count for count in strict.quality()["count"].dropna() if count and int(count) < 3]


def test_R16_what_one_customer_bought_who_is_not_profiled_is_told_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four objected: neither their money nor that they are one can be worked out from notebook 02."""
    consents = CONSENT + "d,profiling,granted,2026-01-01\nc,profiling,objected,2026-01-01\n"
    collection = collect(study(tmp_path, monkeypatch, orders=ORDERS, consent=consents))
    table = collection.waterfall_table()
    texts = [collection.accounts_for(), charts.waterfall(collection).alt, str(table.to_numpy())]

    assert table["rule"].tolist() == ["came in", "kept"]
    assert not [text for text in texts if "33.00" in text or "25.0%" in text]
    assert collection.consents[["reason", "customers"]].to_numpy().tolist() == [["granted", 3]]
    assert collection.freshness.set_index("table")["customers"].to_dict() == {"orders": 3, "returns": 0, "consent": 3}


def test_R16_what_few_customers_have_by_one_rule_or_word_is_in_no_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test order, a word and a discount of one customer each: no number of page 02 holds them or differs by them."""
    head = "customer_id,order_id,ordered_at,amount,discount,status\n"
    many = [f"{who},{who}{n},2026-0{n}-01,10.00,0,paid\n" for who in "abcd" for n in (7, 8)]
    few = ["a,T,2026-09-01,777.00,0,test\n", "b,S,2026-09-02,5.00,0,shipped\n", "c,D,2026-09-03,50.00,7.77,paid\n"]
    collection = collect(study(tmp_path, monkeypatch, orders=head + "".join([*many, *few])))
    words = collection.states_table().set_index("word")
    falls = collection.waterfall_table().set_index("rule")

    assert words.loc["paid", ["lines", "money (EUR)", "customers"]].tolist() == ["10", "135.00", "4"]
    assert words.loc[["shipped", "test"], ["lines", "money (EUR)", "customers"]].to_numpy().ravel().tolist() == [""] * 6
    assert falls.loc[["came in", "kept"], "lines"].tolist() == ["10", "10"]
    assert falls.loc[["test orders", "discounts"], "money (EUR)"].tolist() == ["", ""]
    assert "fewer than 2 customers have are counted nowhere: test orders, discounts" in collection.accounts_for()
    assert not re.search("777|7[.]77", f"{falls.to_numpy()}{words.to_numpy()}{collection.accounts_for()}")


def test_R17_the_lines_of_a_single_person_do_not_follow_from_two_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four may not be profiled: their three lines are counted with the twelve everywhere, or nowhere."""
    consents = CONSENT + "d,profiling,granted,2026-01-01\nc,profiling,objected,2026-01-01\n"
    run = study(tmp_path, monkeypatch, orders=ORDERS, consent=consents)
    collection = collect(run)
    ages = collection.freshness_table().set_index("table")

    assert "12 (100.0%)" in collection.accounts_for()
    assert ages.loc["orders", "rows"] == "12"
    assert "handed on: orders, returns, " in run.write(collection)


def test_R17_no_difference_of_two_counts_of_page_02_is_of_few_customers(collected: tuple[Run, Collection]) -> None:
    """Of 50 customers 49 have an order and 45 a consent: two counts are blank, and who sent all back is not told."""
    _, collection = collected
    names = {"orders": 49, "customers": 50, "consent": 45, "events": 20}
    freshness = pd.concat([collection.freshness.head(1)] * 4, ignore_index=True)
    freshness = freshness.assign(table=list(names), customers=list(names.values()), rows=[99, 50, 45, 20])
    consents = pd.DataFrame({"purpose": ["profiling"], "allowed": [True], "reason": ["granted"], "customers": [50]})
    idle = as_frame([Note("F28", IDLE, "notice", "customers", 1)])
    told = replace(collection, freshness=freshness, consents=consents, findings=idle, floor=10, senders=30)
    table = told.freshness_table().set_index("table")

    assert table["customers"].to_dict() == {"orders": "", "customers": "50", "consent": "", "events": "20"}
    assert table["rows"].to_dict() == {"orders": "99", "customers": "50", "consent": "", "events": "20"}
    assert told.quality()["count"].tolist() == [""]
    assert "no buyers: not told, as few customers follow from it" in told.accounts_for()


def test_freshness_in_days(collected: tuple[Run, Collection]) -> None:
    """The last order of 1 September is thirty days old on 1 October."""
    _, collection = collected
    table = collection.freshness_table().set_index("table")

    assert table.loc["orders", "last day"] == "2026-09-01"
    assert table.loc["orders", "days before the quarter's end"] == 30.0


def test_what_the_plan_warns_of_is_shown(collected: tuple[Run, Collection]) -> None:
    """No check can know that the lines are a sample, so the plan's own words are shown."""
    _, collection = collected

    assert replace(collection, data_note="A sample.").caution() == "A sample."
    assert collection.caution() == "The plan says nothing special of these data (data_note in plan.yml)."


def test_missing_names_tables_and_columns() -> None:
    """Each absent table and each absent column that something depends on is one sentence."""
    everything = {name: table.names for name, table in TABLES.items()}

    assert missing(everything) == ()
    assert missing({**everything, "orders": ("order_id", "product_id", "category", "channel", "country", "cost")}) == (
        "No column discount in orders, so not available: the use of discounts; add sources.orders.columns.discount.",
    )


def test_the_picture_says_its_numbers(collected: tuple[Run, Collection]) -> None:
    """The alternative text holds every bar."""
    _, collection = collected
    picture = charts.waterfall(collection)

    assert picture.png.startswith(b"\x89PNG")
    assert "no profiling allowed 6 (58.9% of money)" in picture.alt
    assert "kept 4 (41.1% of money)" in picture.alt


def test_orders_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a ledger the plan's basis opens the gate, and what is missing is named."""
    run = study(tmp_path, monkeypatch, orders=ORDERS)
    collection = collect(run)

    assert run.engine.scalar(collection.orders.count()) == 12
    assert collection.customers is None
    assert collection.has("orders", "category")
    assert not collection.has("orders", "channel")
    assert sum(sentence.startswith("No table") for sentence in collection.missing) == 5


def test_the_same_last_day_is_equally_old_with_and_without_hours(collected: tuple[Run, Collection]) -> None:
    """A day without an hour and its last minute: both are of the day before the quarter's end."""
    _, collection = collected
    ages = pd.concat([collection.freshness.head(1)] * 2, ignore_index=True)
    last = pd.to_datetime(["2026-09-30 00:00", "2026-09-30 23:59"])
    told = replace(
        collection, freshness=ages.assign(table=["events", "orders"], last=last, days_before_as_of=[1.0, 0.0])
    )

    assert told.freshness_table()["days before the quarter's end"].tolist() == [1, 1]


def test_R17_no_few_customers_follow_from_who_may_be_profiled_and_who_bought(
    collected: tuple[Run, Collection],
) -> None:
    """Two of 2,375 have no line that is kept: only that all may be profiled is said, not how many."""
    _, collection = collected
    consents = pd.DataFrame({"purpose": ["profiling"], "allowed": [True], "reason": ["basis"], "customers": [2375]})
    waterfall = pd.DataFrame({"rule": ["input", "kept"], "customers": [2375, 2373]})
    told = replace(collection, consents=consents, waterfall=waterfall, floor=10).consent_table().iloc[0]

    assert (told["customers"], told["share of customers"]) == ("", "100.0%")
