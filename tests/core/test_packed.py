"""Packed files: what is inside is read as if it lay open, and what is wrong with the packing is one sentence."""

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from seglib.core.contract import ORDERS
from seglib.core.errors import InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.core.sections import Source
from seglib.core.sources import apart, child, packed, stage
from seglib.init.joining import propose_joined
from seglib.init.propose import propose
from seglib.init.sniff import said_of_packing
from seglib.init.study import write_study
from seglib.init.trial import prove

HEAD = "customer_id,order_id,ordered_at,amount\n"
TEXT = f"{HEAD}00123,A1,2026-01-02,10.50\n00124,A2,2026-01-03,11.50\n"
MANY = HEAD + "".join(f"c{n % 9},o{n},2026-0{1 + n % 6}-{1 + n % 28:02d},{n % 7}.50\n" for n in range(120))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty sources folder."""
    path = tmp_path / "sources"
    path.mkdir()
    return path


def staged(folder: Path, **source: object) -> list[dict[str, object]]:
    """Stage orders and give the rows."""
    target = folder.parent / "orders.parquet"
    stage("orders", Source(**source), ORDERS, folder, target)
    return pq.read_table(target).to_pylist()


def zipped(path: Path, **texts: str) -> None:
    """Write a zip file of texts under their names."""
    with zipfile.ZipFile(path, "w") as file:
        for name, text in texts.items():
            file.writestr(name, text)


@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.txt.gz", "orders.zip"])
def test_a_packed_file_is_read_as_the_file_inside(folder: Path, name: str) -> None:
    """Rows, ids and lines are those of the text, named by the packed file, and nothing unpacked is left."""
    (folder / "plain.csv").write_text(TEXT)
    if name.endswith(".gz"):
        (folder / name).write_bytes(gzip.compress(TEXT.encode()))
    else:
        zipped(folder / name, **{"export/orders.csv": TEXT, "__MACOSX/._orders.csv": "x", "read me.md": "x"})

    plain = [row | {"source_file": name} for row in staged(folder, file="plain.csv")]
    assert staged(folder, file=name) == plain
    assert {path.name for path in folder.parent.iterdir()} == {"sources", "orders.parquet"}


def test_packed_lines_of_json_are_read_with_their_lines(folder: Path) -> None:
    """A line of JSON in a gzip file is a row."""
    lines = [json.dumps(dict(zip(HEAD.strip().split(","), line.split(","), strict=True))) for line in TEXT.split()[1:]]
    (folder / "orders.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))

    rows = staged(folder, file="orders.jsonl.gz")
    assert [(row["customer_id"], row["source_line"]) for row in rows] == [("00123", 1), ("00124", 2)]


def test_a_pattern_reads_packed_files_one_after_the_other(folder: Path) -> None:
    """Each row names the packed file and the line in it."""
    (folder / "orders_1.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    (folder / "orders_2.csv.gz").write_bytes(gzip.compress(TEXT.replace("A", "B").encode()))

    rows = [(row["source_file"], row["source_line"], row["order_id"]) for row in staged(folder, file="orders_*.csv.gz")]
    assert rows[1:3] == [("orders_1.csv.gz", 3, "A2"), ("orders_2.csv.gz", 2, "B1")]


def test_a_query_names_a_packed_file_without_its_endings(folder: Path) -> None:
    """A gzip file joins a zip file."""
    (folder / "orders.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    zipped(folder / "regions.zip", **{"r.csv": "customer_id,region\n00123,Jura\n"})

    rows = staged(folder, query="select * from orders left join regions using (customer_id) order by order_id")
    assert [row["region"] for row in rows] == ["Jura", None]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "o.csv.gz",
            gzip.compress(TEXT.encode(), mtime=0)[:-12],
            "SEG-F23 the packed file ends too early - o.csv.gz - do: ",
        ),
        ("o.csv.gz", b"\x1f\x8b" + b"x" * 50, "SEG-F23 not a gzip file that can be unpacked - o.csv.gz - found: dama"),
        ("o.csv.gz", TEXT.encode(), "SEG-F20 not a gzip file - o.csv.gz - found: text - do: take .gz off its name"),
        ("o.csv.gz", b"", "SEG-F02 file is empty - o.csv.gz"),
        (
            "o.gz",
            gzip.compress(b"x", mtime=0),
            "SEG-F20 nothing says what the gzip file holds - o.gz - do: call it by what",
        ),
        ("o.zip", b"PK\x03\x04" + b"x" * 50, "SEG-F23 not a zip file that can be unpacked - o.zip - found: damaged"),
    ],
)
def test_F23_a_damaged_packed_file_is_one_sentence(folder: Path, name: str, content: bytes, sentence: str) -> None:
    """It names the file, what is wrong and what to do, and leaves nothing behind."""
    (folder / name).write_bytes(content)

    with pytest.raises(InputRefused) as refused:
        staged(folder, file=name)
    assert str(refused.value).startswith(sentence)
    assert [path.name for path in folder.parent.iterdir()] == ["sources"]


def test_F23_a_zip_file_with_a_password_is_named_as_that(folder: Path) -> None:
    """Its flag says so, and no password is asked for."""
    zipped(folder / "o.zip", **{"o.csv": TEXT})
    content = bytearray((folder / "o.zip").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (folder / "o.zip").write_bytes(content)

    with pytest.raises(
        InputRefused, match=r"SEG-F23 not a zip file that can be read - o.zip - found: protected by a p"
    ):
        staged(folder, file="o.zip")


def test_F01_of_several_tables_in_a_zip_file_the_plan_names_one(folder: Path) -> None:
    """All are listed with what to write; the one that is named is read, and a wrong name gets the nearest."""
    zipped(folder / "o.zip", **{"a/orders.csv": TEXT, "customers.csv": "customer_id\n1\n"})

    sentence = (
        'several tables in the zip file - o.zip - found: a/orders.csv, customers.csv - do: write inside: "a/orders'
    )
    with pytest.raises(InputRefused, match=sentence):
        staged(folder, file="o.zip")
    with pytest.raises(
        InputRefused, match="no such table in the zip file - o.zip - found: a/order.csv - do: did you me"
    ):
        staged(folder, file="o.zip", inside="a/order.csv")
    with pytest.raises(
        InputRefused, match="SEG-P05 inside: names a table of a zip file - plan.yml, sources.orders.insi"
    ):
        Plan.parse("study: a\nsources: {orders: {file: o.csv, inside: a.csv}}")
    assert len(staged(folder, file="o.zip", inside="a/orders.csv")) == 2


@pytest.mark.parametrize(
    ("name", "found"), [("../../o.csv", "F24 a name in"), ("/o.csv", "F24 a name"), ("o.md", "F01 no")]
)
def test_F24_nothing_outside_of_a_zip_file_is_named_in_it(folder: Path, name: str, found: str) -> None:
    """A name that leads out of it is refused, and so is a zip file without a table."""
    zipped(folder / "o.zip", **{name: TEXT})

    with pytest.raises(InputRefused, match=f"^SEG-{found}"):
        staged(folder, file="o.zip")


def test_F22_what_unpacks_to_far_too_much_is_refused_unless_the_plan_allows_it(folder: Path, monkeypatch) -> None:
    """The limit is said, and `unpacked_max_mb` sets another."""
    monkeypatch.setattr(packed, "FREE_BYTES", 10_000)
    (folder / "o.csv.gz").write_bytes(gzip.compress((TEXT + "00125,A3,2026-01-04,1.00\n" * 40_000).encode()))

    with pytest.raises(
        InputRefused, match=r"SEG-F22 unpacks to more than 1 MB - o.csv.gz - found: 0.0 MB packed - do: "
    ):
        staged(folder, file="o.csv.gz", unpacked_max_mb=1)
    with pytest.raises(InputRefused, match=r"SEG-F22 unpacks to more than \d MB - o.csv.gz"):
        staged(folder, file="o.csv.gz")
    assert len(staged(folder, file="o.csv.gz", unpacked_max_mb=2)) == 40_002
    assert packed.most_bytes(folder / "o.csv.gz", 7) == 7_000_000


def test_F22_packed_files_are_read_in_the_other_process(folder: Path, monkeypatch) -> None:
    """What unpacks, and what a packed workbook would do to its reader, happens there."""
    (folder / "o.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    asked: list[str] = []

    def heard(_: object, question: dict[str, object], progress: object) -> dict[str, object]:
        asked.append(str(question["do"]))
        return child.answered(question, lambda rows: None)

    monkeypatch.setattr(apart, "_heard", heard)
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", ""))
    apart.endure([folder / "o.csv.gz"])
    there = apart.stage_apart("orders", Source(file="o.csv.gz"), ORDERS, folder, folder.parent / "o.parquet")

    assert (asked, there.rows) == (["endure", "stage"], 2)


def test_init_reads_a_packed_file_and_writes_it_into_the_plan(folder: Path, tmp_path: Path) -> None:
    """The packed file is copied as it is, the plan names it, and its own intake proves it."""
    (tmp_path / "shop.csv.gz").write_bytes(gzip.compress(MANY.encode()))
    proposal = propose(tmp_path / "shop.csv.gz")
    plan = write_study(proposal, tmp_path, "acme")

    assert 'file: "shop.csv.gz"' in plan.read_text()
    assert (plan.parent / "sources" / "shop.csv.gz").read_bytes() == (tmp_path / "shop.csv.gz").read_bytes()
    assert prove(proposal).orders == 120


def test_the_remedy_for_several_tables_names_the_one_of_orders(folder: Path) -> None:
    """Of customers and orders, the line to write names the orders, though they come second."""
    zipped(folder / "o.zip", **{"customers.csv": "customer_id\n1\n", "my_orders.csv": TEXT, "z.csv": "a\n1\n"})

    with pytest.raises(InputRefused, match='do: write inside: "my_orders.csv" beside file'):
        staged(folder, file="o.zip")


def test_init_takes_the_table_of_a_zip_file_that_is_named(tmp_path: Path) -> None:
    """The plan says which one, and the limit that was set."""
    zipped(tmp_path / "export.zip", **{"a.csv": MANY, "b.csv": TEXT})
    with pytest.raises(InputRefused, match="several tables in the zip file - export.zip"):
        propose(tmp_path / "export.zip")
    text = propose(tmp_path / "export.zip", packing=said_of_packing("a.csv", 5)).plan_text("acme")

    assert 'inside: "a.csv"' in text
    assert "unpacked_max_mb: 5" in text
    with pytest.raises(InputRefused, match="SEG-P03 not a limit for packed files - found: 0"):
        said_of_packing(None, 0)


def test_init_joins_packed_files_by_the_names_inside(tmp_path: Path) -> None:
    """The query calls them without their endings."""
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(MANY.encode()))
    people = "customer_id,city\n" + "".join(f"c{n},Dole\n" for n in range(9))
    (tmp_path / "people.csv.gz").write_bytes(gzip.compress(people.encode()))
    query = propose_joined([tmp_path / "orders.csv.gz", tmp_path / "people.csv.gz"]).source.query

    assert 'from "orders" left join "people"' in query


def test_F25_the_fingerprint_of_a_run_covers_every_file_of_a_pattern(tmp_path: Path) -> None:
    """Files of one name in two folders count both, by their bytes."""
    for place in ("a", "b"):
        (tmp_path / "sources" / place).mkdir(parents=True)
        (tmp_path / "sources" / place / "o.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    plan = Plan.parse("study: a\nsources: {orders: {file: '*/o.csv.gz'}}")
    before = Run("a", Quarter("2026Q1"), plan, 0, tmp_path)._sources()
    (tmp_path / "sources" / "a" / "o.csv.gz").write_bytes(gzip.compress(MANY.encode()))
    after = Run("a", Quarter("2026Q1"), plan, 0, tmp_path)._sources()

    assert [name for name in before if before[name] != after[name]] == ["sources/a/o.csv.gz"]
