"""Segment and tier in a table of a real PostgreSQL: all of it or nothing, and only who still may be in it."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from types import SimpleNamespace

import pandas as pd
import pytest
from core_postgres import NO_SERVER, Server, programs, running
from filelock import FileLock

from seglib.activation.consents import latest
from seglib.activation.forget import forget
from seglib.activation.house import COLUMNS, allowed_ids
from seglib.core.engine import Engine
from seglib.core.errors import Busy, EnvironmentTrouble, InputRefused, PrivacyRefused, SegError
from seglib.core.origins import Connection
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.report import writeback
from seglib.report.writeback import of_when, replace_rows, write_back

TO = Connection(uri_env="CRM_DB")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
ROWS = pd.DataFrame(
    [["A", "SEG-01", "2026Q2", "premium", "2026Q3"], ["B", "SEG-02", "2026Q3", "standard", "2026Q3"]],
    columns=list(COLUMNS),
)


@pytest.fixture(scope="module")
def server():
    """A server with a schema for the reader to write into, a table of something else, and one that is not theirs."""
    found = programs()
    if found is None or os.name != "posix":
        pytest.skip(NO_SERVER)
    with running(found) as made:
        made.sql(
            "create schema crm authorization reader",
            "create table orders (id int)",
            "grant all on orders to reader",
            "create table theirs (customer_id text, segment text, segment_since text, tier text, tier_since text)",
            "grant select on theirs to reader",
            "create table strict (like theirs)",
            "alter table strict add check (tier <> 'premium')",
            "insert into strict values ('old', 'SEG-09', '2026Q1', 'standard', '2026Q1')",
            "grant all on strict to reader",
            "create schema reader authorization reader",  # stands before public where names are looked up
            "create table further (like theirs)",
            "insert into further values ('old', 'SEG-09', '2026Q1', 'standard', '2026Q1')",
            "grant all on further to reader",
            "create table narrow (like theirs)",
            "alter table narrow alter tier type varchar(3)",
            "grant all on narrow to reader",
            "create view seen as select * from strict limit 5",
            "grant all on seen to reader",
            "create table keeps (like theirs)",
            "insert into keeps values ('old', 'SEG-09', '2026Q1', 'standard', '2026Q1')",
            "create function stay() returns trigger language plpgsql as 'begin return null; end'",
            "create trigger stay before delete on keeps for each row execute function stay()",
            "grant all on keeps to reader",
        )
        yield made


@pytest.fixture
def crm(server: Server, monkeypatch) -> Server:
    """The server, with its address in the environment."""
    monkeypatch.setenv("CRM_DB", server.url())
    return server


def content(server: Server, table: str) -> list[str]:
    """Rows of a table, as the one who runs the server sees them."""
    command = [
        str(server.programs / "psql"),
        "-qXAt",
        "-h",
        str(server.folder),
        "-p",
        str(server.port),
        "-U",
        "postgres",
    ]
    done = subprocess.run(
        [*command, "-c", f"select * from {table} order by 1"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_A4_the_table_is_made_and_later_replaced(crm: Server) -> None:
    """Two rows, then one: what stood there is gone; an empty table is one too."""
    replace_rows(ROWS, TO, "crm", "crm.segments")
    first = content(crm, "crm.segments")
    replace_rows(ROWS.iloc[1:], TO, "crm", "crm.segments")
    second = content(crm, "crm.segments")
    replace_rows(ROWS.iloc[:0], TO, "crm", "crm.segments")

    assert first == ["A|SEG-01|2026Q2|premium|2026Q3", "B|SEG-02|2026Q3|standard|2026Q3"]
    assert second == first[1:]
    assert content(crm, "crm.segments") == []


@pytest.mark.parametrize(
    ("table", "kind", "sentence"),
    [
        ("orders", InputRefused, "SEG-F23 the table has other columns"),
        ("theirs", EnvironmentTrouble, "SEG-F29 the user of the database may not write into the table"),
        ("strict", InputRefused, "SEG-F30 the table takes not all rows, by a rule of its own"),
        ("narrow", InputRefused, "SEG-F30 what has this name takes no rows of text"),
        ("seen", InputRefused, "SEG-F30 what has this name takes no rows of text"),
        ("keeps", InputRefused, "SEG-F30 a rule or trigger of the table keeps rows or takes some away"),
        ("nowhere.segments", InputRefused, "SEG-F30 there is no schema of this name"),
    ],
)
def test_what_cannot_be_written_leaves_the_table_as_it_was(
    crm: Server, table: str, kind: type[SegError], sentence: str
) -> None:
    """One sentence with the remedy and no address; the row of before is still there."""
    with pytest.raises(kind) as trouble:
        replace_rows(ROWS, TO, "crm", table)

    assert str(trouble.value).startswith(sentence)
    assert crm.url() not in str(trouble.value)
    assert content(crm, "strict") == ["old|SEG-09|2026Q1|standard|2026Q1"]


def test_rows_go_into_the_table_that_is_emptied(crm: Server) -> None:
    """A schema with the user's name is looked up before public, where the table is: it is replaced all the same."""
    replace_rows(ROWS, TO, "crm", "further")

    assert content(crm, "public.further") == ["A|SEG-01|2026Q2|premium|2026Q3", "B|SEG-02|2026Q3|standard|2026Q3"]


