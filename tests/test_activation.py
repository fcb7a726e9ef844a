"""Notebook 08: the hold-out is stable, consent comes last, and the file on disk holds nobody who has not agreed."""

import csv
import hashlib
import io
import json
import stat
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import activation
from seglib.activation import Audience, audiences, code
from seglib.activation.export import acceptable, read_format, recheck, safe_cell, write
from seglib.activation.rules import arm, changes, count, gate, holdout_key, is_held_out
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

KEY = bytes(range(32))
FORM = read_format("mailchimp")
PEOPLE = ["ann", "bob", "cat", "dan", "eve"]


def words(**given):
    """Consents of the shape that intake hands on: customer=(purpose, granted)."""
    rows = [(who, purpose, granted, "granted" if granted else "withdrawn") for who, (purpose, granted) in given.items()]
    return ibis.memtable(pd.DataFrame(rows, columns=["customer", "purpose", "granted", "reason"]))


def people(*minors):
    reasons = ["minor" if name in minors else "granted" for name in PEOPLE]
    return ibis.memtable(pd.DataFrame({"customer": PEOPLE, "may_profile": True, "reason": reasons}))


def members(**arms):
    rows = [
        {"customer": who, "segment": 1, "offer": "hello", "purpose": "email", "channel": "email", "arm": drawn}
        for who, drawn in arms.items()
    ]
    return ibis.memtable(pd.DataFrame(rows))


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def by_customer(table, *columns):
    return table.to_pandas().set_index("customer").sort_index()[list(columns)].apply(tuple, axis=1).to_dict()


class Study:
    """A run small enough to look at, with contact details on disk and a write that fills a folder."""

    def __init__(self, folder, consent, emails=None):
        self.plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nactivation: {holdout_share: 0}")
        self.quarter, self.key, self.engine, self.data = Quarter("2026Q3"), KEY, Engine.open(), folder
        self.tables = SimpleNamespace(consent=consent, people=people())
        self.place = folder / "08_activation"
        (folder / "private").mkdir(parents=True)
        if emails is not None:
            details = pd.DataFrame({"customer": list(emails), "email": list(emails.values())})
            details.assign(first_name="Ann", last_name="=cmd").to_parquet(folder / "private" / "contacts.parquet")

    def write(self, result, files):
        self.place.mkdir()
        files(self.place)
        return "Audience handed on."

    def audience(self, previous=None):
        segments = pd.DataFrame({"segment": [1, 2], "name": ["Big", "Small"], "identity": [3, 1]})
        labels = pd.DataFrame({"customer": PEOPLE, "segment": [1, 1, 1, 2, 2]})
        stages = pd.DataFrame({"customer": PEOPLE[:4], "stage": ["new", "new", "active", "new"]})
        rows = [(1, "new", "hello"), (1, "active", "none"), (2, "new", "thanks"), (2, "active", "none")]
        actions = pd.DataFrame(rows, columns=["segment", "stage", "offer"])
        actions = actions.assign(message=actions["offer"] + "_1", channel="email", purpose="email")
        return audiences(
            self,
            SimpleNamespace(actions=actions),
            SimpleNamespace(labels=ibis.memtable(labels), segments=segments),
            ibis.memtable(stages),
            SimpleNamespace(consent=self.tables.consent),
            previous,
        )


EMAILS = {who: f"{who}@example.com" for who in PEOPLE}


def test_the_engine_and_python_draw_the_same_arm():
    """The hold-out is arithmetic on text, so every engine can give it."""
    names = [hashlib.sha256(str(i).encode()).hexdigest()[:24] for i in range(500)]
    table = ibis.memtable(pd.DataFrame({"customer": names}))
    drawn = table.mutate(arm=arm(table.customer, KEY, 0.3)).to_pandas().set_index("customer")["arm"]

    assert drawn.to_dict() == {name: "holdout" if is_held_out(name, KEY, 0.3) else "contact" for name in names}


