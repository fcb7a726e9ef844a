"""Two hundred mistakes of users: each is answered with its place, what to do, and the right exit code."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from seglib.__main__ import main
from seglib.core.contract import TABLES
from seglib.core.engine import Engine
from seglib.core.errors import SegError
from seglib.core.intake.values import Texts
from seglib.core.plan import Plan
from seglib.core.sections import Source
from seglib.core.sources import stage

BASE = "study: a\nsources: {orders: {file: o.csv}}\n"

# A line of the plan and the place that the message must name.
PLAN = """
currency: eur | currency
currency: EURO | currency
currency: '' | currency
money_decimals: -1 | money_decimals
money_decimals: 5 | money_decimals
money_decimals: two | money_decimals
money: netto | money
fiscal_year_starts: 0 | fiscal_year_starts
fiscal_year_starts: April | fiscal_year_starts
quarters: monthly | quarters
quarters: 4-4-5 | year_starts
year_starts: {2026: 2026-02-01} | year_starts
year_starts: {2026: first of May} | year_starts.2026
timezone: Berlin | timezone
timezone: '' | timezone
engine: pandas | engine
synthetic: maybe | synthetic
title: [a, b] | title
rules: {amounts: cents} | rules.amounts
rules: {discount: each} | rules.discount
rules: {cost: order} | rules.cost
rules: {refunded: row} | rules.refunded
rules: {returns: keep} | rules.returns
rules: {duplicates: drop} | rules.duplicates
rules: {missing_customer: keep} | rules.missing_customer
rules: {missing_customer_max_share: 50} | rules.missing_customer_max_share
rules: {free_lines: keep} | rules.free_lines
rules: {amount_max_minor: 0} | rules.amount_max_minor
rules: {amount_max_minor: 1e30} | rules.amount_max_minor
rules: {history_days: 30} | rules.history_days
rules: {old_max_share: -0.1} | rules.old_max_share
rules: {empty_weeks_max_share: 2} | rules.empty_weeks_max_share
rules: {kinds: {Gift: keep}} | rules.kinds.Gift
rules: {states: {paid: finished}} | rules.states.paid
rules: {states: [paid]} | rules.states
rules: {cancelled_status: Cancelled} | rules.cancelled_status
rules: {not_customers: guest} | rules.not_customers
rules: {holdout_arm: never} | rules.holdout_arm
rules: {retuns: refuse} | rules.retuns
rules: keep | rules
consent: {basis: yes} | consent.basis
consent: {purposes: {news: [mail]}} | consent.purposes.news
consent: {purposes: email} | consent.purposes
consent: {base: contract} | consent.base
privacy: {floor: 1} | privacy.floor
privacy: {floor: ten} | privacy.floor
privacy: {floor: 2.5} | privacy.floor
privacy: {flor: 5} | privacy.flor
retention: {results_days: 0} | retention.results_days
retention: {deliveries_days: soon} | retention.deliveries_days
retention: {result_days: 30} | retention.result_days
objectives: more customers | objectives
objectives: [{name: a, metric: nps}] | objectives[0].change_share
objectives: [{name: a, change_share: 0.1}] | objectives[0].metric
objectives: [{name: a, metric: nps, change_share: ten}] | objectives[0].change_share
objectives: [{name: a, metric: nps, change_share: 0.1, worth_share: 0}] | objectives[0].worth_share
objectives: [{name: a, metric: nps, change_share: 0.1, by: Q4 2026}] | objectives[0].by
objectives: [{name: a, metric: nps, change_share: 0.1, guardrail: nps}] | objectives[0].guardrail
objectives: [{name: a, metric: nps, change_share: 0.1, ownr: b}] | objectives[0].ownr
selection: {distinct_deviations: -1} | selection.distinct_deviations
selection: {value_share: 5} | selection.value_share
selection: {weights: {values: 1}} | selection.weights.values
selection: {weights: {value: 0}} | selection.weights
criteria: {window_days: 5} | criteria.window_days
criteria: {window_days: a year} | criteria.window_days
criteria: {gaps: {age_years: mean}} | criteria.gaps.age_years
criteria: {age_bands: [45, 25]} | criteria.age_bands
criteria: {age_bands: [25, old]} | criteria.age_bands[1]
criteria: {items: {price: {low: 5, high: 1}}} | criteria.items.price
criteria: {items: {price: {lowest: 1}}} | criteria.items.price.lowest
clustering: {method: kmean} | clustering.method
clustering: {model: new} | clustering.model
clustering: {choice: many} | clustering.choice
clustering: {choice: 12} | clustering.choice
clustering: {smallest_count: 1} | clustering.smallest_count
clustering: {largest_count: 9} | clustering.largest_count
clustering: {smallest_count: 6, largest_count: 4} | clustering.smallest_count
clustering: {bootstrap_pairs: 2} | clustering.bootstrap_pairs
clustering: {sample_rows: 10} | clustering.sample_rows
clustering: {size_floor_share: 3} | clustering.size_floor_share
clustering: {stability_floor: 60} | clustering.stability_floor
clustering: {use_unstable: perhaps} | clustering.use_unstable
clustering: {transforms: {spend_minor: log}} | clustering.transforms.spend_minor
clustering: {names: {A: Same, B: Same}} | clustering.names
clustering: {rfm: {bins: 1}} | clustering.rfm.bins
clustering: {rfm: {mode: rfm}} | clustering.rfm.mode
journeys: {new_days: 0} | journeys.new_days
journeys: {active_days: 200, at_risk_days: 90} | journeys.active_days
journeys: {new_days: 200} | journeys.new_days
journeys: {session_minutes: half} | journeys.session_minutes
content: {budget: -1} | content.budget
content: {offers: [{name: a}]} | content.offers[0].message
content: {offers: [{name: a, message: m, cost: -1}]} | content.offers[0].cost
content: {offers: [{name: a, message: m, cap_per_quarter: 0}]} | content.offers[0].cap_per_quarter
content: {offers: [{name: a, message: m, channel: pigeon}]} | content.offers[0].channel
content: {messages: {m: {subject: s}}} | content.messages.m.body
content: {segment_share_min: 0.6, segment_share_max: 0.2} | content.segment_share_min
activation: {country: Germany} | activation.country
activation: {holdout_share: 10} | activation.holdout_share
activation: {sales_capacity: -1} | activation.sales_capacity
activation: {sales_purpose: newsletter} | activation.sales_purpose
activation: {premium_share: 0.7} | activation.premium_share
activation: {tenure_days: -1} | activation.tenure_days
evaluation: {arms: {a: 0}} | evaluation.arms.a
evaluation: {outcome_days: 0} | evaluation.outcome_days
evaluation: {margin_share: 40} | evaluation.margin_share
evaluation: {arms: {offer: 1, other: 1}, control_arm: none} | evaluation.arms
evaluation: {clv_weeks: 0} | evaluation.clv_weeks
evaluation: {clv_weeks: 100000} | evaluation.clv_weeks
evaluation: {market_revenue: {2026-Q3: 5}} | evaluation.market_revenue
evaluation: {acquisition_spend: {2026Q3: -5}} | evaluation.acquisition_spend.2026Q3
evaluation: {themes: {late: ['par.*']}} | evaluation.themes.late
refinement: {drift_psi: 0} | refinement.drift_psi
content: {offers: [{name: a, message: m}, {name: a, message: n}]} | content.offers
content: {budget: 1, offers: [{name: a, message: m, cost: 50}]} | content.offers[0].cost
objectives: [{name: a, metric: nps, change_share: 0.1}, {name: a, metric: csat, change_share: 0.2}] | objectives
objectives: [{name: a, metric: nps, change_share: 0}] | objectives[0].change_share
objectives: [{name: a, metric: nps, change_share: -5}] | objectives[0].change_share
criteria: {use: [recency_days, recency_days]} | criteria.use
rules: {cancelled_status: [Void], test_status: [void]} | rules.test_status
rules: {not_products: [POST], discount_lines: [post]} | rules.discount_lines
clustering: {choice: 8, size_floor_share: 0.4} | clustering.size_floor_share
consent: {purposes: {News: [email], news: [ads]}} | consent.purposes.news
activation: {sales_purpose: profiling} | activation.sales_purpose
activation: {sales_purpose: sale_or_share} | activation.sales_purpose
activation: {holdout_share: 1} | activation.holdout_share
activation: {suppressed: ../bounced.csv} | activation.suppressed
activation: {suppressed: 'C:\\bounced.csv'} | activation.suppressed
activation: {suppressed: o.csv} | activation.suppressed
activation: {consents_max_days: 0} | activation.consents_max_days
refinement: {same_segment_overlap: 30} | refinement.same_segment_overlap
refinement: {moved_share_to_refit: 2} | refinement.moved_share_to_refit
curency: EUR | curency
objectves: [] | objectves
title: "open | line 3
title: a\tb: c | line 3
  title: a | line 3
