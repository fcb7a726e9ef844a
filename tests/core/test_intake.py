"""Taking sources in: from files to published tables, or to one refusal that names everything."""

import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from seglib.core.contract import PERSONAL
from seglib.core.errors import InputRefused, PrivacyRefused, SegError
from seglib.core.intake import Intake, take_in
from seglib.core.intake.identities import plain
from seglib.core.intake.ledger import NO_CUSTOMER, OTHER_ID, OTHER_WORD, RARE
from seglib.core.intake.settle import settled
from seglib.core.intake.shapes import SHAPES
from seglib.core.run import Run

pytestmark = pytest.mark.forms(1)

ORDERS = """customer_id,order_id,ordered_at,quantity,unit_price,category
00123,O1,2026-07-01 10:00,2,5.00,tea
00123,O1,2026-07-01 10:00,1,2.50,cups
NA,O2,2026-08-15 11:30,2,9.99,tea
NA,R2,2026-08-20 09:00,-1,9.99,tea
ann@example.com,O3,2026-05-02 08:00,3,1.00,tea
,O4,2026-09-09 12:00,1,4.00,cups
NA,O5,2026-10-01 00:00,1,7.00,tea
"""
CUSTOMERS = """customer_id,email,first_name,birth_date,country,registered_at
00123,bea@example.com,Bea,1990-10-01,NL,2025-01-01
NA,carl@example.com,Carl,1990-10-02,NL,2025-01-01
ann@example.com,ann@example.com,Ann,,BE,2025-01-01
late,dora@example.com,Dora,1980-01-01,BE,2026-10-02
"""
CONSENT = """customer_id,purpose,status,recorded_at
00123,profiling,granted,2026-01-01
NA,profiling,yes,2026-01-01
ann@example.com,profiling,granted,2026-01-01
ann@example.com,email,granted,2026-11-01
stranger,profiling,granted,2026-11-01
"""
CONTACTS = """customer_id,campaign,arm,sent_at,cost
00123,Summer,control,2026-07-02,0.10
00123,Winter,offer,2026-12-02,0.10
,Summer,offer,2026-07-02,0.10
"""
FULL = {"orders": ORDERS, "customers": CUSTOMERS, "consent": CONSENT, "contacts": CONTACTS}