def test_the_hold_out_has_the_planned_share_and_grows_without_reshuffling():
    """Of 4,000 customers 10 % are held out, give or take two percentage points, and stay so at 20 %."""
    names = [f"customer {i}" for i in range(4000)]
    ten, twenty = ({name for name in names if is_held_out(name, KEY, share)} for share in (0.1, 0.2))

    assert abs(len(ten) / 4000 - 0.1) < 0.02
    assert ten < twenty


def test_the_hold_out_needs_the_key_and_is_not_the_pseudonym_key():
    """Another study draws another hold-out; the key in the expression is a derived one."""
    names = [f"customer {i}" for i in range(200)]

    assert [is_held_out(n, KEY, 0.5) for n in names] != [is_held_out(n, bytes(32), 0.5) for n in names]
    assert KEY.hex() not in holdout_key(KEY)


def test_consent_takes_the_arm_from_contacts_and_from_the_hold_out_alike():
    """Who has not agreed is in neither arm, so that both arms hold the same kind of people."""
    drawn = members(ann="contact", bob="holdout", cat="contact", dan="holdout")
    found = gate(drawn, words(ann=("email", True), bob=("email", True), cat=("email", False)), people())

    assert by_customer(found, "arm", "reason") == {
        "ann": ("contact", ""), "bob": ("holdout", ""), "cat": ("none", "withdrawn"), "dan": ("none", "no word"),
    }  # fmt: skip


def test_consent_to_another_channel_is_no_consent():
    """Agreeing to SMS does not allow an e-mail."""
    assert by_customer(gate(members(ann="contact"), words(ann=("sms", True)), people()), "arm") == {"ann": ("none",)}


def test_minors_are_in_no_arm():
    """Consent of a minor does not count."""
    found = gate(members(ann="contact"), words(ann=("email", True)), people("ann"))

    assert by_customer(found, "arm", "reason") == {"ann": ("none", "minor")}


def test_every_customer_appears_once_with_the_action_of_segment_and_stage(tmp_path):
    """Cat's stage has no offer, Eve has no stage; both are in the table all the same."""
    given = dict.fromkeys(PEOPLE, ("email", True))
    found = Study(tmp_path, words(**given), EMAILS).audience()

    assert by_customer(found.members, "segment", "arm", "reason") == {
        "ann": (1, "contact", ""), "bob": (1, "contact", ""), "cat": (1, "none", "no offer"),
        "dan": (2, "contact", ""), "eve": (2, "none", "no offer"),
    }  # fmt: skip
    assert found.counts[["customers", "contact", "no_offer"]].to_numpy().tolist() == [[3, 2, 1], [2, 1, 1]]


def test_counts_of_a_segment_add_up_to_its_customers():
    """Contact, held out, not allowed and no offer are all there is."""
    rows = [(1, "contact", False, 30), (1, "holdout", False, 4), (1, "none", False, 5), (1, "none", True, 6)]
    tallied = pd.DataFrame(rows, columns=["segment", "arm", "no_offer", "customers"])
    one = count(tallied, pd.DataFrame({"segment": [1], "name": ["Big"], "identity": [1]})).iloc[0]

    assert (one["contact"], one["held_out"], one["not_allowed"], one["no_offer"]) == (30, 4, 5, 6)
    assert (one["customers"], one["reachable"], round(one["holdout_share"], 4)) == (45, 34, 0.1176)


