"""Databases: a real PostgreSQL is read, kept and proved like a file, and what goes wrong says nothing secret."""

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from core_postgres import NO_SERVER, SECRET, Server, programs, running

from seglib.__main__ import ask_again, main
from seglib.core.contract import ORDERS
from seglib.core.errors import EnvironmentTrouble, InputRefused, SegError
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.core.sources import answers, apart, child, stage
from seglib.core.sources.database import ask
from seglib.core.sources.dbtrouble import Question, masked
from seglib.init.fromdb import connection_of, looking, refuse_both
from seglib.report.purge import holdings

PLAN = """
study: shop
connections: {shop: {driver: postgresql, uri_env: SHOP_DB}}
sources: {orders: {connection: shop, query: select * from orders order by order_id}}
"""
TABLE = "create table orders (customer_id text, order_id int, ordered_at timestamptz, amount numeric(9,2), city text)"
ROWS = """
insert into orders select 'c' || i % 9, i, '2026-01-01 10:00+01'::timestamptz + i * interval '1 day', i * 1.25, 'Söll'
from generate_series(1, 120) as i
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with a table of orders that the reader may read, one that he may not, and a function that writes."""
    found = programs()
    if found is None or os.name != "posix":
        pytest.skip(NO_SERVER)
    with running(found) as made:
        made.sql(
            TABLE,
            ROWS,
            "create table salaries (amount int)",
            "grant select on orders to reader",
            "create table log (a int)",
            "grant all on log to reader",
            "create function written() returns int language sql volatile as 'insert into log values (1) returning a'",
        )
        yield made


@pytest.fixture
def shop(server: Server, monkeypatch) -> Server:
    """The server, with its address in the environment."""
    monkeypatch.setenv("SHOP_DB", server.url())
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "5")
    monkeypatch.setenv("PGAPPNAME", "tests")
    return server


@pytest.fixture
def here(monkeypatch) -> None:
    """Let what another process would do be done in this one."""
    monkeypatch.setattr(apart, "_heard", lambda _, asked, more: child.answered(asked, more or (lambda rows: None)))
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", ""))


def answered(query: str, target: Path, seconds: int = 60, progress: Callable[[int], object] = lambda rows: None) -> int:
    """Ask the shop for orders, and give the number of rows."""
    return int(ask(Question("orders", "shop", "SHOP_DB", query, seconds), target, progress)["rows"])


def test_an_answer_is_kept_with_its_types_and_read_as_a_file(shop: Server, here, tmp_path: Path) -> None:
    """Money and times are exact, the file is private, and only the first call asks."""
    plan = Plan.parse(PLAN)
    assert answers.fingerprints(tmp_path, plan) == {"answers/shop.orders.parquet": answers.NOT_YET}
    said: list[str] = []
    asked = [answers.ask_all(tmp_path, plan, said.append) for _ in range(2)]
    source, folder = answers.laid(tmp_path, plan, "orders")
    staged = stage("orders", source, ORDERS, folder, tmp_path / "o.parquet")
    rows = pq.read_table(tmp_path / "o.parquet").to_pylist()

    assert asked == [True, False]
    assert "the answer of shop from 20" in said[-1]
    assert [rows[2][name] for name in ("order_id", "ordered_at", "amount", "city", "source_line")] == [
        *("3", "2026-01-04T09:00:00+00:00", "3.75", "Söll", 4)
    ]
    assert [*answers.fingerprints(tmp_path, plan).values()] == [staged.files[0][1]]
    assert {p.stat().st_mode & 0o77 for p in (tmp_path / "private" / "answers").iterdir()} == {0}


