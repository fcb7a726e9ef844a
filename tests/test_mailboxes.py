"""Whatever a ledger looks like and whoever shares an address: nobody gets what somebody behind it refused."""

import itertools
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.activation.bounced import note_down
from seglib.activation.closed import as_text, closed, in_house, reasons, recheck_closed, recheck_in_house
from seglib.activation.consents import agreed
from seglib.activation.deliver import Sending, _house, _rows, contact_details, without_bounced
from seglib.activation.delta import changes_of, name_of
from seglib.activation.formats import read_format
from seglib.activation.house import read_house, recheck_house, segments_of_house, write_house
from seglib.activation.lists import acceptable, refuse_active, write
from seglib.activation.mailboxes import free, keys, known_as
from seglib.activation.normal import sha256
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.intake.identities import plain
from seglib.core.intake.ledger import ledger
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter

PLAN = Plan.parse(
    "study: a\nsources: {orders: {file: o.csv}}\nactivation: {country: GB, general_message: hello, house: true}"
)
ENGINE = Engine.open()
AS_OF = pd.Timestamp("2026-10-01")
NAMES = [f"C{number}" for number in range(6)]
PURPOSE_SPELLINGS = {
    "email": ["email", "e-mail", "newsletter", "all", "E-Mails"],
    "ads": ["ads", "Advertising", "retargeting", "all", "social"],
    "sale_or_share": ["sale_or_share", "sale-or-share", "Sale or share", "all", "do_not_sell"],
    "profiling": ["profiling", "Profile", "personalisation", "all", "anything else"],
    "service": ["service", "Customer service", "support", "all", "Service level"],
}
ID_SPELLINGS = (str, "{} ".format, str.lower, "\u200b{}".format, " {}".format)
STATUSES = ("granted", "granted", "granted", "withdrawn", "objected", "Opted out", None)
FORMS = [read_format(name) for name in ("mailchimp", "meta", "salesforce", "google_ads")]


