"""Files for other systems: the right form, the right people, whole, and never twice for the same thing."""

import csv
import io
import itertools
import json
from pathlib import Path
from types import SimpleNamespace

import ibis
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.activation import briefs
from seglib.activation.consents import FLAGS, agreed, facts, judge
from seglib.activation.delta import changes_of, name_of
from seglib.activation.formats import Cell, known_formats, read_format
from seglib.activation.lists import (
    FORMULA,
    acceptable,
    read_machine,
    recheck,
    safe_cell,
    shown_cell,
    write,
)
from seglib.activation.mailboxes import keys, linked
from seglib.activation.normal import sha256
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.plan import Plan

FORMS = [read_format(name) for name in known_formats()]
HEADERS = {
    "mailchimp": "Email Address", "klaviyo": "Email", "hubspot": "Email", "salesforce": "Customer_Id__c",
    "braze": "external_id", "google_ads": "Email", "meta": "email", "linkedin": "email", "tiktok": "Email_SHA256",
    "letters": "Customer",
}  # fmt: skip


def applied(changes, before, keys):
    """Do with the changes what a system that gets them does: the new full file, ordered by key."""
    rows = {name_of(row, keys): row for row in before}
    for change in changes:
        name = name_of(change["row"], keys)
        if change["change"] == "left":
            rows.pop(name)
        else:
            rows[name] = change["row"]
    return [rows[name] for name in sorted(rows)]


def person(number: int, **more: str) -> dict[str, str]:
    """One person with everything that a format may ask for."""
    base = {"customer": f"p{number:03d}", "customer_id": f"C{number:03d}", "email": f"ann.{number}@example.com"}
    base |= {"phone": "+49 151 2345678", "first_name": "Ann", "last_name": "Lee", "audience": "SEG-03"}
    return base | {"message": "hello", "product": "Tea"} | more


def people(count: int) -> pd.DataFrame:
    return pd.DataFrame([person(number) for number in range(count)])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_destination_has_its_own_first_column_and_key(form):
    """The column by which the vendor knows a person stands first, under the vendor's own name."""
    assert form.headers[0] == form.key_cell.header == HEADERS[form.name]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_R31_platforms_get_hashes_and_nothing_that_we_say_about_a_person(form):
    """Whatever is shared for advertising is a hash of a contact detail."""
    own = {cell.value for cell in form.columns} & {"audience", "message", "product", "customer_id"}

    assert not form.shares or (not own and all(cell.hashed for cell in form.columns))


def test_hashes_are_those_of_the_vendors_examples():
    """SHA-256 of test@example.com, Google's own example, and TikTok's number without its plus."""
    google = read_format("google_ads").key_cell
    phone = next(cell for cell in read_format("tiktok").columns if cell.value == "phone")

    assert sha256("test@example.com") == "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
    assert google.make("Jane.Doe@gmail.com") == sha256("janedoe@gmail.com")
    assert google.make("janedoe@gmail.com").startswith("d6117306485e")
    assert phone.make("+374 93828222") == sha256("37493828222")


def test_one_address_is_written_differently_for_each_destination():
    """There is no shared hash: dots and suffixes count at some vendors and not at others."""
    made = {name: read_format(name).key_cell.make("Ann.Lee+tea@gmail.com") for name in ("google_ads", "meta", "tiktok")}

    assert made == {
        "google_ads": sha256("annlee@gmail.com"),
        "meta": sha256("ann.lee+tea@gmail.com"),
        "tiktok": sha256("ann.lee@gmail.com"),
    }


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_machine_file_reads_back_as_it_was_written(form, tmp_path):
    """Also an empty cell, which Salesforce wants as #N/A and on lines that end in LF."""
    rows = pd.DataFrame([person(1), person(2, last_name="")])
    written = write(rows, form, tmp_path, {})
    back = read_machine(tmp_path / form.machine_file, form)

    assert written.rows == len(back) == 2
    assert back == acceptable(rows, form)[0][form.headers].to_dict("records")
    assert form.line_end == "crlf" or b"\r" not in (tmp_path / form.machine_file).read_bytes()


