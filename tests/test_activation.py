"""Notebook 08: the hold-out is stable, consent comes last, and the file on disk holds nobody who has not agreed."""

import csv
import hashlib
import io
import json
import shutil
import stat
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import activation
from seglib.activation import Audience, audiences, deliver
from seglib.activation.deliver import code
from seglib.activation.formats import read_format
from seglib.activation.lists import acceptable, recheck, safe_cell, write
from seglib.activation.rules import NOT_USED, PARTS, arm, changes, count, gate, holdout_key
from seglib.activation.shown import few_moved
from seglib.activation.told import notes_of
from seglib.activation.worth import calls
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

KEY = bytes(range(32))
FORM = read_format("mailchimp")
PEOPLE = ["ann", "bob", "cat", "dan", "eve"]


def draw(planned, key, holdout_share, before=()):
    """Decide in pandas, written down anew, what `arm` decides in the engine: the arm of each row."""
    salt, offered = holdout_key(key), planned["offer"].notna()
    digest = [hashlib.sha256((salt + customer).encode()).hexdigest() for customer in planned["customer"]]
    was = planned["customer"].isin(list(before))
    keyed = planned.assign(free=~was, digest=digest, offered=offered).sort_values(["free", "digest", "customer"])
    groups = keyed.groupby(["segment", "offered"])["customer"]
    target = (groups.transform("size") * round(holdout_share * PARTS) + PARTS // 2) // PARTS
    held = (groups.cumcount() < target) | (~keyed["free"] & (holdout_share > 0))
    arms = held.map({True: "holdout", False: "contact"}).reindex(planned.index)
    return arms.where(offered, "none")


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

    def __init__(self, folder, consent, emails=None, settings="holdout_share: 0"):
        text = f"study: a\nsources: {{orders: {{file: o.csv}}}}\nactivation: {{{settings}}}"
        self.plan = Plan.parse(text)
        self.quarter, self.key, self.engine, self.data, self.study = Quarter("2026Q3"), KEY, Engine.open(), folder, "a"
        self.tables = SimpleNamespace(consent=consent, people=people())
        self.place = folder / "runs" / "2026Q3" / "08_activation"
        (folder / "private").mkdir(parents=True)
        if emails is not None:
            details = pd.DataFrame({"customer": list(emails), "email": list(emails.values())})
            details = details.assign(customer_id=details["customer"].str.upper(), phone=None, first_name="Ann")
            details.assign(last_name="=cmd").to_parquet(folder / "private" / "contacts.parquet")

    def write(self, result, files):
        work = self.place.with_name(".work")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        files(work)
        shutil.rmtree(self.place, ignore_errors=True)
        work.rename(self.place)
        return "Audience handed on."

    held_out = None

    def audience(self, previous=None, **fitness):
        segments = pd.DataFrame({"segment": [1, 2], "name": ["Big", "Small"], "identity": [3, 1]})
        segments = segments.assign(customers=[300, 200], usable=True, why="large and stable enough").assign(**fitness)
        labels = pd.DataFrame({"customer": PEOPLE, "segment": [1, 1, 1, 2, 2]})
        stages = pd.DataFrame({"customer": PEOPLE[:4], "stage": ["new", "new", "active", "new"]})
        rows = [(1, "new", "hello"), (1, "active", "none"), (2, "new", "thanks"), (2, "active", "none")]
        actions = pd.DataFrame(rows, columns=["segment", "stage", "offer"])
        actions = actions.assign(message=actions["offer"] + "_1", channel="email", purpose="email")
        actions = actions.assign(cost_minor=10, cap_per_quarter=1)
        bought = pd.DataFrame({"customer": PEOPLE, "order_id": PEOPLE, "amount_minor": [900, 500, 400, 300, 100]})
        bought = bought.assign(ordered_at=pd.Timestamp("2026-05-01"), ordered_on=pd.Timestamp("2026-05-01"))
        lists = pd.DataFrame({"customer": ["ann"], "rank": [1], "item": ["tea"]})
        return audiences(
            self,
            SimpleNamespace(actions=actions, response=pd.DataFrame(), lists=ibis.memtable(lists)),
            SimpleNamespace(labels=ibis.memtable(labels), segments=segments),
            ibis.memtable(stages),
            SimpleNamespace(
                consent=self.tables.consent,
                orders=ibis.memtable(bought).cast({"ordered_on": "date"}),
                held_out=self.held_out,
            ),
            previous,
        )


EMAILS = {who: f"{who}@example.com" for who in PEOPLE}


def drawn_for(count, seed=0):
    """Customers of three segments, four in five with an offer."""
    names = [hashlib.sha256(str(i).encode()).hexdigest()[:24] for i in range(count)]
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"customer": names, "segment": rng.integers(1, 4, count)})
    return frame.assign(offer=pd.Series(np.where(rng.random(count) < 0.8, "tea", None), dtype="string"))