def random_ledgers(count: int, seed: int, spelled: bool) -> pd.DataFrame:
    """Rows of many ledgers of six customers each; what is spelled otherwise says no, as a grant must be exact."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(count):
        for who, purpose in itertools.product(NAMES, PURPOSE_SPELLINGS):
            for day in range(rng.integers(1, 3)):
                status = STATUSES[rng.integers(len(STATUSES))] if rng.random() < 0.5 else "granted"
                word, write = purpose, str
                if spelled and rng.random() < 0.3:
                    word = PURPOSE_SPELLINGS[purpose][rng.integers(5)]
                    write = ID_SPELLINGS[rng.integers(5)]
                at = AS_OF - pd.Timedelta(days=10 * int(rng.integers(2)) + 20 - day)
                rows.append((f"L{number}", who, write(f"L{number}{who}"), word, purpose, status, at))
    return pd.DataFrame(rows, columns=["ledger", "who", "customer_id", "word", "purpose", "status", "recorded_at"])


def read(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """What seglib makes of the rows, for customers whose pseudonym is their id."""
    table = rows[["customer_id", "status", "recorded_at"]].assign(purpose=rows["word"].str.lower())
    typed = ENGINE.memory(table.astype({"status": "str", "recorded_at": "datetime64[us]"}))
    texts = SimpleNamespace(table=typed, values=lambda: {n: typed[n] for n in ("purpose", "recorded_at")})
    every = sorted({*rows["customer_id"], *names})
    ids = pd.DataFrame({"customer_id": every, "customer": every, "plain": [plain(name) for name in every]})
    desk = SimpleNamespace(
        engine=ENGINE, kept=lambda table, _: ENGINE.memory(ENGINE.frame(table)), notes=[], as_of=AS_OF.to_pydatetime(),
        run=SimpleNamespace(plan=PLAN),
    )  # fmt: skip
    known = ENGINE.memory(ids[ids["customer_id"].isin(names)])
    return ENGINE.frame(ledger(desk, {"consent": texts}, ENGINE.memory(ids), known, with_past=True))


def words_by_hand(rows: pd.DataFrame) -> dict[bool | None, set[tuple[str, str]]]:
    """Read the rows one by one: who may be used for what, as a careful person would say; None: who never answered."""
    words: dict[tuple[str, str], list[tuple[pd.Timestamp, bool | None]]] = {}
    for row in rows.itertuples():
        who, exact = f"{row.ledger}{row.who}", f"{row.ledger}{row.who}" == row.customer_id
        if row.status == "granted" and row.word != "do_not_sell":
            if exact and row.word == row.purpose:
                words.setdefault((who, row.purpose), []).append((row.recorded_at, True))
            continue
        meant = PURPOSE_SPELLINGS if row.word in ("all", "anything else") else [row.purpose]
        for purpose in meant:
            is_blank = pd.isna(row.status) and row.word != "do_not_sell"
            words.setdefault((who, purpose), []).append((row.recorded_at, None if is_blank else False))
    last = {key: {yes for at, yes in said if at == max(day for day, _ in said)} for key, said in words.items()}
    silent = {k for k, said in last.items() if said == {None} and True not in {yes for _, yes in words[k]}}
    yes = {key for key, said in last.items() if said == {True}}
    return {True: yes, False: set(last) - yes, None: silent}


def households(names: list[str]) -> pd.DataFrame:
    """Contact details: the first two of each six write one mailbox in two ways, the fourth and fifth share a number."""
    box = [f"{who}.x@gmail.com".lower() for who in names]
    numbers: list[str | None] = [None] * len(names)
    for place in range(0, len(names), 6):
        box[place + 1] = box[place].replace(".x@", "x+tea@").upper()
        numbers[place + 3], numbers[place + 4] = f"+44 (0)20 7{place:07d}", f"020 7{place:07d}"
    details = pd.DataFrame({"customer": names, "customer_id": names, "email": box, "phone": numbers})
    return details.assign(first_name="Ann", last_name="Lee")


def allowed_by_hand(names, arms, said, purpose, shares, with_numbers):
    """Work out person by person who may be sent what is made for them."""
    place = {who: at for at, who in enumerate(names)}

    def behind(who, numbers):
        first, own = place[who] // 6 * 6, place[who] % 6
        groups = [{0, 1}, {3, 4}] if numbers else [{0, 1}]
        return [names[first + other] for other in next((g for g in groups if own in g), {own})]

    def fine(who):
        out = shares and any((other, "sale_or_share") in said[False] for other in behind(who, numbers=True))
        return {(who, purpose), (who, "profiling")} <= said[True] and not out and arms[place[who]] == "contact"

    return {who for who in names if all(fine(other) for other in behind(who, with_numbers))}


def closed_by_hand(names, arms, said, form):
    """Work out person by person whose key must be on a destination's list of who must not be contacted."""
    place = {who: at for at, who in enumerate(names)}

    def behind(who, numbers):
        first, own = place[who] // 6 * 6, place[who] % 6
        groups = [{0, 1}, {3, 4}] if numbers else [{0, 1}]
        return [names[first + other] for other in next((g for g in groups if own in g), {own})]

    def own(who):
        out = form.shares and any((o, "sale_or_share") in said[False] for o in behind(who, numbers=True))
        if (who, form.purpose) in said[False] - said[None]:
            return "said no"
        if (who, form.purpose) not in said[True] or out:
            return "no consent"
        return "held out" if arms[place[who]] == "holdout" else ""

    def is_listed(who):
        words = {own(other) for other in behind(who, form.takes_numbers)}
        if form.shares:
            return "held out" in words <= {"", "held out"}
        if form.key == "customer_id":
            return own(who) != "" or bool(words & {"said no", "held out"})
        return own(who) in ("said no", "held out") or (own(who) == "" and bool(words & {"said no", "held out"}))

    return {who for who in names if is_listed(who)}


def check(count: int, seed: int, spelled: bool, folder) -> int:
    """Deliver many ledgers at once to every destination, compare with the rule by hand, and count what was sent."""
    rows = random_ledgers(count, seed, spelled)
    names = [f"L{number}{who}" for number in range(count) for who in NAMES]
    state, said = read(rows, names), words_by_hand(rows)
    found = set(state.loc[state["granted"], ["customer", "purpose"]].itertuples(index=False, name=None))
    assert {(who, what) for who, what in found if what in PURPOSE_SPELLINGS} == said[True]

    arms = np.random.default_rng(seed + 1).choice(["contact", "contact", "contact", "holdout"], len(names))
    people = pd.DataFrame({"customer": names, "may_profile": [(who, "profiling") in said[True] for who in names]})
    run = SimpleNamespace(
        engine=ENGINE, plan=PLAN, key=bytes(32), data=folder, quarter=Quarter("2026Q3"),
        tables=SimpleNamespace(consent=ENGINE.memory(state), people=ENGINE.memory(people.assign(reason="granted"))),
    )  # fmt: skip
    households(names).to_parquet(folder / "private" / "contacts.parquet")
    members = pd.DataFrame({"customer": names, "segment": 1, "arm": arms, "message": "m", "product": ""})
    members = members.assign(reason="", tier="standard")
    sent = 0
    for form in FORMS:
        to_all = members.assign(channel=form.purpose)
        held = frozenset(members.loc[members["arm"] == "holdout", "customer"])
        sending = Sending(run, to_all, pd.Series({1: "S"}), contact_details(run), state, held)
        told = set(_rows(sending, form)[0]["customer"])
        sent += len(told)

        assert told == allowed_by_hand(names, arms, said, form.purpose, form.shares, form.takes_numbers)
        check_closed(sending, form, closed_by_hand(names, arms, said, form), told)
    check_house(sending, said, folder)
    return sent