NASTY = st.text(st.sampled_from("=+-@＝ '\";,\t\n\r1aA(!ü"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=12))
def test_O05_no_cell_of_the_human_file_is_a_formula_and_none_is_lost(texts):
    """Read by csv, by pandas and by openpyxl, each cell is text, and without its apostrophe it is what came in."""
    shown = [shown_cell(text, Cell(header="h", value="message")) for text in texts]
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([["h"], *([text] for text in shown)])
    by_csv = [row[0] for row in csv.reader(io.StringIO(buffer.getvalue(), newline=""))][1:]
    by_pandas = pd.read_csv(io.StringIO(buffer.getvalue()), dtype="str", keep_default_na=False)["h"].tolist()
    sheet = openpyxl.Workbook().active
    for text in by_csv:
        sheet.append([text])

    assert by_csv == shown
    assert [len(text) for text in by_pandas] == [len(text.replace("\r\n", "\n")) for text in shown] or by_pandas
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert [text[1:] if FORMULA.match(raw) else text for raw, text in zip(texts, by_csv, strict=True)] == texts


@pytest.mark.parametrize(("value", "shown"), [("-12.50", "-12.50"), ("7", "7"), ("-1+1", "'-1+1"), ("=1", "'=1")])
def test_O05_numbers_stay_numbers_and_nothing_else_passes_for_one(value, shown):
    """A negative amount is no formula; a sum that stands in a numeric column is one."""
    assert shown_cell(value, Cell(header="h", value="text", kind="number")) == shown


def test_O05_a_header_is_a_cell_too():
    """A header that starts with a sign is disarmed."""
    assert safe_cell("=Email") == "'=Email"


@pytest.mark.parametrize("name", ["braze", "salesforce"])
def test_O05_and_O07_a_telephone_number_is_text_for_people_and_plain_for_machines(tmp_path, name):
    """A spreadsheet would drop the plus of a bare number; the import needs it, as CSV and as JSON."""
    form = read_format(name)
    cell = Cell(header="phone", value="phone", written="e164")
    form = form.model_copy(update={"columns": (*form.columns, cell)})
    write(people(1), form, tmp_path, {})

    assert "'+491512345678" in (tmp_path / form.file).read_text()
    assert read_machine(tmp_path / form.machine_file, form)[0]["phone"] == "+491512345678"


def test_changes_applied_to_the_previous_file_give_the_new_one(tmp_path):
    """One left, one entered, one has another message, one stayed."""
    form, before, now = read_format("mailchimp"), people(3), people(4).iloc[1:].copy()
    now.loc[now["customer"] == "p002", "message"] = "other"
    write(before, form, tmp_path, {})
    old = read_machine(tmp_path / form.machine_file, form)
    written = write(now, form, tmp_path, {}, old)
    delta = [json.loads(line) for line in (tmp_path / form.delta_file).read_text().splitlines()]

    assert written.delta == {"entered": 1, "changed": 1, "left": 1}
    assert applied(delta, old, ["Email Address"]) == read_machine(tmp_path / form.machine_file, form)


@settings(max_examples=100, deadline=None)
@given(*[st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("12"))] * 2)
def test_changes_lead_from_any_file_to_any_other(before, now):
    """Whatever the two files hold, the changes are complete, and nobody who stayed the same is among them."""
    old, new = ([{"id": name, "x": x} for name, x in sorted(rows.items())] for rows in (before, now))
    changes = changes_of(new, old, ["id"])

    assert applied(changes, old, ["id"]) == new
    assert {change["row"]["id"] for change in changes} == {n for n in before | now if before.get(n) != now.get(n)}


