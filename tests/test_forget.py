"""Forgetting a person: out of everything, all at once or not at all, and not back with the next delivery."""

import gzip
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict
from types import SimpleNamespace

import duckdb
import ibis
import pandas as pd
import pytest
from filelock import FileLock

from seglib.__main__ import main
from seglib.activation import mentions
from seglib.activation.forget import forget, resume
from seglib.activation.formats import known_formats, read_format
from seglib.activation.lists import read_machine, write
from seglib.activation.mentions import mentioning
from seglib.core import store
from seglib.core.engine import Engine
from seglib.core.errors import Busy, EnvironmentTrouble, InputRefused
from seglib.core.forgotten import bury, lookalike_stone, tombstone, tombstones
from seglib.core.intake.erased import leave_out
from seglib.core.intake.identities import plain
from seglib.core.intake.values import Texts
from seglib.core.privacy import load_key, pseudonyms
from seglib.core.run import Run
from seglib.core.steps import BY_NAME
from seglib.report.make import only_one

PLAN = "study: acme\nsources: {orders: {file: orders.csv}}\n"
NAMES = ["C001", "C002", "C003"]
DAY = "2026-10-01"


class Stopped(Exception):
    """The machine went off."""


@pytest.fixture
def study(made_once, tmp_path):
    """A copy of the study, for one test to change."""
    return shutil.copytree(made_once, tmp_path / "acme")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """Two quarters with a table, an aggregate and exports to every destination, for three customers."""
    tmp_path = tmp_path_factory.mktemp("study")
    data = tmp_path / "acme"
    (data / "sources").mkdir(parents=True)
    (data / "plan.yml").write_text(PLAN)
    (data / "sources" / "orders.csv").write_text("customer_id\nC001\nC002\nC0021\n")
    key = bytes(range(32))
    (data / "private").mkdir()
    (data / "private" / "pseudonym.key").write_bytes(key)
    (data / "private" / "pseudonym.key").chmod(0o600)
    people = pd.DataFrame({"customer": pseudonyms(NAMES, key), "customer_id": NAMES})
    people = people.assign(email=[f"{n.lower()}@example.com" for n in NAMES], phone="+49 151 2345678", first_name="Ann")
    people["last_name"] = "Lee"
    people.to_parquet(data / "private" / "contacts.parquet")
    load_key(data / "private", False, "acme")  # writes the key's fingerprint beside it
    for quarter in ("2026Q2", "2026Q3"):
        work = tmp_path / f"work-{quarter}"
        work.mkdir()
        people[["customer"]].assign(segment=1).to_parquet(work / "members.parquet")
        pd.DataFrame({"segment": [1], "customers": [3]}).to_parquet(work / "counts.parquet")
        rows = people.assign(audience="S", message="m", product="=tea")
        for name in known_formats() if quarter == "2026Q3" else ("mailchimp", "salesforce"):
            write(rows, read_format(name), work, {"quarter": quarter}, [])
        receipt = {"name": "08_activation", "key": "k", "parameters": {}, "rows": {"members": 3}, "inputs": {}}
        store.publish(work, data / "runs" / quarter / "08_activation", receipt)
    return data


def bytes_of(data):
    return {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file() and path.name != ".lock"}


def words_of(data):
    """Everything that stands in any table or file, except the delivered sources."""
    found = set()
    for path in sorted(data.rglob("*")):
        if path.suffix == ".parquet":
            found |= {str(cell) for cell in pd.read_parquet(path).to_numpy().ravel()}
        elif path.is_file() and path.parent.name != "sources" and path.suffix != ".key":
            found.add(path.read_text(encoding="utf-8"))
    return "\n".join(sorted(found))


def ways_to_name(customer_id):
    """Every value by which a file of any destination could name a customer."""
    raw = {"email": f"{customer_id.lower()}@example.com", "customer_id": customer_id}
    made = {form.key_cell.make(raw[form.key]) for form in map(read_format, known_formats())}
    return {*raw.values(), *made, pseudonyms([customer_id], bytes(range(32)))[0]}


def test_R24_nothing_names_the_person_any_more_and_the_others_are_as_before(study):
    """All ten destinations in two quarters, tables, contact details, receipts: no id, address, hash or pseudonym."""
    done = forget(study, "C002", DAY)
    words = words_of(study)

    assert not [word for word in ways_to_name("C002") if word in words]
    assert all(word in words for other in ("C001", "C003") for word in ways_to_name(other))
    assert done.results == ("2026Q2/08_activation", "2026Q3/08_activation")
    assert "Mailchimp contact import" in done.destinations