def test_two_writers_leave_the_rows_of_one(crm: Server, monkeypatch) -> None:
    """The second begins while the first has not ended, and waits: nobody stands in the table twice."""
    replace_rows(ROWS, TO, "crm", "crm.twice")
    begun, waits = Event(), []

    def between(cursor, table, count):
        if not begun.is_set():
            begun.set()
            waits.append(Thread(target=replace_rows, args=(ROWS, TO, "crm", "crm.twice")))
            waits[0].start()
            waits[0].join(1.5)

    monkeypatch.setattr(writeback, "_recheck", between)
    replace_rows(ROWS, TO, "crm", "crm.twice")
    waits[0].join(30)

    assert len(content(crm, "crm.twice")) == len(ROWS)


def test_a_server_that_is_gone_is_named_as_that(crm: Server, monkeypatch) -> None:
    """Exit code 4, and the variable that holds the address."""
    monkeypatch.setenv("CRM_DB", crm.url().replace(str(crm.port), "1"))
    with pytest.raises(EnvironmentTrouble, match="SEG-F29 the database cannot be reached"):
        replace_rows(ROWS, TO, "crm", "segments")


def finished(tmp_path, plan: str, sources: str = "") -> SimpleNamespace:
    """A run whose notebook 08 wrote two customers; B has said no to service since."""
    engine = Engine.open()
    people = pd.DataFrame({"customer": ["a", "b"], "may_profile": True, "reason": "granted"})
    said = pd.DataFrame({"customer": ["b"], "purpose": ["service"], "granted": [False]})
    (tmp_path / "private").mkdir()
    details = pd.DataFrame({"customer": ["a", "b"], "customer_id": ["A", "B"]})
    details.to_parquet(tmp_path / "private" / "contacts.parquet")
    files = ", ".join(["orders: {file: o.csv}", *([sources] if sources else [])])
    return SimpleNamespace(
        study="a", folder=tmp_path / "runs" / "2026Q3",
        plan=Plan.parse(f"study: a\nsources: {{{files}}}\n{plan}"), data=tmp_path, key=bytes(32),
        quarter=Quarter("2026Q3"), engine=engine, read=lambda _: None, place=lambda _: tmp_path,
        tables=SimpleNamespace(people=engine.memory(people), consent=engine.memory(said)),
    )  # fmt: skip