class Study:
    """A study in a folder of its own."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = home / "data" / "acme"
        (self.folder / "sources").mkdir(parents=True)
        monkeypatch.setenv("SEGLIB_HOME", str(home))
        monkeypatch.delenv("SEGLIB_WORK", raising=False)

    def run(self, tables: dict[str, str], plan: str = "", files: dict[str, str] | None = None) -> Run:
        """Write files and plan, and open the run of 2026Q3."""
        for path in (self.folder / "sources").iterdir():
            path.unlink()
        for name, text in (files or {f"{name}.csv": text for name, text in tables.items()}).items():
            (self.folder / "sources" / name).write_text(text, encoding="utf-8")
        pattern = "*.csv" if files else "{}.csv"
        sources = "".join(f"  {name}: {{file: '{pattern.format(name)}'}}\n" for name in tables)
        head = "study: acme\nsynthetic: true\nconsent: {basis: contract}\n"
        (self.folder / "plan.yml").write_text(f"{head}{plan}\nsources:\n{sources}", encoding="utf-8")
        return Run.open("acme", "2026Q3")

    def take(self, tables: dict[str, str], plan: str = "", **given: Any) -> tuple[Run, Intake]:
        """Take the tables in and read what was published."""
        run = self.run(tables, plan, **given)
        take_in(run)
        return run, run.read(Intake)

    def refusal(self, tables: dict[str, str], plan: str = "") -> str:
        """The text of a refusal."""
        with pytest.raises(SegError) as caught:
            take_in(self.run(tables, plan))
        assert not (self.folder / "runs" / "2026Q3" / "00_intake").exists()
        return str(caught.value)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """An empty study."""
    return Study(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Intake]:
    """Four tables, taken in once for all tests that only look."""
    with pytest.MonkeyPatch.context() as patched:
        return Study(tmp_path_factory.mktemp("full"), patched).take(FULL)


def published(run: Run) -> dict[str, bytes]:
    """The bytes of every table of rows."""
    folder = run.place("00_intake")
    return {name: (folder / f"{name}.parquet").read_bytes() for name in SHAPES if (folder / f"{name}.parquet").exists()}


@pytest.mark.wide
def test_orders_only(study: Study) -> None:
    """What comes back makes its order smaller, and what lies after the quarter is in neither table."""
    run, intake = study.take({"orders": ORDERS})
    orders, returns = run.engine.frame(intake.orders), run.engine.frame(intake.returns)

    assert sorted(orders["order_id"]) == ["O1", "O1", "O2", "O3"]
    assert orders["amount_minor"].sum() == 1000 + 250 + 999 + 300
    assert returns[["order_id", "amount_minor"]].to_numpy().tolist() == [["O2", -999]]
    assert intake.customers is intake.events is intake.consent is None


@pytest.mark.wide
@pytest.mark.parametrize(("event", "visits"), [("coupon_redeemed", False), ("view", True)])
def test_coupons_redeemed_at_a_till_are_no_visits(study: Study, event: str, visits: bool) -> None:
    """Events that only answer campaigns measure no engagement: `present` names visits where there are some."""
    rows = f"customer_id,event,event_at,campaign\n00123,{event},2026-07-02 10:00,Summer\n"
    _, intake = study.take({"orders": ORDERS, "events": rows})

    assert ("visits" in intake.present["events"]) is visits


def test_every_table_has_its_columns(full: tuple[Run, Intake]) -> None:
    """Columns that a source lacks are there and null, and `present` says which are real."""
    run, intake = full
    tables = {name: getattr(intake, name) for name in SHAPES}

    assert {name: t.columns for name, t in tables.items() if t is not None} == {
        name: columns for name, columns in SHAPES.items() if name not in ("events", "feedback", "comments", "held_out")
    }
    assert run.engine.frame(intake.orders)["region"].isna().all()
    assert "category" in intake.present["orders"]
    assert "amount_minor" in intake.present["orders"]
    assert "region" not in intake.present["orders"]


@pytest.mark.wide
def test_ages_at_as_of(study: Study) -> None:
    """Whoever was born on 1 October is a year older at as_of than whoever was born a day later."""
    run, intake = study.take({**FULL, "consent": CONSENT.replace(",yes,", ",granted,")})
    ages = run.engine.frame(intake.customers.order_by("age_years"))["age_years"]

    assert ages.dropna().tolist() == [35, 36]


def test_the_future_is_left_out_everywhere(full: tuple[Run, Intake]) -> None:
    """Rows at or after as_of leave every table and are counted; nobody is known from the future only."""
    run, intake = full
    late = intake.findings[intake.findings["code"] == "V17"].set_index("file")["count"]

    assert run.engine.scalar(intake.contacts.count()) == 1
    assert run.engine.scalar(intake.people.count()) == 3
    assert late.to_dict() == {"orders": 1, "customers": 1, "contacts": 1}


def test_rows_without_a_customer_are_set_aside(full: tuple[Run, Intake]) -> None:
    """A contact of nobody is counted and left out."""
    _, intake = full
    rows = intake.findings[(intake.findings["code"] == "V21") & (intake.findings["file"] == "contacts")]

    assert rows[["severity", "count", "example_line"]].to_numpy().tolist() == [["set aside", 1, 4]]


def test_R03_the_gate(full: tuple[Run, Intake]) -> None:
    """Only the exact word of the ledger opens the profiling gate."""
    run, intake = full
    people = run.engine.frame(intake.people)

    assert sorted(zip(people["may_profile"], people["reason"], strict=True)) == [
        (False, "unknown word"),
        (True, "granted"),
        (True, "granted"),
    ]


def test_R01_no_reason_to_profile(study: Study) -> None:
    """Without ledger and basis nothing is read at all."""
    run = study.run({"orders": "broken"})
    plan = run.plan.model_copy(update={"consent": run.plan.consent.model_copy(update={"basis": None})})
    run = Run(run.study, run.quarter, plan, run.seed, run.data)

    with pytest.raises(PrivacyRefused, match="R01"):
        take_in(run)


def test_R01_a_ledger_that_says_no_to_everybody(study: Study) -> None:
    """When nobody has granted profiling, the run ends at the privacy gate."""
    text = study.refusal(
        {"orders": ORDERS, "consent": CONSENT.replace("granted", "withdrawn").replace("yes", "withdrawn")}
    )

    assert "SEG-R01 no customer has granted profiling at as_of; nobody may be profiled - plan.yml" in text
    assert "withdrawn - do: deliver rows of profiling that say granted, with a time before" in text


def test_R01_a_ledger_in_words_that_are_not_known(study: Study) -> None:
    """Where every word of the ledger is of another language, the message says so and which words count."""
    text = study.refusal({"orders": ORDERS, "consent": CONSENT.replace("granted", "verleend")})

    assert "SEG-R01 no customer has granted profiling at as_of" in text
    assert "found: unknown word - do: write granted, withdrawn or objected" in text
    assert "verleend" not in text


def test_V04_pseudonyms_keep_ids_apart(study: Study) -> None:
    """00123 and 123 are two customers, and no id is readable in any published file."""
    more = ORDERS + "123,O9,2026-07-05,1,1.00,tea\n"
    run, intake = study.take({"orders": more})
    bodies = b"".join(path.read_bytes() for path in run.place("00_intake").iterdir())

    assert run.engine.scalar(intake.orders.customer.nunique()) == 4
    assert b"00123" not in bodies
    assert b"example.com" not in bodies


def test_contacts_are_private(full: tuple[Run, Intake]) -> None:
    """Contact details lie in the private folder, readable by the owner only, keyed by pseudonym."""
    run, intake = full
    path = run.data / "private" / "contacts.parquet"
    contacts = pd.read_parquet(path).set_index("customer_id")
    used = set(run.engine.frame(intake.orders)["customer"])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert contacts.loc["00123", "email"] == "bea@example.com"
    assert {contacts.loc[who, "customer"] for who in ("00123", "NA", "ann@example.com")} == used
    assert sorted(p.name for p in path.parent.iterdir()) == ["contacts.parquet", "set_aside"]


@pytest.mark.wide
def test_contacts_hold_ids_without_a_customers_table(study: Study) -> None:
    """Activation can always lead back to the id."""
    run, _ = study.take({"orders": ORDERS})
    contacts = pd.read_parquet(run.data / "private" / "contacts.parquet")

    assert sorted(contacts["customer_id"]) == ["00123", "NA", "ann@example.com"]
    assert contacts["email"].isna().all()


def test_all_refusals_of_all_files_come_together(study: Study) -> None:
    """Faults of two files are one refusal."""
    bad_orders = ORDERS.replace("9.99,tea\nNA,R2", "9.99x,tea\nNA,R2")
    text = study.refusal(
        {"orders": bad_orders, "contacts": CONTACTS.replace("2026-07-02,0.10\n00123", "02/07/2026,1\n00123")}
    )

    assert "SEG-F15 number with a sign or a word beside it - orders.csv, line 4, column 'unit_price'" in text
    assert "SEG-V14 ambiguous date - contacts.csv, line 2, column 'sent_at'" in text


def test_V01_duplicated_customer(study: Study) -> None:
    """A customer who stands in the table twice is refused with both lines; never is the first one kept."""
    text = study.refusal({"orders": ORDERS, "customers": CUSTOMERS + "00123,x@example.com,Eve,,NL,2025-01-01\n"})

    assert "SEG-V01 customer stands in the table twice - customers.csv, line 2, column 'customer_id'" in text
    assert "found: also line 6" in text


@pytest.mark.parametrize("twin", ["Ann@Example.com", " ann@example.com", "ann\u200b@example.com", "ａnn@example.com"])
def test_V05_lookalike_customers(study: Study, twin: str) -> None:
    """Ids that differ by case, spaces, invisible characters or Unicode form are refused in the customers table."""
    text = study.refusal({"orders": ORDERS, "customers": CUSTOMERS + f"{twin},x@example.com,Eve,,NL,2025-01-01\n"})

    assert "SEG-V05 suspected duplicate: ids differ by case, spaces or form - customers.csv, line 4" in text
    assert "example" not in text


@pytest.mark.wide
def test_V05_spellings_of_an_id_are_one_customer_and_counted(study: Study) -> None:
    """Padded and folded ids of orders and events are the customer of the customers table: three, not seven."""
    orders = ORDERS + "ANN@example.com,O9,2026-07-05,1,1.00,tea\nna ,O8,2026-07-05,1,1.00,tea\n"
    events = "customer_id,event_at,event\n 00123,2026-07-02,visit\nNA\u200b,2026-07-02,visit\n"
    run, intake = study.take({"orders": orders, "customers": CUSTOMERS, "events": events})
    rows = intake.findings[intake.findings["code"] == "V05"]

    assert rows["count"].tolist() == [4]
    assert run.engine.scalar(intake.people.count()) == 3
    assert pd.read_parquet(study.folder / "private" / "contacts.parquet")["customer_id"].tolist().count("NA") == 1


def test_V05_codes_that_differ_by_case_stay_two_customers() -> None:
    """Capitals and small letters mix on purpose in some ids; spaces and form are no difference even there."""
    assert settled({"aB3x": False, "Ab3x": False, "Ab3x ": False}) == {"aB3x": "aB3x", "Ab3x": "Ab3x", "Ab3x ": "Ab3x"}
    assert settled({"c005": True, "C005": False, "C005 ": False}) == dict.fromkeys(["c005", "C005", "C005 "], "c005")


SPELLED = """customer_id,purpose,status,recorded_at
00123,profiling,granted,2026-01-01
NA,profiling,granted,2026-01-01
ann@example.com,profiling,granted,2026-01-01
00123,email,granted,2026-01-01
00123,{word},withdrawn,2026-02-01
NA,email,granted,2026-01-01
{id},email,withdrawn,2026-02-01
{id},sms,granted,2026-01-01
nobody,email,withdrawn,2026-02-01
"""


def test_R02_a_withdrawal_counts_however_it_is_spelled(study: Study) -> None:
    """A purpose in other words and a padded id withdraw; a grant under that id is none; all of it is counted."""
    consents = SPELLED.format(word="E-Mail", id='"na "')
    run, intake = study.take({"orders": ORDERS, "consent": consents})
    state = run.engine.frame(intake.consent)
    notes = intake.findings[intake.findings["file"] == "consent"].set_index("what")["count"]

    assert state.loc[state["purpose"] == "email", "granted"].tolist() == [False, False, False]
    assert not ((state["purpose"] == "sms") & state["granted"]).any()
    assert run.engine.scalar(intake.people.count()) == 4  # three customers, and nobody of the orders
    assert notes[OTHER_ID] == 2
    assert notes[NO_CUSTOMER] == 1
    assert notes[OTHER_WORD.format(RARE, "email")] == 1


def test_V05_plain_form() -> None:
    """Composed and decomposed letters, sharp s and case folding come to one form; different ids stay different."""
    assert plain("Jos\u00e9") == plain("JOSE\u0301")
    assert plain("00123") != plain("123")


@pytest.mark.wide
def test_F28_customers_and_orders_that_do_not_meet(study: Study) -> None:
    """Buyers whom the customers table does not know are counted, and refused when they are most."""
    lines = CUSTOMERS.splitlines()
    _, intake = study.take({"orders": ORDERS, "customers": "\n".join(lines[:3]) + "\nidle,,,,NL,2025-01-01\n"})
    notes = intake.findings[intake.findings["code"] == "F28"].set_index("what")["count"]
    with pytest.raises(InputRefused) as caught:
        take_in(study.run({"orders": ORDERS, "customers": "\n".join(lines[:2]) + "\n"}))

    assert notes["buyers without a row in customers"] == 1
    assert notes["customers without an order"] == 1
    assert "SEG-F28 67% of the buyers have no row in customers" in str(caught.value)


def test_V31_empty_quarter(study: Study) -> None:
    """A file whose last order is older than the quarter is refused with its dates."""
    text = study.refusal({"orders": ORDERS.replace("2026-0", "2025-0").replace("2026-1", "2025-1")})

    assert "SEG-V31 no orders in the quarter - orders.csv - found: orders from 2025-05-02 to 2025-10-01" in text


def test_V17_nothing_left_is_a_refusal(study: Study) -> None:
    """When the rules leave no purchase, the run stops."""
    head, line = ORDERS.splitlines()[0], "00123,O1,2026-07-01 10:00,-2,5.00,tea"
    text = study.refusal({"orders": f"{head}\n{line}\n"})

    assert "no purchase is left after the rules" in text


SHOP = """order_id,ordered_at,customer_id,status,currency,country,unit_price
1,2026-07-01 10:00:00 +0200,ann,paid,EUR,NL,5
1,2026-07-01 10:00:00 +0200,,,,,7
2,2026-07-02 10:00:00 +0200,bob,refunded,EUR,NL,5
2,2026-07-02 10:00:00 +0200,,,,,9
3,2026-07-03 10:00:00 +0200,bob,paid,EUR,NL,5
3,,,,,,11
4,2026-07-04 10:00:00 +0200,,paid,EUR,NL,13
"""


def test_V21_what_an_order_says_once_counts_for_all_its_lines(study: Study) -> None:
    """Status, currency, time and customer of the first line hold for the others; the line of a guest stays nameless."""
    run, intake = study.take({"orders": SHOP})
    orders = run.engine.frame(intake.orders.order_by("order_id", "amount_minor"))
    notes = intake.findings.set_index("what")["count"].to_dict()
    waterfall = intake.waterfall.set_index("rule")["rows"]

    assert orders[["order_id", "amount_minor", "country"]].to_numpy().tolist() == [
        ["1", 500, "NL"],
        ["1", 700, "NL"],
        ["3", 500, "NL"],
        ["3", 1100, "NL"],
    ]
    assert (waterfall["nothing_kept"], waterfall["missing_customer"]) == (2, 1)
    assert notes["blank status, taken from another line of the same order"] == 3


@pytest.mark.wide
def test_an_order_number_that_comes_back_lends_nothing(study: Study) -> None:
    """The guest of this year is not the customer who had the same order number last year."""
    text = "order_id,ordered_at,customer_id,amount\n1,2025-07-01,ann,5\n1,2026-07-01,,7\n2,2026-07-01,bob,9\n"
    _, intake = study.take({"orders": text})

    assert intake.waterfall.set_index("rule")["rows"]["missing_customer"] == 1


DRESSED = [
    ('{decimal: ".", thousands: ",", signs: ["$"]}', ['"$1,234.50"', "$5", '"($7,000.25)"'], [123450, 500]),
    ('{decimal: ",", thousands: ".", signs: ["€"]}', ['"1.234,50\u00a0€"', '"5,00 €"', '"-7.000,25 €"'], [123450, 500]),
    ('{decimal: ".", thousands: "\'", signs: ["CHF"]}', ["CHF 1'234.50", "CHF 5", "-CHF 7'000.25"], [123450, 500]),
]


@pytest.mark.parametrize(("csv", "written", "wanted"), DRESSED)
def test_F15_numbers_for_people_are_read_as_the_plan_says(
    study: Study, csv: str, written: list[str], wanted: list[int]
) -> None:
    """Declared signs and separators are taken off, and brackets mean less than nothing."""
    text = "order_id,ordered_at,customer_id,amount\n" + "".join(
        f"{n},2026-07-0{n},ann,{value}\n" for n, value in enumerate(written, 1)
    )
    run = study.run({"orders": text})
    plan = (study.folder / "plan.yml").read_text(encoding="utf-8").replace("orders.csv'}", f"orders.csv', csv: {csv}}}")
    (study.folder / "plan.yml").write_text(plan, encoding="utf-8")
    run = Run.open("acme", "2026Q3")
    take_in(run)
    intake = run.read(Intake)

    assert run.engine.frame(intake.orders.order_by("order_id"))["amount_minor"].tolist() == wanted
    assert run.engine.scalar(intake.returns.amount_minor.sum()) == -700025


def test_F15_a_wrong_group_is_refused(study: Study) -> None:
    """1,5 is not one thousand and a half: separators count only before three digits."""
    run = study.run({"orders": 'order_id,ordered_at,customer_id,amount\n1,2026-07-01,ann,"1,5"\n'})
    plan = (study.folder / "plan.yml").read_text(encoding="utf-8")
    (study.folder / "plan.yml").write_text(plan.replace("csv'}", "csv', csv: {thousands: ','}}"), encoding="utf-8")

    with pytest.raises(InputRefused, match="SEG-F15 decimal comma - orders.csv, line 2"):
        take_in(Run.open(run.study, "2026Q3"))


@pytest.mark.wide
def test_a_study_without_returns(study: Study) -> None:
    """An empty table of returns is published like any other."""
    run, intake = study.take({"orders": ORDERS.replace("NA,R2,2026-08-20 09:00,-1", "NA,R2,2026-08-20 09:00,1")})

    assert run.engine.scalar(intake.returns.count()) == 0
    assert intake.freshness["table"].tolist() == ["orders", "returns"]


@pytest.mark.wide
def test_X33_row_order_and_splits_change_no_byte(study: Study) -> None:
    """Reversed rows, and one file cut in two, publish the same bytes in every table."""
    first, _ = study.take(FULL, plan="rules: {duplicates: remove}")
    whole = published(first)
    head, *rows = ORDERS.splitlines()
    backwards = {name: "\n".join([t.splitlines()[0], *t.splitlines()[:0:-1]]) + "\n" for name, t in FULL.items()}
    second, _ = study.take(backwards, plan="rules: {duplicates: remove}")
    shuffled = published(second)
    alone, _ = study.take({"orders": ORDERS}, plan="rules: {duplicates: remove}")
    one = published(alone)
    parts = {"a.csv": "\n".join([head, *rows[:3]]) + "\n", "b.csv": "\n".join([head, *rows[3:]]) + "\n"}
    split, _ = study.take({"orders": ORDERS}, plan="rules: {duplicates: remove}", files=parts)

    assert shuffled == whole
    assert published(split) == one


@pytest.mark.wide
def test_nothing_is_left_in_the_work_folder(study: Study) -> None:
    """Text copies of the sources, which hold personal data, are removed after success and after a refusal."""
    run, _ = study.take(FULL)
    study_text = list(run.work.rglob("*-text.parquet"))
    with pytest.raises(InputRefused):
        take_in(study.run({"orders": ORDERS.replace("9.99,tea\nNA,R2", "x,tea\nNA,R2")}))

    assert study_text == []
    assert list(run.work.rglob("*-text.parquet")) == []


@pytest.mark.parametrize("column", ["quantity", "unit_price", "ordered_at", "customer_id"])
def test_R09_no_personal_value_in_a_message(study: Study, column: str) -> None:
    """Whatever is wrong with a column into which an address slipped, the address is not in the refusal."""
    frame = pd.DataFrame(
        [line.split(",") for line in ORDERS.splitlines()[1:]], columns=ORDERS.splitlines()[0].split(",")
    )
    spoilt = frame.assign(**{column: "zoe.canary@example.com"}).assign(order_id="O1")
    text = study.refusal(
        {"orders": spoilt.to_csv(index=False), "customers": CUSTOMERS + CUSTOMERS.splitlines()[1] + "\n"}
    )

    assert "canary" not in text
    assert "example.com" not in text


def test_personal_columns_do_not_leave_intake() -> None:
    """No published table has a column that identifies a person."""
    assert not {name for columns in SHAPES.values() for name in columns} & set(PERSONAL)


def test_V16_V19_V20_odd_times_old_lines_and_empty_weeks_are_noted(study: Study) -> None:
    """One order in the hour that the clocks skip, one of twelve years ago, and two weeks of the quarter with orders."""
    lines = ["a,1,2026-03-29 02:30,1,5", "a,2,2014-01-01,1,5", "a,3,2026-07-02,1,5", "b,4,2026-09-29,1,5"]
    text = "\n".join(["customer_id,order_id,ordered_at,quantity,unit_price", *lines])
    _, taken = study.take({"orders": text}, plan="timezone: Europe/Amsterdam")
    found = taken.findings.set_index("code")

    assert found.loc["V16", ["count", "example_line"]].tolist() == [1, 2]
    assert found.loc["V19", ["count", "severity"]].tolist() == [1, "set aside"]
    assert found.loc["V20", "count"] == 11
    assert found.loc["V20", "what"].endswith("no order from 2026-07-08 to 2026-09-22")
    assert str(taken.orders.ordered_at.min().to_pandas()) == "2026-03-29 02:30:00"


FEEDBACK = """customer_id,answered_at,item,answer,comment
00123,2026-08-01,nps,9,Cafe\u0301 at last
NA,2026-08-02,,,late  parcel
NA,2026-08-02,nps,,
ann@example.com,2026-10-02,nps,3,too late to count
"""


def test_comments_leave_the_feedback_and_need_no_answer(study: Study) -> None:
    """One answer, two comments; a row with neither, and one of the future, are set aside; Unicode is composed."""
    run, taken = study.take({"orders": ORDERS, "feedback": FEEDBACK})
    aside = taken.findings[taken.findings["file"] == "feedback"].set_index("what")["count"].to_dict()

    assert run.engine.frame(taken.feedback)["answer"].tolist() == [9.0]
    assert sorted(run.engine.frame(taken.comments)["comment"]) == ["Caf\u00e9 at last", "late  parcel"]
    assert "comment" not in taken.feedback.columns
    assert aside == {
        "comments without an answer, kept as comments": 1,
        "rows after the quarter's end": 1,
        "rows without a customer or a required value": 1,
    }


@pytest.mark.wide
def test_feedback_without_the_column_has_no_comments(study: Study) -> None:
    """None says that nobody could write anything; an empty table would say that nobody did."""
    _, taken = study.take({"orders": ORDERS, "feedback": "customer_id,answered_at,item,answer\nNA,2026-08-01,nps,9\n"})

    assert taken.comments is None


OWN_HOLDOUT = """customer_id,campaign,arm,sent_at,ends_at
00123,standing,Never,2025-01-01,
NA,standing,Never,2025-01-01,2026-03-01
ann@example.com,Summer,offer,2026-07-02,
"""


def test_the_own_holdout_leaves_the_contacts(study: Study) -> None:
    """Who is held out was sent nothing; whose time has ended is held out no more."""
    plan = "rules: {holdout_arm: never}"
    run, taken = study.take({"orders": ORDERS, "contacts": OWN_HOLDOUT}, plan)
    held = run.engine.frame(taken.held_out)

    assert run.engine.frame(taken.contacts)["campaign"].tolist() == ["summer"]
    assert held[["customer", "since"]].astype("str").to_numpy().tolist() == [
        [run.engine.frame(taken.orders).query("order_id == 'O1'")["customer"].iloc[0], "2025-01-01"]
    ]


@pytest.mark.wide
def test_P05_an_own_holdout_that_no_row_names_is_refused(study: Study) -> None:
    """Else everybody would be contacted, and nobody would notice."""
    text = study.refusal({"orders": ORDERS, "contacts": CONTACTS}, "rules: {holdout_arm: nevr}")

    assert text == (
        "SEG-P05 no row of contacts before the quarter's end has this arm - plan.yml, rules.holdout_arm - "
        "do: correct the word, or leave it out: then a hold-out is drawn"
    )


@pytest.mark.wide
def test_C2_a_lookup_of_climates_joins_as_the_data_dictionary_says(study: Study) -> None:
    """The query of data/README.md, word for word: who lives in no region of the lookup has no climate."""
    text = (Path(__file__).resolve().parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    query = next(line.strip() for line in text.splitlines() if line.strip().startswith("query: SELECT c.*"))
    people = "customer_id,country,region\n00123,NL,Zeeland\nNA,NL,Utrecht\n"
    regions = "country,region,climate\nNL,Zeeland,Oceanic\n"
    study.run({"orders": ORDERS}, files={"orders.csv": ORDERS, "customers.csv": people, "regions.csv": regions})
    head = "study: acme\nsynthetic: true\nconsent: {basis: contract}\n"
    sources = f"sources:\n  orders: {{file: orders.csv}}\n  customers:\n    {query}\n"
    (study.folder / "plan.yml").write_text(head + sources, encoding="utf-8")
    run = Run.open("acme", "2026Q3")
    found = run.engine.frame(run.tables.customers).sort_values("region")

    assert found[["region", "climate"]].fillna("").to_numpy().tolist() == [["Utrecht", ""], ["Zeeland", "oceanic"]]


@pytest.mark.wide
def test_V27_what_the_plan_calls_no_customer_is_nobody(study: Study) -> None:
    """Lines of the till are set aside like those without an id, in every table; nothing of it is pseudonymised."""
    till = ORDERS.replace("NA,O2", " till ,O2")
    tables = FULL | {"orders": till, "customers": CUSTOMERS + "till,till@example.com,,,,2025-01-01\n"}
    run, intake = study.take(tables, "rules: {not_customers: [till]}")
    taken = intake.waterfall.set_index("rule")

    assert taken.loc["missing_customer", ["rows", "money_minor"]].tolist() == [2, 400 + 2 * 999]
    assert run.engine.frame(intake.customers)["customer"].nunique() == 3


@pytest.mark.wide
def test_V27_a_customer_with_a_fifth_of_all_orders_is_asked_about(study: Study) -> None:
    """The notice gives share and line, never the id; a hundred orders are the least to ask about."""
    days = [f"2026-{7 + n % 3:02d}-{1 + n % 28:02d} 10:00" for n in range(400)]
    lines = [f"{'C4711' if n % 4 == 0 else f'C{n}'},O{n},{day},1,5.00,tea" for n, day in enumerate(days)]
    text = "\n".join([ORDERS.splitlines()[0], *lines, ""])
    _, intake = study.take({"orders": text})
    _, fewer = study.take({"orders": "\n".join([*text.splitlines()[:200], ""])})
    found = intake.findings.set_index("code").loc["V27"]

    assert "(25% of all)" in found["what"]
    assert (found["count"], found["example_line"]) == (100, 2)
    assert "4711" not in str(found.to_dict())
    assert "V27" not in set(fewer.findings["code"])


def test_D1_what_was_set_aside_is_given_back_with_its_line_and_reason(full: tuple[Run, Intake], study: Study) -> None:
    """As many as the waterfall and the findings count, without those of a later time; only the owner can read them."""
    run, intake = full
    path = run.data / "private" / "set_aside" / "2026Q3.csv"
    given = pd.read_csv(path)
    others = ["input", "kept", "discounts", "came_back", "after_quarter", "superseded"]
    left = intake.waterfall[~intake.waterfall["rule"].isin(others)]
    rows = intake.findings[(intake.findings["severity"] == "set aside") & (intake.findings["file"] != "orders")]

    assert path.stat().st_mode & 0o077 == 0
    assert given.columns.tolist() == ["table", "file", "line", "code", "reason"]
    assert (given["table"] == "orders").sum() == left["rows"].sum() > 0
    assert (given["table"] != "orders").sum() == rows["count"].sum() > 0
    assert given[given["table"] == "contacts"].to_numpy().tolist() == [
        ["contacts", "contacts.csv", 3, "V17", "rows after the quarter's end"],
        ["contacts", "contacts.csv", 4, "V21", "rows without a customer or a required value"],
    ]

    whole = study.take(
        {
            "orders": "customer_id,order_id,ordered_at,amount\n"
            + "".join(f"K{n},o{n},2026-{7 + n % 3:02d}-{1 + n % 28:02d},5\n" for n in range(60))
        }
    )[0]
    assert not (whole.data / "private" / "set_aside" / "2026Q3.csv").exists()


def test_D7_a_table_without_its_time_has_no_age(study: Study) -> None:
    """The column that would tell it is named as the contract calls it."""
    study.run({"orders": ORDERS, "customers": "customer_id,gender\n00123,f\n"})
    path = study.folder / "plan.yml"
    path.write_text(path.read_text().replace("customers: {", "customers: {max_age_days: 3, "))
    with pytest.raises(InputRefused) as no:
        take_in(Run.open("acme", "2026Q3"))

    assert "customers, column 'registered_at' - found: no row with a time" in str(no.value)
    assert "do: deliver registered_at, or leave sources.customers.max_age_days out" in str(no.value)


@pytest.mark.parametrize(("most", "refused"), [(60, False), (20, True)])
def test_D7_a_source_older_than_the_plan_allows_stops_the_run(study: Study, most: int, refused: bool) -> None:
    """The plan gives each source an age; the sentence says how old it is."""
    tables = {"orders": ORDERS, "contacts": "customer_id,campaign,arm,sent_at\n00123,spring,a,2026-08-20\n"}
    run = study.run(tables)
    path = study.folder / "plan.yml"
    path.write_text(path.read_text().replace("contacts: {", f"contacts: {{max_age_days: {most}, "))
    run = Run.open("acme", "2026Q3")
    if not refused:
        take_in(run)
        return
    with pytest.raises(InputRefused) as no:
        take_in(run)

    assert "SEG-V20 older than the plan allows - contacts, column 'sent_at'" in str(no.value)
    assert "the last row is 42 days before the quarter's end; at most 20 may be" in str(no.value)
    assert "do: deliver a newer export, or raise sources.contacts.max_age_days" in str(no.value)