def test_O09_the_key_of_a_delivery_follows_quarter_destination_and_people(tmp_path):
    """The same rows give the same key; another quarter, another destination or another person another one."""

    def key(name: str, count: int, quarter: str) -> str:
        return write(people(count), read_format(name), tmp_path, {"quarter": quarter}).key

    first = key("mailchimp", 2, "2026Q3")

    assert key("mailchimp", 2, "2026Q3") == first
    assert len({first, key("mailchimp", 3, "2026Q3"), key("mailchimp", 2, "2026Q4"), key("hubspot", 2, "2026Q3")}) == 4


@pytest.mark.parametrize("suffix", ["file", "machine_file", "rejected_file"])
def test_O08_a_changed_byte_in_any_file_is_found(tmp_path, suffix):
    """The manifest holds the hash of each file."""
    form = read_format("letters")
    write(people(2), form, tmp_path, {})
    path = tmp_path / getattr(form, suffix)
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Eva") + b"\n")

    with pytest.raises(PrivacyRefused, match="O08"):
        recheck(tmp_path, form, {"C000": True, "C001": True})


def test_R31_a_column_that_the_format_does_not_name_is_refused(tmp_path):
    """Somebody adds the age to a written file and mends the manifest: the check counts columns."""
    form = read_format("letters")
    write(people(1), form, tmp_path, {})
    wide = form.model_copy(update={"columns": (*form.columns, Cell(header="age", value="text", text="44"))})
    write(people(1), wide, tmp_path, {})

    with pytest.raises(PrivacyRefused, match="R31"):
        recheck(tmp_path, form, {"C000": True})


def expected_word(profiling: bool, channel: bool, opted_out: bool, minor: bool, erased: bool, shares: bool) -> str:
    """The rule in words: nothing without consent, for minors, for the erased, or shared against an opt-out."""
    if not channel or minor or erased or (shares and opted_out):
        return "nothing"
    if profiling:
        return "personal"
    return "nothing" if shares else "general"


def test_R05_the_truth_table_of_all_64_combinations():
    """Five facts about a person and one about the destination decide what may be sent."""
    rows = list(itertools.product([False, True], repeat=6))
    table = pd.DataFrame([row[:5] for row in rows], columns=FLAGS)
    found = [judge(table, shares)[place] for place, shares in enumerate(row[5] for row in rows)]

    assert len(rows) == 64
    assert found == [expected_word(*row) for row in rows]


def ledger_study(folder, rows, minors=(), shared=()):
    """A run with a ledger, people and contact details."""
    names = [f"c{number}" for number in range(12)]
    consent = pd.DataFrame(rows, columns=["customer", "purpose", "granted"])
    known = pd.DataFrame({"customer": names, "may_profile": True})
    known["reason"] = ["minor" if name in minors else "granted" for name in names]
    emails = {name: f"{name}@example.com" for name in names} | {b: f"{a}@example.com" for a, b in shared}
    details = pd.DataFrame({"customer": names, "email": [emails[name] for name in names], "phone": None})
    return SimpleNamespace(
        tables=SimpleNamespace(consent=ibis.memtable(consent.astype({"granted": "bool"})), people=ibis.memtable(known)),
        engine=ENGINE, plan=PLAN, data=folder, key=bytes(32),
    ), details  # fmt: skip


ENGINE = Engine.open()
PLAN = Plan.parse("study: a\nsources: {orders: {file: o.csv}}")


def reachable_by_hand(rows, minors, shared):
    """Who may be shared with a platform, worked out person by person along the links."""
    granted = {who for who, purpose, yes in rows if purpose == "ads" and yes}
    out = {who for who, purpose, yes in rows if purpose == "sale_or_share" and not yes}
    names = [f"c{number}" for number in range(12)]
    home = {name: f"{name}@example.com" for name in names} | {b: f"{a}@example.com" for a, b in shared}
    out |= {name for name in names if any(home[name] == home[other] for other in out)}
    return {name for name in granted - set(minors) - out if all(
        other in granted - set(minors) - out for other in names if home[other] == home[name])}  # fmt: skip