def test_F31_a_new_answer_takes_the_place_of_the_last_only_when_it_is_whole(shop: Server, here, tmp_path: Path) -> None:
    """Where the server is killed in mid-answer, the last one stays as it was; exit code 4."""
    plan = Plan.parse(PLAN)
    answers.ask_all(tmp_path, plan)
    before = answers.fingerprints(tmp_path, plan)
    long = "select 'c' as customer_id, repeat('x', 100) as order_id from generate_series(1, 2000000)"

    def kill(rows: int) -> None:
        if not killed:
            killed.append(rows)
            shop.stop()

    killed: list[int] = []
    try:
        with pytest.raises(EnvironmentTrouble, match="SEG-F31 the database ended the connection before its answer was"):
            answered(long, tmp_path / "half.parquet", 600, kill)
    finally:
        shop.start()
    assert killed
    assert not (tmp_path / "half.parquet").exists()
    assert answers.fingerprints(tmp_path, plan) == before
    assert EnvironmentTrouble.exit_code == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"password": "another"},
            "SEG-F29 the database does not know the user or the password - plan.yml, connections.shop",
        ),
        ({"user": "nobody"}, "SEG-F29 the database does not know the user or the password"),
        ({"database": "nowhere"}, "SEG-F29 there is no database of this name"),
    ],
)
def test_F29_who_is_not_let_in_reads_why(shop: Server, tmp_path: Path, monkeypatch, change, sentence: str) -> None:
    """Neither the address nor the password is said; exit code 4."""
    monkeypatch.setenv("SHOP_DB", shop.url(**change))

    with pytest.raises(EnvironmentTrouble) as trouble:
        answered("select * from orders", tmp_path / "a.parquet")
    assert str(trouble.value).startswith(sentence)
    assert "correct the address in SHOP_DB" in str(trouble.value)
    assert not any(word in str(trouble.value) for word in (SECRET, shop.url(**change), "127.0.0.1", "another"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (
            "postgresql://ann:secret@127.0.0.1:1/shop",
            "SEG-F29 the database cannot be reached - plan.yml, connections.shop",
        ),
        ("postgresql://ann:secret@127.0.0.1:port/shop", "SEG-F29 the address is not one of PostgreSQL"),
        ("", "SEG-F29 the environment variable SHOP_DB is not set - plan.yml, connections.shop - do: put the address"),
    ],
)
def test_F29_an_address_that_leads_nowhere_is_not_repeated(
    tmp_path: Path, monkeypatch, address: str, sentence: str
) -> None:
    """The sentence names the variable, not what is in it."""
    pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setenv("SHOP_DB", address)
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "5")
    monkeypatch.setenv("PGAPPNAME", "tests")

    with pytest.raises(EnvironmentTrouble) as trouble:
        answered("select 1 as a", tmp_path / "a.parquet")
    assert str(trouble.value).startswith(sentence)
    assert "secret" not in str(trouble.value)


@pytest.mark.parametrize(
    ("query", "cls", "sentence"),
    [
        (
            "select * from salaries",
            EnvironmentTrouble,
            "may not read what the query asks for - plan.yml, sources.orders.query - found: permission denied for",
        ),
        (
            "select total from orders",
            InputRefused,
            'does not understand the query - plan.yml, sources.orders.query - found: column "total" d',
        ),
        ("select written()", InputRefused, "SEG-F30 the query writes, and only reading is allowed"),
        ("select set_config('transaction_read_only', 'off', false)", InputRefused, "SEG-F30 the query writes"),
        (
            "select customer_id::int from orders",
            InputRefused,
            "SEG-F30 a value does not fit what the query makes of it",
        ),
        ("select * from orders where false", InputRefused, "SEG-F03 the answer of the database has no rows"),
        ("select 12.5::money as amount", InputRefused, "SEG-F23 a column of the type money has no decimals of its own"),
        ("select '1.2.3.4'::inet as a", InputRefused, "SEG-F23 a column of a type without text"),
    ],
)
def test_F30_a_query_that_cannot_be_answered_is_one_sentence(
    shop: Server, tmp_path: Path, query: str, cls, sentence
) -> None:
    """It says what is wrong with the query, and no value of the table."""
    with pytest.raises(cls) as refused:
        answered(query, tmp_path / "a.parquet")

    assert sentence in str(refused.value)
    assert not any(word in str(refused.value) for word in (SECRET, "127.0.0.1", '"c'))
    assert not (tmp_path / "a.parquet").exists()


def test_F30_a_question_has_its_time(shop: Server, tmp_path: Path) -> None:
    """After a second the database gives up, and the sentence says how to allow more."""
    with pytest.raises(
        InputRefused, match="takes longer than 1 s to answer - .* or allow more in sources.orders.seconds"
    ):
        answered("select pg_sleep(30)::text as a", tmp_path / "a.parquet", seconds=1)