def test_R24_what_is_left_is_sound(study):
    """Receipts, manifests, rows and hashes fit the files again; the aggregate is the same bytes."""
    place = study / "runs" / "2026Q3" / "08_activation"
    before = (place / "counts.parquet").read_bytes()
    forget(study, "C002", DAY)
    receipt = store.read_receipt(place)
    manifest = json.loads((place / "mailchimp_manifest.json").read_text())
    store.check_files(place, receipt)

    assert (place / "counts.parquet").read_bytes() == before
    assert (receipt.rows["members"], manifest["rows"]) == (2, 2)
    assert manifest["sha256"]["mailchimp.csv"] == store.sha256_file(place / "mailchimp.csv")
    assert len(read_machine(place / "salesforce.import.csv", read_format("salesforce"))) == 2


def test_R24_the_receipt_names_nobody_and_says_what_is_left_to_do(study):
    """The number of the receipt is random; delivered files are named when they name exactly this id."""
    done = forget(study, "C002", DAY)
    kept = json.loads((study / "private" / "receipts" / f"{done.number}.json").read_text())

    assert not any(word in json.dumps(asdict(done)) for word in ways_to_name("C002"))
    assert kept["rows"] == done.rows > 0
    assert done.sources == ("orders.csv",)
    assert "It cannot be undone" in done.text()


def test_R24_the_house_is_told_too_where_its_table_held_the_person(study):
    """The row leaves the table in both forms, and a database that got it is named as still to do."""
    place = study / "runs" / "2026Q3" / "08_activation"
    rows = pd.DataFrame({"customer_id": NAMES, "segment": "SEG-01"})
    rows.to_parquet(place / "house_segments.parquet")
    rows.to_csv(place / "house_segments.csv", index=False)
    done = forget(study, "C001", DAY)

    assert "the house's own systems and any table that write-back filled" in done.text()
    assert pd.read_parquet(place / "house_segments.parquet")["customer_id"].tolist() == NAMES[1:]
    assert "C001" not in (place / "house_segments.csv").read_text()


@pytest.mark.parametrize("left", ["name: [", None], ids=["broken", "taken away"])
def test_R24_a_format_of_ones_own_that_is_broken_keeps_nobody_from_being_forgotten(study, tmp_path, left):
    """What was delivered in it is found by its manifest, which holds the format, and is made whole again."""
    shipped = read_format("mailchimp")
    key = shipped.columns[0].model_copy(update={"hashed": True, "written": "google_email"})
    own = {"name": "acme", "title": "Our own", "file": "acme.csv", "machine_file": "acme.machine.csv"}
    form = shipped.model_copy(update={**own, "columns": (key, *shipped.columns[1:])})
    folder, work = study / "runs" / "2026Q3" / "08_activation", tmp_path / "work"
    shutil.copytree(folder, work)
    (work / store.MANIFEST).unlink()
    people = pd.read_parquet(study / "private" / "contacts.parquet")
    write(people.assign(audience="S", message="m", product=""), form, work, {"quarter": "2026Q3"}, [])
    receipt = {"name": "08_activation", "key": "k", "parameters": {}, "rows": {"members": 3}, "inputs": {}}
    store.publish(work, folder, receipt)
    if left is not None:
        (study / "formats").mkdir()
        (study / "formats" / "acme.yml").write_text(left)
    done = forget(study, "C002", DAY)
    body = json.loads((folder / form.manifest_file).read_text())

    assert key.make("c002@example.com") not in words_of(study)
    assert key.make("c001@example.com") in words_of(study)
    assert "Our own" in done.destinations
    assert (body["rows"], body["sha256"][form.file]) == (2, store.sha256_file(folder / form.file))


def test_R24_R30_who_is_forgotten_after_the_files_of_a_delivery_went(study):
    """Its manifests stay and name files that are gone: the person goes from the rest."""
    folder = study / "runs" / "2026Q2" / "08_activation"
    for path in [*folder.glob("*.csv"), *folder.glob("*.jsonl")]:
        path.unlink()
    done = forget(study, "C002", DAY)

    assert "2026Q2/08_activation" in done.results
    assert not [word for word in ways_to_name("C002") if word in words_of(study)]


def test_an_address_that_somebody_else_shares_stays_for_them(study):
    """The row under the shared address is the other's too."""
    path = study / "private" / "contacts.parquet"
    people = pd.read_parquet(path)
    people.loc[people["customer_id"] == "C003", "email"] = "c002@example.com"
    people.to_parquet(path)
    forget(study, "C002", DAY)

    assert "c002@example.com" in (study / "runs" / "2026Q3" / "08_activation" / "mailchimp.csv").read_text()