def test_the_file_holds_code_and_message_and_is_private(tmp_path):
    """A neutral audience code instead of the persona; 0600; the manifest counts and hashes both files."""
    study = Study(tmp_path, words(ann=("email", True), dan=("email", True)), EMAILS)
    sentence = activation.export(study, study.audience())
    rows = rows_of(study.place / "mailchimp.csv")
    manifest = json.loads((study.place / "audience_manifest.json").read_text())
    digest = hashlib.sha256((study.place / "mailchimp.csv").read_bytes()).hexdigest()

    assert sentence == "Audience handed on. Mailchimp contact import: 2 rows in mailchimp.csv."
    assert [tuple(row.values()) for row in rows] == [
        ("ann@example.com", "Ann", "'=cmd", "SEG-2026Q3-03", "hello_1"),
        ("dan@example.com", "Ann", "'=cmd", "SEG-2026Q3-01", "thanks_1"),
    ]
    assert (manifest["rows"], manifest["sha256"]["mailchimp.csv"]) == (2, digest)
    assert {stat.S_IMODE(path.stat().st_mode) for path in study.place.iterdir()} == {0o600}


def test_O05_the_machine_file_keeps_what_the_human_file_disarms(tmp_path):
    """A formula is prefixed for people and left alone for the API."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    activation.export(study, study.audience())

    assert json.loads((study.place / "mailchimp.jsonl").read_text())["Last Name"] == "=cmd"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a", ' "=1', ";=1", "'=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_O05_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    """Signs, their full-width forms, and signs behind blanks or quotes."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Ann", "a=b", "anne-marie@example.com", "49", "", "Ünal"])
def test_O05_other_texts_stay_as_they_are(text):
    """A sign inside a word is harmless."""
    assert safe_cell(text) == text


def test_O06_quotes_commas_and_newlines_come_back_as_they_were(tmp_path):
    """RFC 4180: re-reading the file gives the source."""
    odd = 'a "b", c\r\nd'
    rows = pd.DataFrame(
        [{"customer": "a", "email": "a@b.de", "first_name": odd, "last_name": "", "audience": "S", "message": "m"}]
    )
    write(rows, FORM, tmp_path, {})
    back = rows_of(tmp_path / "mailchimp.csv")

    assert back[0]["First Name"] == odd


def test_rows_that_the_destination_refuses_are_set_aside_and_counted():
    """No address, a broken one, one twice in other letters, and a text beyond 255 bytes."""
    emails = ["a@b.de", "A@B.de", "no address", None, "c@d.de"]
    rows = pd.DataFrame({"customer": list("vwxyz"), "email": emails, "first_name": ["", "", "", "", "ü" * 128]})
    kept, reasons = acceptable(rows.assign(last_name="", audience="S", message="m"), FORM)

    assert kept["customer"].tolist() == ["w"]
    assert reasons == {"no usable address": 2, "a text too long": 1, "same address twice": 1}


def test_R08_a_person_without_consent_stops_the_export_and_leaves_no_file(tmp_path, monkeypatch):
    """The gate is broken on purpose; the check of the finished file finds it, exit code 5."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    everybody = ibis.memtable(pd.DataFrame({"customer": PEOPLE, "allowed": True, "reason": "granted"}))
    monkeypatch.setattr("seglib.activation.rules.allowed", lambda *_: everybody)
    with pytest.raises(PrivacyRefused) as refused:
        activation.export(study, study.audience())

    assert refused.value.exit_code == 5
    assert "SEG-R08 export held persons without consent" in str(refused.value)
    assert "2 of 3 persons" in str(refused.value)
    assert list(study.place.iterdir()) == []


def test_R04_a_withdrawal_after_the_audience_was_made_stops_the_export(tmp_path):
    """The consents are read again at export."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    made = study.audience()
    study.tables.consent = words(ann=("email", False))

    with pytest.raises(PrivacyRefused, match="R08"):
        activation.export(study, made)


def test_R08_no_random_ledger_lets_anybody_without_consent_into_the_file(tmp_path):
    """A thousand people with random words or none: in the file are exactly those with a granted row for e-mail."""
    draw = np.random.default_rng(0)
    names = [f"c{number:04d}" for number in range(1000)]
    given = {who: (str(draw.choice(["email", "sms"])), bool(draw.integers(2))) for who in names if draw.integers(4)}
    everybody = ibis.memtable(pd.DataFrame({"customer": names, "may_profile": True, "reason": "granted"}))
    gated = gate(members(**dict.fromkeys(names, "contact")), words(**given), everybody)
    rows = gated.filter(gated.arm == "contact").select("customer").to_pandas()
    rows = rows.assign(email=rows["customer"] + "@b.de", first_name="", last_name="", audience="S", message="m")
    write(rows, FORM, tmp_path, {})

    exported = {row["Email Address"].split("@")[0] for row in rows_of(tmp_path / "mailchimp.csv")}
    assert exported == {who for who, word in given.items() if word == ("email", True)}