def test_F30_a_process_that_hears_nothing_more_is_ended(tmp_path: Path, monkeypatch) -> None:
    """Where the network is silent, the clock of this machine decides."""
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", "import time; time.sleep(600)"))
    monkeypatch.setattr(answers, "GRACE_SECONDS", 0)

    with pytest.raises(
        InputRefused, match="SEG-F30 the database takes longer than 1 s to answer - plan.yml, sources.ord"
    ):
        answers.keep(tmp_path, Question("orders", "shop", "SHOP_DB", "select 1", 1))
    assert [*(tmp_path / "private" / "answers").iterdir()] == []


def test_F07_a_schema_that_changed_is_named_with_the_column(shop: Server, here, tmp_path: Path) -> None:
    """The column that is missing, what is there, and where to write it."""
    plan = Plan.parse(PLAN)
    shop.sql("alter table orders rename column amount to total")
    try:
        answers.ask_all(tmp_path, plan)
        source, folder = answers.laid(tmp_path, plan, "orders")
        with pytest.raises(
            InputRefused, match="SEG-F07 required column missing: amount .* - shop.orders.parquet, line 1"
        ):
            stage("orders", source, ORDERS, folder, tmp_path / "o.parquet")
    finally:
        shop.sql("alter table orders rename column total to amount")
    assert not (tmp_path / "o.parquet").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "connections: {shop: {uri_env: 'postgresql://ann:geheim@db/x'}}",
            "must be the name of an environment variable",
        ),
        (
            "connections: {shop: {uri_env: SHOP_DB}}",
            "sources.orders.connection - found: shpo - do: did you mean 'shop'?",
        ),
        ("", "no such connection - plan.yml, sources.orders.connection - found: shpo - do: add connections:"),
    ],
)
def test_P05_a_plan_holds_no_address_and_knows_its_connections(text: str, sentence: str) -> None:
    """What stands where a variable is expected is never repeated."""
    with pytest.raises(InputRefused) as refused:
        Plan.parse(f"study: a\nsources: {{orders: {{connection: shpo, query: select 1}}}}\n{text}")

    assert sentence in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("delete from orders", "the query is not a SELECT statement"),
        ("select 1; drop table orders", "the query is 2 statements"),
        ("with gone as (delete from orders returning *) select * from gone", "the query does more than read"),
        ("select * into copy from orders", "the query does more than read"),
        ("select * from orders for update", "the query does more than read"),
        ("copy orders to stdout", "the query is not a SELECT statement"),
        ("select from where", "the query cannot be read"),
    ],
)
def test_F30_a_plan_asks_one_select_and_nothing_else(query: str, reason: str) -> None:
    """What would write is refused before any database is asked."""
    sources = json.dumps({"orders": {"connection": "shop", "query": query}})

    with pytest.raises(
        InputRefused, match=f"SEG-F30 {reason}.* - plan.yml, sources.orders.query - do: write one SELECT"
    ):
        Plan.parse(f"study: a\nconnections: {{shop: {{uri_env: SHOP_DB}}}}\nsources: {sources}")


def test_P03_init_takes_a_file_or_a_variable_with_an_address(tmp_path: Path, monkeypatch) -> None:
    """An address on the command line is refused without being repeated."""
    monkeypatch.delenv("NO_SHOP", raising=False)
    (tmp_path / "plan.yml").write_text(PLAN)

    with pytest.raises(InputRefused, match="SEG-P03 an address on the command line") as refused:
        connection_of("postgresql://ann:secret@db/shop", tmp_path)
    with pytest.raises(InputRefused, match="neither an environment variable nor a connection of the plan"):
        connection_of("NO_SHOP", tmp_path)
    with pytest.raises(InputRefused, match="a file or a database, not both"):
        refuse_both([tmp_path], "SHOP_DB", "select 1")
    with pytest.raises(InputRefused, match="no file of orders is named"):
        refuse_both([], "", "")
    with pytest.raises(InputRefused, match="SEG-F30 the query is not a SELECT statement - --query"):
        next(looking("shop", "drop table orders", tmp_path, print).gen)
    assert "secret" not in str(refused.value)
    assert connection_of("shop", tmp_path)[1].uri_env == "SHOP_DB"