@pytest.mark.parametrize("name", ["copying 2026Q3/08_activation", "before the journal"])
def test_R26_stopped_before_the_journal_nothing_has_happened(study, name):
    """Every byte is as before, once the next call has thrown the halves away."""
    before = bytes_of(study)

    def stop(step):
        if step == name:
            raise Stopped

    with pytest.raises(Stopped):
        forget(study, "C002", DAY, stop)
    resume(study)

    assert bytes_of(study) == before
    assert tombstones(study / "private") == frozenset()


@pytest.mark.parametrize("name", ["after the journal", "before runs/2026Q3/08_activation"])
def test_R26_stopped_after_the_journal_the_next_call_finishes_it(study, name):
    """The person is gone from both quarters, and no half is left."""

    def stop(step):
        if step == name:
            raise Stopped

    with pytest.raises(Stopped):
        forget(study, "C002", DAY, stop)
    resume(study)
    words = words_of(study)

    assert not [word for word in ways_to_name("C002") if word in words]
    assert not [path.name for path in study.rglob(".*") if path.name != ".lock"]
    assert len(tombstones(study / "private")) == 2  # one of the very id, one of all its spellings


@pytest.mark.parametrize("name", ["copying 2026Q3/08_activation", "before the journal", "after the journal"])
def test_R26_the_same_call_again_after_a_stop_is_done(study, name):
    """Halves that the stopped call left are in nobody's way, and the person is gone from both quarters."""

    def stop(step):
        if step == name:
            raise Stopped

    with pytest.raises(Stopped):
        forget(study, "C002", DAY, stop)
    forget(study, "C002", DAY)
    words = words_of(study)

    assert not [word for word in ways_to_name("C002") if word in words]
    assert len(list((study / "private" / "receipts").iterdir())) == (2 if name == "after the journal" else 1)


def test_R26_a_next_call_for_anybody_finishes_what_was_stopped(study):
    """C002 was stopped after the journal; a call for an id that nobody has is refused, and C002 is gone."""

    def stop(step):
        if step == "after the journal":
            raise Stopped

    with pytest.raises(Stopped):
        forget(study, "C002", DAY, stop)
    with pytest.raises(InputRefused, match="no customer with this id"):
        forget(study, "C999", DAY)
    words = words_of(study)

    assert not [word for word in ways_to_name("C002") if word in words]


def test_an_unknown_id_is_refused_without_being_repeated(study):
    """The message names the study, not the id."""
    with pytest.raises(InputRefused, match="no customer with this id") as refused:
        forget(study, "C999", DAY)

    assert "C999" not in str(refused.value)


def test_a_report_in_the_making_is_waited_for(study):
    """Whoever holds the lock of the study or of a quarter is writing, also a quarter that has no folder yet."""
    with FileLock(study / "runs" / "2026Q3" / ".lock"), pytest.raises(Busy, match="a report of 2026Q3"):
        forget(study, "C002", DAY)
    with FileLock(study / "runs" / ".lock"), pytest.raises(Busy, match="a report of this study"):
        forget(study, "C002", DAY)


def test_R24_a_report_finishes_what_was_stopped_and_removes_what_killed_runs_left(study, monkeypatch):
    """A journal is carried out, halves of dead processes go in every quarter, those of a living one stay."""

    def stop(step):
        if step == "after the journal":
            raise Stopped

    with pytest.raises(Stopped):
        forget(study, "C002", DAY, stop)
    dead, alive = study / "runs" / "2026Q2" / ".work", study / "runs" / "2026Q3" / ".work" / f"spill-{os.getpid()}"
    for folder in (dead / "00_sources-999999999-0123abcd", alive):
        folder.mkdir(parents=True)
    (study / "private" / ".contacts.parquet-999999999").write_text("C002")
    monkeypatch.setenv("SEGLIB_HOME", str(study.parent))
    (study.parent / "data").mkdir()
    study.rename(study.parent / "data" / "acme")
    run = Run.open("acme", "2026Q3")
    with only_one(run), pytest.raises(Busy, match="acme is being written by pid"), only_one(run):
        pass

    assert not [word for word in ways_to_name("C002") if word in words_of(run.data)]
    assert not list(run.data.glob("runs/2026Q2/.work/*"))
    assert [path.name for path in run.data.glob("private/.*")] == []


def test_R24_another_spelling_of_the_id_forgets_the_same_person(study):
    """Intake knows C002; c002 with a space is the same."""
    forget(study, "c002 ", DAY)

    assert not [word for word in ways_to_name("C002") if word in words_of(study)]