study: twice | line 3
- a list | line 3
"""

# What stands for {file: o.csv} in the plan, and the place.
SOURCES = """
{file: ../o.csv} | sources.orders.file
{file: /tmp/o.csv} | sources.orders.file
{fil: o.csv} | sources.orders.fil
{file: [o.csv]} | sources.orders.file
{file: o.csv, header: 0} | sources.orders.header
{file: o.csv, header: first} | sources.orders.header
{file: o.csv, csv: {delimiter: ';;'}} | sources.orders.csv.delimiter
{file: o.csv, csv: {encoding: ansi}} | sources.orders.csv.encoding
{file: o.csv, csv: {decimal: ';'}} | sources.orders.csv.decimal
{file: o.csv, csv: {thousands: '.'}} | sources.orders.csv.thousands
{file: o.csv, csv: {negative: red}} | sources.orders.csv.negative
{file: o.csv, date_format: dd.mm.yyyy} | sources.orders.date_format
{file: o.csv, columns: {customer: Number}} | sources.orders.columns
{file: o.csv, columns: {customer_id: Number, order_id: Number}} | sources.orders.columns.customer_id
{file: o.csv, columns: {customer_id: []}} | sources.orders.columns.customer_id
{file: o.csv, fill_down: [customer]} | sources.orders.fill_down
{file: o.csv, csv: {signs: ['-']}} | sources.orders.csv.signs
{file: o.csv, csv: {signs: ['EUR', '5']}} | sources.orders.csv.signs
{file: o.csv, csv: {signs: ['.']}} | sources.orders.csv.signs
{file: o.csv, sheet: Orders} | sources.orders.sheet
{file: o.csv, columns: {order_id: Day, ordered_at: Day}} | sources.orders.columns.order_id
{file: o.csv, columns: {unit_price: Total, amount: Total}} | sources.orders.columns.unit_price
{file: o.csv}, customers: {file: c.csv, columns: {email: Reach, phone: Reach}} | sources.customers.columns.email
{file: o.csv}, consent: {file: k.csv, columns: {purpose: Word, status: Word}} | sources.consent.columns.purpose
"""

HEADER = "customer_id,order_id,ordered_at,amount\n"
ROW = "1,A,2026-01-02,5.00\n"
# Content of the file, its name, the plan's entry, and what the message must hold beside the file's name.
FILES = [
    ("", "o.csv", {}, "SEG-F02"),
    (HEADER, "o.csv", {}, "SEG-F03"),
    (ROW + ROW, "o.csv", {}, "SEG-F04"),
    (HEADER.replace("customer_id", "customerid") + ROW, "o.csv", {}, "SEG-F07"),
    (HEADER.replace("order_id", "order") + ROW, "o.csv", {}, "SEG-F07"),
    (HEADER.replace("ordered_at", "date") + ROW, "o.csv", {}, "SEG-F07"),
    (HEADER.replace("amount", "total") + ROW, "o.csv", {}, "SEG-F07"),
    (HEADER.replace("order_id", "customer_id") + ROW, "o.csv", {}, "SEG-F05"),
    (HEADER + "1,A,2026-01-02\n", "o.csv", {}, "SEG-F08"),
    (HEADER + ROW + "1,A,2026-01-02,5.00,x\n", "o.csv", {}, "SEG-F09"),
    (HEADER + "1,A,2026-01-02,5.00,x\n" * 3, "o.csv", {}, "SEG-F10"),
    (HEADER + '1,"A,2026-01-02,5.00\n', "o.csv", {}, "SEG-F12"),
    ((HEADER + ROW).replace(",", ";"), "o.csv", {}, "csv.delimiter"),
    ((HEADER + ROW).replace(",", "\t"), "o.csv", {}, "csv.delimiter"),
    (HEADER + ROW, "o.csv", {"csv": {"delimiter": ";"}}, "csv.delimiter"),
    ((HEADER + "Café" + ROW).encode("latin-1"), "o.csv", {}, "csv.encoding"),
    ((HEADER + ROW).encode("utf-16"), "o.csv", {}, "UTF-16"),
    (HEADER + ROW + "\0", "o.csv", {}, "SEG-F18"),
    (b"PK\x03\x04xl/", "o.csv", {}, "name it .xlsx"),
    (b"PK\x03\x04other", "o.csv", {}, "unpack it"),
    (b"\x1f\x8b\x08", "o.csv", {}, "unpack it"),
    (b"PAR1", "o.csv", {}, "SEG-F20"),
    (b"%PDF-1.4", "o.csv", {}, "SEG-F20"),
    (b"SQLite format 3\0", "o.csv", {}, "database"),
    ("x" * 70_000 + "," + HEADER + ROW, "o.csv", {}, "SEG-F21"),
    (",".join(map(str, range(600))) + "\n", "o.csv", {}, "SEG-F21"),
    (HEADER + ROW, "o.xlsx", {}, "SEG-F23"),
    (HEADER + ROW, "o.parquet", {}, "SEG-F23"),
    (HEADER + ROW, "o.json", {}, "o.json"),
    ("[]", "o.json", {}, "o.json"),
    ('{"customer_id": 1}', "o.jsonl", {}, "SEG-F07"),
    ("", "o.parquet", {}, "SEG-F02"),
    (HEADER + ROW, "other.csv", {"file": "o.csv"}, "SEG-F01"),
    (HEADER + ROW, "other.csv", {"file": "o*.txt"}, "SEG-F01"),
    (HEADER + ROW, "o.csv", {"file": None}, "SEG-F01"),
    (HEADER + ROW, "~$o.xlsx", {"file": "*.xlsx"}, "close the workbook"),
    (HEADER + ROW, "o.csv", {"query": "select * from orders"}, "SEG-F01"),
    (HEADER + ROW, "o.csv", {"query": "delete from o"}, "one SELECT"),
    (HEADER + ROW, "o.csv", {"query": "select nothing from o"}, "SEG-F23"),
    (HEADER + ROW, "o.csv", {"query": "select customer_id from o; select 1"}, "one SELECT"),
    (HEADER + ROW, "o.csv", {"query": "select sum(amount) from o"}, "cast(amount"),
    (HEADER + ROW, "o.csv", {"database": "o.csv", "query": "select 1"}, "SEG-F20"),
    (HEADER + ROW, "o.csv", {"file": "o.csv", "query": "select * from o"}, "both file and query"),
    (HEADER + ROW, "o.csv", {"header": 3}, "o.csv"),
]

# One cell of a line that is sound otherwise, and the code of what is said of it.
CELLS = [
    ("customer_id", None, ""),  # set aside by a rule, and counted
    ("order_id", None, "V04"),
    ("ordered_at", None, "V14"),
    ("ordered_at", "03/04/2025", "V14"),
    ("ordered_at", "yesterday", "V14"),
    ("ordered_at", "2026-13-01", "V14"),
    ("ordered_at", "0000-00-00", "V18"),
    ("ordered_at", "9999-12-31", "V18"),
    ("quantity", "two", "F15"),
    ("quantity", "1,5", "F15"),
    ("quantity", "0x1F", "F15"),
    ("unit_price", "1.234,50", "F15"),
    ("unit_price", "EUR 5", "F15"),
    ("unit_price", "1_000", "F15"),
    ("unit_price", "nan", "V09"),
    ("unit_price", "inf", "V09"),
    ("unit_price", "1e999", "V09"),
    ("unit_price", "(5)", "F15"),
]

COMMANDS = [
    (["reprot"], 2, "did you mean 'report'"),
    (["report", "--quater", "2026Q3"], 2, "did you mean '--quarter'"),
    (["report", "--study", "../up"], 2, "use a-z"),
    (["report", "--study", "nosuch"], 2, "seglib init my_orders.csv --study nosuch"),
    (["report", "--study", "a", "--quarter", "2026-Q3"], 2, "2026Q3"),
    (["report", "--study", "a", "--quarter", "2026Q5"], 2, "2026Q3"),
    (["report", "--study", "a", "--quarter", "2026Q1", "--from", "11"], 2, "01 to 10"),
    (["report", "--study", "a", "--quarter", "2026Q1", "--from", "four"], 2, "01 to 10"),
    (["report", "--seed", "many"], 2, "--help"),
    (["history", "--study", "a"], 2, "--help"),
    (["history", "--study", "a", "--from", "2026Q3", "--to", "2026Q1"], 2, "swap"),
    (["init", "nosuch.csv", "--study", "x"], 2, "nosuch.csv"),
    (["init", "o.csv"], 2, "--help"),
    (["init", "o.csv", "--study", "My Shop"], 2, "lower-case letters"),
    (["init", "o.csv", "--study", "b", "--column", "date"], 2, "--column ordered_at"),
    (["init", "o.csv", "--study", "b", "--column", "day=Date"], 2, "day"),
    (["fetch", "online_retial"], 2, "did you mean 'online_retail'"),
    (["assign", "new.csv", "--study", "nosuch"], 2, "seglib init"),
    (["verify", "nosuch_manifest.json"], 2, "do:"),
    (["forget", "C1", "--study", "a"], 2, "--yes"),
    (["forget", "C1"], 2, "--help"),
    (["purge"], 2, "--help"),
]


def lines(table: str) -> list[tuple[str, str]]:
    """What is written, and the place, of each row of a table."""
    rows = [row.rpartition(" | ") for row in table.strip("\n").splitlines()]
    return [(written, place) for written, _, place in rows]


def answered(error: SegError, code: int, *parts: str) -> list[str]:
    """What is missing in an answer: code, parts, remedy."""
    said = str(error)
    missing = [part for part in (*parts, " - do: ") if part not in said]
    return missing + ([] if error.exit_code == code else [f"exit code {error.exit_code}"])


def test_P05_P06_mistakes_in_a_plan():
    """Each names its place and the remedy, exit code 2."""
    texts = {BASE + written: f"plan.yml, {place}" for written, place in lines(PLAN)}
    texts |= {BASE.replace("{file: o.csv}", written): f"plan.yml, {place}" for written, place in lines(SOURCES)}
    texts |= {f"study: {name}\n{BASE.partition(chr(10))[2]}": "plan.yml, study" for name in ("A b", "-a", "'../a'")}
    texts |= {BASE + "quarters: 4-4-5\nyear_starts: {2026: 2030-02-01}": "plan.yml, year_starts.2026"}
    texts |= {"study: a": "sources", "study: a\nsources: {order: {file: o.csv}}": "did you mean 'orders'"}
    wrong = {}
    for text, place in texts.items():
        try:
            Plan.parse(text)
            wrong[text] = ["accepted"]
        except SegError as error:
            wrong[text] = answered(error, 2, place)

    assert len(texts) >= 160
    assert {text: missing for text, missing in wrong.items() if missing} == {}


def test_F01_F24_mistakes_in_files(tmp_path: Path):
    """Each names its file and the remedy, exit code 2, and leaves nothing behind."""
    wrong = {}
    for number, (content, name, plan, part) in enumerate(FILES):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        given = {"file": name, **plan} if "query" not in plan else plan
        try:
            stage("orders", Source(**given), TABLES["orders"], folder, tmp_path / "orders.parquet")
            wrong[number] = ["accepted"]
        except SegError as error:
            wrong[number] = answered(error, 2, part)
        assert not (tmp_path / "orders.parquet").exists()

    assert {number: missing for number, missing in wrong.items() if missing} == {}


def test_F01_mistakes_in_a_workbook(tmp_path: Path):
    """Several sheets, one that is not there, an empty one, an empty workbook."""
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    for name in ("One", "Two"):
        book.create_sheet(name).append(["customer_id", "order_id"])
    book.save(tmp_path / "two.xlsx")
    cases = [("empty.xlsx", None, "SEG-F02"), ("two.xlsx", None, "One, Two"), ("two.xlsx", "Tow", "mean 'Two'")]
    for file, sheet, part in cases:
        with pytest.raises(SegError) as caught:
            stage("orders", Source(file=file, sheet=sheet), TABLES["orders"], tmp_path, tmp_path / "o.parquet")
        assert answered(caught.value, 2, file, part) == []


def test_V14_V18_F15_mistakes_in_cells(tmp_path: Path):
    """Eighteen lines with one wrong cell each, found together, each with line, column and remedy."""
    plain = {"customer_id": "1", "order_id": "A", "ordered_at": "2026-01-02", "quantity": "1", "unit_price": "2.50"}
    frame = pd.DataFrame([plain | {column: cell} for column, cell, _ in CELLS], dtype="str")
    frame = frame.assign(source_file="o.csv", source_line=range(2, len(CELLS) + 2))
    plan, engine = Plan.parse(BASE), Engine.open()
    raw = Texts(TABLES["orders"], engine.memory(frame), tuple(plain), plan.sources["orders"], plan)
    found = raw.localised(engine, tmp_path).check(engine)
    seen = {(finding.line, finding.column): finding for finding in found}
    wanted = {(line, column): code for line, (column, _, code) in enumerate(CELLS, 2) if code}

    assert {place: finding.code for place, finding in seen.items()} == wanted
    assert not [place for place, finding in seen.items() if not finding.do]


def test_P01_P03_mistakes_on_the_command_line(tmp_path: Path, monkeypatch, capsys):
    """Each is one sentence with a remedy and its exit code, never a traceback."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "plan.yml").write_text(BASE)
    (tmp_path / "o.csv").write_text(HEADER + ROW)
    wrong = {}
    for words, code, part in COMMANDS:
        found, said = main(words), capsys.readouterr().err
        fine = found == code and part in said and " - do: " in said and "Traceback" not in said
        wrong |= {} if fine else {" ".join(words): (found, said)}

    assert wrong == {}


def test_two_hundred_mistakes_are_tried():
    """Counted, so that none is lost."""
    tables = (lines(PLAN), lines(SOURCES), FILES, CELLS, COMMANDS)

    assert sum(len(table) for table in tables) >= 200