def check_closed(sending, form, by_hand, told) -> None:
    """Compare the list of who must not be contacted, key by key, with the one by hand; nobody on it is sent to."""
    held_out = set(sending.members.loc[sending.members["arm"] == "holdout", "customer"])
    found = closed(sending.run, sending.details, form, sending.later, held_out)
    listed = {name_of(row, form.key_headers) for row in found.to_dict("records")}
    keys = {
        row["customer"]: name_of({c.header: c.make(str(row[c.value] or "")) for c in form.key_cells}, form.key_headers)
        for row in sending.details.to_dict("records")
    }

    assert listed == {keys[who] for who in by_hand}
    may = agreed(sending.run, sending.details, form.purpose, form.shares, None)
    may = free(sending.details, may, (), form.takes_numbers) if form.shares else may
    assert set(known_as(sending.details[sending.details["customer"].isin(may & held_out)], form)) <= listed
    assert not listed & {keys[who] for who in told}


def check_house(sending, said, folder) -> None:
    """The table for systems of the house holds exactly who may be profiled and has not said no to service."""
    _house(sending, folder)
    ids = set(pd.read_parquet(folder / "house_segments.parquet")["customer_id"])
    yes = {who for who, purpose in said[True] if purpose == "profiling"}

    assert ids == {who for who in yes if (who, "service") not in said[False]}


@pytest.fixture
def folder(tmp_path):
    """A study's folder."""
    (tmp_path / "private").mkdir()
    (tmp_path / "sources").mkdir()
    return tmp_path


@pytest.mark.parametrize("ledgers", [60, pytest.param(2_000, marks=pytest.mark.long)])
def test_R02_R06_R08_no_spelling_of_a_ledger_lets_a_wrong_person_out(folder, ledgers):
    """Ledgers as they should be written, and in other spellings; in the long sweep each in five of them."""
    assert check(ledgers, 0, False, folder) > ledgers
    assert min(check(ledgers, seed, True, folder) for seed in range(5 if ledgers > 60 else 1)) > ledgers / 2


PAIR = pd.DataFrame({"customer": ["ann", "bob", "cat"], "email": ["ann@x.de", "Ann+b@x.de", "cat@x.de"], "phone": None})


def study(folder, names, answers):
    """A run whose consent table has one letter per customer and purpose: y yes, n no, - no row."""
    rows = [
        (who, purpose, letter == "y", "granted" if letter == "y" else "objected")
        for purpose, letters in answers.items()
        for who, letter in zip(names, letters, strict=True)
        if letter != "-"
    ]
    state = pd.DataFrame(rows, columns=["customer", "purpose", "granted", "reason"])
    people = pd.DataFrame({"customer": list(names), "may_profile": True, "reason": "granted"})
    tables = SimpleNamespace(consent=ENGINE.memory(state), people=ENGINE.memory(people))
    return SimpleNamespace(
        engine=ENGINE, plan=PLAN, key=bytes(32), data=folder, quarter=Quarter("2026Q3"), tables=tables
    )


FIVE = pd.DataFrame(
    {"customer": list("abcde"), "customer_id": list("ABCDE"), "email": [f"{who}@x.de" for who in "abcde"],
     "phone": None, "first_name": "", "last_name": ""}
)  # fmt: skip