@pytest.mark.parametrize("form", ["url", "words"])
def test_R12_a_password_is_masked_in_whatever_a_driver_says(form: str) -> None:
    """As it is written in the address, and as it is."""
    uri = "postgresql://ann:s%40cret@db/x" if form == "url" else "host=db user=ann password='s@cret'"

    assert "s@cret" not in masked(f"no entry for s@cret in {uri}", uri)
    assert "s%40cret" not in masked(f"no entry for s@cret in {uri}", uri)


def test_init_asks_a_database_and_the_run_is_made_of_what_was_kept(
    shop: Server, here, tmp_path, monkeypatch, capsys
) -> None:
    """The plan names the variable, the manifest the hash of the answer, and the password stands nowhere."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "seglib.toml").write_text("")
    query = "select customer_id, order_id, ordered_at, amount from orders order by order_id"

    code = main(["init", "--connection", "SHOP_DB", "--query", query, "--study", "shop"])
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    plan = (tmp_path / "data" / "shop" / "plan.yml").read_text()
    assert "  shop: {driver: postgresql, uri_env: SHOP_DB}" in plan
    assert "120 orders of 9 customers" in said.out
    run = Run.open("shop", "2026Q1")
    orders = run.engine.frame(run.tables.orders)
    monkeypatch.delenv("SHOP_DB")
    manifest = json.loads((run.folder / "00_intake" / "manifest.json").read_text())
    assert len(orders) == 89
    assert manifest["inputs"].items() >= answers.fingerprints(run.data, run.plan).items()
    again = Run.open("shop", "2026Q1")
    assert len(again.engine.frame(again.tables.orders)) == 89
    texts = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] + [
        said.out.encode(),
        said.err.encode(),
    ]
    assert not any(SECRET.encode() in text or shop.url().encode() in text for text in texts)


def test_R24_who_is_forgotten_is_taken_out_of_kept_answers(tmp_path: Path) -> None:
    """The answer goes as a whole and is asked for again; its connection is named."""
    folder = tmp_path / "private" / "answers"
    folder.mkdir(parents=True)
    for name in ("shop.orders.parquet", "shop.orders.json", "crm.customers.parquet"):
        (folder / name).write_text("x")

    assert answers.forget_in(tmp_path, ["shop.orders.parquet"]) == ("shop",)
    assert [path.name for path in folder.iterdir()] == ["crm.customers.parquet"]


def test_every_error_of_a_database_has_its_exit_code() -> None:
    """Way in and breaking off are the surroundings, a query is input."""
    from seglib.core.sources.dbtrouble import ANSWER, WAY_IN

    codes = {(kind.code, kind.error.exit_code) for kind in (*WAY_IN, *ANSWER)}
    assert codes == {("F29", 4), ("F30", 2), ("F30", 4), ("F31", 4)}
    assert issubclass(EnvironmentTrouble, SegError)


@pytest.mark.parametrize(
    ("quarter", "first", "asked"), [("", None, [True]), ("2026Q1", 0, [True]), ("2026Q1", None, [])]
)
def test_a_report_asks_again_where_the_last_quarter_is_wanted(tmp_path, monkeypatch, quarter, first, asked) -> None:
    """And from 00; a quarter that is named is made of what was kept."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "seglib.toml").write_text("")
    (tmp_path / "data" / "shop").mkdir(parents=True)
    (tmp_path / "data" / "shop" / "plan.yml").write_text(PLAN)
    seen: list[bool] = []
    monkeypatch.setattr(Run, "ask_databases", lambda self, say, anew: seen.append(anew))
    ask_again(Namespace(study="shop", quarter=quarter), first)

    assert seen == asked


def test_R30_kept_answers_grow_old_like_sources(tmp_path: Path, monkeypatch) -> None:
    """What is older than the plan keeps sources goes with them."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "private" / "answers").mkdir(parents=True)
    (tmp_path / "private" / "answers" / "shop.orders.parquet").write_text("x")
    plan = Plan.parse(f"{PLAN}retention: {{sources_days: 30}}")
    held = holdings(tmp_path, plan, date.today() + timedelta(days=31))

    assert [(each.name, each.goes) for each in held if each.kind == "sources"] == [
        ("answers/shop.orders.parquet", True)
    ]