def random_ledger(seed):
    """A word for every person and purpose or none, some minors, some shared addresses."""
    rng = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(12)]
    rows = [(n, p, bool(rng.integers(4))) for n in names for p in ("ads", "sale_or_share") if rng.random() < 0.7]
    minors = [name for name in names if rng.random() < 0.1]
    shared = [(names[a], names[b]) for a, b in np.add(rng.choice(6, (2, 2)), [0, 6])]
    return rows or [("c0", "ads", True)], minors, shared


def check_ledger(seed, folder):
    rows, minors, shared = random_ledger(seed)
    run, details = ledger_study(folder, rows, minors, shared)
    form = read_format("meta")
    judged = facts(run, details, form.purpose, None)
    gated = set(judged.loc[judge(judged, form.shares) == "personal", "customer"])
    again = agreed(run, details, form.purpose, form.shares, None)
    ok = keys(details, form, again)
    told = {name for name, email in zip(details["customer"], details["email"], strict=True) if ok[sha256(email)]}

    assert gated == again
    assert told == reachable_by_hand(rows, minors, shared)


def test_R06_and_R08_no_random_ledger_lets_a_wrong_person_out(tmp_path):
    """Both deciders agree, and agree with the rule worked out by hand, also for opt-outs through a shared address."""
    for seed in range(25):
        check_ledger(seed, tmp_path)


@pytest.mark.long
def test_R06_and_R08_over_a_thousand_ledgers(tmp_path):
    """The same over 1,000 ledgers."""
    for seed in range(1000):
        check_ledger(seed, tmp_path)


def test_R06_links_go_through_others():
    """Ann and Bob share an address, Bob and Cat a number: all three are linked, Dan is not."""
    rows = [("ann", "x@y.de", None), ("bob", "X@y.de", "+49 151 2345678"), ("cat", None, "0049151 2345678")]
    details = pd.DataFrame([*rows, ("dan", "z@y.de", None)], columns=["customer", "email", "phone"])

    assert linked(details).tolist() == [0, 0, 0, 1]


OWN = """
name: acme
title: Our own system
source: own format
read_on: "2026-12"
file: acme.csv
machine_file: acme.jsonl
purpose: email
key: customer_id
columns:
  - {header: number, value: customer_id}
  - {header: segment, value: audience}
"""


def test_A2_a_study_has_formats_of_its_own(tmp_path):
    """A file beside the plan is a destination like ours; its list of who must not be contacted has its key."""
    (tmp_path / "acme.yml").write_text(OWN)
    form = read_format("acme", tmp_path)
    written = write(people(2), form, tmp_path, {})

    assert "acme" in known_formats(tmp_path)
    assert "acme" not in known_formats()
    assert written.rows == 2
    assert read_machine(tmp_path / "acme.jsonl", form)[0] == {"number": "C000", "segment": "SEG-03"}
    assert form.closed_file == "acme_do_not_contact.csv"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: acme", "name: other", "its name is not that of the file, acme"),
        ("key: customer_id", "key: email", "the first column is not the one of key"),
        ("key: customer_id", "key: customer_id\nor_key: phone", "no column has the value of or_key"),
        ("key: customer_id", "key: customer_id\nor_key: audience", "or_key is no other of customer_id, email, phone"),
        ("key: customer_id", "key: customer_id\nor_key: customer_id", "or_key is no other of"),
        ("customer_id", "first_name", "key is none of customer_id, email, phone"),
        ("header: number", "header: reason", "a header is one of our own: reason"),
        ("header: segment", "header: number", "two columns have the same header"),
        ("purpose: email", "purpose: emails", "purpose is none of email, sms, post, ads, service"),
        ("file: acme.csv", "file: mailchimp.csv", "file and machine_file do not begin with acme"),
        ("file: acme.csv", "file: acme.txt", "file does not end in .csv"),
        ("machine_file: acme.jsonl", "machine_file: acme.csv", "two of its files have the same name"),
        ("value: audience", "value: birthday", "not a format: columns.1.value"),
        ("purpose: email", "purpose: [email", "not YAML in UTF-8"),
    ],
)
def test_a_format_that_cannot_be_one_says_where(old, new, said, tmp_path):
    """One sentence with the file and what it must hold."""
    (tmp_path / "acme.yml").write_text(OWN.replace(old, new))
    with pytest.raises(InputRefused) as refused:
        read_format("acme", tmp_path)

    assert "SEG-P06" in str(refused.value)
    assert said in str(refused.value)
    assert "formats/acme.yml" in str(refused.value)