def by_engine(rows, share, before=None):
    table = Engine.open().frame(arm(ibis.memtable(rows), KEY, share, before))
    return table.set_index("customer")["arm"].reindex(rows["customer"]).tolist()


def test_the_engine_and_python_draw_the_same_arm():
    """The hold-out is arithmetic on text and ranks, so every engine can give it, with a past and without."""
    rows = drawn_for(500)
    held = rows["customer"][:40].tolist()
    past = ibis.memtable(pd.DataFrame({"customer": held, "arm": "holdout"}))

    assert by_engine(rows, 0.3) == draw(rows, KEY, 0.3).tolist()
    assert by_engine(rows, 0.1, past) == draw(rows, KEY, 0.1, held).tolist()


def test_the_hold_out_is_an_expression_of_spark_too():
    """The same expression compiles to Spark SQL."""
    assert "SHA2" in ibis.to_sql(arm(ibis.memtable(drawn_for(9)), KEY, 0.1), dialect="pyspark").upper()


def test_every_segment_has_the_planned_share_and_it_grows_without_reshuffling():
    """Of each segment's customers with an offer 10 % are held out, to the customer; they stay so at 20 %."""
    rows = drawn_for(4000)
    ten, twenty = (draw(rows, KEY, share) == "holdout" for share in (0.1, 0.2))
    sizes = rows[rows["offer"].notna()].groupby("segment").size()

    assert ten.groupby(rows["segment"]).sum().tolist() == [int(0.1 * size + 0.5) for size in sizes]
    assert not (ten & ~twenty).any()


def test_who_was_held_out_stays_held_out_after_moving_to_another_segment():
    """A third of the customers move; everybody held out who still has an offer is held out again."""
    rows = drawn_for(900)
    first = draw(rows, KEY, 0.1)
    moved = rows.assign(segment=np.where(np.arange(900) % 3 == 0, 1, rows["segment"]))
    again = draw(moved, KEY, 0.1, rows["customer"][first == "holdout"].tolist())

    assert (again[first == "holdout"] == "holdout").all()


def test_the_hold_out_needs_the_key_and_is_not_the_pseudonym_key():
    """Another study draws another hold-out; the key in the expression is a derived one."""
    rows = drawn_for(200)

    assert draw(rows, KEY, 0.5).tolist() != draw(rows, bytes(32), 0.5).tolist()
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


def test_R19_what_is_said_of_the_files_leaves_no_few_of_those_who_are_contacted(tmp_path):
    """Of three contacted, one has no address and the floor is two: 3 less 2 rows would be that one."""
    agreed = words(ann=("email", True), bob=("email", True), dan=("email", True))
    settings = "holdout_share: 0}\nprivacy: {floor: 2"
    study = Study(tmp_path, agreed, EMAILS | {"bob": None}, settings)
    found = study.audience()
    said = activation.export(study, found)

    assert found.counts["contact"].sum() == 3
    assert said[1] == "Mailchimp contact import: 2 to 3 rows in mailchimp.csv, fewer than 2 set aside."