def test_A2_each_destination_gets_whom_it_must_leave_alone_in_its_own_key(folder):
    """b is held out, c said no, d never spoke, e bounced: addresses of b, c and e; by number also d; a platform b."""
    (folder / "sources" / "bounced.txt").write_text("e@x.de\n")
    run = study(folder, FIVE["customer"], {"email": "yyn-y", "ads": "yyn-y"})
    run.plan = PLAN.model_copy(update={"activation": PLAN.activation.model_copy(update={"suppressed": "bounced.txt"})})
    note_down(run)
    lists = {name: closed(run, FIVE, read_format(name), None, {"b"}) for name in ("mailchimp", "salesforce", "meta")}
    words = reasons(run, FIVE, "email", None, {"b"})

    assert lists["mailchimp"].to_numpy().tolist() == [
        ["b@x.de", "held out"], ["c@x.de", "said no"], ["e@x.de", "bounced or complained"]
    ]  # fmt: skip
    assert lists["salesforce"].to_numpy().tolist() == [
        ["B", "held out"], ["C", "said no"], ["D", "no consent"], ["E", "bounced or complained"]
    ]  # fmt: skip
    assert as_text(lists["meta"], read_format("meta")) == f'"email","phone"\r\n"{sha256("b@x.de")}",""\r\n'
    assert in_house({"email": words}, FIVE).splitlines()[1:] == [
        "B,email,held out", "C,email,said no", "D,email,no consent", "E,email,bounced or complained"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["mailchimp", "meta"])
def test_A2_a_list_that_names_a_wrong_person_is_not_published(folder, name):
    """Somebody on both lists, or shown to a platform without having agreed: the files go, exit code of privacy."""
    form = read_format(name)
    written = write(FIVE.head(2).assign(audience="S", message="", product=""), form, folder, {})
    both = closed(study(folder, FIVE["customer"], {"email": "ynyyy", "ads": "yyyyy"}), FIVE, form, None, {"b"})
    (folder / form.closed_file).write_text(as_text(both, form))

    assert written.rows == 2
    with pytest.raises(PrivacyRefused, match="SEG-R08 list of who must not be contacted"):
        recheck_closed(folder, form, {})
    assert not (folder / form.machine_file).exists()
    assert not (folder / form.closed_file).exists()


def test_A2_a_list_that_lacks_somebody_held_out_is_not_published(folder):
    """An empty list, where b is held out: the files go; with b on it they stay."""
    form = read_format("mailchimp")
    write(FIVE.head(1).assign(audience="S", message="", product=""), form, folder, {})
    found = closed(study(folder, FIVE["customer"], {"email": "yyyyy"}), FIVE, form, None, {"b"})
    (folder / form.closed_file).write_text(as_text(found, form))
    recheck_closed(folder, form, {}, {"b@x.de"})
    (folder / form.closed_file).write_text(as_text(found.iloc[:0], form))

    with pytest.raises(PrivacyRefused, match="SEG-R08 list of who must not be contacted lacks who is held out"):
        recheck_closed(folder, form, {}, {"b@x.de"})
    assert not (folder / form.machine_file).exists()


@pytest.mark.parametrize("shared", [False, True])
def test_A2_R24_a_list_that_names_somebody_forgotten_is_not_published(folder, shared):
    """c said no and was forgotten: the address may stand on the list only where somebody else reads it, too."""
    form = read_format("mailchimp")
    write(FIVE.head(1).assign(audience="S", message="", product=""), form, folder, {})
    people = FIVE.assign(email=["a@x.de", "b@x.de", "c@x.de", "c@x.de" if shared else "d@x.de", "e@x.de"])
    found = closed(study(folder, FIVE["customer"], {"email": "ynnny"}), people, form, None, set())
    (folder / form.closed_file).write_text(as_text(found, form))
    (folder / "do_not_contact.csv").write_text("customer_id,purpose,reason\nC,email,said no\n")

    with nullcontext() if shared else pytest.raises(PrivacyRefused, match="SEG-R08 .* may not be named"):
        recheck_closed(folder, form, {}, (), keys(people, form, {"c"}))
    with pytest.raises(
        PrivacyRefused, match="SEG-R08 .* - do_not_contact.csv - found: 1 rows - do: run from notebook 02"
    ):
        recheck_in_house(folder, {"C"})
    assert (folder / form.closed_file).exists() == shared
    assert not (folder / "do_not_contact.csv").exists()


def test_O05_an_id_that_a_spreadsheet_would_run_is_refused():
    """Lists for machines keep ids as they are: what only begins like a formula stays, what calls or commands not."""
    refuse_active(["C1", "+49151", "-7", "@ann", "=5", "a(b)"])

    for wrong in ("=cmd|' /C calc'!A0", "@SUM(A1)", " +HYPERLINK(A1)", "\uff1dWEBSERVICE(A1)"):
        with pytest.raises(
            InputRefused, match="SEG-O05 .* 'customer_id' - found: 1 - do: give these customers plain ids"
        ):
            refuse_active(["C1", wrong])