def test_R24_sources_that_name_the_person_are_found_in_every_format(tmp_path):
    """Text in four encodings, gzip, a workbook, Parquet, SQLite and DuckDB; C0021 is somebody else."""
    text = "customer_id\nC0021\nC002\n"
    for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be"):
        (tmp_path / f"{encoding}.csv").write_bytes(text.encode(encoding))
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(text.encode()))
    frame = pd.DataFrame({"customer_id": ["C0021", "c002"], "n": [1, 2]})
    frame.to_excel(tmp_path / "book.xlsx")
    frame.to_parquet(tmp_path / "table.parquet")
    (tmp_path / "more").mkdir()
    with closing(sqlite3.connect(tmp_path / "more" / "shop.db")) as database:
        database.execute("CREATE TABLE orders AS SELECT 'C002' AS customer_id")
        database.commit()
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE TABLE orders AS SELECT 'C002' AS customer_id")
    named = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "others.csv").write_text("customer_id\nC0021\nXC002\n")

    assert set(mentioning(tmp_path, ["C002"])) == named


def test_R24_F22_a_packed_file_is_searched_in_parts(tmp_path, monkeypatch):
    """A name on the edge of two parts is found; what unpacks without end is refused, with what to do."""
    monkeypatch.setattr(mentions, "PART_BYTES", 1_000)
    monkeypatch.setattr(mentions, "OVERLAP_BYTES", 50)
    (tmp_path / "edge.csv.gz").write_bytes(gzip.compress(b"x" * 996 + b",C002," + b"x" * 3_000))
    (tmp_path / "other.csv.gz").write_bytes(gzip.compress(b"x" * 996 + b",C003," + b"x" * 3_000))

    assert mentioning(tmp_path, ["C002"]) == ("edge.csv.gz",)
    monkeypatch.setattr(mentions, "MOST_BYTES", 2_000)
    with pytest.raises(EnvironmentTrouble, match="SEG-F22 a file in sources/ unpacks to far too much - do: take"):
        mentioning(tmp_path, ["C009"])


def test_R24_after_forgetting_every_result_is_stale(study, monkeypatch):
    """The tombstones are part of every fingerprint: the report that is advised makes everything anew."""
    (study.parent / "data").mkdir()
    shutil.copytree(study, study.parent / "data" / "acme")
    monkeypatch.setenv("SEGLIB_HOME", str(study.parent))
    before = {name: Run.open("acme", "2026Q3").expected_key(name) for name in ("00_intake", *BY_NAME)}
    forget(study.parent / "data" / "acme", "C002", DAY)
    after = {name: Run.open("acme", "2026Q3").expected_key(name) for name in before}

    assert not [name for name in before if before[name] == after[name]]


@pytest.mark.parametrize(("floor", "told"), [(2, 2), (10, 0)])
def test_R25_a_forgotten_customer_does_not_come_back_in_any_spelling(tmp_path, floor, told):
    """Two rows of a forgotten customer leave, one of them in another spelling; how many is not told of few people."""
    key, engine = bytes(32), Engine.open()
    names = [*NAMES, "c002 "]
    people = pd.DataFrame({"customer_id": names, "customer": pseudonyms(names, key), "plain": map(plain, names)})
    ids = ibis.memtable(people)
    stones = [tombstone(pseudonyms(["C002"], key)[0], key), lookalike_stone(plain("C002"), key)]
    bury(stones, tmp_path / "private")
    rows = ibis.memtable(pd.DataFrame({"customer_id": ["C001", "C002", "c002 ", None], "source_line": [2, 3, 4, 5]}))
    plan = SimpleNamespace(privacy=SimpleNamespace(floor=floor))
    desk = SimpleNamespace(run=SimpleNamespace(data=tmp_path, key=key, plan=plan), engine=engine, notes=[])
    texts, left = leave_out(desk, {"orders": Texts(None, rows, (), None, None)}, ids)

    assert engine.frame(texts["orders"].table.order_by("source_line"))["source_line"].tolist() == [2, 5]
    assert sorted(engine.frame(left)["customer_id"]) == ["C001", "C003"]
    assert [(note.code, note.count) for note in desk.notes] == [("R25", told)]


def test_the_command_asks_for_a_yes(tmp_path, monkeypatch, capsys):
    """Without --yes nothing happens, and the sentence says that it cannot be undone."""
    (tmp_path / "data" / "acme").mkdir(parents=True)
    (tmp_path / "data" / "acme" / "plan.yml").write_text(PLAN)
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    code, said = main(["forget", "C002", "--study", "acme"]), capsys.readouterr().err

    assert code == 2
    assert "forgetting cannot be undone, and nothing was done yet - do: say so with --yes" in said
    assert "C002" not in said