def test_the_file_holds_code_and_message_and_is_private(tmp_path):
    """A neutral audience code instead of the persona; 0600; the manifest counts and hashes both files."""
    study = Study(tmp_path, words(ann=("email", True), dan=("email", True)), EMAILS)
    sentence = activation.export(study, study.audience())
    rows = rows_of(study.place / "mailchimp.csv")
    manifest = json.loads((study.place / "mailchimp_manifest.json").read_text())
    digest = hashlib.sha256((study.place / "mailchimp.csv").read_bytes()).hexdigest()

    assert sentence == ("Audience handed on.", "Mailchimp contact import: fewer than 10 rows in mailchimp.csv.")
    assert [tuple(row.values()) for row in rows] == [
        ("ann@example.com", "Ann", "'=cmd", "SEG-03", "hello_1", "tea"),
        ("dan@example.com", "Ann", "'=cmd", "SEG-01", "thanks_1", ""),
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
    kept, rejected = acceptable(rows.assign(last_name="", audience="S", message="m"), FORM)

    assert kept["customer"].tolist() == ["v"]
    assert dict(zip(rejected["customer"], rejected["reason"], strict=True)) == {
        "w": "same key twice", "x": "no usable email", "y": "no usable email", "z": "a text too long",
    }  # fmt: skip


def everybody_may(monkeypatch):
    """Break the gate of the audience on purpose."""
    everybody = ibis.memtable(pd.DataFrame({"customer": PEOPLE, "allowed": True, "reason": "granted"}))
    monkeypatch.setattr("seglib.activation.rules.allowed", lambda *_: everybody)


def test_R08_behind_a_broken_gate_stands_a_second_one(tmp_path, monkeypatch):
    """The first gate lets everybody through; the file holds Ann alone."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    everybody_may(monkeypatch)
    activation.export(study, study.audience())

    assert [row["Email Address"] for row in rows_of(study.place / "mailchimp.csv")] == ["ann@example.com"]


def test_R08_a_person_without_consent_stops_the_export_and_leaves_no_file(tmp_path, monkeypatch):
    """Both gates are broken on purpose; the check of the finished file finds it, exit code 5."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    everybody_may(monkeypatch)
    monkeypatch.setattr(deliver, "judge", lambda people, _: pd.Series("personal", index=people.index))
    with pytest.raises(PrivacyRefused) as refused:
        activation.export(study, study.audience())

    assert refused.value.exit_code == 5
    assert "SEG-R08 export held persons without consent" in str(refused.value)
    assert "2 of 3 persons" in str(refused.value)
    assert not study.place.exists()
    assert "ann@example.com" not in "".join(p.read_text() for p in study.place.with_name(".work").iterdir())


def test_R04_who_withdraws_after_the_audience_was_made_is_absent(tmp_path):
    """The consents are read again at export."""
    study = Study(tmp_path, words(ann=("email", True), dan=("email", True)), EMAILS)
    made = study.audience()
    study.tables.consent = words(ann=("email", False), dan=("email", True))
    activation.export(study, made)

    assert [row["Email Address"] for row in rows_of(study.place / "mailchimp.csv")] == ["dan@example.com"]


def test_R04_a_withdrawal_after_the_quarter_counts_and_a_consent_after_it_does_not(tmp_path, monkeypatch):
    """The ledger as of the quarter allows Ann and Dan; read again, Dan has withdrawn and Bob has agreed."""
    study = Study(tmp_path, words(ann=("email", True), dan=("email", True)), EMAILS)
    newer = words(ann=("email", True), dan=("email", False), bob=("email", True)).to_pandas().assign(ever=True)
    monkeypatch.setattr(deliver, "latest", lambda _: newer)
    activation.export(study, study.audience())

    assert [row["Email Address"] for row in rows_of(study.place / "mailchimp.csv")] == ["ann@example.com"]


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


def test_changes_since_last_quarter_are_counted_with_their_reason():
    """Bob is new, Cat withdrew, Dan moved on to another stage, Eve agreed, Ann stayed."""

    def table(**rows):
        columns = ["name", "stage", "offer", "arm", "reason"]
        return ibis.memtable(pd.DataFrame(rows.values(), columns=columns).assign(customer=list(rows)))

    sent = ("Big", "new", "x", "contact", "")
    before = table(ann=sent, cat=sent, dan=sent, eve=("Big", "new", "x", "none", "no word"))
    now = table(
        ann=sent, bob=sent, eve=sent, cat=("Big", "new", "x", "none", "withdrawn"),
        dan=("Big", "active", "y", "contact", ""),
    )  # fmt: skip
    found = changes(now, before, Engine.open())

    assert found.to_numpy().tolist() == [
        ["entered", "allowed now; before: no word", 1],
        ["entered", "new among the segments", 1],
        ["left", "withdrawn", 1],
        ["changed", "another stage", 1],
        ["stayed", "same offer", 1],
    ]


def test_members_carry_no_contact_details(tmp_path):
    """Addresses are in the private file only."""
    found = Study(tmp_path, words(ann=("email", True)), EMAILS).audience()

    assert set(found.members.columns) == {
        "customer", "segment", "name", "stage", "offer", "message", "channel", "arm", "reason",
        "tier", "expected_minor", "rank", "product", "trial", "variant",
    }  # fmt: skip


def test_small_counts_are_blank_in_the_table(tmp_path):
    """Two contacted customers are fewer than the floor of ten."""
    found = Study(tmp_path, words(ann=("email", True), bob=("email", True)), EMAILS).audience()

    assert isinstance(found, Audience)
    assert found.table()["contacted"].tolist()[0] == ""
    assert found.table()["customers"].tolist() == ["3", "2"]


def test_variants_stand_in_the_file_and_in_the_contacts_that_are_expected(tmp_path):
    """Of segment 1 Ann and Bob get the offer, one of them each variant; nobody else agreed."""
    trial = "{campaign: subject, until: 2026-12-31, worth_share: 0.2, variants: [{name: plain, share: 0.5}, "
    trial += "{name: question, share: 0.5, message: asked}]}"
    settings = f"holdout_share: 0}}\ncontent: {{offers: [{{name: hello, message: hello_1, trial: {trial}}}]"
    study = Study(tmp_path, words(ann=("email", True), bob=("email", True)), EMAILS, settings)
    audience = study.audience()
    said = activation.export(study, audience)
    message = {row["Email Address"]: row["Message"] for row in rows_of(study.place / FORM.file)}
    arms = {row["customer_id"]: row["arm"] for row in rows_of(study.place / "expected_contacts.csv")}

    assert sorted(message.values()) == ["asked", "hello_1"]
    assert {
        f"{who.lower()}@example.com": {"plain": "hello_1", "question": "asked"}[arm] for who, arm in arms.items()
    } == message
    assert "Trials of variants: fewer than 10 contacts in expected_contacts.csv" in said[-1]
    assert audience.asked == (
        "subject: 2 variants of 'hello' until 31 December 2026. Too few customers get one for any answer.",
    )


def test_an_unknown_destination_is_refused_with_the_nearest_name():
    """The formats are the files that exist."""
    with pytest.raises(InputRefused, match="did you mean 'mailchimp'"):
        read_format("mailchip")


def test_codes_are_neutral():
    """The identity, nothing of the persona; the quarter would change every row of every file."""
    assert code(7) == "SEG-07"


def test_S01_S04_a_loose_or_small_segment_is_not_exported_unless_the_plan_opts_in(tmp_path):
    """Ann, Bob and Cat are in a segment that is not stable: nobody is contacted, and the account counts the three."""
    agreed, loose = words(ann=("email", True), dan=("email", True)), {"usable": [False, True], "why": "not stable"}
    study = Study(tmp_path, agreed, EMAILS)
    strict = study.audience(**loose)
    files = activation.export(study, strict)
    study.plan = Plan.parse(
        "study: a\nsources: {orders: {file: o.csv}}\nactivation: {holdout_share: 0}\nclustering: {use_unstable: true}"
    )
    opted = study.audience(**loose)

    assert by_customer(strict.members, "arm")["ann"] == ("none",)
    assert strict.suppressed.set_index("reason")["customers"].to_dict() == {NOT_USED: 3, "no offer": 1}
    assert strict.left_out.startswith("Big (not stable) gets no export: 300 of 500 customers.")
    assert files[1] == "Mailchimp contact import: fewer than 10 rows in mailchimp.csv."
    assert by_customer(opted.members, "arm")["ann"] == ("contact",)


@pytest.mark.parametrize(
    ("offers", "destinations", "said"),
    [
        ("{name: a, message: m, channel: letter}, {name: b, message: m}", "", "No system of the plan takes post: "),
        ("{name: a, message: m, channel: letter}, {name: b, message: m}", "destinations: [letters]", ""),
        ("{name: a, message: m, channel: sms}", "destinations: [letters]", "No system of the plan takes sms: "),
    ],
)
def test_offers_through_a_channel_that_no_system_takes_are_said_to_reach_nobody(tmp_path, offers, destinations, said):
    """They were planned and counted, and in no file."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    plan = f"content: {{offers: [{offers}]}}\nactivation: {{destination: mailchimp, {destinations}}}"
    study.plan = Plan.parse(
        f"study: a\nsources: {{orders: {{file: o.csv}}}}\nevaluation: {{margin_share: 0.4}}\n{plan}"
    )
    counts = pd.DataFrame({"name": ["Big"], "calls": [3], "reachable": 0, "holdout_low": 0.0, "holdout_high": 1.0})
    notes = notes_of(study, SimpleNamespace(consent=1), SimpleNamespace(response=counts), counts)

    assert [note[: len(said)] for note in notes] == [said] * bool(said)


@pytest.mark.parametrize(("calls", "said"), [(0, ["The sales list is empty"]), (3, [])])
def test_a_sales_list_that_nobody_is_worth_says_so(tmp_path, calls, said):
    """Effect and margin are known, but no approach brings more than it costs."""
    study = Study(tmp_path, words(ann=("email", True)), EMAILS)
    study.plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nevaluation: {margin_share: 0.4}")
    counts = pd.DataFrame({"name": ["Big"], "calls": [calls], "reachable": 0, "holdout_low": 0.0, "holdout_high": 1.0})
    content = SimpleNamespace(response=pd.DataFrame({"effect": [0.01]}))
    notes = notes_of(study, SimpleNamespace(consent=1), content, counts)

    assert [note.split(":")[0] for note in notes] == said


def test_the_own_holdout_is_held_out_exactly(tmp_path):
    """Cat and dan are the company's; who was drawn last quarter counts no more, and nobody else is held out."""
    study = Study(tmp_path, words(**dict.fromkeys(PEOPLE, ("email", True))), EMAILS, "holdout_share: 0.5")
    before = study.audience()
    study.held_out = ibis.memtable(pd.DataFrame({"customer": ["cat", "dan"], "since": pd.Timestamp("2026-01-01")}))
    study.tables.held_out = study.held_out
    study.plan = study.plan.model_copy(update={"rules": study.plan.rules.model_copy(update={"holdout_arm": "never"})})
    audience = study.audience(before)
    arms = audience.members.to_pandas().set_index("customer")["arm"].to_dict()

    assert arms == {"ann": "contact", "bob": "contact", "cat": "none", "dan": "holdout", "eve": "none"}
    assert audience.rules().iloc[2, 1] == (
        "the company's own hold-out: exactly those who have the arm never in contacts"
    )


def test_the_own_holdout_gets_no_general_message_and_no_call_either(tmp_path, monkeypatch):
    """Fay may not be profiled and cat has no offer, so no campaign draws them: a letter and a call reached them."""
    asked, everybody = [], [*PEOPLE, "fay", "gus"]
    monkeypatch.setattr("seglib.activation.audience.calls", lambda *given: (asked.append(given[-1]), calls(*given))[1])
    addresses = {who: f"{who}@example.com" for who in everybody}
    study = Study(tmp_path, words(**dict.fromkeys(everybody, ("email", True))), addresses, "general_message: news")
    study.plan = study.plan.model_copy(update={"rules": study.plan.rules.model_copy(update={"holdout_arm": "never"})})
    known = pd.DataFrame({"customer": everybody, "may_profile": [who in PEOPLE for who in everybody]})
    study.tables.people = ibis.memtable(known.assign(reason="granted"))
    study.held_out = ibis.memtable(pd.DataFrame({"customer": ["cat", "fay"], "since": pd.Timestamp("2026-01-01")}))
    study.tables.held_out = study.held_out
    activation.export(study, study.audience())
    sent = (study.place / "mailchimp.csv").read_text()
    closed = pd.read_csv(study.place / "do_not_contact.csv").set_index("customer_id")["reason"]

    assert ("gus@example.com" in sent, "fay@example.com" in sent, "cat@example.com" in sent) == (True, False, False)
    assert closed.loc["FAY"] == closed.loc["CAT"] == "held out"
    assert asked == [{"ann", "bob", "dan", "eve", "gus"}]


@pytest.mark.parametrize(
    ("customers", "hidden"),
    [
        ((102, 3, 72, 4, 90, 443), (True, True, True, True, False, False)),
        ((102, 31, 72, 44, 90, 443), (False, False, False, False, False, False)),
        ((0, 3, 72, 44, 90, 443), (False, True, False, True, True, False)),
    ],
)
def test_R17_no_small_move_follows_from_the_contacts_of_two_quarters(customers, hidden):
    """705 are contacted: were only the three who may be contacted now blank, 705 less all others would tell them."""
    events = ["entered", "entered", "left", "left", "changed", "stayed"]

    assert tuple(few_moved(pd.DataFrame({"event": events, "customers": customers}), 10)) == hidden