@pytest.mark.parametrize(("left", "found"), [("both", "2026Q1"), ("own", "2026Q2"), ("no segments", None)])
def test_A4_since_when_a_segment_holds_outlives_the_table_of_the_quarter_before(folder, left, found):
    """Where purge took that table, the quarter's own one says it, if its segments are still the same ones."""
    run = SimpleNamespace(quarter=Quarter("2026Q3"), data=folder)
    before, own = (folder / "runs" / quarter / "08_activation" for quarter in ("2026Q2", "2026Q3"))
    for place, since in ((before, "2026Q1"), (own, "2026Q2")):
        place.mkdir(parents=True)
        pd.DataFrame({"segment_since": [since]}).to_parquet(place / "house_segments.parquet")
    if left != "both":
        (before / "house_segments.parquet").unlink()
    if left != "no segments":
        (folder / "runs" / "2026Q2" / "04_clustering").mkdir()
    table = read_house(run, "08_activation")

    assert (None if table is None else table["segment_since"].item()) == found


def test_A4_the_house_knows_since_when_a_segment_and_a_tier_hold(folder):
    """a keeps both, b changes the segment, c the tier; d is new, e may not be profiled."""
    run = SimpleNamespace(quarter=Quarter("2026Q3"))
    members = pd.DataFrame({"customer": list("abcde"), "audience": "SEG-01", "tier": "standard"})
    before = pd.DataFrame(
        {"customer_id": list("ABC"), "segment": ["SEG-01", "SEG-02", "SEG-01"], "segment_since": "2025Q4",
         "tier": ["standard", "standard", "premium"], "tier_since": "2026Q1"}
    )  # fmt: skip
    rows = segments_of_house(run, members, FIVE, set("abcd"), before).set_index("customer_id")

    assert rows["segment_since"].to_dict() == {"A": "2025Q4", "B": "2026Q3", "C": "2025Q4", "D": "2026Q3"}
    assert rows["tier_since"].to_dict() == {"A": "2026Q1", "B": "2026Q1", "C": "2026Q3", "D": "2026Q3"}


def test_A4_a_table_for_the_house_with_a_wrong_person_is_not_published(folder):
    """b said no to service: a table that holds b all the same is deleted."""
    run = study(folder, FIVE["customer"], {"service": "-n---"})
    members = pd.DataFrame({"customer": list("ab"), "audience": "SEG-01", "tier": "standard"})
    write_house(segments_of_house(run, members, FIVE, {"a", "b"}, None), folder)
    with pytest.raises(PrivacyRefused, match="SEG-R08 table for the house held people"):
        recheck_house(run, folder, FIVE, None)

    assert not (folder / "house_segments.csv").exists()
    write_house(segments_of_house(run, members, FIVE, {"a"}, None), folder)
    recheck_house(run, folder, FIVE, None)
    assert (folder / "house_segments.csv").read_text().splitlines()[1:] == ["A,SEG-01,2026Q3,standard,2026Q3"]


def test_R06_the_hold_out_counts_for_everybody_behind_a_mailbox(folder):
    """Ann is held out: Bob, who reads the same mailbox, is on the list of a system too; the second decider agrees."""
    run = study(folder, PAIR["customer"], {"email": list("yyy")})
    listed = closed(run, PAIR, read_format("mailchimp"), None, {"ann"})

    assert listed.to_numpy().tolist() == [["Ann+b@x.de", "held out"], ["ann@x.de", "held out"]]
    assert free(PAIR, {"ann", "bob", "cat"}, ["ann"], with_numbers=False) == {"cat"}


def test_numbers_get_the_country_of_the_plan(folder):
    """A trunk zero goes, a national number gets its country, one of another country stays unread."""
    numbers = ["+44 (0)20 7946 0000", "020 7946 0000", "06 12 34 56 78", None]
    people = pd.DataFrame(
        {"customer": list("abcd"), "customer_id": list("ABCD"), "email": ["n/a", None, "x@y.de", None]}
    )
    people.assign(phone=numbers, first_name="", last_name="").to_parquet(folder / "private" / "contacts.parquet")
    details = contact_details(SimpleNamespace(data=folder, plan=PLAN))
    kept, rejected = acceptable(details, read_format("google_ads"))

    assert details["phone"].tolist()[:2] == ["+442079460000"] * 2
    assert sorted(kept["customer"]) == ["a", "c"]
    assert rejected.set_index("customer")["reason"].to_dict() == {
        "b": "same key twice",
        "d": "no usable email or phone",
    }