def test_R06_a_shared_address_goes_out_only_when_everybody_behind_it_agreed(tmp_path):
    """Ann agreed, Bob did not; they share an address."""
    study = Study(tmp_path, words(ann=("email", True), dan=("email", True)), EMAILS | {"bob": "ANN@example.com"})
    activation.export(study, study.audience())

    assert "ann@example.com" not in (study.place / "mailchimp.csv").read_text().lower()


def test_O08_a_truncated_file_is_refused(tmp_path):
    """The finished file has fewer rows than its manifest says."""
    rows = pd.DataFrame({"customer": ["a", "b"], "email": ["a@b.de", "c@d.de"], "first_name": "", "last_name": ""})
    write(rows.assign(audience="S", message="m"), FORM, tmp_path, {})
    path = tmp_path / "mailchimp.csv"
    path.write_text(path.read_text().rsplit("\n", 2)[0] + "\n")

    with pytest.raises(PrivacyRefused, match="O08"):
        recheck(tmp_path, FORM, {"a@b.de": True, "c@d.de": True})


def test_without_consents_the_file_stays_empty_and_the_notes_say_why(tmp_path):
    """Unknown means no."""
    study = Study(tmp_path, None, EMAILS)
    found = study.audience()
    activation.export(study, found)

    assert (study.place / "mailchimp.csv").read_text().count("\n") == 1
    assert (study.place / "mailchimp.jsonl").read_text() == ""
    assert found.notes[0].startswith("There is no consent table, so nobody may be contacted")


def test_without_contact_details_the_file_stays_empty_and_the_notes_say_why(tmp_path):
    """Consent alone gives no address."""
    study = Study(tmp_path, words(ann=("email", True)))
    found = study.audience()
    activation.export(study, found)

    assert (study.place / "mailchimp.csv").read_text().count("\n") == 1
    assert found.notes[0].startswith("There are no contact details")


def test_changes_since_last_quarter_are_counted():
    """Bob entered, Cat left, Dan has another offer, Ann stayed."""

    def table(**offers):
        return ibis.memtable(pd.DataFrame({"customer": list(offers), "offer": list(offers.values()), "arm": "contact"}))

    found = changes(table(ann="x", bob="x", dan="y"), table(ann="x", cat="x", dan="x"), Engine.open())

    assert found == {"entered": 1, "left": 1, "changed": 1, "stayed": 1}


def test_members_carry_no_contact_details(tmp_path):
    """Addresses are in the private file only."""
    found = Study(tmp_path, words(ann=("email", True)), EMAILS).audience()

    assert set(found.members.columns) == {
        "customer", "segment", "name", "stage", "offer", "message", "channel", "arm", "reason",
    }  # fmt: skip


def test_small_counts_are_blank_in_the_table(tmp_path):
    """Two contacted customers are fewer than the floor of ten."""
    found = Study(tmp_path, words(ann=("email", True), bob=("email", True)), EMAILS).audience()

    assert isinstance(found, Audience)
    assert found.table()["contacted"].tolist() == ["", "0"]


def test_an_unknown_destination_is_refused_with_the_nearest_name():
    """The formats are the files that exist."""
    with pytest.raises(InputRefused, match="did you mean 'mailchimp'"):
        read_format("mailchip")


def test_codes_are_neutral():
    """Quarter and identity, nothing of the persona."""
    assert code("2026Q3", 7) == "SEG-2026Q3-07"