def test_R08_who_said_no_since_is_not_written(crm: Server, tmp_path) -> None:
    """B is left out and the sentence says that somebody was; small numbers are not told."""
    run = finished(tmp_path, "connections: {crm: {uri_env: CRM_DB}}")
    ROWS.to_parquet(tmp_path / "house_segments.parquet")
    said = write_back(run, "crm", "crm.later")

    assert allowed_ids(run, pd.read_parquet(tmp_path / "private" / "contacts.parquet"), None) == {"A"}
    assert content(crm, "crm.later") == ["A|SEG-01|2026Q2|premium|2026Q3"]
    assert said.startswith("fewer than 10 customers in crm.later of crm")
    assert "Some were left out" in said


def test_R08_consents_in_a_database_are_asked_anew(crm: Server, tmp_path, monkeypatch) -> None:
    """B withdrew after the report: the kept answer stays as it was, and does not decide."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "data" / "a" / "private").mkdir(parents=True, mode=0o700)
    query = "SELECT customer_id, purpose, status, recorded_at FROM words ORDER BY 1, 4"
    (tmp_path / "data" / "a" / "plan.yml").write_text(
        "study: a\nsynthetic: true\nconnections: {crm: {uri_env: CRM_DB}}\n"
        f"sources: {{orders: {{file: o.csv}}, consent: {{connection: crm, query: '{query}'}}}}\n"
    )
    crm.sql(
        "create table words (customer_id text, purpose text, status text, recorded_at timestamp)",
        "grant select on words to reader",
        "insert into words values ('A', 'service', 'granted', '2026-01-01'), ('B', 'service', 'granted', '2026-01-01')",
    )
    run = Run.open("a", "2026Q3")
    first = latest(run)["granted"].tolist()
    crm.sql("insert into words values ('B', 'service', 'withdrawn', '2026-11-01')")
    anew = latest(run, anew=True)

    assert first == latest(run)["granted"].tolist() == [True, True]
    assert sorted(anew["granted"].tolist()) == [False, True]
    assert of_when(run, NOW) == " Consents are those of crm at 2026-11-20 10:00 UTC."


def test_R30_old_files_of_consents_do_not_decide(tmp_path) -> None:
    """Who has withdrawn since stands in none of them: their day is told, and after a month they are refused."""
    run = finished(tmp_path, "", "consent: {file: consent.csv}")
    file = tmp_path / "sources" / "consent.csv"
    file.parent.mkdir()
    file.write_text("customer_id\n")
    written = (NOW - timedelta(days=31)).timestamp()
    os.utime(file, (written, written))

    assert of_when(run, NOW) == " Consents are those of the files of 2026-10-20."
    with pytest.raises(
        PrivacyRefused, match="SEG-R30 .* found: 32 days, not at most 31 - do: deliver the consents anew"
    ):
        of_when(run, NOW + timedelta(days=1))


def test_R24_nobody_is_forgotten_while_a_table_is_written(tmp_path, monkeypatch) -> None:
    """Whichever comes second is told to wait: else who was forgotten would stand in the table again."""
    run = finished(tmp_path, "connections: {crm: {uri_env: CRM_DB}}")
    ROWS.to_parquet(tmp_path / "house_segments.parquet")
    monkeypatch.setattr(writeback, "replace_rows", lambda *_: forget(tmp_path, "A", "2026-11-20"))
    with pytest.raises(Busy, match="SEG-X17 a report of this study is being made"):
        write_back(run, "crm")
    with FileLock(tmp_path / "runs" / ".lock"), pytest.raises(Busy, match="SEG-X19 a is being written by"):
        write_back(run, "crm")


@pytest.mark.parametrize(
    ("connection", "table", "sentence"),
    [
        ("crn", "segments", "SEG-P05 no such connection"),
        ("crm", "Segments; drop", "SEG-P03 not a name for a table"),
        ("crm", "segments", "SEG-F01 no table for systems of the house"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_asked(
    tmp_path, connection: str, table: str, sentence: str
) -> None:
    """An unknown connection, a name with other signs, a quarter without the table."""
    run = finished(tmp_path, "connections: {crm: {uri_env: CRM_DB}}")
    with pytest.raises(InputRefused) as refused:
        write_back(run, connection, table)

    assert str(refused.value).startswith(sentence)