def test_a_person_with_a_number_only_reaches_the_destinations_that_take_it():
    """Google, Meta and TikTok know people by numbers as well; a newsletter does not."""
    row = pd.DataFrame({"customer": ["a"], "customer_id": ["A"], "email": [None], "phone": ["+442079460000"]})
    takes = {name for name in ("google_ads", "meta", "tiktok", "linkedin", "mailchimp")
             if len(acceptable(row, read_format(name))[0])}  # fmt: skip

    assert takes == {"google_ads", "meta", "tiktok"}


def test_a_change_of_letter_case_is_no_leaving():
    """Ann's address in other letters is the same person; a system that removes who left would have removed her."""
    assert changes_of([{"Email": "Ann@x.de"}], [{"Email": "ann@x.de"}], ["Email"]) == [
        {"change": "changed", "row": {"Email": "Ann@x.de"}}
    ]


def test_bounces_and_complaints_stick(folder):
    """An address, a number and an id of a file; the file goes, and they stay out; no file ever is refused."""
    plan = PLAN.model_copy(update={"activation": PLAN.activation.model_copy(update={"suppressed": "bounces*.csv"})})
    run = SimpleNamespace(data=folder, plan=plan, key=bytes(32))
    with pytest.raises(InputRefused, match="SEG-F01 no file of suppressed addresses"):
        note_down(run)
    details = pd.DataFrame({"customer": list("abcd"), "customer_id": ["C1", "C2", "C3", "C4"], "last_name": "",
        "email": ["Ann+x@y.de", None, "c@y.de", "d@y.de"], "phone": [None, "020 7946 0000", None, None]})  # fmt: skip
    details.assign(first_name="").to_parquet(folder / "private" / "contacts.parquet")
    members = pd.DataFrame({"customer": list("abcd"), "arm": "contact", "reason": ""})
    path = folder / "sources" / "bounces.csv"
    path.write_text("address,why\nANN@y.de,hard\n+44 20 7946 0000,\nC3,complaint\n")
    first = without_bounced(run, members)["arm"].tolist()
    path.unlink()

    assert first == without_bounced(run, members)["arm"].tolist() == ["none", "none", "none", "contact"]
    assert "y.de" not in (folder / "private" / "suppressed.txt").read_text()


def test_A2_nobody_is_told_to_have_refused_who_did_not(folder):
    """a agreed after the quarter's end, b again after a no: neither of them said no, as c did, and d after the end."""
    run = study(folder, FIVE["customer"], {"email": "nnnyy"})
    words = pd.DataFrame(
        {"customer": list("abcd"), "purpose": "email", "granted": [False, False, False, True],
         "reason": ["future-dated", "withdrawn", "withdrawn", "granted"]}
    )  # fmt: skip
    run.tables.consent = ENGINE.memory(words)
    later = words.assign(granted=[True, True, False, False], reason=["granted", "granted", "withdrawn", "objected"])
    later = later.assign(ever=[True, True, False, True])
    listed = closed(run, FIVE, read_format("mailchimp"), later, set())
    ours = closed(run, FIVE, read_format("salesforce"), later, set())

    assert listed.to_numpy().tolist() == [["c@x.de", "said no"], ["d@x.de", "said no"]]
    assert ours["reason"].tolist() == ["no consent", "no consent", "said no", "said no", "no consent"]


def test_A2_a_blank_answer_is_no_refusal(folder):
    """a and b left the answer blank, b after a yes: only b, whom the system may know, is on a list of addresses."""
    run = study(folder, FIVE["customer"], {"email": "nny--"})
    words = pd.DataFrame({"customer": list("abc"), "purpose": "email", "granted": [False, False, True]})
    words = words.assign(reason=["blank", "blank", "granted"], ever=[False, True, True])
    run.tables.consent = ENGINE.memory(words.drop(columns="ever"))
    listed = closed(run, FIVE, read_format("mailchimp"), words, set())
    ours = closed(run, FIVE, read_format("salesforce"), words, set())

    assert listed.to_numpy().tolist() == [["b@x.de", "said no"]]
    assert ours["reason"].tolist() == ["no consent", "said no", "no consent", "no consent"]