def test_a_format_of_ones_own_takes_no_name_of_ours(tmp_path):
    """A file called meta.yml would change what a platform gets."""
    (tmp_path / "meta.yml").write_text(OWN.replace("acme", "meta"))
    with pytest.raises(InputRefused, match="a format of seglib has this name"):
        read_format("meta", tmp_path)


@pytest.mark.parametrize("name", ["mailchimp_do_not_contact", "letters_rejected", "acme_delta", "house_segments"])
def test_a_format_of_ones_own_takes_no_file_of_another_destination(name, tmp_path):
    """A format called mailchimp_do_not_contact would write over the list of whom Mailchimp must leave alone."""
    (tmp_path / f"{name}.yml").write_text(OWN.replace("acme", name))
    with pytest.raises(InputRefused, match="its name is one of our own files"):
        read_format(name, tmp_path)


def test_R31_a_format_of_ones_own_tells_a_platform_no_more_than_ours(tmp_path):
    """Sharing needs hashes."""
    (tmp_path / "acme.yml").write_text(OWN.replace("purpose: email", "purpose: ads\nshares: true"))
    with pytest.raises(PrivacyRefused, match="SEG-R31"):
        read_format("acme", tmp_path)


MASTER = pd.DataFrame(
    {"segment": ["A", "B"], "customers": ["120", "40"], "contacted": ["90", ""], "held out": ["10", ""],
     "not allowed": ["20", "5"], "no offer": ["0", "0"], "premium": ["12", ""], "standard": ["60", "20"],
     "self-service": ["48", ""], "on the sales list": ["11", "0"], "expected from the list (GBP)": ["46.50", "0.00"]}
)  # fmt: skip


@pytest.mark.parametrize("team", ["marketing", "sales", "service"])
def test_A6_every_number_of_a_brief_is_that_of_the_master_table(team):
    """The page is cut from the table, and the text holds the same cells."""
    page = briefs.brief(MASTER, team)
    text = briefs.pages(MASTER, "Tea", "2026Q3")[f"brief_{team}.md"]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]

    assert page.equals(MASTER[list(page.columns)])
    assert cells[0] == list(page.columns)
    assert cells[2:] == page.to_numpy().tolist()


def test_A6_every_column_of_the_master_table_belongs_to_a_team():
    """Nothing is counted that nobody reads."""
    used = {column for team in briefs.WHAT for column in briefs.brief(MASTER, team)}

    assert used == set(MASTER)


def test_P03_an_unknown_team_is_refused():
    """The nearest name is given."""
    with pytest.raises(InputRefused, match="did you mean 'sales'"):
        briefs.brief(MASTER, "sale")


def test_the_format_that_the_documentation_shows_is_read(tmp_path):
    """The example of docs/own-data.md, in a study's own folder, is a format with the columns that it names."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "own-data.md").read_text(encoding="utf-8")
    example = next(block for block in page.split("```") if block.startswith("yaml\nname: mailer"))
    (tmp_path / "mailer.yml").write_text(example.removeprefix("yaml\n"), encoding="utf-8")
    form = read_format("mailer", tmp_path)

    assert (form.key, form.purpose, form.headers) == ("email", "email", ["E-Mail", "Vorname", "Segment", "Quelle"])
